import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { SECRET } from '../support/deliveries';
import type { ClerkBody } from '../support/deliveries';
import { until } from '../support/eventually';
import { outputsOf } from '../support/n8n';
import type { Execution, N8n, Workflow } from '../support/n8n';
import { Postgres } from '../support/postgres';
import type { Database } from '../support/postgres';
import { Queue } from '../support/queueMode';
import type { Share } from '../support/queueMode';
import { SEED, Seeded, SvixSender } from '../support/svixSender';
import { MailServer, Relay } from '../support/smtp';
import { nextId } from '../support/triggerWorkflow';
import { ContactStore, deliveryOf, expectedRows, expectRight, stories, story, userOf, userOfMessage } from './contactTable';
import { report, sized } from './figures';
import { NO_WRONG_SIGN_UPS } from './signUpTable';
import { EXAMPLES } from '../support/paths';

declare const n8nVersion: string;

jest.setTimeout(sized(400_000, 1_800_000));

const DELIVERIES = sized(40, 500);
/** Who is killed on the way, one after the other. */
const KILLS = sized<Array<[Share, number]>>(
	[
		['worker', 0],
		['webhook', 1],
	],
	[
		['worker', 0],
		['webhook', 1],
		['worker', 1],
		['webhook', 0],
	],
);
const F3 = join(EXAMPLES, 'F3-welcome-email-postgres.json');

let postgres: Postgres;
let smtp: MailServer;
let distance: Relay;
let queue: Queue;
const senders: SvixSender[] = [];

beforeAll(async () => {
	[postgres, smtp] = await Promise.all([Postgres.start(), MailServer.start()]);
	// Its answers take some time, as those of a real server do: a process that is killed dies in the middle of a mail.
	distance = await Relay.to(smtp, (answer, client) => setTimeout(() => client.write(answer), 60));
	const { credential } = await postgres.createDatabase('n8n');
	queue = await Queue.start(n8nVersion, credential);
});

afterAll(async () => {
	for (const sender of senders) sender.stop();
	await queue?.stop();
	distance?.close();
	await Promise.all([smtp?.stop(), postgres?.stop()]);
});

const addressOf = ({ data }: ClerkBody) => (data['email_addresses'] as [{ email_address: string }])[0].email_address;

/** The example F3 with Postgres, set up as its notes say. */
class WelcomeMails {
	private constructor(
		private readonly n8n: N8n,
		readonly workflowId: string,
		private readonly database: Database,
		/** By user, the address to which the mail has to go. */
		private readonly addresses: ReadonlyMap<string, string>,
	) {}

	static async setUp(n8n: N8n, database: Database, signUps: readonly ClerkBody[]): Promise<WelcomeMails> {
		const clerk = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
		const { id } = await n8n.importWorkflow(JSON.parse(readFileSync(F3, 'utf8')) as Workflow, clerk, {
			smtp: await n8n.createCredential('SMTP', { ...smtp.credential, port: distance.port }, 'smtp'),
			postgres: await n8n.createCredential('Postgres welcome', database.credential, 'postgres'),
		});
		expect(await n8n.runFrom(id, 'Run Once Before the First Use')).toMatchObject({ status: 'success' });
		return new WelcomeMails(n8n, id, database, new Map(signUps.map((body) => [userOf(body), addressOf(body)])));
	}

	/** The users who have got so many mails. */
	usersWith(wanted: (mails: number) => boolean): string[] {
		return [...this.addresses].filter(([, address]) => wanted(smtp.mailsTo(address).length)).map(([user]) => user);
	}

	/** The users who were claimed so many seconds ago and are not marked as sent: first those at work, in the end those in doubt. */
	async claimed(secondsAgo = 0): Promise<string[]> {
		const rows = await this.database.query(
			'SELECT user_id FROM welcome_emails WHERE sent_at IS NULL AND claimed_at <= now() - make_interval(secs => $1) ORDER BY user_id',
			[secondsAgo],
		);
		return rows.map(({ user_id: user }) => user as string);
	}

	/** Waits until a mail is on the way, for a while: there may be none left to send. */
	async untilAtWork(): Promise<void> {
		// An older claim is one in doubt.
		const isAtWork = async () => (await this.claimed()).length > (await this.claimed(5)).length;
		await until(isAtWork, { within: 10_000, every: 10 }).catch(() => {});
	}

	/** Waits until nothing is at work any longer. @returns the users whose mail is in doubt */
	async untilOnlyOldClaims(): Promise<string[]> {
		const onlyOld = async () => {
			const [all, old] = [await this.claimed(), await this.claimed(20)];
			// A user who is not even claimed so far has a delivery under way.
			const known = await this.database.query('SELECT user_id FROM welcome_emails');
			return all.length === old.length && known.length === this.addresses.size ? old : null;
		};
		return await until(onlyOld, { within: 300_000, every: 200 });
	}

