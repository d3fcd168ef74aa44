import { createHmac } from 'node:crypto';
import { verifyWebhook } from '@clerk/backend/webhooks';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as Svix1Webhook } from 'svix';
import { Webhook as Svix2Webhook } from 'svix2';

/**
 * What the libraries say to a delivery, what we say, and where the two may differ: the named
 * exceptions stand here alone, for the test and for the fuzzer.
 */

/** One delivery with the secret that its receiver holds. Header names are in lower case, as Node gives them. */
export interface Attempt {
	secret: string;
	headers: Record<string, string>;
	body: Buffer;
}

const BOM = Buffer.from('\uFEFF');
const REPLACED = Buffer.from('\uFFFD');

export function sign(key: Buffer, id: string, timestamp: string, body: Buffer): string {
	return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

// How a secret, a timestamp, an id and a body may look before they are signed.

type Spelling = (encoded: string) => string;

export const secretSpellings: Record<string, Spelling> = {
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
	'a secret that was cut': (encoded) => `whsec_${encoded.slice(0, 28)}`,
	'a version before it': (encoded) => `v1,whsec_${encoded}`,
	'quotation marks around it': (encoded) => `"whsec_${encoded}"`,
	'a zero-width space before it': (encoded) => `\u200bwhsec_${encoded}`,
	'an AutoConfig token': (encoded) => autoConfig({ esec: `whsec_${encoded}` }),
};

/** An AutoConfig token, as the portal shows it, with these fields. */
export function autoConfig(fields: Readonly<Record<string, unknown>>): string {
	const token = { aid: 'app_1', eid: 'ep_1', surl: 'https://api.eu.svix.com', tok: 'tok_1', ...fields };
	return `auto_v1_${Buffer.from(JSON.stringify(token)).toString('base64')}`;
}

/** The key that the receiver's text stands for, as far as it stands for one. */
export function keyOf(secret: string): Buffer {
	const encoded = (inAutoConfig(secret) ?? secret).trim().replace(/^whsec_/, '');
	return Buffer.from(encoded, 'base64');
}

/** The secret in an AutoConfig token; null for what isn't one. */
function inAutoConfig(secret: string): string | null {
	const [, encoded] = /^\s*auto_v1_(.*)$/s.exec(secret) ?? [];
	if (encoded === undefined) return null;
	try {
		const { esec } = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { esec?: unknown };
		return typeof esec === 'string' ? esec : null;
	} catch {
		return null;
	}
}

export const timestampSpellings: Record<string, (seconds: number) => string> = {
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

/** To libraries that decode the body, such a byte is the same as U+FFFD. */
export const breakUtf8 = inBody((body) => {
	const at = body.indexOf(REPLACED);
	return at < 0 ? body : Buffer.concat([body.subarray(0, at), Buffer.from([0xff]), body.subarray(at + REPLACED.length)]);
});

export const changes: Record<string, Change> = {
	'a byte of the body flipped': inBody((body, pick) => {
		const flipped = Buffer.from(body);
		if (flipped.length > 0) flipped[pick % flipped.length]! ^= 1 << (pick % 8);
		return flipped;
	}),
	'the body formatted again': inBody((body) => {
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

// The libraries that answer beside us.

export type Library = 'svix 1' | 'svix 2' | 'standardwebhooks' | '@clerk/backend';
export type Verdict = 'pass' | 'refuse';

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

export const libraries: Record<Library, (attempt: Attempt) => Verdict | Promise<Verdict>> = {
	'svix 1': ({ secret, headers, body }) => verdict(() => new Svix1Webhook(secret).verify(body, headers)),
	// It checks the signature alone and leaves it to the caller to parse the body.
	'svix 2': ({ secret, headers, body }) => verdict(() => new Svix2Webhook(secret).verify(body, headers)),
	// It knows the webhook-* names alone, so Svix's headers are renamed for it.
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

export const LIBRARIES = Object.keys(libraries) as Library[];

// Where we differ, and why. A difference that is not here is a mistake.

interface Exception {
	readonly name: string;
	readonly libraries: readonly Library[];
	readonly they: Verdict;
	readonly we: readonly string[];
	readonly applies: (attempt: Attempt) => boolean;
}

const timestampOf = ({ headers }: Attempt) => headers['svix-timestamp'] ?? headers['webhook-timestamp'] ?? '';
const encodedKey = ({ secret }: Attempt) => secret.trim().replace(/^whsec_/, '');
/** What the body says in JSON, with or without a byte order mark; undefined where it is no JSON. */
const valueIn = (body: Buffer): unknown => {
	try {
		return JSON.parse(body.toString().replace(/^\uFEFF/, ''));
	} catch {
		return undefined;
	}
};
const namesNoEvent = (body: Buffer) => {
	const value = valueIn(body);
	const type: unknown = Object.getOwnPropertyDescriptor(Object(value), 'type')?.value;
	return value !== undefined && (typeof type !== 'string' || type.trim() === '');
};
const isUtf8 = (body: Buffer) => Buffer.from(body.toString('utf8')).equals(body);
const hasOuterWhiteSpace = ({ headers }: Attempt) => NAMES.some((name) => /^\s|\s$/.test(headers[`svix-${name}`] ?? ''));
const isLeadingZero = (attempt: Attempt) => /^0\d{1,11}$/.test(timestampOf(attempt));

const isShort = ({ secret }: Attempt) => keyOf(secret).length > 0 && keyOf(secret).length < 24;
const beginsWithNumber = (attempt: Attempt) =>
	!/^\d+$/.test(timestampOf(attempt)) && !Number.isNaN(parseInt(timestampOf(attempt), 10));
const isBlankId = ({ headers }: Attempt) => (headers['svix-id'] ?? headers['webhook-id'])?.trim() === '';
const isMixed = ({ headers }: Attempt) =>
	has(headers, 'svix') && NAMES.some((name) => headers[`svix-${name}`] === undefined && headers[`webhook-${name}`] !== undefined);
const hasBom = ({ body }: Attempt) => body.indexOf(BOM) === 0;
const isBroken = ({ body }: Attempt) => !isUtf8(body);

type Applies = Exception['applies'];
/** They let it pass; we say one of these. */
const stricter = (name: string, libraries: readonly Library[], we: readonly string[], applies: Applies): Exception => {
	return { name, libraries, they: 'pass', we, applies };
};
/** They refuse it; we let it pass. */
const laxer = (name: string, libraries: readonly Library[], applies: Applies): Exception => {
	return { name, libraries, they: 'refuse', we: ['accepted'], applies };
};

const CLERK: Library[] = ['@clerk/backend'];
const SECRET = ['secret_unusable'];
const MISMATCH = ['signature_mismatch'];
const BY_HTTP = 'HTTP takes it away before a node could see it';

export const exceptions: readonly Exception[] = [
	stricter('an empty key', ['svix 1'], SECRET, (attempt) => encodedKey(attempt) === ''),
	stricter('a key of fewer bytes than the specification wants', LIBRARIES, SECRET, isShort),
	stricter('a secret that is not whole base64', LIBRARIES, SECRET, (attempt) => encodedKey(attempt).length % 4 !== 0),
	laxer('a secret that was pasted with white space around it', LIBRARIES, ({ secret }) => secret !== secret.trim()),
	laxer('an AutoConfig token, which holds the secret', LIBRARIES, ({ secret }) => inAutoConfig(secret) !== null),
	stricter('a timestamp that is no number but begins with one', LIBRARIES, ['timestamp_malformed'], beginsWithNumber),
	stricter('a timestamp with a leading zero, signed without it', LIBRARIES, MISMATCH, isLeadingZero),
	laxer('a timestamp with a leading zero, signed as it was sent', LIBRARIES, isLeadingZero),
	stricter('a blank id', ['svix 1', 'svix 2', 'standardwebhooks'], ['header_missing'], isBlankId),
	stricter('svix-* and webhook-* headers mixed', ['svix 1', 'svix 2'], ['header_missing'], isMixed),
	laxer('webhook-* headers alone', CLERK, ({ headers }) => !has(headers, 'svix')),
	stricter(`white space around a header, added after signing: ${BY_HTTP}`, CLERK, MISMATCH, hasOuterWhiteSpace),
	laxer(`white space around the id, signed with it: ${BY_HTTP}`, CLERK, hasOuterWhiteSpace),
	stricter('signed JSON that names no event', LIBRARIES, ['body_not_object', 'type_missing'], ({ body }) => namesNoEvent(body)),
	stricter('a signed body that is no JSON', ['svix 2'], ['body_not_json'], ({ body }) => valueIn(body) === undefined),
	stricter('a signed body without a byte', ['standardwebhooks'], ['body_not_json'], ({ body }) => body.length === 0),
	laxer('a byte order mark, signed with the rest', ['svix 1', 'standardwebhooks', '@clerk/backend'], hasBom),
	stricter('a byte order mark put before a signed body', CLERK, MISMATCH, hasBom),
	laxer('bytes that are not UTF-8, signed as they are', LIBRARIES, isBroken),
	stricter('bytes that are not UTF-8 in a body that was signed as text', LIBRARIES, MISMATCH, isBroken),
];

/** The names of the exceptions by which a library may say this where we say that. */
export function reasonsFor(attempt: Attempt, library: Library, theirs: Verdict, code: string): string[] {
	return exceptions
		.filter(
			({ libraries: whose, they, we, applies }) =>
				whose.includes(library) && they === theirs && we.includes(code) && applies(attempt),
		)
		.map(({ name }) => name);
}
