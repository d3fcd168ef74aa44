import type { ICredentialDataDecryptedObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import type { Backend, BackendOperation } from '../../support/clerk/backend';
import { ClerkCloud, faults } from '../../support/clerk/cloud';
import type { CloudOptions, Fault, User } from '../../support/clerk/cloud';
import { errorOf, node, run } from '../../support/clerkNode';
import type { Running } from '../../support/clerkNode';
import { outputOf } from '../../support/output';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';

const paused: number[] = [];
jest.mock('n8n-workflow', () => ({
	...jest.requireActual<object>('n8n-workflow'),
	sleep: async (milliseconds: number) => void paused.push(milliseconds),
}));
jest.setTimeout(60_000);

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
const all = (more: INodeParameters = {}): INodeParameters => {
	return { resource: 'contact', operation: 'getAll', returnAll: true, output: 'flat', options: EVERYBODY, ...more };
};
const changedSince = (since: number): INodeParameters => all({ operation: 'getChanged', since: new Date(since).toISOString() });
const getUser = (userId: string): INodeParameters => ({ resource: 'contact', operation: 'get', userId, output: 'flat' });

const itemsOf = async (parameters: INodeParameters, running?: Running) => (await run(cloud, parameters, running))[0] ?? [];
const textAt = (item: INodeExecutionData | undefined, key: string) => item?.json[key] as string;
const idsOf = (items: INodeExecutionData[], key = 'userId') => items.map((item) => textAt(item, key));
const readIds = async (parameters: INodeParameters = all()) => idsOf(await itemsOf(parameters));
const sorted = (ids: Iterable<string>) => [...ids].sort();
const allIds = () => [...cloud.people.ids()];

/** What happens in Clerk while the pages of this operation are read. */
function whileReading(operation: BackendOperation, happens: (page: number) => void): void {
	cloud.backend.beforeAnswer = (called, number) => {
		if (called === operation) happens(number);
	};
}
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
		const items = await itemsOf(all());
		expect(idsOf(items)).toEqual(allIds());
		expect(new Set(items.map(({ pairedItem }) => JSON.stringify(pairedItem)))).toEqual(new Set(['{"item":0}']));
		expect([cloud.countOf('GetUserList'), cloud.countOf('GetInstance')]).toEqual([3, 1]);
	});

	test('10,000 users while some sign up and some are deleted, before and behind the reader', async () => {
		await startCloud({ rateLimit: { requests: 1000, perMs: 10_000 } }, 10_000);
		const [before, added, deleted] = [new Set(allIds()), new Set<string>(), new Set<string>()];
		whileReading('GetUserList', (page) => {
			if (page > 10) return;
			for (const id of cloud.people.add(5)) added.add(id);
			const gone = [100 + page, 6000 + page, 9000 + page, 9900 - page * 3, 9500 + page].map((place) => cloud.people.at(place).id);
			for (const id of gone) deleted.add(id);
			cloud.people.remove(...gone);
		});
		const ids = await readIds();
		expect([added.size, deleted.size, new Set(ids).size]).toEqual([50, 50, ids.length]);
		const came = new Set(ids);
		expect([...before, ...added].filter((id) => !deleted.has(id) && !came.has(id))).toEqual([]);
		expect(cloud.countOf('GetUserList')).toBe(21);
	});

	test.each(['refused', 'position'] as const)(
		'the user that the cursor names is deleted meanwhile (%s): nobody is missed or doubled',
		async (unknownCursor) => {
			await startCloud({ unknownCursor }, 1300);
			const gone: string[] = [];
			whileReading('GetUserList', (page) => {
				if (page === 1 || gone.length >= 2) return;
				const { id } = cloud.people.at(500 * (gone.length + 1) - 1 - gone.length);
				gone.push(id);
				cloud.people.remove(id);
			});
			const ids = await readIds();
			expect(gone).toHaveLength(2);
			expect(sorted(ids.filter((id) => !gone.includes(id)))).toEqual(sorted(cloud.people.ids()));
		},
	);

	test('more users of one millisecond than a page holds, and the last of a page is deleted: each comes once', async () => {
		cloud.people.fill(10, { seed: 1 });
		cloud.people.add(1500);
		const everybody = allIds();
		whileReading('GetUserList', (page) => page === 3 && cloud.people.remove(everybody[999] ?? ''));
		expect(await readIds()).toEqual(everybody);
	});

	test('with a limit, no more is read than is wanted, but for those whom the filters leave out', async () => {
		cloud.people.fill(100, { seed: 1 });
		const items = await itemsOf(all({ returnAll: false, limit: 20, options: {} }));
		expect(items).toHaveLength(20);
		expect(idsOf(items, 'email')).not.toContain(null);
		expect(cloud.countOf('GetUserList')).toBe(2);
	});

	test.each([
		['', 50],
		['7', 7],
	])('a limit of %j is %d', async (limit, expected) => {
		cloud.people.fill(60, { seed: 1 });
		expect(await itemsOf(all({ returnAll: false, limit }))).toHaveLength(expected);
	});

	test.each([0, -1, 'many'])('a limit of %j is refused', async (limit) => {
		expect(await errorOf(run(cloud, all({ returnAll: false, limit })))).toBe('Limit must be a number of 1 or more.');
	});

	test.each<[string, (user: User) => object]>([
		['begins again at every user', (user) => user],
		['gives users without an ID', (user) => ({ ...user, id: undefined })],
	])('a server that %s is not asked for ever', async (_, change) => {
		await startCloud({}, 1200);
		answers('GetUserList', (usual) => (asked) => {
			const { starting_after, ...values } = asked.values;
			const answer = usual({ ...asked, values: starting_after ? values : asked.values });
			return { ...answer, body: (answer.body as User[]).map(change) };
		});
		expect(await errorOf(run(cloud, all()))).toMatch(/^Could not read page [12] of the users: Clerk answered 200: .*the API URL/);
		expect(cloud.countOf('GetUserList')).toBeLessThan(25);
	});

	test.each<[string, (users: unknown[]) => unknown]>([
		['something else than users in it', (users) => [null, ...users.slice(1)]],
		['no list at all', () => ({})],
	])('an answer with %s is not the end: the rest would count as deleted', async (_, change) => {
		await startCloud({}, 1200);
		answers('GetUserList', (usual) => (asked) => {
			const answer = usual(asked);
			return { ...answer, body: change(answer.body as unknown[]) as object };
		});
		expect(await errorOf(run(cloud, all()))).toMatch(
			/^Could not read page 1 of the users: Clerk answered 200: the answer has no list/,
		);
	});

	test.each([
		['403', faults.forbidden()],
		['404', faults.notFound()],
	])('who is refused a look at the instance (%s) gets the users without its ID', async (_, fault) => {
		await startCloud({ secretKey: 'sk_test_narrow' }, 3);
		cloud.fail('GetInstance', fault);
		expect(idsOf(await itemsOf(all()), 'instanceId')).toEqual([null, null, null]);
	});

	test('nobody there: no item, and no next page', async () => {
		expect(await run(cloud, all())).toEqual([[]]);
		const [items, next] = await run(cloud, all({ onePage: true }));
		expect([items, next?.[0]?.json]).toEqual([[], { resumeAfter: null, hasMore: false, users: 0 }]);
	});
});

