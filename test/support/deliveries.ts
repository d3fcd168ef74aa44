import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'svix';

import type { Environment } from '../../nodes/Clerk/events/payload';
import { AS_IT_IS } from '../../nodes/Clerk/records/shape';
import { DEFAULT_SOURCE, DEFAULT_TOLERANCE_SECONDS } from '../../nodes/Clerk/trigger/parameters';
import { verifyDelivery } from '../../nodes/Clerk/trigger/delivery';
import type { VerifiedDelivery } from '../../nodes/Clerk/trigger/delivery';
import { signingKeysOf } from '../../nodes/Clerk/trigger/settings';
import type { Settings, SigningKeys } from '../../nodes/Clerk/trigger/settings';
import { fixturePath } from './paths';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
export const MESSAGE_ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';

/** The time of tests that need none in particular: milliseconds since 1970, not on a full second. */
export const NOW = Date.UTC(2026, 9, 1, 12, 0, 0, 400);
export const NOW_SECONDS = Math.floor(NOW / 1000);

export interface Signing {
	readonly secret?: string;
	readonly id?: string;
	/** Milliseconds since 1970. */
	readonly at?: number;
	/** As the secret key of a registered endpoint says. */
	readonly environment?: Environment | null;
}

export interface SvixHeaders extends Record<string, string> {
	'svix-id': string;
	'svix-timestamp': string;
	'svix-signature': string;
}

/** The headers with which Svix delivers this body, made by its own library. */
export function signed(body: string, { secret = SECRET, id = MESSAGE_ID, at = NOW }: Signing = {}): SvixHeaders {
	return {
		'svix-id': id,
		'svix-timestamp': String(Math.floor(at / 1000)),
		'svix-signature': new Webhook(secret).sign(id, new Date(at), body),
	};
}

/** The keys of a credential with these secrets. */
export function keysOf(signingSecret: string, previousSigningSecret = ''): SigningKeys {
	const keys = signingKeysOf({ signingSecret, previousSigningSecret });
	if ('outcome' in keys) throw new Error(keys.detail);
	return keys;
}

/** What `verifyDelivery` says to a body that was signed as Svix does. */
export function verify(body: string, signing: Signing = {}) {
	return verifyDelivery(
		{ headers: signed(body, signing), body: Buffer.from(body) },
		{ ...keysOf(signing.secret ?? SECRET), environment: signing.environment ?? null },
		DEFAULT_TOLERANCE_SECONDS,
		NOW,
	);
}

/** A delivery of this envelope, made the one way there is: signed, then verified. */
export function delivered(envelope: object, signing: Signing = {}): VerifiedDelivery {
	const delivery = verify(JSON.stringify(envelope), signing);
	if ('outcome' in delivery) throw new Error(`not accepted: ${JSON.stringify(delivery)}`);
	return delivery;
}

/** The settings of a node on which only what is named was changed, and which takes all events. */
export function settings(changed: Partial<Settings> = {}): Settings {
	return {
		events: 'all',
		derivedEvents: new Set(),
		derivedOnly: false,
		output: 'item',
		contactsWithoutEmail: 'skip',
		source: DEFAULT_SOURCE,
		onlyInstance: null,
		leaveOutTestUsers: false,
		onlyProduction: false,
		toleranceSeconds: DEFAULT_TOLERANCE_SECONDS,
		includeRaw: false,
		includeClient: false,
		includeNames: true,
		contactShape: AS_IT_IS,
		onlyVerified: false,
		shutOutUsers: 'leave',
		deletedUsers: 'delete',
		eventNameStyle: 'type',
		keyStyle: 'camel',
		mappings: [],
		acknowledge: 'onReceived',
		skipDuplicates: true,
		skipOutOfDate: true,
		customContactFields: [],
		customEventProperties: [],
		...changed,
	};
}

/** An envelope as Clerk sends it. */
export interface ClerkBody extends Record<string, unknown> {
	type: string;
	data: Record<string, unknown>;
}

export interface Fixture {
	/** Its file name, without the ending. */
	readonly name: string;
	/** The file as it stands, byte for byte. */
	readonly text: string;
	/** Parsed again at each reading, so that a test may change it. */
	readonly envelope: ClerkBody;
}

const FIXTURES = fixturePath('deliveries');

export const fixtures: readonly Fixture[] = readdirSync(FIXTURES)
	.filter((file) => file.endsWith('.json'))
	.sort()
	.map((file) => {
		const text = readFileSync(join(FIXTURES, file), 'utf8');
		return {
			name: file.replace(/\.json$/, ''),
			text,
			get envelope() {
				return JSON.parse(text) as ClerkBody;
			},
		};
	});

export function fixture(name: string): Fixture {
	const found = fixtures.find((candidate) => candidate.name === name);
	if (!found) throw new Error(`There is no fixture ${name}`);
	return found;
}

/** A published signature: an id, a time, a body and what they are signed with under a secret. */
export interface SignatureVector {
	readonly name: string;
	readonly secret: string;
	readonly id: string;
	/** Seconds since 1970. */
	readonly timestamp: number;
	readonly body: string;
	readonly signature: string;
}

export const signatureVectors: readonly SignatureVector[] = (
	JSON.parse(readFileSync(fixturePath('signature-vectors.json'), 'utf8')) as {
		vectors: {
			n: string;
			secret: string;
			id: string;
			ts: number;
			body: string | { repeat: string; times: number };
			sig: string;
			source: string;
		}[];
	}
).vectors.map(({ n, secret, id, ts, body, sig, source }) => ({
	name: `${n}, ${source}`,
	secret,
	id,
	timestamp: ts,
	body: typeof body === 'string' ? body : body.repeat.repeat(body.times),
	signature: sig,
}));
