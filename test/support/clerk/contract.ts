import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { load as parseYaml } from 'js-yaml';
import { OpenAPIBackend } from 'openapi-backend';
import type { Document, Operation } from 'openapi-backend';

import { fixturePath } from '../paths';

/** A request, as far as a contract speaks of it. */
export interface ContractRequest {
	method: string;
	/** Without the query. */
	path: string;
	/** As both contracts write lists: `a=1&a=2`. A name such as `a[]` has no meaning of its own. */
	query: Record<string, string | string[]>;
	headers: Record<string, string>;
	/** The body as it was sent; undefined where there was none. */
	body: string | undefined;
}

/** What the contract refuses, and where: `body`, `query` or `header`, then the names on the way down. */
export interface Finding {
	loc: string[];
	message: string;
}

interface OpenApi {
	paths: Record<string, Record<string, { operationId?: string }>>;
	components?: { schemas?: object };
}

interface BodySchema {
	properties?: object;
	items?: { properties?: object };
}

const SECTIONS: Readonly<Record<string, string>> = { requestBody: 'body', query: 'query', header: 'header', path: 'path' };

/** Rewrites `nullable`, which the validator loses beside a reference, as an alternative. */
export function withNulls(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withNulls);
	if (typeof value !== 'object' || value === null) return value;
	if (isQueryParameter(value)) {
		// A query has no null. And `explode: false` would make a list of a single value.
		const { explode, schema: given, ...rest } = value;
		const schema = { ...given };
		delete schema.nullable;
		return { ...rest, schema, ...(schema.type === 'array' && explode !== undefined ? { explode } : {}) };
	}
	const { nullable, ...rest } = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withNulls(inner)]));
	if (nullable === undefined) return rest;
	return nullable === true ? { anyOf: [rest, { type: 'null' }] } : rest;
}

function isQueryParameter(value: object): value is { explode?: boolean; schema: { type?: string; nullable?: boolean } } {
	return 'in' in value && value.in === 'query' && 'schema' in value;
}

/** An OpenAPI contract: finds the operation of a request, and validates requests and answers. */
export class Contract {
	private static readonly loaded = new Map<string, Promise<Contract>>();

	private constructor(
		private readonly api: OpenAPIBackend,
		private readonly root: string,
	) {}

	/**
	 * Cached, since reading takes a second.
	 * @param files in `test/fixtures/openapi`; the first says what the API is called
	 * @param operations the IDs of those that are served, null for all; finding one among all of Clerk's takes 10 ms
	 * @param root the path before all paths of the contract
	 * @throws when the files lack one of the operations
	 */
	static async load(files: readonly string[], operations: readonly string[] | null, root: string): Promise<Contract> {
		const key = [...files, root, ...(operations ?? ['*'])].join(' ');
		const loaded = Contract.loaded.get(key) ?? Contract.read(files, operations, root);
		Contract.loaded.set(key, loaded);
		return await loaded;
	}

	private static async read(files: readonly string[], operations: readonly string[] | null, root: string): Promise<Contract> {
		const read = files.map((file) => parseYaml(readFileSync(fixturePath('openapi', file), 'utf8')) as OpenApi);
		const found: string[] = [];
		const paths: OpenApi['paths'] = {};
		for (const [path, methods] of read.flatMap((api) => Object.entries(api.paths))) {
			for (const [method, operation] of Object.entries(methods)) {
				const { operationId = '' } = operation;
				if (operations && !operations.includes(operationId)) continue;
				found.push(operationId);
				paths[path] = { ...paths[path], [method]: operation };
			}
		}
		const missing = (operations ?? []).filter((operation) => !found.includes(operation));
		if (missing.length > 0) throw new Error(`${files.join(', ')} has no ${missing.join(', ')}`);
		const schemas = Object.assign({}, ...read.map(({ components }) => components?.schemas)) as object;
		const api = new OpenAPIBackend({
			definition: withNulls({ ...read[0], paths, components: { ...read[0]?.components, schemas } }) as Document,
			apiRoot: root,
			// Compiles a schema when it is first needed.
			quick: true,
			ajvOpts: { allErrors: true, logger: false },
			customizeAjv: (ajv) => addFormats(ajv),
		});
		return new Contract(await api.init(), root === '/' ? '' : root);
	}

	/** The operation of a request; undefined where the contract has none. */
	operationOf({ method, path }: Pick<ContractRequest, 'method' | 'path'>): Operation | undefined {
		return this.api.router.matchOperation({ method, path, headers: {} });
	}

	/** The path as the contract writes it, with its root. */
	templateOf(operation: Operation): string {
		return this.root + operation.path;
	}

	/** The parameters in the path, and the body if it is a JSON object or a list of objects. */
	parsed(
		request: ContractRequest,
		operation: Operation,
	): { params: Record<string, string>; body: Record<string, unknown>; list: Array<Record<string, unknown>> } {
		const parsed = this.api.router.parseRequest(request, operation);
		const { params, requestBody } = parsed as { params: Record<string, string>; requestBody: unknown };
		const isObject = typeof requestBody === 'object' && requestBody !== null && !Array.isArray(requestBody);
		const list = Array.isArray(requestBody) ? (requestBody as Array<Record<string, unknown>>) : [];
		return { params, body: isObject ? (requestBody as Record<string, unknown>) : {}, list };
	}

	/** What the contract refuses in a request, such as an unknown query parameter. */
	refused(request: ContractRequest, operation: Operation): Finding[] {
		const type = request.headers['content-type'] ?? '';
		const isOtherType = operation.requestBody && request.body && !/^application\/json\s*(;|$)/i.test(type);
		const { errors } = this.api.validator.validateRequest(request, operation);
		const findings = (errors ?? []).map(({ instancePath, message = '', params }) => {
			const { missingProperty, additionalProperty } = params as Record<string, string | undefined>;
			const name = missingProperty ?? additionalProperty;
			const [section = '', ...names] = [...instancePath.split('/').slice(1), ...(name === undefined ? [] : [name])];
			return { loc: [SECTIONS[section] ?? 'body', ...names], message };
		});
		if (!isOtherType) return findings;
		return [{ loc: ['header', 'content-type'], message: `"${type}" is not application/json` }, ...findings];
	}

	/** What a request holds that the contract has no place for: the service drops it silently. */
	ignored(request: ContractRequest, operation: Operation): string[] {
		if (!request.body) return [];
		const { requestBody } = operation as { requestBody?: { content: Record<string, { schema: BodySchema }> } };
		if (!requestBody) return ['a body'];
		const { properties, items } = requestBody.content['application/json']?.schema ?? {};
		const known = Object.keys(properties ?? items?.properties ?? {});
		const { body, list } = this.parsed(request, operation);
		return [body, ...list].flatMap((one) => Object.keys(one)).filter((name) => !known.includes(name));
	}

	/** An answer as the operation's schema has it. */
	exampleOf(operationId: string): { status: number; body: unknown } {
		const made: { status: number; mock: unknown } = this.api.mockResponseForOperation(operationId);
		return { status: made.status, body: made.mock };
	}

	/**
	 * What is wrong with an answer of the mock.
	 * @param body null where there is none
	 * @param errorModel the answer that stands for an error whose status the contract doesn't list
	 */
	wrong(operation: Operation, status: number, body: unknown, errorModel: { operation: string; status: number }): string[] {
		const isListed = String(status) in (operation.responses ?? {});
		if (!isListed && status < 400) return [`the contract has no status ${status}`];
		const { errors } = isListed
			? this.api.validator.validateResponse(body, operation, status)
			: this.api.validator.validateResponse(body, errorModel.operation, errorModel.status);
		return (errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
	}
}
