import type { UserJSON } from '@clerk/backend';
import { faker } from '@faker-js/faker/locale/en';
import { faker as japanese } from '@faker-js/faker/locale/ja';
import { faker as polish } from '@faker-js/faker/locale/pl';

/** As Clerk's Backend API gives it; the contract validates what the types leave open. */
export type User = UserJSON;

/** What makes one user of many: all else of a user follows from these. */
export interface Identity {
	readonly id: string;
	/** The place in the order of creation. */
	readonly index: number;
	/** Milliseconds since 1970. */
	readonly created_at: number;
	readonly updated_at: number;
	/** Signed up during the test. */
	readonly isNew: boolean;
}

const HOUR = 3_600_000;
const PROFILES = 1009;
const VERIFICATIONS = [
	{ value: null, weight: 1 },
	{ value: { object: 'verification_otp', strategy: 'email_code', status: 'unverified' }, weight: 1 },
	{ value: { object: 'verification_email_link', strategy: 'email_link', status: 'expired' }, weight: 1 },
	{ value: { object: 'verification_ticket', strategy: 'ticket', status: 'verified' }, weight: 1 },
	{ value: { object: 'verification_otp', strategy: 'email_code', status: 'verified' }, weight: 8 },
];

function profile(n: number) {
	const { helpers, datatype, string, number } = faker;
	const chance = (probability: number) => datatype.boolean(probability);
	const [first, last] = [faker.person.firstName(), faker.person.lastName()];
	// So that there is somebody without an email address among any 13 users.
	const emails = n % 13 === 12 ? 0 : helpers.arrayElement([1, 1, 1, 2, 2, 3]);
	const hasTestPhone = chance(0.02);
	const plan = helpers.arrayElement(['free', 'starter', 'pro', 'enterprise']);
	const isNamed = chance(0.9);
	const signedIn = chance(0.85) ? number.int({ max: 30 * 24 * HOUR }) : null;
	return {
		slug: `${first}.${last}`.toLowerCase().replace(/[^a-z.]/g, ''),
		names: isNamed
			? helpers.weightedArrayElement([
					{ value: [first, last], weight: 6 },
					{ value: [japanese.person.firstName(), japanese.person.lastName()], weight: 1 },
					{ value: [polish.person.firstName(), polish.person.lastName()], weight: 1 },
					{ value: ["D'Arcy", 'García Márquez'], weight: 1 },
				])
			: [null, null],
		domain: faker.internet.domainName(),
		isTestEmail: chance(0.04),
		verifications: Array.from({ length: emails }, () => helpers.weightedArrayElement(VERIFICATIONS)),
		primary: chance(0.98) ? number.int({ max: Math.max(0, emails - 1) }) : null,
		hasTestPhone,
		phones: hasTestPhone || emails === 0 ? 1 : helpers.arrayElement([0, 0, 0, 1, 2]),
		wallet: chance(0.03) ? faker.finance.ethereumAddress() : null,
		providers: emails === 0 ? [] : helpers.arrayElements(['google', 'github', 'microsoft', 'apple'], { min: 0, max: 2 }),
		image: `https://img.clerk.com/${string.alphanumeric(27)}`,
		hasImage: chance(0.5),
		hasUsername: chance(0.33),
		hasExternalId: chance(0.4),
		hasAcceptedTerms: chance(0.5),
		locale: helpers.arrayElement(['en-US', 'de-DE', 'pl-PL', 'ja-JP', null]),
		banned: chance(0.03),
		locked: chance(0.02),
		signedIn,
		active: signedIn === null ? null : signedIn + number.int({ max: 72 * HOUR }),
		public_metadata: chance(0.25)
			? {}
			: {
					plan,
					seats: number.int({ min: 1, max: 200 }),
					newsletter: chance(0.5),
					crm: { owner: string.alphanumeric(8), tags: [plan, 'synced', `cohort-${number.int(24)}`] },
					about: faker.lorem.sentence(),
				},
		private_metadata: chance(0.25) ? {} : { stripe_customer_id: `cus_${string.alphanumeric(14)}`, score: number.int(100) },
		unsafe_metadata: chance(0.3) ? {} : { onboarding: { step: number.int(6), source: faker.lorem.words(2) } },
	};
}

/** Made once: to make each user of a million by chance would take minutes. */
const profiles = (() => {
	for (const one of [faker, japanese, polish]) one.seed(1);
	return Array.from({ length: PROFILES }, (_, n) => profile(n));
})();

