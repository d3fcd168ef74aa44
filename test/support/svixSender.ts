import { setTimeout as wait } from 'node:timers/promises';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

import { SECRET, signed } from './deliveries';
import { until } from './eventually';
import { nextId } from './triggerWorkflow';

/** Of what is left to chance in a proof. It stands in the names of the tests; CLERK_SYNC_SEED sets another. */
export const SEED = Number(process.env['CLERK_SYNC_SEED'] ?? 20_261);

/** What a seed gives: the same numbers each time, so that a failure can be had again. */
export class Seeded {
	private readonly generator;

	constructor(seed: number) {
		this.generator = xoroshiro128plus(seed);
	}

	/** A number from 0 to 1, without 1. */
	next(): number {
		return uniformFloat64(this.generator);
	}

	between(least: number, most: number): number {
		return least + this.next() * (most - least);
	}

	oneOf<T>(choices: readonly T[]): T {
		if (choices.length === 0) throw new Error('There is nothing to choose from');
		return choices[Math.floor(this.next() * choices.length)] as T;
	}

	bytes(count: number): Buffer {
		return Buffer.from(Array.from({ length: count }, () => Math.floor(this.next() * 256)));
	}

	/**
	 * The same things in another order.
	 * @param reach how many places something moves at most, about; without it, to anywhere
	 */
	shuffled<T>(things: readonly T[], reach = Infinity): T[] {
		return things
			.map((thing, index) => ({ thing, place: reach === Infinity ? this.next() : index + this.next() * reach }))
			.sort((a, b) => a.place - b.place)
			.map(({ thing }) => thing);
	}
}

/** One try to hand a delivery over. */
export interface Attempt {
	/** Null where no answer came. */
	readonly status: number | null;
	/** What our trigger says became of it; null where something else answered, or nothing. */
	readonly outcome: string | null;
	/** Where no answer came: `timed out`, when the sender had waited long enough, or else `no connection`. */
	readonly failure: 'timed out' | 'no connection' | null;
	/** When it was made, and when it was over: milliseconds since this process began. */
	readonly began: number;
	readonly ended: number;
}

/** One message to an endpoint, and all that was tried to hand it over. */
export interface Message {
	/** Its svix-id. */
	readonly id: string;
	readonly body: string;
	readonly attempts: Attempt[];
	/** Whether an attempt was answered with 2xx. */
	delivered: boolean;
}

export interface SenderOptions {
	url: string;
	secret?: string;
	/** Milliseconds before each attempt; the last one again and again. */
	schedule?: readonly number[];
	/** After so many attempts a message is given up. */
	attempts?: number;
	/** How many attempts are under way at a time. */
	concurrency?: number;
	seed: number;
	/** Milliseconds that it waits for an answer. */
	patience?: number;
	/** Of all attempts, the share in which it hangs up after so many milliseconds at most: an answer that gets lost. */
	hangUps?: { share: number; within: number };
}

/** Svix', with its hours shortened to seconds. */
const SCHEDULE = [0, 300, 1000, 2000, 4000];

/**
 * Delivers as Svix does: each attempt is signed again, with its own time and the message's one ID,
 * only 2xx is success, and everything else (409, 500, no answer, a broken or refused connection) is
 * tried again until it is given up. Keeps what came of each attempt.
 */
export class SvixSender {
	readonly messages: Message[] = [];
	private readonly options: Required<Omit<SenderOptions, 'seed'>>;
	private readonly random: Seeded;
	private readonly stopping = new AbortController();
	private underWay = 0;
	private readonly queue: Array<() => void> = [];

	constructor({ seed, ...options }: SenderOptions) {
		this.random = new Seeded(seed);
		this.options = {
			secret: SECRET,
			schedule: SCHEDULE,
			attempts: 150,
			concurrency: 8,
			// Svix'.
			patience: 15_000,
			hangUps: { share: 0, within: 0 },
			...options,
		};
	}

