import { isObject, isoTime, numberAt, objectAt, objectsAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { call, PATIENT } from './call';
import type { Call, Send } from './call';
import { Failure, isFailure, NOT_POSSIBLE, UNEXPECTED_ANSWER, UNKNOWN_REGION } from './failure';
import type { Step } from './failure';

/**
 * The portal in which Clerk keeps an application's webhook endpoints. It is run by Svix. Clerk documents no
 * access to it other than its dashboard, which gets a link in the same way. So any step can fail, and says how.
 * @see Svix API reference, "Endpoint"; Clerk's Backend API, `POST /webhooks/svix_url`
 */
export interface Portal {
	readonly send: Send;
	/** URL of the application. */
	readonly app: string;
	readonly base: string;
	readonly token: string;
}

/** The part of an endpoint that is read and set here. */
export interface Endpoint {
	readonly id: string;
	readonly uid: string | null;
	readonly url: string;
	readonly description: string;
	/** Null for all events. */
	readonly eventTypes: readonly string[] | null;
	readonly disabled: boolean;
	/** Written by n8n or by a person. */
	readonly metadata: Readonly<Record<string, string>>;
}

export interface ClerkAccess {
	/** Sends with the secret key. */
	readonly sendToClerk: Send;
	/** Sends without it. */
	readonly send: Send;
	readonly apiUrl: string;
	/** The portal's URL, if it isn't the one that Clerk returns; otherwise empty. */
	readonly portalUrl: string;
}

const REGIONS = ['eu', 'us', 'ca', 'au', 'in'];

/**
 * Opens the portal: gets a link from Clerk and exchanges its one-time token for one that lasts longer.
 * Callers must close it.
 */
export async function openPortal({ sendToClerk, send, apiUrl, portalUrl }: ClerkAccess): Promise<Portal | Failure> {
	const ask = async (path: string, step: Step) =>
		await call(sendToClerk, { step, service: 'Clerk', method: 'POST', url: `${apiUrl}${path}` });
	const step = 'getLink';
	let answer = await ask('/webhooks/svix_url', step);
	if (isFailure(answer) && answer.code === 'svix_app_missing') {
		answer = await ask('/webhooks/svix', 'switchOnWebhooks');
		// Somebody else did it in the meantime.
		if (isFailure(answer) && answer.code === 'svix_app_exists') answer = await ask('/webhooks/svix_url', step);
	}
	if (isFailure(answer)) return answer;

	const unreadable = (said: string, code = UNEXPECTED_ANSWER) =>
		new Failure({ step: 'readLink', service: 'Clerk', status: null, code, said });
	const key = keyIn(textAt(answer, 'svix_url'));
	const appId = textAt(key, 'appId');
	if (key === null || !isName(appId)) return unreadable('the link has an unknown format');
	const base = baseOf(key, portalUrl);
	if (base === null) return unreadable('the link names an unknown region', UNKNOWN_REGION);

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
		// The token can't be used again, but must not appear in a message anyway.
		if (isFailure(login)) return login.saying(login.said.replaceAll(oneTimeToken, '…'));
		token = textAt(login, 'token');
	}
	if (token === null) return unreadable('the link has no token to sign in with');
	return { send, base, token, app: `${base}/api/v1/app/${appId}` };
}

/** The JSON in the link's fragment, `#key=<base64>`, in any variant of base64. */
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

/** Signs out, which makes the token useless. If that fails, the token still expires. */
export async function closePortal(portal: Portal): Promise<void> {
	await inPortal(portal, { step: 'signOut', method: 'POST', url: `${portal.base}/api/v1/auth/logout` });
}

/** The name (`uid`) of every endpoint that this package creates starts with this. */
export const UID_PREFIX = 'n8n-clerk-sync.';

