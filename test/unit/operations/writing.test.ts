import type { INodeParameters } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { ClerkTrigger } from '../../../nodes/Clerk/ClerkTrigger.node';
import { operations } from '../../../nodes/Clerk/operations/catalogue';
import { errorOf, node, run } from '../../support/clerkNode';
import type { Running } from '../../support/clerkNode';
import { ContractServer } from './contractServer';
import type { Reply, Seen } from './contractServer';

const paused: number[] = [];
jest.mock('n8n-workflow', () => ({
	...jest.requireActual<object>('n8n-workflow'),
	sleep: async (milliseconds: number) => void paused.push(milliseconds),
}));
jest.setTimeout(60_000);
let clerk: ContractServer;
beforeAll(async () => {
	clerk = await ContractServer.start();
});
beforeEach(() => {
	clerk.answer();
	paused.length = 0;
});
afterEach(() => expect(clerk.seen.flatMap(({ wrong }) => wrong)).toEqual([]));
afterAll(async () => await clerk.stop());

const KEY = 'sk_test_CANARY';
const asked = async (parameters: INodeParameters, running: Running = {}) =>
	(await run(undefined, parameters, { credential: { secretKey: KEY, apiUrl: clerk.url }, ...running }))[0]?.map(
		({ json }) => json,
	);
const byId = (value: string) => ({ __rl: true, mode: 'id', value });
/** Answers one call after the other; the last one again and again, undefined with the contract's example. */
const inTurn = (...answers: Array<Reply | undefined>) => {
	let turn = 0;
	clerk.answer(() => answers[Math.min(turn++, answers.length - 1)]);
};
const calls = () => clerk.seen.map(({ method, path }) => `${method} ${path.replace('/v1', '')}`);
const refusal = (status: number, code: string, ...messages: string[]): Reply => ({
	status,
	body: { errors: messages.map((message) => ({ code, message, long_message: message })), clerk_trace_id: 'trace_1' },
});

const invite: INodeParameters = { resource: 'invitation', operation: 'create', emailAddress: 'nathan@example.com' };
const updateMetadata: INodeParameters = {
	resource: 'user',
	operation: 'updateMetadata',
	user: byId('user_1'),
	publicMetadata: '{"plan":"pro"}',
};
const invitation = (more: object = {}): Reply => ({
	status: 200,
	body: [
		{
			...(clerk.exampleOf('CreateInvitation') as object),
			id: 'inv_1',
			email_address: 'Nathan@example.com',
			created_at: Date.now(),
			...more,
		},
	],
});
const nobody: Reply = { status: 200, body: [] };
const maintenance: Reply = { status: 200, body: { message: 'maintenance' } };
const broken: Array<[string, Reply]> = [
	['the connection breaks', 'reset'],
	['Clerk fails (502)', { status: 502, body: {} }],
];

