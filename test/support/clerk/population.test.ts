import { setTimeout as wait } from 'node:timers/promises';

import { ClerkCloud } from './cloud';
import type { CloudOptions, User } from './cloud';
import { Population, StoredUser } from './population';

// Reading the contracts takes seconds.
jest.setTimeout(60_000);

let cloud: ClerkCloud;

async function start(users: number, options: CloudOptions = {}): Promise<Population> {
	cloud = await ClerkCloud.start(options);
	cloud.people.fill(users);
	return cloud.people;
}

afterEach(async () => await cloud?.stop());

interface Page {
	data: Array<{ id: string; public_user_data: Record<string, unknown> }>;
	total_count: number;
}

async function get<T = User[]>(path: string): Promise<{ status: number; body: T; retryAfter: string | null }> {
	const response = await fetch(cloud.apiUrl + path, { headers: { authorization: `Bearer ${cloud.secretKey}` } });
	return { status: response.status, body: (await response.json()) as T, retryAfter: response.headers.get('retry-after') };
}

const idsOf = (objects: ReadonlyArray<{ id: string }>) => objects.map(({ id }) => id);
const listed = async (query: string) => idsOf((await get(`/users?${query}`)).body);
const counted = async (query: string) => (await get<Page>(`/users/count?${query}`)).body.total_count;
const everybody = (people: Population) => [...people.ids()].map((id) => people.get(id)!);

/** All pages by cursor. */
async function walked(query: string, limit = 100): Promise<string[]> {
	const ids: string[] = [];
	for (;;) {
		const cursor = ids.length > 0 ? `&starting_after=${ids.at(-1)}` : '';
		const page = await listed(`${query}&limit=${limit}${cursor}`);
		ids.push(...page);
		if (page.length < limit) return ids;
	}
}

describe('the population', () => {
	const filled = (count: number, seed = 1) => {
		const people = new Population();
		people.fill(count, { seed });
		return people;
	};

	it('is the same for the same seed, and another for another', () => {
		expect(filled(200, 5).at(42)).toEqual(filled(100, 5).at(42));
		expect(filled(100, 6).at(42).id).not.toBe(filled(100, 5).at(42).id);
	});

	it('is in order of creation, with some in the same millisecond, and updated in another order', () => {
		const users = everybody(filled(1000));
		const created = users.map(({ created_at }) => created_at);
		expect(created).toEqual(created.toSorted((one, other) => one - other));
		expect(new Set(created).size).toBe(800);
		expect(users.filter(({ created_at, updated_at }) => updated_at < created_at)).toEqual([]);
		expect(idsOf(users.toSorted((one, other) => one.updated_at - other.updated_at))).not.toEqual(idsOf(users));
		expect(idsOf(users).filter((id) => !/^user_2[0-9A-Za-z]{26}$/.test(id))).toEqual([]);
	});

	const users = everybody(filled(1000));

	it.each<[string, (user: User) => boolean]>([
		['without an email address', (user) => user.email_addresses.length === 0],
		['with several', (user) => user.email_addresses.length > 1],
		[
			'whose first is not primary',
			(user) => !!user.primary_email_address_id && user.email_addresses[0]?.id !== user.primary_email_address_id,
		],
		['with addresses, none primary', (user) => user.email_addresses.length > 0 && user.primary_email_address_id === null],
		['with an unverified address', (user) => user.email_addresses.some((one) => one.verification?.status === 'unverified')],
		['with an address without verification', (user) => user.email_addresses.some((one) => one.verification === null)],
		['with a test address', (user) => user.email_addresses.some((one) => one.email_address.includes('+clerk_test@'))],
		['with a test phone', (user) => user.phone_numbers.some((one) => /^\+1\d{3}55501\d\d$/.test(one.phone_number))],
		['with a wallet', (user) => user.web3_wallets.length > 0],
		['with an external account', (user) => user.external_accounts.length > 0],
		['with a username', (user) => user.username !== null],
		['with an external ID', (user) => user.external_id !== null],
		['without a name', (user) => user.first_name === null],
		['who never signed in', (user) => user.last_sign_in_at === null],
		['who are banned', (user) => user.banned],
		['who are locked', (user) => user.locked],
	])('has users %s, and others', (_, holds) => {
		const share = users.filter(holds).length / users.length;
		expect(share).toBeGreaterThan(0.005);
		expect(share).toBeLessThan(0.7);
	});

	it('has users of a real size, and no email address twice', () => {
		const emails = users.flatMap((user) => user.email_addresses.map(({ email_address }) => email_address));
		expect(new Set(emails).size).toBe(emails.length);
		const size = JSON.stringify(users).length / users.length;
		expect(size).toBeGreaterThan(2000);
		expect(size).toBeLessThan(3000);
	});

	it('can be added to, changed and removed from', () => {
		const people = filled(10);
		const last = people.at(9);
		const [first = '', second = ''] = people.add(2, { public_metadata: { new: true } });
		expect(people.at(10)).toMatchObject({ id: first, public_metadata: { new: true } });
		expect(people.at(10).created_at).toBeGreaterThan(last.updated_at);
		const [once, twice] = [people.change(last.id, { username: 'one' }), people.change(last.id, { external_id: 'two' })];
		expect(people.get(last.id)).toMatchObject({ username: 'one', external_id: 'two', created_at: last.created_at });
		expect(once.updated_at).toBeGreaterThan(people.at(10).updated_at);
		expect(twice.updated_at).toBeGreaterThan(once.updated_at);
		people.remove(first, people.at(0).id);
		expect([people.size, [...people.ids()].length, people.get(first), people.at(9).id]).toEqual([10, 10, undefined, second]);
		expect(() => people.change(first)).toThrow(`There is no user ${first}`);
		expect(() => people.at(10)).toThrow('There is no user 10 of 10');
	});

	it('makes only those of 200,000 users who are looked at', async () => {
		const made = jest.spyOn(StoredUser.prototype, 'user', 'get');
		const people = await start(200_000);
		const ids = [...people.ids()];
		expect(await listed(`order_by=created_at&limit=500&starting_after=${ids[149_999]}`)).toEqual(ids.slice(150_000, 150_500));
		expect(await listed(`limit=500&offset=150000`)).toEqual(ids.toReversed().slice(150_000, 150_500));
		expect(await counted(`created_at_after=${people.at(100_003).created_at}`)).toBe(99_994);
		expect(made).toHaveBeenCalledTimes(1001);
		made.mockRestore();
	});
});

