import type { ClerkEvent, PersonPath } from '../events/catalogue';
import { objectAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { isTestEmail, isTestPhone, isTestUser, primaryEmail } from './user';

/** Whom an event is about, as far as its delivery tells. */
export interface Person {
	readonly userId: string | null;
	readonly email: string | null;
	readonly firstName: string | null;
	readonly lastName: string | null;
	/** Null where the delivery has neither an e-mail address nor a phone number to tell it by. */
	readonly testUser: boolean | null;
}

const NOBODY: Person = { userId: null, email: null, firstName: null, lastName: null, testUser: null };

function byEmail(email: string | null, rest: Partial<Person>): Person {
	return { ...NOBODY, email, testUser: email === null ? null : isTestEmail(email), ...rest };
}

function wholeUser(user: ClerkObject): Person {
	return {
		userId: textAt(user, 'id'),
		email: primaryEmail(user).value,
		firstName: textAt(user, 'first_name'),
		lastName: textAt(user, 'last_name'),
		testUser: isTestUser(user),
	};
}

const readers: Readonly<Record<PersonPath, (data: ClerkObject) => Person>> = {
	user: wholeUser,
	deletedUser: (data) => ({ ...NOBODY, userId: textAt(data, 'id') }),
	session: (data) => {
		const user = objectAt(data, 'user');
		const userId = textAt(data, 'user_id');
		return user ? { ...wholeUser(user), userId: userId ?? textAt(user, 'id') } : { ...NOBODY, userId };
	},
	member: (data) => {
		const member = objectAt(data, 'public_user_data');
		const identifier = textAt(member, 'identifier');
		const names = {
			userId: textAt(member, 'user_id'),
			firstName: textAt(member, 'first_name'),
			lastName: textAt(member, 'last_name'),
		};
		// The identifier may as well be a phone number or a username.
		if (identifier?.includes('@')) return byEmail(identifier, names);
		return { ...NOBODY, ...names, testUser: identifier?.startsWith('+') ? isTestPhone(identifier) : null };
	},
	invitee: (data) => byEmail(textAt(data, 'email_address'), { userId: textAt(data, 'user_id') }),
	affiliation: (data) => byEmail(textAt(data, 'affiliation_email_address'), {}),
	payer: (data) => {
		const payer = objectAt(data, 'payer');
		return byEmail(textAt(payer, 'email'), {
			userId: textAt(payer, 'user_id'),
			firstName: textAt(payer, 'first_name'),
			lastName: textAt(payer, 'last_name'),
		});
	},
	emailRecipient: (data) => byEmail(textAt(data, 'to_email_address'), { userId: textAt(data, 'user_id') }),
	smsRecipient: (data) => {
		const phone = textAt(data, 'to_phone_number');
		return { ...NOBODY, userId: textAt(data, 'user_id'), testUser: phone === null ? null : isTestPhone(phone) };
	},
	nobody: () => NOBODY,
};

/** Whom a delivery's `data` is about, read where the catalogue says. */
export function personOf(event: ClerkEvent, data: ClerkObject): Person {
	return readers[event.person](data);
}

/** The organization that a delivery's `data` belongs to, read where the catalogue says. */
export function organizationIdOf(event: ClerkEvent, data: ClerkObject): string | null {
	if (event.organization === null) return null;
	const [first, second] = event.organization.split('.');
	if (first === undefined) return null;
	return second === undefined ? textAt(data, first) : textAt(objectAt(data, first), second);
}
