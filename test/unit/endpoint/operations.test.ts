import type { IDataObject, INodeParameters, NodeParameterValue } from 'n8n-workflow';

import { metadataOf } from '../../../nodes/Clerk/api/wanted';
import { ClerkCloud, faults } from '../../support/clerk/cloud';
import type { Endpoint } from '../../support/clerk/cloud';
import { run } from '../../support/clerkNode';
import type { Running } from '../../support/clerkNode';

jest.mock('n8n-workflow', () => ({ ...jest.requireActual<object>('n8n-workflow'), sleep: async () => {} }));

const HERE: Running = { instanceId: 'n8n_1', base: 'https://n8n.example.com' };
const UID = 'n8n-clerk-sync.one';
const URL = 'https://n8n.example.com/webhook/a-b-c/clerk';
const EVENTS = ['user.created', 'user.updated'];
const OPEN = ['GenerateSvixAuthURL', 'v1.authentication.exchange-one-time-token'];
const CLOSE = 'v1.authentication.logout';

let cloud: ClerkCloud;

beforeEach(async () => {
	cloud = await ClerkCloud.start({ sending: { schedule: [0, 0] } });
});

afterEach(async () => {
	await cloud.stop();
	expect([cloud.refused, cloud.ignored]).toEqual([[], []]);
});

/** An endpoint as a Clerk Trigger leaves it. */
function registered({ uid = UID, instanceId = 'n8n_1', url = URL, ...rest }: Partial<Endpoint> & { instanceId?: string } = {}) {
	const metadata = { ...metadataOf(instanceId, { url, eventTypes: EVENTS }), team: 'growth' };
	return cloud.addEndpoint({ uid, url, eventTypes: [...EVENTS], description: 'n8n: workflow "Contacts"', metadata, ...rest });
}

async function itemsOf(parameters: INodeParameters, running: Running = HERE): Promise<IDataObject[]> {
	const [items = []] = await run(cloud, { resource: 'endpoint', ...parameters }, running);
	return items.map(({ json }) => json);
}

const check = async (parameters: INodeParameters = {}, running?: Running) =>
	await itemsOf({ operation: 'check', endpoint: UID, ...parameters }, running);

