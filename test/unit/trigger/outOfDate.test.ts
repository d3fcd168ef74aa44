import type { IDataObject } from 'n8n-workflow';

import {
	at,
	created,
	deleted,
	invitationAccepted,
	mappings,
	membership,
	organization,
	organizationDeleted,
	signedIn,
	updated,
	waitlistEntry,
} from '../../support/clerkEvents';
import { fixture } from '../../support/deliveries';
import { PublishedTrigger } from '../../support/publishedTrigger';
import type { Delivered } from '../../support/publishedTrigger';
import { stopClock } from '../../support/stoppedClock';

/**
 * A state can be out of date, an event cannot: what comes of deliveries that arrive late, record by
 * record, through the node's own `webhook()`.
 */

stopClock();

type RecordOrNone = Record<string, unknown> | null;

/** The one item of a delivery that came in as contact, event and tenant. */
function only({ items }: Delivered) {
	expect(items).toHaveLength(1);
	return items?.[0] as unknown as { contact: RecordOrNone; event: RecordOrNone; tenant: RecordOrNone };
}
const outcome = ({ answer }: Delivered) => [answer?.status, answer?.body['outcome'], answer?.body['code']];
const STALE = [200, 'stale', 'stale'];
const ACCEPTED = [200, 'accepted', 'accepted'];
const NEWER_IN_FLIGHT = [409, 'postponed', 'newer_in_flight'];
const OLDER_IN_FLIGHT = [409, 'postponed', 'older_in_flight'];
const WITHOUT_EMAIL = [200, 'ignored', 'contact_without_email'];

interface Envelope {
	readonly type: string;
}
type Before = Envelope | readonly Envelope[];

/** A trigger to which these were delivered before, in this order. */
async function after(before: Before, options: IDataObject = {}, parameters: IDataObject = {}): Promise<PublishedTrigger> {
	const trigger = new PublishedTrigger(options, parameters);
	for (const envelope of 'type' in before ? [before] : before) await trigger.deliver(envelope);
	return trigger;
}

/** What comes of a late delivery: how it is answered, or what its one item holds. */
async function expectOf(trigger: PublishedTrigger, late: object, expected: unknown[] | object): Promise<void> {
	// The same one that comes again has the same id.
	const delivered = await trigger.deliver(late, { id: `msg_${Buffer.from(JSON.stringify(late)).toString('base64url')}` });
	if (Array.isArray(expected)) expect(outcome(delivered)).toEqual(expected);
	else expect(only(delivered)).toMatchObject(expected);
}

type Case = [
	name: string,
	before: Before,
	late: object,
	expected: unknown[] | object,
	options?: IDataObject,
	parameters?: IDataObject,
];

/** Each case has a trigger of its own. */
function eachOf(cases: Case[]): void {
	test.each(cases)('%s', async (_, before, late, expected, options = {}, parameters = {}) => {
		await expectOf(await after(before, options, parameters), late, expected);
	});
}

const upserts = (...events: string[]) => mappings({ events, contactAction: 'upsert' });
const JOINED = 'organizationMembership.created';
const GROUP = { events: ['user.created'], userGroup: 'Sign-ups', joinLists: 'l1', additionalEventName: 'trialStarted' };
const withGroup = mappings(GROUP);
const UNSUBSCRIBES = { shutOutUsers: 'unsubscribe' };
const NO_EMAIL = { email: null };
const TEST_USER = { email: 'a+clerk_test@example.com' };
const CUSTOM = { customContactFields: { field: [{ name: 'plan', path: 'data.public_metadata.plan' }] } };

