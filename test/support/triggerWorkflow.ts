import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';

import { SECRET, signed } from './deliveries';
import { TRIGGER_TYPE } from './n8n';
import type { N8n, Workflow, WorkflowNode } from './n8n';

export interface Trigger {
	workflowId: string;
	/** Its production URL. */
	url: string;
}

export interface Answer {
	status: number;
	/** Parsed, where it is JSON. */
	body: Record<string, unknown>;
	text: string;
}

/** A Clerk Trigger with a No Operation node behind each output, as a workflow that isn't saved yet. */
export function triggerWorkflow(
	parameters: Record<string, unknown>,
	credential: { id: string; name: string } | null,
	outputs = 1,
): Workflow {
	const trigger: WorkflowNode = {
		id: randomUUID(),
		name: 'Clerk Trigger',
		type: TRIGGER_TYPE,
		typeVersion: 1.1,
		position: [0, 0],
		parameters: { events: ['user.created', 'user.updated'], output: 'item', options: {}, ...parameters },
		webhookId: randomUUID(),
		...(credential ? { credentials: { clerkWebhookApi: credential } } : {}),
	};
	const ends = Array.from({ length: outputs }, (_, index): WorkflowNode => {
		return {
			id: randomUUID(),
			name: `End ${index}`,
			type: 'n8n-nodes-base.noOp',
			typeVersion: 1,
			position: [300, index * 160],
			parameters: {},
		};
	});
	return {
		name: `Clerk ${randomUUID().slice(0, 8)}`,
		nodes: [trigger, ...ends],
		connections: { [trigger.name]: { main: ends.map(({ name }) => [{ node: name, type: 'main' as const, index: 0 }]) } },
		settings: { executionOrder: 'v1' },
	};
}

/** An example whose trigger forgets, as it does when n8n restarts: what comes twice or late is left to the workflow. */
export function forgetful(workflow: Workflow): Workflow {
	for (const { parameters } of workflow.nodes.filter(({ type }) => type === TRIGGER_TYPE)) {
		parameters['options'] = { ...(parameters['options'] as object), skipDuplicates: false, skipOutOfDate: false };
	}
	return workflow;
}

/** A Clerk Trigger with a No Operation node behind each output, saved and active in a running n8n. */
export async function activeTrigger(
	n8n: N8n,
	credential: { id: string; name: string },
	parameters: Record<string, unknown> = {},
	outputs = 1,
): Promise<Trigger> {
	const workflowId = await n8n.createWorkflow(triggerWorkflow(parameters, credential, outputs));
	return { workflowId, url: await n8n.activate(workflowId) };
}

/** A POST of these very bytes with these headers and no others but the length. */
export async function post(
	url: string,
	body: string | Buffer,
	headers: Record<string, string>,
	method = 'POST',
): Promise<Answer> {
	const bytes = Buffer.from(body as string);
	const sent = request(url, { method, headers: { ...headers, 'content-length': String(bytes.length) } }).end(bytes);
	const [response] = (await once(sent, 'response')) as [IncomingMessage];
	const text = await textOf(response);
	let parsed: unknown = null;
	try {
		parsed = JSON.parse(text);
	} catch {
		// Left to the test, which then sees the text.
	}
	return { status: response.statusCode ?? 0, body: (parsed ?? {}) as Record<string, unknown>, text };
}

let sentSoFar = 0;

/** An id that no delivery had before. */
export function nextId(): string {
	return `msg_test${String(++sentSoFar).padStart(6, '0')}`;
}

export interface Sending {
	secret?: string;
	id?: string;
	/** Milliseconds since 1970; now, unless a test is about clocks. */
	at?: number;
	/** Replaces or adds; undefined leaves one out. */
	headers?: Record<string, string | undefined>;
	/** What is sent in place of the body that was signed. */
	instead?: string | Buffer;
}

/** A delivery as Clerk makes it, signed by Svix' own library. */
export async function deliver(
	url: string,
	body: string | object,
	{ secret = SECRET, id = nextId(), at = Date.now(), headers = {}, instead }: Sending = {},
): Promise<Answer> {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	const all = { 'content-type': 'application/json', ...signed(text, { secret, id, at }), ...headers };
	const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
	return await post(url, instead ?? text, Object.fromEntries(present));
}
