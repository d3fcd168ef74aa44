import { fixtures } from '../deliveries';
import type { CallLog } from './callLog';
import { EndpointSender, succeeded } from './sender';
import type { EndpointAttempt, EndpointSenderOptions, SentMessage } from './sender';
import { Refusal, Service } from './service';
import type { Answer, Asked, Handler } from './service';
import { mintId, mintSecret, randomText } from './tokens';

export type PortalOperation = keyof ReturnType<typeof handlersOf>;

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

/** What a token must allow for an operation; those that aren't here need `ViewBase`. */
const NEEDED: Readonly<Record<string, Capability>> = {
	'v1.endpoint.create': 'ManageEndpoint',
	'v1.endpoint.patch': 'ManageEndpoint',
	'v1.endpoint.delete': 'ManageEndpoint',
	'v1.endpoint.get-secret': 'ViewEndpointSecret',
	'v1.endpoint.recover': 'CreateAttempts',
	'v1.endpoint.send-example': 'CreateAttempts',
};

export interface PortalOptions {
	/** Of the tokens of this portal. */
	capabilities: readonly Capability[];
	/** What the endpoints' event types are called in answers: `filterTypes` is what an older Svix says. */
	dialect: 'eventTypes' | 'filterTypes';
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

/**
 * The event types that Clerk has registered with Svix. Svix refuses an endpoint with any other, as the open part of its server shows
 * (`validate_event_types`), though the contract doesn't say so.
 */
const CLERK_EVENT_TYPES: readonly string[] = [...examples.keys(), 'subscriptionItem.created'];

type Body = Record<string, unknown>;

const ok = (body: object, status = 200): Answer => ({ status, body });

/** One handler for each operation of the contract that is served, by its ID. */
function handlersOf(portal: Portal) {
	const { sender } = portal;
	return {
		'v1.authentication.logout': ({ bearer }) => {
			portal.tokens.delete(bearer ?? '');
			return { status: 204 };
		},
		'v1.authentication.exchange-one-time-token': ({ body }) => {
			if (!portal.oneTimeTokens.delete(String(body['oneTimeToken']))) throw new Refusal(401);
			return ok({ token: portal.mintToken(), capabilities: portal.options.capabilities });
		},
		'v1.endpoint.list': ({ values }) => {
			const isDescending = values['order']?.[0] === 'descending';
			const sorted = isDescending ? portal.endpoints.toReversed() : portal.endpoints;
			const { data, ...rest } = pageOf(sorted, values, isDescending);
			return ok({
				data: data.map((endpoint) => portal.shown(endpoint)),
				...rest,
				prevIterator: data[0] ? `-${data[0].id}` : null,
			});
		},
		'v1.endpoint.create': ({ body }) => ok(portal.shown(portal.create(body)), 201),
		'v1.endpoint.get': (asked) => ok(portal.shown(portal.named(asked))),
		'v1.endpoint.patch': (asked) => ok(portal.shown(portal.change(portal.named(asked), asked.body))),
		'v1.endpoint.delete': (asked) => {
			portal.remove(portal.named(asked));
			return { status: 204 };
		},
		'v1.endpoint.get-secret': (asked) => ok({ key: portal.named(asked).secret }),
		'v1.endpoint.recover': (asked) => {
			sender.recover(portal.named(asked), Date.parse(String(asked.body['since'])));
			return ok({ id: mintId('qtask'), status: 'running', task: 'endpoint.recover', updatedAt: new Date().toISOString() }, 202);
		},
		'v1.endpoint.send-example': (asked) => {
			const eventType = String(asked.body['eventType']);
			const example = exampleOf(eventType);
			if (example === undefined) throw new Refusal(404);
			const { id, at } = sender.send(eventType, example, [portal.named(asked)]);
			return ok({ id, eventType, payload: JSON.parse(example) as object, timestamp: new Date(at).toISOString() }, 202);
		},
		'v1.endpoint.auto-config.update': (asked) => {
			const { endpoint: wanted } = asked.body;
			if (typeof wanted !== 'object' || wanted === null) throw invalid('endpoint', 'Only an endpoint can be configured here');
			return ok(portal.shown(portal.change(portal.named(asked), wanted as Body)));
		},
		'v1.autoconfig-subscription.endpoint.subscribe': ({ params, body }) => {
			const subscription = portal.subscriptions.get(params['autoconfig_id'] ?? '');
			if (!subscription) throw new Refusal(404);
			const endpoint = portal.endpoints.find(({ id }) => id === subscription.endpointId);
			if (endpoint) return ok(portal.shown(portal.change(endpoint, body)));
			const made = portal.create({ ...body, secret: subscription.secret });
			subscription.endpointId = made.id;
			return ok(portal.shown(made));
		},
		'v1.message.list': ({ values }) => {
			const [after, before] = ['after', 'before'].map((name) => Date.parse(values[name]?.[0] ?? ''));
			const types = values['event_types'];
			const messages = sender.messages
				.filter(({ at }) => !(at <= after!) && !(at >= before!))
				.filter(({ eventType }) => types === undefined || types.includes(eventType))
				.map(({ id, eventType, body, at }) => ({
					id,
					eventType,
					// What Svix gives once the content is older than it keeps it.
					payload: portal.forgotten.has(id) ? { expired: true } : (JSON.parse(body) as object),
					timestamp: new Date(at).toISOString(),
				}))
				.sort((one, other) => (one.id < other.id ? 1 : -1));
			return ok(pageOf(messages, values, true));
		},
		'v1.message-attempt.list-by-endpoint': (asked) => {
			const { id } = portal.named(asked);
			const [status, after] = [asked.values['status']?.[0], asked.values['after']?.[0]];
			const since = after === undefined ? 0 : Date.parse(after);
			const attempts = sender.messages
				.flatMap((message) => message.deliveries.map((delivery) => ({ message, ...delivery })))
				.filter(({ endpointId }) => endpointId === id)
				.flatMap(({ message, attempts: all }) => all.map((attempt) => attemptOf(message, id, attempt)))
				.filter((one) => Date.parse(one.timestamp) > since && (status === undefined || one.status === Number(status)))
				.sort((one, other) => (one.id < other.id ? 1 : -1));
			return ok(pageOf(attempts, asked.values, true));
		},
	} satisfies Record<string, Handler>;
}

const coded = (prefix: string, content: object) => prefix + Buffer.from(JSON.stringify(content)).toString('base64');

/** @param items sorted by ID */
function pageOf<T extends { id: string }>(items: readonly T[], values: Asked['values'], isDescending: boolean) {
	const iterator = values['iterator']?.[0];
	const rest = items.filter(({ id }) => iterator === undefined || (isDescending ? id < iterator : id > iterator));
	const data = rest.slice(0, Number(values['limit']?.[0] ?? 50));
	return { data, iterator: data.at(-1)?.id ?? iterator ?? null, done: data.length === rest.length };
}

function invalid(field: string, message: string): Refusal {
	return new Refusal(422, undefined, undefined, [{ loc: ['body', field], message }]);
}

const DEFAULTS = {
	uid: null,
	description: '',
	eventTypes: null,
	disabled: false,
	channels: null,
	throttleRate: null,
	metadata: {},
};

/** Svix' API as its portal uses it, for the one app of a Clerk instance. */
export class Portal extends Service {
	readonly name = 'svix';
	/** Null as long as the Clerk instance has no Svix app. */
	appId: string | null = null;
	readonly endpoints: Endpoint[] = [];
	readonly sender: EndpointSender;
	readonly handlers: Readonly<Record<PortalOperation, Handler>>;
	readonly oneTimeTokens = new Set<string>();
	/** The IDs of messages whose content is no longer kept. */
	readonly forgotten = new Set<string>();
	/** Each with the only endpoint that it is for, if it came with auto-config. */
	readonly tokens = new Map<string, string | null>();
	/** By their IDs: each makes its endpoint when its token is first used. */
	readonly subscriptions = new Map<string, { secret: string; endpointId: string | null }>();
	protected readonly errorModel = { operation: 'v1.endpoint.list', status: 400 };