/** What an endpoint should be. */
export interface WantedEndpoint {
	readonly uid: string;
	readonly url: string;
	readonly description: string;
	/** Null for all events. */
	readonly eventTypes: readonly string[] | null;
	/** Added to the existing metadata. */
	readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Whether a text can be an ID or uid in the portal. Nothing else is ever put into a URL: it could lead to
 * another endpoint.
 * @see Svix API reference, the pattern of `endpoint_id` and `app_id`
 */
export function isName(text: unknown): text is string {
	return typeof text === 'string' && /^[\w.-]{1,256}$/.test(text) && !leadsUpwards(text);
}

/** A call about one endpoint. */
async function atEndpoint(
	portal: Portal,
	idOrUid: string,
	{ path = '', ...asked }: Omit<Call, 'service' | 'bearer' | 'url'> & { path?: string },
): Promise<ClerkObject | Failure> {
	if (!isName(idOrUid)) return notAnEndpoint(asked.step);
	return await inPortal(portal, { ...asked, url: `${portal.app}/endpoint/${idOrUid}${path}` });
}

/** @returns null if there is none with this ID or uid */
export async function findEndpoint(portal: Portal, idOrUid: string): Promise<Endpoint | null | Failure> {
	const step = 'findEndpoint';
	const answer = await atEndpoint(portal, idOrUid, { step, method: 'GET' });
	if (isFailure(answer)) return answer.status === 404 ? null : answer;
	return readEndpoint(answer, step);
}

const PAGE = 250;
/** 250 × 40 endpoints are more than anybody has. The limit ends the loop if the portal repeats itself. */
const MOST_PAGES = 40;

export async function listEndpoints(portal: Portal): Promise<Endpoint[] | Failure> {
	const step = 'listEndpoints';
	const found: Endpoint[] = [];
	let iterator: string | null = null;
	for (let page = 0; page < MOST_PAGES; page++) {
		const query = new URLSearchParams({ limit: String(PAGE), ...(iterator === null ? {} : { iterator }) });
		const answer = await inPortal(portal, { step, method: 'GET', url: `${portal.app}/endpoint?${query.toString()}` });
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
	// Without the filter, the endpoint gets all events.
	const body = { ...rest, ...(eventTypes === null ? {} : { eventTypes }) };
	const answer = await inPortal(portal, { step, method: 'POST', url: `${portal.app}/endpoint`, body });
	return isFailure(answer) ? answer : readEndpoint(answer, step);
}

export async function updateEndpoint(portal: Portal, id: string, changes: Partial<Endpoint>): Promise<Endpoint | Failure> {
	const step = 'updateEndpoint';
	const answer = await atEndpoint(portal, id, { step, method: 'PATCH', body: { ...changes } });
	return isFailure(answer) ? answer : readEndpoint(answer, step);
}

/** @returns whether there was one with this ID or uid */
export async function deleteEndpoint(portal: Portal, idOrUid: string): Promise<boolean | Failure> {
	const answer = await atEndpoint(portal, idOrUid, { step: 'removeEndpoint', method: 'DELETE' });
	if (!isFailure(answer)) return true;
	return answer.status === 404 ? false : answer;
}

/** @returns the signing secret, `whsec_…` */
export async function secretOf(portal: Portal, id: string): Promise<string | Failure> {
	const step = 'fetchSecret';
	const answer = await atEndpoint(portal, id, { step, method: 'GET', path: '/secret' });
	if (isFailure(answer)) return answer;
	return textAt(answer, 'key') ?? notAsExpected(step);
}

/** Sends Clerk's example of an event to an endpoint. @returns the ID of the event, or null */
export async function sendExample(portal: Portal, idOrUid: string, eventType: string): Promise<string | null | Failure> {
	const answer = await atEndpoint(portal, idOrUid, {
		step: 'sendExample',
		method: 'POST',
		path: '/send-example',
		body: { eventType },
	});
	return isFailure(answer) ? answer : textAt(answer, 'id');
}

/** Delivers everything again that has failed at an endpoint since a time. @param since ISO 8601 */
export async function recover(portal: Portal, idOrUid: string, since: string): Promise<ClerkObject | Failure> {
	return await atEndpoint(portal, idOrUid, {
		step: 'recover',
		method: 'POST',
		path: '/recover',
		body: { since },
	});
}

/** One attempt to deliver an event to an endpoint. */
export interface Attempt {
	/** The ID of the event, `msg_…`: the same for every attempt. */
	readonly eventId: string;
	readonly eventType: string | null;
	/** ISO 8601 */
	readonly at: string;
	/** `success`, `fail`, `pending`, `sending` or `canceled`. */
	readonly status: string;
	/** Of the HTTP answer; null if there was none. */
	readonly statusCode: number | null;
	/** The beginning of the HTTP answer. */
	readonly answer: string;
	readonly durationMs: number | null;
	/** Whether it was requested by a person or an API call. */
	readonly manual: boolean;
}

/** Characters of an answer to keep; those of the Clerk Trigger are shorter. */
const LONGEST_ANSWER = 1000;
/** More of one endpoint at once would not fit into n8n's memory everywhere. */
const MOST_ATTEMPTS = 10_000;
const TOO_MANY_ATTEMPTS =
	'an endpoint has more than 10,000 in that time. Choose a later time for Since, turn on Only Failed, or set a Limit of at most 10,000';
/** The portal's number for a failed attempt. */
const FAILED = '2';

/** The attempts since a time, the newest first. @param since ISO 8601 @param most the most to return; Infinity for all */
export async function listAttempts(
	portal: Portal,
	idOrUid: string,
	{ since, onlyFailed, most }: { since: string; onlyFailed: boolean; most: number },
): Promise<Attempt[] | Failure> {
	const step = 'listAttempts';
	if (!isName(idOrUid)) return notAnEndpoint(step);
	const found: Attempt[] = [];
	const read = new Set<string>();
	let iterator: string | null = null;
	for (;;) {
		const query = new URLSearchParams({
			limit: String(Math.min(PAGE, most - found.length)),
			after: since,
			with_content: 'true',
			with_msg: 'true',
			expanded_statuses: 'true',
			...(onlyFailed ? { status: FAILED } : {}),
			...(iterator === null ? {} : { iterator }),
		});
		const url = `${portal.app}/attempt/endpoint/${idOrUid}?${query.toString()}`;
		const answer = await inPortal(portal, { step, method: 'GET', url });
		if (isFailure(answer)) return answer;
		if (!Array.isArray(answer['data'])) return notAsExpected(step);
		found.push(...objectsAt(answer, 'data').map(readAttempt));
		if (answer['done'] !== false || found.length >= most) return found.slice(0, most);
		if (found.length >= MOST_ATTEMPTS) return notPossible(step, TOO_MANY_ATTEMPTS);
		iterator = textAt(answer, 'iterator');
		if (iterator === null || read.has(iterator)) return notAsExpected(step);
		read.add(iterator);
	}
}

/** Leaves out the message's content: it says nothing about the delivery. */
function readAttempt(entry: ClerkObject): Attempt {
	const statusCode = numberAt(entry, 'responseStatusCode');
	return {
		eventId: textAt(entry, 'msgId') ?? '',
		eventType: textAt(objectAt(entry, 'msg'), 'eventType'),
		at: textAt(entry, 'timestamp') ?? '',
		status: textAt(entry, 'statusText') ?? STATUSES[Number(entry['status'])] ?? '',
		// 0 means none.
		statusCode: statusCode || null,
		answer: (textAt(entry, 'response') ?? '').slice(0, LONGEST_ANSWER),
		durationMs: numberAt(entry, 'responseDurationMs'),
		manual: entry['triggerType'] === 1,
	};
}

/** By the portal's numbers. */
const STATUSES: readonly string[] = ['success', 'pending', 'fail', 'sending', 'canceled'];

/** One event as the portal keeps it. */
export interface Message {
	/** `msg_…`, which is the `svix-id` of its deliveries. */
	readonly id: string;
	readonly eventType: string;
	/** When Clerk sent it, in milliseconds since 1970. */
	readonly at: number;
	/** What was delivered; null where the portal no longer keeps it. */
	readonly payload: ClerkObject | null;
}

/** So many messages a page: each can be large. */
const MESSAGES_PAGE = 100;
/** More at once would not fit into n8n's memory everywhere. */
export const MOST_MESSAGES = 10_000;
const TOO_MANY_MESSAGES = 'there are more than 10,000 events in that time. Read them in parts, with Since and Until';

/** The portal finds a time by ID, and the time in an ID is rounded. So more is asked for than is wanted. */
const ROUNDED_BY_MS = 1_000;

/**
 * The oldest messages since then. The portal lists the newest first, so all pages are read, and only `most` messages
 * are kept. Those of the same millisecond as the last one are kept too: who continues from its time misses none.
 * @param since milliseconds since 1970, inclusive
 * @param until milliseconds since 1970, exclusive; null for now
 * @param eventTypes null for all
 * @param countedAfter milliseconds since 1970: only the messages after it count toward `most`
 * @param most so many, and those of the same millisecond as the last one; Infinity for all. More than fit into memory are an error
 * @returns the oldest first; `isAll` says whether there are no others in that time
 */
export async function listMessages(
	portal: Portal,
	{
		since,
		until,
		eventTypes,
		countedAfter = -Infinity,
		most,
	}: {
		since: number;
		until: number | null;
		eventTypes: readonly string[] | null;
		countedAfter?: number;
		most: number;
	},
): Promise<{ messages: Message[]; isAll: boolean } | Failure> {
	const step = 'listMessages';
	let found: Message[] = [];
	let isAll = true;
	const read = new Set<string>();
	let iterator: string | null = null;
	// Null from the year 10000 on, which the portal can't read.
	const before = until === null ? null : isoTime(until + ROUNDED_BY_MS);
	for (;;) {
		const query = new URLSearchParams({
			limit: String(MESSAGES_PAGE),
			after: new Date(since - ROUNDED_BY_MS).toISOString(),
			with_content: 'true',
			...(before === null ? {} : { before }),
			...(iterator === null ? {} : { iterator }),
		});
		for (const type of eventTypes ?? []) query.append('event_types', type);
		const url = `${portal.app}/msg?${query.toString()}`;
		const answer = await inPortal(portal, { step, method: 'GET', url, patience: PATIENT });
		if (isFailure(answer)) return answer;
		const page = answer['data'];
		if (!Array.isArray(page) || !page.every(isObject)) return notAsExpected(step);
		const messages = page.map(readMessage);
		if (!messages.every((message) => message !== null)) return notAsExpected(step);
		found.push(...messages.filter(({ at }) => at >= since && (until === null || at < until)));
		// IDs are in the order of time, but not within a few milliseconds.
		found.sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1));
		const counted = found.filter(({ at }) => at > countedAfter);
		const last = counted[most - 1];
		if (last !== undefined) {
			const kept = found.filter(({ at }) => at <= last.at);
			isAll &&= kept.length === found.length;
			found = kept;
		} else if (counted.length > MOST_MESSAGES) return notPossible(step, TOO_MANY_MESSAGES);
		if (answer['done'] !== false) return { messages: found, isAll };
		const next = textAt(answer, 'iterator');
		if (next === null || read.has(next) || messages.length === 0) return notAsExpected(step);
		read.add(next);
		iterator = next;
	}
}

