import type { IDisplayOptions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { operations } from './catalogue';
import { isLocator, modesOf } from './locators';
import type { Field, Operation } from './operation';

const shownFor = (...rows: readonly Operation[]): IDisplayOptions => {
	const [first] = rows;
	return { show: { resource: [first?.resource ?? ''], operation: rows.map(({ operation }) => operation) } };
};

/** The operations of a resource, for its list. */
export function optionsOf(resource: string): INodePropertyOptions[] {
	return operations
		.filter((row) => row.resource === resource)
		.sort((a, b) => a.name.localeCompare(b.name, 'en'))
		.map(({ name, operation, action, description, destructive }) => ({
			name,
			value: operation,
			action,
			description: destructive ? `${description.replace(/\.$/, '')}. This cannot be undone.` : description,
		}));
}

/** The list of operations of each resource that has no others. */
export function operationParameter(resource: string, preset: string): INodeProperties {
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		default: preset,
		options: optionsOf(resource),
	};
}

const EMPTY = {
	choice: '',
	email: '',
	flag: false,
	id: '',
	json: '{}',
	number: 0,
	secret: '',
	text: '',
	texts: '',
	time: '',
} as const;

/** A field as n8n's editor shows it. */
function property(field: Field, displayOptions?: IDisplayOptions): INodeProperties {
	const { kind, name, displayName, description, place, placeholder, options } = field;
	const shared = {
		displayName,
		name,
		description,
		...(place === 'required' ? { required: true } : {}),
		...(displayOptions === undefined ? {} : { displayOptions }),
		...(placeholder === undefined ? {} : { placeholder }),
	};
	if (isLocator(kind)) {
		return { ...shared, type: 'resourceLocator', default: { mode: 'list', value: '' }, modes: modesOf(kind) };
	}
	const preset = field.default ?? EMPTY[kind];
	switch (kind) {
		case 'choice':
			return { ...shared, type: 'options', default: preset, options: [...(options ?? [])] };
		case 'email':
			return { ...shared, type: 'string', default: preset };
		case 'flag':
			return { ...shared, type: 'boolean', default: preset };
		case 'json':
			return { ...shared, type: 'json', default: preset };
		case 'number':
			return { ...shared, type: 'number', typeOptions: { minValue: 0 }, default: preset };
		case 'secret':
			return { ...shared, type: 'string', typeOptions: { password: true }, default: preset };
		case 'time':
			return { ...shared, type: 'dateTime', default: preset };
		case 'id':
		case 'text':
		case 'texts':
			return { ...shared, type: 'string', default: preset };
	}
}

/** In which collection an operation's further fields are, by n8n's names for them. */
export function collectionOf({ method }: Operation): 'additionalFields' | 'filters' | 'updateFields' {
	return method === 'GET' ? 'filters' : method === 'PATCH' ? 'updateFields' : 'additionalFields';
}

const COLLECTIONS = {
	additionalFields: { displayName: 'Additional Fields', placeholder: 'Add field' },
	filters: { displayName: 'Filters', placeholder: 'Add filter' },
	updateFields: { displayName: 'Update Fields', placeholder: 'Add field' },
};

function fieldsOf(row: Operation): INodeProperties[] {
	const further = row.fields.filter(({ place }) => place === 'collection');
	const name = collectionOf(row);
	const collection: INodeProperties = {
		...COLLECTIONS[name],
		name,
		type: 'collection',
		default: {},
		displayOptions: shownFor(row),
		options: further.map((field) => property(field)),
	};
	return [
		...row.fields.filter(({ place }) => place !== 'collection').map((field) => property(field, shownFor(row))),
		...(further.length > 0 ? [collection] : []),
	];
}

const isMany = ({ result }: Operation): boolean => typeof result === 'object' && 'many' in result;
const isList = (row: Operation): boolean => isMany(row) && row.method === 'GET';
const kindOf = ({ result }: Operation): string | null =>
	typeof result === 'string' ? null : 'many' in result ? result.many : result.one;

