import { isObject, objectsAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { call } from './call';
import type { Call, Send } from './call';
import { Failure, isFailure, UNEXPECTED_ANSWER, UNKNOWN_REGION } from './failure';
import type { Step } from './failure';

/**
 * The portal in which Clerk keeps an application's webhook endpoints. It is Svix's; Clerk documents
 * no way to it but its dashboard, which asks for a link as we do. So every step can fail, and says how.
 * @see Svix API reference, "Endpoint"; Clerk's Backend API, `POST /webhooks/svix_url`
 */
export interface Portal {
	readonly send: Send;
	/** Address of the application's endpoints. */
	readonly endpoints: string;
	readonly base: string;
	readonly token: string;
}

/** An endpoint as far as we read and set it. */
export interface Endpoint {
	readonly id: string;
	readonly uid: string | null;
	readonly url: string;
	readonly description: string;
	/** Null for all events. */
	readonly eventTypes: readonly string[] | null;
	readonly disabled: boolean;
}

export interface ClerkAccess {
	/** Sends with the secret key. */
	readonly sendToClerk: Send;
	/** Sends without it. */
	readonly send: Send;
	readonly apiUrl: string;
	/** The portal's address where it isn't the one that Clerk names; empty otherwise. */
	readonly portalUrl: string;
}

const REGIONS = ['eu', 'us', 'ca', 'au', 'in'];

/**
 * Opens the portal: asks Clerk for a link, takes it apart and turns its one-time token into one that
 * lasts a while. Whoever opens it closes it.
 */
export async function openPortal({ sendToClerk, send, apiUrl, portalUrl }: ClerkAccess): Promise<Portal | Failure> {
	const ask = async (path: string, step: Step) =>
		await call(sendToClerk, { step, service: 'Clerk', method: 'POST', url: `${apiUrl}${path}` });
	const step = 'getLink';
	let answer = await ask('/webhooks/svix_url', step);
	if (isFailure(answer) && answer.code === 'svix_app_missing') {
		answer = await ask('/webhooks/svix', 'switchOnWebhooks');
		// Somebody else did it in between.
		if (isFailure(answer) && answer.code === 'svix_app_exists') answer = await ask('/webhooks/svix_url', step);
	}
	if (isFailure(answer)) return answer;

	const unreadable = (said: string, code = UNEXPECTED_ANSWER) =>
		new Failure({ step: 'readLink', service: 'Clerk', status: null, code, said });
	const key = keyIn(textAt(answer, 'svix_url'));
	const appId = textAt(key, 'appId');
	if (key === null || appId === null) return unreadable('a link of a shape that this version does not know');
	const base = baseOf(key, portalUrl);
	if (base === null) return unreadable('a region that this version does not know', UNKNOWN_REGION);

	let token = textAt(key, 'token');
	const oneTimeToken = textAt(key, 'oneTimeToken');
	if (oneTimeToken !== null) {
		const login = await call(send, {
			step: 'signIn',
			service: 'the webhook portal',
			method: 'POST',
			url: `${base}/api/v1/auth/one-time-token`,
			body: { oneTimeToken },
		});
		// Named by whom it was sent: it is of no use any more, but still nobody's business.
		if (isFailure(login)) return login.saying(login.said.replaceAll(oneTimeToken, '…'));
		token = textAt(login, 'token');
	}
	if (token === null) return unreadable('no token to sign in with');
	return { send, base, token, endpoints: `${base}/api/v1/app/${inPath(appId)}/endpoint` };
}

/** The JSON in the link's fragment, `#key=<base64>`, in any of the ways base64 is written. */
function keyIn(link: string | null): ClerkObject | null {
	const fragment = link?.split('#')[1];
	const encoded = fragment === undefined ? null : new URLSearchParams(fragment.replaceAll('+', '%2B')).get('key');
	if (!encoded) return null;
	try {
		const value: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
		return isObject(value) ? value : null;
	} catch {
		return null;
	}
}

function baseOf(key: ClerkObject, portalUrl: string): string | null {
	if (portalUrl !== '') return portalUrl;
	const named = textAt(key, 'serverUrl');
	if (named !== null) return /^https:\/\/[a-z0-9.-]+\.svix\.com\/?$/.test(named) ? named.replace(/\/$/, '') : null;
	const region = textAt(key, 'region');
	return region !== null && REGIONS.includes(region) ? `https://api.${region}.svix.com` : null;
}

async function inPortal({ send, token }: Portal, asked: Omit<Call, 'service' | 'bearer'>): Promise<ClerkObject | Failure> {
	return await call(send, { ...asked, service: 'the webhook portal', bearer: token });
}

/** Signs out, so that the token is of no use to anybody. Failing to is nobody's loss: it ends by itself. */
export async function closePortal(portal: Portal): Promise<void> {
	await inPortal(portal, { step: 'signOut', method: 'POST', url: `${portal.base}/api/v1/auth/logout` });
}

/** With this begins the name (`uid`) of every endpoint that this package makes. */
export const UID_PREFIX = 'n8n-clerk-sync.';

/** What an endpoint shall be. */
export interface WantedEndpoint {
	readonly uid: string;
	readonly url: string;
	readonly description: string;
	/** Null for all events. */
	readonly eventTypes: readonly string[] | null;
}

/** @returns null where there is none of this id or uid */
export async function findEndpoint(portal: Portal, idOrUid: string): Promise<Endpoint | null | Failure> {
	const answer = await inPortal(portal, { step: 'findEndpoint', method: 'GET', url: `${portal.endpoints}/${idOrUid}` });
	if (isFailure(answer)) return answer.status === 404 ? null : answer;
	return readEndpoint(answer, 'findEndpoint');
}

const PAGE = 250;
/** 250 × 40 endpoints: more than anybody has, so that a portal which repeats itself ends. */
const MOST_PAGES = 40;

export async function listEndpoints(portal: Portal): Promise<Endpoint[] | Failure> {
	const step = 'listEndpoints';
	const found: Endpoint[] = [];
	let iterator: string | null = null;
	for (let page = 0; page < MOST_PAGES; page++) {
		const query = new URLSearchParams({ limit: String(PAGE), ...(iterator === null ? {} : { iterator }) });
		const answer = await inPortal(portal, { step, method: 'GET', url: `${portal.endpoints}?${query.toString()}` });
		if (isFailure(answer)) return answer;
		for (const entry of objectsAt(answer, 'data')) {
			const endpoint = readEndpoint(entry, step);
			if (isFailure(endpoint)) return endpoint;
			found.push(endpoint);
		}
		iterator = textAt(answer, 'iterator');
		if (answer['done'] !== false || iterator === null) break;
	}
	return found;
}

export async function createEndpoint(portal: Portal, wanted: WantedEndpoint): Promise<Endpoint | Failure> {
	const { eventTypes, ...rest } = wanted;
	const step = 'createEndpoint';
	// Left out, the filter lets everything through.
	const body = { ...rest, ...(eventTypes === null ? {} : { eventTypes }) };
	const answer = await inPortal(portal, { step, method: 'POST', url: portal.endpoints, body });
	return isFailure(answer) ? answer : readEndpoint(answer, step);
}

export async function updateEndpoint(portal: Portal, id: string, changes: Partial<Endpoint>): Promise<Endpoint | Failure> {
	const step = 'updateEndpoint';
	const answer = await inPortal(portal, { step, method: 'PATCH', url: `${portal.endpoints}/${id}`, body: { ...changes } });
	return isFailure(answer) ? answer : readEndpoint(answer, step);
}

/** One that is not there any more is as good as removed. */
export async function deleteEndpoint(portal: Portal, idOrUid: string): Promise<Failure | null> {
	const answer = await inPortal(portal, {
		step: 'removeEndpoint',
		method: 'DELETE',
		url: `${portal.endpoints}/${idOrUid}`,
	});
	return isFailure(answer) && answer.status !== 404 ? answer : null;
}

/** @returns the signing secret, `whsec_…` */
export async function secretOf(portal: Portal, id: string): Promise<string | Failure> {
	const step = 'fetchSecret';
	const answer = await inPortal(portal, { step, method: 'GET', url: `${portal.endpoints}/${id}/secret` });
	if (isFailure(answer)) return answer;
	return textAt(answer, 'key') ?? notAsExpected(step);
}

/** Has Clerk's example of an event delivered to an endpoint. @returns the id under which it is delivered, or null */
export async function sendExample(portal: Portal, idOrUid: string, eventType: string): Promise<string | null | Failure> {
	const answer = await inPortal(portal, {
		step: 'sendExample',
		method: 'POST',
		url: `${portal.endpoints}/${idOrUid}/send-example`,
		body: { eventType },
	});
	return isFailure(answer) ? answer : textAt(answer, 'id');
}

/** Has all that failed at an endpoint since then delivered again. @param since ISO 8601 */
export async function recover(portal: Portal, idOrUid: string, since: string): Promise<ClerkObject | Failure> {
	return await inPortal(portal, {
		step: 'recover',
		method: 'POST',
		url: `${portal.endpoints}/${idOrUid}/recover`,
		body: { since },
	});
}

function notAsExpected(step: Step): Failure {
	return new Failure({
		step,
		service: 'the webhook portal',
		status: null,
		code: UNEXPECTED_ANSWER,
		said: 'an answer of a shape that this version does not know',
	});
}

function readEndpoint(answer: ClerkObject, step: Step): Endpoint | Failure {
	const id = textAt(answer, 'id');
	const url = textAt(answer, 'url');
	if (id === null || url === null) return notAsExpected(step);
	// Older portals call it filterTypes.
	const eventTypes = answer['eventTypes'] ?? answer['filterTypes'];
	return {
		id,
		url,
		uid: textAt(answer, 'uid'),
		description: textAt(answer, 'description') ?? '',
		eventTypes: Array.isArray(eventTypes) ? eventTypes.map(String) : null,
		disabled: answer['disabled'] === true,
	};
}

/** By way of bytes, since half a character, which a damaged link or token can hold, cannot be encoded. */
function inPath(text: string): string {
	return encodeURIComponent(Buffer.from(text).toString());
}

/** What a pasted `auto_v1_…` token holds: leave to set one endpoint, and its signing secret. */
export interface AutoConfig {
	readonly url: string;
	readonly token: string;
	readonly signingSecret: string;
}

const AUTO_CONFIG_PREFIX = 'auto_v1_';

export function isAutoConfig(text: string): boolean {
	return text.trim().startsWith(AUTO_CONFIG_PREFIX);
}

/** @returns null for what isn't such a token; never throws. @see Svix documentation, "AutoConfig" */
export function readAutoConfig(text: string): AutoConfig | null {
	let value: unknown;
	try {
		value = JSON.parse(Buffer.from(text.trim().slice(AUTO_CONFIG_PREFIX.length), 'base64').toString('utf8'));
	} catch {
		return null;
	}
	if (!isAutoConfig(text) || !isObject(value)) return null;
	const [appId, endpointId, server, signingSecret, token] = ['aid', 'eid', 'surl', 'esec', 'tok'].map((key) =>
		textAt(value, key),
	);
	if (!appId || !endpointId || !server || !signingSecret || !token) return null;
	// In the clear only to this machine: the token goes along.
	if (!/^https:\/\/|^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/.test(server)) return null;
	const path = `/api/v1/app/${inPath(appId)}/endpoint/${inPath(endpointId)}/auto-config`;
	return { url: server.replace(/\/+$/, '') + path, token, signingSecret };
}

/** Sets URL, filter and description of the endpoint that the token is for. */
export async function autoConfigure(
	send: Send,
	{ url, token }: AutoConfig,
	wanted: Omit<WantedEndpoint, 'uid'>,
): Promise<Endpoint | Failure> {
	const step = 'autoConfigure';
	const answer = await call(send, {
		step,
		service: 'the webhook portal',
		method: 'PUT',
		url,
		bearer: token,
		body: { endpoint: { ...wanted } },
	});
	return isFailure(answer) ? answer : readEndpoint(answer, step);
}
