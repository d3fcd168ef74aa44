import {
	displayName,
	isTestEmail,
	isTestPhone,
	isTestUser,
	primaryEmail,
	primaryPhone,
	signUpMethod,
} from '../../nodes/Clerk/records/user';

interface Entry {
	id?: unknown;
	status?: string | null;
	strategy?: string;
}

function email(address: unknown, { id = `idn_${String(address)}`, status = 'verified', strategy = 'email_code' }: Entry = {}) {
	return { id, email_address: address, verification: status === null ? null : { status, strategy } };
}

function phone(number: unknown, { id = `idn_${String(number)}`, status = 'verified', strategy = 'phone_code' }: Entry = {}) {
	return { id, phone_number: number, verification: status === null ? null : { status, strategy } };
}

const A = email('a@example.com');
const B = email('b@example.com');
const UNVERIFIED = email('u@example.com', { status: 'unverified' });
const NEVER_TRIED = email('n@example.com', { status: null });

describe('B1: the address that stands for the user', () => {
	test.each([
		['the primary one', 'idn_b@example.com', [A, B], 'b@example.com', true],
		['the primary one, also where another is verified', 'idn_u@example.com', [A, UNVERIFIED], 'u@example.com', false],
		['the primary one that was never verified', 'idn_n@example.com', [A, NEVER_TRIED], 'n@example.com', false],
		['the first verified one, where the primary id dangles', 'idn_GONE', [UNVERIFIED, B, A], 'b@example.com', true],
		['the first verified one, where the primary id is null', null, [UNVERIFIED, B, A], 'b@example.com', true],
		['the first one, where none is verified', null, [NEVER_TRIED, UNVERIFIED], 'n@example.com', false],
		[
			'the first one, where the primary id dangles and none is verified',
			'idn_GONE',
			[UNVERIFIED, NEVER_TRIED],
			'u@example.com',
			false,
		],
		['none in an empty list', 'idn_a@example.com', [], null, null],
		['none where there is no list', 'idn_a@example.com', undefined, null, null],
		['none where the list is none', 'idn_a@example.com', { 0: A }, null, null],
		[
			'not an entry without an address',
			'idn_x',
			[email('', { id: 'idn_x' }), email(null, { id: 'idn_x' }), B],
			'b@example.com',
			true,
		],
		['not an entry that is no object', null, [null, 'a@example.com', [A], B], 'b@example.com', true],
		[
			'not an entry without an id for a primary id that is missing',
			undefined,
			[email('x@example.com', { status: null, id: null }), B],
			'b@example.com',
			true,
		],
	])('%s', (_, primary_email_address_id, email_addresses, value, verified) => {
		expect(primaryEmail({ primary_email_address_id, email_addresses })).toMatchObject({ value, verified });
	});

	test.each([
		['verified', true],
		['unverified', false],
		['transferable', false],
		['failed', false],
		['expired', false],
		['', false],
	])('B11: status %j: verified is %s', (status, verified) => {
		expect(primaryEmail({ email_addresses: [email('a@example.com', { status })] })).toMatchObject({ verified });
	});

	test('a phone number is chosen the same way', () => {
		const one = phone('+12015550111');
		const two = phone('+12015550122', { status: 'unverified' });
		expect(primaryPhone({ primary_phone_number_id: two.id, phone_numbers: [one, two] })).toMatchObject({
			value: '+12015550122',
			verified: false,
		});
		expect(primaryPhone({ primary_phone_number_id: 'idn_GONE', phone_numbers: [two, one] })).toMatchObject({
			value: '+12015550111',
		});
		expect(primaryPhone({})).toEqual({ value: null, verified: null, strategy: null });
	});
});

describe('B1: the name is first and last name joined, else the username, else null', () => {
	test.each([
		[{ first_name: 'Jane', last_name: 'Doe', username: 'jd' }, 'Jane Doe'],
		[{ first_name: 'Jane', last_name: null, username: 'jd' }, 'Jane'],
		[{ first_name: '', last_name: 'Doe', username: 'jd' }, 'Doe'],
		[{ first_name: '', last_name: '', username: 'jd' }, 'jd'],
		[{ first_name: null, last_name: null, username: 'jd' }, 'jd'],
		[{ first_name: null, last_name: null, username: '' }, null],
		[{ first_name: 7, last_name: {}, username: [] }, null],
		[{}, null],
		[{ first_name: 'Zoë', last_name: 'O’Brien-李 🙂' }, 'Zoë O’Brien-李 🙂'],
	])('%j: %j', (user, name) => {
		expect(displayName(user)).toBe(name);
	});
});

