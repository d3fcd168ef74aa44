import type { ClerkEvent } from '../events/catalogue';
import { eventOfType } from '../events/catalogue';
import { textAt } from '../events/payload';
import { recordsOf } from '../records/records';
import type { Records } from '../records/records';
import type { VerifiedDelivery } from './delivery';
import type { Ignored } from './outcome';
import type { Settings } from './settings';

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
	const records = recordsOf(event, delivery, settings);
	if (!('dropped' in records)) return records;
	const { dropped: code, noContact } = records;
	return { outcome: 'ignored', code, noContact, eventType: delivery.envelope.type, eventId: delivery.id };
}