	/** What the notes ask of a person: look into the log of the mail server, mark whom it reached, and send to the others. */
	async sendWhatWasLeft(reached: readonly string[]): Promise<void> {
		await this.database.query('UPDATE welcome_emails SET sent_at = now(), contact = NULL WHERE user_id = ANY($1)', [reached]);
		// As if ten minutes had passed.
		await this.database.query("UPDATE welcome_emails SET claimed_at = claimed_at - interval '11 minutes'");
		expect(await this.n8n.runFrom(this.workflowId, 'Send What Was Left')).toMatchObject({ status: 'success' });
	}
}

/** Hands each delivery over twice at once. The proxy takes the two to different processes. */
async function sendTwice(sender: SvixSender, bodies: readonly ClerkBody[]): Promise<void> {
	senders.push(sender);
	await Promise.all(
		bodies.flatMap((body) => {
			const id = nextId();
			return [sender.send(body, id), sender.send(body, id)];
		}),
	);
}

/** Waits until this share of all messages is delivered. */
async function untilDelivered(all: readonly SvixSender[], share: number): Promise<void> {
	const sum = (count: (sender: SvixSender) => number) => all.reduce((total, sender) => total + count(sender), 0);
	const isSoFar = () => sum(({ delivered }) => delivered) >= share * sum(({ messages }) => messages.length);
	const otherwise = () => `They do not get on: ${JSON.stringify(all.map((sender) => sender.counts()))}`;
	await until(isSoFar, { within: 600_000, every: 20, otherwise });
}

/** The users of the messages that were not delivered so far. */
function undelivered({ messages }: SvixSender): string[] {
	return [...new Set(messages.filter(({ delivered }) => !delivered).map(userOfMessage))].sort();
}

function prefixed(prefix: string, figures: Record<string, number>): Record<string, number> {
	const named = Object.entries(figures).map(([name, value]) => [`${prefix}${name[0]?.toUpperCase()}${name.slice(1)}`, value]);
	return Object.fromEntries(named) as Record<string, number>;
}

function countOf<T>(things: readonly T[], matches: (thing: T) => boolean): number {
	return things.filter(matches).length;
}

/** The executions of a workflow, without those by hand. */
async function deliveredExecutions(n8n: N8n, workflowId: string): Promise<Execution[]> {
	return (await n8n.executions(workflowId)).filter(({ mode }) => mode === 'webhook');
}

/** How executions ended, for the figures. */
function endsOf(executions: readonly Execution[]): Record<string, number> {
	const withStatus = (...wanted: string[]) => countOf(executions, ({ status }) => wanted.includes(status));
	return {
		executionsSucceeded: withStatus('success'),
		executionsFailed: withStatus('error'),
		// Of these, those that n8n gave up because their worker was gone.
		executionsStalled: countOf(executions, ({ data }) =>
			JSON.stringify(data.resultData.error ?? '').includes('failed to be processed too many times'),
		),
		executionsCrashed: withStatus('crashed'),
		executionsLeftRunning: withStatus('new', 'running'),
	};
}