	constructor(
		log: CallLog,
		readonly options: PortalOptions,
		sending: EndpointSenderOptions,
	) {
		super(log, ['svix-endpoints.json', 'svix-messages.json', 'svix-autoconfig.json']);
		this.sender = new EndpointSender(this, sending);
		this.handlers = handlersOf(this);
	}

	createApp(): void {
		this.appId = mintId('app');
	}

	deleteApp(): void {
		this.appId = null;
		this.endpoints.length = 0;
		this.tokens.clear();
	}

	/** As in Clerk's links. Its end becomes the two characters in which the alphabets of base64 differ. */
	mintOneTimeToken(): string {
		const token = `ott_${randomText(24)}~~~???`;
		this.oneTimeTokens.add(token);
		return token;
	}

	/** A token with the portal's capabilities; where an endpoint is given, for its auto-config alone. */
	mintToken(endpointId: string | null = null): string {
		const token = `appsk_${randomText(32)}.eu`;
		this.tokens.set(token, endpointId);
		return token;
	}

	/** How many tokens of the portal were given out and not logged out. */
	get openTokens(): number {
		return [...this.tokens.values()].filter((endpointId) => endpointId === null).length;
	}

	add(wanted: Partial<Endpoint> & { url: string }): Endpoint {
		const now = new Date();
		const endpoint = { id: mintId('ep'), ...DEFAULTS, secret: mintSecret(), createdAt: now, updatedAt: now, ...wanted };
		this.endpoints.push(endpoint);
		return endpoint;
	}

	remove(endpoint: Endpoint): void {
		const index = this.endpoints.indexOf(endpoint);
		if (index >= 0) this.endpoints.splice(index, 1);
	}

	/** The token that the portal shows a person for an endpoint, to be pasted elsewhere. */
	autoConfigToken({ id: eid, secret: esec }: Endpoint): string {
		return coded('auto_v1_', { aid: this.appId, eid, surl: this.origin, esec, tok: this.mintToken(eid) });
	}