describe('D6: one page per run', () => {
	test('says where the next one begins, and asks for the instance once', async () => {
		cloud.people.fill(1200, { seed: 1 });
		const [ids, progress]: [string[], unknown[]] = [[], []];
		let resumeAfter: string | null = '';
		do {
			const [items = [], next] = await run(cloud, all({ onePage: true, resumeAfter }));
			ids.push(...idsOf(items));
			progress.push(next?.[0]?.json);
			resumeAfter = textAt(next?.[0], 'resumeAfter');
		} while (resumeAfter !== null);
		expect(ids).toEqual(allIds());
		const cursor = expect.stringMatching(/^user_\w{27}@\d{13}$/) as string;
		const more = { resumeAfter: cursor, hasMore: true, users: 500 };
		expect(progress).toEqual([more, more, { resumeAfter: null, hasMore: false, users: 200 }]);
		expect(cloud.countOf('GetInstance')).toBe(1);
	});

	test('goes on where the user was deleted between two runs: of the same millisecond, nobody comes twice', async () => {
		cloud.people.fill(498, { seed: 1 });
		// By an import: the first page ends among them.
		const imported = cloud.people.add(6);
		const all700 = [...allIds(), ...cloud.people.add(196)];
		const [first = [], next] = await run(cloud, all({ onePage: true }));
		const gone = idsOf(first).at(-1) ?? '';
		expect(imported.indexOf(gone)).toBe(1);
		cloud.people.remove(gone);
		const second = await readIds(all({ onePage: true, resumeAfter: textAt(next?.[0], 'resumeAfter') }));
		expect([...idsOf(first), ...second]).toEqual(all700);
	});

	test('an unknown user to resume after: refused, not begun again', async () => {
		await startCloud({}, 20);
		const sentence = /^Could not read page 1 of the users: Clerk answered 404 .*Check Resume After User/;
		expect(await errorOf(run(cloud, all({ resumeAfter: 'user_nobody' })))).toMatch(sentence);
	});
});

