import { ClerkCloud, faults } from './cloud';
import type { CloudOptions, User } from './cloud';
import { Population } from './population';

interface ClerkErrorBody {
	errors: Array<{ code: string; meta?: { param_name: string } }>;
}

// The contracts are long, and the first test reads them.
jest.setTimeout(60_000);

const clouds: ClerkCloud[] = [];

async function started(users: number, options: CloudOptions = {}): Promise<ClerkCloud> {
	const cloud = await ClerkCloud.start(options);
	clouds.push(cloud);
	cloud.people.fill(users);
	return cloud;
}

async function get<T = User[]>(cloud: ClerkCloud, path: string): Promise<{ status: number; body: T; retryAfter: string | null }> {
	const response = await fetch(cloud.apiUrl + path, { headers: { authorization: `Bearer ${cloud.secretKey}` } });
	return { status: response.status, body: (await response.json()) as T, retryAfter: response.headers.get('retry-after') };
}

const idsOf = (users: readonly User[]) => users.map(({ id }) => id);

async function listed(cloud: ClerkCloud, query: string): Promise<string[]> {
	const { status, body } = await get(cloud, `/users?${query}`);
	expect([status, body]).toEqual([200, expect.any(Array)]);
	return idsOf(body);
}

/** All pages behind one another, by cursor. */
async function walked(cloud: ClerkCloud, query: string, limit = 100): Promise<string[]> {
	const ids: string[] = [];
	for (;;) {
		const cursor = ids.length > 0 ? `&starting_after=${ids.at(-1)}` : '';
		const page = await listed(cloud, `${query}&limit=${limit}${cursor}`);
		ids.push(...page);
		if (page.length < limit) return ids;
	}
}

async function counted(cloud: ClerkCloud, query: string): Promise<number> {
	return (await get<{ total_count: number }>(cloud, `/users/count?${query}`)).body.total_count;
}

/** Every user, one after the other: what lists are compared with. */
function everybody(cloud: ClerkCloud): User[] {
	return Array.from({ length: cloud.people.size }, (_, n) => cloud.people.at(n));
}

/** By the updates as they stand in the users; who are equal there, as they come. */
function byUpdate(users: readonly User[]): number[] {
	return users.map(({ updated_at }) => updated_at).toSorted((one, other) => one - other);
}

afterEach(async () => {
	for (const cloud of clouds.splice(0)) await cloud.stop();
});

