import { hidden, mixed, pick, revealed, textOf } from './dice';

export interface Verification {
	object: string;
	status: string;
	strategy: string;
	attempts: number | null;
	expire_at: number | null;
	[more: string]: unknown;
}

interface Identification {
	id: string;
	verification: Verification | null;
	created_at: number;
	updated_at: number;
}

export interface EmailAddress extends Identification {
	object: 'email_address';
	email_address: string;
	reserved: boolean;
	matches_sso_connection: boolean;
	linked_to: Array<{ type: string; id: string }>;
}

export interface PhoneNumber extends Identification {
	object: 'phone_number';
	phone_number: string;
	reserved_for_second_factor: boolean;
	default_second_factor: boolean;
	reserved: boolean;
	linked_to: Array<{ type: string; id: string }>;
	backup_codes: string[] | null;
}

export interface Web3Wallet extends Identification {
	object: 'web3_wallet';
	web3_wallet: string;
}

export interface ExternalAccount extends Identification {
	object: 'external_account';
	provider: string;
	provider_user_id: string;
	email_address: string;
	[more: string]: unknown;
}

/** A user as Clerk's Backend API shows it; the contract judges what this type leaves open. */
export interface User {
	id: string;
	object: 'user';
	external_id: string | null;
	primary_email_address_id: string | null;
	primary_phone_number_id: string | null;
	primary_web3_wallet_id: string | null;
	username: string | null;
	first_name: string | null;
	last_name: string | null;
	image_url: string;
	has_image: boolean;
	public_metadata: Record<string, unknown>;
	private_metadata: Record<string, unknown> | null;
	unsafe_metadata: Record<string, unknown>;
	email_addresses: EmailAddress[];
	phone_numbers: PhoneNumber[];
	web3_wallets: Web3Wallet[];
	external_accounts: ExternalAccount[];
	banned: boolean;
	locked: boolean;
	last_sign_in_at: number | null;
	last_active_at: number | null;
	created_at: number;
	updated_at: number;
	[more: string]: unknown;
}

/** What of a user can be told without making all of it: a million can be asked for it in a second. */
export type Glance = Pick<User, 'banned' | 'last_sign_in_at' | 'last_active_at'>;

type Name = readonly [shown: string, written: string];

const FIRST_NAMES: readonly [Name, ...Name[]] = [
	['Ada', 'ada'],
	['Zoë', 'zoe'],
	['José', 'jose'],
	['Łukasz', 'lukasz'],
	['美咲', 'misaki'],
	['Grace', 'grace'],
	["D'Arcy", 'darcy'],
	['Мария', 'maria'],
	['Anne-Marie', 'anne-marie'],
	['Noor', 'noor'],
	['Bjørn', 'bjorn'],
];
const LAST_NAMES: readonly [Name, ...Name[]] = [
	['Lovelace', 'lovelace'],
	['García Márquez', 'garcia'],
	['Nowak', 'nowak'],
	['佐藤', 'sato'],
	["O'Neill", 'oneill'],
	['van der Berg', 'vanderberg'],
	['Müller', 'muller'],
	['Ivanova', 'ivanova'],
	['Smith', 'smith'],
];
const DOMAINS = ['example.com', 'example.org', 'example.net', 'mail.example.com', 'post.example.org'] as const;
const PLANS = ['free', 'starter', 'pro', 'enterprise'] as const;
const LOCALES = ['en-US', 'de-DE', 'pl-PL', 'ja-JP', null] as const;
const PROVIDERS = ['google', 'github', 'microsoft', 'apple'] as const;
const DAY = 24 * 3_600_000;
/** One user in so many has a phone number for tests: there are only 80,000 of them. */
const TEST_PHONE_EVERY = 50;

/** The id of the user with this number: of Clerk's form, and it says nothing of the order. */
export function userIdOf(seed: number, index: number): string {
	return `user_2${hidden(index, seed)}${textOf(mixed(seed, index), 20)}`;
}

/** The number of the user who would have this id; -1 where nobody could. */
export function indexOfUserId(seed: number, id: string): number {
	if (!/^user_2[0-9A-Za-z]{26}$/.test(id)) return -1;
	const index = revealed(id.slice(6), seed);
	return userIdOf(seed, index) === id ? index : -1;
}

/**
 * The numbers of those who may have got this e-mail address, phone number, username or external id when they
 * were made. Whether they have it must still be looked at.
 */