describe.each(broken)('D9: a write of which nobody knows what became of it: %s', (_, lost) => {
	test('what is as good twice is done again', async () => {
		inTurn(lost, lost, undefined);
		expect(await asked(updateMetadata)).toHaveLength(1);
		expect(calls()).toEqual(Array(3).fill('PATCH /users/user_1/metadata'));
		expect(paused).toEqual([500, 1000]);
	});

	test('after three attempts it gives up', async () => {
		inTurn(lost);
		expect(await errorOf(asked(updateMetadata))).toMatch(
			/^Could not update the metadata of a user: .*Try again in a few minutes\.$/,
		);
		expect(clerk.seen).toHaveLength(3);
	});

	test('an invitation that a look shows to be there is not made again', async () => {
		inTurn(lost, invitation());
		expect(await asked(invite)).toEqual([expect.objectContaining({ invitationId: 'inv_1' })]);
		expect(calls()).toEqual(['POST /invitations', 'GET /invitations']);
		expect(clerk.seen[1]?.query).toEqual({ query: 'nathan@example.com', status: 'pending' });
	});

	test('an invitation that is not there is made once more', async () => {
		inTurn(lost, nobody, undefined);
		expect(await asked(invite)).toHaveLength(1);
		expect(calls()).toEqual(['POST /invitations', 'GET /invitations', 'POST /invitations']);
	});

	test('an allowlist entry that is there is found on whichever page it stands', async () => {
		const others = Array.from({ length: 500 }, (_, n) => ({ id: `alid_${n}`, identifier: `${n}@example.com`, created_at: 1 }));
		const made = {
			...(clerk.exampleOf('CreateAllowlistIdentifier') as object),
			identifier: 'nathan@example.com',
			created_at: Date.now(),
		};
		inTurn(lost, { status: 200, body: others }, { status: 200, body: [...others.slice(-10), made] });
		expect(await asked({ resource: 'allowlist', operation: 'create', identifier: 'nathan@example.com' })).toEqual([
			expect.objectContaining({ identifier: 'nathan@example.com' }),
		]);
		expect(calls()).toEqual(['POST /allowlist_identifiers', 'GET /allowlist_identifiers', 'GET /allowlist_identifiers']);
	});

	test.each<[string, INodeParameters, object]>([
		['external ID, even one with a minus sign', { externalId: '-NabcFirebase' }, { external_id: '+-NabcFirebase' }],
		['username', { username: 'nathan' }, { username: 'nathan' }],
	])('a user who signed up meanwhile is not taken for the one that was created: by %s', async (_what, sent, query) => {
		const create: INodeParameters = { resource: 'user', operation: 'create', additionalFields: sent };
		const found = (more: object): Reply => ({ status: 200, body: [{ id: 'user_7', created_at: Date.now(), ...more }] });
		inTurn(lost, found({ external_id: null, username: 'stranger' }), undefined);
		await asked(create);
		expect(calls()).toEqual(['POST /users', 'GET /users', 'POST /users']);
		expect(clerk.seen[1]?.query).toEqual(query);
		inTurn(lost, found({ external_id: '-NabcFirebase', username: 'Nathan' }));
		expect(await asked(create)).toEqual([expect.objectContaining({ userId: 'user_7' })]);
	});

	test('a migrated user is known by the time of the sign-up that was sent', async () => {
		const signedUp = '2020-01-05T09:30:00.250Z';
		const migrate: INodeParameters = {
			resource: 'user',
			operation: 'create',
			emailAddresses: 'nathan@example.com',
			additionalFields: { createdAt: signedUp },
		};
		const found = (time: string, changed = Date.now()): Reply => ({
			status: 200,
			body: [
				{
					...(clerk.exampleOf('CreateUser') as object),
					...{ id: 'user_7', email_addresses: [{ email_address: 'nathan@example.com' }] },
					...{ created_at: Date.parse(time), updated_at: changed },
				},
			],
		});
		for (const made of [found('2020-01-05T09:30:00Z'), found(signedUp, Date.parse(signedUp))]) {
			inTurn(lost, made);
			expect(await asked(migrate)).toEqual([expect.objectContaining({ userId: 'user_7' })]);
		}
		// Another user, and one that an earlier run migrated: what this run knows of them is not stored.
		for (const before of [found('2021-01-05T09:30:00Z'), found(signedUp, Date.now() - 3_600_000)]) {
			inTurn(lost, before, refusal(422, 'form_identifier_exists', 'Taken.'));
			expect(await errorOf(asked(migrate))).toContain('Taken');
		}
	});

	test('if it came about at the last of three attempts, that counts', async () => {
		inTurn(lost, nobody, lost, nobody, lost, invitation());
		expect(await asked(invite)).toEqual([expect.objectContaining({ invitationId: 'inv_1' })]);
		expect(calls()).toHaveLength(6);
	});

	test.each<[string, INodeParameters, Reply]>([
		['is refused', invite, refusal(403, 'authorization_invalid', 'no')],
		['has no list', invite, maintenance],
		['has no object', { resource: 'session', operation: 'revoke', session: 'sess_1' }, maintenance],
	])('where the look %s, it is not made again', async (_what, parameters, looked) => {
		inTurn(lost, looked);
		expect(await errorOf(asked(parameters))).toContain('Nobody knows whether it was done, so it was not tried again.');
		expect(clerk.seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
	});

	test('one that was there before is not taken for the new one: Clerk decides', async () => {
		inTurn(lost, invitation({ created_at: Date.now() - 3_600_000 }), refusal(400, 'duplicate_record', 'There is one already.'));
		expect(await errorOf(asked(invite))).toContain('Clerk answered 400 duplicate_record: There is one already.');
	});

	test.each<[string, INodeParameters]>([
		['where several for one address are allowed', { ...invite, additionalFields: { ignoreExisting: true } }],
		[
			'for an entry of the waitlist that may have been invited before',
			{
				resource: 'waitlistEntry',
				operation: 'invite',
				waitlistEntry: byId('wle_1'),
				additionalFields: { ignoreExisting: true },
			},
		],
		['for many at once', { resource: 'invitation', operation: 'createMany', emailAddresses: 'a@example.com' }],
		['for an organization without a slug', { resource: 'organization', operation: 'create', name: 'Acme' }],
	])('nothing is done twice %s', async (_what, parameters) => {
		inTurn(lost);
		expect(await errorOf(asked(parameters))).toContain('Nobody knows whether it was done, so it was not tried again.');
		expect(clerk.seen).toHaveLength(1);
	});

	test('what was deleted at the first attempt is gone at the second', async () => {
		inTurn(lost, refusal(404, 'resource_not_found', 'not found'));
		expect(await asked({ resource: 'user', operation: 'delete', user: byId('user_1') })).toEqual([{ deleted: true }]);
	});

	test('a state that a look shows to be reached is enough', async () => {
		inTurn(lost, { status: 200, body: { ...(clerk.exampleOf('GetSession') as object), status: 'revoked' } });
		expect(await asked({ resource: 'session', operation: 'revoke', session: 'sess_1' })).toHaveLength(1);
		expect(calls()).toEqual(['POST /sessions/sess_1/revoke', 'GET /sessions/sess_1']);
	});
});

/** One call of each row that may be repeated only after a look, by what Clerk is asked then. */
test('every look is a call that the contract allows', async () => {
	const looking = operations.filter(({ repeat }) => typeof repeat === 'object');
	expect(looking.length).toBeGreaterThan(8);
	for (const row of looking) {
		let lost = false;
		clerk.answer(({ method }: Seen) => {
			if (method === 'GET' && !lost) return { status: 200, body: [] };
			if (lost) return undefined;
			lost = true;
			return 'reset';
		});
		const values = {
			email: 'nathan@example.com',
			text: 'acme',
			id: 'sess_1',
			texts: 'nathan@example.com',
			choice: 'external_id',
		} as const;
		const needed = row.fields.filter(({ place }) => place !== 'collection');
		const parameters = Object.fromEntries(
			needed.map(({ name, kind }) => [
				name,
				kind in values ? values[kind as 'text'] : byId(kind === 'role' ? 'org:member' : 'x_1'),
			]),
		);
		const slug = row.resource === 'organization' ? { additionalFields: { slug: 'acme' } } : {};
		await asked({ resource: row.resource, operation: row.operation, ...parameters, ...slug });
		expect(clerk.seen.flatMap(({ wrong }) => wrong)).toEqual([]);
		expect([row.resource, row.operation, calls().some((call) => call.startsWith('GET'))]).toEqual([
			row.resource,
			row.operation,
			true,
		]);
	}
});

test('a deletion that never was is an error', async () => {
	inTurn(refusal(404, 'resource_not_found', 'not found'));
	expect(await errorOf(asked({ resource: 'user', operation: 'delete', user: byId('user_1') }))).toMatch(
		/^Could not delete a user for good: Clerk answered 404 resource_not_found: not found \(trace trace_1\)\. Check the ID, and whether the secret key belongs to the same Clerk instance\.$/,
	);
	expect(clerk.seen).toHaveLength(1);
});

test('429: it waits as long as Clerk says, and repeats even a call that must not run twice', async () => {
	inTurn({ status: 429, headers: { 'retry-after': '7' } }, undefined);
	expect(await asked({ resource: 'invitation', operation: 'createMany', emailAddresses: 'a@example.com' })).not.toHaveLength(0);
	expect([paused, clerk.seen.length]).toEqual([[7000], 2]);
});

test('where nothing can have arrived, everything is tried again', async () => {
	const credential = { secretKey: KEY, apiUrl: 'http://127.0.0.1:9/v1' };
	const message = await asked({ resource: 'organization', operation: 'create', name: 'Acme' }, { credential }).catch(
		(error: Error) => error.message,
	);
	expect(message).toBe('Could not create an organization: the connection was refused. Try again in a few minutes.');
	expect(paused).toEqual([500, 1000]);
});

test('so it is if the private metadata has a word of our own code for that', async () => {
	const credential = { secretKey: KEY, apiUrl: 'http://127.0.0.1:9/v1' };
	const create = {
		resource: 'user',
		operation: 'create',
		additionalFields: { username: 'jane', privateMetadata: '{"mail":"sent"}' },
	};
	const message = await asked(create, { credential }).catch((error: Error) => error.message);
	expect(message).toBe('Could not create a user: the connection was refused. Try again in a few minutes.');
});

describe('what Clerk refuses reaches the builder, with code, trace and what to check', () => {
	test.each<[number, string, RegExp]>([
		[401, 'clerk_key_invalid', /Check the secret key in the Clerk API credential/],
		[402, 'unsupported_subscription_plan_features', /The plan of your Clerk application doesn't include it\./],
		[403, 'organization_not_enabled_in_instance', /the feature may be switched off for this instance/],
		[404, 'resource_not_found', /whether the secret key belongs to the same Clerk instance\.$/],
		[422, 'form_param_format_invalid', /Look at the fields of this node\.$/],
	])('%d %s', async (status, code, advice) => {
		inTurn(refusal(status, code, 'First sentence.', 'Second sentence.'));
		const message = await errorOf(asked(updateMetadata));
		expect(message).toContain(`Clerk answered ${status} ${code}: First sentence. Second sentence. (trace trace_1).`);
		expect(message).toMatch(advice);
		expect(clerk.seen).toHaveLength(1);
	});

	test('a long reason is cut, but not the trace', async () => {
		inTurn(refusal(422, 'x', 'y'.repeat(1000)));
		expect(await errorOf(asked(updateMetadata))).toContain('y (trace trace_1)');
	});

	test('E4: no message repeats the key, a password or private metadata, even if Clerk does', async () => {
		clerk.answer(({ body }) => refusal(422, 'x', `${KEY} ${JSON.stringify(body)}`));
		const privateMetadata = '{"a":{"b":["CANARY-private","HIV","the\\nCANARY"],"c":4711}}';
		const metadata = { resource: 'user', operation: 'updateMetadata', user: byId('user_1'), privateMetadata };
		const ofMetadata = await errorOf(asked(metadata));
		expect(ofMetadata).toContain('private_metadata');
		expect(ofMetadata).not.toMatch(/CANARY|HIV|4711/);
		const update = { resource: 'user', operation: 'update', user: byId('user_1'), updateFields: { password: 'CANARY-word' } };
		expect(await errorOf(asked(update))).not.toContain('CANARY');
		expect(JSON.stringify(clerk.seen)).toContain('CANARY-word');
	});

	test('E4: nor one with characters that JSON writes in another way, such as Go, which also escapes <, > and &', async () => {
		const inGo = (value: unknown) => JSON.stringify(value).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
		clerk.answer(({ body }) => refusal(422, 'x', `${JSON.stringify(body)} ${inGo(body)}`));
		const update = { resource: 'user', operation: 'update', user: byId('user_1') };
		expect(await errorOf(asked({ ...update, updateFields: { password: 'CANARY"word&\\' } }))).not.toContain('CANARY');
		const privateMetadata = { diagnosis: 'CANARY<1>&"2"', nested: '{"a":"CANARY"}' };
		const ofMetadata = await errorOf(asked({ ...updateMetadata, privateMetadata: JSON.stringify(privateMetadata) }));
		expect(ofMetadata).toContain('diagnosis');
		expect(ofMetadata).not.toContain('CANARY');
		const born = '={{ ({ born: new Date(0) }) }}';
		expect(await errorOf(asked({ ...updateMetadata, privateMetadata: born }))).not.toContain('1970');
		expect(JSON.stringify(clerk.seen)).toContain('1970-01-01T00:00:00.000Z');
	});

	test('with Continue, the other items go on', async () => {
		clerk.answer(({ path }) => (path.includes('user_2') ? refusal(404, 'resource_not_found', 'not found') : undefined));
		const items = ['user_1', 'user_2', 'user_3'].map((id) => ({ json: { id } }));
		const parameters = { ...updateMetadata, user: byId('={{ $json.id }}') };
		const found = await asked(parameters, { items, continueOnFail: true });
		expect(found?.map((json) => 'error' in json)).toEqual([false, true, false]);
	});
});

test('an error that ends the run names the item that it is about', async () => {
	const items = [{ json: { user: 'user_1' } }, { json: { user: '' } }];
	const failed = asked({ resource: 'user', operation: 'get', user: '={{ $json.user }}' }, { items });
	await expect(failed).rejects.toMatchObject({ context: { itemIndex: 1 } });
});

describe('a value that cannot be is refused before anybody is asked', () => {
	test.each<[string, INodeParameters]>([
		['Email is empty.', { ...invite, emailAddress: ' ' }],
		['Email is not an email address.', { ...invite, emailAddress: 'nathan' }],
		['Public Metadata is not a JSON object.', { ...updateMetadata, publicMetadata: '[1]' }],
		['Public Metadata is not a JSON object.', { ...updateMetadata, publicMetadata: '{' }],
		['There is nothing to send. Fill in at least one field.', { ...updateMetadata, publicMetadata: '{ }' }],
		['User is not the ID of a user, such as user_29w83sxmDNGwOuEthce5gg56FcC.', { ...updateMetadata, user: byId('../instance') }],
		['User is not the ID of a user, such as user_29w83sxmDNGwOuEthce5gg56FcC.', { ...updateMetadata, user: byId('..') }],
		[
			'User is empty. Choose a user, or enter its ID, such as user_29w83sxmDNGwOuEthce5gg56FcC.',
			{ ...updateMetadata, user: byId('={{ $json.nothing }}') },
		],
		["Session ID is not an ID of Clerk's.", { resource: 'session', operation: 'revoke', session: 'a/b' }],
		['Emails is empty.', { resource: 'waitlistEntry', operation: 'createMany', emailAddresses: ' , ' }],
		...['={{ { email: "a@example.com" } }}', '={{ [{}] }}', '={{ true }}'].map((emailAddresses): [string, INodeParameters] => [
			'Emails is neither a text nor a list of texts.',
			{ resource: 'waitlistEntry', operation: 'createMany', emailAddresses },
		]),
		['Expires In Days is not a whole number of 0 or more.', { ...invite, additionalFields: { expiresInDays: '={{ "soon" }}' } }],
		['Notify is neither true nor false.', { ...invite, additionalFields: { notify: '={{ "maybe" }}' } }],
		['External ID is empty.', { resource: 'user', operation: 'setExternalId', user: byId('user_1'), externalId: '' }],
		['Limit must be a number of 1 or more.', { resource: 'invitation', operation: 'getAll', limit: '={{ 0 }}' }],
	])('%s (%#)', async (message, parameters) => {
		expect(await errorOf(asked(parameters))).toBe(message);
		expect(clerk.seen).toEqual([]);
	});
});

test('an empty text empties a field of a user; an expression that finds nothing leaves it', async () => {
	const update = { resource: 'user', operation: 'update', user: byId('user_1') };
	await asked({ ...update, updateFields: { firstName: '', lastName: '={{ $json.nothing }}', username: 'nathan' } });
	expect(clerk.seen.at(-1)?.body).toEqual({ first_name: null, username: 'nathan' });
});

test('metadata may be an object of an expression, and null in it reaches Clerk, where it removes the key', async () => {
	await asked({ ...updateMetadata, publicMetadata: '={{ { plan: null, seats: 3 } }}' });
	expect(clerk.seen.at(-1)?.body).toEqual({ public_metadata: { plan: null, seats: 3 } });
});

describe('whom a locator names in another way is looked up', () => {
	const found = (...ids: string[]): Reply => ({ status: 200, body: ids.map((id) => ({ id, external_id: 'customer-17' })) });
	const nathan = { email_addresses: [{ email_address: 'other@example.com' }, { email_address: 'nathan@example.com' }] };

	test.each([
		['email', 'Nathan@example.com', { email_address: 'Nathan@example.com' }, nathan],
		['externalId', 'customer-17', { external_id: '+customer-17' }, { external_id: 'customer-17' }],
		['externalId', '+4915112345678', { external_id: '++4915112345678' }, { external_id: '+4915112345678' }],
	])('a user by %s %s', async (mode, value, query, user) => {
		const stranger = { id: 'user_6', external_id: null, email_addresses: [{ email_address: 'jonathan@example.com' }] };
		inTurn({ status: 200, body: [stranger, { id: 'user_7', ...user }] }, undefined);
		await asked({ ...updateMetadata, user: { __rl: true, mode, value } });
		expect(calls()).toEqual(['GET /users', 'PATCH /users/user_7/metadata']);
		expect(clerk.seen[0]?.query).toMatchObject(query);
	});

	test('nobody, or several', async () => {
		const user = { __rl: true, mode: 'externalId', value: 'customer-17' };
		inTurn(nobody);
		expect(await errorOf(asked({ ...updateMetadata, user }))).toBe(
			'There is no user with the External ID customer-17. Check whether the secret key belongs to the same Clerk instance.',
		);
		inTurn(found('user_7', 'user_8'));
		expect(await errorOf(asked({ ...updateMetadata, user }))).toContain('There are several with the External ID customer-17');
		expect(calls()).toEqual(['GET /users']);
		inTurn(refusal(401, 'clerk_key_invalid', 'The key is invalid.'));
		expect(await errorOf(asked({ ...updateMetadata, user }))).toMatch(/^Could not look for the user: Clerk answered 401/);
	});

	test('an organization by slug, though Clerk finds hundreds that hold it', async () => {
		const others = Array.from({ length: 500 }, (_, n) => ({ id: `org_${n}`, slug: `acme-${n}` }));
		const pages = [others, [...others.slice(-10), { id: 'org_x', slug: 'acme' }]].map((data): Reply => ({
			status: 200,
			body: { data, total_count: 501 },
		}));
		inTurn(...pages, undefined);
		await asked({ resource: 'organization', operation: 'delete', organization: { __rl: true, mode: 'slug', value: 'acme' } });
		expect(calls()).toEqual(['GET /organizations', 'GET /organizations', 'DELETE /organizations/org_x']);
	});

	test('an entry of the waitlist by email: the very address, not one that holds it', async () => {
		const entries = ['xnathan@example.com', 'nathan@example.com'].map((email_address, n) => ({ id: `wle_${n}`, email_address }));
		inTurn({ status: 200, body: { data: entries, total_count: 2 } }, undefined);
		const waitlistEntry = { __rl: true, mode: 'email', value: 'Nathan@example.com' };
		await asked({ resource: 'waitlistEntry', operation: 'invite', waitlistEntry });
		expect(calls()).toEqual(['GET /waitlist_entries', 'POST /waitlist_entries/wle_1/invite']);
	});
});

describe('User: Create or Update', () => {
	const upsert = (more: INodeParameters = {}): INodeParameters => ({
		resource: 'user',
		operation: 'upsert',
		matchBy: 'external_id',
		matchValue: 'customer-17',
		additionalFields: { firstName: 'Nathan', publicMetadata: '{"plan":"pro"}', emailAddresses: 'nathan@example.com' },
		...more,
	});
	const emailed = { email_addresses: [{ email_address: 'nathan@example.com' }] };
	const user: Reply = { status: 200, body: [{ id: 'user_7', external_id: 'customer-17', ...emailed }] };

	test('creates whom it does not find', async () => {
		inTurn(nobody, undefined);
		expect(await asked(upsert())).toEqual([expect.objectContaining({ created: true })]);
		expect(clerk.seen[1]?.body).toEqual({
			first_name: 'Nathan',
			external_id: 'customer-17',
			email_address: ['nathan@example.com'],
			public_metadata: { plan: 'pro' },
		});
	});

	test('another external ID than the one that it looks for is refused', async () => {
		const additionalFields = (externalId: string) => ({ firstName: 'Nathan', externalId });
		expect(await errorOf(asked(upsert({ additionalFields: additionalFields('customer-18') })))).toBe(
			'External ID differs from Match Value. Leave External ID empty: Match Value is the external ID of the user.',
		);
		expect(calls()).toEqual([]);
		inTurn(user, undefined);
		expect(await asked(upsert({ additionalFields: additionalFields('customer-17') }))).toHaveLength(1);
		inTurn(user, undefined);
		const byEmail = {
			matchBy: 'email_address',
			matchValue: 'nathan@example.com',
			additionalFields: additionalFields('customer-18'),
		};
		expect(await asked(upsert(byEmail))).toHaveLength(1);
	});

	test('changes whom it finds: fields and metadata are two calls of Clerk', async () => {
		inTurn(user, undefined);
		expect(await asked(upsert())).toEqual([expect.objectContaining({ created: false })]);
		expect(calls()).toEqual(['GET /users', 'PATCH /users/user_7', 'PATCH /users/user_7/metadata']);
		expect(clerk.seen.slice(1).map(({ body }) => body)).toEqual([{ first_name: 'Nathan' }, { public_metadata: { plan: 'pro' } }]);
	});

	test('with nothing to change it gives the user', async () => {
		inTurn(user, undefined);
		await asked(upsert({ matchBy: 'email_address', matchValue: 'nathan@example.com', additionalFields: {} }));
		expect(calls()).toEqual(['GET /users', 'GET /users/user_7']);
	});

	test('who was created by somebody else in between is changed', async () => {
		inTurn(nobody, refusal(422, 'form_identifier_exists', 'That address is taken.'), user, undefined);
		expect(await asked(upsert())).toEqual([expect.objectContaining({ created: false })]);
		expect(calls()).toEqual(['GET /users', 'POST /users', 'GET /users', 'PATCH /users/user_7', 'PATCH /users/user_7/metadata']);
	});

	test('where several match, it creates and changes none', async () => {
		const matching = ['user_1', 'user_2'].map((id) => ({ id, ...emailed }));
		inTurn({ status: 200, body: matching });
		const matched = upsert({ matchBy: 'email_address', matchValue: 'nathan@example.com' });
		expect(await errorOf(asked(matched))).toContain('There are several with the email nathan@example.com');
		expect(calls()).toEqual(['GET /users']);
	});

	test('another refusal is reported', async () => {
		inTurn(nobody, refusal(422, 'form_password_pwned', 'That password is known.'), nobody);
		expect(await errorOf(asked(upsert()))).toContain('form_password_pwned');
	});
});

describe('many', () => {
	const emails = (count: number) => Array.from({ length: count }, (_, n) => `hopeful.${n}@example.com`);

	test('120 addresses for the waitlist are three calls', async () => {
		clerk.answer(({ body }) => ({
			status: 200,
			body: (body as Array<{ email_address: string }>).map((one) => ({ id: 'wle_1', ...one })),
		}));
		const addresses = `={{ ${JSON.stringify(emails(120))} }}`;
		const found = await asked({
			resource: 'waitlistEntry',
			operation: 'createMany',
			emailAddresses: addresses,
			additionalFields: { notify: false },
		});
		expect(found?.map((json) => json['email'])).toEqual(emails(120));
		expect(clerk.seen.map(({ body }) => (body as unknown[]).length)).toEqual([50, 50, 20]);
		expect((clerk.seen[0]?.body as unknown[])[0]).toEqual({ email_address: 'hopeful.0@example.com', notify: false });
	});

	test('where a later call is refused, the error says how far it came', async () => {
		inTurn(undefined, refusal(422, 'x', 'One is wrong.'));
		const addresses = `={{ ${JSON.stringify(emails(25))} }}`;
		expect(await errorOf(asked({ resource: 'invitation', operation: 'createMany', emailAddresses: addresses }))).toMatch(
			/One is wrong\..* The first 10 of 25 had been done before\.$/,
		);
	});

	test('a limit is what is asked for; all is read page by page', async () => {
		const all = Array.from({ length: 1100 }, (_, n) => ({ id: `inv_${n}` }));
		clerk.answer(({ query: { limit, offset = '0' } }) => ({
			status: 200,
			body: all.slice(Number(offset), Number(offset) + Number(limit)),
		}));
		const getAll = { resource: 'invitation', operation: 'getAll', filters: { status: 'pending' } };
		expect(await asked({ ...getAll, limit: 7 })).toHaveLength(7);
		expect(clerk.seen.map(({ query }) => query)).toEqual([{ limit: '7', status: 'pending' }]);
		const found = await asked({ ...getAll, returnAll: true });
		expect(found?.map((json) => json['invitationId'])).toEqual(all.map(({ id }) => id));
	});
});

test.each<[string, INodeParameters]>([
	['invitations', { resource: 'invitation', operation: 'getAll', limit: 5 }],
	['invitations', { resource: 'invitation', operation: 'getAll', returnAll: true }],
	['blocklist entries', { resource: 'blocklist', operation: 'getAll', returnAll: true }],
])('an answer without a list is an error, not an empty list: %s (%#)', async (name, parameters) => {
	inTurn(maintenance);
	expect(await errorOf(asked(parameters))).toMatch(
		new RegExp(`^Could not read (page 1 of )?the ${name}: Clerk answered 200: the answer has no list\\. Check the API URL`),
	);
});

describe('as an AI tool', () => {
	const notices = node.description.properties.filter(({ name }) => ['destructiveNotice', 'emailNotice'].includes(name));
	const shown = (type: string, parameters: INodeParameters) => {
		const description = { ...node.description, name: type };
		const asNode = { name: 'Clerk', type, typeVersion: 1, id: '1', position: [0, 0] as [number, number], parameters };
		return notices.filter((notice) => NodeHelpers.displayParameter(parameters, notice, asNode, description));
	};

	test('what cannot be undone or sends an email says so where an agent would decide, and nowhere else', () => {
		const warned: Record<string, string[]> = { destructiveNotice: [], emailNotice: [] };
		for (const { resource, operation } of operations) {
			for (const { name } of shown('clerkTool', { resource, operation })) warned[name]?.push(`${resource}.${operation}`);
			expect(shown('clerk', { resource, operation })).toEqual([]);
		}
		expect(warned).toEqual({
			destructiveNotice: [
				'invitation.revoke',
				'membership.delete',
				'organization.delete',
				'organizationInvitation.revoke',
				'session.revoke',
				'user.delete',
				'user.disableMfa',
				'user.removePassword',
				'waitlistEntry.delete',
				'waitlistEntry.reject',
			],
			emailNotice: [
				'invitation.create',
				'invitation.createMany',
				'organizationInvitation.create',
				'waitlistEntry.create',
				'waitlistEntry.createMany',
				'waitlistEntry.invite',
			],
		});
	});

	test('the action says what the tool does', () => {
		const description = NodeHelpers.makeDescription({ resource: 'user', operation: 'delete' }, node.description);
		expect(description).toBe('Delete a user for good in Clerk');
	});
});

test('E4: what somebody could sign in with, and what belongs to the backend alone, is declared sensitive in raw output', () => {
	const { sensitiveOutputFields } = new ClerkTrigger().description;
	expect(node.description.sensitiveOutputFields).toEqual(
		expect.arrayContaining(['private_metadata', 'unsafe_metadata', 'url', 'invitation.url', ...(sensitiveOutputFields ?? [])]),
	);
});

test('Membership: Get Many takes roles, within an organization and without', async () => {
	const member = (userId: string, role: string) => ({
		id: userId,
		role,
		public_user_data: { user_id: userId },
		organization: { id: 'org_1' },
	});
	const data = [member('user_1', 'org:admin'), member('user_2', 'org:member'), member('user_3', 'org:billing')];
	for (const organizationId of ['', 'org_1']) {
		clerk.answer(({ path }) => (path.endsWith('/instance') ? undefined : { status: 200, body: { data, total_count: 3 } }));
		const found = await asked({
			resource: 'membership',
			operation: 'getAll',
			returnAll: true,
			output: 'flat',
			organizationId,
			filters: { roles: 'org:admin, org:billing' },
		});
		expect(found?.map((json) => json['userId'])).toEqual(['user_1', 'user_3']);
		const { query } = clerk.seen.at(-1) ?? {};
		expect(query?.['role']).toEqual(organizationId === '' ? undefined : ['org:admin', 'org:billing']);
	}
});

test('every operation can be chosen, and every list has its method', () => {
	const { properties } = node.description;
	for (const { resource, operation } of operations) {
		const choice = properties.find(
			({ name, displayOptions }) => name === 'operation' && displayOptions?.show?.['resource']?.includes(resource),
		);
		expect(choice?.options?.map((option) => ('value' in option ? option.value : null))).toContain(operation);
	}
	const methods = JSON.stringify(properties).match(/"searchListMethod":"(\w+)"/g) ?? [];
	const named = new Set(methods.map((method) => /:"(\w+)"/.exec(method)?.[1]));
	expect([...named].sort()).toEqual(Object.keys(node.methods.listSearch).sort());
});