function readMessage(message: ClerkObject): Message | null {
	const [id, eventType] = [textAt(message, 'id'), textAt(message, 'eventType')];
	const at = Date.parse(textAt(message, 'timestamp') ?? '');
	if (id === null || eventType === null || Number.isNaN(at)) return null;
	const payload = objectAt(message, 'payload');
	return { id, eventType, at, payload: payload && textAt(payload, 'type') === null ? null : payload };
}

function notAnEndpoint(step: Step): Failure {
	return notPossible(step, 'this is not the ID of an endpoint');
}

function notPossible(step: Step, said: string): Failure {
	return new Failure({ step, service: 'the webhook portal', status: null, code: NOT_POSSIBLE, said });
}

function notAsExpected(step: Step): Failure {
	return new Failure({
		step,
		service: 'the webhook portal',
		status: null,
		code: UNEXPECTED_ANSWER,
		said: 'the answer has an unknown format',
	});
}

function readEndpoint(answer: ClerkObject, step: Step): Endpoint | Failure {
	const id = textAt(answer, 'id');
	const url = textAt(answer, 'url');
	if (!isName(id) || url === null) return notAsExpected(step);
	// Older portals call it filterTypes.
	const eventTypes = answer['eventTypes'] ?? answer['filterTypes'];
	return {
		id,
		url,
		uid: textAt(answer, 'uid'),
		description: textAt(answer, 'description') ?? '',
		eventTypes: Array.isArray(eventTypes) ? eventTypes.map(String) : null,
		disabled: answer['disabled'] === true,
		metadata: Object.fromEntries(
			Object.entries(objectAt(answer, 'metadata') ?? {}).filter(
				(entry): entry is [string, string] => typeof entry[1] === 'string',
			),
		),
	};
}

