import { setTimeout as wait } from 'node:timers/promises';

import type { ClerkBody } from '../support/deliveries';
import { Gate } from '../support/readinessProxy';
import { N8n } from '../support/n8n';
import { Postgres } from '../support/postgres';
import { SEED, Seeded, SvixSender } from '../support/svixSender';
import type { Attempt } from '../support/svixSender';
import { nextId } from '../support/triggerWorkflow';
import { ContactStore, expectedRows, NO_DIFFERENCES, story, userOf, userOfExecution, userOfMessage } from './contactTable';
import type { Change, Differences } from './contactTable';
import { report, sized } from './figures';
import { NO_WRONG_SIGN_UPS } from './signUpTable';

declare const n8nVersion: string;

jest.setTimeout(sized(300_000, 1_800_000));

const DELIVERIES = sized(80, 500);
const KILLS = sized(2, 12);
/** Of n8n with nothing before it. */
const STARTS = sized(1, 8);

/** What happens to one user after the other. */
const LIVES: readonly Change[][] = [
	['created', 'updated'],
	['created'],
	['created', 'updated', 'updated'],
	['created', 'updated', 'deleted'],
];

let postgres: Postgres;
let n8n: N8n;
let gate: Gate;
let sender: SvixSender;
/** How often n8n did not come up again at the first try. */
let failedStarts = 0;

beforeAll(async () => {
	[postgres, n8n] = await Promise.all([Postgres.start(), N8n.start({ version: n8nVersion })]);
	await n8n.setUp();
	gate = await Gate.open(n8n.url);
});

beforeEach(() => (failedStarts = 0));

afterEach(() => sender?.stop());

afterAll(async () => {
	await gate?.close();
	await n8n?.stop();
	await postgres?.stop();
});

/** So many deliveries, about users with different lives, in the order in which things happened. */
function deliveries(): ClerkBody[] {
	const bodies: ClerkBody[] = [];
	for (let user = 0; bodies.length < DELIVERIES; user++) bodies.push(...story(user, LIVES[user % LIVES.length] ?? []));
	return bodies.slice(0, DELIVERIES);
}

/**
 * Kills n8n without warning and starts it again where it was, as Docker or systemd would: again, if
 * the start fails. n8n 2.41 ends at its start where the kill fell between its marking an execution as
 * running and its noting since when; at the second start it is over that.
 */
async function killAndRestart(): Promise<void> {
	const { userFolder, url } = n8n;
	await n8n.kill();
	for (let tries = 1; ; tries++) {
		try {
			n8n = await N8n.start({ version: n8nVersion, userFolder, port: Number(new URL(url).port) });
			return;
		} catch (failure) {
			if (tries === 3 || !String(failure).includes('ended at its start')) throw failure;
			failedStarts++;
		}
	}
}

/**
 * Sends these, a tenth of them twice and all somewhat out of order, while n8n is killed at moments that the seed gives.
 * Some answers get lost on their way, so that the sender tries again what has been let in.
 */
async function sendUnderKills(bodies: readonly ClerkBody[]): Promise<void> {
	const random = new Seeded(SEED);
	const twice = random.shuffled(bodies, 12).flatMap((body) => {
		const id = nextId();
		return random.next() < 0.1
			? [
					{ body, id },
					{ body, id },
				]
			: [{ body, id }];
	});
	const sent = twice.map(async ({ body, id }) => await sender.send(body, id));
	for (let kill = 0; kill < KILLS; kill++) {
		// One in each part of the way, so that every n8n has got something to do before it dies.
		const share = (kill + random.between(0.1, 0.9)) / KILLS;
		await sender.untilDelivered(Math.floor(share * 0.95 * sent.length), 120_000);
		await wait(random.between(0, 250));
		await killAndRestart();
	}
	await Promise.all(sent);
	expect(sender.messages.filter(({ delivered }) => !delivered)).toEqual([]);
}

/** Publishes a store's workflow. @returns where a sender outside delivers to it */
async function publish({ workflowId }: ContactStore): Promise<string> {
	return (await n8n.activate(workflowId)).replace(n8n.url, gate.url);
}

