import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fixture } from '../support/deliveries';
import { created as signUp, deleted, updated, waitlistEntry } from '../support/clerkEvents';
import { forThisFile } from '../support/forThisFile';
import { Loops } from '../support/loops';
import { TRIGGER_TYPE } from '../support/n8n';
import type { N8n, Workflow } from '../support/n8n';
import { deliver, forgetful } from '../support/triggerWorkflow';
import { useN8n } from '../support/useN8n';
import { EXAMPLES } from '../support/paths';

jest.setTimeout(120_000);

const FILE = join(EXAMPLES, 'F5-loops.json');
const API_KEY = 'loops-test-key';
const LIST = 'cm06f5v0e45nf0ml5754o9cix';

const host = useN8n();
let n8n: N8n;
const loops = forThisFile(async () => await Loops.start(API_KEY));
let credential: { id: string; name: string };
let credentials: Record<string, { id: string; name: string }>;
let workflowId: string;
let url: string;
let executions = 0;

beforeAll(async () => {
	({ n8n, credential } = host);
	const bearer = await n8n.createCredential('Loops', { token: API_KEY }, 'httpBearerAuth');
	credentials = { httpBearerAuth: bearer };
	workflowId = (await n8n.importWorkflow(forgetful(read()), credential, credentials)).id;
});

function read(): Workflow {
	return JSON.parse(readFileSync(FILE, 'utf8').replace('https://app.loops.so/api/v1', loops().url)) as Workflow;
}

/** What Loops takes of a delivery, once its workflow has ended. */
async function send(body: object, id: string, status = 'success') {
	const before = loops().taken.length;
	expect((await deliver(url, body, { id })).body).toMatchObject({ outcome: 'accepted' });
	const execution = (await n8n.untilExecutions(workflowId, ++executions)).at(-1);
	expect(execution?.status).toBe(status);
	expect(loops().refused).toEqual([]);
	return loops().taken.slice(before);
}

const created = fixture('edge.order.3_user.created_arrives_last').envelope;

test('F10: runs with its pinned sample, without a Clerk account', async () => {
	const execution = await n8n.runFrom(workflowId, 'Clerk Trigger');
	executions++;
	expect(execution.status).toBe('success');
	expect(loops().refused).toEqual([]);
	expect(loops().taken).toMatchObject([
		{
			method: 'PUT',
			path: '/api/v1/contacts/update',
			body: { email: 'ada@example.com', userGroup: 'Customers', mailingLists: { [LIST]: true } },
		},
		{
			method: 'POST',
			path: '/api/v1/events/send',
			body: { eventName: 'newClerkUser' },
			idempotencyKey: 'msg_2x8VbKnzQ5sample000000001',
		},
	]);
});

test('F5, B6, B7, C1: a sign-up becomes a contact with its group and list, then the event of the chosen name', async () => {
	url = await n8n.activate(workflowId);
	expect(await send(created, 'msg_signup')).toEqual([
		{
			method: 'PUT',
			path: '/api/v1/contacts/update',
			idempotencyKey: undefined,
			body: {
				email: 'person@example.com',
				userId: 'user_2vREDACTED0000000000000001',
				firstName: null,
				lastName: null,
				source: 'Clerk webhook',
				userGroup: 'Customers',
				mailingLists: { [LIST]: true },
			},
		},
		{
			method: 'POST',
			path: '/api/v1/events/send',
			idempotencyKey: 'msg_signup',
			body: {
				email: 'person@example.com',
				userId: 'user_2vREDACTED0000000000000001',
				eventName: 'newClerkUser',
				eventProperties: { type: 'user.created', occurredAt: '2025-04-10T09:13:13.644Z' },
			},
		},
	]);
});

test('C4: the same delivery again updates the contact, and Loops takes its event once', async () => {
	expect(await send(created, 'msg_signup')).toEqual([expect.objectContaining({ path: '/api/v1/contacts/update' })]);
});

test('B5, C3: a change updates, a deletion deletes, and neither sends an event that would bring the contact back', async () => {
	const changed = await send(fixture('edge.order.1_user.updated_newer_arrives_first').envelope, 'msg_change');
	expect(changed).toEqual([
		expect.objectContaining({
			path: '/api/v1/contacts/update',
			body: expect.not.objectContaining({ userGroup: expect.anything() }),
		}),
	]);
	const deleted = await send(fixture('edge.user.deleted.minimal').envelope, 'msg_delete');
	expect(deleted).toEqual([
		{
			method: 'POST',
			path: '/api/v1/contacts/delete',
			idempotencyKey: undefined,
			body: { userId: 'user_2vREDACTED0000000000000001' },
		},
	]);
});

