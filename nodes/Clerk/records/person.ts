import type { ClerkEvent, PersonPath } from '../events/catalogue';
import { flagAt, objectAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { isTestEmail, isTestPhone, isTestUser, isWholeUser, primaryEmail } from './user';

/**
 * The person that an event is about. A field is null if the delivery says that there is no value, and undefined
 * if it doesn't say, so that a contact never clears a known value.
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

/** The text at `key`, which may be null; undefined if the key is missing. */
function textIfPresent(object: ClerkObject | null, key: string): string | null | undefined {
	return object?.[key] === undefined ? undefined : textAt(object, key);
}

function flagIfPresent(object: ClerkObject | null, key: string): boolean | null | undefined {
	return object?.[key] === undefined ? undefined : flagAt(object, key);
}

function byEmail(email: string | null | undefined): Pick<Person, 'email' | 'testUser'> {
	return { email, testUser: email == null ? undefined : isTestEmail(email) };
}

function byPhone(phone: string | null | undefined): Pick<Person, 'phone' | 'testUser'> {
	return { phone, testUser: phone == null ? undefined : isTestPhone(phone) };
}

function names(object: ClerkObject | null): Pick<Person, 'firstName' | 'lastName'> {
	return { firstName: textIfPresent(object, 'first_name'), lastName: textIfPresent(object, 'last_name') };
}

function wholeUser(user: ClerkObject, onlyVerified: boolean): Person {
	return {
		userId: textIfPresent(user, 'id'),
		email: primaryEmail(user, onlyVerified).value,
		...names(user),
		testUser: isTestUser(user),
	};
}

const readers: Readonly<Record<PersonPath, (data: ClerkObject, onlyVerified: boolean) => Person>> = {
	user: wholeUser,
	deletedUser: (data) => ({ userId: textIfPresent(data, 'id'), externalId: textIfPresent(data, 'external_id') }),
	session: (data, onlyVerified) => {
		const user = objectAt(data, 'user');
		const userId = textIfPresent(data, 'user_id');
		const person = user && isWholeUser(user) ? wholeUser(user, onlyVerified) : names(user);
		return { ...person, userId: userId ?? textIfPresent(user, 'id') };
	},
	member: (data) => {
		const member = objectAt(data, 'public_user_data');
		const identifier = textAt(member, 'identifier');
		return {
			userId: textIfPresent(member, 'user_id'),
			...names(member),
			username: textIfPresent(member, 'username'),
			avatarUrl: textIfPresent(member, 'image_url'),
			banned: flagIfPresent(member, 'banned'),
			deprovisioned: flagIfPresent(member, 'deprovisioned'),
			// The identifier can also be a phone number or a username.
			...(identifier?.includes('@') ? byEmail(identifier) : identifier?.startsWith('+') ? byPhone(identifier) : {}),
		};
	},
	invitee: (data) => ({ ...byEmail(textIfPresent(data, 'email_address')), userId: textIfPresent(data, 'user_id') }),
	affiliation: (data) => byEmail(textIfPresent(data, 'affiliation_email_address')),
	payer: (data) => {
		const payer = objectAt(data, 'payer');
		return {
			...byEmail(textIfPresent(payer, 'email')),
			userId: textIfPresent(payer, 'user_id'),
			...names(payer),
			avatarUrl: textIfPresent(payer, 'image_url'),
		};
	},
	emailRecipient: (data) => ({ ...byEmail(textIfPresent(data, 'to_email_address')), userId: textIfPresent(data, 'user_id') }),
	smsRecipient: (data) => ({ ...byPhone(textIfPresent(data, 'to_phone_number')), userId: textIfPresent(data, 'user_id') }),
	nobody: () => ({}),
};

/**
 * The person that `data` is about, read from where the catalogue says.
 * @param onlyVerified treats an address that Clerk reports as unverified as missing
 */
export function personOf(event: ClerkEvent, data: ClerkObject, onlyVerified = false): Person {
	return readers[event.person](data, onlyVerified);
}

/** The ID of the organization that `data` belongs to, read from where the catalogue says. */
export function organizationIdOf(event: ClerkEvent, data: ClerkObject): string | null {
	if (event.organization === null) return null;
	const [first, second] = event.organization.split('.');
	if (first === undefined) return null;
	return second === undefined ? textAt(data, first) : textAt(objectAt(data, first), second);
}
