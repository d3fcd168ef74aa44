import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

import { signed } from '../deliveries';
import type { Endpoint, Portal } from './portal';
import { mintId } from './tokens';

/** One try to deliver a message to an endpoint. */
export interface EndpointAttempt {
	readonly id: string;
	/** The registered URL at that moment. */
	readonly url: string;
	/** Milliseconds since 1970. */
	readonly at: number;
	/** Null where no answer came. */
	readonly status: number | null;
	/** The answer's body, or why there is none. */
	readonly text: string;
	readonly durationMs: number;
	/** Whether somebody asked for it, as with a recovery. */
	readonly manual: boolean;
}

/** What became of a message at one endpoint. */
export interface EndpointDelivery {
	readonly endpointId: string;
	readonly attempts: EndpointAttempt[];
	/** Whether an attempt was answered with 2xx. */
	delivered: boolean;
}

export interface SentMessage {
	/** The svix-id, the same at every endpoint and every attempt. */
	readonly id: string;
	readonly eventType: string;
	readonly body: string;
	/** Milliseconds since 1970. */
	readonly at: number;
	/** One for each endpoint that listens to the event. */
	readonly deliveries: EndpointDelivery[];
}

export interface EndpointSenderOptions {
	/** Milliseconds before each attempt; after the last one a message is given up. */
	schedule: readonly number[];
	/** Milliseconds that it waits for an answer. */
	patience: number;
}

export const succeeded = ({ status }: Pick<EndpointAttempt, 'status'>) => status !== null && status >= 200 && status < 300;

/** Delivers as Svix does: to the URL that is registered when an attempt begins, signed with the endpoint's secret. */
export class EndpointSender {
	readonly messages: SentMessage[] = [];
	private readonly routes = new Map<string, string>();
	private readonly stopping = new AbortController();
	private readonly underWay = new Map<Promise<void>, SentMessage>();

	constructor(
		private readonly portal: Portal,
		readonly options: EndpointSenderOptions,
	) {}

	/**
	 * @param from a public origin, such as https://n8n.example.com
	 * @param to where it is served, on this machine and without TLS
	 */
	route(from: string, to: string): void {
		this.routes.set(new URL(from).origin, new URL(to).origin);
	}

	/** Returns at once. */
	send(eventType: string, body: string, endpoints: readonly Endpoint[]): SentMessage {
		const deliveries = endpoints.map(({ id }): EndpointDelivery => ({ endpointId: id, attempts: [], delivered: false }));
		const message: SentMessage = { id: mintId('msg'), eventType, body, at: Date.now(), deliveries };
		this.messages.push(message);
		for (const delivery of deliveries) this.begin(message, delivery);
		return message;
	}

	/**
	 * Sends again what an endpoint didn't take.
	 * @param since milliseconds since 1970, as `until`
	 */
	recover(endpoint: Endpoint, since: number, until = Infinity): void {
		for (const message of this.messages.filter(({ at }) => at >= since && at <= until)) {
			const delivery = message.deliveries.find(({ endpointId }) => endpointId === endpoint.id);
			if (delivery) this.begin(message, delivery, true);
		}
	}

	/** Waits until a message, or every message, is delivered or given up. */
	async settled(message?: SentMessage): Promise<void> {
		for (;;) {
			const works = [...this.underWay].filter(([, of]) => message === undefined || of === message).map(([work]) => work);
			if (works.length === 0) return;
			await Promise.all(works);
		}
	}

	/** Gives up what isn't delivered yet. */
	async stop(): Promise<void> {
		this.stopping.abort();
		await this.settled();
	}

	private begin(message: SentMessage, delivery: EndpointDelivery, manual = false): void {
		const work = this.deliver(message, delivery, manual).finally(() => this.underWay.delete(work));
		this.underWay.set(work, message);
	}

	private async deliver(message: SentMessage, delivery: EndpointDelivery, manual: boolean): Promise<void> {
		for (const pause of this.options.schedule) {
			await wait(pause, undefined, { signal: this.stopping.signal }).catch(() => {});
			const endpoint = this.portal.endpoints.find(({ id }) => id === delivery.endpointId);
			// Removed, switched off or, by another attempt, delivered in the meantime.
			if (!endpoint || endpoint.disabled || delivery.delivered || this.stopping.signal.aborted) return;
			const at = Date.now();
			const { url } = endpoint;
			const { abort, ...result } = await this.post(message, endpoint, at);
			delivery.attempts.push({ id: mintId('atmpt'), url, at, ...result, durationMs: Date.now() - at, manual });
			delivery.delivered ||= succeeded(result);
			if (delivery.delivered || abort) return;
		}
	}

	private async post(
		{ id, body }: SentMessage,
		{ url, secret }: Endpoint,
		at: number,
	): Promise<{ status: number | null; text: string; abort?: boolean }> {
		const { origin, host, pathname, search } = new URL(url);
		const to = this.routes.get(origin);
		if (to === undefined) return { status: null, text: `Nothing is reached at ${origin}` };
		const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(this.options.patience)]);
		try {
			const headers = {
				...{ host, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
				...{ 'user-agent': 'Svix-Webhooks/1.0', ...signed(body, { secret, id, at }) },
			};
			const sent = request(to + pathname + search, { method: 'POST', headers, signal, agent: false }).end(body);
			const [response] = (await once(sent, 'response')) as [IncomingMessage];
			const abort = response.headers['webhook-delivery'] === 'abort-message';
			return { status: response.statusCode ?? null, text: await text(response), abort };
		} catch (error) {
			return { status: null, text: signal.aborted ? 'No answer came in time' : (error as Error).message };
		}
	}
}
