import { fixtures, MESSAGE_ID, NOW_SECONDS } from '../support/deliveries';
import { breakUtf8, changes, keyOf, secretSpellings, sign, timestampSpellings } from '../support/signatureLibraries';
import type { Attempt } from '../support/signatureLibraries';
import type { Choices } from './choices';
import { smudged, text, toJson, value } from './hostile';
import { damagedFixture } from './payloads';

/** An attempt as it goes over the wire: header lines in their order, names in any case. */
export interface Sent {
	/** The secrets that the receiver holds; an empty one for none. */
	readonly secrets: readonly [current: string, previous: string];
	readonly lines: readonly (readonly [name: string, value: string])[];
	/** Null where n8n can't give the bytes. */
	readonly body: Buffer | null;
	readonly toleranceSeconds: number;
}

const SECRET_SPELLINGS = Object.values(secretSpellings);
const TIMESTAMP_SPELLINGS = Object.values(timestampSpellings);
const CHANGES = Object.values(changes);
/** Small ones mostly: what is signed is the same for all lengths, and the libraries are slow with long ones. */
const BODIES = [
	'{"type":"user.created","data":{"id":"user_1"}}',
	'{"type":"user.created","data":{"first_name":"\uFFFD","last_name":"Zoë 李 🙂"}}',
	'{"data":{"id":"user_1"},"object":"event","type":"a.b","timestamp":1700000000000}',
	...fixtures.map(({ text: body }) => body).filter((body) => body.length < 500),
];

function bodyOf(choices: Choices): Buffer {
	return Buffer.from(
		choices.oneOf(
			[12, () => choices.pick(BODIES)],
			[3, () => choices.pick(fixtures).text],
			[3, () => toJson(damagedFixture(choices))],
			[2, () => `\uFEFF${choices.pick(BODIES)}`],
			[2, () => smudged(choices, choices.pick(BODIES))],
			[2, () => toJson(value(choices), choices.pick(['', '\t', '\n ']))],
			[
				1,
				() => choices.pick(['', 'null', '7', '[]', '{}', '"x"', '{"type":" "}', '{"type":["a"]}', '{"__proto__":{"type":"a"}}']),
			],
			[1, () => text(choices)],
		),
	);
}

function bytesChanged(choices: Choices, body: Buffer): Buffer {
	const at = choices.below(body.length + 1);
	const bytes = Buffer.from(choices.list(4, () => choices.below(256)));
	return choices.oneOf(
		[2, () => Buffer.concat([body.subarray(0, at), bytes, body.subarray(at)])],
		[2, () => Buffer.concat([body.subarray(0, at), bytes, body.subarray(at + bytes.length)])],
		[1, () => body.subarray(0, at)],
		[1, () => Buffer.concat([body, body])],
		[1, () => Buffer.from(body.toString('latin1'))],
		[1, () => Buffer.from(body.toString(), 'utf16le')],
		[1, () => Buffer.alloc(0)],
	);
}

const NAMES = ['svix-id', 'svix-timestamp', 'svix-signature', 'webhook-id', 'webhook-timestamp', 'webhook-signature'];

/** What happens to headers on their way, beside what the changes that are shared with the other test do. */
function headersChanged(choices: Choices, { headers }: Attempt): void {
	const present = NAMES.filter((name) => headers[name] !== undefined);
	const name = choices.pick(present.length > 0 ? present : NAMES);
	const other = choices.pick(NAMES);
	const before = headers[name] ?? '';
	choices.oneOf<unknown>(
		[4, () => (headers[name] = smudged(choices, before))],
		[2, () => (headers[name] = text(choices))],
		[1, () => (headers[name] = before.repeat(choices.between(2, 4)))],
		[1, () => (headers[name] = before.toUpperCase())],
		[1, () => (headers[other] = before)],
		[1, () => Object.assign(headers, { [name]: headers[other] ?? '', [other]: before })],
		[1, () => (headers[name] = `${before} `.repeat(choices.chance(0.02) ? 3000 : 20))],
		[1, () => (headers[name] = 'v1,AAAA '.repeat(choices.chance(0.02) ? 5000 : 30) + before)],
		[1, () => (headers[name] = Buffer.from(before).toString('base64'))],
		[1, () => (headers[name] = Buffer.from(before).toString('hex'))],
	);
}