export function indicesOf(identifier: string): number[] {
	const test = /^\+1(\d{3})55501(\d\d)$/.exec(identifier);
	if (test) return [((Number(test[1]) - 200) * 100 + Number(test[2])) * TEST_PHONE_EVERY + 13];
	const phone = /^\+4915(\d)(\d{8})$/.exec(identifier);
	if (phone) return [Number(phone[2])];
	const number = /(\d+)(?:\+clerk_test)?(?:@.*)?$/.exec(identifier)?.[1];
	return number === undefined ? [] : [Number(number)];
}

/** @param createdAt ms; who was added later than the first ones was active only then */
export function glanceAt(seed: number, index: number, createdAt: number, isNew: boolean): Glance {
	const bits = mixed(seed ^ 1, index);
	const signedIn = isNew ? createdAt : createdAt + (bits % (30 * DAY));
	const never = !isNew && bits % 6 === 0;
	return {
		banned: index % 35 === 17,
		last_sign_in_at: never ? null : signedIn,
		last_active_at: never ? null : isNew ? signedIn : signedIn + (mixed(bits, 1) % (3 * DAY)),
	};
}

/**
 * One user, whole, of 2 to 3 KB, always the same for the same numbers. Nothing of it is real.
 * By their index: every 13th has no e-mail address (but another way in), every 40th from 9 on an address for tests,
 * every 50th from 13 on a phone number for tests, every 35th from 17 on is banned, every 45th from 22 on locked,
 * every 97th from 50 on has addresses but none that is primary.
 */
export function personOf(seed: number, index: number, times: { createdAt: number; updatedAt: number; isNew: boolean }): User {
	const { createdAt, updatedAt, isNew } = times;
	const key = mixed(seed, index);
	const chance = (n: number) => mixed(key, 1000 + n);
	const id = (prefix: string, n: number) => `${prefix}_2${hidden(index, seed ^ n)}${textOf(chance(100 + n), 20)}`;
	const stamps = { created_at: createdAt, updated_at: updatedAt };
	const [first, slug] = pick(FIRST_NAMES, chance(1));
	const [last, lastSlug] = pick(LAST_NAMES, chance(2));
	const named = chance(3) % 9 !== 0;

	const withoutEmail = index % 13 === 12;
	const emailCount = withoutEmail ? 0 : pick([1, 1, 1, 2, 2, 3], chance(4));
	const written = [
		`${slug}.${lastSlug}.${index}${index % 40 === 9 ? '+clerk_test' : ''}@${pick(DOMAINS, chance(5))}`,
		`${slug}-${index}@work.example`,
		`${lastSlug}_${index}@old.example`,
	];
	const accountCount = withoutEmail ? 0 : pick([0, 0, 1, 1, 2, 3], chance(6));
	const providers = PROVIDERS.slice(chance(7) % 2).slice(0, accountCount);
	const linked = providers.map((provider, n) => ({ type: `oauth_${provider}`, id: id('idn', 20 + n) }));
	const emails = written.slice(0, emailCount).map((email_address, n): EmailAddress => ({
		id: id('idn', n),
		object: 'email_address',
		email_address,
		reserved: false,
		verification: emailVerification(chance(10 + n), providers[0], createdAt),
		linked_to: n === 0 ? linked : [],
		matches_sso_connection: false,
		...stamps,
	}));
	const hasTestPhone = index % TEST_PHONE_EVERY === 13;
	const phoneCount = hasTestPhone ? 1 : withoutEmail ? 1 : pick([0, 0, 0, 1, 2], chance(14));
	const phones = Array.from({ length: phoneCount }, (_, n): PhoneNumber => {
		const phone_number = hasTestPhone ? testPhone(index) : `+4915${n + 1}${String(index).padStart(8, '0')}`;
		return {
			id: id('idn', 5 + n),
			object: 'phone_number',
			phone_number,
			reserved_for_second_factor: false,
			default_second_factor: false,
			reserved: false,
			verification: verified('verification_otp', 'phone_code', createdAt),
			linked_to: [],
			backup_codes: null,
			...stamps,
		};
	});
	const wallets = Array.from({ length: chance(15) % 30 === 0 ? 1 : 0 }, (): Web3Wallet => {
		const wallet = Array.from({ length: 5 }, (_, n) =>
			chance(16 + n)
				.toString(16)
				.padStart(8, '0'),
		);
		return {
			id: id('idn', 8),
			object: 'web3_wallet',
			web3_wallet: `0x${wallet.join('')}`,
			verification: verified('verification_web3', 'web3_metamask_signature', createdAt),
			...stamps,
		};
	});
	const accounts = providers.map((provider, n): ExternalAccount => {
		const avatar = `https://img.example.com/${provider}/${textOf(chance(30 + n), 12)}`;
		return {
			object: 'external_account',
			id: id('eac', 30 + n),
			provider: `oauth_${provider}`,
			identification_id: linked[n]?.id,
			provider_user_id: `${chance(33 + n)}${index}`,
			approved_scopes: 'email openid profile',
			email_address: written[0] ?? '',
			first_name: first,
			last_name: last,
			avatar_url: avatar,
			image_url: avatar,
			username: null,
			phone_number: null,
			public_metadata: {},
			label: null,
			verification: verified('verification_oauth', `oauth_${provider}`, createdAt),
			...stamps,
		};
	});
	const hasPassword = accountCount === 0;
	const locked = index % 45 === 22;
	const image = `https://img.clerk.com/${textOf(chance(40), 27)}`;
	return {
		id: userIdOf(seed, index),
		object: 'user',
		external_id: chance(41) % 5 < 2 ? `crm-${index}` : null,
		primary_email_address_id: index % 97 === 50 ? null : (emails[chance(42) % (emailCount || 1)]?.id ?? null),
		primary_phone_number_id: phones[0]?.id ?? null,
		primary_web3_wallet_id: wallets[0]?.id ?? null,
		username: chance(43) % 3 === 0 ? `${slug.replace('-', '_')}_${index}` : null,
		first_name: named ? first : null,
		last_name: named ? last : null,
		locale: pick(LOCALES, chance(44)),
		profile_image_url: image,
		image_url: image,
		has_image: chance(45) % 2 === 0,
		public_metadata: publicMetadata(chance(46), index),
		private_metadata:
			chance(47) % 4 === 0 ? {} : { stripe_customer_id: `cus_${textOf(chance(48), 14)}`, score: chance(49) % 100 },
		unsafe_metadata: chance(50) % 3 === 0 ? {} : { onboarding: { step: chance(51) % 7, source: `campaign ${chance(52) % 40}` } },
		email_addresses: emails,
		phone_numbers: phones,
		web3_wallets: wallets,
		passkeys: [],
		password_enabled: hasPassword,
		two_factor_enabled: false,
		totp_enabled: false,
		backup_code_enabled: false,
		mfa_enabled_at: null,
		mfa_disabled_at: null,
		password_last_updated_at: hasPassword ? createdAt : null,
		external_accounts: accounts,
		saml_accounts: [],
		enterprise_accounts: [],
		...glanceAt(seed, index, createdAt, isNew),
		locked,
		deprovisioned: false,
		lockout_expires_in_seconds: locked ? 1800 : null,
		verification_attempts_remaining: locked ? 0 : 100,
		delete_self_enabled: true,
		create_organization_enabled: true,
		create_organizations_limit: null,
		legal_accepted_at: chance(53) % 2 === 0 ? createdAt : null,
		...stamps,
	};
}

