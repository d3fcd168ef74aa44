import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { fixture, SECRET } from '../support/deliveries';
import type { ClerkBody } from '../support/deliveries';
import { until } from '../support/eventually';
import { outputsOf, TRIGGER_TYPE } from '../support/n8n';
import type { Execution, N8n, Workflow } from '../support/n8n';
import { EXAMPLES } from '../support/paths';
import type { Database, Postgres } from '../support/postgres';
import { SEED } from '../support/svixSender';
import type { Message, Seeded, SvixSender } from '../support/svixSender';
import { nextId } from '../support/triggerWorkflow';
import { NO_WRONG_SIGN_UPS, SignUps, withSignUps } from './signUpTable';
import type { FoundSignUps } from './signUpTable';

const F2 = join(EXAMPLES, 'F2-postgres.json');

/** What Clerk reports about a user, in the order in which it happens. */
export type Change = 'created' | 'updated' | 'deleted';

/** Before anything that a tombstone is dated with. */
const BEGIN = Date.now() - 30 * 24 * 60 * 60 * 1000;

/**
 * The deliveries of one user, in the order in which things happened, from Clerk's own examples. Each
 * has another name, address and time, so that a row shows from which one it is.
 */
export function story(user: number, changes: readonly Change[]): ClerkBody[] {
	const id = `user_proof${String(user).padStart(6, '0')}`;
	return changes.map((change, step) => {
		const at = BEGIN + user * 60_000 + step * 1000;
		const envelope = fixture(`openapi.user.${change}`).envelope;
		const state =
			change === 'deleted'
				? {}
				: {
						email_addresses: [
							{
								id: `idn_${user}`,
								object: 'email_address',
								email_address: `person${user}.step${step}@example.com`,
								verification: { status: 'verified', strategy: 'email_code' },
							},
						],
						primary_email_address_id: `idn_${user}`,
						password_enabled: false,
						// It shows at every later state how they signed up.
						external_accounts: [{ provider: 'oauth_google', created_at: BEGIN + user * 60_000 }],
						external_id: `customer-${user}`,
						username: `person_${user}_${step}`,
						first_name: `First ${user}`,
						last_name: `Step ${step}`,
						image_url: `https://img.clerk.com/${user}/${step}`,
						locale: 'en-GB',
						banned: step % 2 === 1,
						created_at: BEGIN + user * 60_000,
						updated_at: at,
					};
		return { ...envelope, timestamp: at, data: { ...envelope.data, ...state, id } };
	});
}

/** What happens to one user after the other. */
const LIVES: readonly Change[][] = [
	['created', 'updated'],
	['created'],
	['created', 'updated', 'updated'],
	['created', 'updated', 'deleted'],
];

/** So many deliveries, about users with different lives, in the order in which things happened. */
export function stories(deliveries: number): ClerkBody[] {
	const bodies: ClerkBody[] = [];
	for (let user = 0; bodies.length < deliveries; user++) bodies.push(...story(user, LIVES[user % LIVES.length] ?? []));
	return bodies.slice(0, deliveries);
}

export interface ToSend {
	readonly body: ClerkBody;
	/** Its svix-id. */
	readonly id: string;
}

/** Each with an id, and this share of them twice. */
export function someTwice(bodies: readonly ClerkBody[], share: number, random: Seeded): ToSend[] {
	return bodies.flatMap((body) => Array.from<ToSend>({ length: random.next() < share ? 2 : 1 }).fill({ body, id: nextId() }));
}

/** A row of F2's table. */
export type Row = Record<string, unknown>;

/** What stands for the time at which a row was made a tombstone. */
const AT_DELETION = 'when it was deleted';

/** F2's table as these deliveries have to leave it, whatever the order in which they come: by user, the newest state. */
export function expectedRows(bodies: readonly ClerkBody[]): Row[] {
	const newest = new Map<string, ClerkBody>();
	for (const body of bodies) {
		const before = newest.get(userOf(body));
		if (!before || (body['timestamp'] as number) > (before['timestamp'] as number)) newest.set(userOf(body), body);
	}
	return [...newest.values()]
		.map((body) => (body.type === 'user.deleted' ? tombstone(body) : contact(body)))
		.sort((a, b) => ((a['user_id'] as string) < (b['user_id'] as string) ? -1 : 1));
}

export function userOf({ data }: ClerkBody): string {
	return data['id'] as string;
}

export function userOfMessage({ body }: Message): string {
	return userOf(JSON.parse(body) as ClerkBody);
}

