import type { IWebhookFunctions } from 'n8n-workflow';

import type { Misconfigured } from './outcome';

/** The same message about a node is logged at most once in this time, in milliseconds. */
export const REPEAT_MS = 60_000;

/** When a message was last logged, by node and message; in this process only. */
const loggedAt = new Map<string, number>();
const MOST_REMEMBERED = 1000;

/**
 * Logs why deliveries cannot be verified, for the builder. Anybody can call the URL, so the same message is
 * not logged for every request.
 */
export function logMisconfigured(context: IWebhookFunctions, { code, detail }: Misconfigured): void {
	const { id: workflowId } = context.getWorkflow();
	const { id, name } = context.getNode();
	const said = JSON.stringify([workflowId, id, detail]);
	const now = Date.now();
	const age = now - (loggedAt.get(said) ?? -Infinity);
	if (age >= 0 && age < REPEAT_MS) return;
	// Removed first, so that the map stays ordered by time.
	loggedAt.delete(said);
	for (const oldest of loggedAt.keys()) {
		if (loggedAt.size < MOST_REMEMBERED) break;
		loggedAt.delete(oldest);
	}
	loggedAt.set(said, now);
	context.logger.error(`The node "${name}" could not verify a delivery. ${detail}`, { workflowId, code });
}
