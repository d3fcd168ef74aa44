import { createHmac } from 'node:crypto';
import { verifyWebhook } from '@clerk/backend/webhooks';
import * as fc from 'fast-check';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';

import { verifyDelivery } from '../../nodes/Clerk/trigger/delivery';
import { signingKeysOf } from '../../nodes/Clerk/trigger/settings';
import { MESSAGE_ID, NOW, NOW_SECONDS } from '../deliveries';

/** One delivery with the secret that its receiver holds. Header names are in lower case, as Node gives them. */
interface Attempt {
	secret: string;
	headers: Record<string, string>;
	body: Buffer;
}

const BOM = Buffer.from('\uFEFF');
const REPLACED = Buffer.from('\uFFFD');

function sign(key: Buffer, id: string, timestamp: string, body: Buffer): string {
	return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

// How a secret, a timestamp, an id and a body may look before they are signed.

type Spelling = (encoded: string) => string;

const secretSpellings: Record<string, Spelling> = {
	'with the prefix': (encoded) => `whsec_${encoded}`,
	'without the prefix': (encoded) => encoded,
	'white space around it': (encoded) => ` whsec_${encoded}\n`,
	'no padding': (encoded) => `whsec_${encoded.replace(/=+$/, '')}`,
	'the last character not copied': (encoded) => `whsec_${encoded.slice(0, -1)}`,
	'one character too many': (encoded) => `whsec_${encoded.replace(/=+$/, '')}A`,
	'url-safe alphabet': (encoded) => `whsec_${encoded.replaceAll('+', '-').replaceAll('/', '_')}`,
	'a space in it': (encoded) => `whsec_${encoded.slice(0, 5)} ${encoded.slice(5)}`,
	'the empty key': () => 'whsec_',
	'no text': () => '',
	'a secret key': (encoded) => `sk_test_${encoded}`,
	'a publishable key': (encoded) => `pk_test_${encoded}`,
	'an asymmetric key': (encoded) => `whpk_${encoded}`,
	'another prefix': (encoded) => `secret_${encoded}`,
	'a prefix in capitals': (encoded) => `WHSEC_${encoded}`,
	'the prefix twice': (encoded) => `whsec_whsec_${encoded}`,
};

/** The key that the receiver's text stands for, as far as it stands for one. */
function keyOf(secret: string): Buffer {
	return Buffer.from(secret.trim().replace(/^whsec_/, ''), 'base64');
}

const timestampSpellings: Record<string, (seconds: number) => string> = {
	plain: String,
	'a word behind it': (seconds) => `${seconds}abc`,
	'a space before it': (seconds) => ` ${seconds}`,
	'a space behind it': (seconds) => `${seconds} `,
	'a plus': (seconds) => `+${seconds}`,
	'a fraction': (seconds) => `${seconds}.75`,
	'a zero before it': (seconds) => `0${seconds}`,
	'a list': (seconds) => `${seconds}, ${seconds}`,
	milliseconds: (seconds) => `${seconds}123`,
	negative: (seconds) => `-${seconds}`,
	hexadecimal: (seconds) => `0x${seconds.toString(16)}`,
	'an exponent': (seconds) => `${seconds / 1e9}e9`,
	'no number': () => 'now',
	'too many digits': (seconds) => `${seconds}000000000000000`,
};

const json = fc.jsonValue({ maxDepth: 3 });
const envelope = fc.record(
	{
		type: fc.constantFrom('user.created', 'user.deleted', 'organization.created', 'somethingNew.happened', 'ö.ü'),
		object: fc.constant('event'),
		data: fc.oneof(json, fc.record({ id: fc.string(), first_name: fc.string({ unit: 'grapheme' }), score: fc.double() })),
		timestamp: fc.nat(),
		instance_id: fc.string(),
	},
	{ requiredKeys: ['type'] },
);
const bodies = fc.oneof(
	{ weight: 12, arbitrary: envelope.map((value) => JSON.stringify(value)) },
	{ weight: 3, arbitrary: envelope.map((value) => JSON.stringify(value, null, '\t')) },
	{ weight: 1, arbitrary: envelope.map((value) => `${JSON.stringify(value)}\n`) },
	{
		weight: 1,
		arbitrary: fc.constant('{"type":"user.created","type":"user.deleted","data":{"id":1e400,"n":12345678901234567890}}'),
	},
	{ weight: 1, arbitrary: fc.constant('{"type":"\\u0075ser.created","__proto__":{"a":1},"outcome":"rejected"}') },
	{ weight: 1, arbitrary: json.map((value) => JSON.stringify(value)) },
	{
		weight: 1,
		arbitrary: fc.constantFrom('null', '7', '"user.created"', '[]', '{}', '{"type":""}', '{"type":7}', '{"type":" "}'),
	},
	{ weight: 1, arbitrary: fc.string() },
	{ weight: 1, arbitrary: fc.constantFrom('', '{', '{"type":"user.created"', "{'type':'user.created'}", 'type=user.created') },
	{ weight: 1, arbitrary: envelope.map((value) => `\uFEFF${JSON.stringify(value)}`) },
	{ weight: 3, arbitrary: fc.constant('{"type":"user.created","data":{"first_name":"\uFFFD"}}') },
);

// What may happen to a delivery after it was signed. `pick` chooses where there is a choice.

type Change = (attempt: Attempt, pick: number) => void;

const WRONG = `v1,${Buffer.alloc(32, 1).toString('base64')}`;

function inSignatures(change: (signatures: string) => string): Change {
	return ({ headers }) => {
		headers['svix-signature'] = change(headers['svix-signature'] ?? '');
	};
}

function inHeader(name: string, change: (value: string) => string): Change {
	return ({ headers }) => {
		headers[name] = change(headers[name] ?? '');
	};
}

function inBody(change: (body: Buffer, pick: number) => Buffer): Change {
	return (attempt, pick) => {
		attempt.body = change(attempt.body, pick);
	};
}

function rename({ headers }: Attempt, names: readonly string[]): void {
	for (const name of names) {
		const value = headers[`svix-${name}`];
		delete headers[`svix-${name}`];
		if (value !== undefined) headers[`webhook-${name}`] = value;
	}
}

const NAMES = ['id', 'timestamp', 'signature'] as const;

/** Libraries that make text of the body can't tell such a byte from U+FFFD. */
const breakUtf8 = inBody((body) => {
	const at = body.indexOf(REPLACED);
	return at < 0 ? body : Buffer.concat([body.subarray(0, at), Buffer.from([0xff]), body.subarray(at + REPLACED.length)]);
});

const changes: Record<string, Change> = {
	'a byte of the body flipped': inBody((body, pick) => {
		const flipped = Buffer.from(body);
		if (flipped.length > 0) flipped[pick % flipped.length]! ^= 1 << (pick % 8);
		return flipped;
	}),
	'the body written anew': inBody((body) => {
		try {
			return Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1));
		} catch {
			return Buffer.from(body.toString().trim());
		}
	}),
	'a line end behind the body': inBody((body) => Buffer.concat([body, Buffer.from('\r\n')])),
	'the body cut': inBody((body, pick) => body.subarray(0, pick % (body.length + 1))),
	'a byte order mark before the body': inBody((body) => Buffer.concat([BOM, body])),
	'another id': inHeader('svix-id', (id) => `${id}x`),
	'white space around the id': inHeader('svix-id', (id) => ` ${id}\t`),
	'the timestamp of a second later': inHeader('svix-timestamp', (timestamp) => String(Number(timestamp) + 1)),
	'a word behind the timestamp': inHeader('svix-timestamp', (timestamp) => `${timestamp}abc`),
	'a wrong entry before': inSignatures((signatures) => `${WRONG} ${signatures}`),
	'a wrong entry behind': inSignatures((signatures) => `${signatures} ${WRONG}`),
	'the entry twice': inSignatures((signatures) => `${signatures} ${signatures}`),
	'other versions beside': inSignatures((signatures) => `v1a,${Buffer.alloc(64, 2).toString('base64')} ${signatures} v2,x v1`),
	'another version': inSignatures((signatures) => signatures.replaceAll('v1,', 'v1a,')),
	'the version in capitals': inSignatures((signatures) => signatures.replaceAll('v1,', 'V1,')),
	'no version': inSignatures((signatures) => signatures.replaceAll('v1,', '')),
	'spaces around': inSignatures((signatures) => `  ${signatures} `),
	'a tab behind': inSignatures((signatures) => `${signatures}\t`),
	'a tab between': inSignatures((signatures) => `${WRONG}\t${signatures}`),
	'a comma between': inSignatures((signatures) => `${WRONG},${signatures}`),
	'a second line before': inSignatures((signatures) => `${WRONG}, ${signatures}`),
	'a second line behind': inSignatures((signatures) => `${signatures}, ${WRONG}`),
	'a second comma': inSignatures((signatures) => `${signatures},rubbish`),
	'two commas': inSignatures((signatures) => signatures.replaceAll('v1,', 'v1,,')),
	'no padding': inSignatures((signatures) => signatures.replaceAll('=', '')),
	'too much padding': inSignatures((signatures) => `${signatures}=`),
	'url-safe alphabet': inSignatures((signatures) => signatures.replaceAll('+', '-').replaceAll('/', '_')),
	'a signature in hexadecimal digits': inSignatures(
		(signatures) => `v1,${Buffer.from(signatures.slice(3), 'base64').toString('hex')}`,
	),
	'a letter of the signature in the other case': inSignatures((signatures) =>
		signatures.replace(/[a-z](?=[^,]*$)/, (letter) => letter.toUpperCase()),
	),
	'many entries before': inSignatures((signatures) => `${`${WRONG} `.repeat(200)}${signatures}`),
	'a header missing': ({ headers }, pick) => {
		delete headers[`svix-${NAMES[pick % 3]}`];
	},
	'a header blank': ({ headers }, pick) => {
		headers[`svix-${NAMES[pick % 3]}`] = pick % 2 === 0 ? '' : '  ';
	},
	'the webhook-* names': (attempt) => rename(attempt, NAMES),
	'one of the webhook-* names': (attempt, pick) => rename(attempt, [NAMES[pick % 3] ?? 'id']),
	'two of the webhook-* names': (attempt, pick) =>
		rename(
			attempt,
			NAMES.filter((_, index) => index !== pick % 3),
		),
	'wrong webhook-* headers beside': ({ headers }) => {
		Object.assign(headers, { 'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': WRONG });
	},
	'right webhook-* headers beside wrong ones': (attempt) => {
		const { 'svix-id': id, ...others } = attempt.headers;
		rename(attempt, NAMES);
		Object.assign(attempt.headers, others, { 'svix-id': id, 'svix-signature': WRONG });
	},
};

