import type { ClerkEvent, ContactAction } from '../events/catalogue';
import { flagAt, textAt, timeAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { known } from './known';
import { personOf } from './person';
import { displayName, isTestUser, primaryEmail, primaryPhone, signUpMethod } from './user';

/**
 * What a contact store should do, and with whom. From a whole user object all keys are there, in
 * this order, null where Clerk has nothing. From a delivery that knows less, a deletion or an
 * invitation for example, only the keys it knows: an upsert then never blanks what it wasn't told.
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
	createdAt?: string | null;
	updatedAt?: string | null;
	lastSignInAt?: string | null;
	lastActiveAt?: string | null;
	legalAcceptedAt?: string | null;
	signUpMethod?: string | null;
	banned?: boolean | null;
	locked?: boolean | null;
	deprovisioned?: boolean | null;
	testUser?: boolean | null;
	source: string;
	instanceId: string | null;
}

/** What a contact says of where it came from. */
export interface Origin {
	readonly source: string;
	readonly instanceId: string | null;
}

/**
 * The contact of a delivery.
 * @returns null where the event has none, or where the delivery names neither a user nor an e-mail
 * address: a store could only match such a contact with everybody or nobody.
 */
export function contactOf(event: ClerkEvent, data: ClerkObject, origin: Origin): Contact | null {
	if (event.contact === null) return null;
	const contact =
		event.person === 'user' ? userContact(event.contact, data, origin) : partialContact(event, event.contact, data, origin);
	return contact.userId == null && contact.email == null ? null : contact;
}

/** The contact of a whole user object, as it comes in a delivery or from Clerk's Backend API. */
export function userContact(action: ContactAction, user: ClerkObject, { source, instanceId }: Origin): Contact {
	const email = primaryEmail(user);
	const phone = primaryPhone(user);
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
		createdAt: timeAt(user, 'created_at'),
		updatedAt: timeAt(user, 'updated_at'),
		lastSignInAt: timeAt(user, 'last_sign_in_at'),
		lastActiveAt: timeAt(user, 'last_active_at'),
		legalAcceptedAt: timeAt(user, 'legal_accepted_at'),
		signUpMethod: signUpMethod(user, email, phone),
		banned: flagAt(user, 'banned'),
		locked: flagAt(user, 'locked'),
		deprovisioned: flagAt(user, 'deprovisioned'),
		testUser: isTestUser(user),
		source,
		instanceId,
	};
}

/** The contact for a store that keeps names of its own: without the keys, so that it overwrites none. */
export function withoutNames(contact: Contact): Contact {
	const rest = { ...contact };
	delete rest.firstName;
	delete rest.lastName;
	delete rest.name;
	return rest;
}

function partialContact(event: ClerkEvent, action: ContactAction, data: ClerkObject, { source, instanceId }: Origin): Contact {
	const person = personOf(event, data);
	return known({
		action,
		userId: person.userId ?? undefined,
		externalId: event.person === 'deletedUser' ? (textAt(data, 'external_id') ?? undefined) : undefined,
		email: person.email ?? undefined,
		firstName: person.firstName ?? undefined,
		lastName: person.lastName ?? undefined,
		testUser: person.testUser ?? undefined,
		source,
		instanceId,
	});
}
