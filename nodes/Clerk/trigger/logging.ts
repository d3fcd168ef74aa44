import type { IWebhookFunctions } from 'n8n-workflow';

import type { Misconfigured } from './outcome';

/** The same is logged of a node once in this time at most, milliseconds. */
export const REPEAT_MS = 60_000;

/** When it was logged, by node and by what was said; in this process only. */
const loggedAt = new Map<string, number>();
const MOST_REMEMBERED = 1000;

/**
 * Tells the builder, in n8n's log, why deliveries cannot be checked. Anybody can call the URL, so a
 * node does not say the same again and again.
 */
export function logMisconfigured(context: IWebhookFunctions, { code, detail }: Misconfigured): void {
	const { id: workflowId } = context.getWorkflow();
	const { id, name } = context.getNode();
	const said = JSON.stringify([workflowId, id, detail]);
	const now = Date.now();
	const age = now - (loggedAt.get(said) ?? -Infinity);
	if (age >= 0 && age < REPEAT_MS) return;
	// Set anew, so that the first one is the oldest.
	loggedAt.delete(said);
	for (const oldest of loggedAt.keys()) {
		if (loggedAt.size < MOST_REMEMBERED) break;
		loggedAt.delete(oldest);
	}
	loggedAt.set(said, now);
	context.logger.error(`A delivery could not be checked by the node "${name}". ${detail}`, { workflowId, code });
}