describe('E5: a sign-up that arrives after a newer state of its user', () => {
	const origin = { testUser: false, source: 'Clerk webhook', instanceId: 'ins_1' };
	const LATE = { action: 'upsert', userId: 'user_1', createdAt: new Date(at(0)).toISOString(), ...origin };

	test('one item: its events as ever, and a contact without what could be out of date', async () => {
		const trigger = await after(updated(5, { firstName: 'Janet' }), {}, withGroup);
		const late = await trigger.deliver(created(), { id: 'msg_late' });
		expect(outcome(late)).toEqual(ACCEPTED);
		expect(late.answer?.body['message']).toContain('A newer state of this contact arrived first');
		expect(late.answer?.body['outOfDate']).toEqual(['contact_fields']);
		expect(late.items).toMatchObject([
			{ event: { name: 'user.created', id: 'msg_late', email: 'jane@example.com', firstName: 'Jane' } },
			{ event: { name: 'trialStarted', id: 'msg_late.additional' }, contact: null },
		]);
		expect(late.items?.[0]?.['contact']).toEqual({ ...LATE, userGroup: 'Sign-ups', mailingLists: { l1: true } });
		// A duplicate like any other when it comes again.
		expect(outcome(await trigger.deliver(created(), { id: 'msg_late' }))).toEqual([200, 'duplicate', 'duplicate']);
	});

	test.each([
		['contacts', [{ ...LATE, userGroup: 'Sign-ups', mailingList_l1: true }]],
		['events', [{ name: 'user.created' }, { name: 'trialStarted' }]],
		['split', [{ ...LATE, userGroup: 'Sign-ups' }, { name: 'user.created' }, { name: 'trialStarted' }]],
	])('%s', async (output, items) => {
		const late = await (await after(updated(5), {}, { ...withGroup, output })).deliver(created());
		expect(outcome(late)).toEqual(ACCEPTED);
		expect(late.items).toMatchObject(items);
		if (output !== 'events') expect(late.items?.[0]).not.toHaveProperty('email');
	});

	test.each(['onReceived', 'lastNode'])('while the newer state is in flight, %s: the same', async (acknowledge) => {
		const trigger = new PublishedTrigger({ acknowledge }, withGroup);
		const newer = await trigger.deliver(updated(5), { n8n: 'busy' });
		const [late] = (await trigger.deliver(created())).items ?? [];
		expect(late).toMatchObject({ contact: { userGroup: 'Sign-ups' }, event: { name: 'user.created' } });
		expect(late?.['contact']).not.toHaveProperty('email');
		expect(outcome(newer.finish(200))).toEqual(ACCEPTED);
	});

	test('after a failure it comes in again', async () => {
		const trigger = new PublishedTrigger({ acknowledge: 'lastNode' });
		await trigger.deliver(created(), { id: 'msg_signup', n8n: 500 });
		await trigger.deliver(updated(5));
		expect(only(await trigger.deliver(created(), { id: 'msg_signup' })).event).toMatchObject({ name: 'user.created' });
		expect(only(await trigger.deliver(updated(6))).contact).toMatchObject({ email: 'jane@example.com' });
	});

	test.each([
		['a custom field of the user', CUSTOM],
		['names', {}],
	])('it does not carry %s', async (_, options) => {
		const late = await (await after(updated(5), options)).deliver(created());
		expect(Object.keys(only(late).contact ?? {})).toEqual(Object.keys(LATE));
	});

	test('who was unsubscribed since joins no mailing list', async () => {
		const trigger = await after(updated(5, { banned: true }), UNSUBSCRIBES, { ...withGroup, output: 'contacts' });
		expect((await trigger.deliver(created())).items).toEqual([{ ...LATE, userGroup: 'Sign-ups' }]);
	});

	const deletes = mappings({ events: ['user.created'], contactAction: 'delete' });
	const silent = mappings({ events: ['user.updated'], contactAction: 'none' });
	const whole = { contact: { email: 'jane@example.com' } };
	eachOf([
		['a mapping that deletes does not delete what is newer', updated(5), created(), { contact: null }, {}, deletes],
		[
			'banned then, but not now: not unsubscribed',
			updated(5),
			created({ banned: true }),
			{ contact: { action: 'upsert' } },
			UNSUBSCRIBES,
		],
		['a user without an address is skipped as at any other time', updated(5), created(NO_EMAIL), WITHOUT_EMAIL],
		['and so is a test user', updated(5), created(TEST_USER), [200, 'ignored', 'test_user'], { leaveOutTestUsers: true }],
		['where updates give no contact, nothing newer is in the store: whole', updated(5), created(), whole, {}, silent],
	]);
});

