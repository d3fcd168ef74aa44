import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fixture } from '../support/deliveries';
import type { ClerkBody } from '../support/deliveries';
import { eventually } from '../support/eventually';
import { at, created, deleted, mappings, membership as joined, organization, updated } from '../support/clerkEvents';
import { outputsOf, TRIGGER_TYPE } from '../support/n8n';
import type { N8n, Workflow } from '../support/n8n';
import { endWaits } from '../support/n8nContents';
import { forThisFile } from '../support/forThisFile';
import { Postgres } from '../support/postgres';
import type { Database } from '../support/postgres';
import { deliver, forgetful } from '../support/triggerWorkflow';
import { useN8n } from '../support/useN8n';
import { EXAMPLES } from '../support/paths';

jest.setTimeout(180_000);

const SAMPLE_USER = 'user_2x8VbKnzQ5sample000000001';

const host = useN8n();
const postgres = forThisFile(async () => await Postgres.start());
let n8n: N8n;
let credential: { id: string; name: string };

beforeAll(() => ({ n8n, credential } = host));

function asItIs(file: string): Workflow {
	return JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as Workflow;
}

function read(file: string): Workflow {
	return forgetful(asItIs(file));
}

/** With other parameters and options of its trigger. */
function withTrigger(workflow: Workflow, parameters: Record<string, unknown>, options: Record<string, unknown> = {}): Workflow {
	for (const node of workflow.nodes.filter(({ type }) => type === TRIGGER_TYPE)) {
		Object.assign(node.parameters, parameters, { options: { ...(node.parameters['options'] as object), ...options } });
	}
	return workflow;
}

/** An example as a builder sets it up: imported, its credentials chosen, and its tables created by its own lower part. */
class Example {
	private finished = 0;
	private url = '';

	private constructor(
		readonly workflowId: string,
		readonly database: Database,
	) {}

	static async setUp(workflow: Workflow, database: Database): Promise<Example> {
		const chosen = await n8n.createCredential(`Postgres ${database.credential.database}`, database.credential, 'postgres');
		const { id } = await n8n.importWorkflow(workflow, credential, { postgres: chosen });
		const example = new Example(id, database);
		await example.run('Run Once Before the First Use', 'success');
		return example;
	}

	/** Runs it from one of its triggers by hand. */
	async run(trigger: string, status: string) {
		const execution = await n8n.runFrom(this.workflowId, trigger);
		expect(execution).toMatchObject({ status });
		this.finished++;
		return execution;
	}

	async publish(): Promise<void> {
		this.url = await n8n.activate(this.workflowId);
	}

	/** Two workflows from one file have one address between them. */
	async unpublish(): Promise<void> {
		await n8n.deactivate(this.workflowId);
	}

	/** Delivers without waiting for what comes of it. */
	async deliver(body: object): Promise<void> {
		expect(await deliver(this.url, body)).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
		this.finished++;
	}

	/** Waits until everything that was delivered has been worked off. */
	async settled() {
		const executions = await n8n.untilExecutions(this.workflowId, this.finished);
		expect(executions.filter(({ status }) => status !== 'success')).toEqual([]);
		expect(executions).toHaveLength(this.finished);
		return executions;
	}

	/** Delivers one after the other, each when the one before has been worked off. */
	async send(...bodies: object[]) {
		for (const body of bodies) {
			await this.deliver(body);
			await n8n.untilEnded(this.workflowId, this.finished);
		}
		return (await this.settled()).at(-1);
	}

	/** Waits until a query gives these rows. */
	async until(sql: string, values: unknown[], expected: unknown[], milliseconds = 30_000): Promise<void> {
		await eventually(async () => expect(await this.database.query(sql, values)).toEqual(expected), { within: milliseconds });
	}
}

/** An envelope with other values in its `data`. */
function changed(envelope: ClerkBody, data: Record<string, unknown>): ClerkBody {
	return { ...envelope, data: { ...envelope.data, ...data } };
}

function user(change: 'created' | 'updated', data: Record<string, unknown>): ClerkBody {
	const envelope = changed(fixture('edge.order.1_user.updated_newer_arrives_first').envelope, data);
	return { ...envelope, type: `user.${change}` };
}

