import type { ICredentialDataDecryptedObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { queryOf, timeOf } from '../../../nodes/Clerk/backfill/filters';
import { eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { toItems } from '../../../nodes/Clerk/records/items';
import { toRecords } from '../../../nodes/Clerk/trigger/selection';
import { delivered, settings } from '../../support/deliveries';
import type { Backend, BackendOperation } from '../../support/clerk/backend';
import { ClerkCloud, faults } from '../../support/clerk/cloud';
import type { CloudOptions, User } from '../../support/clerk/cloud';
import { inUserFolderOfItsOwn, node, run } from './action';

const paused: number[] = [];
jest.mock('n8n-workflow', () => ({
	...jest.requireActual<object>('n8n-workflow'),
	sleep: async (milliseconds: number) => void paused.push(milliseconds),
}));
jest.setTimeout(120_000);
inUserFolderOfItsOwn();

let cloud: ClerkCloud;

async function startCloud(options: CloudOptions = {}, users = 0): Promise<void> {
	await cloud?.stop();
	cloud = await ClerkCloud.start(options);
	if (users > 0) cloud.people.fill(users, { seed: 7 });
	paused.length = 0;
}

beforeEach(async () => await startCloud());
afterEach(() => {
	jest.restoreAllMocks();
	expect([cloud.refused, cloud.ignored]).toEqual([[], []]);
});
afterAll(async () => await cloud.stop());

const EVERYBODY = { contactsWithoutEmail: 'pass' };
const all = (more: INodeParameters = {}): INodeParameters => ({
	resource: 'contact',
	operation: 'getAll',
	returnAll: true,
	output: 'flat',
	options: EVERYBODY,
	...more,
});
const changedSince = (since: number, more: INodeParameters = {}): INodeParameters => ({
	...all(more),
	operation: 'getChanged',
	since: new Date(since).toISOString(),
});
const textAt = (item: INodeExecutionData | undefined, key: string) => item?.json[key] as string;
const idsOf = (items: INodeExecutionData[] | undefined) => (items ?? []).map((item) => textAt(item, 'userId'));
const sorted = (ids: Iterable<string>) => [...ids].sort();
const errorOf = async (parameters: INodeParameters) =>
	await run(cloud, parameters).then(
		() => 'no error',
		(error: Error) => error.message,
	);
/** Has Clerk answer an operation in another way, also one that its contract does not have. */
function answers(
	operation: BackendOperation,
	answer: (usual: Backend['handlers'][BackendOperation]) => Backend['handlers'][BackendOperation],
) {
	const { handlers, contract } = cloud.backend;
	jest.replaceProperty(cloud.backend, 'handlers', { ...handlers, [operation]: answer(handlers[operation]) });
	jest.spyOn(contract, 'wrong').mockReturnValue([]);
}

describe('D6: everybody, each exactly once', () => {
	test('three pages for 1,200 users, in the order in which they signed up, each linked to the item that asked', async () => {
		cloud.people.fill(1200, { seed: 1 });
		const [items] = await run(cloud, all());
		expect(idsOf(items)).toEqual([...cloud.people.ids()]);
		expect(items?.every(({ pairedItem }) => JSON.stringify(pairedItem) === '{"item":0}')).toBe(true);
		expect(cloud.operations.filter((operation) => operation === 'GetUserList')).toHaveLength(3);
	});

	test('100,000 users while 500 sign up, 500 are deleted and the last of a page always is: 201 pages and one look at the instance', async () => {
		await startCloud({ rateLimit: { requests: 1000, perMs: 10_000 } }, 100_000);
		const before = new Set(cloud.people.ids());
		const deleted = new Set<string>();
		const added = new Set<string>();
		cloud.backend.beforeAnswer = (operation, number) => {
			if (operation !== 'GetUserList' || number > 100) return;
			for (const id of cloud.people.add(5)) added.add(id);
			// Some behind the reader, some before, and now and then the very user that the cursor names.
			const last = number > 1 && number % 10 === 0 ? (number - 1) * 500 - 1 - deleted.size : -1;
			const places = [100 + number, 60_000 + number, 90_000 + number, 99_000 - number * 3, last >= 0 ? last : 95_000 + number];
			const ids = [...new Set(places)].map((place) => cloud.people.at(place).id);
			for (const id of ids) deleted.add(id);
			cloud.people.remove(...ids);
		};
		const [items] = await run(cloud, all());
		cloud.backend.beforeAnswer = null;

		const ids = idsOf(items);
		expect([added.size, deleted.size]).toEqual([500, 500]);
		expect(new Set(ids).size).toBe(ids.length);
		const came = new Set(ids);
		expect([...before, ...added].filter((id) => !deleted.has(id) && !came.has(id))).toEqual([]);
		const pages = cloud.operations.filter((operation) => operation === 'GetUserList').length;
		expect(pages).toBeGreaterThanOrEqual(201);
		expect(pages).toBeLessThanOrEqual(201 + 11);
		expect(cloud.countOf('GetInstance')).toBe(1);
	});

	test('100,000 users who stay: 201 pages', async () => {
		await startCloud({}, 100_000);
		const [items] = await run(cloud, all());
		expect(items).toHaveLength(100_000);
		expect(cloud.countOf('GetUserList')).toBe(201);
	});

	test.each(['refused', 'position'] as const)(
		'the user that the cursor names is deleted meanwhile (%s): nobody is missed or doubled',
		async (unknownCursor) => {
			await startCloud({ unknownCursor }, 1300);
			const gone: string[] = [];
			cloud.backend.beforeAnswer = (operation, number) => {
				if (operation !== 'GetUserList' || number === 1 || gone.length >= 2) return;
				const { id } = cloud.people.at(500 * (gone.length + 1) - 1 - gone.length);
				gone.push(id);
				cloud.people.remove(id);
			};
			const [items] = await run(cloud, all());
			cloud.backend.beforeAnswer = null;
			expect(gone).toHaveLength(2);
			const came = idsOf(items).filter((id) => !gone.includes(id));
			expect(sorted(came)).toEqual(sorted(cloud.people.ids()));
		},
	);

	test('with a limit, no more is read than is wanted, but for those whom the filters leave out', async () => {
		cloud.people.fill(100, { seed: 1 });
		const [items] = await run(cloud, all({ returnAll: false, limit: 20, options: {} }));
		expect(items).toHaveLength(20);
		expect(items?.every(({ json }) => json['email'] !== null)).toBe(true);
		expect(cloud.countOf('GetUserList')).toBe(2);
	});

	test.each([
		['', 50],
		['7', 7],
	])('a limit of %j is %d', async (limit, expected) => {
		cloud.people.fill(60, { seed: 1 });
		expect((await run(cloud, all({ returnAll: false, limit })))[0]).toHaveLength(expected);
	});

	test.each([0, -1, 'many'])('a limit of %j is refused', async (limit) => {
		expect(await errorOf(all({ returnAll: false, limit }))).toBe('Limit is not a number of 1 or more.');
	});

	test('one page per run says where the next one begins, and asks for the instance once', async () => {
		cloud.people.fill(1200, { seed: 1 });
		const ids: string[] = [];
		let resumeAfter: string | null = '';
		const told: unknown[] = [];
		do {
			const [items, next] = await run(cloud, all({ onePage: true, resumeAfter: resumeAfter ?? '' }));
			ids.push(...idsOf(items));
			resumeAfter = textAt(next?.[0], 'resumeAfter');
			told.push(next?.[0]?.json);
		} while (resumeAfter !== null);
		expect(ids).toEqual([...cloud.people.ids()]);
		const cursor = expect.stringMatching(/^user_\w{27}@\d{13}$/) as string;
		expect(told).toEqual([
			{ resumeAfter: cursor, hasMore: true, users: 500 },
			{ resumeAfter: cursor, hasMore: true, users: 500 },
			{ resumeAfter: null, hasMore: false, users: 200 },
		]);
		expect(cloud.countOf('GetInstance')).toBe(1);
	});

	test('one page per run goes on where the user was deleted between two runs: of the same millisecond, nobody comes twice', async () => {
		cloud.people.fill(498, { seed: 1 });
		// By an import: the first page ends among them.
		const imported = cloud.people.add(6);
		const all700 = [...cloud.people.ids(), ...cloud.people.add(196)];
		const [first, next] = await run(cloud, all({ onePage: true }));
		const gone = idsOf(first).at(-1) ?? '';
		expect(imported.indexOf(gone)).toBe(1);
		cloud.people.remove(gone);
		const [second] = await run(cloud, all({ onePage: true, resumeAfter: textAt(next?.[0], 'resumeAfter') }));
		expect([...idsOf(first), ...idsOf(second)]).toEqual(all700);
	});

	test('more users of one millisecond than a page holds, and the last of a page is deleted: each comes once', async () => {
		cloud.people.fill(10, { seed: 1 });
		cloud.people.add(1500);
		const everybody = [...cloud.people.ids()];
		cloud.backend.beforeAnswer = (operation, number) => {
			if (operation === 'GetUserList' && number === 3) cloud.people.remove(everybody[999] ?? '');
		};
		const [items] = await run(cloud, all());
		cloud.backend.beforeAnswer = null;
		expect(idsOf(items)).toEqual(everybody);
	});

	test.each([
		['begins anew whoever is named', () => undefined],
		['gives users without an ID', (user: User) => ({ ...user, id: undefined })],
	])('a server that %s is not asked for ever', async (_, change) => {
		await startCloud({}, 1200);
		answers('GetUserList', (usual) => (asked) => {
			const { starting_after, ...values } = asked.values;
			const answer = usual({ ...asked, values: starting_after ? values : asked.values });
			const changed = (answer.body as User[]).map((user) => change(user) ?? user);
			return { ...answer, body: changed };
		});
		expect(await errorOf(all())).toMatch(/^Could not read page [12] of the users: Clerk answered 200: .*the API URL/);
		expect(cloud.countOf('GetUserList')).toBeLessThan(25);
	});

	test('a list with something else than users in it is not taken for a last page', async () => {
		await startCloud({}, 1200);
		answers('GetUserList', (usual) => (asked) => {
			const answer = usual(asked);
			return { ...answer, body: [null, ...(answer.body as User[]).slice(1)] };
		});
		expect(await errorOf(all())).toMatch(/^Could not read page 1 of the users: Clerk answered 200: an answer without a list/);
	});

	test.each([
		['403', faults.forbidden()],
		['404', faults.notFound()],
	])('who is refused a look at the instance (%s) gets the users without its ID', async (_, fault) => {
		await startCloud({ secretKey: 'sk_test_narrow' }, 3);
		cloud.fail('GetInstance', fault);
		const [items] = await run(cloud, all());
		expect(items?.map(({ json }) => json['instanceId'])).toEqual([null, null, null]);
	});

	test('nobody there: no item, and no next page', async () => {
		expect(await run(cloud, all())).toEqual([[]]);
		const [items, next] = await run(cloud, all({ onePage: true }));
		expect([items, next?.[0]?.json]).toEqual([[], { resumeAfter: null, hasMore: false, users: 0 }]);
	});
});

describe('the contact of a fetched user is the one that a delivery of the same user gives', () => {
	const contactOf = (user: User, changed: Parameters<typeof settings>[0] = {}) => {
		const chosen = settings({ events: 'all', contactsWithoutEmail: 'pass', source: 'Clerk back-fill', ...changed });
		const delivery = delivered(
			{ object: 'event', type: 'user.updated', data: user, instance_id: 'ins_2test0000000000000000000000', timestamp: 1 },
			{ environment: 'development' },
		);
		const records = toRecords(eventOfType('user.updated'), delivery, chosen);
		return 'outcome' in records ? [] : toItems(records, delivery, chosen)[0]?.map(({ json }) => json);
	};

	test.each([
		['as at first', {}, { output: 'contacts' as const }],
		[
			'in snake case, without names',
			{ keyStyle: 'snake', includeNames: false },
			{ output: 'contacts' as const, keyStyle: 'snake' as const, includeNames: false },
		],
		[
			'with verified addresses only, shut-out users unsubscribed',
			{ onlyVerified: true, shutOutUsers: 'unsubscribe' },
			{ output: 'contacts' as const, onlyVerified: true, shutOutUsers: 'unsubscribe' as const },
		],
		[
			'without test users and users without an address',
			{ leaveOutTestUsers: true, contactsWithoutEmail: 'skip' },
			{ output: 'contacts' as const, leaveOutTestUsers: true, contactsWithoutEmail: 'skip' as const },
		],
		[
			'with custom fields',
			{ customContactFields: { field: [{ name: 'plan', path: 'data.public_metadata.plan' }] } },
			{ output: 'contacts' as const, customContactFields: [{ name: 'plan', path: ['data', 'public_metadata', 'plan'] }] },
		],
	])('%s: for each of 300 users', async (_, options, changed) => {
		cloud.people.fill(300, { seed: 3 });
		const [items] = await run(cloud, all({ options: { ...EVERYBODY, ...options } }));
		const expected = [...cloud.people.ids()].flatMap((id) => contactOf(cloud.people.get(id)!, changed) ?? []);
		expect(items?.map(({ json }) => json)).toEqual(expected);
		expect(expected.length).toBeGreaterThan(200);
	});

	test('in one item, as the trigger puts it out, without an event; raw only where it is asked for', async () => {
		cloud.people.fill(1, { seed: 3 });
		const [items] = await run(cloud, { ...all(), output: 'item', options: { ...EVERYBODY, includeRaw: true } });
		expect(items?.[0]?.json).toEqual({
			contact: contactOf(cloud.people.at(0), { output: 'contacts' })?.[0],
			event: null,
			tenant: null,
			raw: expect.objectContaining({ data: cloud.people.at(0) }) as unknown,
		});
		const [plain] = await run(cloud, { ...all(), output: 'item' });
		expect(JSON.stringify(plain)).not.toContain('metadata');
	});
});

const NO_TIME = 'is not a time. Write it like 2026-01-05T09:30:00Z, or choose it from the calendar.';

describe('filters', () => {
	test('narrow down what is read and counted', async () => {
		cloud.people.fill(300, { seed: 5 });
		const users = [...cloud.people.ids()].map((id) => cloud.people.get(id)!);
		const from = users[100]!.created_at;
		const createdAfter = new Date(from).toISOString();
		const later = users.filter(({ created_at }) => created_at > from).map(({ id }) => id);
		expect(idsOf((await run(cloud, all({ filters: { createdAfter } })))[0])).toEqual(later);
		const [counted] = await run(cloud, { resource: 'contact', operation: 'count', filters: { createdAfter } });
		expect(counted?.map(({ json }) => json)).toEqual([{ count: later.length, instanceId: 'ins_2test0000000000000000000000' }]);

		const userIds = `${users[3]!.id}, ${users[5]!.id}`;
		expect(idsOf((await run(cloud, all({ filters: { userIds, query: '', banned: false } })))[0])).toEqual(
			[users[3]!, users[5]!].filter(({ banned }) => !banned).map(({ id }) => id),
		);
	});

	test.each<[object, string]>([
		[{ createdAfter: 'last week' }, `Created After ${NO_TIME}`],
		[
			{ userIds: Array.from({ length: 101 }, (_, index) => `user_${index}`).join() },
			'User IDs has 101 values; Clerk takes 100 at once.',
		],
		...[[], [' '], [null], ' , ', '={{ [] }}', '={{ null }}'].map((userIds): [object, string] => [
			{ userIds },
			'User IDs has no value in it. Give it at least one, or remove this filter to read everybody.',
		]),
		[{ createdAfter: '2026-02-30' }, `Created After ${NO_TIME}`],
		[{ createdAfter: '2026-01-05T09:00:00+25:00' }, `Created After ${NO_TIME}`],
		[{ createdAfter: 1e20 }, `Created After ${NO_TIME}`],
	])('a filter that cannot be is refused before anybody is asked: %#', async (filters, message) => {
		expect(await errorOf(all({ filters: filters as INodeParameters }))).toBe(message);
		expect(cloud.operations).toEqual([]);
	});
});

describe('filters as expressions give them', () => {
	test.each([
		[{ externalIds: 17 }, { external_id: ['17'] }],
		[{ externalIds: 'customer 17, b' }, { external_id: ['customer 17', 'b'] }],
		[{ userIds: ['user_1', 'user_2'] }, { user_id: ['user_1', 'user_2'] }],
		[{ banned: 'false' }, { banned: false }],
		[{ query: ' jane ', userIds: ' ' }, { query: 'jane' }],
		[{ query: ' ' }, {}],
		[{ createdAfter: ' 2026-01-05t09:00:00z' }, { created_at_after: Date.UTC(2026, 0, 5, 9) }],
		[{ createdAfter: 1_767_000_000 }, { created_at_after: 1_767_000_000_000 }],
		[{ createdAfter: '2026-01-05T09:00:00' }, { created_at_after: Date.UTC(2026, 0, 5, 0) }],
		[{ createdAfter: '2026-01-05T09:00:00Z' }, { created_at_after: Date.UTC(2026, 0, 5, 9) }],
		[{ createdAfter: '2026-01-05T09:00:00.000-05:00' }, { created_at_after: Date.UTC(2026, 0, 5, 14) }],
		[{ createdAfter: '2026-01-05' }, { created_at_after: Date.UTC(2026, 0, 4, 15) }],
		[{ createdAfter: 1_767_000_000_000 }, { created_at_after: 1_767_000_000_000 }],
		[{ createdAfter: new Date(0) }, { created_at_after: 0 }],
		[{ createdAfter: '', query: null }, {}],
	])('%j in Tokyo is %j', (filters, query) => {
		expect(queryOf(filters, 'Asia/Tokyo')).toEqual(query);
	});

	test.each([
		['2026-03-29T01:30:00', 'Europe/Berlin', '2026-03-29T00:30:00.000Z'],
		['2026-03-29T03:30:00', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
		['2026-07-01T12:00:00', 'America/New_York', '2026-07-01T16:00:00.000Z'],
		['2026-07-01T12:00:00', 'Asia/Kathmandu', '2026-07-01T06:15:00.000Z'],
		// The hour that comes twice, and the one that is left out: the earlier moment, so that nobody is missed.
		['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
		['2026-10-25T03:30:00', 'Europe/Berlin', '2026-10-25T02:30:00.000Z'],
		['2026-11-01T01:30:00', 'America/New_York', '2026-11-01T05:30:00.000Z'],
		['2026-03-29T02:30:00', 'Europe/Berlin', '2026-03-29T00:30:00.000Z'],
	])('a time without an offset is of the time zone: %s in %s', (time, timezone, expected) => {
		expect(new Date(timeOf(time, timezone) ?? NaN).toISOString()).toBe(expected);
	});
});

describe('Get', () => {
	test('one user as it is now', async () => {
		cloud.people.fill(5, { seed: 1 });
		const { id } = cloud.people.at(2);
		cloud.people.change(id, { first_name: 'Changed' });
		const [items] = await run(cloud, { resource: 'contact', operation: 'get', userId: ` ${id} `, output: 'flat' });
		expect(items?.map(({ json }) => [json['userId'], json['firstName']])).toEqual([[id, 'Changed']]);
	});

	test.each([
		[
			'user_nobody',
			/^Could not read the user user_nobody: Clerk answered 404 resource_not_found: .*\(trace [0-9a-f]{32}\)\. Check the ID/,
		],
		['', /^User ID is empty/],
	])('%j: an error that says what to check', async (userId, message) => {
		expect(await errorOf({ resource: 'contact', operation: 'get', userId })).toMatch(message);
	});

	test.each(['..', '.', '../instance', 'user_1?x=y', 'jane@example.com', '\ud800'])(
		'%j is no ID, and no other path: nobody is asked',
		async (id) => {
			expect(await errorOf({ resource: 'contact', operation: 'get', userId: id })).toMatch(/^User ID is not the ID of a user/);
			expect(await errorOf({ ...all(), resource: 'membership', organizationId: id })).toMatch(
				/^Organization ID is not the ID of an organization/,
			);
			expect(cloud.operations).toEqual([]);
		},
	);

	test('an answer without a user is an error, not nobody', async () => {
		cloud.people.fill(1, { seed: 1 });
		answers('GetUser', () => () => ({ status: 200, body: {} }));
		const { id } = cloud.people.at(0);
		expect(await errorOf({ resource: 'contact', operation: 'get', userId: id })).toMatch(
			/^Could not read the user user_\w+: Clerk answered 200: an answer without a user\./,
		);
	});

	test('with Continue, the other items go on', async () => {
		cloud.people.fill(2, { seed: 1 });
		const [items] = await run(
			cloud,
			{ resource: 'contact', operation: 'get', userId: '={{ $json.id }}', output: 'flat' },
			{ items: [{ json: { id: 'user_nobody' } }, { json: { id: cloud.people.at(1).id } }], continueOnFail: true },
		);
		expect(items?.map(({ json, pairedItem }) => [Object.keys(json)[0], pairedItem])).toEqual([
			['error', { item: 0 }],
			['action', { item: 1 }],
		]);
	});
});

describe('D7: Get Changed Since', () => {
	test('who signed up or changed since then, oldest change first; stops reading where the past begins', async () => {
		cloud.people.fill(5000, { seed: 1 });
		const since = Date.now();
		const changed = [40, 4000, 17].map((place) => cloud.people.change(cloud.people.at(place).id).id);
		const added = cloud.people.add(2);
		const [items] = await run(cloud, changedSince(since));
		expect(idsOf(items).slice(0, 3)).toEqual(changed);
		expect(sorted(idsOf(items))).toEqual(sorted([...changed, ...added]));
		expect(cloud.countOf('GetUserList')).toBe(1);
	});

	test('nobody is missed while users change and are deleted during the reading; each comes once, in the newest state', async () => {
		cloud.people.fill(4000, { seed: 1 });
		const since = Date.now();
		const ids = [...cloud.people.ids()];
		const wanted = new Set(ids.slice(500, 2800));
		for (const id of wanted) cloud.people.change(id);
		const deleted = new Set<string>();
		cloud.backend.beforeAnswer = (operation, number) => {
			if (operation !== 'GetUserList' || number === 1 || number > 5) return;
			// Deleted at the top: the rest moves towards the reader, past the overlap of two pages.
			for (const id of ids.slice(2800 - number * 20, 2800 - number * 20 + 20)) {
				cloud.people.remove(id);
				deleted.add(id);
			}
			// Changed before the reader comes there: goes to the top.
			for (const id of ids.slice(500 + number * 10, 500 + number * 10 + 5))
				cloud.people.change(id, { first_name: `Round ${number}` });
		};
		const [items] = await run(cloud, changedSince(since));
		cloud.backend.beforeAnswer = null;

		const came = idsOf(items);
		expect(new Set(came).size).toBe(came.length);
		expect([...wanted].filter((id) => !deleted.has(id) && !came.includes(id))).toEqual([]);
		const states = new Map(items?.map(({ json }) => [json['userId'], json['updatedAt']]));
		const stale = [...wanted].filter(
			(id) => !deleted.has(id) && states.get(id) !== new Date(cloud.people.get(id)!.updated_at).toISOString(),
		);
		expect(stale).toEqual([]);
	});

	test('since seconds, as other services write times: not since 1970', async () => {
		cloud.people.fill(20, { seed: 1 });
		const since = Math.floor(Date.now() / 1000);
		const { id } = cloud.people.change(cloud.people.at(4).id);
		const [items] = await run(cloud, { ...changedSince(0), since: `={{ ${since} }}` });
		expect(idsOf(items)).toEqual([id]);
	});

	test('a run that breaks off has only the newest changes, says that older ones are missing, and how to go on', async () => {
		await startCloud({}, 1200);
		cloud.fail('GetUserList', faults.serverError(500), 5, 1);
		const [items] = await run(cloud, changedSince(0), { continueOnFail: true });
		expect(items).toHaveLength(501);
		expect(items?.at(-1)?.json).toEqual({
			error: expect.stringMatching(
				/^Could not read page 2 of the users: .*\. 500 were read before it; .* Those who changed earlier are missing\. Run it again with the same Since, and do not move Since on before a run has come to its end\.$/,
			) as string,
			resumeAfter: null,
		});
	});

	test.each(['yesterday', '2026-02-30', '={{ 1e20 }}'])('%j is no time: refused', async (since) => {
		expect(await errorOf({ ...changedSince(0), since })).toBe(`Since ${NO_TIME}`);
	});
});

describe('tenants, memberships and the waitlist', () => {
	beforeEach(() => {
		cloud.people.fill(1000, { seed: 1 });
		cloud.people.fillOrganizations(1030);
		cloud.people.fillMemberships(1100);
		cloud.people.fillWaitlist(700);
	});

	test.each([
		['tenant', 'ListOrganizations', () => cloud.people.organizations.map(({ id }) => id), 'organizationId', 3],
		['waitlistEntry', 'ListWaitlistEntries', () => cloud.people.waitlist.map(({ email_address: email }) => email), 'email', 2],
	] as const)('%s: all of them, each once, while some are removed', async (resource, operation, wanted, key, pages) => {
		const expected = sorted(wanted());
		const [items] = await run(cloud, { ...all(), resource });
		expect(sorted((items ?? []).map((item) => textAt(item, key)))).toEqual(expected);
		expect(cloud.countOf(operation)).toBe(pages);
	});

	test('a list that breaks off says that it has to be read again', async () => {
		cloud.fail('ListOrganizations', faults.serverError(500), 5, 1);
		expect(await errorOf({ ...all(), resource: 'tenant' })).toMatch(
			/^Could not read page 2 of the organizations: .*\. 500 were read before it; .* The rest is missing: run it again\.$/,
		);
	});

	test('organizations that are removed meanwhile make nobody of the others missed', async () => {
		const removed = new Set<string>();
		cloud.backend.beforeAnswer = (operation, number) => {
			if (operation !== 'ListOrganizations' || number !== 2) return;
			for (const { id } of cloud.people.organizations.splice(0, 60)) removed.add(id);
		};
		const [items] = await run(cloud, { ...all(), resource: 'tenant' });
		cloud.backend.beforeAnswer = null;
		const came = (items ?? []).map((item) => textAt(item, 'organizationId'));
		expect(new Set(came).size).toBe(came.length);
		expect(sorted(came)).toEqual(sorted([...removed, ...cloud.people.organizations.map(({ id }) => id)]));
	});

	test('a membership: the place in the organization as a tenant, as the trigger puts it out', async () => {
		const [items] = await run(cloud, { ...all(), resource: 'membership', output: 'item' });
		expect(items).toHaveLength(cloud.people.memberships.length);
		expect(items?.[0]?.json).toMatchObject({
			contact: null,
			event: null,
			tenant: {
				action: 'subscribe',
				organizationId: expect.stringMatching(/^org_/) as string,
				role: expect.any(String) as string,
			},
		});
		const organizationId = cloud.people.memberships[0]?.organization.id ?? '';
		const [ofOne] = await run(cloud, { ...all(), resource: 'membership', organizationId });
		expect(new Set(ofOne?.map(({ json }) => json['organizationId']))).toEqual(new Set([organizationId]));
	});
});

describe('when Clerk is slow, busy or away', () => {
	test('429: waits as told and goes on; nobody is missed', async () => {
		await startCloud({}, 1200);
		cloud.fail('GetUserList', faults.rateLimited(7), 3, 1);
		const [items] = await run(cloud, all());
		expect(idsOf(items)).toEqual([...cloud.people.ids()]);
		expect(paused).toEqual([7000, 7000, 7000]);
	});

	test('5xx, a broken connection, an answer that is no JSON: tried again, with growing pauses', async () => {
		await startCloud({}, 1200);
		cloud.fail('GetUserList', faults.serverError(503), 1, 1);
		cloud.fail('GetUserList', faults.reset(), 1, 0);
		cloud.fail('GetUserList', faults.html(502), 1, 0);
		const [items] = await run(cloud, all());
		expect(idsOf(items)).toEqual([...cloud.people.ids()]);
		expect(paused.length).toBe(3);
	});

	test('for good: an error that names the page, says how to go on, and holds no secret', async () => {
		await startCloud({}, 1200);
		cloud.fail('GetUserList', faults.serverError(500), 100, 2);
		const message = await errorOf(all());
		const last = cloud.people.at(999).id;
		expect(message).toMatch(
			/^Could not read page 3 of the users: Clerk answered 500 .*\(trace [0-9a-f]{32}\)\. Try again in a few minutes\./,
		);
		expect(message).toContain(`1000 were read before it`);
		expect(message).toMatch(new RegExp(`set Resume After User to ${last}@\\d+\\.$`));
		expect(message).not.toContain(cloud.secretKey);
		expect(paused).toEqual([500, 1000, 2000, 4000]);
	});

	test('with Continue, what was read comes out, and Resume After User goes on from there', async () => {
		await startCloud({}, 1200);
		cloud.fail('GetUserList', faults.serverError(500), 5, 1);
		const [broken] = await run(cloud, all(), { continueOnFail: true });
		const resumeAfter = textAt(broken?.at(-1), 'resumeAfter');
		expect(broken).toHaveLength(501);
		const [rest] = await run(cloud, all({ resumeAfter }));
		expect([...idsOf(broken?.slice(0, -1)), ...idsOf(rest)]).toEqual([...cloud.people.ids()]);
		// The bare ID does as well.
		const [again] = await run(cloud, all({ resumeAfter: resumeAfter.split('@')[0] ?? '' }));
		expect(idsOf(again)).toEqual(idsOf(rest));
	});

	test('a refused key: said with what to check', async () => {
		const credential = { secretKey: 'sk_test_somebodyelses', apiUrl: cloud.apiUrl, portalUrl: '' };
		await expect(run(cloud, all(), { credential })).rejects.toThrow(
			/^Could not read page 1 of the users: Clerk answered 401 .*Check the secret key in the Clerk API credential/,
		);
		const [items] = await run(cloud, all(), { credential, continueOnFail: true, items: [{ json: {} }, { json: {} }] });
		expect(items).toHaveLength(2);
	});

	test('an answer without a list is not the end: whoever took it for that would take the rest for gone', async () => {
		await startCloud({}, 1200);
		cloud.fail('GetUserList', faults.html(200), 10, 1);
		expect(await errorOf(all())).toMatch(/^Could not read page 2 of the users: Clerk answered 200: an answer that is not JSON/);
		answers('GetUserList', () => () => ({ status: 200, body: {} }));
		cloud.clearFaults();
		expect(await errorOf(all())).toMatch(/^Could not read page 1 of the users: Clerk answered 200: an answer without a list/);
	});

	test('what broke off goes to the error output of n8n, by the error on its item', async () => {
		await startCloud({}, 700);
		cloud.fail('GetUserList', faults.serverError(500), 5, 1);
		const [items] = await run(cloud, all(), { continueOnFail: true });
		expect(items?.filter(({ error }) => error).map(({ json }) => Object.keys(json))).toEqual([['error', 'resumeAfter']]);
	});

	test('a user to resume after whom nobody knows: refused, not begun anew', async () => {
		await startCloud({}, 20);
		expect(await errorOf(all({ resumeAfter: 'user_nobody' }))).toMatch(
			/^Could not read page 1 of the users: Clerk answered 404 .*Check Resume After User/,
		);
	});

	test.each<[string, INodeParameters, ICredentialDataDecryptedObject]>([
		['a refused key', all(), { secretKey: 'sk_test_somebodyelses' }],
		['a credential that cannot be used', all(), { secretKey: 'pk_test_1' }],
		['a filter', all({ filters: { userIds: [] } }), {}],
		['a parameter', { resource: 'contact', operation: 'get', userId: '' }, {}],
		['a user whom nobody knows', { resource: 'contact', operation: 'get', userId: 'user_nobody' }, {}],
		['an endpoint', { resource: 'endpoint', operation: 'recover', endpoint: 'ep_1' }, {}],
	])('an error tells which item it is about: %s', async (_, parameters, key) => {
		const credential = { apiUrl: cloud.apiUrl, portalUrl: cloud.portalUrl, secretKey: cloud.secretKey, ...key };
		const items = [{ json: {} }, { json: {} }];
		const [told] = await run(cloud, parameters, { credential, items, continueOnFail: true });
		expect(told?.map(({ error }) => error?.context['itemIndex'])).toEqual([0, 1]);
	});
});

test('every parameter that is shown has a description, and Continue has an error for each item', () => {
	for (const { type, description, displayName } of node.description.properties) {
		if (['resource', 'operation'].includes(displayName.toLowerCase()) || ['collection', 'notice'].includes(type)) continue;
		expect([displayName, description]).toEqual([displayName, expect.stringMatching(/\S/)]);
	}
});