function contact({ data, instance_id }: ClerkBody): Row {
	const [address] = data['email_addresses'] as [{ email_address: string }];
	return {
		user_id: data['id'],
		external_id: data['external_id'],
		email: address.email_address,
		email_verified: true,
		first_name: data['first_name'],
		last_name: data['last_name'],
		name: `${data['first_name'] as string} ${data['last_name'] as string}`,
		username: data['username'],
		phone: null,
		avatar_url: data['image_url'],
		locale: data['locale'],
		sign_up_method: 'google',
		banned: data['banned'],
		test_user: false,
		source: 'Clerk webhook',
		instance_id,
		user_group: null,
		created_at: new Date(data['created_at'] as number),
		updated_at: new Date(data['updated_at'] as number),
		deleted_at: null,
	};
}

/** All that stays of a deleted user. */
function tombstone(body: ClerkBody): Row {
	const columns = Object.keys(contact({ ...body, data: { email_addresses: [{}] } }));
	return {
		...Object.fromEntries(columns.map((column) => [column, null])),
		user_id: userOf(body),
		source: 'Clerk webhook',
		instance_id: body['instance_id'],
		updated_at: AT_DELETION,
		deleted_at: AT_DELETION,
	};
}

/** How a table differs from what it has to be; each a list of user ids. */
export interface Differences {
	/** There is no row. */
	missing: string[];
	/** There is a row, but not the right one. */
	stale: string[];
	/** Nobody knows of such a user. */
	unknown: string[];
}

export const NO_DIFFERENCES: Differences = { missing: [], stale: [], unknown: [] };

/** What the executions of a workflow show. */
export interface Runs {
	/** Those that n8n marked as crashed. */
	readonly crashed: readonly Execution[];
	readonly figures: {
		executionsSucceeded: number;
		executionsCrashed: number;
		executionsFailed: number;
		/** How many, those in error aside, were of a delivery for which there was one already: the SQL took them without harm. */
		executionsRepeated: number;
		/** How many were of a state that was older than the row: the guard in the SQL left the row alone. */
		olderStatesKeptOutBySql: number;
	};
}

/** What has become of deliveries: in the table, among the sign-ups, in n8n's list of executions. */
export interface Result {
	readonly differences: Differences;
	readonly rows: Row[];
	readonly expected: Row[];
	readonly signUps: FoundSignUps;
	readonly runs: Runs;
	readonly figures: Record<string, number>;
}

/** No user is lost, none is out of date, and each has signed up once. */
export function expectRight({ differences, rows, expected, signUps }: Omit<Result, 'runs' | 'figures'>): void {
	expect(differences).toEqual(NO_DIFFERENCES);
	expect(rows).toEqual(expected);
	expect(signUps.wrong).toEqual(NO_WRONG_SIGN_UPS);
}

/** Not from pg_stat_activity, which stands still in a transaction. */
const HELD_UP = "FROM pg_locks WHERE NOT granted AND relation = 'contacts'::regclass";

/** Example F2, set up as its notes say, with a database of its own, and a branch for the events of sign-ups. */
export class ContactStore {
	private constructor(
		readonly workflowId: string,
		readonly database: Database,
		readonly signUps: SignUps,
	) {}

	/** @param options of the Clerk Trigger, beside those of the example */
	static async setUp(
		n8n: N8n,
		postgres: Postgres,
		name: string,
		options: Record<string, string | boolean>,
	): Promise<ContactStore> {
		const database = await postgres.createDatabase(name);
		const clerk = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
		const chosen = await n8n.createCredential(`Postgres ${name}`, database.credential, 'postgres');
		const workflow = withSignUps(JSON.parse(readFileSync(F2, 'utf8')) as Workflow);
		for (const node of workflow.nodes.filter(({ type }) => type === TRIGGER_TYPE)) {
			// Two workflows from one file have one address between them.
			node.webhookId = randomUUID();
			node.parameters['options'] = { ...(node.parameters['options'] as object), ...options };
		}
		const { id } = await n8n.importWorkflow(workflow, clerk, { postgres: chosen });
		const { status } = await n8n.runFrom(id, 'Run Once Before the First Use');
		if (status !== 'success') throw new Error(`The table could not be created: the execution ended with "${status}"`);
		return new ContactStore(id, database, await SignUps.create(database));
	}

	/** All rows, where the time of a deletion is replaced by a word: it is that of the run. */
	async rows(): Promise<Row[]> {
		const rows = await this.database.query('SELECT * FROM contacts ORDER BY user_id COLLATE "C"');
		return rows.map((row) => {
			const { updated_at: updated, deleted_at: deleted } = row;
			if (!(updated instanceof Date) || !(deleted instanceof Date) || updated < deleted) return row;
			return { ...row, updated_at: AT_DELETION, deleted_at: AT_DELETION };
		});
	}

