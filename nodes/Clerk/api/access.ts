import type { IHttpRequestOptions } from 'n8n-workflow';

import type { ClerkApi } from './clerkApi';
import { DEFAULT_API_URL } from './clerkApi';
import type { ClerkAccess } from './portal';

/** The part of n8n's contexts that sends requests. It is the same in all of them. */
export interface Sender {
	readonly helpers: {
		httpRequest(options: IHttpRequestOptions): Promise<unknown>;
		httpRequestWithAuthentication(credential: string, options: IHttpRequestOptions): Promise<unknown>;
	};
}

const CREDENTIAL = 'clerkApi';

/** n8n adds the secret key to requests to Clerk. The portal never gets it. */
export function accessOf(context: Sender, api: ClerkApi | null): ClerkAccess {
	const { helpers } = context;
	return {
		sendToClerk: async (options) => await helpers.httpRequestWithAuthentication.call(context, CREDENTIAL, options),
		send: async (options) => await helpers.httpRequest(options),
		apiUrl: api?.apiUrl ?? DEFAULT_API_URL,
		portalUrl: api?.portalUrl ?? '',
	};
}
