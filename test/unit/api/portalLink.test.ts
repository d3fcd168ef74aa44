import type { IHttpRequestOptions } from 'n8n-workflow';

import { explain } from '../../../nodes/Clerk/api/advice';
import { isFailure } from '../../../nodes/Clerk/api/failure';
import { openPortal } from '../../../nodes/Clerk/api/portal';

/** Opens the portal by a link with this content. @returns the addresses that were called, or what went wrong */
async function opened(content: object): Promise<string[] | string> {
	const key = Buffer.from(JSON.stringify({ appId: 'app_1', oneTimeToken: 'ott_1', ...content })).toString('base64');
	const called: string[] = [];
	const answer = (body: object) => ({ statusCode: 200, headers: {}, body });
	const portal = await openPortal({
		sendToClerk: async () => answer({ svix_url: `https://app.svix.com/login#key=${key}` }),
		send: async ({ url }: IHttpRequestOptions) => {
			called.push(url);
			return answer({ token: 'appsk_1' });
		},
		apiUrl: 'https://api.clerk.com/v1',
		portalUrl: '',
	});
	return isFailure(portal) ? explain(portal) : called;
}

const UNKNOWN =
	'Could not read the link to the webhook portal: the link names an unknown region. Enter the Webhook Portal URL in the advanced fields of the Clerk API credential.';
const SIGN_IN = '/api/v1/auth/one-time-token';

test.each<[string, object, string[] | string]>([
	['a region', { region: 'us' }, [`https://api.us.svix.com${SIGN_IN}`]],
	['a server', { region: 'eu', serverUrl: 'https://api.ca.svix.com/' }, [`https://api.ca.svix.com${SIGN_IN}`]],
	['a region that nobody knows', { region: 'moon' }, UNKNOWN],
	['neither', {}, UNKNOWN],
	['a number', { region: 1 }, UNKNOWN],
	['a server of somebody else', { region: 'eu', serverUrl: 'https://svix.com.example.com' }, UNKNOWN],
	['a server without TLS', { region: 'eu', serverUrl: 'http://api.eu.svix.com' }, UNKNOWN],
])('a link leads to the portal of its region: %s', async (_, content, expected) => {
	expect(await opened(content)).toEqual(expected);
});
