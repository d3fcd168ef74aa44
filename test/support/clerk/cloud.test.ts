import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Webhook } from 'svix';

import { BROKEN_LINK_FORMS, ClerkCloud, exampleOf, faults, LINK_FORMS } from './cloud';
import type { CloudOperation, CloudOptions, Fault, LinkForm } from './cloud';

interface Said {
	status: number;
	headers: Headers;
	text: string;
	/** Parsed, where it is JSON. */
	body: Record<string, unknown>;
}

// The contracts are long, and the first test reads them.
jest.setTimeout(30_000);

const clouds: ClerkCloud[] = [];
/** Those that complain when they are stopped. */
const broken: ClerkCloud[] = [];

async function started(options: CloudOptions = {}): Promise<ClerkCloud> {
	const cloud = await ClerkCloud.start(options);
	clouds.push(cloud);
	return cloud;
}

async function ask(method: string, url: string, token: string | null, body?: unknown, headers = {}): Promise<Said> {
	const response = await fetch(url, {
		method,
		headers: {
			...(token === null ? {} : { authorization: `Bearer ${token}` }),
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
			...headers,
		},
		...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
		signal: AbortSignal.timeout(20_000),
	});
	const text = await response.text();
	const isJson = response.headers.get('content-type')?.startsWith('application/json');
	const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
	return { status: response.status, headers: response.headers, text, body: parsed };
}

interface Key {
	appId: string;
	oneTimeToken: string;
	region: string;
	serverUrl?: string;
	token?: string;
}

/** What a link holds, read the way that every form of it allows. */
function keyOf({ body }: Said): Key {
	const [, key = ''] = /#key=(.*)$/.exec(String(body['svix_url'])) ?? [];
	return JSON.parse(Buffer.from(decodeURIComponent(key), 'base64').toString()) as Key;
}

/** The portal, entered as the documented exchange has it. */
class Visitor {
	private constructor(
		private readonly cloud: ClerkCloud,
		readonly appId: string,
		readonly token: string,
	) {}

	static async enter(cloud: ClerkCloud): Promise<Visitor> {
		const { appId, oneTimeToken } = keyOf(await ask('POST', `${cloud.apiUrl}/webhooks/svix_url`, cloud.secretKey));
		const { body } = await exchange(cloud, oneTimeToken);
		return new Visitor(cloud, appId, String(body['token']));
	}

	async endpoints(method: string, path = '', body?: unknown, headers = {}): Promise<Said> {
		return await ask(method, `${this.cloud.portalUrl}/api/v1/app/${this.appId}/endpoint${path}`, this.token, body, headers);
	}

	async logout(): Promise<Said> {
		return await ask('POST', `${this.cloud.portalUrl}/api/v1/auth/logout`, this.token);
	}
}

async function exchange(cloud: ClerkCloud, oneTimeToken: string): Promise<Said> {
	return await ask('POST', `${cloud.portalUrl}/api/v1/auth/one-time-token`, null, { oneTimeToken });
}

interface Received {
	host: string;
	path: string;
	headers: Record<string, string>;
	body: string;
}

/** Stands where n8n would: answers with the statuses in turn, the last one again and again. */
class Receiver {
	readonly received: Received[] = [];
	statuses = [200];
	answerHeaders: Record<string, string> = {};

	private constructor(private readonly server: Server) {}

	static async start(): Promise<Receiver> {
		const server = createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		const receiver = new Receiver(server);
		server.on('request', (request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const { host = '', ...headers } = request.headers as Record<string, string>;
				receiver.received.push({ host, path: request.url ?? '', headers, body: Buffer.concat(chunks).toString() });
				const status = receiver.statuses.length > 1 ? receiver.statuses.shift() : receiver.statuses[0];
				response.writeHead(status ?? 200, receiver.answerHeaders).end(`said ${status}`);
			});
		});
		return receiver;
	}

	/** The first that came. */
	get first(): Received {
		const [first] = this.received;
		if (!first) throw new Error('Nothing came');
		return first;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}

const PUBLIC = 'https://n8n.example.com';
const OURS = { url: `${PUBLIC}/webhook/abc/clerk?x=1`, uid: 'n8n-abc', description: 'ours', eventTypes: ['user.created'] };

let receiver: Receiver;

beforeEach(async () => {
	receiver = await Receiver.start();
});

afterEach(async () => {
	await receiver.stop();
	for (const cloud of broken.splice(0)) await cloud.stop().catch(() => {});
	for (const cloud of clouds.splice(0)) await cloud.stop();
});

