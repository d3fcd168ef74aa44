import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Operation } from 'openapi-backend';

import { PlayedService } from '../playedService';
import type { Call, CallLog, ServiceName } from './callLog';
import { Contract } from './contract';
import type { ContractRequest, Finding } from './contract';
import type { Fault } from './faults';

export interface Answer {
	status: number;
	body?: object | undefined;
	headers?: Record<string, string>;
}

/** A call as its handler gets it. */
export interface Asked {
	operation: string;
	params: Record<string, string>;
	/** Every value of each query parameter, in their order. */
	values: Record<string, string[]>;
	/** What the contract allows. */
	body: Record<string, unknown>;
	/** The body where it is a list of objects. */
	list: Array<Record<string, unknown>>;
	headers: Record<string, string>;
	/** Null without one. */
	bearer: string | null;
}

export type Handler = (asked: Asked) => Answer;

/** An error that a handler throws; each service words it in its own way. */
export class Refusal extends Error {
	/**
	 * @param code of the service; by default the usual one of the status
	 * @param detail by default the usual words of the status
	 * @param findings for each of them the answer has an error of its own
	 */
	constructor(
		readonly status: number,
		readonly code?: string | undefined,
		readonly detail?: string | undefined,
		readonly findings: readonly Finding[] = [],
		readonly retryAfter?: number | undefined,
	) {
		super(detail ?? `Refused with ${status}`);
	}
}

/** @throws Refusal with 404 if there is no such object */
export function existing<T>(found: T | undefined, kind: string, id: string | undefined): T {
	if (found === undefined) throw new Refusal(404, undefined, `No ${kind} was found with id ${id}`);
	return found;
}

/** Of a long list, so many items are validated. */
const SAMPLE = 5;

/** An HTTP server for one OpenAPI contract: validates what comes and what goes, and lets handlers do the rest. */
export abstract class Service extends PlayedService {
	abstract readonly name: ServiceName;
	/** By the contract's operation IDs. */
	abstract readonly handlers: Readonly<Record<string, Handler>>;
	/** The operation and status whose schema holds for errors that the contract doesn't list. */
	protected abstract readonly errorModel: { operation: string; status: number };
	contract!: Contract;
	/** How often each operation answered with a long list. */
	private readonly longLists = new Map<string, number>();

	constructor(
		private readonly log: CallLog,
		private readonly files: readonly string[],
		private readonly root = '/',
	) {
		super();
		this.app.use((request, response) => {
			try {
				this.take(request, response);
			} catch (error) {
				this.log.wrongAnswers.push(`${request.method} ${request.url} was not carried out: ${String(error)}`);
				response.destroy();
			}
		});
	}

	/** Throws a refusal if the caller may not make this call. */
	protected abstract authorize(asked: Asked): void;

	/** Called before each handler. */
	protected begin?(asked: Asked): void;

	/** The body of an error. */
	protected abstract errorOf(refusal: Refusal): object;

	async start(): Promise<void> {
		this.contract = await Contract.load(this.files, Object.keys(this.handlers), this.root);
		await this.listen();
	}

	private take(request: Request, response: Response): void {
		const { method, path } = request;
		const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
		const body = typeof request.body === 'string' && request.body !== '' ? request.body : undefined;
		const asked: ContractRequest = { method, path, query: { ...request.query } as ContractRequest['query'], headers, body };
		const operation = this.contract.operationOf(asked);
		const bearer = /^Bearer (.+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? null;
		const call = this.log.add(
			{
				service: this.name,
				operation: operation?.operationId ?? null,
				method,
				pathTemplate: operation ? this.contract.templateOf(operation) : path,
				bearer: bearer === null ? null : createHash('sha256').update(bearer).digest('hex').slice(0, 12),
				status: null,
			},
			[request.originalUrl, ...request.rawHeaders, body].join('\n'),
		);
		const say = ({ status, body: said, headers: more = {} }: Answer) => {
			call.status = status;
			response.status(status).set(more);
			if (said) response.json(said);
			else response.end();
		};
		if (!operation?.operationId) {
			this.log.refused.push(`${method} ${path}: the contract has no such operation, or this mock does not serve it`);
			return say(this.worded(new Refusal(404)));
		}
		const fault = this.log.nextFault(operation.operationId);
		if (fault && !fault.carriedOut) return this.fail(fault, call, response, say);
		const answer = this.checked(operation, this.answerTo(operation, asked, bearer));
		if (fault) this.fail(fault, call, response, say);
		else say(answer);
	}

	private answerTo(operation: Operation, request: ContractRequest, bearer: string | null): Answer {
		const id = operation.operationId ?? '';
		const values = Object.fromEntries(Object.entries(request.query).map(([name, value]) => [name, [value].flat()]));
		const { headers } = request;
		const asked: Asked = { ...this.contract.parsed(request, operation), operation: id, values, headers, bearer };
		try {
			this.authorize(asked);
			const said = `${request.method} ${this.contract.templateOf(operation)}`;
			const findings = this.contract.refused(request, operation);
			this.log.refused.push(...findings.map(({ loc, message }) => `${said}: ${loc.join('.')} ${message}`));
			if (findings.length > 0) throw new Refusal(422, undefined, undefined, findings);
			this.log.ignored.push(...this.contract.ignored(request, operation).map((name) => `${said}: ${name}`));
			this.begin?.(asked);
			const handler = this.handlers[id];
			if (!handler) throw new Error(`There is no handler for ${id}`);
			return handler(asked);
		} catch (error) {
			if (error instanceof Refusal) return this.worded(error);
			throw error;
		}
	}

	/** The answer, or a 500 if the contract doesn't allow it. */
	private checked(operation: Operation, answer: Answer): Answer {
		const { status, body } = answer;
		const validated = body ? this.sampled(operation, body) : null;
		const wrong = this.contract.wrong(operation, status, validated, this.errorModel);
		if (wrong.length === 0) return answer;
		const said = `${operation.operationId} answered ${status}: ${wrong.join('; ')}`;
		this.log.wrongAnswers.push(said);
		return this.worded(new Refusal(500, 'wrong_mock', said));
	}

	/**
	 * The part of an answer that is validated: all of it, but from an operation's second long list on only a few items,
	 * other ones each time. To validate 500 users takes longer than to make and send them.
	 */
	private sampled({ operationId = '' }: Operation, body: object): object {
		const list = 'data' in body ? body.data : body;
		if (!Array.isArray(list) || list.length <= SAMPLE) return body;
		const turn = this.longLists.get(operationId) ?? 0;
		this.longLists.set(operationId, turn + 1);
		if (turn === 0) return body;
		const stride = Math.ceil(list.length / SAMPLE);
		const few = list.filter((_, place) => place % stride === turn % stride);
		return list === body ? few : { ...body, data: few };
	}

	private worded(refusal: Refusal): Answer {
		const { status, retryAfter } = refusal;
		const answer = { status, body: this.errorOf(refusal) };
		return retryAfter === undefined ? answer : { ...answer, headers: { 'retry-after': String(retryAfter) } };
	}

	private fail(fault: Fault, call: Call, response: Response, say: (answer: Answer) => void): void {
		switch (fault.kind) {
			case 'silence':
				return;
			case 'reset':
				response.socket?.resetAndDestroy();
				return;
			case 'html':
				call.status = fault.status;
				response.status(fault.status).send(`<!doctype html><html><body><h1>${fault.status}</h1></body></html>`);
				return;
			case 'refusal':
				say(this.worded(new Refusal(fault.status, fault.code, fault.detail, [], fault.retryAfter)));
		}
	}
}
