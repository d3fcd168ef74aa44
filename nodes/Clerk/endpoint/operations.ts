import { NodeOperationError } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions, ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import { accessOf } from '../api/access';
import { explain } from '../api/advice';
import { isFailure } from '../api/call';
import type { Failure } from '../api/call';
import { clerkApiOf } from '../api/clerkApi';
import type { ClerkApi } from '../api/clerkApi';
import {
	closePortal,
	findEndpoint,
	listAttempts,
	listEndpoints,
	openPortal,
	recover,
	sendExample,
	UID_PREFIX,
} from '../api/portal';
import type { Endpoint, Portal } from '../api/portal';
import { digestOfInstance, writtenDownAt } from '../api/wanted';
import { HOW_TO_WRITE_A_TIME, limitOf, textOf, timeOf } from '../backfill/filters';
import { textAt } from '../events/payload';
import { checkEndpoint, missingEndpoint } from './check';
import { ALL_ENDPOINTS } from './parameters';

type Context = IExecuteFunctions | ILoadOptionsFunctions;

/** The portal, and the credential it was opened with. */
export interface Visit {
	readonly portal: Portal;
	readonly api: ClerkApi;
}

/** Opens the portal with the node's credential. @throws NodeOperationError that says what to do */
export async function openPortalOf(context: Context): Promise<Visit> {
	const api = clerkApiOf(await context.getCredentials('clerkApi'));
	if ('problem' in api) {
		throw new NodeOperationError(context.getNode(), `The Clerk API credential cannot be used. Secret Key: ${api.problem}`);
	}
	const portal = await openPortal(accessOf(context, api));
	if (isFailure(portal)) throw new NodeOperationError(context.getNode(), explain(portal));
	return { portal, api };
}

/** The endpoints that Clerk Triggers created, by URL. Manually created ones are left out. */
export async function ownEndpoints(context: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const { portal } = await openPortalOf(context);
	const endpoints = await listEndpoints(portal);
	await closePortal(portal);
	if (isFailure(endpoints)) throw new NodeOperationError(context.getNode(), explain(endpoints));
	return endpoints.flatMap(({ uid, description, url }) =>
		uid?.startsWith(UID_PREFIX) ? [{ name: url, value: uid, description }] : [],
	);
}

/**
 * Runs the operation for one item.
 * @returns the items to output
 * @throws NodeOperationError that says what to do
 */
export async function runEndpointOperation(context: IExecuteFunctions, visit: Visit, itemIndex: number): Promise<IDataObject[]> {
	const { portal } = visit;
	const operation = context.getNodeParameter('operation', itemIndex);
	const endpoint = textOf(context.getNodeParameter('endpoint', itemIndex));
	const fail = (message: string) => new NodeOperationError(context.getNode(), message, { itemIndex });
	const isForMany = operation === 'check' || operation === 'getDeliveries';
	if (!endpoint.startsWith(UID_PREFIX) && !(isForMany && endpoint === ALL_ENDPOINTS)) {
		throw fail(
			'Choose an endpoint that a Clerk Trigger registered. If there is none, first publish a workflow that has a Clerk Trigger with automatic endpoint setup.',
		);
	}
	const since = () => {
		const time = timeOf(context.getNodeParameter('since', itemIndex), context.getTimezone());
		if (time === null) throw fail(`Since is not a valid time. ${HOW_TO_WRITE_A_TIME}`);
		return new Date(time).toISOString();
	};
	const orFail = <Result>(result: Result | Failure): Result => {
		if (isFailure(result)) throw fail(explain(result));
		return result;
	};
	switch (operation) {
		case 'check': {
			const address = addressOf(context.getNodeParameter('address', itemIndex));
			if (address === undefined) throw fail('Webhook Address is not a URL. Write it like https://n8n.example.com.');
			const development = visit.api.environment === 'development';
			const fix = context.getNodeParameter('fix', itemIndex) === true;
			const checking = { address, n8n: digestOfInstance(context.getInstanceId()), development, fix };
			const endpoints = orFail(await chosen(context, portal, endpoint));
			if (endpoint !== ALL_ENDPOINTS && endpoints.length === 0) return [missingEndpoint(endpoint)];
			const checked: IDataObject[] = [];
			for (const found of endpoints) checked.push(orFail(await checkEndpoint(portal, found, checking)));
			return checked;
		}
		case 'getDeliveries': {
			const returnAll = context.getNodeParameter('returnAll', itemIndex) === true;
			const most = returnAll ? Infinity : limitOf(context.getNodeParameter('limit', itemIndex));
			if (typeof most === 'string') throw fail(most);
			const asked = { since: since(), onlyFailed: context.getNodeParameter('onlyFailed', itemIndex) === true, most };
			const names =
				endpoint === ALL_ENDPOINTS ? orFail(await chosen(context, portal, endpoint)).map(({ id, uid }) => uid ?? id) : [endpoint];
			const attempts = [];
			for (const name of names) {
				for (const attempt of orFail(await listAttempts(portal, name, asked))) attempts.push({ endpoint: name, ...attempt });
			}
			return attempts.sort((one, other) => Date.parse(other.at) - Date.parse(one.at)).slice(0, most);
		}
		case 'sendExample': {
			const eventType = context.getNodeParameter('eventType', itemIndex) as string;
			return [{ endpoint, eventType, eventId: orFail(await sendExample(portal, endpoint, eventType)) }];
		}
		default: {
			const from = since();
			const task = orFail(await recover(portal, endpoint, from));
			return [{ endpoint, since: from, taskId: textAt(task, 'id'), status: textAt(task, 'status') }];
		}
	}
}

/** The endpoint with this name, or all that Clerk Triggers of this n8n created. */
async function chosen(context: IExecuteFunctions, portal: Portal, name: string): Promise<Endpoint[] | Failure> {
	if (name !== ALL_ENDPOINTS) {
		const found = await findEndpoint(portal, name);
		return found === null || isFailure(found) ? (found ?? []) : [found];
	}
	const all = await listEndpoints(portal);
	if (isFailure(all)) return all;
	const n8n = digestOfInstance(context.getInstanceId());
	return all.filter((endpoint) => endpoint.uid?.startsWith(UID_PREFIX) && writtenDownAt(endpoint).n8n === n8n);
}

/** @returns null if it is empty, undefined if it is not a URL */
function addressOf(value: unknown): string | null | undefined {
	const text = typeof value === 'string' ? value.trim() : '';
	if (text === '') return null;
	return /^https?:\/\/[^?#]+$/.test(text) && URL.canParse(text) ? text : undefined;
}