describe('the list of users', () => {
	it('is a bare array of ten, the newest first, each as it is alone', async () => {
		const people = await start(25);
		const ids = [...people.ids()].toReversed();
		const { body } = await get('/users');
		expect(idsOf(body)).toEqual(ids.slice(0, 10));
		expect((await get(`/users/${ids[0]}`)).body).toEqual(body[0]);
		people.remove(ids[0]!);
		const gone = { status: 404, body: { errors: [{ code: 'resource_not_found' }] } };
		expect(await get(`/users/${ids[0]}`)).toMatchObject(gone);
		expect(await get(`/users?starting_after=${ids[0]}`)).toMatchObject(gone);
	});

	it('goes on by cursor in both directions, and by offset', async () => {
		const people = await start(503, { unknownCursor: 'position' });
		const before = [...people.ids()];
		people.remove(...before.filter((_, n) => n % 7 === 3));
		const ids = [...people.ids()];
		expect(await walked('order_by=created_at')).toEqual(ids);
		expect(await walked('order_by=%2Bcreated_at', 43)).toEqual(ids);
		expect(await walked('', 43)).toEqual(ids.toReversed());
		expect(await listed('order_by=created_at&limit=50&offset=400')).toEqual(ids.slice(400));
		expect(await listed('limit=50&offset=503')).toEqual([]);
		// The user of this cursor was removed.
		expect(await listed(`order_by=created_at&limit=2&starting_after=${before[3]}`)).toEqual(before.slice(4, 6));
		expect(await listed(`limit=2&starting_after=${before[3]}`)).toEqual(before.slice(1, 3).toReversed());
	});

	it.each(['updated_at', '-updated_at'])('is sorted by %s', async (order) => {
		const people = await start(333);
		const ids = [...people.ids()];
		for (const n of [5, 300, 17, 5, 200]) people.change(ids[n]!);
		const added = people.add(3);
		people.change(ids[64]!);
		people.remove(ids[17]!, added[1]!);
		const { body } = await get(`/users?order_by=${order}&limit=500`);
		const ascending = order.startsWith('-') ? body.toReversed() : body;
		expect(ascending.map(({ updated_at }) => updated_at)).toEqual(
			everybody(people)
				.map(({ updated_at }) => updated_at)
				.toSorted((one, other) => one - other),
		);
		expect(idsOf(ascending).slice(-6)).toEqual([ids[300], ids[5], ids[200], added[0], added[2], ids[64]]);
	});

	it.each([
		['limit=501', 'limit', 1],
		['limit=1&limit=2', 'limit', 1],
		['banned=perhaps', 'banned', 1],
		['updated_at_after=1', 'updated_at_after', 1],
		['email_address%5B%5D=a%40example.com', 'email_address[]', 1],
		// The contract allows these; the last one for its plus sign, which is a space where it isn't encoded.
		[`${'user_id=a&'.repeat(101)}`, 'user_id', 0],
		['order_by=updated_at&starting_after=ID', 'starting_after', 0],
		['starting_after=ID&offset=1', 'starting_after', 0],
		['order_by=shoe_size', 'order_by', 0],
		['order_by=+created_at', 'order_by', 0],
	])('is refused with %s', async (query, name, byContract) => {
		const people = await start(3);
		const said = await get<object>(`/users?${query.replace('ID', people.at(0).id)}`);
		expect(said).toMatchObject({ status: 422, body: { errors: [{ meta: { param_name: name } }] } });
		expect(cloud.refused).toHaveLength(byContract);
	});

	const SIGNED_IN = Date.UTC(2023, 0, 15);
	const emailsOf = (user: User) => user.email_addresses.map(({ email_address }) => email_address);
	const phonesOf = (user: User) => user.phone_numbers.map(({ phone_number }) => phone_number);

	it.each<[string, (one: User, two: User) => Record<string, unknown>, (user: User, one: User, two: User) => boolean]>([
		['a time after', ({ created_at }) => ({ created_at_after: created_at }), (user, one) => user.created_at > one.created_at],
		['a time before', ({ created_at }) => ({ created_at_before: created_at }), (user, one) => user.created_at < one.created_at],
		['a sign-in after', () => ({ last_sign_in_at_after: SIGNED_IN }), (user) => user.last_sign_in_at! > SIGNED_IN],
		['activity before', () => ({ last_active_at_before: SIGNED_IN }), (user) => (user.last_active_at ?? SIGNED_IN) < SIGNED_IN],
		['banned', () => ({ banned: true }), (user) => user.banned],
		[
			'not banned, and a time',
			({ created_at }) => ({ banned: false, created_at_after: created_at }),
			(user, one) => !user.banned && user.created_at > one.created_at,
		],
		['a query', () => ({ query: 'SOMEB' }), ({ username }, one) => username === one.username],
		['a username', () => ({ username: ['somebody', 'nobody'] }), ({ username }, one) => username === one.username],
		[
			'IDs',
			(one, two) => ({ user_id: [two.id, `+${one.id}`, 'user_nobody'] }),
			({ id }, one, two) => [one.id, two.id].includes(id),
		],
		['an ID that is not wanted', (one) => ({ user_id: `-${one.id}` }), ({ id }, one) => id !== one.id],
		['external IDs', () => ({ external_id: ['theirs', '+unknown'] }), (user, one) => user.id === one.id],
		['email addresses', (_, two) => ({ email_address: emailsOf(two) }), (user, _, two) => user.id === two.id],
		['phone numbers', (_, two) => ({ phone_number: phonesOf(two) }), (user, _, two) => user.id === two.id],
		['an organization', () => ({ organization_id: cloud.people.organizations[0]!.id }), ({ id }) => isMember(id)],
	])('takes %s, as its count does', async (_, filters, holds) => {
		const people = await start(100);
		people.fillOrganizations(3);
		people.fillMemberships(40);
		people.change(people.at(7).id, { username: 'Somebody', external_id: 'theirs', banned: true, last_sign_in_at: SIGNED_IN });
		const withBoth = everybody(people).find((user) => emailsOf(user).length > 0 && phonesOf(user).length > 0)!;
		const [one, two] = [people.at(7), withBoth];
		const pairs = Object.entries(filters(one, two)).flatMap(([name, values]) =>
			[values].flat().map((value) => [name, String(value)]),
		);
		const query = new URLSearchParams(pairs).toString();
		const wanted = idsOf(everybody(people).filter((user) => holds(user, one, two)));
		expect(wanted.length).toBeGreaterThan(0);
		expect(wanted.length).toBeLessThan(100);
		expect(await walked(`order_by=created_at&${query}`, 7)).toEqual(wanted);
		expect(await listed(`${query}&limit=500&offset=2`)).toEqual(wanted.toReversed().slice(2));
		expect(await counted(query)).toBe(wanted.length);
		expect(cloud.refused).toEqual([]);
	});

	const isMember = (id: string) =>
		cloud.people.memberships.some(
			({ organization, public_user_data }) =>
				organization.id === cloud.people.organizations[0]!.id && public_user_data.user_id === id,
		);
});

