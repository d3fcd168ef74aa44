import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { HookContext, WebhookContext } from 'n8n-core';
import { NodeOperationError, Workflow } from 'n8n-workflow';
import type {
	IConnections,
	ICredentialDataDecryptedObject,
	INode,
	INodeTypes,
	IWebhookData,
	IWebhookResponseData,
	IWorkflowExecuteAdditionalData,
	WorkflowActivateMode,
} from 'n8n-workflow';

import { ClerkTrigger } from '../../nodes/Clerk/ClerkTrigger.node';
import { FakeResponse } from '../support/response';
import { fixture, fixtures, MESSAGE_ID, NOW, NOW_SECONDS, OTHER_SECRET, SECRET, signed } from '../support/deliveries';

const trigger = new ClerkTrigger();

// n8n keeps an encryption key in its user folder and makes one where there is none: not in the home of whoever runs this.
const userFolder = mkdtempSync(join(tmpdir(), 'clerk-trigger-'));
const userFolderBefore = process.env['N8N_USER_FOLDER'];

beforeAll(() => {
	process.env['N8N_USER_FOLDER'] = userFolder;
	jest.spyOn(Date, 'now').mockReturnValue(NOW);
});

afterAll(() => {
	jest.restoreAllMocks();
	if (userFolderBefore === undefined) delete process.env['N8N_USER_FOLDER'];
	else process.env['N8N_USER_FOLDER'] = userFolderBefore;
	rmSync(userFolder, { recursive: true });
});

type Credential = ICredentialDataDecryptedObject | 'unreadable' | 'not set';

interface Given {
	readonly parameters?: INode['parameters'];
	readonly credential?: Credential;
	/** The node that earlier deliveries came to as well; otherwise one that had none. */
	readonly nodeId?: string;
	/** The status with which n8n answers what it is given; "never" where it has not yet. */
	readonly n8nAnswers?: number | 'never';
	readonly mode?: 'webhook' | 'manual';
	readonly connection?: FakeResponse;
	/** More nodes, each of which follows the trigger and those before it. */
	readonly behind?: readonly Partial<INode>[];
}

const CREDENTIAL: Credential = { signingSecret: SECRET, previousSigningSecret: '' };

/** A workflow with our node in it, as n8n holds it, and what n8n knows beside it. */
function workflowWith({ parameters = {}, credential = CREDENTIAL, nodeId = randomUUID(), behind = [] }: Given) {
	const node: INode = {
		id: nodeId,
		name: 'From Clerk',
		type: 'n8n-nodes-clerk-sync.clerkTrigger',
		typeVersion: 1.1,
		position: [0, 0],
		parameters: { events: ['*'], ...parameters },
		...(credential === 'not set' ? {} : { credentials: { clerkWebhookApi: { id: '1', name: 'Clerk' } } }),
	};
	const nodeTypes: INodeTypes = {
		getByName: () => trigger,
		getByNameAndVersion: () => trigger,
		getKnownTypes: () => ({}),
	};
	const others = behind.map((other, index): INode => ({
		...node,
		parameters: {},
		id: randomUUID(),
		name: `Node ${index}`,
		...other,
	}));
	const nodes = [node, ...others];
	const next = ({ name }: INode) => ({ node: name, type: 'main' as const, index: 0 });
	const connections: IConnections = Object.fromEntries(
		others.map((other, index) => [nodes[index]?.name ?? '', { main: [[next(other)]] }]),
	);
	const workflow = new Workflow({ id: 'wf_1', name: 'Contacts', nodes, connections, active: true, nodeTypes });
	const additionalData = {
		webhookBaseUrl: 'https://n8n.example.com/webhook',
		credentialsHelper: {
			isCredentialUsableByNode: () => true,
			getDecrypted: async () => {
				if (typeof credential === 'string') throw new Error('Credentials could not be decrypted');
				return credential;
			},
		},
	} as unknown as IWorkflowExecuteAdditionalData;
	return { node, workflow, additionalData };
}

interface Sent {
	readonly headers: Record<string, string | string[] | undefined>;
	/** Null for bytes that n8n can't give. */
	readonly body: string | Buffer | null;
	/** Whether n8n leaves the bytes until it is asked for them, as it does for what isn't JSON. */
	readonly unread?: boolean;
}

interface Got {
	/** What n8n is told to do. */
	readonly response: IWebhookResponseData;
	/** What was answered. */
	readonly sent: FakeResponse['sent'];
	readonly connection: FakeResponse;
	/** n8n's log. */
	readonly log: unknown[][];
}

