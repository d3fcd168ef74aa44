import { setTimeout as wait } from 'node:timers/promises';

import { forThisFile } from '../support/forThisFile';
import { Postgres } from '../support/postgres';
import { SEED, Seeded, SvixSender } from '../support/svixSender';
import { useN8n } from '../support/useN8n';
import { ContactStore, expectRight, someTwice, story } from './contactTable';
import { report, sized, sizedEnv } from './figures';

jest.setTimeout(sized(300_000, 900_000));

const USERS = sized(20, 150);
/** How often the store is away, and for how many milliseconds. */
const OUTAGES = sized([3000], [5000, 30_000, 15_000]);

const postgres = forThisFile(async () => await Postgres.start());
const host = useN8n({ env: sizedEnv });
let sender: SvixSender;

afterEach(() => sender?.stop());

test(`with "Acknowledge: workflow succeeded", every delivery arrives though Postgres is away for a while (seed ${SEED})`, async () => {
	const start = Date.now();
	const random = new Seeded(SEED);
	const store = await ContactStore.setUp(host.n8n, postgres(), 'store_down', { acknowledge: 'lastNode' });
	const bodies = Array.from({ length: USERS }, (_, user) =>
		story(user, user % 5 === 4 ? ['created', 'updated', 'deleted'] : ['created', 'updated']),
	).flat();
	sender = new SvixSender({ url: await host.n8n.activate(store.workflowId), seed: SEED });

	const sent = sender.sendAll(random.shuffled(someTwice(bodies, 0, random), 24));
	let failedWhileAway = 0;
	for (const [index, milliseconds] of OUTAGES.entries()) {
		const share = (index + random.between(0.2, 0.8)) / OUTAGES.length;
		await sender.untilDelivered(Math.floor(share * 0.9 * bodies.length), 120_000);
		const before = sender.counts()['500 failed'] ?? 0;
		await postgres().halt();
		await wait(milliseconds);
		await postgres().resume();
		const failed = (sender.counts()['500 failed'] ?? 0) - before;
		// Otherwise the store would not have been missed.
		expect(failed).toBeGreaterThan(0);
		failedWhileAway += failed;
	}
	await sent;

	const result = await store.resultOf(bodies, host.n8n, sender);
	const secondsAway = OUTAGES.reduce((sum, milliseconds) => sum + milliseconds, 0) / 1000;
	const seconds = Math.round((Date.now() - start) / 1000);
	report('storeDown', { ...result.figures, outages: OUTAGES.length, secondsAway, failedWhileAway, seconds });
	expectRight(result);
	// It was as hard as it is meant to be.
	expect(result.signUps.figures.lateSignUps).toBeGreaterThan(0);
});
