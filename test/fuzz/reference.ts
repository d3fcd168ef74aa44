import { createHmac } from 'node:crypto';

/**
 * The rules of a delivery and of a path once more, said in another way than in nodes/, so that the
 * fuzzer has something to hold them against. Slow, short, and without anything of nodes/ in it.
 */

export interface Arrived {
	/** Signing secrets as they were typed, the current one first. */
	readonly secrets: readonly string[];
	/** Names in lower case, as Node gives them. */
	readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
	readonly body: Buffer | null;
	readonly toleranceSeconds: number;
	/** Milliseconds since 1970. */
	readonly now: number;
}

export type Judgement =
	| { readonly code: 'accepted'; readonly id: string; readonly seconds: number; readonly envelope: unknown }
	| { readonly code: 'header_missing'; readonly header: string }
	| { readonly code: string };

/** The bytes that a secret stands for, also in an AutoConfig token; null for a text that stands for none. */
export function keyIn(secret: string): Buffer | null {
	const bare = secret.trim();
	if (bare.startsWith('auto_v1_')) return keyInToken(bare.slice(8));
	const encoded = bare.startsWith('whsec_') ? bare.slice(6) : bare;
	const letters = encoded.replace(/={1,2}$/, '');
	const whole = encoded.length > 0 && encoded.length % 4 === 0;
	// 24 bytes are 32 letters of base64.
	return whole && letters.length >= 32 && /^[A-Za-z0-9+/]+$/.test(letters) ? Buffer.from(letters, 'base64') : null;
}

/** `{ aid, eid, surl, esec, tok }`, none of them blank, with a server to which a token may be sent. */
function keyInToken(encoded: string): Buffer | null {
	let token: unknown;
	try {
		token = JSON.parse(Buffer.from(encoded, 'base64').toString());
	} catch {
		return null;
	}
	const fields = ['aid', 'eid', 'surl', 'esec', 'tok'].map((name) => at(token, [name]));
	if (Array.isArray(token) || !fields.every((field) => typeof field === 'string' && !isBlank(field))) return null;
	const [app, endpoint, server, secret] = fields as string[];
	// Dots alone would lead elsewhere in a URL.
	if ([app, endpoint].some((name) => name !== undefined && [...name].every((sign) => sign === '.'))) return null;
	const here = ['localhost', '127.0.0.1', '[::1]'].map((host) => `http://${host}`).find((start) => server?.startsWith(start));
	const afterHost = here === undefined ? undefined : server?.slice(here.length).split('/', 1)[0];
	const safe = server?.startsWith('https://') === true || afterHost === '' || /^:\d+$/.test(afterHost ?? '');
	return safe ? keyIn(secret ?? '') : null;
}

function isBlank(text: string): boolean {
	return text.replace(/\s/g, '').length === 0;
}

export function judge({ secrets, headers, body, toleranceSeconds, now }: Arrived): Judgement {
	const keys = secrets.map(keyIn);
	if (keys.every((key) => key === null)) return { code: 'secret_unusable' };

	const own = Object.keys(headers).filter((name) => headers[name] !== undefined);
	const family = own.some((name) => /^svix-(id|timestamp|signature)$/.test(name))
		? 'svix'
		: own.some((name) => /^webhook-(id|timestamp|signature)$/.test(name))
			? 'webhook'
			: 'svix';
	const texts: string[] = [];
	for (const name of ['id', 'timestamp', 'signature']) {
		const text = [headers[`${family}-${name}`] ?? ''].flat().join(', ');
		if (isBlank(text)) return { code: 'header_missing', header: `${family}-${name}` };
		texts.push(text);
	}
	const [id = '', timestamp = '', signature = ''] = texts;

	if (timestamp.length > 12 || [...timestamp].some((digit) => !'0123456789'.includes(digit))) {
		return { code: 'timestamp_malformed' };
	}
	const seconds = parseInt(timestamp, 10);
	const age = (now - (now % 1000)) / 1000 - seconds;
	if (age > toleranceSeconds) return { code: 'timestamp_too_old' };
	if (age < -toleranceSeconds) return { code: 'timestamp_too_new' };
	if (body === null) return { code: 'body_unreadable' };

	const signedBytes = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
	const valid = new Set(
		keys.flatMap((key) => (key === null ? [] : [createHmac('sha256', key).update(signedBytes).digest().toString('base64')])),
	);
	const offered = signature.split(' ').flatMap((entry) => /^v1,([^,]+)/.exec(entry)?.[1] ?? []);
	if (!offered.some((candidate) => valid.has(candidate))) {
		// Where the current secret can't be read, it may be the right one.
		return { code: keys[0] === null ? 'secret_unusable' : 'signature_mismatch' };
	}

	let envelope: unknown;
	try {
		// It takes one byte order mark away, if there is one.
		envelope = JSON.parse(new TextDecoder().decode(body));
	} catch {
		return { code: 'body_not_json' };
	}
	if (Object.prototype.toString.call(envelope) !== '[object Object]') return { code: 'body_not_object' };
	const type = Object.getOwnPropertyDescriptor(envelope, 'type')?.value as unknown;
	if (typeof type !== 'string' || isBlank(type)) return { code: 'type_missing' };
	return { code: 'accepted', id, seconds, envelope };
}

/** The steps of a path, or null; a typed path is one name, then `.name`, `[place]` or `["name"]` any number of times. */
export function stepsOf(typed: string): (string | number)[] | null {
	const steps: (string | number)[] = [];
	const signs = typed.trim();
	let at = 0;
	const until = (ends: (sign: string) => boolean): string => {
		const from = at;
		while (at < signs.length && !ends(signs.charAt(at))) at++;
		return signs.slice(from, at);
	};
	do {
		if (signs.charAt(at) === '[' && steps.length > 0) {
			const quote = signs.charAt(++at);
			if (quote === '"' || quote === "'") {
				at++;
				steps.push(until((sign) => sign === quote));
				if (signs.charAt(at++) !== quote) return null;
			} else {
				const place = until((sign) => !(sign >= '0' && sign <= '9'));
				if (place.length === 0 || place.length > 6) return null;
				steps.push(parseInt(place, 10));
			}
			if (signs.charAt(at++) !== ']') return null;
			continue;
		}
		if (steps.length > 0 && signs.charAt(at++) !== '.') return null;
		const name = until((sign) => sign === '.' || sign === '[' || sign === ']' || sign.trim() === '');
		if (name === '') return null;
		steps.push(name);
	} while (at < signs.length);
	return steps;
}

/** What is at the steps; undefined where there is nothing. */
export function at(root: unknown, steps: readonly (string | number)[]): unknown {
	return steps.reduce<unknown>(
		(found, step) =>
			typeof found === 'object' && found !== null ? Object.getOwnPropertyDescriptor(found, step)?.value : undefined,
		root,
	);
}