	/** A token of the second version: its first use makes the endpoint. */
	subscriptionToken(): string {
		const [sid, esec] = [mintId('acfg'), mintSecret()];
		this.subscriptions.set(sid, { secret: esec, endpointId: null });
		return coded('auto_v2_', { aid: this.appId, sid, surl: this.origin, esec, tok: this.mintToken(sid) });
	}

	/** Hands an event to all endpoints that are switched on and listen to it. */
	emit(eventType: string, body: string): SentMessage {
		const listening = this.endpoints.filter(
			({ disabled, eventTypes }) => !disabled && (eventTypes === null || eventTypes.includes(eventType)),
		);
		return this.sender.send(eventType, body, listening);
	}

	protected authorize({ operation, bearer, params }: Asked): void {
		// Though the contract asks for a token here too: nobody has one yet.
		if (operation === 'v1.authentication.exchange-one-time-token') return;
		const endpointId = this.tokens.get(bearer ?? '');
		if (endpointId === undefined) throw new Refusal(401);
		if (endpointId === null) {
			if (!this.options.capabilities.includes(NEEDED[operation] ?? 'ViewBase')) throw new Refusal(403);
		} else {
			// A token for the auto-config of one endpoint opens that and nothing else.
			const isAutoConfig = /^v1\.(endpoint\.auto-config|autoconfig-subscription)\./.test(operation);
			if (!isAutoConfig || endpointId !== (params['endpoint_id'] ?? params['autoconfig_id'])) throw new Refusal(403);
		}
		if (params['app_id'] !== undefined && params['app_id'] !== this.appId) throw new Refusal(404);
	}

	protected errorOf({ status, code, detail, findings }: Refusal): object {
		const [usualCode, usualDetail] = ERRORS[status] ?? ['server_error', 'Internal Server Error'];
		const errors = findings.map(({ loc, message }) => ({ loc, msg: message, type: 'value_error' }));
		return errors.length > 0 ? { detail: errors } : { code: code ?? usualCode, detail: detail ?? usualDetail };
	}

	/** @throws Refusal with 404 if there is no such endpoint */
	named({ params }: Asked): Endpoint {
		const endpoint = this.endpoints.find(({ id, uid }) => [id, uid].includes(params['endpoint_id'] ?? ''));
		if (!endpoint) throw new Refusal(404);
		return endpoint;
	}

	create(body: Body): Endpoint {
		const fields = fieldsOf(body);
		this.validate(fields, null);
		return this.add({ ...fields, url: fields.url ?? '' });
	}

	change(endpoint: Endpoint, body: Body): Endpoint {
		const fields = fieldsOf(body);
		this.validate(fields, endpoint);
		return Object.assign(endpoint, fields, { updatedAt: new Date() });
	}

	/** Without its secret, in today's words or in the older ones. */
	shown(endpoint: Endpoint): object {
		const { id, uid, url, description, disabled, channels, throttleRate, metadata, eventTypes, createdAt, updatedAt } = endpoint;
		const times = { createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
		const shown = { id, uid, url, description, disabled, channels, throttleRate, metadata };
		return { ...shown, [this.options.dialect]: eventTypes, ...times };
	}

	/** What the service refuses beyond the contract. */
	private validate({ url, uid, eventTypes }: Partial<Endpoint>, changed: Endpoint | null): void {
		if (url !== undefined) {
			const isHttps = URL.canParse(url) && new URL(url).protocol === 'https:';
			if (!isHttps) throw invalid('url', 'Endpoint URL schemes must be https');
		}
		if (eventTypes) {
			if (eventTypes.length === 0) throw invalid('eventTypes', "eventTypes can't be empty");
			const missing = eventTypes.filter((type) => !CLERK_EVENT_TYPES.includes(type));
			if (missing.length > 0) throw invalid('eventTypes', `The following type names don't exist: ${missing.join(', ')}`);
		}
		const isTaken = typeof uid === 'string' && this.endpoints.some((other) => other !== changed && other.uid === uid);
		if (isTaken) throw new Refusal(409);
	}
}

/** As the portal shows an attempt: without an answer, its status code is 0; the message's content is left out. */
function attemptOf(message: SentMessage, endpointId: string, attempt: EndpointAttempt) {
	const { id, url, at, status, text, durationMs, manual } = attempt;
	const sent = { id: message.id, eventType: message.eventType, timestamp: new Date(message.at).toISOString(), payload: {} };
	return {
		...{ id, endpointId, url, msgId: message.id, msg: sent, timestamp: new Date(at).toISOString() },
		...{ response: text, responseStatusCode: status ?? 0, responseDurationMs: durationMs },
		...(succeeded(attempt) ? { status: 0, statusText: 'success' } : { status: 2, statusText: 'fail' }),
		triggerType: manual ? 1 : 0,
	};
}

/** Of a body that the contract allows, what an endpoint keeps. */
function fieldsOf({ secret, ...body }: Body): Partial<Endpoint> {
	const names = [...Object.keys(DEFAULTS), 'url'];
	const fields = Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name)));
	if (typeof secret !== 'string') return fields;
	return { ...fields, secret: /^wh(sec|sk1?|pk1?)_/.test(secret) ? secret : `whsec_${secret}` };
}
