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
	listEndpoints,
	openPortal,
	readAutoConfig,
	secretOf,
	UID_PREFIX,
	updateEndpoint,
} from '../api/portal';
import type { Endpoint, Portal, WantedEndpoint } from '../api/portal';
import { problemOfUrl } from './publicUrl';
import { seal, unseal } from './sealing';
import { ownerOf, readClerkApi, readEndpointSetup, readSigningSecretText, sealedSecretOf } from './settings';
import type { Settings } from './settings';

/**
 * The endpoint that a trigger has in Clerk, over its life: made or found at activation, kept right,
 * removed at deactivation. n8n keeps what is written to static data in these hooks; there stands
 * which endpoint it is and, sealed, its signing secret.
 */

/** Ends with the URL. */
const MANUAL_WAY =
	'If it does not work, set Endpoint Setup to "Manually": in the Clerk Dashboard, open Configure > Webhooks, click "Add Endpoint", and copy its Signing Secret into the credential of this node. The URL for it is';

/** Makes the endpoint, or brings the one that is there in step. @throws NodeOperationError that says what to do */
export async function register(context: IHookFunctions, settings: Settings): Promise<void> {
	const url = context.getNodeWebhookUrl('default') ?? '';
	const automatic = readEndpointSetup(context) === 'automatic';
	if (!automatic) await removeLeftover(context);
	const failure = automatic ? await registerIn(context, settings, url) : await configureByToken(context, settings, url);
	if (failure === null) return;
	if (atStart(context) && (await isUsable(context))) {
		// The endpoint of before most likely still delivers, and what it signs can be checked: better than no trigger at all.
		context.logger.warn(`The endpoint of the node "${context.getNode().name}" was not checked in Clerk. ${failure}`, {
			workflowId: context.getWorkflow().id,
		});
		return;
	}
	throw new NodeOperationError(context.getNode(), `${failure} ${MANUAL_WAY} ${url}`);
}

function atStart(context: IHookFunctions): boolean {
	return ['init', 'leadershipChange'].includes(context.getActivationMode());
}

/** Whether what was kept of an earlier registration still opens; of an endpoint that a person made, its secret is in the credential. */
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
		return `Clerk cannot reach ${url}: ${unreachable}. Set WEBHOOK_URL in the environment of n8n to the https address under which n8n is reached from the internet, restart n8n and try again.`;
	}
	const portal = await openPortal(accessOf(context, api));
	if (isFailure(portal)) return explain(portal);
	try {
		const made = await bringInStep(context, portal, wantedBy(context, settings, url));
		if (isFailure(made)) return explain(made);
		const kept = context.getWorkflowStaticData('node');
		const known = kept['endpointId'] === made.id && keptSecret(context, api) !== null;
		// At a start of n8n the kept one will do; whoever publishes may do so because the secret was rotated.
		if (!known || !atStart(context)) {
			const secret = await secretOf(portal, made.id);
			if (isFailure(secret)) return explain(secret);
			kept['sealedSigningSecret'] = seal(secret, api.secretKey, ownerOf(context));
		}
		kept['endpointId'] = made.id;
		return null;
	} finally {
		await closePortal(portal);
	}
}

/** Finds our endpoint by its name and sets what differs, or makes it. One that a person made is never touched. */
async function bringInStep(context: IHookFunctions, portal: Portal, wanted: WantedEndpoint): Promise<Endpoint | Failure> {
	const found = await findEndpoint(portal, wanted.uid);
	if (isFailure(found)) return found;
	if (found) return await adopt(context, portal, found, wanted);
	const made = await createEndpoint(portal, wanted);
	if (!isFailure(made) || made.status !== 409) return made;
	// The name is taken after all: made in between, or the portal does not find endpoints by it.
	const all = await listEndpoints(portal);
	if (isFailure(all)) return all;
	const ours = all.find(({ uid }) => uid === wanted.uid);
	return ours ? await adopt(context, portal, ours, wanted) : made;
}