describe('the contact of a fetched user is the one that a delivery of the same user gives', () => {
	const contactOf = (data: User, changed: Partial<Settings> = {}) => {
		const envelope = {
			object: 'event',
			type: 'user.updated',
			data,
			instance_id: 'ins_2test0000000000000000000000',
			timestamp: 1,
		};
		const chosen = { output: 'contacts', contactsWithoutEmail: 'pass', source: 'Clerk back-fill', ...changed } as const;
		return outputOf(envelope, chosen, { environment: 'development' }).items[0] ?? [];
	};
	const path = ['data', 'public_metadata', 'plan'];

	test.each<[string, INodeParameters, Partial<Settings>]>([
		['as at first', {}, {}],
		['in snake case, without names', { keyStyle: 'snake', includeNames: false }, { keyStyle: 'snake', includeNames: false }],
		['with verified addresses only', { onlyVerified: true }, { onlyVerified: true }],
		['shut-out users unsubscribed', { shutOutUsers: 'unsubscribe' }, { shutOutUsers: 'unsubscribe' }],
		['without test users', { leaveOutTestUsers: true }, { leaveOutTestUsers: true }],
		['without users who have no address', { contactsWithoutEmail: 'skip' }, { contactsWithoutEmail: 'skip' }],
		[
			'with custom fields',
			{ customContactFields: { field: [{ name: 'plan', path: path.join('.') }] } },
			{ customContactFields: [{ name: 'plan', path }] },
		],
	])('%s: for each of 300 users', async (_, options, changed) => {
		cloud.people.fill(300, { seed: 3 });
		const items = await itemsOf(all({ options: { ...EVERYBODY, ...options } }));
		const expected = allIds().flatMap((id) => contactOf(cloud.people.get(id)!, changed));
		expect(items.map(({ json }) => json)).toEqual(expected);
		expect(expected.length).toBeGreaterThan(200);
	});

	test('in one item, as the trigger puts it out, without an event; raw only where it is asked for', async () => {
		cloud.people.fill(1, { seed: 3 });
		const user = cloud.people.at(0);
		const [item] = await itemsOf(all({ output: 'item', options: { ...EVERYBODY, includeRaw: true } }));
		const raw = expect.objectContaining({ data: user }) as unknown;
		expect(item?.json).toEqual({ contact: contactOf(user)[0], event: null, tenant: null, raw });
		expect(JSON.stringify(await itemsOf(all({ output: 'item' })))).not.toContain('metadata');
	});
});

const NO_TIME = 'is not a valid time. Write it like 2026-01-05T09:30:00Z, or choose it from the calendar.';

describe('filters', () => {
	test('narrow down what is read and counted', async () => {
		cloud.people.fill(300, { seed: 5 });
		const users = allIds().map((id) => cloud.people.get(id)!);
		const from = users[100]!.created_at;
		const filters = { createdAfter: new Date(from).toISOString() };
		const later = users.filter(({ created_at }) => created_at > from).map(({ id }) => id);
		expect(await readIds(all({ filters }))).toEqual(later);
		const counted = await itemsOf({ resource: 'contact', operation: 'count', filters });
		expect(counted.map(({ json }) => json)).toEqual([{ count: later.length, instanceId: 'ins_2test0000000000000000000000' }]);

		const some = [users[3]!, users[5]!];
		const userIds = some.map(({ id }) => id).join(', ');
		const expected = some.filter(({ banned }) => !banned).map(({ id }) => id);
		expect(await readIds(all({ filters: { userIds, query: '', banned: false } }))).toEqual(expected);
	});

	test.each(['-NabcFirebase', '+4915112345678', 'customer-17'])('the external ID %s is that of one user', async (externalIds) => {
		cloud.people.fill(5, { seed: 5 });
		const { id } = cloud.people.change(cloud.people.at(2).id, { external_id: externalIds });
		expect(await readIds(all({ filters: { externalIds } }))).toEqual([id]);
		const counted = await itemsOf({ resource: 'contact', operation: 'count', filters: { externalIds } });
		expect(counted[0]?.json).toMatchObject({ count: 1 });
	});

	const many = Array.from({ length: 101 }, (_, index) => `user_${index}`).join();
	const none = 'User IDs has no values. Enter at least one, or remove this filter to read everybody.';

	test.each<[string, unknown, string]>([
		...['last week', '2026-02-30', '2026-01-05T09:00:00+25:00', 1e20].map((time): [string, unknown, string] => {
			return ['createdAfter', time, `Created After ${NO_TIME}`];
		}),
		...[[], [' '], [null], ' , ', '={{ [] }}', '={{ null }}'].map((ids): [string, unknown, string] => ['userIds', ids, none]),
		['userIds', many, 'User IDs has 101 values, but Clerk accepts only 100 at once.'],
	])('%s %j is refused before anybody is asked', async (name, value, message) => {
		expect(await errorOf(run(cloud, all({ filters: { [name]: value } as INodeParameters })))).toBe(message);
		expect(cloud.operations).toEqual([]);
	});
});

