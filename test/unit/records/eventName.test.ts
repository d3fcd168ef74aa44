import { catalogue, eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { EVENT_NAME_STYLES, styledName } from '../../../nodes/Clerk/records/eventName';

/** Every event in the styles title, camel and snake; what the other two are follows from the type. */
const names: [type: string, title: string, camel: string, snake: string][] = [
	['user.created', 'User Created', 'userCreated', 'user_created'],
	['user.updated', 'User Updated', 'userUpdated', 'user_updated'],
	['user.deleted', 'User Deleted', 'userDeleted', 'user_deleted'],
	['session.created', 'Session Created', 'sessionCreated', 'session_created'],
	['session.pending', 'Session Pending', 'sessionPending', 'session_pending'],
	['session.ended', 'Session Ended', 'sessionEnded', 'session_ended'],
	['session.removed', 'Session Removed', 'sessionRemoved', 'session_removed'],
	['session.revoked', 'Session Revoked', 'sessionRevoked', 'session_revoked'],
	['organization.created', 'Organization Created', 'organizationCreated', 'organization_created'],
	['organization.updated', 'Organization Updated', 'organizationUpdated', 'organization_updated'],
	['organization.deleted', 'Organization Deleted', 'organizationDeleted', 'organization_deleted'],
	[
		'organizationMembership.created',
		'Organization Membership Created',
		'organizationMembershipCreated',
		'organization_membership_created',
	],
	[
		'organizationMembership.updated',
		'Organization Membership Updated',
		'organizationMembershipUpdated',
		'organization_membership_updated',
	],
	[
		'organizationMembership.deleted',
		'Organization Membership Deleted',
		'organizationMembershipDeleted',
		'organization_membership_deleted',
	],
	[
		'organizationInvitation.created',
		'Organization Invitation Created',
		'organizationInvitationCreated',
		'organization_invitation_created',
	],
	[
		'organizationInvitation.accepted',
		'Organization Invitation Accepted',
		'organizationInvitationAccepted',
		'organization_invitation_accepted',
	],
	[
		'organizationInvitation.revoked',
		'Organization Invitation Revoked',
		'organizationInvitationRevoked',
		'organization_invitation_revoked',
	],
	['organizationDomain.created', 'Organization Domain Created', 'organizationDomainCreated', 'organization_domain_created'],
	['organizationDomain.updated', 'Organization Domain Updated', 'organizationDomainUpdated', 'organization_domain_updated'],
	['organizationDomain.deleted', 'Organization Domain Deleted', 'organizationDomainDeleted', 'organization_domain_deleted'],
	['waitlistEntry.created', 'Waitlist Entry Created', 'waitlistEntryCreated', 'waitlist_entry_created'],
	['waitlistEntry.updated', 'Waitlist Entry Updated', 'waitlistEntryUpdated', 'waitlist_entry_updated'],
	['subscription.created', 'Subscription Created', 'subscriptionCreated', 'subscription_created'],
	['subscription.updated', 'Subscription Updated', 'subscriptionUpdated', 'subscription_updated'],
	['subscription.active', 'Subscription Active', 'subscriptionActive', 'subscription_active'],
	['subscription.pastDue', 'Subscription Past Due', 'subscriptionPastDue', 'subscription_past_due'],
	['subscriptionItem.abandoned', 'Subscription Item Abandoned', 'subscriptionItemAbandoned', 'subscription_item_abandoned'],
	['subscriptionItem.active', 'Subscription Item Active', 'subscriptionItemActive', 'subscription_item_active'],
	['subscriptionItem.canceled', 'Subscription Item Canceled', 'subscriptionItemCanceled', 'subscription_item_canceled'],
	['subscriptionItem.created', 'Subscription Item Created', 'subscriptionItemCreated', 'subscription_item_created'],
	['subscriptionItem.ended', 'Subscription Item Ended', 'subscriptionItemEnded', 'subscription_item_ended'],
	[
		'subscriptionItem.freeTrialEnding',
		'Subscription Item Free Trial Ending',
		'subscriptionItemFreeTrialEnding',
		'subscription_item_free_trial_ending',
	],
	['subscriptionItem.incomplete', 'Subscription Item Incomplete', 'subscriptionItemIncomplete', 'subscription_item_incomplete'],
	['subscriptionItem.pastDue', 'Subscription Item Past Due', 'subscriptionItemPastDue', 'subscription_item_past_due'],
	['subscriptionItem.upcoming', 'Subscription Item Upcoming', 'subscriptionItemUpcoming', 'subscription_item_upcoming'],
	['subscriptionItem.updated', 'Subscription Item Updated', 'subscriptionItemUpdated', 'subscription_item_updated'],
	['paymentAttempt.created', 'Payment Attempt Created', 'paymentAttemptCreated', 'payment_attempt_created'],
	['paymentAttempt.updated', 'Payment Attempt Updated', 'paymentAttemptUpdated', 'payment_attempt_updated'],
	['email.created', 'Email Created', 'emailCreated', 'email_created'],
	['sms.created', 'SMS Created', 'smsCreated', 'sms_created'],
	['role.created', 'Role Created', 'roleCreated', 'role_created'],
	['role.updated', 'Role Updated', 'roleUpdated', 'role_updated'],
	['role.deleted', 'Role Deleted', 'roleDeleted', 'role_deleted'],
	['permission.created', 'Permission Created', 'permissionCreated', 'permission_created'],
	['permission.updated', 'Permission Updated', 'permissionUpdated', 'permission_updated'],
	['permission.deleted', 'Permission Deleted', 'permissionDeleted', 'permission_deleted'],
];

const unknown: typeof names = [
	['somethingNew.happened', 'Something New Happened', 'somethingNewHappened', 'something_new_happened'],
	['user.something_new', 'User Something New', 'userSomethingNew', 'user_something_new'],
	['user.mfa2Enabled', 'User Mfa2 Enabled', 'userMfa2Enabled', 'user_mfa2_enabled'],
	['a-b..c', 'A B C', 'aBC', 'a_b_c'],
	['constructor', 'Constructor', 'constructor', 'constructor'],
];

describe('C1: an event is named in the chosen style', () => {
	test('for all 46 events', () => {
		expect(names.map(([type]) => type).sort()).toEqual(catalogue.map(({ type }) => type).sort());
	});

	test.each([...names, ...unknown])('%s', (type, title, camel, snake) => {
		const styled = EVENT_NAME_STYLES.map((style) => [style, styledName(eventOfType(type), style)]);
		expect(Object.fromEntries(styled)).toEqual({ type, title, camel, snake, prefixed: `clerk/${type}` });
	});

	test.each(EVENT_NAME_STYLES)('no two events have the same name: %s', (style) => {
		expect(new Set(catalogue.map((event) => styledName(event, style))).size).toBe(catalogue.length);
	});
});