test('in queue mode, with every delivery twice at once and processes killed, the tables are right and nobody gets two mails', async () => {
	const start = Date.now();
	const random = new Seeded(SEED);
	const bodies = stories(DELIVERIES);
	const signUps = bodies.filter(({ type }) => type === 'user.created');
	const expected = expectedRows(bodies);
	const { main } = queue;
	const store = await ContactStore.setUp(main, postgres, 'contacts', { acknowledge: 'lastNode' });
	const welcome = await WelcomeMails.setUp(main, await postgres.createDatabase('welcome'), signUps);
	const contacts = new SvixSender({ url: await queue.activate(store.workflowId), seed: SEED, concurrency: 8 });
	const mails = new SvixSender({ url: await queue.activate(welcome.workflowId), seed: SEED + 1, concurrency: 4 });

	const contactsSent = sendTwice(contacts, random.shuffled(bodies, 12));
	const mailsSent = sendTwice(mails, random.shuffled(signUps, 12));
	const restarted: Record<Share, Promise<void>> = { worker: Promise.resolve(), webhook: Promise.resolve() };
	for (const [index, [share, number]] of KILLS.entries()) {
		await untilDelivered([contacts, mails], (index + 1) / (KILLS.length + 1));
		// One of each share is always there.
		await restarted[share];
		if (share === 'worker') await welcome.untilAtWork();
		await queue.kill(share, number);
		restarted[share] = queue.restart(share, number);
	}
	await Promise.all(Object.values(restarted));
	await contactsSent;

	// Whose claim died with its worker keeps failing, and nobody else does.
	// On a busy machine, an old claim may still be at work, and is not in doubt a moment later.
	const seen = { inDoubt: [] as string[], undelivered: [] as string[] };
	const agree = async () => {
		Object.assign(seen, { inDoubt: await welcome.untilOnlyOldClaims(), undelivered: undelivered(mails) });
		return isDeepStrictEqual(seen.inDoubt, seen.undelivered);
	};
	const otherwise = () => `${JSON.stringify(seen)}, ${JSON.stringify(mails.counts())}`;
	await until(agree, { within: 300_000, every: 500, otherwise });
	const { inDoubt } = seen;
	expect(welcome.usersWith((count) => count > 1)).toEqual([]);
	const without = welcome.usersWith((count) => count === 0);
	expect(without.filter((user) => !inDoubt.includes(user))).toEqual([]);

	await welcome.sendWhatWasLeft(inDoubt.filter((user) => !without.includes(user)));
	await mailsSent;
	expect([contacts, mails].map(undelivered)).toEqual([[], []]);

	await queue.untilIdle();
	expect(welcome.usersWith((count) => count !== 1)).toEqual([]);
	const differences = await store.differences(expected);
	const found = await store.signUps.compare(contacts.messages);
	const contactRuns = await deliveredExecutions(main, store.workflowId);
	const mailRuns = await deliveredExecutions(main, welcome.workflowId);
	const stored = contactRuns.filter(({ status }) => status === 'success');
	const storedAgain = stored.length - new Set(stored.map(deliveryOf)).size;
	const claims = (status: string) => countOf(mailRuns, (run) => outputsOf(run, 'Claim the User')[0]?.[0]?.['status'] === status);
	report('queue', {
		seed: SEED,
		deliveries: bodies.length,
		workersKilled: countOf(KILLS, ([share]) => share === 'worker'),
		webhookProcessesKilled: countOf(KILLS, ([share]) => share === 'webhook'),
		...prefixed('contacts', { ...contacts.figures(), ...endsOf(contactRuns) }),
		contactsStoredAgain: storedAgain,
		contactsOlderStatesKeptOutBySql: countOf(contactRuns, (run) => outputsOf(run, 'Store Contact')[0]?.[0]?.['success'] === true),
		rows: expected.length,
		rowsRight: expected.length - differences.missing.length - differences.stale.length,
		...found.figures,
		...prefixed('mails', { ...mails.figures(), ...endsOf(mailRuns) }),
		claimsMade: claims('claimed'),
		claimsFoundSent: claims('sent before'),
		claimsFoundInDoubt: claims('in doubt'),
		usersLeftInDoubt: inDoubt.length,
		usersLeftInDoubtWithTheirMail: inDoubt.length - without.length,
		usersWithOneMail: welcome.usersWith((count) => count === 1).length,
		seconds: Math.round((Date.now() - start) / 1000),
	});
	expectRight({ differences, rows: await store.rows(), expected, signUps: found });
	// It was as hard as it is meant to be: sign-ups came late; what one process took, the other did not know of; and a process was missed.
	expect(found.figures.lateSignUps).toBeGreaterThan(0);
	expect(storedAgain).toBeGreaterThan(0);
	expect(claims('sent before') + claims('in doubt')).toBeGreaterThan(0);
	expect((contacts.figures()['noConnection'] ?? 0) + (mails.figures()['noConnection'] ?? 0)).toBeGreaterThan(0);
});

test('when the workers die with workflows in flight, n8n answers for these once a worker is there again, so Clerk comes again', async () => {
	const store = await ContactStore.setUp(queue.main, postgres, 'workers_died', { acknowledge: 'lastNode' });
	const bodies = [0, 1, 2, 3].flatMap((user) => story(user, ['created']));
	const url = await queue.activate(store.workflowId);
	// One that waits for as long as it takes, and then does not come again.
	const patient = new SvixSender({ url, seed: SEED, patience: 120_000, attempts: 1 });
	senders.push(patient);
	await store.lock();
	const sent = bodies.map(async (body) => await patient.send(body));
	await store.untilHeldUp(bodies.length);
	for (const worker of [0, 1]) await queue.kill('worker', worker);
	await store.unlockWithoutThem();
	for (const worker of [0, 1]) await queue.restart('worker', worker);
	const messages = await Promise.all(sent);
	expect(patient.counts()).toEqual({ '500 failed': bodies.length });

	const again = new SvixSender({ url, seed: SEED });
	senders.push(again);
	await Promise.all(bodies.map(async (body, index) => await again.send(body, messages[index]?.id)));
	expect(again.counts()).toEqual({ '200 accepted': bodies.length });
	expect(await store.rows()).toEqual(expectedRows(bodies));
	expect((await store.signUps.compare(again.messages)).wrong).toEqual(NO_WRONG_SIGN_UPS);
});
