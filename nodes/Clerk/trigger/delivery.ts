import { isObject, objectAt } from '../events/payload';
import type { ClerkObject, Envelope, Environment } from '../events/payload';
import type { Misconfigured, Rejected } from './outcome';
import { checkTimestamp, readSignedHeaders, signatureMatches } from './signature';
import type { Headers } from './signature';
import type { SigningKeys } from './settings';

/** A request as it came in: headers with names in lower case, and the very bytes of the body. */
export interface Received {
	readonly headers: Headers;
	/** Null where n8n could not give the bytes: a multipart form, or more than its limit. */
	readonly body: Buffer | null;
}

declare const verified: unique symbol;

/**
 * A delivery that Clerk signed. Only `verifyDelivery` makes one, so whatever asks for it can't be
 * handed anything else.
 */
export interface VerifiedDelivery {
	readonly [verified]: true;
	/** `svix-id` */
	readonly id: string;
	/** When this attempt was made, milliseconds since 1970. */
	readonly sentAt: number;
	/** Which instance's endpoint it came through; null where nothing tells. */
	readonly environment: Environment | null;
	readonly envelope: Envelope;
	/** `envelope.data`, or an empty object where that isn't one. */
	readonly data: ClerkObject;
}

/** The part of n8n's request object that is read here. */
export interface WebhookRequest {
	readonly headers: Headers;
	rawBody?: Buffer;
	readRawBody?(): Promise<void>;
}

/**
 * Takes headers and bytes from n8n's request.
 * n8n reads the bytes by itself for JSON; for other content types they have to be asked for.
 */
export async function receive(request: WebhookRequest): Promise<Received> {
	try {
		if (request.rawBody === undefined) await request.readRawBody?.();
	} catch {
		return { headers: request.headers, body: null };
	}
	return { headers: request.headers, body: request.rawBody ?? null };
}

/**
 * Checks who sent it, then parses it.
 * @param toleranceSeconds how far the delivery's clock may be off, inclusive
 * @param now milliseconds since 1970
 * @returns the delivery, or why it can't be let in; never throws
 */
export function verifyDelivery(
	{ headers, body }: Received,
	keys: SigningKeys,
	toleranceSeconds: number,
	now: number,
): VerifiedDelivery | Rejected | Misconfigured {
	const signed = readSignedHeaders(headers);
	if ('outcome' in signed) return signed;
	const offTime = checkTimestamp(signed, toleranceSeconds, now);
	if (offTime) return offTime;
	if (body === null) return { outcome: 'rejected', code: 'body_unreadable' };
	if (!signatureMatches(signed, body, keys.usable)) {
		// Where only the previous secret can be read, "wrong signature" may not be true, and Clerk should try again.
		return !keys.currentUsable && keys.problem ? keys.problem : { outcome: 'rejected', code: 'signature_mismatch' };
	}
	let value: unknown;
	try {
		// Some senders put a byte order mark before JSON, which JSON.parse does not take.
		value = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
	} catch {
		return { outcome: 'rejected', code: 'body_not_json' };
	}
	if (!isObject(value)) return { outcome: 'rejected', code: 'body_not_object' };
	if (!isEnvelope(value)) return { outcome: 'rejected', code: 'type_missing' };
	const data = objectAt(value, 'data') ?? {};
	const { environment } = keys;
	return { id: signed.id, sentAt: signed.timestamp * 1000, environment, envelope: value, data } as VerifiedDelivery;
}

function isEnvelope(value: ClerkObject): value is Envelope {
	return typeof value['type'] === 'string' && value['type'].trim() !== '';
}