describe('the population', () => {
	it('is the same for the same seed, and another for another', () => {
		const [one, same, other] = [new Population(), new Population(), new Population()];
		one.fill(100, { seed: 5 });
		same.fill(200, { seed: 5 });
		other.fill(100, { seed: 6 });
		expect(same.at(42)).toEqual(one.at(42));
		expect(other.at(42).id).not.toBe(one.at(42).id);
	});

	it('has ids like those of Clerk, each only once, and finds their users', () => {
		const people = new Population();
		people.fill(20_000);
		const ids = [...people.ids()];
		expect(new Set(ids).size).toBe(20_000);
		expect(ids.filter((id) => !/^user_2[0-9A-Za-z]{26}$/.test(id))).toEqual([]);
		expect(ids.findIndex((id, n) => people.find(id)?.index !== n)).toBe(-1);
		expect(people.get(`${ids[0]?.slice(0, -1)}!`)).toBeUndefined();
		expect(people.get('user_2abcdefABCDEF0123456789abcd')).toBeUndefined();
	});

	it('comes in order, a few in the same millisecond, and is updated in another order', () => {
		const people = new Population();
		people.fill(1000);
		const users = Array.from({ length: 1000 }, (_, n) => people.at(n));
		const created = users.map(({ created_at }) => created_at);
		expect(created).toEqual(created.toSorted((one, other) => one - other));
		expect(new Set(created).size).toBe(800);
		expect(users.filter(({ created_at, updated_at }) => updated_at < created_at)).toEqual([]);
		expect(users.map(({ updated_at }) => updated_at)).not.toEqual(byUpdate(users));
	});

	it('is varied, and of a real size', () => {
		const people = new Population();
		people.fill(1000);
		const users = Array.from({ length: 1000 }, (_, n) => people.at(n));
		const share = (holds: (user: User) => boolean) => users.filter(holds).length / users.length;
		const emails = users.flatMap(({ email_addresses }) => email_addresses);
		expect(new Set(emails.map(({ email_address }) => email_address)).size).toBe(emails.length);
		const kinds: Record<string, (user: User) => boolean> = {
			'without an e-mail address': (user) => user.email_addresses.length === 0,
			'with several': (user) => user.email_addresses.length > 1,
			'whose first is not the primary one': (user) =>
				user.primary_email_address_id !== null && user.email_addresses[0]?.id !== user.primary_email_address_id,
			'with addresses, none primary': (user) => user.email_addresses.length > 0 && user.primary_email_address_id === null,
			'for tests, by address': (user) => user.email_addresses.some((one) => one.email_address.includes('+clerk_test@')),
			'for tests, by phone': (user) => user.phone_numbers.some((one) => /^\+1\d{3}55501\d\d$/.test(one.phone_number)),
			'with a wallet': (user) => user.web3_wallets.length > 0,
			'with an account elsewhere': (user) => user.external_accounts.length > 0,
			'with a username': (user) => user.username !== null,
			'with an external id': (user) => user.external_id !== null,
			'without a name': (user) => user.first_name === null,
			'never signed in': (user) => user.last_sign_in_at === null,
			banned: (user) => user.banned,
			locked: (user) => user.locked,
			'with an unverified address': (user) => user.email_addresses.some((one) => one.verification?.status === 'unverified'),
			'with an address nothing is known of': (user) => user.email_addresses.some((one) => one.verification === null),
		};
		const without = Object.entries(kinds).filter(([, holds]) => share(holds) < 0.005 || share(holds) > 0.7);
		expect(without.map(([name]) => name)).toEqual([]);
		const size = JSON.stringify(users).length / users.length;
		expect(size).toBeGreaterThan(2000);
		expect(size).toBeLessThan(3000);
	});

	it('keeps only what happened to some of it', () => {
		const people = new Population();
		people.fill(1_000_000);
		const before = process.memoryUsage().heapUsed;
		const changed = people.at(500_000).id;
		people.change(changed, { banned: true });
		people.remove(people.at(0).id, people.at(999_998).id);
		people.add(10);
		expect(people.size).toBe(1_000_008);
		expect(people.get(changed)).toMatchObject({ banned: true });
		expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
	});

	it('can be added to, changed and lessened', () => {
		const people = new Population();
		people.fill(10);
		const last = people.at(9);
		const [first = '', second = ''] = people.add(2, { public_metadata: { new: true } });
		expect(people.at(10)).toMatchObject({ id: first, public_metadata: { new: true } });
		expect(people.at(10).created_at).toBeGreaterThan(last.updated_at);
		expect(people.at(10).updated_at).toBe(people.at(10).created_at);
		const [once, twice] = [people.change(last.id, { username: 'one' }), people.change(last.id, { external_id: 'two' })];
		expect(people.get(last.id)).toMatchObject({ username: 'one', external_id: 'two', created_at: last.created_at });
		expect(once.updated_at).toBeGreaterThan(people.at(10).updated_at);
		expect(twice.updated_at).toBeGreaterThan(once.updated_at);
		people.remove(first, people.at(0).id);
		expect([people.size, [...people.ids()].length, people.get(first)]).toEqual([10, 10, undefined]);
		expect(people.at(9).id).toBe(second);
		expect(() => people.change(first)).toThrow(`There is no user ${first}`);
		expect(() => people.remove(first)).toThrow(`There is no user ${first}`);
		expect(() => people.at(10)).toThrow('There is no user 10 of 10');
	});
});

