import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ClerkCloud, faults } from '../support/clerk/cloud';
import { SECRET } from '../support/deliveries';
import { N8n, outputsOf } from '../support/n8n';
import type { Execution, Workflow } from '../support/n8n';
import { EXAMPLES } from '../support/paths';
import { createClerkApi, PUBLIC_URL, until } from '../support/registeredTrigger';
import type { Credential } from '../support/registeredTrigger';

declare const n8nVersion: string;

jest.setTimeout(300_000);

let clerk: ClerkCloud;
let n8n: N8n;
let signing: Credential;
let clerkApi: Credential;

beforeAll(async () => {
	clerk = await ClerkCloud.start();
	clerk.people.fill(10);
	n8n = await (await N8n.start({ version: n8nVersion })).setUp();
	signing = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	clerkApi = await createClerkApi(n8n, clerk);
});

afterAll(async () => {
	await n8n?.stop();
	await clerk?.stop();
});

const errorOf = ({ data }: Execution) => (data.resultData.error as { message?: string } | undefined)?.message;

/** An example as a builder imports it, its credentials chosen, with its table made. */
async function imported(file: string, change: (workflow: Workflow) => void = () => {}): Promise<string> {
	const workflow = JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as Workflow;
	change(workflow);
	const { id } = await n8n.importWorkflow(workflow, signing, { clerkApi });
	const made = await n8n.runFrom(id, 'Run Once Before the First Use');
	expect([made.status, errorOf(made)]).toEqual(['success', undefined]);
	return id;
}

const envelopeOf = (type: string, id: string) => ({
	object: 'event',
	type,
	data: clerk.people.get(id),
	instance_id: 'ins_2test0000000000000000000000',
	timestamp: Date.now(),
});

describe("F24: the store's ID is written back to Clerk", () => {
	const FILE = 'F24-write-back.json';

	test('F10: runs with its pinned samples, without a Clerk account', async () => {
		const execution = await n8n.runFrom(await imported(FILE), 'Clerk Trigger');
		expect([execution.status, errorOf(execution)]).toEqual(['success', undefined]);
		expect(outputsOf(execution, 'Not Written Yet?')[0]).toHaveLength(1);
	});

	test('a sign-up is written back once: the user.updated that follows writes nothing, and the loop ends', async () => {
		const workflowId = await imported(FILE, (workflow) => (workflow.pinData = {}));
		const url = await n8n.activate(workflowId);
		clerk.route(PUBLIC_URL, n8n.url);
		const endpoint = clerk.addEndpoint({ url: url.replace(n8n.url, PUBLIC_URL), secret: SECRET });
		const { id } = clerk.people.at(2);
		clerk.people.change(id, { external_id: null });
		// As Clerk does: every change of a user is sent, whatever made it.
		clerk.backend.written.onChange = (user) => void clerk.emit('user.updated', envelopeOf('user.updated', user.id));
		clerk.resetCalls();
		const before = (await n8n.executions(workflowId)).length;
		await clerk.emit('user.created', envelopeOf('user.created', id));
		const [first, second] = (await n8n.untilExecutions(workflowId, before + 2)).slice(before);
		clerk.backend.written.onChange = null;
		expect([first?.status, second?.status]).toEqual(['success', 'success']);
		const [written] = outputsOf(first, 'Set External ID in Clerk')[0] ?? [];
		expect(written).toMatchObject({ userId: id, externalId: expect.stringMatching(/^contact-\d+$/) as string });
		expect(clerk.people.get(id)?.external_id).toBe(written?.['externalId']);
		expect(second && outputsOf(second, 'Not Written Yet?')[0]).toEqual([]);
		// Another change by the person themselves is stored, and still writes nothing.
		clerk.people.change(id, { first_name: 'Nathan' });
		await clerk.emit('user.updated', envelopeOf('user.updated', id));
		expect(await n8n.untilExecutions(workflowId, before + 3)).toHaveLength(before + 3);
		expect(clerk.countOf('UpdateUser')).toBe(1);
		// Otherwise every later event would be tried there until it is given up.
		clerk.removeEndpoint(endpoint);
		await n8n.deactivate(workflowId);
	});
});

describe('F25: events on a schedule', () => {
	const FILE = 'F25-events-on-a-schedule.json';

	test('F10: runs with its pinned samples, without a Clerk account; what was seen does not come again', async () => {
		const workflowId = await imported(FILE);
		const execution = await n8n.runFrom(workflowId, 'Every Five Minutes');
		expect([execution.status, errorOf(execution)]).toEqual(['success', undefined]);
		expect(outputsOf(execution, 'Store Event')[0]).toHaveLength(2);
		const again = await n8n.runFrom(workflowId, 'Every Five Minutes');
		expect(outputsOf(again, 'Skip Known Events')[0]).toEqual([]);
	});

	test('D10: published, 250 events come once each, though n8n is killed in the middle of reading them', async () => {
		const workflowId = await imported(FILE, (workflow) => {
			workflow.pinData = {};
			for (const { name, parameters } of workflow.nodes) {
				if (name === 'Every Five Minutes') parameters['rule'] = { interval: [{ field: 'seconds', secondsInterval: 3 }] };
			}
		});
		for (let n = 0; n < 250; n++) await clerk.emit('user.updated', envelopeOf('user.updated', clerk.people.at(n % 10).id));
		const expected = clerk.messages.filter(({ eventType }) => /^user\.(created|updated)$/.test(eventType)).map(({ id }) => id);
		// The second page does not come, and n8n dies while it waits for it.
		clerk.fail('v1.message.list', faults.silence(), 99, 1);
		clerk.resetCalls();
		await n8n.api('POST', `/workflows/${workflowId}/activate`);
		await until(() => clerk.countOf('v1.message.list') >= 2, n8n);
		const { userFolder } = n8n;
		await n8n.kill();
		clerk.clearFaults();
		n8n = await (await N8n.start({ version: n8nVersion, userFolder })).signIn();

		const came: string[] = [];
		let runs = 0;
		await until(
			async () => {
				const done = (await n8n.executions(workflowId)).filter(({ status }) => status === 'success');
				const dropped = done
					.map((execution) => outputsOf(execution, 'Skip Known Events')[0])
					.filter((items) => items !== undefined);
				runs = dropped.length;
				const items = dropped.flat();
				came.splice(0, came.length, ...items.map((json) => (json['event'] as { id: string }).id));
				// A run more than needed: it must bring nothing new.
				return came.length >= expected.length && runs >= 2;
			},
			n8n,
			150_000,
		);
		expect(came).toEqual(expected);
		await n8n.api('POST', `/workflows/${workflowId}/deactivate`);
		expect([clerk.refused, clerk.ignored]).toEqual([[], []]);
	});
});