function deletedUser(id: string): ClerkBody {
	return changed(fixture('edge.user.deleted.minimal').envelope, { id });
}

function emailAddress(address: string) {
	const verification = { status: 'verified', strategy: 'email_code' };
	return { email_addresses: [{ id: 'idn_1', email_address: address, verification }], primary_email_address_id: 'idn_1' };
}

describe('F2: users in Postgres', () => {
	const USER = 'user_2vREDACTED0000000000000001';
	const newer = fixture('edge.order.1_user.updated_newer_arrives_first').envelope;
	const older = fixture('edge.order.2_user.updated_older_arrives_second').envelope;
	const oldest = fixture('edge.order.3_user.created_arrives_last').envelope;
	let example: Example;

	beforeAll(async () => {
		example = await Example.setUp(read('F2-postgres.json'), await postgres().createDatabase('f2'));
	});

	async function contact(userId = USER) {
		const rows = await example.database.query('SELECT * FROM contacts WHERE user_id = $1', [userId]);
		expect(rows.length).toBeLessThanOrEqual(1);
		return rows[0];
	}

	test('F10: the table is created by the workflow itself, again without harm, and the pinned sample is stored', async () => {
		await example.run('Run Once Before the First Use', 'success');
		const execution = await example.run('Clerk Trigger', 'success');
		expect(outputsOf(execution, 'Store Contact')).toEqual([
			[{ user_id: SAMPLE_USER, email: 'ada@example.com', name: 'Ada Lovelace', updated_at: '2026-01-05T09:30:02.000Z' }],
		]);
		expect(await contact(SAMPLE_USER)).toEqual({
			user_id: SAMPLE_USER,
			external_id: null,
			email: 'ada@example.com',
			email_verified: true,
			first_name: 'Ada',
			last_name: 'Lovelace',
			name: 'Ada Lovelace',
			username: null,
			phone: null,
			avatar_url: 'https://img.clerk.com/sample',
			locale: 'en-GB',
			sign_up_method: 'email_code',
			banned: false,
			test_user: false,
			source: 'Clerk webhook',
			instance_id: 'ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S',
			user_group: null,
			created_at: new Date('2026-01-05T09:30:00.000Z'),
			updated_at: new Date('2026-01-05T09:30:02.000Z'),
			deleted_at: null,
		});
		await example.publish();
	});

	test('F2, E2: of three changes in the wrong order the newest stays', async () => {
		await example.send(newer);
		expect(await contact()).toMatchObject({ first_name: 'New', email: 'person@example.com' });
		const late = await example.send(older);
		expect(outputsOf(late, 'Store Contact')).toEqual([[{ success: true }]]);
		await example.send(oldest);
		expect(await contact()).toMatchObject({ first_name: 'New', updated_at: new Date('2025-04-10T09:13:20.000Z') });
	});

	test('F2: a newer change overwrites the row, also with nothing', async () => {
		await example.send(changed(newer, { first_name: 'Newest', last_name: 'Name', updated_at: 1_744_276_500_000 }));
		expect(await contact()).toMatchObject({ first_name: 'Newest', name: 'Newest Name' });
		await example.send(changed(newer, { first_name: null, last_name: 'Name', updated_at: 1_744_276_500_001 }));
		expect(await contact()).toMatchObject({ first_name: null, name: 'Name' });
	});

	test('F2, E2: of twenty changes that arrive at once, in any order, the newest stays', async () => {
		const id = 'user_at_once';
		// 7 and 20 have no common divisor, so each number comes once.
		const order = Array.from({ length: 20 }, (_, index) => (index * 7 + 13) % 20);
		await Promise.all(
			order.map(async (step) => {
				const change = { id, first_name: `Step ${step}`, updated_at: 1_744_276_400_000 + step };
				await example.deliver(user('updated', change));
			}),
		);
		await example.settled();
		expect(await contact(id)).toMatchObject({ first_name: 'Step 19' });
	});

	test('F2: text that looks like SQL, like a parameter or like an expression is stored as it is', async () => {
		const name = "O'Neill\\', $1, {{ 1 + 1 }}, ${2}); DROP TABLE contacts; --";
		await example.send(user('created', { id: 'user_strange', first_name: name, username: 'null' }));
		expect(await contact('user_strange')).toMatchObject({ first_name: name, username: 'null', last_name: null });
	});

	test('F2: a user without an email address is kept as well', async () => {
		await example.send(changed(fixture('edge.user.created.phone_only').envelope, { id: 'user_phone_only' }));
		expect(await contact('user_phone_only')).toMatchObject({ email: null, phone: '+15555550100' });
	});

	test('F2, E2: a deleted user leaves a tombstone without personal data, and a late change from before does not bring it back', async () => {
		await example.send(deletedUser(USER));
		const tombstone = {
			...Object.fromEntries(Object.keys((await contact()) ?? {}).map((column) => [column, null])),
			user_id: USER,
			source: 'Clerk webhook',
			instance_id: 'ins_2vREDACTED0000000000000000',
			updated_at: expect.any(Date),
			deleted_at: expect.any(Date),
		};
		expect(await contact()).toEqual(tombstone);
		const before = await contact();
		await example.send(changed(newer, { first_name: 'Late', updated_at: 1_744_276_600_000 }));
		expect(await contact()).toEqual(before);
		// The deletion again, as Clerk repeats it.
		await example.send(deletedUser(USER));
		expect(await contact()).toMatchObject({ ...tombstone, deleted_at: before?.['deleted_at'] });
	});

	test('F2: a sign-up that arrives after its deletion stays deleted', async () => {
		const id = 'user_deleted_first';
		await example.send(deletedUser(id), user('created', { id }));
		expect(await contact(id)).toMatchObject({ email: null, first_name: null, deleted_at: expect.any(Date) });
	});

	test('F2: only something newer than the deletion brings a user back', async () => {
		await example.send(changed(newer, { first_name: 'Back', updated_at: Date.now() + 60_000 }));
		expect(await contact()).toMatchObject({ first_name: 'Back', email: 'person@example.com', deleted_at: null });
	});

	describe('what a partial contact may do', () => {
		const signUps = mappings({ events: ['user.created'], userGroup: 'Sign-ups' });
		const google = { external_accounts: [{ provider: 'oauth_google', created_at: at(0) }] };

		beforeAll(async () => {
			await example.unpublish();
			example = await Example.setUp(
				withTrigger(asItIs('F2-postgres.json'), signUps),
				await postgres().createDatabase('f2_story'),
			);
			await example.publish();
		});

		test('F2, E5, B15: a change, its late sign-up, the end of the address, the deletion', async () => {
			const janet = { email: 'janet@example.com', firstName: 'Janet', ...google };
			await example.send(updated(5, janet));
			const row = await contact('user_1');
			expect(row).toMatchObject({ email: 'janet@example.com', name: 'Janet Doe', sign_up_method: 'google', user_group: null });

			await example.send(created());
			expect(await contact('user_1')).toEqual({ ...row, user_group: 'Sign-ups' });

			await example.send(updated(600, { ...janet, email: null, external_accounts: [] }));
			expect(await contact('user_1')).toEqual({
				...row,
				user_group: 'Sign-ups',
				email: null,
				email_verified: null,
				updated_at: new Date(at(600)),
			});

			await example.send(deleted(900));
			expect(await contact('user_1')).toMatchObject({ name: null, user_group: null, deleted_at: expect.any(Date) });
		});

		test('F2, E5: a late sign-up whose newer state never reached the table is stored as far as it is known', async () => {
			await example.send(updated(5, { id: 'user_2' }));
			await example.database.query('DELETE FROM contacts');
			await example.send(created({ id: 'user_2' }));
			const signedUp = new Date(at(0));
			expect(await contact('user_2')).toMatchObject({
				email: null,
				user_group: 'Sign-ups',
				created_at: signedUp,
				updated_at: signedUp,
			});
			await example.send(updated(6, { id: 'user_2' }));
			expect(await contact('user_2')).toMatchObject({ email: 'jane@example.com', user_group: 'Sign-ups' });
		});

		test('F2, B5: with "Deleted Users: Unsubscribe" a deletion changes no row and makes none', async () => {
			await example.unpublish();
			const workflow = withTrigger(asItIs('F2-postgres.json'), {}, { deletedUsers: 'unsubscribe' });
			example = await Example.setUp(workflow, example.database);
			await example.publish();
			const before = await example.database.query('SELECT * FROM contacts');
			await example.send(deleted(900, 'user_2'), deleted(900, 'user_unknown'));
			expect(await example.database.query('SELECT * FROM contacts')).toEqual(before);
		});
	});
});

