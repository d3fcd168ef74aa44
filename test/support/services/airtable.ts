import { FLAG, listOf, object, Service, TEXT, TIME } from './service';
import type { Answer, Call, Held } from './service';

type Fields = Record<string, unknown>;

interface Row {
	id: string;
	fields: Fields;
}

const TOKEN = 'pat-airtable-token-of-the-tests';
const BASE = 'appXXXXXXXXXXXXXX';
const TABLE = 'Clerk Users';
const PATH = `/v0/${BASE}/{table}`;

/** What a field takes, by its type. */
const TYPES: Readonly<Record<string, object>> = {
	singleLineText: { type: ['string', 'null'] },
	email: { type: ['string', 'null'] },
	dateTime: { anyOf: [TIME, { type: 'null' }] },
};

const fieldDefinition = object({ name: TEXT, type: { enum: Object.keys(TYPES) }, options: { type: 'object' } }, ['name', 'type']);

/**
 * One base of Airtable.
 * Source: Airtable's Web API reference, "Update multiple records" (with `performUpsert`), "List records", "Delete record"
 * and "Create table", as of October 2026.
 */
export class Airtable extends Service {
	readonly host = 'api.airtable.com';
	readonly authorization = { header: 'authorization', value: `Bearer ${TOKEN}` };
	readonly credentials = { airtableTokenApi: { accessToken: TOKEN } };
	readonly secrets = [TOKEN];
	/** By the field's name, its type; null as long as there is no table. */
	private fields: Record<string, string> | null = null;
	private rows: Row[] = [];

	readonly operations = {
		[`POST /v0/meta/bases/${BASE}/tables`]: {
			body: object({ name: TEXT, description: TEXT, fields: { ...listOf(fieldDefinition), minItems: 1 } }, ['name', 'fields']),
			answer: ({ body }: Call) => {
				const { name, fields } = body as { name: string; fields: Array<{ name: string; type: string }> };
				this.fields = Object.fromEntries(fields.map((field) => [field.name, field.type]));
				return { status: 200, body: { id: 'tblNEW', name, fields } };
			},
		},
		[`PATCH ${PATH}`]: {
			body: object(
				{
					typecast: FLAG,
					performUpsert: object({ fieldsToMergeOn: { ...listOf(TEXT), minItems: 1, maxItems: 3 } }, ['fieldsToMergeOn']),
					records: { ...listOf(object({ id: TEXT, fields: { type: 'object' } }, ['fields'])), maxItems: 10 },
				},
				['records'],
			),
			answer: ({ params, body }: Call) => {
				if (params['table'] !== TABLE) return NO_TABLE;
				const { records, performUpsert } = body as { records: Row[]; performUpsert?: { fieldsToMergeOn: string[] } };
				const written: Row[] = [];
				for (const { fields } of records) {
					const unknown = Object.keys(fields).find((name) => !(name in (this.fields ?? {})));
					if (unknown) return this.invalid('UNKNOWN_FIELD_NAME', `Unknown field name: "${unknown}"`);
					const wrong = Object.entries(fields).find(([name, value]) => !this.takes(name, value));
					if (wrong)
						return this.invalid('INVALID_VALUE_FOR_COLUMN', `Field "${wrong[0]}" cannot accept ${JSON.stringify(wrong[1])}`);
					const keys = performUpsert?.fieldsToMergeOn ?? [];
					const known = this.rows.find((row) => keys.every((key) => row.fields[key] === fields[key]));
					const row = known ?? { id: `rec${this.rows.length}`, fields: {} };
					if (!known) this.rows.push(row);
					Object.assign(row.fields, fields);
					written.push(row);
				}
				return { status: 200, body: { records: written } };
			},
		},
		[`GET ${PATH}`]: {
			query: object({ filterByFormula: TEXT, maxRecords: TEXT, pageSize: TEXT }),
			answer: ({ params, query }: Call) => {
				if (params['table'] !== TABLE) return NO_TABLE;
				const [, field = '', value] = /^\{(\w+)\} = '([^']*)'$/.exec(query['filterByFormula'] ?? '') ?? [];
				if (value === undefined) return this.invalid('INVALID_FILTER_BY_FORMULA', `The formula is ${query['filterByFormula']}`);
				return { status: 200, body: { records: this.rows.filter(({ fields }) => fields[field] === value) } };
			},
		},
		[`DELETE ${PATH}/{id}`]: {
			answer: ({ params }: Call) => {
				const before = this.rows.length;
				this.rows = this.rows.filter(({ id }) => id !== params['id']);
				return this.rows.length < before ? { status: 200, body: { id: params['id'], deleted: true } } : { status: 404, body: {} };
			},
		},
	};

	override held(): Held[] {
		return this.rows.map(({ fields }) => ({
			userId: fields['userId'] as string,
			email: (fields['email'] as string | null) ?? null,
			firstName: (fields['firstName'] as string | null) ?? null,
			joined: fields['userGroup'] === 'Customers',
		}));
	}

	/** The fields of the table's rows, as they were written. */
	get table(): Fields[] {
		return this.rows.map(({ fields }) => fields);
	}

	private takes(name: string, value: unknown): boolean {
		return this.allows(TYPES[this.fields?.[name] ?? ''] ?? {}, value);
	}

	private invalid(type: string, message: string): Answer {
		this.refused.push(message);
		return { status: 422, body: { error: { type, message } } };
	}
}

const NO_TABLE: Answer = { status: 404, body: { error: 'NOT_FOUND' } };