describe('the list of users', () => {
	it('is a bare array of ten, the newest first, and each as it is alone', async () => {
		const cloud = await started(25);
		const ids = [...cloud.people.ids()].toReversed();
		const { body } = await get(cloud, '/users');
		expect(idsOf(body)).toEqual(ids.slice(0, 10));
		expect((await get<User>(cloud, `/users/${ids[0]}`)).body).toEqual(body[0]);
		cloud.people.remove(ids[0] ?? '');
		const gone = await get<ClerkErrorBody>(cloud, `/users/${ids[0]}`);
		expect(gone).toMatchObject({ status: 404, body: { errors: [{ code: 'resource_not_found' }] } });
		expect(cloud.refused).toEqual([]);
	});

	it('goes on behind a cursor, in both directions, with each user once', async () => {
		const cloud = await started(503);
		cloud.people.remove(...[...cloud.people.ids()].filter((_, n) => n % 7 === 3));
		const ids = [...cloud.people.ids()];
		expect(await walked(cloud, 'order_by=created_at')).toEqual(ids);
		expect(await walked(cloud, 'order_by=%2Bcreated_at', 43)).toEqual(ids);
		expect(await walked(cloud, 'order_by=-created_at')).toEqual(ids.toReversed());
		expect(await walked(cloud, '', 500)).toEqual(ids.toReversed());
		expect(await listed(cloud, `order_by=created_at&offset=0&limit=3&starting_after=${ids[99]}`)).toEqual(ids.slice(100, 103));
	});

	it('goes on by offset, up to the end and behind it', async () => {
		const cloud = await started(120);
		const ids = [...cloud.people.ids()];
		expect(await listed(cloud, 'order_by=created_at&limit=50&offset=100')).toEqual(ids.slice(100));
		expect(await listed(cloud, 'limit=50&offset=100')).toEqual(ids.toReversed().slice(100));
		expect(await listed(cloud, 'limit=50&offset=120')).toEqual([]);
	});

	it('shows in ascending order by cursor all who were there all the time, whoever comes, goes and changes', async () => {
		const cloud = await started(300);
		const before = [...cloud.people.ids()];
		const gone: string[] = [];
		cloud.backend.beforeAnswer = (operation, number) => {
			expect(operation).toBe('GetUserList');
			if (number === 1) return;
			const passed = before[(number - 1) * 50 - 1] ?? '';
			if (cloud.people.get(passed)) cloud.people.change(passed);
			const [early, late] = [before[number] ?? '', before[300 - number] ?? ''];
			cloud.people.remove(early, late);
			gone.push(late);
			if (number < 4) cloud.people.add(2);
		};
		const seen = await walked(cloud, 'order_by=created_at', 50);
		expect(new Set(seen).size).toBe(seen.length);
		const missed = before.filter((id) => !seen.includes(id));
		expect(missed.filter((id) => !gone.includes(id))).toEqual([]);
		expect(seen.length - (before.length - missed.length)).toBe(4);
		cloud.backend.beforeAnswer = null;
	});

	it.each(['updated_at', '-updated_at'])('is sorted by %s, also where users were added, changed and removed', async (order) => {
		const cloud = await started(333);
		const { people } = cloud;
		const ids = [...people.ids()];
		for (const n of [5, 300, 17, 5, 200]) people.change(ids[n] ?? '');
		const added = people.add(3);
		people.change(ids[64] ?? '');
		people.remove(ids[17] ?? '', ids[18] ?? '', added[1] ?? '', ids[332] ?? '');
		const pages = [];
		for (const offset of [0, 100, 200, 300]) {
			pages.push(...(await get(cloud, `/users?order_by=${order}&limit=100&offset=${offset}`)).body);
		}
		const updates = pages.map(({ updated_at }) => updated_at);
		expect(new Set(idsOf(pages))).toEqual(new Set(people.ids()));
		expect(pages).toHaveLength(people.size);
		expect(order.startsWith('-') ? updates.toReversed() : updates).toEqual(byUpdate(everybody(cloud)));
		const last = order.startsWith('-') ? pages.slice(0, 3).toReversed() : pages.slice(-3);
		expect(idsOf(last)).toEqual([added[0], added[2], ids[64]]);
	});

	it.each([
		['limit=501', 'limit'],
		['limit=0', 'limit'],
		['limit=ten', 'limit'],
		['limit=1&limit=2', 'limit'],
		['offset=-1', 'offset'],
		['banned=perhaps', 'banned'],
		['updated_at_after=1', 'updated_at_after'],
		['email_address%5B%5D=a%40example.com', 'email_address[]'],
		['email_address%5B0%5D=a%40example.com', 'email_address[0]'],
		['order_by=username&order_by=created_at', 'order_by'],
	])('is refused by the contract with %s, and the refusal is kept', async (query, name) => {
		const cloud = await started(3);
		const { status, body } = await get<ClerkErrorBody>(cloud, `/users?${query}`);
		expect([status, body.errors.map(({ meta }) => meta?.param_name)]).toEqual([422, [name]]);
		expect(cloud.refused).toEqual([expect.stringContaining(`GET /v1/users: query.${name}`)]);
	});

	it.each([
		['order_by=shoe_size', 'order_by'],
		// A plus sign that is not encoded is a space.
		['order_by=+created_at', 'order_by'],
		['order_by=updated_at&starting_after=ID', 'starting_after'],
		['order_by=-updated_at&starting_after=ID', 'starting_after'],
		['starting_after=ID&offset=1', 'starting_after'],
	])('is refused with 422 with %s', async (query, name) => {
		const cloud = await started(3);
		const path = `/users?${query.replace('ID', cloud.people.at(0).id)}`;
		const { status, body } = await get<ClerkErrorBody>(cloud, path);
		expect([status, body.errors[0]?.meta?.param_name]).toEqual([422, name]);
	});

	it('is refused with more than 100 values of a list', async () => {
		const cloud = await started(3);
		expect((await get(cloud, `/users?${'email_address=a&'.repeat(100)}`)).status).toBe(200);
		expect((await get(cloud, `/users?${'email_address=a&'.repeat(101)}`)).status).toBe(422);
		expect((await get(cloud, `/users/count?${'user_id=a&'.repeat(101)}`)).status).toBe(422);
	});

	it('refuses a cursor whose user is gone', async () => {
		const cloud = await started(10);
		const { id } = cloud.people.at(4);
		cloud.people.remove(id);
		const { status, body } = await get<ClerkErrorBody>(cloud, `/users?order_by=created_at&starting_after=${id}`);
		expect([status, body.errors[0]?.code]).toEqual([404, 'resource_not_found']);
	});

	it('or, where a test wants it, goes on from where that user stood', async () => {
		const cloud = await started(10, { unknownCursor: 'position' });
		const ids = [...cloud.people.ids()];
		cloud.people.remove(ids[4] ?? '', ids[5] ?? '');
		expect(await listed(cloud, `order_by=created_at&starting_after=${ids[4]}`)).toEqual(ids.slice(6));
		expect(await listed(cloud, `starting_after=${ids[4]}`)).toEqual(ids.slice(0, 4).toReversed());
		expect((await get(cloud, '/users?starting_after=user_nobody')).status).toBe(404);
	});
});