const mostly = <T>(usual: T, others: readonly T[]): fc.Arbitrary<T> =>
	fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const attempts: fc.Arbitrary<Attempt> = fc
	.record({
		key: fc.uint8Array({ minLength: 1, maxLength: 70 }),
		secretSpelling: mostly('with the prefix', Object.keys(secretSpellings)),
		id: mostly(MESSAGE_ID, ['msg_1', 'x', 'a.b', '.', 'ä', ' ', ' msg_1 ', 'msg 1']),
		seconds: fc.oneof(
			{ weight: 5, arbitrary: fc.integer({ min: -300, max: 300 }) },
			{ weight: 1, arbitrary: fc.constantFrom(-301, -300, -299, 299, 300, 301) },
			{ weight: 1, arbitrary: fc.integer({ min: -100_000, max: 100_000 }) },
		),
		timestampSpelling: mostly('plain', Object.keys(timestampSpellings)),
		signsAsSent: fc.boolean(),
		body: bodies,
		breaksUtf8: mostly('never', ['before signing', 'after signing']),
		signsWithAnother: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
		after: fc.oneof(
			{ weight: 2, arbitrary: fc.constant([]) },
			{
				weight: 6,
				arbitrary: fc.array(fc.tuple(fc.constantFrom(...Object.keys(changes)), fc.nat()), { minLength: 1, maxLength: 2 }),
			},
		),
	})
	.map((chosen) => {
		const secret = secretSpellings[chosen.secretSpelling]!(Buffer.from(chosen.key).toString('base64'));
		const timestamp = timestampSpellings[chosen.timestampSpelling]!(NOW_SECONDS + chosen.seconds);
		const attempt: Attempt = { secret, headers: {}, body: Buffer.from(chosen.body) };
		if (chosen.breaksUtf8 === 'before signing') breakUtf8(attempt, 0);
		// The libraries sign and check a number, so a sender who uses one signs what parseInt makes of the text.
		const signedTimestamp = chosen.signsAsSent ? timestamp : String(parseInt(timestamp, 10));
		const key = chosen.signsWithAnother ? Buffer.from('another') : keyOf(secret);
		attempt.headers = {
			'svix-id': chosen.id,
			'svix-timestamp': timestamp,
			'svix-signature': sign(key, chosen.id, signedTimestamp, attempt.body),
		};
		if (chosen.breaksUtf8 === 'after signing') breakUtf8(attempt, 0);
		for (const [change, pick] of chosen.after) changes[change]!(attempt, pick);
		return attempt;
	});

