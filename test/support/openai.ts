import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';

interface Message {
	role: string;
	content?: unknown;
}

/** One tool as an agent offers it to the model. */
export interface OfferedTool {
	name: string;
	description: string;
	parameters: { properties?: Record<string, unknown> };
}

/**
 * A model that is played: it calls the one tool that it is offered with given arguments, and then repeats what came of it.
 * Source: OpenAI API reference, "Create chat completion", as of October 2026.
 */
export class PlayedModel {
	/** The tools that were offered with the last request. */
	tools: OfferedTool[] = [];
	/** What the tools answered. */
	readonly results: string[] = [];
	/** With what it calls the tool. */
	args: object = {};

	private constructor(private readonly server: Server) {}

	static async start(): Promise<PlayedModel> {
		const app = express().use(express.json());
		const server = app.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const model = new PlayedModel(server);
		app.post('/v1/chat/completions', (request, response) => {
			const { messages, tools = [] } = request.body as { messages: Message[]; tools?: Array<{ function: OfferedTool }> };
			response.json({
				id: 'chatcmpl-1',
				object: 'chat.completion',
				created: Math.floor(Date.now() / 1000),
				model: 'played',
				choices: [
					{
						index: 0,
						...model.next(
							messages,
							tools.map((tool) => tool.function),
						),
					},
				],
				usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
			});
		});
		return model;
	}

	/** The address for n8n's OpenAI credential. */
	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}

	private next(messages: readonly Message[], tools: OfferedTool[]): object {
		this.tools = tools;
		const last = messages.at(-1);
		if (last?.role === 'tool') {
			const result = typeof last.content === 'string' ? last.content : JSON.stringify(last.content);
			this.results.push(result);
			return { finish_reason: 'stop', message: { role: 'assistant', content: `Done: ${result}` } };
		}
		const call = { name: tools[0]?.name ?? '', arguments: JSON.stringify(this.args) };
		const tool_calls = [{ id: 'call_1', type: 'function', function: call }];
		return { finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls } };
	}
}
