import { setTimeout as wait } from 'node:timers/promises';

import { fixture } from './deliveries';
import { until as untilThere } from './eventually';
import { ClerkCloud } from './clerk/cloud';
import type { SentMessage } from './clerk/cloud';
import { N8n } from './n8n';
import type { StartOptions, Workflow } from './n8n';
import { behaviourOf } from './releases';
import { triggerWorkflow } from './triggerWorkflow';

declare const n8nVersion: string;

/** The public URL that n8n is set to, as behind a proxy; Clerk's sender knows where it leads. */
export const PUBLIC_URL = 'https://n8n.example.com';

export interface Credential {
	id: string;
	name: string;
}

const OPEN = ['GenerateSvixAuthURL', 'v1.authentication.exchange-one-time-token'];
const CLOSE = 'v1.authentication.logout';
/** The calls of one visit to the webhook portal, from signing in to signing out. */
const visit = (...calls: string[]) => [...OPEN, ...calls.map((call) => `v1.endpoint.${call}`), CLOSE];

/** What each step calls, in its order. */
export const CALLS = {
	register: visit('get', 'create', 'get-secret'),
	check: visit('get'),
	change: visit('get', 'patch'),
	remove: visit('delete'),
	list: visit('list'),
	sendExample: visit('send-example'),
	recover: visit('recover'),
};

/** An n8n that Clerk reaches under a public address. */
export async function reachable(
	cloud: ClerkCloud,
	{ publicUrl = PUBLIC_URL, env = {}, ...options }: StartOptions & { publicUrl?: string },
): Promise<N8n> {
	const { addressSetting } = behaviourOf(options.version);
	const n8n = await N8n.start({ ...options, env: { [addressSetting]: `${publicUrl}/`, ...env } });
	cloud.route(publicUrl, n8n.url);
	return n8n;
}

/** What a person types into a Clerk API credential, with the addresses of our cloud in its advanced fields. */
export function clerkApiData({ apiUrl, portalUrl, secretKey }: ClerkCloud): Record<string, string | boolean> {
	return { secretKey, advanced: true, apiUrl, portalUrl };
}

/** As the editor saves it: n8n 1's public API asks for fields that this credential does not have. */
export async function createClerkApi(n8n: N8n, cloud: ClerkCloud, changed: { secretKey?: string } = {}): Promise<Credential> {
	const name = 'Clerk API';
	const data = { ...clerkApiData(cloud), ...changed };
	const { id } = await n8n.rest<{ id: string }>('POST', '/rest/credentials', { name, type: 'clerkApi', data });
	return { id, name };
}

/** A Clerk Trigger that makes its endpoint itself, with a No Operation node behind it, as a workflow that isn't saved yet. */
export function automaticWorkflow(credential: Credential, parameters: Record<string, unknown> = {}): Workflow {
	const workflow = triggerWorkflow({ endpointSetup: 'automatic', ...parameters }, null);
	const [trigger] = workflow.nodes;
	if (trigger) trigger.credentials = { clerkApi: credential };
	return workflow;
}

export interface Automatic {
	workflowId: string;
	/** As it is registered in Clerk. */
	url: string;
}

/** The URL with which a workflow's trigger is registered. */
export async function publicUrlOf(n8n: N8n, workflowId: string, publicUrl = PUBLIC_URL): Promise<string> {
	return (await n8n.productionUrl(workflowId)).replace(n8n.url, publicUrl);
}

/** Saves a workflow with such a trigger and publishes it; done when its endpoint is made and n8n remembers it. */
export async function automaticTrigger(
	n8n: N8n,
	credential: Credential,
	parameters: Record<string, unknown> = {},
	publicUrl = PUBLIC_URL,
): Promise<Automatic> {
	const workflowId = await n8n.createWorkflow(automaticWorkflow(credential, parameters));
	await n8n.activate(workflowId);
	await untilRemembered(n8n, workflowId);
	return { workflowId, url: await publicUrlOf(n8n, workflowId, publicUrl) };
}

