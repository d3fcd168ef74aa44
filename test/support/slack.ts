import type { Request } from 'express';

import { until } from './eventually';
import { PlayedService } from './playedService';

/** Slack cuts off a message's text after this many characters. */
const LONGEST_TEXT = 40_000;

export interface SlackMessage {
	/** The path of the webhook URL, which stands for one channel. */
	channel: string;
	text: string;
}

/** Slack's incoming webhooks: takes what Slack takes, and remembers what Slack would refuse. */
export class Slack extends PlayedService {
	readonly messages: SlackMessage[] = [];
	/** What was wrong with the requests that were refused. */
	readonly refused: string[] = [];
	/** As long as it is set, every request is answered as when Slack has trouble. */
	down = false;

	static async start(): Promise<Slack> {
		const slack = new Slack();
		slack.app.use((request, response) => {
			const answer = (status: number, text: string) => void response.status(status).type('html').send(text);
			if (slack.down) return answer(503, 'service_unavailable');
			const message = messageOf(request);
			if (typeof message === 'string') {
				slack.refused.push(message);
				return answer(400, 'invalid_payload');
			}
			slack.messages.push(message);
			answer(200, 'ok');
		});
		return await slack.listen();
	}

	/** The URL of a channel's incoming webhook. */
	webhookUrl(channel: string): string {
		return this.origin + channel;
	}

	/** Waits for messages in a channel. @returns all that are there, more than expected if there are more */
	async untilMessages(channel: string, count: number): Promise<SlackMessage[]> {
		const otherwise = () => `Expected ${count} messages; there are ${JSON.stringify([this.messages, this.refused], null, 1)}`;
		const found = () => this.messages.filter((message) => message.channel === channel);
		await until(() => found().length >= count, { otherwise });
		return found();
	}
}

/** The message in a request, or what is wrong with it. */
function messageOf({ method, originalUrl, headers, body }: Request): SlackMessage | string {
	if (method !== 'POST') return `the method is ${method}`;
	if (!/^application\/json\b/.test(headers['content-type'] ?? '')) return `the content type is ${headers['content-type']}`;
	let payload: unknown;
	try {
		payload = JSON.parse(body as string);
	} catch {
		return `no JSON: ${body}`;
	}
	if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return `no object: ${body}`;
	const { text, ...rest } = payload as Record<string, unknown>;
	if (typeof text !== 'string' || text.trim() === '' || text.length > LONGEST_TEXT) return `no text of the right length: ${body}`;
	for (const [key, value] of Object.entries(rest)) {
		if (!['blocks', 'attachments'].includes(key) || !Array.isArray(value)) return `"${key}" is not expected: ${body}`;
	}
	return { channel: originalUrl, text };
}
