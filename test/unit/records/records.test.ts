import { CONTACT_KEYS } from '../../../nodes/Clerk/records/contact';
import { EVENT_KEYS } from '../../../nodes/Clerk/records/event';
import type { Mapping } from '../../../nodes/Clerk/records/mapping';
import { TENANT_KEYS } from '../../../nodes/Clerk/records/tenant';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { fixture, MESSAGE_ID, NOW, settings } from '../../support/deliveries';
import { mapping, outputOf, recordsOf } from '../../support/output';

/** What the settings make of a delivery: its records, the items, and what the answer says of them. */

const USER = fixture('edge.user.created.unicode').envelope;
const DELETED = fixture('edge.user.deleted.minimal').envelope;
const ROLE = fixture('openapi.role.created').envelope;
const ORGANIZATION = fixture('openapi.organization.created').envelope;
const MEMBER = fixture('openapi.organizationMembership.created').envelope;
const MEMBER_BY_PHONE = fixture('edge.organizationMembership.created.identifier_phone').envelope;

/** One mapping, for all events. */
const mapped = (sets: Omit<Mapping, 'events'>, more: Partial<Settings> = {}) => ({ mappings: [mapping('all', sets)], ...more });
const UPSERTS = mapped({ contact: 'upsert' });
const PASSES = { contactsWithoutEmail: 'pass' } as const;

/** The keys of a whole contact, in order, without those that only a setting brings. */
const FROM_SETTINGS = ['environment', 'waitlistStatus', 'subscribed', 'userGroup', 'mailingLists'];
const WHOLE = CONTACT_KEYS.filter((key) => !FROM_SETTINGS.includes(key));
const keysOf = (record: object | null | undefined) => Object.keys(record ?? {});

describe('B5: what the store does with a deleted user', () => {
	test.each(['delete', 'unsubscribe'] as const)('%s', (deletedUsers) => {
		const { records, answer } = outputOf(DELETED, { deletedUsers });
		expect(records?.contact).toMatchObject({ action: deletedUsers, userId: 'user_2vREDACTED0000000000000001' });
		expect(records?.contact?.subscribed).toBe(deletedUsers === 'unsubscribe' ? false : undefined);
		expect(answer['contactAction']).toBe(deletedUsers);
	});

	test('nothing: its event comes all the same', () => {
		const { records, answer } = outputOf(DELETED, { deletedUsers: 'none' });
		expect(records).toMatchObject({ contact: null, noContact: 'set_to_none', events: [{ name: 'user.deleted' }] });
		expect(answer).toMatchObject({ contactAction: null, noContact: 'set_to_none' });
		expect(outputOf(DELETED, { deletedUsers: 'none', output: 'contacts' }).answer.code).toBe('nothing_for_output');
	});

	test.each(['delete', 'unsubscribe', 'none'] as const)('a mapping wins over it: %s', (contact) => {
		for (const deletedUsers of ['delete', 'unsubscribe', 'none'] as const) {
			expect(recordsOf(DELETED, mapped({ contact }, { deletedUsers })).contact?.action ?? 'none').toBe(contact);
		}
	});

	test('it is about user.deleted alone', () => {
		expect(recordsOf(USER, { deletedUsers: 'none' }).contact?.action).toBe('upsert');
		expect(recordsOf(ORGANIZATION, { deletedUsers: 'none' }).tenant?.action).toBe('set');
	});
});

