import type { IWebhookFunctions } from 'n8n-workflow';

import { names } from '../../../nodes/Clerk/records/settings';
import type { Mapping } from '../../../nodes/Clerk/records/mapping';
import { readSettings, readSigningKeys, signingKeysOf } from '../../../nodes/Clerk/trigger/settings';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { secretProblems } from '../../../nodes/Clerk/trigger/signingSecret';
import { OTHER_SECRET, SECRET, settings } from '../../support/deliveries';

/** A node with these parameters; what isn't named was never set, and what is a function fails. */
function context(parameters: Record<string, unknown>, credential?: Record<string, unknown>): IWebhookFunctions {
	const standIn = {
		getNodeParameter: (name: string, fallback: unknown) => {
			if (typeof parameters[name] === 'function') throw new Error('CANARY');
			return parameters[name] ?? fallback;
		},
		getCredentials: async () => {
			if (!credential) throw new Error('Node does not have any credentials set');
			return credential;
		},
	};
	return standIn as unknown as IWebhookFunctions;
}

function read(parameters: Record<string, unknown>): Settings {
	const result = readSettings(context(parameters));
	if ('outcome' in result) throw new Error(result.detail);
	return result;
}
const option = <K extends keyof Settings>(name: K, value: unknown) => read({ options: { [name]: value } })[name];

const SWITCHES = {
	onlyVerified: 'Only Verified Email Addresses',
	leaveOutTestUsers: 'Leave Out Test Users',
	onlyProduction: 'Only Production',
	includeRaw: 'Include Raw Delivery',
	includeClient: 'Include Client Details',
	includeNames: 'Include Names',
	skipDuplicates: 'Skip Duplicate Deliveries',
	skipOutOfDate: 'Skip Out-of-Date Updates',
};
const CHOICES = {
	acknowledge: ['Acknowledge', 'onReceived lastNode'],
	contactsWithoutEmail: ['Contacts Without Email', 'skip pass'],
	deletedUsers: ['Deleted Users', 'delete unsubscribe none'],
	shutOutUsers: ['Banned and Locked Users', 'leave unsubscribe'],
	eventNameStyle: ['Event Name Style', 'type title camel snake prefixed'],
	keyStyle: ['Key Style', 'camel snake'],
} as const;

test('where nothing was set, the defaults count; no event is taken that nobody chose', () => {
	expect(read({})).toEqual(settings({ events: new Set() }));
});

describe('settings that cannot be read are a misconfiguration', () => {
	const unreadable = { outcome: 'misconfigured', code: 'settings_unreadable', detail: expect.any(String) as string };

	test.each(['endpointSetup', 'events', 'output', 'options', 'mappings'])(
		'where an expression in %s fails, without the message of n8n, which may repeat the body',
		async (broken) => {
			const failing = context({ [broken]: () => {} });
			expect(readSettings(failing)).toEqual(unreadable);
			expect(JSON.stringify(readSettings(failing))).not.toContain('CANARY');
			if (broken === 'endpointSetup') expect(await readSigningKeys(failing)).toEqual(unreadable);
		},
	);

	const mapped = (name: string, value: unknown) => ({
		mappings: { mapping: [{ events: ['a.b'] }, { events: ['a.b'], [name]: value }] },
	});
	const shown = [...Object.entries(SWITCHES), ...Object.entries(CHOICES).map(([name, [text]]) => [name, text] as const)];
	const strange = ['', 'else', null, undefined, 2, [true], {}, Object.create(null)] as unknown[];

	/** A value that none of them can have, and how the editor calls where it stands. */
	test.each<[parameters: Record<string, unknown>, shown: string]>([
		[{ endpointSetup: 'by itself' }, 'Endpoint Setup'],
		[{ events: 'user.created' }, 'Events to Receive'],
		[{ output: 'everything' }, 'Output'],
		...shown.flatMap(([name, text]) => strange.map((value) => [{ options: { [name]: value } }, text] as [object & {}, string])),
		...[null, undefined, 7, ['ins_1'], {}].map(
			(onlyInstance) => [{ options: { onlyInstance } }, 'Only From Instance'] as [object & {}, string],
		),
		[mapped('events', 'user.created'), 'Mappings > Events'],
		[mapped('active', 'no'), 'Mappings > Active'],
		[mapped('contactAction', 'explode'), 'Mappings > Contact Action'],
		[mapped('event', 'nothing'), 'Mappings > Event'],
		[mapped('tenantAction', 'delete'), 'Mappings > Tenant Action'],
	] as [Record<string, unknown>, string][])('with %j, and "%s" is named', (parameters, text) => {
		expect(readSettings(context(parameters))).toEqual({ ...unreadable, detail: expect.stringContaining(`"${text}"`) as string });
	});
});

