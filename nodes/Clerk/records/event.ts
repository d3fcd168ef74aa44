import type { ClerkEvent } from '../events/catalogue';
import { envelopeTime, isoTime, objectAt, textAt } from '../events/payload';
import type { ClerkObject, Envelope } from '../events/payload';
import { organizationIdOf, personOf } from './person';

/** What happened. All keys are always there, in this order: events are added to a list, they overwrite nothing. */
export interface Event {
	name: string;
	type: string;
	/** The delivery's `svix-id`: the same for every retry and replay, so fit for an idempotency key. */
	id: string;
	/** When it happened in Clerk, ISO 8601. */
	occurredAt: string | null;
	/** When this attempt to deliver it was made, ISO 8601. */
	sentAt: string | null;
	userId: string | null;
	email: string | null;
	firstName: string | null;
	lastName: string | null;
	organizationId: string | null;
	sessionId: string | null;
	/** Only when the builder asked for it. */
	clientIp?: string | null;
	/** Only when the builder asked for it. */
	userAgent?: string | null;
	testUser: boolean | null;
	instanceId: string | null;
}

/** What is known of a delivery beside its body. */
export interface DeliveryFacts {
	readonly id: string;
	/** Milliseconds since 1970. */
	readonly sentAt: number;
}

/** The event item of a delivery; every delivery has one. */
export function eventRecordOf(
	event: ClerkEvent,
	envelope: Envelope,
	data: ClerkObject,
	delivery: DeliveryFacts,
	withClient: boolean,
): Event {
	const person = personOf(event, data);
	const request = objectAt(objectAt(envelope, 'event_attributes'), 'http_request');
	return {
		name: event.type,
		type: event.type,
		id: delivery.id,
		occurredAt: envelopeTime(envelope),
		sentAt: isoTime(delivery.sentAt),
		userId: person.userId,
		email: person.email,
		firstName: person.firstName,
		lastName: person.lastName,
		organizationId: organizationIdOf(event, data),
		sessionId: event.person === 'session' ? textAt(data, 'id') : null,
		...(withClient ? { clientIp: textAt(request, 'client_ip'), userAgent: textAt(request, 'user_agent') } : {}),
		testUser: person.testUser,
		instanceId: textAt(envelope, 'instance_id'),
	};
}
