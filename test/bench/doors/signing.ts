import { createHmac, createSecretKey } from 'node:crypto';

import type { SvixHeaders } from '../../support/deliveries';

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