describe('the documented exchange', () => {
	it('leads from a secret key to an endpoint, its deliveries and its end', async () => {
		const cloud = await started({ sending: { schedule: [0] } });
		cloud.route(PUBLIC, receiver.url);
		const theirs = cloud.addEndpoint({ url: 'https://example.com/theirs' });
		const link = await ask('POST', `${cloud.apiUrl}/webhooks/svix_url`, cloud.secretKey);
		const key = keyOf(link);
		expect(key).toEqual({
			appId: cloud.portal.appId,
			oneTimeToken: expect.any(String),
			region: 'eu',
			serverUrl: cloud.portalUrl,
		});
		const exchanged = await exchange(cloud, key.oneTimeToken);
		expect(exchanged).toMatchObject({ status: 200, body: { token: expect.any(String) } });
		expect(exchanged.body['capabilities']).toContain('ManageEndpoint');
		const token = String(exchanged.body['token']);
		const endpoints = `${cloud.portalUrl}/api/v1/app/${key.appId}/endpoint`;

		const before = await ask('GET', `${endpoints}?limit=250`, token);
		expect(before).toMatchObject({ status: 200, body: { data: [{ id: theirs.id, uid: null, eventTypes: null }], done: true } });
		const created = await ask('POST', endpoints, token, { ...OURS, metadata: { workflow: 'w1' } });
		expect(created).toMatchObject({ status: 201, body: { ...OURS, metadata: { workflow: 'w1' }, disabled: false } });
		const { body: secret } = await ask('GET', `${endpoints}/${OURS.uid}/secret`, token);

		const message = await cloud.emit('user.created');
		await cloud.emit('user.updated');
		expect(message.deliveries).toMatchObject([{ endpointId: theirs.id, delivered: false }, { delivered: true }]);
		expect(receiver.received).toMatchObject([
			{ host: 'n8n.example.com', path: '/webhook/abc/clerk?x=1', body: exampleOf('user.created') },
		]);
		const { body, headers } = receiver.first;
		expect(new Webhook(String(secret['key'])).verify(body, headers)).toMatchObject({ type: 'user.created' });

		const patched = await ask('PATCH', `${endpoints}/${OURS.uid}`, token, { eventTypes: ['user.updated'] });
		expect(patched).toMatchObject({ status: 200, body: { ...OURS, eventTypes: ['user.updated'] } });
		await cloud.emit('user.created');
		await cloud.emit('user.updated');
		expect(receiver.received.map(({ body: sent }) => (JSON.parse(sent) as { type: string }).type)).toEqual([
			'user.created',
			'user.updated',
		]);

		expect(await ask('DELETE', `${endpoints}/${OURS.uid}`, token)).toMatchObject({ status: 204, text: '' });
		expect(cloud.endpoints).toEqual([theirs]);
		expect(await ask('POST', `${cloud.portalUrl}/api/v1/auth/logout`, token)).toMatchObject({ status: 204 });
		expect(await ask('GET', endpoints, token)).toMatchObject({ status: 401, body: { code: 'authentication_failed' } });
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
		expect(cloud.refused).toEqual([]);
		expect(cloud.ignored).toEqual([]);
	});

	it('asks for a Svix app where there is none, and for the link where there is one', async () => {
		const cloud = await started({ app: false });
		const post = async (path: string) => await ask('POST', `${cloud.apiUrl}/webhooks/${path}`, cloud.secretKey);
		const clerkError = (code: string) => ({
			status: 400,
			body: {
				errors: [{ code, message: expect.any(String), long_message: expect.any(String) }],
				clerk_trace_id: expect.any(String),
			},
		});
		expect(await post('svix_url')).toMatchObject(clerkError('svix_app_missing'));
		expect(keyOf(await post('svix'))).toMatchObject({ appId: cloud.portal.appId });
		expect(await post('svix')).toMatchObject(clerkError('svix_app_exists'));
		expect(keyOf(await post('svix_url'))).toMatchObject({ appId: cloud.portal.appId });
	});

	it('takes every endpoint along when the Svix app is deleted, and tells that it was', async () => {
		const cloud = await started();
		cloud.addEndpoint({ url: 'https://example.com/theirs' });
		expect(cloud.countOf('DeleteSvixApp')).toBe(0);
		expect(await ask('DELETE', `${cloud.apiUrl}/webhooks/svix`, cloud.secretKey)).toMatchObject({ status: 204 });
		expect(cloud.endpoints).toEqual([]);
		expect(cloud.countOf('DeleteSvixApp')).toBe(1);
	});

	it.each([
		['another key', 'sk_test_other', 'clerk_key_invalid'],
		['no key', null, 'authentication_invalid'],
	])('refuses %s with 401 in the shape of Clerk', async (_, key, code) => {
		const cloud = await started();
		const said = await ask('POST', `${cloud.apiUrl}/webhooks/svix_url`, key);
		expect(said).toMatchObject({ status: 401, body: { errors: [{ code }], clerk_trace_id: expect.any(String) } });
	});

	it('knows the instance and the number of its users', async () => {
		const cloud = await started({ environment: 'production' });
		cloud.people.fill(7);
		expect(cloud.secretKey).toMatch(/^sk_live_/);
		const get = async (path: string) => (await ask('GET', cloud.apiUrl + path, cloud.secretKey)).body;
		expect(await get('/instance')).toMatchObject({ environment_type: 'production' });
		expect(await get('/users/count')).toEqual({ object: 'total_count', total_count: 7 });
	});
});