describe('D2: Check', () => {
	test('an endpoint that is as its trigger wants it, with four calls and no change', async () => {
		const before = structuredClone(registered());
		const fields = { url: URL, wantedUrl: URL, disabled: false, eventTypes: EVENTS, wantedEventTypes: EVENTS };
		const message = 'The endpoint matches its trigger.';
		const description = 'n8n: workflow "Contacts"';
		expect(await check({ fix: true })).toEqual([
			{ endpoint: UID, description, exists: true, inStep: true, fixed: false, differences: [], message, ...fields },
		]);
		expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.get', CLOSE]);
		expect(cloud.endpoints).toEqual([before]);
	});

	const NEW = 'https://new.example.com/n8n';
	const off = /^Clerk has disabled the endpoint, so nothing is delivered\./;
	const movedTo = `It points to ${URL}, but the URL of its trigger is ${NEW}/webhook/a-b-c/clerk.`;
	const other = /^It does not send user\.updated\. It sends user\.deleted, which its trigger does not want\./;
	const every = /^It sends all events, but its trigger wants only some of them\./;
	const all = { disabled: true, url: 'https://x.example.com/', eventTypes: null };

	test.each<[string, Partial<Endpoint>, Running, string[], RegExp | string]>([
		['Clerk switched off', { disabled: true }, {}, ['disabled'], off],
		['of an n8n that moved to another host and path', {}, { base: NEW }, ['url'], movedTo],
		['whose URL a person changed', { url: 'https://elsewhere.example.com/' }, {}, ['url'], /^It points to https:\/\/elsewhere/],
		['whose events a person changed', { eventTypes: ['user.created', 'user.deleted'] }, {}, ['eventTypes'], other],
		['that sends all events', { eventTypes: null }, {}, ['eventTypes'], every],
		['with all of that', all, {}, ['disabled', 'url', 'eventTypes'], /./],
	])('one %s: it says so and changes nothing; with Fix it is fixed', async (_, changed, moved, differences, message) => {
		const { metadata } = registered();
		const [endpoint] = cloud.endpoints;
		if (!endpoint) throw new Error('There is no endpoint');
		Object.assign(endpoint, changed);
		const before = structuredClone(endpoint);
		const running = { ...HERE, ...moved };

		const [said] = await check({}, running);
		expect(said).toMatchObject({ inStep: false, fixed: false, differences });
		expect(said?.['message']).toEqual(
			typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
		);
		expect(cloud.endpoints).toEqual([before]);

		expect(await check({ fix: true }, running)).toEqual([
			{ ...said, fixed: true, message: `${said?.['message'] as string} This was fixed.` },
		]);
		const url = `${running.base}/webhook/a-b-c/clerk`;
		expect(endpoint).toMatchObject({ url, disabled: false, eventTypes: EVENTS, metadata: { ...metadata, n8nUrl: url } });
		expect(await check({}, running)).toMatchObject([{ inStep: true }]);
	});

	test('All Endpoints are those of this n8n: neither of another one nor of a person', async () => {
		const mine = registered();
		const others = [
			registered({
				uid: 'n8n-clerk-sync.two',
				instanceId: 'n8n_2',
				url: 'https://n8n2.example.com/webhook/d/clerk',
				disabled: true,
			}),
			cloud.addEndpoint({ url: 'https://person.example.com/', disabled: true }),
		];
		mine.disabled = true;
		expect(await check({ endpoint: 'all', fix: true })).toMatchObject([{ endpoint: UID, fixed: true }]);
		expect([mine, ...others].map(({ disabled }) => disabled)).toEqual([false, true, true]);
	});

	test('an endpoint of another n8n keeps its address', async () => {
		const url = 'https://n8n2.example.com/webhook/d/clerk';
		registered({ instanceId: 'n8n_2', url, disabled: true });
		expect(await check({ fix: true })).toMatchObject([{ wantedUrl: url, differences: ['disabled'], fixed: true }]);
		expect(cloud.endpoints).toMatchObject([{ url, disabled: false }]);
	});

	// The same as if n8n had moved from a path to its parent, which can't be told apart, so the message says so.
	test.each([
		['of several parts', 'https://n8n.example.com/api/hooks/a-b-c/clerk', 'https://n8n.example.com'],
		['under a path of n8n', 'https://n8n.example.com/n8n/api/hooks/a-b-c/clerk', 'https://n8n.example.com/n8n/'],
	])('an endpoint that has not moved, with a webhook prefix %s, is left alone', async (_, url, base) => {
		registered({ url });
		const [said] = await check({ fix: true }, { ...HERE, base });
		expect(said).toMatchObject({ inStep: true, fixed: false, wantedUrl: url });
		expect(said?.['message']).toContain('If n8n has moved since the workflow was published, publish it again.');
		expect(cloud.endpoints).toMatchObject([{ url }]);
	});

	test('one that says nothing of what its trigger wants is only switched on', async () => {
		registered({ metadata: {}, disabled: true, eventTypes: null });
		expect(await check({ fix: true })).toMatchObject([
			{ differences: ['disabled'], fixed: true, wantedUrl: null, wantedEventTypes: null },
		]);
	});

	test('one that is gone: it says what to do', async () => {
		const message = expect.stringMatching(/Unpublish .* publish it again/) as string;
		const missing = { exists: false, inStep: false, fixed: false, differences: ['missing'], message };
		expect(await check({ fix: true })).toEqual([{ endpoint: UID, ...missing }]);
	});

	test('an address that Clerk cannot reach is never written to the endpoint', async () => {
		registered({ disabled: true });
		const [said] = await check({ fix: true }, { ...HERE, base: 'http://localhost:5678' });
		expect(said).toMatchObject({
			differences: ['disabled', 'url'],
			message: expect.stringMatching(/Clerk cannot reach that URL: it points to this machine.* The rest was fixed\.$/) as string,
		});
		expect(cloud.endpoints).toMatchObject([{ url: URL, disabled: false }]);
	});

	test.each([
		['', [{ inStep: true }]],
		['https://typed.example.com/', [{ wantedUrl: 'https://typed.example.com/webhook/a-b-c/clerk' }]],
	])('Webhook Address %j', async (address, expected) => {
		registered();
		expect(await check({ address })).toMatchObject(expected);
	});

	test.each(['n8n.example.com', 'https://n8n.example.com/?x=1', 'https://', 'ftp://n8n.example.com'])(
		'Webhook Address %j is refused',
		async (address) => {
			await expect(check({ address })).rejects.toThrow('Webhook Address is not a URL. Write it like https://n8n.example.com.');
		},
	);
});

