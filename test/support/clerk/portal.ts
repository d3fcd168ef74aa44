import { fixtures } from '../deliveries';
import { Contract } from './contract';
import type { Finding } from './contract';
import { mintId, mintSecret, randomText } from './ids';
import { EndpointSender } from './sender';
import type { EndpointAttempt, EndpointSenderOptions, SentMessage } from './sender';
import type { Answer, Asked, Service } from './service';

export type PortalOperation =
	| 'v1.authentication.logout'
	| 'v1.authentication.exchange-one-time-token'
	| 'v1.endpoint.list'
	| 'v1.endpoint.create'
	| 'v1.endpoint.get'
	| 'v1.endpoint.upsert'
	| 'v1.endpoint.patch'
	| 'v1.endpoint.delete'
	| 'v1.endpoint.get-secret'
	| 'v1.endpoint.recover'
	| 'v1.endpoint.send-example'
	| 'v1.endpoint.auto-config.get'
	| 'v1.endpoint.auto-config.update'
	| 'v1.autoconfig-subscription.endpoint.subscribe'
	| 'v1.message-attempt.list-by-endpoint';

export interface Endpoint {
	readonly id: string;
	uid: string | null;
	url: string;
	description: string;
	/** Null: all. */
	eventTypes: string[] | null;
	disabled: boolean;
	channels: string[] | null;
	throttleRate: number | null;
	metadata: Record<string, string>;
	secret: string;
	readonly createdAt: Date;
	updatedAt: Date;
}

/** What a portal token may do. Source: `AppPortalCapability` in Svix' library. */
export const ALL_CAPABILITIES = [
	'ViewBase',
	'ViewEndpointSecret',
	'ManageEndpointSecret',
	'ManageTransformations',
	'CreateAttempts',
	'ManageEndpoint',
] as const;

export type Capability = (typeof ALL_CAPABILITIES)[number];

/** What a call takes beside a valid token; those that aren't here take `ViewBase`. */
const NEEDED: Readonly<Partial<Record<PortalOperation, Capability>>> = {
	'v1.endpoint.create': 'ManageEndpoint',
	'v1.endpoint.upsert': 'ManageEndpoint',
	'v1.endpoint.patch': 'ManageEndpoint',
	'v1.endpoint.delete': 'ManageEndpoint',
	'v1.endpoint.get-secret': 'ViewEndpointSecret',
	'v1.endpoint.recover': 'CreateAttempts',
	'v1.endpoint.send-example': 'CreateAttempts',
};

export interface PortalOptions {
	/** What the tokens of this portal may do. */
	capabilities: readonly Capability[];
	/** What the endpoints' event types are called in answers: `filterTypes` is what an older Svix says. */
	dialect: 'eventTypes' | 'filterTypes';
	/** Whether a URL with http:// is refused, as it is where Svix is set up for production. */
	httpsOnly: boolean;
	/**
	 * The event types that exist. Svix refuses an endpoint with any other, as the open part of its server
	 * shows (`validate_event_types`), though the contract doesn't say so. Null: every name exists.
	 */
	eventTypes: readonly string[] | null;
	/** Milliseconds that a token lives. */
	tokenLife: number;
}

interface Token {
	readonly expires: number;
	/** The only endpoint that it is for, where it came with auto-config. */
	readonly endpointId: string | null;
	readonly capabilities: readonly Capability[];
}

/**
 * What Svix says with these statuses.
 * Source: `error.rs` of the open part of Svix' server.
 */
const ERRORS: Readonly<Record<number, readonly [code: string, detail: string]>> = {
	400: ['generic_error', 'Generic error'],
	401: ['authentication_failed', 'Incorrect authentication credentials.'],
	403: ['insufficient access', 'Insufficient access for the given operation.'],
	404: ['not_found', 'Entity not found'],
	409: ['conflict', 'A conflict has occurred'],
	429: ['rate_limit', 'Too many requests'],
};

/** The events of which there is an example: those of Clerk's own description. */
const EXAMPLE = 'openapi.';
const examples = new Map(
	fixtures.filter(({ name }) => name.startsWith(EXAMPLE)).map(({ name, text }) => [name.slice(EXAMPLE.length), text]),
);

/** Clerk's example of an event, byte for byte; undefined for an event that has none. */
export function exampleOf(eventType: string): string | undefined {
	return examples.get(eventType);
}