// The four who answer.

type Library = 'svix' | 'standardwebhooks' | '@clerk/backend';
type Verdict = 'pass' | 'refuse';

function has(headers: Attempt['headers'], prefix: string): boolean {
	return NAMES.some((name) => headers[`${prefix}-${name}`] !== undefined);
}

function verdict(verify: () => unknown): Verdict {
	try {
		verify();
		return 'pass';
	} catch {
		return 'refuse';
	}
}

const libraries: Record<Library, (attempt: Attempt) => Verdict | Promise<Verdict>> = {
	svix: ({ secret, headers, body }) => verdict(() => new SvixWebhook(secret).verify(body, headers)),
	// It knows the webhook-* names alone, so whoever uses it for Svix's deliveries renames their headers.
	standardwebhooks: ({ secret, headers, body }) =>
		verdict(() => {
			const own = has(headers, 'svix') ? 'svix' : 'webhook';
			const renamed = NAMES.flatMap((name) => {
				const value = headers[`${own}-${name}`];
				return value === undefined ? [] : [[`webhook-${name}`, value]];
			});
			new StandardWebhook(secret).verify(body, Object.fromEntries(renamed) as Record<string, string>);
		}),
	'@clerk/backend': async ({ secret, headers, body }) => {
		const request = new Request('https://n8n.example.com/webhook', { method: 'POST', headers, body: new Uint8Array(body) });
		return await verifyWebhook(request, { signingSecret: secret }).then(
			() => 'pass' as const,
			() => 'refuse' as const,
		);
	},
};

