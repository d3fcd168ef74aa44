import { changesOf, firstSight } from '../../../nodes/Clerk/records/changes';
import type { Change, Snapshot } from '../../../nodes/Clerk/records/changes';
import { fixture } from '../../support/deliveries';

/** A user who signed up an hour before anything happens to them. */
const SIGNED_UP = Date.UTC(2026, 9, 1, 12);
const HOUR = 3_600_000;
const at = (seconds: number) => SIGNED_UP + HOUR + seconds * 1000;

type Fields = Record<string, unknown>;

function entry(id: string, createdAt = SIGNED_UP, status: string | null = 'verified') {
	return {
		id,
		created_at: createdAt,
		updated_at: createdAt,
		verification: status === null ? null : { status, strategy: 'email_code' },
	};
}

function user(seconds: number, changed: Fields = {}) {
	return {
		id: 'user_1',
		first_name: 'Jane',
		last_name: 'Doe',
		username: null,
		locked: false,
		banned: false,
		deprovisioned: false,
		password_enabled: true,
		password_last_updated_at: SIGNED_UP,
		two_factor_enabled: false,
		mfa_enabled_at: null,
		mfa_disabled_at: null,
		legal_accepted_at: SIGNED_UP,
		public_metadata: { plan: 'pro' },
		private_metadata: null,
		unsafe_metadata: {},
		primary_email_address_id: 'idn_1',
		primary_phone_number_id: null,
		email_addresses: [entry('idn_1')],
		phone_numbers: [],
		passkeys: [],
		web3_wallets: [],
		external_accounts: [],
		created_at: SIGNED_UP,
		updated_at: at(seconds),
		...changed,
	};
}

/** The changes that one user's deliveries report, one after the other, each remembered as it is accepted. */
class Person {
	snapshot: Snapshot | undefined;
	private deliveries = 0;

	report(state: Fields, id = `msg_${this.deliveries++}`): readonly Change[] | null {
		const { changes, snapshot } = changesOf(state, id, this.snapshot, true);
		this.snapshot = snapshot?.text ?? this.snapshot;
		return changes;
	}

	signUp(state: Fields): readonly Change[] | null {
		const { changes, snapshot } = firstSight(state, 'msg_sign_up', this.snapshot, true);
		this.snapshot = snapshot?.text ?? this.snapshot;
		return changes;
	}

	forget(): void {
		this.snapshot = undefined;
	}
}

const names = (changes: readonly Change[] | null) => changes && changes.map(({ name }) => name);
const seen = (...all: string[]) => all.map((name) => ({ name, certainty: 'seen' }));
const inferred = (...all: string[]) => all.map((name) => ({ name, certainty: 'inferred' }));

