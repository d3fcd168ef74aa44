import { catalogue } from '../../nodes/Clerk/events/catalogue';
import { EVENT_NAME_STYLES, styledName } from '../../nodes/Clerk/records/eventName';
import { eventOfType } from '../../nodes/Clerk/events/catalogue';
import { parsePath, valueAt } from '../../nodes/Clerk/records/path';
import { isTestEmail, isTestPhone } from '../../nodes/Clerk/records/user';
import { verifyDelivery } from '../../nodes/Clerk/trigger/delivery';
import { names } from '../../nodes/Clerk/records/settings';
import { readSigningSecret } from '../../nodes/Clerk/trigger/signingSecret';
import { fixture, keysOf, MESSAGE_ID, NOW, NOW_SECONDS, SECRET } from '../support/deliveries';
import { autoConfig, keyOf, sign } from '../support/signatureLibraries';
import { EXPRESSIONS, INHERITED, STRANGE } from './arbitraries/hostile';
import type { Parameters } from './arbitraries/parameters';
import { growsLinearly } from './cpuTime';
import { receiveInN8n } from './inN8n';

type Json = Record<string, unknown>;

// A delivery of a million characters takes its time on a machine that is busy.
jest.setTimeout(120_000);

beforeAll(() => {
	jest.spyOn(Date, 'now').mockReturnValue(NOW);
});

afterAll(() => {
	jest.restoreAllMocks();
});

const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype];
const before = prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String));

// Whatever came: nothing that all objects share has changed.
afterEach(() => {
	expect(prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String))).toEqual(before);
});

function headersOf(body: Buffer, id = MESSAGE_ID): Record<string, string | string[]> {
	const timestamp = String(NOW_SECONDS);
	return { 'svix-id': id, 'svix-timestamp': timestamp, 'svix-signature': sign(keyOf(SECRET), id, timestamp, body) };
}

let nodes = 0;

interface Got {
	readonly status: number | undefined;
	readonly answer: Json;
	/** The JSON of the items, as n8n stores it; null where no execution starts. */
	readonly items: Json[] | null;
}

/** A delivery through `webhook()` in n8n's own context; its output is stored as JSON and read again. */
async function deliver(
	body: string | Buffer,
	options: Parameters = {},
	headers?: Record<string, string | string[]>,
): Promise<Got> {
	const bytes = Buffer.from(body);
	const parameters = { events: ['*'], options: { contactsWithoutEmail: 'pass', ...options } };
	const { items, response } = await receiveInN8n(
		{ headers: headers ?? headersOf(bytes), body: bytes },
		{ parameters, credential: { signingSecret: SECRET }, nodeId: `attack_${nodes++}` },
	);
	if (items) response.json(undefined);
	const sent = response.sent[0] as { status: number; body: Json } | undefined;
	return {
		status: sent?.status,
		answer: JSON.parse(JSON.stringify(sent?.body ?? {})) as Json,
		items: items && (JSON.parse(JSON.stringify(items.flat().map(({ json }) => json))) as Json[]),
	};
}

const custom = (...paths: string[]): Parameters => {
	const field = paths.map((path, index) => ({ name: `custom${index}`, path }));
	return { customContactFields: { field }, customEventProperties: { field } };
};

const USER = fixture('edge.user.created.unicode').envelope;
const userWith = (data: Json) => ({ ...USER, data: { ...USER.data, ...data } });

/** The one item of an accepted delivery. */
async function itemOf(body: object | string, options: Parameters = {}): Promise<{ contact: Json; event: Json }> {
	const { status, items } = await deliver(typeof body === 'string' ? body : JSON.stringify(body), options);
	expect(status).toBe(200);
	expect(items).toHaveLength(1);
	return items?.[0] as { contact: Json; event: Json };
}

