import addFormats from 'ajv-formats';
import Ajv2020 from 'ajv/dist/2020';
import type { AnySchemaObject, ValidateFunction } from 'ajv/dist/2020';

/** A request as a service sees it. */
export interface Call {
	method: string;
	/** Without the query, as it was sent. */
	path: string;
	/** What stands in the places that the operation's path names. */
	params: Record<string, string>;
	query: Record<string, string>;
	headers: Record<string, string>;
	/** Parsed: JSON, or the fields of a form; undefined where nothing was sent. */
	body: unknown;
}

export interface Answer {
	status: number;
	body?: unknown;
}

/** One call of a service's API, as the service documents it. */
export interface Operation {
	/** The query's schema; without one there must be no query. */
	query?: AnySchemaObject;
	/** The body's schema; without one there must be no body. */
	body?: AnySchemaObject;
	/** Whether the body may be left out. */
	bodyIsOptional?: boolean;
	answer(call: Call): Answer;
}

/** An object with these properties and no others. */
export function object(properties: Record<string, AnySchemaObject>, required: readonly string[] = []): AnySchemaObject {
	return { type: 'object', properties, required, additionalProperties: false };
}

export const TEXT = { type: 'string' } as const;
export const ADDRESS = { type: 'string', format: 'email' } as const;
export const TIME = { type: 'string', format: 'date-time' } as const;
export const WHOLE_NUMBER = { type: 'integer' } as const;
export const FLAG = { type: 'boolean' } as const;
export const listOf = (items: AnySchemaObject): AnySchemaObject => ({ type: 'array', items });

/** A contact in the same words for every service. */
export interface Held {
	userId?: string;
	email: string | null;
	firstName: string | null;
	/** Whether it gets mail; where the service keeps that. */
	subscribed?: boolean;
	/** Whether it is in the group or list of those who signed up. */
	joined: boolean;
}

/** Plays a service: holds what it holds, and refuses what its documentation does not allow. */
export abstract class Service {
	/** Where its API is. */
	abstract readonly host: string;
	/** By method and path, such as `PUT /v3/contacts/{id}`. */
	abstract readonly operations: Readonly<Record<string, Operation>>;
	/** The one header in which its secret belongs; null where it asks for none. */
	abstract readonly authorization: { readonly header: string; readonly value: string } | null;
	/** What a person fills into n8n's credential, by its type. */
	abstract readonly credentials: Readonly<Record<string, Record<string, string | number | boolean>>>;
	/** What must stand nowhere but in its header, and in no execution and log. */
	abstract readonly secrets: readonly string[];

	/** Every request that was taken, in order. */
	readonly calls: Call[] = [];
	/** What was wrong with the requests that its documentation does not allow. */
	readonly refused: string[] = [];
	/** Statuses to answer to the next requests, in place of taking them, as when the service has trouble. */
	failWith: number[] = [];
	private readonly validators = new Map<AnySchemaObject, ValidateFunction>();
	private readonly ajv = addFormats(new Ajv2020({ allErrors: true, strict: false }));

	answer(call: Omit<Call, 'params'>): Answer {
		const refuse = (status: number, problem: string): Answer => {
			this.refused.push(`${call.method} ${this.host}${call.path}: ${problem}`);
			return { status, body: { error: problem } };
		};
		const { header, value } = this.authorization ?? { header: '', value: undefined };
		if (call.headers[header] !== value) return refuse(401, `${header} is not the credential`);
		const found = this.find(call);
		if (!found) return refuse(404, 'there is no such operation');
		const { operation, params } = found;
		const body = operation.bodyIsOptional && call.body === undefined ? undefined : operation.body;
		const wrong = this.wrongIn('query', operation.query, call.query) ?? this.wrongIn('body', body, call.body);
		if (wrong !== null) return refuse(400, wrong);
		const failure = this.failWith.shift();
		if (failure !== undefined) return { status: failure, body: { error: 'Try again later' } };
		const whole = { ...call, params };
		this.calls.push(whole);
		return operation.answer(whole);
	}

	/** Every contact, in the order in which they were made. */
	held(): Held[] {
		return [];
	}

	/** Adds a contact that was there before Clerk reports it, from a form for example. */
	seed?(email: string): void;

	private find({ method, path }: Pick<Call, 'method' | 'path'>) {
		for (const [name, operation] of Object.entries(this.operations)) {
			const [wanted, template = ''] = name.split(' ');
			if (wanted !== method) continue;
			const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => parameter);
			const pattern = template
				.split(/\{\w+\}/)
				.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
				.join('([^/]+)');
			const match = new RegExp(`^${pattern}$`).exec(path);
			if (!match) continue;
			const params = Object.fromEntries(names.map((parameter, index) => [parameter, decodeURIComponent(match[index + 1] ?? '')]));
			return { operation, params };
		}
		return null;
	}

	/** Whether a schema allows a value. */
	protected allows(schema: AnySchemaObject, value: unknown): boolean {
		return this.validator(schema)(value);
	}

	private validator(schema: AnySchemaObject): ValidateFunction {
		const validate = this.validators.get(schema) ?? this.ajv.compile(schema);
		this.validators.set(schema, validate);
		return validate;
	}

	private wrongIn(what: string, schema: AnySchemaObject | undefined, value: unknown): string | null {
		const isEmpty = value === undefined || (what === 'query' && Object.keys(value as object).length === 0);
		if (!schema) return isEmpty ? null : `there is a ${what}: ${JSON.stringify(value)}`;
		if (value === undefined) return `there is no ${what}`;
		const validate = this.validator(schema);
		return validate(value) ? null : `${this.ajv.errorsText(validate.errors, { dataVar: what })}: ${JSON.stringify(value)}`;
	}
}
