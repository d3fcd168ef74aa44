import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import type { Rejected } from './outcome';

/** The headers with which Svix, which delivers for Clerk, signs a body. */
export interface Signed {
	/** `svix-id`, which is the same for every attempt. */
	readonly id: string;
	/** `svix-timestamp`: seconds since 1970, of this attempt. */
	readonly timestamp: number;
	/** The timestamp as sent, which is part of what was signed. */
	readonly timestampText: string;
	/** `svix-signature`: `v1,<base64>` entries, separated by spaces. */
	readonly signatures: string;
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

const SVIX = ['svix-id', 'svix-timestamp', 'svix-signature'] as const;
const STANDARD = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

/**
 * Reads the three headers. The `webhook-*` names of the Standard Webhooks specification count only if there is no
 * `svix-*` header at all: the two sets are never mixed.
 * @param headers with lower-case names, as in Node
 */
export function readSignedHeaders(headers: Headers): Signed | Rejected {
	const names =
		SVIX.some((name) => headers[name] !== undefined) || STANDARD.every((name) => headers[name] === undefined) ? SVIX : STANDARD;
	const [idName, timestampName, signatureName] = names;
	const id = headerText(headers, idName);
	if (id === null) return { outcome: 'rejected', code: 'header_missing', header: idName };
	const timestampText = headerText(headers, timestampName);
	if (timestampText === null) return { outcome: 'rejected', code: 'header_missing', header: timestampName };
	const signatures = headerText(headers, signatureName);
	if (signatures === null) return { outcome: 'rejected', code: 'header_missing', header: signatureName };
	// Stricter than the JavaScript libraries, whose parseInt accepts "1614265330abc".
	if (!/^\d{1,12}$/.test(timestampText)) return { outcome: 'rejected', code: 'timestamp_malformed' };
	return { id, timestamp: Number(timestampText), timestampText, signatures };
}

function headerText(headers: Headers, name: string): string | null {
	const value = headers[name];
	const text = Array.isArray(value) ? value.join(', ') : value;
	return text === undefined || text.trim() === '' ? null : text;
}

/**
 * Whether an attempt was made just now, within the tolerance.
 * @param tolerance in seconds, inclusive
 * @param now milliseconds since 1970
 */
export function checkTimestamp({ timestamp }: Signed, tolerance: number, now: number): Rejected | null {
	const off = Math.floor(now / 1000) - timestamp;
	if (Math.abs(off) <= tolerance) return null;
	return {
		outcome: 'rejected',
		code: off > 0 ? 'timestamp_too_old' : 'timestamp_too_new',
		secondsOff: Math.abs(off),
		toleranceSeconds: tolerance,
	};
}

/** From bytes, `createHmac` would create a key object at every call, which takes longer than signing a small body. */
function prepared(key: Buffer): KeyObject {
	const before = preparedKeys.get(key);
	if (before) return before;
	const made = createSecretKey(key);
	preparedKeys.set(key, made);
	return made;
}

const preparedKeys = new WeakMap<Buffer, KeyObject>();

/**
 * Whether one of the `v1` entries is the HMAC-SHA256 of `<id>.<timestamp>.<body>` under one of the keys.
 * Every entry is compared, each in constant time.
 * @see Standard Webhooks specification, "Verifying signatures"; Svix, "Verifying webhooks manually"
 */
export function signatureMatches(signed: Signed, body: Buffer, keys: readonly Buffer[]): boolean {
	// As in the libraries, everything after a second comma is ignored, so two header lines joined by ", " still verify.
	const candidates = signed.signatures
		.split(' ')
		.map((entry) => entry.split(','))
		.flatMap(([version, signature]) => (version === 'v1' && signature ? [Buffer.from(signature)] : []));
	let matches = false;
	for (const key of keys) {
		const expected = Buffer.from(
			createHmac('sha256', prepared(key)).update(`${signed.id}.${signed.timestampText}.`).update(body).digest('base64'),
		);
		for (const candidate of candidates) {
			// timingSafeEqual needs equal lengths, and the length of a signature is not secret.
			if (candidate.length === expected.length && timingSafeEqual(candidate, expected)) matches = true;
		}
	}
	return matches;
}
