import { NOW } from '../../support/deliveries';
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
import { PublishedTrigger } from '../../support/publishedTrigger';
import type { Delivered } from '../../support/publishedTrigger';

/**
 * A state can be out of date, an event cannot: what comes of deliveries that arrive late, record by
 * record, through the node's own `webhook()`.
 */

beforeEach(() => {
	jest.spyOn(Date, 'now').mockReturnValue(NOW);
});
afterEach(() => {
	jest.restoreAllMocks();
});

interface Item {
	contact: Record<string, unknown> | null;
	event: Record<string, unknown> | null;
	tenant: Record<string, unknown> | null;
}

/** The one item of a delivery that came in as contact, event and tenant. */
const only = ({ items }: Delivered): Item => {
	expect(items).toHaveLength(1);
	return items?.[0] as unknown as Item;
};
const outcome = ({ answer }: Delivered) => [answer?.status, answer?.body['outcome'], answer?.body['code']];
const STALE = [200, 'stale', 'stale'];
const ACCEPTED = [200, 'accepted', 'accepted'];

const withGroup = mappings({
	events: ['user.created'],
	userGroup: 'Sign-ups',
	joinLists: 'l1',
	additionalEventName: 'trialStarted',
});

describe('E5: a sign-up that arrives after a newer state of its user', () => {
	const LATE_CONTACT = {
		action: 'upsert',
		userId: 'user_1',
		createdAt: new Date(at(0)).toISOString(),
		testUser: false,
		source: 'Clerk webhook',
		instanceId: 'ins_1',
	};

	test('one item: its events as ever, and a contact without what could be out of date', async () => {
		const trigger = new PublishedTrigger({}, withGroup);
		await trigger.deliver(updated(5, { firstName: 'Janet' }));
		const late = await trigger.deliver(created(), { id: 'msg_late' });
		expect(outcome(late)).toEqual(ACCEPTED);
		expect(late.answer?.body['message']).toContain('A newer state of this contact arrived first');
		expect(late.answer?.body['outOfDate']).toEqual(['contact_fields']);
		expect(late.items).toMatchObject([
			{ event: { name: 'user.created', id: 'msg_late', email: 'jane@example.com', firstName: 'Jane' } },
			{ event: { name: 'trialStarted', id: 'msg_late.additional' }, contact: null },
		]);
		expect(late.items?.[0]?.['contact']).toEqual({ ...LATE_CONTACT, userGroup: 'Sign-ups', mailingLists: { l1: true } });
	});

	test.each([
		['contacts', [{ ...LATE_CONTACT, userGroup: 'Sign-ups', mailingList_l1: true }]],
		['events', [{ name: 'user.created' }, { name: 'trialStarted' }]],
		['split', [{ ...LATE_CONTACT, userGroup: 'Sign-ups' }, { name: 'user.created' }, { name: 'trialStarted' }]],
	])('%s', async (output, items) => {
		const trigger = new PublishedTrigger({}, { ...withGroup, output });
		await trigger.deliver(updated(5));
		const late = await trigger.deliver(created());
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

	test('it is not in two groups at once: it is a duplicate like any other when it comes again', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(updated(5));
		await trigger.deliver(created(), { id: 'msg_late' });
		expect(outcome(await trigger.deliver(created(), { id: 'msg_late' }))).toEqual([200, 'duplicate', 'duplicate']);
	});

	test('after a failure it comes in again', async () => {
		const trigger = new PublishedTrigger({ acknowledge: 'lastNode' });
		await trigger.deliver(created(), { id: 'msg_signup', n8n: 500 });
		await trigger.deliver(updated(5));
		expect(only(await trigger.deliver(created(), { id: 'msg_signup' })).event).toMatchObject({ name: 'user.created' });
		expect(only(await trigger.deliver(updated(6))).contact).toMatchObject({ email: 'jane@example.com' });
	});

	test.each([
		['a custom field of the user', { customContactFields: { field: [{ name: 'plan', path: 'data.public_metadata.plan' }] } }],
		['names', {}],
	])('it does not carry %s', async (_, options) => {
		const trigger = new PublishedTrigger(options);
		await trigger.deliver(updated(5));
		expect(Object.keys(only(await trigger.deliver(created())).contact ?? {})).toEqual(Object.keys(LATE_CONTACT));
	});

	test('a mapping that deletes does not delete what is newer', async () => {
		const trigger = new PublishedTrigger({}, mappings({ events: ['user.created'], contactAction: 'delete' }));
		await trigger.deliver(updated(5));
		expect(only(await trigger.deliver(created())).contact).toBeNull();
	});

	test('who was banned at the sign-up and is not any more is not unsubscribed', async () => {
		const trigger = new PublishedTrigger({ shutOutUsers: 'unsubscribe' });
		await trigger.deliver(updated(5));
		expect(only(await trigger.deliver(created({ banned: true }))).contact).toMatchObject({ action: 'upsert' });
	});

	test('who was unsubscribed since joins no mailing list', async () => {
		const trigger = new PublishedTrigger({ shutOutUsers: 'unsubscribe' }, { ...withGroup, output: 'contacts' });
		await trigger.deliver(updated(5, { banned: true }));
		expect((await trigger.deliver(created())).items).toEqual([{ ...LATE_CONTACT, userGroup: 'Sign-ups' }]);
	});

	test('whoever has no address, or is a test user, is skipped as at any other time', async () => {
		const trigger = new PublishedTrigger({ leaveOutTestUsers: true });
		await trigger.deliver(updated(5));
		expect(outcome(await trigger.deliver(created({ email: null })))).toEqual([200, 'ignored', 'contact_without_email']);
		expect(outcome(await trigger.deliver(created({ email: 'a+clerk_test@example.com' })))).toEqual([200, 'ignored', 'test_user']);
	});

	test('where updates give no contact, nothing newer is in the store, and it comes whole', async () => {
		const trigger = new PublishedTrigger({}, mappings({ events: ['user.updated'], contactAction: 'none' }));
		await trigger.deliver(updated(5));
		expect(only(await trigger.deliver(created())).contact).toMatchObject({ email: 'jane@example.com' });
	});
});

describe('E2: a change that arrives after a newer one', () => {
	test.each(['item', 'contacts', 'split'])('%s: stale, since the newer state tells it', async (output) => {
		const trigger = new PublishedTrigger({}, { output });
		await trigger.deliver(updated(5));
		const late = await trigger.deliver(updated(4));
		expect([outcome(late), late.items]).toEqual([STALE, null]);
		expect(late.answer?.body['message']).toContain('a newer state of this user');
		expect(outcome(await trigger.deliver(updated(5)))).toEqual(ACCEPTED);
	});

	test.each([
		['an event name', { eventName: 'profileChanged' }, ['profileChanged']],
		['an additional event', { additionalEventName: 'profileChanged' }, ['profileChanged']],
		['both', { eventName: 'one', additionalEventName: 'two' }, ['one', 'two']],
	])('%s that a mapping gives it still comes out, without the older contact', async (_, sets, names) => {
		const trigger = new PublishedTrigger({}, mappings({ events: ['user.updated'], ...sets }));
		await trigger.deliver(updated(5));
		const late = await trigger.deliver(updated(4));
		expect(late.items).toMatchObject(names.map((name) => ({ contact: null, event: { name } })));
		expect(late.answer?.body).toMatchObject({ outcome: 'accepted', noContact: 'out_of_date' });
	});

	test('events only: every delivery comes out, once', async () => {
		const trigger = new PublishedTrigger({}, { output: 'events' });
		await trigger.deliver(deleted(9));
		for (const [envelope, id] of [
			[updated(5), 'a'],
			[updated(4), 'b'],
			[created(), 'c'],
			[deleted(9), 'd'],
		] as const) {
			expect(outcome(await trigger.deliver(envelope, { id }))).toEqual(ACCEPTED);
			expect(outcome(await trigger.deliver(envelope, { id }))[1]).toBe('duplicate');
		}
	});

	test('with Skip Out-of-Date Updates off, everything comes in as it is', async () => {
		const trigger = new PublishedTrigger({ skipOutOfDate: false });
		await trigger.deliver(deleted(9));
		expect(only(await trigger.deliver(updated(4))).contact).toMatchObject({ email: 'jane@example.com' });
	});
});

describe('E2: after a deletion', () => {
	test.each([
		['a change', updated(4)],
		['a change with a later time, since Clerk never uses an ID again', updated(400)],
		['a sign-up: nobody who is gone is greeted', created()],
	])('nothing comes of %s', async (_, envelope) => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(deleted(9));
		const late = await trigger.deliver(envelope);
		expect(outcome(late)).toEqual(STALE);
		expect(late.answer?.body['message']).toContain('the deletion of this user');
	});

	test.each([
		['a sign-in', signedIn(4)],
		['an invitation', invitationAccepted(4)],
		['a membership', membership('deleted', 4)],
	])('%s happened all the same, but brings no contact back', async (_, envelope) => {
		const trigger = new PublishedTrigger({ contactsWithoutEmail: 'pass' }, mappings({ events: ['*'], contactAction: 'upsert' }));
		await trigger.deliver(deleted(9));
		expect(only(await trigger.deliver(envelope))).toMatchObject({ contact: null, event: { type: envelope.type } });
	});

	test.each([
		['a sign-up', created(), async () => undefined],
		['a late sign-up', created(), async (trigger: PublishedTrigger) => await trigger.deliver(updated(5))],
		['a part of a user', invitationAccepted(4), async (trigger: PublishedTrigger) => await trigger.deliver(updated(5))],
	])('%s waits while the deletion is in flight, and comes in if that failed', async (_, envelope, before) => {
		const trigger = new PublishedTrigger();
		await before(trigger);
		const deletion = await trigger.deliver(deleted(9), { n8n: 'busy' });
		expect(outcome(await trigger.deliver(envelope))).toEqual([409, 'postponed', 'newer_in_flight']);
		deletion.finish(500);
		expect(outcome(await trigger.deliver(envelope))).toEqual(ACCEPTED);
	});
});

