import type { ClerkEvent } from '../events/catalogue';
import { textAt } from '../events/payload';
import type { ClerkObject, Envelope } from '../events/payload';
import { cannotSignIn, contactOf, timeless, wholeUserOf, withEffect, withoutPlan } from './contact';
import type { Contact } from './contact';
import { isAboutMoney, planState } from './billing';
import { additionalEvent, derivedEvent, eventRecordOf } from './event';
import type { DeliveryFacts, Event } from './event';
import { happenedIn, isChosen } from './happened';
import type { Happened } from './happened';
import { effectOf, eventNamesOf } from './mapping';
import type { Effect, EventNames } from './mapping';
import type { RecordSettings } from './settings';
import { ENDED, judge, NO_MEMORY, UNDATED } from './state';
import type { Known, Memory, State, Subject, Verdict } from './state';
import { hasOlderOrganization, organizationIn, personIn, standingOf } from './reportedState';
import type { ReportedState } from './reportedState';
import { tenantOf, withoutOrganizationFields } from './tenant';
import type { Tenant } from './tenant';

/** A delivery, or an object that was fetched, in the envelope that its delivery would have. */
export interface Statement extends DeliveryFacts {
	readonly envelope: Envelope;
	/** `envelope.data`, or an empty object where that isn't one. */
	readonly data: ClerkObject;
}

/** Why a statement gives no contact. */
export type NoContact = 'event_has_none' | 'set_to_none' | 'nobody_to_match' | 'without_email' | 'not_in_output' | 'out_of_date';

/** What was left out of a statement because something newer was accepted before. */
export type OutOfDate = 'contact' | 'contact_fields' | 'tenant';

/** The records of a statement, limited to those in the node's output. */
export interface Records {
	readonly contact: Contact | null;
	/** Why there is no contact; null if there is one. */
	readonly noContact: NoContact | null;
	/** The event, an additional one, and what is derived from it, or any of these, or none. */
	readonly events: readonly Event[];
	readonly tenant: Tenant | null;
	/** The whole user in the statement; null if there is none. */
	readonly user: ClerkObject | null;
	/** Whether the contact is that whole user, with nothing left out. */
	readonly isWhole: boolean;
	readonly outOfDate: readonly OutOfDate[];
	/** The states to remember once the records are accepted. */
	readonly states: readonly State[];
}

/** Why a statement has no output. */
export type Dropped = (
	| {
			readonly dropped: 'test_user' | 'contact_without_email' | 'nothing_for_output' | 'no_chosen_change';
			readonly noContact: NoContact | null;
	  }
	/** The records are older than what was accepted for this subject, or its deletion was accepted. */
	| { readonly dropped: 'stale'; readonly subject: Subject; readonly ended: boolean }
	/** It depends on the outcome of another delivery that the workflow is still processing. */
	| { readonly dropped: 'newer_in_flight' | 'older_in_flight'; readonly subject: Subject }
) & {
	/** The states to remember even though the statement is ignored, so that nothing older is accepted. */
	readonly states: readonly State[];
};

/**
 * Turns a statement into records, and drops what the builder doesn't want or what is out of date.
 * @param memory what is remembered from earlier deliveries
 */
