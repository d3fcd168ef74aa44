import type { Snapshot } from './changes';

/**
 * A contact or a tenant is a state, and a state can be out of date: Clerk does not deliver in order.
 * An event happened, and is never out of date. So it is the records of a delivery that are judged
 * here, not the delivery.
 */

/**
 * What has a state. `changes` is what a user looked like when their changes were last told, `told` one
 * kind of change of one user as one kind of delivery told it, `subscription` what somebody pays for. A member is a user in an organization, however many times they join; each time is
 * a membership. All members of an organization leave with its deletion.
 */
export type Subject =
	'user' | 'waitlistEntry' | 'organization' | 'membership' | 'member' | 'members' | 'subscription' | 'changes' | 'told';

/** Whether it is about what was told of changes, and not about a state that a store may hold. */
export function isOfChanges(subject: Subject): boolean {
	return subject === 'changes' || subject === 'told';
}

/** One state of a subject, as a delivery tells it. */
export interface State {
	readonly subject: Subject;
	readonly id: string;
	/** How new it is, milliseconds since 1970; `ENDED` after a deletion; `UNDATED` where it tells no whole state. */
	readonly at: number;
	/** Whether its contact came out with an email address. */
	readonly withEmail?: boolean;
	/** Whether its contact came out to be unsubscribed. */
	readonly unsubscribed?: boolean;
	/** Of `changes`: what the user looked like. */
	readonly snapshot?: Snapshot;
}

/** Clerk never uses an ID again, so nothing comes after a deletion. */
export const ENDED = Infinity;
export const UNDATED = -Infinity;

/** What is known of a subject from the deliveries before. */
export interface Known {
	/** How new the newest accepted state is; `UNDATED` where there is none. */
	readonly accepted: number;
	/** How new the newest state is that the workflow is still busy with; null where it is busy with none. */
	readonly inFlight: number | null;
	/** Whether a contact of it came out with an email address. */
	readonly withEmail: boolean;
	/** Whether its newest contact was to be unsubscribed. */
	readonly unsubscribed: boolean;
	/** Of `changes`: what the user looked like in the newest state, accepted or not. */
	readonly snapshot?: Snapshot | undefined;
}

export const NOTHING_KNOWN: Known = { accepted: UNDATED, inFlight: null, withEmail: false, unsubscribed: false };

/** What is remembered, as far as records depend on it. */
export interface Memory {
	readonly known: (subject: Subject, id: string) => Known;
	/** Whether the states of one subject go into the workflow one after another. */
	readonly oneAtATime: boolean;
	/** Whether anything is remembered at all. */
	readonly remembers: boolean;
}

/** For whoever has no earlier deliveries: what is fetched from Clerk is as new as can be. */
export const NO_MEMORY: Memory = { known: () => NOTHING_KNOWN, oneAtATime: false, remembers: false };

/** From the best to the worst. */
const VERDICTS = ['current', 'older_in_flight', 'newer_in_flight', 'older', 'ended'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** How a state stands to what is known of its subject. A deletion is never out of date. */
export function judge({ subject, id, at }: State, { known, oneAtATime }: Pick<Memory, 'known' | 'oneAtATime'>): Verdict {
	const { accepted, inFlight } = known(subject, id);
	if (accepted === ENDED && at !== ENDED) return 'ended';
	// Before "older": what is late and comes in all the same must not be written after the deletion.
	if (inFlight === ENDED && at !== ENDED) return 'newer_in_flight';
	if (at !== UNDATED && at < accepted) return 'older';
	if (inFlight === null) return 'current';
	if (at !== UNDATED && at < inFlight) return 'newer_in_flight';
	return oneAtATime ? 'older_in_flight' : 'current';
}

/** The worst of several. */
export function worst(verdicts: readonly Verdict[]): Verdict {
	return VERDICTS[Math.max(0, ...verdicts.map((verdict) => VERDICTS.indexOf(verdict)))] ?? 'current';
}