describe('C3: contact, event and tenant are chosen per event', () => {
	test.each<[string, object, Omit<Mapping, 'events'>, (string | null)[]]>([
		['a contact alone', USER, { eventName: null }, ['upsert', null, null]],
		['an event alone', USER, { contact: 'none' }, [null, 'user.created', null]],
		['both', USER, {}, ['upsert', 'user.created', null]],
		['a tenant alone', ORGANIZATION, { eventName: null }, [null, null, 'set']],
		['C5: no tenant', ORGANIZATION, { noTenant: true }, [null, 'organization.created', null]],
		['all three', MEMBER, { contact: 'upsert' }, ['upsert', 'organizationMembership.created', 'subscribe']],
		['C6: no member', MEMBER, { contact: 'upsert', noTenant: true }, ['upsert', 'organizationMembership.created', null]],
	])('%s', (_, envelope, sets, expected) => {
		const { records, items } = outputOf(envelope, mapped(sets));
		const { contact, events = [], tenant } = records ?? {};
		expect([contact?.action ?? null, events[0]?.name ?? null, tenant?.action ?? null]).toEqual(expected);
		expect(items).toEqual([[{ contact, event: events[0] ?? null, tenant }]]);
	});

	test('with neither, the delivery is ignored, and the answer says why', () => {
		const { records, answer } = outputOf(USER, mapped({ contact: 'none', eventName: null }));
		expect(records).toBeNull();
		expect(answer).toMatchObject({ outcome: 'ignored', code: 'nothing_for_output' });
		expect(answer.message).toContain('the Clerk Trigger node is set to give none for this event');
	});

	test('C1: a name of the builder counts, whatever the style of the others', () => {
		const changed = { mappings: [mapping('user.created', { eventName: 'newClerkUser' })], eventNameStyle: 'title' } as const;
		expect(recordsOf(USER, changed).events).toMatchObject([{ name: 'newClerkUser', type: 'user.created' }]);
		expect(recordsOf(DELETED, changed).events).toMatchObject([{ name: 'User Deleted' }]);
	});

	test.each([
		['item', 'upsert', 1, 'subscribe', null],
		['split', 'upsert', 1, 'subscribe', null],
		['contacts', 'upsert', 0, null, null],
		['events', null, 1, null, 'not_in_output'],
	] as const)(
		'the records are restricted to what the output holds: %s',
		(output, contactAction, count, tenantAction, noContact) => {
			const { records, answer } = outputOf(MEMBER, { ...UPSERTS, output });
			const { contact, events = [], tenant } = records ?? {};
			expect([contact?.action ?? null, events.length, tenant?.action ?? null]).toEqual([contactAction, count, tenantAction]);
			expect(records?.noContact).toBe(noContact);
			expect(answer).toMatchObject({ contactAction, tenantAction, noContact });
		},
	);
});

