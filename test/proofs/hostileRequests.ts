import { gzipSync } from 'node:zlib';

import { signed } from '../support/deliveries';
import type { Sending } from './rawRequest';

/** Numbers from 0 to 1 that look random and are the same for the same seed. */
export type Random = () => number;

/** mulberry32 */
export function seeded(seed: number): Random {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

export function oneOf<T>(choices: readonly T[], random: Random): T {
	if (choices.length === 0) throw new Error('There is nothing to choose from');
	return choices[Math.floor(random() * choices.length)] as T;
}

export function shuffled<T>(values: readonly T[], random: Random): T[] {
	return values
		.map((value) => ({ value, place: random() }))
		.sort((a, b) => a.place - b.place)
		.map(({ value }) => value);
}

export type Recorded = Sending & { readonly body: string };

/** What an attacker has: no secret, but what went over the wire before. */
export interface Attacker {
	readonly random: Random;
	/** A body like Clerk's, with the attacker's own texts in it. */
	readonly body: () => string;
	/** An id that was not used before. */
	readonly id: () => string;
	/** A secret that isn't the endpoint's. */
	readonly secret: string;
	/** A genuine delivery that was answered a moment ago, byte for byte. */
	readonly recorded: () => Promise<Recorded>;
}

export interface Kind {
	readonly name: string;
	/** Out of 10,000 requests. */
	readonly share: number;
	make(attacker: Attacker): Sending | Promise<Sending>;
	/** Whether it makes n8n hold megabytes for a moment. */
	readonly heavy?: boolean;
	/** The statuses that it may be answered with; 0 is a connection that ended without an answer. */
	readonly statuses: readonly number[];
	/** What the node says, where it is the node that answers. */
	readonly outcomes?: readonly string[];
}

const JSON_TYPE = { 'content-type': 'application/json' };
const MB = 1_000_000;

/** n8n takes up to 16 MiB. */
const tooBig = Buffer.alloc(18 * MB, ' ');
/** 64 MB of blanks in some 60 kB. */
const bomb = gzipSync(Buffer.alloc(64 * MB, ' '));

const bytes = (count: number, random: Random) => Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256)));
const signature = (random: Random) => `v1,${bytes(32, random).toString('base64')}`;

/** Headers as Svix sends them, with a signature made up. */
function forged({ id, random }: Attacker): Record<string, string> {
	return {
		...JSON_TYPE,
		'svix-id': id(),
		'svix-timestamp': String(Math.floor(Date.now() / 1000)),
		'svix-signature': signature(random),
	};
}

/** Headers of a delivery that is well signed, with a secret of the attacker's. */
function signedByStranger({ id, secret }: Attacker, body: string, at = Date.now()): Record<string, string> {
	return { ...JSON_TYPE, ...signed(body, { secret, id: id(), at }) };
}

function form(text: string): string {
	const part = (name: string, more = '') => `--x\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n${text}\r\n`;
	return `${part('type')}${part('file', '; filename="payload.json"\r\ncontent-type: application/json')}--x--\r\n`;
}

const REJECTED = { statuses: [401], outcomes: ['rejected'] };

