import type { INode, IWebhookFunctions } from 'n8n-workflow';

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

/**
 * No signature is refused with keys, or for the lack of them, that were read longer ago than this,
 * milliseconds: so a new or mended secret counts that soon, and forged deliveries have the credential
 * read no more often.
 */
export const RECHECK_MS = 1000;

type Reading = SigningKeys | Misconfigured;

interface Kept {
	readonly reading: Reading;
	readonly readAt: number;
}

/** By workflow, node and credential; in this process only. */
const kept = new Map<string, Kept>();
/** More triggers than n8n can serve in the time for which keys are kept: the oldest, which goes, is out of date. */
export const MOST_KEPT = 1000;

/** What is being read right now: deliveries that come in together read once. */
const reading = new Map<string, Promise<Reading>>();

/**
 * Checks who sent a delivery with the keys of the node that it came to.
 * @param toleranceSeconds how far the delivery's clock may be off, inclusive
 * @returns the delivery, or why it can't be let in; never throws
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
	// A clock that was set back must not make keys last longer.
	return age >= 0 && age < KEEP_MS ? found : null;
}

function keep(name: string, made: Kept): void {
	// Set anew, so that the first one is the oldest.
	kept.delete(name);
	for (const oldest of kept.keys()) {
		if (kept.size < MOST_KEPT) break;
		kept.delete(oldest);
	}
	kept.set(name, made);
}

/** What the keys depend on beside the credential's content; null where nothing is to be kept. */
function nameOf(context: IWebhookFunctions, { id, credentials }: INode): string | null {
	// Who builds a workflow changes secrets and tries them at once.
	if (context.getMode() === 'manual') return null;
	const setup = readEndpointSetup(context);
	if (setup === null) return null;
	const automatic = setup === 'automatic';
	const credential = credentials?.[automatic ? API_CREDENTIAL : WEBHOOK_CREDENTIAL]?.id;
	if (!credential) return null;
	const sealed = automatic ? sealedSecretOf(context) : null;
	return JSON.stringify([context.getWorkflow().id, id, credential, automatic, sealed ?? null]);
}
