import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { fixture } from '../support/deliveries';
import { at, created, deleted, updated } from '../support/clerkEvents';
import { Editor } from '../support/editor';
import { until } from '../support/eventually';
import { outputsOf, TRIGGER_TYPE } from '../support/n8n';
import type { Imported, N8n, Workflow } from '../support/n8n';
import { allServices } from '../support/services/all';
import { withCredentials } from '../support/services/credentials';
import { deliver, forgetful } from '../support/triggerWorkflow';
import { useN8n } from '../support/useN8n';
import { EXAMPLES, inRepository } from '../support/paths';

jest.setTimeout(300_000);

/** n8n 1's public API wants all fields. */
const CLERK_API = { secretKey: 'sk_test_notAKey', advanced: true, apiUrl: 'http://127.0.0.1:9', portalUrl: 'http://127.0.0.1:9' };
const CLERK_TYPE = 'n8n-nodes-clerk-sync.clerk';
const STICKY_NOTE = 'n8n-nodes-base.stickyNote';
const PICTURES = inRepository('docs', 'pictures');
const host = useN8n({ withEditorAndCode: true });
let n8n: N8n;
let credential: { id: string; name: string };
/** Chosen in n8n's own nodes, so that the pictures show them ready; nothing is run with them here. */
const others: Record<string, { id: string; name: string }> = {};

beforeAll(async () => {
	({ n8n, credential } = host);
	const server = { host: 'localhost', port: 5432, database: 'postgres', user: 'postgres', password: 'postgres' };
	const options = { ssl: 'disable', allowUnauthorizedCerts: false, sshTunnel: false };
	const mail = { host: 'localhost', port: 465, secure: true, user: 'mailer', password: 'mailer', hostName: '' };
	others['smtp'] = await n8n.createCredential('SMTP', mail, 'smtp');
	others['postgres'] = await n8n.createCredential('Postgres', { ...server, ...options }, 'postgres');
	others['clerkApi'] = await n8n.createCredential('Clerk API', CLERK_API, 'clerkApi');
	for (const { credentials } of allServices()) {
		for (const [type, data] of Object.entries(credentials)) others[type] ??= await n8n.createCredential(type, data, type);
	}
	others['clerkWebhookApi'] = credential;
});

/** Imports an example with all its credentials chosen. */
async function importReady(file: string): Promise<Imported> {
	const workflow = JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as Workflow;
	return await n8n.import(withCredentials(workflow, others));
}

const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.json'));

describe('F10: every example', () => {
	test.each(files)(
		'%s has sample data pinned to what comes from Clerk, says what to fill in, and holds no credential',
		(file) => {
			const workflow = JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as Workflow;
			const triggers = workflow.nodes.filter(({ type }) => type === TRIGGER_TYPE);
			const pinned = Object.keys(workflow.pinData ?? {});
			expect(workflow.nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(pinned));
			// F23 and F25 have no trigger of ours, and F9 reads by itself: two users, and their number.
			if (file.startsWith('F23')) expect(pinned).toEqual(['Check the Endpoints', 'Get Failed Deliveries']);
			else if (file.startsWith('F25')) expect(pinned).toEqual(['Get Events']);
			else if (file.startsWith('F9')) expect(pinned).toEqual(expect.arrayContaining(['Get Changed Contacts', 'Count Contacts']));
			else expect([triggers.length, workflow.pinData?.[triggers[0]?.name ?? '']?.length]).toEqual([1, 1]);
			expect(workflow.nodes.some(({ type }) => type === STICKY_NOTE)).toBe(true);
			expect(workflow.nodes.filter(({ credentials }) => credentials)).toEqual([]);
			expect(existsSync(join(PICTURES, file.replace('.json', '.png')))).toBe(true);
		},
	);

	test('opens in the editor with every node known, and has its picture taken', async () => {
		const editor = await Editor.open(n8n.url);
		try {
			await editor.signIn();
			for (const file of files) {
				const { id, nodes } = await importReady(file);
				await editor.openWorkflow(id);
				const names = nodes.filter(({ type }) => type !== STICKY_NOTE).map(({ name }) => name);
				await until(async () => isDeepStrictEqual(await editor.nodeNames(), names.toSorted()));
				await editor.showAll();
				expect(await editor.page.getByText('Install this node').count()).toBe(0);
				await editor.picture(file.replace('.json', ''));
			}
		} finally {
			await editor.close();
		}
	});
});

