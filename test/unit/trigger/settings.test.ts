import type { IWebhookFunctions } from 'n8n-workflow';

import * as node from '../../../nodes/Clerk/trigger/settings';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { names } from '../../../nodes/Clerk/records/settings';
import { readSigningKeys, signingKeysOf } from '../../../nodes/Clerk/trigger/settings';
import { secretProblems } from '../../../nodes/Clerk/trigger/signingSecret';
import { OTHER_SECRET, SECRET } from '../../support/deliveries';

/** A node with these parameters; what isn't named was never set. */
function context(parameters: Record<string, unknown>, credential?: Record<string, unknown>): IWebhookFunctions {
	const standIn = {
		getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? fallback,
		getCredentials: async () => {
			if (!credential) throw new Error('Node does not have any credentials set');
			return credential;
		},
	};
	return standIn as unknown as IWebhookFunctions;
}

function readSettings(of: IWebhookFunctions): Settings {
	const settings = node.readSettings(of);
	if ('outcome' in settings) throw new Error(settings.detail);
	return settings;
}

function key(secret: string): Buffer {
	return Buffer.from(secret.replace('whsec_', ''), 'base64');
}

describe('the settings of a node on which nothing was set', () => {
	test('are the defaults; no event is taken that nobody chose', () => {
		expect(readSettings(context({}))).toEqual({
			events: new Set(),
			output: 'item',
			contactsWithoutEmail: 'skip',
			source: 'Clerk webhook',
			onlyInstance: null,
			leaveOutTestUsers: false,
			onlyProduction: false,
			toleranceSeconds: 300,
			includeRaw: false,
			includeClient: false,
			includeNames: true,
			contactShape: { fields: null, dates: 'iso', empty: 'null', htmlNames: false },
			onlyVerified: false,
			shutOutUsers: 'leave',
			deletedUsers: 'delete',
			eventNameStyle: 'type',
			keyStyle: 'camel',
			mappings: [],
			acknowledge: 'onReceived',
			skipDuplicates: true,
			skipOutOfDate: true,
			customContactFields: [],
			customEventProperties: [],
		});
	});
});

describe('settings that cannot be read are a misconfiguration', () => {
	test.each(['endpointSetup', 'events', 'output', 'options', 'mappings'])(
		'where an expression in %s fails, without the message of n8n, which may repeat the body',
		async (broken) => {
			const failing = {
				getNodeParameter: (name: string, fallback: unknown) => {
					if (name === broken) throw new Error('CANARY');
					return fallback;
				},
			} as unknown as IWebhookFunctions;
			const unreadable = { outcome: 'misconfigured', code: 'settings_unreadable', detail: expect.any(String) as string };
			expect(node.readSettings(failing)).toEqual(unreadable);
			expect(JSON.stringify(node.readSettings(failing))).not.toContain('CANARY');
			if (broken === 'endpointSetup') expect(await readSigningKeys(failing)).toEqual(unreadable);
		},
	);

	/** A value that none of them can have, and how the editor calls where it stands. */
	const unreadable: [parameters: Record<string, unknown>, shown: string][] = [
		[{ endpointSetup: 'by itself' }, 'Endpoint Setup'],
		[{ events: 'user.created' }, 'Events to Receive'],
		[{ output: 'everything' }, 'Output'],
		...[
			['onlyVerified', 'Only Verified Email Addresses'],
			['leaveOutTestUsers', 'Leave Out Test Users'],
			['onlyProduction', 'Only Production'],
			['includeRaw', 'Include Raw Delivery'],
			['includeClient', 'Include Client Details'],
			['includeNames', 'Include Names'],
			['skipDuplicates', 'Skip Duplicate Deliveries'],
			['skipOutOfDate', 'Skip Out-of-Date Updates'],
			['acknowledge', 'Acknowledge'],
			['contactsWithoutEmail', 'Contacts Without Email'],
			['deletedUsers', 'Deleted Users'],
			['shutOutUsers', 'Shut-Out Users'],
			['eventNameStyle', 'Event Name Style'],
			['keyStyle', 'Key Style'],
		].flatMap(([name = '', shown = '']) =>
			['', 'else', null, undefined, 2, [true], {}, Object.create(null)].map((value): [Record<string, unknown>, string] => [
				{ options: { [name]: value } },
				shown,
			]),
		),
		...[null, undefined, 7, ['ins_1'], {}].map((onlyInstance): [Record<string, unknown>, string] => [
			{ options: { onlyInstance } },
			'Only From Instance',
		]),
		...[
			['events', 'user.created', 'Mappings > Events'],
			['active', 'no', 'Mappings > Active'],
			['contactAction', 'explode', 'Mappings > Contact Action'],
			['event', 'nothing', 'Mappings > Event'],
			['tenantAction', 'delete', 'Mappings > Tenant Action'],
		].map(([name = '', value, shown = '']): [Record<string, unknown>, string] => [
			{ mappings: { mapping: [{ events: ['user.created'] }, { events: ['user.created'], [name]: value }] } },
			shown,
		]),
	];

	test.each(unreadable)('with %j, and "%s" is named', (parameters, shown) => {
		expect(node.readSettings(context(parameters))).toEqual({
			outcome: 'misconfigured',
			code: 'settings_unreadable',
			detail: expect.stringContaining(`"${shown}"`) as string,
		});
	});
});

