import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { Webhook } from 'svix';

import { BROKEN_LINK_FORMS, ClerkCloud, exampleOf, faults } from './cloud';
import type { CloudOperation, CloudOptions, Fault, LinkForm } from './cloud';

interface Said {
	status: number;
	headers: Headers;
	text: string;
	/** Parsed, where it is JSON. */
	body: Record<string, unknown>;
}

// Reading the contracts takes seconds.
jest.setTimeout(30_000);

const clouds: ClerkCloud[] = [];

async function started(options: CloudOptions = {}): Promise<ClerkCloud> {
	const cloud = await ClerkCloud.start(options);
	clouds.push(cloud);
	return cloud;
}

async function ask(method: string, url: string, token: string | null, body?: unknown, headers = {}): Promise<Said> {
	const response = await fetch(url, {
		method,
		headers: {
			...(token !== null && { authorization: `Bearer ${token}` }),
			...(body !== undefined && { 'content-type': 'application/json' }),
			...headers,
		},
		...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
		signal: AbortSignal.timeout(20_000),
	});
	const text = await response.text();
	const isJson = response.headers.get('content-type')?.startsWith('application/json');
	const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
	return { status: response.status, headers: response.headers, text, body: parsed };
}

/** A call to Clerk's Backend API. */
const clerk = async (cloud: ClerkCloud, method: string, path: string, body?: unknown) =>
	await ask(method, cloud.apiUrl + path, cloud.secretKey, body);
const linkOf = async (cloud: ClerkCloud) => String((await clerk(cloud, 'POST', '/webhooks/svix_url')).body['svix_url']);
const exchange = async (cloud: ClerkCloud, oneTimeToken: unknown) =>
	await ask('POST', `${cloud.portalUrl}/api/v1/auth/one-time-token`, null, { oneTimeToken });

/** What a link holds. */
function keyOf(link: string): Record<string, string> {
	const [, key = ''] = /#key=(.*)$/.exec(link) ?? [];
	return JSON.parse(Buffer.from(key, 'base64').toString()) as Record<string, string>;
}

/** Calls to the endpoints of the portal, after the exchange. */
async function portalOf(cloud: ClerkCloud) {
	const { appId, oneTimeToken } = keyOf(await linkOf(cloud));
	const token = String((await exchange(cloud, oneTimeToken)).body['token']);
	const endpoints = async (method: string, path = '', body?: unknown, headers = {}) =>
		await ask(method, `${cloud.portalUrl}/api/v1/app/${appId}/endpoint${path}`, token, body, headers);
	const logout = async () => await ask('POST', `${cloud.portalUrl}/api/v1/auth/logout`, token);
	return { token, endpoints, logout };
}

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Stands in for n8n: answers with the statuses in turn, and with the last one from then on. */
const receiver = {
	received: [] as Array<{ host: string; path: string; headers: Record<string, string>; body: string }>,
	statuses: [200],
	answerHeaders: {} as Record<string, string>,
};
let server: Server;

beforeAll(async () => {
	const app = express().use(express.text({ type: () => true }), (request, response) => {
		const { host = '', ...headers } = request.headers as Record<string, string>;
		receiver.received.push({ host, path: request.originalUrl, headers, body: String(request.body) });
		const status = receiver.statuses.length > 1 ? receiver.statuses.shift() : receiver.statuses[0];
		response
			.status(status ?? 200)
			.set(receiver.answerHeaders)
			.send(`said ${status}`);
	});
	server = app.listen(0, '127.0.0.1');
	await once(server, 'listening');
});

beforeEach(() => void Object.assign(receiver, { received: [], statuses: [200], answerHeaders: {} }));

afterEach(async () => {
	for (const cloud of clouds.splice(0)) await cloud.stop();
});

afterAll(async () => {
	server.close();
	server.closeAllConnections();
	await once(server, 'close');
});

const PUBLIC = 'https://n8n.example.com';
const OURS = { url: `${PUBLIC}/webhook/abc/clerk?x=1`, uid: 'n8n-abc', description: 'ours', eventTypes: ['user.created'] };