/** n8n's own check before an update to version 3, over every workflow that it holds. */
describe("n8n's breaking-change rules for version 3", () => {
	interface Finding {
		ruleId: string;
		affectedWorkflows: Array<{ name: string; issues: Array<{ nodeName?: string }> }>;
	}

	/** What they find, each finding by its rule, workflow and node. */
	async function findings(): Promise<Set<string>> {
		const { report } = await n8n.rest<{ report: { workflowResults: Finding[] } }>(
			'POST',
			'/rest/breaking-changes/report/refresh?version=v3',
		);
		const found = new Set<string>();
		for (const { ruleId } of report.workflowResults) {
			const { affectedWorkflows } = await n8n.rest<Finding>('GET', `/rest/breaking-changes/report/${ruleId}`);
			for (const { name, issues } of affectedWorkflows)
				for (const { nodeName = '' } of issues) found.add(`${ruleId} > ${name} > ${nodeName}`);
		}
		return found;
	}

	const examples = files.map((file) => JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as Workflow);
	// To n8n's rule, a node whose outputs depend on its parameters has several. The Clerk node has one, unless it reads one page.
	const withOneOutput = examples.flatMap(({ name, nodes }) =>
		nodes
			.filter(({ type, alwaysOutputData, parameters }) => type === CLERK_TYPE && alwaysOutputData && !parameters['onePage'])
			.map((node) => `always-output-data-multi-output-v3 > ${name} > ${node.name}`),
	);
	const removed = 'n8n-nodes-base.function';

	test('find nothing in any example that would change, but do find a node that version 3 no longer has', async () => {
		for (const file of files) await importReady(file);
		const node = {
			id: removed,
			name: removed,
			type: removed,
			typeVersion: 1,
			position: [0, 0] as [number, number],
			parameters: {},
		};
		await n8n.importWorkflow({ name: removed, nodes: [node], connections: {}, settings: {} }, credential);
		expect(await findings()).toEqual(new Set([...withOneOutput, `function-removed-v3 > ${removed} > ${removed}`]));
	});
});

