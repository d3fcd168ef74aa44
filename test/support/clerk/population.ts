import { hash } from 'node:crypto';
import type { OrganizationJSON, OrganizationMembershipJSON, WaitlistEntryJSON } from '@clerk/backend';
import { faker } from '@faker-js/faker/locale/en';

import { userOf } from './user';
import type { Identity, User } from './user';

export type { User } from './user';
export type Organization = OrganizationJSON;
export type Membership = OrganizationMembershipJSON;
export type WaitlistEntry = WaitlistEntryJSON;
/** What can be changed in a user. */
export type UserPatch = Partial<Omit<User, 'id' | 'object' | 'created_at' | 'updated_at'>>;

/** The first user of every population signed up at this time; one comes a minute. */
const START = Date.UTC(2023, 0, 1);
const MINUTE = 60_000;

/** An ID as Clerk gives it out, always the same for the same seed and number. */
function idOf(prefix: string, seed: number, n: number): string {
	return `${prefix}_2${hash('sha1', `${prefix} ${seed} ${n}`).slice(0, 26)}`;
}

/** When the n-th was created, in ms: ascending, but of ten the fourth to sixth in the same millisecond. */
function timeOf(n: number): number {
	return START + ([4, 5].includes(n % 10) ? n - (n % 10) + 3 : n) * MINUTE;
}

/** What is kept of a user. All else is made when it is looked at, since there may be a million. */
export class StoredUser implements Identity {
	updated_at: number;
	isRemoved = false;
	patch: UserPatch | null = null;

	constructor(
		readonly id: string,
		readonly index: number,
		readonly created_at: number,
		readonly isNew: boolean,
		private readonly seed: number,
	) {
		// In another order than they signed up.
		this.updated_at = isNew ? created_at : created_at + (1 + ((index * 37) % 64)) * MINUTE;
	}

	get user(): User {
		return { ...userOf(this, this.seed), ...this.patch };
	}
}

/** The users, organizations, memberships and waitlist entries of an instance. Lists are in order of creation. */
export class Population {
	/** With those who were removed since: an old cursor may name one. */
	stored: StoredUser[] = [];
	organizations: Organization[] = [];
	memberships: Membership[] = [];
	waitlist: WaitlistEntry[] = [];
	private byId = new Map<string, StoredUser>();
	private removed = 0;
	private seed = 1;
	private clock = 0;

	/**
	 * Replaces everybody by so many users, and removes organizations and all.
	 * @param seed the same users for the same seed
	 */
	fill(count: number, { seed = 1 }: { seed?: number } = {}): void {
		Object.assign(this, { stored: [], organizations: [], memberships: [], waitlist: [], byId: new Map(), removed: 0, seed });
		for (let index = 0; index < count; index++) this.store(timeOf(index), false);
	}

	/**
	 * New users, all created in this one millisecond, as by an import.
	 * @param patch what they have in common
	 * @returns their IDs, in order of creation
	 */
	add(count = 1, patch: UserPatch | null = null): string[] {
		const now = this.now();
		return Array.from({ length: count }, () => Object.assign(this.store(now, true), { patch }).id);
	}

	/**
	 * Deletes users and their memberships.
	 * @throws when one of them doesn't exist
	 */
	remove(...ids: string[]): void {
		for (const id of ids) {
			this.existing(id).isRemoved = true;
			this.removed++;
		}
		this.memberships = this.memberships.filter(({ public_user_data: { user_id } }) => !ids.includes(user_id));
	}

	/**
	 * Changes a user, now.
	 * @param patch each of its keys replaces the user's own
	 * @throws when the user doesn't exist
	 */
	change(id: string, patch: UserPatch = {}): User {
		const stored = this.existing(id);
		stored.patch = { ...stored.patch, ...patch };
		stored.updated_at = this.now();
		const { user } = stored;
		for (const membership of this.memberships) {
			if (membership.public_user_data.user_id === id) membership.public_user_data = publicUserData(user);
		}
		return user;
	}

	/** The user with this ID, also one who was removed. */
	find(id: string): StoredUser | undefined {
		return this.byId.get(id);
	}

	get(id: string): User | undefined {
		const stored = this.byId.get(id);
		return stored?.isRemoved ? undefined : stored?.user;
	}

	/** The n-th of those who exist, from 0, in order of creation. */
	at(n: number): User {
		let left = n;
		const stored = this.removed === 0 ? this.stored[n] : this.stored.find(({ isRemoved }) => !isRemoved && left-- === 0);
		if (!stored) throw new Error(`There is no user ${n} of ${this.size}`);
		return stored.user;
	}