describe('E2: a change that arrives after a newer one', () => {
	test.each(['item', 'contacts', 'split'])('%s: stale, since the newer state says it', async (output) => {
		const trigger = await after(updated(5), {}, { output });
		const late = await trigger.deliver(updated(4));
		expect([outcome(late), late.items]).toEqual([STALE, null]);
		expect(late.answer?.body['message']).toContain('a newer state of this user');
		await expectOf(trigger, updated(5), ACCEPTED);
	});

	test.each([
		['an event name', { eventName: 'profileChanged' }, ['profileChanged']],
		['an additional event', { additionalEventName: 'profileChanged' }, ['profileChanged']],
		['both', { eventName: 'one', additionalEventName: 'two' }, ['one', 'two']],
	])('%s that a mapping gives it is still output, without the older contact', async (_, sets, names) => {
		const late = await (await after(updated(5), {}, mappings({ events: ['user.updated'], ...sets }))).deliver(updated(4));
		expect(late.items).toMatchObject(names.map((name) => ({ contact: null, event: { name } })));
		expect(late.answer?.body).toMatchObject({ outcome: 'accepted', noContact: 'out_of_date' });
	});

	test('events only: every delivery is output, once', async () => {
		const trigger = await after(deleted(9), {}, { output: 'events' });
		for (const [id, envelope] of Object.entries({ a: updated(5), b: updated(4), c: created(), d: deleted(9) })) {
			expect(outcome(await trigger.deliver(envelope, { id }))).toEqual(ACCEPTED);
			expect(outcome(await trigger.deliver(envelope, { id }))[1]).toBe('duplicate');
		}
	});

	eachOf([
		[
			'with Skip Out-of-Date Updates off, everything comes in as it is',
			deleted(9),
			updated(4),
			{ contact: { userId: 'user_1' } },
			{ skipOutOfDate: false },
		],
	]);
});

describe('E2: after a deletion', () => {
	test.each([
		['a change', updated(4)],
		['a change with a later time, since Clerk never uses an ID again', updated(400)],
		['a sign-up: nobody who is gone is greeted', created()],
	])('nothing comes of %s', async (_, envelope) => {
		const late = await (await after(deleted(9))).deliver(envelope);
		expect(outcome(late)).toEqual(STALE);
		expect(late.answer?.body['message']).toContain('the deletion of this user');
	});

	const all = upserts('*');
	const pass = { contactsWithoutEmail: 'pass' };
	const eventAlone = (type: string) => ({ contact: null, event: { type } });
	eachOf([
		['a sign-in happened, but brings no contact back', deleted(9), signedIn(4), eventAlone('session.created'), pass, all],
		['nor does an invitation', deleted(9), invitationAccepted(4), eventAlone('organizationInvitation.accepted'), pass, all],
		['nor a membership', deleted(9), membership('deleted', 4), eventAlone('organizationMembership.deleted'), pass, all],
		['a deleted user becomes no member', deleted(9), membership('created', 0), STALE],
	]);

	test.each([
		['a sign-up', [], created()],
		['a late sign-up', updated(5), created()],
		['a part of a user', updated(5), invitationAccepted(4)],
	])('%s waits while the deletion is in flight, and comes in if that failed', async (_, before, envelope) => {
		const trigger = await after(before);
		const deletion = await trigger.deliver(deleted(9), { n8n: 'busy' });
		await expectOf(trigger, envelope, NEWER_IN_FLIGHT);
		deletion.finish(500);
		await expectOf(trigger, envelope, ACCEPTED);
	});
});

