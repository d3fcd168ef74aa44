import type { Membership, Organization, Population, StoredUser, User, WaitlistEntry } from './population';
import { Refusal } from './service';

/** Every value of each query parameter. */
export type Values = Readonly<Record<string, readonly string[]>>;
/** Whether an item passes the values of one parameter. */
type Filter<T> = (item: T, values: readonly string[]) => boolean;
type Filters<T> = Readonly<Record<string, Filter<T>>>;
type Texts<T> = (item: T) => ReadonlyArray<string | null | undefined>;

/** How many values of one parameter Clerk takes. */
const MOST_VALUES = 100;
/** Parameters that filter nothing. */
const NO_FILTERS = ['limit', 'offset', 'order_by', 'starting_after'];

const isOneOf =
	<T>(texts: Texts<T>): Filter<T> =>
	(item, values) =>
		texts(item).some((text) => values.some((value) => value.toLowerCase() === text?.toLowerCase()));

/** Values with `-` before them are not wanted, those with `+` or nothing are. */
const isSigned =
	<T>(texts: Texts<T>): Filter<T> =>
	(item, values) => {
		const has = (value: string) => texts(item).includes(value.replace(/^[+-]/, ''));
		const [unwanted, wanted] = [
			values.filter((value) => value.startsWith('-')),
			values.filter((value) => !value.startsWith('-')),
		];
		return !unwanted.some(has) && (wanted.length === 0 || wanted.some(has));
	};

const contains =
	<T>(texts: Texts<T>): Filter<T> =>
	(item, [part = '']) =>
		texts(item).some((text) => text?.toLowerCase().includes(part.toLowerCase()));

/** `<name>_after` and `<name>_before`. */
function times<T>(name: string, time: (item: T) => number | null): Filters<T> {
	const compared =
		(holds: (time: number, limit: number) => boolean): Filter<T> =>
		(item, [limit]) => {
			const at = time(item);
			return at !== null && holds(at, Number(limit));
		};
	return {
		[`${name}_after`]: compared((at, limit) => at > limit),
		[`${name}_before`]: compared((at, limit) => at < limit),
	};
}

const emails = ({ email_addresses }: User) => email_addresses.map((one) => one.email_address);
const phones = ({ phone_numbers }: User) => phone_numbers.map((one) => one.phone_number);

function userFilters({ memberships }: Population): Filters<StoredUser> {
	const of =
		(texts: Texts<User>): Texts<StoredUser> =>
		(stored) =>
			texts(stored.user);
	const organizations = ({ id }: StoredUser) =>
		memberships.filter(({ public_user_data }) => public_user_data.user_id === id).map(({ organization }) => organization.id);
	return {
		...times('created_at', ({ created_at }) => created_at),
		...times('last_active_at', ({ user }) => user.last_active_at),
		...times('last_sign_in_at', ({ user }) => user.last_sign_in_at),
		banned: ({ user }, [value]) => String(user.banned) === value,
		user_id: isSigned(({ id }) => [id]),
		external_id: isSigned(of(({ external_id }) => [external_id])),
		organization_id: isSigned(organizations),
		email_address: isOneOf(of(emails)),
		phone_number: isOneOf(of(phones)),
		username: isOneOf(of(({ username }) => [username])),
		query: contains(
			of((user) => [user.id, user.username, `${user.first_name} ${user.last_name}`, ...emails(user), ...phones(user)]),
		),
	};
}

interface List<T> {
	/** In order of creation. */
	items: readonly T[];
	filters: Filters<T>;
	/** Beside `created_at`. */
	orders?: Readonly<Record<string, (item: T) => number>>;
	/** For items that are kept after they were removed. */
	exists?: (item: T) => boolean;
}

/**
 * The items that pass all filters, in the wanted order.
 * @param after the item before the first one
 * @throws Refusal for an order that is not served, or for too many values
 */
function* found<T>({ items, filters, orders = {}, exists = () => true }: List<T>, values: Values, after?: T): Generator<T> {
	const tests = Object.entries(values)
		.filter(([name]) => !NO_FILTERS.includes(name))
		.map(([name, given]) => {
			if (given.length > MOST_VALUES) throw refused(422, name, `accepts up to ${MOST_VALUES} values`);
			const filter = filters[name];
			if (!filter) throw new Error(`The filter ${name} is not served`);
			return (item: T) => filter(item, given);
		});
	const order = values['order_by']?.[0] ?? '-created_at';
	const [, sign = '', by = ''] = /^([+-]?)(\w+)$/.exec(order) ?? [];
	const key = orders[by];
	// An unencoded plus sign, which arrives as a space, is refused too: nobody knows what Clerk makes of it.
	if (by !== 'created_at' && !key) throw refused(422, 'order_by', `"${order}" is no order, or not served`);
	const sorted = key ? items.toSorted((one, other) => key(one) - key(other)) : items;
	const step = sign === '-' ? -1 : 1;
	const first = step > 0 ? 0 : sorted.length - 1;
	for (let place = after ? sorted.indexOf(after) + step : first; place in sorted; place += step) {
		const item = sorted[place]!;
		if (exists(item) && tests.every((test) => test(item))) yield item;
	}
}

