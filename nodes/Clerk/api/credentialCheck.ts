import type { ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';

import { sentenceOf } from './advice';
import { call } from './call';
import { clerkApiOf } from './clerkApi';
import { isFailure } from './failure';

/** Checks that a secret key is well-formed and that Clerk accepts it. */
export async function testSecretKey(
	{ helpers }: ICredentialTestFunctions,
	credential: Record<string, unknown>,
): Promise<INodeCredentialTestResult> {
	const api = clerkApiOf(credential);
	if ('problem' in api) return { status: 'Error', message: `Secret Key: ${api.problem}` };
	const answer = await call(
		// n8n offers only this older helper in a credential test.
		async ({ returnFullResponse, ignoreHttpStatusErrors, disableFollowRedirect, ...options }) =>
			(await helpers.request({
				...options,
				resolveWithFullResponse: returnFullResponse,
				simple: ignoreHttpStatusErrors !== true,
				followRedirect: disableFollowRedirect !== true,
			})) as unknown,
		{ step: 'testKey', service: 'Clerk', method: 'GET', url: `${api.apiUrl}/instance`, bearer: api.secretKey },
	);
	if (!isFailure(answer)) return { status: 'OK', message: `Clerk accepts this ${api.environment} key` };
	const refused = answer.status === 401 || answer.status === 403;
	return {
		status: 'Error',
		message: refused
			? `Clerk does not accept this key: it may have been deleted, or part of it is missing. ${sentenceOf(answer)}`
			: sentenceOf(answer),
	};
}