/** Before, after, what a comparison shows, and what the later state shows by itself. */
const CHANGES: [what: string, before: Fields, after: Fields, compared: string[], alone: string[] | null][] = [
	['locked', {}, { locked: true }, ['user.locked'], null],
	['unlocked', { locked: true }, {}, ['user.unlocked'], null],
	['banned', {}, { banned: true }, ['user.banned'], null],
	['unbanned', { banned: true }, {}, ['user.unbanned'], null],
	['deprovisioned', {}, { deprovisioned: true, banned: true }, ['user.banned', 'user.deprovisioned'], null],
	['provisioned again', { deprovisioned: true }, {}, [], null],
	['a first name', {}, { first_name: 'Janet' }, ['user.nameChanged'], null],
	['a username', {}, { username: 'jane' }, ['user.nameChanged'], null],
	['public metadata', {}, { public_metadata: { plan: 'free' } }, ['user.metadataChanged'], null],
	['private metadata', {}, { private_metadata: { note: 1 } }, ['user.metadataChanged'], null],
	['unsafe metadata', {}, { unsafe_metadata: { note: 1 } }, ['user.metadataChanged'], null],
	['empty metadata instead of none', {}, { private_metadata: {} }, [], null],
	['terms accepted', {}, { legal_accepted_at: at(10) }, ['user.legalAccepted'], ['user.legalAccepted']],
	[
		'an address added, not verified',
		{},
		{ email_addresses: [entry('idn_1'), entry('idn_2', at(10) - 26, 'unverified')] },
		['emailAddress.created'],
		['emailAddress.created'],
	],
	[
		'an address added, and verified at once',
		{},
		{ email_addresses: [entry('idn_1'), entry('idn_2', at(10))] },
		['emailAddress.created', 'emailAddress.verified'],
		['emailAddress.created', 'emailAddress.verified'],
	],
	[
		'an address verified later',
		{ email_addresses: [entry('idn_1'), entry('idn_2', at(-60), null)] },
		{ email_addresses: [entry('idn_1'), { ...entry('idn_2', at(-60)), updated_at: at(10) }] },
		['emailAddress.verified'],
		null,
	],
	['an address touched for another reason', {}, { email_addresses: [{ ...entry('idn_1'), updated_at: at(10) }] }, [], null],
	['an address removed', { email_addresses: [entry('idn_1'), entry('idn_2')] }, {}, ['emailAddress.removed'], null],
	[
		'another primary address',
		{ email_addresses: [entry('idn_1'), entry('idn_2')] },
		{ email_addresses: [entry('idn_1'), entry('idn_2')], primary_email_address_id: 'idn_2' },
		['emailAddress.primaryChanged'],
		null,
	],
	[
		'the first phone number',
		{},
		{ phone_numbers: [entry('idn_3', at(9.99))], primary_phone_number_id: 'idn_3' },
		['phoneNumber.created', 'phoneNumber.verified'],
		['phoneNumber.created', 'phoneNumber.verified'],
	],
	[
		'the last phone number removed',
		{ phone_numbers: [entry('idn_3')], primary_phone_number_id: 'idn_3' },
		{},
		['phoneNumber.removed'],
		null,
	],
	['a password changed', {}, { password_last_updated_at: at(10) }, ['password.changed'], ['password.changed']],
	[
		'a first password',
		{ password_enabled: false, password_last_updated_at: null },
		{ password_last_updated_at: at(10) },
		['password.created'],
		['password.changed'],
	],
	['a password removed', {}, { password_enabled: false, password_last_updated_at: at(10) }, ['password.removed'], null],
	['a second factor', {}, { two_factor_enabled: true, mfa_enabled_at: at(10) }, ['mfa.enabled'], ['mfa.enabled']],
	[
		'no second factor any more',
		{ two_factor_enabled: true, mfa_enabled_at: at(-60) },
		{ mfa_enabled_at: at(-60), mfa_disabled_at: at(10) },
		['mfa.disabled'],
		['mfa.disabled'],
	],
	['a passkey', {}, { passkeys: [entry('pk_1', at(10))] }, ['passkey.created'], ['passkey.created']],
	['a passkey removed', { passkeys: [entry('pk_1')] }, {}, ['passkey.removed'], null],
	['a wallet', {}, { web3_wallets: [entry('w_1', at(10))] }, ['web3Wallet.created'], ['web3Wallet.created']],
	['a wallet removed', { web3_wallets: [entry('w_1')] }, {}, ['web3Wallet.removed'], null],
	[
		'an account linked',
		{},
		{ external_accounts: [entry('eac_1', at(10))] },
		['externalAccount.connected'],
		['externalAccount.connected'],
	],
	['an account unlinked', { external_accounts: [entry('eac_1')] }, {}, ['externalAccount.disconnected'], null],
	['nothing that is compared', {}, { last_sign_in_at: at(10), image_url: 'https://example.com/new.png' }, [], null],
];