describe('A3: the chosen events', () => {
	test.each([
		['what was ticked', ['user.created', 'session.created'], undefined, ['user.created', 'session.created']],
		['what was typed', [], 'user.somethingNew, other.new', ['user.somethingNew', 'other.new']],
		['both', ['user.created'], 'user.somethingNew', ['user.created', 'user.somethingNew']],
		['each once', ['user.created'], 'user.created user.created', ['user.created']],
		['nothing', [], ' , ', []],
	])('%s', (_, events, typed, expected) => {
		const options = typed === undefined ? {} : { additionalEvents: typed };
		expect(readSettings(context({ events, options })).events).toEqual(new Set(expected));
	});

	test.each([
		['ticked alone', ['*'], ''],
		['ticked beside others', ['user.created', '*'], ''],
		['typed', ['user.created'], '*'],
	])('All Events, %s', (_, events, typed) => {
		expect(readSettings(context({ events, options: { additionalEvents: typed } })).events).toBe('all');
	});

	test.each([
		['a.b, c.d', ['a.b', 'c.d']],
		['a.b,c.d', ['a.b', 'c.d']],
		['a.b c.d', ['a.b', 'c.d']],
		['a.b\nc.d\r\n', ['a.b', 'c.d']],
		['\t a.b ,, c.d ,', ['a.b', 'c.d']],
		['', []],
		['  ', []],
		[undefined, []],
		[['a.b'], []],
		[7, []],
	])('additional events %j are %j', (text, expected) => {
		expect(names(text)).toEqual(expected);
	});
});