describe('organizations, memberships and the waitlist', () => {
	beforeEach(async () => {
		const people = await start(10);
		people.fillOrganizations(12);
		people.fillMemberships(30);
		people.fillWaitlist(25);
	});

	it.each([
		['/organizations', 'organizations'],
		['/organization_memberships', 'memberships'],
		['/waitlist_entries', 'waitlist'],
	] as const)('%s: pages with the number of all, the newest first', async (path, name) => {
		const items = cloud.people[name];
		const newest = idsOf(items).toReversed();
		const { body } = await get<Page>(path);
		expect([body.total_count, idsOf(body.data)]).toEqual([items.length, newest.slice(0, 10)]);
		expect(idsOf((await get<Page>(`${path}?limit=500&offset=10`)).body.data)).toEqual(newest.slice(10));
		expect((await get<Page>(`${path}?order_by=created_at&limit=500`)).body.data).toEqual(items);
		expect((await get(`${path}?order_by=shoe_size`)).status).toBe(422);
	});

	it('the members of one organization, who change and are removed with their users', async () => {
		const { people } = cloud;
		const { id } = people.organizations[0]!;
		const own = () => people.memberships.filter(({ organization }) => organization.id === id);
		const list = async (query = '') =>
			(await get<Page>(`/organizations/${id}/memberships?order_by=created_at&${query}`)).body.data;
		const user = own()[0]!.public_user_data.user_id;
		people.change(user, { first_name: 'Another', banned: true });
		expect(await list()).toEqual(own());
		expect(await list(`user_id=${user}`)).toMatchObject([{ public_user_data: { first_name: 'Another', banned: true } }]);
		expect(await list('role=org:admin')).toEqual(own().filter(({ role }) => role === 'org:admin'));
		people.remove(user);
		expect((await list()).map(({ public_user_data }) => public_user_data['user_id'])).not.toContain(user);
		expect((await get('/organizations/org_nobody/memberships')).status).toBe(404);
	});

	it('organizations by member; waitlist entries by status and address', async () => {
		const { people } = cloud;
		const user = people.at(3).id;
		const own = people.memberships.filter(({ public_user_data }) => public_user_data.user_id === user);
		const { body } = await get<Page>(`/organizations?limit=100&user_id=${user}`);
		expect(new Set(idsOf(body.data))).toEqual(new Set(own.map(({ organization }) => organization.id)));
		const pending = people.waitlist.filter(({ status }) => status === 'pending').length;
		expect((await get<Page>('/waitlist_entries?status=pending')).body.total_count).toBe(pending);
		expect((await get<Page>('/waitlist_entries?query=hopeful.24')).body.total_count).toBe(1);
	});
});