/** The events that Clerk has told Svix of: `subscriptionItem.created` stands only in Clerk's types, not in its description. */
export const CLERK_EVENT_TYPES: readonly string[] = [...examples.keys(), 'subscriptionItem.created'];

/** Svix' API as its portal uses it, for the one app of a Clerk instance. */
export class Portal implements Service {
	readonly name = 'svix';
	readonly errorModel = { operation: 'v1.endpoint.list', status: 400 };
	/** Null as long as the Clerk instance has no Svix app. */
	appId: string | null = null;
	readonly endpoints: Endpoint[] = [];
	readonly sender: EndpointSender;
	readonly handlers: Readonly<Record<PortalOperation, (asked: Asked) => Answer>>;
	private readonly oneTimeTokens = new Set<string>();
	private readonly tokens = new Map<string, Token>();
	private readonly autoConfigs = new Map<string, { token: string; updatedAt: Date }>();
	/** By their ids: each makes its endpoint when its token is first used. */
	private readonly subscriptions = new Map<string, { secret: string; endpointId: string | null }>();
	private readonly answered = new Map<string, Answer>();

	private constructor(
		readonly contract: Contract,
		readonly options: PortalOptions,
		sending: EndpointSenderOptions,
	) {
		this.sender = new EndpointSender(this, sending);
		this.handlers = {
			'v1.authentication.logout': ({ bearer }) => {
				this.tokens.delete(bearer ?? '');
				return { status: 204 };
			},
			'v1.authentication.exchange-one-time-token': ({ body }) => {
				if (!this.oneTimeTokens.delete(String(body['oneTimeToken']))) return this.error(401);
				return { status: 200, body: { token: this.mintToken(), capabilities: this.options.capabilities } };
			},
			'v1.endpoint.list': ({ query }) => this.list(query),
			'v1.endpoint.create': (asked) => this.once(asked, () => this.create(asked.body)),
			'v1.endpoint.get': (asked) => this.withEndpoint(asked, (endpoint) => this.shown(endpoint)),
			'v1.endpoint.upsert': (asked) => this.upsert(asked),
			'v1.endpoint.patch': (asked) => this.withEndpoint(asked, (endpoint) => this.change(endpoint, asked.body)),
			'v1.endpoint.delete': (asked) =>
				this.withEndpoint(asked, (endpoint) => {
					this.remove(endpoint);
					return { status: 204 };
				}),
			'v1.endpoint.get-secret': (asked) => this.withEndpoint(asked, ({ secret }) => ({ status: 200, body: { key: secret } })),
			'v1.endpoint.recover': (asked) => this.once(asked, () => this.recover(asked)),
			'v1.endpoint.send-example': (asked) => this.once(asked, () => this.sendExample(asked)),
			'v1.endpoint.auto-config.get': (asked) =>
				this.withEndpoint(asked, ({ id }) => {
					const config = this.autoConfigs.get(id);
					if (!config) return this.error(404);
					const { token, updatedAt } = config;
					const body = { endpId: id, tokenCensored: `${token.slice(0, 4)}****`, updatedAt: updatedAt.toISOString() };
					return { status: 200, body };
				}),
			'v1.endpoint.auto-config.update': (asked) =>
				this.withEndpoint(asked, (endpoint) => {
					const { endpoint: wanted } = asked.body;
					if (typeof wanted !== 'object' || wanted === null) {
						return this.refuse(['body', 'endpoint'], 'Only an endpoint can be configured here');
					}
					return this.change(endpoint, wanted as Record<string, unknown>);
				}),
			'v1.autoconfig-subscription.endpoint.subscribe': ({ params, body }) => {
				const subscription = this.subscriptions.get(params['autoconfig_id'] ?? '');
				if (!subscription) return this.error(404);
				const endpoint = this.endpoints.find(({ id }) => id === subscription.endpointId);
				if (endpoint) return this.change(endpoint, body);
				const fields = fieldsOf(body);
				const objection = this.objection(fields, null);
				if (objection) return objection;
				const made = this.add({ ...fields, url: fields.url ?? '', secret: subscription.secret });
				subscription.endpointId = made.id;
				return this.shown(made);
			},
			'v1.message-attempt.list-by-endpoint': (asked) => this.withEndpoint(asked, ({ id }) => this.attempts(id, asked.query)),
		};
	}