/** Which kinds carry what only an option lets out. */
export const PRIVATE = ['user', 'organization', 'membership', 'organizationInvitation'];
export const LINKED = ['invitation', 'organizationInvitation', 'waitlistEntry'];

const byResource = (rows: readonly Operation[]): Operation[][] => {
	const resources = [...new Set(rows.map(({ resource }) => resource))];
	return resources.map((resource) => rows.filter((row) => row.resource === resource));
};

const includePrivate: INodeProperties = {
	displayName: 'Include Private Metadata',
	name: 'includePrivateMetadata',
	type: 'boolean',
	default: false,
	description: 'Whether to include private metadata (privateMetadata), which is then stored with the execution',
};

const includeLink: INodeProperties = {
	displayName: 'Include Link',
	name: 'includeLink',
	type: 'boolean',
	default: false,
	description:
		'Whether to include the link of the invitation (link), so that you can send it yourself. Anyone who has it can accept the invitation, and it is stored with the execution.',
};

/** What an operation comes with, beside the fields of its row. */
function outputOf(rows: readonly Operation[]): INodeProperties[] {
	const giving = (kinds: readonly string[]) => rows.filter((row) => kinds.includes(kindOf(row) ?? ''));
	const objects = rows.filter((row) => kindOf(row) !== null);
	const lists = rows.filter(isList);
	const options = [...(giving(LINKED).length > 0 ? [includeLink] : []), ...(giving(PRIVATE).length > 0 ? [includePrivate] : [])];
	return [
		...(lists.length === 0
			? []
			: ([
					{
						displayName: 'Return All',
						name: 'returnAll',
						type: 'boolean',
						default: false,
						displayOptions: shownFor(...lists),
						description: 'Whether to return all results or only up to a given limit',
					},
					{
						displayName: 'Limit',
						name: 'limit',
						type: 'number',
						typeOptions: { minValue: 1 },
						default: 50,
						displayOptions: { show: { ...shownFor(...lists).show, returnAll: [false] } },
						description: 'Max number of results to return',
					},
				] satisfies INodeProperties[])),
		...(objects.length === 0
			? []
			: ([
					{
						displayName: 'Simplify',
						name: 'simplify',
						type: 'boolean',
						default: true,
						displayOptions: shownFor(...objects),
						description:
							'Whether to return a simplified version of the response instead of the raw data. The raw data contains private metadata and the links of invitations.',
					},
				] satisfies INodeProperties[])),
		...(options.length === 0
			? []
			: ([
					{
						displayName: 'Options',
						name: 'options',
						type: 'collection',
						placeholder: 'Add option',
						default: {},
						displayOptions: { show: { ...shownFor(...giving([...LINKED, ...PRIVATE])).show, simplify: [true] } },
						options,
					},
				] satisfies INodeProperties[])),
	];
}

/** For builders whose AI agent decides: shown where the node is a tool. */
function warning(name: string, warned: readonly Operation[], displayName: string): INodeProperties[] {
	if (warned.length === 0) return [];
	const displayOptions = { show: { ...shownFor(...warned).show, '@tool': [true] } };
	return [{ displayName, name, type: 'notice', default: '', displayOptions }];
}

function warningsFor(rows: readonly Operation[]): INodeProperties[] {
	return [
		...warning(
			'destructiveNotice',
			rows.filter((row) => row.destructive),
			'This cannot be undone, and the AI agent decides when to do it. Let a person approve it, or do it in a separate node.',
		),
		...warning(
			'emailNotice',
			rows.filter((row) => row.sendsEmail),
			'Clerk sends an email, and the AI agent decides when and to whom. Let a person approve it, or do it in a separate node.',
		),
	];
}

export const operationFields: INodeProperties[] = [
	...byResource(operations).flatMap(warningsFor),
	...operations.flatMap(fieldsOf),
	...byResource(operations).flatMap(outputOf),
];
