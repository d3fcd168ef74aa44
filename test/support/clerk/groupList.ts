import type { Membership, Organization, Population, WaitlistEntry } from './population';
import { contains, passes, tooMany } from './userList';
import type { ListRefusal, Values } from './userList';

/** What Clerk's lists beside that of the users answer. */
export interface Listed<T> {
	data: T[];
	/** Of all pages. */
	total_count: number;
}

type Orders<T> = Readonly<Record<string, (item: T) => string | number>>;

const ORGANIZATION_ORDERS: Orders<Organization> = { created_at: (one) => one.created_at, name: (one) => one.name };
const MEMBERSHIP_ORDERS: Orders<Membership> = {
	created_at: (one) => one.created_at,
	first_name: (one) => one.public_user_data.first_name ?? '',
	last_name: (one) => one.public_user_data.last_name ?? '',
	username: (one) => one.public_user_data.username ?? '',
};
const WAITLIST_ORDERS: Orders<WaitlistEntry> = {
	created_at: (one) => one.created_at,
	email_address: (one) => one.email_address,
};

/** One page of `GET /organizations`. */
export function listOrganizations(people: Population, values: Values): Listed<Organization> | ListRefusal {
	const { organization_id, user_id, query } = values;
	const membersOf = (id: string) => people.memberships.filter(({ organization }) => organization.id === id);
	const found = people.organizations.filter(
		({ id, name, slug }) =>
			passes(organization_id, [id]) &&
			(!user_id ||
				passes(
					user_id,
					membersOf(id).map(({ public_user_data }) => public_user_data.user_id),
				)) &&
			(query?.[0] === undefined || id === query[0] || contains(query[0], [name, slug])),
	);
	const orders = { ...ORGANIZATION_ORDERS, members_count: ({ id }: Organization) => membersOf(id).length };
	const listed = pageOf(found, values, orders);
	if ('status' in listed) return listed;
	const asked = (name: string) => values[name]?.[0] === 'true';
	const data = listed.data.map((organization) => ({
		...organization,
		...(asked('include_members_count') ? { members_count: membersOf(organization.id).length } : {}),
		...(asked('include_missing_member_with_elevated_permissions') ? { missing_member_with_elevated_permissions: false } : {}),
	}));
	return { ...listed, data };
}

/**
 * One page of `GET /organization_memberships`, or of those of one organization, which takes more filters.
 * @param organizationId null for those of all
 */
export function listMemberships(
	people: Population,
	values: Values,
	organizationId: string | null,
): Listed<Membership> | ListRefusal {
	if (organizationId !== null && !people.organizations.some(({ id }) => id === organizationId)) {
		return { status: 404, name: 'organization_id', message: `No organization was found with id ${organizationId}` };
	}
	const asks = Object.keys(values).some((name) => !['limit', 'offset', 'order_by'].includes(name));
	const found = people.memberships.filter((membership) => {
		if (organizationId !== null && membership.organization.id !== organizationId) return false;
		return !asks || isMeant(people, values, membership);
	});
	return pageOf(found, values, MEMBERSHIP_ORDERS);
}

/** One page of `GET /waitlist_entries`. */
export function listWaitlist(people: Population, values: Values): Listed<WaitlistEntry> | ListRefusal {
	const [query, status] = [values['query']?.[0], values['status']?.[0]];
	const found = people.waitlist.filter(
		(entry) =>
			(query === undefined || contains(query, [entry.email_address, entry.id])) &&
			(status === undefined || entry.status === status),
	);
	return pageOf(found, values, WAITLIST_ORDERS);
}

function isMeant(people: Population, values: Values, { role, created_at, public_user_data }: Membership): boolean {
	const user = people.get(public_user_data.user_id);
	if (!user) return false;
	const emails = user.email_addresses.map(({ email_address }) => email_address);
	const phones = user.phone_numbers.map(({ phone_number }) => phone_number);
	const wallets = user.web3_wallets.map(({ web3_wallet }) => web3_wallet);
	const names = [user.first_name, user.last_name];
	const isIn = (name: string, has: Array<string | null>) => !values[name] || has.some((one) => values[name]?.includes(one ?? ''));
	const holds = (name: string, has: Array<string | null>) => !values[name] || contains(values[name][0] ?? '', has);
	const isWithin = (name: string, value: number | null) => {
		const [after, before] = [values[`${name}_after`]?.[0], values[`${name}_before`]?.[0]];
		if (value === null) return after === undefined && before === undefined;
		return (after === undefined || value > Number(after)) && (before === undefined || value < Number(before));
	};
	return (
		passes(values['user_id'], [user.id]) &&
		isIn('role', [role]) &&
		isIn('email_address', emails) &&
		isIn('phone_number', phones) &&
		isIn('username', [user.username]) &&
		isIn('web3_wallet', wallets) &&
		holds('query', [...emails, ...phones, ...wallets, ...names, user.username, user.id]) &&
		holds('email_address_query', emails) &&
		holds('phone_number_query', phones) &&
		holds('username_query', [user.username]) &&
		holds('name_query', names) &&
		isWithin('created_at', created_at) &&
		isWithin('last_active_at', user.last_active_at)
	);
}

/** A page of what was found, which comes in order of creation: so stay those who are equal in another order. */
function pageOf<T extends object>(found: readonly T[], values: Values, orders: Orders<T>): Listed<T> | ListRefusal {
	const refusal = tooMany(values);
	if (refusal) return refusal;
	const order = values['order_by']?.[0] ?? '-created_at';
	const [, sign = '', name = ''] = /^([+-]?)(\w+)$/.exec(order) ?? [];
	const key = orders[name];
	if (!key) return { status: 422, name: 'order_by', message: `"${order}" is no order, or not played` };
	const sorted = found.toSorted((one, other) => {
		const [left, right] = [key(one), key(other)];
		return left < right ? -1 : left > right ? 1 : 0;
	});
	if (sign === '-') sorted.reverse();
	const offset = Number(values['offset']?.[0] ?? 0);
	return { data: sorted.slice(offset, offset + Number(values['limit']?.[0] ?? 10)), total_count: sorted.length };
}