/** By way of bytes, since a damaged token can contain half a character, which cannot be encoded. */
function inPath(text: string): string {
	return encodeURIComponent(Buffer.from(text).toString());
}

/** Whether a text is only dots, which change the path of a URL however they are encoded. */
function leadsUpwards(text: string): boolean {
	return /^\.+$/.test(text);
}

/** The content of an AutoConfig token: permission to set up one endpoint, and its signing secret. */
export interface AutoConfig {
	readonly url: string;
	readonly token: string;
	readonly signingSecret: string;
	/** The body that its route expects. */
	readonly body: (wanted: ClerkObject) => ClerkObject;
}

interface AutoConfigVersion {
	/** The token's key for what it sets up. */
	readonly names: string;
	readonly path: (name: string) => string;
	readonly body: AutoConfig['body'];
}

/** `auto_v1_` names an existing endpoint, `auto_v2_` a subscription that creates its endpoint when it is used. */
const AUTO_CONFIG_VERSIONS: Readonly<Record<string, AutoConfigVersion>> = {
	auto_v1_: {
		names: 'eid',
		path: (name) => `/endpoint/${name}/auto-config`,
		body: (wanted) => ({ endpoint: wanted }),
	},
	auto_v2_: { names: 'sid', path: (name) => `/autoconfig/${name}/endpoint`, body: (wanted) => wanted },
};

