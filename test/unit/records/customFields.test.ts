import { OUTPUT_CHOICES } from '../../../nodes/Clerk/records/settings';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { fixture } from '../../support/deliveries';
import { custom, mapping, recordsOf, outputOf } from '../../support/output';

/** The first contact, or with Events Only the first event, flat. */
const flat = (envelope: object, output: 'contacts' | 'events', changed: Partial<Settings> = {}) =>
	outputOf(envelope, { output, ...changed }).items[0]?.[0] ?? {};

const UNICODE = fixture('edge.user.created.unicode').envelope;
const USER = {
	...UNICODE,
	data: {
		...UNICODE.data,
		public_metadata: { plan: 'pro', seats: 3, trial: false, tags: ['a', 'b'], none: null },
		external_accounts: [{ provider: 'oauth_google' }],
	},
};
const FIELDS = custom({
	plan: 'data.public_metadata.plan',
	'Seats (paid)': 'data.public_metadata.seats',
	isTrial: 'data.public_metadata.trial',
	tags: 'data.public_metadata.tags',
	nothing: 'data.public_metadata.nothing.at.all',
	none: 'data.public_metadata.none',
	provider: 'data.external_accounts[0].provider',
	instance: 'instance_id',
});
const VALUES = {
	plan: 'pro',
	'Seats (paid)': 3,
	isTrial: false,
	tags: '["a","b"]',
	nothing: null,
	none: null,
	provider: 'oauth_google',
	instance: UNICODE['instance_id'],
};

describe.each(['camel', 'snake'] as const)('B10: custom fields, with %s keys', (keyStyle) => {
	test.each([
		['contact', 'contacts', { customContactFields: FIELDS }],
		['event', 'events', { customEventProperties: FIELDS }],
	] as const)('stand on the %s after its own keys, as they were typed', (_, output, fields) => {
		const plain = Object.entries(flat(USER, output, { keyStyle }));
		expect(Object.entries(flat(USER, output, { keyStyle, ...fields }))).toEqual([...plain, ...Object.entries(VALUES)]);
	});

	test('come after groups and lists', () => {
		const mappings = [mapping('all', { userGroup: 'Customers', joins: ['l1'] })];
		const customContactFields = custom({ plan: 'data.public_metadata.plan' });
		const keys = Object.keys(flat(USER, 'contacts', { keyStyle, mappings, customContactFields }));
		const expected = keyStyle === 'snake' ? ['user_group', 'mailing_list_l1'] : ['userGroup', 'mailingList_l1'];
		expect(keys.slice(-3)).toEqual([...expected, 'plan']);
	});

	test('never replace a key that is there', () => {
		const names = keyStyle === 'snake' ? ['user_id', 'email', 'action'] : ['userId', 'email', 'action'];
		const fields = custom(Object.fromEntries(names.map((name) => [name, 'data.public_metadata.plan'])));
		const changed = { keyStyle, customContactFields: fields, customEventProperties: custom({ id: 'type', name: 'object' }) };
		expect(outputOf(USER, changed).items).toEqual(outputOf(USER, { keyStyle }).items);
	});
});