describe('a million users', () => {
	it('are as quick to page through as a few, with thousands changed and removed', async () => {
		const cloud = await started(1_000_000);
		const { people } = cloud;
		const changed = Array.from({ length: 2000 }, (_, n) => people.change(people.at((n * 7919) % 1_000_000).id).id);
		const before = [...people.ids()];
		const removed = Array.from({ length: 2000 }, (_, n) => before[n * 450 + 1]!).filter((id) => !changed.includes(id));
		people.remove(...removed);
		// Compiles the contract, and holds a whole page to it.
		await listed(cloud, 'limit=500');
		const began = performance.now();
		const ids = [...people.ids()];
		const from = (n: number) => ids.slice(n, n + 500);
		expect(await listed(cloud, 'order_by=created_at&limit=500&offset=900000')).toEqual(from(900_000));
		const cursor = people.at(499_999).id;
		expect(await listed(cloud, `order_by=created_at&limit=500&starting_after=${cursor}`)).toEqual(from(500_000));
		expect(await listed(cloud, 'order_by=-updated_at&limit=500&offset=1000')).toEqual(changed.toReversed().slice(1000, 1500));
		expect(await listed(cloud, 'order_by=-updated_at&limit=500&offset=900000')).toHaveLength(500);
		expect(await counted(cloud, `created_at_after=${people.at(99_999).created_at}`)).toBe(people.size - 100_000);
		// Takes a third of a second; made one by one, a million users would take half a minute.
		expect(performance.now() - began).toBeLessThan(5_000);
	});
});

