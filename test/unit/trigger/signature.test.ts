import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'svix';

import { checkTimestamp, readSignedHeaders, signatureMatches } from '../../../nodes/Clerk/trigger/signature';
import type { Headers, Signed } from '../../../nodes/Clerk/trigger/signature';
import { keysOf, MESSAGE_ID, NOW, NOW_SECONDS, OTHER_SECRET, SECRET, signatureVectors, signed } from '../../support/deliveries';
import { words } from '../../support/words';

const BODY = '{"type":"user.created","data":{"id":"user_1","name":"Zoë","count":3e3}}';

function read(headers: Headers): Signed {
	const result = readSignedHeaders(headers);
	if ('outcome' in result) throw new Error(`not read: ${JSON.stringify(result)}`);
	return result;
}

function matches(headers: Headers, { body = BODY, secrets = [SECRET] }: { body?: string | Buffer; secrets?: string[] } = {}) {
	return signatureMatches(
		read(headers),
		Buffer.from(body),
		secrets.flatMap((secret) => keysOf(secret).usable),
	);
}

/** What stands after `v1,` for the body. */
const SIGNATURE = signed(BODY)['svix-signature'].slice('v1,'.length);

/** Headers that are right but for the ones given. */
function headersWith(changed: Record<string, string | string[] | undefined>): Headers {
	return { ...signed(BODY), ...changed };
}

describe('A2: every published signature verifies', () => {
	test.each(signatureVectors)('$name', ({ secret, id, timestamp, body, signature }) => {
		const headers = read({ 'svix-id': id, 'svix-timestamp': String(timestamp), 'svix-signature': signature });
		// Whatever its length: how long a key must be is asked where a secret is read.
		const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
		expect(checkTimestamp(headers, 300, timestamp * 1000)).toBeNull();
		expect(signatureMatches(headers, Buffer.from(body), [key])).toBe(true);
		expect(signatureMatches(headers, Buffer.from(`${body} `), [key])).toBe(false);
		expect(signatureMatches(headers, Buffer.from(body), [Buffer.from('something else')])).toBe(false);
	});
});

describe('A2: the raw bytes are signed, with the id and the timestamp', () => {
	test('the body as it was sent verifies', () => {
		expect(matches(signed(BODY))).toBe(true);
	});

	test.each([
		['JSON that was parsed and written again', JSON.stringify(JSON.parse(BODY))],
		['JSON that was indented', JSON.stringify(JSON.parse(BODY), null, 2)],
		['a line end behind it', `${BODY}\n`],
		['a byte order mark before it', `\uFEFF${BODY}`],
		['another encoding of the same text', Buffer.from(BODY, 'latin1')],
		['a letter of another case', BODY.replace('user_1', 'User_1')],
		['nothing', ''],
	])('%s does not verify', (_, body) => {
		expect(matches(signed(BODY), { body })).toBe(false);
	});

	test('bytes that are not UTF-8 verify as they are, and nothing else passes for them', () => {
		// Turned into text, each of them would become U+FFFD and the two bodies the same.
		const invalid = Buffer.concat([Buffer.from('{"type":"'), Buffer.from([0xff]), Buffer.from('"}')]);
		const replaced = Buffer.from(invalid.toString('utf8'));
		expect(matches(signed(replaced.toString('utf8')), { body: replaced })).toBe(true);
		expect(matches(signed(replaced.toString('utf8')), { body: invalid })).toBe(false);
	});

	test.each([
		['the id', { 'svix-id': 'msg_other' }],
		['the timestamp', { 'svix-timestamp': String(NOW_SECONDS + 1) }],
		['leading zeros in the timestamp', { 'svix-timestamp': `0${NOW_SECONDS}` }],
	])('%s is signed too', (_, changed) => {
		expect(matches(headersWith(changed))).toBe(false);
	});
});

describe('A2, A5: a missing or blank header is named; webhook-* headers count only where no svix-* header is', () => {
	const svix = signed(BODY);
	const [id, timestamp, signature] = Object.values(svix) as [string, string, string];
	const standard = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };

	test.each<[string, Headers, string]>([
		['all three', {}, 'svix-id'],
		...Object.keys({ ...svix, ...standard }).map((name): [string, Headers, string] => {
			return [`${name}`, { ...(name in svix ? svix : standard), [name]: undefined }, name];
		}),
		['an empty svix-id', { ...svix, 'svix-id': '' }, 'svix-id'],
		['a blank svix-timestamp', { ...svix, 'svix-timestamp': ' \t' }, 'svix-timestamp'],
		['a blank svix-signature', { ...svix, 'svix-signature': '  ' }, 'svix-signature'],
		['a list of no svix-signature', { ...svix, 'svix-signature': [] }, 'svix-signature'],
		// The two sets are never mixed.
		['svix-id, where there is a webhook-id', { ...standard, 'svix-timestamp': timestamp }, 'svix-id'],
		['the same beside another', { ...standard, 'svix-signature': signature }, 'svix-id'],
		['svix-timestamp, where there is a webhook-timestamp', { ...standard, 'svix-id': id }, 'svix-timestamp'],
		['svix-signature', { ...standard, 'svix-id': id, 'svix-timestamp': timestamp }, 'svix-signature'],
		['svix-id, which is there but empty', { ...standard, 'svix-id': '' }, 'svix-id'],
	])('%s', (_, headers, header) => {
		expect(readSignedHeaders(headers)).toEqual({ outcome: 'rejected', code: 'header_missing', header });
	});

	test('webhook-* alone verifies; svix-* wins where both sets are whole', () => {
		expect(matches(standard)).toBe(true);
		expect(matches({ ...svix, 'webhook-id': 'x', 'webhook-timestamp': 'x', 'webhook-signature': 'x' })).toBe(true);
		expect(matches({ ...standard, ...svix, 'svix-signature': 'v1,x' })).toBe(false);
	});
});