describe('what was ignored is a state too', () => {
	const withoutAddress = updated(5, { email: null });
	const testUser = updated(5, { email: 'a+clerk_test@example.com' });

	test.each([
		['no address', {}, withoutAddress, 'contact_without_email'],
		['a test user', { leaveOutTestUsers: true }, testUser, 'test_user'],
	])('%s: an older change is stale, a late sign-up has no older contact', async (_, options, newer, code) => {
		const trigger = new PublishedTrigger(options);
		expect(outcome(await trigger.deliver(newer))).toEqual([200, 'ignored', code]);
		expect(outcome(await trigger.deliver(updated(4)))).toEqual(STALE);
		expect(only(await trigger.deliver(created())).contact).not.toHaveProperty('email');
	});

	test.each([
		['Deleted Users', { deletedUsers: 'none' }, {}],
		['a mapping', {}, mappings({ events: ['user.deleted'], contactAction: 'none', event: 'none' })],
	])('a deletion that %s turns to nothing', async (_, options, parameters) => {
		for (const output of ['item', 'contacts']) {
			const trigger = new PublishedTrigger(options, { ...parameters, output });
			await trigger.deliver(deleted(9));
			expect(outcome(await trigger.deliver(updated(4)))).toEqual(STALE);
			expect(outcome(await trigger.deliver(created()))).toEqual(STALE);
		}
	});
});