describe('the link', () => {
	it.each(Object.entries(LINK_FORMS).map(([form, words]) => [words, form as LinkForm] as const))(
		'leads into the portal as %s',
		async (_, form) => {
			const cloud = await started({ link: { form } });
			const { appId, oneTimeToken, token } = keyOf(await ask('POST', `${cloud.apiUrl}/webhooks/svix_url`, cloud.secretKey));
			const given = token ?? String((await exchange(cloud, oneTimeToken)).body['token']);
			const list = await ask('GET', `${cloud.portalUrl}/api/v1/app/${appId}/endpoint`, given);
			expect(list).toMatchObject({ status: 200, body: { data: [], iterator: null, done: true } });
		},
	);

	const linkOf = async (form: LinkForm) => {
		const cloud = await started({ link: { form } });
		const { body } = await ask('POST', `${cloud.apiUrl}/webhooks/svix_url`, cloud.secretKey);
		return String(body['svix_url']);
	};

	it('holds what the spellings differ in: two characters and the padding', async () => {
		expect(await linkOf('standard')).toMatch(/^https:\/\/app\.svix\.com\/login#key=(?=.*\+)(?=.*\/)[\w+/]+=+$/);
		expect(await linkOf('urlSafe')).toMatch(/#key=(?=.*-)(?=.*_)[\w-]+=+$/);
		expect(await linkOf('unpadded')).toMatch(/#key=(?=.*\+)(?=.*\/)[\w+/]+$/);
		expect(await linkOf('urlEncoded')).toMatch(/#key=(?=.*%2B)(?=.*%2F)[\w%]+%3D$/);
		expect(await linkOf('queryBeforeHash')).toMatch(/\/login\?[^#]+#key=[\w+/]+=+$/);
	});

	it.each(Object.entries(BROKEN_LINK_FORMS).map(([form, words]) => [words, form as LinkForm] as const))(
		'leads nowhere with %s',
		async (_, form) => {
			const link = await linkOf(form);
			const [, key = ''] = /#key=(.*)$/.exec(link) ?? [];
			const usable = () => {
				const content = JSON.parse(Buffer.from(key, 'base64').toString()) as Partial<Key>;
				const { appId, oneTimeToken, token, region, serverUrl } = content;
				const leads = serverUrl !== undefined || ['eu', 'us', 'ca', 'au', 'in'].includes(region ?? '');
				return leads && typeof appId === 'string' && typeof (oneTimeToken ?? token) === 'string';
			};
			let found: boolean;
			try {
				found = usable();
			} catch {
				found = false;
			}
			expect(found).toBe(false);
		},
	);

	it('can be without the server, for those who know where it is', async () => {
		const cloud = await started({ link: { namesServer: false, region: 'us' } });
		const key = keyOf(await ask('POST', `${cloud.apiUrl}/webhooks/svix_url`, cloud.secretKey));
		expect(key).toMatchObject({ region: 'us' });
		expect(key).not.toHaveProperty('serverUrl');
	});
});

describe('the portal', () => {
	it('takes a one-time token once', async () => {
		const cloud = await started();
		const { oneTimeToken } = keyOf(await ask('POST', `${cloud.apiUrl}/webhooks/svix_url`, cloud.secretKey));
		expect((await exchange(cloud, oneTimeToken)).status).toBe(200);
		expect(await exchange(cloud, oneTimeToken)).toMatchObject({ status: 401, body: { code: 'authentication_failed' } });
	});

	it('lets nobody in whose token has expired', async () => {
		const cloud = await started({ portal: { tokenLife: 0 } });
		const visitor = await Visitor.enter(cloud);
		expect((await visitor.endpoints('GET')).status).toBe(401);
	});

	it('knows no app but its own', async () => {
		const cloud = await started();
		const { token } = await Visitor.enter(cloud);
		const other = await ask('GET', `${cloud.portalUrl}/api/v1/app/app_2other/endpoint`, token);
		expect(other).toMatchObject({ status: 404, body: { code: 'not_found' } });
	});

	it('lists page by page, without repeating or leaving out', async () => {
		const cloud = await started();
		const all = Array.from({ length: 5 }, (_, index) => cloud.addEndpoint({ url: `https://example.com/${index}` }).id);
		const visitor = await Visitor.enter(cloud);
		const seen: string[] = [];
		const ends: unknown[] = [];
		let query = '?limit=2';
		for (let page = 0; page < 3; page++) {
			const { body } = await visitor.endpoints('GET', query);
			seen.push(...(body['data'] as Array<{ id: string }>).map(({ id }) => id));
			ends.push(body['done']);
			query = `?limit=2&iterator=${String(body['iterator'])}`;
		}
		expect(seen).toEqual(all);
		expect(ends).toEqual([false, false, true]);
		const down = await visitor.endpoints('GET', '?order=descending&limit=1');
		expect(down.body).toMatchObject({ data: [{ id: all.at(-1) }], done: false });
	});

	it('gives a uid to one endpoint only', async () => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		expect((await visitor.endpoints('POST', '', OURS)).status).toBe(201);
		expect(await visitor.endpoints('POST', '', OURS)).toMatchObject({ status: 409, body: { code: 'conflict' } });
		const { id } = cloud.addEndpoint({ url: 'https://example.com/' });
		expect((await visitor.endpoints('PATCH', `/${id}`, { uid: OURS.uid })).status).toBe(409);
		expect((await visitor.endpoints('PATCH', `/${OURS.uid}`, { uid: OURS.uid })).status).toBe(200);
	});

	it('does once what comes twice with the same idempotency key', async () => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		const create = async () => await visitor.endpoints('POST', '', { url: OURS.url }, { 'idempotency-key': 'k1' });
		const [first, second] = [await create(), await create()];
		expect(second).toMatchObject({ status: 201, body: { id: first.body['id'] } });
		expect(cloud.endpoints).toHaveLength(1);
	});

	it('updates what is named with PATCH, and all with PUT, which also creates', async () => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		expect(await visitor.endpoints('PUT', '/n8n-abc', { url: OURS.url, disabled: true })).toMatchObject({
			status: 201,
			body: { uid: 'n8n-abc', disabled: true },
		});
		expect((await visitor.endpoints('PATCH', '/n8n-abc', { eventTypes: ['user.created'], disabled: false })).body).toMatchObject({
			url: OURS.url,
			eventTypes: ['user.created'],
			disabled: false,
		});
		expect((await visitor.endpoints('PATCH', '/n8n-abc', { eventTypes: null })).body).toMatchObject({ eventTypes: null });
		const put = await visitor.endpoints('PUT', '/n8n-abc', { url: 'https://example.com/', uid: 'n8n-abc' });
		expect(put).toMatchObject({ status: 200, body: { url: 'https://example.com/', eventTypes: null } });
		expect((await visitor.endpoints('GET', '/n8n-abc')).body).toEqual(put.body);
		expect((await visitor.endpoints('GET', '/nobody')).status).toBe(404);
	});

	it('speaks of filterTypes where an older Svix is played', async () => {
		const cloud = await started({ portal: { dialect: 'filterTypes' } });
		const { body } = await (await Visitor.enter(cloud)).endpoints('POST', '', OURS);
		expect(body).toMatchObject({ filterTypes: ['user.created'] });
		expect(body).not.toHaveProperty('eventTypes');
	});

	it('shows and changes nothing to those who may only look', async () => {
		const cloud = await started({ portal: { capabilities: ['ViewBase'] } });
		const { id } = cloud.addEndpoint({ url: 'https://example.com/' });
		const visitor = await Visitor.enter(cloud);
		const statuses: number[] = [];
		for (const [method, path, body] of [
			['POST', '', OURS],
			['PATCH', `/${id}`, {}],
			['PUT', `/${id}`, OURS],
			['DELETE', `/${id}`, undefined],
			['GET', `/${id}/secret`, undefined],
			['POST', `/${id}/send-example`, { eventType: 'user.created' }],
			['POST', `/${id}/recover`, { since: new Date().toISOString() }],
			['GET', `/${id}`, undefined],
		] as const) {
			statuses.push((await visitor.endpoints(method, path, body)).status);
		}
		expect(statuses).toEqual([403, 403, 403, 403, 403, 403, 403, 200]);
		expect(cloud.endpoints).toMatchObject([{ url: 'https://example.com/' }]);
	});

	it('takes the settings of an endpoint from the bearer of its auto-config, and nothing else', async () => {
		const cloud = await started();
		const endpoint = cloud.addEndpoint({ url: 'https://example.com/unset' });
		const pasted = cloud.autoConfigToken(endpoint);
		expect(pasted).toMatch(/^auto_v1_/);
		const { aid, eid, surl, esec, tok } = JSON.parse(Buffer.from(pasted.slice('auto_v1_'.length), 'base64').toString()) as Record<
			string,
			string
		>;
		expect({ aid, eid, surl, esec }).toEqual({
			aid: cloud.portal.appId,
			eid: endpoint.id,
			surl: cloud.portalUrl,
			esec: endpoint.secret,
		});
		const at = `${surl}/api/v1/app/${aid}/endpoint`;
		const { url, eventTypes, description } = OURS;
		const put = await ask('PUT', `${at}/${eid}/auto-config`, tok ?? null, { endpoint: { url, eventTypes, description } });
		expect(put).toMatchObject({ status: 200, body: { id: eid, url, eventTypes, description } });
		expect(await ask('GET', `${at}/${eid}/auto-config`, tok ?? null)).toMatchObject({ status: 200, body: { endpId: eid } });
		expect((await ask('GET', at, tok ?? null)).status).toBe(403);
		expect((await ask('DELETE', `${at}/${eid}`, tok ?? null)).status).toBe(403);
	});
});

describe('the contract', () => {
	it.each([
		['a uid of other characters', 'POST', '', { ...OURS, uid: 'a b' }, ['body', 'uid']],
		['no URL', 'POST', '', { uid: 'a' }, ['body', 'url']],
		['what is no URL', 'POST', '', { url: 'n8n' }, ['body', 'url']],
		['no event type', 'POST', '', { ...OURS, eventTypes: [] }, ['body', 'eventTypes']],
		['the same event type twice', 'POST', '', { ...OURS, eventTypes: ['user.created', 'user.created'] }, ['body', 'eventTypes']],
		['an event type with a blank', 'POST', '', { ...OURS, eventTypes: ['user created'] }, ['body', 'eventTypes', '0']],
		['a switch that is text', 'POST', '', { ...OURS, disabled: 'no' }, ['body', 'disabled']],
		['metadata that is no text', 'POST', '', { ...OURS, metadata: { a: 1 } }, ['body', 'metadata', 'a']],
		['no body', 'POST', '', undefined, ['body']],
		['a body that is no JSON', 'POST', '', '{', ['body']],
		['a page that is too long', 'GET', '?limit=251', undefined, ['query', 'limit']],
		['an unknown parameter', 'GET', '?page=2', undefined, ['query', 'page']],
		['an iterator that was not given out', 'GET', '?iterator=2', undefined, ['query', 'iterator']],
	])('refuses %s with 422, and the test hears of it', async (_, method, path, body, loc) => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		const said = await visitor.endpoints(method, path, body);
		expect(said.status).toBe(422);
		expect(said.body['detail']).toContainEqual({ loc, msg: expect.any(String), type: expect.any(String) });
		expect(cloud.refused.join()).toContain(`${method} /api/v1/app/{app_id}/endpoint: ${loc.join('.')} `);
		expect(cloud.endpoints).toEqual([]);
	});

	it('refuses a body that says it is something else', async () => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		const said = await visitor.endpoints('POST', '', OURS, { 'content-type': 'text/plain' });
		expect(said).toMatchObject({ status: 422, body: { detail: [{ loc: ['header', 'content-type'] }] } });
	});

	it('refuses in the shape of Clerk what Clerk is asked wrongly', async () => {
		const cloud = await started();
		const said = await ask('GET', `${cloud.apiUrl}/users/count?limit=1`, cloud.secretKey);
		expect(said).toMatchObject({ status: 422, body: { errors: [{ meta: { param_name: 'limit' } }] } });
		expect(cloud.refused).toHaveLength(1);
	});

	it('knows no call that it does not name', async () => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		expect((await visitor.endpoints('POST', '/ep_1/secret/rotate', {})).status).toBe(404);
		expect((await ask('GET', `${cloud.apiUrl}/jwks`, cloud.secretKey)).status).toBe(404);
		expect(cloud.refused).toHaveLength(2);
		expect(cloud.calls.at(-1)).toMatchObject({ operation: null, pathTemplate: '/v1/jwks', status: 404 });
	});

	it('tells of what was sent in vain', async () => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		expect((await visitor.endpoints('POST', '', { url: OURS.url, filterTypes: ['user.created'] })).body).toMatchObject({
			eventTypes: null,
		});
		await ask('POST', `${cloud.apiUrl}/webhooks/svix_url`, cloud.secretKey, { a: 1 });
		expect(cloud.ignored).toEqual(['POST /api/v1/app/{app_id}/endpoint: filterTypes', 'POST /v1/webhooks/svix_url: a body']);
		expect(cloud.refused).toEqual([]);
	});

	it('finds out a mock that answers against it', async () => {
		const cloud = await ClerkCloud.start();
		broken.push(cloud);
		const visitor = await Visitor.enter(cloud);
		cloud.addEndpoint({ url: 'no URL' });
		expect(await visitor.endpoints('GET')).toMatchObject({ status: 500, body: { code: 'wrong_mock' } });
		await expect(cloud.stop()).rejects.toThrow('v1.endpoint.list answered 200: /data/0/url must match format "uri"');
	});

	it('finds out a mock that breaks down', async () => {
		const cloud = await ClerkCloud.start();
		broken.push(cloud);
		const visitor = await Visitor.enter(cloud);
		const { id } = cloud.addEndpoint({ url: 'https://example.com/', createdAt: new Date(NaN) });
		await expect(visitor.endpoints('GET', `/${id}`)).rejects.toThrow('fetch failed');
		await expect(cloud.stop()).rejects.toThrow('was not carried out: RangeError');
	});

	it.each([
		['an event type that Clerk never told Svix of', { ...OURS, eventTypes: ['user.locked'] }, {}],
		['a URL without TLS', { ...OURS, url: 'http://n8n.example.com/' }, {}],
		['a URL without a host', { ...OURS, url: 'https://' }, {}],
		['a URL of another kind', { ...OURS, url: 'ftp://n8n.example.com/' }, { httpsOnly: false }],
	])('is narrower in the service, which refuses %s', async (_, body, portal) => {
		const cloud = await started({ portal });
		expect((await (await Visitor.enter(cloud)).endpoints('POST', '', body)).status).toBe(422);
	});

	it('is as wide in the service, where it is told so', async () => {
		const cloud = await started({ portal: { httpsOnly: false, eventTypes: null } });
		const visitor = await Visitor.enter(cloud);
		const said = await visitor.endpoints('POST', '', { url: 'http://n8n.example.com/', eventTypes: ['user.locked'] });
		expect(said.status).toBe(201);
	});
});

