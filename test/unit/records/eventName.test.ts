import { catalogue, eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { EVENT_NAME_STYLES, styledName } from '../../../nodes/Clerk/records/eventName';

type Names = [type: string, title: string, camel: string, snake: string];

/** A resource in each style, and what can happen to it: the same words in all of them. */
const resources: [type: string, title: string, snake: string, changes: string][] = [
	['user', 'User', 'user', 'created updated deleted'],
	['session', 'Session', 'session', 'created pending ended removed revoked'],
	['organization', 'Organization', 'organization', 'created updated deleted'],
	['organizationMembership', 'Organization Membership', 'organization_membership', 'created updated deleted'],
	['organizationInvitation', 'Organization Invitation', 'organization_invitation', 'created accepted revoked'],
	['organizationDomain', 'Organization Domain', 'organization_domain', 'created updated deleted'],
	['waitlistEntry', 'Waitlist Entry', 'waitlist_entry', 'created updated'],
	['subscription', 'Subscription', 'subscription', 'created updated active'],
	[
		'subscriptionItem',
		'Subscription Item',
		'subscription_item',
		'abandoned active canceled created ended incomplete upcoming updated',
	],
	['paymentAttempt', 'Payment Attempt', 'payment_attempt', 'created updated'],
	['email', 'Email', 'email', 'created'],
	['sms', 'SMS', 'sms', 'created'],
	['role', 'Role', 'role', 'created updated deleted'],
	['permission', 'Permission', 'permission', 'created updated deleted'],
];
const capital = (word: string) => word[0]?.toUpperCase() + word.slice(1);
const names: Names[] = [
	...resources.flatMap(([type, title, snake, changes]) =>
		changes.split(' ').map((change): Names => {
			return [`${type}.${change}`, `${title} ${capital(change)}`, type + capital(change), `${snake}_${change}`];
		}),
	),
	['subscription.pastDue', 'Subscription Past Due', 'subscriptionPastDue', 'subscription_past_due'],
	['subscriptionItem.pastDue', 'Subscription Item Past Due', 'subscriptionItemPastDue', 'subscription_item_past_due'],
	[
		'subscriptionItem.freeTrialEnding',
		'Subscription Item Free Trial Ending',
		'subscriptionItemFreeTrialEnding',
		'subscription_item_free_trial_ending',
	],
];

const unknown: Names[] = [
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
