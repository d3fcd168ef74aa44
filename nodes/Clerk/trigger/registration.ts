import { createHash } from 'node:crypto';

import { NodeOperationError } from 'n8n-workflow';
import type { IHookFunctions } from 'n8n-workflow';

import { accessOf } from '../api/access';
import { explain, sentenceOf } from '../api/advice';
import { isFailure } from '../api/call';
import type { Failure } from '../api/call';
import type { ClerkApi } from '../api/clerkApi';
import {
	autoConfigure,
	closePortal,
	createEndpoint,
	deleteEndpoint,
	findEndpoint,
	isName,
	listEndpoints,
	openPortal,
	readAutoConfig,
	secretOf,
	UID_PREFIX,
	updateEndpoint,
} from '../api/portal';
import type { Endpoint, Portal, WantedEndpoint } from '../api/portal';
import { typesNeeded } from '../records/happened';
import { changesFor, differencesOf, metadataOf } from '../api/wanted';
import { problemOfUrl } from './publicUrl';
import { seal, unseal } from './sealing';
import { ownerOf, readClerkApi, readEndpointSetup, readSigningSecretText, sealedSecretOf } from './settings';
import type { Settings } from './settings';

/**
 * The life of a trigger's endpoint in Clerk: it is found or created at activation, kept up to date, and removed
 * at deactivation. Static data, which n8n saves in these hooks, holds its ID and, encrypted, its signing secret.
 * Since a copy of a workflow also copies the static data, only the endpoint's name in Clerk shows to whom it belongs.
 */

/** Followed by the URL. */
const MANUAL_WAY =
	'If this does not work, set Endpoint Setup to "Manually". In the Clerk Dashboard, open Configure > Webhooks, click "Add Endpoint", and copy its Signing Secret into the credential of this node. The URL for the endpoint is';

/** n8n 2.24 does not know the new name, 2.30 does. 2.41 still accepts the old one, with a warning. */
const SET_THE_ADDRESS =
	'Set the environment variable N8N_WEBHOOK_URL (before n8n 2.30: WEBHOOK_URL) to the public https URL of n8n, restart n8n and try again.';

/** Creates the endpoint, or updates the existing one. @throws NodeOperationError that says what to do */
export async function register(context: IHookFunctions, settings: Settings): Promise<void> {
	const url = context.getNodeWebhookUrl('default') ?? '';
	const automatic = readEndpointSetup(context) === 'automatic';
	if (!automatic) await removeLeftover(context);
	const failure = automatic ? await registerIn(context, settings, url) : await configureByToken(context, settings, url);
	if (failure === null) return;
	if (atStart(context) && (await isUsable(context))) {
		// The existing endpoint most likely still delivers, and its signatures can be verified: better than no trigger at all.
		context.logger.warn(`The endpoint of the node "${context.getNode().name}" could not be checked in Clerk. ${failure}`, {
			workflowId: context.getWorkflow().id,
		});
		return;
	}
	throw new NodeOperationError(context.getNode(), `${failure} ${MANUAL_WAY} ${url}`);
}

function atStart(context: IHookFunctions): boolean {
	return ['init', 'leadershipChange'].includes(context.getActivationMode());
}

/** Whether there is a usable signing secret from an earlier registration. With manual setup, it is in the credential. */
async function isUsable(context: IHookFunctions): Promise<boolean> {
	if (readEndpointSetup(context) === 'manual') return true;
	const api = await readClerkApi(context);
	return !('outcome' in api) && keptSecret(context, api) !== null;
}

function keptSecret(context: IHookFunctions, { secretKey }: ClerkApi): string | null {
	return unseal(sealedSecretOf(context), secretKey, ownerOf(context));
}

/** @returns what went wrong, in sentences; null if nothing did */
async function registerIn(context: IHookFunctions, settings: Settings, url: string): Promise<string | null> {
	const api = await readClerkApi(context);
	if ('outcome' in api) return `The Clerk API credential cannot be used. ${api.detail}`;
	const unreachable = problemOfUrl(url, api.environment === 'development');
	if (unreachable) {
		return `Clerk cannot reach ${url}: ${unreachable}. ${SET_THE_ADDRESS}`;
	}
	const portal = await openPortal(accessOf(context, api));
	if (isFailure(portal)) return explain(portal);
	try {
		const wanted = wantedBy(context, settings, url);
		const made = await bringInStep(context, api, portal, wanted);
		if (isFailure(made)) return explain(made);
		const kept = context.getWorkflowStaticData('node');
		const known = kept['endpointId'] === made.id && keptSecret(context, api) !== null;
		// The stored secret is good enough when n8n starts. A person may publish because the secret was rotated.
		if (!known || !atStart(context)) {
			const secret = await secretOf(portal, made.id);
			if (isFailure(secret)) return explain(secret);
			kept['sealedSigningSecret'] = seal(secret, api.secretKey, ownerOf(context));
		}
		kept['endpointId'] = made.id;
		kept['endpointUid'] = wanted.uid;
		return null;
	} finally {
		await closePortal(portal);
	}
}

