import { setTimeout as wait } from 'node:timers/promises';

import type { ClerkBody } from '../support/deliveries';
import { N8n } from '../support/n8n';
import { forThisFile } from '../support/forThisFile';
import { Postgres } from '../support/postgres';
import { ReverseProxy } from '../support/reverseProxy';
import { SEED, Seeded, SvixSender } from '../support/svixSender';
import type { Attempt } from '../support/svixSender';
import {
	ContactStore,
	expectedRows,
	expectRight,
	someTwice,
	stories,
	story,
	userOf,
	userOfExecution,
	userOfMessage,
} from './contactTable';
import { report, sized, sizedEnv } from './figures';
import { NO_WRONG_SIGN_UPS } from './signUpTable';

declare const n8nVersion: string;

jest.setTimeout(sized(300_000, 1_800_000));

const DELIVERIES = sized(60, 500);
const KILLS = sized(2, 12);
/** Of n8n with nothing before it. */
const STARTS = sized(1, 8);

const postgres = forThisFile(async () => await Postgres.start());
let n8n: N8n;
let proxy: ReverseProxy;
let sender: SvixSender;
/** How often n8n did not come up again at the first try. */
let failedStarts = 0;

beforeAll(async () => {
	n8n = await (await N8n.start({ version: n8nVersion, env: sizedEnv })).setUp();
	proxy = await ReverseProxy.whenReady(n8n.url);
});

beforeEach(() => (failedStarts = 0));

afterEach(() => sender?.stop());

afterAll(async () => {
	await proxy?.stop();
	await n8n?.stop();
});

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
			n8n = await N8n.start({ version: n8nVersion, env: sizedEnv, userFolder, port: Number(new URL(url).port) });
			return;
		} catch (failure) {
			if (tries === 3 || !String(failure).includes('ended at its start')) throw failure;
			failedStarts++;
		}
	}
}

/**
 * Sends these, a tenth of them twice and all somewhat out of order, while n8n is killed at moments that the seed gives.
 * Some answers get lost on their way, so that the sender tries again what has been accepted.
 */
async function sendUnderKills(bodies: readonly ClerkBody[]): Promise<void> {
	const random = new Seeded(SEED);
	const twice = someTwice(random.shuffled(bodies, 12), 0.1, random);
	const sent = sender.sendAll(twice);
	for (let kill = 0; kill < KILLS; kill++) {
		// One in each part of the way, so that every n8n has got something to do before it dies.
		const share = (kill + random.between(0.1, 0.9)) / KILLS;
		await sender.untilDelivered(Math.floor(share * 0.95 * twice.length), 120_000);
		await wait(random.between(0, 250));
		await killAndRestart();
	}
	await sent;
	await n8n.signIn();
}

/** Publishes a store's workflow. @returns where a sender outside delivers to it */
async function publish({ workflowId }: ContactStore): Promise<string> {
	return (await n8n.activate(workflowId)).replace(n8n.url, proxy.url);
}

describe(`a sender like Svix, and an n8n that is killed again and again (seed ${SEED})`, () => {
	test.each([
		['with "Acknowledge: workflow succeeded", no user is lost, none is out of date, and each has signed up once', true],
		['with "Acknowledge: stored", only what n8n marked as crashed is missing, and its Retry brings it back', false],
	])('%s', async (_, succeeded) => {
		const start = Date.now();
		const bodies = stories(DELIVERIES);
		const options: Record<string, string> = succeeded ? { acknowledge: 'lastNode' } : {};
		const store = await ContactStore.setUp(n8n, postgres(), succeeded ? 'succeeded' : 'stored', options);
		sender = new SvixSender({ url: await publish(store), seed: SEED, hangUps: { share: 0.03, within: 300 } });
		await sendUnderKills(bodies);

		// What was stored and not begun, n8n runs after its start, though it comes again as well.
		const result = await store.resultOf(bodies, n8n, sender);
		const figures = () => ({
			...result.figures,
			kills: KILLS,
			startsThatFailed: failedStarts,
			seconds: Math.round((Date.now() - start) / 1000),
		});
		if (succeeded) {
			report('kill.workflowSucceeded', figures());
			expectRight(result);
			// It was as hard as it is meant to be.
			expect(result.signUps.figures.lateSignUps).toBeGreaterThan(0);
		} else {
			const { missing, stale } = result.differences;
			const events = result.signUps.wrong.missing;
			const crashed = new Set(result.runs.crashed.map(userOfExecution));
			expect([...missing, ...stale, ...events].filter((user) => !crashed.has(user))).toEqual([]);
			const retried: string[] = [];
			for (const execution of result.runs.crashed) retried.push(await store.retry(n8n, execution));
			const after = await store.resultOf(bodies, n8n, sender);
			const { rowsRight, ...signUps } = { rowsRight: after.figures['rowsRight'] ?? 0, ...after.signUps.figures };
			report('kill.stored', {
				...figures(),
				rowsMissing: missing.length,
				rowsOutOfDate: stale.length,
				eventsMissing: events.length,
				executionsRetried: retried.length,
				rowsRight,
				...signUps,
			});
			expect(retried.filter((status) => status !== 'success')).toEqual([]);
			expectRight(after);
		}
		await n8n.deactivate(store.workflowId);
	});

	test('what was running at the kill stays undone until it is sent again or somebody retries it in n8n', async () => {
		const store = await ContactStore.setUp(n8n, postgres(), 'running', {});
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

	test('without a proxy that checks its readiness, whatever our node accepted while n8n starts is stored', async () => {
		const store = await ContactStore.setUp(n8n, postgres(), 'starting', { acknowledge: 'lastNode' });
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
		// Nobody knows of an answer that was lost.
		const unknown = usersWith(({ failure }) => failure !== null);
		expect(stored.filter((id) => !accepted.has(id) && !unknown.has(id))).toEqual([]);
	});
});
