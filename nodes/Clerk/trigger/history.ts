import { createHash } from 'node:crypto';

import type { UserVersion } from '../records/user';
import type { Repeated } from './outcome';

/** How long something is remembered at least, unless more comes than there is room for: Clerk tries for about 28 hours. */
const REMEMBER_MS = 48 * 60 * 60 * 1000;

/** Most entries in a generation; there are two, of deliveries and of users each. */
const ENTRIES_PER_GENERATION = 50_000;

/**
 * How long a delivery counts as in flight after its sender has hung up, in case n8n is still at work
 * on it. Clerk hangs up after 15 seconds and tries again after 5 seconds and after 5 minutes: the
 * first finds it in flight, the second finds what came of it, or finds it free.
 */
const HOLD_MS = 4 * 60 * 1000;

/** What the history has to know of a delivery. */
export interface Repeatable {
	/** Which trigger it came to: a workflow and its node. Each has a history of its own. */
	readonly scope: string;
	/** `svix-id`, or null where duplicates are let in. */
	readonly id: string | null;
	/** Null where the delivery tells no state of a user, or where out-of-date ones are let in. */
	readonly user: UserVersion | null;
}

/** A delivery that was let in and is not answered yet. */
export interface Claim {
	/** It has been answered: a success is remembered, after a failure it may come again. */
	settle(succeeded: boolean, now: number): void;
	/** Its sender has hung up before n8n knew the answer. Settling it later still counts. */
	abandon(now: number): void;
}

interface Entry extends Claim {
	readonly keys: readonly string[];
	/** The state of the user that it brings, milliseconds. */
	readonly notBefore: number;
	/** When it counts as in flight no longer, milliseconds since 1970. */
	heldUntil: number;
}

/**
 * What the triggers of one n8n process have let in, so that nothing runs twice and nothing old
 * overtakes something newer. It is gone when the process ends and is not shared between processes:
 * n8n gives a trigger no place in its database that keeps what is written at a delivery.
 *
 * Nothing in it names a person: entries are digests of a fixed length, so that their number bounds
 * their size whatever a sender calls its deliveries.
 */
export class History {
	/** When a delivery was let in, in seconds, which V8 keeps without an object of their own. */
	private readonly deliveries: Generations;
	/** The state of a user that was let in last, in milliseconds. */
	private readonly users: Generations;
	private readonly inFlight = new Map<string, Entry[]>();
	private readonly abandoned: Entry[] = [];
	private readonly holdMs: number;

	constructor({ rememberMs = REMEMBER_MS, entries = ENTRIES_PER_GENERATION, holdMs = HOLD_MS } = {}) {
		this.deliveries = new Generations(rememberMs, entries);
		this.users = new Generations(rememberMs, entries);
		this.holdMs = holdMs;
	}

	/**
	 * Lets a delivery in, or says which earlier one it repeats. There is no pause between looking and
	 * claiming, so of two that arrive together one wins.
	 * @param now milliseconds since 1970
	 */
	admit({ scope, id, user }: Repeatable, now: number): Claim | Repeated {
		this.dropAbandoned(now);
		const idKey = id === null ? null : digest('delivery', scope, id);
		const userKey = user === null ? null : digest('user', scope, user.userId);

		if (idKey !== null) {
			const acceptedAt = this.deliveries.get(idKey, now);
			if (acceptedAt !== undefined) return { outcome: 'duplicate', acceptedAt: acceptedAt * 1000 };
			if (this.inFlight.has(idKey)) return { outcome: 'postponed', code: 'same_in_flight' };
		}
		if (userKey !== null && user?.kind === 'state') {
			if (user.at < (this.users.get(userKey, now) ?? -Infinity)) return { outcome: 'stale' };
			if (this.inFlight.get(userKey)?.some(({ notBefore }) => user.at < notBefore)) {
				return { outcome: 'postponed', code: 'newer_in_flight' };
			}
		}
		// After a deletion, a state of the very same moment is older too.
		const notBefore = user === null ? -Infinity : user.kind === 'deleted' ? user.at + 1 : user.at;
		return this.claim(idKey, userKey, notBefore);
	}

	private claim(idKey: string | null, userKey: string | null, notBefore: number): Claim {
		const entry: Entry = {
			keys: [idKey, userKey].filter((key) => key !== null),
			notBefore,
			heldUntil: Infinity,
			settle: (succeeded, now) => {
				this.release(entry);
				if (!succeeded) return;
				if (idKey !== null) this.deliveries.set(idKey, Math.floor(now / 1000), now);
				if (userKey !== null) this.users.set(userKey, Math.max(this.users.get(userKey, now) ?? -Infinity, notBefore), now);
			},
			abandon: (now) => {
				entry.heldUntil = now + this.holdMs;
				this.abandoned.push(entry);
			},
		};
		for (const key of entry.keys) this.inFlight.set(key, [...(this.inFlight.get(key) ?? []), entry]);
		return entry;
	}

	private release(entry: Entry): void {
		for (const key of entry.keys) {
			const others = this.inFlight.get(key)?.filter((other) => other !== entry) ?? [];
			if (others.length > 0) this.inFlight.set(key, others);
			else this.inFlight.delete(key);
		}
	}

	/** In the order in which they were abandoned, which is the order in which they expire. */
	private dropAbandoned(now: number): void {
		for (let oldest = this.abandoned[0]; oldest && oldest.heldUntil <= now; oldest = this.abandoned[0]) {
			this.release(oldest);
			this.abandoned.shift();
		}
	}
}

/**
 * Numbers by key, of which the oldest go when there is no room or their time is over. They go a
 * generation at a time: the price is up to twice the time and the room, the gain is that nothing has
 * to run in the background and no entry needs a place in a queue.
 */
class Generations {
	private young = new Map<string, number>();
	private old = new Map<string, number>();
	private youngSince = -Infinity;

	constructor(
		private readonly rememberMs: number,
		private readonly entries: number,
	) {}

	get(key: string, now: number): number | undefined {
		this.age(now);
		return this.young.get(key) ?? this.old.get(key);
	}

	set(key: string, value: number, now: number): void {
		this.age(now);
		if (this.young.size >= this.entries && !this.young.has(key)) this.startGeneration(now);
		this.young.set(key, value);
	}

	private age(now: number): void {
		if (now - this.youngSince < this.rememberMs) return;
		const bothOver = now - this.youngSince >= 2 * this.rememberMs;
		this.startGeneration(now);
		if (bothOver) this.old.clear();
	}

	private startGeneration(now: number): void {
		this.old = this.young;
		this.young = new Map();
		this.youngSince = now;
	}
}

/** 128 bits are enough never to meet twice, and take 16 bytes as a string of Latin-1. */
function digest(kind: string, scope: string, name: string): string {
	return createHash('sha256').update(`${kind}\n${scope}\n${name}`).digest().toString('latin1', 0, 16);
}
