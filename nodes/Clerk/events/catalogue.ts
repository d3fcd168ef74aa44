/**
 * Every event that Clerk sends, one row each. Everything else that depends on events reads them from here:
 * the parameter's options, the records and the tables in the documentation.
 *
 * Source: Clerk's webhook contract (45 events) and its TypeScript types (`subscriptionItem.created`),
 * as of October 2026.
 */

/** Where the person is in `data`. The readers are in `records/person.ts`. */
export type PersonPath =
	/** `data` is a whole user. */
	| 'user'
	/** `data` is what is left of a user: an ID, perhaps an external ID. */
	| 'deletedUser'
	/** `data.user` is a whole user, or null, or absent. */
	| 'session'
	/** `data.public_user_data` */
	| 'member'
	/** `data.email_address`, and `data.user_id` if there is a user already. */
	| 'invitee'
	/** `data.affiliation_email_address` */
	| 'affiliation'
	/** `data.payer`, with empty strings when an organization pays. */
	| 'payer'
	/** `data.to_email_address`, `data.user_id` */
	| 'emailRecipient'
	/** `data.to_phone_number`, `data.user_id` */
	| 'smsRecipient'
	| 'nobody';

/** Where the organization's ID is in `data`. */
export type OrganizationPath =
	'id' | 'organization_id' | 'organization.id' | 'payer.organization_id' | 'last_active_organization_id';

export type ContactAction = 'upsert' | 'unsubscribe' | 'delete';
export type TenantAction = 'set' | 'delete' | 'subscribe' | 'unsubscribe';

export interface ClerkEvent {
	/** Clerk's type string, such as `user.created`. */
	readonly type: string;
	/** The kind of object it is about, in Title Case. Events with the same resource are listed together. */
	readonly resource: string;
	/** What happened, in Title Case. */
	readonly change: string;
	/** One sentence for somebody who doesn't know Clerk, without a full stop. */
	readonly description: string;
	readonly person: PersonPath;
	readonly organization: OrganizationPath | null;
	readonly contact: ContactAction | null;
	readonly tenant: TenantAction | null;
	/** Set if the event contains the state of a user, waitlist entry, organization or membership: whether that began, changed or ended. */
	readonly lifecycle: 'begins' | 'changes' | 'ends' | null;
}

type Where = Partial<Pick<ClerkEvent, 'person' | 'organization' | 'contact' | 'tenant' | 'lifecycle'>>;

function resource(
	prefix: string,
	name: string,
	where: Where,
	changes: Record<string, [change: string, description: string, where?: Where]>,
): ClerkEvent[] {
	return Object.entries(changes).map(([suffix, [change, description, own]]) => ({
		type: `${prefix}.${suffix}`,
		resource: name,
		change,
		description,
		person: 'nobody',
		organization: null,
		contact: null,
		tenant: null,
		lifecycle: null,
		...where,
		...own,
	}));
}

const billing: Where = { person: 'payer', organization: 'payer.organization_id' };

