import type { Population } from './population';
import type { Glance, User } from './person';

/** Every value of each parameter, in the order in which they were sent. */
export type Values = Readonly<Record<string, readonly string[]>>;

/** Why a list is refused, and for which parameter. */
export interface ListRefusal {
	status: 404 | 422;
	name: string;
	message: string;
}

export interface UserListOptions {
	/** What happens with a cursor whose user is gone: Clerk says nothing of it. */
	unknownCursor: 'refused' | 'position';
}

/** Which users a list is about. */
interface Filter {
	/** The indices among which to look: from the first up to, but without, the second. */
	from: number;
	to: number;
	/** The only ones who can match; null where all can. */
	suspects: number[] | null;
	/** What can be asked without making the user, and what can't. */
	glances: Array<(glance: Glance) => boolean>;
	tests: Array<(user: User) => boolean>;
}

interface Page {
	limit: number;
	offset: number;
	by: 'created_at' | 'updated_at';
	descending: boolean;
	/** The index of the user behind whom the page begins. */
	after: number | null;
}

/** How many values of one parameter Clerk takes. */
const MOST_VALUES = 100;

type Identifiers = (user: User) => Array<string | null>;

const emailAddresses: Identifiers = (user) => user.email_addresses.map(({ email_address }) => email_address);
const phoneNumbers: Identifiers = (user) => user.phone_numbers.map(({ phone_number }) => phone_number);
const wallets: Identifiers = (user) => user.web3_wallets.map(({ web3_wallet }) => web3_wallet);
const names: Identifiers = ({ first_name, last_name }) => [[first_name, last_name].filter((name) => name !== null).join(' ')];

/** Parameters that name users by what they have. */
const EXACT: Readonly<Record<string, Identifiers>> = {
	email_address: emailAddresses,
	phone_number: phoneNumbers,
	username: ({ username }) => [username],
	web3_wallet: wallets,
};

/** Parameters that look for a part of what users have. */
const PARTIAL: Readonly<Record<string, Identifiers>> = {
	query: (user) => [...emailAddresses(user), ...phoneNumbers(user), ...wallets(user), ...names(user), user.username, user.id],
	email_address_query: emailAddresses,
	phone_number_query: phoneNumbers,
	username_query: ({ username }) => [username],
	name_query: names,
};

/** Values with `+` or nothing before them, which are wanted, and those with `-`, which are not. */
export function signed(values: readonly string[] = []): { wanted: string[]; unwanted: string[] } {
	return {
		wanted: values.filter((value) => !value.startsWith('-')).map((value) => value.replace(/^\+/, '')),
		unwanted: values.filter((value) => value.startsWith('-')).map((value) => value.slice(1)),
	};
}

/** Whether one passes a signed filter by any of what it has. */
export function passes(values: readonly string[] | undefined, has: ReadonlyArray<string | null>): boolean {
	const { wanted, unwanted } = signed(values);
	const isIn = (list: string[]) => has.some((one) => one !== null && list.includes(one));
	return (wanted.length === 0 || isIn(wanted)) && !isIn(unwanted);
}

export function contains(part: string, whole: ReadonlyArray<string | null>): boolean {
	return whole.some((text) => text?.toLowerCase().includes(part.toLowerCase()));
}

/** The first parameter with more values than Clerk takes. */
export function tooMany(values: Values): ListRefusal | null {
	const [name] = Object.entries(values).find(([, { length }]) => length > MOST_VALUES) ?? [];
	return name === undefined ? null : { status: 422, name, message: `accepts up to ${MOST_VALUES} values` };
}

/** One page of `GET /users`: the users, or why there are none. */
export function listUsers(people: Population, values: Values, options: UserListOptions): User[] | ListRefusal {
	const page = pageOf(people, values, options);
	if ('status' in page) return page;
	const refusal = tooMany(values);
	if (refusal) return refusal;
	return indicesOn(people, filterOf(people, values), page).map((index) => people.user(index));
}

/** The number of `GET /users/count`. */
export function countUsers(people: Population, values: Values): number | ListRefusal {
	const refusal = tooMany(values);
	if (refusal) return refusal;
	const filter = filterOf(people, values);
	const { from, to, suspects, glances, tests } = filter;
	if (!suspects && glances.length === 0 && tests.length === 0) return Math.max(0, people.rank(to) - people.rank(from));
	const all: Page = { limit: Infinity, offset: 0, by: 'created_at', descending: false, after: null };
	return indicesOn(people, filter, all).length;
}

function pageOf(people: Population, values: Values, { unknownCursor }: UserListOptions): Page | ListRefusal {
	const order = values['order_by']?.[0] ?? '-created_at';
	const [, sign = '', by] = /^([+-]?)(created_at|updated_at)$/.exec(order) ?? [];
	// An unencoded plus sign arrives as a space, which is refused as well: nobody knows what Clerk makes of it.
	if (by !== 'created_at' && by !== 'updated_at') {
		return { status: 422, name: 'order_by', message: `"${order}" is no order, or not played` };
	}
	const offset = Number(values['offset']?.[0] ?? 0);
	const page: Page = { limit: Number(values['limit']?.[0] ?? 10), offset, by, descending: sign === '-', after: null };
	const cursor = values['starting_after']?.[0];
	if (cursor === undefined) return page;
	const name = 'starting_after';
	if (by !== 'created_at') return { status: 422, name, message: `can't be combined with an order by ${by}` };
	if (offset !== 0) return { status: 422, name, message: "can't be combined with an offset" };
	const after = people.indexOf(cursor);
	const isThere = people.exists(after) || (after >= 0 && unknownCursor === 'position');
	return isThere ? { ...page, after } : { status: 404, name, message: `No user was found with id ${cursor}` };
}