/** The node's `webhook()` in n8n's own context. */
async function deliver({ headers, body, unread = false }: Sent, given: Given = {}): Promise<Got> {
	const { node, workflow, additionalData } = workflowWith(given);
	const { connection = new FakeResponse() } = given;
	const bytes = body === null ? undefined : Buffer.from(body);
	const request = {
		headers,
		params: {},
		query: {},
		body: unread ? undefined : parsed(body),
		rawBody: unread ? undefined : bytes,
		async readRawBody() {
			if (bytes === undefined) throw new Error('unsupported');
			this.rawBody = bytes;
		},
	};
	const context = new WebhookContext(
		workflow,
		node,
		{ ...additionalData, httpRequest: request as unknown as Request, httpResponse: connection.asExpress },
		given.mode ?? 'webhook',
		{ webhookDescription: trigger.description.webhooks?.[0] } as IWebhookData,
		[],
		null,
	);
	const error = jest.spyOn(context.logger, 'error').mockImplementation(() => {});
	try {
		const response = await trigger.webhook.call(context);
		const { n8nAnswers = 200 } = given;
		if (response.workflowData && n8nAnswers !== 'never') connection.status(n8nAnswers).json({ message: 'n8n says' });
		return { response, sent: connection.sent, connection, log: error.mock.calls };
	} finally {
		error.mockRestore();
	}
}

function parsed(body: Sent['body']): unknown {
	try {
		return JSON.parse(String(body));
	} catch {
		return {};
	}
}

/** Exactly one answer is given, by n8n with an execution or by the node without one. */
function answerOf({ response, sent }: Got): { status: number; body: Record<string, unknown>; execution: boolean } {
	const execution = response.workflowData !== undefined;
	expect(Object.keys(response)).toEqual([execution ? 'workflowData' : 'noWebhookResponse']);
	expect(sent).toHaveLength(1);
	const [answer] = sent;
	return { status: answer?.status ?? 0, body: answer?.body as Record<string, unknown>, execution };
}

const USER = fixture('edge.user.created.unicode').text;
const WITHOUT_EMAIL = fixture('edge.user.created.phone_only').text;
const UNVERIFIED = fixture('edge.user.created.primary_unverified').text.replaceAll('"verified"', '"unverified"');
const DELETED = fixture('edge.user.deleted.minimal').text;
const UNKNOWN = fixture('edge.unknown_event').text;
const ROLE = fixture('openapi.role.created').text;

function signedDelivery(body: string, changed: Sent['headers'] = {}): Sent {
	return { headers: { ...signed(body), ...changed }, body };
}

describe('What a sender gets: verified, selected, usable: 200, accepted, one execution', () => {
	test.each([
		['a user', USER, {}, 'user.created', 'upsert'],
		['a deletion', DELETED, {}, 'user.deleted', 'delete'],
		['an event without a contact', ROLE, {}, 'role.created', null],
		['an unknown type among all events', UNKNOWN, {}, 'somethingNew.happened', null],
		[
			'an unknown type that was typed in',
			UNKNOWN,
			{ events: [], options: { additionalEvents: 'somethingNew.happened' } },
			'somethingNew.happened',
			null,
		],
		[
			'a contact without an email that is passed on',
			WITHOUT_EMAIL,
			{ options: { contactsWithoutEmail: 'pass' } },
			'user.created',
			'upsert',
		],
		[
			'a test user',
			WITHOUT_EMAIL,
			{ options: { contactsWithoutEmail: 'pass', leaveOutTestUsers: false } },
			'user.created',
			'upsert',
		],
		['the named instance', USER, { options: { onlyInstance: 'ins_2vREDACTED0000000000000000' } }, 'user.created', 'upsert'],
	])('%s', async (_, body, parameters, eventType, contactAction) => {
		const got = await deliver(signedDelivery(body), { parameters });
		const { status, body: answer, execution } = answerOf(got);
		expect(status).toBe(200);
		expect(answer).toEqual({
			outcome: 'accepted',
			code: 'accepted',
			message:
				contactAction === null
					? `The workflow received the event "${eventType}". No contact: this kind of event gives none, unless a mapping of the Clerk Trigger node asks for one.`
					: `The workflow received a contact to ${contactAction} and the event "${eventType}".`,
			eventType,
			eventId: MESSAGE_ID,
			contactAction,
			noContact: contactAction === null ? 'event_has_none' : null,
			events: [eventType],
			tenantAction: null,
		});
		expect(execution).toBe(true);
		expect(got.response.workflowData).toEqual([
			[
				{
					json: expect.objectContaining({
						event: expect.objectContaining({ type: eventType, id: MESSAGE_ID }) as unknown,
					}) as unknown,
				},
			],
		]);
		expect(got.log).toEqual([]);
	});

	test.each([
		['item', 1],
		['contacts', 1],
		['events', 1],
		['split', 3],
	])('output %s: %i lists of items', async (output, lists) => {
		const { response } = await deliver(signedDelivery(USER), { parameters: { output } });
		expect(response.workflowData).toHaveLength(lists);
	});

	test('A6: a delivery that was signed with the previous secret', async () => {
		const delivery = { headers: signed(USER, { secret: OTHER_SECRET }), body: USER };
		const got = await deliver(delivery, { credential: { signingSecret: SECRET, previousSigningSecret: OTHER_SECRET } });
		expect(answerOf(got)).toMatchObject({ status: 200, execution: true });
	});

	test('bytes that n8n has not read are asked for', async () => {
		expect(answerOf(await deliver({ ...signedDelivery(USER), unread: true }))).toMatchObject({ status: 200, execution: true });
	});
});

