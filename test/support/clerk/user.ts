import type { UserJSON } from '@clerk/backend';
import { faker } from '@faker-js/faker/locale/en';
import { faker as japanese } from '@faker-js/faker/locale/ja';
import { faker as polish } from '@faker-js/faker/locale/pl';

import { fixture } from '../deliveries';

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

const DAY = 86_400_000;
const VERIFICATIONS = [
	null,
	{ object: 'verification_otp', strategy: 'email_code', status: 'unverified' },
	{ object: 'verification_email_link', strategy: 'email_link', status: 'expired' },
	{ object: 'verification_ticket', strategy: 'ticket', status: 'verified' },
	...Array.from({ length: 8 }, () => ({ object: 'verification_otp', strategy: 'email_code', status: 'verified' })),
];

function profile(n: number) {
	const { helpers, number, person, string } = faker;
	const chance = (probability: number) => faker.datatype.boolean(probability);
	const name = [person.firstName(), person.lastName()] as const;
	// So that there is somebody without an email address among any 13 users.
	const emails = n % 13 === 12 ? 0 : helpers.arrayElement([1, 1, 1, 2, 2, 3]);
	const hasTestPhone = chance(0.02);
	const [signedIn, active] = chance(0.85) ? [number.int(30 * DAY), number.int(3 * DAY)] : [null, 0];
	const plan = helpers.arrayElement(['free', 'starter', 'pro', 'enterprise']);
	const names = [name, name, name, [japanese.person.firstName(), polish.person.lastName()], ["D'Arcy", 'García Márquez'], []];
	return {
		names: helpers.arrayElement(names),
		slug: name
			.join('.')
			.toLowerCase()
			.replace(/[^a-z.]/g, ''),
		domain: faker.internet.domainName(),
		tag: chance(0.04) ? '+clerk_test' : '',
		verifications: Array.from({ length: emails }, () => helpers.arrayElement(VERIFICATIONS)),
		primary: chance(0.98) ? number.int(Math.max(0, emails - 1)) : -1,
		hasTestPhone,
		phones: hasTestPhone || emails === 0 ? 1 : helpers.arrayElement([0, 0, 0, 1, 2]),
		wallets: chance(0.03) ? [faker.finance.ethereumAddress()] : [],
		providers: emails === 0 ? [] : helpers.arrayElements(['google', 'github', 'microsoft', 'apple'], { min: 0, max: 2 }),
		hasUsername: chance(0.33),
		hasExternalId: chance(0.4),
		signedIn,
		active: signedIn === null ? null : signedIn + active,
		/** These are of the user as they stand. */
		fields: {
			locale: helpers.arrayElement(['en-US', 'de-DE', 'pl-PL', 'ja-JP', null]),
			image_url: `https://img.clerk.com/${string.alphanumeric(27)}`,
			has_image: chance(0.5),
			banned: chance(0.03),
			locked: chance(0.02),
			public_metadata: chance(0.25)
				? {}
				: { plan, seats: number.int(200), tags: [plan, 'synced'], about: faker.lorem.sentences(3) },
			private_metadata: chance(0.25) ? {} : { stripe_customer_id: `cus_${string.alphanumeric(14)}`, score: number.int(100) },
			unsafe_metadata: chance(0.3) ? {} : { onboarding: { step: number.int(6), source: faker.lorem.words(2) } },
		},
	};
}

/** Made once: to make each user of a million by chance would take minutes. */
const profiles = (() => {
	for (const one of [faker, japanese, polish]) one.seed(1);
	return Array.from({ length: 1009 }, (_, n) => profile(n));
})();

const base = fixture('edge.user.created.unicode').envelope.data;
delete base['bypass_client_trust'];

/** A user of 2 to 3 KB, always the same for the same identity. Nothing in it is real. */
export function userOf({ id, index, created_at, updated_at, isNew }: Identity, seed: number): User {
	const made = profiles[(index + 31 * seed) % profiles.length]!;
	const { slug, domain, tag, providers } = made;
	const [first_name = null, last_name = null] = made.names;
	const after = (span: number | null) => (isNew ? created_at : span === null ? null : created_at + span);
	const verified = { attempts: 1, expire_at: created_at + DAY, status: 'verified' };
	const part = (object: string, n: number) => {
		return { id: `${object === 'external_account' ? 'eac' : 'idn'}_2${n}${id.slice(6)}`, object, created_at, updated_at };
	};
	const identification = (object: string, n: number) => ({ ...part(object, n), reserved: false, linked_to: [] as object[] });
	const accounts = providers.map((provider, n) => ({
		...part('external_account', n),
		provider: `oauth_${provider}`,
		identification_id: `idn_2${20 + n}${id.slice(6)}`,
		provider_user_id: `${n}${index}`,
		approved_scopes: 'email openid profile',
		email_address: `${slug}.${index}${tag}@${domain}`,
		first_name: first_name ?? '',
		last_name: last_name ?? '',
		...{ avatar_url: made.fields.image_url, image_url: made.fields.image_url, public_metadata: {} },
		...{ username: null, phone_number: null, label: null },
		verification: { ...verified, object: 'verification_oauth', strategy: `oauth_${provider}` },
	}));
	const emails = made.verifications.map((verification, n) => ({
		...identification('email_address', n),
		email_address: n === 0 ? `${slug}.${index}${tag}@${domain}` : `${slug}.${index}@old${n}.example`,
		verification: verification && { ...verified, ...verification },
		linked_to: n === 0 ? accounts.map(({ provider, identification_id }) => ({ type: provider, id: identification_id })) : [],
		matches_sso_connection: false,
	}));
	// Clerk keeps +1 (any area) 555-0100 to 555-0199 for tests.
	const testPhone = `+1${200 + (Math.floor(index / 100) % 800)}55501${String(index % 100).padStart(2, '0')}`;
	const phones = Array.from({ length: made.phones }, (_, n) => ({
		...identification('phone_number', 5 + n),
		phone_number: made.hasTestPhone ? testPhone : `+4915${n}${String(index).padStart(8, '0')}`,
		...{ reserved_for_second_factor: false, default_second_factor: false, backup_codes: null },
		verification: { ...verified, object: 'verification_otp', strategy: 'phone_code' },
	}));
	const wallets = made.wallets.map((web3_wallet) => ({
		...part('web3_wallet', 8),
		web3_wallet,
		verification: { ...verified, object: 'verification_web3', strategy: 'web3_metamask_signature' },
	}));
	const user = {
		...base,
		...made.fields,
		...{ id, first_name, last_name, created_at, updated_at },
		external_id: made.hasExternalId ? `crm-${index}` : null,
		username: made.hasUsername ? `${slug.replace('.', '_')}_${index}` : null,
		...{ email_addresses: emails, phone_numbers: phones, web3_wallets: wallets, external_accounts: accounts },
		primary_email_address_id: emails[made.primary]?.id ?? null,
		primary_phone_number_id: phones[0]?.id ?? null,
		primary_web3_wallet_id: wallets[0]?.id ?? null,
		profile_image_url: made.fields.image_url,
		password_enabled: providers.length === 0,
		password_last_updated_at: providers.length === 0 ? created_at : null,
		last_sign_in_at: after(made.signedIn),
		last_active_at: after(made.active),
		legal_accepted_at: made.fields.has_image ? created_at : null,
		deprovisioned: false,
		...(made.fields.locked && { lockout_expires_in_seconds: 1800, verification_attempts_remaining: 0 }),
	};
	return user as unknown as User;
}
