import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { KEEP_MS, RECHECK_MS } from '../../nodes/Clerk/trigger/verification';
import type { ClerkCloud } from '../support/clerk/cloud';
import type { Execution, Imported, N8n, Workflow } from '../support/n8n';
import { outputsOf } from '../support/n8n';
import {
	answersTo,
	automaticTrigger,
	CALLS,
	clerkApiData,
	createClerkApi,
	signUp,
	until,
	useClerk,
} from '../support/registeredTrigger';
import type { Automatic, Credential } from '../support/registeredTrigger';
import { forThisFile } from '../support/forThisFile';
import { Slack } from '../support/slack';
import { EXAMPLES } from '../support/paths';

jest.setTimeout(300_000);

const NODE = 'Clerk';
const START = 'Start';
const { length: IN_ONE_VISIT } = CALLS.list;

const withClerk = useClerk();
const { calls } = withClerk;
let cloud: ClerkCloud;
let n8n: N8n;
let credential: Credential;
/** As it comes from the panel. */
let standard: Automatic;
/** Takes contacts without an email address too, as Clerk's examples are. */
let taking: Automatic;

const uidOf = ({ url }: Automatic) => cloud.endpoint(url).uid ?? '';
beforeAll(async () => {
	({ cloud, n8n, credential } = withClerk);
	cloud.addEndpoint({ url: 'https://person.example.com/', uid: 'of-a-person' });
	standard = await automaticTrigger(n8n, credential);
	taking = await automaticTrigger(n8n, credential, { options: { contactsWithoutEmail: 'pass' } });
});

interface Using {
	/** What the node gets, one item each; the node's parameters can refer to them. */
	items?: Array<Record<string, unknown>>;
	onError?: 'continueRegularOutput';
	with?: Credential;
}