describe('the filters', () => {
	const MOMENT = Date.UTC(2023, 0, 1, 3);
	const SIGNED_IN = Date.UTC(2023, 0, 15);

	it.each<[string, (user: User) => boolean]>([
		[`created_at_after=${MOMENT}`, ({ created_at }) => created_at > MOMENT],
		[`created_at_before=${MOMENT}`, ({ created_at }) => created_at < MOMENT],
		[`last_sign_in_at_after=${SIGNED_IN}`, ({ last_sign_in_at }) => last_sign_in_at !== null && last_sign_in_at > SIGNED_IN],
		[`last_sign_in_at_before=${SIGNED_IN}`, ({ last_sign_in_at }) => last_sign_in_at !== null && last_sign_in_at < SIGNED_IN],
		[`last_active_at_after=${SIGNED_IN}`, ({ last_active_at }) => last_active_at !== null && last_active_at > SIGNED_IN],
		[`last_active_at_before=${SIGNED_IN}`, ({ last_active_at }) => last_active_at !== null && last_active_at < SIGNED_IN],
		['banned=true', ({ banned }) => banned],
		['banned=false', ({ banned }) => !banned],
		[
			'query=ELL',
			(user) =>
				/ell/i.test(
					[user.id, user.username, user.first_name, user.last_name, ...user.email_addresses.map((one) => one.email_address)].join(
						' ',
					),
				),
		],
		[
			'email_address_query=old1.EXAMPLE',
			(user) => user.email_addresses.some((one) => one.email_address.includes('old1.example')),
		],
		['phone_number_query=55501', (user) => user.phone_numbers.some((one) => one.phone_number.includes('55501'))],
		['username_query=el', ({ username }) => username?.includes('el') ?? false],
		['name_query=an', ({ first_name, last_name }) => /an/i.test([first_name, last_name].join(' '))],
		[
			`banned=false&created_at_after=${MOMENT}&email_address_query=%2Bclerk_test`,
			(user) =>
				!user.banned && user.created_at > MOMENT && user.email_addresses.some((one) => one.email_address.includes('+clerk_test')),
		],
	])('%s holds for the list in any order, for its pages and for the count', async (query, holds) => {
		const cloud = await started(400);
		const { people } = cloud;
		for (const n of [3, 390])
			people.change(people.at(n).id, { banned: true, last_sign_in_at: SIGNED_IN, last_active_at: SIGNED_IN });
		people.add(1, { first_name: 'Ada', last_name: 'Smith', last_sign_in_at: null });
		people.remove(people.at(200).id);
		const wanted = idsOf(everybody(cloud).filter(holds));
		expect(wanted.length).toBeGreaterThan(2);
		expect(wanted.length).toBeLessThan(398);
		expect(await walked(cloud, `order_by=created_at&${query}`, 7)).toEqual(wanted);
		expect(await listed(cloud, `${query}&limit=500&offset=2`)).toEqual(wanted.toReversed().slice(2));
		expect((await listed(cloud, `order_by=updated_at&limit=500&${query}`)).toSorted()).toEqual(wanted.toSorted());
		expect(await counted(cloud, query)).toBe(wanted.length);
		expect(cloud.refused).toEqual([]);
	});

	it('take a span of time without both its ends', async () => {
		const cloud = await started(50);
		const at = (n: number) => cloud.people.at(n).created_at;
		// The 24th to 26th were created in the same millisecond.
		expect(at(23)).toBe(at(25));
		const ids = [...cloud.people.ids()];
		const query = `order_by=created_at&limit=500&created_at_after=${at(23)}&created_at_before=${at(30)}`;
		expect(await listed(cloud, query)).toEqual(ids.slice(26, 30));
		expect(await counted(cloud, `created_at_after=${at(30)}&created_at_before=${at(20)}`)).toBe(0);
	});

	it('take several values of a list, and pass over those that nobody has', async () => {
		const cloud = await started(500);
		const { people } = cloud;
		const [changed, plain] = [people.at(7), people.at(8)];
		people.change(changed.id, { username: 'Somebody', external_id: 'theirs', email_addresses: [] });
		const [phoned] = everybody(cloud).filter((user) => user.phone_numbers.length > 0);
		const tested = everybody(cloud).find((user) => user.phone_numbers.some((one) => /^\+1.{3}55501/.test(one.phone_number)))!;
		const email = plain.email_addresses[0]?.email_address ?? '';
		const query = async (values: Record<string, string[]>) => {
			const pairs = Object.entries(values).flatMap(([name, all]) => all.map((value) => [name, value]));
			const text = new URLSearchParams([['order_by', 'created_at'], ['limit', '500'], ...pairs]).toString();
			expect(await counted(cloud, new URLSearchParams(pairs).toString())).toBe((await listed(cloud, text)).length);
			return await listed(cloud, text);
		};
		expect(await query({ email_address: [email.toUpperCase(), 'nobody@example.com'] })).toEqual([plain.id]);
		expect(await query({ email_address: [changed.email_addresses[0]?.email_address ?? 'none'] })).toEqual([]);
		expect(await query({ user_id: [plain.id, `+${changed.id}`, 'user_nobody'] })).toEqual([changed.id, plain.id]);
		expect(await query({ user_id: [`-${plain.id}`] })).toEqual([...people.ids()].filter((id) => id !== plain.id));
		expect(await query({ username: ['somebody'], user_id: [`-${plain.id}`] })).toEqual([changed.id]);
		expect(await query({ external_id: ['theirs', '+unknown'] })).toEqual([changed.id]);
		expect(await query({ external_id: ['-theirs'] })).toHaveLength(499);
		expect(await query({ phone_number: [phoned, tested].map((user) => user?.phone_numbers[0]?.phone_number ?? '') })).toEqual(
			[...people.ids()].filter((id) => [phoned?.id, tested.id].includes(id)),
		);
		const hundred = Array.from({ length: 100 }, (_, n) => people.at(n).id);
		expect(await query({ user_id: hundred })).toEqual(hundred);
		expect(cloud.refused).toEqual([]);
	});

	it('take the organizations that users are members of', async () => {
		const cloud = await started(30);
		cloud.people.fillOrganizations(3);
		cloud.people.fillMemberships(40);
		const [one = '', other = ''] = cloud.people.organizations.map(({ id }) => id);
		const membersOf = (id: string) =>
			[...cloud.people.ids()].filter((user) =>
				cloud.people.memberships.some(
					({ organization, public_user_data }) => organization.id === id && public_user_data.user_id === user,
				),
			);
		const query = `order_by=created_at&limit=500&organization_id=${one}`;
		expect(await listed(cloud, query)).toEqual(membersOf(one));
		expect(await listed(cloud, `${query}&organization_id=-${other}`)).toEqual(
			membersOf(one).filter((id) => !membersOf(other).includes(id)),
		);
		expect(membersOf(one).length).toBeGreaterThan(membersOf(one).filter((id) => !membersOf(other).includes(id)).length);
	});
});