describe('Get', () => {
	test('one user as it is now', async () => {
		cloud.people.fill(5, { seed: 1 });
		const { id } = cloud.people.at(2);
		cloud.people.change(id, { first_name: 'Changed' });
		expect(await itemsOf(getUser(` ${id} `))).toMatchObject([{ json: { userId: id, firstName: 'Changed' } }]);
	});

	const unknown =
		/^Could not read the user user_nobody: Clerk answered 404 resource_not_found: .*\(trace [0-9a-f]{32}\)\. Check the ID/;

	test.each([
		['user_nobody', unknown],
		['', /^User ID is empty/],
	])('%j: an error that says what to check', async (userId, message) => {
		expect(await errorOf(run(cloud, getUser(userId)))).toMatch(message);
	});

	test.each(['..', '.', '../instance', 'user_1?x=y', 'jane@example.com', '\ud800'])(
		'%j is no ID, and no other path: nobody is asked',
		async (id) => {
			const members = all({ resource: 'membership', organizationId: id });
			expect(await errorOf(run(cloud, getUser(id)))).toMatch(/^User ID is not the ID of a user/);
			expect(await errorOf(run(cloud, members))).toMatch(/^Organization ID is not the ID of an organization/);
			expect(cloud.operations).toEqual([]);
		},
	);

	test('the answer has no user is an error, not nobody', async () => {
		cloud.people.fill(1, { seed: 1 });
		answers('GetUser', () => () => ({ status: 200, body: {} }));
		const sentence = /^Could not read the user user_\w+: Clerk answered 200: the answer has no user\./;
		expect(await errorOf(run(cloud, getUser(cloud.people.at(0).id)))).toMatch(sentence);
	});

	test('with Continue, the other items go on', async () => {
		cloud.people.fill(2, { seed: 1 });
		const items = [{ json: { id: 'user_nobody' } }, { json: { id: cloud.people.at(1).id } }];
		const got = await itemsOf(getUser('={{ $json.id }}'), { items, continueOnFail: true });
		expect(got.map(({ json, pairedItem }) => [Object.keys(json)[0], pairedItem])).toEqual([
			['error', { item: 0 }],
			['action', { item: 1 }],
		]);
	});
});