/** Finds our endpoint and updates it, or creates it. An endpoint that isn't ours is never touched. */
async function bringInStep(
	context: IHookFunctions,
	api: ClerkApi,
	portal: Portal,
	wanted: WantedEndpoint,
): Promise<Endpoint | Failure> {
	const found = (await findEndpoint(portal, wanted.uid)) ?? (await findKept(context, portal));
	if (isFailure(found)) return found;
	if (found) return await adopt(context, portal, found, wanted);
	const { endpointUid, sealedSigningSecret } = context.getWorkflowStaticData('node');
	if (endpointUid === wanted.uid && wasOfAnotherKey(context, api, sealedSigningSecret)) {
		warnOfLeftover(context, wanted.uid, OF_ANOTHER_KEY);
	}
	const made = await createEndpoint(portal, wanted);
	if (!isFailure(made) || made.status !== 409) return made;
	// The name is taken after all: the endpoint was just created, or the portal does not find endpoints by uid.
	const all = await listEndpoints(portal);
	if (isFailure(all)) return all;
	const ours = all.find(({ uid }) => uid === wanted.uid);
	return ours ? await adopt(context, portal, ours, wanted) : made;
}

/** An endpoint that was registered with the secret key of another Clerk instance is out of reach. */
const OF_ANOTHER_KEY = 'It was registered with another secret key: look in the Clerk application of that key.';

function wasOfAnotherKey(context: IHookFunctions, api: ClerkApi, sealed: unknown): boolean {
	return sealed !== undefined && unseal(sealed, api.secretKey, ownerOf(context)) === null;
}

function warnOfLeftover(context: IHookFunctions, uid: string, why: string): void {
	context.logger.warn(
		`The endpoint of the node "${context.getNode().name}" may still exist in Clerk: remove it under Configure > Webhooks. ${why}`,
		{ workflowId: context.getWorkflow().id, endpoint: uid },
	);
}

/** The endpoint in static data, if it still has the name that an earlier version of this node gave it. */
async function findKept(context: IHookFunctions, portal: Portal): Promise<Endpoint | null | Failure> {
	const { endpointId, endpointUid } = context.getWorkflowStaticData('node');
	// If there is a name as well, the endpoint was found by that name or belongs to another node.
	if (!isName(endpointId) || endpointUid !== undefined) return null;
	const found = await findEndpoint(portal, endpointId);
	return found === null || isFailure(found) || isOurs(context, found) ? found : null;
}

async function adopt(
	context: IHookFunctions,
	portal: Portal,
	found: Endpoint,
	wanted: WantedEndpoint,
): Promise<Endpoint | Failure> {
	const written = Object.entries(wanted.metadata).every(([key, value]) => found.metadata[key] === value);
	const changes: Partial<Endpoint> = {
		...changesFor(differencesOf(found, wanted), wanted),
		...(found.uid === wanted.uid ? {} : { uid: wanted.uid }),
		...(found.description === wanted.description ? {} : { description: wanted.description }),
		// Added to what a person wrote there.
		...(written ? {} : { metadata: { ...found.metadata, ...wanted.metadata } }),
	};
	if (found.disabled) {
		context.logger.warn(
			`The endpoint of the node "${context.getNode().name}" was disabled in Clerk, which happens when all deliveries fail for five days. It was enabled again. Missed deliveries can be recovered from Clerk.`,
			{ workflowId: context.getWorkflow().id },
		);
	}
	if (Object.keys(changes).length === 0) return found;
	return await updateEndpoint(portal, found.id, changes);
}

function wantedBy(context: IHookFunctions, settings: Settings, url: string): WantedEndpoint {
	const { name } = context.getWorkflow();
	const needed = typesNeeded(settings);
	const purpose = isTest(context) ? ', while the editor listens' : '';
	const eventTypes = needed === 'all' ? null : [...needed].sort();
	return {
		uid: uidOf(context, isTest(context) ? 'test' : 'production'),
		url,
		description: `n8n: workflow "${name ?? ''}", node "${context.getNode().name}"${purpose}. Managed by n8n: change it there.`,
		eventTypes,
		metadata: metadataOf(context.getInstanceId(), { url, eventTypes }),
	};
}

/** Whether it is for the test URL. n8n says so only in the hooks that register. */
function isTest(context: IHookFunctions): boolean {
	return context.getActivationMode() === 'manual';
}

const PURPOSES = ['production', 'test'] as const;
type Purpose = (typeof PURPOSES)[number];

/** The part of a context that identifies the owner of an endpoint. */
type Owner = Pick<IHookFunctions, 'getInstanceId' | 'getWorkflow' | 'getNode'>;