describe('A3: the chosen events', () => {
	test.each<[string, string[], string | undefined, string[] | 'all']>([
		['what was ticked', ['user.created', 'session.created'], undefined, ['user.created', 'session.created']],
		['what was typed', [], 'user.somethingNew, other.new', ['user.somethingNew', 'other.new']],
		['both', ['user.created'], 'user.somethingNew', ['user.created', 'user.somethingNew']],
		['each once', ['user.created'], 'user.created user.created', ['user.created']],
		['nothing', [], ' , ', []],
		['All Events, ticked alone', ['*'], '', 'all'],
		['All Events, ticked beside others', ['user.created', '*'], '', 'all'],
		['All Events, typed', ['user.created'], '*', 'all'],
	])('%s', (_, events, typed, expected) => {
		const options = typed === undefined ? {} : { additionalEvents: typed };
		expect(read({ events, options }).events).toEqual(expected === 'all' ? 'all' : new Set(expected));
	});

	test.each([
		['a.b, c.d', ['a.b', 'c.d']],
		['a.b,c.d', ['a.b', 'c.d']],
		['a.b c.d', ['a.b', 'c.d']],
		['a.b\nc.d\r\n', ['a.b', 'c.d']],
		['\t a.b ,, c.d ,', ['a.b', 'c.d']],
		...['', '  ', undefined, ['a.b'], 7].map((text): [unknown, string[]] => [text, []]),
	])('additional events %j are %j', (text, expected) => {
		expect(names(text)).toEqual(expected);
	});
});

describe('the options', () => {
	test.each([
		...[1, 60, 300, 3600].map((seconds) => [seconds, seconds]),
		...['60', ' 60 ', '60.5', 60.9].map((seconds) => [seconds, 60]),
		...[0, 0.5, -1, -300, 3600.5, 3601, 1e9, Infinity, -Infinity, NaN].map((seconds) => [seconds, 300]),
		...['', ' ', '3601', '1e9', 'soon', null, true, [60], {}].map((seconds) => [seconds, 300]),
	])('A2: a tolerance of %p is %d s: out of range, the default holds', (seconds, expected) => {
		expect(option('toleranceSeconds', seconds)).toBe(expected);
	});

	test.each(['item', 'contacts', 'events', 'split'])('output %s', (output) => {
		expect(read({ output }).output).toBe(output);
	});

	test.each([
		['Website', 'Website'],
		['  Website ', 'Website'],
		['', 'Clerk webhook'],
		['   ', 'Clerk webhook'],
		[7, 'Clerk webhook'],
	])('B8: source %j is %s', (source, expected) => {
		expect(option('source', source)).toBe(expected);
	});

	test.each([
		['ins_1', 'ins_1'],
		[' ins_1\n', 'ins_1'],
		['', null],
		['  ', null],
	])('A8: only from instance %j is %j', (onlyInstance, expected) => {
		expect(option('onlyInstance', onlyInstance)).toBe(expected);
	});

	// As n8n reads a condition of its own: an expression often gives text.
	test.each<[unknown, boolean]>([
		...[true, 'true', 'True', ' true ', 1, '1'].map((value): [unknown, boolean] => [value, true]),
		...[false, 'false', 'FALSE', 0, '0'].map((value): [unknown, boolean] => [value, false]),
	])('what is on or off with %j: %j', (value, expected) => {
		for (const name of Object.keys(SWITCHES) as (keyof Settings)[]) expect([name, option(name, value)]).toEqual([name, expected]);
		const mappings = { mapping: [{ events: ['user.created'], active: value }] };
		expect(read({ mappings }).mappings).toHaveLength(expected ? 1 : 0);
	});

	test.each(Object.entries(CHOICES).flatMap(([name, [, values]]) => values.split(' ').map((value) => [name, value])))(
		'B4, B5, B12, C1, B13: %s: %s',
		(name, value) => {
			expect(option(name as keyof Settings, value)).toBe(value);
		},
	);
});

