import Ajv from 'ajv';
import type { Request } from 'express';

import { PlayedService } from './playedService';

export interface LoopsRequest {
	method: string;
	path: string;
	idempotencyKey: string | undefined;
	body: Record<string, unknown>;
}

type Contact = Record<string, unknown>;

// Source: Loops, API reference, "Update contact", "Delete contact" and "Send event", as of October 2026.
const email = { type: 'string', pattern: '@' };
const userId = { type: 'string', minLength: 1 };
const text = { type: ['string', 'null'] };
const mailingLists = { type: 'object', additionalProperties: { type: 'boolean' } };
const contact = {
	type: 'object',
	anyOf: [{ required: ['email'] }, { required: ['userId'] }],
	properties: {
		...{ email, userId, firstName: text, lastName: text, source: text, userGroup: text },
		...{ subscribed: { type: 'boolean' }, mailingLists },
	},
	additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
};
const event = {
	...contact,
	required: ['eventName'],
	properties: {
		...contact.properties,
		eventName: { type: 'string', minLength: 1 },
		eventProperties: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
	},
};
const deletion = {
	type: 'object',
	properties: { email, userId },
	additionalProperties: false,
	minProperties: 1,
	maxProperties: 1,
};

const ajv = new Ajv({ allowUnionTypes: true });
/** What each endpoint takes. */
const BODIES = {
	'PUT /api/v1/contacts/update': ajv.compile(contact),
	'POST /api/v1/contacts/delete': ajv.compile(deletion),
	'POST /api/v1/events/send': ajv.compile(event),
};

/**
 * Plays Loops' API: what its documentation doesn't allow is answered 400 and kept in `refused`. Unlike
 * Loops, which forgets an idempotency key after 24 hours, it keeps them.
 */
export class Loops extends PlayedService {
	readonly taken: LoopsRequest[] = [];
	readonly refused: string[] = [];
	/** The audience, as what was taken has left it. */
	contacts: Contact[] = [];
	/** What to answer to the next requests in place of taking them, as when Loops has a bad moment. */
	failWith: number[] = [];
	private readonly keys = new Set<string>();

	static async start(apiKey: string): Promise<Loops> {
		const loops = new Loops();
		loops.app.use((request, response) => {
			const { status, body } = loops.answer(request, apiKey);
			response.status(status).json(body);
		});
		return await loops.listen();
	}

	/** Where the API is, in place of https://app.loops.so/api/v1. */
	get url(): string {
		return `${this.origin}/api/v1`;
	}

	private answer(request: Request, apiKey: string): { status: number; body: object } {
		const refuse = (status: number, message: string) => ({ status, body: { success: false, message } });
		const failure = this.failWith.shift();
		if (failure !== undefined) return refuse(failure, 'Try again');
		if (request.get('authorization') !== `Bearer ${apiKey}`) return { status: 401, body: { error: 'Invalid API key' } };
		const body = parsed(request.body as string);
		const { method, originalUrl: path } = request;
		const taken = { method, path, idempotencyKey: request.get('idempotency-key'), body: body ?? {} };
		const refusal = body === null ? 'The body is not a JSON object' : refusalOf(taken, request.get('content-type') ?? '');
		if (refusal !== null) {
			this.refused.push(`${method} ${path}: ${refusal} ${JSON.stringify(body)}`);
			return refuse(400, refusal);
		}
		if (taken.idempotencyKey !== undefined) {
			if (this.keys.has(taken.idempotencyKey)) return refuse(409, 'Idempotency key has been used');
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
}

function parsed(text: string): Record<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown> | null) : null;
	} catch {
		return null;
	}
}

function refusalOf({ method, path, body, idempotencyKey }: LoopsRequest, contentType: string): string | null {
	if (!contentType.startsWith('application/json')) return `The content type is ${contentType}`;
	if ((idempotencyKey?.length ?? 0) > 100) return 'The idempotency key is longer than 100 characters';
	const isRight = BODIES[`${method} ${path}` as keyof typeof BODIES];
	if (!isRight) return 'There is no such endpoint';
	return isRight(body) ? null : ajv.errorsText(isRight.errors);
}
