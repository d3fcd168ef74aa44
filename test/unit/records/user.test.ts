import fc from 'fast-check';

import {
	displayName,
	isTestEmail,
	isTestPhone,
	isTestUser,
	primaryEmail,
	primaryPhone,
	signUpMethod,
} from '../../../nodes/Clerk/records/user';

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
	const [BLANK, NULL] = ['', null].map((address) => email(address, { id: 'idn_x' }));
	const WITHOUT_ID = email('x@example.com', { status: null, id: null });

	test.each([
		['the primary one', 'idn_b@example.com', [A, B], 'b@example.com', true],
		['the primary one, also where another is verified', 'idn_u@example.com', [A, UNVERIFIED], 'u@example.com', false],
		['the primary one that was never verified', 'idn_n@example.com', [A, NEVER_TRIED], 'n@example.com', false],
		['the first verified one, where the primary id dangles', 'idn_GONE', [UNVERIFIED, B, A], 'b@example.com', true],
		['the first verified one, where the primary id is null', null, [UNVERIFIED, B, A], 'b@example.com', true],
		['the first one, where none is verified', null, [NEVER_TRIED, UNVERIFIED], 'n@example.com', false],
		['also where the primary id dangles', 'idn_GONE', [UNVERIFIED, NEVER_TRIED], 'u@example.com', false],
		['none in an empty list', 'idn_a@example.com', [], null, null],
		['none where there is no list', 'idn_a@example.com', undefined, null, null],
		['none where the list is none', 'idn_a@example.com', { 0: A }, null, null],
		['not an entry without an address', 'idn_x', [BLANK, NULL, B], 'b@example.com', true],
		['not an entry that is no object', null, [null, 'a@example.com', [A], B], 'b@example.com', true],
		['not an entry without an id for a primary id that is missing', undefined, [WITHOUT_ID, B], 'b@example.com', true],
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
		const [one, two] = [phone('+12015550111'), phone('+12015550122', { status: 'unverified' })];
		const primary = primaryPhone({ primary_phone_number_id: two.id, phone_numbers: [one, two] });
		expect(primary).toMatchObject({ value: '+12015550122', verified: false });
		const dangling = primaryPhone({ primary_phone_number_id: 'idn_GONE', phone_numbers: [two, one] });
		expect(dangling).toMatchObject({ value: '+12015550111' });
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
	const verdicts = (tests: string[], others: string[]) => [
		...tests.map((text) => [text, true] as const),
		...others.map((text) => [text, false] as const),
	];

	test.each(
		verdicts(
			[
				'jane+clerk_test@example.com',
				'jane+CLERK_TEST@example.com',
				'jane+a+clerk_test@example.com',
				'jane+clerk_test+a@example.com',
				'"a@b"+clerk_test@example.com',
			],
			[
				'jane@example.com',
				'jane+clerk@example.com',
				'jane+clerk_testing@example.com',
				'jane+xclerk_test@example.com',
				'clerk_test@example.com',
				'jane@clerk_test',
				'jane@example+clerk_test.com',
				'jane+clerk_test',
				'',
			],
		),
	)('the email address %j: %s', (address, expected) => {
		expect(isTestEmail(address)).toBe(expected);
		expect(isTestUser({ email_addresses: [email(address)] })).toBe(expected);
	});

	test.each(
		verdicts(
			['+12015550100', '+12015550150', '+12015550199', '+19995550100', '+1 (201) 555-0100', '+1.201.555.0199'],
			[
				'+12015550099',
				'+12015550200',
				'12015550100',
				'2015550100',
				'+442015550100',
				'+120155501001',
				'+1201555010',
				'+12015540100',
				'',
			],
		),
	)('the phone number %j: %s', (number, expected) => {
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

describe('how the user signed up', () => {
	const AT = 1_744_276_393_608;
	const LATER = AT + 5_001;
	const base = { created_at: AT, updated_at: AT + 6, email_addresses: [email('a@example.com')], password_enabled: false };
	const google = { provider: 'oauth_google', created_at: AT };
	const proved = (strategy: string) => [email('a@example.com', { strategy })];

	const wallet = { email_addresses: [], web3_wallets: [{ created_at: AT }] };
	const oauth = (...external_accounts: object[]) => ({ external_accounts });
	const addresses = (...email_addresses: object[]) => ({ email_addresses });
	const numbers = { phone_numbers: [phone('+12015550100')] };
	const PASSWORD = { password_enabled: true };
	const twoAddresses = { primary_email_address_id: B.id, ...addresses(...proved('email_link'), B) };

	test.each<[string, Record<string, unknown>, string | null | undefined]>([
		['an enterprise account', { enterprise_accounts: [{ created_at: AT }], ...oauth(google), ...PASSWORD }, 'enterprise_sso'],
		['a SAML account', { saml_accounts: [{}] }, 'enterprise_sso'],
		['an OAuth account', oauth(google), 'google'],
		['an OAuth account, the name without its prefix', oauth({ provider: 'github' }), 'github'],
		['the first of several OAuth accounts that has a name', oauth({}, google, { provider: 'oauth_x' }), 'google'],
		['OAuth before a password', { ...oauth(google), ...PASSWORD }, 'google'],
		['an address that an OAuth provider proved', addresses(...proved('from_oauth_google')), 'google'],
		['an account linked within seconds', oauth({ ...google, created_at: AT + 5_000 }), 'google'],
		['an account linked later than that', oauth({ ...google, created_at: LATER }), 'email_code'],
		['an enterprise account linked later', { enterprise_accounts: [{ created_at: LATER }] }, 'email_code'],
		['a wallet and no address', { ...wallet, ...PASSWORD }, 'web3'],
		['a wallet beside an address', { web3_wallets: [{ created_at: AT }] }, 'email_code'],
		['a wallet added later', { ...wallet, web3_wallets: [{ created_at: LATER }], ...PASSWORD }, 'password'],
		['a password', PASSWORD, 'password'],
		['a password that is not a flag', { password_enabled: 'yes' }, 'email_code'],
		['an email code', {}, 'email_code'],
		['an email link', addresses(...proved('email_link')), 'email_link'],
		['an invitation', addresses(...proved('ticket')), 'ticket'],
		['the primary address decides', twoAddresses, 'email_code'],
		['a phone code', { ...addresses(), ...numbers }, 'phone_code'],
		['an address that is not proved, a number that is', { ...addresses(UNVERIFIED), ...numbers }, 'phone_code'],
		['a passkey', { ...addresses(), passkeys: [{ created_at: AT }] }, 'passkey'],
		['nothing that says so', addresses(UNVERIFIED), null],
		['a user without times', { created_at: undefined, updated_at: undefined, ...addresses() }, undefined],
	])('%s', (_, shown, method) => {
		const user = { ...base, ...shown };
		expect(signUpMethod(user, primaryEmail(user), primaryPhone(user))).toBe(method);
	});

	const address = (strategy: string, at = AT) => [{ ...email('a@example.com', { strategy }), created_at: AT, updated_at: at }];
	const code = addresses(...address('email_code'));
	const fromGoogle = addresses(...address('from_oauth_google'));
	const withPassword = (password_last_updated_at?: number) => ({ ...PASSWORD, password_last_updated_at });

	test.each<[string, Record<string, unknown>, string | undefined]>([
		['an account that is still linked', oauth(google), 'google'],
		['an enterprise account that is still there', { enterprise_accounts: [{ created_at: AT }] }, 'enterprise_sso'],
		['an account that was unlinked', fromGoogle, 'google'],
		['an account that was unlinked, and a password set', { ...fromGoogle, ...withPassword(LATER) }, 'google'],
		['an account that was linked and unlinked since', addresses(...address('from_oauth_google', LATER)), undefined],
		['a password as it was', { ...code, ...withPassword(AT - 6) }, 'password'],
		['a password of nobody knows when', { ...code, ...withPassword() }, undefined],
		['a password that was set since', { ...code, ...withPassword(LATER) }, undefined],
		['a password as it was, and another address', { ...addresses(), ...withPassword(AT) }, undefined],
		['an email code: a password may have been removed', code, undefined],
		['a wallet: an address may have been removed', wallet, undefined],
	])('later, only what can still be proved: %s', (_, shown, method) => {
		const user = { ...base, updated_at: AT + 1_001, ...shown };
		expect(signUpMethod(user, primaryEmail(user), primaryPhone(user))).toBe(method);
	});

	test('whatever happens to a user, it is never another method than at the sign-up', () => {
		const later = fc.integer({ min: 5_001, max: 10_000_000_000 });
		const strategies = ['email_code', 'from_oauth_google', 'ticket', 'saml'];
		const signUp = fc.record({
			how: fc.constantFrom('google', 'password', 'enterprise', 'code', 'wallet', 'phone', 'google with a password'),
			strategy: fc.constantFrom('email_code', 'email_link', 'ticket'),
		});
		const change = fc.record({
			at: later,
			unlink: fc.boolean(),
			link: fc.boolean(),
			password: fc.constantFrom('keeps', 'sets', 'removes'),
			address: fc.constantFrom('keeps', 'removes', 'verifies again', 'adds'),
			newStrategy: fc.constantFrom(...strategies),
		});
		fc.assert(
			fc.property(signUp, fc.array(change, { maxLength: 4 }), ({ how, strategy }, changes) => {
				const byGoogle = how.startsWith('google');
				let user: Record<string, unknown> = {
					created_at: AT,
					updated_at: AT,
					external_accounts: byGoogle ? [google] : [],
					enterprise_accounts: how === 'enterprise' ? [{ created_at: AT }] : [],
					web3_wallets: how === 'wallet' ? [{ created_at: AT }] : [],
					phone_numbers: how === 'phone' ? [phone('+4917012345678')] : [],
					email_addresses: ['wallet', 'phone'].includes(how)
						? []
						: address(byGoogle ? 'from_oauth_google' : how === 'enterprise' ? 'saml' : strategy),
					password_enabled: how.includes('password'),
					password_last_updated_at: how.includes('password') ? AT - 6 : null,
				};
				const methodOf = () => signUpMethod(user, primaryEmail(user), primaryPhone(user));
				const first = methodOf();
				for (const { at, unlink, link, password, address: what, newStrategy } of changes) {
					const now = AT + at;
					const kept = user['email_addresses'] as ReturnType<typeof address>;
					user = {
						...user,
						updated_at: now,
						external_accounts: [
							...(unlink ? [] : (user['external_accounts'] as object[])),
							...(link ? [{ provider: 'oauth_github', created_at: now }] : []),
						],
						enterprise_accounts: unlink ? [] : user['enterprise_accounts'],
						password_enabled: password === 'keeps' ? user['password_enabled'] : password === 'sets',
						password_last_updated_at: password === 'sets' ? now : user['password_last_updated_at'],
						email_addresses: [
							...(what === 'removes' ? [] : what === 'verifies again' ? kept.map(() => address(newStrategy, now)[0]) : kept),
							...(what === 'adds' ? [{ ...address(newStrategy, now)[0], created_at: now }] : []),
						],
					};
					expect([first, undefined]).toContain(methodOf());
				}
			}),
		);
	});
});