describe('what was ignored is a state too', () => {
	test.each([
		['no address', {}, updated(5, NO_EMAIL), WITHOUT_EMAIL],
		['a test user', { leaveOutTestUsers: true }, updated(5, TEST_USER), [200, 'ignored', 'test_user']],
	])('%s: an older change is stale, a late sign-up has no older contact', async (_, options, newer, ignored) => {
		const trigger = new PublishedTrigger(options);
		await expectOf(trigger, newer, ignored);
		await expectOf(trigger, updated(4), STALE);
		expect(only(await trigger.deliver(created())).contact).not.toHaveProperty('email');
	});

	test.each([
		['Deleted Users', { deletedUsers: 'none' }, {}],
		['a mapping', {}, mappings({ events: ['user.deleted'], contactAction: 'none', event: 'none' })],
	])('a deletion that %s turns to nothing', async (_, options, parameters) => {
		for (const output of ['item', 'contacts']) {
			const trigger = await after(deleted(9), options, { ...parameters, output });
			for (const late of [updated(4), created()]) await expectOf(trigger, late, STALE);
		}
	});
});

describe('E2: a session that is mapped to a contact carries a whole user', () => {
	const sessions = upserts('session.created');

	test('an older one has no contact; a newer one is a state like any other', async () => {
		const trigger = await after(updated(5), {}, sessions);
		await expectOf(trigger, signedIn(4), { contact: null, event: { type: 'session.created' } });
		await expectOf(trigger, signedIn(7), { contact: { email: 'jane@example.com' } });
		await expectOf(trigger, updated(6), STALE);
	});

	test.each([
		['an ID and a name', { id: 'user_1', first_name: 'Janet' }, { firstName: 'Janet' }],
		['an ID', { id: 'user_1' }, {}],
		['nothing', {}, {}],
	])('one that holds no more of the user than %s clears nothing', async (_, user, said) => {
		const trigger = await after(created(), { contactsWithoutEmail: 'pass', ...CUSTOM }, sessions);
		const envelope = signedIn(7);
		const { contact, event } = only(await trigger.deliver({ ...envelope, data: { ...envelope.data, user } }));
		expect(contact).toEqual({ action: 'upsert', userId: 'user_1', ...said, source: 'Clerk webhook', instanceId: 'ins_1' });
		expect(event).toMatchObject({ userId: 'user_1', testUser: null });
	});

	eachOf([['one that gives no contact makes nothing out of date', signedIn(7), updated(6), ACCEPTED]]);
});

describe('E2: a state that does not say how new it is was so when its event happened', () => {
	const undated = (envelope: Envelope & { data: object }) => ({
		...envelope,
		data: { ...envelope.data, updated_at: 'yesterday' },
	});

	test.each<[string, (seconds: number) => Envelope & { data: object }]>([
		['a user', updated],
		['an organization', (seconds) => organization('updated', seconds)],
		['a membership', (seconds) => membership('updated', seconds)],
		['an entry of the waitlist', (seconds) => waitlistEntry('updated', seconds, 'pending')],
	])('%s', async (_, stateAt) => {
		const trigger = await after(stateAt(5));
		await expectOf(trigger, undated(stateAt(4)), STALE);
		await expectOf(trigger, { ...undated(stateAt(6)), timestamp: undefined }, STALE);
		await expectOf(trigger, undated(stateAt(6)), ACCEPTED);
		// It makes nothing out of date: when it became so is not known.
		await expectOf(trigger, stateAt(5), ACCEPTED);
	});
});

/** What a user pays for, as it was so many seconds after the sign-up. */
function subscription(seconds: number, plan: string, payer: object = {}) {
	const { envelope } = fixture('openapi.subscription.updated');
	const { payer: anybody, items } = envelope.data as { payer: object; items: Array<{ plan: object }> };
	const [item] = items.map((one) => ({ ...one, updated_at: at(seconds), plan: { ...one.plan, slug: plan } }));
	const person = { ...anybody, user_id: 'user_1', first_name: 'Jane', email: 'jane@example.com', ...payer };
	return {
		...envelope,
		timestamp: at(seconds),
		data: { ...envelope.data, updated_at: at(seconds), payer: person, items: [item] },
	};
}

