import { NodeHelpers } from 'n8n-workflow';
import type { INodeParameters } from 'n8n-workflow';

import { ClerkTrigger } from '../../../nodes/Clerk/ClerkTrigger.node';
import { catalogue } from '../../../nodes/Clerk/events/catalogue';
import { hasTenantOutput, toItems } from '../../../nodes/Clerk/records/items';
import { OUTPUT_CHOICES } from '../../../nodes/Clerk/records/settings';
import { readSettings } from '../../../nodes/Clerk/trigger/settings';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { mappings } from '../../support/clerkEvents';
import { delivered, fixture } from '../../support/deliveries';
import { nodeOf, workflowOf } from '../../support/n8nContext';
import { outputOf, recordsOf } from '../../support/output';

const itemsOf = (envelope: object, changed: Partial<Settings> = {}) =>
	outputOf(envelope, { contactsWithoutEmail: 'pass', ...changed }).items;
const recordsFrom = (envelope: object) => recordsOf(envelope, { contactsWithoutEmail: 'pass' });

const user = fixture('edge.user.created.unicode').envelope;
const organization = fixture('openapi.organization.created').envelope;
const role = fixture('openapi.role.created').envelope;

describe('the four outputs', () => {
	test.each([
		['a user', user],
		['an organization', organization],
		['neither', role],
	])('%s: one item with all three, null where there is none; or each record flat, alone or on its branch', (_, envelope) => {
		const { contact, events, tenant } = recordsFrom(envelope);
		const items = itemsOf(envelope);
		expect(events).toHaveLength(1);
		expect(items).toEqual([[{ contact, event: events[0], tenant }]]);
		expect(Object.keys(items[0]?.[0] ?? {})).toEqual(['contact', 'event', 'tenant']);
		const flat = (record: object | null) => (record ? [record] : []);
		expect(itemsOf(envelope, { output: 'events' })).toEqual([events]);
		expect(itemsOf(envelope, { output: 'split' })).toEqual([flat(contact), events, flat(tenant)]);
		if (contact) expect(itemsOf(envelope, { output: 'contacts' })).toEqual([[contact]]);
	});

	test('split: no branch for tenants where no chosen event has one', () => {
		expect(itemsOf(user, { output: 'split', events: new Set(['user.created']) })).toHaveLength(2);
	});

	test.each(OUTPUT_CHOICES)('C8: %s: every item carries the raw delivery if asked, and only then', (output) => {
		const withRaw = itemsOf(user, { output, includeRaw: true }).flat();
		expect(withRaw.length).toBeGreaterThan(0);
		for (const json of withRaw) expect(json['raw']).toEqual(user);
		for (const json of itemsOf(user, { output }).flat()) expect(json).not.toHaveProperty('raw');
	});
});

describe('a branch for tenants is there when a chosen event can give one', () => {
	test.each(catalogue)('$type', ({ type, tenant }) => {
		expect(hasTenantOutput({ events: new Set([type]) })).toBe(tenant !== null);
		expect(hasTenantOutput({ events: new Set(['user.created', type]) })).toBe(tenant !== null);
	});

	test('all events, or none', () => {
		expect([hasTenantOutput({ events: 'all' }), hasTenantOutput({ events: new Set() })]).toEqual([true, false]);
	});
});

/** What a builder may set. Parameters that were never touched are not there. */
interface NodeParameters {
	output?: string;
	events?: string[];
	options?: { additionalEvents?: string };
	mappings?: object;
}

const { description } = new ClerkTrigger();
if (typeof description.outputs !== 'string') throw new Error('The outputs are no expression');
const expression = /^=\{\{(.*)\}\}$/.exec(description.outputs)?.[1] ?? '';
// eslint-disable-next-line @typescript-eslint/no-implied-eval
const evaluate = new Function('$parameter', `return ${expression}`) as (parameter: NodeParameters) => { displayName?: string }[];

const eventChoices = [
	undefined,
	[],
	['*'],
	['user.created'],
	['user.created', 'user.updated'],
	['user.created', '*'],
	['organization.created', 'user.created'],
	['organizationInvitation.accepted', 'organizationDomain.created'],
	...catalogue.map(({ type }) => [type]),
];
const typed = [
	undefined,
	'',
	'*',
	'user.somethingNew',
	'organization.somethingNew',
	'organization.created',
	' user.somethingNew ,organizationMembership.deleted',
	'a.b\n\torganization.updated',
	'organization.created.x',
	'xorganization.created',
];
const combinations: NodeParameters[] = OUTPUT_CHOICES.flatMap((output) =>
	eventChoices.flatMap((events) =>
		typed.map((additionalEvents) => ({
			output,
			...(events ? { events } : {}),
			options: additionalEvents === undefined ? {} : { additionalEvents },
		})),
	),
);

const delivery = delivered(user);
const records = recordsFrom(user);

/** How many lists of items the node hands to n8n. */
function branches(parameters: NodeParameters): number {
	const context = { getNodeParameter: (name: keyof NodeParameters, fallback: unknown) => parameters[name] ?? fallback };
	const settings = readSettings(context as unknown as Parameters<typeof readSettings>[0]);
	if ('outcome' in settings) throw new Error(settings.detail);
	return toItems(records, delivery, settings).length;
}

describe('the outputs on the canvas are those that the node feeds', () => {
	test('for every combination of output, events and additional events', () => {
		const different = combinations.filter((parameters) => evaluate(parameters).length !== branches(parameters));
		expect(different).toEqual([]);
	});

	test('also before a parameter was set', () => {
		expect(evaluate({})).toEqual([{ type: 'main' }]);
		expect(evaluate({ output: 'split' })).toHaveLength(2);
	});

	const events = ['subscription.active'];

	test.each<[string, object, boolean]>([
		['no mapping', {}, false],
		['an empty collection', { mappings: {} }, false],
		['a mapping that asks', mappings({ events, tenantAction: 'set' }), true],
		['one of two that asks', mappings({ events, userGroup: 'x' }, { events, tenantAction: 'set' }), true],
		['a mapping that asks for none', mappings({ events, tenantAction: 'none' }), false],
		['a mapping that is switched off', mappings({ events, tenantAction: 'set', active: false }), false],
	])('C10: one for tenants where a mapping asks for them: %s', (_, mapped, isThere) => {
		for (const [output, count] of [['split', isThere ? 3 : 2] as const, ['item', 1] as const]) {
			const parameters = { events, output, ...mapped };
			expect([evaluate(parameters).length, branches(parameters)]).toEqual([count, count]);
		}
	});

	test('split outputs have names, a single one has none', () => {
		const namesOf = (events: string[]) => evaluate({ output: 'split', events }).map(({ displayName }) => displayName);
		expect(namesOf(['*'])).toEqual(['Contact', 'Event', 'Tenant']);
		expect(namesOf(['user.created'])).toEqual(['Contact', 'Event']);
		expect(evaluate({ output: 'item', events: ['*'] })).toEqual([{ type: 'main' }]);
	});

	test.each(combinations.filter((_, index) => index % 97 === 0))(
		'n8n itself reads the expression the same way: %j',
		(parameters) => {
			const trigger = new ClerkTrigger();
			const node = nodeOf(trigger, { parameters: JSON.parse(JSON.stringify(parameters)) as INodeParameters });
			const workflow = workflowOf(trigger, [node], { active: false });
			expect(NodeHelpers.getNodeOutputs(workflow, node, description)).toHaveLength(
				branches({ events: ['user.created', 'user.updated'], ...parameters }),
			);
		},
	);
});
