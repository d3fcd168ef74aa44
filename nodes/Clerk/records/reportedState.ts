import type { ClerkEvent } from '../events/catalogue';
import { envelopeTime, numberAt, objectAt, textAt } from '../events/payload';
import type { ClerkObject, Envelope } from '../events/payload';
import { isWaitlistEntry } from './contact';
import { organizationIdOf, personOf } from './person';
import { ENDED, judge, UNDATED, worst } from './state';
import type { Memory, State, Subject, Verdict } from './state';

/** The state of a person, an organization or a member, as a delivery reports it. */
export interface ReportedState {
	readonly subject: Subject;
	/** The states that decide whether it is out of date. */
	readonly states: readonly State[];
	/** What to remember once it is accepted. */
	readonly claims: readonly State[];
	/** Subjects whose deletion also ends this one. */
	readonly owners: ReadonlyArray<readonly [Subject, string]>;
	/** False for part of a state, such as a member's name or an invited user's address: it replaces no whole state. */
	readonly isWhole: boolean;
}

/**
 * The state of the person that a delivery is about.
 * @param user the whole user in it
 * @returns null if it names no person by ID
 */
export function personIn(
	event: ClerkEvent,
	envelope: Envelope,
	data: ClerkObject,
	user: ClerkObject | null,
): ReportedState | null {
	const stateOf = (subject: Subject, id: string | null | undefined, at: number): ReportedState | null => {
		if (id == null) return null;
		const claims = [{ subject, id, at }];
		return { subject, states: dated(claims, envelope), claims, owners: [], isWhole: true };
	};
	if (isWaitlistEntry(event)) return stateOf('waitlistEntry', textAt(data, 'id'), timeOf(data, 'updated_at'));
	if (event.person === 'deletedUser') return stateOf('user', textAt(data, 'id'), ENDED);
	if (user) return stateOf('user', textAt(user, 'id'), timeOf(user, 'updated_at'));
	const part = stateOf('user', personOf(event, data).userId, UNDATED);
	if (part === null) return null;
	// A payer has a time of its own. As part of a user, it makes nothing out of date.
	const at = event.person === 'payer' ? timeOf(objectAt(data, 'payer') ?? {}, 'updated_at') : UNDATED;
	const states = at === UNDATED ? part.states : part.states.map((state) => ({ ...state, at }));
	return { ...part, states, isWhole: false };
}

/** The state of the organization or the member that a delivery is about. @returns null if it names no organization */
export function organizationIn(event: ClerkEvent, envelope: Envelope, data: ClerkObject): ReportedState | null {
	const organizationId = organizationIdOf(event, data);
	if (event.tenant === null || organizationId === null) return null;
	const at = event.lifecycle === 'ends' ? ENDED : timeOf(data, 'updated_at');
	if (event.person !== 'member') {
		const claims = [{ subject: 'organization', id: organizationId, at } as const];
		// It waits for memberships: one stored after it would leave a member without an organization.
		const members: State[] = at === ENDED ? [{ subject: 'members', id: organizationId, at }] : [];
		return { subject: 'organization', states: [...dated(claims, envelope), ...members], claims, owners: [], isWhole: true };
	}
	const id = textAt(data, 'id');
	const userId = personOf(event, data).userId ?? null;
	const states: State[] = [
		...(id === null ? [] : [{ subject: 'membership', id, at } as const]),
		// A user who joins again has a new membership. Anything about an earlier one is then out of date, including its end.
		...(userId === null
			? []
			: [{ subject: 'member', id: `${organizationId} ${userId}`, at: timeOf(data, 'created_at') } as const]),
	];
	const claims: State[] = [...states, { subject: 'members', id: organizationId, at: UNDATED }];
	const owners = [['organization', organizationId] as const, ...(userId === null ? [] : [['user', userId] as const])];
	return { subject: 'member', states: dated(states, envelope), claims, owners: at === ENDED ? [] : owners, isWhole: true };
}

function timeOf(object: ClerkObject, key: string): number {
	return Math.floor(numberAt(object, key) ?? UNDATED);
}

/** A state without its own time counts as of its event's time, and may have changed since. With neither, it is older than any other. */
function dated(states: readonly State[], envelope: Envelope): State[] {
	const happenedAt = Math.floor(envelopeTime(envelope) ?? -Number.MAX_VALUE);
	return states.map((state) => (state.at === UNDATED ? { ...state, at: happenedAt } : state));
}

export interface Standing {
	readonly subject: Subject;
	readonly verdict: Verdict;
}

const CURRENT: Standing = { subject: 'user', verdict: 'current' };

/**
 * Compares a reported state with what is known.
 * @param hasRecord whether the delivery gives a contact or a tenant. Without one nothing can be out of date, except
 * that a deleted user's sign-up starts nothing
 */
export function standingOf(event: ClerkEvent, reported: ReportedState | null, hasRecord: boolean, memory: Memory): Standing {
	if (reported === null || !(hasRecord || event.lifecycle === 'begins')) return CURRENT;
	const { subject } = reported;
	const owners = reported.owners.map(([kind, id]) => memory.known(kind, id));
	if (owners.some(({ accepted }) => accepted === ENDED)) return { subject, verdict: 'ended' };
	if (owners.some(({ inFlight }) => inFlight === ENDED)) return { subject, verdict: 'newer_in_flight' };
	const verdict = worst(reported.states.map((state) => judge(state, memory)));
	const isEnding = reported.states.some(({ subject: kind, id }) => memory.known(kind, id).inFlight === ENDED);
	// Neither a sign-up nor part of a state waits for a newer state: fields that could be out of date are left out.
	const waitsForNone = event.lifecycle === 'begins' || !reported.isWhole;
	if (verdict === 'newer_in_flight' && waitsForNone && !isEnding) return { subject, verdict: hasRecord ? 'older' : 'current' };
	if (!hasRecord && verdict !== 'ended' && !isEnding) return CURRENT;
	return { subject, verdict };
}

/** Whether a newer state of a membership's organization was received than the one in the membership. */
export function hasOlderOrganization(event: ClerkEvent, data: ClerkObject, { known }: Memory): boolean {
	if (event.person !== 'member') return false;
	const at = timeOf(objectAt(data, 'organization') ?? {}, 'updated_at');
	const { accepted, inFlight } = known('organization', organizationIdOf(event, data) ?? '');
	return at < accepted || (inFlight !== null && at < inFlight);
}
