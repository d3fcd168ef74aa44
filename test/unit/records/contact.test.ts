import { eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { contactOf, userContact } from '../../../nodes/Clerk/records/contact';
import { effectOf } from '../../../nodes/Clerk/records/mapping';
import { fixture, fixtures, settings } from '../../support/deliveries';
import { words } from '../../support/words';

const ORIGIN = { source: 'Clerk webhook', instanceId: 'ins_1' };
const SETTINGS = { ...ORIGIN, environment: null, onlyVerified: false, includeNames: true };

/** The contact that the catalogue's defaults make of it. */
function contactByDefault(type: string, data: Record<string, unknown>) {
	const event = eventOfType(type);
	const { contact: action } = effectOf(event, settings());
	return action && contactOf(event, action, data, SETTINGS);
}

function contactFrom(name: string) {
	const { type, data } = fixture(name).envelope;
	return contactByDefault(type, data);
}

/** The keys of a whole contact, in the order in which a table gets its columns. */
const KEYS = words`
	action userId externalId email emailVerified firstName lastName name username phone phoneVerified avatarUrl locale timezone
	createdAt updatedAt lastSignInAt lastActiveAt legalAcceptedAt signUpMethod banned locked deprovisioned testUser source instanceId
`;

/** With the one that is left out where the user no longer shows it. */
function keysOf(contact: object | null): string[] {
	return KEYS.filter((key) => key === 'signUpMethod' || Object.keys(contact ?? {}).includes(key));
}

const wholeUsers = fixtures.filter(({ envelope }) => /^user\.(created|updated)$/.test(envelope.type));

describe('B13: a contact from a whole user has all keys, always in the same order', () => {
	test.each(wholeUsers)('$name, the keys of the user in another order', ({ envelope }) => {
		const data = Object.fromEntries(Object.entries(envelope.data).reverse());
		expect(keysOf(contactByDefault(envelope.type, data))).toEqual(KEYS);
	});

	test('a user that has nothing: everything is null but what is known without it', () => {
		const { action, testUser, source, instanceId, ...rest } = userContact('upsert', {}, SETTINGS);
		expect({ action, testUser, source, instanceId }).toEqual({ action: 'upsert', testUser: false, ...ORIGIN });
		expect(new Set(Object.values(rest))).toEqual(new Set([null]));
		expect(keysOf(userContact('upsert', {}, SETTINGS))).toEqual(KEYS);
	});
});

describe('B1: a contact says what Clerk says', () => {
	test('every field of a user', () => {
		const user = {
			id: 'user_1',
			external_id: 'ext_1',
			primary_email_address_id: 'idn_1',
			email_addresses: [
				{ id: 'idn_1', email_address: 'jane@example.com', verification: { status: 'verified', strategy: 'email_code' } },
			],
			first_name: 'Jane',
			last_name: 'Doe',
			username: 'jane',
			primary_phone_number_id: 'idn_2',
			phone_numbers: [{ id: 'idn_2', phone_number: '+4917012345678', verification: { status: 'unverified' } }],
			image_url: 'https://img.clerk.com/1',
			profile_image_url: 'https://img.clerk.com/2',
			locale: 'de-DE',
			timezone: 'Europe/Berlin',
			created_at: 1_744_276_393_608,
			updated_at: 1_744_276_393_626,
			last_sign_in_at: 1_744_276_393_000,
			last_active_at: 1_744_276_393_607,
			legal_accepted_at: 1_744_276_300_001,
			password_enabled: false,
			banned: false,
			locked: true,
			deprovisioned: false,
		};
		expect(userContact('upsert', user, SETTINGS)).toEqual({
			action: 'upsert',
			userId: 'user_1',
			externalId: 'ext_1',
			email: 'jane@example.com',
			emailVerified: true,
			firstName: 'Jane',
			lastName: 'Doe',
			name: 'Jane Doe',
			username: 'jane',
			phone: '+4917012345678',
			phoneVerified: false,
			avatarUrl: 'https://img.clerk.com/1',
			locale: 'de-DE',
			timezone: 'Europe/Berlin',
			createdAt: '2025-04-10T09:13:13.608Z',
			updatedAt: '2025-04-10T09:13:13.626Z',
			lastSignInAt: '2025-04-10T09:13:13.000Z',
			lastActiveAt: '2025-04-10T09:13:13.607Z',
			legalAcceptedAt: '2025-04-10T09:11:40.001Z',
			signUpMethod: 'email_code',
			banned: false,
			locked: true,
			deprovisioned: false,
			testUser: false,
			...ORIGIN,
		});
	});

	const zoe = { firstName: 'Zoë', lastName: 'O’Brien-李 🙂', name: 'Zoë O’Brien-李 🙂' };
	const byPhone = { phone: '+15555550100', phoneVerified: true, testUser: true, signUpMethod: 'phone_code' };
	const NO_EMAIL = { email: null, emailVerified: null };
	const updatedAt = '2024-05-28T08:05:00.000Z';

	test.each([
		['edge.user.created.unicode', { email: 'zoë+tag@exämple.com', ...zoe }],
		['edge.user.created.null_names_empty_last', { firstName: null, lastName: null, name: null, email: 'person@example.com' }],
		['edge.user.created.phone_only', { ...NO_EMAIL, ...byPhone }],
		['edge.user.created.primary_unverified', { email: 'person@example.com', emailVerified: false }],
		['edge.user.updated.dangling_primary_id', { email: 'second@example.com', emailVerified: true }],
		[
			'edge.user.updated.several_emails_primary_second',
			{ email: 'new@example.com', firstName: 'Pat', lastName: null, name: 'Pat' },
		],
		[
			'openapi.user.created',
			{ ...NO_EMAIL, userId: 'user_2g7np7Hrk0SN6kj5EDMLDaKNL0S', name: 'John Doe', signUpMethod: 'password' },
		],
		['openapi.user.updated', { username: 'johndoe', lastName: 'Doe Updated', updatedAt, deprovisioned: null }],
	])('%s', (name, expected) => {
		expect(contactFrom(name)).toMatchObject(expected);
	});

	test('an empty text is null, in every field', () => {
		const user = {
			...Object.fromEntries(
				words`external_id first_name last_name username image_url profile_image_url locale`.map((key) => [key, '']),
			),
			email_addresses: [{ id: '', email_address: '' }],
			phone_numbers: [{ id: '', phone_number: '' }],
		};
		expect(Object.values(userContact('upsert', user, { ...SETTINGS, source: 's', instanceId: null }))).not.toContain('');
	});

	test('the older name of the picture counts where the newer is missing', () => {
		expect(userContact('upsert', { profile_image_url: 'https://img.clerk.com/2' }, SETTINGS).avatarUrl).toBe(
			'https://img.clerk.com/2',
		);
	});

	test.each([
		[0, '1970-01-01T00:00:00.000Z'],
		[1_716_883_200_000, '2024-05-28T08:00:00.000Z'],
		[1_716_883_200_001, '2024-05-28T08:00:00.001Z'],
		[-1, '1969-12-31T23:59:59.999Z'],
		[null, null],
		['1716883200000', null],
		[8.64e15 + 1, null],
		[{}, null],
	])('a date of %j ms is %j', (created_at, expected) => {
		expect(userContact('upsert', { created_at }, SETTINGS).createdAt).toBe(expected);
	});

	test('B8: source and instance are those of the delivery', () => {
		expect(userContact('upsert', {}, { ...SETTINGS, source: 'Website', instanceId: null })).toMatchObject({
			source: 'Website',
			instanceId: null,
		});
	});
});

describe('B2, B9: a delivery that knows less gives only what it knows', () => {
	const john = { action: 'upsert', email: 'john.doe@example.com', testUser: false, ...ORIGIN };
	const externalId = 'ex_123456789';
	const userId = 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU';

	test.each([
		['openapi.user.deleted', { action: 'delete', userId: 'user_2g7np7Hrk0SN6kj5EDMLDaKNL0S', externalId, ...ORIGIN }],
		['edge.user.deleted.minimal', { action: 'delete', userId: 'user_2vREDACTED0000000000000001', ...ORIGIN }],
		['openapi.waitlistEntry.created', { ...john, waitlistStatus: 'pending' }],
		['openapi.waitlistEntry.updated', { ...john, waitlistStatus: 'invited' }],
		[
			'openapi.organizationInvitation.accepted',
			{ action: 'upsert', userId, email: 'jane.doe@acme.com', testUser: false, ...ORIGIN },
		],
	])('%s', (name, expected) => {
		const contact = contactFrom(name);
		expect(contact).toEqual(expected);
		// toEqual takes an undefined key for a missing one; a store would not.
		expect(Object.keys(contact ?? {})).toEqual(Object.keys(expected));
	});
});

describe('B1: no contact', () => {
	test.each([
		['user.created', { first_name: 'Jane' }],
		['user.deleted', { deleted: true, external_id: 'ext_1' }],
		['waitlistEntry.created', { id: 'wle_1', email_address: '' }],
		['organizationInvitation.accepted', { id: 'orginv_1' }],
	])('of a %s that names neither a user nor an address: %j', (type, data) => {
		expect(contactByDefault(type, data)).toBeNull();
	});
});
