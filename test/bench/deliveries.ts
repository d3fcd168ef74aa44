import { createHmac, createSecretKey } from 'node:crypto';

import { fixture } from '../support/deliveries';
import type { SvixHeaders } from '../support/deliveries';

/** As large as a delivery about a user with two addresses and some metadata, in bytes. */
export const TYPICAL = 3072;

/** A user that every option has something to do with, as Clerk sent it. */
const { instance_id: instanceId, data: user } = fixture('edge.user.updated.several_emails_primary_second').envelope;
export const INSTANCE = String(instanceId);

const SENTENCE = 'Something that the application keeps with its user.';

/** Metadata that is so many characters long as JSON, 2 at least: entries of a usual length, and a filler. */
function metadata(length: number): object {
	const entries: object[] = [];
	const empty = JSON.stringify({ entries, filler: '' }).length;
	if (length < empty) return {};
	for (let left = length - empty; ;) {
		const entry = { position: entries.length, kept: true, text: SENTENCE };
		const added = JSON.stringify(entry).length + (entries.length > 0 ? 1 : 0);
		if (added > left) return { entries, filler: 'x'.repeat(left) };
		entries.push(entry);
		left -= added;
	}
}

/**
 * Makes bodies that differ in their user alone and are all of the same length.
 * @param wrap puts a user into the envelope of the service that sends it
 * @param size in bytes; where a user without metadata is larger, it is sent without
 * @returns the body for a user's id, which has to be as long as `nextUser` makes them
 */
export function bodies(wrap: (data: object) => object, size = TYPICAL): (userId: string) => Buffer {
	const placeholder = userIdOf(0);
	const text = (length: number) => JSON.stringify(wrap({ ...user, id: placeholder, public_metadata: metadata(length) }));
	const [before = '', after = ''] = text(size - text(0).length + metadataLength(0)).split(placeholder);
	return (userId) => Buffer.from(before + userId + after);
}

function metadataLength(length: number): number {
	return JSON.stringify(metadata(length)).length;
}

function userIdOf(count: number): string {
	return `user_of_the_benchmark_${String(count).padStart(8, '0')}`;
}

let users = 0;

/** An id that no user had before. */
export function nextUser(): string {
	return userIdOf(++users);
}

export const clerkEvent = (type: string) => (data: object) => ({
	data,
	event_attributes: { http_request: { client_ip: '203.0.113.7', user_agent: 'okhttp/4.12.0' } },
	instance_id: INSTANCE,
	object: 'event',
	timestamp: 1_744_276_393_644,
	type,
});

export const stripeEvent = (data: object) => ({
	id: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
	object: 'event',
	api_version: '2024-06-20',
	created: 1_744_276_393,
	data: { object: data },
	livemode: false,
	type: 'customer.created',
});

export const gitHubEvent = (data: object) => ({ action: 'created', star: data, sender: { login: 'octocat', id: 1 } });

/** Signs as Svix does, but on the processor's own instructions: bodies of 10 MB take its JavaScript library a while. */
export class SvixSigner {
	private readonly key;

	/** @param secret `whsec_…` */
	constructor(secret: string) {
		this.key = createSecretKey(Buffer.from(secret.slice('whsec_'.length), 'base64'));
	}

	/** @param at milliseconds since 1970 */
	headers(id: string, at: number, body: Buffer): SvixHeaders {
		const timestamp = String(Math.floor(at / 1000));
		const signature = createHmac('sha256', this.key).update(`${id}.${timestamp}.`).update(body).digest('base64');
		return { 'svix-id': id, 'svix-timestamp': timestamp, 'svix-signature': `v1,${signature}` };
	}
}

/**
 * @param at milliseconds since 1970
 * @see Stripe, "Verify webhook signatures manually"
 */
export function stripeSignature(secret: string, at: number, body: Buffer): string {
	const timestamp = Math.floor(at / 1000);
	return `t=${timestamp},v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`;
}

/** @see GitHub, "Validating webhook deliveries" */
export function gitHubSignature(secret: string, body: Buffer): string {
	return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