/** Every way of attacking the URL that we could think of; the shares add up to 10,000. */
export const KINDS: readonly Kind[] = [
	{
		name: 'forged signature',
		share: 1800,
		make: (attacker) => ({ headers: forged(attacker), body: attacker.body() }),
		...REJECTED,
	},
	{
		name: "another secret's signature",
		share: 1500,
		make(attacker) {
			const body = attacker.body();
			return { headers: signedByStranger(attacker, body), body };
		},
		...REJECTED,
	},
	{
		name: 'header missing or blank',
		share: 1000,
		make(attacker) {
			const headers = forged(attacker);
			const name = oneOf(['svix-id', 'svix-timestamp', 'svix-signature'], attacker.random);
			const value = oneOf([undefined, undefined, '', ' ', '\t'], attacker.random);
			delete headers[name];
			if (value !== undefined) headers[name] = value;
			// The other name of the same header must not take its place.
			if (attacker.random() < 0.3)
				headers[name.replace('svix', 'webhook')] = oneOf(['x', signature(attacker.random)], attacker.random);
			return { headers, body: attacker.body() };
		},
		...REJECTED,
	},
	{
		name: 'timestamp out of the window',
		share: 900,
		make(attacker) {
			const body = attacker.body();
			const headers = signedByStranger(attacker, body, Date.now() + oneOf([-1, 1], attacker.random) * 3_600_000);
			const odd = oneOf([undefined, undefined, '-1', '1e10', '9'.repeat(400), '0x10', 'now'], attacker.random);
			return { headers: { ...headers, ...(odd === undefined ? {} : { 'svix-timestamp': odd }) }, body };
		},
		...REJECTED,
	},
	{
		name: 'replayed',
		share: 1000,
		make: async ({ recorded }) => await recorded(),
		statuses: [200],
		outcomes: ['duplicate'],
	},
	{
		name: 'replayed with another body',
		share: 700,
		async make(attacker) {
			const { headers, body } = await attacker.recorded();
			return { headers, body: oneOf([`${body} `, attacker.body(), body.replace('"user_', '"USER_')], attacker.random) };
		},
		...REJECTED,
	},
	{
		name: 'replayed with another id or time',
		share: 400,
		async make(attacker) {
			const { headers, body } = await attacker.recorded();
			const seconds = Number(headers['svix-timestamp']);
			const changed = oneOf<Record<string, string>>(
				[{ 'svix-id': attacker.id() }, { 'svix-timestamp': String(seconds + 1) }],
				attacker.random,
			);
			return { headers: { ...headers, ...changed }, body };
		},
		...REJECTED,
	},
	{
		name: 'malformed JSON',
		share: 700,
		make(attacker) {
			const body = attacker.body();
			return {
				headers: forged(attacker),
				body: oneOf([body.slice(0, -1), `${body},`, body.replaceAll('"', "'"), `{${body}}`, '\u0000'], attacker.random),
			};
		},
		statuses: [422],
	},
	{
		name: 'another content type',
		share: 500,
		make(attacker) {
			const [type, body] = oneOf<[string | undefined, string | Buffer]>(
				[
					['text/plain', attacker.body()],
					['application/x-www-form-urlencoded', `type=user.created&data=${encodeURIComponent(attacker.body())}`],
					['application/xml', `<data>${attacker.body().replace(/[<&]/g, '')}</data>`],
					['application/octet-stream', bytes(2000, attacker.random)],
					['application/cloudevents+json', attacker.body()],
					['*/;;=', attacker.body()],
					[undefined, attacker.body()],
				],
				attacker.random,
			);
			const headers = forged(attacker);
			if (type === undefined) delete headers['content-type'];
			else headers['content-type'] = type;
			return { headers, body };
		},
		...REJECTED,
	},
	{
		name: 'multipart form',
		share: 250,
		make: (attacker) => ({
			headers: { ...forged(attacker), 'content-type': 'multipart/form-data; boundary=x' },
			body: form(attacker.body()),
		}),
		...REJECTED,
	},
	{
		name: 'broken multipart form',
		share: 100,
		make: (attacker) => ({
			headers: { ...forged(attacker), 'content-type': 'multipart/form-data; boundary=x' },
			body: form(attacker.body()).slice(0, -20),
		}),
		statuses: [400],
	},
	{
		name: 'not POST',
		share: 400,
		make(attacker) {
			const method = oneOf(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'], attacker.random);
			return { method, headers: forged(attacker), body: ['GET', 'HEAD'].includes(method) ? '' : attacker.body() };
		},
		statuses: [404],
	},
	{
		name: 'hundreds and thousands of signatures',
		share: 200,
		make(attacker) {
			const many = oneOf(
				[
					() => Array.from({ length: 280 }, () => signature(attacker.random)).join(' '),
					() => 'v1,x '.repeat(2800),
					() => ' '.repeat(13_000) + signature(attacker.random),
					() => `v1${','.repeat(13_000)}`,
				],
				attacker.random,
			);
			return { headers: { ...forged(attacker), 'svix-signature': many() }, body: attacker.body() };
		},
		...REJECTED,
	},
	{
		name: 'headers of 15 kB',
		share: 100,
		make(attacker) {
			const name = oneOf(['svix-id', 'x-forwarded-for', 'user-agent'], attacker.random);
			return { headers: { ...forged(attacker), [name]: 'a'.repeat(15_000) }, body: attacker.body() };
		},
		...REJECTED,
	},
	{
		name: 'headers of 17 kB',
		share: 50,
		make: (attacker) => ({ headers: { ...forged(attacker), 'svix-id': 'a'.repeat(17_000) }, body: attacker.body() }),
		// From Node.js itself, which then ends the connection.
		statuses: [431, 0],
	},
	{
		name: 'deep nesting',
		share: 60,
		heavy: true,
		make(attacker) {
			const [open, close] = oneOf(
				[
					['[', ']'],
					['{"data":', '}'],
				] as const,
				attacker.random,
			);
			return { headers: forged(attacker), body: `${open.repeat(50_000)}1${close.repeat(50_000)}` };
		},
		...REJECTED,
	},
	{
		name: 'polluting keys',
		share: 60,
		make: (attacker) => ({
			headers: forged(attacker),
			body: `{"__proto__":{"outcome":"accepted"},"constructor":{"prototype":{"type":"user.created"}},"data":${attacker.body()}}`,
		}),
		...REJECTED,
	},
	{
		name: 'body of some MB',
		share: 60,
		heavy: true,
		make(attacker) {
			const body = attacker.body().replace('{', `{"filler":"${'ä'.repeat(MB * (1 + 2 * attacker.random()))}",`);
			return { headers: forged(attacker), body, chunked: attacker.random() < 0.5 };
		},
		...REJECTED,
	},
	{
		name: "body above n8n's 16 MB",
		share: 20,
		heavy: true,
		make: (attacker) => ({ headers: forged(attacker), body: tooBig, chunked: attacker.random() < 0.5 }),
		statuses: [500],
	},
	{
		name: "body above n8n's 16 MB, not as JSON",
		share: 10,
		heavy: true,
		make: (attacker) => ({
			headers: { ...forged(attacker), 'content-type': 'application/octet-stream' },
			body: tooBig,
			chunked: attacker.random() < 0.5,
		}),
		...REJECTED,
	},
	{
		name: 'gzip that unpacks to 64 MB',
		share: 25,
		heavy: true,
		make: (attacker) => ({ headers: { ...forged(attacker), 'content-encoding': 'gzip' }, body: bomb }),
		statuses: [500],
	},
	{
		name: 'gzip that unpacks to 64 MB, not as JSON',
		share: 15,
		heavy: true,
		make: (attacker) => ({
			headers: { ...forged(attacker), 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' },
			body: bomb,
		}),
		...REJECTED,
	},
	{
		name: 'broken gzip',
		share: 40,
		make: (attacker) => ({ headers: { ...forged(attacker), 'content-encoding': 'gzip' }, body: attacker.body() }),
		statuses: [500],
	},
	{
		name: 'connection broken in the body',
		share: 80,
		make(attacker) {
			const gzip: Record<string, string> = attacker.random() < 0.2 ? { 'content-encoding': 'gzip' } : {};
			const body = gzip['content-encoding'] ? gzipSync(attacker.body()) : attacker.body();
			return { headers: { ...forged(attacker), ...gzip }, body, breakAfter: Math.floor(body.length / 2) };
		},
		statuses: [0],
	},
	{
		name: 'body sent slowly, then broken off',
		share: 30,
		make: (attacker) => ({ headers: forged(attacker), body: attacker.body(), breakAfter: 500, over: 2000 }),
		statuses: [0],
	},
];

/** So many requests in all, of every kind at least one, in the order of the kinds. */
export function portions(total: number): Kind[] {
	const counts = KINDS.map(({ share }) => Math.max(1, Math.round((share * total) / 10_000)));
	// Rounding goes to the account of the first, which is the largest.
	counts[0] = (counts[0] ?? 0) + total - counts.reduce((sum, count) => sum + count, 0);
	return KINDS.flatMap((kind, index) => Array.from({ length: counts[index] ?? 0 }, () => kind));
}
