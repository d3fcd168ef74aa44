import { createHmac, createSecretKey } from 'node:crypto';

import { verifyWebhook } from '@clerk/backend/webhooks';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';

import { SECRET } from '../../support/deliveries';
import { bodies, clerkEvent, nextUser, SvixSigner } from '../deliveries';
import type { Verifier } from '../figures';
import { signingKeysOf, verifyDelivery } from './shipped';

/** In KB. A user is larger than the smallest, which is an event about a session. */
export const SIZES = [1, 3, 16, 256] as const;

/**
 * Functions that verify and parse a delivery, each with its secret read beforehand. The lower bound is
 * what can't be left out: an HMAC with a prepared key, and JSON.parse.
 */
export function verifiers(kilobytes: number): Record<Verifier, () => unknown> {
	const body =
		kilobytes === 1 ? Buffer.from(JSON.stringify(small())) : bodies(clerkEvent('user.created'), kilobytes * 1024)(nextUser());
	const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
	const headers = {
		host: 'n8n.example.com',
		'content-type': 'application/json',
		'user-agent': 'Svix-Webhooks/1.24.0',
		...new SvixSigner(SECRET).headers(id, Date.now(), body),
	};
	const keys = signingKeysOf({ signingSecret: SECRET, previousSigningSecret: '' });
	if ('outcome' in keys) throw new Error(keys.detail);
	const bytes = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
	const key = createSecretKey(bytes);
	const bare = (with_: typeof key | Buffer) => () => {
		createHmac('sha256', with_).update(`${id}.${headers['svix-timestamp']}.`).update(body).digest();
		return JSON.parse(body.toString()) as unknown;
	};
	const [svix, standard] = [new SvixWebhook(SECRET), new StandardWebhook(SECRET)];
	const standardHeaders = Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name.replace('svix-', 'webhook-'), value]),
	);
	return {
		'this package': () => {
			const delivery = verifyDelivery({ headers, body }, keys, 300, Date.now());
			if ('outcome' in delivery) throw new Error(delivery.outcome);
		},
		'lower bound': bare(key),
		'node:crypto, key as bytes': bare(bytes),
		svix: () => svix.verify(body, headers),
		standardwebhooks: () => standard.verify(body, standardHeaders),
		// It takes a Request of the Fetch API, which can be read once.
		'@clerk/backend': async () => {
			const request = new Request('https://n8n.example.com/', { method: 'POST', headers, body: new Uint8Array(body) });
			return await verifyWebhook(request, { signingSecret: SECRET });
		},
	};
}

/** Less than a user: an event of about 1 KB. */
function small(): object {
	const actor = { id: nextUser(), kind: 'session', note: 'x'.repeat(700) };
	return clerkEvent('session.created')({ id: 'sess_1', object: 'session', status: 'active', actor });
}
