import type { INodeProperties, INodePropertyCollection, INodePropertyOptions, NodePropertyTypes } from 'n8n-workflow';

import { ClerkTrigger } from '../../nodes/Clerk/ClerkTrigger.node';
import type { Choices } from './choices';
import { INHERITED, text, value } from './hostile';

/**
 * The node's parameters as a workflow may hold them: made from the node's own description, so that
 * an option that is added later is tried too.
 */

export type Parameters = Record<string, unknown>;

const { properties } = new ClerkTrigger().description;

const PATHS = [
	'type',
	'data',
	'data.id',
	'data.public_metadata',
	'data.public_metadata.plan',
	'data.email_addresses[0].email_address',
	'data.email_addresses[1]',
	'data.__proto__',
	'data.constructor.name',
	'data.email_addresses.length',
	'timestamp',
	'event_attributes',
	'__proto__.polluted',
] as const;

const PATH_PARTS = ['data', 'a', '.', '[', ']', '0', '[0]', '.a', '..', ' ', '[999999]', '.length', 'ü', '"', ...INHERITED];

export function path(choices: Choices): string {
	return choices.oneOf(
		[6, () => choices.pick(PATHS)],
		[4, () => choices.list(12, () => choices.pick(PATH_PARTS)).join('')],
		[2, () => `data${choices.list(6, () => choices.pick(['.id', '[0]', '.a', '.public_metadata', '.user'])).join('')}`],
		[1, () => text(choices)],
	);
}

const NAMES = ['plan', 'userId', 'user_id', 'raw', 'mailingList_l1', '0', 'name', 'Seats (paid)', ...INHERITED] as const;
const LISTS = ['l1', 'l2', 'l1, l2', 'l1\nl3', ...INHERITED] as const;

/** What a builder types into a field, by what the field is for. */
const typed: Readonly<Record<string, (choices: Choices) => string>> = {
	path,
	name: (choices) => choices.pick(NAMES),
	joinLists: (choices) => choices.pick(LISTS),
	leaveLists: (choices) => choices.pick(LISTS),
	additionalEvents: (choices) => choices.pick(['somethingNew.happened', 'user.created, a.b', '*']),
	otherEvents: (choices) => choices.pick(['somethingNew.happened', 'user.created, a.b', '*']),
	onlyInstance: (choices) => choices.pick(['', 'ins_2vREDACTED0000000000000000']),
};

function choicesOf({ options = [] }: INodeProperties): unknown[] {
	return (options as INodePropertyOptions[]).map((option) => option.value);
}

const fields: Partial<Record<NodePropertyTypes, (choices: Choices, property: INodeProperties) => unknown>> = {
	options: (choices, property) => choices.pick(choicesOf(property)),
	multiOptions: (choices, property) => {
		const all = choicesOf(property);
		return choices.chance(0.5) ? [all[0]] : choices.list(4, () => choices.pick(all));
	},
	boolean: (choices) => choices.chance(0.5),
	number: (choices, property) =>
		choices.oneOf([4, () => property.default], [1, () => choices.pick([-1, 0, 0.5, 1, 3600, 3601, NaN, Infinity])]),
	string: (choices, property) => {
		const usual = typed[property.name];
		return choices.oneOf([3, () => (usual ? usual(choices) : property.default)], [1, () => text(choices)]);
	},
	fixedCollection: (choices, property) => {
		const [group] = property.options as INodePropertyCollection[];
		return group ? { [group.name]: choices.list(3, () => someOf(choices, group.values, 0.6)) } : {};
	},
	collection: (choices, property) => someOf(choices, property.options as INodeProperties[], 0.2),
};

function fieldOf(choices: Choices, property: INodeProperties): unknown {
	const make = fields[property.type];
	if (!make) throw new Error(`There is no way to make up a ${property.type}`);
	return choices.chance(0.01) ? value(choices) : make(choices, property);
}

function someOf(choices: Choices, from: readonly INodeProperties[], share: number): Parameters {
	return Object.fromEntries(
		from.filter(() => choices.chance(share)).map((property) => [property.name, fieldOf(choices, property)] as const),
	);
}

/** What may stand in a node: sensible in the main, so that deliveries come through. */
export function nodeParameters(choices: Choices): Parameters {
	const chosen = Object.fromEntries(
		properties.filter(({ type }) => type !== 'notice').map((property) => [property.name, fieldOf(choices, property)] as const),
	);
	const usual = { ...chosen, endpointSetup: choices.chance(0.1) ? 'automatic' : 'manual' };
	return choices.chance(0.2) ? usual : { ...usual, events: ['*'] };
}

/** Anything at all in place of parameters. */
export function anyParameters(choices: Choices): Parameters {
	const parameters = nodeParameters(choices);
	for (const { name } of properties) if (choices.chance(0.15)) parameters[name] = value(choices);
	const { options } = parameters;
	if (typeof options === 'object' && options !== null) {
		for (const name of Object.keys(options)) if (choices.chance(0.1)) (options as Parameters)[name] = value(choices);
	}
	return parameters;
}
