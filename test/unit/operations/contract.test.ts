import type { INodeParameters } from 'n8n-workflow';

import { operations } from '../../../nodes/Clerk/operations/catalogue';
import { isLocator, locators } from '../../../nodes/Clerk/operations/locators';
import type { Field, Operation } from '../../../nodes/Clerk/operations/operation';
import { collectionOf } from '../../../nodes/Clerk/operations/parameters';
import { run } from '../../support/clerkNode';
import { ContractServer } from './contractServer';

jest.setTimeout(60_000);
let clerk: ContractServer;
beforeAll(async () => {
	clerk = await ContractServer.start();
});
beforeEach(() => clerk.answer());
afterAll(async () => await clerk.stop());

/** Something that fits into a field. */
function sampleOf({ kind, name, options }: Field): INodeParameters[string] {
	if (isLocator(kind)) return { __rl: true, mode: 'id', value: locators[kind].example };
	switch (kind) {
		case 'choice':
			return options?.at(-1)?.value ?? '';
		case 'email':
			return 'nathan@example.com';
		case 'flag':
			return true;
		case 'id':
			return 'user_2abc';
		case 'json':
			return JSON.stringify({ [name]: { plan: 'pro' } });
		case 'number':
			return 7;
		case 'secret':
			return 'correct horse battery staple';
		case 'texts':
			return name === 'phoneNumbers' ? '+12025550123' : 'nathan@example.com, jane@example.com';
		case 'time':
			return '2026-01-05T09:30:00Z';
		case 'text':
			return 'some text';
	}
}

/** Parameters of an operation, with the fields that it needs or with all. */
function parametersOf(row: Operation, whole: boolean): INodeParameters {
	const filled = (fields: readonly Field[]) => Object.fromEntries(fields.map((field) => [field.name, sampleOf(field)]));
	const { resource, operation, fields } = row;
	return {
		resource,
		operation,
		...filled(
			fields.filter(
				({ place }) =>
					place === 'required' || (place === 'top' && (whole || row.method === 'PATCH' || row.operation === 'create')),
			),
		),
		...(whole || row.method === 'PATCH'
			? { [collectionOf(row)]: filled(fields.filter(({ place }) => place === 'collection').slice(0, whole ? undefined : 1)) }
			: {}),
	};
}

const asked = async (parameters: INodeParameters) =>
	await run(undefined, parameters, { credential: { secretKey: 'sk_test_x', apiUrl: clerk.url } });

const rows = operations.map((row): [string, Operation] => [`${row.resource}: ${row.name}`, row]);

describe.each([
	['what it needs', false],
	['all fields', true],
] as const)('D9: with %s, the contract allows the call of', (_, whole) => {
	test.each(rows)('%s', async (_name, row) => {
		// Whom to create or update is looked for first, and is not there.
		if (row.upsert) clerk.answer(({ method }) => (method === 'GET' ? { status: 200, body: [] } : undefined));
		const [items] = await asked(parametersOf(row, whole));
		expect(clerk.seen.flatMap(({ wrong }) => wrong)).toEqual([]);
		const call = clerk.seen.at(-1);
		expect(call?.method).toBe(row.method);
		const sent = whole ? JSON.stringify([call?.path, call?.query, call?.body]) : '';
		if (whole) {
			const expected = row.fields.filter(
				(field) => !field.local && !isLocator(field.kind) && !row.path.includes(`{${field.name}}`),
			);
			for (const { as } of expected) expect(sent).toContain(`"${as}"`);
		}
		expect(items?.length).toBeGreaterThan(0);
		if (row.result === 'deleted') expect(items?.[0]?.json).toEqual({ deleted: true });
		expect(items?.every(({ pairedItem }) => JSON.stringify(pairedItem) === '{"item":0}')).toBe(true);
	});
});

test.each(rows)('E4: %s gives private metadata and links only where they are asked for', async (_, row) => {
	if (typeof row.result === 'string') return expect(row.result).toMatch(/deleted|success/);
	if (row.upsert) clerk.answer(({ method }) => (method === 'GET' ? { status: 200, body: [] } : undefined));
	const [plain] = await asked(parametersOf(row, false));
	expect(JSON.stringify(plain)).not.toMatch(/private_?metadata|unsafe_?metadata|"url"|"link"|password/i);
	const options = { includePrivateMetadata: true, includeLink: true };
	const [more] = await asked({ ...parametersOf(row, false), options });
	const keys = Object.keys(more?.[0]?.json ?? {});
	const [raw] = await asked({ ...parametersOf(row, false), simplify: false });
	const kind = 'many' in row.result ? row.result.many : row.result.one;
	expect(keys.includes('privateMetadata')).toBe(['user', 'organization', 'membership', 'organizationInvitation'].includes(kind));
	expect(keys.includes('link')).toBe(['invitation', 'organizationInvitation', 'waitlistEntry'].includes(kind));
	expect(Object.keys(raw?.[0]?.json ?? {})).toContain('id');
});

test('no two rows are the same operation, and each has its own action', () => {
	const names = operations.map(({ resource, operation }) => `${resource}.${operation}`);
	expect(new Set(names).size).toBe(names.length);
	const actions = operations.map(({ action }) => action);
	expect(new Set(actions).size).toBe(actions.length);
});