describe('A2: the timestamp is 1 to 12 digits and nothing else', () => {
	test.each(['0', '7', '1614265330', '999999999999', '000000000007'])('%j is read', (timestamp) => {
		expect(read(headersWith({ 'svix-timestamp': timestamp }))).toMatchObject({
			timestamp: Number(timestamp),
			timestampText: timestamp,
		});
	});

	test.each([
		...[' 1614265330', '1614265330 ', '1614265330\n', '1614265330, 1614265330'],
		...words`
			1614265330abc +1614265330 -1614265330 1614265330.5 1614265330.0 1.6e9 0x60380b72 1_614_265_330 ١٦١٤٢٦٥٣٣٠
			1614265330000 9999999999999999999999 NaN 2021-02-25T15:02:10Z
		`,
	])('%j is malformed', (timestamp) => {
		expect(readSignedHeaders(headersWith({ 'svix-timestamp': timestamp }))).toEqual({
			outcome: 'rejected',
			code: 'timestamp_malformed',
		});
	});
});

describe('A5: the window is ±300 s, inclusive, and what is outside is measured', () => {
	const at = (secondsFromNow: number) => read(headersWith({ 'svix-timestamp': String(NOW_SECONDS + secondsFromNow) }));

	test.each([-300, -299, -1, 0, 1, 299, 300])('%i s passes', (seconds) => {
		expect(checkTimestamp(at(seconds), 300, NOW)).toBeNull();
	});

	test.each([
		[-301, 'timestamp_too_old', 301],
		[301, 'timestamp_too_new', 301],
		[-86_400, 'timestamp_too_old', 86_400],
		[86_400, 'timestamp_too_new', 86_400],
	])('%i s is %s by the measured seconds', (seconds, code, secondsOff) => {
		expect(checkTimestamp(at(seconds), 300, NOW)).toEqual({ outcome: 'rejected', code, secondsOff, toleranceSeconds: 300 });
	});

	test('only whole seconds count, as in the timestamp', () => {
		const lastMillisecond = NOW_SECONDS * 1000 + 999;
		expect(checkTimestamp(at(-300), 300, lastMillisecond)).toBeNull();
		expect(checkTimestamp(at(300), 300, lastMillisecond)).toBeNull();
	});

	test.each([1, 60, 3600])('a tolerance of %i s is inclusive too', (toleranceSeconds) => {
		for (const side of [-1, 1]) {
			expect(checkTimestamp(at(side * toleranceSeconds), toleranceSeconds, NOW)).toBeNull();
			const secondsOff = toleranceSeconds + 1;
			expect(checkTimestamp(at(side * secondsOff), toleranceSeconds, NOW)).toMatchObject({ secondsOff, toleranceSeconds });
		}
	});

	test('milliseconds in place of seconds are malformed, not "too new"', () => {
		expect(readSignedHeaders(headersWith({ 'svix-timestamp': String(NOW) }))).toMatchObject({ code: 'timestamp_malformed' });
	});
});

