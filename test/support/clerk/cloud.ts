import { Backend } from './backend';
import type { BackendOperation, BackendOptions } from './backend';
import { CallLog } from './callLog';
import type { Call } from './callLog';
import type { Fault } from './faults';
import type { Link } from './links';
import type { Population } from './population';
import { ALL_CAPABILITIES, CLERK_EVENT_TYPES, exampleOf, Portal } from './portal';
import type { Endpoint, PortalOperation, PortalOptions } from './portal';
import type { EndpointSenderOptions, SentMessage } from './sender';
import { randomText } from './tokens';

export type { Call } from './callLog';
export { faults } from './faults';
export type { Fault } from './faults';
export { BROKEN_LINK_FORMS, LINK_FORMS } from './links';
export type { LinkForm } from './links';
export { exampleOf } from './portal';
export type { Endpoint } from './portal';
export type { User, UserPatch } from './population';
export type { SentMessage } from './sender';

/** A call by its contract's ID. */
export type CloudOperation = BackendOperation | PortalOperation;

export interface CloudOptions {
	/** By default a key like those of the environment. */
	secretKey?: string;
	environment?: BackendOptions['environment'];
	/** Whether the instance has a Svix app from the start, as after a first look at the dashboard's webhooks. */
	app?: boolean;
	/** By default nobody counts; Clerk lets 1,000 (production) or 100 (development) calls pass in 10,000 ms. */
	rateLimit?: BackendOptions['rateLimit'];
	/** By default, a cursor whose user is gone is refused. */
	unknownCursor?: BackendOptions['unknownCursor'];
	link?: Partial<Link>;
	portal?: Partial<PortalOptions>;
	sending?: Partial<EndpointSenderOptions>;
}

/** Svix', with its hours shortened to parts of a second. */
const SCHEDULE = [0, 100, 200, 400, 800];

/**
 * One Clerk instance and its part of Svix, on two ports of this machine: the Backend API, the portal's API and the
 * sender, with one state behind them. Every request and answer is validated against the published contracts.
 */
export class ClerkCloud {
	private constructor(
		private readonly log: CallLog,
		readonly backend: Backend,
		readonly portal: Portal,
		/** In place of https://api.clerk.com/v1. */
		readonly apiUrl = `${backend.origin}/v1`,
		/** In place of https://api.eu.svix.com; Clerk's links name it as their `serverUrl`. */
		readonly portalUrl = portal.origin,
	) {}

	static async start({ app = true, environment = 'development', ...rest }: CloudOptions = {}): Promise<ClerkCloud> {
		const kind = environment === 'production' ? 'live' : 'test';
		const { secretKey = `sk_${kind}_${randomText(40)}`, rateLimit = null, unknownCursor = 'refused' } = rest;
		const log = new CallLog();
		const portal = new Portal(
			log,
			{
				capabilities: ALL_CAPABILITIES,
				dialect: 'eventTypes',
				httpsOnly: true,
				eventTypes: CLERK_EVENT_TYPES,
				tokenLife: 7 * 24 * 3_600_000,
				...rest.portal,
			},
			{ schedule: SCHEDULE, patience: 15_000, ...rest.sending },
		);
		if (app) portal.createApp();
		const link: Link = { form: 'standard', namesServer: true, region: 'eu', ...rest.link };
		const backend = new Backend(log, { secretKey, environment, rateLimit, unknownCursor, link }, portal);
		await portal.start();
		await backend.start();
		return new ClerkCloud(log, backend, portal);
	}

	/**
	 * Ends the servers and what is still being delivered.
	 * @throws when something was answered that the contracts don't allow, which is a mistake of this mock
	 */
	async stop(): Promise<void> {
		await this.portal.sender.stop();
		await Promise.all([this.backend.stop(), this.portal.stop()]);
		const { wrongAnswers } = this.log;
		if (wrongAnswers.length > 0) throw new Error(`Answered against the contract:\n${wrongAnswers.join('\n')}`);
	}

	get secretKey(): string {
		return this.backend.options.secretKey;
	}

	/** The users of the instance, its organizations, memberships and waitlist: nobody, until a test fills it. */
	get people(): Population {
		return this.backend.people;
	}

