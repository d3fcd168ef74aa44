import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Operation } from 'openapi-backend';

import type { Contract, ContractRequest, Finding, Parsed } from './contract';
import type { Fault } from './faults';

export type ServiceName = 'clerk' | 'svix';

/** One call that came, as far as a test may show it: no secret stands in it. */
export interface Call {
	readonly service: ServiceName;
	/** The contract's name for it; null where the contract has no such call. */
	readonly operation: string | null;
	readonly method: string;
	/** As it stands in the contract; where that has no such call, as it was sent. */
	readonly pathTemplate: string;
	/** A digest of the bearer token: the same token, the same digest. Null without one. */
	readonly bearer: string | null;
	/** What was answered; null as long as there is no answer, or where there never was one. */
	readonly status: number | null;
}

export interface Answer {
	status: number;
	body?: object;
	headers?: Record<string, string>;
}

/** A call that passed the contract, as it is put to the one who carries it out. */
export interface Asked extends Parsed {
	operation: string;
	headers: Record<string, string>;
	/** Null without one. */
	bearer: string | null;
}

/** What makes a service: its contract, and what it does with a call that the contract allows. */
export interface Service {
	readonly name: ServiceName;
	readonly contract: Contract;
	/** By the contract's operation ids. */
	readonly handlers: Readonly<Record<string, (asked: Asked) => Answer>>;
	/** Refuses a call because of who makes it, before anybody looks at what it says. */
	unauthorized(asked: Asked): Answer | null;
	/** Refuses a call because there are too many; without it, there never are. */
	limited?(): Answer | null;
	/** An error as this service words it. */
	error(status: number, code?: string, detail?: string): Answer;
	/** The answer to what the contract refuses. */
	invalid(findings: readonly Finding[]): Answer;
	/** An operation and a status that judge an error whose status the contract doesn't list. */
	readonly errorModel: { operation: string; status: number };
}

/** What all services write down. */
export class Records {
	/** Since the last reset. */
	calls: Call[] = [];
	/** What the contract refused, in words. */
	readonly refused: string[] = [];
	/** What was sent that the contract has no place for. */
	readonly ignored: string[] = [];
	/** What we answered against the contract: a mistake of the mock. */
	readonly wrongAnswers: string[] = [];
	/** All that stood in the calls since the start; kept apart, so that no failing test prints it. */
	private readonly texts = new Map<Call, string>();
	private readonly faults: Array<{ operation: string; fault: Fault; left: number; skip: number }> = [];

	keep(call: Call, text: string): void {
		this.calls.push(call);
		this.texts.set(call, text);
	}

