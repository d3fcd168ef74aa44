import { gzipSync } from 'node:zlib';

import { signed } from '../support/deliveries';
import type { Seeded } from '../support/svixSender';
import type { Sending } from './rawRequest';

export type Recorded = Sending & { readonly body: string };

/** What an attacker has: no secret, but what went over the wire before. */
export interface Attacker {
	readonly random: Seeded;
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

const MB = 1_000_000;
/** n8n takes up to 16 MiB. */
const tooBig = Buffer.alloc(18 * MB, ' ');
/** 64 MB of spaces in some 60 kB. */
const bomb = gzipSync(Buffer.alloc(64 * MB, ' '));
const GZIP = { 'content-encoding': 'gzip' };
const BYTES = { 'content-type': 'application/octet-stream' };
const FORM = { 'content-type': 'multipart/form-data; boundary=x' };

const signature = (random: Seeded) => `v1,${random.bytes(32).toString('base64')}`;

/** Headers as Svix sends them, with a signature made up. */
function forged({ id, random }: Attacker, more: Record<string, string> = {}): Record<string, string> {
	return {
		'content-type': 'application/json',
		'svix-id': id(),
		'svix-timestamp': String(Math.floor(Date.now() / 1000)),
		'svix-signature': signature(random),
		...more,
	};
}

/** Headers of a delivery that is well signed, with a secret of the attacker's. */
function signedByStranger({ id, secret }: Attacker, body: string, at = Date.now()): Record<string, string> {
	return { 'content-type': 'application/json', ...signed(body, { secret, id: id(), at }) };
}

function form(text: string): string {
	const part = (name: string, more = '') => `--x\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n${text}\r\n`;
	return `${part('type')}${part('file', '; filename="payload.json"\r\ncontent-type: application/json')}--x--\r\n`;
}

/** A kind that the node itself refuses. */
const rejected = (name: string, share: number, make: Kind['make'], heavy = false): Kind => {
	return { name, share, make, heavy, statuses: [401], outcomes: ['rejected'] };
};
/** A kind that n8n or Node.js answers before the node. */
const stopped = (name: string, share: number, statuses: number[], make: Kind['make'], heavy = false): Kind => {
	return { name, share, make, heavy, statuses };
};

/** Every way of attacking the URL that we could think of; the shares add up to 10,000. */
export const KINDS: readonly Kind[] = [
	rejected('forged signature', 1800, (attacker) => ({ headers: forged(attacker), body: attacker.body() })),
	rejected("another secret's signature", 1500, (attacker) => {
		const body = attacker.body();
		return { headers: signedByStranger(attacker, body), body };
	}),
	rejected('header missing or blank', 1000, (attacker) => {
		const { random } = attacker;
		const headers = forged(attacker);
		const name = random.oneOf(['svix-id', 'svix-timestamp', 'svix-signature']);
		const value = random.oneOf([undefined, undefined, '', ' ', '\t']);
		delete headers[name];
		if (value !== undefined) headers[name] = value;
		// The other name of the same header must not take its place.
		if (random.next() < 0.3) headers[name.replace('svix', 'webhook')] = random.oneOf(['x', signature(random)]);
		return { headers, body: attacker.body() };
	}),
	rejected('timestamp out of the window', 900, (attacker) => {
		const body = attacker.body();
		const headers = signedByStranger(attacker, body, Date.now() + attacker.random.oneOf([-1, 1]) * 3_600_000);
		const odd = attacker.random.oneOf([undefined, undefined, '-1', '1e10', '9'.repeat(400), '0x10', 'now']);
		return { headers: { ...headers, ...(odd === undefined ? {} : { 'svix-timestamp': odd }) }, body };
	}),
	{
		...{ name: 'replayed', share: 1000, statuses: [200], outcomes: ['duplicate'] },
		make: async ({ recorded }) => await recorded(),
	},
	rejected('replayed with another body', 700, async (attacker) => {
		const { headers, body } = await attacker.recorded();
		return { headers, body: attacker.random.oneOf([`${body} `, attacker.body(), body.replace('"user_', '"USER_')]) };
	}),
	rejected('replayed with another id or time', 400, async (attacker) => {
		const { headers, body } = await attacker.recorded();
		const later = String(Number(headers['svix-timestamp']) + 1);
		const changed = attacker.random.oneOf<Record<string, string>>([{ 'svix-id': attacker.id() }, { 'svix-timestamp': later }]);
		return { headers: { ...headers, ...changed }, body };
	}),
	stopped('malformed JSON', 700, [422], (attacker) => {
		const body = attacker.body();
		const malformed = [body.slice(0, -1), `${body},`, body.replaceAll('"', "'"), `{${body}}`, '\u0000'];
		return { headers: forged(attacker), body: attacker.random.oneOf(malformed) };
	}),
	rejected('another content type', 500, (attacker) => {
		const text = attacker.body();
		const [type, body] = attacker.random.oneOf<[string | undefined, string | Buffer]>([
			['text/plain', text],
			['application/x-www-form-urlencoded', `type=user.created&data=${encodeURIComponent(text)}`],
			['application/xml', `<data>${text.replace(/[<&]/g, '')}</data>`],
			['application/octet-stream', attacker.random.bytes(2000)],
			['application/cloudevents+json', text],
			['*/;;=', text],
			[undefined, text],
		]);
		const headers = forged(attacker);
		if (type === undefined) delete headers['content-type'];
		else headers['content-type'] = type;
		return { headers, body };
	}),
	rejected('multipart form', 250, (attacker) => ({ headers: forged(attacker, FORM), body: form(attacker.body()) })),
	stopped('broken multipart form', 100, [400], (attacker) => {
		return { headers: forged(attacker, FORM), body: form(attacker.body()).slice(0, -20) };
	}),
	stopped('not POST', 400, [404], (attacker) => {
		const method = attacker.random.oneOf(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']);
		return { method, headers: forged(attacker), body: ['GET', 'HEAD'].includes(method) ? '' : attacker.body() };
	}),
	rejected('hundreds and thousands of signatures', 200, (attacker) => {
		const many = attacker.random.oneOf([
			() => Array.from({ length: 280 }, () => signature(attacker.random)).join(' '),
			() => 'v1,x '.repeat(2800),
			() => ' '.repeat(13_000) + signature(attacker.random),
			() => `v1${','.repeat(13_000)}`,
		]);
		return { headers: forged(attacker, { 'svix-signature': many() }), body: attacker.body() };
	}),
	rejected('headers of 15 kB', 100, (attacker) => {
		const name = attacker.random.oneOf(['svix-id', 'x-forwarded-for', 'user-agent']);
		return { headers: forged(attacker, { [name]: 'a'.repeat(15_000) }), body: attacker.body() };
	}),
	// From Node.js itself, which then ends the connection.
	stopped('headers of 17 kB', 50, [431, 0], (attacker) => {
		return { headers: forged(attacker, { 'svix-id': 'a'.repeat(17_000) }), body: attacker.body() };
	}),
	rejected(
		'deep nesting',
		60,
		(attacker) => {
			const [open, close] = attacker.random.oneOf<[string, string]>([
				['[', ']'],
				['{"data":', '}'],
			]);
			return { headers: forged(attacker), body: `${open.repeat(50_000)}1${close.repeat(50_000)}` };
		},
		true,
	),
	rejected('polluting keys', 60, (attacker) => {
		const keys = '"__proto__":{"outcome":"accepted"},"constructor":{"prototype":{"type":"user.created"}}';
		return { headers: forged(attacker), body: `{${keys},"data":${attacker.body()}}` };
	}),
	rejected(
		'body of some MB',
		60,
		(attacker) => {
			const filler = 'ä'.repeat(MB * attacker.random.between(1, 3));
			const body = attacker.body().replace('{', `{"filler":"${filler}",`);
			return { headers: forged(attacker), body, chunked: attacker.random.next() < 0.5 };
		},
		true,
	),
	stopped("body above n8n's 16 MB", 20, [500], (attacker) => big(attacker, {}), true),
	rejected("body above n8n's 16 MB, not as JSON", 10, (attacker) => big(attacker, BYTES), true),
	stopped('gzip that unpacks to 64 MB', 25, [500], (attacker) => ({ headers: forged(attacker, GZIP), body: bomb }), true),
	rejected(
		'gzip that unpacks to 64 MB, not as JSON',
		15,
		(attacker) => ({ headers: forged(attacker, { ...GZIP, ...BYTES }), body: bomb }),
		true,
	),
	stopped('broken gzip', 40, [500], (attacker) => ({ headers: forged(attacker, GZIP), body: attacker.body() })),
	stopped('connection broken in the body', 80, [0], (attacker) => {
		const zipped = attacker.random.next() < 0.2;
		const body = zipped ? gzipSync(attacker.body()) : attacker.body();
		return { headers: forged(attacker, zipped ? GZIP : {}), body, breakAfter: Math.floor(body.length / 2) };
	}),
	stopped('body sent slowly, then broken off', 30, [0], (attacker) => {
		return { headers: forged(attacker), body: attacker.body(), breakAfter: 500, over: 2000 };
	}),
];

function big(attacker: Attacker, type: Record<string, string>): Sending {
	return { headers: forged(attacker, type), body: tooBig, chunked: attacker.random.next() < 0.5 };
}

/** So many requests in all, of every kind at least one, in the order of the kinds. */
export function portions(total: number): Kind[] {
	const counts = KINDS.map(({ share }) => Math.max(1, Math.round((share * total) / 10_000)));
	// Rounding goes to the account of the first, which is the largest.
	counts[0] = (counts[0] ?? 0) + total - counts.reduce((sum, count) => sum + count, 0);
	return KINDS.flatMap((kind, index) => Array.from({ length: counts[index] ?? 0 }, () => kind));
}
