import { createHash } from 'node:crypto';

import { timeOfSnapshot } from '../records/changes';
import type { Snapshot } from '../records/changes';
import { NOTHING_KNOWN, UNDATED } from '../records/state';
import type { Known, State, Subject } from '../records/state';
import type { Repeated } from './outcome';

/** How long entries are remembered at least, unless there are too many. Clerk retries for about 28 hours. */
const REMEMBER_MS = 48 * 60 * 60 * 1000;

/** The most entries in a generation. Deliveries and states have two generations each. */
const ENTRIES_PER_GENERATION = 50_000;

/** The same, of what users looked like: an entry is some two hundred bytes long. */
const SNAPSHOTS_PER_GENERATION = 20_000;

/**
 * How long a delivery counts as in flight after its sender has disconnected. n8n still answers, but perhaps hours
 * later: a workflow may be slow, or queued (N8N_CONCURRENCY_PRODUCTION_LIMIT). Clerk's last attempt comes after about
 * 27.6 hours, so if there is never an answer, that attempt is accepted.
 */
const HOLD_MS = 24 * 60 * 60 * 1000;

/** A delivery that was passed to n8n and is not answered yet. */
export interface Claim {
	/** Call it when n8n has answered. A success is remembered; after a failure, the delivery may come again. */
	settle(succeeded: boolean, now: number): void;
	/** Call it when the sender has disconnected before n8n answered. It can still be settled later. */
	abandon(now: number): void;
}

/** A state without its subject, which is in its key. */
type Unnamed = Omit<State, 'subject' | 'id'>;

interface Entry extends Claim {
	/** By key; null for the delivery itself. */
	readonly states: ReadonlyMap<string, Unnamed | null>;
	/** Until when it counts as in flight, milliseconds since 1970. */
	heldUntil: number;
}

/**
 * What the triggers of one n8n process have accepted, so that nothing runs twice and no old state replaces a newer
 * one. It is lost when the process ends and is not shared between processes: n8n has no place in its database where
 * a trigger could save anything during a delivery.
 *
 * It contains no personal data: entries are digests of a fixed length, so their number limits their size, whatever
 * IDs a sender uses. Each trigger has its own history: its `scope` is its workflow and node.
 */
export class History {
	/** When each delivery was accepted, in seconds: V8 stores such numbers without an object. */
	private readonly deliveries: Generations<number>;
	/** The newest accepted state of each subject, packed into a number. */
	private readonly states: Generations<number>;
	/** What each user looked like in the newest accepted state. */
	private readonly snapshots: Generations<Snapshot>;
	private readonly inFlight = new Map<string, Entry[]>();
	/** In the order in which they were abandoned, and so expire. */
	private readonly abandoned = new Set<Entry>();
	private readonly holdMs: number;

	constructor({
		rememberMs = REMEMBER_MS,
		entries = ENTRIES_PER_GENERATION,
		snapshots = SNAPSHOTS_PER_GENERATION,
		holdMs = HOLD_MS,
	} = {}) {
		this.deliveries = new Generations(rememberMs, entries);
		this.states = new Generations(rememberMs, entries);
		this.snapshots = new Generations(rememberMs, snapshots);
		this.holdMs = holdMs;
	}

	/**
	 * Whether a delivery repeats one that was accepted or is in flight.
	 * @param id `svix-id`
	 * @param now milliseconds since 1970
	 */
	repeats(scope: string, id: string, now: number): Repeated | null {
		this.dropAbandoned(now);
		const key = digest('delivery', scope, id);
		const acceptedAt = this.deliveries.get(key, now);
		if (acceptedAt !== undefined) return { outcome: 'duplicate', acceptedAt: acceptedAt * 1000 };
		return this.inFlight.has(key) ? { outcome: 'postponed', code: 'same_in_flight' } : null;
	}

	/** What is known about a subject from accepted deliveries and from those in flight. */
	known(scope: string, subject: Subject, id: string, now: number): Known {
		this.dropAbandoned(now);
		const key = digest(subject, scope, id);
		const accepted = subject === 'changes' ? this.seen(key, now) : unpack(this.states.get(key, now));
		const open = (this.inFlight.get(key) ?? []).flatMap(({ states }) => states.get(key) ?? []);
		if (open.length === 0) return accepted;
		const inFlight = Math.max(...open.map(({ at }) => at));
		return { ...open.reduce(after, accepted), accepted: accepted.accepted, inFlight };
	}