describe('F7: organizations and members in Postgres', () => {
	const ORGANIZATION = 'org_2g7np7Hrk0SN6kj5EDMLDaKNL0S';
	const MEMBER = 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU';
	let example: Example;

	/** So many minutes into the story of these tests, in milliseconds. */
	const minute = (minutes: number) => Date.UTC(2026, 0, 5, 9, minutes);

	/** Clerk's own example, as it happened at this minute: changed then, and sent a moment later. */
	function happened(event: string, at: number, data: Record<string, unknown> = {}): ClerkBody {
		const envelope = changed(fixture(`openapi.${event}`).envelope, data);
		const unchanged = event.endsWith('.deleted') ? {} : { updated_at: minute(at) };
		return { ...changed(envelope, unchanged), timestamp: minute(at) + 20 };
	}

	/** A membership; its deletion carries the times of before, as Clerk sends it. */
	function membership(change: 'created' | 'updated' | 'deleted', at: number, role: string, member = MEMBER): ClerkBody {
		const envelope = happened(`organizationMembership.${change}`, at, { role });
		return changed(envelope, { public_user_data: { ...(envelope.data['public_user_data'] as object), user_id: member } });
	}

	const organizations = async () =>
		await example.database.query('SELECT * FROM organizations WHERE organization_id = $1', [ORGANIZATION]);
	const members = async () =>
		await example.database.query('SELECT user_id, role FROM memberships WHERE organization_id = $1 ORDER BY user_id', [
			ORGANIZATION,
		]);

	beforeAll(async () => {
		example = await Example.setUp(read('F7-tenants.json'), await postgres().createDatabase('f7'));
	});

	test('F10: the tables are created by the workflow itself, again without harm, and the pinned sample is stored', async () => {
		await example.run('Run Once Before the First Use', 'success');
		const execution = await example.run('Clerk Trigger', 'success');
		const row = { organization_id: 'org_2x8VbKnzQ5sample000000002', user_id: SAMPLE_USER, role: 'org:member' };
		expect(outputsOf(execution, 'Store Member')).toEqual([[{ ...row, updated_at: '2026-01-05T09:45:00.000Z' }]]);
		expect(await example.database.query('SELECT organization_id, user_id, role FROM memberships')).toEqual([row]);
		await example.publish();
	});

	test('F7, C5, E2: an organization is stored, and an older change that arrives late overwrites nothing', async () => {
		await example.send(happened('organization.created', 1));
		expect(await organizations()).toEqual([
			{
				organization_id: ORGANIZATION,
				name: 'Acme Corp',
				slug: 'acme-corp',
				image_url: 'https://img.clerk.com/xxxxxx',
				members_count: 1,
				created_at: new Date('2024-05-28T08:00:00.000Z'),
				updated_at: new Date(minute(1)),
			},
		]);
		await example.send(
			happened('organization.updated', 3, { name: 'Acme Newest' }),
			happened('organization.updated', 2, { name: 'Acme Older' }),
			happened('organization.created', 1),
		);
		expect(await organizations()).toEqual([expect.objectContaining({ name: 'Acme Newest', updated_at: new Date(minute(3)) })]);
	});

	test('F7, C6, E2: a member joins and changes role, in the wrong order', async () => {
		await example.send(membership('created', 4, 'org:member'));
		expect(await members()).toEqual([{ user_id: MEMBER, role: 'org:member' }]);
		await example.send(
			membership('updated', 6, 'org:admin'),
			membership('updated', 5, 'org:billing'),
			membership('created', 4, 'org:member'),
		);
		expect(await members()).toEqual([{ user_id: MEMBER, role: 'org:admin' }]);
	});

	test('F7, C6: leaving removes the row, and neither the join again nor a late change of role brings it back', async () => {
		const last = await example.send(membership('deleted', 7, 'org:admin'));
		expect(outputsOf(last, 'Remove Member')).toEqual([[{ organization_id: ORGANIZATION, user_id: MEMBER, role: 'org:admin' }]]);
		expect(await members()).toEqual([]);
		await example.send(membership('created', 4, 'org:member'), membership('updated', 6, 'org:admin'));
		expect(await members()).toEqual([]);
	});

	test('F7: who joins again is a member again, also when the leaving of before is sent again', async () => {
		await example.send(membership('created', 8, 'org:member'));
		expect(await members()).toEqual([{ user_id: MEMBER, role: 'org:member' }]);
		await example.send(membership('deleted', 7, 'org:admin'), membership('updated', 6, 'org:admin'));
		expect(await members()).toEqual([{ user_id: MEMBER, role: 'org:member' }]);
	});

	test('F7: a leaving that arrives before its join wins', async () => {
		await example.send(membership('deleted', 10, 'org:member', 'user_left_first'));
		await example.send(membership('created', 9, 'org:member', 'user_left_first'));
		expect(await members()).toEqual([{ user_id: MEMBER, role: 'org:member' }]);
	});

	test('F7: joins and leavings that arrive at once leave nobody behind', async () => {
		const people = Array.from({ length: 12 }, (_, index) => `user_at_once_${index}`);
		await Promise.all(
			people.flatMap((person) => [
				example.deliver(membership('created', 11, 'org:member', person)),
				example.deliver(membership('deleted', 12, 'org:member', person)),
			]),
		);
		await example.settled();
		expect(await members()).toEqual([{ user_id: MEMBER, role: 'org:member' }]);
	});

	test('F7: each delivery waits its turn, so that a join does not miss a leaving that is just being stored', async () => {
		const elsewhere = { id: 'org_elsewhere' };
		await example.database.query('BEGIN');
		try {
			await example.database.query('LOCK TABLE tombstones IN SHARE ROW EXCLUSIVE MODE');
			await example.database.query('INSERT INTO tombstones VALUES ($1, $2, $3)', [
				ORGANIZATION,
				'user_leaving',
				new Date(minute(14)),
			]);
			await example.deliver(membership('created', 13, 'org:member', 'user_leaving'));
			await example.deliver(membership('deleted', 13, 'org:member', 'user_nobody'));
			await example.deliver(happened('organization.created', 13, elsewhere));
			await example.deliver(happened('organization.deleted', 14, elsewhere));
			await example.until('SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted', [], [{ waiting: 4 }]);
		} finally {
			await example.database.query('COMMIT');
		}
		await example.settled();
		expect(await members()).toEqual([{ user_id: MEMBER, role: 'org:member' }]);
		expect(await example.database.query('SELECT name FROM organizations WHERE organization_id = $1', [elsewhere.id])).toEqual([]);
	});

	test('F7, C5: a deleted organization goes with its memberships, and nothing late brings any of it back', async () => {
		await example.send(happened('organization.deleted', 20));
		expect(await organizations()).toEqual([]);
		expect(await members()).toEqual([]);
		await example.send(
			happened('organization.updated', 19, { name: 'Late' }),
			membership('updated', 19, 'org:admin'),
			membership('created', 19, 'org:member', 'user_unknown_so_far'),
			// Clerk may report that the members left after the organization is gone.
			membership('deleted', 20, 'org:member'),
			happened('organization.deleted', 20),
		);
		expect(await organizations()).toEqual([]);
		expect(await members()).toEqual([]);
		// The sample's organization is another one.
		expect(await example.database.query('SELECT user_id FROM memberships')).toEqual([{ user_id: SAMPLE_USER }]);
	});

	test('F7, E5: a creation or a join that arrives late, and an organization known only from before, overwrite nothing', async () => {
		await example.unpublish();
		example = await Example.setUp(asItIs('F7-tenants.json'), await postgres().createDatabase('f7_story'));
		await example.publish();
		const rows = async () => [
			...(await example.database.query('SELECT name, slug FROM organizations')),
			...(await example.database.query('SELECT user_id, role FROM memberships')),
		];
		await example.send(
			organization('updated', 5, 'Acme Ltd'),
			organization('created', 0),
			joined('updated', 6, { role: 'org:admin' }),
			joined('created', 0),
		);
		expect(await rows()).toEqual([
			{ name: 'Acme Ltd', slug: 'acme' },
			{ user_id: 'user_1', role: 'org:admin' },
		]);
		await example.send(joined('deleted', 7));
		expect(await rows()).toEqual([{ name: 'Acme Ltd', slug: 'acme' }]);
	});
});

