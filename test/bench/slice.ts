import type { N8n } from '../support/n8n';
import { sendAll } from './load';
import type { Answer, Ready } from './load';
import { cpuSecondsOf } from './machine';
import type { Store } from './store';

/** What is sent to one URL, over and over. */
export interface Lane {
	/** Unique among those that are measured together. */
	readonly name: string;
	readonly url: string;
	/** Makes the next request; it is signed now, so it has to be sent within minutes. */
	readonly next: () => Ready;
	readonly isRight: (answer: Answer) => boolean;
	/** Executions that each delivery has to leave behind. */
	readonly executions: number;
}

/** What came of one lane within a few seconds. */
export interface Slice {
	readonly deliveries: number;
	/** Answers that were not the right ones, and executions too few, too many, or not successful. */
	readonly wrong: number;
	/** From the first request until everything is answered and every execution has ended. */
	readonly seconds: number;
	/** Of n8n and its task runner in that time. */
	readonly cpuSeconds: number;
	/** How long each answer took. */
	readonly milliseconds: readonly number[];
	readonly executions: number;
	readonly storedBytes: number;
	/** The first wrong answer, for a person. */
	readonly complaint: string | null;
}

export interface SliceSize {
	readonly connections: number;
	/** After which nothing more is sent. */
	readonly seconds: number;
	/** Nothing more is sent after so many either. */
	readonly deliveries: number;
}

/** So many go ahead before the clock starts: n8n starts its task runner for the first, and opens connections. */
const AHEAD = 2;

/**
 * Sends for a while and measures what that did to n8n. The CPU time is all that n8n used in the
 * meantime, whatever for; when nothing is sent, that is next to nothing.
 */
export async function measure(n8n: N8n, store: Store, lane: Lane, size: SliceSize): Promise<Slice> {
	await sendAll(lane.url, Array.from({ length: AHEAD }, lane.next), 1, size.seconds);
	await store.untilIdle();
	const requests = Array.from({ length: size.deliveries }, lane.next);
	const [before, failedBefore] = [store.now(), store.failed];
	const cpuBefore = cpuSecondsOf(n8n.pid);
	const start = performance.now();
	const answers = await sendAll(lane.url, requests, size.connections, size.seconds);
	await store.untilIdle();
	const seconds = (performance.now() - start) / 1000;
	const cpuSeconds = cpuSecondsOf(n8n.pid) - cpuBefore;
	const after = store.now();

	const executions = after.executions - before.executions;
	const failed = store.failed - failedBefore;
	const complaints = answers.filter((answer) => !lane.isRight(answer));
	const [first] = complaints;
	const missing = Math.abs(executions - Math.round(answers.length * lane.executions));
	// In a mix, the last delivery may be the one or the other.
	const tolerated = Number.isInteger(lane.executions) ? 0 : 1;
	return {
		deliveries: answers.length,
		wrong: complaints.length + failed + (missing > tolerated ? missing : 0),
		seconds,
		cpuSeconds,
		milliseconds: answers.map(({ milliseconds }) => milliseconds),
		executions,
		storedBytes: after.bytes - before.bytes,
		complaint: first
			? `${lane.name}: ${first.status} ${first.text.slice(0, 300)}`
			: failed + (missing > tolerated ? missing : 0) > 0
				? `${lane.name}: ${executions} executions for ${answers.length} deliveries, ${failed} unsuccessful`
				: null,
	};
}