describe('C3: the mappings, as n8n stores them', () => {
	const mappingsOf = (...mapping: unknown[]) => read({ mappings: { mapping } }).mappings;
	const empty = { otherEvents: '', eventName: '', additionalEventName: '', userGroup: '', joinLists: '', leaveLists: '' };
	/** A row as the editor adds it. */
	const ROW = {
		events: ['user.created'],
		active: true,
		contactAction: 'default',
		event: 'default',
		tenantAction: 'default',
		...empty,
	};

	test.each<[string, object, Partial<Mapping>]>([
		['left as it was added', {}, {}],
		...(['upsert', 'unsubscribe', 'delete', 'none'] as const).map((contact): [string, object, Partial<Mapping>] => {
			return [`contact: ${contact}`, { contactAction: contact }, { contact }];
		}),
		['no event', { event: 'none' }, { eventName: null }],
		['no event, and a name that the editor hides', { event: 'none', eventName: 'x' }, { eventName: null }],
		['a name', { eventName: ' newClerkUser ' }, { eventName: 'newClerkUser' }],
		['a blank name', { eventName: '  ' }, {}],
		['an additional name', { additionalEventName: ' trialStarted' }, { additionalEventName: 'trialStarted' }],
		['a group', { userGroup: 'Paying customers ' }, { userGroup: 'Paying customers' }],
		['lists to join', { joinLists: 'a, b\nc' }, { joins: ['a', 'b', 'c'] }],
		['lists to leave', { leaveLists: ' a ' }, { leaves: ['a'] }],
		['blank lists', { joinLists: ' , ', leaveLists: ',' }, {}],
		['no tenant', { tenantAction: 'none' }, { noTenant: true }],
		['typed events', { otherEvents: 'user.a, user.b' }, { events: new Set(['user.created', 'user.a', 'user.b']) }],
		['typed events alone', { events: [], otherEvents: 'user.a' }, { events: new Set(['user.a']) }],
		['all events', { events: ['user.created', '*'] }, { events: 'all' }],
		['all events, typed', { otherEvents: '*' }, { events: 'all' }],
		['no event chosen', { events: [] }, { events: new Set() }],
		['other types', { userGroup: 7, eventName: {}, joinLists: ['a'] }, {}],
	])('%s', (_, set, expected) => {
		expect(mappingsOf({ ...ROW, ...set })).toEqual([{ events: new Set(['user.created']), ...expected }]);
	});

	test('a row that was never touched sets nothing', () => {
		expect(mappingsOf({})).toEqual([{ events: new Set() }]);
	});

	test('in their order, without those that are switched off', () => {
		const rows = ['a', 'b', 'c'].map((userGroup) => ({ ...ROW, userGroup, active: userGroup !== 'b' }));
		expect(mappingsOf(...rows).map(({ userGroup }) => userGroup)).toEqual(['a', 'c']);
	});

	test.each([undefined, null, {}, [], 'text', { mapping: null }, { mapping: {} }, { mapping: [null, 'text', []] }])(
		'%j holds none',
		(mappings) => {
			expect(read({ mappings }).mappings).toEqual([]);
		},
	);
});

describe('B10: custom fields, as n8n stores them', () => {
	test.each(['customContactFields', 'customEventProperties'] as const)('%s', (name) => {
		const field = [
			{ name: ' plan ', path: ' data.public_metadata.plan ' },
			{ name: 'first', path: 'data.email_addresses[0].email_address' },
			{ name: 'unreadable', path: 'data..plan' },
			{ name: '', path: '' },
			{},
		];
		expect(option(name, { field })).toEqual([
			{ name: 'plan', path: ['data', 'public_metadata', 'plan'] },
			{ name: 'first', path: ['data', 'email_addresses', 0, 'email_address'] },
			{ name: 'unreadable', path: null },
			{ name: '', path: null },
			{ name: '', path: null },
		]);
		for (const empty of [undefined, null, {}, [], { field: 'x' }]) expect(option(name, empty)).toEqual([]);
	});
});

describe('A6: the keys of the credential', () => {
	const key = (secret: string) => Buffer.from(secret.replace('whsec_', ''), 'base64');
	const keys = (...secrets: string[]) => ({ usable: secrets.map(key), problem: null, currentUsable: true, environment: null });
	const problem = (field: string, name: keyof typeof secretProblems) => {
		return { outcome: 'misconfigured', code: 'secret_unusable', detail: `${field}: ${secretProblems[name]}` };
	};
	const second = { problem: problem('Previous Signing Secret', 'empty_key'), currentUsable: true };
	const first = { problem: problem('Signing Secret', 'secret_key'), currentUsable: false };
	const missing = { problem: problem('Signing Secret', 'empty'), currentUsable: false };
	const two = (signingSecret: string | undefined, previousSigningSecret: string) => ({ signingSecret, previousSigningSecret });

	test.each<[string, Record<string, unknown>, object]>([
		['one secret', { signingSecret: SECRET }, keys(SECRET)],
		['two secrets', two(SECRET, OTHER_SECRET), keys(SECRET, OTHER_SECRET)],
		['an empty second one', two(SECRET, '  '), keys(SECRET)],
		['a malformed second one: the other is usable', two(SECRET, 'whsec_'), { ...keys(SECRET), ...second }],
		['a malformed first one', two('sk_1', OTHER_SECRET), { ...keys(OTHER_SECRET), ...first }],
		['no first one', two(undefined, OTHER_SECRET), { ...keys(OTHER_SECRET), ...missing }],
		['A2: both malformed: no key, and never a pass', two('sk_1', 'x'), { outcome: 'misconfigured', code: 'secret_unusable' }],
		['A2: both empty', two('', ''), { outcome: 'misconfigured', code: 'secret_unusable' }],
		['A2: neither', {}, { outcome: 'misconfigured', code: 'secret_unusable' }],
	])('%s', async (_, credential, expected) => {
		expect(signingKeysOf(credential)).toMatchObject(expected);
		expect(await readSigningKeys(context({}, credential))).toMatchObject(expected);
	});

	test('A2: a credential that cannot be read is an outcome, not an exception', async () => {
		expect(await readSigningKeys(context({}))).toMatchObject({ outcome: 'misconfigured', code: 'credential_missing' });
	});
});