describe('E2: a contact that is a part of a user', () => {
	const members = upserts(JOINED);
	const lists = mappings({ events: [JOINED], contactAction: 'upsert', joinLists: 'l1', leaveLists: 'l2' });

	test('leaves out what may be older than the state that was accepted', async () => {
		const trigger = await after(updated(5), {}, members);
		const { contact } = only(await trigger.deliver(membership('created', 4)));
		expect(contact).toMatchObject({ userId: 'user_1' });
		expect(contact).not.toHaveProperty('firstName');
		await expectOf(trigger, membership('created', 6, { id: 'orgmem_2', since: 6 }), { contact: { name: 'Member Doe' } });
	});

	test('overwrites nothing where it does not say when it was so', async () => {
		const late = await (await after(updated(5), {}, members)).deliver({ ...membership('created', 6), timestamp: undefined });
		expect(only(late).contact).not.toHaveProperty('email');
	});

	test('joins no mailing list if the user is unsubscribed', async () => {
		const late = await (await after(updated(5, { banned: true }), UNSUBSCRIBES, lists)).deliver(membership('created', 6));
		expect(only(late).contact?.['mailingLists']).toEqual({ l2: false });
	});

	test('that is unsubscribed keeps what is older and comes afterwards from joining mailing lists', async () => {
		const leaving = { events: ['organizationMembership.deleted'], contactAction: 'unsubscribe' };
		const joining = { events: ['user.created', 'user.updated'], joinLists: 'l1' };
		const trigger = await after(membership('deleted', 6), {}, mappings(leaving, joining));
		// A state from before it shows nothing else, either.
		for (const late of [updated(5), created()]) {
			expect(only(await trigger.deliver(late)).contact).not.toHaveProperty('mailingLists');
		}
		await expectOf(trigger, updated(7), { contact: { mailingLists: { l1: true } } });
	});

	test('a payer is as old as it says, even where the plan is newer', async () => {
		const trigger = await after(updated(100, { firstName: 'Janet' }), {}, upserts('subscription.updated'));
		const { contact } = only(await trigger.deliver(subscription(200, 'pro', { updated_at: at(50) })));
		expect(contact).toMatchObject({ userId: 'user_1', plan: 'pro' });
		for (const key of ['firstName', 'email']) expect(contact).not.toHaveProperty(key);
		await expectOf(trigger, subscription(201, 'pro', { updated_at: at(150) }), { contact: { firstName: 'Jane' } });
	});

	eachOf([['makes no state out of date', membership('created', 6), updated(5), { contact: { firstName: 'Jane' } }, {}, members]]);
});

describe('B9: an entry of the waitlist', () => {
	test('a rejected entry is unsubscribed, and says so', async () => {
		const trigger = new PublishedTrigger();
		const pending = { action: 'upsert', waitlistStatus: 'pending' };
		await expectOf(trigger, waitlistEntry('created', 0, 'pending'), { contact: pending });
		const rejected = { action: 'unsubscribe', subscribed: false, waitlistStatus: 'rejected' };
		await expectOf(trigger, waitlistEntry('updated', 5, 'rejected'), { contact: rejected });
	});

	test('an older status comes over no newer one; the event of a late one comes', async () => {
		const trigger = await after(waitlistEntry('updated', 5, 'rejected'));
		await expectOf(trigger, waitlistEntry('updated', 4, 'invited'), STALE);
		const { contact, event } = only(await trigger.deliver(waitlistEntry('created', 0, 'pending')));
		expect(event).toMatchObject({ type: 'waitlistEntry.created' });
		const origin = { testUser: false, source: 'Clerk webhook', instanceId: 'ins_1' };
		expect(contact).toEqual({ action: 'upsert', email: 'jane@example.com', ...origin });
	});
});