describe('A2: the list of signatures', () => {
	const V1 = `v1,${SIGNATURE}`;
	const WRONG = `v1,${Buffer.alloc(32, 7).toString('base64')}`;
	const UNPADDED = SIGNATURE.replace(/=+$/, '');
	const URL_SAFE = SIGNATURE.replaceAll('+', '-').replaceAll('/', '_');
	const flipped = (SIGNATURE.startsWith('A') ? 'B' : 'A') + SIGNATURE.slice(1);

	test('the signature of these tests differs between the two alphabets', () => {
		expect(URL_SAFE).not.toBe(SIGNATURE);
	});

	test.each([
		['one entry', V1],
		['the right one last', `${WRONG} ${V1}`],
		['the right one first', `${V1} ${WRONG}`],
		['twice the right one', `${V1} ${V1}`],
		['other versions beside it', `v1a,${SIGNATURE} ${V1} v2,x`],
		['entries without a comma beside it', `v1 ${V1} rubbish`],
		['empty entries beside it', `  ${V1}  `],
		['an entry without a signature beside it', `v1, ${V1}`],
		['what follows a second comma is ignored', `${V1},anything,else`],
		['two lines that a proxy joined by ", "', `${V1}, ${WRONG}`],
		['two lines that a proxy joined by ", ", the right one last', `${WRONG}, ${V1}`],
	])('%s verifies', (_, signatures) => {
		expect(matches(headersWith({ 'svix-signature': signatures }))).toBe(true);
	});

	test('a list of header lines verifies, joined as Node joins them', () => {
		expect(read(headersWith({ 'svix-signature': [WRONG, V1] })).signatures).toBe(`${WRONG}, ${V1}`);
		expect(matches(headersWith({ 'svix-signature': [WRONG, V1] }))).toBe(true);
		expect(matches(headersWith({ 'svix-signature': [V1, WRONG] }))).toBe(true);
		expect(matches(headersWith({ 'svix-signature': [WRONG, WRONG] }))).toBe(false);
	});

	test.each([
		['another signature', WRONG],
		['one character changed', `v1,${flipped}`],
		['a signature without its version', SIGNATURE],
		['v1a with a v1 signature', `v1a,${SIGNATURE}`],
		['v2', `v2,${SIGNATURE}`],
		['V1', `V1,${SIGNATURE}`],
		['v1 and nothing', 'v1,'],
		['v1 without a comma', 'v1'],
		['the second comma before the signature', `v1,,${SIGNATURE}`],
		['no padding', `v1,${UNPADDED}`],
		['the url-safe alphabet', `v1,${URL_SAFE}`],
		['too much padding', `v1,${SIGNATURE}=`],
		['a part of it', `v1,${SIGNATURE.slice(0, 20)}`],
		['hexadecimal digits', `v1,${Buffer.from(SIGNATURE, 'base64').toString('hex')}`],
		['entries separated by a comma', `${WRONG},${V1}`],
		['entries separated by a tab', `${WRONG}\t${V1}`],
		['entries separated by a line end', `${WRONG}\n${V1}`],
		['entries separated by a semicolon', `${WRONG};${V1}`],
		['a tab behind it', `${V1}\t`],
	])('%s does not verify', (_, signatures) => {
		expect(matches(headersWith({ 'svix-signature': signatures }))).toBe(false);
	});

	test('thousands of candidates are all looked at', () => {
		const many = Array.from({ length: 5000 }, (_, index) => `v1,${Buffer.alloc(32, index % 251).toString('base64')}`).join(' ');
		expect(matches(headersWith({ 'svix-signature': `${many} ${V1}` }))).toBe(true);
		expect(matches(headersWith({ 'svix-signature': many }))).toBe(false);
	});
});

describe('A6: while a secret is rotated', () => {
	const both = [
		[SECRET, OTHER_SECRET],
		[OTHER_SECRET, SECRET],
	];

	test.each(both)('both secrets verify, in whatever order they stand', (...secrets) => {
		expect(matches(signed(BODY, { secret: SECRET }), { secrets })).toBe(true);
		expect(matches(signed(BODY, { secret: OTHER_SECRET }), { secrets })).toBe(true);
		expect(matches(signed(BODY, { secret: 'whsec_dGhpcmQgc2VjcmV0' }), { secrets })).toBe(false);
	});

	test.each(both)("Svix's two signatures verify with either secret alone", (first, second) => {
		const [a, b] = [first, second].map((secret) => new Webhook(secret ?? '').sign(MESSAGE_ID, new Date(NOW), BODY));
		const headers = headersWith({ 'svix-signature': `${a} ${b}` });
		expect(matches(headers, { secrets: [SECRET] })).toBe(true);
		expect(matches(headers, { secrets: [OTHER_SECRET] })).toBe(true);
	});

	test('no key verifies nothing', () => {
		expect(matches(signed(BODY), { secrets: [] })).toBe(false);
	});
});

test('A2: header names are case-insensitive and may come in several lines, as Node reads them from the wire', async () => {
	const server = createServer((incoming, response) => {
		response.end(String(matches(incoming.headers)));
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	try {
		const headers = signed(BODY);
		const { port } = server.address() as AddressInfo;
		const names = { 'SVIX-ID': headers['svix-id'], 'Svix-Timestamp': headers['svix-timestamp'] };
		const lines = { ...names, 'sviX-signaturE': ['v1,AAAA', headers['svix-signature']] };
		// Not by fetch, which writes all names in lower case.
		const asked = request({ port, headers: lines }).end();
		const [incoming] = (await once(asked, 'response')) as [IncomingMessage];
		const answer = await text(incoming);
		expect(answer).toBe('true');
	} finally {
		server.close();
	}
});
