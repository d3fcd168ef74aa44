import type { INodeExecutionData, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import type { VerifiedDelivery } from './delivery';
import type { Claim } from './history';
import { logMisconfigured } from './logging';
import { answerTo } from './outcome';
import type { Accepted, Answer, Failed, Outcome } from './outcome';
import type { Records } from '../records/records';
import type { Settings } from './settings';

/**
 * Answers a delivery that starts no execution.
 * It sends the answer itself, since n8n has no other way to set its status. Throwing would store a failed execution,
 * so that anybody on the internet could fill the executions list.
 */
export function refuse(context: IWebhookFunctions, outcome: Exclude<Outcome, Accepted | Failed>): IWebhookResponseData {
	if (outcome.outcome === 'misconfigured') logMisconfigured(context, outcome);
	send(context.getResponseObject(), answerTo(outcome));
	return { noWebhookResponse: true };
}

type Response = ReturnType<IWebhookFunctions['getResponseObject']>;

/** Like Express's `json`, but without its slowest parts, which no webhook needs: the ETag, and parsing the content type. */
function send(response: Response, { status, body }: Answer): Response {
	response.statusCode = status;
	response.setHeader('content-type', 'application/json; charset=utf-8');
	return response.end(JSON.stringify(body));
}

/**
 * Passes the items to n8n, which answers once the execution is stored, or once the workflow has finished. After a
 * crash before that, Clerk gets no 2xx and retries.
 *
 * n8n decides on the status of the answer, and this node on its text and on what to remember. So `json`, with which
 * n8n answers, is replaced for this one answer. n8n calls it even if the sender has disconnected, when no event of
 * the response shows the result.
 */
export function accept(
	context: IWebhookFunctions,
	{ id, envelope }: VerifiedDelivery,
	{ contact, noContact, events, tenant, outOfDate }: Records,
	items: INodeExecutionData[][],
	{ acknowledge }: Settings,
	claim: Claim,
): IWebhookResponseData {
	const about = { eventType: envelope.type, eventId: id };
	const accepted: Accepted = {
		outcome: 'accepted',
		...about,
		contactAction: contact?.action ?? null,
		noContact,
		events: events.map(({ name }) => name),
		tenantAction: tenant?.action ?? null,
		outOfDate,
		acknowledge,
	};
	const failedWith = (status: number): Failed => {
		return { outcome: 'failed', code: acknowledge === 'lastNode' ? 'workflow_failed' : 'not_stored', ...about, status };
	};

	const response = context.getResponseObject();
	const succeeded = () => response.statusCode >= 200 && response.statusCode < 300;
	const { json } = response;
	let answered = false;
	response.json = () => {
		answered = true;
		claim.settle(succeeded(), Date.now());
		response.json = json;
		return send(response, answerTo(succeeded() ? accepted : failedWith(response.statusCode)));
	};
	const closed = () => {
		if (answered) return;
		if (response.writableFinished) claim.settle(succeeded(), Date.now());
		else claim.abandon(Date.now());
	};
	if (response.closed) closed();
	else response.once('close', closed);
	return { workflowData: items };
}