describe('C9: what changed', () => {
	test.each(CHANGES)('%s: with the state before', (_, before, after, compared) => {
		const person = new Person();
		person.signUp({ ...user(-HOUR / 1000), ...before, updated_at: SIGNED_UP });
		expect(person.report(user(10, after))).toEqual(seen(...compared));
	});

	test.each(CHANGES)('%s: without it', (_, __, after, ___, alone) => {
		expect(new Person().report(user(10, after))).toEqual(alone && inferred(...alone));
	});

	test.each(CHANGES)('%s: reported once', (_, before, after) => {
		const person = new Person();
		person.report(user(5, before));
		person.report(user(10, after));
		expect(person.report(user(10.5, after))).toEqual([]);
	});
});

describe('never at the sign-up', () => {
	const newUser = {
		updated_at: SIGNED_UP + 18,
		email_addresses: [entry('idn_1', SIGNED_UP - 8)],
		password_last_updated_at: SIGNED_UP + 12,
	};

	test('a sign-up reports nothing, whatever its times', () => {
		expect(new Person().signUp(user(0, newUser))).toBeNull();
	});

	test.each([18, 900, 4_999])('nor does a change %i ms after it', (ms) => {
		const person = new Person();
		const change = user(0, { ...newUser, updated_at: SIGNED_UP + ms, external_accounts: [entry('eac_1', SIGNED_UP + ms)] });
		expect(person.report(change)).toBeNull();
		person.forget();
		person.signUp(user(0, newUser));
		expect(person.report(change)).toEqual([]);
		// It is a part of what is known.
		expect(person.report({ ...change, updated_at: at(0) })).toEqual([]);
	});

	test("Clerk's own example, whose times are those of a sign-up", () => {
		expect(new Person().report(fixture('openapi.user.updated').envelope.data)).toBeNull();
	});
});

describe('out of order', () => {
	const first = user(10, { locked: true });
	const second = user(20, { locked: true, passkeys: [entry('pk_1', at(20))] });

	test('an older state is not compared with a newer one', () => {
		const person = new Person();
		person.report(user(0));
		expect(person.report(second)).toEqual(seen('user.locked', 'passkey.created'));
		expect(person.report(first)).toBeNull();
		expect(person.report(user(5, { locked: true, banned: true }))).toBeNull();
		expect(person.report(user(30, { locked: true, passkeys: [entry('pk_1', at(20))] }))).toEqual([]);
	});

	test('what the newer one reported, the older one does not report again', () => {
		const added = { passkeys: [entry('pk_1', at(10))] };
		const person = new Person();
		person.report(user(0));
		expect(names(person.report(user(20, { ...added, banned: true })))).toEqual(['user.banned', 'passkey.created']);
		expect(person.report(user(10, added))).toBeNull();
	});

	test('where the first state that is known is the newer one, the older one reports what its own times say, once', () => {
		const added = { passkeys: [entry('pk_1', at(10))] };
		const person = new Person();
		expect(person.report(user(20, { ...added, banned: true }))).toBeNull();
		expect(person.report(user(10, added))).toEqual(inferred('passkey.created'));
		expect(person.report(user(10.4, added))).toBeNull();
		expect(person.report(user(30, { ...added, banned: true }))).toEqual([]);
	});

	test('two changes within a second, the later one first: each is reported once', () => {
		const person = new Person();
		const one = [entry('pk_1', at(10))];
		expect(person.report(user(10.5, { passkeys: [...one, entry('pk_2', at(10.5))] }))).toEqual(inferred('passkey.created'));
		expect(person.report(user(10, { passkeys: one }))).toBeNull();
	});

	test('the same delivery again says the same, also where its options let it in', () => {
		const person = new Person();
		person.report(user(0));
		const reported = person.report(first, 'msg_1');
		expect(reported).toEqual(seen('user.locked'));
		expect(person.report(first, 'msg_1')).toEqual(reported);
		expect(person.report(first, 'msg_2')).toEqual([]);
	});

	test('a delivery that failed, and so was not remembered, says the same again', () => {
		const before = new Person();
		before.report(user(0));
		const { snapshot } = before;
		for (let attempt = 0; attempt < 3; attempt++) {
			expect(changesOf(first, 'msg_1', snapshot, true).changes).toEqual(seen('user.locked'));
		}
	});

	test('a sign-up that comes late adds nothing to what is known', () => {
		const person = new Person();
		person.report(second);
		const { snapshot } = person;
		person.signUp({ ...user(0), updated_at: SIGNED_UP });
		expect(person.snapshot).toBe(snapshot);
	});
});