describe('the options', () => {
	test.each([1, 60, 300, 3600])('a tolerance of %d s is taken', (toleranceSeconds) => {
		expect(readSettings(context({ options: { toleranceSeconds } })).toleranceSeconds).toBe(toleranceSeconds);
	});

	test.each(['60', ' 60 ', '60.5'])('a tolerance that comes as the text %j is read as a number', (toleranceSeconds) => {
		expect(readSettings(context({ options: { toleranceSeconds } })).toleranceSeconds).toBe(60);
	});

	test('of a tolerance the whole seconds count', () => {
		expect(readSettings(context({ options: { toleranceSeconds: 12.9 } })).toleranceSeconds).toBe(12);
	});

	test.each([
		0,
		0.5,
		-1,
		-300,
		3600.5,
		3601,
		1e9,
		Infinity,
		-Infinity,
		NaN,
		'',
		' ',
		'3601',
		'1e9',
		'soon',
		null,
		true,
		[60],
		{},
	])('A2: a tolerance of %p is out of range and the default holds', (toleranceSeconds) => {
		expect(readSettings(context({ options: { toleranceSeconds } })).toleranceSeconds).toBe(300);
	});

	test.each(['item', 'contacts', 'events', 'split'])('output %s', (output) => {
		expect(readSettings(context({ output })).output).toBe(output);
	});

	test.each([
		['pass', 'pass'],
		['skip', 'skip'],
	])('B4: contacts without email %j: %s', (contactsWithoutEmail, expected) => {
		expect(readSettings(context({ options: { contactsWithoutEmail } })).contactsWithoutEmail).toBe(expected);
	});

	test.each([
		['Website', 'Website'],
		['  Website ', 'Website'],
		['', 'Clerk webhook'],
		['   ', 'Clerk webhook'],
		[7, 'Clerk webhook'],
	])('B8: source %j is %s', (source, expected) => {
		expect(readSettings(context({ options: { source } })).source).toBe(expected);
	});

	test.each([
		['ins_1', 'ins_1'],
		[' ins_1\n', 'ins_1'],
		['', null],
		['  ', null],
	])('A8: only from instance %j is %j', (onlyInstance, expected) => {
		expect(readSettings(context({ options: { onlyInstance } })).onlyInstance).toBe(expected);
	});

	/** As n8n reads a condition of its own: an expression often gives text. */
	test.each([
		[true, true],
		['true', true],
		['True', true],
		[' true ', true],
		[1, true],
		['1', true],
		[false, false],
		['false', false],
		['FALSE', false],
		[0, false],
		['0', false],
	])('what is on or off with %j: %j', (value, expected) => {
		const switches = [
			'leaveOutTestUsers',
			'includeRaw',
			'includeClient',
			'includeNames',
			'onlyVerified',
			'onlyProduction',
			'skipDuplicates',
			'skipOutOfDate',
		] as const;
		const options = Object.fromEntries(switches.map((name) => [name, value]));
		const mappings = { mapping: [{ events: ['user.created'], active: value }] };
		const settings = readSettings(context({ options, mappings }));
		for (const name of switches) expect([name, settings[name]]).toEqual([name, expected]);
		expect(settings.mappings).toHaveLength(expected ? 1 : 0);
	});
});

describe('the choices', () => {
	test.each<[string, keyof Settings, string[]]>([
		['B5', 'deletedUsers', ['delete', 'unsubscribe', 'none']],
		['B12', 'shutOutUsers', ['leave', 'unsubscribe']],
		['C1', 'eventNameStyle', ['type', 'title', 'camel', 'snake', 'prefixed']],
		['B13', 'keyStyle', ['camel', 'snake']],
	])('%s: %s', (_, name, choices) => {
		for (const choice of choices) expect(readSettings(context({ options: { [name]: choice } }))[name]).toBe(choice);
	});
});

describe('C3: the mappings, as n8n stores them', () => {
	const read = (...mapping: unknown[]) => readSettings(context({ mappings: { mapping } })).mappings;
	/** A row as the editor adds it. */
	const ROW = {
		events: ['user.created'],
		otherEvents: '',
		active: true,
		contactAction: 'default',
		event: 'default',
		eventName: '',
		additionalEventName: '',
		userGroup: '',
		joinLists: '',
		leaveLists: '',
		tenantAction: 'default',
	};
	const NOTHING = { events: new Set(['user.created']) };

	test.each<[string, object, object]>([
		['left as it was added', {}, {}],
		['contact: upsert', { contactAction: 'upsert' }, { contact: 'upsert' }],
		['contact: unsubscribe', { contactAction: 'unsubscribe' }, { contact: 'unsubscribe' }],
		['contact: delete', { contactAction: 'delete' }, { contact: 'delete' }],
		['contact: none', { contactAction: 'none' }, { contact: 'none' }],
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
		expect(read({ ...ROW, ...set })).toEqual([{ ...NOTHING, ...expected }]);
	});

	test('a row that was never touched sets nothing', () => {
		expect(read({})).toEqual([{ events: new Set() }]);
	});

	test('in their order, without those that are switched off', () => {
		const rows = [
			{ ...ROW, userGroup: 'a' },
			{ ...ROW, userGroup: 'b', active: false },
			{ ...ROW, userGroup: 'c' },
		];
		expect(read(...rows).map(({ userGroup }) => userGroup)).toEqual(['a', 'c']);
	});

	test.each([undefined, null, {}, [], 'text', { mapping: null }, { mapping: {} }, { mapping: [null, 'text', []] }])(
		'%j holds none',
		(mappings) => {
			expect(readSettings(context({ mappings })).mappings).toEqual([]);
		},
	);
});