/** n8n 2 answers before it registers anything, and stores what the node keeps a moment later. */
export async function untilRemembered(n8n: N8n, workflowId: string, remembered = true): Promise<void> {
	await until(async () => (await staticDataOf(n8n, workflowId)).includes('sealedSigningSecret') === remembered, n8n);
}

/** What n8n keeps of a workflow between two of our hooks, as its API shows it. */
export async function staticDataOf(n8n: N8n, workflowId: string): Promise<string> {
	const { staticData } = await n8n.api<{ staticData?: unknown }>('GET', `/workflows/${workflowId}`);
	return JSON.stringify(staticData ?? null);
}

/**
 * Waits for something that comes in its own time.
 * @param withinMs how long at most
 * @throws after that, with the end of n8n's log
 */
export async function until(holds: () => boolean | Promise<boolean>, n8n: N8n, withinMs = 40_000): Promise<void> {
	const otherwise = () => `This did not come true: ${holds.toString()}\n${n8n.log.slice(-2000)}`;
	await untilThere(holds, { within: withinMs, otherwise });
}

/** What Clerk and the portal are asked in a step: waits for as many calls as there should be, then whether more come. */
export async function callsIn(
	step: () => Promise<unknown>,
	{ cloud, n8n, expected }: { cloud: ClerkCloud; n8n: () => N8n; expected: readonly string[] },
): Promise<Array<string | null>> {
	cloud.resetCalls();
	await step();
	await until(() => cloud.calls.filter(({ status }) => status !== null).length >= expected.length, n8n());
	await wait(700);
	return cloud.operations;
}

/** A played Clerk, and a real n8n that it reaches. */
export interface WithClerk {
	cloud: ClerkCloud;
	n8n: N8n;
	/** Of the action node, and of triggers that register themselves. */
	credential: Credential;
	/** What Clerk and the portal are asked in a step. */
	calls: (expected: readonly string[], step: () => Promise<unknown>) => Promise<Array<string | null>>;
}

/** Starts both before the tests of a file, and ends them after them. */
export function useClerk(options: Parameters<typeof ClerkCloud.start>[0] = {}, env: Record<string, string> = {}): WithClerk {
	const both = {
		calls: async (expected, step) => await callsIn(step, { cloud: both.cloud, n8n: () => both.n8n, expected }),
	} as WithClerk;
	beforeAll(async () => {
		both.cloud = await ClerkCloud.start(options);
		both.n8n = await (await reachable(both.cloud, { version: n8nVersion, env })).setUp();
		both.credential = await createClerkApi(both.n8n, both.cloud);
	});
	afterAll(async () => {
		await both.n8n?.stop();
		await both.cloud?.stop();
	});
	return both;
}

let people = 0;

/** Somebody new signs up, with an address. */
export function signUp(email = `person${++people}@example.com`): string {
	const { envelope } = fixture('edge.order.3_user.created_arrives_last');
	const [address] = envelope.data['email_addresses'] as Array<Record<string, unknown>>;
	Object.assign(address ?? {}, { email_address: email });
	Object.assign(envelope.data, { id: `user_${email.replace(/\W/g, '')}` });
	return JSON.stringify(envelope);
}

/** What the endpoints answered to a message, attempt by attempt: status and code. */
export function answersTo({ deliveries }: SentMessage): string[] {
	return deliveries.flatMap(({ attempts }) =>
		attempts.map(({ status, text }) => `${status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 60)}`),
	);
}

/** Changes a published workflow in the editor, saves it and, where that is a step of its own, publishes it. */
export async function publishChanged(n8n: N8n, workflowId: string, change: (workflow: Workflow) => void): Promise<void> {
	type Saved = Workflow & { versionId: string };
	const { nodes, connections, name, settings, versionId } = await n8n.rest<Saved>('GET', `/rest/workflows/${workflowId}`);
	const changed = { nodes, connections, name, settings };
	change(changed);
	const saved = await n8n.rest<Saved>('PATCH', `/rest/workflows/${workflowId}`, { ...changed, versionId, active: true });
	if (!behaviourOf(n8n.version).publishesAfterSaving) return;
	await n8n.rest('POST', `/rest/workflows/${workflowId}/activate`, { versionId: saved.versionId });
}
