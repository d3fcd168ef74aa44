import { isObject, objectAt } from '../events/payload';
import type { ClerkObject, Envelope, Environment } from '../events/payload';
import type { Misconfigured, Rejected } from './outcome';
import { checkTimestamp, readSignedHeaders, signatureMatches } from './signature';
import type { Headers } from './signature';
import type { SigningKeys } from './settings';

/** A request as received: headers with lower-case names, and the exact bytes of the body. */
export interface Received {
	readonly headers: Headers;
	/** Null if n8n could not provide the bytes: for a multipart form, or above its size limit. */
	readonly body: Buffer | null;
}

declare const verified: unique symbol;

/**
 * A delivery that Clerk signed. Only `verifyDelivery` creates one, so code that takes a `VerifiedDelivery` can't get
 * anything unverified.
 */
export interface VerifiedDelivery {
	readonly [verified]: true;
	/** `svix-id` */
	readonly id: string;
	/** When this attempt was made, milliseconds since 1970. */
	readonly sentAt: number;
	/** The environment of the instance that sent it; null if unknown. */
	readonly environment: Environment | null;
	readonly envelope: Envelope;
	/** `envelope.data`, or an empty object if that isn't an object. */
	readonly data: ClerkObject;
}

/** The part of n8n's request object that is read here. */
export interface WebhookRequest {
	readonly headers: Headers;
	rawBody?: Buffer;
	readRawBody?(): Promise<void>;
}

/**
 * Gets headers and bytes from n8n's request.
 * n8n reads the bytes itself for JSON. For other content types, it has to be asked.
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
 * Verifies the sender, then parses the body.
 * @param toleranceSeconds how far the delivery's clock may be off, inclusive
 * @param now milliseconds since 1970
 * @returns the delivery, or why it is refused; never throws
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
		// If only the previous secret can be read, the signature may still be right, so Clerk should retry.
		return !keys.currentUsable && keys.problem ? keys.problem : { outcome: 'rejected', code: 'signature_mismatch' };
	}
	let value: unknown;
	try {
		// Some senders put a byte order mark before JSON, which JSON.parse does not accept.
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
