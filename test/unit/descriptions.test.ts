import { resolveWebhookDescriptionField, webhookDescriptionIsNativelyResolvable } from 'n8n-workflow';

import codex from '../../nodes/Clerk/ClerkTrigger.node.json';
import schema from '../../nodes/Clerk/__schema__/v1.1.0.json';
import { ClerkApi } from '../../credentials/ClerkApi.credentials';
import { ClerkWebhookApi } from '../../credentials/ClerkWebhookApi.credentials';
import { ClerkTrigger } from '../../nodes/Clerk/ClerkTrigger.node';
import { catalogue, eventOfType } from '../../nodes/Clerk/events/catalogue';
import { userContact } from '../../nodes/Clerk/records/contact';
import { eventRecordOf } from '../../nodes/Clerk/records/event';
import { tenantOf } from '../../nodes/Clerk/records/tenant';
import { readSettings } from '../../nodes/Clerk/trigger/settings';
import { settings } from '../support/deliveries';
import { words } from '../support/words';

const node = new ClerkTrigger();
const { description } = node;

describe('A1: the webhook', () => {
	const [webhook] = description.webhooks ?? [];
	if (!webhook) throw new Error('The node has no webhook');

	test('takes POST alone, and n8n adds nothing of the workflow to the answer', () => {
		const { responseMode, ...rest } = Object.fromEntries(Object.entries(webhook));
		expect(rest).toEqual({ name: 'default', httpMethod: 'POST', path: 'clerk', responseData: 'noData' });
		expect(responseMode).toBeDefined();
	});

	// Each expression that n8n has to evaluate, and version 1, cost more at every delivery than all the rest.
	test('nothing in it needs the expression engine of an n8n that has another way', () => {
		expect(webhookDescriptionIsNativelyResolvable(webhook)).toBe(true);
	});

	test.each([
		[{}, 'onReceived'],
		[{ acknowledge: 'onReceived' }, 'onReceived'],
		[{ acknowledge: 'lastNode' }, 'lastNode'],
	])('E3: with the options %j n8n answers %s', (options, mode) => {
		const parameters = { events: [], output: 'item', mappings: {}, options };
		const asked = { id: '1', name: 'Clerk', type: 't', typeVersion: 1.1, position: [0, 0] as [number, number], parameters };
		expect(resolveWebhookDescriptionField(asked, webhook, 'responseMode')).toEqual({ resolved: true, value: mode });
	});

	test('E3: an older n8n, which knows no such way, gets an expression that says the same', () => {
		jest.isolateModules(() => {
			jest.doMock('n8n-workflow', () => ({ ...jest.requireActual<object>('n8n-workflow'), webhookDescriptionFields: undefined }));
			const older = jest.requireActual<{ RESPONSE_MODE: object }>('../../nodes/Clerk/trigger/acknowledge');
			expect(older.RESPONSE_MODE).toEqual({ responseMode: webhook.responseMode });
			expect(Object.getOwnPropertySymbols(older.RESPONSE_MODE)).toEqual([]);
		});
	});

	test('belongs to a node of version 1.1, and of no plain 1', () => {
		expect([description.version].flat()).toEqual([1.1]);
	});
});

describe('the output schema names exactly the keys of the output, in the same order', () => {
	const origin = { source: 's', instanceId: null, environment: null, onlyVerified: false, includeNames: true };

	const keysOf = (record: keyof typeof schema.properties) => Object.keys(schema.properties[record].properties);

	test('contact and event', () => {
		const contact = userContact('upsert', { created_at: 1, updated_at: 1 }, origin);
		expect(keysOf('contact')).toEqual(Object.keys(contact));
		const delivery = { id: 'msg_1', sentAt: 0, environment: null };
		const event = eventRecordOf(eventOfType('user.created'), { type: 'user.created' }, {}, delivery, settings());
		expect(keysOf('event')).toEqual(Object.keys(event));
	});

	test('tenant', () => {
		const times = { created_at: 1, updated_at: 1 };
		const organization = { id: 'org_1', name: 'Acme', slug: 'acme', image_url: null, members_count: 1, ...times };
		const data = { ...organization, organization };
		const tenants = catalogue.flatMap((event) => tenantOf(event, data) ?? []);
		const keys = keysOf('tenant');
		expect(new Set(tenants.flatMap((tenant) => Object.keys(tenant)))).toEqual(new Set(keys));
		for (const tenant of tenants) expect(Object.keys(tenant)).toEqual(keys.filter((key) => key in tenant));
	});

	test('it is of the item, and of this version', () => {
		expect(Object.keys(schema.properties)).toEqual(['contact', 'event', 'tenant']);
		expect(schema.version).toBe(1);
		expect([description.version].flat().map((version) => `v${version}.0`)).toEqual(['v1.1.0']);
	});
});

