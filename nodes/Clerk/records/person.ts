import type { ClerkEvent, PersonPath } from '../events/catalogue';
import { flagAt, objectAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { isTestEmail, isTestPhone, isTestUser, isWholeUser, primaryEmail } from './user';

/**
 * Whom an event is about. What the delivery tells is there, null where it tells that there is none;
 * what it doesn't tell is undefined, so that a contact made of it never blanks a known value.
 */
export interface Person {
	readonly userId?: string | null | undefined;
	readonly externalId?: string | null | undefined;
	readonly email?: string | null | undefined;
	readonly firstName?: string | null | undefined;
	readonly lastName?: string | null | undefined;
	readonly username?: string | null | undefined;
	readonly phone?: string | null | undefined;
	readonly avatarUrl?: string | null | undefined;
	readonly banned?: boolean | null | undefined;
	readonly deprovisioned?: boolean | null | undefined;
	readonly testUser?: boolean | undefined;
}

/** The text at `key` if the delivery tells it, be it null. */
function told(object: ClerkObject | null, key: string): string | null | undefined {
	return object?.[key] === undefined ? undefined : textAt(object, key);
}

function toldFlag(object: ClerkObject | null, key: string): boolean | null | undefined {
	return object?.[key] === undefined ? undefined : flagAt(object, key);
}

function byEmail(email: string | null | undefined): Pick<Person, 'email' | 'testUser'> {
	return { email, testUser: email == null ? undefined : isTestEmail(email) };
}

function byPhone(phone: string | null | undefined): Pick<Person, 'phone' | 'testUser'> {
	return { phone, testUser: phone == null ? undefined : isTestPhone(phone) };
}

function names(object: ClerkObject | null): Pick<Person, 'firstName' | 'lastName'> {
	return { firstName: told(object, 'first_name'), lastName: told(object, 'last_name') };
}

function wholeUser(user: ClerkObject, onlyVerified: boolean): Person {
	return {
		userId: told(user, 'id'),
		email: primaryEmail(user, onlyVerified).value,
		...names(user),
		testUser: isTestUser(user),
	};
}

const readers: Readonly<Record<PersonPath, (data: ClerkObject, onlyVerified: boolean) => Person>> = {
	user: wholeUser,
	deletedUser: (data) => ({ userId: told(data, 'id'), externalId: told(data, 'external_id') }),
	session: (data, onlyVerified) => {
		const user = objectAt(data, 'user');
		const userId = told(data, 'user_id');
		const person = user && isWholeUser(user) ? wholeUser(user, onlyVerified) : names(user);
		return { ...person, userId: userId ?? told(user, 'id') };
	},
	member: (data) => {
		const member = objectAt(data, 'public_user_data');
		const identifier = textAt(member, 'identifier');
		return {
			userId: told(member, 'user_id'),
			...names(member),
			username: told(member, 'username'),
			avatarUrl: told(member, 'image_url'),
			banned: toldFlag(member, 'banned'),
			deprovisioned: toldFlag(member, 'deprovisioned'),
			// The identifier may as well be a phone number or a username.
			...(identifier?.includes('@') ? byEmail(identifier) : identifier?.startsWith('+') ? byPhone(identifier) : {}),
		};
	},
	invitee: (data) => ({ ...byEmail(told(data, 'email_address')), userId: told(data, 'user_id') }),
	affiliation: (data) => byEmail(told(data, 'affiliation_email_address')),
	payer: (data) => {
		const payer = objectAt(data, 'payer');
		return {
			...byEmail(told(payer, 'email')),
			userId: told(payer, 'user_id'),
			...names(payer),
			avatarUrl: told(payer, 'image_url'),
		};
	},
	emailRecipient: (data) => ({ ...byEmail(told(data, 'to_email_address')), userId: told(data, 'user_id') }),
	smsRecipient: (data) => ({ ...byPhone(told(data, 'to_phone_number')), userId: told(data, 'user_id') }),
	nobody: () => ({}),
};

/**
 * Whom a delivery's `data` is about, read where the catalogue says.
 * @param onlyVerified takes an address that the user has not proved for none, where Clerk tells
 */
export function personOf(event: ClerkEvent, data: ClerkObject, onlyVerified = false): Person {
	return readers[event.person](data, onlyVerified);
}

/** The organization that a delivery's `data` belongs to, read where the catalogue says. */
export function organizationIdOf(event: ClerkEvent, data: ClerkObject): string | null {
	if (event.organization === null) return null;
	const [first, second] = event.organization.split('.');
	if (first === undefined) return null;
	return second === undefined ? textAt(data, first) : textAt(objectAt(data, first), second);
}
