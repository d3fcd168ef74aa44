import type { ClerkEvent } from '../events/catalogue';
import { eventOfType } from '../events/catalogue';
import { textAt } from '../events/payload';
import { contactOf, withoutNames } from '../records/contact';
import type { Contact } from '../records/contact';
import { eventRecordOf } from '../records/event';
import type { Event } from '../records/event';
import { tenantOf } from '../records/tenant';
import type { Tenant } from '../records/tenant';
import type { VerifiedDelivery } from './delivery';
import type { Ignored } from './outcome';
import type { Settings } from './settings';

/** What a delivery says, as records. */
export interface Records {
	readonly contact: Contact | null;
	readonly event: Event;
	readonly tenant: Tenant | null;
}

/**
 * Whether the builder wants this delivery, by what its envelope says.
 * @returns the catalogue's row of its event, or why it is ignored
 */
export function select({ id, envelope }: VerifiedDelivery, settings: Settings): ClerkEvent | Ignored {
	const ignored = (code: Ignored['code']): Ignored => ({ outcome: 'ignored', code, eventType: envelope.type, eventId: id });
	if (settings.events !== 'all' && !settings.events.has(envelope.type)) return ignored('event_not_selected');
	if (settings.onlyInstance !== null && textAt(envelope, 'instance_id') !== settings.onlyInstance)
		return ignored('other_instance');
	return eventOfType(envelope.type);
}

/**
 * Turns a delivery into records, and drops it where the builder doesn't want the person in it.
 * @returns the records, or why the delivery is ignored
 */
export function toRecords(event: ClerkEvent, delivery: VerifiedDelivery, settings: Settings): Records | Ignored {
	const { envelope, data } = delivery;
	const ignored = (code: Ignored['code']): Ignored => ({
		outcome: 'ignored',
		code,
		eventType: envelope.type,
		eventId: delivery.id,
	});
	const record = eventRecordOf(event, envelope, data, delivery, settings.includeClient);
	if (settings.leaveOutTestUsers && record.testUser === true) return ignored('test_user');
	// A deletion never carries an address, and must reach the store all the same.
	if (event.contact === 'upsert' && settings.contactsWithoutEmail === 'skip' && record.email === null)
		return ignored('contact_without_email');
	const whole = contactOf(event, data, { source: settings.source, instanceId: textAt(envelope, 'instance_id') });
	const contact = whole && !settings.includeNames ? withoutNames(whole) : whole;
	if (settings.output === 'contacts' && contact === null) return ignored('nothing_for_output');
	return { contact, event: record, tenant: tenantOf(event, data) };
}