describe('the parameters', () => {
	/** What n8n gives a node on which nothing was set, but for these options. */
	function read(options: object) {
		const defaults = Object.fromEntries(description.properties.map(({ name, default: value }) => [name, value]));
		const context = { getNodeParameter: (name: string) => (name === 'options' ? options : defaults[name]) };
		return readSettings(context as unknown as Parameters<typeof readSettings>[0]);
	}
	const first = settings({ events: new Set(['user.created', 'user.updated']) });

	test('A3, B4, B8: as they stand at first', () => {
		expect(read({})).toEqual(first);
	});

	test('each option, added and left as it stands, changes nothing', () => {
		const options = description.properties.find(({ name }) => name === 'options')?.options ?? [];
		const added = Object.fromEntries(options.flatMap((option) => ('default' in option ? [[option.name, option.default]] : [])));
		expect(Object.keys(added)).toHaveLength(25);
		expect(read(added)).toEqual(first);
	});

	test('A9: the steps of the set-up stand in the panel', () => {
		const notice = description.properties.find(({ type }) => type === 'notice')?.displayName;
		expect(notice).toMatch(/Production URL.*Clerk Dashboard.*Signing Secret.*activate/i);
	});

	test('the subtitle says which events', () => {
		const subtitle = /^=\{\{(.*)\}\}$/.exec(description.subtitle ?? '')?.[1] ?? '';
		// eslint-disable-next-line @typescript-eslint/no-implied-eval
		const evaluate = new Function('$parameter', `return ${subtitle}`) as (parameter: { events: string[] }) => string;
		const said = [['user.created', 'user.updated'], ['user.created', '*'], ['a', 'b', 'c'], []].map((events) =>
			evaluate({ events }),
		);
		expect(said).toEqual(['user.created, user.updated', 'All events', '3 events', '']);
	});
});

describe('A1: a builder finds the node', () => {
	test.each(['clerk', 'auth', 'sign up', 'user', 'webhook', 'contact', 'identity'])('by the word "%s"', (word) => {
		expect(codex.alias).toContain(word);
	});

	test('the search words belong to this node and version', () => {
		expect(codex.node).toBe(`n8n-nodes-clerk-sync.${description.name}`);
		expect([codex.nodeVersion]).toEqual([description.version].flat().map(String));
	});
});

describe('A2: the credential', () => {
	const credential = new ClerkWebhookApi();

	test('is required where the endpoint is set up manually, the secret key where it is not, and both are tested', () => {
		const endpointSetup = ['manual'];
		const testedBy = expect.any(String) as string;
		expect(description.credentials).toEqual([
			{ name: credential.name, required: true, testedBy, displayOptions: { show: { endpointSetup } } },
			{ name: new ClerkApi().name, required: true, testedBy, displayOptions: { hide: { endpointSetup } } },
		]);
		for (const { testedBy: test } of description.credentials ?? []) {
			expect(Object.keys(node.methods.credentialTest)).toContain(test);
		}
	});

	test('its secrets are hidden as one types; the signing secret is required, the previous one is not', () => {
		const fields = credential.properties.filter(({ type }) => type !== 'notice');
		expect(fields.map(({ name, required }) => [name, required === true])).toEqual([
			['signingSecret', true],
			['previousSigningSecret', false],
		]);
		for (const { typeOptions } of fields) expect(typeOptions).toMatchObject({ password: true });
	});
});

test('E4: what somebody could sign in with is declared sensitive in the raw delivery', () => {
	const paths = words`raw.data.body raw.data.message raw.data.url raw.data.invitation.url raw.data.private_metadata`;
	expect(description.sensitiveOutputFields).toEqual(expect.arrayContaining(paths));
});
