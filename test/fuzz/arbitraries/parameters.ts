import fc from 'fast-check';
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions, NodePropertyTypes } from 'n8n-workflow';

import { ClerkTrigger } from '../../../nodes/Clerk/ClerkTrigger.node';
import { INHERITED, joined, sometimes, text, value, weighted } from './hostile';

/**
 * The node's parameters as a workflow may hold them: made from the node's own description, so that
 * an option that is added later is tried too.
 */

export type Parameters = Record<string, unknown>;

const properties = new ClerkTrigger().description.properties.filter(({ type }) => type !== 'notice');

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
const STEPS = ['.id', '[0]', '.a', '.public_metadata', '.user'];

export const path: fc.Arbitrary<string> = weighted<string>(
	[6, fc.constantFrom(...PATHS)],
	[4, joined(PATH_PARTS, 12)],
	[2, joined(STEPS, 6).map((steps) => `data${steps}`)],
	[1, text],
);

const lists = fc.constantFrom('l1', 'l2', 'l1, l2', 'l1\nl3', ...INHERITED);
const moreEvents = fc.constantFrom('somethingNew.happened', 'user.created, a.b', '*');

/** What a builder types into a field, by the field's name. */
const typed: Readonly<Record<string, fc.Arbitrary<string>>> = {
	path,
	name: fc.constantFrom('plan', 'userId', 'user_id', 'raw', 'mailingList_l1', '0', 'name', 'Seats (paid)', ...INHERITED),
	joinLists: lists,
	leaveLists: lists,
	additionalEvents: moreEvents,
	otherEvents: moreEvents,
	onlyInstance: fc.constantFrom('', 'ins_2vREDACTED0000000000000000'),
};

const valuesOf = ({ options = [] }: INodeProperties) => (options as INodePropertyOptions[]).map((option) => option.value);

const fields: Partial<Record<NodePropertyTypes, (property: INodeProperties) => fc.Arbitrary<unknown>>> = {
	options: (property) => fc.constantFrom(...valuesOf(property)),
	multiOptions: (property) => {
		const all = valuesOf(property);
		return fc.oneof(fc.constant([all[0]]), fc.array(fc.constantFrom(...all), { maxLength: 4 }));
	},
	boolean: () => fc.boolean(),
	number: (property) =>
		weighted<unknown>([4, fc.constant(property.default)], [1, fc.constantFrom(-1, 0, 0.5, 1, 3600, 3601, NaN, Infinity)]),
	string: (property) => weighted<unknown>([3, typed[property.name] ?? fc.constant(property.default)], [1, text]),
	fixedCollection: (property) => {
		const [group] = property.options as INodePropertyCollection[];
		if (!group) throw new Error(`${property.name} has no group of fields`);
		const entries = someOf(group.values, 60);
		return weighted([2, fc.array(entries, { maxLength: 1 })], [1, fc.array(entries, { maxLength: 3 })]).map((all) => ({
			[group.name]: all,
		}));
	},
	collection: (property) => someOf(property.options as INodeProperties[], 20),
};

function fieldOf(property: INodeProperties): fc.Arbitrary<unknown> {
	const make = fields[property.type];
	if (!make) throw new Error(`There is no arbitrary for a ${property.type}`);
	return weighted([99, make(property)], [1, value]);
}

const ABSENT = Symbol('absent');

/** Each property in this share of the cases. */
function someOf(from: readonly INodeProperties[], percent: number): fc.Arbitrary<Parameters> {
	const entries = from.map((property) => {
		const present = fieldOf(property);
		const field = weighted<unknown>([100 - percent, fc.constant(ABSENT)], [percent, present]);
		return field.map((chosen) => [property.name, chosen] as const);
	});
	return fc.tuple(...entries).map((chosen) => Object.fromEntries(chosen.filter(([, field]) => field !== ABSENT)));
}

/** Mostly sensible, so that deliveries are accepted. */
export const nodeParameters: fc.Arbitrary<Parameters> = fc
	.tuple(someOf(properties, 100), sometimes(10), sometimes(80))
	.map(([chosen, automatic, allEvents]) => ({
		...chosen,
		endpointSetup: automatic ? 'automatic' : 'manual',
		...(allEvents ? { events: ['*'] } : {}),
	}));

const optionNames = (properties.find(({ name }) => name === 'options')?.options ?? []).map(({ name }) => name);
const anyFields = (names: readonly string[], maxLength: number) =>
	fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength }).map((entries): Parameters => Object.fromEntries(entries));

/** Anything at all in place of parameters. */
export const anyParameters: fc.Arbitrary<Parameters> = fc
	.tuple(
		nodeParameters,
		anyFields(
			properties.map(({ name }) => name),
			1,
		),
		anyFields(optionNames, 2),
	)
	.map(([parameters, others, options]) => {
		const all = { ...parameters, ...others };
		const isObject = typeof all['options'] === 'object' && all['options'] !== null;
		return isObject ? { ...all, options: { ...(all['options'] as Parameters), ...options } } : all;
	});
