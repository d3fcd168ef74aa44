import { NodeOperationError } from 'n8n-workflow';
import type { INodeParameters } from 'n8n-workflow';

import type { ClerkTrigger } from '../../../nodes/Clerk/ClerkTrigger.node';
import { OTHER_SECRET, SECRET } from '../../support/deliveries';
import { TriggerNode } from '../../support/triggerNode';
import type { Placed } from '../../support/triggerNode';
import { words } from '../../support/words';

const options = (set: INodeParameters, more: INodeParameters = {}): Placed => ({ parameters: { options: set, ...more } });
const mapped = (...mapping: INodeParameters[]): Placed => ({ parameters: { mappings: { mapping } } });
const contactFields = (...field: INodeParameters[]): Placed => options({ customContactFields: { field } });
const eventProperties = (...field: INodeParameters[]): Placed => options({ customEventProperties: { field } });
const path = 'data.public_metadata.plan';
const two = (signingSecret: string, previousSigningSecret = ''): Placed => ({
	credential: { signingSecret, previousSigningSecret },
});

const unusable: [string, Placed, RegExp][] = [
	[
		'a setting that cannot be read',
		{ parameters: { output: 'x' } },
		/^The settings of this node cannot be used\. .*"Output".* Check its options\.$/,
	],
	['a mapping that is for no event', mapped({ events: [], contactAction: 'none' }), /^A mapping has no events/],
	['no event', { parameters: { events: [] } }, /^No events are selected\..*at least one/],
	['no event but a blank typed one', options({ additionalEvents: ' , ' }, { events: [] }), /^No events are selected/],
	['no credential', { credential: 'not set' }, /credential cannot be used.*no Clerk Webhook API credential/],
	[
		'a credential that cannot be read',
		{ credential: 'unreadable' },
		/credential cannot be used.*no Clerk Webhook API credential/,
	],
	['an empty secret', two(''), /credential cannot be used.*Signing Secret: It is empty/],
	['a malformed secret', two('sk_live_CANARY'), /credential cannot be used.*secret key/],
	[
		'a secret that was cut',
		two(SECRET.slice(0, 34)),
		/credential cannot be used.*Signing Secret: .*only part of the secret was copied/,
	],
	['a malformed previous secret', two(SECRET, 'whsec_CANARY'), /credential cannot be used.*Previous Signing Secret/],
];

describe('A2: what can never work is refused, and the error says what to change but no secret', () => {
	test.each(unusable)('%s', async (_, placed, message) => {
		for (const mode of ['activate', 'update', 'manual'] as const) {
			const error: unknown = await new TriggerNode(placed).activate(mode).catch((thrown: unknown) => thrown);
			expect(error).toBeInstanceOf(NodeOperationError);
			expect((error as Error).message).toMatch(message);
			expect(JSON.stringify(error)).not.toMatch(/CANARY|MfKQ9r8G/);
		}
	});

	test.each(unusable)('E3: not %s when n8n starts: a registered trigger answers what is wrong', async (_, placed) => {
		for (const mode of ['init', 'leadershipChange'] as const) await new TriggerNode(placed).activate(mode);
	});
});

describe('what works is activated', () => {
	const customFields = { field: [{ name: 'plan', path }] };

	test.each<[string, Placed]>([
		['what stands at first', { parameters: { events: ['user.created', 'user.updated'] } }],
		['all events', {}],
		['one typed event', options({ additionalEvents: 'a.b' }, { events: [] })],
		['two secrets', two(SECRET, OTHER_SECRET)],
		['custom fields', contactFields({ name: 'plan', path }, { name: 'Plan', path }, { name: 'user id', path })],
		['an event property that is a key of contacts alone', eventProperties({ name: 'phone', path })],
		['a contact field that is a key of events alone', contactFields({ name: 'sessionId', path })],
		['the same name on both', options({ customContactFields: customFields, customEventProperties: customFields })],
		['a mapping', mapped({ events: ['user.created'], userGroup: 'Customers' })],
	])('%s', async (_, placed) => {
		await expect(new TriggerNode(placed).activate()).resolves.toBeUndefined();
	});

	test('and nothing is left to do when it is deactivated', async () => {
		await expect(new TriggerNode().deactivate()).resolves.toBeUndefined();
	});
});