describe('D7: Get Deliveries', () => {
	const deliveries = async (parameters: INodeParameters = {}) => {
		const since = new Date(Date.now() - 60_000).toISOString();
		return await itemsOf({ operation: 'getDeliveries', endpoint: UID, since, ...parameters });
	};

	/** So many messages that reach nobody, each tried twice. */
	async function fail(count: number): Promise<void> {
		for (let sent = 0; sent < count; sent++) await cloud.emit('user.created');
	}

	test('what failed, with status, answer and time, and nothing of the content', async () => {
		registered();
		await fail(1);
		const [message] = cloud.messages;
		const about = {
			endpoint: UID,
			eventId: message?.id,
			eventType: 'user.created',
			status: 'fail',
			statusCode: null,
			manual: false,
		};
		const times = { at: expect.stringMatching(/^\d{4}-/) as string, durationMs: expect.any(Number) as number };
		const attempt = { ...about, ...times, answer: 'Nothing is reached at https://n8n.example.com' };
		expect(await deliveries()).toEqual([attempt, attempt]);
		expect(cloud.operations).toEqual([...OPEN, 'v1.message-attempt.list-by-endpoint', CLOSE]);
	});

	test('over several pages, all or as many as wanted, the newest first, since a time', async () => {
		registered();
		await fail(150);
		cloud.resetCalls();
		const all = await deliveries({ returnAll: true });
		expect([all.length, cloud.countOf('v1.message-attempt.list-by-endpoint')]).toEqual([300, 2]);
		expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(150);
		expect(all[0]?.['eventId']).toBe(cloud.messages.at(-1)?.id);
		expect(await deliveries({ limit: 260 })).toEqual(all.slice(0, 260));
		expect(await deliveries({ since: new Date(Date.now() + 1000).toISOString() })).toEqual([]);
	});

	test('of all endpoints of this n8n, all or as many as wanted, the newest first', async () => {
		registered();
		registered({ uid: 'n8n-clerk-sync.two', url: 'https://n8n.example.com/webhook/d/clerk' });
		registered({ uid: 'n8n-clerk-sync.three', instanceId: 'n8n_2' });
		await fail(3);
		const all = await deliveries({ endpoint: 'all', returnAll: true });
		expect([...new Set(all.map(({ endpoint }) => endpoint))].sort()).toEqual([UID, 'n8n-clerk-sync.two']);
		const times = all.map(({ at }) => Date.parse(at as string));
		expect(times).toEqual(times.toSorted((one, other) => other - one));
		expect(await deliveries({ endpoint: 'all', limit: 5 })).toEqual(all.slice(0, 5));
	});

	test.each<[NodeParameterValue, number]>([
		['', 50],
		['={{ null }}', 50],
		['7', 7],
	])('a limit of %j is %d', async (limit, expected) => {
		registered();
		await fail(30);
		expect(await deliveries({ limit })).toHaveLength(expected);
	});

	test.each<NodeParameterValue>([0, -1, 'many'])('a limit of %j is refused', async (limit) => {
		registered();
		await expect(deliveries({ limit })).rejects.toThrow('Limit must be a number of 1 or more.');
		expect(cloud.countOf('v1.message-attempt.list-by-endpoint')).toBe(0);
	});

	test.each([faults.forbidden(), faults.unauthorized()])('a key that may not look ends in a sentence', async (fault) => {
		registered();
		cloud.fail('v1.message-attempt.list-by-endpoint', fault);
		await expect(deliveries()).rejects.toThrow(
			/^Could not read the deliveries: the webhook portal answered 40[13] .*Clerk does not allow this key to read deliveries\. In the Clerk Dashboard, open Configure > Webhooks/,
		);
		expect(cloud.operations.at(-1)).toBe(CLOSE);
	});

	test('a time that is none is refused', async () => {
		await expect(deliveries({ since: 'yesterday' })).rejects.toThrow(
			'Since is not a valid time. Write it like 2026-01-05T09:30:00Z',
		);
	});
});

test.each(['n8n-clerk-sync./../../msg', 'n8n-clerk-sync.?x', 'of-a-person', 'all', '={{ null }}', '={{ [] }}'])(
	'no operation goes by %j to anything but an endpoint of a Clerk Trigger',
	async (endpoint) => {
		registered({ uid: 'of-a-person' });
		for (const operation of ['sendExample', 'recover']) {
			await expect(itemsOf({ operation, endpoint, eventType: 'user.created', since: '2026-01-01' })).rejects.toThrow(
				/Choose an endpoint that a Clerk Trigger registered|this is not the ID of an endpoint/,
			);
		}
		expect(cloud.operations.filter((operation) => operation?.startsWith('v1.endpoint'))).toEqual([]);
	},
);