describe('E5: organizations and members', () => {
	const acme = organization('updated', 5, 'Acme Ltd');
	const again = { id: 'orgmem_2', since: 7 };
	const noTenant = { tenant: null, event: {} };
	const unnamed = { userId: '' };
	const toNothing = mappings({ events: ['organization.deleted'], tenantAction: 'none', event: 'none' });

	eachOf([
		['an older change is stale', acme, organization('updated', 4), STALE],
		['an organization that was deleted is not created', organizationDeleted(9), organization('created', 0), STALE],
		['nor changed', organizationDeleted(9), organization('updated', 4), STALE],
		['nor gets a member', organizationDeleted(9), membership('created', 3), STALE],
		['nor another role of one', organizationDeleted(9), membership('updated', 4), STALE],
		['but it loses one', organizationDeleted(9), membership('deleted', 9), { tenant: { action: 'unsubscribe' } }],
		[
			'nor where a mapping turned the deletion to nothing',
			organizationDeleted(9),
			organization('updated', 4),
			STALE,
			{},
			toNothing,
		],
		['an older role comes over no newer one', membership('updated', 5), membership('updated', 4), STALE],
		['nor does the joining', membership('updated', 5), membership('created', 0), noTenant],
		['a member who left does not come back', membership('deleted', 5), membership('created', 0), STALE],
		['nor with another role', membership('deleted', 5), membership('updated', 3), STALE],
		['who joins again does', membership('deleted', 5), membership('created', 7, again), { tenant: { action: 'subscribe' } }],
		['an earlier leaving does not take them out', membership('created', 7, again), membership('deleted', 5), noTenant],
		['nor where it comes again', [membership('deleted', 5), membership('created', 7, again)], membership('deleted', 5), noTenant],
		['a later one does', membership('created', 7, again), membership('deleted', 9, again), { tenant: { action: 'unsubscribe' } }],
		[
			'members whose user is not named are not taken for one another',
			membership('updated', 7, { ...again, ...unnamed }),
			membership('updated', 5, unnamed),
			ACCEPTED,
		],
	]);

	test('a late creation has its event and no tenant, and the answer says so', async () => {
		const late = await (await after(acme)).deliver(organization('created', 0));
		expect(only(late)).toMatchObject({ tenant: null, event: { type: 'organization.created' } });
		expect(late.answer?.body).toMatchObject({ outOfDate: ['tenant'], tenantAction: null });
	});

	test('a membership says nothing older of its organization, also while a newer state of that is in flight', async () => {
		for (const n8n of [200, 'busy'] as const) {
			const trigger = new PublishedTrigger();
			await trigger.deliver(acme, { n8n });
			const { tenant } = only(await trigger.deliver(membership('created', 6, { since: 6, organizationAt: 4 })));
			expect(Object.keys(tenant ?? {})).toEqual(['action', 'organizationId', 'role', 'userId', 'createdAt', 'updatedAt']);
			await expectOf(trigger, membership('updated', 7, { since: 6, organizationAt: 5 }), { tenant: { name: 'Acme as it was' } });
		}
	});

	test.each([
		['its organization', organizationDeleted(9)],
		['its user', deleted(9)],
	])('a membership waits while the deletion of %s is in flight, and comes in if that failed', async (_, deletion) => {
		for (const late of [membership('created', 0), membership('updated', 4)]) {
			const trigger = new PublishedTrigger();
			const running = await trigger.deliver(deletion, { n8n: 'busy' });
			await expectOf(trigger, late, NEWER_IN_FLIGHT);
			running.finish(500);
			await expectOf(trigger, late, ACCEPTED);
		}
	});
});

