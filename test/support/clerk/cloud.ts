import { Backend } from './backend';
import type { BackendOperation, BackendOptions } from './backend';
import { CallLog } from './callLog';
import type { LinkForm } from './links';
import type { Population } from './population';
import { ALL_CAPABILITIES, exampleOf, Portal } from './portal';
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
	link?: { form: LinkForm };
	portal?: Partial<PortalOptions>;
	sending?: Partial<EndpointSenderOptions>;
}

/** Svix', with its hours shortened to parts of a second. */
const SCHEDULE = [0, 100, 200, 400, 800];

/**
 * One Clerk instance and its part of Svix, on two ports of this machine: the Backend API, the portal's API and the
 * sender, with one state behind them. Every request and answer is validated against the published contracts.
 */
export class ClerkCloud extends CallLog {
	readonly portal: Portal;
	readonly backend: Backend;

	private constructor({ app = true, environment = 'development', ...rest }: CloudOptions) {
		super();
		const kind = environment === 'production' ? 'live' : 'test';
		const { secretKey = `sk_${kind}_${randomText(40)}`, rateLimit = null, unknownCursor = 'refused' } = rest;
		const options = { capabilities: ALL_CAPABILITIES, dialect: 'eventTypes', ...rest.portal } as const;
		this.portal = new Portal(this, options, { schedule: SCHEDULE, patience: 15_000, ...rest.sending });
		if (app) this.portal.createApp();
		const linkForm = rest.link?.form ?? 'standard';
		this.backend = new Backend(this, { secretKey, environment, rateLimit, unknownCursor, linkForm }, this.portal);
	}

	static async start(options: CloudOptions = {}): Promise<ClerkCloud> {
		const cloud = new ClerkCloud(options);
		await cloud.portal.start();
		await cloud.backend.start();
		return cloud;
	}

	/** In place of https://api.clerk.com/v1. */
	get apiUrl(): string {
		return `${this.backend.origin}/v1`;
	}

	/** In place of https://api.eu.svix.com; Clerk's links name it as their `serverUrl`. */
	get portalUrl(): string {
		return this.portal.origin;
	}

	/**
	 * Ends the servers and what is still being delivered.
	 * @throws when something was answered that the contracts don't allow, which is a mistake of this mock
	 */
	async stop(): Promise<void> {
		await this.portal.sender.stop();
		await Promise.all([this.backend.stop(), this.portal.stop()]);
		const { wrongAnswers } = this;
		if (wrongAnswers.length > 0) throw new Error(`Answered against the contract:\n${wrongAnswers.join('\n')}`);
	}

	get secretKey(): string {
		return this.backend.options.secretKey;
	}

	/** The users of the instance and all that belongs to them: nobody, until a test fills it. */
	get people(): Population {
		return this.backend.people;
	}

	/** How many calls the rate limit refused. */
	get rateLimited(): number {
		return this.backend.rateLimited;
	}

	/** All endpoints of the instance. */
	get endpoints(): readonly Endpoint[] {
		return this.portal.endpoints;
	}

	/**
	 * The endpoint with this uid, ID or URL.
	 * @throws if there is none
	 */
	endpoint(name: string): Endpoint {
		const found = this.endpoints.find(({ uid, id, url }) => [uid, id, url].includes(name));
		if (!found) throw new Error(`There is no endpoint ${name} among ${this.endpoints.map(({ url }) => url).join(', ')}`);
		return found;
	}

	/** A person adds an endpoint in the dashboard. */
	addEndpoint(wanted: Partial<Endpoint> & { url: string }): Endpoint {
		return this.portal.add(wanted);
	}

	/** A person deletes an endpoint in the dashboard. */
	removeEndpoint(endpoint: Endpoint): void {
		this.portal.remove(endpoint);
	}

	/** What Svix does with an endpoint that has failed for five days. */
	switchOff(endpoint: Endpoint): void {
		Object.assign(endpoint, { disabled: true, updatedAt: new Date() });
	}

	/** The AutoConfig token that the portal shows for an endpoint. */
	autoConfigToken(endpoint: Endpoint): string {
		return this.portal.autoConfigToken(endpoint);
	}

	/** An AutoConfig token of the second version, `auto_v2_…`. */
	subscriptionToken(): string {
		return this.portal.subscriptionToken();
	}

	/** Says where a public address leads to on this machine, as a reverse proxy would: nothing else is reached. */
	route(from: string, to: string): void {
		this.portal.sender.route(from, to);
	}

	/**
	 * Something happens in Clerk: every endpoint that listens to it gets a message.
	 * @param body the envelope; by default Clerk's example of the event
	 * @returns the message, when it is delivered everywhere or given up
	 */
	async emit(eventType: string, body: string | object | undefined = exampleOf(eventType)): Promise<SentMessage> {
		if (body === undefined) throw new Error(`Clerk has no example of ${eventType}`);
		const message = this.portal.emit(eventType, typeof body === 'string' ? body : JSON.stringify(body));
		await this.settled(message);
		return message;
	}

	/** Every message that was sent, with all attempts. */
	get messages(): readonly SentMessage[] {
		return this.portal.sender.messages;
	}

	/** Waits until a message, or every message, is delivered or given up. */
	async settled(message?: SentMessage): Promise<void> {
		await this.portal.sender.settled(message);
	}
}
