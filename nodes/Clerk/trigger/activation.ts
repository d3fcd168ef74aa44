import { NodeOperationError } from 'n8n-workflow';
import type { IHookFunctions } from 'n8n-workflow';

import { readSettings, readSigningKeys } from './settings';

/**
 * Refuses to activate, or to listen, with settings that could never work.
 * When n8n itself starts, nothing is refused: a trigger that is registered answers Clerk with what
 * is wrong, and the delivery comes again; one that isn't answers 404.
 * @throws NodeOperationError that says what to change; all in its message, since the editor shows no more
 */
export async function refuseUnusableSettings(context: IHookFunctions): Promise<void> {
	if (['init', 'leadershipChange'].includes(context.getActivationMode())) return;
	const settings = readSettings(context);
	if ('outcome' in settings) {
		throw new NodeOperationError(context.getNode(), `The node cannot be used. ${settings.detail} Look at its options.`);
	}
	if (settings.events !== 'all' && settings.events.size === 0) {
		throw new NodeOperationError(
			context.getNode(),
			'No event is chosen. Choose at least one under Events to Receive, or All Events.',
		);
	}
	const keys = await readSigningKeys(context);
	const problem = 'outcome' in keys ? keys : keys.unusable;
	if (problem) {
		throw new NodeOperationError(
			context.getNode(),
			`The Clerk Webhook API credential cannot be used. ${problem.detail} Then activate the workflow again.`,
		);
	}
}
