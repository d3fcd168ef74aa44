import type { Query } from '../api/backend';
import { withSigns } from '../backfill/filters';
import { flagAt, numberAt, objectAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { hasEmail, same } from './locators';
import type { Field, Kind, Look, Operation } from './operation';

type Options = Partial<Pick<Field, 'as' | 'clears' | 'default' | 'local' | 'options' | 'placeholder' | 'place'>>;

/** @param name the parameter; Clerk's name is the same in snake case, unless `as` says otherwise */
function field(kind: Kind, name: string, displayName: string, description: string, more: Options = {}): Field {
	const as = name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
	return { kind, name, displayName, description, as, place: 'collection', ...more };
}

const required = (given: Field): Field => ({ ...given, place: 'required' });
const onTop = (given: Field): Field => ({ ...given, place: 'top' });
/** A field that can be emptied in Clerk. */
const clearable = (given: Field): Field => ({
	...given,
	clears: true,
	description: `${given.description}. Empty removes it.`,
});

const user = required(field('user', 'user', 'User', 'The user to work with'));
const organization = required(field('organization', 'organization', 'Organization', 'The organization to work with'));
const role = required(
	field('role', 'role', 'Role', 'The role of the member, such as org:admin or org:member', { placeholder: 'e.g. org:member' }),
);
const invitedEmail = required(
	field('email', 'emailAddress', 'Email', 'The email address to invite', { placeholder: 'e.g. nathan@example.com' }),
);
const publicMetadata = field(
	'json',
	'publicMetadata',
	'Public Metadata',
	'A JSON object that your frontend can read and only your backend can write',
);
const privateMetadata = field(
	'json',
	'privateMetadata',
	'Private Metadata',
	'A JSON object that only your backend can read and write. What you enter here is stored with the workflow and its executions.',
);
const unsafeMetadata = field(
	'json',
	'unsafeMetadata',
	'Unsafe Metadata',
	'A JSON object that users can read and write themselves',
);
const MERGED = 'It is merged with the existing metadata, also in nested objects. A key whose value is null is removed.';
const merged = (given: Field): Field => onTop({ ...given, description: `${given.description.replace(/\.$/, '')}. ${MERGED}` });

const externalId = field(
	'text',
	'externalId',
	'External ID',
	'The ID of the user in another system, such as your contact store',
	{
		placeholder: 'e.g. customer-17',
	},
);
const firstName = field('text', 'firstName', 'First Name', 'The given name');
const lastName = field('text', 'lastName', 'Last Name', 'The family name');
const username = field('text', 'username', 'Username', 'The username, if your application has usernames');
const locale = field('text', 'locale', 'Locale', 'The language as a BCP 47 tag', { placeholder: 'e.g. en-US' });
const password = field('secret', 'password', 'Password', 'The password in clear text');
const skipPasswordChecks = field(
	'flag',
	'skipPasswordChecks',
	'Skip Password Checks',
	"Whether to accept a password that does not meet your application's rules",
);
const legalAcceptedAt = field('time', 'legalAcceptedAt', 'Legal Accepted At', 'When the user accepted your legal documents');
const redirectUrl = field('text', 'redirectUrl', 'Redirect URL', 'The page to which the link in the invitation leads', {
	placeholder: 'e.g. https://app.example.com/welcome',
});
const notify = field('flag', 'notify', 'Notify', 'Whether Clerk sends the email', { default: true });
const ignoreExisting = field(
	'flag',
	'ignoreExisting',
	'Ignore Existing',
	'Whether to invite even if there already is an invitation or a user with this address',
);
const expiresInDays = field(
	'number',
	'expiresInDays',
	'Expires In Days',
	'The number of days in which the invitation can be accepted',
	{
		default: 30,
	},
);
const metadataOfInvitation = field(
	'json',
	'publicMetadata',
	'Public Metadata',
	'A JSON object that the user gets as public metadata when the invitation is accepted',
);
const emailAddresses = required(
	field('texts', 'emailAddresses', 'Emails', 'The email addresses, separated by commas. An expression can also return a list.', {
		as: 'email_address',
		placeholder: 'e.g. nathan@example.com, jane@example.com',
	}),
);
const identifier = required(
	field(
		'text',
		'identifier',
		'Identifier',
		'An email address, a phone number in international format, a web3 wallet, or a domain with * for every address in it',
		{ placeholder: 'e.g. *@example.com' },
	),
);
const status = (...values: string[]): Field =>
	field('choice', 'status', 'Status', 'The current status', {
		default: values[0] ?? '',
		options: values.map((value) => ({ name: value.replace(/^./, (first) => first.toUpperCase()), value })),
	});
const query = field('text', 'query', 'Query', 'An email address or an ID to search for, or a part of it');

/** What was sent under a name, as text. */
const sentText = (sent: ClerkObject, name: string): string => textAt(sent, name) ?? '';

const userAtItsId = (shows: Look['shows']): Look => ({ path: '/users/{user}', shows });

const emailsIn = (sent: ClerkObject): string[] => {
	const emails = sent['email_address'];
	return Array.isArray(emails) ? emails.map(String) : [];
};

const newUser: Look = {
	path: '/users',
	isNew: true,
	query: (sent): Query | null => {
		const [email] = emailsIn(sent);
		if (textAt(sent, 'external_id') !== null) return withSigns({ external_id: [sentText(sent, 'external_id')] });
		if (email !== undefined) return { email_address: [email] };
		return textAt(sent, 'username') === null ? null : { username: [sentText(sent, 'username')] };
	},
	shows: (found, sent) => {
		const [externalId, username] = [textAt(sent, 'external_id'), textAt(sent, 'username')];
		return (
			(externalId === null || textAt(found, 'external_id') === externalId) &&
			(username === null || same(textAt(found, 'username'), username)) &&
			emailsIn(sent).every((email) => hasEmail(found, email))
		);
	},
};

const newIdentifier = (path: string): Look => ({
	path,
	isNew: true,
	shows: (found, sent) => same(textAt(found, 'identifier'), sentText(sent, 'identifier')),
});

const userFields = {
	profile: [firstName, lastName, username, externalId, locale],
	metadata: [publicMetadata, privateMetadata, unsafeMetadata],
};

const byTitle = (fields: Field[]): Field[] => [...fields].sort((a, b) => a.displayName.localeCompare(b.displayName, 'en'));

/** A short operation about one user that Clerk answers with that user. */
const onUser = (operation: string, name: string, action: string, description: string): Operation => ({
	resource: 'user',
	operation,
	name,
	action,
	description,
	method: 'POST',
	path: `/users/{user}/${operation}`,
	fields: [user],
	result: { one: 'user' },
	repeat: 'yes',
});

/** What a user or an organization pays for. */
const subscriptionOf = (resource: 'organization' | 'user', payer: Field): Operation => ({
	resource,
	operation: 'getSubscription',
	name: 'Get Subscription',
	action: resource === 'user' ? 'Get the subscription of a user' : 'Get the subscription of an organization',
	description: "Read the plan, its status and the end of a trial. Clerk's billing is in beta.",
	method: 'GET',
	path: `/${resource}s/{${resource}}/billing/subscription`,
	fields: [payer],
	result: { one: 'subscription' },
	repeat: 'yes',
});

/**
 * What the node can do in Clerk, besides reading contacts and managing endpoints: one row for each operation.
 * @see Clerk's Backend API, `test/fixtures/openapi/clerk-backend-api.yml`, to which the tests hold every row
 */
export const operations: readonly Operation[] = [
	{
		resource: 'allowlist',
		operation: 'create',
		name: 'Create',
		action: 'Create an allowlist entry',
		description: 'Let an address, a number or a domain sign up',
		method: 'POST',
		path: '/allowlist_identifiers',
		fields: [identifier, { ...notify, default: false, description: 'Whether Clerk sends an invitation to the address' }],
		result: { one: 'identifier' },
		repeat: { ...newIdentifier('/allowlist_identifiers'), isPaged: true },
	},
	{
		resource: 'allowlist',
		operation: 'delete',
		name: 'Delete',
		action: 'Delete an allowlist entry',
		description: 'Remove an address, a number or a domain from the allowlist',
		method: 'DELETE',
		path: '/allowlist_identifiers/{allowlistIdentifier}',
		fields: [required(field('allowlistIdentifier', 'allowlistIdentifier', 'Identifier', 'The entry to delete'))],
		result: 'deleted',
		repeat: 'yes',
	},
	{
		resource: 'allowlist',
		operation: 'getAll',
		name: 'Get Many',
		action: 'Get many allowlist entries',
		description: 'Read the allowlist: who may sign up',
		method: 'GET',
		path: '/allowlist_identifiers',
		fields: [],
		result: { many: 'identifier' },
		repeat: 'yes',
	},
	{
		resource: 'blocklist',
		operation: 'create',
		name: 'Create',
		action: 'Create a blocklist entry',
		description: 'Keep an address, a number or a domain from signing up',
		method: 'POST',
		path: '/blocklist_identifiers',
		fields: [identifier],
		result: { one: 'identifier' },
		repeat: newIdentifier('/blocklist_identifiers'),
	},
	{
		resource: 'blocklist',
		operation: 'delete',
		name: 'Delete',
		action: 'Delete a blocklist entry',
		description: 'Remove an address, a number or a domain from the blocklist',
		method: 'DELETE',
		path: '/blocklist_identifiers/{blocklistIdentifier}',
		fields: [required(field('blocklistIdentifier', 'blocklistIdentifier', 'Identifier', 'The entry to delete'))],
		result: 'deleted',
		repeat: 'yes',
	},
	{
		resource: 'blocklist',
		operation: 'getAll',
		name: 'Get Many',
		action: 'Get many blocklist entries',
		description: 'Read the blocklist: who may not sign up',
		method: 'GET',
		path: '/blocklist_identifiers',
		fields: [],
		result: { many: 'identifier' },
		repeat: 'yes',
		unpaged: true,
	},
	{
		resource: 'invitation',
		operation: 'create',
		name: 'Create',
		action: 'Create an invitation',
		description: 'Invite an email address to your application',
		method: 'POST',
		path: '/invitations',
		fields: [
			invitedEmail,
			expiresInDays,
			ignoreExisting,
			notify,
			metadataOfInvitation,
			redirectUrl,
			field('choice', 'templateSlug', 'Template', "Which of Clerk's emails is sent", {
				default: 'invitation',
				options: [
					{ name: 'Invitation', value: 'invitation' },
					{ name: 'Waitlist Invitation', value: 'waitlist_invitation' },
				],
			}),
		],
		result: { one: 'invitation' },
		repeat: {
			path: '/invitations',
			isNew: true,
			// With several for one address, nothing shows which one the call made.
			query: (sent) =>
				flagAt(sent, 'ignore_existing') === true ? null : { query: sentText(sent, 'email_address'), status: 'pending' },
			shows: (found, sent) => same(textAt(found, 'email_address'), sentText(sent, 'email_address')),
		},
		sendsEmail: true,
	},
	{
		resource: 'invitation',
		operation: 'createMany',
		name: 'Create Many',
		action: 'Create many invitations',
		description: 'Invite several email addresses at once, ten in each call',
		method: 'POST',
		path: '/invitations/bulk',
		fields: [emailAddresses, expiresInDays, ignoreExisting, notify, metadataOfInvitation, redirectUrl],
		result: { many: 'invitation' },
		repeat: 'no',
		each: { field: 'email_address', most: 10 },
		sendsEmail: true,
	},
	{
		resource: 'invitation',
		operation: 'getAll',
		name: 'Get Many',
		action: 'Get many invitations',
		description: 'Read the invitations to your application, the newest first',
		method: 'GET',
		path: '/invitations',
		fields: [query, status('pending', 'accepted', 'expired', 'revoked')],
		result: { many: 'invitation' },
		repeat: 'yes',
	},
	{
		resource: 'invitation',
		operation: 'revoke',
		name: 'Revoke',
		action: 'Revoke an invitation',
		description: 'Revoke an invitation, so that its link no longer works',
		method: 'POST',
		path: '/invitations/{invitation}/revoke',
		fields: [required(field('invitation', 'invitation', 'Invitation', 'The invitation to revoke'))],
		result: { one: 'invitation' },
		repeat: {
			path: '/invitations',
			query: (_, { invitation = '' }) => ({ query: invitation, status: 'revoked' }),
			shows: ({ id }, _, { invitation }) => id === invitation,
		},
		destructive: true,
	},
	{
		resource: 'membership',
		operation: 'create',
		name: 'Create',
		action: 'Create a membership',
		description: 'Add a user to an organization',
		method: 'POST',
		path: '/organizations/{organization}/memberships',
		fields: [organization, { ...user, as: 'user_id' }, role, privateMetadata, publicMetadata],
		result: { one: 'membership' },
		repeat: {
			path: '/organizations/{organization}/memberships',
			isNew: true,
			query: (sent) => ({ user_id: [sentText(sent, 'user_id')] }),
			shows: (found, sent) => textAt(objectAt(found, 'public_user_data'), 'user_id') === textAt(sent, 'user_id'),
		},
	},
	{
		resource: 'membership',
		operation: 'delete',
		name: 'Delete',
		action: 'Delete a membership',
		description: 'Remove a user from an organization',
		method: 'DELETE',
		path: '/organizations/{organization}/memberships/{user}',
		fields: [organization, user],
		result: 'deleted',
		repeat: 'yes',
		destructive: true,
	},
	{
		resource: 'membership',
		operation: 'update',
		name: 'Update',
		action: 'Update a membership',
		description: "Change a member's role",
		method: 'PATCH',
		path: '/organizations/{organization}/memberships/{user}',
		fields: [organization, user, role],
		result: { one: 'membership' },
		repeat: 'yes',
	},
	{
		resource: 'membership',
		operation: 'updateMetadata',
		name: 'Update Metadata',
		action: 'Update the metadata of a membership',
		description: "Merge your metadata into a membership's",
		method: 'PATCH',
		path: '/organizations/{organization}/memberships/{user}/metadata',
		fields: [organization, user, merged(publicMetadata), merged(privateMetadata)],
		result: { one: 'membership' },
		repeat: 'yes',
	},
	{
		resource: 'organization',
		operation: 'create',
		name: 'Create',
		action: 'Create an organization',
		description: 'Create an organization',
		method: 'POST',
		path: '/organizations',
		fields: [
			required(field('text', 'name', 'Name', 'The name of the organization', { placeholder: 'e.g. Acme' })),
			field('id', 'createdBy', 'Created By', 'The ID of the user who becomes its first admin', { placeholder: 'e.g. user_2abc' }),
			field('number', 'maxAllowedMemberships', 'Max Allowed Memberships', 'The maximum number of members, or 0 for no limit', {
				default: 0,
			}),
			privateMetadata,
			publicMetadata,
			field('text', 'slug', 'Slug', 'A short name for addresses, if your application has slugs', { placeholder: 'e.g. acme' }),
		],
		result: { one: 'organization' },
		repeat: {
			path: '/organizations',
			isNew: true,
			// Names are not unique; slugs are.
			query: (sent) => (textAt(sent, 'slug') === null ? null : { query: sentText(sent, 'slug') }),
			shows: (found, sent) => textAt(found, 'slug') === textAt(sent, 'slug'),
		},
	},
	{
		resource: 'organization',
		operation: 'delete',
		name: 'Delete',
		action: 'Delete an organization for good',
		description: 'Delete an organization with its memberships',
		method: 'DELETE',
		path: '/organizations/{organization}',
		fields: [organization],
		result: 'deleted',
		repeat: 'yes',
		destructive: true,
	},
	{
		resource: 'organization',
		operation: 'get',
		name: 'Get',
		action: 'Get an organization',
		description: 'Read one organization',
		method: 'GET',
		path: '/organizations/{organization}',
		fields: [
			organization,
			field('flag', 'includeMembersCount', 'Include Members Count', 'Whether to include the number of members', {
				default: true,
			}),
		],
		result: { one: 'organization' },
		repeat: 'yes',
	},
	subscriptionOf('organization', organization),
	{
		resource: 'organization',
		operation: 'update',
		name: 'Update',
		action: 'Update an organization',
		description: 'Change the name or the settings of an organization',
		method: 'PATCH',
		path: '/organizations/{organization}',
		fields: [
			organization,
			field('flag', 'adminDeleteEnabled', 'Admin Delete Enabled', 'Whether its admins may delete it', { default: true }),
			field('number', 'maxAllowedMemberships', 'Max Allowed Memberships', 'The maximum number of members, or 0 for no limit', {
				default: 0,
			}),
			field('text', 'name', 'Name', 'The new name'),
			field('text', 'slug', 'Slug', 'The new short name for URLs'),
		],
		result: { one: 'organization' },
		repeat: 'yes',
	},
	{
		resource: 'organization',
		operation: 'updateMetadata',
		name: 'Update Metadata',
		action: 'Update the metadata of an organization',
		description: "Merge your metadata into an organization's",
		method: 'PATCH',
		path: '/organizations/{organization}/metadata',
		fields: [organization, merged(publicMetadata), merged(privateMetadata)],
		result: { one: 'organization' },
		repeat: 'yes',
	},
	{
		resource: 'organizationInvitation',
		operation: 'create',
		name: 'Create',
		action: 'Create an organization invitation',
		description: 'Invite an email address to an organization',
		method: 'POST',
		path: '/organizations/{organization}/invitations',
		fields: [
			organization,
			invitedEmail,
			role,
			expiresInDays,
			field('id', 'inviterUserId', 'Inviter User ID', 'The ID of the admin who invites', { placeholder: 'e.g. user_2abc' }),
			notify,
			privateMetadata,
			publicMetadata,
			redirectUrl,
		],
		result: { one: 'organizationInvitation' },
		repeat: {
			path: '/organizations/{organization}/invitations',
			isNew: true,
			query: (sent) => ({ email_address: sentText(sent, 'email_address'), status: 'pending' }),
			shows: (found, sent) => same(textAt(found, 'email_address'), sentText(sent, 'email_address')),
		},
		sendsEmail: true,
	},
	{
		resource: 'organizationInvitation',
		operation: 'getAll',
		name: 'Get Many',
		action: 'Get many organization invitations',
		description: 'Read the invitations to an organization, the newest first',
		method: 'GET',
		path: '/organizations/{organization}/invitations',
		fields: [
			organization,
			field('email', 'emailAddress', 'Email', 'The email address that was invited', { placeholder: 'e.g. nathan@example.com' }),
			status('pending', 'accepted', 'expired', 'revoked'),
		],
		result: { many: 'organizationInvitation' },
		repeat: 'yes',
	},
	{
		resource: 'organizationInvitation',
		operation: 'revoke',
		name: 'Revoke',
		action: 'Revoke an organization invitation',
		description: 'Revoke an invitation, so that its link no longer works',
		method: 'POST',
		path: '/organizations/{organization}/invitations/{organizationInvitation}/revoke',
		fields: [
			organization,
			required(field('organizationInvitation', 'organizationInvitation', 'Invitation', 'The invitation to revoke')),
			field('id', 'requestingUserId', 'Requesting User ID', 'The ID of the admin who revokes it', {
				placeholder: 'e.g. user_2abc',
			}),
		],
		result: { one: 'organizationInvitation' },
		repeat: {
			path: '/organizations/{organization}/invitations/{organizationInvitation}',
			shows: (found) => textAt(found, 'status') === 'revoked',
		},
		destructive: true,
	},
	{
		resource: 'session',
		operation: 'getAll',
		name: 'Get Many',
		action: 'Get many sessions',
		description: "Read a user's sessions, the newest first",
		method: 'GET',
		path: '/sessions',
		fields: [{ ...user, as: 'user_id' }, status('active', 'abandoned', 'ended', 'expired', 'removed', 'replaced', 'revoked')],
		result: { many: 'session' },
		repeat: 'yes',
	},
	{
		resource: 'session',
		operation: 'revoke',
		name: 'Revoke',
		action: 'Revoke a session',
		description: 'End a session, so that the user has to sign in again',
		method: 'POST',
		path: '/sessions/{session}/revoke',
		fields: [
			required(
				field('id', 'session', 'Session ID', 'The ID of the session', { placeholder: 'e.g. sess_29w83sxmDNGwOuEthce5gg56FcC' }),
			),
		],
		result: { one: 'session' },
		repeat: { path: '/sessions/{session}', shows: (found) => textAt(found, 'status') === 'revoked' },
		destructive: true,
	},
	onUser('ban', 'Ban', 'Ban a user', 'Keep a user from signing in, and end their sessions'),
	{
		resource: 'user',
		operation: 'create',
		name: 'Create',
		action: 'Create a user',
		description: 'Create a user whose addresses and numbers count as verified',
		method: 'POST',
		path: '/users',
		fields: [
			onTop(
				field(
					'texts',
					'emailAddresses',
					'Emails',
					'The email addresses, separated by commas. The first becomes the primary one.',
					{
						as: 'email_address',
						placeholder: 'e.g. nathan@example.com',
					},
				),
			),
			...byTitle([
				...userFields.profile,
				...userFields.metadata,
				field('texts', 'phoneNumbers', 'Phone Numbers', 'The phone numbers in international format, separated by commas', {
					as: 'phone_number',
					placeholder: 'e.g. +12025550123',
				}),
				password,
				field('secret', 'passwordDigest', 'Password Digest', 'The hash of a password instead of the password, to migrate a user'),
				field('text', 'passwordHasher', 'Password Hasher', 'The algorithm of the hash', { placeholder: 'e.g. bcrypt' }),
				skipPasswordChecks,
				field(
					'flag',
					'skipPasswordRequirement',
					'Skip Password Requirement',
					'Whether the user can be created without a password',
					{
						default: true,
					},
				),
				field('time', 'createdAt', 'Created At', 'When the user signed up, to migrate a user'),
				legalAcceptedAt,
			]),
		],
		result: { one: 'user' },
		repeat: newUser,
	},
	{
		resource: 'user',
		operation: 'upsert',
		name: 'Create or Update',
		action: 'Create or update a user',
		description: 'Create a new record, or update the current one if it already exists (upsert)',
		method: 'POST',
		path: '/users',
		fields: [
			required(
				field('choice', 'matchBy', 'Match By', 'The field that identifies the user', {
					as: 'match_by',
					local: true,
					default: 'external_id',
					options: [
						{ name: 'Email', value: 'email_address' },
						{ name: 'External ID', value: 'external_id' },
					],
				}),
			),
			required(
				field('text', 'matchValue', 'Match Value', 'The email address or the external ID of the user', {
					as: 'match_value',
					local: true,
				}),
			),
			...byTitle([
				...userFields.profile,
				...userFields.metadata,
				field(
					'texts',
					'emailAddresses',
					'Emails of a New User',
					'The email addresses, separated by commas. Used only if the user is created.',
					{
						as: 'email_address',
						placeholder: 'e.g. nathan@example.com',
					},
				),
				field(
					'flag',
					'skipPasswordRequirement',
					'Skip Password Requirement',
					'Whether a new user can be created without a password',
					{
						default: true,
					},
				),
			]),
		],
		result: { one: 'user' },
		repeat: newUser,
		upsert: true,
	},
	{
		resource: 'user',
		operation: 'delete',
		name: 'Delete',
		action: 'Delete a user for good',
		description: 'Delete a user',
		method: 'DELETE',
		path: '/users/{user}',
		fields: [user],
		result: 'deleted',
		repeat: 'yes',
		destructive: true,
	},
	{
		resource: 'user',
		operation: 'disableMfa',
		name: 'Disable MFA',
		action: 'Disable all second factors of a user',
		description: 'Remove all second factors, for a user who has lost theirs',
		method: 'DELETE',
		path: '/users/{user}/mfa',
		fields: [user],
		result: 'success',
		repeat: userAtItsId((found) => flagAt(found, 'two_factor_enabled') === false),
		destructive: true,
	},
	{
		resource: 'user',
		operation: 'get',
		name: 'Get',
		action: 'Get a user',
		description: 'Read one user. To read many, use the resource Contact.',
		method: 'GET',
		path: '/users/{user}',
		fields: [user],
		result: { one: 'user' },
		repeat: 'yes',
	},
	subscriptionOf('user', user),
	onUser('lock', 'Lock', 'Lock a user', "Keep a user from signing in until your application's lockout ends"),
	{
		resource: 'user',
		operation: 'removePassword',
		name: 'Remove Password',
		action: 'Remove the password of a user',
		description: 'Remove the password, so that the user has to sign in another way',
		method: 'POST',
		path: '/users/{user}/remove_password',
		fields: [user, field('flag', 'signOutOfOtherSessions', 'Sign Out', 'Whether to end the sessions of the user')],
		result: { one: 'user' },
		// Without a password nothing is changed.
		repeat: 'yes',
		destructive: true,
	},
	{
		resource: 'user',
		operation: 'setExternalId',
		name: 'Set External ID',
		action: 'Set the external ID of a user',
		description: 'Store the ID that the user has in another system, such as your contact store',
		method: 'PATCH',
		path: '/users/{user}',
		fields: [user, required(externalId)],
		result: { one: 'user' },
		repeat: 'yes',
	},
	onUser('unban', 'Unban', 'Unban a user', 'Let a banned user sign in again'),
	onUser('unlock', 'Unlock', 'Unlock a user', 'Let a locked user sign in again'),
	{
		resource: 'user',
		operation: 'update',
		name: 'Update',
		action: 'Update a user',
		description: 'Change the name, the IDs or the settings of a user',
		method: 'PATCH',
		path: '/users/{user}',
		fields: [
			user,
			...byTitle([
				...userFields.profile.map(clearable),
				field('flag', 'createOrganizationEnabled', 'Create Organization Enabled', 'Whether the user may create organizations', {
					default: true,
				}),
				field('flag', 'deleteSelfEnabled', 'Delete Self Enabled', 'Whether the user may delete their own account', {
					default: true,
				}),
				legalAcceptedAt,
				field(
					'flag',
					'notifyPrimaryEmailAddressChanged',
					'Notify of a Changed Primary Email',
					'Whether Clerk notifies the old address that the primary one was changed',
				),
				password,
				field('id', 'primaryEmailAddressId', 'Primary Email Address ID', 'The ID of a verified address of the user', {
					placeholder: 'e.g. idn_2abc',
				}),
				field('id', 'primaryPhoneNumberId', 'Primary Phone Number ID', 'The ID of a verified phone number of the user', {
					placeholder: 'e.g. idn_2abc',
				}),
				field(
					'flag',
					'signOutOfOtherSessions',
					'Sign Out',
					'Whether to end the sessions of the user after the password was changed',
				),
				skipPasswordChecks,
			]),
		],
		result: { one: 'user' },
		repeat: 'yes',
	},
	{
		resource: 'user',
		operation: 'updateMetadata',
		name: 'Update Metadata',
		action: 'Update the metadata of a user',
		description: "Merge your metadata into a user's",
		method: 'PATCH',
		path: '/users/{user}/metadata',
		fields: [user, merged(publicMetadata), merged(privateMetadata), merged(unsafeMetadata)],
		result: { one: 'user' },
		repeat: 'yes',
	},
	{
		resource: 'waitlistEntry',
		operation: 'create',
		name: 'Create',
		action: 'Create a waitlist entry',
		description: 'Add an email address to the waitlist. If it is there already, its entry is returned.',
		method: 'POST',
		path: '/waitlist_entries',
		fields: [{ ...invitedEmail, description: 'The email address to add to the waitlist' }, notify],
		result: { one: 'waitlistEntry' },
		repeat: 'yes',
		sendsEmail: true,
	},
	{
		resource: 'waitlistEntry',
		operation: 'createMany',
		name: 'Create Many',
		action: 'Create many waitlist entries',
		description:
			'Add several email addresses to the waitlist, 50 in each call. For those that are there already, their entries are returned.',
		method: 'POST',
		path: '/waitlist_entries/bulk',
		fields: [emailAddresses, notify],
		result: { many: 'waitlistEntry' },
		repeat: 'yes',
		each: { field: 'email_address', most: 50 },
		sendsEmail: true,
	},
	{
		resource: 'waitlistEntry',
		operation: 'delete',
		name: 'Delete',
		action: 'Delete a waitlist entry',
		description: 'Remove an email address from the waitlist',
		method: 'DELETE',
		path: '/waitlist_entries/{waitlistEntry}',
		fields: [required(field('waitlistEntry', 'waitlistEntry', 'Waitlist Entry', 'The entry to delete'))],
		result: 'deleted',
		repeat: 'yes',
		destructive: true,
	},
	...(['invite', 'reject'] as const).map((operation): Operation => {
		const isInvite = operation === 'invite';
		const after = isInvite ? 'invited' : 'rejected';
		return {
			resource: 'waitlistEntry',
			operation,
			name: isInvite ? 'Invite' : 'Reject',
			action: isInvite ? 'Invite somebody on the waitlist' : 'Reject somebody on the waitlist',
			description: isInvite
				? 'Send an invitation to somebody on the waitlist. For several people, pass in several items.'
				: 'Reject somebody on the waitlist. For several people, pass in several items.',
			method: 'POST',
			path: `/waitlist_entries/{waitlistEntry}/${operation}`,
			fields: [
				required(field('waitlistEntry', 'waitlistEntry', 'Waitlist Entry', 'The entry of the person')),
				...(isInvite ? [ignoreExisting] : []),
			],
			result: { one: 'waitlistEntry' },
			repeat: {
				path: '/waitlist_entries',
				// An entry that may have been invited before doesn't show whether this invitation was sent.
				query: (sent, { waitlistEntry = '' }) =>
					flagAt(sent, 'ignore_existing') === true ? null : { query: waitlistEntry, status: after },
				shows: (found, _, { waitlistEntry }) => textAt(found, 'id') === waitlistEntry && textAt(found, 'status') === after,
			},
			...(isInvite ? { sendsEmail: true } : { destructive: true }),
		};
	}),
];

/** When Clerk made an object, in milliseconds since 1970. */
export const createdAt = (object: ClerkObject): number => numberAt(object, 'created_at') ?? 0;

/** @returns undefined where the node has no such operation here */
export function operationOf(resource: unknown, operation: unknown): Operation | undefined {
	return operations.find((row) => row.resource === resource && row.operation === operation);
}