describe('Attack: prototype pollution', () => {
	const POLLUTED = '{"polluted":"yes","email":"evil@example.com","id":"user_evil"}';
	const text = JSON.stringify(USER);

	test.each([
		['in the envelope', text.replace('{', `{"__proto__":${POLLUTED},`)],
		['in data', text.replace('"data":{', `"data":{"__proto__":${POLLUTED},`)],
		['in data alone', `{"type":"user.created","data":{"__proto__":${POLLUTED}}}`],
		['as constructor.prototype', text.replace('"data":{', `"data":{"constructor":{"prototype":${POLLUTED}},`)],
		['in an address', text.replace('"email_addresses":[{', `"email_addresses":[{"__proto__":${POLLUTED},`)],
		['written with escapes', text.replace('"data":{', `"data":{"\\u005f_proto__":${POLLUTED},`)],
	])('%s: nothing of it is output, and no object is changed', async (_, body) => {
		const { items } = await deliver(body, custom('data.polluted', 'polluted'));
		expect(({} as Json)['polluted']).toBeUndefined();
		const out = JSON.stringify(items);
		expect(out).not.toMatch(/evil|polluted|__proto__/);
		expect(out).toContain('"custom0":null');
	});

	test.each([
		...INHERITED.filter((name) => name !== 'length').map((name) => `data.${name}`),
		'data.__proto__.polluted',
		'data.constructor.prototype',
		'data.email_addresses.constructor',
		'data.id.constructor.constructor',
	])('the custom field %s finds nothing that the delivery does not carry', async (path) => {
		const { contact, event } = await itemOf(USER, custom(path));
		expect([contact['custom0'], event['custom0']]).toEqual([null, null]);
	});

	test.each(INHERITED)('an event of type %s is one that nobody knows', async (type) => {
		const { event, contact } = await itemOf({ ...USER, type });
		expect([event['type'], event['name'], contact]).toEqual([type, type, null]);
	});

	test.each(INHERITED)('a user whose id, name and address are %s is a user like any other', async (name) => {
		const { contact } = await itemOf(
			userWith({
				id: name,
				first_name: name,
				primary_email_address_id: name,
				email_addresses: [{ id: name, email_address: name }],
			}),
		);
		expect([contact['userId'], contact['firstName'], contact['email']]).toEqual([name, name, name]);
	});

	test('a list or a field that the builder calls __proto__ makes no key of that name', async () => {
		const parameters = { customContactFields: { field: [{ name: '__proto__', path: 'data.public_metadata' }] } };
		const { items } = await deliver(JSON.stringify(USER), parameters);
		expect(JSON.stringify(items)).not.toContain('__proto__');
	});
});

describe('Attack: headers', () => {
	const body = Buffer.from(JSON.stringify(USER));
	const right = headersOf(body);
	const V1 = String(right['svix-signature']);
	const WRONG = `v1,${Buffer.alloc(32, 9).toString('base64')}`;

	test.each<[string, string, number, Record<string, string | string[]>]>([
		['a list of signatures with the right one in it', 'accepted', 200, { 'svix-signature': [WRONG, V1] }],
		[
			'a thousand lines of wrong ones',
			'signature_mismatch',
			401,
			{ 'svix-signature': Array.from({ length: 1000 }, () => WRONG) },
		],
		['a list without a line', 'header_missing', 401, { 'svix-signature': [] }],
		['a list of blank lines', 'signature_mismatch', 401, { 'svix-signature': [' ', ''] }],
		['two ids, of which one was signed', 'signature_mismatch', 401, { 'svix-id': [MESSAGE_ID, 'msg_2'] }],
		['two timestamps', 'timestamp_malformed', 401, { 'svix-timestamp': [String(NOW_SECONDS), String(NOW_SECONDS)] }],
		[
			'ten thousand signatures in one line, the right one last',
			'accepted',
			200,
			{ 'svix-signature': `${`${WRONG} `.repeat(10_000)}${V1}` },
		],
		['ten thousand wrong ones', 'signature_mismatch', 401, { 'svix-signature': `${WRONG} `.repeat(10_000) }],
		['a million spaces', 'accepted', 200, { 'svix-signature': ' '.repeat(1_000_000) + V1 }],
		['a million commas', 'signature_mismatch', 401, { 'svix-signature': ','.repeat(1_000_000) }],
		['a signature of a million characters', 'signature_mismatch', 401, { 'svix-signature': `v1,${'A'.repeat(1_000_000)}` }],
		['a NUL in the id', 'signature_mismatch', 401, { 'svix-id': `${MESSAGE_ID}\0` }],
		['a NUL behind the signature', 'signature_mismatch', 401, { 'svix-signature': `${V1}\0` }],
		['a NUL in the timestamp', 'timestamp_malformed', 401, { 'svix-timestamp': `${NOW_SECONDS}\0` }],
		['a timestamp of a million digits', 'timestamp_malformed', 401, { 'svix-timestamp': '1'.repeat(1_000_000) }],
		['names that every object has', 'signature_mismatch', 401, { __proto__: 'x', constructor: 'x', 'svix-signature': WRONG }],
	])('%s: %s', async (_, code, status, changed) => {
		expect(await deliver(body, {}, { ...right, ...changed })).toMatchObject({ status, answer: { code } });
	});

	test('headers that are only inherited are none', async () => {
		const inherited = Object.create(right) as Record<string, string>;
		const { answer } = await deliver(body, {}, { ...inherited });
		expect(answer).toMatchObject({ code: 'header_missing' });
	});

	test.each(EXPRESSIONS)('an id that is %j stays the text that it is', async (id) => {
		const { items } = await deliver(body, {}, headersOf(body, id));
		expect((items?.[0]?.['event'] as Json)['id']).toBe(id);
	});
});

