import { ClerkTrigger } from '../../../nodes/Clerk/ClerkTrigger.node';
import { hasTenantOutput } from '../../../nodes/Clerk/records/items';
import { recordSettingsOf } from '../../../nodes/Clerk/records/settings';
import { mappings } from '../../support/clerkEvents';

/** What n8n makes of the node's `outputs`. */
function outputsFor(parameter: object): { displayName?: string }[] {
	const { outputs } = new ClerkTrigger().description;
	const expression = /^=\{\{(.*)\}\}$/.exec(typeof outputs === 'string' ? outputs : '')?.[1] ?? '';
	// eslint-disable-next-line @typescript-eslint/no-implied-eval
	return (new Function('$parameter', `return ${expression}`) as (parameter: object) => { displayName?: string }[])(parameter);
}

const subscription = ['subscription.active'];

describe('C10: there is an output for tenants where a mapping asks for them', () => {
	test.each<[string, object, boolean]>([
		['no mapping', {}, false],
		['an empty collection', { mappings: {} }, false],
		['a mapping that asks', mappings({ events: subscription, tenantAction: 'set' }), true],
		[
			'one of two that asks',
			mappings({ events: subscription, userGroup: 'x' }, { events: subscription, tenantAction: 'set' }),
			true,
		],
		['a mapping that asks for none', mappings({ events: subscription, tenantAction: 'none' }), false],
		['a mapping that is switched off', mappings({ events: subscription, tenantAction: 'set', active: false }), false],
	])('%s', (_, mapped, expected) => {
		const parameter = { events: subscription, output: 'split', options: {}, ...mapped };
		const settings = recordSettingsOf({ ...{ mappings: {} }, ...parameter, defaultSource: '' });
		expect(outputsFor(parameter).map(({ displayName }) => displayName)).toEqual([
			'Contact',
			'Event',
			...(expected ? ['Tenant'] : []),
		]);
		expect(hasTenantOutput(settings)).toBe(expected);
		expect(outputsFor({ ...parameter, output: 'item' })).toHaveLength(1);
	});
});
