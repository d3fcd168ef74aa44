import type { INodeCredentialTestResult } from 'n8n-workflow';

import { signingKeysOf } from './settings';

/**
 * Whether the secrets in a credential are well-formed. It sends nothing: Clerk has no way to check a signing secret,
 * so only the first delivery shows whether it is the right one.
 */
export function testSigningSecrets(credential: Record<string, unknown>): INodeCredentialTestResult {
	const keys = signingKeysOf(credential);
	const problem = 'outcome' in keys ? keys : keys.problem;
	return problem ? { status: 'Error', message: problem.detail } : { status: 'OK', message: 'The signing secret is well-formed' };
}