describe('What a sender gets: verified but not wanted: 200, ignored and why, no execution', () => {
	test.each([
		['not selected', USER, { events: ['user.updated'] }, 'event_not_selected'],
		['nothing selected', USER, { events: [] }, 'event_not_selected'],
		['an unknown type', UNKNOWN, { events: ['user.created'] }, 'event_not_selected'],
		['another instance', USER, { options: { onlyInstance: 'ins_other' } }, 'other_instance'],
		['no email', WITHOUT_EMAIL, {}, 'contact_without_email'],
		['a test user left out', WITHOUT_EMAIL, { options: { leaveOutTestUsers: true } }, 'test_user'],
		['nothing for the output', ROLE, { output: 'contacts' }, 'nothing_for_output'],
	])('%s', async (_, body, parameters, code) => {
		const got = await deliver(signedDelivery(body), { parameters });
		const { type } = JSON.parse(body) as { type: string };
		expect(answerOf(got)).toEqual({
			status: 200,
			body: { outcome: 'ignored', code, message: expect.any(String) as string, eventType: type, eventId: MESSAGE_ID },
			execution: false,
		});
		expect(got.log).toEqual([]);
	});
});

describe('What a sender gets: not proved to be from Clerk: 401, rejected, what to check, no execution', () => {
	const right = signed(USER);

	test.each<[string, Sent, Record<string, unknown>]>([
		['no header', { headers: {}, body: USER }, { code: 'header_missing', header: 'svix-id' }],
		[
			'no svix-timestamp',
			signedDelivery(USER, { 'svix-timestamp': undefined }),
			{ code: 'header_missing', header: 'svix-timestamp' },
		],
		[
			'a blank svix-signature',
			signedDelivery(USER, { 'svix-signature': ' ' }),
			{ code: 'header_missing', header: 'svix-signature' },
		],
		['a malformed timestamp', signedDelivery(USER, { 'svix-timestamp': `${NOW_SECONDS}abc` }), { code: 'timestamp_malformed' }],
		[
			'301 s old',
			{ headers: signed(USER, { at: NOW - 301_000 }), body: USER },
			{ code: 'timestamp_too_old', secondsOff: 301, toleranceSeconds: 300 },
		],
		[
			'301 s new',
			{ headers: signed(USER, { at: NOW + 301_000 }), body: USER },
			{ code: 'timestamp_too_new', secondsOff: 301, toleranceSeconds: 300 },
		],
		['another secret', { headers: signed(USER, { secret: OTHER_SECRET }), body: USER }, { code: 'signature_mismatch' }],
		['another body', { headers: right, body: `${USER} ` }, { code: 'signature_mismatch' }],
		['JSON that was written anew', { headers: right, body: JSON.stringify(JSON.parse(USER)) }, { code: 'signature_mismatch' }],
		['a body that cannot be read', { headers: right, body: null }, { code: 'body_unreadable' }],
	])('%s', async (_, sent, expected) => {
		const got = await deliver(sent);
		expect(answerOf(got)).toEqual({
			status: 401,
			body: { outcome: 'rejected', message: expect.any(String) as string, check: expect.any(Array) as string[], ...expected },
			execution: false,
		});
		// Anybody can send such a thing, so it must not fill the log either.
		expect(got.log).toEqual([]);
	});

	test('the tolerance is the one that was set', async () => {
		const sent = { headers: signed(USER, { at: NOW - 61_000 }), body: USER };
		expect(answerOf(await deliver(sent))).toMatchObject({ status: 200 });
		expect(answerOf(await deliver(sent, { parameters: { options: { toleranceSeconds: 60 } } }))).toMatchObject({
			status: 401,
			body: { code: 'timestamp_too_old', secondsOff: 61, toleranceSeconds: 60 },
		});
	});
});

