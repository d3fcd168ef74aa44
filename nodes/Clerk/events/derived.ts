/**
 * The events that can be derived from the ones that Clerk sends, one row each. Clerk sends `user.updated`
 * for every kind of change, and `email.created` for each email to a user; guides and Clerk's own log have
 * names for the individual changes. Builders can choose each row as an event of its own.
 *
 * Sources: Clerk's templates (`slug` of `email.created`) as known from public code; the names of its
 * application logs (clerk.com/docs/guides/dashboard/logs/application-logs), as of November 2026.
 */

/** What it is derived from. */
export type Evidence =
	/** Only by comparing with the state that was known before. */
	| 'state'
	/** Also from a time in the delivery itself. */
	| 'time'
	/** Only from the message that Clerk sent about it. */
	| 'message';

export interface DerivedEvent {
	/** Such as `user.locked`. */
	readonly name: string;
	/** In Title Case, as a list shows it. */
	readonly label: string;
	/** One sentence for somebody who doesn't know Clerk, without a full stop. */
	readonly description: string;
	/** What happened; differs from the name only if two rows are about the same change. */
	readonly change: string;
	readonly evidence: Evidence;
	/** The template of the message that Clerk sends about it, or null. */
	readonly template: string | null;
	/** The events of Clerk's that it needs; a sign-up shows the user's first state. */
	readonly needs: readonly string[];
	/** What Clerk calls it in its application logs; empty where nothing there matches. */
	readonly logNames: readonly string[];
}

const USER_CREATED = 'user.created';
export const USER_UPDATED = 'user.updated';
export const EMAIL_CREATED = 'email.created';
export const SMS_CREATED = 'sms.created';

type Row = readonly [
	label: string,
	description: string,
	evidence: Evidence,
	logNames: readonly string[],
	more?: Partial<Pick<DerivedEvent, 'change' | 'template' | 'needs'>>,
];