describe('F8: deleted users, held back', () => {
	const SECONDS = 8;
	let database: Database;
	let example: Example;

	/** The example with another time in its settings node. */
	function heldBack(seconds: number): Workflow {
		const workflow = read('F8-deleted-user.json');
		const settings = workflow.nodes.find(({ name }) => name === 'Hold-Back Time');
		const { assignments } = settings?.parameters['assignments'] as { assignments: Array<{ name: string; value: unknown }> };
		const values: Record<string, unknown> = { amount: seconds, unit: 'seconds' };
		for (const assignment of assignments) assignment.value = values[assignment.name];
		return workflow;
	}

	const contacts = async () => await database.query('SELECT user_id, email, subscribed FROM contacts ORDER BY user_id');

	beforeAll(async () => {
		database = await postgres().createDatabase('f8');
		example = await Example.setUp(heldBack(SECONDS), database);
		await example.publish();
	});

	test('F10: with its pinned sample, and as it is, it waits for 30 days', async () => {
		const asItIs = await Example.setUp(read('F8-deleted-user.json'), database);
		const execution = await asItIs.run('Clerk Trigger', 'waiting');
		const { waitTill } = execution as unknown as { waitTill: string };
		expect((Date.parse(waitTill) - Date.now()) / 86_400_000).toBeCloseTo(30, 2);
		expect(await contacts()).toEqual([{ user_id: SAMPLE_USER, email: null, subscribed: false }]);
	});

	test('F10: with a short time, the pinned sample runs to its end', async () => {
		const execution = await example.run('Clerk Trigger', 'success');
		expect(outputsOf(execution, 'Delete Unless They Came Back')).toEqual([[{ user_id: SAMPLE_USER, email: null }]]);
		expect(await contacts()).toEqual([]);
	});

	test('F8, E2: unsubscribed at once, deleted after the wait; who comes back within it is kept', async () => {
		await example.send(
			user('created', { id: 'user_gone', ...emailAddress('gone@example.com') }),
			user('created', { id: 'user_same_email', ...emailAddress('same@example.com') }),
			user('created', { id: 'user_same_external', external_id: 'customer-7', ...emailAddress('seven@example.com') }),
			user('created', { id: 'user_stays', ...emailAddress('stays@example.com') }),
		);
		expect(await contacts()).toEqual([
			{ user_id: 'user_gone', email: 'gone@example.com', subscribed: true },
			{ user_id: 'user_same_email', email: 'same@example.com', subscribed: true },
			{ user_id: 'user_same_external', email: 'seven@example.com', subscribed: true },
			{ user_id: 'user_stays', email: 'stays@example.com', subscribed: true },
		]);

		const start = Date.now();
		for (const id of ['user_gone', 'user_same_email', 'user_same_external']) await example.deliver(deletedUser(id));
		const unsubscribed = [
			{ user_id: 'user_gone', email: 'gone@example.com', subscribed: false },
			{ user_id: 'user_same_email', email: 'same@example.com', subscribed: false },
			{ user_id: 'user_same_external', email: 'seven@example.com', subscribed: false },
		];
		const stays = { user_id: 'user_stays', email: 'stays@example.com', subscribed: true };
		await example.until('SELECT user_id, email, subscribed FROM contacts ORDER BY user_id', [], [...unsubscribed, stays]);

		// A change from before the deletion that arrives late.
		await example.deliver(user('updated', { id: 'user_gone', ...emailAddress('gone@example.com'), first_name: 'Late' }));
		await example.deliver(user('created', { id: 'user_x_email', ...emailAddress('Same@Example.com') }));
		await example.deliver(
			user('created', { id: 'user_x_external', external_id: 'customer-7', ...emailAddress('eight@example.com') }),
		);
		const back = [
			{ user_id: 'user_x_email', email: 'Same@Example.com', subscribed: true },
			{ user_id: 'user_x_external', email: 'eight@example.com', subscribed: true },
		];
		const all = [...unsubscribed, stays, ...back];
		await example.until('SELECT user_id, email, subscribed FROM contacts ORDER BY user_id', [], all);

		await example.until("SELECT * FROM contacts WHERE user_id = 'user_gone'", [], []);
		expect(Date.now() - start).toBeGreaterThanOrEqual(SECONDS * 1000);
		await example.settled();
		expect(await contacts()).toEqual(all.slice(1));
	});

	test('F8: when the one who came back is deleted, the row of before goes too', async () => {
		await example.send(deletedUser('user_x_email'), deletedUser('user_x_external'));
		expect(await contacts()).toEqual([{ user_id: 'user_stays', email: 'stays@example.com', subscribed: true }]);
	});

	test('F8: who has unsubscribed stays so when Clerk sends a change', async () => {
		await database.query("UPDATE contacts SET subscribed = false WHERE user_id = 'user_stays'");
		await example.send(user('updated', { id: 'user_stays', ...emailAddress('stays@example.com'), updated_at: Date.now() }));
		expect(await contacts()).toEqual([{ user_id: 'user_stays', email: 'stays@example.com', subscribed: false }]);
	});

	test('F8: something newer about the same user within the time brings them back, subscribed', async () => {
		const id = 'user_restored';
		const email = emailAddress('restored@example.com');
		await example.send(user('created', { id, ...email }));
		await example.deliver(deletedUser(id));
		const row = 'SELECT subscribed, deleted_at IS NULL AS present FROM contacts WHERE user_id = $1';
		await example.until(row, [id], [{ subscribed: false, present: false }]);
		await example.deliver(user('updated', { id, ...email, updated_at: Date.now() + 60_000 }));
		await example.settled();
		expect(await database.query(row, [id])).toEqual([{ subscribed: true, present: true }]);
	});

	test('F8: its table may be the one of F2', async () => {
		const shared = await postgres().createDatabase('f2_and_f8');
		await Example.setUp(read('F2-postgres.json'), shared);
		await Example.setUp(read('F8-deleted-user.json'), shared);
		await shared.query("INSERT INTO contacts (user_id, phone, updated_at) VALUES ('user_1', '+15555550100', now())");
		expect(await shared.query('SELECT subscribed FROM contacts')).toEqual([{ subscribed: true }]);
	});

	test('F8, E5, B12: a late sign-up overwrites nothing; a banned user is unsubscribed, and stays so', async () => {
		await example.unpublish();
		const workflow = withTrigger(asItIs('F8-deleted-user.json'), {}, { shutOutUsers: 'unsubscribe' });
		example = await Example.setUp(workflow, await postgres().createDatabase('f8_story'));
		await example.publish();
		const rows = async () => await example.database.query('SELECT user_id, email, subscribed FROM contacts ORDER BY user_id');
		const jane = { user_id: 'user_1', email: 'jane@example.com' };
		await example.send(updated(5), created());
		expect(await rows()).toEqual([{ ...jane, subscribed: true }]);
		await example.send(updated(6, { banned: true }), updated(7));
		expect(await rows()).toEqual([{ ...jane, subscribed: false }]);
		await example.send(updated(8, { email: null }), created({ id: 'user_2', banned: true }));
		expect(await rows()).toEqual([
			{ user_id: 'user_1', email: null, subscribed: false },
			{ ...jane, user_id: 'user_2', subscribed: false },
		]);
	});

	test('F8: a wait of more than 65 seconds survives a restart of n8n', async () => {
		await example.unpublish();
		const long = await Example.setUp(heldBack(66), database);
		await long.publish();
		await long.send(user('created', { id: 'user_long', ...emailAddress('long@example.com') }));
		const start = Date.now();
		await long.deliver(deletedUser('user_long'));
		const isThere = "SELECT subscribed FROM contacts WHERE user_id = 'user_long'";
		await long.until(isThere, [], [{ subscribed: false }]);
		const waiting = (await n8n.untilExecutions(long.workflowId, 3)).at(-1);
		expect(waiting).toMatchObject({ status: 'waiting' });

		expect(Date.parse((waiting as unknown as { waitTill: string }).waitTill) - start).toBeGreaterThanOrEqual(66_000);
		await host.restart((stopped) => {
			expect(Date.now() - start).toBeLessThan(66_000);
			endWaits(stopped, 25);
		});
		({ n8n } = host);
		await long.until(isThere, [], [], 60_000);
		await long.settled();
	});
});