function pageOf<T>(all: Iterable<T>, values: Values): T[] {
	const offset = Number(values['offset']?.[0] ?? 0);
	const end = offset + Number(values['limit']?.[0] ?? 10);
	const page: T[] = [];
	let place = 0;
	for (const item of all) {
		if (place >= offset) page.push(item);
		if (++place >= end) break;
	}
	return page;
}

/** A page as Clerk answers it, but for the list of users. */
function listed<T>(list: List<T>, values: Values): { data: T[]; total_count: number } {
	const all = [...found(list, values)];
	return { data: pageOf(all, values), total_count: all.length };
}

const usersOf = (people: Population): List<StoredUser> => ({
	items: people.stored,
	exists: ({ isRemoved }) => !isRemoved,
	filters: userFilters(people),
	orders: { updated_at: (one) => one.updated_at },
});

/**
 * A page of `GET /users`.
 * @param unknownCursor what happens with a cursor whose user is gone; Clerk doesn't say
 */
export function listUsers(people: Population, values: Values, unknownCursor: 'refused' | 'position'): User[] {
	const cursor = values['starting_after']?.[0];
	const after = cursor === undefined ? undefined : people.find(cursor);
	if (cursor !== undefined) {
		const order = values['order_by']?.[0] ?? 'created_at';
		if (!order.endsWith('created_at')) throw refused(422, 'starting_after', `can't be combined with an order by ${order}`);
		if (Number(values['offset']?.[0] ?? 0) !== 0) throw refused(422, 'starting_after', "can't be combined with an offset");
		const isKnown = after && (!after.isRemoved || unknownCursor === 'position');
		if (!isKnown) throw refused(404, 'starting_after', `No user was found with id ${cursor}`);
	}
	return pageOf(found(usersOf(people), values, after), values).map(({ user }) => user);
}

/** The number of `GET /users/count`, where Clerk's contract has a sign only before the ID of an organization. */
export function countUsers(people: Population, values: Values): number {
	const { filters, ...users } = usersOf(people);
	const unsigned: Filters<StoredUser> = {
		user_id: isOneOf(({ id }) => [id]),
		external_id: isOneOf(({ user }) => [user.external_id]),
	};
	return [...found({ ...users, filters: { ...filters, ...unsigned } }, values)].length;
}

/** A page of `GET /organizations`. */
export function listOrganizations({ organizations, memberships }: Population, values: Values) {
	const membersOf = ({ id }: Organization) => memberships.filter(({ organization }) => organization.id === id);
	const filters: Filters<Organization> = {
		organization_id: isSigned(({ id }) => [id]),
		user_id: isSigned((one) => membersOf(one).map(({ public_user_data }) => public_user_data.user_id)),
		query: contains(({ id, name, slug }) => [id, name, slug]),
	};
	return listed({ items: organizations, filters }, values);
}

/** A page of `GET /organization_memberships`, or of those of one organization. */
export function listMemberships(people: Population, values: Values, organizationId?: string) {
	const isMeant = ({ organization }: Membership) => organizationId === undefined || organization.id === organizationId;
	const userOf = ({ public_user_data: { user_id } }: Membership) => people.find(user_id)!;
	const ofUser = Object.fromEntries(
		Object.entries(userFilters(people)).map(([name, filter]): [string, Filter<Membership>] => [
			name,
			(membership, given) => filter(userOf(membership), given),
		]),
	);
	const filters: Filters<Membership> = {
		...ofUser,
		...times('created_at', ({ created_at }) => created_at),
		role: isOneOf((membership) => [String(membership.role)]),
	};
	return listed({ items: people.memberships.filter(isMeant), filters }, values);
}

/** A page of what the write operations made: by status, user and text, the newest first. */
export function filtered<T extends { created_at: number; status?: string; email_address?: string }>(
	items: readonly T[],
	values: Values,
	texts: (item: T) => string[],
): { data: T[]; total_count: number } {
	const filters = Object.fromEntries(Object.entries(values).filter(([name]) => name !== 'user_id'));
	return listed<T>(
		{
			items,
			filters: {
				query: contains(texts),
				status: isOneOf(({ status }) => [status]),
				email_address: isOneOf(({ email_address }) => [email_address]),
			},
			orders: { created_at: ({ created_at }) => created_at },
		},
		filters,
	);
}

/** A page of `GET /waitlist_entries`. */
export function listWaitlist({ waitlist }: Population, values: Values) {
	const filters: Filters<WaitlistEntry> = {
		query: contains(({ email_address, id }) => [email_address, id]),
		status: isOneOf(({ status }) => [status]),
	};
	return listed({ items: waitlist, filters }, values);
}

function refused(status: number, name: string, message: string): Refusal {
	return new Refusal(status, undefined, undefined, [{ loc: ['query', name], message }]);
}
