import type { ClerkEvent } from '../events/catalogue';
import type { DerivedEvent } from '../events/derived';
import { envelopeTime, flagAt, isoTime, objectAt, textAt } from '../events/payload';
import type { ClerkObject, Envelope, Environment } from '../events/payload';
import { billingFacts } from './billing';
import type { BillingFacts } from './billing';
import type { Change } from './changes';
import { organizationIdOf, personOf } from './person';

/**
 * What happened. All keys are always present, in this order: events are added to a list and overwrite nothing.
 * Events about messages and billing have more keys, at the end.
 */
export interface Event extends Partial<BillingFacts> {
	name: string;
	type: string;
	/** The delivery's `svix-id`. It is the same for every retry and replay, so it can be used as an idempotency key. */
	id: string;
	/** When it happened in Clerk, ISO 8601. */
	occurredAt: string | null;
	/** When Clerk made this attempt to deliver it, ISO 8601. */
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
	/** Only if the endpoint was registered with a secret key, which shows it. */
	environment?: Environment;
	/** What changed, as far as is known; null if nothing is known, and for all events other than a change of a user. */
	changes: readonly Change[] | null;
	/** Only for an email or a text message: the slug of Clerk's template. */
	template?: string | null;
	/** Only for an email or a text message: false if the builder has to send it. */
	deliveredByClerk?: boolean | null;
}

/** What is known about a delivery besides its body. */
export interface DeliveryFacts {
	readonly id: string;
	/** Milliseconds since 1970. */
	readonly sentAt: number;
	/** Null if unknown. */
	readonly environment: Environment | null;
}

/** Every key that an event can have, in order; a message's event has `MESSAGE_KEYS` after them, a billing event `BILLING_KEYS`. */
export const EVENT_KEYS: ReadonlyArray<keyof Event> = [
	'name',
	'type',
	'id',
	'occurredAt',
	'sentAt',
	'userId',
	'email',
	'firstName',
	'lastName',
	'organizationId',
	'sessionId',
	'clientIp',
	'userAgent',
	'testUser',
	'instanceId',
	'environment',
	'changes',
];

/** The keys that only an event about a message has, after those. */
export const MESSAGE_KEYS = ['template', 'deliveredByClerk'] as const;

export interface EventSettings {
	readonly includeClient: boolean;
	/** Treats an unverified email address as missing. */
	readonly onlyVerified: boolean;
}

/** The event item of a delivery, under its default name. */
export function eventRecordOf(
	event: ClerkEvent,
	envelope: Envelope,
	data: ClerkObject,
	delivery: DeliveryFacts,
	{ includeClient, onlyVerified }: EventSettings,
	changes: readonly Change[] | null = null,
): Event {
	const person = personOf(event, data, onlyVerified);
	const request = objectAt(objectAt(envelope, 'event_attributes'), 'http_request');
	return {
		name: event.type,
		type: event.type,
		id: delivery.id,
		occurredAt: isoTime(envelopeTime(envelope)),
		sentAt: isoTime(delivery.sentAt),
		userId: person.userId ?? null,
		email: person.email ?? null,
		firstName: person.firstName ?? null,
		lastName: person.lastName ?? null,
		organizationId: organizationIdOf(event, data),
		sessionId: event.person === 'session' ? textAt(data, 'id') : null,
		...(includeClient ? { clientIp: textAt(request, 'client_ip'), userAgent: textAt(request, 'user_agent') } : {}),
		testUser: person.testUser ?? null,
		instanceId: textAt(envelope, 'instance_id'),
		...(delivery.environment === null ? {} : { environment: delivery.environment }),
		changes,
		...(isMessage(event)
			? { template: textAt(data, 'slug'), deliveredByClerk: flagAt(data, 'delivered_by_clerk') }
			: billingFacts(event, data)),
	};
}

/** Whether the event is about an email or a text message from Clerk. */
export function isMessage({ person }: ClerkEvent): boolean {
	return person === 'emailRecipient' || person === 'smsRecipient';
}

/** The event of one change, with its own name and ID. */
export function derivedEvent(event: Event, row: Pick<DerivedEvent, 'name' | 'change'>): Event {
	const changes = event.changes?.filter((change) => change.name === row.change) ?? null;
	return { ...event, name: row.name, id: `${event.id}.${row.name}`, changes };
}

/**
 * A second event of the same delivery. Its ID is derived from the first one's, so it is the same for every retry
 * and never clashes with the first one as an idempotency key.
 */
export function additionalEvent(event: Event, name: string): Event {
	return { ...event, name, id: `${event.id}.additional` };
}