function wrong({ missing, stale }: Differences): string[] {
	return [...missing, ...stale];
}

describe(`a sender like Svix, and an n8n that is killed again and again (seed ${SEED})`, () => {
	test('with "Acknowledge: workflow succeeded", no user is lost, none is out of date, and each has signed up once', async () => {
		const start = Date.now();
		const bodies = deliveries();
		const expected = expectedRows(bodies);
		const store = await ContactStore.setUp(n8n, postgres, 'succeeded', { acknowledge: 'lastNode' });
		sender = new SvixSender({ url: await publish(store), seed: SEED, hangUps: { share: 0.03, within: 300 } });
		await sendUnderKills(bodies);

		await n8n.signIn();
		// What was stored and not begun, n8n runs after its start, though it comes again as well.
		await store.untilIdle(n8n);
		const differences = await store.differences(expected);
		const signUps = await store.signUps.compare(sender.messages);
		const runs = await store.runs(n8n);
		report('kill.workflowSucceeded', {
			seed: SEED,
			deliveries: bodies.length,
			kills: KILLS,
			startsThatFailed: failedStarts,
			...sender.figures(),
			executionsSucceeded: runs.succeeded,
			executionsCrashed: runs.crashed.length,
			executionsFailed: runs.failed,
			executionsRepeated: runs.repeated,
			olderStatesKeptOutBySql: runs.keptOut,
			users: expected.length,
			rowsRight: expected.length - wrong(differences).length,
			...signUps.figures,
			seconds: Math.round((Date.now() - start) / 1000),
		});
		expect(differences).toEqual(NO_DIFFERENCES);
		expect(await store.rows()).toEqual(expected);
		expect(signUps.wrong).toEqual(NO_WRONG_SIGN_UPS);
		// It was as hard as it is meant to be.
		expect(signUps.figures.lateSignUps).toBeGreaterThan(0);
		await n8n.deactivate(store.workflowId);
	});

	test('with "Acknowledge: stored", only what n8n marked as crashed is missing, and its Retry brings it back', async () => {
		const start = Date.now();
		const bodies = deliveries();
		const expected = expectedRows(bodies);
		const store = await ContactStore.setUp(n8n, postgres, 'stored', {});
		sender = new SvixSender({ url: await publish(store), seed: SEED, hangUps: { share: 0.03, within: 300 } });
		await sendUnderKills(bodies);

		await n8n.signIn();
		await store.untilIdle(n8n);
		const before = await store.differences(expected);
		const signUpsBefore = await store.signUps.compare(sender.messages);
		const runs = await store.runs(n8n);
		const crashed = new Set(runs.crashed.map(userOfExecution));
		expect([...wrong(before), ...signUpsBefore.wrong.missing].filter((user) => !crashed.has(user))).toEqual([]);

		const retried: string[] = [];
		for (const execution of runs.crashed) retried.push(await store.retry(n8n, execution));
		const after = await store.differences(expected);
		const signUps = await store.signUps.compare(sender.messages);
		report('kill.stored', {
			seed: SEED,
			deliveries: bodies.length,
			kills: KILLS,
			startsThatFailed: failedStarts,
			...sender.figures(),
			executionsSucceeded: runs.succeeded,
			executionsCrashed: runs.crashed.length,
			executionsFailed: runs.failed,
			executionsRepeated: runs.repeated,
			olderStatesKeptOutBySql: runs.keptOut,
			users: expected.length,
			rowsMissing: before.missing.length,
			rowsOutOfDate: before.stale.length,
			eventsMissing: signUpsBefore.wrong.missing.length,
			executionsRetried: retried.length,
			rowsRight: expected.length - wrong(after).length,
			...signUps.figures,
			seconds: Math.round((Date.now() - start) / 1000),
		});
		expect(retried.filter((status) => status !== 'success')).toEqual([]);
		expect(after).toEqual(NO_DIFFERENCES);
		expect(await store.rows()).toEqual(expected);
		expect(signUps.wrong).toEqual(NO_WRONG_SIGN_UPS);
		await n8n.deactivate(store.workflowId);
	});

	test('what was running at the kill stays undone until it is sent again or n8n is told to retry it', async () => {
		const store = await ContactStore.setUp(n8n, postgres, 'running', {});
		const bodies = [0, 1, 2, 3].flatMap((user) => story(user, ['created']));
		const expected = expectedRows(bodies);
		sender = new SvixSender({ url: await publish(store), seed: SEED });
		// The table is locked, so that nothing can end before the kill.
		await store.lock();
		const sent = await Promise.all(bodies.map(async (body) => await sender.send(body)));
		expect(sender.counts()).toEqual({ '200 accepted': bodies.length });
		await store.untilHeldUp(bodies.length);
		await killAndRestart();
		await store.unlockWithoutThem();

		await n8n.signIn();
		await n8n.untilRegistered(await n8n.productionUrl(store.workflowId));
		await store.untilIdle(n8n);
		expect(await store.rows()).toEqual([]);
		const { crashed } = await store.runs(n8n);
		expect(crashed.map(userOfExecution).sort()).toEqual(bodies.map(userOf).sort());

		// A Replay in Clerk's dashboard: the same id, which the n8n of now has never seen.
		const [first, second, ...others] = bodies;
		const replayed = [first, second].filter((body) => body !== undefined);
		await Promise.all(replayed.map(async (body, index) => await sender.send(body, sent[index]?.id)));
		expect(sender.counts()).toEqual({ '200 accepted': bodies.length + replayed.length });
		await store.untilIdle(n8n);
		expect(await store.rows()).toEqual(expectedRows(replayed));

		const users = others.map(userOf);
		for (const execution of crashed.filter((execution) => users.includes(userOfExecution(execution)))) {
			expect(await store.retry(n8n, execution)).toBe('success');
		}
		expect(await store.rows()).toEqual(expected);
		expect((await store.signUps.compare(sender.messages)).wrong).toEqual(NO_WRONG_SIGN_UPS);
	});

	test('without anything that heeds its readiness before it, whatever our node accepted while n8n starts is stored', async () => {
		const store = await ContactStore.setUp(n8n, postgres, 'starting', { acknowledge: 'lastNode' });
		const url = await n8n.activate(store.workflowId);
		sender = new SvixSender({ url, seed: SEED, attempts: 1 });
		let user = 0;
		for (let start = 0; start < STARTS; start++) {
			let up = false;
			const restarting = killAndRestart()
				.then(async () => await n8n.untilRegistered(url))
				.finally(() => (up = true));
			// Each is sent when the one before it has its answer, so that nothing piles up behind a slow start.
			const sendOneByOne = async () => {
				for (let last = false; !last;) {
					last = up;
					for (const body of story(user++, ['created'])) await sender.send(body);
					// The moment is short where no migration has anything to do, and some starts have none.
					await wait(20);
				}
			};
			await Promise.all([restarting, ...Array.from({ length: 4 }, sendOneByOne)]);
		}

		await n8n.signIn();
		await store.untilIdle(n8n);
		const lost = sender.messages.filter(({ attempts: [attempt] }) => attempt?.status === 200 && attempt.outcome === null);
		report('kill.starting', { starts: STARTS, lost: lost.length, ...sender.figures() });
		const stored = (await store.rows()).map((row) => row['user_id'] as string);
		const usersWith = (matches: (attempt: Attempt) => boolean) =>
			new Set(sender.messages.filter(({ attempts }) => attempts.some(matches)).map(userOfMessage));
		const accepted = usersWith(({ outcome }) => outcome === 'accepted');
		expect(accepted.size).toBeGreaterThanOrEqual(STARTS);
		expect([...accepted].filter((id) => !stored.includes(id))).toEqual([]);
		// Of an answer that was lost, nobody can tell.
		const unknown = usersWith(({ failure }) => failure !== null);
		expect(stored.filter((id) => !accepted.has(id) && !unknown.has(id))).toEqual([]);
	});
});
