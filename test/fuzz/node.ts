import type { INodeExecutionData, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { ClerkTrigger } from '../../nodes/Clerk/ClerkTrigger.node';
import { FakeResponse } from '../support/response';
import type { Parameters } from './arbitraries/parameters';

/**
 * The node with as much of n8n around it as it touches: a million deliveries through n8n's own
 * context would take too long. Some go through that too, see inN8n.ts.
 */

const trigger = new ClerkTrigger();

export interface Request {
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	/** Null where n8n can't give the bytes. */
	readonly body: Buffer | null;
}

export interface Given {
	readonly parameters: Parameters;
	/** The Clerk Webhook API credential. */
	readonly credential: Readonly<Record<string, unknown>> | null;
	/** The Clerk API credential, of a node that registers its endpoint. */
	readonly apiCredential?: Readonly<Record<string, unknown>> | null;
	/** By which n8n knows them; without, every delivery reads the credential again. */
	readonly credentialIds?: Readonly<Record<string, string>>;
	/** What n8n keeps for the node. */
	readonly staticData?: Readonly<Record<string, unknown>>;
	/** An expression in a parameter gives an error. */
	readonly unreadable?: boolean;
	/** The node that the delivery comes to: it has a history. */
	readonly nodeId: string;
	readonly mode?: 'webhook' | 'manual';
	/** The sender disconnected before the node was asked. */
	readonly gone?: boolean;
}

/** What a node sees of n8n. */
export function contextOf({ headers, body }: Request, given: Given) {
	const {
		parameters,
		credential,
		apiCredential = null,
		credentialIds = {},
		staticData = {},
		unreadable,
		nodeId,
		mode = 'webhook',
	} = given;
	const credentials: Readonly<Record<string, unknown>> = { clerkWebhookApi: credential, clerkApi: apiCredential };
	const response = new FakeResponse();
	const log: string[] = [];
	const context = {
		getNodeParameter: (name: string, fallback: unknown) => {
			if (unreadable) throw new Error(`Can't get the value of ${name}: ${body?.toString()}`);
			// As n8n does: the fallback stands in for what isn't there, not for null.
			return parameters[name] === undefined ? fallback : parameters[name];
		},
		getCredentials: async (name: string) => {
			const asked = credentials[name] ?? null;
			if (asked === null) throw new Error('Node does not have any credentials set');
			return asked;
		},
		getWorkflowStaticData: () => staticData,
		getRequestObject: () => ({
			headers,
			async readRawBody(this: { rawBody?: Buffer }) {
				if (body === null) throw new Error('unsupported');
				this.rawBody = body;
			},
		}),
		getResponseObject: () => response,
		getMode: () => mode,
		getActivationMode: () => 'activate',
		getNode: () => ({
			id: nodeId,
			name: 'From Clerk',
			type: 'clerkTrigger',
			typeVersion: 1.1,
			position: [0, 0],
			parameters,
			credentials: Object.fromEntries(Object.entries(credentialIds).map(([name, id]) => [name, { id, name: 'Clerk' }])),
		}),
		getWorkflow: () => ({ id: 'wf_1', name: 'Contacts', active: true }),
		getChildNodes: () => [],
		logger: { error: (line: string, about: unknown) => log.push(`${line} ${JSON.stringify(about)}`) },
	};
	return { context: context as unknown as IWebhookFunctions, response, log };
}

export interface Received {
	readonly result: IWebhookResponseData;
	/** The items, one list for each output; null where no execution starts. */
	readonly items: readonly INodeExecutionData[][] | null;
	readonly response: FakeResponse;
	readonly log: readonly string[];
}

/** Lets the node's `webhook()` receive a request. Where it starts an execution, n8n has not answered yet. */
export async function receive(request: Request, given: Given): Promise<Received> {
	const { context, response, log } = contextOf(request, given);
	if (given.gone) response.hangUp();
	const result = await trigger.webhook.call(context);
	return { result, items: result.workflowData ?? null, response, log };
}