function filterOf(people: Population, values: Values): Filter {
	const number = (name: string) => (values[name]?.[0] === undefined ? null : Number(values[name][0]));
	const [after, before] = [number('created_at_after'), number('created_at_before')];
	const filter: Filter = {
		from: after === null ? 0 : people.firstSince(after + 1),
		to: before === null ? people.born : people.firstSince(before),
		suspects: null,
		glances: glancesOf(values),
		tests: [],
	};
	for (const [name, has] of Object.entries(EXACT)) {
		const wanted = values[name]?.map((value) => value.toLowerCase());
		if (!wanted) continue;
		filter.tests.push((user) => has(user).some((one) => one !== null && wanted.includes(one.toLowerCase())));
		// A wallet's address says nothing of whose it is.
		if (has !== wallets) filter.suspects ??= wanted.flatMap((value) => people.suspects(value));
	}
	for (const [name, has] of Object.entries(PARTIAL)) {
		const part = values[name]?.[0];
		if (part !== undefined) filter.tests.push((user) => contains(part, has(user)));
	}
	const { user_id, external_id, organization_id, provider, provider_user_id } = values;
	if (user_id) {
		filter.tests.push(({ id }) => passes(user_id, [id]));
		const { wanted } = signed(user_id);
		if (wanted.length > 0) filter.suspects ??= wanted.map((id) => people.indexOf(id));
	}
	if (external_id) {
		filter.tests.push((user) => passes(external_id, [user.external_id]));
		const { wanted } = signed(external_id);
		if (wanted.length > 0) filter.suspects ??= wanted.flatMap((value) => people.suspects(value));
	}
	if (organization_id) {
		const organizations = organizationsByUser(people);
		filter.tests.push(({ id }) => passes(organization_id, organizations.get(id) ?? []));
		if (signed(organization_id).wanted.length > 0) filter.suspects ??= [...organizations.keys()].map((id) => people.indexOf(id));
	}
	if (provider || provider_user_id) {
		filter.tests.push(({ external_accounts }) =>
			external_accounts.some(
				(account) =>
					account.provider.replace(/^oauth_/, '') === provider?.[0]?.replace(/^oauth_/, '') &&
					provider_user_id?.includes(account.provider_user_id),
			),
		);
	}
	return filter;
}

function glancesOf(values: Values): Filter['glances'] {
	const glances: Filter['glances'] = [];
	const banned = values['banned']?.[0];
	if (banned !== undefined) glances.push((glance) => String(glance.banned) === banned);
	for (const field of ['last_active_at', 'last_sign_in_at'] as const) {
		const compare = (name: string, holds: (value: number, than: number) => boolean) => {
			const than = values[`${field}_${name}`]?.[0];
			if (than !== undefined) glances.push(({ [field]: value }) => value !== null && holds(value, Number(than)));
		};
		compare('before', (value, than) => value < than);
		compare('after', (value, than) => value > than);
		compare('since', (value, than) => value >= than);
	}
	return glances;
}

function organizationsByUser({ memberships }: Population): Map<string, string[]> {
	const organizations = new Map<string, string[]>();
	for (const { public_user_data, organization } of memberships) {
		const { user_id } = public_user_data;
		organizations.set(user_id, [...(organizations.get(user_id) ?? []), organization.id]);
	}
	return organizations;
}

/** The indices of a page; it looks only at those who are on it, unless there is a filter that needs more. */
function indicesOn(people: Population, filter: Filter, page: Page): number[] {
	const { from, to, suspects, glances, tests } = filter;
	const { limit, offset, by, descending, after } = page;
	const byCreation = by === 'created_at';
	const first = after === null || descending ? from : Math.max(from, after + 1);
	const end = after === null || !descending ? to : Math.min(to, after);
	const matches = (index: number): boolean => {
		if (index < first || index >= end) return false;
		if (glances.length > 0) {
			const glance = people.glance(index);
			if (!glances.every((test) => test(glance))) return false;
		}
		if (tests.length === 0) return true;
		const user = people.user(index);
		return tests.every((test) => test(user));
	};
	if (suspects) {
		const place = (index: number) => (byCreation ? index : people.placeByUpdate(index)) * (descending ? -1 : 1);
		const found = [...new Set(suspects)].filter((index) => people.exists(index) && matches(index));
		return found.sort((one, other) => place(one) - place(other)).slice(offset, offset + limit);
	}
	// In order of creation a span of time is one piece; in order of update its users are all over it.
	const [low, high] = byCreation ? [people.rank(first), people.rank(end)] : [0, people.size];
	const at = (n: number) => (byCreation ? people.byCreation(n) : people.byUpdate(n));
	const isSpan = first > 0 || end < people.born;
	const needsLook = glances.length > 0 || tests.length > 0 || (!byCreation && isSpan);
	const found: number[] = [];
	let passedOver = needsLook ? 0 : offset;
	for (let n = needsLook ? 0 : offset; n < high - low && found.length < limit; n++) {
		const index = at(descending ? high - 1 - n : low + n);
		if (needsLook && !matches(index)) continue;
		if (passedOver < offset) passedOver++;
		else found.push(index);
	}
	return found;
}
