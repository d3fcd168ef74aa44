import type { ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';

import { sentenceOf } from './advice';
import { call } from './call';
import { clerkApiOf } from './clerkApi';
import { isFailure } from './failure';

/** Whether a secret key is one, and Clerk takes it. */
export async function testSecretKey(
	{ helpers }: ICredentialTestFunctions,
	credential: Record<string, unknown>,
): Promise<INodeCredentialTestResult> {
	const api = clerkApiOf(credential);
	if ('problem' in api) return { status: 'Error', message: `Secret Key: ${api.problem}` };
	const answer = await call(
		// The only helper that n8n gives here, of the older kind.
		async ({ returnFullResponse, ignoreHttpStatusErrors, disableFollowRedirect, ...options }) =>
			(await helpers.request({
				...options,
				resolveWithFullResponse: returnFullResponse,
				simple: ignoreHttpStatusErrors !== true,
				followRedirect: disableFollowRedirect !== true,
			})) as unknown,
		{ step: 'testKey', service: 'Clerk', method: 'GET', url: `${api.apiUrl}/instance`, bearer: api.secretKey },
	);
	if (!isFailure(answer)) return { status: 'OK', message: `Clerk takes this key, which is one for ${api.environment}` };
	const refused = answer.status === 401 || answer.status === 403;
	return {
		status: 'Error',
		message: refused
			? `Clerk does not take this key: it may have been deleted, or a part of it is missing. ${sentenceOf(answer)}`
			: sentenceOf(answer),
	};
}