describe('a fault', () => {
	const answered: Array<[string, Fault, object]> = [
		['a rate limit', faults.rateLimited(7), { status: 429, body: { code: 'rate_limit' } }],
		['a server error', faults.serverError(503), { status: 503, body: { code: 'server_error' } }],
		['a page for persons', faults.html(), { status: 502, body: {}, text: expect.stringContaining('<html>') }],
		['401', faults.unauthorized(), { status: 401, body: { code: 'authentication_failed' } }],
		['403', faults.forbidden(), { status: 403, body: { code: 'insufficient access' } }],
		['404', faults.notFound(), { status: 404, body: { code: 'not_found' } }],
		['409', faults.conflict(), { status: 409, body: { code: 'conflict' } }],
		['a quota', faults.quota(), { status: 400, body: { code: 'endpoint_quota_exceeded' } }],
		['any refusal', faults.refusal(418, { code: 'tea' }), { status: 418, body: { code: 'tea' } }],
	];

	it.each(answered)('is %s for the calls that were named, and for no more', async (_, fault, said) => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		cloud.fail('v1.endpoint.create', fault, 2);
		expect((await visitor.endpoints('GET')).status).toBe(200);
		const [first, second] = [await visitor.endpoints('POST', '', OURS), await visitor.endpoints('POST', '', OURS)];
		expect([first, second]).toMatchObject([said, said]);
		expect(first.headers.get('retry-after')).toBe(fault.kind === 'refusal' && fault.retryAfter ? '7' : null);
		expect(cloud.endpoints).toEqual([]);
		expect((await visitor.endpoints('POST', '', OURS)).status).toBe(201);
	});

	it.each<[string, Fault, string]>([
		['silence', faults.silence(), 'AbortError'],
		['a broken connection', faults.reset(), 'TypeError'],
	])('can be %s', async (_, fault, name) => {
		const cloud = await started();
		cloud.fail('GenerateSvixAuthURL', fault);
		const patience = new AbortController();
		const asked = fetch(`${cloud.apiUrl}/webhooks/svix_url`, {
			method: 'POST',
			headers: { authorization: `Bearer ${cloud.secretKey}` },
			signal: patience.signal,
		});
		const ended = expect(asked).rejects.toMatchObject({ name });
		while (cloud.calls.length === 0) await wait(10);
		await wait(100);
		patience.abort();
		await ended;
		expect(cloud.calls).toMatchObject([{ operation: 'GenerateSvixAuthURL', status: null }]);
	});

	it('in Clerk speaks as Clerk does', async () => {
		const cloud = await started();
		cloud.fail('*', faults.rateLimited(3));
		const said = await ask('POST', `${cloud.apiUrl}/webhooks/svix_url`, cloud.secretKey);
		expect(said).toMatchObject({ status: 429, body: { errors: [{ code: 'too_many_requests' }] } });
		expect(said.headers.get('retry-after')).toBe('3');
	});

	it('can come after the call was carried out', async () => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		cloud.fail('v1.endpoint.create', faults.afterwards(faults.reset()));
		await expect(visitor.endpoints('POST', '', OURS)).rejects.toThrow('fetch failed');
		expect(cloud.endpoint(OURS.uid)).toMatchObject(OURS);
		expect((await visitor.endpoints('POST', '', OURS)).status).toBe(409);
	});

	it('comes no more once all are cleared', async () => {
		const cloud = await started();
		cloud.fail('*', faults.serverError(), 10);
		cloud.clearFaults();
		expect((await ask('GET', `${cloud.apiUrl}/instance`, cloud.secretKey)).status).toBe(200);
	});
});