describe('D7: Get Changed Since', () => {
	test('who signed up or changed since then, oldest change first; stops reading where the past begins', async () => {
		cloud.people.fill(2000, { seed: 1 });
		const since = Date.now();
		const changed = [40, 1600, 17].map((place) => cloud.people.change(cloud.people.at(place).id).id);
		const added = cloud.people.add(2);
		const ids = await readIds(changedSince(since));
		expect(ids.slice(0, 3)).toEqual(changed);
		expect(sorted(ids)).toEqual(sorted([...changed, ...added]));
		expect(cloud.countOf('GetUserList')).toBe(1);
	});

	test('nobody is missed while users change and are deleted during the reading; each comes once, in the newest state', async () => {
		cloud.people.fill(4000, { seed: 1 });
		const since = Date.now();
		const ids = allIds();
		const wanted = new Set(ids.slice(500, 2800));
		for (const id of wanted) cloud.people.change(id);
		const deleted = new Set<string>();
		whileReading('GetUserList', (page) => {
			if (page === 1 || page > 5) return;
			// Deleted at the top: the rest moves towards the reader, past the overlap of two pages.
			for (const id of ids.slice(2800 - page * 20, 2800 - page * 20 + 20)) {
				cloud.people.remove(id);
				deleted.add(id);
			}
			// Changed before the reader comes there: goes to the top.
			for (const id of ids.slice(500 + page * 10, 500 + page * 10 + 5)) cloud.people.change(id, { first_name: `Round ${page}` });
		});
		const items = await itemsOf(changedSince(since));

		const states = new Map(items.map(({ json }) => [json['userId'], json['updatedAt']]));
		expect(states.size).toBe(items.length);
		const missing = [...wanted].filter((id) => !deleted.has(id) && !states.has(id));
		const stale = [...wanted].filter(
			(id) => !deleted.has(id) && states.get(id) !== new Date(cloud.people.get(id)!.updated_at).toISOString(),
		);
		expect([missing, stale]).toEqual([[], []]);
	});

	test('since seconds, as other services write times: not since 1970', async () => {
		cloud.people.fill(20, { seed: 1 });
		const since = Math.floor(Date.now() / 1000);
		const { id } = cloud.people.change(cloud.people.at(4).id);
		expect(await readIds({ ...changedSince(0), since: `={{ ${since} }}` })).toEqual([id]);
	});

	test('a run that breaks off has only the newest changes, says that older ones are missing, and how to go on', async () => {
		await startCloud({}, 1200);
		cloud.fail('GetUserList', faults.serverError(500), 5, 1);
		const items = await itemsOf(changedSince(0), { continueOnFail: true });
		expect(items).toHaveLength(501);
		expect(items.at(-1)?.json).toEqual({ error: expect.any(String) as string, resumeAfter: null });
		expect(textAt(items.at(-1), 'error')).toMatch(
			/^Could not read page 2 of the users: .*\. 500 were read before the error\. .* Users who changed earlier are missing\. Run the node again with the same Since, and do not advance Since until a run has finished\.$/,
		);
	});

	test.each(['yesterday', '2026-02-30', '={{ 1e20 }}'])('%j is no time: refused', async (since) => {
		expect(await errorOf(run(cloud, { ...changedSince(0), since }))).toBe(`Since ${NO_TIME}`);
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
	] as const)('%s: all of them, each once', async (resource, operation, wanted, key, pages) => {
		expect(sorted(idsOf(await itemsOf(all({ resource })), key))).toEqual(sorted(wanted()));
		expect(cloud.countOf(operation)).toBe(pages);
	});

	test('organizations that are removed meanwhile make nobody of the others missed', async () => {
		const removed = new Set<string>();
		whileReading('ListOrganizations', (page) => {
			if (page === 2) for (const { id } of cloud.people.organizations.splice(0, 60)) removed.add(id);
		});
		const came = idsOf(await itemsOf(all({ resource: 'tenant' })), 'organizationId');
		expect(sorted(came)).toEqual(sorted([...removed, ...cloud.people.organizations.map(({ id }) => id)]));
	});

	test('a list that breaks off says that it has to be read again', async () => {
		cloud.fail('ListOrganizations', faults.serverError(500), 5, 1);
		const sentence =
			/^Could not read page 2 of the organizations: .*\. 500 were read before the error\. .* The rest is missing: run the node again\.$/;
		expect(await errorOf(run(cloud, all({ resource: 'tenant' })))).toMatch(sentence);
	});

	test.each(['={{ null }}', '={{ $json.nothing }}', '={{ [] }}', '={{ ["org_1", "org_2"] }}', '={{ { id: "org_1" } }}'])(
		'an Organization ID of %s is refused: it would read the members of all organizations',
		async (organizationId) => {
			expect(await errorOf(run(cloud, all({ resource: 'membership', organizationId })))).toBe(
				'Organization ID is not the ID of an organization. It is the organizationId of a tenant, and starts with org_. To read the members of all organizations, leave the field empty.',
			);
			expect(cloud.operations).toEqual([]);
		},
	);

	test('a membership: the place in the organization as a tenant, as the trigger puts it out', async () => {
		const items = await itemsOf(all({ resource: 'membership', organizationId: ' ', output: 'item' }));
		expect(items).toHaveLength(cloud.people.memberships.length);
		const tenant = {
			action: 'subscribe',
			organizationId: expect.stringMatching(/^org_/) as string,
			role: expect.any(String) as string,
		};
		expect(items[0]?.json).toMatchObject({ contact: null, event: null, tenant });
		const organizationId = cloud.people.memberships[0]?.organization.id ?? '';
		const ofOne = await itemsOf(all({ resource: 'membership', organizationId }));
		expect(new Set(idsOf(ofOne, 'organizationId'))).toEqual(new Set([organizationId]));
	});
});