describe('C7: a contact asked for where an event has none by itself', () => {
	const session = fixture('openapi.session.created').envelope;
	const member = { user_id: 'user_1', identifier: 'jane', first_name: null, last_name: null, username: 'jane', banned: true };
	const payer = { user_id: 'user_1', email: 'jane@example.com', first_name: 'Jane', image_url: 'https://img.clerk.com/1' };
	const JANE = { firstName: 'Jane', lastName: 'Doe', name: 'Jane Doe' };
	const avatarUrl = 'https://img.clerk.com/yyyyy';
	const userId = 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU';
	const noNames = { firstName: null, lastName: null, name: 'jane', username: 'jane' };

	test('a session with its whole user: all keys', () => {
		const { contact } = recordsOf({ ...session, data: { ...session.data, user: { ...USER.data } } }, UPSERTS);
		expect(keysOf(contact)).toEqual(WHOLE);
		expect(contact).toEqual({ ...recordsOf(USER).contact, instanceId: session['instance_id'] });
	});

	test.each<[string, object, object]>([
		['a session without its user', { ...session, data: { user_id: 'user_1', user: null } }, { userId: 'user_1' }],
		['a membership', MEMBER, { userId, email: 'jane.doe@acme.com', ...JANE, avatarUrl, testUser: false }],
		['a membership by phone number', MEMBER_BY_PHONE, { userId, ...JANE, phone: '+15555550100', avatarUrl, testUser: true }],
		[
			'a membership whose names are null',
			{ type: 'organizationMembership.updated', data: { public_user_data: { ...member, deprovisioned: false } } },
			{ userId: 'user_1', ...noNames, banned: true, deprovisioned: false },
		],
		[
			'an invitation',
			fixture('openapi.organizationInvitation.created').envelope,
			{ email: 'jane.doe@acme.com', testUser: false },
		],
		[
			'a payer',
			{ type: 'subscriptionItem.active', data: { payer } },
			{ userId: 'user_1', email: payer.email, firstName: 'Jane', avatarUrl: payer.image_url, testUser: false },
		],
		[
			'the recipient of a text message',
			{ type: 'sms.created', data: { user_id: 'user_1', to_phone_number: '+4917012345678' } },
			{ userId: 'user_1', phone: '+4917012345678', testUser: false },
		],
		['… of one to nowhere', { type: 'sms.created', data: { user_id: 'user_1', to_phone_number: '' } }, { userId: 'user_1' }],
	])('%s: only what the delivery says', (_, envelope, said) => {
		const { contact } = recordsOf(envelope, { ...UPSERTS, ...PASSES });
		const instanceId = (envelope as Record<string, unknown>)['instance_id'] ?? null;
		const expected = { action: 'upsert', ...said, source: 'Clerk webhook', instanceId };
		expect(contact).toEqual(expected);
		expect(keysOf(contact)).toEqual(Object.keys(expected));
	});

	test('the user in a session takes the id beside it where they have none of their own', () => {
		const user = { email_addresses: [{ id: 'i', email_address: 'a@b.c' }] };
		const { contact } = recordsOf({ type: 'session.created', data: { user_id: 'user_1', user } }, UPSERTS);
		expect(contact).toMatchObject({ userId: 'user_1', email: 'a@b.c' });
	});

	test.each(['organization.created', 'organization.deleted', 'role.created', 'permission.updated', 'user.somethingNew'])(
		'%s names nobody whom a store could match, and the answer says so',
		(type) => {
			const { records, answer } = outputOf({ type, data: { id: 'org_1' } }, { ...UPSERTS, ...PASSES });
			expect(records).toMatchObject({ contact: null, noContact: 'nobody_to_match', events: [{ name: type }] });
			expect(answer).toMatchObject({ contactAction: null, noContact: 'nobody_to_match' });
			expect(answer.message).toContain('No contact: the delivery names neither a user nor an email address.');
		},
	);

	test('B4: "skip" is about contacts without an address, not about events that carry nobody', () => {
		const nobody = { contact: null, noContact: 'nobody_to_match' };
		expect(recordsOf(ROLE, UPSERTS)).toMatchObject({ ...nobody, events: [{ name: 'role.created' }] });
		expect(recordsOf(ORGANIZATION, UPSERTS)).toMatchObject({ ...nobody, tenant: { action: 'set' } });
	});

	test.each(['unsubscribe', 'delete'] as const)('%s needs no address', (contact) => {
		const envelope = { type: 'session.ended', data: { ...session.data, user: undefined } };
		expect(recordsOf(envelope, mapped({ contact })).contact).toMatchObject({ action: contact, userId: session.data['user_id'] });
	});

	test('B4: without an address, a membership still gives its tenant and its event, and is skipped only where contacts alone are output', () => {
		const { records, answer } = outputOf(MEMBER_BY_PHONE, UPSERTS);
		const tenant = { action: 'subscribe', userId };
		expect(records).toMatchObject({ contact: null, noContact: 'without_email', events: [{ type: MEMBER.type }], tenant });
		expect(answer).toMatchObject({ noContact: 'without_email', tenantAction: 'subscribe' });
		expect(answer.message).toContain('"Contacts Without Email" is set to "Skip"');
		expect(recordsOf(MEMBER_BY_PHONE, { ...UPSERTS, ...PASSES }).contact).toMatchObject({ phone: '+15555550100' });
		for (const alone of [mapped({ contact: 'upsert', noTenant: true }), { ...UPSERTS, output: 'events' } as const]) {
			expect(recordsOf(MEMBER_BY_PHONE, alone)).toMatchObject({ contact: null, events: [{ type: MEMBER.type }], tenant: null });
		}
		expect(outputOf(MEMBER_BY_PHONE, { ...UPSERTS, output: 'contacts' }).answer.code).toBe('contact_without_email');
	});
});

