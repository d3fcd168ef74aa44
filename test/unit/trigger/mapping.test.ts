import { catalogue, eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { CONTACT_KEYS } from '../../../nodes/Clerk/records/contact';
import { EVENT_KEYS } from '../../../nodes/Clerk/records/event';
import { effectOf } from '../../../nodes/Clerk/records/mapping';
import { TENANT_KEYS } from '../../../nodes/Clerk/records/tenant';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { fixture, fixtures, MESSAGE_ID, NOW, settings } from '../../support/deliveries';
import { mapping, recordsOf, walk } from './walk';

const USER = fixture('edge.user.created.unicode').envelope;
const DELETED = fixture('edge.user.deleted.minimal').envelope;
const ROLE = fixture('openapi.role.created').envelope;
const ORGANIZATION = fixture('openapi.organization.created').envelope;
const MEMBER = fixture('openapi.organizationMembership.created').envelope;
const MEMBER_BY_PHONE = fixture('edge.organizationMembership.created.identifier_phone').envelope;

/** The key of a whole contact, in order, without those that only a setting brings. */
const WHOLE = CONTACT_KEYS.filter(
	(key) => !['environment', 'waitlistStatus', 'subscribed', 'userGroup', 'mailingLists'].includes(key),
);

describe('C7: what each of the 46 events does by itself', () => {
	const contacts: Record<string, string> = {
		'user.created': 'upsert',
		'user.updated': 'upsert',
		'user.deleted': 'delete',
		'waitlistEntry.created': 'upsert',
		'waitlistEntry.updated': 'upsert',
		'organizationInvitation.accepted': 'upsert',
	};
	const tenants: Record<string, string> = {
		'organization.created': 'set',
		'organization.updated': 'set',
		'organization.deleted': 'delete',
		'organizationMembership.created': 'subscribe',
		'organizationMembership.updated': 'subscribe',
		'organizationMembership.deleted': 'unsubscribe',
	};

	test.each(catalogue)('$type', (event) => {
		expect(effectOf(event, settings())).toEqual({
			contact: contacts[event.type] ?? null,
			eventName: event.type,
			isEventMapped: false,
			additionalEventName: null,
			tenant: tenants[event.type] ?? null,
			userGroup: null,
			mailingLists: {},
		});
	});

	test('an event that Clerk adds later is an event alone, and can be mapped', () => {
		const event = eventOfType('user.somethingNew');
		expect(effectOf(event, settings())).toMatchObject({ contact: null, eventName: 'user.somethingNew', tenant: null });
		const mappings = [mapping('user.somethingNew', { contact: 'upsert', eventName: 'new' })];
		expect(effectOf(event, settings({ mappings }))).toMatchObject({ contact: 'upsert', eventName: 'new' });
	});
});

describe('C7: a mapping sets what it sets, and leaves the rest', () => {
	const byItself = effectOf(eventOfType('user.created'), settings());

	test.each<[string, Parameters<typeof mapping>[1], Partial<typeof byItself>]>([
		['nothing', {}, {}],
		['no contact', { contact: 'none' }, { contact: null }],
		['a contact action', { contact: 'unsubscribe' }, { contact: 'unsubscribe' }],
		['no event', { eventName: null }, { eventName: null }],
		['an event name', { eventName: 'newClerkUser' }, { eventName: 'newClerkUser', isEventMapped: true }],
		['an additional event', { additionalEventName: 'trialStarted' }, { additionalEventName: 'trialStarted' }],
		[
			'no event but an additional one',
			{ eventName: null, additionalEventName: 'x' },
			{ eventName: null, additionalEventName: 'x' },
		],
		['a user group', { userGroup: 'Customers' }, { userGroup: 'Customers' }],
		['lists to join', { joins: ['a', 'b'] }, { mailingLists: { a: true, b: true } }],
		['lists to leave', { leaves: ['a'] }, { mailingLists: { a: false } }],
		['a list to join and to leave', { joins: ['a', 'b'], leaves: ['b', 'c'] }, { mailingLists: { a: true, b: false, c: false } }],
	])('%s', (_, sets, changed) => {
		const mappings = [mapping('user.created', sets)];
		expect(effectOf(eventOfType('user.created'), settings({ mappings }))).toEqual({ ...byItself, ...changed });
		expect(effectOf(eventOfType('user.updated'), settings({ mappings }))).toEqual({ ...byItself, eventName: 'user.updated' });
	});

	test('no tenant', () => {
		const mappings = [mapping('organization.created', { noTenant: true })];
		expect(effectOf(eventOfType('organization.created'), settings({ mappings })).tenant).toBeNull();
		expect(effectOf(eventOfType('organization.updated'), settings({ mappings })).tenant).toBe('set');
	});
});

describe('C7: where several mappings match, the last one that sets a field wins that field', () => {
	const event = eventOfType('user.created');
	const first = mapping('all', { contact: 'delete', userGroup: 'first', joins: ['a'], leaves: ['b'], eventName: 'one' });

	test.each<[string, Parameters<typeof mapping>[1], object]>([
		['a contact action', { contact: 'upsert' }, { contact: 'upsert', userGroup: 'first', eventName: 'one' }],
		['a group', { userGroup: 'second' }, { contact: 'delete', userGroup: 'second' }],
		['lists to join', { joins: ['b', 'c'] }, { mailingLists: { b: false, c: true } }],
		['lists to leave', { leaves: ['c'] }, { mailingLists: { a: true, c: false } }],
		['no event', { eventName: null }, { eventName: null, contact: 'delete' }],
		['an additional event', { additionalEventName: 'x' }, { eventName: 'one', additionalEventName: 'x' }],
	])('%s', (_, second, expected) => {
		expect(effectOf(event, settings({ mappings: [first, mapping('user.created', second)] }))).toMatchObject(expected);
	});

	test('by their order, not by how many events they are for', () => {
		const one = mapping('user.created', { userGroup: 'one', eventName: null });
		const all = mapping('all', { userGroup: 'all', eventName: 'any' });
		expect(effectOf(event, settings({ mappings: [one, all] }))).toMatchObject({ userGroup: 'all', eventName: 'any' });
		expect(effectOf(event, settings({ mappings: [all, one] }))).toMatchObject({ userGroup: 'one', eventName: null });
	});

	test('one for other events does not count, wherever it stands', () => {
		const others = mapping(['user.updated', 'user.deleted', 'user', 'USER.CREATED'], { userGroup: 'others', contact: 'none' });
		expect(effectOf(event, settings({ mappings: [others, first, others] }))).toMatchObject({
			userGroup: 'first',
			contact: 'delete',
		});
	});

	test('three of them, each for one field', () => {
		const mappings = [
			mapping('all', { userGroup: 'a', contact: 'none', additionalEventName: 'x' }),
			mapping('user.created', { contact: 'unsubscribe', userGroup: 'b' }),
			mapping(['user.created', 'user.updated'], { userGroup: 'c' }),
		];
		expect(effectOf(event, settings({ mappings }))).toMatchObject({
			userGroup: 'c',
			contact: 'unsubscribe',
			additionalEventName: 'x',
		});
	});
});

describe('B5: what the store does with a deleted user', () => {
	test.each(['delete', 'unsubscribe'] as const)('%s', (deletedUsers) => {
		const { records, answer } = walk(DELETED, { deletedUsers });
		expect(records?.contact).toMatchObject({ action: deletedUsers, userId: 'user_2vREDACTED0000000000000001' });
		expect(records?.contact?.subscribed).toBe(deletedUsers === 'unsubscribe' ? false : undefined);
		expect(answer['contactAction']).toBe(deletedUsers);
	});

	test('nothing: its event comes all the same', () => {
		const { records, answer } = walk(DELETED, { deletedUsers: 'none' });
		expect(records).toMatchObject({ contact: null, noContact: 'set_to_none', events: [{ name: 'user.deleted' }] });
		expect(answer).toMatchObject({ contactAction: null, noContact: 'set_to_none' });
		expect(walk(DELETED, { deletedUsers: 'none', output: 'contacts' }).answer.code).toBe('nothing_for_output');
	});

	test.each(['delete', 'unsubscribe', 'none'] as const)('a mapping wins over it: %s', (contact) => {
		for (const deletedUsers of ['delete', 'unsubscribe', 'none'] as const) {
			const { contact: made } = recordsOf(DELETED, { deletedUsers, mappings: [mapping('user.deleted', { contact })] });
			expect(made?.action ?? 'none').toBe(contact);
		}
	});

	test('it is about user.deleted alone', () => {
		expect(recordsOf(USER, { deletedUsers: 'none' }).contact?.action).toBe('upsert');
		expect(recordsOf(ORGANIZATION, { deletedUsers: 'none' }).tenant?.action).toBe('set');
	});
});

describe('C3: contact, event and tenant are chosen per event', () => {
	test.each<[string, object, Parameters<typeof mapping>[1], (string | null)[]]>([
		['a contact alone', USER, { eventName: null }, ['upsert', null, null]],
		['an event alone', USER, { contact: 'none' }, [null, 'user.created', null]],
		['both', USER, {}, ['upsert', 'user.created', null]],
		['a tenant alone', ORGANIZATION, { eventName: null }, [null, null, 'set']],
		['no tenant', ORGANIZATION, { noTenant: true }, [null, 'organization.created', null]],
		['all three', MEMBER, { contact: 'upsert' }, ['upsert', 'organizationMembership.created', 'subscribe']],
	])('%s', (_, envelope, sets, expected) => {
		const { records, items } = walk(envelope, { mappings: [mapping('all', sets)] });
		const { contact, events = [], tenant } = records ?? {};
		expect([contact?.action ?? null, events[0]?.name ?? null, tenant?.action ?? null]).toEqual(expected);
		expect(items).toEqual([[{ contact, event: events[0] ?? null, tenant }]]);
	});

	test('with neither, the delivery is ignored, and the answer says why', () => {
		const { records, answer } = walk(USER, { mappings: [mapping('all', { contact: 'none', eventName: null })] });
		expect(records).toBeNull();
		expect(answer).toMatchObject({ outcome: 'ignored', code: 'nothing_for_output' });
		expect(answer.message).toContain('the settings of the Clerk Trigger node say so for this event');
	});

	test('C5, C6: "no tenant" leaves the contact and the event', () => {
		const { contact, tenant, events } = recordsOf(MEMBER, { mappings: [mapping('all', { noTenant: true, contact: 'upsert' })] });
		expect({ contact, tenant, events }).toMatchObject({ contact: { action: 'upsert' }, tenant: null, events: [{}] });
	});
});

describe('C7: a contact asked for where an event has none by itself', () => {
	const asked = { mappings: [mapping('all', { contact: 'upsert' })] };
	const session = fixture('openapi.session.created').envelope;
	const user = { ...USER.data };

	test('a session with its whole user: all keys', () => {
		const { contact } = recordsOf({ ...session, data: { ...session.data, user } }, asked);
		expect(Object.keys(contact ?? {})).toEqual(WHOLE);
		expect(contact).toEqual({ ...recordsOf(USER).contact, instanceId: session['instance_id'] });
	});

	test.each<[string, object, object]>([
		['a session without its user', { ...session, data: { id: 'sess_1', user_id: 'user_1', user: null } }, { userId: 'user_1' }],
		[
			'a membership',
			MEMBER,
			{
				userId: 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU',
				email: 'jane.doe@acme.com',
				firstName: 'Jane',
				lastName: 'Doe',
				name: 'Jane Doe',
				avatarUrl: 'https://img.clerk.com/yyyyy',
				testUser: false,
			},
		],
		[
			'a membership by phone number',
			MEMBER_BY_PHONE,
			{
				userId: 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU',
				firstName: 'Jane',
				lastName: 'Doe',
				name: 'Jane Doe',
				phone: '+15555550100',
				avatarUrl: 'https://img.clerk.com/yyyyy',
				testUser: true,
			},
		],
		[
			'a membership that tells that there are no names',
			{
				type: 'organizationMembership.updated',
				data: {
					organization: { id: 'org_1' },
					public_user_data: {
						user_id: 'user_1',
						identifier: 'jane',
						first_name: null,
						last_name: null,
						username: 'jane',
						banned: true,
						deprovisioned: false,
					},
				},
			},
			{ userId: 'user_1', firstName: null, lastName: null, name: 'jane', username: 'jane', banned: true, deprovisioned: false },
		],
		[
			'an invitation',
			fixture('openapi.organizationInvitation.created').envelope,
			{ email: 'jane.doe@acme.com', testUser: false },
		],
		[
			'a payer',
			{
				type: 'subscriptionItem.active',
				data: {
					payer: { user_id: 'user_1', email: 'jane@example.com', first_name: 'Jane', image_url: 'https://img.clerk.com/1' },
				},
			},
			{
				userId: 'user_1',
				email: 'jane@example.com',
				firstName: 'Jane',
				avatarUrl: 'https://img.clerk.com/1',
				testUser: false,
			},
		],
		[
			'the recipient of a text message',
			{ type: 'sms.created', data: { user_id: 'user_1', to_phone_number: '+4917012345678' } },
			{ userId: 'user_1', phone: '+4917012345678', testUser: false },
		],
		[
			'the recipient of one to nowhere',
			{ type: 'sms.created', data: { user_id: 'user_1', to_phone_number: '' } },
			{ userId: 'user_1' },
		],
	])('%s: only what the delivery tells', (_, envelope, told) => {
		const { contact } = recordsOf(envelope, { ...asked, contactsWithoutEmail: 'pass' });
		const instanceId = (envelope as Record<string, unknown>)['instance_id'] ?? null;
		const expected = { action: 'upsert', ...told, source: 'Clerk webhook', instanceId };
		expect(contact).toEqual(expected);
		expect(Object.keys(contact ?? {})).toEqual(Object.keys(expected));
	});

	test.each(['organization.created', 'organization.deleted', 'role.created', 'permission.updated', 'user.somethingNew'])(
		'%s names nobody whom a store could match, and the answer says so',
		(type) => {
			const { records, answer } = walk({ type, data: { id: 'org_1' } }, { ...asked, contactsWithoutEmail: 'pass' });
			expect(records).toMatchObject({ contact: null, noContact: 'nobody_to_match', events: [{ name: type }] });
			expect(answer).toMatchObject({ contactAction: null, noContact: 'nobody_to_match' });
			expect(answer.message).toContain('No contact: the delivery names neither a user nor an email address.');
		},
	);

	test('B4: "skip" is about contacts without an address, not about events that carry nobody', () => {
		expect(walk(ROLE, asked).records).toMatchObject({
			contact: null,
			noContact: 'nobody_to_match',
			events: [{ name: 'role.created' }],
		});
		expect(walk(ORGANIZATION, asked).records).toMatchObject({ noContact: 'nobody_to_match', tenant: { action: 'set' } });
	});

	test.each(['unsubscribe', 'delete'] as const)('%s needs no address', (contact) => {
		const { data } = session;
		const envelope = { type: 'session.ended', data: { ...data, user: undefined } };
		expect(recordsOf(envelope, { mappings: [mapping('all', { contact })] }).contact).toMatchObject({
			action: contact,
			userId: data['user_id'],
		});
	});

	test('B4: without an address, a membership still gives its tenant', () => {
		const { records, answer } = walk(MEMBER_BY_PHONE, asked);
		expect(records).toMatchObject({
			contact: null,
			noContact: 'without_email',
			events: [{ type: 'organizationMembership.created' }],
			tenant: { action: 'subscribe', userId: 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU' },
		});
		expect(answer).toMatchObject({ noContact: 'without_email', tenantAction: 'subscribe' });
		expect(answer.message).toContain('"Contacts Without Email" is "Skip"');
		expect(recordsOf(MEMBER_BY_PHONE, { ...asked, contactsWithoutEmail: 'pass' }).contact).toMatchObject({
			phone: '+15555550100',
		});
	});

	test('B4: where a mapping takes its tenant away, it is skipped', () => {
		const mappings = [mapping('all', { contact: 'upsert', noTenant: true })];
		expect(walk(MEMBER_BY_PHONE, { mappings }).answer.code).toBe('contact_without_email');
	});
});

describe('B12: users who are shut out', () => {
	const shutOut = (flags: object) => ({ ...USER, type: 'user.updated', data: { ...USER.data, ...flags } });

	test.each(['banned', 'locked', 'deprovisioned'])('%s: unsubscribed if the builder wants it so', (flag) => {
		const envelope = shutOut({ banned: false, locked: false, deprovisioned: false, [flag]: true });
		const { records, answer } = walk(envelope, { shutOutUsers: 'unsubscribe' });
		expect(records?.contact).toMatchObject({ action: 'unsubscribe', subscribed: false, [flag]: true });
		expect(Object.keys(records?.contact ?? {})).toEqual([...WHOLE, 'subscribed']);
		expect(answer['contactAction']).toBe('unsubscribe');
		expect(recordsOf(envelope).contact).toMatchObject({ action: 'upsert', [flag]: true });
		expect(recordsOf(envelope).contact).not.toHaveProperty('subscribed');
	});

	test.each([
		['none of the three', { banned: false, locked: false, deprovisioned: false }],
		['nothing told', { banned: null, locked: undefined, deprovisioned: 'true' }],
	])('%s: left as they are', (_, flags) => {
		expect(recordsOf(shutOut(flags), { shutOutUsers: 'unsubscribe' }).contact?.action).toBe('upsert');
	});

	test.each([
		['delete', 'delete'],
		['unsubscribe', 'unsubscribe'],
		['none', undefined],
	] as const)('only an upsert is turned: a mapping to %s stays', (contact, action) => {
		const mappings = [mapping('user.updated', { contact })];
		expect(recordsOf(shutOut({ banned: true }), { shutOutUsers: 'unsubscribe', mappings }).contact?.action).toBe(action);
	});

	test.each(['banned', 'deprovisioned'])('a %s member too, where a mapping asks for the contact', (flag) => {
		const public_user_data = { user_id: 'user_1', identifier: 'jane@example.com', [flag]: true };
		const envelope = { type: 'organizationMembership.updated', data: { organization: { id: 'org_1' }, public_user_data } };
		const mappings = [mapping('all', { contact: 'upsert' })];
		expect(recordsOf(envelope, { shutOutUsers: 'unsubscribe', mappings }).contact).toMatchObject({
			action: 'unsubscribe',
			subscribed: false,
		});
	});
});

describe('B6, B7: an item carries a group, lists and a subscription only where somebody set them', () => {
	test.each(fixtures)('not by itself: $name', ({ envelope }) => {
		for (const output of ['item', 'contacts', 'split'] as const) {
			for (const keyStyle of ['camel', 'snake'] as const) {
				const { items } = walk(envelope, { output, keyStyle, contactsWithoutEmail: 'pass' });
				expect(JSON.stringify(items)).not.toMatch(/"(subscribed|user_?group|mailing_?list)/i);
			}
		}
	});

	const mappings = [mapping('user.created', { userGroup: 'Customers', joins: ['cm06f5', 'Weekly_News'], leaves: ['trial'] })];

	test('they stand after the other keys, in order', () => {
		const { contact } = recordsOf(USER, { mappings });
		expect(contact).toMatchObject({ userGroup: 'Customers', mailingLists: { cm06f5: true, Weekly_News: true, trial: false } });
		expect(Object.keys(contact ?? {})).toEqual([...WHOLE, 'userGroup', 'mailingLists']);
	});

	test('in one item, the lists are one object; in flat ones, one key each', () => {
		const lists = { cm06f5: true, Weekly_News: true, trial: false };
		expect(walk(USER, { mappings }).items).toMatchObject([[{ contact: { mailingLists: lists } }]]);
		expect(walk(USER, { mappings, keyStyle: 'snake' }).items).toMatchObject([[{ contact: { mailing_lists: lists } }]]);
		for (const output of ['contacts', 'split'] as const) {
			const camel = walk(USER, { mappings, output }).items[0]?.[0] ?? {};
			expect(Object.entries(camel).slice(-4)).toEqual([
				['userGroup', 'Customers'],
				['mailingList_cm06f5', true],
				['mailingList_Weekly_News', true],
				['mailingList_trial', false],
			]);
			expect(camel).not.toHaveProperty('mailingLists');
			const snake = walk(USER, { mappings, output, keyStyle: 'snake' }).items[0]?.[0] ?? {};
			expect(Object.entries(snake).slice(-4)).toEqual([
				['user_group', 'Customers'],
				['mailing_list_cm06f5', true],
				['mailing_list_Weekly_News', true],
				['mailing_list_trial', false],
			]);
			expect(snake).not.toHaveProperty('mailing_lists');
		}
	});

	test('a group on a partial contact', () => {
		expect(recordsOf(DELETED, { mappings: [mapping('all', { userGroup: 'Former' })] }).contact).toEqual({
			...recordsOf(DELETED).contact,
			userGroup: 'Former',
		});
	});

	test('without a contact there is nobody to put into a group', () => {
		const { contact, noContact } = recordsOf(ROLE, { mappings: [mapping('all', { userGroup: 'x', joins: ['y'] })] });
		expect([contact, noContact]).toEqual([null, 'event_has_none']);
	});
});

describe('C2: an additional event', () => {
	const additional: Partial<Settings> = { mappings: [mapping('user.created', { additionalEventName: 'trialStarted' })] };

	test('is the event once more, under its own name and id', () => {
		const [event, more, ...others] = recordsOf(USER, additional).events;
		expect(event).toMatchObject({ name: 'user.created', id: MESSAGE_ID });
		expect(more).toEqual({ ...event, name: 'trialStarted', id: `${MESSAGE_ID}.additional` });
		expect(Object.keys(more ?? {})).toEqual(Object.keys(event ?? {}));
		expect(others).toEqual([]);
	});

	test('has the same id at every attempt, and another one than any other delivery', () => {
		const ids = (at: number, id: string) => recordsOf(USER, additional, { at, id }).events.map((event) => event.id);
		expect(ids(NOW, MESSAGE_ID)).toEqual(ids(NOW - 200_000, MESSAGE_ID));
		const all = [...ids(NOW, MESSAGE_ID), ...ids(NOW, 'msg_2')];
		expect(new Set(all).size).toBe(4);
	});

	test.each(['msg_p5jXN8AQM9LWM0D4loKWxJek', `msg_${'x'.repeat(80)}`])(
		'C4: an idempotency key takes at most 100 characters: %s',
		(id) => {
			for (const event of recordsOf(USER, additional, { id }).events) expect(event.id.length).toBeLessThanOrEqual(100);
		},
	);

	test('comes out wherever events do, and the contact only once', () => {
		const { contact, events } = recordsOf(USER, additional);
		expect(walk(USER, additional).items).toEqual([
			[
				{ contact, event: events[0], tenant: null },
				{ contact: null, event: events[1], tenant: null },
			],
		]);
		expect(walk(USER, { ...additional, output: 'events' }).items).toEqual([events]);
		expect(walk(USER, { ...additional, output: 'split' }).items).toEqual([[contact], events, []]);
		expect(walk(USER, { ...additional, output: 'contacts' }).items).toEqual([[contact]]);
		expect(walk(USER, { ...additional, output: 'contacts' }).answer['events']).toEqual([]);
	});

	test('comes alone where the first one is switched off', () => {
		const mappings = [mapping('user.created', { eventName: null, additionalEventName: 'trialStarted' })];
		const { contact, events } = recordsOf(USER, { mappings });
		expect(events).toMatchObject([{ name: 'trialStarted', type: 'user.created', id: `${MESSAGE_ID}.additional` }]);
		expect(walk(USER, { mappings }).items).toEqual([[{ contact, event: events[0], tenant: null }]]);
	});

	test('C8: its item carries the raw delivery too', () => {
		const { items } = walk(USER, { ...additional, includeRaw: true });
		expect(items[0]).toHaveLength(2);
		for (const item of items[0] ?? []) expect(item['raw']).toEqual(USER);
	});
});

describe('C1: a name of the builder', () => {
	test('for an event, whatever the style of the others', () => {
		const mappings = [mapping('user.created', { eventName: 'newClerkUser' })];
		const { events } = recordsOf(USER, { mappings, eventNameStyle: 'title' });
		expect(events).toMatchObject([{ name: 'newClerkUser', type: 'user.created' }]);
		expect(recordsOf(DELETED, { mappings, eventNameStyle: 'title' }).events).toMatchObject([{ name: 'User Deleted' }]);
	});
});

describe('B11: only verified addresses', () => {
	const unverified = { id: 'idn_1', email_address: 'unverified@example.com', verification: { status: 'unverified' } };
	const untried = { id: 'idn_2', email_address: 'untried@example.com', verification: null };
	const verified = { id: 'idn_3', email_address: 'verified@example.com', verification: { status: 'verified' } };
	const user = (...email_addresses: object[]) => ({
		type: 'user.created',
		data: { id: 'user_1', primary_email_address_id: 'idn_1', email_addresses },
	});

	test('a verified one stands in for a primary one that is not', () => {
		const { contact, events } = recordsOf(user(unverified, untried, verified), { onlyVerified: true });
		expect(contact).toMatchObject({ email: 'verified@example.com', emailVerified: true });
		expect(events).toMatchObject([{ email: 'verified@example.com' }]);
	});

	test('as it stands at first, the primary one counts', () => {
		const { contact, events } = recordsOf(user(unverified, verified));
		expect(contact).toMatchObject({ email: 'unverified@example.com', emailVerified: false });
		expect(events).toMatchObject([{ email: 'unverified@example.com' }]);
	});

	test('where none is verified, there is none', () => {
		const envelope = user(unverified, untried);
		expect(walk(envelope, { onlyVerified: true }).answer.code).toBe('contact_without_email');
		const { contact, events } = recordsOf(envelope, { onlyVerified: true, contactsWithoutEmail: 'pass' });
		expect(contact).toMatchObject({ userId: 'user_1', email: null, emailVerified: null });
		expect(events).toMatchObject([{ email: null }]);
		expect(recordsOf(envelope).contact).toMatchObject({ email: 'unverified@example.com' });
	});

	test("a session's user is read the same way", () => {
		const envelope = { type: 'session.created', data: { id: 'sess_1', user: user(unverified, verified).data } };
		const { contact, events } = recordsOf(envelope, { onlyVerified: true, mappings: [mapping('all', { contact: 'upsert' })] });
		expect(contact).toMatchObject({ email: 'verified@example.com', emailVerified: true });
		expect(events).toMatchObject([{ email: 'verified@example.com' }]);
	});

	test.each(['openapi.waitlistEntry.created', 'openapi.organizationInvitation.accepted'])(
		'an address that comes without that mark always counts: %s',
		(name) => {
			const { envelope } = fixture(name);
			expect(recordsOf(envelope, { onlyVerified: true })).toEqual(recordsOf(envelope));
			expect(recordsOf(envelope, { onlyVerified: true }).contact?.email).toContain('@');
		},
	);

	test('a test user stays one whose test address is not verified', () => {
		const test = { ...unverified, email_address: 'jane+clerk_test@example.com' };
		expect(recordsOf(user(test, verified), { onlyVerified: true }).contact).toMatchObject({ testUser: true });
	});
});

describe('B3: names left out', () => {
	test.each(['openapi.organizationMembership.created', 'openapi.subscription.created', 'edge.user.created.unicode'])(
		'of the contact alone: %s',
		(name) => {
			const mappings = [mapping('all', { contact: 'upsert' })];
			const { envelope } = fixture(name);
			const whole = recordsOf(envelope, { mappings });
			const { contact, events } = recordsOf(envelope, { mappings, includeNames: false });
			const { firstName, lastName, name: both, ...rest } = whole.contact ?? {};
			expect([firstName, lastName, both].filter(Boolean).length).toBeGreaterThan(0);
			expect(Object.entries(contact ?? {})).toEqual(Object.entries(rest));
			expect(events).toEqual(whole.events);
		},
	);
});

describe('B13: keys in snake_case', () => {
	const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
	const mappings = [
		mapping('all', {
			contact: 'upsert',
			userGroup: 'userGroup',
			joins: ['myList'],
			leaves: ['otherList'],
			additionalEventName: 'more',
		}),
	];
	const both = (envelope: object, output: Settings['output']) =>
		(['camel', 'snake'] as const).map((keyStyle) => walk(envelope, { mappings, output, keyStyle, includeClient: true }).items);

	test.each(['edge.user.created.unicode', 'openapi.organizationMembership.created', 'openapi.organization.created'])(
		'every key, and no value: %s',
		(name) => {
			const { envelope } = fixture(name);
			for (const output of ['events', 'split'] as const) {
				const [camel = [], styled = []] = both({ ...envelope }, output);
				const renamed = camel.map((list) =>
					list.map((item) =>
						Object.fromEntries(
							Object.entries(item).map(([key, value]) => [
								key.startsWith('mailingList_') ? key.replace('mailingList_', 'mailing_list_') : snake(key),
								value,
							]),
						),
					),
				);
				expect(styled).toEqual(renamed);
				expect(styled.flat().length).toBeGreaterThan(0);
				for (const [index, item] of styled.flat().entries())
					expect(Object.keys(item)).toEqual(Object.keys(renamed.flat()[index] ?? {}));
			}
		},
	);

	test('of all records: written out', () => {
		const [, items = []] = both(USER, 'split');
		const keys = items.map((list) => Object.keys(list[0] ?? {}));
		expect(keys[0]?.join(' ')).toBe(
			'action user_id external_id email email_verified first_name last_name name username phone phone_verified avatar_url locale timezone created_at updated_at last_sign_in_at last_active_at legal_accepted_at sign_up_method banned locked deprovisioned test_user source instance_id user_group mailing_list_myList mailing_list_otherList',
		);
		expect(keys[1]?.join(' ')).toBe(
			'name type id occurred_at sent_at user_id email first_name last_name organization_id session_id client_ip user_agent test_user instance_id changes',
		);
		expect(Object.keys(both(MEMBER, 'split')[1]?.[2]?.[0] ?? {}).join(' ')).toBe(
			'action organization_id name slug image_url members_count role user_id created_at updated_at',
		);
	});

	test('but not in the raw delivery, nor the names of the three records', () => {
		const [item = {}] = walk(USER, { keyStyle: 'snake', includeRaw: true }).items[0] ?? [];
		expect(Object.keys(item)).toEqual(['contact', 'event', 'tenant', 'raw']);
		expect(item['raw']).toEqual(USER);
	});

	test('the lists of keys are those that come out', () => {
		const envelope = { ...USER, data: { ...USER.data, banned: true } };
		const changed = {
			mappings: [mapping('all', { userGroup: 'x', joins: ['y'] })],
			shutOutUsers: 'unsubscribe',
			includeClient: true,
		} as const;
		const { contact, events } = recordsOf(envelope, changed, { environment: 'production' });
		const others = ['waitlistStatus', 'mailingLists'];
		expect(Object.keys(contact ?? {})).toEqual(CONTACT_KEYS.filter((key) => !others.includes(key)));
		expect(Object.keys(events[0] ?? {})).toEqual(EVENT_KEYS);
		expect(Object.keys(recordsOf(MEMBER).tenant ?? {})).toEqual(TENANT_KEYS);
	});
});

describe('the records are restricted to what the output holds', () => {
	test.each([
		['item', 'upsert', 1, 'subscribe', null],
		['split', 'upsert', 1, 'subscribe', null],
		['contacts', 'upsert', 0, null, null],
		['events', null, 1, null, 'not_in_output'],
	] as const)('%s', (output, action, count, tenantAction, noContact) => {
		const { records, answer } = walk(MEMBER, { output, mappings: [mapping('all', { contact: 'upsert' })] });
		expect([
			records?.contact?.action ?? null,
			records?.events.length,
			records?.tenant?.action ?? null,
			records?.noContact,
		]).toEqual([action, count, tenantAction, noContact]);
		expect(answer).toMatchObject({ contactAction: action, tenantAction, noContact });
	});
});

describe('what comes of people who are only half there', () => {
	const banned = { type: 'user.updated', data: { id: 'user_1', banned: true, email_addresses: [] } };

	test('B12: a shut-out user without an address is unsubscribed all the same', () => {
		expect(recordsOf(banned, { shutOutUsers: 'unsubscribe' }).contact).toMatchObject({
			action: 'unsubscribe',
			userId: 'user_1',
			email: null,
		});
		expect(walk(banned).answer).toMatchObject({ outcome: 'ignored', code: 'contact_without_email' });
	});

	test('B11: how somebody signed up does not change with the addresses that count', () => {
		const user = {
			id: 'user_1',
			created_at: 1,
			updated_at: 1,
			password_enabled: true,
			web3_wallets: [{}],
			email_addresses: [{ id: 'i', email_address: 'a@b.c' }],
		};
		const methods = [false, true].map(
			(onlyVerified) =>
				recordsOf({ type: 'user.updated', data: user }, { onlyVerified, contactsWithoutEmail: 'pass' }).contact?.signUpMethod,
		);
		expect(methods).toEqual(['password', 'password']);
	});

	test('C3: the user in a session takes the id beside it where they have none of their own', () => {
		const session = {
			type: 'session.created',
			data: { user_id: 'user_1', user: { email_addresses: [{ id: 'i', email_address: 'a@b.c' }] } },
		};
		expect(recordsOf(session, { mappings: [mapping('all', { contact: 'upsert' })] }).contact).toMatchObject({
			userId: 'user_1',
			email: 'a@b.c',
		});
	});

	test.each(['title', 'camel', 'snake', 'prefixed', 'type'] as const)(
		'C1: a type without a word has a name in the style %s',
		(eventNameStyle) => {
			const [event] = recordsOf({ type: '.', data: {} }, { eventNameStyle }).events;
			expect(event?.name).toBe(eventNameStyle === 'prefixed' ? 'clerk/.' : '.');
		},
	);

	test('B10: a custom field without a name is no field', () => {
		const { items } = walk(USER, { output: 'contacts', customContactFields: [{ name: '', path: ['type'] }] });
		expect(items[0]?.[0]).not.toHaveProperty(['']);
	});
});