describe('B10: custom fields that cannot be are refused, and the error says which and where', () => {
	const always = 'is already taken by a built-in field';
	const reserved = [...words`__proto__ raw mailingLists mailing_lists mailingList_x mailing_list_x`, ' raw '];

	test.each<[Placed, string]>([
		...words`userId user_id email lastSignInAt last_sign_in_at userGroup user_group subscribed action`.map(
			(name): [Placed, string] => [contactFields({ name, path }), `The name "${name}" under Custom Contact Fields ${always}`],
		),
		...words`id name occurredAt occurred_at clientIp client_ip session_id`.map((name): [Placed, string] => [
			eventProperties({ name, path }),
			`The name "${name}" under Custom Event Properties ${always}`,
		]),
		...reserved.flatMap((name): [Placed, string][] => [
			[contactFields({ name, path }), `The name "${name.trim()}" under Custom Contact Fields is reserved.`],
			[eventProperties({ name, path }), `The name "${name.trim()}" under Custom Event Properties is reserved.`],
		]),
		[contactFields({ name: ' ', path }), 'A field under Custom Contact Fields has no name.'],
		[eventProperties({ path }), 'A field under Custom Event Properties has no name.'],
		[
			contactFields({ name: 'plan', path }, { name: ' plan', path }),
			'There are two fields named "plan" under Custom Contact Fields.',
		],
		[contactFields({ name: 'plan', path: '' }), 'The path of "plan" under Custom Contact Fields cannot be read.'],
		[
			eventProperties({ name: 'ok', path }, { name: 'plan', path: 'data..plan' }),
			'The path of "plan" under Custom Event Properties cannot be read. Write it like data.public_metadata.plan',
		],
		[
			contactFields({ name: 'plan', path: 'public_metadata.plan' }),
			'The path of "plan" under Custom Contact Fields leads nowhere: no delivery has "public_metadata" at its top level. Write it as data.public_metadata.plan.',
		],
	])('%j', async (placed, message) => {
		const error: unknown = await new TriggerNode(placed).activate().catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(NodeOperationError);
		expect((error as Error).message.startsWith(message)).toBe(true);
		await new TriggerNode(placed).activate('init');
	});
});

describe('a Respond to Webhook node, which would fail at every delivery', () => {
	const respond = { type: 'n8n-nodes-base.respondToWebhook', typeVersion: 1.5, name: 'Answer' };
	const noOp = { type: 'n8n-nodes-base.noOp', typeVersion: 1 };
	const refusal = /"Answer".*would make every execution fail.*Remove or deactivate that node/;

	test.each<[string, Placed['behind']]>([
		['next', [respond]],
		['further on', [noOp, { ...respond, typeVersion: 1.1 }]],
	])('is refused %s', async (_, behind) => {
		await expect(new TriggerNode({ behind }).activate()).rejects.toThrow(refusal);
		await new TriggerNode({ behind }).activate('init');
	});

	test('also on n8n 1.85, whose n8n-workflow has no constant for its type', async () => {
		let node: ClerkTrigger | undefined;
		jest.isolateModules(() => {
			const older = { ...jest.requireActual<object>('n8n-workflow'), RESPOND_TO_WEBHOOK_NODE_TYPE: undefined };
			jest.doMock('n8n-workflow', () => older);
			const { ClerkTrigger: Older } = jest.requireActual<{ ClerkTrigger: typeof ClerkTrigger }>(
				'../../../nodes/Clerk/ClerkTrigger.node',
			);
			node = new Older();
		});
		await expect(new TriggerNode({ behind: [respond] }, node).activate()).rejects.toThrow(refusal);
	});

	test.each<[string, Placed['behind']]>([
		['that is deactivated', [{ ...respond, disabled: true }]],
		['of version 1, which does nothing', [{ ...respond, typeVersion: 1 }]],
		['behind a Wait node, to which somebody else may come', [{ type: 'n8n-nodes-base.wait', typeVersion: 1.1 }, respond]],
	])('goes through %s', async (_, behind) => {
		await expect(new TriggerNode({ behind }).activate()).resolves.toBeUndefined();
	});
});