describe('F1: users in a data table', () => {
	const TABLE = 'clerk_contacts';
	let workflowId: string;

	beforeAll(async () => {
		const workflow = JSON.parse(readFileSync(join(EXAMPLES, 'F1-data-table.json'), 'utf8')) as Workflow;
		const imported = await n8n.importWorkflow(forgetful(workflow), credential);
		workflowId = imported.id;
		const setUp = await n8n.runFrom(workflowId, 'Run Once Before the First Use');
		expect(setUp.status).toBe('success');
	});

	test('F10: runs with its pinned sample, without a Clerk account', async () => {
		const execution = await n8n.runFrom(workflowId, 'Clerk Trigger');
		expect(execution.status).toBe('success');
		expect(outputsOf(execution, 'Store Contact')).toEqual([[expect.objectContaining({ email: 'ada@example.com' })]]);
		expect(await n8n.rowsOf(TABLE)).toEqual([
			expect.objectContaining({
				userId: 'user_2x8VbKnzQ5sample000000001',
				name: 'Ada Lovelace',
				clerkUpdatedAt: '2026-01-05T09:30:02.000Z',
			}),
		]);
	});

	test('B2: keeps one row for each user, and an older change that arrives late overwrites nothing', async () => {
		const url = await n8n.activate(workflowId);
		// Manual runs count among the workflow's executions.
		let executions = (await n8n.executions(workflowId)).length;
		const send = async (body: object) => {
			expect((await deliver(url, body)).body).toMatchObject({ outcome: 'accepted' });
			const done = (await n8n.untilExecutions(workflowId, ++executions)).at(-1);
			expect(done?.status).toBe('success');
		};
		const row = async () => (await n8n.rowsOf(TABLE)).filter(({ userId }) => userId === 'user_2vREDACTED0000000000000001');

		await send(fixture('edge.order.1_user.updated_newer_arrives_first').envelope);
		expect(await row()).toEqual([expect.objectContaining({ firstName: 'New', email: 'person@example.com' })]);
		await send(fixture('edge.order.2_user.updated_older_arrives_second').envelope);
		await send(fixture('edge.order.3_user.created_arrives_last').envelope);
		expect(await row()).toEqual([expect.objectContaining({ firstName: 'New' })]);

		const changed = fixture('edge.order.1_user.updated_newer_arrives_first').envelope;
		await send({ ...changed, data: { ...changed.data, first_name: 'Newest', updated_at: 1_744_276_500_000 } });
		expect(await row()).toEqual([expect.objectContaining({ firstName: 'Newest', clerkUpdatedAt: '2025-04-10T09:15:00.000Z' })]);

		await send(fixture('edge.user.deleted.minimal').envelope);
		expect(await row()).toEqual([]);
		expect(await n8n.rowsOf(TABLE)).toHaveLength(1);
	});

	test('F1, E5, B15: a change, its late sign-up, the end of the address, the deletion', async () => {
		await n8n.deactivate(workflowId);
		const workflow = JSON.parse(readFileSync(join(EXAMPLES, 'F1-data-table.json'), 'utf8')) as Workflow;
		for (const { parameters } of workflow.nodes.filter(({ type }) => type === TRIGGER_TYPE)) {
			parameters['options'] = { ...(parameters['options'] as object), leaveOutTestUsers: true };
		}
		const { id } = await n8n.importWorkflow(workflow, credential);
		const url = await n8n.activate(id);
		let executions = 0;
		/** @returns the user's rows, once the delivery has been worked off */
		const after = async (body: object, userId = 'user_1') => {
			expect((await deliver(url, body)).body).toMatchObject({ outcome: 'accepted' });
			expect((await n8n.untilExecutions(id, ++executions)).at(-1)?.status).toBe('success');
			return (await n8n.rowsOf(TABLE)).filter((row) => row['userId'] === userId);
		};
		const google = { external_accounts: [{ provider: 'oauth_google', created_at: at(0) }] };
		const rows = await after(updated(5, { email: 'janet@example.com', firstName: 'Janet', ...google }));
		expect(rows).toEqual([expect.objectContaining({ email: 'janet@example.com', name: 'Janet Doe', signUpMethod: 'google' })]);
		expect(await after(created())).toEqual(rows);
		const [withoutAddress, ...more] = await after(updated(600, { email: null, firstName: 'Janet' }));
		expect(more).toEqual([]);
		expect(withoutAddress).toMatchObject({ email: null, emailVerified: null, name: 'Janet Doe', signUpMethod: 'google' });
		expect(await after(deleted(900))).toEqual([]);

		// A late sign-up whose newer state did not come into the table.
		const testUser = updated(5, { id: 'user_2', email: 'jane+clerk_test@example.com' });
		expect((await deliver(url, testUser)).body).toMatchObject({ outcome: 'ignored' });
		const signedUpAt = new Date(at(0)).toISOString();
		expect(await after(created({ id: 'user_2' }), 'user_2')).toEqual([
			expect.objectContaining({ email: null, clerkCreatedAt: signedUpAt, clerkUpdatedAt: signedUpAt }),
		]);
		expect(await after(updated(6, { id: 'user_2' }), 'user_2')).toEqual([expect.objectContaining({ email: 'jane@example.com' })]);
	});
});