export function recordsOf(
	type: ClerkEvent,
	statement: Statement,
	settings: RecordSettings,
	memory: Memory = NO_MEMORY,
): Records | Dropped {
	const { envelope, data } = statement;
	const wants = {
		contacts: settings.output !== 'events',
		events: settings.output !== 'contacts',
		tenants: !['contacts', 'events'].includes(settings.output),
	};
	const user = wholeUserOf(type, data);
	const happened = happenedIn(type, statement, user, settings, memory);
	const isWanted = isChosen(settings, type.type);
	// Where only what is derived from it was chosen, it does nothing by itself.
	const event: ClerkEvent = isWanted ? type : { ...type, contact: null, tenant: null };
	const record = eventRecordOf(event, envelope, data, statement, settings, happened.changes);
	const effect = effectOf(event, settings, isWanted ? [type.type, ...happened.names] : happened.names);

	const person = wants.contacts ? personIn(event, envelope, data, user) : null;
	const organization = wants.tenants ? organizationIn(event, envelope, data) : null;
	const known = person && knownOf(person, memory);
	const hadEmail = user !== null && event.lifecycle !== 'begins' && known?.withEmail === true;
	const made = contactFor(event, statement, effect, settings, hadEmail);
	const wantedContact = wants.contacts ? made.contact : null;
	const plan = planState(event, data);
	const planVerdict = plan === null ? 'current' : judge(plan, memory);
	const isPlanOld = planVerdict !== 'current' && planVerdict !== 'older_in_flight';
	const wantedTenant = wants.tenants ? currentTenant(event, tenantOf(event, data, effect.tenant), isPlanOld, memory) : null;

	const endings = [...toRemember(person, false), ...toRemember(organization, false), ...happened.seen];
	if (happened.waitsFor !== null) return { dropped: happened.waitsFor, subject: 'user', states: [] };
	// What a message has reported before gives no event, but the contact that a mapping makes of it.
	const givesContact = happened.names.length > 0 && effect.contact !== null && wants.contacts;
	if (!isWanted && happened.derived.length === 0 && !givesContact)
		return { dropped: 'no_chosen_change', noContact: null, states: endings };
	const ignored =
		effect.contact === null ? endings : [...toRemember(person, true), ...toRemember(organization, false), ...happened.seen];
	if (settings.leaveOutTestUsers && record.testUser === true) return { dropped: 'test_user', noContact: null, states: ignored };
	const derived = wants.events ? derivedOf(record, happened, settings) : [];
	// A membership and its event are output even if its member has no address.
	const isSkipped = made.noContact === 'without_email' && (event.tenant === null || !wants.events);
	if (isSkipped && derived.length === 0) {
		return { dropped: 'contact_without_email', noContact: null, states: ignored };
	}

	const ofPerson = standingOf(event, person, wantedContact !== null, memory);
	const ofOrganization = standingOf(event, organization, wantedTenant !== null, memory);
	for (const { verdict, subject } of [ofPerson, ofOrganization]) {
		if (verdict === 'newer_in_flight' || verdict === 'older_in_flight') return { dropped: verdict, subject, states: [] };
	}
	const payingOrganization = isAboutMoney(event) && wantedTenant !== null ? wantedTenant.organizationId : null;
	if (payingOrganization !== null) {
		const isEnding = memory.known('organization', payingOrganization).inFlight === ENDED;
		if (isEnding) return { dropped: 'newer_in_flight', subject: 'organization', states: [] };
	}
	if (planVerdict === 'older_in_flight' && (wantedContact !== null || payingOrganization !== null)) {
		return { dropped: planVerdict, subject: 'subscription', states: [] };
	}

	const isCurrent = ofPerson.verdict === 'current';
	// Only a whole state shows whether its user is still unsubscribed, and a sign-up is older than that.
	const isNewer = isCurrent && person?.isWhole === true && event.lifecycle !== 'begins' && isAfterUnsubscription(person, memory);
	const joins = known?.unsubscribed !== true || isNewer;
	const isLate = ofPerson.verdict === 'older' && (event.lifecycle === 'begins' || person?.isWhole === false);
	let contact: Contact | null = null;
	if (wantedContact !== null && isCurrent) {
		contact = withEffect(wantedContact, made.mustLeave ? 'unsubscribe' : wantedContact.action, effect, joins);
	} else if (wantedContact !== null && isLate && wantedContact.action !== 'delete') {
		contact = timeless(withEffect(wantedContact, wantedContact.action, effect, joins));
	}
	if (contact !== null && isPlanOld) contact = withoutPlan(contact);
	const tenant = ofOrganization.verdict === 'current' ? wantedTenant : null;
	const noContact = wantedContact !== null && contact === null ? 'out_of_date' : made.noContact;
	const due = eventsDue(event, (event.tenant === null ? ofPerson : ofOrganization).verdict);
	const replaces = settings.derivedOnly && derived.length > 0;
	const records: Records = {
		contact,
		noContact: wants.contacts ? noContact : 'not_in_output',
		// The skip is for the contact and its event. What was chosen of what happened to the person is output.
		events: [...(wants.events && isWanted && !isSkipped ? eventsOf(record, effect, due, replaces) : []), ...derived],
		tenant: tenant && (hasOlderOrganization(event, data, memory) ? withoutOrganizationFields(tenant) : tenant),
		user,
		isWhole: user !== null && isCurrent,
		outOfDate: [
			...(wantedContact === null || isCurrent ? [] : [contact ? ('contact_fields' as const) : ('contact' as const)]),
			...(tenant === wantedTenant ? [] : ['tenant' as const]),
		],
		states: [
			...toRemember(person, contact !== null || isSkipped).map((state) => withFlags(state, contact, joins)),
			...(contact?.action === 'unsubscribe' ? unsubscriptions(person) : []),
			...toRemember(organization, tenant !== null),
			...(plan !== null && !isPlanOld && (contact !== null || tenant !== null) ? [plan] : []),
			// As for a membership, the deletion of the organization waits for it.
			...(payingOrganization !== null ? [{ subject: 'members', id: payingOrganization, at: UNDATED } as const] : []),
			...happened.seen,
			...happened.reported,
		],
	};
	if (records.contact !== null || records.events.length > 0 || records.tenant !== null) return records;
	const late = [ofPerson, ofOrganization].find(({ verdict }) => verdict !== 'current');
	return late
		? { dropped: 'stale', subject: late.subject, ended: late.verdict === 'ended', states: endings }
		: { dropped: 'nothing_for_output', noContact: records.noContact, states: endings };
}