describe('E2: a session that is mapped to a contact carries a whole user', () => {
	const sessions = mappings({ events: ['session.created'], contactAction: 'upsert' });

	test('an older one has no contact; a newer one is a state like any other', async () => {
		const trigger = new PublishedTrigger({}, sessions);
		await trigger.deliver(updated(5));
		expect(only(await trigger.deliver(signedIn(4)))).toMatchObject({ contact: null, event: { type: 'session.created' } });
		expect(only(await trigger.deliver(signedIn(7))).contact).toMatchObject({ email: 'jane@example.com' });
		expect(outcome(await trigger.deliver(updated(6)))).toEqual(STALE);
	});

	test.each([
		['an ID and a name', { id: 'user_1', first_name: 'Janet' }],
		['an ID', { id: 'user_1' }],
		['nothing', {}],
	])('one that holds no more of the user than %s blanks nothing', async (_, part) => {
		const customContactFields = { field: [{ name: 'plan', path: 'data.public_metadata.plan' }] };
		const trigger = new PublishedTrigger({ contactsWithoutEmail: 'pass', customContactFields }, sessions);
		await trigger.deliver(created());
		const envelope = signedIn(7);
		const { contact, event } = only(await trigger.deliver({ ...envelope, data: { ...envelope.data, user: part } }));
		expect(contact).toEqual({
			action: 'upsert',
			userId: 'user_1',
			...('first_name' in part ? { firstName: 'Janet' } : {}),
			source: 'Clerk webhook',
			instanceId: 'ins_1',
		});
		expect(event).toMatchObject({ userId: 'user_1', testUser: null });
	});

	test('one that gives no contact makes nothing out of date', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(signedIn(7));
		expect(outcome(await trigger.deliver(updated(6)))).toEqual(ACCEPTED);
	});
});

