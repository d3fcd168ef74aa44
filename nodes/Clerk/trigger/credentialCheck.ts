import type { INodeCredentialTestResult } from 'n8n-workflow';

import { signingKeysOf } from './settings';

/**
 * Whether the secrets of a credential are well-formed. Nothing is sent: Clerk has no way to ask
 * whether a signing secret is the right one, only the first delivery shows it.
 */
export function testSigningSecrets(credential: Record<string, unknown>): INodeCredentialTestResult {
	const keys = signingKeysOf(credential);
	const problem = 'outcome' in keys ? keys : keys.problem;
	return problem ? { status: 'Error', message: problem.detail } : { status: 'OK', message: 'The signing secret is well-formed' };
}
