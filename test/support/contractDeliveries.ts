import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { load as parseYaml } from 'js-yaml';

import { withNulls } from './clerk/contract';
import { fixturePath } from './paths';

/**
 * Deliveries made from Clerk's webhook contract: whatever its schemas allow. fast-check makes the
 * values, so that a failing one is seeded and shrunk.
 */

interface Schema {
	$ref?: string;
	nullable?: boolean;
	allOf?: Schema[];
	oneOf?: Schema[];
	anyOf?: Schema[];
	type?: string;
	enum?: unknown[];
	pattern?: string;
	format?: string;
	items?: Schema;
	properties?: Record<string, Schema>;
	required?: string[];
}

const contract = parseYaml(readFileSync(fixturePath('openapi', 'clerk-webhooks.yml'), 'utf8')) as {
	'x-webhooks': Record<string, { post: { requestBody: { content: { 'application/json': { schema: Schema } } } } }>;
	components: { schemas: Record<string, Schema> };
};

export const contractTypes: readonly string[] = Object.keys(contract['x-webhooks']);

function schemaOf(type: string): Schema {
	const webhook = contract['x-webhooks'][type];
	if (!webhook) throw new Error(`The contract has no ${type}`);
	return webhook.post.requestBody.content['application/json'].schema;
}

/** With its reference followed and its parts merged: all of the contract's `allOf` are of objects. */
function resolved(schema: Schema): Schema {
	if (schema.$ref !== undefined) {
		const target = contract.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
		if (!target) throw new Error(`The contract has no ${schema.$ref}`);
		return { ...resolved(target), ...(schema.nullable ? { nullable: true } : {}) };
	}
	if (!schema.allOf) return schema;
	const { allOf, ...own } = schema;
	const parts = [...allOf.map(resolved), own];
	return {
		type: 'object',
		nullable: schema.nullable === true,
		properties: Object.assign({}, ...parts.map(({ properties }) => properties)) as Record<string, Schema>,
		required: [...new Set(parts.flatMap(({ required = [] }) => required))],
	};
}

/** The same as a JSON Schema, for a validator. Parts of an `allOf` that allow nothing else allow each other all the same. */
export function jsonSchemaOf(type: string): object {
	const schema = JSON.stringify({ ...schemaOf(type), components: contract.components });
	return withNulls(JSON.parse(schema, (key, value: unknown) => (key === 'additionalProperties' ? undefined : value))) as object;
}

/** Planted wherever Clerk puts what is private. */
export const CANARY = 'CANARY';
const PRIVATE = new Set(['private_metadata', 'unsafe_metadata', 'body', 'body_plain', 'subject', 'message', 'url']);

const someText = fc.oneof(
	fc.constantFrom('', ' ', 'Jane', 'Zoë', 'O’Brien-李 🙂', '@', '+', '__proto__', '{{ 1 }}'),
	fc.string({ maxLength: 8 }),
);
const email = fc.constantFrom('jane@example.com', 'new@example.com', 'jane+clerk_test@example.com', 'zoë@exämple.com', '');
const phone = fc.constantFrom('+4917012345678', '+12015550100', '');
const entryId = fc.constantFrom('idn_1', 'idn_2', 'idn_3');

/** Texts on which it depends what is read: left to chance, no primary address would ever be found. */
const texts: Readonly<Record<string, fc.Arbitrary<string>>> = {
	email_address: email,
	to_email_address: email,
	affiliation_email_address: email,
	email,
	identifier: fc.oneof(email, phone, fc.constant('jane')),
	phone_number: phone,
	to_phone_number: phone,
	primary_email_address_id: entryId,
	primary_phone_number_id: entryId,
};

function textOf({ pattern }: Schema, key: string, parent: string, isPrivate: boolean): fc.Arbitrary<string> {
	if (isPrivate) return someText.map((text) => CANARY + text);
	if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
	if (key === 'id' && /^(email_addresses|phone_numbers)$/.test(parent)) return entryId;
	return texts[key] ?? someText;
}

const time = fc.oneof(
	fc.integer({ min: 1_500_000_000_000, max: 2_000_000_000_000 }),
	fc.integer({ min: 1_500_000_000, max: 2_000_000_000 }),
);

function arbitrary(unresolved: Schema, path: readonly string[], isPrivate: boolean): fc.Arbitrary<unknown> {
	const schema = resolved(unresolved);
	const { nullable, ...rest } = schema;
	if (nullable) return fc.option(arbitrary(rest, path, isPrivate), { nil: null, freq: 4 });
	const { oneOf, anyOf, ...common } = rest;
	const alternatives = oneOf ?? anyOf;
	if (alternatives) {
		// Some name only what else is required of the object that they stand in.
		const whole = (one: Schema) => ({ ...common, ...one, required: [...(common.required ?? []), ...(one.required ?? [])] });
		return fc.oneof(...alternatives.map((one) => arbitrary(whole(resolved(one)), path, isPrivate)));
	}
	if (schema.enum) return fc.constantFrom(...schema.enum);
	const key = path.at(-1) ?? '';
	switch (schema.type ?? (schema.properties && 'object')) {
		case 'string':
			return textOf(schema, key, path.at(-2) ?? '', isPrivate);
		case 'integer':
			return key.endsWith('_at') || key === 'timestamp' ? time : fc.integer();
		case 'number':
			return fc.double({ noNaN: true, noDefaultInfinity: true });
		case 'boolean':
			return fc.boolean();
		case 'array':
			return fc.array(arbitrary(schema.items ?? {}, path, isPrivate), { maxLength: 2 });
		case 'object': {
			const entries = Object.entries(schema.properties ?? {});
			if (entries.length === 0) return freeObject(isPrivate);
			const fields = entries.map(([name, field]) => {
				const at = [...path, name];
				return [name, arbitrary(field, at, isPrivate || PRIVATE.has(name) || at.join('.') === 'data.data')] as const;
			});
			return fc.record(Object.fromEntries(fields), {
				requiredKeys: (schema.required ?? []).filter((name) => name in (schema.properties ?? {})),
				noNullPrototype: true,
			});
		}
		case undefined:
		default:
			throw new Error(`The contract has the type ${schema.type}`);
	}
}

function freeObject(isPrivate: boolean): fc.Arbitrary<unknown> {
	if (!isPrivate)
		return fc.dictionary(someText, fc.oneof(someText, fc.boolean(), fc.constant(null)), { maxKeys: 2, noNullPrototype: true });
	return fc.record({ plan: fc.constant(CANARY), nested: fc.record({ code: fc.constant(CANARY) }) }, { noNullPrototype: true });
}

/** Any delivery of this type. */
export function envelopesOf(type: string): fc.Arbitrary<Record<string, unknown> & { type: string }> {
	return arbitrary(schemaOf(type), [], false).map((envelope) => ({ ...(envelope as object), type }));
}