function ourCode({ secret, headers, body }: Attempt): string {
	const keys = signingKeysOf({ signingSecret: secret });
	if ('outcome' in keys) return keys.code;
	const delivery = verifyDelivery({ headers, body }, keys, 300, NOW);
	return 'outcome' in delivery ? delivery.code : 'accepted';
}

// Where we differ, and why. A difference that is not here is a mistake.

interface Exception {
	readonly name: string;
	readonly libraries: readonly Library[];
	readonly they: Verdict;
	readonly we: readonly string[];
	readonly applies: (attempt: Attempt) => boolean;
}

const ALL = Object.keys(libraries) as Library[];

const timestampOf = ({ headers }: Attempt) => headers['svix-timestamp'] ?? headers['webhook-timestamp'] ?? '';
const encodedKey = ({ secret }: Attempt) => secret.trim().replace(/^whsec_/, '');
const isUtf8 = (body: Buffer) => Buffer.from(body.toString('utf8')).equals(body);
const hasOuterWhiteSpace = ({ headers }: Attempt) => NAMES.some((name) => /^\s|\s$/.test(headers[`svix-${name}`] ?? ''));
const isLeadingZero = (attempt: Attempt) => /^0\d{1,11}$/.test(timestampOf(attempt));

const exceptions: readonly Exception[] = [
	{
		name: 'an empty key',
		libraries: ['svix'],
		they: 'pass',
		we: ['secret_unusable'],
		applies: (attempt) => encodedKey(attempt) === '',
	},
	{
		name: 'a secret that is not whole base64',
		libraries: ALL,
		they: 'pass',
		we: ['secret_unusable'],
		applies: (attempt) => encodedKey(attempt).length % 4 !== 0,
	},
	{
		name: 'a secret that was pasted with white space around it',
		libraries: ALL,
		they: 'refuse',
		we: ['accepted'],
		applies: ({ secret }) => secret !== secret.trim(),
	},
	{
		name: 'a timestamp that is no number but begins with one',
		libraries: ALL,
		they: 'pass',
		we: ['timestamp_malformed'],
		applies: (attempt) => !/^\d+$/.test(timestampOf(attempt)) && !Number.isNaN(parseInt(timestampOf(attempt), 10)),
	},
	{
		name: 'a timestamp with a leading zero, signed without it',
		libraries: ALL,
		they: 'pass',
		we: ['signature_mismatch'],
		applies: isLeadingZero,
	},
	{
		name: 'a timestamp with a leading zero, signed as it was sent',
		libraries: ALL,
		they: 'refuse',
		we: ['accepted'],
		applies: isLeadingZero,
	},
	{
		name: 'a blank id',
		libraries: ['svix', 'standardwebhooks'],
		they: 'pass',
		we: ['header_missing'],
		applies: ({ headers }) => (headers['svix-id'] ?? headers['webhook-id'])?.trim() === '',
	},
	{
		name: 'svix-* and webhook-* headers mixed',
		libraries: ['svix'],
		they: 'pass',
		we: ['header_missing'],
		applies: ({ headers }) =>
			has(headers, 'svix') &&
			NAMES.some((name) => headers[`svix-${name}`] === undefined && headers[`webhook-${name}`] !== undefined),
	},
	{
		name: 'webhook-* headers alone',
		libraries: ['@clerk/backend'],
		they: 'refuse',
		we: ['accepted'],
		applies: ({ headers }) => !has(headers, 'svix'),
	},
	{
		name: 'white space around a header, added after signing: HTTP takes it away before a node could see it',
		libraries: ['@clerk/backend'],
		they: 'pass',
		we: ['signature_mismatch'],
		applies: hasOuterWhiteSpace,
	},
	{
		name: 'white space around the id, signed with it: HTTP takes it away before a node could see it',
		libraries: ['@clerk/backend'],
		they: 'refuse',
		we: ['accepted'],
		applies: hasOuterWhiteSpace,
	},
	{
		name: 'signed JSON that names no event',
		libraries: ALL,
		they: 'pass',
		we: ['body_not_object', 'type_missing'],
		applies: ({ body }) => !/"type":\s*"[^"\s]/.test(body.toString()),
	},
	{
		name: 'a signed body without a byte',
		libraries: ['standardwebhooks'],
		they: 'pass',
		we: ['body_not_json'],
		applies: ({ body }) => body.length === 0,
	},
	{
		name: 'a byte order mark, signed with the rest',
		libraries: ALL,
		they: 'refuse',
		we: ['accepted'],
		applies: ({ body }) => body.indexOf(BOM) === 0,
	},
	{
		name: 'a byte order mark put before a signed body',
		libraries: ['@clerk/backend'],
		they: 'pass',
		we: ['signature_mismatch'],
		applies: ({ body }) => body.indexOf(BOM) === 0,
	},
	{
		name: 'bytes that are not UTF-8, signed as they are',
		libraries: ALL,
		they: 'refuse',
		we: ['accepted'],
		applies: ({ body }) => !isUtf8(body),
	},
	{
		name: 'bytes that are not UTF-8 in a body that was signed as text',
		libraries: ALL,
		they: 'pass',
		we: ['signature_mismatch'],
		applies: ({ body }) => !isUtf8(body),
	},
];

