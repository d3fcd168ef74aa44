import { randomUUID } from 'node:crypto';

import { operations } from '../../nodes/Clerk/operations/catalogue';
import { ClerkCloud, faults } from '../support/clerk/cloud';
import { Editor } from '../support/editor';
import { N8n, outputsOf } from '../support/n8n';
import type { Execution, Imported, Workflow } from '../support/n8n';
import { createClerkApi } from '../support/registeredTrigger';
import type { Credential } from '../support/registeredTrigger';

declare const n8nVersion: string;

jest.setTimeout(300_000);

const START = 'Start';
let clerk: ClerkCloud;
let n8n: N8n;
let credential: Credential;

beforeAll(async () => {
	clerk = await ClerkCloud.start();
	clerk.people.fill(20);
	clerk.people.fillOrganizations(2);
	n8n = await (await N8n.start({ version: n8nVersion, withEditorAndCode: true })).setUp();
	credential = await createClerkApi(n8n, clerk);
});

afterAll(async () => {
	await n8n?.stop();
	await clerk?.stop();
});

interface Step {
	name: string;
	parameters: Record<string, unknown>;
	credential?: Credential;
	onError?: string;
	executeOnce?: boolean;
}

/** Runs Clerk nodes one after the other. */
async function run(steps: readonly Step[], items: Array<Record<string, unknown>> = [{}]): Promise<Execution> {
	const names = [START, ...steps.map(({ name }) => name)];
	const workflow: Workflow = {
		name: `Operations ${randomUUID().slice(0, 8)}`,
		nodes: [
			{ id: randomUUID(), name: START, type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
			...steps.map(({ name, parameters, credential: used, ...settings }, place) => ({
				id: randomUUID(),
				name,
				type: 'n8n-nodes-clerk-sync.clerk',
				typeVersion: 1,
				position: [(place + 1) * 220, 0] as [number, number],
				parameters,
				credentials: { clerkApi: used ?? credential },
				...settings,
			})),
		],
		connections: Object.fromEntries(
			names.slice(1).map((name, place) => [names[place], { main: [[{ node: name, type: 'main', index: 0 }]] }]),
		),
		pinData: { [START]: items.map((json) => ({ json })) },
		settings: { executionOrder: 'v1' },
	};
	const { id } = await n8n.rest<Imported>('POST', '/rest/workflows', workflow);
	return await n8n.runFrom(id, START);
}

const errorOf = ({ data }: Execution) => (data.resultData.error as { message?: string } | undefined)?.message;
const byId = (value: string) => ({ __rl: true, mode: 'id', value });
const from = (name: string, field: string) => `={{ $('${name}').first().json.${field} }}`;

describe('D9: the way back', () => {
	/** An operation, its fields and its output. */
	type Row = [resource: string, operation: string, fields: Record<string, unknown>, expected: object];
	const user = byId(from('user.create', 'userId'));
	const organization = byId(from('organization.create', 'organizationId'));
	const rows: Row[] = [
		[
			'user',
			'create',
			{ emailAddresses: 'nathan@example.com', additionalFields: { firstName: 'Nathan' } },
			{ email: 'nathan@example.com' },
		],
		['user', 'get', { user: { __rl: true, mode: 'email', value: 'nathan@example.com' } }, { firstName: 'Nathan' }],
		['user', 'setExternalId', { user, externalId: '-customer-17' }, { externalId: '-customer-17' }],
		[
			'user',
			'upsert',
			{
				matchBy: 'external_id',
				matchValue: '-customer-17',
				additionalFields: { lastName: 'Hale', publicMetadata: '{"plan":"free"}' },
			},
			{ lastName: 'Hale', publicMetadata: { plan: 'free' }, created: false },
		],
		['user', 'update', { user, updateFields: { firstName: '', username: 'nathan' } }, { firstName: null, username: 'nathan' }],
		[
			'user',
			'updateMetadata',
			{ user, publicMetadata: '{"plan":null,"seats":3}', privateMetadata: '{"note":"CANARY"}' },
			{ publicMetadata: { seats: 3 } },
		],
		['user', 'ban', { user }, { banned: true }],
		['user', 'unban', { user }, { banned: false }],
		['user', 'lock', { user }, { locked: true }],
		['user', 'unlock', { user }, { locked: false }],
		['user', 'disableMfa', { user }, { success: true }],
		['user', 'removePassword', { user }, { externalId: '-customer-17' }],
		['user', 'getSubscription', { user: byId('={{ $("Start").first().json.userId }}') }, { plan: 'pro', trialEndsAt: null }],
		['session', 'getAll', { user: byId('={{ $("Start").first().json.userId }}') }, { status: 'active' }],
		['session', 'revoke', { session: '={{ $("Start").first().json.sessionId }}' }, { status: 'revoked' }],
		['organization', 'create', { name: 'Acme', additionalFields: { slug: 'acme' } }, { name: 'Acme', slug: 'acme' }],
		['organization', 'get', { organization: { __rl: true, mode: 'slug', value: 'acme' } }, { name: 'Acme' }],
		['organization', 'update', { organization, updateFields: { name: 'Acme Inc' } }, { name: 'Acme Inc' }],
		['organization', 'updateMetadata', { organization, publicMetadata: '{"plan":"pro"}' }, { publicMetadata: { plan: 'pro' } }],
		['membership', 'create', { organization, user, role: byId('org:member') }, { role: 'org:member', slug: 'acme' }],
		['membership', 'update', { organization, user, role: byId('org:admin') }, { role: 'org:admin' }],
		['membership', 'updateMetadata', { organization, user, publicMetadata: '{"team":1}' }, { publicMetadata: { team: 1 } }],
		['membership', 'delete', { organization, user }, { deleted: true }],
		[
			'organizationInvitation',
			'create',
			{ organization, emailAddress: 'new@example.com', role: byId('org:member') },
			{ status: 'pending' },
		],
		['organizationInvitation', 'getAll', { organization }, { email: 'new@example.com' }],
		[
			'organizationInvitation',
			'revoke',
			{ organization, organizationInvitation: { __rl: true, mode: 'email', value: 'new@example.com' } },
			{ status: 'revoked' },
		],
		[
			'organization',
			'getSubscription',
			{ organization: byId('={{ $("Start").first().json.organizationId }}') },
			{ plan: 'pro', subscriptionStatus: 'active', trialEndsAt: expect.stringMatching(/Z$/) },
		],
		['organization', 'delete', { organization }, { deleted: true }],
		[
			'invitation',
			'create',
			{ emailAddress: 'new@example.com', options: { includeLink: true } },
			{ link: expect.stringContaining('ticket') },
		],
		['invitation', 'createMany', { emailAddresses: 'a@example.com, b@example.com' }, { email: 'a@example.com' }],
		['invitation', 'getAll', { filters: { query: 'new@' } }, { email: 'new@example.com' }],
		['invitation', 'revoke', { invitation: byId(from('invitation.create', 'invitationId')) }, { status: 'revoked' }],
		['waitlistEntry', 'create', { emailAddress: 'hopeful@example.com' }, { status: 'pending' }],
		['waitlistEntry', 'createMany', { emailAddresses: 'one@example.com, two@example.com' }, { email: 'one@example.com' }],
		[
			'waitlistEntry',
			'invite',
			{ waitlistEntry: { __rl: true, mode: 'email', value: 'hopeful@example.com' } },
			{ status: 'invited' },
		],
		[
			'waitlistEntry',
			'reject',
			{ waitlistEntry: byId(from('waitlistEntry.createMany', 'waitlistEntryId')) },
			{ status: 'rejected' },
		],
		['waitlistEntry', 'delete', { waitlistEntry: byId(from('waitlistEntry.create', 'waitlistEntryId')) }, { deleted: true }],
		['allowlist', 'create', { identifier: '*@example.com' }, { identifier: '*@example.com' }],
		['allowlist', 'getAll', {}, { identifier: '*@example.com' }],
		['allowlist', 'delete', { allowlistIdentifier: byId(from('allowlist.create', 'identifierId')) }, { deleted: true }],
		['blocklist', 'create', { identifier: 'spam@example.com' }, { identifier: 'spam@example.com' }],
		['blocklist', 'getAll', {}, { identifier: 'spam@example.com' }],
		['blocklist', 'delete', { blocklistIdentifier: byId(from('blocklist.create', 'identifierId')) }, { deleted: true }],
		['user', 'delete', { user }, { deleted: true }],
	];

	test('every operation, once, one after the other; what Clerk has afterwards', async () => {
		const names = rows.map(([resource, operation]) => `${resource}.${operation}`);
		expect([...names].sort()).toEqual(operations.map(({ resource, operation }) => `${resource}.${operation}`).sort());
		const { id } = clerk.people.at(3);
		const session = clerk.backend.written.signIn(id);
		clerk.backend.written.subscribe(id);
		clerk.backend.written.subscribe('org_that_pays', { isTrial: true });
		const steps = rows.map(([resource, operation, fields], place) => ({
			name: names[place] ?? '',
			parameters: { resource, operation, ...fields },
		}));
		// One item goes in everywhere: a list would have the next node run for each of its items.
		const execution = await run(
			steps.map((step) => ({ ...step, executeOnce: true })),
			[{ userId: id, sessionId: session.id, organizationId: 'org_that_pays' }],
		);
		expect([execution.status, errorOf(execution)]).toEqual(['success', undefined]);
		for (const [place, [, , , expected]] of rows.entries()) {
			const name = names[place] ?? '';
			expect([name, outputsOf(execution, name)[0]?.[0]]).toEqual([name, expect.objectContaining(expected)]);
		}
		expect([clerk.refused, clerk.ignored]).toEqual([[], []]);
		expect(clerk.people.size).toBe(20);
		expect(clerk.backend.written.invitations.map(({ status }) => status)).toEqual(['revoked', 'pending', 'pending', 'pending']);
	});

	test('100 on the waitlist are invited in one run while Clerk counts calls, each once', async () => {
		const hopeful = Array.from({ length: 100 }, (_, n) => ({ email: `many.${n}@example.com` }));
		const added = await run([
			{
				name: 'Add',
				parameters: {
					resource: 'waitlistEntry',
					operation: 'createMany',
					emailAddresses: `={{ ${JSON.stringify(hopeful.map(({ email }) => email))} }}`,
				},
			},
			{
				name: 'Invite',
				parameters: { resource: 'waitlistEntry', operation: 'invite', waitlistEntry: byId('={{ $json.waitlistEntryId }}') },
			},
		]);
		expect([added.status, errorOf(added)]).toEqual(['success', undefined]);
		expect(outputsOf(added, 'Invite')[0]?.map((json) => json['status'])).toEqual(Array(100).fill('invited'));
		expect(clerk.people.waitlist.filter(({ status }) => status === 'invited')).toHaveLength(100);
	});
});

describe('what goes wrong', () => {
	const invite = (emailAddress: string): Step => ({
		name: 'Invite',
		parameters: { resource: 'invitation', operation: 'create', emailAddress },
	});

	test('429: it waits and goes on', async () => {
		clerk.fail('CreateInvitation', faults.rateLimited(1), 2);
		expect((await run([invite('limited@example.com')])).status).toBe('success');
	});

	test.each([
		['the answer is lost after Clerk did it', faults.afterwards(faults.reset())],
		['Clerk fails before it does it', faults.serverError()],
	])('%s: one invitation', async (what, fault) => {
		const email = `${what.replace(/\W/g, '.')}@example.com`;
		clerk.fail('CreateInvitation', fault);
		const execution = await run([invite(email)]);
		expect([execution.status, errorOf(execution)]).toEqual(['success', undefined]);
		expect(clerk.backend.written.invitations.filter((one) => one.email_address === email)).toHaveLength(1);
	});

	test('what Clerk refuses is reported with its code and trace; with Continue it is an item', async () => {
		const again = { ...invite('limited@example.com'), onError: 'continueRegularOutput' };
		const message = expect.stringMatching(
			/^Could not create an invitation: Clerk answered 400 duplicate_record: There is already .* \(trace \w+\)\. Look at the fields of this node\.$/,
		) as string;
		expect(errorOf(await run([invite('limited@example.com')]))).toEqual(message);
		expect(outputsOf(await run([again]), 'Invite')[0]).toEqual([{ error: message }]);
	});

	test('two keys: each reaches its own instance, and an ID of the other one is not found', async () => {
		const production = await ClerkCloud.start({ environment: 'production' });
		try {
			production.people.fill(1, { seed: 2 });
			const used = await createClerkApi(n8n, production);
			const [here, there] = [clerk.people.at(1).id, production.people.at(0).id];
			const ban = (name: string, id: string, of?: Credential): Step => ({
				name,
				parameters: { resource: 'user', operation: 'ban', user: byId(id) },
				...(of ? { credential: of } : {}),
			});
			expect((await run([ban('Here', here), ban('There', there, used)])).status).toBe('success');
			expect([clerk.people.get(here)?.banned, production.people.get(there)?.banned]).toEqual([true, true]);
			expect(errorOf(await run([ban('Wrong', here, used)]))).toMatch(
				/404 .*whether the secret key belongs to the same Clerk instance\.$/,
			);
		} finally {
			await production.stop();
		}
	});
});

test('the lists of the editor offer what is there, and search', async () => {
	const list = async (kind: string, filter?: string, parameters: Record<string, unknown> = {}) =>
		await n8n.rest<{ results: Array<{ name: string; value: string }>; paginationToken?: string }>(
			'POST',
			'/rest/dynamic-node-parameters/resource-locator-results',
			{
				path: `parameters.${kind}`,
				methodName: `search${kind.replace(/^./, (first) => first.toUpperCase())}`,
				nodeTypeAndVersion: { name: 'n8n-nodes-clerk-sync.clerk', version: 1 },
				currentNodeParameters: { resource: 'membership', operation: 'create', ...parameters },
				credentials: { clerkApi: credential },
				...(filter === undefined ? {} : { filter }),
			},
		);
	const { results } = await list('user');
	expect(results).toHaveLength(20);
	const found = clerk.people.at(4).email_addresses[0]?.email_address ?? clerk.people.at(4).id;
	expect((await list('user', found)).results.map(({ value }) => value)).toEqual([clerk.people.at(4).id]);
	expect((await list('role')).results.map(({ value }) => value).sort()).toEqual(['org:admin', 'org:member']);
	expect((await list('organization')).results).toHaveLength(2);
	const organization = byId(clerk.people.organizations[0]?.id ?? '');
	expect((await list('organizationInvitation', undefined, { organization })).results).toEqual([]);
});

test('in the editor: the fields of an operation, its list of users, and the warning of a tool', async () => {
	const { id: user } = clerk.people.at(4);
	const parameters = {
		resource: 'user',
		operation: 'updateMetadata',
		user: { __rl: true, mode: 'list', value: user },
		publicMetadata: '{ "plan": "pro" }',
	};
	const { id } = await n8n.rest<Imported>('POST', '/rest/workflows', {
		name: 'Write back',
		nodes: [
			{
				id: randomUUID(),
				name: 'Clerk',
				type: 'n8n-nodes-clerk-sync.clerk',
				typeVersion: 1,
				position: [0, 0],
				parameters,
				credentials: { clerkApi: credential },
			},
			{
				id: randomUUID(),
				name: 'Delete a User',
				type: 'n8n-nodes-clerk-sync.clerkTool',
				typeVersion: 1,
				position: [0, 300],
				parameters: { resource: 'user', operation: 'delete' },
				credentials: { clerkApi: credential },
			},
		],
		connections: {},
		settings: { executionOrder: 'v1' },
	});
	const editor = await Editor.open(n8n.url);
	try {
		await editor.signIn();
		await editor.openWorkflow(id);
		await editor.openNode('Clerk');
		const { page } = editor;
		for (const text of ['User', 'Public Metadata', 'Private Metadata', 'Unsafe Metadata', 'Simplify']) {
			await page.getByText(text, { exact: true }).first().waitFor();
		}
		await editor.picture('operations-metadata');
		await editor.closeNode();
		await editor.openNode('Delete a User');
		await page.getByText('This cannot be undone, and the AI agent decides').waitFor();
		await editor.picture('operations-tool');
	} finally {
		await editor.close();
	}
});

test('E4: no run holds the secret key, private metadata that was not asked for, or the link of an invitation', async () => {
	const { data } = await n8n.api<{ data: Execution[] }>('GET', '/executions?includeData=true&limit=100');
	// What was typed into the node stands in the workflow that a run keeps, so only what came out is looked at.
	const out = JSON.stringify(data.map((execution) => execution.data.resultData)) + n8n.log;
	expect(out).toContain('-customer-17');
	for (const secret of [clerk.secretKey, 'CANARY', 'private_metadata']) expect(out).not.toContain(secret);
});