describe('organizations, memberships and the waitlist', () => {
	interface Listed {
		data: Array<Record<string, unknown> & { id: string; public_user_data: Record<string, unknown> }>;
		total_count: number;
	}

	async function gathered(users = 10): Promise<ClerkCloud> {
		const cloud = await started(users);
		cloud.people.fillOrganizations(12);
		cloud.people.fillMemberships(30);
		cloud.people.fillWaitlist(25);
		return cloud;
	}

	it.each(['/organizations', '/organization_memberships', '/waitlist_entries'])(
		'%s: pages with the number of all, the newest first',
		async (path) => {
			const cloud = await gathered();
			const { people } = cloud;
			const items = { '/organizations': people.organizations, '/waitlist_entries': people.waitlist }[path] ?? people.memberships;
			const newest = items.map(({ id }) => id).toReversed();
			const { body } = await get<Listed>(cloud, path);
			expect(body.total_count).toBe(items.length);
			expect(body.data.map(({ id }) => id)).toEqual(newest.slice(0, 10));
			const second = await get<Listed>(cloud, `${path}?limit=500&offset=10`);
			expect(second.body.data.map(({ id }) => id)).toEqual(newest.slice(10));
			const ascending = await get<Listed>(cloud, `${path}?order_by=created_at&limit=500`);
			expect(ascending.body.data).toEqual(items);
			expect((await get(cloud, `${path}?order_by=shoe_size`)).status).toBe(422);
			expect((await get(cloud, `${path}?limit=501`)).status).toBe(422);
		},
	);

	it('the members of one organization, by what the contract asks', async () => {
		const cloud = await gathered();
		const { memberships, organizations } = cloud.people;
		const organization = organizations[0]?.id ?? '';
		const own = memberships.filter((membership) => membership.organization.id === organization);
		const list = async (query = '') => {
			const { body } = await get<Listed>(cloud, `/organizations/${organization}/memberships?order_by=created_at&${query}`);
			expect(body.data).toHaveLength(body.total_count);
			return body.data;
		};
		expect(await list()).toEqual(own);
		expect(own.length).toBeGreaterThan(1);
		const user = own[0]?.public_user_data.user_id ?? '';
		expect(await list(`user_id=${user}`)).toEqual(own.slice(0, 1));
		expect(await list(`user_id=-${user}`)).toEqual(own.slice(1));
		expect(await list('role=org:admin')).toEqual(own.filter(({ role }) => role === 'org:admin'));
		expect(await list(`created_at_after=${own[0]?.created_at}`)).toEqual(own.slice(1));
		expect((await get(cloud, '/organizations/org_nobody/memberships')).status).toBe(404);
	});

	it('memberships show their users as they are, and go with them', async () => {
		const cloud = await gathered();
		const id = cloud.people.at(0).id;
		cloud.people.change(id, { first_name: 'Another', banned: true });
		const shown = async () =>
			(await get<Listed>(cloud, '/organization_memberships?limit=100')).body.data
				.map(({ public_user_data }) => public_user_data)
				.filter(({ user_id }) => user_id === id);
		const another = { first_name: 'Another', banned: true };
		expect(await shown()).toMatchObject([another, another, another]);
		cloud.people.remove(id);
		expect(await shown()).toEqual([]);
	});

	it('organizations with the number of their members, and by their members', async () => {
		const cloud = await gathered();
		const { memberships } = cloud.people;
		const user = cloud.people.at(3).id;
		const { body } = await get<Listed>(cloud, `/organizations?include_members_count=true&limit=100&user_id=${user}`);
		const own = memberships.filter(({ public_user_data }) => public_user_data.user_id === user);
		expect(body.total_count).toBe(3);
		expect(new Set(body.data.map(({ id }) => id))).toEqual(new Set(own.map(({ organization }) => organization.id)));
		const count = memberships.filter(({ organization }) => organization.id === body.data[0]?.id).length;
		expect(body.data[0]).toMatchObject({ members_count: count });
		expect((await get<Listed>(cloud, '/organizations?query=organization-11')).body.total_count).toBe(1);
	});

	it('waitlist entries by status and address', async () => {
		const cloud = await gathered();
		const pending = cloud.people.waitlist.filter(({ status }) => status === 'pending').length;
		expect((await get<Listed>(cloud, '/waitlist_entries?status=pending')).body.total_count).toBe(pending);
		expect((await get<Listed>(cloud, '/waitlist_entries?query=hopeful.24')).body.total_count).toBe(1);
		expect((await get(cloud, '/waitlist_entries?status=hopeful')).status).toBe(422);
	});
});

