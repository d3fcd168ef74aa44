import fc from 'fast-check';
import { median, quantile } from 'simple-statistics';

import type { N8n } from '../support/n8n';
import type { ScenarioFigures, ScenarioKey } from './figures';
import { sendAll } from './load';
import type { Answer, Ready } from './load';
import { cpuSecondsOf } from './machine';
import { rounded } from './statistics';
import { Store } from './store';

/** What is sent to one URL, over and over. */
export interface Traffic {
	/** Unique among those that are measured together. */
	readonly name: string;
	readonly url: string;
	/** Makes the next request; it is signed now, so it has to be sent within minutes. */
	readonly next: () => Ready;
	readonly isRight: (answer: Answer) => boolean;
	/** Executions that each delivery has to start. */
	readonly executions: number;
}

/** What was measured within a few seconds. */
export interface Sample {
	readonly deliveries: number;
	/** Answers that were not the right ones, and executions too few, too many, or not successful. */
	readonly wrong: number;
	/** From the first request until everything is answered and every execution has ended. */
	readonly seconds: number;
	/** Of n8n and its task runner in that time. */
	readonly cpuSeconds: number;
	/** How long each answer took. */
	readonly milliseconds: number[];
	readonly executions: number;
	readonly storedBytes: number;
	/** The first thing that went wrong, for a person. */
	readonly problem: string | null;
}

/** What is measured together with others, and its samples so far. */
export interface Measured {
	readonly traffic: Traffic;
	readonly connections: number;
	/** How long each sample sends. */
	readonly seconds: number;
	readonly samples: Sample[];
}

/** More than any trigger takes in a second. */
const MOST_PER_SECOND = 1500;
/** Of all requests of a sample, which are made before it begins. */
const MOST_BYTES = 40 * 2 ** 20;

/** So many are sent before the clock starts: n8n starts its task runner for the first, and opens connections. */
const AHEAD = 2;

/**
 * Sends for a while and measures what that did to n8n. The CPU time is all that n8n used in the
 * meantime, whatever for; when nothing is sent, that is next to nothing.
 */
async function measure(n8n: N8n, store: Store, { traffic, connections, seconds: sending }: Measured): Promise<Sample> {
	const ahead = Array.from({ length: AHEAD }, traffic.next);
	await sendAll(traffic.url, ahead, 1, sending);
	await store.untilIdle();
	const most = Math.min(sending * MOST_PER_SECOND, MOST_BYTES / (ahead[0]?.body.length ?? 1));
	const requests = Array.from({ length: Math.ceil(most) }, traffic.next);
	const before = { ...store.executions, bytes: store.bytes };
	const cpuBefore = cpuSecondsOf(n8n.pid);
	const start = performance.now();
	const answers = await sendAll(traffic.url, requests, connections, sending);
	await store.untilIdle();
	const seconds = (performance.now() - start) / 1000;
	const cpuSeconds = cpuSecondsOf(n8n.pid) - cpuBefore;

	const { executions: after } = store;
	const executions = after.all - before.all;
	const failed = after.failed - before.failed;
	const wrongAnswers = answers.filter((answer) => !traffic.isRight(answer));
	const difference = Math.abs(executions - Math.round(answers.length * traffic.executions));
	// Where wanted and unwanted ones alternate, the last delivery may be the one or the other.
	const missing = difference > (Number.isInteger(traffic.executions) ? 0 : 1) ? difference : 0;
	const [first] = wrongAnswers;
	const counted = `${executions} executions for ${answers.length} deliveries, ${failed} unsuccessful`;
	const problem = first ? `${first.status} ${first.text.slice(0, 300)}` : failed + missing > 0 ? counted : null;
	return {
		deliveries: answers.length,
		wrong: wrongAnswers.length + failed + missing,
		seconds,
		cpuSeconds,
		milliseconds: answers.map(({ milliseconds }) => milliseconds),
		executions,
		storedBytes: store.bytes - before.bytes,
		problem: problem && `${traffic.name}: ${problem}`,
	};
}

/**
 * In another order in each round, the same ones in each run: what one leaves behind for the next, such
 * as garbage to collect, must not hit the same one every time.
 */
export function shuffled<T>(all: readonly T[], round: number): T[] {
	const orders = fc.shuffledSubarray([...all], { minLength: all.length });
	return fc.sample(orders, { numRuns: 1, seed: round })[0] ?? [];
}

/**
 * Takes a sample of each, one after the other, and again in each round: a machine that gets slower in
 * the meantime slows all of them.
 * @param warmUp is sent twice before that, and not counted
 * @returns what went wrong
 */
export async function takeSamples(
	n8n: N8n,
	all: readonly Measured[],
	rounds: number,
	warmUp: readonly Measured[],
	say: (text: string) => void = () => {},
): Promise<string[]> {
	const store = new Store(n8n);
	try {
		for (const one of [...warmUp, ...warmUp]) await measure(n8n, store, one);
		for (let round = 1; round <= rounds; round++) {
			for (const one of shuffled(all, round)) one.samples.push(await measure(n8n, store, one));
			say(`round ${round} of ${rounds}`);
		}
	} finally {
		store.close();
	}
	return all.flatMap(({ samples }) => samples.flatMap(({ problem }) => problem ?? []));
}

/** Puts the samples of a scenario together, one for each round. */
export function summarise(key: ScenarioKey, samples: readonly Sample[]): ScenarioFigures {
	const sum = (of: (sample: Sample) => number) => samples.reduce((total, sample) => total + of(sample), 0);
	const deliveries = sum((sample) => sample.deliveries);
	const milliseconds = samples.flatMap((sample) => sample.milliseconds);
	return {
		...key,
		perSecond: samples.map((sample) => rounded(sample.deliveries / sample.seconds)),
		cpuMs: samples.map((sample) => rounded((sample.cpuSeconds * 1000) / sample.deliveries)),
		p50: rounded(median(milliseconds), 3),
		p99: rounded(quantile(milliseconds, 0.99), 3),
		deliveries,
		wrong: sum((sample) => sample.wrong),
		executions: rounded(sum((sample) => sample.executions) / deliveries, 3),
		storedBytes: Math.round(sum((sample) => sample.storedBytes) / deliveries),
	};
}
