import { PlayedService } from './playedService';

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
export class PlayedModel extends PlayedService {
	/** The tools that were offered with the last request. */
	tools: OfferedTool[] = [];
	/** What the tools answered. */
	readonly results: string[] = [];
	/** With what it calls the tool. */
	args: object = {};

	static async start(): Promise<PlayedModel> {
		const model = new PlayedModel();
		model.app.post('/v1/chat/completions', (request, response) => {
			type Body = { messages: Message[]; tools?: Array<{ function: OfferedTool }> };
			const { messages, tools = [] } = JSON.parse(request.body as string) as Body;
			const offered = tools.map((tool) => tool.function);
			response.json({
				id: 'chatcmpl-1',
				object: 'chat.completion',
				created: Math.floor(Date.now() / 1000),
				model: 'played',
				choices: [{ index: 0, ...model.next(messages, offered) }],
				usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
			});
		});
		return await model.listen();
	}

	/** The address for n8n's OpenAI credential. */
	get url(): string {
		return `${this.origin}/v1`;
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
