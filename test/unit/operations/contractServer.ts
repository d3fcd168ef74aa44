import type express from 'express';

import { Contract } from '../../support/clerk/contract';
import type { ContractRequest } from '../../support/clerk/contract';
import { PlayedService } from '../../support/playedService';

/** A request as it came. */
export interface Seen {
	method: string;
	path: string;
	query: ContractRequest['query'];
	body: unknown;
	/** What the contract refuses in it, or has no place for. */
	wrong: string[];
}

/** `reset` breaks the connection. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | 'reset';

type Answers = (seen: Seen) => Reply | undefined;

/** Clerk's Backend API as its contract has it: judges what comes, and answers with an example made of the schema. */
export class ContractServer extends PlayedService {
	readonly seen: Seen[] = [];
	/** In place of the example, for each call in its order; undefined for the example. */
	private answers: Answers = () => undefined;

	private constructor(private readonly contract: Contract) {
		super();
		this.app.use((request, response) => {
			const [seen, example] = this.judge(request);
			this.seen.push(seen);
			const reply = this.answers(seen) ?? example();
			if (reply === 'reset') return void response.socket?.resetAndDestroy();
			response.status(reply.status).set(reply.headers ?? {});
			if (reply.body === undefined) response.end();
			else response.json(reply.body);
		});
	}

	static async start(): Promise<ContractServer> {
		return await new ContractServer(await Contract.load(['clerk-backend-api.yml'], null, '/v1')).listen();
	}

	get url(): string {
		return `${this.origin}/v1`;
	}

	/** Forgets what came, and answers so from now on. */
	answer(answers: Answers = () => undefined): void {
		this.seen.length = 0;
		this.answers = answers;
	}

	/** An answer as the contract's schema has it. */
	exampleOf(operationId: string): unknown {
		return this.contract.exampleOf(operationId).body;
	}

	private judge(request: express.Request): [seen: Seen, example: () => Exclude<Reply, 'reset'>] {
		const { method, path } = request;
		const text = typeof request.body === 'string' && request.body !== '' ? request.body : undefined;
		const query = { ...request.query } as ContractRequest['query'];
		const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
		const asked = { method, path, query, headers, body: text };
		const seen = { method, path, query, body: text === undefined ? undefined : (JSON.parse(text) as unknown) };
		const operation = this.contract.operationOf(asked);
		if (!operation) {
			return [{ ...seen, wrong: [`${method} ${path}: the contract has no such call`] }, () => ({ status: 404 })];
		}
		const refused = this.contract.refused(asked, operation).map(({ loc, message }) => `${loc.join('.')} ${message}`);
		const wrong = [...refused, ...this.contract.ignored(asked, operation).map((name) => `unknown: ${name}`)];
		return [{ ...seen, wrong }, () => this.contract.exampleOf(operation.operationId ?? '')];
	}
}