function knownOf({ claims }: ReportedState, memory: Memory): Known | null {
	const [state] = claims;
	return state ? memory.known(state.subject, state.id) : null;
}

/** A deletion is always remembered, even if it gives no record. */
function toRemember(reported: ReportedState | null, isDecided: boolean): readonly State[] {
	return reported === null ? [] : isDecided ? reported.claims : reported.claims.filter(({ at }) => at === ENDED);
}

/** @param joins false if the person has been unsubscribed, and this does not show that they no longer are */
function withFlags(state: State, contact: Contact | null, joins: boolean): State {
	return contact === null
		? state
		: { ...state, withEmail: contact.email != null, unsubscribed: contact.action === 'unsubscribe' || !joins };
}

/** When a person is unsubscribed; it may be part of a user that says so, which has no state of its own. */
function unsubscriptions(person: ReportedState | null): State[] {
	return (person?.states ?? []).map(({ subject, id, at }) => ({ subject: 'unsubscription', id: `${subject} ${id}`, at }));
}

function isAfterUnsubscription(person: ReportedState, { known }: Memory): boolean {
	return unsubscriptions(person).every(({ subject, id, at }) => {
		const { accepted, inFlight } = known(subject, id);
		return at >= accepted && at >= (inFlight ?? UNDATED);
	});
}

/** An event is never out of date. But a change is covered by the newer state, unless a mapping makes it an event. */
function eventsDue({ lifecycle }: ClerkEvent, verdict: Verdict): 'all' | 'mapped' | 'none' {
	if (verdict === 'current' || lifecycle === null || lifecycle === 'ends') return 'all';
	if (lifecycle === 'changes') return 'mapped';
	return verdict === 'ended' ? 'none' : 'all';
}

/** @param replaced whether what is derived from it comes in its place */
function eventsOf(record: Event, names: EventNames, due: 'all' | 'mapped' | 'none', replaced: boolean): Event[] {
	if (due === 'none') return [];
	const { eventName, isEventMapped, additionalEventName } = names;
	const isLeftOut = eventName === null || replaced || (due === 'mapped' && !isEventMapped);
	return [
		...(isLeftOut ? [] : [{ ...record, name: eventName }]),
		...(additionalEventName === null ? [] : [additionalEvent(record, additionalEventName)]),
	];
}

/** What happened is never out of date, so it is output whenever it is reported. */
function derivedOf(record: Event, { derived }: Happened, settings: RecordSettings): Event[] {
	return derived.flatMap((row) => eventsOf(derivedEvent(record, row), eventNamesOf(row.name, settings), 'all', false));
}

/** Of an organization that pays: null where its plan is older than the one that is known, or the organization is gone. */
function currentTenant(event: ClerkEvent, tenant: Tenant | null, isPlanOld: boolean, { known }: Memory): Tenant | null {
	if (tenant === null || !isAboutMoney(event)) return tenant;
	const isGone = known('organization', tenant.organizationId ?? '').accepted === ENDED;
	return isPlanOld || isGone ? null : tenant;
}

interface Made {
	/** With the action that the event gives it. */
	readonly contact: Contact | null;
	readonly noContact: NoContact | null;
	/** Whether it must be unsubscribed, whatever its event does. */
	readonly mustLeave: boolean;
}

/** @param hadEmail whether it was output with an address before: the store must then learn that the address was removed */
function contactFor(
	event: ClerkEvent,
	{ envelope, data, environment }: Statement,
	{ contact: action }: Effect,
	settings: RecordSettings,
	hadEmail: boolean,
): Made {
	const none = (noContact: NoContact): Made => ({ contact: null, noContact, mustLeave: false });
	if (action === null) return none(event.contact === null ? 'event_has_none' : 'set_to_none');
	const contact = contactOf(event, action, data, { ...settings, environment, instanceId: textAt(envelope, 'instance_id') });
	// The skip is for people without an address. An event about no person, such as one about a role, must not be lost.
	if (contact === null && event.contact === null) return none('nobody_to_match');
	const leaves = contact !== null && action === 'upsert' && mustLeave(contact, settings);
	// A deletion never carries an address, an unsubscription needs none, and both must reach the store.
	const needsEmail = action === 'upsert' && !leaves && !hadEmail && settings.contactsWithoutEmail === 'skip';
	if (needsEmail && contact?.email == null) return none('without_email');
	return contact === null ? none('nobody_to_match') : { contact, noContact: null, mustLeave: leaves };
}

/** Whether a contact must be unsubscribed, whatever its event does. */
function mustLeave(contact: Contact, { shutOutUsers }: RecordSettings): boolean {
	return contact.waitlistStatus === 'rejected' || (shutOutUsers === 'unsubscribe' && cannotSignIn(contact));
}