	/**
	 * Sends until it is delivered or given up.
	 * @param id of a message that was sent before, to send it again: a duplicate, or a person's Replay
	 */
	async send(body: object, id = nextId()): Promise<Message> {
		const message: Message = { id, body: JSON.stringify(body), attempts: [], delivered: false };
		this.messages.push(message);
		const { schedule, attempts } = this.options;
		while (!message.delivered && message.attempts.length < attempts && !this.stopping.signal.aborted) {
			const pause = schedule[Math.min(message.attempts.length, schedule.length - 1)] ?? 0;
			// A quarter more or less, so that what failed together doesn't come back together.
			await wait(pause * this.random.between(0.75, 1.25), undefined, { signal: this.stopping.signal }).catch(() => {});
			await this.turn(async () => {
				const began = performance.now();
				const attempt = { ...(await this.attempt(message)), began, ended: performance.now() };
				message.attempts.push(attempt);
				message.delivered = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
			});
		}
		return message;
	}

	/** Sends all of these. @throws if one of them, or of those that were sent before, is given up */
	async sendAll(all: ReadonlyArray<{ body: object; id: string }>): Promise<void> {
		await Promise.all(all.map(async ({ body, id }) => await this.send(body, id)));
		const undelivered = this.messages.filter(({ delivered }) => !delivered);
		if (undelivered.length > 0) throw new Error(`These were not delivered: ${JSON.stringify(undelivered, null, 1)}`);
	}

	/** Waits for one of the few places, in the order of asking. */
	private async turn(work: () => Promise<void>): Promise<void> {
		if (this.underWay >= this.options.concurrency) await new Promise<void>((resolve) => this.queue.push(resolve));
		else this.underWay++;
		try {
			await work();
		} finally {
			const next = this.queue.shift();
			// The place is handed on, so that nobody takes it in between.
			if (next) next();
			else this.underWay--;
		}
	}

	private async attempt({ id, body }: Message): Promise<Omit<Attempt, 'began' | 'ended'>> {
		const { url, secret, patience, hangUps } = this.options;
		const waits = this.random.next() < hangUps.share ? this.random.between(0, hangUps.within) : patience;
		const tooLong = AbortSignal.timeout(Math.ceil(waits));
		try {
			const response = await fetch(url, {
				method: 'POST',
				headers: { 'content-type': 'application/json', ...signed(body, { secret, id, at: Date.now() }) },
				body,
				signal: AbortSignal.any([tooLong, this.stopping.signal]),
			});
			return { status: response.status, outcome: outcomeIn(await response.text()), failure: null };
		} catch {
			return { status: null, outcome: null, failure: tooLong.aborted ? 'timed out' : 'no connection' };
		}
	}

	/** How many messages, with those that were sent again, were delivered so far. */
	get delivered(): number {
		return this.messages.filter(({ delivered }) => delivered).length;
	}

	/**
	 * Waits until so many messages are delivered.
	 * @throws when that takes longer than it may
	 */
	async untilDelivered(count: number, milliseconds: number): Promise<void> {
		const otherwise = () => `Only ${this.delivered} of ${count} messages were delivered: ${JSON.stringify(this.counts())}`;
		await until(() => this.delivered >= count, { within: milliseconds, every: 10, otherwise });
	}

	/** How many attempts ended how: by status and outcome, or by why no answer came. */
	counts(): Record<string, number> {
		const counts: Record<string, number> = {};
		for (const attempt of this.messages.flatMap(({ attempts }) => attempts)) {
			const end = endOf(attempt);
			counts[end] = (counts[end] ?? 0) + 1;
		}
		return counts;
	}

	/** The same, for the figures of a proof: only what our trigger answered has its own word. */
	figures(): Record<string, number> {
		const counts = this.counts();
		const count = (end: string) => counts[end] ?? 0;
		return {
			messages: this.messages.length,
			attempts: this.messages.reduce((sum, { attempts }) => sum + attempts.length, 0),
			answeredAccepted: count('200 accepted'),
			answeredDuplicate: count('200 duplicate'),
			answeredStale: count('200 stale'),
			answeredPostponed: count('409 postponed'),
			answeredFailed: count('500 failed'),
			answeredNotFound: count('404'),
			answeredNotReady: count('502') + count('503'),
			answeredByOthersWith200: count('200'),
			timedOut: count('timed out'),
			noConnection: count('no connection'),
		};
	}

	/** Gives up what isn't delivered yet. */
	stop(): void {
		this.stopping.abort();
	}
}

function endOf({ status, outcome, failure }: Attempt): string {
	return failure ?? (outcome === null ? String(status) : `${status} ${outcome}`);
}

function outcomeIn(text: string): string | null {
	try {
		const { outcome } = JSON.parse(text) as { outcome?: unknown };
		return typeof outcome === 'string' ? outcome : null;
	} catch {
		return null;
	}
}