describe('B12: users who were banned, locked or deprovisioned', () => {
	const shutOut = (flags: object) => ({ ...USER, type: 'user.updated', data: { ...USER.data, ...flags } });
	const UNSUBSCRIBES = { shutOutUsers: 'unsubscribe' } as const;

	test.each(['banned', 'locked', 'deprovisioned'])('%s: unsubscribed if the builder wants it so', (flag) => {
		const envelope = shutOut({ banned: false, locked: false, deprovisioned: false, [flag]: true });
		const { records, answer } = outputOf(envelope, UNSUBSCRIBES);
		expect(records?.contact).toMatchObject({ action: 'unsubscribe', subscribed: false, [flag]: true });
		expect(keysOf(records?.contact)).toEqual([...WHOLE, 'subscribed']);
		expect(answer['contactAction']).toBe('unsubscribe');
		expect(recordsOf(envelope).contact).toMatchObject({ action: 'upsert', [flag]: true });
		expect(recordsOf(envelope).contact).not.toHaveProperty('subscribed');
	});

	test.each([
		['none of the three', { banned: false, locked: false, deprovisioned: false }],
		['nothing said', { banned: null, locked: undefined, deprovisioned: 'true' }],
	])('%s: left as they are', (_, flags) => {
		expect(recordsOf(shutOut(flags), UNSUBSCRIBES).contact?.action).toBe('upsert');
	});

	test.each(['delete', 'unsubscribe', 'none'] as const)('only an upsert is turned: a mapping to %s stays', (contact) => {
		const { contact: made } = recordsOf(shutOut({ banned: true }), mapped({ contact }, UNSUBSCRIBES));
		expect(made?.action ?? 'none').toBe(contact);
	});

	test.each(['banned', 'deprovisioned'])('a %s member too, where a mapping asks for the contact', (flag) => {
		const public_user_data = { user_id: 'user_1', identifier: 'jane@example.com', [flag]: true };
		const { contact } = recordsOf({ ...MEMBER, data: { ...MEMBER.data, public_user_data } }, { ...UPSERTS, ...UNSUBSCRIBES });
		expect(contact).toMatchObject({ action: 'unsubscribe', subscribed: false });
	});

	test('also without an address', () => {
		const banned = { type: 'user.updated', data: { id: 'user_1', banned: true, email_addresses: [] } };
		const unsubscribed = { action: 'unsubscribe', userId: 'user_1', email: null };
		expect(recordsOf(banned, UNSUBSCRIBES).contact).toMatchObject(unsubscribed);
		expect(outputOf(banned).answer).toMatchObject({ outcome: 'ignored', code: 'contact_without_email' });
	});
});

describe('B6, B7: an item carries a group, lists and a subscription only where somebody set them', () => {
	const lists = { cm06f5: true, Weekly_News: true, trial: false };
	const set = mapped({ userGroup: 'Customers', joins: ['cm06f5', 'Weekly_News'], leaves: ['trial'] });

	test('they stand after the other keys, in order', () => {
		const { contact } = recordsOf(USER, set);
		expect(contact).toMatchObject({ userGroup: 'Customers', mailingLists: lists });
		expect(keysOf(contact)).toEqual([...WHOLE, 'userGroup', 'mailingLists']);
	});

	test.each([
		['camel', 'userGroup', 'mailingLists', 'mailingList_'],
		['snake', 'user_group', 'mailing_lists', 'mailing_list_'],
	] as const)('%s: in one item, the lists are one object; in flat ones, one key each', (keyStyle, group, together, prefix) => {
		expect(outputOf(USER, { ...set, keyStyle }).items).toMatchObject([[{ contact: { [together]: lists } }]]);
		const flat = Object.entries(lists).map(([list, joined]) => [prefix + list, joined]);
		for (const output of ['contacts', 'split'] as const) {
			const contact = outputOf(USER, { ...set, keyStyle, output }).items[0]?.[0] ?? {};
			expect(Object.entries(contact).slice(-4)).toEqual([[group, 'Customers'], ...flat]);
			expect(contact).not.toHaveProperty(together);
		}
	});

	test('a group on a partial contact; without a contact there is nobody to put into one', () => {
		expect(recordsOf(DELETED, mapped({ userGroup: 'Former' })).contact).toEqual({
			...recordsOf(DELETED).contact,
			userGroup: 'Former',
		});
		expect(recordsOf(ROLE, mapped({ userGroup: 'x', joins: ['y'] }))).toMatchObject({
			contact: null,
			noContact: 'event_has_none',
		});
	});
});

