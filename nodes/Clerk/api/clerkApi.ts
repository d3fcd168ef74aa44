import type { Environment } from '../events/payload';
import { pastedAs, pastedForms } from './pasted';

export const DEFAULT_API_URL = 'https://api.clerk.com/v1';

/** The content of a Clerk API credential. */
export interface ClerkApi {
	readonly secretKey: string;
	/** From the key's prefix. */
	readonly environment: Environment;
	/** Without a trailing slash. */
	readonly apiUrl: string;
	/** Empty to use the portal's address that Clerk returns. */
	readonly portalUrl: string;
}

const WHERE = 'In the Clerk Dashboard, open Configure > API keys and copy a Secret Key, which starts with sk_test_ or sk_live_.';

/** @returns the credential, or what is wrong with its key, which is not repeated; never throws */
export function clerkApiOf(credential: Record<string, unknown>): ClerkApi | { readonly problem: string } {
	const secretKey = textOf(credential['secretKey']);
	if (secretKey === '') return { problem: `It is empty. ${WHERE}` };
	const pasted = pastedAs(secretKey);
	if (pasted) return { problem: `${pastedForms[pasted]} ${WHERE}` };
	if (secretKey.startsWith('pk_'))
		return { problem: `This is a Clerk publishable key (pk_…), which gives no access to Clerk's API. ${WHERE}` };
	if (/^whsec_/.test(secretKey))
		return { problem: `This is the signing secret of an endpoint (whsec_…), not a secret key. ${WHERE}` };
	if (/^auto_v\d+_/.test(secretKey)) {
		return {
			problem: `This is an AutoConfig token (auto_v…). Use it in the Clerk Webhook API credential, with Endpoint Setup set to Manually. ${WHERE}`,
		};
	}
	const [, kind] = /^sk_(test|live)_[\w$=+/.-]+$/.exec(secretKey) ?? [];
	if (kind === undefined) return { problem: `It does not start with sk_test_ or sk_live_, or is not complete. ${WHERE}` };
	return {
		secretKey,
		environment: kind === 'live' ? 'production' : 'development',
		apiUrl: withoutSlash(textOf(credential['apiUrl'])) || DEFAULT_API_URL,
		portalUrl: withoutSlash(textOf(credential['portalUrl'])),
	};
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value.trim() : '';
}

function withoutSlash(url: string): string {
	return url.replace(/\/+$/, '');
}