	/** The calls since the start in which this text stood anywhere: as it is, URL-encoded or in base64. */
	carrying(text: string): Call[] {
		const bytes = Buffer.from(text);
		const shapes = [text, encodeURIComponent(text), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
		return [...this.texts].filter(([, whole]) => shapes.some((shape) => whole.includes(shape))).map(([call]) => call);
	}

	/** @param skip so many calls pass before */
	plan(operation: string, fault: Fault, times: number, skip: number): void {
		this.faults.push({ operation, fault, left: times, skip });
	}

	/** Nothing goes wrong any more. */
	clearFaults(): void {
		this.faults.length = 0;
	}

	/** The fault that this call runs into, which is then used up. */
	next(operation: string): Fault | null {
		const meant = this.faults.filter((one) => one.left > 0 && (one.operation === operation || one.operation === '*'));
		const planned = meant.find(({ skip }) => skip === 0);
		for (const one of meant) one.skip = Math.max(0, one.skip - 1);
		if (!planned) return null;
		planned.left--;
		return planned.fault;
	}
}

/** Of a long list so many items are held to the contract. */
const SAMPLE = 5;

/**
 * A few items of a list in place of all, or of the list under `data`; anything else as it is.
 * @param turn moves on which ones
 */
function sampled(body: unknown, turn: number): unknown {
	if (Array.isArray(body)) {
		const stride = Math.ceil(body.length / SAMPLE);
		return body.filter((_, place) => place % stride === turn % stride) as unknown[];
	}
	if (typeof body !== 'object' || body === null || !('data' in body)) return body;
	return { ...body, data: sampled(body.data, turn) };
}

/** How many items a list has, bare or under `data`. */
function lengthOf(body: unknown): number {
	if (Array.isArray(body)) return body.length;
	return typeof body === 'object' && body !== null && 'data' in body ? lengthOf(body.data) : 0;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Answers for a service on a port of its own, after its contract has been asked about the call and about the answer. */
export class ServiceServer {
	/** How often an operation answered with a long list. */
	private readonly longLists = new Map<string, number>();

	private constructor(
		private readonly server: Server,
		private readonly records: Records,
	) {}

	static async start(records: Records): Promise<ServiceServer> {
		const server = createServer();
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return new ServiceServer(server, records);
	}

	get origin(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** From now on this service answers. */
	serve(service: Service): void {
		this.server.on('request', (request: IncomingMessage, response) => {
			this.take(service, request, response).catch((error: unknown) => {
				this.records.wrongAnswers.push(`${request.method} ${request.url} was not carried out: ${String(error)}`);
				response.destroy();
			});
		});
	}

	async stop(): Promise<void> {
		if (!this.server.listening) return;
		const closed = once(this.server, 'close');
		this.server.close();
		this.server.closeAllConnections();
		await closed;
	}

	private async take(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
		const asked = await read(request);
		if (!asked) return;
		const operation = service.contract.operationOf(asked);
		const bearer = /^Bearer (.+)$/i.exec(asked.headers['authorization'] ?? '')?.[1] ?? null;
		const call: Writable<Call> = {
			service: service.name,
			operation: operation?.operationId ?? null,
			method: asked.method,
			pathTemplate: operation ? service.contract.templateOf(operation) : asked.path,
			bearer: bearer === null ? null : createHash('sha256').update(bearer).digest('hex').slice(0, 12),
			status: null,
		};
		this.records.keep(call, [asked.path, asked.query, ...request.rawHeaders, asked.text].join('\n'));
		const say = ({ status, body, headers = {} }: Answer) => {
			call.status = status;
			response.writeHead(status, { ...(body ? { 'content-type': 'application/json' } : {}), ...headers });
			response.end(body ? JSON.stringify(body) : undefined);
		};
		if (!operation?.operationId) {
			this.records.refused.push(`${asked.method} ${asked.path}: the contract has no such call, or it is not played`);
			return say(service.error(404));
		}
		const fault = this.records.next(operation.operationId);
		if (fault && !fault.carriedOut) return this.fail(service, fault, call, response, say);
		const answer = this.checked(service, operation, this.carryOut(service, operation, asked, bearer));
		if (fault) return this.fail(service, fault, call, response, say);
		say(answer);
	}

	private carryOut(service: Service, operation: Operation, asked: ContractRequest, bearer: string | null): Answer {
		const id = operation.operationId ?? '';
		const parsed: Asked = { ...service.contract.parsed(asked, operation), operation: id, headers: asked.headers, bearer };
		const turnedAway = service.unauthorized(parsed) ?? service.limited?.();
		if (turnedAway) return turnedAway;
		const said = `${asked.method} ${service.contract.templateOf(operation)}`;
		const findings = service.contract.refused(asked, operation);
		if (findings.length > 0) {
			this.records.refused.push(...findings.map(({ loc, message }) => `${said}: ${loc.join('.')} ${message}`));
			return service.invalid(findings);
		}
		this.records.ignored.push(...service.contract.ignored(asked, operation).map((name) => `${said}: ${name}`));
		const handler = service.handlers[id];
		if (!handler) throw new Error(`Nobody carries out ${id}`);
		return handler(parsed);
	}

	/** The answer, or a 500 that tells what is wrong with it. */
	private checked(service: Service, operation: Operation, answer: Answer): Answer {
		const { status, body } = answer;
		const elsewhere = status >= 400 ? service.errorModel : undefined;
		const wrong = service.contract.wrong(operation, status, this.judged(operation, body) ?? null, elsewhere);
		if (wrong.length === 0) return answer;
		const said = `${operation.operationId} answered ${status}: ${wrong.join('; ')}`;
		this.records.wrongAnswers.push(said);
		return service.error(500, 'wrong_mock', said);
	}

	/**
	 * What of an answer is held to the contract: all of it, but of an operation's second long list and all later ones
	 * only a few items, other ones each time. A full look at 500 users takes longer than to make and to send them.
	 */
	private judged(operation: Operation, body: object | undefined): unknown {
		if (lengthOf(body) <= SAMPLE) return body;
		const id = operation.operationId ?? '';
		const turn = this.longLists.get(id) ?? 0;
		this.longLists.set(id, turn + 1);
		return turn === 0 ? body : sampled(body, turn);
	}

	private fail(
		service: Service,
		fault: Fault,
		call: Writable<Call>,
		response: ServerResponse,
		say: (answer: Answer) => void,
	): void {
		switch (fault.kind) {
			case 'silence':
				return;
			case 'reset':
				response.socket?.resetAndDestroy();
				return;
			case 'html':
				call.status = fault.status;
				response.writeHead(fault.status, { 'content-type': 'text/html' });
				response.end(`<!doctype html><html><body><h1>${fault.status}</h1></body></html>`);
				return;
			case 'refusal': {
				const answer = service.error(fault.status, fault.code, fault.detail);
				say(fault.retryAfter === undefined ? answer : { ...answer, headers: { 'retry-after': String(fault.retryAfter) } });
			}
		}
	}
}

/** All of a request; null where it broke off. */
async function read(request: IncomingMessage): Promise<ContractRequest | null> {
	const chunks: Buffer[] = [];
	try {
		for await (const chunk of request) chunks.push(chunk as Buffer);
	} catch {
		return null;
	}
	const [path = '', ...query] = (request.url ?? '').split('?');
	const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
	return {
		method: request.method ?? '',
		path,
		query: query.join('?'),
		headers: Object.fromEntries(headers),
		text: Buffer.concat(chunks).toString(),
	};
}