test('a bad moment of Loops is waited out: the call is made again', async () => {
	loops().failWith = [500, 429];
	expect(await send(fixture('edge.order.1_user.updated_newer_arrives_first').envelope, 'msg_again')).toHaveLength(1);
});

test('a contact that is gone already counts as deleted', async () => {
	loops().failWith = [404, 404, 404];
	expect(await send(fixture('edge.user.deleted.minimal').envelope, 'msg_gone')).toEqual([]);
});

test('a refusal that stays stops the workflow in error, with what Loops said', async () => {
	loops().failWith = [500, 500, 500];
	await send(fixture('edge.user.deleted.minimal').envelope, 'msg_refused', 'error');
	const failed = (await n8n.executions(workflowId)).at(-1);
	expect(JSON.stringify(failed?.data.resultData.error)).toContain('Loops did not take the deletion');
	loops().failWith = [500, 500, 500];
	await send(fixture('edge.order.1_user.updated_newer_arrives_first').envelope, 'msg_refused_too', 'error');
});

describe('what arrives late, and what a contact no longer has', () => {
	const [CONTACT, EVENT, DELETION] = ['/api/v1/contacts/update', '/api/v1/events/send', '/api/v1/contacts/delete'];
	const called = (requests: Awaited<ReturnType<typeof send>>) => requests.map(({ path, body }) => [path, body]);

	beforeAll(async () => {
		await n8n.deactivate(workflowId);
		loops().forget();
		const workflow = read();
		for (const { parameters } of workflow.nodes.filter(({ type }) => type === TRIGGER_TYPE)) {
			parameters['events'] = [...(parameters['events'] as string[]), 'waitlistEntry.updated'];
			parameters['options'] = { shutOutUsers: 'unsubscribe' };
		}
		workflowId = (await n8n.importWorkflow(workflow, credential, credentials)).id;
		url = await n8n.activate(workflowId);
		executions = 0;
	});

	test('F5, E5, B15: a change, its late sign-up, the end of the address, the deletion', async () => {
		await send(updated(5, { email: 'janet@example.com', firstName: 'Janet' }), 'msg_newer');
		const janet = { userId: 'user_1', email: 'janet@example.com', firstName: 'Janet', lastName: 'Doe', source: 'Clerk webhook' };
		expect(loops().contacts).toEqual([janet]);

		const late = called(await send(signUp(), 'msg_late'));
		const joined = { userGroup: 'Customers', mailingLists: { [LIST]: true } };
		expect(late).toEqual([
			[CONTACT, { userId: 'user_1', source: 'Clerk webhook', ...joined }],
			[EVENT, expect.objectContaining({ userId: 'user_1', eventName: 'newClerkUser' })],
		]);
		// The address of the sign-up is older than the one that Loops has.
		expect(loops().contacts).toEqual([{ ...janet, ...joined }]);

		await send(updated(6, { email: null, firstName: 'Janet' }), 'msg_removed');
		expect(loops().contacts).toEqual([{ ...janet, ...joined, subscribed: false }]);
		await send(updated(7, { email: 'new@example.com', firstName: 'Janet' }), 'msg_added');
		expect(loops().contacts).toEqual([{ ...janet, ...joined, email: 'new@example.com', subscribed: false }]);

		expect(called(await send(deleted(9), 'msg_deleted'))).toEqual([[DELETION, { userId: 'user_1' }]]);
		expect((await deliver(url, signUp(), { id: 'msg_late' })).body).toMatchObject({ outcome: 'duplicate' });
		expect(loops().contacts).toEqual([]);
		expect(loops().taken.filter(({ body }) => body['eventName'] === 'newClerkUser')).toHaveLength(1);
	});

	test.each([
		['somebody who was banned', updated(5, { id: 'user_2', banned: true }), { userId: 'user_2', email: 'jane@example.com' }],
		['somebody who was rejected on the waitlist', waitlistEntry('updated', 5, 'rejected'), { email: 'jane@example.com' }],
	])('F5, B12: %s is unsubscribed, and joins no list', async (_, body, whom) => {
		const requests = called(await send(body, `msg_${body.type}`));
		expect(requests[0]).toEqual([CONTACT, expect.objectContaining({ ...whom, subscribed: false })]);
		expect(requests[0]?.[1]).not.toHaveProperty('mailingLists');
	});
});