describe('A2: the same answers as svix, standardwebhooks and Clerk on 4,000 variations, but for the exceptions named here', () => {
	const unexplained: string[] = [];
	const met = new Map<string, number>();
	const verdicts = new Map<string, number>();
	const codes = new Set<string>();
	const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);

	beforeAll(async () => {
		const clock = jest.spyOn(Date, 'now').mockReturnValue(NOW);
		try {
			for (const attempt of fc.sample(attempts, { seed: 20_261_001, numRuns: 4000 })) {
				const code = ourCode(attempt);
				const ours: Verdict = code === 'accepted' ? 'pass' : 'refuse';
				codes.add(code);
				for (const library of ALL) {
					const theirs = await libraries[library](attempt);
					count(verdicts, `${library} ${theirs}`);
					if (theirs === ours) continue;
					const reasons = exceptions.filter(
						({ libraries: whose, they, we, applies }) =>
							whose.includes(library) && they === theirs && we.includes(code) && applies(attempt),
					);
					for (const { name } of reasons) count(met, `${library}: ${name}`);
					if (reasons.length === 0) {
						unexplained.push(
							`${library}: ${theirs}, we: ${code}, ${JSON.stringify({ ...attempt, body: attempt.body.toString('latin1') })}`,
						);
					}
				}
			}
		} finally {
			clock.mockRestore();
		}
	}, 60_000);

	test('no difference is without a name', () => {
		expect(unexplained).toEqual([]);
	});

	test.each(exceptions.flatMap((exception) => exception.libraries.map((library) => ({ ...exception, library }))))(
		'$name: $library says $they, we say $we',
		({ name, library }) => {
			expect(met.get(`${library}: ${name}`)).toBeGreaterThan(0);
		},
	);

	test.each(ALL.flatMap((library) => [`${library} pass`, `${library} refuse`]))(
		'%s: often enough to mean something',
		(verdict) => {
			expect(verdicts.get(verdict)).toBeGreaterThan(500);
		},
	);

	test('all our answers to a sender occur', () => {
		expect([...codes].sort()).toEqual([
			'accepted',
			'body_not_json',
			'body_not_object',
			'header_missing',
			'secret_unusable',
			'signature_mismatch',
			'timestamp_malformed',
			'timestamp_too_new',
			'timestamp_too_old',
			'type_missing',
		]);
	});
});