describe('the exchange', () => {
	it('leads from a secret key to an endpoint, its deliveries and its end', async () => {
		const cloud = await started({ sending: { schedule: [0] } });
		cloud.route(PUBLIC, originOf(server));
		const theirs = cloud.addEndpoint({ url: 'https://example.com/theirs' });
		const { endpoints, logout } = await portalOf(cloud);

		expect((await endpoints('GET', '?limit=250')).body).toMatchObject({
			data: [{ id: theirs.id, uid: null, eventTypes: null }],
			done: true,
		});
		const wanted = { ...OURS, metadata: { workflow: 'w1' } };
		expect(await endpoints('POST', '', wanted)).toMatchObject({ status: 201, body: { ...wanted, disabled: false } });
		const { body: secret } = await endpoints('GET', `/${OURS.uid}/secret`);

		const message = await cloud.emit('user.created');
		await cloud.emit('user.updated');
		expect(message.deliveries).toMatchObject([{ endpointId: theirs.id, delivered: false }, { delivered: true }]);
		expect(receiver.received).toMatchObject([
			{ host: 'n8n.example.com', path: '/webhook/abc/clerk?x=1', body: exampleOf('user.created') },
		]);
		const { body, headers } = receiver.received[0]!;
		expect(new Webhook(String(secret['key'])).verify(body, headers)).toMatchObject({ type: 'user.created' });

		expect((await endpoints('PATCH', `/${OURS.uid}`, { eventTypes: ['user.updated'] })).body).toMatchObject({
			...OURS,
			eventTypes: ['user.updated'],
		});
		await cloud.emit('user.created');
		await cloud.emit('user.updated');
		expect(receiver.received.map((one) => (JSON.parse(one.body) as { type: string }).type)).toEqual([
			'user.created',
			'user.updated',
		]);

		expect(await endpoints('DELETE', `/${OURS.uid}`)).toMatchObject({ status: 204, text: '' });
		expect(cloud.endpoints).toEqual([theirs]);
		expect(await logout()).toMatchObject({ status: 204 });
		expect(await endpoints('GET')).toMatchObject({ status: 401, body: { code: 'authentication_failed' } });
		expect(cloud.portal.openTokens).toBe(0);

		expect(cloud.calls.map(({ service, method, pathTemplate, status }) => [service, method, pathTemplate, status])).toEqual([
			['clerk', 'POST', '/v1/webhooks/svix_url', 200],
			['svix', 'POST', '/api/v1/auth/one-time-token', 200],
			['svix', 'GET', '/api/v1/app/{app_id}/endpoint', 200],
			['svix', 'POST', '/api/v1/app/{app_id}/endpoint', 201],
			['svix', 'GET', '/api/v1/app/{app_id}/endpoint/{endpoint_id}/secret', 200],
			['svix', 'PATCH', '/api/v1/app/{app_id}/endpoint/{endpoint_id}', 200],
			['svix', 'DELETE', '/api/v1/app/{app_id}/endpoint/{endpoint_id}', 204],
			['svix', 'POST', '/api/v1/auth/logout', 204],
			['svix', 'GET', '/api/v1/app/{app_id}/endpoint', 401],
		]);
		expect([cloud.refused, cloud.ignored]).toEqual([[], []]);
	});

	it('is refused without a Svix app, with which every endpoint is deleted', async () => {
		const cloud = await started();
		cloud.addEndpoint({ url: 'https://example.com/theirs' });
		expect(await clerk(cloud, 'DELETE', '/webhooks/svix')).toMatchObject({ status: 204 });
		expect([cloud.endpoints, cloud.countOf('DeleteSvixApp')]).toEqual([[], 1]);
		const missing = { errors: [{ code: 'svix_app_missing' }], clerk_trace_id: expect.any(String) as string };
		expect(await clerk(cloud, 'POST', '/webhooks/svix_url')).toMatchObject({ status: 400, body: missing });
	});
});