describe('C2: an additional event', () => {
	const additional = mapped({ additionalEventName: 'trialStarted' });

	test('is the event once more, under its own name and id', () => {
		const [event, more, ...others] = recordsOf(USER, additional).events;
		expect(event).toMatchObject({ name: 'user.created', id: MESSAGE_ID });
		expect(more).toEqual({ ...event, name: 'trialStarted', id: `${MESSAGE_ID}.additional` });
		expect(keysOf(more)).toEqual(keysOf(event));
		expect(others).toEqual([]);
	});

	test('C4: has the same id at every attempt, another one than any other delivery, and of 100 characters at most', () => {
		const ids = (at: number, id: string) => recordsOf(USER, additional, { at, id }).events.map((event) => event.id);
		expect(ids(NOW, MESSAGE_ID)).toEqual(ids(NOW - 200_000, MESSAGE_ID));
		expect(new Set([...ids(NOW, MESSAGE_ID), ...ids(NOW, 'msg_2')]).size).toBe(4);
		for (const id of ids(NOW, `msg_${'x'.repeat(80)}`)) expect(id.length).toBeLessThanOrEqual(100);
	});

	test('is output wherever events are, and the contact only once', () => {
		const { contact, events } = recordsOf(USER, additional);
		const [event, more] = events;
		expect(outputOf(USER, additional).items).toEqual([
			[
				{ contact, event, tenant: null },
				{ contact: null, event: more, tenant: null },
			],
		]);
		expect(outputOf(USER, { ...additional, output: 'events' }).items).toEqual([events]);
		expect(outputOf(USER, { ...additional, output: 'split' }).items).toEqual([[contact], events, []]);
		const { items, answer } = outputOf(USER, { ...additional, output: 'contacts' });
		expect([items, answer['events']]).toEqual([[[contact]], []]);
	});

	test('comes alone where the first one is switched off', () => {
		const { records, items } = outputOf(USER, mapped({ eventName: null, additionalEventName: 'trialStarted' }));
		const event = expect.objectContaining({
			name: 'trialStarted',
			type: 'user.created',
			id: `${MESSAGE_ID}.additional`,
		}) as unknown;
		expect(records?.events).toEqual([event]);
		expect(items).toEqual([[{ contact: records?.contact, event, tenant: null }]]);
	});

	test('C8: its item carries the raw delivery too', () => {
		const { items } = outputOf(USER, { ...additional, includeRaw: true });
		expect(items).toMatchObject([[{ raw: USER }, { raw: USER }]]);
	});
});

describe('B11: only verified addresses', () => {
	const address = (name: string, status: string | null, id = `idn_${name}`) => {
		return { id, email_address: `${name}@example.com`, verification: status && { status } };
	};
	const unverified = address('unverified', 'unverified');
	const untried = address('untried', null);
	const verified = address('verified', 'verified');
	const user = (...email_addresses: { id: string }[]) => {
		return { type: 'user.created', data: { id: 'user_1', primary_email_address_id: email_addresses[0]?.id, email_addresses } };
	};
	const emailsOf = (envelope: object, changed: Partial<Settings>) => {
		const { contact, events } = recordsOf(envelope, { ...UPSERTS, ...PASSES, ...changed });
		return [contact?.email, contact?.emailVerified, events[0]?.email];
	};
	const session = { type: 'session.created', data: { id: 'sess_1', user: user(unverified, verified).data } };
	const ONLY = { onlyVerified: true };

	test.each<[string, object, Partial<Settings>, unknown[]]>([
		['one stands in for a primary one that is not', user(unverified, untried, verified), ONLY, ['verified@example.com', true]],
		['as it stands at first, the primary one counts', user(unverified, verified), {}, ['unverified@example.com', false]],
		['where none is verified, there is none', user(unverified, untried), ONLY, [null, null]],
		["a session's user is read the same way", session, ONLY, ['verified@example.com', true]],
	])('%s', (_, envelope, changed, [email, isVerified]) => {
		expect(emailsOf(envelope, changed)).toEqual([email, isVerified, email]);
		if (email === null) expect(outputOf(envelope, changed).answer.code).toBe('contact_without_email');
	});

	test.each(['openapi.waitlistEntry.created', 'openapi.organizationInvitation.accepted'])(
		'an address that comes without that mark always counts: %s',
		(name) => {
			const { envelope } = fixture(name);
			expect(recordsOf(envelope, ONLY)).toEqual(recordsOf(envelope));
			expect(recordsOf(envelope, ONLY).contact?.email).toContain('@');
		},
	);

	test('a test user stays one whose test address is not verified', () => {
		const test = address('jane+clerk_test', 'unverified');
		expect(recordsOf(user(test, verified), ONLY).contact).toMatchObject({ testUser: true });
	});

	test('how somebody signed up does not change with the addresses that count', () => {
		const data = { ...user(untried).data, created_at: 1, updated_at: 1, password_enabled: true, web3_wallets: [{}] };
		const methods = [false, true].map(
			(onlyVerified) => recordsOf({ type: 'user.updated', data }, { onlyVerified, ...PASSES }).contact?.signUpMethod,
		);
		expect(methods).toEqual(['password', 'password']);
	});
});

