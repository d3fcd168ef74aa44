import type { ClerkEvent, ContactAction } from '../events/catalogue';
import { flagAt, objectAt, textAt, timeAt } from '../events/payload';
import type { ClerkObject, Environment } from '../events/payload';
import { PLAN_KEYS, planFacts } from './billing';
import type { PlanFacts } from './billing';
import { known } from './known';
import type { Effect } from './mapping';
import { personOf } from './person';
import { displayName, displayNameOf, isTestUser, isWholeUser, primaryEmail, primaryPhone, signUpMethod } from './user';

/**
 * What a contact store should do, and for whom. A contact of a whole user has all keys, in this order, null if
 * Clerk has no value. A delivery that knows less, such as a deletion or an invitation, gives only the keys that it
 * knows, so that an upsert never clears the others.
 */
export interface Contact {
	action: ContactAction;
	userId?: string | null;
	externalId?: string | null;
	email?: string | null;
	emailVerified?: boolean | null;
	firstName?: string | null;
	lastName?: string | null;
	name?: string | null;
	username?: string | null;
	phone?: string | null;
	phoneVerified?: boolean | null;
	avatarUrl?: string | null;
	locale?: string | null;
	timezone?: string | null;
	createdAt?: string | null;
	updatedAt?: string | null;
	lastSignInAt?: string | null;
	lastActiveAt?: string | null;
	legalAcceptedAt?: string | null;
	/** Only if the user object still shows it. */
	signUpMethod?: string | null;
	banned?: boolean | null;
	locked?: boolean | null;
	deprovisioned?: boolean | null;
	testUser?: boolean | null;
	source: string;
	instanceId: string | null;
	/** Only if the endpoint was registered with a secret key, which shows it. */
	environment?: Environment;
	/** Only for waitlist entries: `pending`, `invited`, `completed`, `rejected`. */
	waitlistStatus?: string | null;
	/** Only where a mapping makes a contact of an event about a subscription: the slug of the plan. */
	plan?: string | null;
	subscriptionStatus?: string | null;
	/** Null where it is no trial. */
	trialEndsAt?: string | null;
	/** False if the contact is to be unsubscribed. Never true: only the person may subscribe. */
	subscribed?: false;
	/** Only if a mapping sets it. */
	userGroup?: string;
	/** Only if a mapping sets it: true to join, false to leave, by the list's ID. */
	mailingLists?: Readonly<Record<string, boolean>>;
}

/** Every key that a contact can have, in order; one of a payer has `PLAN_KEYS` before `subscribed`. */
export const CONTACT_KEYS: ReadonlyArray<keyof Contact> = [
	'action',
	'userId',
	'externalId',
	'email',
	'emailVerified',
	'firstName',
	'lastName',
	'name',
	'username',
	'phone',
	'phoneVerified',
	'avatarUrl',
	'locale',
	'timezone',
	'createdAt',
	'updatedAt',
	'lastSignInAt',
	'lastActiveAt',
	'legalAcceptedAt',
	'signUpMethod',
	'banned',
	'locked',
	'deprovisioned',
	'testUser',
	'source',
	'instanceId',
	'environment',
	'waitlistStatus',
	'subscribed',
	'userGroup',
	'mailingLists',
];

/** What a contact depends on besides its object. */
export interface ContactSettings {
	readonly source: string;
	readonly instanceId: string | null;
	readonly environment: Environment | null;
	/** Treats an unverified email address as missing. */
	readonly onlyVerified: boolean;
	readonly includeNames: boolean;
}

/**
 * The contact of a delivery. It is whole if the delivery contains a whole user.
 * @returns null if the delivery has neither a user ID nor an email address: a store could match such a contact
 * only with everybody or nobody
 */
export function contactOf(
	event: ClerkEvent,
	action: ContactAction,
	data: ClerkObject,
	settings: ContactSettings,
): Contact | null {
	const user = wholeUserOf(event, data);
	const contact = user ? userContact(action, user, settings) : partialContact(event, action, data, settings);
	if (contact.userId == null && contact.email == null) return null;
	return settings.includeNames ? contact : withoutNames(contact);
}

/** The whole user in a delivery; null if there is none, or only part of one. */
export function wholeUserOf({ person }: ClerkEvent, data: ClerkObject): ClerkObject | null {
	if (person === 'user') return data;
	const user = person === 'session' ? objectAt(data, 'user') : null;
	// The session has the user's ID as well.
	return user && isWholeUser(user) ? { ...user, id: textAt(user, 'id') ?? textAt(data, 'user_id') } : null;
}

