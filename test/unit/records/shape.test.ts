import { CHOOSABLE, shaped } from '../../../nodes/Clerk/records/shape';
import type { Contact } from '../../../nodes/Clerk/records/contact';
import type { ContactShape } from '../../../nodes/Clerk/records/shape';
import { readSettings } from '../../../nodes/Clerk/trigger/settings';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { at, created } from '../../support/clerkEvents';
import { mapping, outputOf } from '../../support/output';

const CONTACT: Contact = {
	action: 'upsert',
	userId: 'user_1',
	email: 'jane@example.com',
	firstName: `<b>Jane</b> & "Joe's"`,
	lastName: null,
	name: 'Jane',
	createdAt: '2026-01-05T09:30:02.500Z',
	lastSignInAt: null,
	source: 'Clerk webhook',
	instanceId: 'ins_1',
	mailingLists: { newsletter: true },
};

const shape = (changed: Partial<ContactShape>): ContactShape => {
	return { fields: null, dates: 'iso', empty: 'null', htmlNames: false, ...changed };
};

test('nothing set: the contact as it is', () => {
	expect(shaped(CONTACT, shape({}))).toEqual(CONTACT);
	expect(Object.keys(shaped(CONTACT, shape({})))).toEqual(Object.keys(CONTACT));
});

test('chosen fields come in the order of the contact, beside the action', () => {
	const fields = new Set(['email', 'userId', 'lastName', 'phone']);
	expect(Object.entries(shaped(CONTACT, shape({ fields })))).toEqual([
		['action', 'upsert'],
		['userId', 'user_1'],
		['email', 'jane@example.com'],
		['lastName', null],
	]);
});

test.each<[string, Partial<Contact>, string[], string[]]>([
	[
		'a deletion without the user ID',
		{ action: 'delete', userId: 'user_1', source: 's' },
		['email', 'firstName'],
		['action', 'userId'],
	],
	[
		'a deletion with the external ID',
		{ action: 'delete', userId: 'user_1', externalId: 'e1' },
		['externalId'],
		['action', 'externalId'],
	],
	['a user without an address', { ...CONTACT, email: null }, ['email', 'lastName'], ['action', 'userId', 'email', 'lastName']],
	['somebody who is only invited', { action: 'upsert', email: 'jane@example.com' }, ['userId', 'firstName'], ['action', 'email']],
	['no valid field at all', CONTACT, [], ['action', 'userId']],
])('a contact that no chosen field identifies keeps what does: %s', (_, contact, fields, keys) => {
	expect(
		Object.keys(shaped({ action: 'upsert', source: 's', instanceId: null, ...contact }, shape({ fields: new Set(fields) }))),
	).toEqual(keys);
});

test.each([
	['iso', '2026-01-05T09:30:02.500Z'],
	['unixSeconds', 1_767_605_402],
	['unixMilliseconds', 1_767_605_402_500],
	// Google Sheets: =DATE(2026,1,5)+TIME(9,30,2.5) shown as a number.
	['spreadsheet', 46_027.395_862_268_52],
] as const)('times as %s', (dates, expected) => {
	const { createdAt, lastSignInAt, firstName } = shaped(CONTACT, shape({ dates }));
	if (typeof expected === 'number') expect(createdAt).toBeCloseTo(expected, 6);
	else expect(createdAt).toBe(expected);
	expect([lastSignInAt, firstName]).toEqual([null, CONTACT.firstName]);
});

test('what Clerk does not have: null, an empty text, or nothing at all; what the delivery does not know stays out', () => {
	expect(shaped(CONTACT, shape({ empty: 'emptyText' }))).toEqual({ ...CONTACT, lastName: '', lastSignInAt: '' });
	const known = Object.fromEntries(Object.entries(CONTACT).filter(([, value]) => value !== null));
	expect(shaped(CONTACT, shape({ empty: 'leaveOut' }))).toEqual(known);
	const deletion: Contact = { action: 'delete', userId: 'user_1', source: 's', instanceId: null };
	expect(shaped(deletion, shape({ empty: 'emptyText', dates: 'unixSeconds', htmlNames: true }))).toEqual({
		...deletion,
		instanceId: '',
	});
});

test('names for HTML stand beside the names, whichever fields were chosen', () => {
	expect(shaped(CONTACT, shape({ htmlNames: true, fields: new Set(['email']) }))).toEqual({
		action: 'upsert',
		email: 'jane@example.com',
		firstNameHtml: '&lt;b&gt;Jane&lt;/b&gt; &amp; &quot;Joe&#39;s&quot;',
		lastNameHtml: null,
		nameHtml: 'Jane',
	});
});

test('every field but the action can be chosen', () => {
	expect(CHOOSABLE).toContain('mailingLists');
	expect(CHOOSABLE).not.toContain('action');
});

describe('as options of the node', () => {
	const read = (options: object): Settings => {
		const context = { getNodeParameter: (name: string, unset: unknown) => (name === 'options' ? options : unset) };
		const settings = readSettings(context as unknown as Parameters<typeof readSettings>[0]);
		if ('outcome' in settings) throw new Error(settings.detail);
		return settings;
	};

	test('they are read, and a field that no contact has is left aside', () => {
		const options = {
			contactFields: ['userId', 'email', 'noSuchField'],
			contactDates: 'unixSeconds',
			contactEmptyValues: 'leaveOut',
			contactHtmlNames: true,
		};
		expect(read(options).contactShape).toEqual({
			fields: new Set(['userId', 'email']),
			dates: 'unixSeconds',
			empty: 'leaveOut',
			htmlNames: true,
		});
		// What an expression gives may be wrong altogether: that must not put out what nobody chose.
		expect(read({ contactFields: ['noSuchField'] }).contactShape.fields).toEqual(new Set());
		expect(() => read({ contactDates: 'tomorrow' })).toThrow('"Contact Dates"');
	});

	test('they go through the key style and leave mailing lists and custom fields as they are', () => {
		const settings = read({
			contactFields: ['createdAt', 'mailingLists'],
			contactDates: 'unixMilliseconds',
			contactHtmlNames: true,
			contactEmptyValues: 'leaveOut',
			keyStyle: 'snake',
			customContactFields: { field: [{ name: 'nothing', path: 'data.no_such_thing' }] },
		});
		const mappings = [mapping('user.created', { joins: ['news'] })];
		const { items } = outputOf(created({ firstName: '<i>' }), { ...settings, events: 'all', output: 'contacts', mappings });
		expect(items[0]?.[0]).toEqual({
			action: 'upsert',
			created_at: at(0),
			first_name_html: '&lt;i&gt;',
			last_name_html: 'Doe',
			name_html: '&lt;i&gt; Doe',
			mailing_list_news: true,
			nothing: null,
			user_id: 'user_1',
		});
	});
});