describe('the log of calls', () => {
	it('counts since the last reset', async () => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		expect(cloud.operations).toEqual<CloudOperation[]>(['GenerateSvixAuthURL', 'v1.authentication.exchange-one-time-token']);
		cloud.resetCalls();
		await visitor.endpoints('GET');
		expect(cloud.operations).toEqual<CloudOperation[]>(['v1.endpoint.list']);
		expect(cloud.countOf('v1.endpoint.list')).toBe(1);
	});

	it('shows where a secret went, and never the secret', async () => {
		const cloud = await started();
		const visitor = await Visitor.enter(cloud);
		await visitor.endpoints('POST', '', { ...OURS, description: Buffer.from(`-${visitor.token}`).toString('base64') });
		await visitor.endpoints('POST', '', { ...OURS, description: encodeURIComponent('a secret/=') });
		cloud.resetCalls();
		await visitor.logout();
		const places = (text: string) => cloud.sawSecret(text).map(({ operation }) => operation);
		expect(places(cloud.secretKey)).toEqual<CloudOperation[]>(['GenerateSvixAuthURL']);
		expect(places(visitor.token)).toEqual<CloudOperation[]>([
			'v1.endpoint.create',
			'v1.endpoint.create',
			'v1.authentication.logout',
		]);
		expect(places('a secret/=')).toEqual<CloudOperation[]>(['v1.endpoint.create']);
		expect(places(Buffer.from(visitor.token).toString('base64'))).toEqual([]);
		const [byToken] = cloud.calls;
		expect(byToken?.bearer).toMatch(/^[0-9a-f]{12}$/);
		expect(JSON.stringify(cloud.calls)).not.toContain(visitor.token);
	});
});