const rows = {
	'user.locked': [
		'User Locked',
		'A user was locked after too many wrong attempts to sign in, or by you',
		'state',
		['user.locked'],
		{ template: 'account_locked' },
	],
	'user.unlocked': ['User Unlocked', 'A user is no longer locked', 'state', ['user.unlocked']],
	'user.banned': ['User Banned', 'A user was banned', 'state', ['user.banned']],
	'user.unbanned': ['User Unbanned', 'A user is no longer banned', 'state', ['user.unbanned']],
	'user.deprovisioned': ['User Deprovisioned', 'A user was removed from their company directory', 'state', ['scim.user.*']],
	'user.nameChanged': ['User Name Changed', 'The first name, last name or username of a user changed', 'state', ['user.updated']],
	'user.metadataChanged': [
		'User Metadata Changed',
		'The public, private or unsafe metadata of a user changed',
		'state',
		['user.metadata.updated'],
	],
	'user.legalAccepted': ['Legal Terms Accepted', 'A user accepted your legal terms', 'time', []],
	'emailAddress.created': ['Email Address Created', 'An email address was added to a user', 'time', ['email_address.created']],
	'emailAddress.verified': [
		'Email Address Verified',
		'A user has proved that an email address is theirs',
		'time',
		['email_address.verified', 'sign_up.email_address.verified'],
	],
	'emailAddress.removed': ['Email Address Removed', 'An email address of a user was removed', 'state', ['email_address.deleted']],
	'emailAddress.primaryChanged': [
		'Primary Email Address Changed',
		'Another email address became the primary one of a user',
		'state',
		['user.updated'],
		{ template: 'primary_email_address_changed' },
	],
	'phoneNumber.created': ['Phone Number Created', 'A phone number was added to a user', 'time', ['phone_number.created']],
	'phoneNumber.verified': [
		'Phone Number Verified',
		'A user has proved that a phone number is theirs',
		'time',
		['phone_number.verified', 'sign_up.phone_number.verified'],
	],
	'phoneNumber.removed': ['Phone Number Removed', 'A phone number of a user was removed', 'state', ['phone_number.deleted']],
	'phoneNumber.primaryChanged': [
		'Primary Phone Number Changed',
		'Another phone number became the primary one of a user',
		'state',
		['user.updated'],
	],
	'password.created': ['Password Created', 'A user set a password for the first time', 'state', ['user.password.changed']],
	'password.changed': [
		'Password Changed',
		'A password was changed or reset (or set for the first time, if the trigger had not seen the user before)',
		'time',
		['user.password.changed'],
		{ template: 'password_changed' },
	],
	'password.reset': [
		'Password Reset',
		'The same as password.changed, under the name that guides use: Clerk does not say whether a password was changed or reset',
		'time',
		['user.password.changed'],
		{ change: 'password.changed', template: 'password_changed' },
	],
	'password.removed': [
		'Password Removed',
		'The password of a user was removed',
		'state',
		['user.password.deleted'],
		{ template: 'password_removed' },
	],
	'mfa.enabled': [
		'Multi-Factor Authentication Enabled',
		'A user switched on a second step to sign in',
		'time',
		['user.mfa.enabled', 'user.totp.verified'],
		{ template: 'mfa_enabled' },
	],
	'mfa.disabled': [
		'Multi-Factor Authentication Disabled',
		'A user no longer needs a second step to sign in',
		'time',
		['user.mfa.disabled'],
	],
	'passkey.created': [
		'Passkey Created',
		'A passkey was added to a user',
		'time',
		['user.passkey.created'],
		{ template: 'passkey_added' },
	],
	'passkey.removed': [
		'Passkey Removed',
		'A passkey of a user was removed',
		'state',
		['user.passkey.deleted'],
		{ template: 'passkey_removed' },
	],
	'web3Wallet.created': ['Web3 Wallet Created', 'A wallet was added to a user', 'time', ['web3_wallet.created']],
	'web3Wallet.removed': ['Web3 Wallet Removed', 'A wallet of a user was removed', 'state', ['web3_wallet.deleted']],
	'externalAccount.connected': [
		'External Account Connected',
		'A user can sign in with another provider, such as Google',
		'time',
		['user.external_account.connected'],
	],
	'externalAccount.disconnected': [
		'External Account Disconnected',
		'A user can no longer sign in with a provider, such as Google',
		'state',
		['user.external_account.disconnected'],
	],
	'password.resetRequested': [
		'Password Reset Requested',
		'Clerk sent somebody a code to reset their password',
		'message',
		[],
		{ template: 'reset_password_code', needs: [EMAIL_CREATED, SMS_CREATED] },
	],
	'session.newDevice': [
		'New Device',
		'Clerk notified a user of a sign-in from a new device',
		'message',
		[],
		{ template: 'new_device_sign_in', needs: [EMAIL_CREATED] },
	],
} as const satisfies Record<string, Row>;

type DerivedName = keyof typeof rows;

/** What can happen to a user, by the name of its event. */
export type ChangeName = Exclude<DerivedName, 'password.reset'>;

export const derivedEvents: readonly DerivedEvent[] = Object.entries<Row>(rows).map(
	([name, [label, description, evidence, logNames, more]]) => ({
		name,
		label,
		description,
		change: name,
		evidence,
		template: null,
		needs: [USER_CREATED, USER_UPDATED],
		logNames,
		...more,
	}),
);

/** In the order in which they are output. */
export const changeNames = derivedEvents.filter(({ name, change }) => name === change).map(({ name }) => name as ChangeName);

const names: ReadonlySet<string> = new Set(derivedEvents.map(({ name }) => name));

export function isDerived(name: string): boolean {
	return names.has(name);
}

const byTemplate = new Map(
	derivedEvents.filter(({ name, change }) => name === change).map(({ template, change }) => [template, change as ChangeName]),
);

/** The change that a message of Clerk's with this template is about; null if it is about something else. */
export function changeOfTemplate(template: string | null): ChangeName | null {
	return template === null ? null : (byTemplate.get(template) ?? null);
}

/** Whether Clerk also sends a message about it. */
export function isWrittenAbout(change: ChangeName): boolean {
	return derivedEvents.some(({ name, template, evidence }) => name === change && template !== null && evidence !== 'message');
}

/** The name of the group that a derived event stands in, and its own, as a list shows them. */
export function derivedLabelOf({ label, name, evidence }: DerivedEvent): string {
	return `Derived from ${evidence === 'message' ? 'Email: Created' : 'User: Updated'}: ${label} (${name})`;
}