/**
 * The name of a node's endpoint in Clerk. It is different for every n8n instance, workflow and node, and for the
 * test URL, and stays the same when n8n restarts or moves to another address. A copy of a workflow has another ID
 * and so another name.
 */
export function uidOf(owner: Owner, purpose: Purpose): string {
	return digestOf([...namesOf(owner), purpose]);
}

function namesOf(owner: Owner): string[] {
	return [owner.getInstanceId(), owner.getWorkflow().id ?? '', owner.getNode().id];
}

function digestOf(names: readonly string[]): string {
	return UID_PREFIX + createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 40);
}

/** Whether an earlier version created it for this very node: its names included the path of the URL. */
function isOurs(owner: Owner, { uid, url }: Endpoint): boolean {
	const path = URL.canParse(url) ? new URL(url).pathname : '';
	return uid === digestOf([...namesOf(owner), path]);
}

/** Sets up a manually created endpoint with the pasted AutoConfig token; not for the test URL, which is temporary. */
async function configureByToken(context: IHookFunctions, settings: Settings, url: string): Promise<string | null> {
	if (isTest(context)) return null;
	const autoConfig = readAutoConfig(await readSigningSecretText(context));
	if (!autoConfig) return null;
	// The instance is unknown, and plain http can harm only the token's owner.
	const unreachable = problemOfUrl(url, true);
	if (unreachable) return `Clerk cannot reach ${url}: ${unreachable}. ${SET_THE_ADDRESS}`;
	const { description, eventTypes } = wantedBy(context, settings, url);
	const done = await autoConfigure(accessOf(context, null).send, autoConfig, { url, description, eventTypes });
	return isFailure(done) ? explain(done) : null;
}

/** Removes the endpoint. Never throws, so that a workflow can always be unpublished. What could not be removed is logged. */
export async function unregister(context: IHookFunctions): Promise<void> {
	const kept = context.getWorkflowStaticData('node');
	const { endpointId, endpointUid, sealedSigningSecret } = kept;
	delete kept['endpointId'];
	delete kept['endpointUid'];
	delete kept['sealedSigningSecret'];
	const isKept = endpointId !== undefined && isKeptForUs(context, endpointUid);
	if (!isKept && !isAutomatic(context)) return;
	const uid = uidOf(context, purposeOf(context, endpointUid));
	const left = await remove(context, {
		uid,
		endpointId: endpointUid === undefined ? endpointId : undefined,
		sealedSigningSecret,
	});
	if (left !== null) warnOfLeftover(context, uid, left);
}

/** Never throws, unlike n8n, which throws for an expression that fails. */
function isAutomatic(context: IHookFunctions): boolean {
	try {
		return readEndpointSetup(context) === 'automatic';
	} catch {
		return false;
	}
}

/** Whether static data was written for this very node, and not copied with a workflow. An older version wrote no name. */
function isKeptForUs(context: IHookFunctions, endpointUid: unknown): boolean {
	return endpointUid === undefined || PURPOSES.some((purpose) => uidOf(context, purpose) === endpointUid);
}

/** Which endpoint to remove. n8n does not say, but a workflow is not active while the editor listens. */
function purposeOf(context: IHookFunctions, endpointUid: unknown): Purpose {
	const kept = PURPOSES.find((purpose) => uidOf(context, purpose) === endpointUid);
	return kept ?? (context.getWorkflow().active ? 'production' : 'test');
}

/** Removes the endpoint of a node that was switched from automatic to manual setup. */
async function removeLeftover(context: IHookFunctions): Promise<void> {
	if (context.getWorkflowStaticData('node')['endpointId'] !== undefined) await unregister(context);
}

interface Leaving {
	readonly uid: string;
	/** For an endpoint that may have the name that an older version gave it. */
	readonly endpointId: unknown;
	readonly sealedSigningSecret: unknown;
}

/** @returns what went wrong, as a sentence; null if nothing did */
async function remove(context: IHookFunctions, leaving: Leaving): Promise<string | null> {
	const api = await readClerkApi(context);
	if ('outcome' in api) return api.detail;
	const portal = await openPortal(accessOf(context, api));
	if (isFailure(portal)) return sentenceOf(portal);
	const removed = await removeOurs(context, portal, leaving);
	await closePortal(portal);
	if (isFailure(removed)) return sentenceOf(removed);
	return !removed && wasOfAnotherKey(context, api, leaving.sealedSigningSecret) ? OF_ANOTHER_KEY : null;
}

/** @returns whether there was one */
async function removeOurs(context: IHookFunctions, portal: Portal, { uid, endpointId }: Leaving): Promise<boolean | Failure> {
	const removed = await deleteEndpoint(portal, uid);
	if (removed !== false || !isName(endpointId)) return removed;
	const found = await findEndpoint(portal, endpointId);
	if (isFailure(found)) return found;
	return found !== null && isOurs(context, found) ? await deleteEndpoint(portal, found.id) : false;
}