	/** Of those who exist, in order of creation. */
	*ids(): Generator<string> {
		for (const { id, isRemoved } of this.stored) if (!isRemoved) yield id;
	}

	/** All who exist. To make them costs time: for few. */
	all(): User[] {
		return [...this.ids()].map((id) => this.get(id)!);
	}

	/** How many exist. */
	get size(): number {
		return this.stored.length - this.removed;
	}

	fillOrganizations(count: number): void {
		faker.seed(this.seed);
		this.organizations = Array.from({ length: count }, (_, n) => ({
			object: 'organization',
			id: idOf('org', this.seed, n),
			name: faker.company.name(),
			slug: `organization-${n}`,
			image_url: 'https://img.clerk.com/organization',
			has_image: faker.datatype.boolean(),
			max_allowed_memberships: 500,
			admin_delete_enabled: true,
			public_metadata: faker.helpers.arrayElement([{}, { plan: 'free', region: 'eu' }, { plan: 'pro', region: 'eu' }]),
			private_metadata: {},
			...stamps(n),
		}));
	}

	/**
	 * So many memberships, spread over the organizations and users: nobody is in one twice.
	 * @throws when there are too few organizations and users
	 */
	fillMemberships(count: number): void {
		const { organizations, size } = this;
		if (count > organizations.length * size)
			throw new Error(`There are too few organizations and users for ${count} memberships`);
		const ids = [...this.ids()];
		faker.seed(this.seed);
		this.memberships = Array.from({ length: count }, (_, n) => {
			const isAdmin = faker.datatype.boolean(0.2);
			return {
				object: 'organization_membership',
				id: idOf('orgmem', this.seed, n),
				role: isAdmin ? 'org:admin' : 'org:member',
				role_name: isAdmin ? 'Admin' : 'Member',
				permissions: [...(isAdmin ? ['org:sys_memberships:manage'] : []), 'org:sys_memberships:read'],
				public_metadata: {},
				private_metadata: {},
				organization: organizations[(n + Math.floor(n / size)) % organizations.length]!,
				public_user_data: publicUserData(this.get(ids[n % size]!)!),
				...stamps(n),
			};
		});
	}

	fillWaitlist(count: number): void {
		faker.seed(this.seed);
		this.waitlist = Array.from({ length: count }, (_, n) => {
			const status = faker.helpers.arrayElement(['pending', 'pending', 'invited', 'completed', 'rejected'] as const);
			const email_address = `hopeful.${n}@example.com`;
			const invitation = {
				object: 'invitation' as const,
				id: idOf('inv', this.seed, n),
				email_address,
				public_metadata: {},
				status: status === 'completed' ? ('accepted' as const) : ('pending' as const),
				url: `https://accounts.example.com/v1/tickets/accept?ticket=${faker.string.alphanumeric(40)}`,
				expires_at: null,
				...stamps(n),
			};
			return {
				object: 'waitlist_entry',
				id: idOf('wle', this.seed, n),
				email_address,
				status,
				is_locked: false,
				invitation: status === 'invited' || status === 'completed' ? invitation : null,
				...stamps(n),
			};
		});
	}

	private store(created_at: number, isNew: boolean): StoredUser {
		const index = this.stored.length;
		const stored = new StoredUser(idOf('user', this.seed, index), index, created_at, isNew, this.seed);
		this.stored.push(stored);
		this.byId.set(stored.id, stored);
		return stored;
	}

	private existing(id: string): StoredUser {
		const stored = this.byId.get(id);
		if (!stored || stored.isRemoved) throw new Error(`There is no user ${id}`);
		return stored;
	}

	/** In ms; never the same twice. */
	private now(): number {
		this.clock = Math.max(Date.now(), this.clock + 1);
		return this.clock;
	}
}

function stamps(n: number) {
	return { created_at: timeOf(n), updated_at: timeOf(n) + faker.number.int({ max: 60 * MINUTE }) };
}

export function publicUserData(user: User): Membership['public_user_data'] {
	const { id, first_name, last_name, image_url, has_image, username, banned } = user;
	const email = user.email_addresses.find((one) => one.id === user.primary_email_address_id) ?? user.email_addresses[0];
	const identifier = email?.email_address ?? user.phone_numbers[0]?.phone_number ?? username ?? '';
	const shown = {
		user_id: id,
		first_name,
		last_name,
		profile_image_url: image_url,
		image_url,
		has_image,
		identifier,
		username,
		banned,
	};
	return shown;
}
