import type { INodeExecutionData, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import type { VerifiedDelivery } from './delivery';
import { answerTo } from './outcome';
import type { Ignored, Misconfigured, Rejected } from './outcome';
import type { Records } from './selection';

/**
 * Answers a delivery that starts no execution.
 * The answer is sent from here, since n8n has no other way to give it a status; throwing would store
 * an execution in error, with which anybody on the internet could fill the list.
 */
export function refuse(context: IWebhookFunctions, outcome: Ignored | Rejected | Misconfigured): IWebhookResponseData {
	if (outcome.outcome === 'misconfigured') {
		context.logger.error(`A delivery could not be checked by the node "${context.getNode().name}". ${outcome.detail}`, {
			workflowId: context.getWorkflow().id,
			code: outcome.code,
		});
	}
	const { status, body } = answerTo(outcome);
	context.getResponseObject().status(status).json(body);
	return { noWebhookResponse: true };
}

/** Hands the items to n8n, which answers once the execution is stored: a crash before leaves Clerk without a 200, and it tries again. */
export function accept(
	{ id, envelope }: VerifiedDelivery,
	{ contact, noContact, events, tenant }: Records,
	items: INodeExecutionData[][],
): IWebhookResponseData {
	const { body } = answerTo({
		outcome: 'accepted',
		eventType: envelope.type,
		eventId: id,
		contactAction: contact?.action ?? null,
		noContact,
		events: events.map(({ name }) => name),
		tenantAction: tenant?.action ?? null,
	});
	return { webhookResponse: body, workflowData: items };
}