export const catalogue: readonly ClerkEvent[] = [
	...resource(
		'user',
		'User',
		{ person: 'user' },
		{
			created: ['Created', 'A user signed up, or you added one', { contact: 'upsert', lifecycle: 'begins' }],
			updated: [
				'Updated',
				"A user's profile, addresses, metadata or status changed",
				{ contact: 'upsert', lifecycle: 'changes' },
			],
			deleted: ['Deleted', 'A user was deleted', { person: 'deletedUser', contact: 'delete', lifecycle: 'ends' }],
		},
	),
	...resource(
		'session',
		'Session',
		{ person: 'session', organization: 'last_active_organization_id' },
		{
			created: ['Created', 'A user signed in'],
			pending: ['Pending', 'A user signed in but still has a task to complete'],
			ended: ['Ended', 'A user signed out; the browser still remembers the session'],
			removed: ['Removed', 'A user signed out and the browser forgot the session'],
			revoked: ['Revoked', 'Your application ended a session'],
		},
	),
	...resource(
		'organization',
		'Organization',
		{ organization: 'id' },
		{
			created: ['Created', 'An organization was created', { tenant: 'set', lifecycle: 'begins' }],
			updated: [
				'Updated',
				"An organization's name, logo, metadata or number of members changed",
				{ tenant: 'set', lifecycle: 'changes' },
			],
			deleted: ['Deleted', 'An organization was deleted', { tenant: 'delete', lifecycle: 'ends' }],
		},
	),
	...resource(
		'organizationMembership',
		'Organization Membership',
		{ person: 'member', organization: 'organization.id' },
		{
			created: ['Created', 'A user joined an organization', { tenant: 'subscribe', lifecycle: 'begins' }],
			updated: ['Updated', "A member's role in an organization changed", { tenant: 'subscribe', lifecycle: 'changes' }],
			deleted: ['Deleted', 'A user left an organization or was removed from it', { tenant: 'unsubscribe', lifecycle: 'ends' }],
		},
	),
	...resource(
		'organizationInvitation',
		'Organization Invitation',
		{ person: 'invitee', organization: 'organization_id' },
		{
			created: ['Created', 'Somebody was invited to an organization'],
			accepted: ['Accepted', 'An invitation to an organization was accepted', { contact: 'upsert' }],
			revoked: ['Revoked', 'An invitation to an organization was revoked'],
		},
	),
	...resource(
		'organizationDomain',
		'Organization Domain',
		{ person: 'affiliation', organization: 'organization_id' },
		{
			created: ['Created', 'A domain was added to an organization'],
			updated: ['Updated', "An organization's domain changed, for example because it was verified"],
			deleted: ['Deleted', 'A domain was removed from an organization'],
		},
	),
	...resource(
		'waitlistEntry',
		'Waitlist Entry',
		{ person: 'invitee', contact: 'upsert' },
		{
			created: ['Created', 'Somebody joined the waitlist', { lifecycle: 'begins' }],
			updated: ['Updated', 'A waitlist entry was approved, rejected or completed', { lifecycle: 'changes' }],
		},
	),
	...resource('subscription', 'Subscription', billing, {
		created: ['Created', 'A billing subscription was created, usually together with its user or organization'],
		updated: ['Updated', 'A billing subscription changed'],
		active: ['Active', 'A billing subscription became active, including the free plan'],
		pastDue: ['Past Due', 'A payment for a billing subscription is overdue'],
	}),
	...resource('subscriptionItem', 'Subscription Item', billing, {
		abandoned: ['Abandoned', 'An upcoming, unpaid or overdue plan was replaced by another one'],
		active: ['Active', 'A plan became active'],
		canceled: ['Canceled', 'A plan was canceled and stays active until the end of its period'],
		created: ['Created', 'A plan was added to a subscription'],
		ended: ['Ended', 'A plan ended'],
		freeTrialEnding: ['Free Trial Ending', 'A free trial will end in a few days'],
		incomplete: ['Incomplete', 'A checkout was started, but its payment is not complete yet'],
		pastDue: ['Past Due', 'A payment for a plan is overdue'],
		upcoming: ['Upcoming', 'A plan will follow the current one at the end of the billing period'],
		updated: ['Updated', 'A plan of a subscription changed'],
	}),
	...resource('paymentAttempt', 'Payment Attempt', billing, {
		created: ['Created', 'A payment was started'],
		updated: ['Updated', 'A payment succeeded or failed'],
	}),
	...resource(
		'email',
		'Email',
		{ person: 'emailRecipient' },
		{
			created: ['Created', 'Clerk sent an email, or asks you to send it; its text and codes are never passed on'],
		},
	),
	...resource(
		'sms',
		'SMS',
		{ person: 'smsRecipient' },
		{
			created: ['Created', 'Clerk sent a text message, or asks you to send it; its text and codes are never passed on'],
		},
	),
	...resource(
		'role',
		'Role',
		{},
		{
			created: ['Created', 'A role for members of organizations was created'],
			updated: ['Updated', 'A role for members of organizations changed'],
			deleted: ['Deleted', 'A role for members of organizations was deleted'],
		},
	),
	...resource(
		'permission',
		'Permission',
		{},
		{
			created: ['Created', 'A permission was created'],
			updated: ['Updated', 'A permission changed'],
			deleted: ['Deleted', 'A permission was deleted'],
		},
	),
];

const byType: ReadonlyMap<string, ClerkEvent> = new Map(catalogue.map((event) => [event.type, event]));

export function isKnown(type: string): boolean {
	return byType.has(type);
}

/**
 * The catalogue's row for a type. Clerk adds events, so an unknown type is not an error: it gets a row with
 * only its name, and its delivery gives an event without a person.
 */
export function eventOfType(type: string): ClerkEvent {
	return (
		byType.get(type) ?? {
			type,
			resource: 'Other',
			change: type,
			description: 'An event that this version does not know',
			person: 'nobody',
			organization: null,
			contact: null,
			tenant: null,
			lifecycle: null,
		}
	);
}

/**
 * An event's name in a list, which sorts by resource. It ends with Clerk's own name, because the editor searches
 * only what is shown, and Clerk's dashboard shows only that name.
 */
export function labelOf({ resource, change, type }: ClerkEvent): string {
	return `${resource}: ${change} (${type})`;
}