it('the rate limit counts what it refuses, and says when to come back', async () => {
	await start(3, { rateLimit: { requests: 3, perMs: 1_200 } });
	const statuses = [];
	for (let n = 0; n < 5; n++) statuses.push((await get('/users')).status);
	expect(statuses).toEqual([200, 200, 200, 429, 429]);
	const { retryAfter } = await get('/users/count');
	expect(['1', '2']).toContain(retryAfter);
	expect(cloud.rateLimited).toBe(3);
	await wait(Number(retryAfter) * 1000);
	expect((await get('/users')).status).toBe(200);
});

it('a test can change the population before each answer, by its number', async () => {
	const people = await start(10);
	await get('/users');
	const seen: unknown[] = [];
	cloud.backend.beforeAnswer = (...one) => {
		seen.push(one);
		if (one[1] === 2) people.add();
	};
	await get('/users?limit=20');
	await get('/users/count');
	expect((await get('/users?limit=20')).body).toHaveLength(11);
	expect(seen).toEqual([
		['GetUserList', 1],
		['GetUsersCount', 1],
		['GetUserList', 2],
	]);
});

it.each([
	// The first page is validated in full; of the others every fourth user, beginning with another one each time.
	[0, 1, 1],
	[19, 1, 1],
	[7, 5, 2],
])('a user at %d who is against the contract is found on %d pages %d times', async (place, pages, complaints) => {
	const wrong = await ClerkCloud.start();
	wrong.people.fill(20);
	wrong.people.change(wrong.people.at(place).id, { locked: 'perhaps' as never });
	cloud = wrong;
	for (let n = 0; n < pages; n++) await get('/users?order_by=created_at&limit=20');
	const error = await wrong.stop().catch((thrown: Error) => thrown);
	cloud = await ClerkCloud.start();
	expect(error?.message).toContain(`/${place}/locked must be boolean`);
	expect(error?.message.match(/GetUserList answered/g)).toHaveLength(complaints);
});
