import type { INode, IWebhookFunctions } from 'n8n-workflow';

import { verifyDelivery } from './delivery';
import type { Received, VerifiedDelivery } from './delivery';
import type { Misconfigured, Rejected } from './outcome';
import { API_CREDENTIAL, readEndpointSetup, readSigningKeys, sealedSecretOf, WEBHOOK_CREDENTIAL } from './settings';
import type { SigningKeys } from './settings';

/**
 * How long keys are cached, in milliseconds. Reading a credential costs n8n more than everything else about a refused
 * delivery. A signing secret that was removed is accepted for this long at most.
 */
export const KEEP_MS = 5000;

/**
 * No signature is refused with keys that were read longer ago than this, in milliseconds: the credential is then read
 * again. So a new or corrected secret works this soon, and forged deliveries can't cause more reads than this.
 */
export const RECHECK_MS = 1000;

type Reading = SigningKeys | Misconfigured;

interface Kept {
	readonly reading: Reading;
	readonly readAt: number;
}

/** By workflow, node and credential; in this process only. */
const kept = new Map<string, Kept>();
/** More triggers than n8n can serve while keys are cached, so the oldest one, which is dropped, has expired. */
export const MOST_KEPT = 1000;

/** Reads in progress, so that simultaneous deliveries share one. */
const reading = new Map<string, Promise<Reading>>();

/**
 * Verifies a delivery with the keys of the node that received it.
 * @param toleranceSeconds how far the delivery's clock may be off, inclusive
 * @returns the delivery, or why it is refused; never throws
 */
export async function verify(
	context: IWebhookFunctions,
	node: INode,
	received: Received,
	toleranceSeconds: number,
): Promise<VerifiedDelivery | Rejected | Misconfigured> {
	const name = nameOf(context, node);
	const check = (keys: Reading) => ('outcome' in keys ? keys : verifyDelivery(received, keys, toleranceSeconds, Date.now()));
	const before = name === null ? null : keptReading(name);
	if (before) {
		const delivery = check(before.reading);
		if (!isMismatch(delivery) || Date.now() - before.readAt < RECHECK_MS) return delivery;
	}
	return check(name === null ? await readSigningKeys(context) : await readOnce(context, name));
}

async function readOnce(context: IWebhookFunctions, name: string): Promise<Reading> {
	const underWay = reading.get(name);
	if (underWay) return await underWay;
	const started = readAndKeep(context, name).finally(() => reading.delete(name));
	reading.set(name, started);
	return await started;
}

async function readAndKeep(context: IWebhookFunctions, name: string): Promise<Reading> {
	const readAt = Date.now();
	const made = await readSigningKeys(context);
	keep(name, { reading: made, readAt });
	return made;
}

function isMismatch(delivery: VerifiedDelivery | Rejected | Misconfigured): boolean {
	return 'outcome' in delivery && (delivery.outcome === 'misconfigured' || delivery.code === 'signature_mismatch');
}

function keptReading(name: string): Kept | null {
	const found = kept.get(name);
	if (!found) return null;
	const age = Date.now() - found.readAt;
	// If the clock is set back, keys must not last longer.
	return age >= 0 && age < KEEP_MS ? found : null;
}

function keep(name: string, made: Kept): void {
	// Removed first, so that the map stays ordered by time.
	kept.delete(name);
	for (const oldest of kept.keys()) {
		if (kept.size < MOST_KEPT) break;
		kept.delete(oldest);
	}
	kept.set(name, made);
}

/** What the keys depend on besides the credential's content; null if they must not be cached. */
function nameOf(context: IWebhookFunctions, { id, credentials }: INode): string | null {
	// While building a workflow, people change secrets and try them immediately.
	if (context.getMode() === 'manual') return null;
	const setup = readEndpointSetup(context);
	if (setup === null) return null;
	const automatic = setup === 'automatic';
	const credential = credentials?.[automatic ? API_CREDENTIAL : WEBHOOK_CREDENTIAL]?.id;
	if (!credential) return null;
	const sealed = automatic ? sealedSecretOf(context) : null;
	return JSON.stringify([context.getWorkflow().id, id, credential, automatic, sealed ?? null]);
}