	/**
	 * Marks a delivery as in flight. There must be no pause between reading what is known and claiming, so that only one
	 * of two simultaneous deliveries wins.
	 * @param id `svix-id`, or null to accept duplicates
	 * @param states the states in it
	 */
	claim(scope: string, id: string | null, states: readonly State[]): Claim {
		const idKey = id === null ? null : digest('delivery', scope, id);
		const byKey = states.map(({ subject, id: name, ...state }) => [digest(subject, scope, name), state] as const);
		const entry: Entry = {
			states: new Map<string, Unnamed | null>([...byKey, ...(idKey === null ? [] : [[idKey, null] as const])]),
			heldUntil: Infinity,
			settle: (succeeded, now) => {
				this.release(entry);
				for (const [key, state] of byKey) {
					// A workflow that failed may have stored the address before it did.
					this.remember(key, succeeded ? state : { at: UNDATED, withEmail: state.withEmail === true }, now);
				}
				if (succeeded && idKey !== null) this.deliveries.set(idKey, Math.floor(now / 1000), now);
			},
			abandon: (now) => {
				entry.heldUntil = now + this.holdMs;
				this.abandoned.add(entry);
			},
		};
		for (const key of entry.states.keys()) this.inFlight.set(key, [...(this.inFlight.get(key) ?? []), entry]);
		return entry;
	}

	/** Remembers the states of a delivery that starts no workflow. */
	note(scope: string, states: readonly State[], now: number): void {
		for (const { subject, id, ...state } of states) this.remember(digest(subject, scope, id), state, now);
	}

	private seen(key: string, now: number): Known {
		const snapshot = this.snapshots.get(key, now);
		return snapshot === undefined ? NOTHING_KNOWN : { ...NOTHING_KNOWN, accepted: timeOfSnapshot(snapshot), snapshot };
	}

	private remember(key: string, state: Unnamed, now: number): void {
		if (state.snapshot !== undefined) {
			if (state.at >= this.seen(key, now).accepted) this.snapshots.set(key, state.snapshot, now);
			return;
		}
		if (state.at === UNDATED && state.withEmail !== true && state.unsubscribed !== true) return;
		this.states.set(key, pack(after(unpack(this.states.get(key, now)), state)), now);
	}

	private release(entry: Entry): void {
		this.abandoned.delete(entry);
		for (const key of entry.states.keys()) {
			const others = this.inFlight.get(key)?.filter((other) => other !== entry) ?? [];
			if (others.length > 0) this.inFlight.set(key, others);
			else this.inFlight.delete(key);
		}
	}

	private dropAbandoned(now: number): void {
		for (const oldest of this.abandoned) {
			if (oldest.heldUntil > now) return;
			this.release(oldest);
		}
	}
}

/** What is known after another state. */
function after(before: Known, { at, withEmail, unsubscribed, snapshot }: Unnamed): Known {
	const isNewest = at !== UNDATED && at >= before.accepted;
	// Part of a user can be unsubscribed, but only a newer whole state shows that it no longer is.
	const says = isNewest || (at === UNDATED && unsubscribed === true) ? unsubscribed : undefined;
	return {
		accepted: isNewest ? at : before.accepted,
		inFlight: null,
		withEmail: before.withEmail || withEmail === true,
		unsubscribed: says ?? before.unsubscribed,
		...(snapshot === undefined ? {} : { snapshot: isNewest ? snapshot : before.snapshot }),
	};
}

/** Later than any clock, and exact even when multiplied by four. Its negative stands for no time. */
const LATEST = 2 ** 50;

/** Packs what is known into a number, which takes half the memory of an object: the time, and a bit for each flag. */
function pack({ accepted, withEmail, unsubscribed }: Omit<Known, 'inFlight'>): number {
	const at = accepted === Infinity ? Infinity : Math.min(Math.max(accepted, -LATEST), LATEST);
	return at * 4 + (withEmail ? 2 : 0) + (unsubscribed ? 1 : 0);
}

function unpack(packed: number | undefined): Known {
	if (packed === undefined) return NOTHING_KNOWN;
	if (packed === Infinity) return { ...NOTHING_KNOWN, accepted: Infinity };
	const at = Math.floor(packed / 4);
	const flags = packed - at * 4;
	return { accepted: at === -LATEST ? UNDATED : at, inFlight: null, withEmail: flags >= 2, unsubscribed: flags % 2 === 1 };
}

/**
 * Values by key. The oldest are dropped when there is no room or when they expire, one generation at a time. This
 * takes up to twice the time and room, but nothing has to run in the background, and no entry needs a queue.
 */
class Generations<T> {
	private young = new Map<string, T>();
	private old = new Map<string, T>();
	private youngSince = -Infinity;

	constructor(
		private readonly rememberMs: number,
		private readonly entries: number,
	) {}

	get(key: string, now: number): T | undefined {
		this.age(now);
		return this.young.get(key) ?? this.old.get(key);
	}

	set(key: string, value: T, now: number): void {
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

/** 128 bits are enough to avoid collisions, and take 16 bytes as a Latin-1 string. */
function digest(kind: string, scope: string, name: string): string {
	return createHash('sha256').update(`${kind}\n${scope}\n${name}`).digest().toString('latin1', 0, 16);
}