describe('when Clerk is slow, busy or away', () => {
	beforeEach(async () => await startCloud({}, 1200));

	test.each<[string, Fault[], number[]]>([
		['429: waits as long as it says', Array.from({ length: 3 }, () => faults.rateLimited(7)), [7000, 7000, 7000]],
		[
			'5xx, a broken connection, no JSON: growing pauses',
			[faults.serverError(503), faults.reset(), faults.html(502)],
			[500, 1000, 2000],
		],
	])('%s, and goes on; nobody is missed', async (_, failing, pauses) => {
		for (const [index, fault] of failing.entries()) cloud.fail('GetUserList', fault, 1, index === 0 ? 1 : 0);
		expect(await readIds()).toEqual(allIds());
		expect(paused).toEqual(pauses);
	});

	test('for good: an error that names the page, says how to go on, and holds no secret', async () => {
		cloud.fail('GetUserList', faults.serverError(500), 100, 2);
		const message = await errorOf(run(cloud, all()));
		expect(message).toMatch(
			/^Could not read page 3 of the users: Clerk answered 500 .*\(trace [0-9a-f]{32}\)\. Try again in a few minutes\. .*1000 were read before the error/,
		);
		expect(message).toMatch(new RegExp(`set Resume After User to ${cloud.people.at(999).id}@\\d+\\.$`));
		expect(message).not.toContain(cloud.secretKey);
		expect(paused).toEqual([500, 1000, 2000, 4000]);
	});

	test('a page in place of an answer is not the end', async () => {
		cloud.fail('GetUserList', faults.html(200), 10, 1);
		expect(await errorOf(run(cloud, all()))).toMatch(
			/^Could not read page 2 of the users: Clerk answered 200: the answer is not JSON/,
		);
	});

	test('with Continue, what was read is output, the error on an item of its own, and Resume After User goes on from there', async () => {
		cloud.fail('GetUserList', faults.serverError(500), 5, 1);
		const broken = await itemsOf(all(), { continueOnFail: true });
		expect(broken).toHaveLength(501);
		// By the error on its item, n8n takes it to the error output.
		expect(broken.flatMap(({ error, json }) => (error ? [Object.keys(json)] : []))).toEqual([['error', 'resumeAfter']]);
		const resumeAfter = textAt(broken.at(-1), 'resumeAfter');
		const rest = await readIds(all({ resumeAfter }));
		expect([...idsOf(broken.slice(0, -1)), ...rest]).toEqual(allIds());
		// The bare ID does as well.
		expect(await readIds(all({ resumeAfter: resumeAfter.split('@')[0] ?? '' }))).toEqual(rest);
	});

	test('a refused key: said with what to check', async () => {
		const credential = { secretKey: 'sk_test_somebodyelses', apiUrl: cloud.apiUrl, portalUrl: '' };
		await expect(run(cloud, all(), { credential })).rejects.toThrow(
			/^Could not read page 1 of the users: Clerk answered 401 .*Check the secret key in the Clerk API credential/,
		);
	});

	test.each<[string, INodeParameters, ICredentialDataDecryptedObject]>([
		['a refused key', all(), { secretKey: 'sk_test_somebodyelses' }],
		['a credential that cannot be used', all(), { secretKey: 'pk_test_1' }],
		['a filter', all({ filters: { userIds: [] } }), {}],
		['a parameter', getUser(''), {}],
		['a user whom nobody knows', getUser('user_nobody'), {}],
		['an endpoint', { resource: 'endpoint', operation: 'recover', endpoint: 'ep_1' }, {}],
	])('an error names its item: %s', async (_, parameters, key) => {
		const credential = { apiUrl: cloud.apiUrl, portalUrl: cloud.portalUrl, secretKey: cloud.secretKey, ...key };
		const items = [{ json: {} }, { json: {} }];
		const failed = await itemsOf(parameters, { credential, items, continueOnFail: true });
		expect(failed.map(({ error }) => error?.context['itemIndex'])).toEqual([0, 1]);
	});
});

test('every parameter that is shown has a description', () => {
	for (const { type, description, displayName } of node.description.properties) {
		if (['resource', 'operation'].includes(displayName.toLowerCase()) || ['collection', 'notice'].includes(type)) continue;
		expect([displayName, description]).toEqual([displayName, expect.stringMatching(/\S/)]);
	}
});