describe('Attack: numbers', () => {
	test.each([
		'1e400',
		'-1e400',
		'1e308',
		'-1e308',
		`1${'0'.repeat(30)}`,
		'1e-400',
		'-0',
		'9007199254740993',
		'8640000000000001',
		'253402300800000',
	])('%s as a time and as a count: a date of four digits or null, and no number that JSON cannot hold', async (number) => {
		const user = JSON.stringify(userWith({ created_at: '@', updated_at: '@', last_sign_in_at: '@' })).replaceAll('"@"', number);
		const { contact, event } = await itemOf(user.replace(/"timestamp":\d+/, `"timestamp":${number}`));
		for (const at of [contact['createdAt'], contact['updatedAt'], contact['lastSignInAt'], event['occurredAt']]) {
			if (at !== null) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
		}
	});

	test.each(['1e400', '-1e400'])('%s at a custom path is null: no item holds what JSON cannot', async (number) => {
		const path = parsePath('data.score') ?? [];
		const root: unknown = JSON.parse(`{"data":{"score":${number}}}`);
		expect(valueAt(root, path)).toBeNull();
	});
});

describe('Attack: deep nesting', () => {
	const LEVELS = 100_000;
	const DEEP = {
		lists: '['.repeat(LEVELS) + ']'.repeat(LEVELS),
		objects: '{"a":'.repeat(LEVELS) + '1' + '}'.repeat(LEVELS),
		'both in turn': '[{"a":'.repeat(LEVELS) + '1' + '}]'.repeat(LEVELS),
	};

	test.each(
		Object.entries(DEEP).flatMap(([kind, deep]) =>
			['public_metadata', 'email_addresses', 'external_accounts', 'first_name', 'created_at'].map(
				(key) => [kind, key, deep] as const,
			),
		),
	)('%s in %s: the delivery is output without it', async (_, key, deep) => {
		const body = JSON.stringify({ ...USER, data: { ...USER.data, [key]: '@' } }).replace('"@"', deep);
		const { event } = await itemOf(body);
		expect(event['userId']).toBe(USER.data['id']);
	});

	test.each(Object.entries(DEEP))('%s at a custom path: nothing is thrown, and what comes fits into an item', async (_, deep) => {
		const body = JSON.stringify({ ...USER, data: { ...USER.data, deep: '@' } }).replace('"@"', deep);
		const { contact } = await itemOf(body, custom('data.deep'));
		expect(contact['custom0'] === null || typeof contact['custom0'] === 'string').toBe(true);
	});

	test.each(Object.entries(DEEP))('%s as the whole body: it is no event', async (_, deep) => {
		expect((await deliver(deep)).status).toBe(400);
	});
});