it('the links have what their spellings differ in: two characters and the padding', async () => {
	const of = async (form: LinkForm) => await linkOf(await started({ link: { form } }));
	expect(await of('standard')).toMatch(/^https:\/\/app\.svix\.com\/login#key=(?=.*\+)(?=.*\/)[\w+/]+=+$/);
	expect(await of('urlSafe')).toMatch(/#key=(?=.*-)(?=.*_)[\w-]+=+$/);
	expect(await of('unpadded')).toMatch(/#key=(?=.*\+)(?=.*\/)[\w+/]+$/);
	expect(await of('urlEncoded')).toMatch(/#key=(?=.*%2B)(?=.*%2F)[\w%]+%3D$/);
	expect(await of('queryBeforeHash')).toMatch(/\/login\?[^#]+#key=[\w+/]+=+$/);
});

it.each(['standard', ...Object.keys(BROKEN_LINK_FORMS)] as LinkForm[])('only the standard link can be used: %s', async (form) => {
	const link = await linkOf(await started({ link: { form } }));
	const isUsable = () => {
		try {
			const { appId, oneTimeToken, region, serverUrl } = keyOf(link);
			const isReached = serverUrl !== undefined || region === 'eu';
			return isReached && typeof appId === 'string' && typeof oneTimeToken === 'string';
		} catch {
			return false;
		}
	};
	expect(isUsable()).toBe(form === 'standard');
});

describe('the portal', () => {
	it('takes a one-time token once, and knows no other app', async () => {
		const cloud = await started();
		const { oneTimeToken } = keyOf(await linkOf(cloud));
		const { status, body } = await exchange(cloud, oneTimeToken);
		expect([status, (await exchange(cloud, oneTimeToken)).status]).toEqual([200, 401]);
		const other = await ask('GET', `${cloud.portalUrl}/api/v1/app/app_2other/endpoint`, String(body['token']));
		expect(other).toMatchObject({ status: 404, body: { code: 'not_found' } });
	});

	it('lists page by page', async () => {
		const cloud = await started();
		const all = Array.from({ length: 5 }, (_, index) => cloud.addEndpoint({ url: `https://example.com/${index}` }).id);
		const { endpoints } = await portalOf(cloud);
		const page = async (query: string) => {
			const { body } = await endpoints('GET', query);
			return { ids: (body['data'] as Array<{ id: string }>).map(({ id }) => id), done: body['done'] };
		};
		expect(await page('?limit=2')).toEqual({ ids: all.slice(0, 2), done: false });
		expect(await page(`?limit=2&iterator=${all[1]}`)).toEqual({ ids: all.slice(2, 4), done: false });
		expect(await page(`?limit=2&iterator=${all[3]}`)).toEqual({ ids: all.slice(4), done: true });
		expect(await page('?order=descending&limit=1')).toEqual({ ids: all.slice(-1), done: false });
	});

	it('gives a uid to one endpoint only', async () => {
		const cloud = await started();
		const { endpoints } = await portalOf(cloud);
		expect((await endpoints('POST', '', OURS)).status).toBe(201);
		expect(await endpoints('POST', '', OURS)).toMatchObject({ status: 409, body: { code: 'conflict' } });
		const { id } = cloud.addEndpoint({ url: 'https://example.com/' });
		expect((await endpoints('PATCH', `/${id}`, { uid: OURS.uid })).status).toBe(409);
		expect((await endpoints('PATCH', `/${OURS.uid}`, { uid: OURS.uid })).status).toBe(200);
	});

	it.each<[number, string, string, unknown]>([
		[403, 'POST', '', OURS],
		[403, 'DELETE', '/ID', undefined],
		[403, 'GET', '/ID/secret', undefined],
		[403, 'POST', '/ID/send-example', { eventType: 'user.created' }],
		[200, 'GET', '/ID', undefined],
	])('answers %d to %s endpoint%s where a token may only look', async (status, method, path, body) => {
		const cloud = await started({ portal: { capabilities: ['ViewBase'] } });
		const { id } = cloud.addEndpoint({ url: 'https://example.com/' });
		const { endpoints } = await portalOf(cloud);
		expect((await endpoints(method, path.replace('ID', id), body)).status).toBe(status);
		expect(cloud.endpoints).toMatchObject([{ url: 'https://example.com/' }]);
	});

	it('lets the bearer of an AutoConfig token change its endpoint, and do nothing else', async () => {
		const cloud = await started();
		const endpoint = cloud.addEndpoint({ url: 'https://example.com/unset' });
		const [, coded = ''] = /^auto_v1_(.*)$/.exec(cloud.autoConfigToken(endpoint)) ?? [];
		const { tok = '', ...rest } = JSON.parse(Buffer.from(coded, 'base64').toString()) as Record<string, string>;
		expect(rest).toEqual({ aid: cloud.portal.appId, eid: endpoint.id, surl: cloud.portalUrl, esec: endpoint.secret });
		const endpoints = `${cloud.portalUrl}/api/v1/app/${rest['aid']}/endpoint`;
		const wanted = { url: OURS.url, eventTypes: OURS.eventTypes };
		const put = await ask('PUT', `${endpoints}/${endpoint.id}/auto-config`, tok, { endpoint: wanted });
		expect(put).toMatchObject({ status: 200, body: { id: endpoint.id, ...wanted } });
		expect([(await ask('GET', endpoints, tok)).status, (await ask('DELETE', `${endpoints}/${endpoint.id}`, tok)).status]).toEqual(
			[403, 403],
		);
	});
});

describe('the contract', () => {
	it.each([
		['a uid of other characters', 'POST', '', { ...OURS, uid: 'a b' }, ['body', 'uid']],
		['no URL', 'POST', '', { uid: 'a' }, ['body', 'url']],
		['an event type with a blank', 'POST', '', { ...OURS, eventTypes: ['user created'] }, ['body', 'eventTypes', '0']],
		['metadata that is no text', 'POST', '', { ...OURS, metadata: { a: 1 } }, ['body', 'metadata', 'a']],
		['no body', 'POST', '', undefined, ['body']],
		['a body that is no JSON', 'POST', '', '{', ['body']],
		['a page that is too long', 'GET', '?limit=251', undefined, ['query', 'limit']],
		['an unknown parameter', 'GET', '?page=2', undefined, ['query', 'page']],
	])('refuses %s, and the test knows', async (_, method, path, body, loc) => {
		const cloud = await started();
		const said = await (await portalOf(cloud)).endpoints(method, path, body);
		expect(said.status).toBe(422);
		expect(said.body['detail']).toContainEqual({ loc, msg: expect.any(String) as string, type: 'value_error' });
		expect(cloud.refused.join()).toContain(`${method} /api/v1/app/{app_id}/endpoint: ${loc.join('.')} `);
		expect(cloud.endpoints).toEqual([]);
	});

	it('refuses another content type, and operations that are not served', async () => {
		const cloud = await started();
		const { endpoints } = await portalOf(cloud);
		const said = await endpoints('POST', '', OURS, { 'content-type': 'text/plain' });
		expect(said).toMatchObject({ status: 422, body: { detail: [{ loc: ['header', 'content-type'] }] } });
		expect((await endpoints('POST', '/ep_1/secret/rotate', {})).status).toBe(404);
		expect((await clerk(cloud, 'GET', '/jwks')).status).toBe(404);
		expect(cloud.refused).toHaveLength(3);
		expect(cloud.calls.at(-1)).toMatchObject({ operation: null, pathTemplate: '/v1/jwks', status: 404 });
	});

	it('lists the messages that were not accepted', async () => {
		const cloud = await started();
		const { endpoints } = await portalOf(cloud);
		await endpoints('POST', '', { url: OURS.url, filterTypes: ['user.created'] });
		await clerk(cloud, 'POST', '/webhooks/svix_url', { a: 1 });
		expect(cloud.endpoints).toMatchObject([{ eventTypes: null }]);
		expect(cloud.ignored).toEqual(['POST /api/v1/app/{app_id}/endpoint: filterTypes', 'POST /v1/webhooks/svix_url: a body']);
	});

	it('finds out a mock that answers against it, or breaks down', async () => {
		const cloud = await ClerkCloud.start();
		const { endpoints } = await portalOf(cloud);
		cloud.addEndpoint({ url: 'no URL' });
		expect(await endpoints('GET')).toMatchObject({ status: 500, body: { code: 'wrong_mock' } });
		const { id } = cloud.addEndpoint({ url: 'https://example.com/', createdAt: new Date(NaN) });
		await expect(endpoints('GET', `/${id}`)).rejects.toThrow('fetch failed');
		await expect(cloud.stop()).rejects.toThrow(
			/v1\.endpoint\.list answered 200: \/data\/0\/url must match format "uri"[^]*was not carried out: RangeError/,
		);
	});

	it.each([
		['an event type that Clerk never registered with Svix', { eventTypes: ['user.locked'] }],
		['a URL without TLS', { url: 'http://n8n.example.com/' }],
		['a URL without a host', { url: 'https://' }],
	])('allows more than the service, which refuses %s', async (_, changed) => {
		const { endpoints } = await portalOf(await started());
		expect((await endpoints('POST', '', { ...OURS, ...changed })).status).toBe(422);
	});
});

describe('a fault', () => {
	it.each<[string, Fault, object]>([
		['a rate limit', faults.rateLimited(7), { status: 429, body: { code: 'rate_limit' } }],
		['a server error', faults.serverError(503), { status: 503, body: { code: 'server_error' } }],
		['an HTML page', faults.html(), { status: 502, body: {}, text: expect.stringContaining('<html>') as string }],
		['401', faults.unauthorized(), { status: 401, body: { code: 'authentication_failed' } }],
		['403', faults.forbidden(), { status: 403, body: { code: 'insufficient access' } }],
		['404', faults.notFound(), { status: 404, body: { code: 'not_found' } }],
		['409', faults.conflict(), { status: 409, body: { code: 'conflict' } }],
		['a quota', faults.quota(), { status: 400, body: { code: 'endpoint_quota_exceeded' } }],
		['any refusal', faults.refusal(418, { code: 'tea' }), { status: 418, body: { code: 'tea' } }],
	])('is %s for the calls that were named, and for no more', async (_, fault, said) => {
		const cloud = await started();
		const { endpoints } = await portalOf(cloud);
		cloud.fail('v1.endpoint.create', fault, 2);
		expect((await endpoints('GET')).status).toBe(200);
		const [first, second] = [await endpoints('POST', '', OURS), await endpoints('POST', '', OURS)];
		expect([first, second]).toMatchObject([said, said]);
		expect(first.headers.get('retry-after')).toBe(fault.kind === 'refusal' && fault.retryAfter ? '7' : null);
		expect(cloud.endpoints).toEqual([]);
		expect((await endpoints('POST', '', OURS)).status).toBe(201);
	});

	it.each<[string, Fault, string]>([
		['silence', faults.silence(), 'AbortError'],
		['a broken connection', faults.reset(), 'TypeError'],
	])('can be %s', async (_, fault, name) => {
		const cloud = await started();
		cloud.fail('GetInstance', fault);
		const patience = new AbortController();
		const headers = { authorization: `Bearer ${cloud.secretKey}` };
		const ended = expect(fetch(`${cloud.apiUrl}/instance`, { headers, signal: patience.signal })).rejects.toMatchObject({ name });
		while (cloud.calls.length === 0) await wait(10);
		await wait(100);
		patience.abort();
		await ended;
		expect(cloud.calls).toMatchObject([{ operation: 'GetInstance', status: null }]);
	});

	it('in Clerk has the form of Clerk, can be planned for a later call, and be cleared', async () => {
		const cloud = await started();
		cloud.fail('*', faults.rateLimited(3), 1, 1);
		cloud.fail('*', faults.serverError(), 10, 1);
		const instance = async () => await clerk(cloud, 'GET', '/instance');
		expect((await instance()).status).toBe(200);
		const said = await instance();
		expect(said).toMatchObject({ status: 429, body: { errors: [{ code: 'too_many_requests' }] } });
		expect(said.headers.get('retry-after')).toBe('3');
		expect((await instance()).status).toBe(500);
		cloud.clearFaults();
		expect((await instance()).status).toBe(200);
	});

	it('can come after the call was carried out', async () => {
		const cloud = await started();
		const { endpoints } = await portalOf(cloud);
		cloud.fail('v1.endpoint.create', faults.afterwards(faults.reset()));
		await expect(endpoints('POST', '', OURS)).rejects.toThrow('fetch failed');
		expect(cloud.endpoint(OURS.uid)).toMatchObject(OURS);
	});
});

it('the log of calls shows where a secret went, and never the secret', async () => {
	const cloud = await started();
	const { endpoints, logout, token } = await portalOf(cloud);
	await endpoints('POST', '', { ...OURS, description: Buffer.from(`-${token}`).toString('base64') });
	await endpoints('POST', '', { ...OURS, description: encodeURIComponent('a secret/=') });
	cloud.resetCalls();
	await logout();
	expect([cloud.operations, cloud.countOf('v1.authentication.logout')]).toEqual([['v1.authentication.logout'], 1]);
	const places = (text: string) => cloud.sawSecret(text).map(({ operation }) => operation);
	expect(places(cloud.secretKey)).toEqual<CloudOperation[]>(['GenerateSvixAuthURL']);
	expect(places(token)).toEqual<CloudOperation[]>(['v1.endpoint.create', 'v1.endpoint.create', 'v1.authentication.logout']);
	expect(places('a secret/=')).toEqual<CloudOperation[]>(['v1.endpoint.create']);
	expect(places(Buffer.from(token).toString('base64'))).toEqual([]);
	expect(cloud.calls[0]?.bearer).toMatch(/^[0-9a-f]{12}$/);
	expect(JSON.stringify(cloud.calls)).not.toContain(token);
});

describe('the sender', () => {
	/** A cloud with our endpoint, which leads to the receiver. */
	async function registered(sending: CloudOptions['sending'] = { schedule: [0, 20, 20] }) {
		const cloud = await started({ sending });
		cloud.route(PUBLIC, originOf(server));
		return { cloud, endpoint: cloud.addEndpoint(OURS), ...(await portalOf(cloud)) };
	}

	it('tries again what was not answered with 2xx, with the same ID and a new signature', async () => {
		const { cloud, endpoint } = await registered();
		receiver.statuses = [500, 302, 204];
		const { id, deliveries } = await cloud.emit('user.created');
		expect(deliveries).toMatchObject([{ delivered: true, attempts: [{ status: 500, text: 'said 500' }, { status: 302 }, {}] }]);
		expect(receiver.received.map(({ headers }) => headers['svix-id'])).toEqual([id, id, id]);
		for (const { body, headers } of receiver.received) new Webhook(endpoint.secret).verify(body, headers);
	});

	it('gives up after the last attempt, and sends again on recovery', async () => {
		const { cloud, endpoints } = await registered();
		receiver.statuses = [500];
		const old = await cloud.emit('user.created', { type: 'user.created', n: 1 });
		await wait(5);
		const young = await cloud.emit('user.created', { type: 'user.created', n: 2 });
		expect(young.deliveries).toMatchObject([{ delivered: false, attempts: [{}, {}, {}] }]);
		receiver.statuses = [200];
		await cloud.emit('user.created', { type: 'user.created', n: 3 });
		receiver.received.length = 0;
		const since = new Date(old.at + 1).toISOString();
		const recovery = await endpoints('POST', `/${OURS.uid}/recover`, { since });
		expect(recovery).toMatchObject({ status: 202, body: { task: 'endpoint.recover' } });
		await cloud.settled();
		expect(receiver.received.map(({ headers, body }) => [headers['svix-id'], body])).toEqual([[young.id, young.body]]);
		expect([young, old].map(({ deliveries }) => deliveries[0]?.delivered)).toEqual([true, false]);
	});

	it('stops trying where the answer asks for it', async () => {
		const { cloud } = await registered();
		receiver.statuses = [400];
		receiver.answerHeaders = { 'webhook-delivery': 'abort-message' };
		expect((await cloud.emit('user.created')).deliveries).toMatchObject([{ delivered: false, attempts: [{ status: 400 }] }]);
		expect(receiver.received).toHaveLength(1);
	});

	it('skips an endpoint that is disabled, and sends every event where no event types are set', async () => {
		const { cloud, endpoint, endpoints } = await registered();
		cloud.switchOff(endpoint);
		expect((await cloud.emit('user.created')).deliveries).toEqual([]);
		expect((await endpoints('PATCH', `/${endpoint.id}`, { disabled: false, eventTypes: null })).status).toBe(200);
		expect((await cloud.emit('role.created')).deliveries).toMatchObject([{ endpointId: endpoint.id, delivered: true }]);
	});

	it('reaches nothing without a route, and stops waiting for an answer', async () => {
		const { cloud, endpoint } = await registered({ schedule: [0], patience: 50 });
		endpoint.url = 'https://elsewhere.example.com/webhook';
		const nothing = { status: null, text: 'Nothing is reached at https://elsewhere.example.com' };
		expect((await cloud.emit('user.created')).deliveries).toMatchObject([{ delivered: false, attempts: [nothing] }]);
		const silent = createServer(() => {}).listen(0, '127.0.0.1');
		await once(silent, 'listening');
		cloud.route(endpoint.url, originOf(silent));
		const { deliveries } = await cloud.emit('user.created');
		silent.closeAllConnections();
		silent.close();
		expect(deliveries).toMatchObject([{ attempts: [{ status: null, text: 'No answer came in time' }] }]);
	});

	it("sends Clerk's example of an event to the one endpoint", async () => {
		const { cloud, endpoint, endpoints } = await registered();
		cloud.addEndpoint({ url: `${PUBLIC}/another` });
		const said = await endpoints('POST', `/${OURS.uid}/send-example`, { eventType: 'session.created' });
		expect(said).toMatchObject({ status: 202, body: { eventType: 'session.created' } });
		await cloud.settled();
		expect(receiver.received).toMatchObject([{ path: '/webhook/abc/clerk?x=1', body: exampleOf('session.created') }]);
		const { body, headers } = receiver.received[0]!;
		expect(headers['svix-id']).toBe(said.body['id']);
		new Webhook(endpoint.secret).verify(body, headers);
		expect((await endpoints('POST', `/${OURS.uid}/send-example`, { eventType: 'user.locked' })).status).toBe(404);
	});
});