	static async create(options: PortalOptions, sending: EndpointSenderOptions): Promise<Portal> {
		const operations: Record<PortalOperation, true> = {
			'v1.authentication.logout': true,
			'v1.authentication.exchange-one-time-token': true,
			'v1.endpoint.list': true,
			'v1.endpoint.create': true,
			'v1.endpoint.get': true,
			'v1.endpoint.upsert': true,
			'v1.endpoint.patch': true,
			'v1.endpoint.delete': true,
			'v1.endpoint.get-secret': true,
			'v1.endpoint.recover': true,
			'v1.endpoint.send-example': true,
			'v1.endpoint.auto-config.get': true,
			'v1.endpoint.auto-config.update': true,
			'v1.autoconfig-subscription.endpoint.subscribe': true,
			'v1.message-attempt.list-by-endpoint': true,
		};
		const files = ['svix-endpoints.json', 'svix-messages.json', 'svix-autoconfig.json'];
		return new Portal(await Contract.load(files, Object.keys(operations)), options, sending);
	}

	createApp(): void {
		this.appId = mintId('app');
	}

	deleteApp(): void {
		this.appId = null;
		this.endpoints.length = 0;
		this.expireTokens();
	}

	/** As in a link of Clerk's. Its end gives the two characters in which the alphabets of base64 differ, wherever it stands. */
	mintOneTimeToken(): string {
		const token = `ott_${randomText(24)}~~~???`;
		this.oneTimeTokens.add(token);
		return token;
	}

	/** A token with what this portal allows; for one endpoint's auto-config alone, where one is given. */
	mintToken(endpointId: string | null = null): string {
		const token = `appsk_${randomText(32)}.eu`;
		const { capabilities, tokenLife } = this.options;
		// A person pastes the auto-config token whenever it suits.
		const expires = endpointId === null ? Date.now() + tokenLife : Infinity;
		this.tokens.set(token, { expires, endpointId, capabilities });
		return token;
	}

	/** All tokens that were given out are worth nothing any more. */
	expireTokens(): void {
		this.tokens.clear();
		this.oneTimeTokens.clear();
	}

	/** How many tokens of the portal are still good: given out, not expired, not logged out. */
	get openTokens(): number {
		const open = [...this.tokens.values()].filter(({ expires, endpointId }) => endpointId === null && expires > Date.now());
		return open.length;
	}

	/** Adds an endpoint without being asked through the API: a person did it in the dashboard. */
	add(wanted: Partial<Endpoint> & { url: string }): Endpoint {
		const now = new Date();
		const endpoint: Endpoint = {
			id: mintId('ep'),
			uid: null,
			description: '',
			eventTypes: null,
			disabled: false,
			channels: null,
			throttleRate: null,
			metadata: {},
			secret: mintSecret(),
			createdAt: now,
			updatedAt: now,
			...wanted,
		};
		this.endpoints.push(endpoint);
		return endpoint;
	}

	remove(endpoint: Endpoint): void {
		const index = this.endpoints.indexOf(endpoint);
		if (index >= 0) this.endpoints.splice(index, 1);
	}

	/** The token that the portal shows a person for an endpoint, to be pasted elsewhere. */
	autoConfigToken(endpoint: Endpoint, portalUrl: string): string {
		const token = this.mintToken(endpoint.id);
		this.autoConfigs.set(endpoint.id, { token, updatedAt: new Date() });
		const content = { aid: this.appId, eid: endpoint.id, surl: portalUrl, esec: endpoint.secret, tok: token };
		return `auto_v1_${Buffer.from(JSON.stringify(content)).toString('base64')}`;
	}

	/** A token of the second version: not for an endpoint that is there, but for one that its use makes. */
	subscriptionToken(portalUrl: string): string {
		const [sid, secret] = [mintId('acfg'), mintSecret()];
		this.subscriptions.set(sid, { secret, endpointId: null });
		const content = { aid: this.appId, sid, surl: portalUrl, esec: secret, tok: this.mintToken(sid) };
		return `auto_v2_${Buffer.from(JSON.stringify(content)).toString('base64')}`;
	}

	/** Hands an event to all endpoints that are switched on and listen to it. */
	emit(eventType: string, body: string): SentMessage {
		const listening = this.endpoints.filter(
			({ disabled, eventTypes }) => !disabled && (eventTypes === null || eventTypes.includes(eventType)),
		);
		return this.sender.send(eventType, body, listening);
	}