describe('B10: custom fields, as n8n stores them', () => {
	test.each(['customContactFields', 'customEventProperties'] as const)('%s', (name) => {
		const read = (stored: unknown) => readSettings(context({ options: { [name]: stored } }))[name];
		expect(
			read({
				field: [
					{ name: ' plan ', path: ' data.public_metadata.plan ' },
					{ name: 'first', path: 'data.email_addresses[0].email_address' },
					{ name: 'unreadable', path: 'data..plan' },
					{ name: '', path: '' },
					{},
				],
			}),
		).toEqual([
			{ name: 'plan', path: ['data', 'public_metadata', 'plan'] },
			{ name: 'first', path: ['data', 'email_addresses', 0, 'email_address'] },
			{ name: 'unreadable', path: null },
			{ name: '', path: null },
			{ name: '', path: null },
		]);
		for (const empty of [undefined, null, {}, [], { field: 'x' }]) expect(read(empty)).toEqual([]);
	});
});

describe('A6: the keys of the credential', () => {
	test.each([
		['one secret', { signingSecret: SECRET }, [SECRET]],
		['two secrets', { signingSecret: SECRET, previousSigningSecret: OTHER_SECRET }, [SECRET, OTHER_SECRET]],
		['an empty second one', { signingSecret: SECRET, previousSigningSecret: '  ' }, [SECRET]],
	])('%s', (_, credential, secrets) => {
		expect(signingKeysOf(credential)).toEqual({
			usable: secrets.map(key),
			problem: null,
			currentUsable: true,
			environment: null,
		});
	});

	test.each([
		[
			'the second is malformed',
			{ signingSecret: SECRET, previousSigningSecret: 'whsec_' },
			SECRET,
			'Previous Signing Secret: ',
			'empty_key',
		],
		[
			'the first is malformed',
			{ signingSecret: 'sk_1', previousSigningSecret: OTHER_SECRET },
			OTHER_SECRET,
			'Signing Secret: ',
			'secret_key',
		],
		['the first is missing', { previousSigningSecret: OTHER_SECRET }, OTHER_SECRET, 'Signing Secret: ', 'empty'],
	] as const)('where %s, the other one is usable and the problem is kept', (_, credential, secret, field, problem) => {
		expect(signingKeysOf(credential)).toEqual({
			usable: [key(secret)],
			problem: { outcome: 'misconfigured', code: 'secret_unusable', detail: field + secretProblems[problem] },
			currentUsable: field.startsWith('Previous'),
			environment: null,
		});
	});

	test.each([
		['both are malformed', { signingSecret: 'sk_1', previousSigningSecret: 'x' }],
		['both are empty', { signingSecret: '', previousSigningSecret: '' }],
		['there is neither', {}],
	])('A2: where %s, there is no key and so never an open door', (_, credential) => {
		expect(signingKeysOf(credential)).toMatchObject({ outcome: 'misconfigured', code: 'secret_unusable' });
	});

	test('are read from the credential of the node', async () => {
		expect(await readSigningKeys(context({}, { signingSecret: SECRET }))).toEqual({
			usable: [key(SECRET)],
			problem: null,
			currentUsable: true,
			environment: null,
		});
	});

	test('A2: a credential that cannot be read is an outcome, not an exception', async () => {
		expect(await readSigningKeys(context({}))).toMatchObject({ outcome: 'misconfigured', code: 'credential_missing' });
	});
});
