import type { ClerkEvent } from '../../nodes/Clerk/events/catalogue';
import type { Contact } from '../../nodes/Clerk/records/contact';
import type { VerifiedDelivery } from '../../nodes/Clerk/trigger/delivery';
import type { Records } from '../../nodes/Clerk/records/records';
import schema from '../../nodes/Clerk/__schema__/v1.1.0.json';

/**
 * What is promised of the records of every delivery, whatever is in it. Said as text and collected:
 * thousands of single `expect`s take long.
 */

type Promised = Record<string, { type: string }>;

export const promised: Readonly<Record<'contact' | 'event' | 'tenant', Promised>> = {
	contact: schema.properties.contact.properties,
	event: schema.properties.event.properties,
	tenant: schema.properties.tenant.properties,
};
const fieldsOf = (type: string, ...names: string[]): Promised => Object.fromEntries(names.map((name) => [name, { type }]));
const plan = fieldsOf('string', 'plan', 'subscriptionStatus', 'trialEndsAt');
/** What only comes where a builder asked for it, or from the waitlist: not in the schema, which shows what comes of a user. */
const contactIfAsked: Promised = {
	...promised.contact,
	...fieldsOf('string', 'waitlistStatus'),
	...plan,
	...fieldsOf('boolean', 'subscribed'),
	...fieldsOf('string', 'userGroup'),
	...fieldsOf('lists', 'mailingLists'),
};
const { testUser, instanceId, changes, ...eventStart } = promised.event;
if (!testUser || !instanceId || !changes) throw new Error('The schema has other events');
const eventWithClient: Promised = {
	...eventStart,
	...fieldsOf('string', 'clientIp', 'userAgent'),
	testUser,
	instanceId,
	changes,
};
const ofMessages: Promised = { ...fieldsOf('string', 'template'), ...fieldsOf('boolean', 'deliveredByClerk') };
const ofMoney: Promised = {
	...fieldsOf('string', 'plan', 'planName', 'status', 'periodEndsAt', 'trialEndsAt'),
	...fieldsOf('integer', 'amount'),
	...fieldsOf('string', 'currency', 'failureReason', 'payer'),
	...fieldsOf('integer', 'seats'),
};
const tenantIfAsked: Promised = { ...promised.tenant, ...plan };

const holds: Record<string, (value: unknown) => boolean> = {
	string: (value) => typeof value === 'string' && value !== '',
	boolean: (value) => typeof value === 'boolean',
	integer: (value) => typeof value === 'number' && Number.isFinite(value),
	array: (value) => Array.isArray(value),
	lists: (value) => {
		const joined = Object.values(value as object) as unknown[];
		return joined.length > 0 && joined.every((entry) => typeof entry === 'boolean');
	},
};
const DATE = /^(\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What of a record is not as promised: its keys, their order, their types. */
function broken(record: object, fields: Promised): string[] {
	const keys = Object.keys(record);
	const inOrder = Object.keys(fields).filter((key) => keys.includes(key));
	return [
		...(keys.join() === inOrder.join() ? [] : [`keys ${keys.join()}`]),
		...(Object.entries(record) as [string, unknown][])
			.filter(([, value]) => value !== null)
			.filter(([key, value]) => !holds[fields[key]?.type ?? '']?.(value) || (key.endsWith('At') && !DATE.test(String(value))))
			.map(([key, value]) => `${key} ${JSON.stringify(value)}`),
	];
}

/** What a delivery may say to be none; of everything else, a contact that knows only a part has no key. */
const MAY_BE_TOLD_AS_NONE = [
	'externalId',
	'firstName',
	'lastName',
	'name',
	'username',
	'avatarUrl',
	'banned',
	'deprovisioned',
	'instanceId',
	'plan',
	'subscriptionStatus',
	'trialEndsAt',
];

function contactIsWhole(contact: Contact, includeNames: boolean): boolean {
	const keys = Object.keys(contact).filter((key) => !['subscribed', 'userGroup', 'mailingLists'].includes(key));
	const all = Object.keys(promised.contact).filter(
		(key) => (includeNames || !/^(first|last)?name$/i.test(key)) && (key !== 'signUpMethod' || keys.includes(key)),
	);
	return keys.join() === all.join();
}

function contactKnowsWhatItSays(contact: Contact): boolean {
	return Object.entries(contact).every(([key, value]) => value !== null || MAY_BE_TOLD_AS_NONE.includes(key));
}

/** Whether the delivery carries a whole user. */
export function carriesUser(event: ClerkEvent, { data }: VerifiedDelivery): boolean {
	const user = data['user'];
	return (
		event.person === 'user' || (event.person === 'session' && typeof user === 'object' && user !== null && !Array.isArray(user))
	);
}

interface Chosen {
	readonly includeNames: boolean;
	readonly includeClient: boolean;
}

/** Which promises the records of a delivery break. */
export function brokenPromises(
	{ contact, noContact, events, tenant }: Records,
	event: ClerkEvent,
	delivery: VerifiedDelivery,
	{ includeNames, includeClient }: Chosen,
): string[] {
	const more = /^(email|sms)\./.test(event.type) ? ofMessages : event.person === 'payer' ? ofMoney : {};
	const eventFields: Promised = { ...(includeClient ? eventWithClient : promised.event), ...more };
	const rules: [string, boolean][] = [
		['an event has all keys', events.every((record) => Object.keys(record).length === Object.keys(eventFields).length)],
		['an event has a type and a time', events.every(({ type, sentAt }) => type === event.type && sentAt !== null)],
		['events have ids and names', events.every(({ id, name }) => id !== '' && name !== '')],
		['no two events have the same id', new Set(events.map(({ id }) => id)).size === events.length],
		['there is a contact, or why there is none', (contact === null) === (noContact !== null)],
		['a contact names somebody', contact === null || (contact.userId ?? contact.email ?? null) !== null],
		['a tenant names its organization', tenant === null || tenant.organizationId !== null],
		[
			'a contact has all keys of a whole user, else only what it knows',
			contact === null ||
				(carriesUser(event, delivery) ? contactIsWhole(contact, includeNames) : contactKnowsWhatItSays(contact)),
		],
	];
	return [
		...events.flatMap((record) => broken(record, eventFields)),
		...(contact ? broken(contact, contactIfAsked) : []),
		...(tenant ? broken(tenant, tenantIfAsked) : []),
		...rules.filter(([, kept]) => !kept).map(([rule]) => rule),
	];
}
