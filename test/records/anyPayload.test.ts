import * as fc from 'fast-check';

import { catalogue, eventOfType } from '../../nodes/Clerk/events/catalogue';
import { OUTPUT_CHOICES } from '../../nodes/Clerk/trigger/parameters';
import { toItems } from '../../nodes/Clerk/trigger/items';
import { toRecords } from '../../nodes/Clerk/trigger/selection';
import type { Records } from '../../nodes/Clerk/trigger/selection';
import schema from '../../nodes/Clerk/__schema__/v1.1.0.json';
import { delivered, fixtures, settings } from '../deliveries';
import type { ClerkBody } from '../deliveries';

const SEED = 20_261_001;

// What the output schema promises of the three records.

type Promised = Record<string, { type: string }>;

const promised: Record<'contact' | 'event' | 'tenant', Promised> = {
	contact: schema.properties.contact.properties,
	event: schema.properties.event.properties,
	tenant: schema.properties.tenant.properties,
};
const holds: Record<string, (value: unknown) => boolean> = {
	string: (value) => typeof value === 'string' && value !== '',
	boolean: (value) => typeof value === 'boolean',
	integer: (value) => typeof value === 'number' && Number.isFinite(value),
};
const DATE = /^(\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What of a record is not as the schema promises. Collected as text: thousands of single `expect`s take long. */
function broken(record: object, fields: Promised): string[] {
	const keys = Object.keys(record);
	const inOrder = Object.keys(fields).filter((key) => keys.includes(key));
	return [
		...(keys.join() === inOrder.join() ? [] : [`keys ${keys.join()}`]),
		...(Object.entries(record) as [string, unknown][])
			.filter(([, value]) => value !== null)
			.filter(([key, value]) => !holds[fields[key]?.type ?? '']?.(value) || (key.endsWith('At') && !DATE.test(String(value))))
			.map(([key, value]) => `${key} ${JSON.stringify(value)}`),
	];
}

function brokenPromises({ contact, event, tenant }: Records, type: string): string[] {
	const row = eventOfType(type);
	const rules: [string, boolean][] = [
		['an event has all keys', Object.keys(event).length === Object.keys(promised.event).length],
		[
			'an event has name, type, id and time',
			event.name === type && event.type === type && event.id !== '' && event.sentAt !== null,
		],
		[
			'an action is that of the catalogue',
			(contact?.action ?? row.contact) === row.contact && (tenant?.action ?? row.tenant) === row.tenant,
		],
		['a contact names somebody', contact === null || (contact.userId ?? contact.email ?? null) !== null],
		['a tenant names its organization', tenant === null || tenant.organizationId !== null],
		[
			'a contact has all keys of a whole user, else only what it knows',
			contact === null ||
				(row.person === 'user'
					? Object.keys(contact).length === Object.keys(promised.contact).length
					: Object.entries(contact).every(([key, value]) => value !== null || key === 'instanceId')),
		],
	];
	return [
		...broken(event, promised.event),
		...(contact ? broken(contact, promised.contact) : []),
		...(tenant ? broken(tenant, promised.tenant) : []),
		...rules.filter(([, kept]) => !kept).map(([rule]) => rule),
	];
}

function expectPromisesKept(envelope: ClerkBody): void {
	const delivery = delivered(envelope);
	const event = eventOfType(envelope.type);
	const records = toRecords(event, delivery, settings({ contactsWithoutEmail: 'pass' }));
	if ('outcome' in records) throw new Error(records.code);
	expect(brokenPromises(records, envelope.type)).toEqual([]);
	for (const output of OUTPUT_CHOICES) {
		const items = toItems(records, delivery, settings({ output })).flat();
		expect(items.length).toBe({ item: 1, contacts: records.contact ? 1 : 0, events: 1, split: countOf(records) }[output]);
	}
}

function countOf(records: Records): number {
	return Object.values(records).filter((record) => record !== null).length;
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