describe('What a sender gets: signed, but no event: 400, rejected, no execution', () => {
	test.each([
		['no JSON', 'hello', 'body_not_json'],
		['nothing', '', 'body_not_json'],
		['null', 'null', 'body_not_object'],
		['a list', '[]', 'body_not_object'],
		['a text', '"user.created"', 'body_not_object'],
		['no type', '{"data":{}}', 'type_missing'],
		['a blank type', '{"type":" "}', 'type_missing'],
		['what a transformation made of it', '{"name":"clerk/user.created","data":{"id":"user_1"}}', 'type_missing'],
	])('%s', async (_, body, code) => {
		const got = await deliver(signedDelivery(body));
		expect(answerOf(got)).toEqual({
			status: 400,
			body: {
				outcome: 'rejected',
				code,
				message: expect.any(String) as string,
				check: [expect.stringMatching(/transformation.*switch/) as string],
			},
			execution: false,
		});
		expect(got.log).toEqual([]);
	});
});

describe("What a sender gets: no usable secret: 500, misconfigured, no execution, and a line in n8n's log", () => {
	const KEY = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS';

	test.each<[string, Credential, string, RegExp]>([
		['no credential is set', 'not set', 'credential_missing', /no Clerk Webhook API credential/],
		['the credential cannot be read', 'unreadable', 'credential_missing', /no Clerk Webhook API credential/],
		['the credential is empty', {}, 'secret_unusable', /Signing Secret: It is empty/],
		['the secret is empty', { signingSecret: '' }, 'secret_unusable', /Signing Secret: It is empty/],
		['the empty key', { signingSecret: 'whsec_' }, 'secret_unusable', /nothing after whsec_/],
		['a secret key', { signingSecret: `sk_live_${KEY}` }, 'secret_unusable', /secret key \(sk_/],
		['another prefix', { signingSecret: `whpk_${KEY}` }, 'secret_unusable', /asymmetric/],
		['half a secret', { signingSecret: `whsec_${KEY}` }, 'secret_unusable', /not complete base64/],
		[
			'both are malformed',
			{ signingSecret: `sk_live_${KEY}`, previousSigningSecret: `whsec_${KEY}` },
			'secret_unusable',
			/Previous Signing Secret/,
		],
	])('%s', async (_, credential, code, logged) => {
		for (const sent of [signedDelivery(USER), { headers: {}, body: 'x' }]) {
			const got = await deliver(sent, { credential });
			expect(answerOf(got)).toEqual({
				status: 500,
				body: { outcome: 'misconfigured', code, message: expect.any(String) as string, check: expect.any(Array) as string[] },
				execution: false,
			});
			expect(got.log).toEqual([[expect.stringMatching(logged), { workflowId: 'wf_1', code }]]);
			expect(got.log[0]?.[0]).toContain('"From Clerk"');
			expect(JSON.stringify([got.sent, got.log])).not.toContain(KEY);
		}
	});

	const failing = '={{ $("Nothing").item.json.x }}';

	test.each<[string, INode['parameters'], RegExp]>([
		['an option', { options: { source: failing } }, /gives an error/],
		['the endpoint setup', { endpointSetup: failing }, /"Endpoint Setup"/],
		['the output', { output: failing }, /"Output"/],
	])('an expression in %s that gives an error: 500, not a stored execution in error', async (_, parameters, logged) => {
		for (const sent of [signedDelivery(USER), { headers: {}, body: 'x' }]) {
			const got = await deliver(sent, { parameters });
			expect(answerOf(got)).toMatchObject({
				status: 500,
				body: { outcome: 'misconfigured', code: 'settings_unreadable', message: expect.stringContaining('settings') },
				execution: false,
			});
			expect(got.log).toEqual([[expect.stringMatching(logged), { workflowId: 'wf_1', code: 'settings_unreadable' }]]);
		}
	});

	test.each<[string, string, INode['parameters']]>([
		['a user whose address nobody proved', 'contact_without_email', { options: { onlyVerified: '={{ "true" }}' } }],
		['a test user', 'test_user', { options: { leaveOutTestUsers: '={{ "TRUE" }}', contactsWithoutEmail: 'pass' } }],
		[
			'whatever an expression that gives nothing would keep out',
			'settings_unreadable',
			{ options: { onlyVerified: '={{ $json.none }}' } },
		],
		['another instance', 'settings_unreadable', { options: { onlyInstance: '={{ $json.none }}' } }],
	])('A8, B11: text from an expression never lets in %s', async (_, code, parameters) => {
		const body = code === 'test_user' ? WITHOUT_EMAIL : UNVERIFIED;
		expect(answerOf(await deliver(signedDelivery(body), { parameters }))).toMatchObject({ body: { code }, execution: false });
	});

	test('the log says the same of a node once a minute, whatever anybody sends', async () => {
		const given = { credential: {}, nodeId: randomUUID() };
		const lines = async (changed: Given = {}) => (await deliver({ headers: {}, body: 'x' }, { ...given, ...changed })).log.length;
		expect(await lines()).toBe(1);
		for (let request = 0; request < 50; request++) expect(await lines()).toBe(0);
		expect(await lines({ nodeId: randomUUID() })).toBe(1);
		expect(await lines({ parameters: { output: 'none of them' } })).toBe(1);
		jest.mocked(Date.now).mockReturnValue(NOW + 60_000);
		expect(await lines()).toBe(1);
		jest.mocked(Date.now).mockReturnValue(NOW);
	});

	test('but with only the previous secret malformed, what does not match is rejected, and no stranger fills the log', async () => {
		const got = await deliver(
			{ headers: signed(USER, { secret: OTHER_SECRET }), body: USER },
			{ credential: { signingSecret: SECRET, previousSigningSecret: OTHER_SECRET.slice(0, -1) } },
		);
		expect(answerOf(got)).toMatchObject({ status: 401, body: { code: 'signature_mismatch' }, execution: false });
		expect(got.log).toEqual([]);
	});

	test('a delivery that only the malformed one of two secrets could have signed', async () => {
		const got = await deliver(
			{ headers: signed(USER, { secret: OTHER_SECRET }), body: USER },
			{ credential: { signingSecret: OTHER_SECRET.slice(0, -1), previousSigningSecret: SECRET } },
		);
		expect(answerOf(got)).toMatchObject({ status: 500, body: { code: 'secret_unusable' }, execution: false });
		expect(got.log).toHaveLength(1);
		expect(JSON.stringify([got.sent, got.log])).not.toContain(OTHER_SECRET.slice('whsec_'.length, -1));
	});
});

describe('E4: whatever comes, no answer and no line of the log repeats a secret or a payload', () => {
	const marked = USER.replaceAll('"Zoë"', '"CANARY"');
	const rejections: [string, Sent, Given][] = [
		['accepted', signedDelivery(marked), {}],
		['ignored', signedDelivery(marked), { parameters: { events: [] } }],
		['forged', { headers: { ...signed(marked), 'svix-signature': 'v1,CANARY' }, body: marked }, {}],
		['a timestamp', { headers: { ...signed(marked), 'svix-timestamp': 'CANARY' }, body: marked }, {}],
		['an id', { headers: { 'svix-id': 'CANARY' }, body: marked }, {}],
		['no JSON', signedDelivery('CANARY'), {}],
		['a list', signedDelivery('["CANARY"]'), {}],
		['a type that is none', signedDelivery('{"type":["CANARY"]}'), {}],
		['no secret', signedDelivery(marked), { credential: {} }],
	];

	test.each(rejections)('%s', async (_, sent, given) => {
		const got = await deliver(sent, given);
		const said = JSON.stringify([answerOf(got).body, got.log]);
		expect(said).not.toContain('CANARY');
		expect(said).not.toContain(SECRET.slice('whsec_'.length));
	});
});

describe('A7: every fixture gives one execution', () => {
	test.each(fixtures)('$name', async ({ text, envelope }) => {
		const got = await deliver(signedDelivery(text), {
			parameters: { options: { contactsWithoutEmail: 'pass', includeClient: true } },
		});
		expect(answerOf(got)).toMatchObject({
			status: 200,
			body: { outcome: 'accepted', eventType: envelope.type },
			execution: true,
		});
		expect(got.response.workflowData?.flat()).toHaveLength(1);
	});
});

describe('activation', () => {
	function activate(given: Given, mode: WorkflowActivateMode = 'activate', activated = trigger) {
		const { node, workflow, additionalData } = workflowWith(given);
		const context = new HookContext(workflow, node, additionalData, 'trigger', mode);
		return activated.webhookMethods.default.create.call(context);
	}

	const unusable: [string, Given, RegExp][] = [
		[
			'a mapping that is for no event',
			{ parameters: { mappings: { mapping: [{ events: [], contactAction: 'none' }] } } },
			/^A mapping has no events/,
		],
		['no event', { parameters: { events: [] } }, /^No event is chosen\..*at least one/],
		[
			'no event but a blank typed one',
			{ parameters: { events: [], options: { additionalEvents: ' , ' } } },
			/^No event is chosen/,
		],
		['no credential', { credential: 'not set' }, /credential cannot be used.*no Clerk Webhook API credential/],
		[
			'a credential that cannot be read',
			{ credential: 'unreadable' },
			/credential cannot be used.*no Clerk Webhook API credential/,
		],
		['an empty secret', { credential: { signingSecret: '' } }, /credential cannot be used.*Signing Secret: It is empty/],
		['a malformed secret', { credential: { signingSecret: 'sk_live_CANARY' } }, /credential cannot be used.*secret key/],
		[
			'a malformed previous secret',
			{ credential: { signingSecret: SECRET, previousSigningSecret: 'whsec_CANARY' } },
			/credential cannot be used.*Previous Signing Secret/,
		],
	];

	const respond = { type: 'n8n-nodes-base.respondToWebhook', typeVersion: 1.5, name: 'Answer' };
	const noOp = { type: 'n8n-nodes-base.noOp', typeVersion: 1 };

	test.each<[string, Given['behind']]>([
		['next', [respond]],
		['further on', [noOp, { ...respond, typeVersion: 1.1 }]],
	])('is refused with a Respond to Webhook node %s, which would fail at every delivery', async (_, behind) => {
		await expect(activate({ behind })).rejects.toThrow(
			/"Answer".*would end every execution in error.*Remove it, or deactivate it/,
		);
		expect(await activate({ behind }, 'init')).toBe(true);
	});

	test('is refused with it on n8n 1.85 too, whose n8n-workflow has no constant for its type', async () => {
		let older = trigger;
		jest.isolateModules(() => {
			jest.doMock('n8n-workflow', () => ({
				...jest.requireActual<object>('n8n-workflow'),
				RESPOND_TO_WEBHOOK_NODE_TYPE: undefined,
			}));
			const { ClerkTrigger: Older } = jest.requireActual<{ ClerkTrigger: typeof ClerkTrigger }>(
				'../../nodes/Clerk/ClerkTrigger.node',
			);
			older = new Older();
		});
		await expect(activate({ behind: [respond] }, 'activate', older)).rejects.toThrow(/"Answer".*would end every execution/);
	});

	test.each<[string, Given['behind']]>([
		['that is deactivated', [{ ...respond, disabled: true }]],
		['of version 1, which does nothing', [{ ...respond, typeVersion: 1 }]],
		['behind a Wait node, to which somebody else may come', [{ type: 'n8n-nodes-base.wait', typeVersion: 1.1 }, respond]],
	])('goes through with a Respond to Webhook node %s', async (_, behind) => {
		expect(await activate({ behind })).toBe(true);
	});

	const contactFields = (...field: object[]): Given => ({ parameters: { options: { customContactFields: { field } } } }) as Given;
	const eventProperties = (...field: object[]): Given =>
		({ parameters: { options: { customEventProperties: { field } } } }) as Given;
	const path = 'data.public_metadata.plan';

	test.each<[string, Given, RegExp]>([
		...['userId', 'user_id', 'email', 'lastSignInAt', 'last_sign_in_at', 'userGroup', 'user_group', 'subscribed', 'action'].map(
			(name): [string, Given, RegExp] => [
				`a contact field named ${name}`,
				contactFields({ name, path }),
				new RegExp(`^The name "${name}" under Custom Contact Fields belongs to a field that is always there`),
			],
		),
		...['id', 'name', 'occurredAt', 'occurred_at', 'clientIp', 'client_ip', 'session_id'].map((name): [string, Given, RegExp] => [
			`an event property named ${name}`,
			eventProperties({ name, path }),
			new RegExp(`^The name "${name}" under Custom Event Properties belongs to a field that is always there`),
		]),
		...['__proto__', 'raw', 'mailingLists', 'mailing_lists', 'mailingList_x', 'mailing_list_x', ' raw '].flatMap(
			(name): [string, Given, RegExp][] => [
				[
					`a contact field named "${name}"`,
					contactFields({ name, path }),
					new RegExp(`"${name.trim()}" under Custom Contact Fields`),
				],
				[
					`an event property named "${name}"`,
					eventProperties({ name, path }),
					new RegExp(`"${name.trim()}" under Custom Event Properties`),
				],
			],
		),
		['no name', contactFields({ name: ' ', path }), /^A field under Custom Contact Fields has no name\./],
		['an event property without a name', eventProperties({ path }), /^A field under Custom Event Properties has no name\./],
		[
			'a name given twice',
			contactFields({ name: 'plan', path }, { name: ' plan', path: 'data.id' }),
			/^There are two fields named "plan" under Custom Contact Fields\./,
		],
		['no path', contactFields({ name: 'plan', path: '' }), /^The path of "plan" under Custom Contact Fields cannot be read\./],
		[
			'a path that is none',
			eventProperties({ name: 'ok', path }, { name: 'plan', path: 'data..plan' }),
			/^The path of "plan" under Custom Event Properties cannot be read\..*data\.public_metadata\.plan/,
		],
	])('B10: is refused with %s, and says which field and where', async (_, given, message) => {
		await expect(activate(given)).rejects.toThrow(NodeOperationError);
		await expect(activate(given)).rejects.toThrow(message);
		expect(await activate(given, 'init')).toBe(true);
	});

	test.each<[string, Given]>([
		['custom fields', contactFields({ name: 'plan', path }, { name: 'Plan', path }, { name: 'user id', path })],
		['an event property that is a key of contacts alone', eventProperties({ name: 'phone', path })],
		['a contact field that is a key of events alone', contactFields({ name: 'sessionId', path })],
		[
			'the same name on contact and event',
			{
				parameters: {
					options: {
						customContactFields: { field: [{ name: 'plan', path }] },
						customEventProperties: { field: [{ name: 'plan', path }] },
					},
				},
			},
		],
		['a mapping', { parameters: { mappings: { mapping: [{ events: ['user.created'], userGroup: 'Customers' }] } } }],
	])('B10, C3: goes through with %s', async (_, given) => {
		expect(await activate(given)).toBe(true);
	});

	test.each(unusable)('A2: is refused with %s, and says what to change but no secret', async (_, given, message) => {
		for (const mode of ['activate', 'update', 'manual'] as const) {
			const error: unknown = await activate(given, mode).catch((thrown: unknown) => thrown);
			expect(error).toBeInstanceOf(NodeOperationError);
			expect((error as Error).message).toMatch(message);
			expect(JSON.stringify(error)).not.toMatch(/CANARY|MfKQ9r8G/);
		}
	});

	test.each(unusable)(
		'E3: is not refused with %s when n8n starts: a registered trigger answers what is wrong',
		async (_, given) => {
			for (const mode of ['init', 'leadershipChange'] as const) expect(await activate(given, mode)).toBe(true);
		},
	);

	test.each<[string, Given]>([
		['what stands at first', { parameters: { events: ['user.created', 'user.updated'] } }],
		['all events', {}],
		['one typed event', { parameters: { events: [], options: { additionalEvents: 'a.b' } } }],
		['two secrets', { credential: { signingSecret: SECRET, previousSigningSecret: OTHER_SECRET } }],
	])('goes through with %s', async (_, given) => {
		expect(await activate(given)).toBe(true);
	});

	test('create runs at every activation, and nothing is left to delete', async () => {
		const { node, workflow, additionalData } = workflowWith({});
		const context = new HookContext(workflow, node, additionalData, 'trigger', 'activate');
		expect(await trigger.webhookMethods.default.checkExists.call(context)).toBe(false);
		expect(await trigger.webhookMethods.default.delete.call(context)).toBe(true);
	});
});

describe('E1, E2: what repeats an earlier delivery starts no second execution', () => {
	const NEWER = fixture('edge.order.1_user.updated_newer_arrives_first').text;
	const OLDER = fixture('edge.order.2_user.updated_older_arrives_second').text;
	const SIGN_UP = fixture('edge.order.3_user.created_arrives_last').text;

	/** Deliveries to one node, each with an id of its own unless it is given one. */
	function node() {
		const nodeId = randomUUID();
		let count = 0;
		return async (body: string, given: Given = {}, id = `msg_${++count}`) =>
			await deliver({ headers: signed(body, { id }), body }, { nodeId, ...given });
	}

	test('a duplicate: 200, and since when', async () => {
		const send = node();
		await send(USER, {}, 'msg_same');
		expect(answerOf(await send(USER, {}, 'msg_same'))).toEqual({
			status: 200,
			body: {
				outcome: 'duplicate',
				code: 'duplicate',
				message: expect.stringContaining('Skip Duplicate Deliveries') as string,
				eventType: 'user.created',
				eventId: 'msg_same',
				acceptedAt: new Date(NOW_SECONDS * 1000).toISOString(),
			},
			execution: false,
		});
	});

	test('a second one while the first is not answered: 409, and it may come again when that failed', async () => {
		const send = node();
		const first = await send(USER, { n8nAnswers: 'never' }, 'msg_same');
		const second = await send(USER, {}, 'msg_same');
		expect(answerOf(second)).toMatchObject({ status: 409, body: { code: 'same_in_flight' }, execution: false });
		first.connection.status(500).json({ message: 'Error in workflow, with CANARY' });
		expect(answerOf(first)).toMatchObject({ status: 500, body: { outcome: 'failed', code: 'not_stored' }, execution: true });
		expect(JSON.stringify(first.sent)).not.toContain('CANARY');
		expect(answerOf(await send(USER, {}, 'msg_same'))).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
	});

	test.each([
		[200, 'duplicate', 200],
		[500, 'accepted', 200],
	])('one whose sender hung up, and which n8n then answered with %i: %s', async (n8nAnswers, outcome, status) => {
		const send = node();
		const first = await send(USER, { n8nAnswers: 'never' }, 'msg_same');
		first.connection.hangUp();
		expect(answerOf(await send(USER, {}, 'msg_same'))).toMatchObject({ status: 409 });
		first.connection.status(n8nAnswers).json({});
		expect(answerOf(await send(USER, {}, 'msg_same'))).toMatchObject({ status, body: { outcome } });
	});

	test('one whose sender had hung up before the node saw it is in flight until n8n answers', async () => {
		const send = node();
		const connection = new FakeResponse();
		connection.hangUp();
		await send(USER, { n8nAnswers: 'never', connection }, 'msg_same');
		expect(answerOf(await send(USER, {}, 'msg_same'))).toMatchObject({ status: 409 });
		connection.status(200).json({});
		expect(answerOf(await send(USER, {}, 'msg_same'))).toMatchObject({ status: 200, body: { outcome: 'duplicate' } });
	});

	test.each([
		[204, 'duplicate'],
		[503, 'accepted'],
	])('one that something else than the node answered with %i: %s', async (n8nAnswers, outcome) => {
		const send = node();
		const first = await send(USER, { n8nAnswers: 'never' }, 'msg_same');
		first.connection.status(n8nAnswers).end();
		expect(answerOf(await send(USER, {}, 'msg_same'))).toMatchObject({ status: 200, body: { outcome } });
	});

	test('an older state is stale; a sign-up that arrives late comes in, and its answer says what was left out', async () => {
		const send = node();
		expect(answerOf(await send(NEWER)).body).toMatchObject({ outcome: 'accepted' });
		expect(answerOf(await send(OLDER))).toMatchObject({
			status: 200,
			body: { outcome: 'stale', code: 'stale', message: expect.stringContaining('Skip Out-of-Date Updates') as string },
			execution: false,
		});
		expect(answerOf(await send(SIGN_UP))).toMatchObject({
			status: 200,
			body: { outcome: 'accepted', outOfDate: ['contact_fields'], contactAction: 'upsert', events: ['user.created'] },
			execution: true,
		});
		expect(answerOf(await send(NEWER)).body).toMatchObject({ outcome: 'accepted' });
	});

	test('after a deletion nothing brings the user back, whatever its time is', async () => {
		const send = node();
		const user = JSON.parse(NEWER) as { data: { id: string; updated_at: number } };
		await send(JSON.stringify({ type: 'user.deleted', data: { id: user.data.id } }));
		for (const updatedAt of [user.data.updated_at, NOW + 1_000_000]) {
			user.data.updated_at = updatedAt;
			expect(answerOf(await send(JSON.stringify(user))).body).toMatchObject({ outcome: 'stale' });
		}
	});

	test('what is ignored or rejected is not remembered: it may come in when the settings let it', async () => {
		const send = node();
		expect(answerOf(await send(USER, { credential: {} }, 'msg_same')).body).toMatchObject({ outcome: 'misconfigured' });
		jest.mocked(Date.now).mockReturnValue(NOW + 1000);
		expect(answerOf(await send(USER, { parameters: { events: [] } }, 'msg_same')).body).toMatchObject({ outcome: 'ignored' });
		expect(answerOf(await send(USER, {}, 'msg_same')).body).toMatchObject({ outcome: 'accepted' });
		jest.mocked(Date.now).mockReturnValue(NOW);
	});

	test.each([
		['Skip Duplicate Deliveries', { skipDuplicates: false, skipOutOfDate: true }, USER, USER],
		['Skip Out-of-Date Updates', { skipDuplicates: true, skipOutOfDate: false }, NEWER, OLDER],
	])('unless %s is off', async (_, options, first, second) => {
		const send = node();
		const given = { parameters: { options } };
		const ids = first === second ? ['msg_same', 'msg_same'] : ['msg_1', 'msg_2'];
		expect(answerOf(await send(first, given, ids[0])).body).toMatchObject({ outcome: 'accepted' });
		expect(answerOf(await send(second, given, ids[1])).body).toMatchObject({ outcome: 'accepted' });
	});

	test('nor on the test URL, where the same delivery can be tried again and again', async () => {
		const send = node();
		for (let attempt = 0; attempt < 2; attempt++) {
			expect(answerOf(await send(NEWER, { mode: 'manual' }, 'msg_same')).body).toMatchObject({ outcome: 'accepted' });
			expect(answerOf(await send(OLDER, { mode: 'manual' }, 'msg_old')).body).toMatchObject({ outcome: 'accepted' });
		}
	});
});

describe('E3: when the workflow has succeeded', () => {
	const parameters = { options: { acknowledge: 'lastNode' } };

	test.each([
		[200, 'accepted', 'accepted'],
		[500, 'failed', 'workflow_failed'],
	])('n8n answers %i: %s, in our words and with nothing of what the workflow put out', async (n8nAnswers, outcome, code) => {
		const got = await deliver(signedDelivery(USER), { parameters, n8nAnswers });
		expect(answerOf(got)).toMatchObject({
			status: n8nAnswers,
			body: { outcome, code, eventType: 'user.created', eventId: MESSAGE_ID },
			execution: true,
		});
		expect(JSON.stringify(got.sent)).not.toContain('n8n says');
	});
});
