import type { Snapshot } from './changes';

/**
 * Contacts and tenants are states, and a state can be out of date, since Clerk does not deliver in order. An event
 * has happened and is never out of date. So the records of a delivery are judged here, not the delivery itself.
 */

/**
 * What has a state. `changes` is what a user looked like when their changes were last reported, `reported` is one kind
 * of change of one user as one kind of delivery reported it, `subscription` is what a user or organization pays for,
 * `unsubscription` is when a user was last output to be unsubscribed.
 * A member is a user in an organization, however often they join; each time they join is a membership. `members` are
 * all members of an organization, who leave when it is deleted.
 */
export type Subject =
	| 'user'
	| 'waitlistEntry'
	| 'organization'
	| 'membership'
	| 'member'
	| 'members'
	| 'subscription'
	| 'unsubscription'
	| 'changes'
	| 'reported';

/** Whether it is about reported changes, and not about a state that a store may hold. */
export function isOfChanges(subject: Subject): boolean {
	return subject === 'changes' || subject === 'reported';
}

/** One state of a subject, as reported by a delivery. */
export interface State {
	readonly subject: Subject;
	readonly id: string;
	/** How new it is: milliseconds since 1970, `ENDED` after a deletion, `UNDATED` if it is not a whole state. */
	readonly at: number;
	/** Whether its contact was output with an email address. */
	readonly withEmail?: boolean;
	/** Whether its contact was output to be unsubscribed. */
	readonly unsubscribed?: boolean;
	/** Of `changes`: what the user looked like. */
	readonly snapshot?: Snapshot;
}

/** Clerk never reuses an ID, so nothing comes after a deletion. */
export const ENDED = Infinity;
export const UNDATED = -Infinity;

/** What is known about a subject from earlier deliveries. */
export interface Known {
	/** How new the newest accepted state is; `UNDATED` if there is none. */
	readonly accepted: number;
	/** How new the newest state is that the workflow is still processing; null if there is none. */
	readonly inFlight: number | null;
	/** Whether any of its contacts was output with an email address. */
	readonly withEmail: boolean;
	/** Whether its newest contact was output to be unsubscribed. */
	readonly unsubscribed: boolean;
	/** Of `changes`: what the user looked like in the newest state, accepted or not. */
	readonly snapshot?: Snapshot | undefined;
}

export const NOTHING_KNOWN: Known = { accepted: UNDATED, inFlight: null, withEmail: false, unsubscribed: false };

/** What is remembered from earlier deliveries, as far as records depend on it. */
export interface Memory {
	readonly known: (subject: Subject, id: string) => Known;
	/** Whether the states of one subject go into the workflow one after another. */
	readonly oneAtATime: boolean;
	/** Whether anything is remembered at all. */
	readonly remembers: boolean;
}

/** For objects fetched from Clerk, which are always the newest. */
export const NO_MEMORY: Memory = { known: () => NOTHING_KNOWN, oneAtATime: false, remembers: false };

/** From best to worst. */
const VERDICTS = ['current', 'older_in_flight', 'newer_in_flight', 'older', 'ended'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Compares a state with what is known about its subject. A deletion is never out of date. */
export function judge({ subject, id, at }: State, { known, oneAtATime }: Pick<Memory, 'known' | 'oneAtATime'>): Verdict {
	const { accepted, inFlight } = known(subject, id);
	if (accepted === ENDED && at !== ENDED) return 'ended';
	// Checked before "older": a late sign-up, which is still accepted, must not be written after the deletion.
	if (inFlight === ENDED && at !== ENDED) return 'newer_in_flight';
	if (at !== UNDATED && at < accepted) return 'older';
	if (inFlight === null) return 'current';
	if (at !== UNDATED && at < inFlight) return 'newer_in_flight';
	return oneAtATime ? 'older_in_flight' : 'current';
}

/** The worst of several verdicts. */
export function worst(verdicts: readonly Verdict[]): Verdict {
	return VERDICTS[Math.max(0, ...verdicts.map((verdict) => VERDICTS.indexOf(verdict)))] ?? 'current';
}
