import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { OpenAPIBackend } from 'openapi-backend';
import type { Document, Operation } from 'openapi-backend';
import { parse } from 'yaml';

import { fixturePath } from '../paths';

/** What of a request a contract speaks of. */
export interface ContractRequest {
	method: string;
	/** Without the query. */
	path: string;
	/** As it was sent, without the question mark. */
	query: string;
	headers: Record<string, string>;
	/** As it was sent; empty where nothing was. */
	text: string;
}

/** One thing that the contract refuses, and where: `body`, `query` or `header`, then the names on the way down. */
export interface Finding {
	loc: string[];
	message: string;
}

/** A request that the contract allows, taken apart. */
export interface Parsed {
	params: Record<string, string>;
	/** The first value of each parameter. */
	query: Record<string, string>;
	/** Every value of each parameter, in their order: a list is a parameter that is there several times. */
	values: Record<string, string[]>;
	body: Record<string, unknown>;
}

interface OpenApi {
	paths: Record<string, Record<string, { operationId?: string }>>;
	components?: { schemas?: object };
}

interface Schema {
	properties?: object;
}

const SECTIONS: Readonly<Record<string, string>> = { requestBody: 'body', query: 'query', header: 'header', path: 'path' };

/**
 * Both contracts say `nullable`, which OpenAPI 3.1 has no more and which a reference would swallow. As
 * alternatives it holds everywhere.
 */
function withNulls(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withNulls);
	if (typeof value !== 'object' || value === null) return value;
	if (isParameter(value)) {
		// A query has no null; and a single value that is not to be exploded would be read as a list.
		const { explode, ...rest } = value;
		const schema = { ...value.schema };
		delete schema.nullable;
		return { ...rest, schema, ...(schema.type === 'array' && explode !== undefined ? { explode } : {}) };
	}
	const { nullable, ...rest } = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withNulls(inner)]));
	if (nullable === undefined) return rest;
	return nullable === true ? { anyOf: [rest, { type: 'null' }] } : rest;
}

function isParameter(value: object): value is { in: string; explode?: boolean; schema: { type?: string; nullable?: boolean } } {
	return 'in' in value && value.in === 'query' && 'schema' in value;
}

/**
 * The values of a query's parameters as both contracts write them, form and explode: `a=1&a=2` is a list, and `a[]`
 * or `a[b]`, which other readers understand, is only a name.
 */
function valuesOf(query: string): Record<string, string[]> {
	const values: Record<string, string[]> = {};
	for (const [name, value] of new URLSearchParams(query)) (values[name] ??= []).push(value);
	return values;
}

/** An OpenAPI file as a judge: which of its operations a request is, and what in a request or an answer it doesn't allow. */
export class Contract {
	private static readonly loaded = new Map<string, Promise<Contract>>();

	private constructor(
		private readonly api: OpenAPIBackend,
		private readonly root: string,
	) {}

	/**
	 * The same contract for all who ask for it: it takes a second to read, and nothing in it changes.
	 * @param files in `test/fixtures/openapi`; the first says what the API is called
	 * @param operations the ids of those that are needed; the others are left out, which saves seconds
	 * @param root the path that stands before all of the files'
	 * @throws when the files lack one of the operations
	 */
	static async load(files: string | readonly string[], operations: readonly string[], root = ''): Promise<Contract> {
		const key = [...[files].flat(), root, ...operations].join(' ');
		const loaded = Contract.loaded.get(key) ?? Contract.read([files].flat(), operations, root);
		Contract.loaded.set(key, loaded);
		return await loaded;
	}

	private static async read(files: readonly string[], operations: readonly string[], root: string): Promise<Contract> {
		const read = files.map((file) => parse(readFileSync(fixturePath('openapi', file), 'utf8')) as OpenApi);
		const whole = {
			...read[0],
			paths: Object.assign({}, ...read.map(({ paths }) => paths)) as OpenApi['paths'],
			components: {
				...read[0]?.components,
				schemas: Object.assign({}, ...read.map(({ components }) => components?.schemas)) as object,
			},
		};
		const found: string[] = [];
		const paths = Object.entries(whole.paths).map(([path, methods]) => {
			const wanted = Object.entries(methods).filter(([, { operationId = '' }]) => operations.includes(operationId));
			found.push(...wanted.map(([, { operationId = '' }]) => operationId));
			return [path, Object.fromEntries(wanted)] as const;
		});
		const missing = operations.filter((operation) => !found.includes(operation));
		if (missing.length > 0) throw new Error(`${files.join(', ')} has no ${missing.join(', ')}`);
		const part = { ...whole, paths: Object.fromEntries(paths.filter(([, methods]) => Object.keys(methods).length > 0)) };
		const api = new OpenAPIBackend({
			definition: withNulls(part) as object as Document,
			apiRoot: root === '' ? '/' : root,
			// Compiles what is asked for, when it is asked for.
			quick: true,
			ajvOpts: { allErrors: true, logger: false },
			customizeAjv: (ajv) => addFormats(ajv),
		});
		await api.init();
		return new Contract(api, root);
	}

