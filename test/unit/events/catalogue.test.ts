import { readFileSync } from 'node:fs';
import { load as parseYaml } from 'js-yaml';

import { catalogue, eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { derivedEvents } from '../../../nodes/Clerk/events/derived';
import { ALL_EVENTS } from '../../../nodes/Clerk/records/settings';
import { eventOptions } from '../../../nodes/Clerk/trigger/eventOptions';
import { eventsParameter } from '../../../nodes/Clerk/trigger/parameters';
import { fixtures } from '../../support/deliveries';
import { fixturePath } from '../../support/paths';

const types = catalogue.map(({ type }) => type);

const contract = parseYaml(readFileSync(fixturePath('openapi', 'clerk-webhooks.yml'), 'utf8')) as {
	'x-webhooks': Record<string, unknown>;
};
const contractTypes = Object.keys(contract['x-webhooks']);

/** In Clerk's TypeScript types, but not in its contract. */
const ONLY_IN_TYPES = 'subscriptionItem.created';

describe("A3: the catalogue holds Clerk's events", () => {
	test('46, each once', () => {
		expect(types).toHaveLength(46);
		expect(new Set(types).size).toBe(46);
	});

	test("they are the 45 of Clerk's contract and the one that stands in its types alone", () => {
		expect(contractTypes).toHaveLength(45);
		expect([...types].sort()).toEqual([...contractTypes, ONLY_IN_TYPES].sort());
	});

	test.each(['user.locked', 'emailAddress.verified', 'phoneNumber.created', 'password.reset'])(
		'%s is not among them, whatever guides say',
		(type) => {
			expect(types).not.toContain(type);
		},
	);

	test.each(types.filter((type) => type !== ONLY_IN_TYPES))('A7: %s has a fixture', (type) => {
		expect(fixtures.filter(({ envelope }) => envelope.type === type)).not.toEqual([]);
	});

	test.each(catalogue)('$type is described in one sentence, without a full stop', ({ description }) => {
		expect(description).toMatch(/^[A-Z].{10,}[a-z)]$/);
	});

	test.each(catalogue)('$type: its type and its names say the same', ({ type, resource, change }) => {
		const spoken = `${resource}.${change}`.replaceAll(' ', '').toLowerCase();
		expect(spoken).toBe(type.toLowerCase());
	});

	test.each(catalogue)('$type is found by its type', (row) => {
		expect(eventOfType(row.type)).toBe(row);
	});

	test.each(['somethingNew.happened', 'USER.CREATED', '', 'constructor', '__proto__'])(
		'%j is no error, and knows nothing',
		(type) => {
			expect(eventOfType(type)).toMatchObject({ type, person: 'nobody', organization: null, contact: null, tenant: null });
		},
	);
});

describe('A3: a builder ticks them', () => {
	const [first, ...rest] = eventOptions;

	test('All Events first, then every event, sorted by name', () => {
		expect(first).toMatchObject({ name: 'All Events', value: '*' });
		expect(first?.value).toBe(ALL_EVENTS);
		const names = rest.map(({ name }) => name);
		expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en')));
		expect(rest.map(({ value }) => value).sort()).toEqual([...types, ...derivedEvents.map(({ name }) => name)].sort());
	});

	test("the events of one resource stand together, and each is found by Clerk's own name", () => {
		const resources = rest.map(({ name }) => name.split(': ')[0]);
		const runs = resources.filter((resource, index) => resource !== resources[index - 1]);
		expect(new Set(runs).size).toBe(runs.length);
		// In the name: the editor does not search descriptions.
		for (const { name, value } of rest) expect(name).toContain(String(value));
	});

	test('descriptions end without a full stop', () => {
		for (const { description } of eventOptions) expect(description).toMatch(/[^.]$/);
	});

	test('user.created and user.updated are ticked at first', () => {
		expect(eventsParameter.default).toEqual(['user.created', 'user.updated']);
	});
});
