import type { ClerkEvent } from '../events/catalogue';
import { eventOfType } from '../events/catalogue';
import { textAt } from '../events/payload';
import { typesNeeded } from '../records/happened';
import { recordsOf } from '../records/records';
import type { Records } from '../records/records';
import { NO_PAST } from './admission';
import type { Past } from './admission';
import type { VerifiedDelivery } from './delivery';
import type { Ignored, Postponed, Stale } from './outcome';
import type { Settings } from './settings';

/**
 * Whether the builder wants this delivery, judging by its envelope.
 * @returns the event's row in the catalogue, or why the delivery is ignored
 */
export function select({ id, envelope, environment }: VerifiedDelivery, settings: Settings): ClerkEvent | Ignored {
	const ignored = (code: Ignored['code']): Ignored => ({ outcome: 'ignored', code, eventType: envelope.type, eventId: id });
	const needed = typesNeeded(settings);
	if (needed !== 'all' && !needed.has(envelope.type)) return ignored('event_not_selected');
	if (settings.onlyInstance !== null && textAt(envelope, 'instance_id') !== settings.onlyInstance)
		return ignored('other_instance');
	if (settings.onlyProduction && environment === 'development') return ignored('not_production');
	return eventOfType(envelope.type);
}

/**
 * Turns a delivery into records, without what the builder doesn't want and what is out of date.
 * @returns the records, or why the delivery starts no workflow
 */
export function toRecords(
	event: ClerkEvent,
	delivery: VerifiedDelivery,
	settings: Settings,
	past: Pick<Past, 'known' | 'oneAtATime' | 'remembers' | 'note'> = NO_PAST,
): Records | Ignored | Stale | Postponed {
	const records = recordsOf(event, delivery, settings, past);
	if (!('dropped' in records)) return records;
	past.note(records.states);
	const about = { eventType: delivery.envelope.type, eventId: delivery.id };
	switch (records.dropped) {
		case 'stale':
			return { outcome: 'stale', subject: records.subject, ended: records.ended, ...about };
		case 'newer_in_flight':
		case 'older_in_flight':
			return { outcome: 'postponed', code: records.dropped, subject: records.subject, ...about };
		case 'test_user':
		case 'contact_without_email':
		case 'nothing_for_output':
		case 'no_chosen_change':
			return { outcome: 'ignored', code: records.dropped, noContact: records.noContact, ...about };
	}
}