describe('two states at work at once', () => {
	const again = membership('created', 7, { id: 'orgmem_2', since: 7 });

	test.each([
		['a newer state of a user', updated(4), updated(5)],
		['the deletion', updated(4), deleted(9)],
		['a newer state of an organization', organization('updated', 4), organization('updated', 5)],
		['another role', membership('updated', 4), membership('updated', 5)],
		['the end of a membership', membership('updated', 4), membership('deleted', 5)],
		['the deletion of an organization', membership('created', 4), organizationDeleted(9)],
		['a membership of who joins again', membership('deleted', 5), again],
		['a newer entry of the waitlist', waitlistEntry('created', 0, 'pending'), waitlistEntry('updated', 5, 'rejected')],
	])('where the workflow must succeed, %s waits for the older one, whatever comes of that', async (_, older, newer) => {
		for (const status of [200, 500] as const) {
			const trigger = new PublishedTrigger({ acknowledge: 'lastNode' });
			const running = await trigger.deliver(older, { n8n: 'busy' });
			await expectOf(trigger, newer, OLDER_IN_FLIGHT);
			running.finish(status);
			await expectOf(trigger, newer, ACCEPTED);
		}
	});

	test('a newer plan of a user waits for the older one, even after a newer state of the user', async () => {
		for (const status of [200, 500] as const) {
			const trigger = await after(updated(300), { acknowledge: 'lastNode' }, upserts('subscription.updated'));
			const running = await trigger.deliver(subscription(100, 'free'), { n8n: 'busy' });
			await expectOf(trigger, subscription(200, 'pro'), OLDER_IN_FLIGHT);
			running.finish(status);
			await expectOf(trigger, subscription(200, 'pro'), ACCEPTED);
		}
	});

	test('where storing is enough, the newer one does not wait', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(updated(4), { n8n: 'busy' });
		await expectOf(trigger, updated(5), ACCEPTED);
	});

	test('others do not wait: another user, an event without a contact, another member, a change of the organization', async () => {
		const trigger = new PublishedTrigger({ acknowledge: 'lastNode' });
		await trigger.deliver(updated(4), { n8n: 'busy' });
		await expectOf(trigger, updated(5, { id: 'user_2' }), ACCEPTED);
		await expectOf(trigger, signedIn(5), ACCEPTED);
		await trigger.deliver(membership('created', 4), { n8n: 'busy' });
		const another = membership('created', 5, { id: 'orgmem_2', userId: 'user_2' });
		expect(outcome(await trigger.deliver(another, { n8n: 'busy' }))[0]).toBeUndefined();
		await expectOf(trigger, organization('updated', 5), ACCEPTED);
	});

	test.each(['onReceived', 'lastNode'])(
		'%s: an older one waits for a newer one, and comes in if that fails',
		async (acknowledge) => {
			const trigger = new PublishedTrigger({ acknowledge });
			const newer = await trigger.deliver(updated(5), { n8n: 'busy' });
			await expectOf(trigger, updated(4), NEWER_IN_FLIGHT);
			newer.finish(500);
			await expectOf(trigger, updated(4), ACCEPTED);
		},
	);
});

describe('B15: an address that was removed', () => {
	const removed = updated(5, NO_EMAIL);
	const blanked = { contact: { action: 'upsert', email: null, emailVerified: null } };

	eachOf([
		['reaches the store of a user who had one', created(), removed, blanked],
		['and so do later changes', [created(), removed], updated(6, NO_EMAIL), blanked],
		['also where it came in with an invitation', invitationAccepted(4), removed, blanked],
		['is skipped where nobody came in before', [], removed, WITHOUT_EMAIL],
		['or somebody else', created({ id: 'user_2' }), removed, WITHOUT_EMAIL],
		['or only the event came out', signedIn(1), removed, WITHOUT_EMAIL],
		['with Skip Out-of-Date Updates off, it reaches the store too', created(), removed, blanked, { skipOutOfDate: false }],
		['and is skipped where nobody came in before', [], removed, WITHOUT_EMAIL, { skipOutOfDate: false }],
	]);

	test('also where the workflow failed after it may have stored the address', async () => {
		const trigger = new PublishedTrigger({ acknowledge: 'lastNode' });
		await trigger.deliver(created(), { n8n: 500 });
		await expectOf(trigger, removed, blanked);
	});
});

describe('B7: an unsubscribed or deleted user joins no mailing list', () => {
	test.each([
		['unsubscribed', { deletedUsers: 'unsubscribe' }, deleted(9), { subscribed: false }],
		['deleted', {}, deleted(9), { action: 'delete' }],
		['banned', UNSUBSCRIBES, updated(5, { banned: true }), { subscribed: false }],
	])('%s', async (_, options, envelope, expected) => {
		const lists = mappings({ events: ['*'], joinLists: 'l1', leaveLists: 'l2' });
		const [contact] = (await new PublishedTrigger(options, { ...lists, output: 'contacts' }).deliver(envelope)).items ?? [];
		expect(contact).toMatchObject({ ...expected, mailingList_l2: false });
		expect(contact).not.toHaveProperty('mailingList_l1');
	});
});