async function adopt(
	context: IHookFunctions,
	portal: Portal,
	found: Endpoint,
	wanted: WantedEndpoint,
): Promise<Endpoint | Failure> {
	const changes: Partial<Record<keyof Endpoint, unknown>> = {
		...(found.url === wanted.url ? {} : { url: wanted.url }),
		...(found.description === wanted.description ? {} : { description: wanted.description }),
		...(sameTypes(found.eventTypes, wanted.eventTypes) ? {} : { eventTypes: wanted.eventTypes }),
		...(found.disabled ? { disabled: false } : {}),
	};
	if (found.disabled) {
		context.logger.warn(
			`The endpoint of the node "${context.getNode().name}" was switched off in Clerk, which does so after five days of nothing but failures, and was switched on again. What was not delivered meanwhile can be fetched from Clerk.`,
			{ workflowId: context.getWorkflow().id },
		);
	}
	if (Object.keys(changes).length === 0) return found;
	return await updateEndpoint(portal, found.id, changes as Partial<Endpoint>);
}

function sameTypes(one: readonly string[] | null, other: readonly string[] | null): boolean {
	const sorted = (types: readonly string[] | null) => JSON.stringify(types && [...types].sort());
	return sorted(one) === sorted(other);
}

function wantedBy(context: IHookFunctions, { events }: Settings, url: string): WantedEndpoint {
	const { name } = context.getWorkflow();
	const purpose = context.getActivationMode() === 'manual' ? ', while the editor listens' : '';
	return {
		uid: uidOf(context, url),
		url,
		description: `n8n: workflow "${name ?? ''}", node "${context.getNode().name}"${purpose}. Kept by n8n: change it there.`,
		eventTypes: events === 'all' ? null : [...events].sort(),
	};
}

/**
 * The name of a node's endpoint in Clerk: the same over restarts, another one on every n8n, in every
 * workflow, for every node, and for the test URL. The path stands for the last of these: of its parts,
 * the host may change and the hooks are not told which of the two they are for.
 */
export function uidOf(context: Pick<IHookFunctions, 'getInstanceId' | 'getWorkflow' | 'getNode'>, url: string): string {
	const path = new URL(url).pathname;
	const names = [context.getInstanceId(), context.getWorkflow().id, context.getNode().id, path];
	return UID_PREFIX + createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 40);
}

/** Sets the endpoint that a person made through the AutoConfig token they pasted; not for the test URL, which is for a moment. */
async function configureByToken(context: IHookFunctions, settings: Settings, url: string): Promise<string | null> {
	if (context.getActivationMode() === 'manual') return null;
	const autoConfig = readAutoConfig(await readSigningSecretText(context));
	if (!autoConfig) return null;
	// The kind of instance isn't known, and only the token's owner can be harmed by plain http.
	const unreachable = problemOfUrl(url, true);
	if (unreachable) return `Clerk cannot reach ${url}: ${unreachable}. Set WEBHOOK_URL in the environment of n8n.`;
	const { description, eventTypes } = wantedBy(context, settings, url);
	const done = await autoConfigure(accessOf(context, null).send, autoConfig, { url, description, eventTypes });
	return isFailure(done) ? explain(done) : null;
}

/** Removes the endpoint. Never throws: whoever switches a workflow off must be able to, and what is left behind is logged. */
export async function unregister(context: IHookFunctions): Promise<void> {
	const kept = context.getWorkflowStaticData('node');
	const url = context.getNodeWebhookUrl('default');
	const named = typeof kept['endpointId'] === 'string' ? kept['endpointId'] : null;
	const target = named ?? (readEndpointSetup(context) === 'automatic' && url ? uidOf(context, url) : null);
	if (target === null) return;
	const left = await remove(context, target);
	if (left !== null) {
		context.logger.warn(
			`The endpoint of the node "${context.getNode().name}" may still be in Clerk: remove it under Configure > Webhooks. ${left}`,
			{ workflowId: context.getWorkflow().id, endpoint: target },
		);
	}
	delete kept['endpointId'];
	delete kept['sealedSigningSecret'];
}

/** Of a node that was switched from automatic to manual. */
async function removeLeftover(context: IHookFunctions): Promise<void> {
	if (context.getWorkflowStaticData('node')['endpointId'] !== undefined) await unregister(context);
}

async function remove(context: IHookFunctions, endpoint: string): Promise<string | null> {
	const api = await readClerkApi(context);
	if ('outcome' in api) return api.detail;
	const portal = await openPortal(accessOf(context, api));
	if (isFailure(portal)) return sentenceOf(portal);
	const failure = await deleteEndpoint(portal, endpoint);
	await closePortal(portal);
	return failure && sentenceOf(failure);
}
