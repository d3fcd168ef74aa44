import type { ClerkEvent } from '../events/catalogue';
import { envelopeTime, numberAt, objectAt, textAt } from '../events/payload';
import type { ClerkObject, Envelope } from '../events/payload';
import { isWaitlistEntry } from './contact';
import { organizationIdOf, personOf } from './person';
import { ENDED, judge, UNDATED, worst } from './state';
import type { Memory, State, Subject, Verdict } from './state';

/** What a delivery tells of the state of a person, or of an organization or a member of one. */
export interface Told {
	readonly subject: Subject;
	/** What decides whether it is out of date. */
	readonly states: readonly State[];
	/** What to remember of it. */
	readonly claims: readonly State[];
	/** Whose deletion ends it too. */
	readonly owners: ReadonlyArray<readonly [Subject, string]>;
	/** False where it tells a part of a state, which replaces none: a member's name, an invited user's address. */
	readonly isWhole: boolean;
}

/**
 * What a delivery tells of a person.
 * @param user the whole user in it
 * @returns null where it names nobody by an ID
 */
export function personIn(event: ClerkEvent, envelope: Envelope, data: ClerkObject, user: ClerkObject | null): Told | null {
	const told = (subject: Subject, id: string | null | undefined, at: number, isWhole = true): Told | null => {
		if (id == null) return null;
		const claims = [{ subject, id, at }];
		return { subject, states: dated(claims, envelope), claims, owners: [], isWhole };
	};
	if (isWaitlistEntry(event)) return told('waitlistEntry', textAt(data, 'id'), timeOf(data, 'updated_at'));
	if (event.person === 'deletedUser') return told('user', textAt(data, 'id'), ENDED);
	if (user) return told('user', textAt(user, 'id'), timeOf(user, 'updated_at'));
	return told('user', personOf(event, data).userId, UNDATED, false);
}

/** What a delivery tells of an organization or of a member of one. @returns null where it names none */
export function organizationIn(event: ClerkEvent, envelope: Envelope, data: ClerkObject): Told | null {
	const organizationId = organizationIdOf(event, data);
	if (event.tenant === null || organizationId === null) return null;
	const at = event.lifecycle === 'ends' ? ENDED : timeOf(data, 'updated_at');
	if (event.person !== 'member') {
		const claims = [{ subject: 'organization', id: organizationId, at } as const];
		// It waits for memberships, since one that is stored after it would make somebody a member of nothing.
		const members: State[] = at === ENDED ? [{ subject: 'members', id: organizationId, at }] : [];
		return { subject: 'organization', states: [...dated(claims, envelope), ...members], claims, owners: [], isWhole: true };
	}
	const id = textAt(data, 'id');
	const userId = personOf(event, data).userId ?? null;
	const states: State[] = [
		...(id === null ? [] : [{ subject: 'membership', id, at } as const]),
		// Who joins again has a new membership; what is told of an earlier one, its end too, is then out of date.
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

/** Without a time of its own a state was so when its event happened, and may have changed since. Without that too it is older than any other. */
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
 * How what a delivery tells stands to what is known.
 * @param hasRecord whether a contact or a tenant comes of it. Without one nothing can be out of date;
 * but nobody who is gone is greeted
 */
export function standingOf(event: ClerkEvent, told: Told | null, hasRecord: boolean, memory: Memory): Standing {
	if (told === null || !(hasRecord || event.lifecycle === 'begins')) return CURRENT;
	const { subject } = told;
	const owners = told.owners.map(([kind, id]) => memory.known(kind, id));
	if (owners.some(({ accepted }) => accepted === ENDED)) return { subject, verdict: 'ended' };
	if (owners.some(({ inFlight }) => inFlight === ENDED)) return { subject, verdict: 'newer_in_flight' };
	const verdict = worst(told.states.map((state) => judge(state, memory)));
	const isEnding = told.states.some(({ subject: kind, id }) => memory.known(kind, id).inFlight === ENDED);
	// A sign-up waits for no newer state, and what is a part of a state needn't: what could be older is left out.
	const waitsForNone = event.lifecycle === 'begins' || !told.isWhole;
	if (verdict === 'newer_in_flight' && waitsForNone && !isEnding) return { subject, verdict: hasRecord ? 'older' : 'current' };
	if (!hasRecord && verdict !== 'ended' && !isEnding) return CURRENT;
	return { subject, verdict };
}

/** Whether a newer state of a membership's organization came in than the one that stands in it. */
export function hasOlderOrganization(event: ClerkEvent, data: ClerkObject, { known }: Memory): boolean {
	if (event.person !== 'member') return false;
	const at = timeOf(objectAt(data, 'organization') ?? {}, 'updated_at');
	const { accepted, inFlight } = known('organization', organizationIdOf(event, data) ?? '');
	return at < accepted || (inFlight !== null && at < inFlight);
}