	unauthorized({ operation, bearer, params }: Asked): Answer | null {
		// Though the contract asks for a token here too: nobody has one yet.
		if (operation === 'v1.authentication.exchange-one-time-token') return null;
		const token = bearer === null ? undefined : this.tokens.get(bearer);
		if (!token || token.expires <= Date.now()) return this.error(401);
		const { endpointId, capabilities } = token;
		const isAutoConfig = /^v1\.(endpoint\.auto-config|autoconfig-subscription)\./.test(operation);
		const named = params['endpoint_id'] ?? params['autoconfig_id'];
		// A token for the auto-config of one endpoint opens that and nothing else.
		if (endpointId !== null && !(isAutoConfig && named === endpointId)) return this.error(403);
		const needed = NEEDED[operation as PortalOperation] ?? 'ViewBase';
		if (endpointId === null && !capabilities.includes(needed)) return this.error(403);
		return params['app_id'] === undefined || params['app_id'] === this.appId ? null : this.error(404);
	}

	error(status: number, code?: string, detail?: string): Answer {
		const [usualCode, usualDetail] = ERRORS[status] ?? ['server_error', 'Internal Server Error'];
		return { status, body: { code: code ?? usualCode, detail: detail ?? usualDetail } };
	}

	invalid(findings: readonly Finding[]): Answer {
		const detail = findings.map(({ loc, message }) => ({ loc, msg: message, type: 'value_error' }));
		return { status: 422, body: { detail } };
	}

	private refuse(loc: string[], message: string): Answer {
		return this.invalid([{ loc, message }]);
	}

	/** Svix answers a repeated call with the same idempotency key as it did the first time, and does nothing. */
	private once({ operation, headers, bearer }: Asked, work: () => Answer): Answer {
		const key = headers['idempotency-key'];
		if (key === undefined) return work();
		const place = [operation, bearer, key].join(' ');
		const answer = this.answered.get(place) ?? work();
		this.answered.set(place, answer);
		return answer;
	}

	private find(idOrUid: string | undefined): Endpoint | undefined {
		return this.endpoints.find(({ id, uid }) => id === idOrUid || uid === idOrUid);
	}

	private withEndpoint({ params }: Asked, work: (endpoint: Endpoint) => Answer): Answer {
		const endpoint = this.find(params['endpoint_id']);
		return endpoint ? work(endpoint) : this.error(404);
	}

	private list({ limit = '50', iterator, order = 'ascending' }: Record<string, string>): Answer {
		const down = order === 'descending';
		const sorted = [...this.endpoints].sort((a, b) => (a.id < b.id === down ? 1 : -1));
		const rest = iterator ? sorted.filter(({ id }) => (down ? id < iterator : id > iterator)) : sorted;
		const page = rest.slice(0, Number(limit));
		const body = {
			data: page.map((endpoint) => this.shape(endpoint)),
			iterator: page.at(-1)?.id ?? iterator ?? null,
			prevIterator: page[0] ? `-${page[0].id}` : null,
			done: page.length === rest.length,
		};
		return { status: 200, body };
	}

	/** What speaks against these fields, beyond the contract; null if nothing does. */
	private objection(fields: Partial<Endpoint>, to: Endpoint | null): Answer | null {
		const { url, uid, eventTypes } = fields;
		if (url !== undefined) {
			const protocol = URL.canParse(url) ? new URL(url).protocol : '';
			const allowed = this.options.httpsOnly ? ['https:'] : ['https:', 'http:'];
			if (!allowed.includes(protocol))
				return this.refuse(['body', 'url'], `Endpoint URL schemes must be ${allowed.join(' or ')}`);
		}
		if (eventTypes) {
			// An endpoint that listens to nothing can't be told, so it can't be made.
			if (eventTypes.length === 0) return this.refuse(['body', 'eventTypes'], "eventTypes can't be empty");
			const { eventTypes: known } = this.options;
			const missing = eventTypes.filter((type) => known !== null && !known.includes(type));
			if (missing.length > 0) {
				return this.refuse(['body', 'eventTypes'], `The following type names don't exist: ${missing.join(', ')}`);
			}
		}
		const taken = typeof uid === 'string' && this.endpoints.some((other) => other !== to && other.uid === uid);
		return taken ? this.error(409) : null;
	}

	private create(body: Record<string, unknown>): Answer {
		const fields = fieldsOf(body);
		const objection = this.objection(fields, null);
		if (objection) return objection;
		return this.shown(this.add({ ...fields, url: fields.url ?? '' }), 201);
	}