describe('B3: names left out of the contact alone', () => {
	test.each(['openapi.organizationMembership.created', 'openapi.subscription.created', 'edge.user.created.unicode'])(
		'%s',
		(name) => {
			const { envelope } = fixture(name);
			const whole = recordsOf(envelope, UPSERTS);
			const { contact, events } = recordsOf(envelope, { ...UPSERTS, includeNames: false });
			const { firstName, lastName, name: both, ...rest } = whole.contact ?? {};
			expect([firstName, lastName, both].filter(Boolean).length).toBeGreaterThan(0);
			expect(Object.entries(contact ?? {})).toEqual(Object.entries(rest));
			expect(events).toEqual(whole.events);
		},
	);

	test('a contact that has none anyway stays as it is', () => {
		expect(recordsOf(DELETED, { includeNames: false }).contact).toEqual(recordsOf(DELETED).contact);
	});
});

describe('B13: keys in snake_case', () => {
	const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
	const everything = mapped({
		contact: 'upsert',
		userGroup: 'userGroup',
		joins: ['myList'],
		leaves: ['otherList'],
		additionalEventName: 'more',
	});
	const both = (envelope: object, output: Settings['output']) =>
		(['camel', 'snake'] as const).map(
			(keyStyle) => outputOf(envelope, { ...everything, output, keyStyle, includeClient: true }).items,
		);

	test.each(['edge.user.created.unicode', 'openapi.organizationMembership.created', 'openapi.organization.created'])(
		'every key, in order, and no value: %s',
		(name) => {
			for (const output of ['events', 'split'] as const) {
				const [camel = [], styled = []] = both(fixture(name).envelope, output);
				const rename = (key: string) =>
					key.startsWith('mailingList_') ? key.replace('mailingList_', 'mailing_list_') : snake(key);
				const entries = (items: object[][]) => items.map((list) => list.map((item) => Object.entries(item)));
				const renamed = entries(camel).map((list) =>
					list.map((item) => item.map(([key, value]) => [rename(key), value as unknown])),
				);
				expect(entries(styled)).toEqual(renamed);
				expect(styled.flat().length).toBeGreaterThan(0);
			}
		},
	);

	test('of all records: written out', () => {
		const [, items = []] = both(USER, 'split');
		const keys = [...items.map((list) => keysOf(list[0]).join(' ')), keysOf(both(MEMBER, 'split')[1]?.[2]?.[0]).join(' ')];
		expect(keys.filter((text) => text !== '')).toEqual([
			'action user_id external_id email email_verified first_name last_name name username phone phone_verified avatar_url locale timezone created_at updated_at last_sign_in_at last_active_at legal_accepted_at sign_up_method banned locked deprovisioned test_user source instance_id user_group mailing_list_myList mailing_list_otherList',
			'name type id occurred_at sent_at user_id email first_name last_name organization_id session_id client_ip user_agent test_user instance_id changes',
			'action organization_id name slug image_url members_count role user_id created_at updated_at',
		]);
	});

	test('but not in the raw delivery, nor the names of the three records', () => {
		const [item = {}] = outputOf(USER, { keyStyle: 'snake', includeRaw: true }).items[0] ?? [];
		expect(Object.keys(item)).toEqual(['contact', 'event', 'tenant', 'raw']);
		expect(item['raw']).toEqual(USER);
	});

	test('the lists of keys match the output', () => {
		const envelope = { ...USER, data: { ...USER.data, banned: true } };
		const changed = mapped({ userGroup: 'x', joins: ['y'] }, { shutOutUsers: 'unsubscribe', includeClient: true });
		const { contact, events } = recordsOf(envelope, changed, { environment: 'production' });
		expect(keysOf(contact)).toEqual(CONTACT_KEYS.filter((key) => !['waitlistStatus', 'mailingLists'].includes(key)));
		expect(keysOf(events[0])).toEqual(EVENT_KEYS);
		expect(keysOf(recordsOf(MEMBER).tenant)).toEqual(TENANT_KEYS);
	});
});

test.each(['title', 'camel', 'snake', 'prefixed', 'type'] as const)(
	'C1: a type without a word has a name in the style %s',
	(style) => {
		const [event] = recordsOf({ type: '.', data: {} }, settings({ eventNameStyle: style })).events;
		expect(event?.name).toBe(style === 'prefixed' ? 'clerk/.' : '.');
	},
);

test('B10: a custom field without a name is no field', () => {
	const { items } = outputOf(USER, { output: 'contacts', customContactFields: [{ name: '', path: ['type'] }] });
	expect(items[0]?.[0]).not.toHaveProperty(['']);
});
