import { Gaps, lowest } from './gaps';
import { membershipOf, organizationOf, publicUserData, waitlistEntryOf } from './groups';
import type { Membership, Organization, WaitlistEntry } from './groups';
import { glanceAt, indexOfUserId, indicesOf, personOf, userIdOf } from './person';
import type { Glance, User } from './person';

export type { Membership, Organization, WaitlistEntry } from './groups';
export type { User } from './person';

/** What can be changed in a user. */
export type UserPatch = Partial<Omit<User, 'id' | 'object' | 'created_at' | 'updated_at'>>;

/** The first user of every population is of this time; one comes a minute. */
const START = Date.UTC(2023, 0, 1);
const STEP = 60_000;
/** More would reach into days that may not have been yet. */
const MOST = 1_500_000;
/** Users are updated in another order than they come, within blocks of so many. */
const BLOCK = 64;
// Any odd number and its inverse modulo the block.
const SHUFFLE = 37;
const UNSHUFFLE = 45;

/**
 * The n-th point of time: ascending, by a minute or so, but of ten the fourth to the sixth are the same.
 * @returns ms
 */
function timeOf(seed: number, n: number): number {
	const tenth = n % 10;
	const tied = tenth === 4 || tenth === 5 ? n - tenth + 3 : n;
	return START + tied * STEP + ((((tied * 7919 + seed) % STEP) + STEP) % STEP);
}

/**
 * The users of an instance, as many as a test wants: made when they are looked at, from their number alone. Kept
 * is only what happened to some of them, so that a million cost no memory. Beside them, in plain arrays, the
 * organizations, memberships and waitlist entries.
 *
 * A user's number (index) is the place in the order of creation, those removed included.
 */
export class Population {
	/** In order of creation. */
	organizations: Organization[] = [];
	/** In order of creation. */
	memberships: Membership[] = [];
	/** In order of creation. */
	waitlist: WaitlistEntry[] = [];
	private seed = 1;
	private filled = 0;
	/** When those came who came after the first ones, in ms. */
	private arrivals: number[] = [];
	private removed = new Gaps();
	/** Places in the order of update that are empty, because who stood there was removed or changed. */
	private moved = new Gaps();
	/** Who was added or changed since, in the order in which it happened last: behind all others by their update. */
	private stirred: number[] = [];
	private stirs = new Map<number, { turn: number; at: number }>();
	private patches = new Map<number, UserPatch>();
	private turn = 0;
	private clock = 0;

	/**
	 * So many users in place of those there are, and nobody else: organizations and all go too.
	 * @param seed other users for another number, the same ones for the same
	 */
	fill(count: number, { seed = 1 }: { seed?: number } = {}): void {
		if (count > MOST) throw new Error(`No more than ${MOST} users can be there from the start`);
		Object.assign(this, { organizations: [], memberships: [], waitlist: [], arrivals: [], stirred: [] });
		this.removed = new Gaps();
		this.moved = new Gaps();
		this.stirs = new Map();
		this.patches = new Map();
		this.seed = seed;
		this.filled = count;
	}

	/**
	 * New users, created now, all in one millisecond as by an import, which is later than everything before.
	 * @param patch what they have in common
	 * @returns their ids, in order of creation
	 */
	add(count = 1, patch?: UserPatch): string[] {
		const now = this.now();
		return Array.from({ length: count }, () => {
			const index = this.arrivals.push(now) + this.filled - 1;
			if (patch) this.patches.set(index, patch);
			this.stir(index, now);
			return userIdOf(this.seed, index);
		});
	}

	/**
	 * Deletes users, and with them their memberships.
	 * @throws when one of them doesn't exist
	 */
	remove(...ids: string[]): void {
		for (const id of ids) {
			const index = this.existing(id);
			this.leave(index);
			this.removed.add(index);
			this.patches.delete(index);
			this.stirs.delete(index);
		}
		const gone = new Set(ids);
		this.memberships = this.memberships.filter(({ public_user_data: { user_id } }) => !gone.has(user_id));
	}

	/**
	 * Changes a user now, which is later than everything before.
	 * @param patch each of its keys takes the place of the user's own
	 * @throws when the user doesn't exist
	 */
	change(id: string, patch: UserPatch = {}): User {
		const index = this.existing(id);
		this.leave(index);
		if (Object.keys(patch).length > 0) this.patches.set(index, { ...this.patches.get(index), ...patch });
		this.stir(index, this.now());
		const user = this.user(index);
		for (const membership of this.memberships) {
			if (membership.public_user_data.user_id === id) membership.public_user_data = publicUserData(user);
		}
		return user;
	}

	get(id: string): User | undefined {
		const index = this.indexOf(id);
		return this.exists(index) ? this.user(index) : undefined;
	}

	/** The n-th of those who exist, from 0, in order of creation. */
	at(n: number): User {
		if (n < 0 || n >= this.size) throw new Error(`There is no user ${n} of ${this.size}`);
		return this.user(this.byCreation(n));
	}