	private upsert({ params, body }: Asked): Answer {
		const id = params['endpoint_id'] ?? '';
		const endpoint = this.find(id);
		if (!endpoint) return /^ep_\w{27}$/.test(id) ? this.error(404) : this.create({ uid: id, ...body });
		// What isn't named goes back to what it is at first.
		const first = {
			description: '',
			throttleRate: null,
			uid: null,
			disabled: false,
			eventTypes: null,
			channels: null,
			metadata: {},
		};
		return this.change(endpoint, { ...first, ...body });
	}

	private change(endpoint: Endpoint, body: Record<string, unknown>): Answer {
		const fields = fieldsOf(body);
		const objection = this.objection(fields, endpoint);
		if (objection) return objection;
		Object.assign(endpoint, fields, { updatedAt: new Date() });
		return this.shown(endpoint);
	}

	private recover(asked: Asked): Answer {
		return this.withEndpoint(asked, (endpoint) => {
			const { since, until } = asked.body;
			this.sender.recover(endpoint, Date.parse(String(since)), typeof until === 'string' ? Date.parse(until) : undefined);
			const updatedAt = new Date().toISOString();
			return { status: 202, body: { id: mintId('qtask'), status: 'running', task: 'endpoint.recover', updatedAt } };
		});
	}

	private sendExample(asked: Asked): Answer {
		return this.withEndpoint(asked, (endpoint) => {
			const eventType = String(asked.body['eventType']);
			const example = exampleOf(eventType);
			if (example === undefined) return this.error(404);
			const { id, at } = this.sender.send(eventType, example, [endpoint]);
			const timestamp = new Date(at).toISOString();
			return { status: 202, body: { id, eventType, payload: JSON.parse(example) as object, timestamp } };
		});
	}

	/** The newest first. */
	private attempts(endpointId: string, { limit = '50', iterator, status, after }: Record<string, string>): Answer {
		const since = after === undefined ? 0 : Date.parse(after);
		const all = this.sender.messages.flatMap((message) =>
			message.deliveries
				.filter((delivery) => delivery.endpointId === endpointId)
				.flatMap(({ attempts }) => attempts.map((attempt) => attemptOf(message, endpointId, attempt))),
		);
		const rest = all
			.filter((attempt) => Date.parse(attempt.timestamp) > since && (status === undefined || attempt.status === Number(status)))
			.sort((a, b) => (a.id < b.id ? 1 : -1))
			.filter(({ id }) => iterator === undefined || id < iterator);
		const page = rest.slice(0, Number(limit));
		const body = { data: page, iterator: page.at(-1)?.id ?? iterator ?? null, done: page.length === rest.length };
		return { status: 200, body };
	}

	private shown(endpoint: Endpoint, status = 200): Answer {
		return { status, body: this.shape(endpoint) };
	}

	/** Without its secret, in today's words or in the older ones. */
	private shape(endpoint: Endpoint): object {
		const { id, uid, url, description, disabled, channels, throttleRate, metadata, eventTypes, createdAt, updatedAt } = endpoint;
		return {
			...{ id, uid, url, description, disabled, channels, throttleRate, metadata },
			[this.options.dialect]: eventTypes,
			createdAt: createdAt.toISOString(),
			updatedAt: updatedAt.toISOString(),
		};
	}
}

/** As the portal shows an attempt: no answer has the status 0, and the message's content is left out. */
function attemptOf(message: SentMessage, endpointId: string, { id, url, at, status, text, durationMs, manual }: EndpointAttempt) {
	const succeeded = status !== null && status >= 200 && status < 300;
	const sent = { id: message.id, eventType: message.eventType, timestamp: new Date(message.at).toISOString(), payload: {} };
	return {
		...{ id, endpointId, url, msgId: message.id, msg: sent, timestamp: new Date(at).toISOString() },
		...{ response: text, responseStatusCode: status ?? 0, responseDurationMs: durationMs },
		...(succeeded ? { status: 0, statusText: 'success' } : { status: 2, statusText: 'fail' }),
		triggerType: manual ? 1 : 0,
	};
}

/** Of a body that the contract allows, what an endpoint keeps. */
function fieldsOf(body: Record<string, unknown>): Partial<Endpoint> {
	const names = ['uid', 'url', 'description', 'eventTypes', 'disabled', 'channels', 'throttleRate', 'metadata'];
	const fields = Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name)));
	const { secret } = body;
	if (typeof secret !== 'string') return fields;
	return { ...fields, secret: /^wh(sec|sk1?|pk1?)_/.test(secret) ? secret : `whsec_${secret}` };
}