/** The attempt's headers as lines: in any order and case, some of them in two lines. */
function linesOf(choices: Choices, { headers }: Attempt): [string, string][] {
	const lines = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
		const spelt = choices.oneOf(
			[6, () => name],
			[1, () => name.toUpperCase()],
			[1, () => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())],
		);
		if (!choices.chance(0.06)) return [[spelt, value]];
		const second = choices.oneOf([2, () => value], [2, () => text(choices)], [1, () => `v1,${value}`]);
		return choices.chance(0.5)
			? [
					[spelt, value],
					[name, second],
				]
			: [
					[name, second],
					[spelt, value],
				];
	});
	return choices.chance(0.1) ? lines.reverse() : lines;
}

/** The headers as Node gives them: names in lower case, lines of the same name joined. */
export function joined(lines: Sent['lines']): Record<string, string> {
	const headers: Record<string, string> = {};
	for (const [name, value] of lines) {
		const lower = name.toLowerCase();
		const before = headers[lower];
		headers[lower] = before === undefined ? value : `${before}, ${value}`;
	}
	return headers;
}

/** The same as a server gives them that keeps the lines of one name in a list. */
export function listed(lines: Sent['lines']): Record<string, string | string[]> {
	const headers: Record<string, string | string[]> = {};
	for (const [name, value] of lines) headers[name.toLowerCase()] = [headers[name.toLowerCase()] ?? [], value].flat();
	return headers;
}

/** A delivery that was signed as Svix signs, or nearly, and to which something may have happened since. */
export function sentAttempt(choices: Choices): Sent {
	const encoded = Buffer.from(
		Array.from({ length: choices.oneOf([3, () => 24], [1, () => choices.between(16, 70)]) }, () => choices.below(256)),
	).toString('base64');
	const secret = choices.oneOf(
		[16, () => `whsec_${encoded}`],
		[3, () => choices.pick(SECRET_SPELLINGS)(encoded)],
		[1, () => smudged(choices, `whsec_${encoded}`)],
	);
	const other = choices.oneOf(
		[16, () => ''],
		[4, () => `whsec_${Buffer.from(encoded.padEnd(24, 'A').slice(0, 24)).toString('base64')}`],
		[1, () => choices.pick(SECRET_SPELLINGS)(encoded)],
		[1, () => text(choices)],
	);
	const seconds =
		NOW_SECONDS +
		choices.oneOf(
			[9, () => choices.between(0, 300)],
			[9, () => -choices.between(0, 300)],
			[3, () => choices.pick([300, 301, -300, -301, 299, -299])],
			[2, () => choices.between(-4000, 4000)],
			[1, () => choices.pick([-NOW_SECONDS, 1e10, 1e11, 8.64e12])],
		);
	const timestamp = choices.oneOf(
		[16, () => String(seconds)],
		[3, () => choices.pick(TIMESTAMP_SPELLINGS)(seconds)],
		[1, () => smudged(choices, String(seconds))],
	);
	const id = choices.oneOf(
		[9, () => MESSAGE_ID],
		[2, () => choices.pick(['msg_1', 'a.b', '.', 'ä', ' ', ' msg_1 ', 'msg 1'])],
		[1, () => text(choices)],
	);
	const attempt: Attempt = { secret, headers: {}, body: bodyOf(choices) };
	const breaks = choices.oneOf([9, () => 'never'], [1, () => 'before signing'], [1, () => 'after signing']);
	if (choices.chance(0.04)) attempt.body = bytesChanged(choices, attempt.body);
	if (breaks === 'before signing') breakUtf8(attempt, 0);
	const signedTimestamp = choices.chance(0.5) ? String(parseInt(timestamp, 10)) : timestamp;
	const keys = choices.oneOf(
		[12, () => [keyOf(secret)]],
		[2, () => [keyOf(other)]],
		[2, () => [keyOf(other), keyOf(secret)]],
		[1, () => [Buffer.from('another')]],
		[1, () => [Buffer.alloc(0)]],
	);
	attempt.headers = {
		'svix-id': id,
		'svix-timestamp': timestamp,
		'svix-signature': keys.map((key) => sign(key, id, signedTimestamp, attempt.body)).join(' '),
	};
	if (breaks === 'after signing') breakUtf8(attempt, 0);

	for (let change = choices.oneOf([6, () => 0], [4, () => 1], [2, () => 2], [1, () => 4]); change > 0; change--) {
		choices.oneOf(
			[6, () => choices.pick(CHANGES)(attempt, choices.below(2 ** 31))],
			[3, () => headersChanged(choices, attempt)],
			[1, () => (attempt.body = bytesChanged(choices, attempt.body))],
		);
	}
	return {
		secrets: choices.chance(0.03) ? [other, secret] : [secret, other],
		lines: linesOf(choices, attempt),
		body: choices.chance(0.01) ? null : attempt.body,
		toleranceSeconds: choices.chance(0.1) ? choices.pick([1, 60, 3600]) : 300,
	};
}
