import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Slack cuts off a message's text after this many characters. */
const LONGEST_TEXT = 40_000;

export interface SlackMessage {
	/** The path of the webhook URL, which stands for one channel. */
	channel: string;
	text: string;
}

/** Slack's incoming webhooks: takes what Slack takes, and remembers what Slack would refuse. */
export class Slack {
	readonly messages: SlackMessage[] = [];
	/** What was wrong with the requests that were refused. */
	readonly refused: string[] = [];
	/** As long as it is set, every request is answered as when Slack has trouble. */
	down = false;

	private constructor(private readonly server: Server) {
		server.on('request', (request: IncomingMessage, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const answer = (status: number, text: string) => response.writeHead(status, { 'content-type': 'text/html' }).end(text);
				if (this.down) return answer(503, 'service_unavailable');
				const message = messageOf(request, Buffer.concat(chunks).toString());
				if (typeof message === 'string') {
					this.refused.push(message);
					return answer(400, 'invalid_payload');
				}
				this.messages.push(message);
				return answer(200, 'ok');
			});
		});
	}

	static async start(): Promise<Slack> {
		const server = createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		return new Slack(server);
	}

	/** The URL of a channel's incoming webhook. */
	webhookUrl(channel: string): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${channel}`;
	}

	/** Waits for messages in a channel. @returns all that are there, more than expected if there are more */
	async untilMessages(channel: string, count: number): Promise<SlackMessage[]> {
		const deadline = Date.now() + 30_000;
		for (;;) {
			const found = this.messages.filter((message) => message.channel === channel);
			if (found.length >= count) return found;
			if (Date.now() > deadline) {
				throw new Error(`Expected ${count} messages; there are ${JSON.stringify([this.messages, this.refused], null, 1)}`);
			}
			await wait(50);
		}
	}

	async stop(): Promise<void> {
		const closed = once(this.server, 'close');
		this.server.close();
		this.server.closeAllConnections();
		await closed;
	}
}

/** The message in a request, or what is wrong with it. */
function messageOf({ method, url = '', headers }: IncomingMessage, body: string): SlackMessage | string {
	if (method !== 'POST') return `the method is ${method}`;
	if (!/^application\/json\b/.test(headers['content-type'] ?? '')) return `the content type is ${headers['content-type']}`;
	let payload: unknown;
	try {
		payload = JSON.parse(body);
	} catch {
		return `no JSON: ${body}`;
	}
	if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return `no object: ${body}`;
	const { text, ...rest } = payload as Record<string, unknown>;
	if (typeof text !== 'string' || text.trim() === '' || text.length > LONGEST_TEXT) return `no text of the right length: ${body}`;
	for (const [key, value] of Object.entries(rest)) {
		if (!['blocks', 'attachments'].includes(key) || !Array.isArray(value)) return `"${key}" is not expected: ${body}`;
	}
	return { channel: url, text };
}
