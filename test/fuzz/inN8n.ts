import type { INodeParameters } from 'n8n-workflow';

import type { Credential } from '../support/n8nContext';
import { TriggerNode } from '../support/triggerNode';
import type { Given, Received, Request } from './node';

/** The node's `webhook()` in n8n's own context, which evaluates what begins with "=" in a parameter. */
export async function receiveInN8n(
	{ headers, body }: Request,
	{ parameters, credential, nodeId, mode = 'webhook' }: Given,
): Promise<Received> {
	const placed = { parameters: parameters as INodeParameters, credential: credential as Credential, nodeId };
	const got = await new TriggerNode(placed).deliver({ headers, body, mode, n8nAnswers: 'never' });
	const items = got.response.workflowData ?? null;
	return { result: got.response, items, response: got.connection, log: got.log.map((line) => JSON.stringify(line)) };
}
