import { setTimeout as wait } from 'node:timers/promises';

import { N8n } from '../support/n8n';
import { Postgres } from '../support/postgres';
import { SEED, Seeded, SvixSender } from '../support/svixSender';
import { ContactStore, expectRight, someTwice, story } from './contactTable';
import { report, sized, smallEnv } from './figures';

declare const n8nVersion: string;

jest.setTimeout(sized(300_000, 900_000));

const USERS = sized(20, 150);
/** How often the store is away, and for how many milliseconds. */
const OUTAGES = sized([3000], [5000, 30_000, 15_000]);

let postgres: Postgres;
let n8n: N8n;
let sender: SvixSender;

beforeAll(async () => {
	[postgres, n8n] = await Promise.all([Postgres.start(), N8n.start({ version: n8nVersion, env: smallEnv })]);
	await n8n.setUp();
});

afterAll(async () => {
	sender?.stop();
	await n8n?.stop();
	await postgres?.stop();
});

test(`with "Acknowledge: workflow succeeded", every delivery arrives though Postgres is away for a while (seed ${SEED})`, async () => {
	const start = Date.now();
	const random = new Seeded(SEED);
	const store = await ContactStore.setUp(n8n, postgres, 'store_down', { acknowledge: 'lastNode' });
	const bodies = Array.from({ length: USERS }, (_, user) =>
		story(user, user % 5 === 4 ? ['created', 'updated', 'deleted'] : ['created', 'updated']),
	).flat();
	sender = new SvixSender({ url: await n8n.activate(store.workflowId), seed: SEED });

	const sent = sender.sendAll(random.shuffled(someTwice(bodies, 0, random), 24));
	let failedWhileAway = 0;
	for (const [index, milliseconds] of OUTAGES.entries()) {
		const share = (index + random.between(0.2, 0.8)) / OUTAGES.length;
		await sender.untilDelivered(Math.floor(share * 0.9 * bodies.length), 120_000);
		const before = sender.counts()['500 failed'] ?? 0;
		await postgres.halt();
		await wait(milliseconds);
		await postgres.resume();
		const failed = (sender.counts()['500 failed'] ?? 0) - before;
		// Otherwise the store would not have been missed.
		expect(failed).toBeGreaterThan(0);
		failedWhileAway += failed;
	}
	await sent;

	const result = await store.resultOf(bodies, n8n, sender);
	const secondsAway = OUTAGES.reduce((sum, milliseconds) => sum + milliseconds, 0) / 1000;
	const seconds = Math.round((Date.now() - start) / 1000);
	report('storeDown', { ...result.figures, outages: OUTAGES.length, secondsAway, failedWhileAway, seconds });
	expectRight(result);
	// It was as hard as it is meant to be.
	expect(result.signUps.figures.lateSignUps).toBeGreaterThan(0);
});