	/** The operation that a request asks for; undefined where the contract has none. */
	operationOf({ method, path }: Pick<ContractRequest, 'method' | 'path'>): Operation | undefined {
		return this.api.router.matchOperation({ method, path, headers: {} });
	}

	/** The path as it stands in the contract, with its root. */
	templateOf(operation: Operation): string {
		return this.root + operation.path;
	}

	/**
	 * What the contract refuses in a request; nothing where it allows all. That is also a query parameter that it
	 * doesn't know, and one that is there twice but is no list.
	 */
	refused(request: ContractRequest, operation: Operation): Finding[] {
		const findings: Finding[] = [];
		const takesBody = operation.requestBody !== undefined;
		const type = request.headers['content-type'] ?? '';
		if (takesBody && request.text !== '' && !/^application\/json\s*(;|$)/i.test(type)) {
			findings.push({ loc: ['header', 'content-type'], message: `"${type}" is not application/json` });
		}
		const { errors } = this.api.validator.validateRequest(this.asked(request), operation);
		for (const { instancePath, message = '', params } of errors ?? []) {
			const [section = '', ...names] = instancePath.split('/').slice(1);
			// What is missing or too much is named by the parameters of the complaint, not by its path.
			const { missingProperty, additionalProperty } = params as Record<string, string | undefined>;
			const name = missingProperty ?? additionalProperty;
			const loc = [section, ...names, ...(name === undefined ? [] : [name])].filter((part) => part !== '');
			findings.push({ loc: [SECTIONS[loc[0] ?? ''] ?? 'body', ...loc.slice(1)], message });
		}
		return findings;
	}

	/** What a request holds that the contract has no place for: the service drops it without a word. */
	ignored(request: ContractRequest, operation: Operation): string[] {
		if (request.text === '') return [];
		const { requestBody } = operation as { requestBody?: { content: Record<string, { schema: Schema }> } };
		if (!requestBody) return ['a body'];
		const known = Object.keys(requestBody.content['application/json']?.schema.properties ?? {});
		return Object.keys(this.parsed(request, operation).body).filter((name) => !known.includes(name));
	}

	parsed(request: ContractRequest, operation: Operation): Parsed {
		const { params, requestBody } = this.api.router.parseRequest(this.asked(request), operation) as {
			params: Record<string, string>;
			requestBody: unknown;
		};
		const isObject = typeof requestBody === 'object' && requestBody !== null && !Array.isArray(requestBody);
		const values = valuesOf(request.query);
		const query = Object.fromEntries(Object.entries(values).map(([name, [first = '']]) => [name, first]));
		return { params, query, values, body: isObject ? (requestBody as Record<string, unknown>) : {} };
	}

	/**
	 * What is wrong with an answer of ours, so that a mock that tells fairy tales is found out.
	 * @param body null where there is none
	 * @param elsewhere an operation and status in whose place this one is judged, where the contract doesn't list the status
	 */
	wrong(operation: Operation, status: number, body: unknown, elsewhere?: { operation: string; status: number }): string[] {
		const listed = Object.keys(operation.responses ?? {}).includes(String(status));
		const of = listed || !elsewhere ? operation : this.api.router.getOperation(elsewhere.operation);
		if (!of || (!listed && !elsewhere)) return [`the contract has no status ${status}`];
		const { errors } = this.api.validator.validateResponse(body, of, listed ? status : elsewhere?.status);
		return (errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
	}

	private asked({ method, path, query: sent, headers, text }: ContractRequest) {
		const query = Object.fromEntries(
			Object.entries(valuesOf(sent)).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
		);
		return { method, path, query, headers, ...(text === '' ? {} : { body: text }) };
	}
}