describe('where the delivery does not say, nothing is said', () => {
	const without = (key: string) => {
		const rest: Fields = user(10, { locked: true });
		delete rest[key];
		return rest;
	};

	test.each(Object.keys(user(0)).filter((key) => !['id', 'locked', 'updated_at', 'created_at'].includes(key)))('no %s', (key) => {
		const person = new Person();
		person.report(user(0));
		expect(person.report(without(key))).toEqual(seen('user.locked'));
		expect(person.report(user(20, { locked: true }))).toEqual([]);
	});

	test.each(['updated_at', 'created_at'])('no %s: nothing at all', (key) => {
		const person = new Person();
		person.report(user(0));
		const { snapshot } = person;
		expect(person.report(without(key))).toBeNull();
		expect(person.snapshot).toBe(snapshot);
	});

	test('more addresses than are remembered are not compared, but their times count', () => {
		const many = Array.from({ length: 9 }, (_, index) => entry(`idn_${index}`));
		const person = new Person();
		person.report(user(0, { email_addresses: many }));
		expect(person.report(user(10, { email_addresses: many.slice(1) }))).toEqual([]);
		expect(person.report(user(20, { email_addresses: [...many, entry('idn_9', at(20), 'unverified')] }))).toEqual(
			inferred('emailAddress.created'),
		);
	});

	test('metadata too deep to be written down is left out of the comparison', () => {
		const deep = JSON.parse('{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)) as object;
		const person = new Person();
		person.report(user(0));
		expect(person.report(user(10, { public_metadata: deep, locked: true }))).toEqual(seen('user.locked'));
	});

	test('the order of keys in metadata does not count', () => {
		const person = new Person();
		person.report(user(0, { public_metadata: { a: 1, b: { c: 2, d: 3 } } }));
		expect(person.report(user(10, { public_metadata: { b: { d: 3, c: 2 }, a: 1 } }))).toEqual([]);
	});
});

describe('E4: what is remembered names nobody and stays small', () => {
	test('it holds no value of the user, and the same name looks different for another user', () => {
		const person = new Person();
		person.report(
			user(0, {
				private_metadata: { secret: 'CANARY' },
				email_addresses: [{ ...entry('idn_1'), email_address: 'jane@example.com' }],
			}),
		);
		for (const value of ['Jane', 'Doe', 'CANARY', 'idn_1', 'user_1', 'example.com', 'pro', 'msg_0'])
			expect(person.snapshot).not.toContain(value);
		const digests = (id: string) =>
			/"[\w-]{6}"/g.exec(changesOf(user(0, { id }), 'msg_1', undefined, true).snapshot?.text ?? '')?.[0];
		expect(digests('user_1')).not.toEqual(digests('user_2'));
	});

	test('however much a user has', () => {
		const lots = (count: number) => Array.from({ length: count }, (_, index) => entry(`idn_${index}`));
		const lists = (count: number) => ({
			email_addresses: lots(count),
			phone_numbers: lots(count),
			passkeys: lots(count),
			web3_wallets: lots(count),
			external_accounts: lots(count),
			public_metadata: { text: 'x'.repeat(100_000) },
		});
		const lengths = [8, 9, 1000].map(
			(count) => changesOf(user(0, lists(count)), 'msg_1', undefined, true).snapshot?.text.length ?? 0,
		);
		expect(Math.max(...lengths)).toBeLessThan(750);
		expect(changesOf(user(0), 'msg_1', undefined, true).snapshot?.text.length).toBeLessThan(250);
	});
});