	/** Those who exist, in order of creation. */
	*ids(): Generator<string> {
		for (let index = 0; index < this.born; index++) if (!this.removed.has(index)) yield userIdOf(this.seed, index);
	}

	/** How many exist. */
	get size(): number {
		return this.born - this.removed.size;
	}

	fillOrganizations(count: number): void {
		this.organizations = Array.from({ length: count }, (_, n) => organizationOf(this.seed, n, timeOf(this.seed, n)));
	}

	/**
	 * So many memberships, spread over the organizations and over the first users: nobody is twice in one.
	 * @throws when there are too few organizations and users
	 */
	fillMemberships(count: number): void {
		const { organizations, size } = this;
		const perUser = organizations.length;
		if (count > perUser * size) throw new Error(`${perUser} organizations and ${size} users have no ${count} memberships`);
		this.memberships = Array.from({ length: count }, (_, n) => {
			const round = Math.floor(n / size);
			const organization = organizations[(n + round) % perUser];
			if (!organization) throw new Error('There are no organizations');
			return membershipOf(this.seed, n, timeOf(this.seed, n + BLOCK), organization, this.at(n % size));
		});
	}

	fillWaitlist(count: number): void {
		this.waitlist = Array.from({ length: count }, (_, n) => waitlistEntryOf(this.seed, n, timeOf(this.seed, n)));
	}

	/** How many were ever there, so that every index is below it. */
	get born(): number {
		return this.filled + this.arrivals.length;
	}

	/** The number of the user who has or had this id; -1 where nobody ever had. */
	indexOf(id: string): number {
		const index = indexOfUserId(this.seed, id);
		return index < this.born ? index : -1;
	}

	exists(index: number): boolean {
		return index >= 0 && index < this.born && !this.removed.has(index);
	}

	/** How many of those who exist were created before this one, who need not exist any more. */
	rank(index: number): number {
		return index - this.removed.before(index);
	}

	/** The n-th of those who exist, in order of creation. */
	byCreation(n: number): number {
		return this.removed.nth(n);
	}

	/** The n-th of those who exist, in order of their last update. */
	byUpdate(n: number): number {
		const unstirred = this.filled - this.moved.size;
		return n < unstirred ? this.shuffled(this.moved.nth(n), UNSHUFFLE) : (this.stirred[n - unstirred] ?? -1);
	}

	/** A number that is higher the later the user was updated. */
	placeByUpdate(index: number): number {
		const stir = this.stirs.get(index);
		return stir ? this.filled + stir.turn : this.shuffled(index, SHUFFLE);
	}

	/** The first index whose user was created at this time (ms) or later. */
	firstSince(time: number): number {
		return lowest(this.born, (index) => this.createdAt(index) >= time);
	}

	/** Those who may have this identifier of any kind; whether they have it must still be looked at. */
	suspects(identifier: string): number[] {
		return [...indicesOf(identifier), ...this.patches.keys()];
	}

	glance(index: number): Glance {
		const { banned, last_sign_in_at, last_active_at } = glanceAt(this.seed, index, this.createdAt(index), this.isNew(index));
		const patch = this.patches.get(index);
		return patch ? { banned, last_sign_in_at, last_active_at, ...patch } : { banned, last_sign_in_at, last_active_at };
	}

	user(index: number): User {
		const times = { createdAt: this.createdAt(index), updatedAt: this.updatedAt(index), isNew: this.isNew(index) };
		return { ...personOf(this.seed, index, times), ...this.patches.get(index) };
	}

	private createdAt(index: number): number {
		return this.isNew(index) ? (this.arrivals[index - this.filled] ?? 0) : timeOf(this.seed, index);
	}

	private updatedAt(index: number): number {
		// A block is updated after it has come, which keeps every update behind its creation.
		return this.stirs.get(index)?.at ?? timeOf(this.seed, this.shuffled(index, SHUFFLE) + BLOCK);
	}

	private isNew(index: number): boolean {
		return index >= this.filled;
	}

	/** The index's place in the order of update, and with the inverse factor the other way round. */
	private shuffled(n: number, factor: number): number {
		const whole = this.filled - (this.filled % BLOCK);
		return n < whole ? n - (n % BLOCK) + (((n % BLOCK) * factor) % BLOCK) : n;
	}

	private existing(id: string): number {
		const index = this.indexOf(id);
		if (!this.exists(index)) throw new Error(`There is no user ${id}`);
		return index;
	}

	/** Takes the user out of the order of update. */
	private leave(index: number): void {
		const stir = this.stirs.get(index);
		if (!stir) return this.moved.add(this.shuffled(index, SHUFFLE));
		const place = lowest(this.stirred.length, (n) => this.placeByUpdate(this.stirred[n] ?? 0) >= this.filled + stir.turn);
		this.stirred.splice(place, 1);
	}

	/** Puts the user last in the order of update. */
	private stir(index: number, at: number): void {
		this.stirs.set(index, { turn: ++this.turn, at });
		this.stirred.push(index);
	}

	/** In ms; never the same twice, even where the clock stands. */
	private now(): number {
		this.clock = Math.max(Date.now(), this.clock + 1);
		return this.clock;
	}
}