describe('E2: a state that does not say how new it is was so when its event happened', () => {
	const undated = (envelope: { data: object }) => ({ ...envelope, data: { ...envelope.data, updated_at: 'yesterday' } });

	test.each([
		['a user', updated(5), undated(updated(4)), undated(updated(6))],
		['an organization', organization('updated', 5), undated(organization('updated', 4)), undated(organization('updated', 6))],
		['a membership', membership('updated', 5), undated(membership('updated', 4)), undated(membership('updated', 6))],
		[
			'an entry of the waitlist',
			waitlistEntry('updated', 5, 'invited'),
			undated(waitlistEntry('updated', 4, 'pending')),
			undated(waitlistEntry('updated', 6, 'completed')),
		],
	])('%s', async (_, newest, older, newer) => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(newest);
		expect(outcome(await trigger.deliver(older))).toEqual(STALE);
		expect(outcome(await trigger.deliver({ ...newer, timestamp: undefined }))).toEqual(STALE);
		expect(outcome(await trigger.deliver(newer))).toEqual(ACCEPTED);
		// It makes nothing out of date: when it became so is not known.
		expect(outcome(await trigger.deliver(newest))).toEqual(ACCEPTED);
	});
});

describe('E2: a contact that is a part of a user', () => {
	const members = mappings({ events: ['organizationMembership.created'], contactAction: 'upsert' });

	test('leaves out what may be older than the state that was accepted', async () => {
		const trigger = new PublishedTrigger({}, members);
		await trigger.deliver(updated(5));
		const { contact } = only(await trigger.deliver(membership('created', 4)));
		expect(contact).toMatchObject({ userId: 'user_1' });
		expect(contact).not.toHaveProperty('firstName');
		expect(only(await trigger.deliver(membership('created', 6, { id: 'orgmem_2', since: 6 }))).contact).toMatchObject({
			name: 'Member Doe',
		});
	});

	test('overwrites nothing where it does not say when it was so', async () => {
		const trigger = new PublishedTrigger({}, members);
		await trigger.deliver(updated(5));
		const envelope = { ...membership('created', 6), timestamp: undefined };
		expect(only(await trigger.deliver(envelope)).contact).not.toHaveProperty('email');
	});

	test('joins no mailing list if the user is unsubscribed', async () => {
		const trigger = new PublishedTrigger(
			{ shutOutUsers: 'unsubscribe' },
			mappings({ events: ['organizationMembership.created'], contactAction: 'upsert', joinLists: 'l1', leaveLists: 'l2' }),
		);
		await trigger.deliver(updated(5, { banned: true }));
		expect(only(await trigger.deliver(membership('created', 6))).contact?.['mailingLists']).toEqual({ l2: false });
	});

	test('that is unsubscribed keeps a sign-up that comes afterwards from joining mailing lists', async () => {
		const trigger = new PublishedTrigger(
			{},
			mappings(
				{ events: ['organizationMembership.deleted'], contactAction: 'unsubscribe' },
				{ events: ['user.created', 'user.updated'], joinLists: 'l1' },
			),
		);
		await trigger.deliver(membership('deleted', 6));
		expect(only(await trigger.deliver(created())).contact).not.toHaveProperty('mailingLists');
		expect(only(await trigger.deliver(updated(7))).contact).toMatchObject({ mailingLists: { l1: true } });
	});

	test('makes no state out of date', async () => {
		const trigger = new PublishedTrigger({}, members);
		await trigger.deliver(membership('created', 6));
		expect(only(await trigger.deliver(updated(5))).contact).toMatchObject({ firstName: 'Jane' });
	});
});

