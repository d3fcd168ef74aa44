import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Webhook } from 'svix';

import { ClerkCloud, faults } from './cloud';
import type { CloudOperation, CloudOptions, LinkForm, User } from './cloud';

/** What a product test would not notice if the mock of Clerk were wrong. The contracts check the rest. */

// Reading the contracts takes seconds.
jest.setTimeout(60_000);

let cloud: ClerkCloud;

async function start(options: CloudOptions = {}): Promise<ClerkCloud> {
	await cloud?.stop();
	return (cloud = await ClerkCloud.start(options));
}

beforeEach(async () => void (await start()));
afterAll(async () => await cloud.stop());

async function ask(method: string, url: string, token: string | null, body?: unknown, headers = {}) {
	const response = await fetch(url, {
		method,
		headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
		...(body !== undefined && { body: JSON.stringify(body) }),
	});
	const text = await response.text();
	return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

const clerk = async (method: string, path: string, body?: unknown) =>
	await ask(method, cloud.apiUrl + path, cloud.secretKey, body);
const users = async (query: string) => (await clerk('GET', `/users?${query}`)).body as unknown as User[];
const linkOf = async () => String((await clerk('POST', '/webhooks/svix_url')).body['svix_url']);
const exchange = async (oneTimeToken: unknown) =>
	await ask('POST', `${cloud.portalUrl}/api/v1/auth/one-time-token`, null, { oneTimeToken });

/** Calls to the portal, after the exchange of a link. */
async function portalOf() {
	const [, key = ''] = (await linkOf()).split('#key=');
	const { appId = '', oneTimeToken } = JSON.parse(Buffer.from(key, 'base64').toString()) as Record<string, string>;
	const token = String((await exchange(oneTimeToken)).body['token']);
	const endpoints = async (method: string, path = '', body?: unknown, headers = {}) =>
		await ask(method, `${cloud.portalUrl}/api/v1/app/${appId}/endpoint${path}`, token, body, headers);
	const logout = async () => await ask('POST', `${cloud.portalUrl}/api/v1/auth/logout`, token);
	return { token, oneTimeToken, endpoints, logout };
}

const PUBLIC = 'https://n8n.example.com';
const OURS = { url: `${PUBLIC}/webhook/abc/clerk?x=1`, uid: 'n8n-abc', description: 'ours', eventTypes: ['user.created'] };

it('the links have what their spellings differ in: two characters and the padding', async () => {
	const spellings: Array<[LinkForm, RegExp]> = [
		['standard', /^https:\/\/app\.svix\.com\/login#key=(?=.*\+)(?=.*\/)[\w+/]+=+$/],
		['urlSafe', /#key=(?=.*-)(?=.*_)[\w-]+=+$/],
		['unpadded', /#key=(?=.*\+)(?=.*\/)[\w+/]+$/],
		['urlEncoded', /#key=(?=.*%2B)(?=.*%2F)[\w%]+%3D$/],
		['queryBeforeHash', /\/login\?[^#]+#key=[\w+/]+=+$/],
	];
	for (const [form, spelling] of spellings) {
		await start({ link: { form } });
		expect(await linkOf()).toMatch(spelling);
	}
});

describe('the portal', () => {
	it('takes a one-time token once, knows no other app, and nobody who signed out', async () => {
		const { token, oneTimeToken, endpoints, logout } = await portalOf();
		expect((await exchange(oneTimeToken)).status).toBe(401);
		expect((await ask('GET', `${cloud.portalUrl}/api/v1/app/app_2other/endpoint`, token)).status).toBe(404);
		expect([(await endpoints('GET')).status, cloud.portal.openTokens]).toEqual([200, 1]);
		await logout();
		expect([(await endpoints('GET')).status, cloud.portal.openTokens]).toEqual([401, 0]);
	});

	it('lists page by page', async () => {
		const all = Array.from({ length: 5 }, (_, index) => cloud.addEndpoint({ url: `https://example.com/${index}` }).id);
		const { endpoints } = await portalOf();
		for (const [query, ids, done] of [
			['?limit=2', all.slice(0, 2), false],
			[`?limit=2&iterator=${all[3]}`, all.slice(4), true],
		] as const) {
			expect((await endpoints('GET', query)).body).toMatchObject({ data: ids.map((id) => ({ id })), done });
		}
	});

	it('gives a uid to one endpoint only', async () => {
		const { endpoints } = await portalOf();
		expect((await endpoints('POST', '', OURS)).status).toBe(201);
		expect((await endpoints('POST', '', OURS)).status).toBe(409);
		const { id } = cloud.addEndpoint({ url: 'https://example.com/' });
		expect((await endpoints('PATCH', `/${id}`, { uid: OURS.uid })).status).toBe(409);
	});

	it.each([
		['an event type that Clerk never registered with Svix', { eventTypes: ['user.locked'] }],
		['a URL without TLS', { url: 'http://n8n.example.com/' }],
	])('refuses what the contract allows: %s', async (_, changed) => {
		expect((await (await portalOf()).endpoints('POST', '', { ...OURS, ...changed })).status).toBe(422);
	});

	it('lets the bearer of an AutoConfig token change its endpoint, and do nothing else', async () => {
		const { id, ...endpoint } = cloud.addEndpoint({ url: 'https://example.com/unset' });
		const [, coded = ''] = cloud.autoConfigToken({ id, ...endpoint }).split('auto_v1_');
		const { tok = '', aid } = JSON.parse(Buffer.from(coded, 'base64').toString()) as Record<string, string>;
		const endpoints = `${cloud.portalUrl}/api/v1/app/${aid}/endpoint`;
		expect((await ask('PUT', `${endpoints}/${id}/auto-config`, tok, { endpoint: { url: OURS.url } })).status).toBe(200);
		expect([(await ask('GET', endpoints, tok)).status, (await ask('DELETE', `${endpoints}/${id}`, tok)).status]).toEqual([
			403, 403,
		]);
	});
});

describe('the contract', () => {
	it.each([
		['metadata that is no text', '', { ...OURS, metadata: { a: 1 } }, {}, 'body.metadata.a'],
		['no body', '', undefined, {}, 'body'],
		['an unknown parameter', '?page=2', OURS, {}, 'query.page'],
		['another content type', '', OURS, { 'content-type': 'text/plain' }, 'header.content-type'],
	])('refuses %s, and the test knows', async (_, path, body, headers, place) => {
		expect((await (await portalOf()).endpoints('POST', path, body, headers)).status).toBe(422);
		expect(cloud.refused.join()).toContain(`POST /api/v1/app/{app_id}/endpoint: ${place} `);
		expect(cloud.endpoints).toEqual([]);
	});

	it('has no operation that is not served, and lists what it has no place for', async () => {
		expect((await clerk('GET', '/jwks')).status).toBe(404);
		expect(cloud.refused).toHaveLength(1);
		await (await portalOf()).endpoints('POST', '', { url: OURS.url, filterTypes: ['user.created'] });
		await clerk('POST', '/webhooks/svix_url', { a: 1 });
		expect(cloud.ignored).toEqual(['POST /api/v1/app/{app_id}/endpoint: filterTypes', 'POST /v1/webhooks/svix_url: a body']);
	});

	it('finds out a mock that answers against it, or breaks down', async () => {
		const { endpoints } = await portalOf();
		cloud.addEndpoint({ url: 'no URL' });
		expect(await endpoints('GET')).toMatchObject({ status: 500, body: { code: 'wrong_mock' } });
		const { id } = cloud.addEndpoint({ url: 'https://example.com/', createdAt: new Date(NaN) });
		await expect(endpoints('GET', `/${id}`)).rejects.toThrow('fetch failed');
		await expect(cloud.stop()).rejects.toThrow(
			/v1\.endpoint\.list answered 200: \/data\/0\/url must match format "uri"[^]*was not carried out: RangeError/,
		);
		cloud = await ClerkCloud.start();
	});

	// The first page is validated in full; of the others every fourth user, beginning with another one each time.
	it.each([
		[19, 1, 1],
		[7, 5, 2],
	])('finds a user at %d who is against it on %d pages %d times', async (place, pages, complaints) => {
		cloud.people.fill(20);
		cloud.people.change(cloud.people.at(place).id, { locked: 'perhaps' as never });
		for (let n = 0; n < pages; n++) await users('order_by=created_at&limit=20');
		const error = await cloud.stop().catch((thrown: Error) => thrown);
		cloud = await ClerkCloud.start();
		expect(error?.message.match(/GetUserList answered/g)).toHaveLength(complaints);
	});
});

it('a fault can come after the call was carried out', async () => {
	const { endpoints } = await portalOf();
	cloud.fail('v1.endpoint.create', faults.afterwards(faults.reset()));
	await expect(endpoints('POST', '', OURS)).rejects.toThrow('fetch failed');
	expect(cloud.endpoint(OURS.uid)).toMatchObject(OURS);
});

it('the log of calls shows where a secret went, and never the secret', async () => {
	const { endpoints, logout, token } = await portalOf();
	await endpoints('POST', '', { ...OURS, description: Buffer.from(`-${token}`).toString('base64') });
	await endpoints('POST', '', { ...OURS, description: encodeURIComponent('a secret/=') });
	await logout();
	const places = (text: string) => cloud.sawSecret(text).map(({ operation }) => operation);
	expect(places(cloud.secretKey)).toEqual<CloudOperation[]>(['GenerateSvixAuthURL']);
	expect(places(token)).toEqual<CloudOperation[]>(['v1.endpoint.create', 'v1.endpoint.create', 'v1.authentication.logout']);
	expect(places('a secret/=')).toEqual<CloudOperation[]>(['v1.endpoint.create']);
	expect(JSON.stringify(cloud.calls)).not.toContain(token);
});

describe('the sender', () => {
	/** Stands in for n8n: answers with the statuses in turn. */
	const received: Array<{ headers: Record<string, string>; body: string }> = [];
	const statuses = [500, 302, 204];
	let server: Server;

	beforeAll(async () => {
		const app = express().use(express.text({ type: () => true }), (request, response) => {
			received.push({ headers: request.headers as Record<string, string>, body: String(request.body) });
			response.status(statuses.shift() ?? 200).end();
		});
		server = app.listen(0, '127.0.0.1');
		await once(server, 'listening');
	});
	afterAll(async () => {
		server.close();
		server.closeAllConnections();
		await once(server, 'close');
	});

	it('tries again with the same ID and a new signature; an endpoint that is disabled or does not listen gets nothing', async () => {
		await start({ sending: { schedule: [0, 20, 20] } });
		cloud.route(PUBLIC, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
		const endpoint = cloud.addEndpoint(OURS);
		const { id, deliveries } = await cloud.emit('user.created');
		expect(deliveries).toMatchObject([{ delivered: true, attempts: [{ status: 500 }, { status: 302 }, { status: 204 }] }]);
		expect(received.map(({ headers }) => headers['svix-id'])).toEqual([id, id, id]);
		for (const { body, headers } of received) new Webhook(endpoint.secret).verify(body, headers);
		expect((await cloud.emit('user.updated')).deliveries).toEqual([]);
		cloud.switchOff(endpoint);
		expect((await cloud.emit('user.created')).deliveries).toEqual([]);
	});
});

describe('the users', () => {
	it('are of every kind that makes a difference to a contact', () => {
		cloud.people.fill(1000);
		const all = cloud.people.all();
		const kinds: Record<string, (user: User) => boolean> = {
			'without an email address': (user) => user.email_addresses.length === 0,
			'whose first address is not primary': (user) =>
				!!user.primary_email_address_id && user.email_addresses[0]?.id !== user.primary_email_address_id,
			'with addresses, none primary': (user) => user.email_addresses.length > 0 && user.primary_email_address_id === null,
			'with an unverified address': (user) => user.email_addresses.some((one) => one.verification?.status === 'unverified'),
			'with an address without verification': (user) => user.email_addresses.some((one) => one.verification === null),
			'with a test address': (user) => user.email_addresses.some((one) => one.email_address.includes('+clerk_test@')),
			'with a test phone': (user) => user.phone_numbers.some((one) => /^\+1\d{3}55501\d\d$/.test(one.phone_number)),
			'with a wallet': (user) => user.web3_wallets.length > 0,
			'with an external account': (user) => user.external_accounts.length > 0,
			'with a username': (user) => user.username !== null,
			'without a name': (user) => user.first_name === null,
			'who never signed in': (user) => user.last_sign_in_at === null,
			'who are banned': (user) => user.banned,
			'who are locked': (user) => user.locked,
		};
		const shares = Object.entries(kinds).map(([kind, holds]) => [kind, all.filter(holds).length / all.length] as const);
		expect(shares.filter(([, share]) => share < 0.005 || share > 0.7)).toEqual([]);
		// Some signed up in the same millisecond, and they changed in another order.
		expect(new Set(all.map(({ created_at }) => created_at)).size).toBe(800);
		expect(all.toSorted((one, other) => one.updated_at - other.updated_at)).not.toEqual(all);
	});

	it('are listed the last change first: a change moves a user to the top, a deletion moves up all that follow', async () => {
		cloud.people.fill(50);
		const ids = [...cloud.people.ids()];
		const listed = async (offset: number) => (await users(`order_by=-updated_at&limit=2&offset=${offset}`)).map(({ id }) => id);
		for (const place of [5, 30, 5, 20]) cloud.people.change(ids[place]!);
		expect([await listed(0), (await listed(2))[0]]).toEqual([[ids[20], ids[5]], ids[30]]);
		cloud.people.remove(ids[20]!);
		expect(await listed(0)).toEqual([ids[5], ids[30]]);
	});

	it.each([
		['a cursor in another order', 'order_by=updated_at&starting_after=ID', 'starting_after'],
		['a cursor and an offset', 'starting_after=ID&offset=1', 'starting_after'],
		['a plus sign that is not encoded', 'order_by=+created_at', 'order_by'],
		['more than 100 values', 'user_id=a&'.repeat(101), 'user_id'],
	])('are refused with %s, which the contract allows', async (_, query, name) => {
		cloud.people.fill(3);
		const { status, body } = await clerk('GET', `/users?${query.replace('ID', cloud.people.at(0).id)}`);
		expect([status, body]).toMatchObject([422, { errors: [{ meta: { param_name: name } }] }]);
		expect(cloud.refused).toEqual([]);
	});
});