describe('B10: custom fields in the four outputs', () => {
	const both = { customContactFields: custom({ c: 'data.id' }), customEventProperties: custom({ e: 'type' }) };
	const { id } = USER.data as unknown as { id: string };

	test('contact and event have their own, a tenant none', () => {
		const mappings = [mapping('all', { contact: 'upsert', additionalEventName: 'more' })];
		const [[first = {}, second = {}] = []] = outputOf(USER, { ...both, mappings }).items;
		expect(first).toMatchObject({ contact: { c: id }, event: { e: USER.type } });
		expect(first['contact']).not.toHaveProperty('e');
		expect(first['event']).not.toHaveProperty('c');
		expect(second).toMatchObject({ contact: null, event: { name: 'more', e: USER.type }, tenant: null });
		const { envelope } = fixture('openapi.organizationMembership.created');
		expect(outputOf(envelope, both).items[0]?.[0]?.['tenant']).toEqual(recordsOf(envelope).tenant);
	});

	test.each(OUTPUT_CHOICES)('%s', (output) => {
		const text = JSON.stringify(outputOf(USER, { ...both, output }).items);
		expect(text.includes(`"c":"${id}"`)).toBe(output !== 'events');
		expect(text.includes('"e":"user.created"')).toBe(output !== 'contacts');
	});

	const contactWith = (fields: Record<string, string>, changed: Partial<Settings> = {}) =>
		flat(USER, 'contacts', { customContactFields: custom(fields), ...changed });

	test('a path that could not be read gives null', () => {
		expect(contactWith({ plan: 'data..plan' })).toMatchObject({ plan: null });
	});

	test('the raw delivery is not replaced', () => {
		expect(contactWith({ raw: 'type' }, { includeRaw: true })['raw']).toEqual(USER);
	});

	test('no name changes the prototype', () => {
		const contact = contactWith(JSON.parse('{"__proto__":"data.public_metadata"}') as Record<string, string>);
		expect(Object.getPrototypeOf(contact)).toBe(Object.prototype);
		expect(contact['email']).toBe(recordsOf(USER).contact?.email);
	});

	// Refused at activation; but a name may be an expression, and at a start of n8n nothing is refused.
	test.each(['data.nowhere', 'data.id'])('one that is called as the lists are neither throws nor falls apart: %s', (path) => {
		expect(Object.keys(contactWith({ mailingLists: path })).filter((key) => key.startsWith('mailingList_'))).toEqual([]);
	});

	test('nor does one that is called as a list replace it', () => {
		const mappings = [mapping('all', { joins: ['l1'] })];
		expect(contactWith({ mailingList_l1: 'data.id' }, { mappings })).toMatchObject({ mailingList_l1: true });
	});
});

describe('B14: a custom contact field is read from the whole user, or is not there', () => {
	const mappings = [mapping('all', { contact: 'upsert' })];
	const planAt = (path: string, envelope: object) =>
		flat(envelope, 'contacts', { mappings, contactsWithoutEmail: 'pass', customContactFields: custom({ plan: path }) });
	const session = {
		type: 'session.created',
		data: { id: 'sess_1', public_metadata: { plan: 'of the session' }, user: USER.data },
	};

	test.each([
		['an accepted invitation', 'openapi.organizationInvitation.accepted', { public_metadata: { plan: 'of the invitation' } }],
		['a membership', 'openapi.organizationMembership.created', { public_metadata: { plan: 'of the membership' } }],
		['an entry of the waitlist', 'openapi.waitlistEntry.created', {}],
		['a deletion', 'openapi.user.deleted', {}],
		['a payer', 'openapi.paymentAttempt.created', {}],
	])('%s does not have it, nor a null for it', (_, name, more) => {
		const { type, data } = fixture(name).envelope;
		for (const path of ['data.public_metadata.plan', 'user.public_metadata.plan', 'instance_id']) {
			const contact = planAt(path, { type, data: { ...data, ...more } });
			expect(contact).toMatchObject({ source: 'Clerk webhook' });
			expect(contact).not.toHaveProperty('plan');
		}
	});

	test.each(['data.public_metadata.plan', 'user.public_metadata.plan', 'data.user.public_metadata.plan'])(
		'%s is the plan of the user, in a session as well',
		(path) => {
			for (const envelope of [USER, session]) expect(planAt(path, envelope)).toMatchObject({ plan: 'pro' });
		},
	);

	test('an event property reads the delivery as it is; user.… reads the user wherever it stands', () => {
		const customEventProperties = custom({ ofData: 'data.public_metadata.plan', ofUser: 'user.public_metadata.plan' });
		const propertiesOf = (envelope: object) => flat(envelope, 'events', { customEventProperties });
		expect(propertiesOf(session)).toMatchObject({ ofData: 'of the session', ofUser: 'pro' });
		expect(propertiesOf(USER)).toMatchObject({ ofData: 'pro', ofUser: 'pro' });
		expect(propertiesOf({ type: 'role.created', data: {} })).toMatchObject({ ofData: null, ofUser: null });
	});
});