describe('B9: an entry of the waitlist', () => {
	test('whoever is rejected is unsubscribed, and says so', async () => {
		const trigger = new PublishedTrigger();
		expect(only(await trigger.deliver(waitlistEntry('created', 0, 'pending'))).contact).toMatchObject({
			action: 'upsert',
			waitlistStatus: 'pending',
		});
		expect(only(await trigger.deliver(waitlistEntry('updated', 5, 'rejected'))).contact).toMatchObject({
			action: 'unsubscribe',
			subscribed: false,
			waitlistStatus: 'rejected',
		});
	});

	test('an older status comes over no newer one; the event of a late one comes', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(waitlistEntry('updated', 5, 'rejected'));
		expect(outcome(await trigger.deliver(waitlistEntry('updated', 4, 'invited')))).toEqual(STALE);
		const { contact, event } = only(await trigger.deliver(waitlistEntry('created', 0, 'pending')));
		expect(event).toMatchObject({ type: 'waitlistEntry.created' });
		expect(contact).toEqual({
			action: 'upsert',
			email: 'jane@example.com',
			testUser: false,
			source: 'Clerk webhook',
			instanceId: 'ins_1',
		});
	});
});

describe('E5: organizations and members', () => {
	test('an older change is stale; a late creation has its event and no tenant', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(organization('updated', 5, 'Acme Ltd'));
		expect(outcome(await trigger.deliver(organization('updated', 4)))).toEqual(STALE);
		const late = await trigger.deliver(organization('created', 0));
		expect(only(late)).toMatchObject({ tenant: null, event: { type: 'organization.created' } });
		expect(late.answer?.body).toMatchObject({ outOfDate: ['tenant'], tenantAction: null });
	});

	test('nothing brings back an organization that was deleted, or makes somebody its member', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(organizationDeleted(9));
		for (const late of [
			organization('created', 0),
			organization('updated', 4),
			membership('created', 3),
			membership('updated', 4),
		]) {
			expect(outcome(await trigger.deliver(late))).toEqual(STALE);
		}
		expect(only(await trigger.deliver(membership('deleted', 9))).tenant).toMatchObject({ action: 'unsubscribe' });
	});

	test('an older role comes over no newer one', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(membership('updated', 5, { role: 'org:admin' }));
		expect(outcome(await trigger.deliver(membership('updated', 4)))).toEqual(STALE);
		expect(only(await trigger.deliver(membership('created', 0)))).toMatchObject({ tenant: null, event: {} });
	});

	test('a member who left does not come back; who joins again does, and an earlier leaving does not take them out', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(membership('deleted', 5));
		expect(outcome(await trigger.deliver(membership('created', 0)))).toEqual(STALE);
		expect(outcome(await trigger.deliver(membership('updated', 3)))).toEqual(STALE);
		const again = { id: 'orgmem_2', since: 7 };
		expect(only(await trigger.deliver(membership('created', 7, again))).tenant).toMatchObject({ action: 'subscribe' });
		expect(only(await trigger.deliver(membership('deleted', 5))).tenant).toBeNull();
		expect(only(await trigger.deliver(membership('deleted', 9, again))).tenant).toMatchObject({ action: 'unsubscribe' });
	});

	test('the leaving of an earlier membership arrives last', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(membership('created', 7, { id: 'orgmem_2', since: 7 }));
		expect(only(await trigger.deliver(membership('deleted', 5)))).toMatchObject({ tenant: null, event: {} });
	});

	test('members whose user is not named are not taken for one another', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(membership('updated', 7, { id: 'orgmem_2', userId: '', since: 7 }));
		expect(outcome(await trigger.deliver(membership('updated', 5, { userId: '' })))).toEqual(ACCEPTED);
	});

	test('whoever was deleted becomes no member', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(deleted(9));
		expect(outcome(await trigger.deliver(membership('created', 0)))).toEqual(STALE);
	});

	test('a membership says nothing older of its organization', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(organization('updated', 5, 'Acme Ltd'));
		const { tenant } = only(await trigger.deliver(membership('created', 6, { since: 6, organizationAt: 4 })));
		expect(Object.keys(tenant ?? {})).toEqual(['action', 'organizationId', 'role', 'userId', 'createdAt', 'updatedAt']);
		expect(only(await trigger.deliver(membership('updated', 7, { since: 6, organizationAt: 5 }))).tenant).toHaveProperty('name');
	});

	test.each([
		['its organization', organizationDeleted(9)],
		['its user', deleted(9)],
	])('a membership waits while the deletion of %s is in flight, and comes in if that failed', async (_, deletion) => {
		for (const late of [membership('created', 0), membership('updated', 4)]) {
			const trigger = new PublishedTrigger();
			const running = await trigger.deliver(deletion, { n8n: 'busy' });
			expect(outcome(await trigger.deliver(late))).toEqual([409, 'postponed', 'newer_in_flight']);
			running.finish(500);
			expect(outcome(await trigger.deliver(late))).toEqual(ACCEPTED);
		}
	});

	test('while a newer state of its organization is in flight, a membership says nothing older of it', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(organization('updated', 5, 'Acme Ltd'), { n8n: 'busy' });
		const { tenant } = only(await trigger.deliver(membership('created', 6, { since: 6, organizationAt: 4 })));
		expect(tenant).not.toHaveProperty('name');
	});

	test('a deletion that a mapping turns to nothing is remembered', async () => {
		const trigger = new PublishedTrigger({}, mappings({ events: ['organization.deleted'], tenantAction: 'none', event: 'none' }));
		expect(outcome(await trigger.deliver(organizationDeleted(9)))[2]).toBe('nothing_for_output');
		expect(outcome(await trigger.deliver(organization('updated', 4)))).toEqual(STALE);
	});
});