describe('what goes wrong on the way', () => {
	it('is a rate limit only where one is wanted, which counts what it refused', async () => {
		const cloud = await started(3, { rateLimit: { requests: 3, perMs: 1_200 } });
		const statuses = async (count: number) => {
			const all = [];
			for (let n = 0; n < count; n++) all.push((await get(cloud, '/users')).status);
			return all;
		};
		expect(await statuses(5)).toEqual([200, 200, 200, 429, 429]);
		const { body, retryAfter } = await get<ClerkErrorBody>(cloud, '/users/count');
		expect(body).toMatchObject({ errors: [{ code: 'too_many_requests' }], clerk_trace_id: expect.any(String) });
		expect(['1', '2']).toContain(retryAfter);
		expect(cloud.rateLimited).toBe(3);
		await new Promise((resolve) => setTimeout(resolve, Number(retryAfter) * 1000));
		expect(await statuses(3)).toEqual([200, 200, 200]);
		const free = await started(3);
		for (let n = 0; n < 150; n++) expect((await get(free, '/users/count')).status).toBe(200);
		expect(free.rateLimited).toBe(0);
	});

	it('can be the third page', async () => {
		const cloud = await started(10);
		cloud.fail('GetUserList', faults.serverError(503), 2, 2);
		cloud.fail('GetUserList', faults.rateLimited(1), 1, 1);
		const statuses = [];
		for (let n = 0; n < 6; n++) {
			await get(cloud, '/users/count');
			statuses.push((await get(cloud, '/users')).status);
		}
		expect(statuses).toEqual([200, 429, 503, 503, 200, 200]);
	});

	it('is told to a test before each answer, by its number', async () => {
		const cloud = await started(10);
		await get(cloud, '/users');
		const seen: unknown[] = [];
		cloud.backend.beforeAnswer = (...one) => {
			seen.push(one);
			if (one[1] === 2) cloud.people.add();
		};
		const lengths = [];
		for (const path of ['/users?limit=20', '/users/count', '/users?limit=20']) {
			lengths.push((await get<unknown[]>(cloud, path)).body.length);
		}
		await get(cloud, `/users/${cloud.people.at(0).id}`);
		expect(lengths).toEqual([10, undefined, 11]);
		expect(seen).toEqual([
			['GetUserList', 1],
			['GetUsersCount', 1],
			['GetUserList', 2],
			['GetUser', 1],
		]);
	});
});

describe('the contract of an answer', () => {
	async function answers(wrongAt: number, pages: number): Promise<Error | null> {
		const cloud = await ClerkCloud.start();
		cloud.people.fill(20);
		cloud.people.change(cloud.people.at(wrongAt).id, { locked: 'perhaps' as never });
		for (let n = 0; n < pages; n++) await get(cloud, '/users?order_by=created_at&limit=20');
		return await cloud.stop().then(
			() => null,
			(error: unknown) => error as Error,
		);
	}

	it.each([0, 7, 19])('is held for every user of the first page, here for the one at %d', async (wrongAt) => {
		expect((await answers(wrongAt, 1))?.message).toContain(`/${wrongAt}/locked must be boolean`);
	});

	it('is held for other users on each page behind it', async () => {
		// Every fourth is looked at, and with four pages everybody.
		const complaints = (await answers(7, 5))?.message.match(/GetUserList answered/g);
		expect(complaints).toHaveLength(2);
	});
});
