import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { faults } from '../support/clerk/cloud';
import type { ClerkCloud } from '../support/clerk/cloud';
import { outputsOf } from '../support/n8n';
import type { N8n, Workflow } from '../support/n8n';
import { forThisFile } from '../support/forThisFile';
import { Postgres } from '../support/postgres';
import type { Database } from '../support/postgres';
import { until, useClerk } from '../support/registeredTrigger';
import type { Credential } from '../support/registeredTrigger';
import { EXAMPLES } from '../support/paths';

jest.setTimeout(300_000);

const EXAMPLE = join(EXAMPLES, 'F9-reconcile.json');
const NOBODY = { id: '', name: '' };

const withClerk = useClerk();
let cloud: ClerkCloud;
const postgres = forThisFile(async () => await Postgres.start());
let n8n: N8n;
let clerk: Credential;

beforeAll(() => ({ cloud, n8n, credential: clerk } = withClerk));

/** F9 as a builder sets it up: its credentials chosen, with its runs kept for us to look at. */
async function setUp(database: Database, { pinned = false, everySeconds = 0 } = {}): Promise<string> {
	const workflow = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as Workflow;
	if (!pinned) workflow.pinData = {};
	const schedule = workflow.nodes.find(({ name }) => name === 'Every Night');
	if (schedule && everySeconds > 0) {
		schedule.parameters = { rule: { interval: [{ field: 'seconds', secondsInterval: everySeconds }] } };
	}
	workflow.settings = { ...workflow.settings, saveDataSuccessExecution: 'all' };
	const credentials = {
		postgres: await n8n.createCredential(`Postgres ${database.credential.database}`, database.credential, 'postgres'),
		...(pinned ? {} : { clerkApi: clerk }),
	};
	const { id } = await n8n.importWorkflow(workflow, NOBODY, credentials);
	return id;
}

describe('F9: back-filled once, reconciled every night', () => {
	let database: Database;
	let workflowId: string;

	beforeAll(async () => {
		cloud.people.fill(1300, { seed: 9 });
		database = await postgres().createDatabase('f9');
		workflowId = await setUp(database);
	});

	const rows = async () =>
		await database.query<{ user_id: string; xmin: string; first_name: string | null; missing_since: Date | null }>(
			'SELECT *, xmin::text FROM contacts ORDER BY user_id',
		);
	const idsOf = (list: Array<{ user_id: string }>) => list.map(({ user_id }) => user_id);

	async function reconcile(): Promise<Array<string | null>> {
		cloud.resetCalls();
		const execution = await n8n.runFrom(workflowId, 'Run Now');
		expect([execution.status, JSON.stringify(execution.data.resultData.error ?? null)]).toEqual(['success', 'null']);
		return cloud.operations;
	}

	test('D6: the first run stores everybody, page by page', async () => {
		expect(await reconcile()).toEqual(['GetInstance', 'GetUserList', 'GetUserList', 'GetUserList']);
		expect(idsOf(await rows())).toEqual([...cloud.people.ids()].sort());
	});

	test('a second run changes nothing, and asks for one page and the count', async () => {
		const before = await rows();
		expect(await reconcile()).toEqual(['GetUserList', 'GetUsersCount']);
		expect(await rows()).toEqual(before);
	});

	test('D7: what a delivery should have brought and did not is repaired by the next run', async () => {
		const before = new Map((await rows()).map((row) => [row.user_id, row.xmin]));
		const { id } = cloud.people.change(cloud.people.at(700).id, { first_name: 'Missed' });
		const [added] = cloud.people.add(1);
		expect(await reconcile()).toEqual(['GetUserList', 'GetUsersCount']);
		const after = await rows();
		expect(after.find(({ user_id }) => user_id === id)).toMatchObject({ first_name: 'Missed' });
		expect(
			after
				.filter(({ user_id, xmin }) => before.get(user_id) !== xmin)
				.map(({ user_id }) => user_id)
				.sort(),
		).toEqual([id, added].sort());
	});

	test('whom Clerk no longer has is marked, and nobody else', async () => {
		const gone = [3, 600, 1200].map((place) => cloud.people.at(place).id);
		cloud.people.remove(...gone);
		await reconcile();
		expect(idsOf((await rows()).filter(({ missing_since }) => missing_since !== null))).toEqual(gone.sort());
		const before = await rows();
		expect(await reconcile()).toEqual(['GetUserList', 'GetUsersCount']);
		expect(await rows()).toEqual(before);
		expect(await database.query('SELECT * FROM contacts_seen')).toEqual([]);
	});

	test('rows of another Clerk instance, and the notes of a run that is still at work, are left alone', async () => {
		await database.query(
			"INSERT INTO contacts (user_id, instance_id, created_at, updated_at) VALUES ('user_other', 'ins_other', '2023-01-01', '2023-01-01')",
		);
		await database.query("INSERT INTO contacts_seen VALUES (now() - interval '1 hour', 'user_atWork')");
		expect(await reconcile()).toContain('GetUserList');
		expect((await rows()).find(({ user_id }) => user_id === 'user_other')).toMatchObject({ missing_since: null });
		expect(await database.query('SELECT user_id FROM contacts_seen')).toEqual([{ user_id: 'user_atWork' }]);
		await database.query("DELETE FROM contacts WHERE user_id = 'user_other'");
	});

	test('a run that breaks off is made good by the next one', async () => {
		const { id } = cloud.people.change(cloud.people.at(5).id, { first_name: 'Later' });
		cloud.fail('GetUserList', faults.notFound(), 1);
		const broken = await n8n.runFrom(workflowId, 'Run Now');
		expect(broken.status).toBe('error');
		expect(JSON.stringify(broken.data.resultData.error)).toContain('Could not read page 1 of the users: Clerk answered 404');
		await reconcile();
		expect((await rows()).find(({ user_id }) => user_id === id)).toMatchObject({ first_name: 'Later' });
	});

	test('no run holds the secret key', async () => {
		const kept = JSON.stringify(await n8n.api('GET', '/executions?includeData=true&limit=100')) + n8n.log;
		expect(kept).toContain(cloud.people.at(0).id);
		expect(kept).not.toContain(cloud.secretKey);
		expect([cloud.refused, cloud.ignored]).toEqual([[], []]);
	});
});

test('F9: with its sample data it runs without Clerk', async () => {
	const database = await postgres().createDatabase('f9_sample');
	const workflowId = await setUp(database, { pinned: true });
	const execution = await n8n.runFrom(workflowId, 'Run Now');
	expect(execution.status).toBe('success');
	expect(outputsOf(execution, 'Remember This Time')[0]).toHaveLength(1);
	expect(await database.query('SELECT email FROM contacts ORDER BY email')).toEqual([
		{ email: 'jane.doe@example.com' },
		{ email: 'tom.roe@example.com' },
	]);
});

test('F9: published, its schedule stores everybody, and then what changed', async () => {
	cloud.people.fill(700, { seed: 2 });
	const database = await postgres().createDatabase('f9_night');
	const workflowId = await setUp(database, { everySeconds: 5 });
	await n8n.api('POST', `/workflows/${workflowId}/activate`);
	const stored = async (where: string) =>
		(await database.query(`SELECT user_id FROM contacts WHERE ${where}`).catch(() => [])).length;
	await until(async () => (await stored('true')) === 700, n8n);
	const { id } = cloud.people.change(cloud.people.at(7).id, { first_name: 'Tonight' });
	await until(async () => (await stored(`first_name = 'Tonight' AND user_id = '${id}'`)) === 1, n8n);
	await n8n.api('POST', `/workflows/${workflowId}/deactivate`);
});