	async differences(expected: readonly Row[]): Promise<Differences> {
		const rows = new Map((await this.rows()).map((row) => [row['user_id'] as string, row]));
		const users = new Map(expected.map((row) => [row['user_id'] as string, row]));
		return {
			missing: [...users.keys()].filter((id) => !rows.has(id)),
			stale: [...users].filter(([id, row]) => rows.has(id) && !isDeepStrictEqual(rows.get(id), row)).map(([id]) => id),
			unknown: [...rows.keys()].filter((id) => !users.has(id)),
		};
	}

	/** Lets nobody read or write the table. */
	async lock(): Promise<void> {
		await this.database.query('BEGIN');
		await this.database.query('LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE');
	}

	/** Waits until so many statements wait for the locked table. */
	async untilHeldUp(count: number): Promise<void> {
		await until(async () => (await this.database.query(`SELECT pid ${HELD_UP}`)).length >= count);
	}

	/**
	 * Unlocks the table, after ending those who wait for it: Postgres would do the work of somebody who
	 * is gone, since it notices only when it answers.
	 */
	async unlockWithoutThem(): Promise<void> {
		await this.database.query(`SELECT pg_terminate_backend(pid) ${HELD_UP}`);
		await this.database.query('ROLLBACK');
	}

	/** Waits until n8n has worked off what it took. @throws when that takes longer than two minutes */
	async untilIdle(n8n: N8n): Promise<void> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId: this.workflowId, status: ['new', 'running'] }));
		const isIdle = async () => {
			const { results } = await n8n.rest<{ results: unknown[] }>('GET', `/rest/executions?filter=${filter}`);
			return results.length === 0;
		};
		await until(isIdle, { within: 120_000, every: 200, otherwise: () => 'There still are executions at work' });
	}

	/** What has become of these deliveries, once n8n has nothing more to do with them. */
	async resultOf(bodies: readonly ClerkBody[], n8n: N8n, sender: SvixSender): Promise<Result> {
		await this.untilIdle(n8n);
		const expected = expectedRows(bodies);
		const differences = await this.differences(expected);
		const signUps = await this.signUps.compare(sender.messages);
		const runs = await this.runs(n8n);
		const figures = {
			seed: SEED,
			deliveries: bodies.length,
			...sender.figures(),
			...runs.figures,
			users: expected.length,
			rowsRight: expected.length - differences.missing.length - differences.stale.length,
			...signUps.figures,
		};
		return { differences, rows: await this.rows(), expected, signUps, runs, figures };
	}

	/** What the executions that deliveries started have come to. */
	async runs(n8n: N8n): Promise<Runs> {
		const executions = (await n8n.executions(this.workflowId)).filter(({ mode }) => mode === 'webhook');
		const notFailed = executions.filter(({ status }) => status !== 'error');
		const crashed = executions.filter(({ status }) => status === 'crashed');
		const wroteNothing = (run: Execution) => isDeepStrictEqual(outputsOf(run, 'Store Contact'), [[{ success: true }]]);
		return {
			crashed,
			figures: {
				executionsSucceeded: executions.filter(({ status }) => status === 'success').length,
				executionsCrashed: crashed.length,
				executionsFailed: executions.length - notFailed.length,
				executionsRepeated: notFailed.length - new Set(notFailed.map(deliveryOf)).size,
				olderStatesKeptOutBySql: executions.filter(wroteNothing).length,
			},
		};
	}

	/** "Retry" in n8n's list of executions. @returns how the new execution ended */
	async retry(n8n: N8n, { id }: Execution): Promise<string> {
		return (await n8n.rest<{ status: string }>('POST', `/rest/executions/${id}/retry`, { loadWorkflow: false })).status;
	}
}

/**
 * Which delivery an execution is of. Nothing in a contact names it, but no two of them are of the same user and time.
 * A late sign-up has only the time at which it happened, which is that of a sign-up in time.
 */
export function deliveryOf(execution: Execution): string {
	const { userId, action, updatedAt, createdAt } = contactOf(execution);
	return `${userId as string} ${action === 'delete' ? 'deleted' : ((updatedAt ?? createdAt) as string)}`;
}

/** Whom an execution is about. */
export function userOfExecution(execution: Execution): string {
	return contactOf(execution)['userId'] as string;
}

/** What the trigger gave an execution: of one that never began it lies where n8n keeps what is still to be done. */
function contactOf(execution: Execution): Row {
	const { executionData } = execution.data as { executionData?: { nodeExecutionStack?: ToDo[] } };
	const toDo = executionData?.nodeExecutionStack?.find(({ node }) => node.type === TRIGGER_TYPE);
	const contact = toDo?.data.main[0]?.[0]?.json ?? outputsOf(execution, 'Clerk Trigger')[0]?.[0];
	if (!contact) throw new Error(`Execution ${execution.id} does not show which delivery it is of`);
	return contact;
}

interface ToDo {
	node: { type: string };
	data: { main: Array<Array<{ json: Row }> | null> };
}
