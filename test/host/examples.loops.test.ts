import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fixture, SECRET } from '../deliveries';
import { Loops } from './loops';
import { N8n } from './n8n';
import type { Workflow } from './n8n';
import { deliver, forgetful } from './trigger';

declare const n8nVersion: string;

jest.setTimeout(120_000);

const FILE = join(__dirname, '..', '..', 'examples', 'F5-loops.json');
const API_KEY = 'loops-test-key';
const LIST = 'cm06f5v0e45nf0ml5754o9cix';

let n8n: N8n;
let loops: Loops;
let workflowId: string;
let url: string;
let executions = 0;

beforeAll(async () => {
	loops = await Loops.start(API_KEY);
	n8n = await (await N8n.start({ version: n8nVersion })).setUp();
	const credential = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	const bearer = await n8n.createCredential('Loops', { token: API_KEY }, 'httpBearerAuth');
	const file = readFileSync(FILE, 'utf8').replace('https://app.loops.so/api/v1', loops.url);
	const workflow = forgetful(JSON.parse(file) as Workflow);
	workflowId = (await n8n.importWorkflow(workflow, credential, { httpBearerAuth: bearer })).id;
});

afterAll(async () => {
	await n8n?.stop();
	await loops?.stop();
});

/** What Loops takes of a delivery, once its workflow has ended. */
async function send(body: object, id: string, status = 'success') {
	const before = loops.taken.length;
	expect((await deliver(url, body, { id })).body).toMatchObject({ outcome: 'accepted' });
	const execution = (await n8n.untilExecutions(workflowId, ++executions)).at(-1);
	expect(execution?.status).toBe(status);
	expect(loops.refused).toEqual([]);
	return loops.taken.slice(before);
}

const created = fixture('edge.order.3_user.created_arrives_last').envelope;

test('F10: runs with its pinned sample, without a Clerk account', async () => {
	const execution = await n8n.runFrom(workflowId, 'Clerk Trigger');
	executions++;
	expect(execution.status).toBe('success');
	expect(loops.refused).toEqual([]);
	expect(loops.taken).toMatchObject([
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
	loops.failWith = [500, 429];
	expect(await send(fixture('edge.order.1_user.updated_newer_arrives_first').envelope, 'msg_again')).toHaveLength(1);
});

test('a contact that is gone already counts as deleted', async () => {
	loops.failWith = [404, 404, 404];
	expect(await send(fixture('edge.user.deleted.minimal').envelope, 'msg_gone')).toEqual([]);
});

test('a refusal that stays stops the workflow in error, with what Loops said', async () => {
	loops.failWith = [500, 500, 500];
	await send(fixture('edge.user.deleted.minimal').envelope, 'msg_refused', 'error');
	const failed = (await n8n.executions(workflowId)).at(-1);
	expect(JSON.stringify(failed?.data.resultData.error)).toContain('Loops did not take the deletion');
	loops.failWith = [500, 500, 500];
	await send(fixture('edge.order.1_user.updated_newer_arrives_first').envelope, 'msg_refused_too', 'error');
});