/** Runs our action node with these parameters, as a click on "Execute workflow" does. */
async function run(parameters: Record<string, unknown>, { items = [{}], onError, with: used }: Using = {}): Promise<Execution> {
	const workflow: Workflow = {
		name: `Clerk ${randomUUID().slice(0, 8)}`,
		nodes: [
			{ id: randomUUID(), name: START, type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
			{
				id: randomUUID(),
				name: NODE,
				type: 'n8n-nodes-clerk-sync.clerk',
				typeVersion: 1,
				position: [300, 0],
				parameters: { resource: 'endpoint', ...parameters },
				credentials: { clerkApi: used ?? credential },
				...(onError ? { onError } : {}),
			},
		],
		connections: { [START]: { main: [[{ node: NODE, type: 'main', index: 0 }]] } },
		pinData: { [START]: items.map((json) => ({ json })) },
		settings: { executionOrder: 'v1' },
	};
	const { id } = await n8n.rest<Imported>('POST', '/rest/workflows', workflow);
	return await n8n.runFrom(id, START);
}

const itemsOf = (execution: Execution) => outputsOf(execution, NODE)[0];
const errorOf = ({ data }: Execution) => (data.resultData.error as { message?: string } | undefined)?.message;

test('the list offers the endpoints that Clerk Triggers made, by their URLs, and none of a person, in one visit', async () => {
	let offered: unknown;
	const expected = CALLS.list;
	const made = await calls(expected, async () => {
		offered = await n8n.rest('POST', '/rest/dynamic-node-parameters/options', {
			path: 'parameters.endpoint',
			methodName: 'getEndpoints',
			nodeTypeAndVersion: { name: 'n8n-nodes-clerk-sync.clerk', version: 1 },
			currentNodeParameters: { resource: 'endpoint', operation: 'sendExample' },
			credentials: { clerkApi: credential },
		});
	});
	expect(made).toEqual(expected);
	expect(offered).toEqual(
		[standard, taking].map((trigger) => ({
			name: trigger.url,
			value: uidOf(trigger),
			description: cloud.endpoint(trigger.url).description,
		})),
	);
});

describe('D3: Send Test Event', () => {
	test('has Clerk deliver its examples to the triggers, each signed for its endpoint; two items are one visit', async () => {
		const items = [standard, taking].map((trigger) => ({ uid: uidOf(trigger) }));
		const expected = [...CALLS.sendExample.slice(0, -1), 'v1.endpoint.send-example', 'v1.authentication.logout'];
		expect(expected).toHaveLength(IN_ONE_VISIT + 1);
		let execution: Execution | undefined;
		const made = await calls(expected, async () => {
			execution = await run({ operation: 'sendExample', endpoint: '={{ $json.uid }}', eventType: 'user.created' }, { items });
		});
		expect(made).toEqual(expected);
		await cloud.settled();
		const sent = cloud.messages.slice(-2);
		expect(execution && itemsOf(execution)).toEqual(
			sent.map(({ id }, index) => ({ endpoint: items[index]?.uid, eventType: 'user.created', eventId: id })),
		);
		// The examples of users have no address, which the event's description says.
		expect(sent.map(answersTo)).toEqual([['200 contact_without_email'], ['200 accepted']]);
		const [received] = await n8n.untilExecutions(taking.workflowId, 1);
		expect(outputsOf(received, 'End 0')[0]?.[0]).toMatchObject({ event: { id: sent[1]?.id, environment: 'development' } });
		expect(await n8n.executions(standard.workflowId)).toEqual([]);
	});

	test('an event that the trigger does not want is answered as such', async () => {
		await run({ operation: 'sendExample', endpoint: uidOf(taking), eventType: 'session.created' });
		await cloud.settled();
		expect(answersTo(cloud.messages.at(-1)!)).toEqual(['200 event_not_selected']);
	});
});

describe('Deliver Again', () => {
	test('has delivered what failed since then, once; what was accepted does not come again', async () => {
		const since = new Date(Date.now() - 1000).toISOString();
		const before = (await n8n.executions(standard.workflowId)).length;
		const { id, name } = credential;
		const accepted = await cloud.emit('user.created', signUp());
		const change = async (secretKey: string) => {
			const data = { ...clerkApiData(cloud), secretKey };
			await n8n.rest('PATCH', `/rest/credentials/${id}`, { name, type: 'clerkApi', data });
		};
		await change('sk_test_somebodyelses');
		await wait(KEEP_MS);
		const failed = await cloud.emit('user.created', signUp());
		expect(failed.deliveries.map(({ delivered }) => delivered)).toEqual([false, false, false].slice(0, failed.deliveries.length));
		expect(new Set(answersTo(failed).filter((answer) => answer.startsWith('500')))).toEqual(new Set(['500 secret_key_changed']));
		await change(cloud.secretKey);
		await wait(RECHECK_MS);

		const attempts = answersTo(failed).length;
		const acceptedAttempts = answersTo(accepted).length;
		let execution: Execution | undefined;
		const made = await calls(CALLS.recover, async () => {
			execution = await run({ operation: 'recover', endpoint: uidOf(standard), since });
		});
		expect(made).toEqual(CALLS.recover);
		const task = { endpoint: uidOf(standard), since, taskId: expect.any(String) as string, status: 'running' };
		expect(execution && itemsOf(execution)).toEqual([task]);
		await cloud.settled();
		expect(answersTo(failed)).toHaveLength(attempts + 1);
		expect(answersTo(failed)).toContain('200 accepted');
		expect(answersTo(accepted)).toHaveLength(acceptedAttempts);
		expect(await n8n.untilExecutions(standard.workflowId, before + 2)).toHaveLength(before + 2);
	});

	test('a time that is none is refused, in words that say how to write one', async () => {
		const execution = await run({ operation: 'recover', endpoint: uidOf(standard), since: 'yesterday' });
		expect(execution.status).toBe('error');
		expect(errorOf(execution)).toContain('Since is not a valid time. Write it like 2026-01-05T09:30:00Z');
	});
});

describe('D2: Check', () => {
	test('finds what n8n 2 does not see by itself, and sets it right; the address is the one that n8n has', async () => {
		const endpoint = cloud.endpoint(standard.url);
		const wanted = structuredClone(endpoint);
		expect(itemsOf(await run({ operation: 'check', endpoint: uidOf(standard) }))).toMatchObject([
			{ inStep: true, wantedUrl: standard.url },
		]);
		cloud.switchOff(endpoint);
		endpoint.url = 'https://former.example.com/webhook/clerk';
		let execution: Execution | undefined;
		const made = await calls(CALLS.change, async () => {
			execution = await run({ operation: 'check', endpoint: wanted.uid, fix: true });
		});
		expect(made).toEqual(CALLS.change);
		expect(execution && itemsOf(execution)).toMatchObject([{ differences: ['disabled', 'url'], fixed: true }]);
		expect(endpoint).toMatchObject({ url: wanted.url, disabled: false });
		expect(answersTo(await cloud.emit('user.created', signUp()))).toContain('200 accepted');
	});
});

describe('D10, F23: watch the endpoint', () => {
	const slack = forThisFile(async () => await Slack.start());

	async function imported(pinned: boolean, reading = true): Promise<string> {
		const text = readFileSync(join(EXAMPLES, 'F23-endpoint-watch.json'), 'utf8');
		const url = slack().webhookUrl('/services/watch');
		const workflow = JSON.parse(text.replace('https://hooks.slack.com/services/YOUR/WEBHOOK/URL', url)) as Workflow;
		if (!pinned) workflow.pinData = {};
		for (const node of workflow.nodes) if (node.name === 'Get Failed Deliveries') node['disabled'] = !reading;
		return (await n8n.importWorkflow(workflow, credential, { clerkApi: credential })).id;
	}

	test('F10: runs with its pinned samples, without a Clerk account', async () => {
		const execution = await n8n.runFrom(await imported(true), 'Every Hour');
		expect([execution.status, errorOf(execution)]).toEqual(['success', undefined]);
		const [message] = await slack().untilMessages('/services/watch', 1);
		expect(message?.text.split('\n')).toEqual([
			expect.stringContaining('Clerk has disabled the endpoint, so nothing is delivered.'),
			expect.stringContaining('2 attempts to deliver failed in the last hour. The latest was user.created, answered 500'),
		]);
	});

	test('reports an endpoint that Clerk switched off, and nothing where nothing is wrong', async () => {
		const workflowId = await imported(false);
		const endpoint = cloud.endpoint(taking.url);
		cloud.switchOff(endpoint);
		const before = slack().messages.length;
		expect((await n8n.runFrom(workflowId, 'Every Hour')).status).toBe('success');
		expect((await n8n.runFrom(await imported(false, false), 'Every Hour')).status).toBe('success');
		for (const { text } of (await slack().untilMessages('/services/watch', before + 2)).slice(before)) {
			expect(text).toContain('Clerk has disabled the endpoint');
		}
		expect(slack().refused).toEqual([]);
		endpoint.disabled = false;
		for (const { deliveries } of cloud.messages) for (const { attempts } of deliveries) attempts.length = 0;
		expect((await n8n.runFrom(workflowId, 'Every Hour')).status).toBe('success');
		expect(slack().messages).toHaveLength(before + 2);
	});
});

describe('D5: what goes wrong ends in a sentence of ours', () => {
	test('an endpoint of a person is refused before anybody is asked about it; with Continue, the other items go on', async () => {
		const items = [{ uid: 'of-a-person' }, { uid: uidOf(taking) }];
		const parameters = { operation: 'sendExample', endpoint: '={{ $json.uid }}', eventType: 'user.created' };
		const refused =
			'Choose an endpoint that a Clerk Trigger registered. If there is none, first publish a workflow that has a Clerk Trigger with automatic endpoint setup.';

		cloud.resetCalls();
		const stopped = await run(parameters, { items });
		expect([stopped.status, errorOf(stopped)]).toEqual(['error', refused]);
		await until(() => cloud.countOf('v1.authentication.logout') === 1, n8n);
		expect(cloud.countOf('v1.endpoint.send-example')).toBe(0);

		const continued = await run(parameters, { items, onError: 'continueRegularOutput' });
		expect(continued.status).toBe('success');
		expect(itemsOf(continued)).toEqual([{ error: refused }, expect.objectContaining({ endpoint: uidOf(taking) })]);
	});

	test('an endpoint that is gone, a refused key', async () => {
		const { workflowId } = await automaticTrigger(n8n, credential);
		const gone = cloud.endpoints.at(-1)?.uid ?? '';
		await n8n.deactivate(workflowId);
		await until(() => cloud.endpoints.every(({ uid }) => uid !== gone), n8n);
		const parameters = { operation: 'sendExample', endpoint: gone, eventType: 'user.created' };
		expect(errorOf(await run(parameters))).toMatch(
			/^Could not send the example: the webhook portal answered 404 .*\. The endpoint /,
		);

		const refused = await createClerkApi(n8n, cloud, { secretKey: `${cloud.secretKey}x` });
		expect(errorOf(await run(parameters, { with: refused }))).toMatch(
			/^Could not get a link to the webhook portal: Clerk answered 401 .*Check the secret key in the Clerk API credential/,
		);
		const continued = await run(parameters, { with: refused, items: [{}, {}], onError: 'continueRegularOutput' });
		expect(continued.status).toBe('success');
		const said = { error: expect.stringContaining('Check the secret key in the Clerk API credential') as string };
		expect(itemsOf(continued)).toEqual([said, said]);
	});
});

test('E4: no run holds the secret key or the secret of an endpoint, and no visit was left open', async () => {
	const kept = JSON.stringify(await n8n.api('GET', '/executions?includeData=true&limit=100')) + n8n.log;
	expect(kept).toContain(uidOf(taking));
	for (const secret of [cloud.secretKey, ...cloud.endpoints.map(({ secret }) => secret.slice('whsec_'.length))]) {
		expect(kept).not.toContain(secret);
	}
	expect([cloud.portal.openTokens, cloud.refused, cloud.ignored]).toEqual([0, [], []]);
});
