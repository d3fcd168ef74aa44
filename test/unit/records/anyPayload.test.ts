import * as fc from 'fast-check';

import { catalogue, eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { OUTPUT_CHOICES } from '../../../nodes/Clerk/records/settings';
import type { OutputChoice } from '../../../nodes/Clerk/records/settings';
import { toItems } from '../../../nodes/Clerk/records/items';
import { toRecords } from '../../../nodes/Clerk/trigger/selection';
import { delivered, fixtures, MESSAGE_ID, settings } from '../../support/deliveries';
import type { ClerkBody } from '../../support/deliveries';
import { brokenPromises } from '../../support/recordPromises';

const SEED = 20_261_001;

function expectPromisesKept(envelope: ClerkBody): void {
	const delivery = delivered(envelope);
	const event = eventOfType(envelope.type);
	const chosen = settings({ contactsWithoutEmail: 'pass' });
	const all = toRecords(event, delivery, chosen);
	if ('outcome' in all) throw new Error(JSON.stringify(all));
	const { contact, events, tenant } = all;
	expect(brokenPromises(all, event, delivery, chosen)).toEqual([]);
	expect(events.map(({ name, id }) => [name, id])).toEqual([[envelope.type, MESSAGE_ID]]);
	expect([contact?.action ?? event.contact, tenant?.action ?? event.tenant]).toEqual([event.contact, event.tenant]);
	const counts: Record<OutputChoice, number> = {
		item: 1,
		contacts: contact ? 1 : 0,
		events: 1,
		split: [contact, tenant].filter((record) => record !== null).length + 1,
	};
	for (const output of OUTPUT_CHOICES) {
		const records = toRecords(event, delivery, { ...chosen, output });
		const count = 'outcome' in records ? 0 : toItems(records, delivery, { ...chosen, output }).flat().length;
		expect([output, count]).toEqual([output, counts[output]]);
	}
}

// Payloads: Clerk's own keys, at any depth, with anything in them.

function keysIn(value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap(keysIn);
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, field]) => [key, ...keysIn(field)]);
}

const clerkKeys = [...new Set(fixtures.flatMap(({ envelope }) => keysIn(envelope)))].sort();

const scalar = fc.oneof(
	fc.constantFrom<unknown>(null, true, false, '', ' ', 0, -0, -1, 1e300, -1e300, 8.64e15, 8.64e15 + 2, 1e11, 1e11 - 1, 5e-324),
	fc.constantFrom(
		'verified',
		'oauth_',
		'jane+clerk_test@example.com',
		'+12015550100',
		'@',
		'+',
		'__proto__',
		'constructor',
		'{{ 1 }}',
	),
	fc.string(),
	fc.double({ noNaN: true, noDefaultInfinity: true }),
	fc.integer({ min: 1_500_000_000_000, max: 2_000_000_000_000 }),
);
const { anything, object } = fc.letrec<{ anything: unknown; object: Record<string, unknown> }>((tie) => ({
	anything: fc.oneof({ maxDepth: 4 }, scalar, tie('object'), fc.array(tie('anything'), { maxLength: 3 })),
	object: fc.dictionary(
		fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...clerkKeys) }, { weight: 1, arbitrary: fc.string() }),
		tie('anything'),
		{
			maxKeys: 12,
		},
	),
}));
const envelopeFields = fc.record(
	{
		data: fc.oneof({ weight: 4, arbitrary: object }, { weight: 1, arbitrary: anything }),
		timestamp: anything,
		instance_id: anything,
		event_attributes: anything,
	},
	{ requiredKeys: [] },
);

describe('A7: whatever Clerk puts into a payload, nothing is thrown and the promised keys and types hold', () => {
	test.each([...catalogue.map(({ type }) => type), 'somethingNew.happened', '__proto__', 'constructor'])('%s', (type) => {
		fc.assert(
			fc.property(envelopeFields, (fields) => {
				expectPromisesKept({ ...fields, type } as ClerkBody);
			}),
			{ seed: SEED, numRuns: 40 },
		);
	});
});

/** The paths of all fields below `data`. */
function pathsIn(value: unknown, path: string[] = []): string[][] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, field]) => [[...path, key], ...pathsIn(field, [...path, key])]);
}

type Damage = (value: unknown) => unknown;

const damage: fc.Arbitrary<Damage> = fc.oneof(
	anything.map((value) => () => value),
	fc.constant<Damage>(() => undefined),
	fc.constantFrom<Damage>(
		(value) => [value],
		(value) => ({ value }),
		(value) => JSON.stringify(value),
		(value) => (Array.isArray(value) ? { ...(value as unknown[]) } : Object.entries(Object(value) as object)),
	),
);

function damaged(envelope: ClerkBody, hits: [number, Damage][]): ClerkBody {
	for (const [pick, change] of hits) {
		const paths = pathsIn(envelope).filter(([first]) => first !== 'type');
		const path = paths[pick % paths.length] ?? [];
		const last = path.at(-1) ?? '';
		const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, envelope);
		const value = change(parent[last]);
		if (value === undefined) delete parent[last];
		else parent[last] = value;
	}
	return envelope;
}

describe('A7: the same for what Clerk really sends, with some fields replaced, deleted or of another type', () => {
	test.each(fixtures)('$name, as it is', ({ envelope }) => {
		expectPromisesKept(envelope);
	});

	test.each(fixtures)('$name, damaged', (whole) => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.nat(), damage), { minLength: 1, maxLength: 4 }), (hits) => {
				expectPromisesKept(damaged(whole.envelope, hits));
			}),
			{ seed: SEED, numRuns: 40 },
		);
	});
});