/** The contact of a whole user object, from a delivery or from Clerk's Backend API. */
export function userContact(
	action: ContactAction,
	user: ClerkObject,
	{ source, instanceId, environment, onlyVerified }: ContactSettings,
): Contact {
	const email = primaryEmail(user, onlyVerified);
	const phone = primaryPhone(user);
	// From the address regardless of onlyVerified: the option doesn't change how somebody signed up.
	const method = signUpMethod(user, onlyVerified ? primaryEmail(user) : email, phone);
	return {
		action,
		userId: textAt(user, 'id'),
		externalId: textAt(user, 'external_id'),
		email: email.value,
		emailVerified: email.verified,
		firstName: textAt(user, 'first_name'),
		lastName: textAt(user, 'last_name'),
		name: displayName(user),
		username: textAt(user, 'username'),
		phone: phone.value,
		phoneVerified: phone.verified,
		avatarUrl: textAt(user, 'image_url') ?? textAt(user, 'profile_image_url'),
		locale: textAt(user, 'locale'),
		timezone: textAt(user, 'timezone'),
		createdAt: timeAt(user, 'created_at'),
		updatedAt: timeAt(user, 'updated_at'),
		lastSignInAt: timeAt(user, 'last_sign_in_at'),
		lastActiveAt: timeAt(user, 'last_active_at'),
		legalAcceptedAt: timeAt(user, 'legal_accepted_at'),
		...(method === undefined ? {} : { signUpMethod: method }),
		banned: flagAt(user, 'banned'),
		locked: flagAt(user, 'locked'),
		deprovisioned: flagAt(user, 'deprovisioned'),
		testUser: isTestUser(user),
		source,
		instanceId,
		...(environment === null ? {} : { environment }),
	};
}

/** For a store with its own names: leaves the keys out, so that nothing is overwritten. */
function withoutNames(contact: Contact): Contact {
	const rest = { ...contact };
	delete rest.firstName;
	delete rest.lastName;
	delete rest.name;
	return rest;
}

function partialContact(
	event: ClerkEvent,
	action: ContactAction,
	data: ClerkObject,
	{ source, instanceId, environment }: ContactSettings,
): Contact {
	const person = personOf(event, data);
	return known({
		action,
		userId: person.userId ?? undefined,
		externalId: person.externalId,
		email: person.email ?? undefined,
		firstName: person.firstName,
		lastName: person.lastName,
		name: person.firstName === undefined || person.lastName === undefined ? undefined : displayNameOf(person),
		username: person.username,
		phone: person.phone ?? undefined,
		avatarUrl: person.avatarUrl,
		banned: person.banned,
		deprovisioned: person.deprovisioned,
		testUser: person.testUser,
		source,
		instanceId,
		environment: environment ?? undefined,
		waitlistStatus: isWaitlistEntry(event) ? (textAt(data, 'status') ?? undefined) : undefined,
		...planFacts(event, data),
	});
}

export function isWaitlistEntry({ type }: ClerkEvent): boolean {
	return type.startsWith('waitlistEntry.');
}

/** The keys that no later state can change. */
const TIMELESS: ReadonlyArray<keyof Contact> = [
	'action',
	'userId',
	'createdAt',
	'testUser',
	'source',
	'instanceId',
	'environment',
	// What somebody pays for has a time of its own.
	...PLAN_KEYS,
	'subscribed',
	'userGroup',
	'mailingLists',
];

/** A contact or a tenant without what its person or organization pays for. */
export function withoutPlan<T extends Partial<PlanFacts>>(record: T): T {
	const rest = { ...record };
	for (const key of PLAN_KEYS) delete rest[key];
	return rest;
}

/** The part of a contact that can be stored after a newer state of the same person. Without a user ID, it keeps the email address to match on. */
export function timeless(contact: Contact): Contact {
	const kept = contact.userId == null ? [...TIMELESS, 'email'] : TIMELESS;
	return Object.fromEntries(Object.entries(contact).filter(([key]) => kept.includes(key as keyof Contact))) as unknown as Contact;
}

/**
 * Adds the group and mailing lists from the mappings to a contact.
 * A contact that is unsubscribed or deleted joins no mailing lists.
 * @param joins false if the person has been unsubscribed since
 */
export function withEffect(
	contact: Contact,
	action: ContactAction,
	{ userGroup, mailingLists }: Pick<Effect, 'userGroup' | 'mailingLists'>,
	joins: boolean,
): Contact {
	const lists = Object.entries(mailingLists).filter(([, joined]) => !joined || (joins && action === 'upsert'));
	return {
		...contact,
		action,
		...(action === 'unsubscribe' ? { subscribed: false } : {}),
		...(userGroup === null ? {} : { userGroup }),
		...(lists.length === 0 ? {} : { mailingLists: Object.fromEntries(lists) }),
	};
}

/** Whether the user can't sign in: banned, locked after too many attempts, or removed from a company's directory. */
export function cannotSignIn({ banned, locked, deprovisioned }: Contact): boolean {
	return banned === true || locked === true || deprovisioned === true;
}
