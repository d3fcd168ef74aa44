import type { ClerkEvent } from '../events/catalogue';
import { eventOfType } from '../events/catalogue';
import { textAt } from '../events/payload';
import { contactOf, isShutOut, withEffect } from '../records/contact';
import type { Contact } from '../records/contact';
import { additionalEvent, eventRecordOf } from '../records/event';
import type { Event } from '../records/event';
import { effectOf } from '../records/mapping';
import type { Effect } from '../records/mapping';
import { tenantOf } from '../records/tenant';
import type { Tenant } from '../records/tenant';
import type { VerifiedDelivery } from './delivery';
import type { Ignored, NoContact } from './outcome';
import type { Settings } from './settings';

/** What a delivery says, as records, as far as the node's output holds them. */
export interface Records {
	readonly contact: Contact | null;
	/** Why there is no contact; null where there is one. */
	readonly noContact: NoContact | null;
	/** The event and an additional one, or either, or none. */
	readonly events: readonly Event[];
	readonly tenant: Tenant | null;
}

/**
 * Whether the builder wants this delivery, by what its envelope says.
 * @returns the catalogue's row of its event, or why it is ignored
 */
export function select({ id, envelope, environment }: VerifiedDelivery, settings: Settings): ClerkEvent | Ignored {
	const ignored = (code: Ignored['code']): Ignored => ({ outcome: 'ignored', code, eventType: envelope.type, eventId: id });
	if (settings.events !== 'all' && !settings.events.has(envelope.type)) return ignored('event_not_selected');
	if (settings.onlyInstance !== null && textAt(envelope, 'instance_id') !== settings.onlyInstance)
		return ignored('other_instance');
	if (settings.onlyProduction && environment === 'development') return ignored('not_production');
	return eventOfType(envelope.type);
}

/**
 * Turns a delivery into records, and drops it where the builder doesn't want the person in it.
 * @returns the records, or why the delivery is ignored
 */
export function toRecords(event: ClerkEvent, delivery: VerifiedDelivery, settings: Settings): Records | Ignored {
	const { envelope, data, id } = delivery;
	const ignored = (code: Ignored['code'], noContact: NoContact | null = null): Ignored => {
		return { outcome: 'ignored', code, noContact, eventType: envelope.type, eventId: id };
	};
	const record = eventRecordOf(event, envelope, data, delivery, settings);
	if (settings.leaveOutTestUsers && record.testUser === true) return ignored('test_user');

	const effect = effectOf(event, settings);
	const tenant = effect.tenant === null ? null : tenantOf(event, data);
	const made = contactFor(event, delivery, effect, settings);
	// A membership must reach the tenants even where its member has no address.
	if (made.noContact === 'without_email' && tenant === null) return ignored('contact_without_email');

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
	return empty ? ignored('nothing_for_output', records.noContact) : records;
}

function eventsOf(record: Event, { eventName, additionalEventName }: Effect): Event[] {
	return [
		...(eventName === null ? [] : [{ ...record, name: eventName }]),
		...(additionalEventName === null ? [] : [additionalEvent(record, additionalEventName)]),
	];
}

function contactFor(
	event: ClerkEvent,
	{ envelope, data, environment }: VerifiedDelivery,
	{ contact: action, userGroup, mailingLists }: Effect,
	settings: Settings,
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