describe('two states at work at once', () => {
	const OLDER_IN_FLIGHT = [409, 'postponed', 'older_in_flight'];

	test.each([
		['a newer state of a user', updated(4), updated(5)],
		['the deletion', updated(4), deleted(9)],
		['a newer state of an organization', organization('updated', 4), organization('updated', 5)],
		['another role', membership('updated', 4), membership('updated', 5)],
		['the end of a membership', membership('updated', 4), membership('deleted', 5)],
		['the deletion of an organization', membership('created', 4), organizationDeleted(9)],
		['a membership of who joins again', membership('deleted', 5), membership('created', 7, { id: 'orgmem_2', since: 7 })],
		['a newer entry of the waitlist', waitlistEntry('created', 0, 'pending'), waitlistEntry('updated', 5, 'rejected')],
	])('where the workflow must succeed, %s waits for the older one, whatever comes of that', async (_, older, newer) => {
		for (const status of [200, 500] as const) {
			const trigger = new PublishedTrigger({ acknowledge: 'lastNode' });
			const running = await trigger.deliver(older, { n8n: 'busy' });
			expect(outcome(await trigger.deliver(newer, { id: 'msg_newer' }))).toEqual(OLDER_IN_FLIGHT);
			running.finish(status);
			expect(outcome(await trigger.deliver(newer, { id: 'msg_newer' }))).toEqual(ACCEPTED);
		}
	});

	test('where storing is enough, the newer one does not wait', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(updated(4), { n8n: 'busy' });
		expect(outcome(await trigger.deliver(updated(5)))).toEqual(ACCEPTED);
	});

	test('others do not wait: another user, an event without a contact, another member, a change of the organization', async () => {
		const trigger = new PublishedTrigger({ acknowledge: 'lastNode' });
		await trigger.deliver(updated(4), { n8n: 'busy' });
		expect(outcome(await trigger.deliver(updated(5, { id: 'user_2' })))).toEqual(ACCEPTED);
		expect(outcome(await trigger.deliver(signedIn(5)))).toEqual(ACCEPTED);
		await trigger.deliver(membership('created', 4), { n8n: 'busy' });
		const another = membership('created', 5, { id: 'orgmem_2', userId: 'user_2' });
		expect(outcome(await trigger.deliver(another, { n8n: 'busy' }))[0]).toBeUndefined();
		expect(outcome(await trigger.deliver(organization('updated', 5)))).toEqual(ACCEPTED);
	});

	test.each(['onReceived', 'lastNode'])(
		'%s: an older one waits for a newer one, and comes in if that fails',
		async (acknowledge) => {
			const trigger = new PublishedTrigger({ acknowledge });
			const newer = await trigger.deliver(updated(5), { n8n: 'busy' });
			expect(outcome(await trigger.deliver(updated(4), { id: 'msg_older' }))).toEqual([409, 'postponed', 'newer_in_flight']);
			newer.finish(500);
			expect(outcome(await trigger.deliver(updated(4), { id: 'msg_older' }))).toEqual(ACCEPTED);
		},
	);
});