/** A user of 2 to 3 KB, always the same for the same identity. Nothing in it is real. */
export function userOf({ id, index, created_at, updated_at, isNew }: Identity, seed: number): User {
	const made = profiles[(index + 31 * seed) % PROFILES]!;
	const [first_name = null, last_name = null] = made.names;
	const stamps = { created_at, updated_at };
	const idOf = (prefix: string, n: number) => `${prefix}_2${n}${id.slice(6)}`;
	const verified = (object: string, strategy: string) => ({
		object,
		strategy,
		status: 'verified',
		attempts: 1,
		expire_at: created_at + HOUR,
	});
	const linked_to = made.providers.map((provider, n) => ({ type: `oauth_${provider}`, id: idOf('idn', 20 + n) }));
	const emails = made.verifications.map((verification, n) => ({
		id: idOf('idn', n),
		object: 'email_address',
		email_address:
			n === 0
				? `${made.slug}.${index}${made.isTestEmail ? '+clerk_test' : ''}@${made.domain}`
				: `${made.slug}.${index}@old${n}.example`,
		reserved: false,
		verification: verification && { ...verification, attempts: 1, expire_at: created_at + HOUR },
		linked_to: n === 0 ? linked_to : [],
		matches_sso_connection: false,
		...stamps,
	}));
	const phones = Array.from({ length: made.phones }, (_, n) => ({
		id: idOf('idn', 5 + n),
		object: 'phone_number',
		// Clerk keeps +1 (any area) 555-0100 to 555-0199 for tests.
		phone_number: made.hasTestPhone
			? `+1${200 + (Math.floor(index / 100) % 800)}55501${String(index % 100).padStart(2, '0')}`
			: `+4915${n}${String(index).padStart(8, '0')}`,
		reserved_for_second_factor: false,
		default_second_factor: false,
		reserved: false,
		verification: verified('verification_otp', 'phone_code'),
		linked_to: [],
		backup_codes: null,
		...stamps,
	}));
	const wallets = made.wallet
		? [
				{
					id: idOf('idn', 8),
					object: 'web3_wallet',
					web3_wallet: made.wallet,
					verification: verified('verification_web3', 'web3_metamask_signature'),
					...stamps,
				},
			]
		: [];
	const accounts = made.providers.map((provider, n) => ({
		object: 'external_account',
		id: idOf('eac', n),
		provider: `oauth_${provider}`,
		identification_id: linked_to[n]!.id,
		provider_user_id: `${n}${index}`,
		approved_scopes: 'email openid profile',
		email_address: emails[0]!.email_address,
		first_name: first_name ?? '',
		last_name: last_name ?? '',
		avatar_url: made.image,
		image_url: made.image,
		username: null,
		phone_number: null,
		public_metadata: {},
		label: null,
		verification: verified('verification_oauth', `oauth_${provider}`),
		...stamps,
	}));
	const hasPassword = accounts.length === 0;
	const user = {
		id,
		object: 'user',
		external_id: made.hasExternalId ? `crm-${index}` : null,
		primary_email_address_id: made.primary === null ? null : (emails[made.primary]?.id ?? null),
		primary_phone_number_id: phones[0]?.id ?? null,
		primary_web3_wallet_id: wallets[0]?.id ?? null,
		username: made.hasUsername ? `${made.slug.replace('.', '_')}_${index}` : null,
		first_name,
		last_name,
		locale: made.locale,
		profile_image_url: made.image,
		image_url: made.image,
		has_image: made.hasImage,
		public_metadata: made.public_metadata,
		private_metadata: made.private_metadata,
		unsafe_metadata: made.unsafe_metadata,
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
		password_last_updated_at: hasPassword ? created_at : null,
		external_accounts: accounts,
		saml_accounts: [],
		enterprise_accounts: [],
		banned: made.banned,
		locked: made.locked,
		deprovisioned: false,
		lockout_expires_in_seconds: made.locked ? 1800 : null,
		verification_attempts_remaining: made.locked ? 0 : 100,
		last_sign_in_at: isNew ? created_at : made.signedIn === null ? null : created_at + made.signedIn,
		last_active_at: isNew ? created_at : made.active === null ? null : created_at + made.active,
		delete_self_enabled: true,
		create_organization_enabled: true,
		create_organizations_limit: null,
		legal_accepted_at: made.hasAcceptedTerms ? created_at : null,
		...stamps,
	};
	return user as unknown as User;
}
