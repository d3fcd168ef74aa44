import { objectAt, objectsAt, numberAt, textAt, flagAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';

/** One of a user's email addresses or phone numbers, and whether it is verified. */
export interface Identifier {
	readonly value: string | null;
	/** Null if there is no value. */
	readonly verified: boolean | null;
	/** Clerk's name for how it was verified, such as `email_code`. */
	readonly strategy: string | null;
}

const NONE: Identifier = { value: null, verified: null, strategy: null };

/**
 * A user's main address or number: the primary one. If Clerk names none, or one that isn't in the list (as in its
 * dashboard's examples), it is the first verified one, otherwise the first, otherwise none.
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

/** @param onlyVerified treats an unverified address as missing */
export function primaryEmail(user: ClerkObject, onlyVerified = false): Identifier {
	return choose(user, 'email_addresses', 'email_address', 'primary_email_address_id', onlyVerified);
}

export function primaryPhone(user: ClerkObject): Identifier {
	return choose(user, 'phone_numbers', 'phone_number', 'primary_phone_number_id', false);
}

/** Whether it is a whole user and not part of one: only a whole user has a list of addresses. */
export function isWholeUser(user: ClerkObject): boolean {
	return Array.isArray(user['email_addresses']);
}

/** First and last name, otherwise the username, otherwise null. */
export function displayName(user: ClerkObject): string | null {
	const [firstName, lastName, username] = ['first_name', 'last_name', 'username'].map((key) => textAt(user, key));
	return displayNameOf({ firstName, lastName, username }) ?? null;
}

type Name = string | null | undefined;

export function displayNameOf(person: { readonly firstName?: Name; readonly lastName?: Name; readonly username?: Name }) {
	const names = [person.firstName, person.lastName].filter((name) => name != null);
	return names.length > 0 ? names.join(' ') : person.username;
}

/** Clerk's test email addresses have the subaddress `clerk_test`: `jane+clerk_test@example.com`. */
export function isTestEmail(email: string): boolean {
	const at = email.lastIndexOf('@');
	return at > 0 && email.slice(0, at).toLowerCase().split('+').slice(1).includes('clerk_test');
}

/** Clerk's test phone numbers: +1 (any area) 555-0100 to 555-0199. */
export function isTestPhone(phone: string): boolean {
	return /^\+1\d{3}55501\d{2}$/.test(phone.replace(/[\s().-]/g, ''));
}

/** Whether the user has one of Clerk's test addresses or numbers. */
export function isTestUser(user: ClerkObject): boolean {
	return (
		objectsAt(user, 'email_addresses').some((entry) => isTestEmail(textAt(entry, 'email_address') ?? '')) ||
		objectsAt(user, 'phone_numbers').some((entry) => isTestPhone(textAt(entry, 'phone_number') ?? ''))
	);
}

/** Everything created by a sign-up has a time within milliseconds of the user's (recorded: -26 to +6 ms). */
const SIGN_UP_TAKES_AT_MOST_MS = 5_000;

/** If a user changed later than this, the object may no longer show how they signed up. */
const UNCHANGED_FOR_MS = 1_000;

/**
 * How the user signed up, as far as the user object shows; Clerk has no field for it. In this order:
 * `enterprise_sso`, the name of the OAuth provider (`google`, `github`, …), `web3`, `password`, how the address
 * was verified (`email_code`, `phone_code`, `email_link`, `ticket`, `admin`, …), `passkey`.
 *
 * Accounts can be unlinked and passwords set later. So once the user has changed, only what is still certain is
 * returned, and never another method than the one at sign-up.
 * @returns null if the sign-up shows none; undefined if the object no longer shows it
 */
export function signUpMethod(user: ClerkObject, email: Identifier, phone: Identifier): string | null | undefined {
	const signedUpAt = numberAt(user, 'created_at');
	const changedAt = numberAt(user, 'updated_at');
	if (signedUpAt === null || changedAt === null) return undefined;
	const isUnchanged = changedAt <= signedUpAt + UNCHANGED_FOR_MS;
	const within = (object: ClerkObject, key: string) => {
		const at = numberAt(object, key);
		return at === null ? isUnchanged : at <= signedUpAt + SIGN_UP_TAKES_AT_MOST_MS;
	};
	const there = (entry: ClerkObject) => within(entry, 'created_at');

	if ([...objectsAt(user, 'enterprise_accounts'), ...objectsAt(user, 'saml_accounts')].some(there)) return 'enterprise_sso';
	const provider = objectsAt(user, 'external_accounts')
		.filter(there)
		.map((account) => textAt(account, 'provider'))
		.find((name) => name !== null);
	if (provider) return withoutOAuth(provider);

	if (isUnchanged) {
		const proof = email.verified ? email.strategy : phone.verified ? phone.strategy : null;
		if (proof?.startsWith(FROM_OAUTH)) return withoutOAuth(proof);
		if (email.value === null && objectsAt(user, 'web3_wallets').some(there)) return 'web3';
		if (flagAt(user, 'password_enabled') === true) return 'password';
		return proof ?? (objectsAt(user, 'passkeys').some(there) ? 'passkey' : null);
	}
	// An address that has not changed since the sign-up shows how it was verified then.
	const untouched = objectsAt(user, 'email_addresses').filter((entry) => there(entry) && within(entry, 'updated_at'));
	const strategies = untouched.map((entry) => textAt(objectAt(entry, 'verification'), 'strategy') ?? '');
	if (strategies.some((strategy) => ['saml', 'enterprise_sso'].includes(strategy))) return 'enterprise_sso';
	const linked = strategies.find((strategy) => strategy.startsWith(FROM_OAUTH));
	if (linked) return withoutOAuth(linked);
	const passwordThen = flagAt(user, 'password_enabled') === true && within(user, 'password_last_updated_at');
	return passwordThen && untouched.length > 0 ? 'password' : undefined;
}

const FROM_OAUTH = 'from_oauth_';

/** `google` for `oauth_google`, or for `from_oauth_google` at an address that was verified that way. */
function withoutOAuth(name: string): string {
	return name.replace(/^(?:from_)?oauth_/, '');
}
