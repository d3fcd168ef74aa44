import fc from 'fast-check';

import { fixtures, MESSAGE_ID, NOW_SECONDS } from '../../support/deliveries';
import { breakUtf8, changes, keyOf, secretSpellings, sign, timestampSpellings } from '../../support/signatureLibraries';
import type { Attempt } from '../../support/signatureLibraries';
import { edit, fraction, sometimes, text, toJson, value, weighted } from './hostile';
import { damagedPayload } from './payloads';

/** A request as it goes over the wire: header lines in their order, names in any case. */
export interface SignedRequest {
	/** The secrets that the receiver holds; an empty one for none. */
	readonly secrets: readonly [current: string, previous: string];
	readonly lines: readonly (readonly [name: string, value: string])[];
	/** Null where n8n can't give the bytes. */
	readonly body: Buffer | null;
	readonly toleranceSeconds: number;
}

/** Small ones mostly: what is signed is the same for all lengths, and the libraries are slow with long ones. */
const BODIES = [
	'{"type":"user.created","data":{"id":"user_1"}}',
	'{"type":"user.created","data":{"first_name":"\uFFFD","last_name":"Zoë 李 🙂"}}',
	'{"data":{"id":"user_1"},"object":"event","type":"a.b","timestamp":1700000000000}',
	...fixtures.map(({ text: body }) => body).filter((body) => body.length < 500),
];
const NO_EVENTS = ['', 'null', '7', '[]', '{}', '"x"', '{"type":" "}', '{"type":["a"]}', '{"__proto__":{"type":"a"}}'];

const usualBody = fc.constantFrom(...BODIES);
const body = weighted<string>(
	[12, usualBody],
	[3, fc.constantFrom(...fixtures.map((fixture) => fixture.text))],
	[3, damagedPayload.map((payload) => toJson(payload))],
	[2, usualBody.map((usual) => `\uFEFF${usual}`)],
	[2, fc.tuple(usualBody, edit).map(([usual, change]) => change(usual))],
	[2, fc.tuple(value, fc.constantFrom('', '\t', '\n ')).map(([any, indent]) => toJson(any, indent))],
	[1, fc.constantFrom(...NO_EVENTS)],
	[1, text],
).map((content) => Buffer.from(content));

type Change = (attempt: Attempt) => void;

type BytesChange = (before: Buffer, at: number, bytes: Uint8Array) => Buffer;

const insert: BytesChange = (before, at, bytes) => Buffer.concat([before.subarray(0, at), bytes, before.subarray(at)]);
const replace: BytesChange = (before, at, bytes) =>
	insert(Buffer.concat([before.subarray(0, at), before.subarray(at + bytes.length)]), at, bytes);
const bytesChange = fc.constantFrom<BytesChange[]>(
	...[insert, insert, replace, replace],
	(before, at) => before.subarray(0, at),
	(before) => Buffer.concat([before, before]),
	(before) => Buffer.from(before.toString('latin1')),
	(before) => Buffer.from(before.toString(), 'utf16le'),
	() => Buffer.alloc(0),
);
const bodyChange = fc.tuple(fraction, fc.uint8Array({ maxLength: 4 }), bytesChange).map(([where, bytes, apply]): Change => {
	return (attempt) => {
		attempt.body = apply(attempt.body, Math.floor(where * (attempt.body.length + 1)), bytes);
	};
});

const NAMES = ['svix-id', 'svix-timestamp', 'svix-signature', 'webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;
const changed = (change: (before: string, times: number) => string) => fc.constant(change);

/** What happens to headers on their way, beside the changes that are shared with the unit tests. */
const headerChange = fc
	.record({
		name: fc.constantFrom(...NAMES),
		other: fc.constantFrom(...NAMES),
		often: sometimes(2),
		change: weighted<((before: string, times: number) => string) | 'copy' | 'swap'>(
			[4, edit],
			[2, text.map((put) => () => put)],
			[1, changed((before) => before.repeat(3))],
			[1, changed((before) => before.toUpperCase())],
			[1, fc.constant('copy' as const)],
			[1, fc.constant('swap' as const)],
			[1, changed((before, times) => `${before} `.repeat(times))],
			[1, changed((before, times) => 'v1,AAAA '.repeat(times) + before)],
			[1, changed((before) => Buffer.from(before).toString('base64'))],
			[1, changed((before) => Buffer.from(before).toString('hex'))],
		),
	})
	.map(({ name: wished, other, often, change }): Change => {
		return ({ headers }) => {
			// One that is there, of either set of names.
			const name = headers[wished] === undefined ? wished.replace(/^webhook/, 'svix') : wished;
			const before = headers[name] ?? '';
			if (change === 'copy') headers[other] = before;
			else if (change === 'swap') Object.assign(headers, { [name]: headers[other] ?? '', [other]: before });
			else headers[name] = change(before, often ? 4000 : 25);
		};
	});

const change = weighted<Change>(
	[
		6,
		fc.tuple(fc.constantFrom(...Object.values(changes)), fc.nat()).map(
			([apply, pick]): Change =>
				(attempt) =>
					apply(attempt, pick),
		),
	],
	[3, headerChange],
	[1, bodyChange],
);
const changeList = (length: number) => fc.array(change, { minLength: length, maxLength: length });

type Lines = SignedRequest['lines'];

/** Spells a header's name in another way, or sends the header in two lines. */
const lineChange = fc
	.tuple(
		fc.nat({ max: 5 }),
		fc.constantFrom('capitals', 'initials', 'line before', 'line behind'),
		weighted<string | null>([2, fc.constant(null)], [2, text], [1, fc.constant('v1,')]),
	)
	.map(([at, how, put]) => (lines: Lines): Lines => {
		return lines.flatMap(([name, content], index): Lines => {
			if (index !== at % lines.length) return [[name, content]];
			if (how === 'capitals') return [[name.toUpperCase(), content]];
			if (how === 'initials') return [[name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()), content]];
			const second: Lines[number] = [name, put === 'v1,' ? `v1,${content}` : (put ?? content)];
			return how === 'line before' ? [second, [name, content]] : [[name, content], second];
		});
	});

