import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import addFormats from 'ajv-formats';
import express from 'express';
import { OpenAPIBackend } from 'openapi-backend';
import type { Document, Operation } from 'openapi-backend';
import { parse } from 'yaml';

import { fixturePath } from '../../support/paths';

/** A request as it came, and the operation that it is by the contract. */
export interface Seen {
	operationId: string | undefined;
	method: string;
	path: string;
	query: Record<string, unknown>;
	body: unknown;
	/** What the contract refuses in it, or has no place for. */
	wrong: string[];
}

export interface Answer {
	status: number;
	body?: unknown;
	headers?: Record<string, string>;
}

/** `reset` breaks the connection. */
export type Reply = Answer | 'reset';

interface Described {
	requestBody?: { content: Record<string, { schema: { properties?: object; items?: { properties?: object } } }> };
}

/** Clerk's Backend API as its contract has it: judges what comes, and answers with an example made of the schema. */
export class ContractServer {
	readonly seen: Seen[] = [];
	/** In place of the example, for each call in its order; undefined for the example. */
	private answers: (seen: Seen) => Reply | undefined = () => undefined;

	private constructor(
		private readonly api: OpenAPIBackend,
		private readonly server: Server,
	) {}

	static async start(): Promise<ContractServer> {
		const definition = parse(readFileSync(fixturePath('openapi', 'clerk-backend-api.yml'), 'utf8')) as Document;
		const api = new OpenAPIBackend({
			definition,
			apiRoot: '/v1',
			quick: true,
			ajvOpts: { allErrors: true, logger: false, strict: false },
			customizeAjv: (ajv) => addFormats(ajv),
		});
		await api.init();
		const app = express();
		app.use(express.text({ type: () => true }));
		const server = app.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const made = new ContractServer(api, server);
		app.use((request, response) => {
			const seen = made.judge(request);
			made.seen.push(seen);
			const reply = made.answers(seen) ?? made.example(seen);
			if (reply === 'reset') return void response.socket?.resetAndDestroy();
			response.status(reply.status).set(reply.headers ?? {});
			if (reply.body === undefined) response.end();
			else response.json(reply.body);
		});
		return made;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
	}

	/** Forgets what came, and answers so from now on. */
	answer(answers: (seen: Seen) => Reply | undefined = () => undefined): void {
		this.seen.length = 0;
		this.answers = answers;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}

	/** An answer as the contract's schema has it. */
	exampleOf(operationId: string): unknown {
		return this.api.mockResponseForOperation(operationId).mock as unknown;
	}

	private judge(request: express.Request): Seen {
		const { method, path } = request;
		const text = typeof request.body === 'string' && request.body !== '' ? request.body : undefined;
		const query = { ...request.query };
		const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
		const operation = this.api.router.matchOperation({ method, path, headers: {} });
		const body: unknown = text === undefined ? undefined : JSON.parse(text);
		const seen = { operationId: operation?.operationId, method, path, query, body };
		if (!operation) return { ...seen, wrong: [`${method} ${path}: the contract has no such call`] };
		const { errors } = this.api.validator.validateRequest(
			{ method, path, query: query as Record<string, string>, headers, ...(text === undefined ? {} : { body: text }) },
			operation,
		);
		const wrong = (errors ?? []).map(
			({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
		);
		return { ...seen, wrong: [...wrong, ...unknownIn(operation, body)] };
	}

	private example({ operationId = '' }: Seen): Answer {
		const made: { status: number; mock: unknown } = this.api.mockResponseForOperation(operationId);
		return { status: made.status, body: made.mock };
	}
}

/** What a body holds that the contract does not speak of: Clerk would drop it without a word. */
function unknownIn(operation: Operation, body: unknown): string[] {
	if (body === undefined) return [];
	const schema = (operation as Described).requestBody?.content['application/json']?.schema;
	if (!schema) return ['a body where none belongs'];
	const known = Object.keys((Array.isArray(body) ? schema.items?.properties : schema.properties) ?? {});
	const names = [body].flat().flatMap((one) => Object.keys(one as object));
	return names.filter((name) => !known.includes(name)).map((name) => `unknown: ${name}`);
}
