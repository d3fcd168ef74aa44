import { receive, verifyDelivery } from '../../../nodes/Clerk/trigger/delivery';
import type { Headers } from '../../../nodes/Clerk/trigger/signature';
import { fixtures, keysOf, MESSAGE_ID, NOW, NOW_SECONDS, OTHER_SECRET, SECRET, signed, verify } from '../../support/deliveries';

describe('A2: a signed delivery is accepted', () => {
	test.each(fixtures)('$name', ({ text, envelope }) => {
		expect(verify(text)).toEqual({
			id: MESSAGE_ID,
			sentAt: NOW_SECONDS * 1000,
			environment: null,
			envelope,
			data: envelope.data,
		});
	});

	const USER = { type: 'user.created' };

	test.each([
		['spaces and line ends', '{ "type" :\r\n\t"user.created" }  ', USER],
		['escapes', '{"type":"user\\u002ecreated","data":{"a":"\\ud83d\\ude42\\/\\n"}}', { ...USER, data: { a: '🙂/\n' } }],
		['unicode', '{"type":"user.created","data":{"a":"Zoë 李 🙂 \u2028"}}', { ...USER, data: { a: 'Zoë 李 🙂 \u2028' } }],
		[
			'big numbers',
			'{"type":"user.created","n":12345678901234567890,"m":1e400}',
			{ ...USER, n: 12345678901234567890, m: Infinity },
		],
		['a byte order mark', '\uFEFF{"type":"user.created"}', USER],
		['a key "outcome"', '{"type":"user.created","outcome":"rejected","code":"x"}', { ...USER, outcome: 'rejected', code: 'x' }],
		['a key twice, of which the last counts', '{"type":"user.created","type":"user.deleted"}', { type: 'user.deleted' }],
		['a type that nobody knows', '{"type":"somethingNew.happened"}', { type: 'somethingNew.happened' }],
	])('with %s', (_, body, envelope) => {
		expect(verify(body)).toMatchObject({ id: MESSAGE_ID, envelope });
	});

	test('with a key "__proto__", which changes nothing else', () => {
		const delivery = verify(
			'{"type":"user.created","__proto__":{"data":{"id":"x"},"polluted":true},"data":{"__proto__":{"id":"x"}}}',
		);
		expect(delivery).toMatchObject({ id: MESSAGE_ID, envelope: { type: 'user.created' } });
		expect('data' in delivery && delivery.data['id']).toBeUndefined();
		expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
	});

	test.each([
		['missing', '{"type":"user.created"}'],
		['null', '{"type":"user.created","data":null}'],
		['a list', '{"type":"user.created","data":[{"id":"x"}]}'],
		['a text', '{"type":"user.created","data":"x"}'],
		['a number', '{"type":"user.created","data":7}'],
	])('with data that is %s, and so knows nothing', (_, body) => {
		expect(verify(body)).toHaveProperty('data', {});
	});

	test('the time of the attempt is that of its timestamp, in milliseconds', () => {
		expect(verify('{"type":"a"}', { at: NOW - 250_000 })).toMatchObject({ sentAt: (NOW_SECONDS - 250) * 1000 });
	});
});

describe('A2: a signed body that is no event is refused', () => {
	test.each([
		['nothing', '', 'body_not_json'],
		['a byte order mark alone', '\uFEFF', 'body_not_json'],
		['two byte order marks', '\uFEFF\uFEFF{"type":"user.created"}', 'body_not_json'],
		['half a JSON', '{"type":"user.created"', 'body_not_json'],
		['JSON with something behind it', '{"type":"user.created"} x', 'body_not_json'],
		['JavaScript', "{type:'user.created'}", 'body_not_json'],
		['a form', 'type=user.created', 'body_not_json'],
		['null', 'null', 'body_not_object'],
		['a text', '"user.created"', 'body_not_object'],
		['a number', '7', 'body_not_object'],
		['true', 'true', 'body_not_object'],
		['a list', '[{"type":"user.created"}]', 'body_not_object'],
		['no type', '{}', 'type_missing'],
		['an empty type', '{"type":""}', 'type_missing'],
		['a blank type', '{"type":" \\t"}', 'type_missing'],
		['a type that is null', '{"type":null}', 'type_missing'],
		['a type that is a list', '{"type":["user.created"]}', 'type_missing'],
		['a type that is inherited', '{"__proto__":{"type":"user.created"}}', 'type_missing'],
	])('%s: %s', (_, body, code) => {
		expect(verify(body)).toEqual({ outcome: 'rejected', code });
	});
});

