import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

import { signed } from '../deliveries';
import { mintId } from './ids';
import type { Endpoint, Portal } from './portal';

/** One try to hand a message to an endpoint. */
export interface EndpointAttempt {
	readonly id: string;
	/** The registered URL at that moment. */
	readonly url: string;
	/** Milliseconds since 1970. */
	readonly at: number;
	/** Null where no answer came. */
	readonly status: number | null;
	/** What Clerk would show under Message Attempts: the answer's body, or why there is none. */
	readonly text: string;
	readonly durationMs: number;
	/** Whether it was asked for, as when what failed is delivered again. */
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
	/** Its svix-id, the same at every endpoint and at every attempt. */
	readonly id: string;
	readonly eventType: string;
	/** The very bytes. */
	readonly body: string;
	/** Milliseconds since 1970. */
	readonly at: number;
	/** One for each endpoint that it was meant for. */
	readonly deliveries: EndpointDelivery[];
}

export interface EndpointSenderOptions {
	/** Milliseconds before each attempt; after the last one a message is given up. */
	schedule: readonly number[];
	/** Milliseconds that it waits for an answer. */
	patience: number;
}

/**
 * Delivers as Svix does: to the URL that is registered when an attempt begins, signed with the secret that
 * the endpoint has then. Where a public URL leads to is a matter of routes, as it is of a reverse proxy.
 */
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
	 * @param to where it is answered, on this machine and without TLS
	 */
	route(from: string, to: string): void {
		this.routes.set(new URL(from).origin, new URL(to).origin);
	}

	/** Sends one message to all of these endpoints, and returns at once. */
	send(eventType: string, body: string, endpoints: readonly Endpoint[]): SentMessage {
		const deliveries = endpoints.map(({ id }): EndpointDelivery => ({ endpointId: id, attempts: [], delivered: false }));
		const message: SentMessage = { id: mintId('msg'), eventType, body, at: Date.now(), deliveries };
		this.messages.push(message);
		for (const delivery of deliveries) this.begin(message, delivery);
		return message;
	}

	/**
	 * Sends again what an endpoint didn't take.
	 * @param since milliseconds since 1970; older messages are left alone, and so are those after `until`
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
			// Removed or switched off in the meantime, or delivered: before this recovery, or by one that was faster.
			if (!endpoint || endpoint.disabled || delivery.delivered || this.stopping.signal.aborted) return;
			const { attempt, abort } = await this.attempt(message, endpoint);
			delivery.attempts.push({ ...attempt, manual });
			if (attempt.status !== null && attempt.status >= 200 && attempt.status < 300) delivery.delivered = true;
			if (delivery.delivered || abort) return;
		}
	}

	private async attempt(
		{ id, body }: SentMessage,
		{ url, secret }: Endpoint,
	): Promise<{ attempt: Omit<EndpointAttempt, 'manual'>; abort: boolean }> {
		const at = Date.now();
		const { origin, host, pathname, search } = new URL(url);
		const to = this.routes.get(origin);
		const ended = (status: number | null, text: string, abort = false) => ({
			attempt: { id: mintId('atmpt'), url, at, status, text, durationMs: Date.now() - at },
			abort,
		});
		if (to === undefined) return ended(null, `Nothing is reached at ${origin}`);
		return await new Promise((resolve) => {
			const headers = {
				host,
				'content-type': 'application/json',
				'content-length': String(Buffer.byteLength(body)),
				'user-agent': 'Svix-Webhooks/1.0',
				...signed(body, { secret, id, at }),
			};
			const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(this.options.patience)]);
			const failed = (error: Error) => resolve(ended(null, signal.aborted ? 'No answer came in time' : error.message));
			const sent = request(`${to}${pathname}${search}`, { method: 'POST', headers, signal, agent: false }, (response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('error', failed);
				response.on('end', () => {
					const abort = response.headers['webhook-delivery'] === 'abort-message';
					resolve(ended(response.statusCode ?? null, Buffer.concat(chunks).toString(), abort));
				});
			});
			sent.on('error', failed);
			sent.end(body);
		});
	}
}
