import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { once } from 'node:events';

export interface LoopsRequest {
	method: string;
	path: string;
	idempotencyKey: string | undefined;
	body: Record<string, unknown>;
}

type Refusal = string | null;
type Contact = Record<string, unknown>;

const CONTACT_TEXTS = ['email', 'userId', 'firstName', 'lastName', 'source', 'userGroup'];

/**
 * Plays Loops' API: what its documentation doesn't allow is answered 400 and kept in `refused`. Unlike
 * Loops, which forgets an idempotency key after 24 hours, it keeps them.
 * Source: Loops, API reference, "Update contact", "Delete contact" and "Send event", as of October 2026.
 */
export class Loops {
	readonly taken: LoopsRequest[] = [];
	readonly refused: string[] = [];
	/** The audience, as what was taken has left it. */
	contacts: Contact[] = [];
	/** What to answer to the next requests in place of taking them, as when Loops has a bad moment. */
	failWith: number[] = [];
	private readonly keys = new Set<string>();

	private constructor(
		private readonly server: Server,
		private readonly apiKey: string,
	) {}

	static async start(apiKey: string): Promise<Loops> {
		const server = createServer();
		const loops = new Loops(server, apiKey);
		server.on('request', (request: IncomingMessage, response) => {
			void loops.answer(request).then(({ status, body }) => {
				response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
			});
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return loops;
	}

	/** Where the API is, in place of https://app.loops.so/api/v1. */
	get url(): string {
		const address = this.server.address();
		if (address === null || typeof address === 'string') throw new Error('Loops is not listening');
		return `http://127.0.0.1:${address.port}/api/v1`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const failure = this.failWith.shift();
		if (failure !== undefined) return { status: failure, body: { success: false, message: 'Try again' } };
		const key = request.headers['idempotency-key'];
		const parsed: unknown = parse(Buffer.concat(chunks).toString());
		const taken: LoopsRequest = {
			method: request.method ?? '',
			path: request.url ?? '',
			idempotencyKey: Array.isArray(key) ? key.join() : key,
			body: (parsed ?? {}) as Record<string, unknown>,
		};
		if (request.headers.authorization !== `Bearer ${this.apiKey}`) return { status: 401, body: { error: 'Invalid API key' } };
		const refusal =
			parsed === null ? 'The body is not a JSON object' : this.refusalOf(taken, request.headers['content-type'] ?? '');
		if (refusal !== null) {
			this.refused.push(`${taken.method} ${taken.path}: ${refusal} ${JSON.stringify(taken.body)}`);
			return { status: 400, body: { success: false, message: refusal } };
		}
		if (taken.idempotencyKey !== undefined) {
			if (this.keys.has(taken.idempotencyKey))
				return { status: 409, body: { success: false, message: 'Idempotency key has been used' } };
			this.keys.add(taken.idempotencyKey);
		}
		this.taken.push(taken);
		this.keep(taken);
		return { status: 200, body: { success: true, id: 'cll6b3i8901a9jx0oyktl2m4u' } };
	}

	/** As if nothing had been sent so far. */
	forget(): void {
		this.taken.length = 0;
		this.contacts = [];
		this.keys.clear();
	}

	/** A contact is found by either its user ID or its address, and the other one is then replaced. */
	private keep({ path, body }: LoopsRequest): void {
		const fields: Contact = { ...body };
		delete fields['eventName'];
		delete fields['eventProperties'];
		const isMeant = (contact: Contact) =>
			['userId', 'email'].some((key) => fields[key] !== undefined && contact[key] === fields[key]);
		const before = this.contacts.find(isMeant);
		this.contacts = this.contacts.filter((contact) => contact !== before);
		if (!path.endsWith('/delete')) this.contacts.push({ ...before, ...fields });
	}

	private refusalOf({ method, path, body, idempotencyKey }: LoopsRequest, contentType: string): Refusal {
		if (!contentType.startsWith('application/json')) return `The content type is ${contentType}`;
		switch (`${method} ${path}`) {
			case 'PUT /api/v1/contacts/update':
				return whoIsMissing(body) ?? contactRefusal(body);
			case 'POST /api/v1/contacts/delete':
				return Object.keys(body).length === 1 ? whoIsMissing(body) : 'Exactly one of email and userId names the contact';
			case 'POST /api/v1/events/send':
				if (idempotencyKey !== undefined && idempotencyKey.length > 100)
					return 'The idempotency key is longer than 100 characters';
				return whoIsMissing(body) ?? eventRefusal(body);
			default:
				return 'There is no such endpoint';
		}
	}
}

function parse(text: string): object | null {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && !Array.isArray(value) ? value : null;
	} catch {
		return null;
	}
}

function whoIsMissing({ email, userId }: Record<string, unknown>): Refusal {
	if (email === undefined && userId === undefined) return 'Neither email nor userId is there';
	if (email !== undefined && (typeof email !== 'string' || !email.includes('@'))) return 'email is no address';
	return userId !== undefined && (typeof userId !== 'string' || userId === '') ? 'userId is no text' : null;
}

function contactRefusal(body: Record<string, unknown>): Refusal {
	for (const [key, value] of Object.entries(body)) {
		if (key === 'mailingLists') {
			const refusal = listsRefusal(value);
			if (refusal) return refusal;
		} else if (key === 'subscribed') {
			if (typeof value !== 'boolean') return 'subscribed is no boolean';
		} else if (CONTACT_TEXTS.includes(key)) {
			if (value !== null && typeof value !== 'string') return `${key} is no text`;
		} else if (value !== null && !['string', 'number', 'boolean'].includes(typeof value)) {
			return `${key} is not flat`;
		}
	}
	return null;
}

function listsRefusal(lists: unknown): Refusal {
	if (typeof lists !== 'object' || lists === null || Array.isArray(lists)) return 'mailingLists is no object';
	return Object.values(lists).every((joined) => typeof joined === 'boolean') ? null : 'A mailing list is neither true nor false';
}

function eventRefusal(body: Record<string, unknown>): Refusal {
	const { eventName, eventProperties, mailingLists } = body;
	if (typeof eventName !== 'string' || eventName === '') return 'eventName is missing';
	if (eventProperties !== undefined) {
		if (typeof eventProperties !== 'object' || eventProperties === null || Array.isArray(eventProperties)) {
			return 'eventProperties is no object';
		}
		const wrong = Object.entries(eventProperties).find(([, value]) => !['string', 'number', 'boolean'].includes(typeof value));
		if (wrong) return `eventProperties.${wrong[0]} is not flat`;
	}
	const contact = Object.entries(body).filter(([key]) => !['eventName', 'eventProperties', 'mailingLists'].includes(key));
	return (mailingLists === undefined ? null : listsRefusal(mailingLists)) ?? contactRefusal(Object.fromEntries(contact));
}