describe('A5: one thing is checked after the other, and the first that is wrong is named', () => {
	const keys = keysOf(SECRET);
	const right = signed('not JSON');
	const wrongSignature = { 'svix-signature': 'v1,x' };
	const old = { 'svix-timestamp': String(NOW_SECONDS - 301) };
	const malformed = { 'svix-timestamp': 'now' };

	test.each<[string, Headers, Buffer | null, string]>([
		['a missing header before everything', { ...malformed, ...wrongSignature }, null, 'header_missing'],
		['a malformed timestamp before the body', { ...right, ...malformed, ...wrongSignature }, null, 'timestamp_malformed'],
		['the window before the body', { ...right, ...old, ...wrongSignature }, null, 'timestamp_too_old'],
		['an unreadable body before the signature', { ...right, ...wrongSignature }, null, 'body_unreadable'],
		['the signature before what the body says', { ...right, ...wrongSignature }, Buffer.from('not JSON'), 'signature_mismatch'],
		['what the body says last', right, Buffer.from('not JSON'), 'body_not_json'],
	])('%s', (_, headers, body, code) => {
		expect(verifyDelivery({ headers, body }, keys, 300, NOW)).toMatchObject({ outcome: 'rejected', code });
	});
});

describe('A6: while a secret is rotated', () => {
	const body = '{"type":"user.created"}';
	const received = { headers: signed(body, { secret: OTHER_SECRET }), body: Buffer.from(body) };

	test('"wrong signature" is said only where the signing secret itself could be tried', () => {
		expect(verifyDelivery(received, keysOf(SECRET), 300, NOW)).toEqual({ outcome: 'rejected', code: 'signature_mismatch' });
		expect(verifyDelivery(received, keysOf('whsec_x', SECRET), 300, NOW)).toMatchObject({ outcome: 'misconfigured' });
		expect(verifyDelivery(received, keysOf(SECRET, 'whsec_x'), 300, NOW)).toMatchObject({ code: 'signature_mismatch' });
		expect(verifyDelivery(received, keysOf(OTHER_SECRET, 'whsec_x'), 300, NOW)).toMatchObject({ id: MESSAGE_ID });
	});
});

describe('A2: the bytes come from n8n as they were sent', () => {
	const headers = { 'svix-id': 'msg_1' };

	test('where n8n has read them, they are not read again', async () => {
		const readRawBody = jest.fn();
		expect(await receive({ headers, rawBody: Buffer.from('a'), readRawBody })).toEqual({ headers, body: Buffer.from('a') });
		expect(readRawBody).not.toHaveBeenCalled();
	});

	test('an empty body is a body', async () => {
		expect(await receive({ headers, rawBody: Buffer.alloc(0) })).toEqual({ headers, body: Buffer.alloc(0) });
	});

	test('where it has not, they are asked for', async () => {
		const request = {
			headers,
			rawBody: undefined as Buffer | undefined,
			async readRawBody() {
				this.rawBody = Buffer.from('b');
			},
		};
		expect(await receive(request)).toEqual({ headers, body: Buffer.from('b') });
	});

	test.each([
		['cannot be read', { headers, readRawBody: () => Promise.reject(new Error('multipart')) }],
		['are not there after reading', { headers, readRawBody: () => Promise.resolve() }],
		['cannot be asked for', { headers }],
	])('bytes that %s are an outcome, not an exception', async (_, request) => {
		const received = await receive(request);
		expect(received).toEqual({ headers, body: null });
		expect(verifyDelivery({ ...received, headers: signed('') }, keysOf(SECRET), 300, NOW)).toEqual({
			outcome: 'rejected',
			code: 'body_unreadable',
		});
	});
});