export function isAutoConfig(text: string): boolean {
	return /^auto_v\d+_/.test(text.trim());
}

/**
 * @returns null if it isn't such a token, or is of an unknown version; never throws
 * @see Svix documentation, "AutoConfig"; svix 2.5.0, `autoconfig.ts`, for the second version
 */
export function readAutoConfig(text: string): AutoConfig | null {
	const [, prefix = '', encoded = ''] = /^(auto_v\d+_)(.*)$/s.exec(text.trim()) ?? [];
	const version = AUTO_CONFIG_VERSIONS[prefix];
	if (!version) return null;
	let value: unknown;
	try {
		value = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
	} catch {
		return null;
	}
	if (!isObject(value)) return null;
	const [appId, name, server, signingSecret, token] = ['aid', version.names, 'surl', 'esec', 'tok'].map((key) =>
		textAt(value, key),
	);
	if (!appId || !name || !server || !signingSecret || !token || [appId, name].some(leadsUpwards)) return null;
	// Plain http only to this machine, because the token is sent.
	if (!/^https:\/\/|^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/.test(server)) return null;
	const url = `${server.replace(/\/+$/, '')}/api/v1/app/${inPath(appId)}${version.path(inPath(name))}`;
	return { url, token, signingSecret, body: version.body };
}

/** Sets URL, events and description of the endpoint that the token is for. */
export async function autoConfigure(
	send: Send,
	{ url, token, body }: AutoConfig,
	wanted: Pick<WantedEndpoint, 'url' | 'description' | 'eventTypes'>,
): Promise<Endpoint | Failure> {
	const step = 'autoConfigure';
	const answer = await call(send, {
		step,
		service: 'the webhook portal',
		method: 'PUT',
		url,
		bearer: token,
		body: body({ ...wanted }),
	});
	return isFailure(answer) ? answer : readEndpoint(answer, step);
}