	/** How many calls the rate limit refused since the start. */
	get rateLimited(): number {
		return this.backend.rateLimited;
	}

	/** Every call since the last reset, in its order. */
	get calls(): readonly Call[] {
		return this.log.calls;
	}

	/** What the contracts refused, in words: empty, if the caller knows them. */
	get refused(): readonly string[] {
		return this.log.refused;
	}

	/** What was sent though the contracts have no place for it: dropped without a word, so that nobody would notice. */
	get ignored(): readonly string[] {
		return this.log.ignored;
	}

	/** The calls by their operations, in their order. */
	get operations(): Array<string | null> {
		return this.calls.map(({ operation }) => operation);
	}

	/** Forgets the calls so far, so that the next step can be counted; what was refused is kept. */
	resetCalls(): void {
		this.log.calls = [];
	}

	/** How often this was called since the last reset. */
	countOf(operation: CloudOperation): number {
		return this.calls.filter((call) => call.operation === operation).length;
	}

	/**
	 * The calls since the start that carried a text anywhere, in URL, headers or body, also URL-encoded or in
	 * base64: shows where a token or a key went.
	 */
	sawSecret(text: string): Call[] {
		return this.log.carrying(text);
	}

	/**
	 * Lets the next calls of an operation go wrong. What is planned first comes first.
	 * @param operation or `*`, for any
	 * @param skip so many calls of it pass before
	 */
	fail(operation: CloudOperation | '*', fault: Fault, times = 1, skip = 0): void {
		this.log.planFault(operation, fault, times, skip);
	}

	clearFaults(): void {
		this.log.clearFaults();
	}

	/** All endpoints of the instance, as they stand in the dashboard. */
	get endpoints(): readonly Endpoint[] {
		return this.portal.endpoints;
	}

	/**
	 * The endpoint with this uid, id or URL.
	 * @throws if there is none
	 */
	endpoint(name: string): Endpoint {
		const found = this.endpoints.find(({ uid, id, url }) => [uid, id, url].includes(name));
		if (!found) throw new Error(`There is no endpoint ${name} among ${this.endpoints.map(({ url }) => url).join(', ')}`);
		return found;
	}

	/** An endpoint that a person made in the dashboard. */
	addEndpoint(wanted: Partial<Endpoint> & { url: string }): Endpoint {
		return this.portal.add(wanted);
	}

	/** A person deletes an endpoint in the dashboard. */
	removeEndpoint(endpoint: Endpoint): void {
		this.portal.remove(endpoint);
	}

	/** What Svix does with an endpoint that has failed for five days. */
	switchOff(endpoint: Endpoint): void {
		endpoint.disabled = true;
		endpoint.updatedAt = new Date();
	}

	/** The AutoConfig token that the portal shows for an endpoint; its `tok` opens nothing else. */
	autoConfigToken(endpoint: Endpoint): string {
		return this.portal.autoConfigToken(endpoint);
	}

	/** A token of the second version, `auto_v2_…`, whose first use makes an endpoint. */
	subscriptionToken(): string {
		return this.portal.subscriptionToken();
	}

	/** Says where a public address leads to on this machine, as a reverse proxy would: nothing else is delivered to. */
	route(from: string, to: string): void {
		this.portal.sender.route(from, to);
	}

	/**
	 * Something happens in Clerk: every endpoint that listens to it gets it.
	 * @param body the envelope; by default Clerk's example of the event
	 * @returns the message, when it is delivered everywhere or given up
	 */
	async emit(eventType: string, body?: string | object): Promise<SentMessage> {
		const envelope = body ?? exampleOf(eventType);
		if (envelope === undefined) throw new Error(`Clerk has no example of ${eventType}`);
		const message = this.portal.emit(eventType, typeof envelope === 'string' ? envelope : JSON.stringify(envelope));
		await this.portal.sender.settled(message);
		return message;
	}

	/** Every message that was sent, with all attempts. */
	get messages(): readonly SentMessage[] {
		return this.portal.sender.messages;
	}

	/** Waits until every message is delivered or given up, also those of an example or a recovery. */
	async settled(): Promise<void> {
		await this.portal.sender.settled();
	}
}