describe("A8: Clerk's test users are recognised", () => {
	test.each([
		['jane+clerk_test@example.com', true],
		['jane+CLERK_TEST@example.com', true],
		['jane+a+clerk_test@example.com', true],
		['jane+clerk_test+a@example.com', true],
		['"a@b"+clerk_test@example.com', true],
		['jane@example.com', false],
		['jane+clerk@example.com', false],
		['jane+clerk_testing@example.com', false],
		['jane+xclerk_test@example.com', false],
		['clerk_test@example.com', false],
		['jane@clerk_test', false],
		['jane@example+clerk_test.com', false],
		['jane+clerk_test', false],
		['', false],
	])('the email address %j: %s', (address, expected) => {
		expect(isTestEmail(address)).toBe(expected);
		expect(isTestUser({ email_addresses: [email(address)] })).toBe(expected);
	});

	test.each([
		['+12015550099', false],
		['+12015550100', true],
		['+12015550150', true],
		['+12015550199', true],
		['+12015550200', false],
		['+19995550100', true],
		['+1 (201) 555-0100', true],
		['+1.201.555.0199', true],
		['12015550100', false],
		['2015550100', false],
		['+442015550100', false],
		['+120155501001', false],
		['+1201555010', false],
		['+12015540100', false],
		['', false],
	])('the phone number %j: %s', (number, expected) => {
		expect(isTestPhone(number)).toBe(expected);
		expect(isTestUser({ phone_numbers: [phone(number)] })).toBe(expected);
	});

	test('any address or number counts, not only the primary one', () => {
		const test = email('jane+clerk_test@example.com');
		expect(isTestUser({ primary_email_address_id: A.id, email_addresses: [A, test] })).toBe(true);
		expect(isTestUser({ email_addresses: [A], phone_numbers: [phone('+12015550100')] })).toBe(true);
		expect(isTestUser({ email_addresses: [A, B], phone_numbers: [phone('+4917012345678')] })).toBe(false);
		expect(isTestUser({})).toBe(false);
	});
});

describe('how the user came in', () => {
	const AT = 1_744_276_393_608;
	const base = { created_at: AT, email_addresses: [email('a@example.com')], password_enabled: false };
	const google = { provider: 'oauth_google', created_at: AT };

	test.each<[string, Record<string, unknown>, string | null]>([
		[
			'an enterprise account',
			{ ...base, enterprise_accounts: [{ created_at: AT }], external_accounts: [google], password_enabled: true },
			'enterprise_sso',
		],
		['a SAML account', { ...base, saml_accounts: [{}] }, 'enterprise_sso'],
		['an OAuth account', { ...base, external_accounts: [google] }, 'google'],
		['an OAuth account, the name without its prefix', { ...base, external_accounts: [{ provider: 'github' }] }, 'github'],
		[
			'the first of several OAuth accounts that has a name',
			{ ...base, external_accounts: [{}, google, { provider: 'oauth_x' }] },
			'google',
		],
		['OAuth before a password', { ...base, external_accounts: [google], password_enabled: true }, 'google'],
		[
			'an account linked a minute after the sign-up',
			{ ...base, external_accounts: [{ ...google, created_at: AT + 60_000 }] },
			'google',
		],
		['an account linked later than that', { ...base, external_accounts: [{ ...google, created_at: AT + 60_001 }] }, 'email_code'],
		['an enterprise account linked later', { ...base, enterprise_accounts: [{ created_at: AT + 60_001 }] }, 'email_code'],
		['a wallet and no email address', { created_at: AT, web3_wallets: [{ created_at: AT }], password_enabled: true }, 'web3'],
		['a wallet beside an email address', { ...base, web3_wallets: [{ created_at: AT }] }, 'email_code'],
		['a wallet added later', { created_at: AT, web3_wallets: [{ created_at: AT + 60_001 }], password_enabled: true }, 'password'],
		['a password', { ...base, password_enabled: true }, 'password'],
		['a password that is not a flag', { ...base, password_enabled: 'yes' }, 'email_code'],
		['an email code', base, 'email_code'],
		['an email link', { ...base, email_addresses: [email('a@example.com', { strategy: 'email_link' })] }, 'email_link'],
		['an invitation', { ...base, email_addresses: [email('a@example.com', { strategy: 'ticket' })] }, 'ticket'],
		[
			'the primary address decides',
			{ ...base, primary_email_address_id: B.id, email_addresses: [email('a@example.com', { strategy: 'email_link' }), B] },
			'email_code',
		],
		['a phone code', { created_at: AT, phone_numbers: [phone('+12015550100')] }, 'phone_code'],
		[
			'an address that is not proved, a number that is',
			{ email_addresses: [UNVERIFIED], phone_numbers: [phone('+12015550100')] },
			'phone_code',
		],
		['a passkey', { created_at: AT, passkeys: [{ created_at: AT }] }, 'passkey'],
		['nothing that tells', { created_at: AT, email_addresses: [UNVERIFIED] }, null],
		['nothing at all', {}, null],
	])('%s', (_, user, method) => {
		expect(signUpMethod(user, primaryEmail(user), primaryPhone(user))).toBe(method);
	});
});
