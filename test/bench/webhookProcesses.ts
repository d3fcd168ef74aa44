import { SECRET } from '../support/deliveries';
import { Postgres } from '../support/postgres';
import { Queue } from '../support/queueMode';
import { triggerWorkflow } from '../support/triggerWorkflow';
import type { ScalingFigures } from './figures';
import { sendAll } from './load';
import { SETTINGS, VERSION } from './n8n';
import type { Traffic } from './sample';
import { accepted, forged, says } from './scenarios';
import { rounded } from './statistics';

const CONNECTIONS = 8;
const MOST_PER_SECOND = 900;
/** Seconds. */
const WARM_UP = 3;

type Deliveries = Pick<Traffic, 'next' | 'isRight'>;

const DELIVERIES: Readonly<Record<string, Deliveries>> = {
	accepted: { next: accepted, isRight: says(200, 'accepted') },
	forged: { next: forged, isRight: says(401, 'rejected') },
};

/** Sends to so many URLs at once, with as many connections in all; ends when the queue is worked off. */
async function perSecond(queue: Queue, urls: readonly string[], { next, isRight }: Deliveries, seconds: number): Promise<number> {
	const share = Math.ceil((seconds * MOST_PER_SECOND) / urls.length);
	const requests = urls.map(() => Array.from({ length: share }, next));
	const start = performance.now();
	const answers = await Promise.all(
		urls.map(async (url, index) => await sendAll(url, requests[index] ?? [], CONNECTIONS / urls.length, seconds)),
	);
	await queue.untilIdle();
	const elapsed = (performance.now() - start) / 1000;
	const wrong = answers.flat().find((answer) => !isRight(answer));
	if (wrong) throw new Error(`A webhook process answered ${wrong.status} ${wrong.text.slice(0, 300)}`);
	return answers.flat().length / elapsed;
}

/**
 * Queue mode with one webhook process taking all deliveries, and with two sharing them, in turns; two
 * workers run the workflows either way.
 */
export async function measureWebhookProcesses(
	{ rounds, seconds }: { readonly rounds: number; readonly seconds: number },
	say: (text: string) => void,
): Promise<ScalingFigures['webhookProcesses']> {
	say("scaling: starting n8n's queue mode");
	const postgres = await Postgres.start();
	const { credential } = await postgres.createDatabase('n8n');
	let queue: Queue | undefined;
	try {
		queue = await Queue.start(VERSION, credential, { ...SETTINGS.lazy, EXECUTIONS_DATA_PRUNE: 'false' });
		const clerk = await queue.main.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
		const proxied = await queue.activate(await queue.main.createWorkflow(triggerWorkflow({}, clerk)));
		// Straight to the processes: the tests' proxy in between would be measured too.
		const { pathname } = new URL(proxied);
		const processes = Object.keys(queue.logs).filter((name) => name.startsWith('webhook '));
		const urls = processes.map((name) => name.slice('webhook '.length) + pathname);
		const figures: Record<string, { one: number[]; two: number[] }> = {};
		for (const [name, deliveries] of Object.entries(DELIVERIES)) {
			const { one, two } = (figures[name] = { one: [] as number[], two: [] as number[] });
			// Each process compiles for itself what is used often.
			for (const url of urls) await perSecond(queue, [url], deliveries, WARM_UP);
			for (let round = 1; round <= rounds; round++) {
				const alone = await perSecond(queue, urls.slice(0, 1), deliveries, seconds);
				const shared = await perSecond(queue, urls, deliveries, seconds);
				one.push(rounded(alone));
				two.push(rounded(shared));
			}
		}
		return figures;
	} finally {
		await queue?.stop();
		await postgres.stop();
	}
}