describe('B15: an address that was removed', () => {
	test('reaches the store of whoever came in with one, and so do later changes', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(created());
		for (const seconds of [5, 6]) {
			expect(only(await trigger.deliver(updated(seconds, { email: null }))).contact).toMatchObject({
				action: 'upsert',
				email: null,
				emailVerified: null,
			});
		}
	});

	test('also where it came in with an invitation', async () => {
		const trigger = new PublishedTrigger();
		await trigger.deliver(invitationAccepted(4));
		expect(only(await trigger.deliver(updated(5, { email: null }))).contact).toMatchObject({ email: null });
	});

	test('also where the workflow failed after it may have stored the address', async () => {
		const trigger = new PublishedTrigger({ acknowledge: 'lastNode' });
		await trigger.deliver(created(), { n8n: 500 });
		expect(only(await trigger.deliver(updated(5, { email: null }))).contact).toMatchObject({ email: null });
	});

	test.each([
		['nobody came in', async () => undefined],
		['somebody else came in', async (trigger: PublishedTrigger) => await trigger.deliver(created({ id: 'user_2' }))],
		['only the event came out', async (trigger: PublishedTrigger) => await trigger.deliver(signedIn(1))],
	])('is skipped where %s before', async (_, before) => {
		const trigger = new PublishedTrigger();
		await before(trigger);
		expect(outcome(await trigger.deliver(updated(5, { email: null })))).toEqual([200, 'ignored', 'contact_without_email']);
	});
});

describe('B7: whoever is unsubscribed or deleted joins no mailing list', () => {
	const lists = { joinLists: 'l1', leaveLists: 'l2' };

	test.each([
		['unsubscribed', { deletedUsers: 'unsubscribe' }, deleted(9), { subscribed: false }],
		['deleted', {}, deleted(9), { action: 'delete' }],
		['banned', { shutOutUsers: 'unsubscribe' }, updated(5, { banned: true }), { subscribed: false }],
	])('%s', async (_, options, envelope, expected) => {
		const trigger = new PublishedTrigger(options, { ...mappings({ events: ['*'], ...lists }), output: 'contacts' });
		const [contact] = (await trigger.deliver(envelope)).items ?? [];
		expect(contact).toMatchObject({ ...expected, mailingList_l2: false });
		expect(contact).not.toHaveProperty('mailingList_l1');
	});
});