/** The headers as Node gives them: names in lower case, lines of the same name joined. */
export function joined(lines: Lines): Record<string, string> {
	return Object.fromEntries(Object.entries(listed(lines)).map(([name, values]) => [name, values.join(', ')]));
}

/** The same as a server gives them that keeps the lines of one name in a list. */
export function listed(lines: Lines): Record<string, string[]> {
	const headers: Record<string, string[]> = {};
	for (const [name, content] of lines) (headers[name.toLowerCase()] ??= []).push(content);
	return headers;
}

const spelling = fc.constantFrom(...Object.values(secretSpellings));
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength, size: 'max' });
const usualSecret = (encoded: string) => `whsec_${encoded}`;
const within = (min: number, max: number) => fc.integer({ min, max });

/** A delivery that was signed as Svix signs, or nearly, and to which something may have happened since. */
export const signedRequest: fc.Arbitrary<SignedRequest> = fc
	.record({
		encoded: weighted([3, bytes(24, 24)], [1, bytes(16, 70)]).map((key) => Buffer.from(key).toString('base64')),
		secretOf: weighted<(encoded: string) => string>(
			[16, fc.constant(usualSecret)],
			[3, spelling],
			[1, edit.map((apply) => (encoded) => apply(usualSecret(encoded)))],
		),
		otherOf: weighted<(encoded: string) => string>(
			[16, fc.constant(() => '')],
			[4, fc.constant((encoded) => usualSecret(Buffer.from(encoded.padEnd(24, 'A').slice(0, 24)).toString('base64')))],
			[1, spelling],
			[1, text.map((put) => () => put)],
		),
		age: weighted(
			[9, within(0, 300)],
			[9, within(-300, 0)],
			[3, fc.constantFrom(300, 301, -300, -301, 299, -299)],
			[2, within(-4000, 4000)],
			[1, fc.constantFrom(-NOW_SECONDS, 1e10, 1e11, 8.64e12)],
		),
		timestampOf: weighted<(seconds: number) => string>(
			[16, fc.constant(String)],
			[3, fc.constantFrom(...Object.values(timestampSpellings))],
			[1, edit.map((apply) => (seconds) => apply(String(seconds)))],
		),
		signsNumber: fc.boolean(),
		id: weighted<string>(
			[9, fc.constant(MESSAGE_ID)],
			[2, fc.constantFrom('msg_1', 'a.b', '.', 'ä', ' ', ' msg_1 ', 'msg 1')],
			[1, text],
		),
		body,
		unusualBytes: weighted<Change | null>([96, fc.constant(null)], [4, bodyChange]),
		breaks: weighted<'before' | 'after' | 'never'>(
			[9, fc.constant('never')],
			[1, fc.constant('before')],
			[1, fc.constant('after')],
		),
		keysOf: weighted<(key: Buffer, other: Buffer) => Buffer[]>(
			[12, fc.constant((key) => [key])],
			[2, fc.constant((_, other) => [other])],
			[2, fc.constant((key, other) => [other, key])],
			[1, fc.constant(() => [Buffer.from('another')])],
			[1, fc.constant(() => [Buffer.alloc(0)])],
		),
		sent: weighted([6, changeList(0)], [4, changeList(1)], [2, changeList(2)], [1, changeList(4)]),
		lineChanges: weighted([7, fc.array(lineChange, { maxLength: 0 })], [3, fc.array(lineChange, { minLength: 1, maxLength: 3 })]),
		reversed: sometimes(10),
		swapped: sometimes(3),
		unreadable: sometimes(1),
		toleranceSeconds: weighted([27, fc.constant(300)], [3, fc.constantFrom(1, 60, 3600)]),
	})
	.map((parts) => {
		const { encoded, id, breaks, toleranceSeconds } = parts;
		const [secret, other] = [parts.secretOf(encoded), parts.otherOf(encoded)];
		const timestamp = parts.timestampOf(NOW_SECONDS + parts.age);
		const attempt: Attempt = { secret, headers: {}, body: parts.body };
		parts.unusualBytes?.(attempt);
		if (breaks === 'before') breakUtf8(attempt, 0);
		const signedTimestamp = parts.signsNumber ? String(parseInt(timestamp, 10)) : timestamp;
		attempt.headers = {
			'svix-id': id,
			'svix-timestamp': timestamp,
			'svix-signature': parts
				.keysOf(keyOf(secret), keyOf(other))
				.map((key) => sign(key, id, signedTimestamp, attempt.body))
				.join(' '),
		};
		if (breaks === 'after') breakUtf8(attempt, 0);
		for (const apply of parts.sent) apply(attempt);
		const lines = parts.lineChanges.reduce<Lines>((list, apply) => apply(list), Object.entries(attempt.headers));
		return {
			secrets: parts.swapped ? [other, secret] : [secret, other],
			lines: parts.reversed ? lines.toReversed() : lines,
			body: parts.unreadable ? null : attempt.body,
			toleranceSeconds,
		};
	});