describe('Attack: characters', () => {
	// Blank ones come as null; that is no change of what was written either.
	const texts = STRANGE.filter((text) => text.trim() !== '');

	test.each(texts.map((text) => [JSON.stringify(text), text]))(
		'%s in names, addresses and metadata is output as it is',
		async (_, text) => {
			const { contact, event } = await itemOf(
				userWith({
					id: text,
					first_name: text,
					username: text,
					image_url: text,
					primary_email_address_id: null,
					email_addresses: [{ email_address: text }],
					public_metadata: { text },
				}),
				custom('data.public_metadata.text'),
			);
			expect([contact['userId'], contact['firstName'], contact['username'], contact['avatarUrl'], contact['email']]).toEqual(
				Array.from({ length: 5 }, () => text),
			);
			expect([event['userId'], event['email'], contact['custom0']]).toEqual([text, text, text]);
		},
	);

	test.each(texts.map((text) => [JSON.stringify(text), text]))(
		'an event of type %s is output, in every style of names',
		async (_, text) => {
			for (const eventNameStyle of EVENT_NAME_STYLES) {
				const { event } = await itemOf({ ...USER, type: text }, { eventNameStyle });
				expect(event['type']).toBe(text);
				expect(event['name']).not.toBe('');
			}
		},
	);

	test.each([
		['a lone surrogate that was cut', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
		['a NUL', Buffer.from('"\0"')],
		['UTF-16', Buffer.from('{"type":"user.created"}', 'utf16le')],
		['nothing but NULs', Buffer.alloc(1000)],
	])('%s as the whole body: it is no event', async (_, body) => {
		expect((await deliver(body)).status).toBe(400);
	});
});

describe('Attack: texts built to break expressions arrive as the very same text', () => {
	test.each(EXPRESSIONS)('%s as a type', async (type) => {
		const { event } = await itemOf({ ...USER, type });
		expect([event['type'], event['name']]).toEqual([type, type]);
		const { answer } = await deliver(JSON.stringify({ ...USER, type }));
		expect([answer['eventType'], answer['events']]).toEqual([type, [type]]);
	});

	test.each(EXPRESSIONS)('%s as the names and the address of a person', async (text) => {
		const options = { ...custom('data.public_metadata.plan'), includeClient: true, keyStyle: 'snake' };
		const user = {
			...userWith({
				first_name: text,
				last_name: text,
				username: text,
				external_id: text,
				primary_email_address_id: null,
				email_addresses: [{ email_address: text, verification: { status: 'verified', strategy: text } }],
				public_metadata: { plan: text },
			}),
			instance_id: text,
			event_attributes: { http_request: { client_ip: text, user_agent: text } },
		};
		const { contact, event } = await itemOf(user, options);
		const { first_name, last_name, username, external_id, email, instance_id, custom0, name } = contact;
		expect([first_name, last_name, username, external_id, email, instance_id, custom0]).toEqual(
			Array.from({ length: 7 }, () => text),
		);
		expect(name).toBe(`${text} ${text}`);
		expect([event['client_ip'], event['user_agent'], event['first_name']]).toEqual([text, text, text]);
	});

	test.each(EXPRESSIONS)('%s as what an unwanted delivery is called, in its answer', async (type) => {
		const body = Buffer.from(JSON.stringify({ ...USER, type }));
		const { response } = await receiveInN8n(
			{ headers: headersOf(body), body },
			{ parameters: { events: ['user.created'] }, credential: { signingSecret: SECRET }, nodeId: 'attack_unwanted' },
		);
		expect(response.sent[0]?.body).toMatchObject({ code: 'event_not_selected', eventType: type });
	});
});

describe('Attack: texts built to keep an expression of ours busy', () => {
	const repeated = (part: string, before = '', after = '') => {
		return (size: number) => before + part.repeat(Math.ceil(size / part.length)) + after;
	};
	const hostile: [string, (size: number) => string][] = [
		['letters', repeated('a')],
		['dots', repeated('.')],
		['names and dots', repeated('a.')],
		['names and dots that end badly', repeated('a.', '', ']')],
		['brackets', repeated('[')],
		['places', repeated('[0]', 'a')],
		['places that end badly', repeated('[0]', 'a', '[')],
		['digits', repeated('1')],
		['white space', repeated(' ')],
		['white space that ends badly', repeated(' ', 'a', 'a')],
		['white space and commas', repeated(' ,\t\n')],
		['commas', repeated(',')],
		['underscores', repeated('_')],
		['capitals', repeated('aA')],
		['hyphens that end badly', repeated('-', '', '!')],
		['base64', repeated('AAAA', 'whsec_')],
		['base64 that ends badly', repeated('AAAA', 'whsec_', '!')],
		['padding', repeated('=', 'whsec_')],
		['prefixes', repeated('whsec_')],
		['tokens in tokens', (size) => repeated('a')(size)],
		['plus signs', repeated('+', '', '@x')],
		['at signs', repeated('@')],
		['test addresses', repeated('+clerk_test', 'a', '@x')],
		['numbers of a phone', repeated('(', '+1', '5550100')],
		['entries', repeated('v1,AAAA ')],
		['entries of the right length', repeated(`v1,${'A'.repeat(43)}= `)],
		['byte order marks', repeated('\uFEFF')],
		['surrogates', repeated('\uD83D')],
	];

	const keys = keysOf(SECRET);
	const readers: Record<string, (text: string) => () => unknown> = {
		'a path': (text) => () => parsePath(text),
		'a secret': (text) => () => readSigningSecret(text),
		'a token for a secret': (text) => () => readSigningSecret(`auto_v1_${text}`),
		'a list of names': (text) => () => names(text),
		'a type, in every style': (text) => () => EVENT_NAME_STYLES.map((style) => styledName(eventOfType(text), style)),
		'an address': (text) => () => isTestEmail(text),
		'a phone number': (text) => () => isTestPhone(text),
		'a list of signatures': (text) => {
			const headers = { 'svix-id': 'msg_1', 'svix-timestamp': String(NOW_SECONDS), 'svix-signature': text };
			return () => verifyDelivery({ headers, body: Buffer.from('{}') }, keys, 300, NOW);
		},
		'an id': (text) => {
			const headers = { 'svix-id': text, 'svix-timestamp': String(NOW_SECONDS), 'svix-signature': 'v1,x' };
			return () => verifyDelivery({ headers, body: Buffer.from('{}') }, keys, 300, NOW);
		},
		'a timestamp': (text) => {
			const headers = { 'svix-id': 'msg_1', 'svix-timestamp': text, 'svix-signature': 'v1,x' };
			return () => verifyDelivery({ headers, body: Buffer.from('{}') }, keys, 300, NOW);
		},
		'a signed body': (text) => {
			const body = Buffer.from(text);
			return () => verifyDelivery({ headers: headersOf(body), body }, keys, 300, NOW);
		},
		'a step of a path into a delivery': (text) => {
			const root = { data: { [text]: text } };
			return () => valueAt(root, ['data', text]);
		},
	};

	test.each(Object.entries(readers))('%s is read in a time that grows with its length and no faster', (_, reader) => {
		const slow = hostile.filter(([, make]) => !growsLinearly((size) => reader(make(size)))).map(([name]) => name);
		expect(slow).toEqual([]);
	});

	test('tokens in tokens end with the innermost', () => {
		let token = SECRET;
		for (let depth = 0; depth < 20; depth++) token = autoConfig({ esec: token });
		expect(readSigningSecret(token)).toEqual({ key: keyOf(SECRET) });
	});

	test('what grows faster is recognised', () => {
		const quadratic = (size: number) => () => {
			let sum = 0;
			for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) sum += i ^ j;
			return sum;
		};
		expect(growsLinearly(quadratic)).toBe(false);
		expect(growsLinearly((size) => () => /\s+$/.test(`${' '.repeat(size)}x`))).toBe(false);
		expect(growsLinearly((size) => () => JSON.stringify('a'.repeat(size)))).toBe(true);
	});
});

test('the events of the catalogue are none of the inherited names', () => {
	expect(catalogue.map(({ type }) => type).filter((type) => (INHERITED as readonly string[]).includes(type))).toEqual([]);
});
