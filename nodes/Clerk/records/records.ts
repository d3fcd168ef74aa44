import type { ClerkEvent } from '../events/catalogue';
import { textAt } from '../events/payload';
import type { ClerkObject, Envelope } from '../events/payload';
import { contactOf, isShutOut, withEffect } from './contact';
import type { Contact } from './contact';
import { additionalEvent, eventRecordOf } from './event';
import type { DeliveryFacts, Event } from './event';
import { effectOf } from './mapping';
import type { Effect } from './mapping';
import type { RecordSettings } from './settings';
import { tenantOf } from './tenant';
import type { Tenant } from './tenant';

/** What Clerk says: a delivery, or an object that was fetched, in the envelope that a delivery of it would have. */
export interface Statement extends DeliveryFacts {
	readonly envelope: Envelope;
	/** `envelope.data`, or an empty object where that isn't one. */
	readonly data: ClerkObject;
}

/** Why a statement gives no contact. */
export type NoContact = 'event_has_none' | 'set_to_none' | 'nobody_to_match' | 'without_email' | 'not_in_output';

/** What a statement says, as records, as far as the node's output holds them. */
export interface Records {
	readonly contact: Contact | null;
	/** Why there is no contact; null where there is one. */
	readonly noContact: NoContact | null;
	/** The event and an additional one, or either, or none. */
	readonly events: readonly Event[];
	readonly tenant: Tenant | null;
}

/** A statement that the builder wants nothing of, and why. */
export interface Dropped {
	readonly dropped: 'test_user' | 'contact_without_email' | 'nothing_for_output';
	readonly noContact: NoContact | null;
}

/** Turns a statement into records, and drops it where the builder doesn't want the person in it. */
export function recordsOf(event: ClerkEvent, statement: Statement, settings: RecordSettings): Records | Dropped {
	const { envelope, data } = statement;
	const record = eventRecordOf(event, envelope, data, statement, settings);
	if (settings.leaveOutTestUsers && record.testUser === true) return { dropped: 'test_user', noContact: null };

	const effect = effectOf(event, settings);
	const tenant = effect.tenant === null ? null : tenantOf(event, data);
	const made = contactFor(event, statement, effect, settings);
	// A membership must reach the tenants even where its member has no address.
	if (made.noContact === 'without_email' && tenant === null) return { dropped: 'contact_without_email', noContact: null };

	const wants = {
		contacts: settings.output !== 'events',
		events: settings.output !== 'contacts',
		tenants: !['contacts', 'events'].includes(settings.output),
	};
	const records: Records = {
		contact: wants.contacts ? made.contact : null,
		noContact: wants.contacts ? made.noContact : 'not_in_output',
		events: wants.events ? eventsOf(record, effect) : [],
		tenant: wants.tenants ? tenant : null,
	};
	const empty = records.contact === null && records.events.length === 0 && records.tenant === null;
	return empty ? { dropped: 'nothing_for_output', noContact: records.noContact } : records;
}

function eventsOf(record: Event, { eventName, additionalEventName }: Effect): Event[] {
	return [
		...(eventName === null ? [] : [{ ...record, name: eventName }]),
		...(additionalEventName === null ? [] : [additionalEvent(record, additionalEventName)]),
	];
}

function contactFor(
	event: ClerkEvent,
	{ envelope, data, environment }: Statement,
	{ contact: action, userGroup, mailingLists }: Effect,
	settings: RecordSettings,
): Pick<Records, 'contact' | 'noContact'> {
	if (action === null) return { contact: null, noContact: event.contact === null ? 'event_has_none' : 'set_to_none' };
	const contact = contactOf(event, action, data, { ...settings, environment, instanceId: textAt(envelope, 'instance_id') });
	// Nobody at all, as in an event about a role, is no reason to lose the event: the skip is for people without an address.
	if (contact === null && event.contact === null) return { contact: null, noContact: 'nobody_to_match' };
	const shutOut = contact !== null && action === 'upsert' && settings.shutOutUsers === 'unsubscribe' && isShutOut(contact);
	// A deletion never carries an address, an unsubscription needs none, and both must reach the store.
	if (action === 'upsert' && !shutOut && settings.contactsWithoutEmail === 'skip' && contact?.email == null) {
		return { contact: null, noContact: 'without_email' };
	}
	if (contact === null) return { contact: null, noContact: 'nobody_to_match' };
	return { contact: withEffect(contact, shutOut ? 'unsubscribe' : action, userGroup, mailingLists), noContact: null };
}
