import type { IWebhookFunctions } from 'n8n-workflow';

import { verifyDelivery } from './delivery';
import type { Received, VerifiedDelivery } from './delivery';
import type { Misconfigured, Rejected } from './outcome';
import { API_CREDENTIAL, readEndpointSetup, readSigningKeys, sealedSecretOf, WEBHOOK_CREDENTIAL } from './settings';
import type { SigningKeys } from './settings';

/**
 * Reading a credential costs n8n more than all the rest of a refused delivery, so in a rush of
 * deliveries it is read once in a while. What that means for a secret that changes: one that was taken
 * away lets deliveries in for this long at most, milliseconds.
 */
export const KEEP_MS = 5000;

/** A wrong signature is held against keys that are no older than this, so that a new secret counts at once, milliseconds. */
export const RECHECK_MS = 1000;

interface Kept {
	readonly keys: SigningKeys;
	readonly readAt: number;
}

/** By workflow, node and credential; in this process only. */
const kept = new Map<string, Kept>();
const MOST_KEPT = 100;

/**
 * Checks who sent a delivery with the keys of the node that it came to.
 * @param toleranceSeconds how far the delivery's clock may be off, inclusive
 * @returns the delivery, or why it can't be let in; never throws
 */
export async function verify(
	context: IWebhookFunctions,
	received: Received,
	toleranceSeconds: number,
): Promise<VerifiedDelivery | Rejected | Misconfigured> {
	const name = nameOf(context);
	const before = name === null ? null : keptKeys(name);
	if (before) {
		const delivery = verifyDelivery(received, before.keys, toleranceSeconds, Date.now());
		if (!isMismatch(delivery) || Date.now() - before.readAt < RECHECK_MS) return delivery;
	}
	const readAt = Date.now();
	const keys = await readSigningKeys(context);
	if ('outcome' in keys) {
		if (name !== null) kept.delete(name);
		return keys;
	}
	if (name !== null) keep(name, { keys, readAt });
	return verifyDelivery(received, keys, toleranceSeconds, Date.now());
}

function isMismatch(delivery: VerifiedDelivery | Rejected | Misconfigured): boolean {
	return 'outcome' in delivery && (delivery.outcome === 'misconfigured' || delivery.code === 'signature_mismatch');
}

function keptKeys(name: string): Kept | null {
	const found = kept.get(name);
	if (!found) return null;
	const age = Date.now() - found.readAt;
	// A clock that was set back must not make keys last longer.
	return age >= 0 && age < KEEP_MS ? found : null;
}

function keep(name: string, keys: Kept): void {
	if (kept.size >= MOST_KEPT && !kept.has(name)) kept.clear();
	kept.set(name, keys);
}

/** What the keys depend on beside the credential's content; null where nothing is to be kept. */
function nameOf(context: IWebhookFunctions): string | null {
	// Who builds a workflow changes secrets and tries them at once.
	if (context.getMode() === 'manual') return null;
	const automatic = readEndpointSetup(context) === 'automatic';
	const { id, credentials } = context.getNode();
	const credential = credentials?.[automatic ? API_CREDENTIAL : WEBHOOK_CREDENTIAL]?.id;
	if (!credential) return null;
	const sealed = automatic ? sealedSecretOf(context) : null;
	return JSON.stringify([context.getWorkflow().id, id, credential, automatic, sealed ?? null]);
}