describe('the sender', () => {
	const quick = { sending: { schedule: [0, 20, 20] } };

	/** A cloud with our endpoint, which leads to the receiver. */
	async function registered(options: CloudOptions = quick) {
		const cloud = await started(options);
		cloud.route(PUBLIC, receiver.url);
		return { cloud, endpoint: cloud.addEndpoint(OURS), visitor: await Visitor.enter(cloud) };
	}

	it('tries again what was not answered with 2xx, under the same id and signed anew', async () => {
		const { cloud, endpoint } = await registered();
		receiver.statuses = [500, 302, 204];
		const { id, deliveries } = await cloud.emit('user.created');
		expect(deliveries).toMatchObject([{ delivered: true, attempts: [{ status: 500, text: 'said 500' }, { status: 302 }, {}] }]);
		expect(receiver.received.map(({ headers }) => headers['svix-id'])).toEqual([id, id, id]);
		for (const { body, headers } of receiver.received) new Webhook(endpoint.secret).verify(body, headers);
	});

	it('gives up after the last attempt, and sends again on recovery', async () => {
		const { cloud, visitor } = await registered();
		receiver.statuses = [500];
		const old = await cloud.emit('user.created', { type: 'user.created', n: 1 });
		const since = new Date(old.at + 1).toISOString();
		await wait(5);
		const young = await cloud.emit('user.created', { type: 'user.created', n: 2 });
		expect(young.deliveries).toMatchObject([{ delivered: false, attempts: [{}, {}, {}] }]);
		receiver.statuses = [200];
		await cloud.emit('user.created', { type: 'user.created', n: 3 });
		receiver.received.length = 0;
		const recovery = await visitor.endpoints('POST', `/${OURS.uid}/recover`, { since });
		expect(recovery).toMatchObject({ status: 202, body: { task: 'endpoint.recover' } });
		await cloud.settled();
		expect(receiver.received.map(({ headers, body }) => [headers['svix-id'], body])).toEqual([[young.id, young.body]]);
		expect(young.deliveries).toMatchObject([{ delivered: true }]);
		expect(old.deliveries).toMatchObject([{ delivered: false }]);
	});

	it('stops trying where the answer asks for it', async () => {
		const { cloud } = await registered();
		receiver.statuses = [400];
		receiver.answerHeaders = { 'webhook-delivery': 'abort-message' };
		const { deliveries } = await cloud.emit('user.created');
		expect(deliveries).toMatchObject([{ delivered: false, attempts: [{ status: 400 }] }]);
		expect(receiver.received).toHaveLength(1);
	});

	it('passes over an endpoint that is switched off', async () => {
		const { cloud, endpoint, visitor } = await registered();
		cloud.switchOff(endpoint);
		expect((await cloud.emit('user.created')).deliveries).toEqual([]);
		expect((await visitor.endpoints('PATCH', `/${endpoint.id}`, { disabled: false })).status).toBe(200);
		expect((await cloud.emit('user.created')).deliveries).toMatchObject([{ delivered: true }]);
	});

	it('hands an endpoint without event types every event', async () => {
		const { cloud, endpoint } = await registered();
		endpoint.eventTypes = null;
		expect((await cloud.emit('role.created')).deliveries).toMatchObject([{ endpointId: endpoint.id, delivered: true }]);
	});

	it('reaches nothing that no route leads to', async () => {
		const { cloud, endpoint } = await registered();
		endpoint.url = 'https://elsewhere.example.com/webhook';
		const { deliveries } = await cloud.emit('user.created');
		const nothing = { status: null, text: 'Nothing is reached at https://elsewhere.example.com' };
		expect(deliveries).toMatchObject([{ delivered: false, attempts: [nothing, nothing, nothing] }]);
	});

	it('stops waiting for an answer that does not come', async () => {
		const { cloud } = await registered({ sending: { schedule: [0], patience: 50 } });
		const silent = createServer(() => {}).listen(0, '127.0.0.1');
		await once(silent, 'listening');
		cloud.route(PUBLIC, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
		const { deliveries } = await cloud.emit('user.created');
		silent.closeAllConnections();
		silent.close();
		expect(deliveries).toMatchObject([{ attempts: [{ status: null, text: 'No answer came in time' }] }]);
	});

	it("sends Clerk's own example of an event, to the one endpoint", async () => {
		const { cloud, endpoint, visitor } = await registered();
		cloud.addEndpoint({ url: `${PUBLIC}/another` });
		const said = await visitor.endpoints('POST', `/${OURS.uid}/send-example`, { eventType: 'session.created' });
		expect(said).toMatchObject({ status: 202, body: { eventType: 'session.created' } });
		await cloud.settled();
		expect(receiver.received).toMatchObject([{ path: '/webhook/abc/clerk?x=1', body: exampleOf('session.created') }]);
		const { body, headers } = receiver.first;
		expect(headers['svix-id']).toBe(said.body['id']);
		new Webhook(endpoint.secret).verify(body, headers);
		expect((await visitor.endpoints('POST', `/${OURS.uid}/send-example`, { eventType: 'user.locked' })).status).toBe(404);
	});
});
