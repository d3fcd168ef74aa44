import { NodeOperationError } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions, ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import { accessOf } from '../api/access';
import { explain } from '../api/advice';
import { isFailure } from '../api/call';
import { clerkApiOf } from '../api/clerkApi';
import { closePortal, listEndpoints, openPortal, recover, sendExample, UID_PREFIX } from '../api/portal';
import type { Portal } from '../api/portal';
import { HOW_TO_WRITE_A_TIME, timeOf } from '../backfill/filters';
import { textAt } from '../events/payload';

/** Opens the portal with the node's credential. @throws NodeOperationError that says what to do */
export async function openPortalOf(context: IExecuteFunctions | ILoadOptionsFunctions): Promise<Portal> {
	const api = clerkApiOf(await context.getCredentials('clerkApi'));
	if ('problem' in api) {
		throw new NodeOperationError(context.getNode(), `The Clerk API credential cannot be used. Secret Key: ${api.problem}`);
	}
	const portal = await openPortal(accessOf(context, api));
	if (isFailure(portal)) throw new NodeOperationError(context.getNode(), explain(portal));
	return portal;
}

/** The endpoints that Clerk Triggers made, by where they lead; those of people stay out of reach. */
export async function ownEndpoints(context: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const portal = await openPortalOf(context);
	const endpoints = await listEndpoints(portal);
	await closePortal(portal);
	if (isFailure(endpoints)) throw new NodeOperationError(context.getNode(), explain(endpoints));
	return endpoints.flatMap(({ uid, description, url }) =>
		uid?.startsWith(UID_PREFIX) ? [{ name: url, value: uid, description }] : [],
	);
}

/**
 * Does what one item asks for.
 * @returns what the item becomes
 * @throws NodeOperationError that says what to do
 */
export async function runEndpointOperation(context: IExecuteFunctions, portal: Portal, itemIndex: number): Promise<IDataObject> {
	const operation = context.getNodeParameter('operation', itemIndex);
	const endpoint = (context.getNodeParameter('endpoint', itemIndex) as string).trim();
	const fail = (message: string) => new NodeOperationError(context.getNode(), message, { itemIndex });
	if (!endpoint.startsWith(UID_PREFIX)) {
		throw fail('Choose an endpoint that a Clerk Trigger registered. If there is none, publish a workflow with one first.');
	}
	if (operation === 'sendExample') {
		const eventType = context.getNodeParameter('eventType', itemIndex) as string;
		const eventId = await sendExample(portal, endpoint, eventType);
		if (isFailure(eventId)) throw fail(explain(eventId));
		return { endpoint, eventType, eventId };
	}
	const time = timeOf(context.getNodeParameter('since', itemIndex), context.getTimezone());
	if (time === null) throw fail(`Since is not a time. ${HOW_TO_WRITE_A_TIME}`);
	const since = new Date(time).toISOString();
	const task = await recover(portal, endpoint, since);
	if (isFailure(task)) throw fail(explain(task));
	return { endpoint, since, taskId: textAt(task, 'id'), status: textAt(task, 'status') };
}
