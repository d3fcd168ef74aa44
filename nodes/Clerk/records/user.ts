import { envelopeTime, objectAt, objectsAt, numberAt, textAt, flagAt } from '../events/payload';
import type { ClerkObject, Envelope } from '../events/payload';

/** One of a user's e-mail addresses or phone numbers, and whether its owner has proved it. */
export interface Identifier {
	readonly value: string | null;
	/** Null where there is no value. */
	readonly verified: boolean | null;
	/** Clerk's name for how it was proved, such as `email_code`. */
	readonly strategy: string | null;
}

const NONE: Identifier = { value: null, verified: null, strategy: null };

/**
 * The address that stands for the user: the primary one; if Clerk names none or one that isn't in
 * the list (its dashboard's examples do), the first verified, else the first, else none.
 */
function choose(user: ClerkObject, list: string, field: string, primaryKey: string, onlyVerified: boolean): Identifier {
	const entries = objectsAt(user, list).filter((entry) => textAt(entry, field) !== null && (!onlyVerified || isVerified(entry)));
	const primaryId = textAt(user, primaryKey);
	const chosen =
		(primaryId !== null && entries.find((entry) => entry['id'] === primaryId)) || entries.find(isVerified) || entries[0];
	if (!chosen) return NONE;
	return {
		value: textAt(chosen, field),
		verified: isVerified(chosen),
		strategy: textAt(objectAt(chosen, 'verification'), 'strategy'),
	};
}

function isVerified(entry: ClerkObject): boolean {
	return textAt(objectAt(entry, 'verification'), 'status') === 'verified';
}

/** @param onlyVerified takes an address that isn't verified for none */
export function primaryEmail(user: ClerkObject, onlyVerified = false): Identifier {
	return choose(user, 'email_addresses', 'email_address', 'primary_email_address_id', onlyVerified);
}

export function primaryPhone(user: ClerkObject): Identifier {
	return choose(user, 'phone_numbers', 'phone_number', 'primary_phone_number_id', false);
}

/** First and last name joined, else the username, else null. */
export function displayName(user: ClerkObject): string | null {
	const names = [textAt(user, 'first_name'), textAt(user, 'last_name')].filter((name) => name !== null);
	return names.length > 0 ? names.join(' ') : textAt(user, 'username');
}

/** Clerk's test e-mail addresses carry the sub-address `clerk_test`: `jane+clerk_test@example.com`. */
export function isTestEmail(email: string): boolean {
	const at = email.lastIndexOf('@');
	return at > 0 && email.slice(0, at).toLowerCase().split('+').slice(1).includes('clerk_test');
}

/** Clerk's test phone numbers: +1 (any area) 555-0100 to 555-0199. */
export function isTestPhone(phone: string): boolean {
	return /^\+1\d{3}55501\d{2}$/.test(phone.replace(/[\s().-]/g, ''));
}

/** Whether any address or number of the user is one of Clerk's test ones. */
export function isTestUser(user: ClerkObject): boolean {
	return (
		objectsAt(user, 'email_addresses').some((entry) => isTestEmail(textAt(entry, 'email_address') ?? '')) ||
		objectsAt(user, 'phone_numbers').some((entry) => isTestPhone(textAt(entry, 'phone_number') ?? ''))
	);
}

/** An account that was linked this long after the sign-up had no part in it. */
const SIGN_UP_TAKES_AT_MOST_MS = 60_000;

/**
 * How the user came in, as far as the user object tells; Clerk has no field for it. In this order:
 * `enterprise_sso`, the name of the OAuth provider (`google`, `github`, …), `web3`, `password`,
 * else how the address was proved (`email_code`, `phone_code`, `email_link`, `ticket`, `admin`, …), `passkey`.
 * An account linked later than the sign-up doesn't count, so that the value stays the same.
 */
export function signUpMethod(user: ClerkObject, email: Identifier, phone: Identifier): string | null {
	const signedUpAt = numberAt(user, 'created_at');
	const there = (entry: ClerkObject) => {
		const createdAt = numberAt(entry, 'created_at');
		return createdAt === null || signedUpAt === null || createdAt <= signedUpAt + SIGN_UP_TAKES_AT_MOST_MS;
	};
	if ([...objectsAt(user, 'enterprise_accounts'), ...objectsAt(user, 'saml_accounts')].some(there)) return 'enterprise_sso';
	const provider = objectsAt(user, 'external_accounts')
		.filter(there)
		.map((account) => textAt(account, 'provider'))
		.find((name) => name !== null);
	if (provider) return provider.replace(/^oauth_/, '');
	if (email.value === null && objectsAt(user, 'web3_wallets').some(there)) return 'web3';
	if (flagAt(user, 'password_enabled') === true) return 'password';
	if (email.verified) return email.strategy;
	if (phone.verified) return phone.strategy;
	return objectsAt(user, 'passkeys').some(there) ? 'passkey' : null;
}

/** Which state of a user a delivery tells. */
export interface UserVersion {
	readonly userId: string;
	readonly kind: 'state' | 'deleted';
	/** When the user came to be so, milliseconds since 1970. */
	readonly at: number;
}

/**
 * @param sentAt when the delivery was made, milliseconds since 1970: at the latest then, a deleted user was
 * @returns null for what isn't about a user's state, or doesn't say whose or since when
 */
export function userVersionOf(envelope: Envelope, data: ClerkObject, sentAt: number): UserVersion | null {
	const userId = textAt(data, 'id');
	if (userId === null) return null;
	switch (envelope.type) {
		case 'user.created':
		case 'user.updated': {
			const at = numberAt(data, 'updated_at');
			return at === null ? null : { userId, kind: 'state', at };
		}
		case 'user.deleted':
			return { userId, kind: 'deleted', at: envelopeTime(envelope) ?? sentAt };
		default:
			return null;
	}
}