function verified(object: string, strategy: string, at: number): Verification {
	return { object, status: 'verified', strategy, attempts: 1, expire_at: at + 600_000 };
}

/** Most are verified, by one way or another; some never were, and of some nothing is known. */
function emailVerification(bits: number, provider: string | undefined, at: number): Verification | null {
	switch (bits % 12) {
		case 0:
			return null;
		case 1:
			return { ...verified('verification_otp', 'email_code', at), status: 'unverified' };
		case 2:
			return { ...verified('verification_email_link', 'email_link', at), status: 'expired' };
		case 3:
			return { ...verified('verification_ticket', 'ticket', at), attempts: null, expire_at: null };
		case 4:
			return { ...verified('verification_admin', 'admin', at), attempts: null, expire_at: null };
		default:
			return provider === undefined
				? verified('verification_otp', 'email_code', at)
				: { ...verified('verification_from_oauth', `from_oauth_${provider}`, at), attempts: null, expire_at: null };
	}
}

function testPhone(index: number): string {
	const n = Math.floor(index / TEST_PHONE_EVERY);
	return `+1${200 + (Math.floor(n / 100) % 800)}55501${String(n % 100).padStart(2, '0')}`;
}

function publicMetadata(bits: number, index: number): Record<string, unknown> {
	if (bits % 4 === 0) return {};
	const plan = pick(PLANS, bits);
	return {
		plan,
		seats: (bits % 200) + 1,
		newsletter: bits % 2 === 0,
		crm: { id: `crm-${index}`, owner: `owner-${bits % 12}`, tags: [plan, `cohort-${bits % 24}`, 'synced'] },
		about: 'Found us through a colleague. '.repeat(bits % 3),
	};
}
