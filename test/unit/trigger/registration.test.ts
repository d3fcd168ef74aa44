import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HookContext } from 'n8n-core';
import { deepCopy, NodeOperationError, Workflow } from 'n8n-workflow';
import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestOptions,
	INode,
	INodeParameters,
	INodeTypes,
	IWebhookData,
	IWorkflowExecuteAdditionalData,
	WorkflowActivateMode,
} from 'n8n-workflow';

import { ClerkTrigger } from '../../../nodes/Clerk/ClerkTrigger.node';
import { readSigningKeys } from '../../../nodes/Clerk/trigger/settings';
import { BROKEN_LINK_FORMS, ClerkCloud, faults, LINK_FORMS } from '../../support/clerk/cloud';
import type { CloudOperation, CloudOptions, Endpoint, Fault, LinkForm } from '../../support/clerk/cloud';

jest.mock('n8n-workflow', () => ({ ...jest.requireActual<object>('n8n-workflow'), sleep: async () => {} }));

const trigger = new ClerkTrigger();

// n8n keeps an encryption key in its user folder and makes one where there is none: not in the home of whoever runs this.
const userFolder = mkdtempSync(join(tmpdir(), 'clerk-registration-'));
const userFolderBefore = process.env['N8N_USER_FOLDER'];
process.env['N8N_USER_FOLDER'] = userFolder;

let cloud: ClerkCloud;

async function startCloud(options: CloudOptions = {}): Promise<void> {
	await cloud?.stop();
	cloud = await ClerkCloud.start(options);
}

beforeEach(async () => await startCloud());

afterEach(() => {
	expect(cloud.refused).toEqual([]);
	expect(cloud.countOf('DeleteSvixApp')).toBe(0);
});

afterAll(async () => {
	await cloud.stop();
	if (userFolderBefore === undefined) delete process.env['N8N_USER_FOLDER'];
	else process.env['N8N_USER_FOLDER'] = userFolderBefore;
	rmSync(userFolder, { recursive: true });
});

interface Given {
	events?: string[];
	options?: INodeParameters;
	base?: string;
	workflowId?: string;
	nodeId?: string;
	/** Another n8n. */
	instanceId?: string;
	/** In place of "automatic". */
	endpointSetup?: string;
	credential?: ICredentialDataDecryptedObject | null;
	/** Set up manually, with this signing secret in its credential. */
	signingSecret?: string;
	staticData?: IDataObject;
	webhookId?: string;
}

/** A node in a workflow as n8n holds it, with what n8n keeps for it between two hooks. */
class Host {
	readonly logged: string[] = [];
	readonly workflow: Workflow;
	private readonly node: INode;

	constructor(private readonly given: Given = {}) {
		const { events = ['user.updated', 'user.created'], options = {}, workflowId = 'wf_1', nodeId = 'node_1' } = given;
		this.node = {
			id: nodeId,
			name: 'From Clerk',
			type: 'n8n-nodes-clerk-sync.clerkTrigger',
			typeVersion: 1.1,
			position: [0, 0],
			webhookId: given.webhookId ?? 'a-b-c',
			parameters: {
				endpointSetup: given.endpointSetup ?? (given.signingSecret === undefined ? 'automatic' : 'manual'),
				events,
				options,
			},
			credentials: { clerkApi: { id: '1', name: 'Clerk' }, clerkWebhookApi: { id: '2', name: 'Clerk' } },
		};
		const nodeTypes: INodeTypes = {
			getByName: () => trigger,
			getByNameAndVersion: () => trigger,
			getKnownTypes: () => ({}),
		};
		const staticData = given.staticData ?? {};
		this.workflow = new Workflow({
			id: workflowId,
			name: 'Contacts',
			nodes: [this.node],
			connections: {},
			active: true,
			nodeTypes,
			staticData,
		});
	}

	get instanceId(): string {
		const id = this.context('activate', false).getInstanceId();
		jest.restoreAllMocks();
		return id;
	}

	/** What n8n keeps of the node, and shows in exports. */
	get kept(): IDataObject {
		return this.workflow.getStaticData('node', this.node);
	}

	private get credential(): ICredentialDataDecryptedObject {
		const { credential, signingSecret } = this.given;
		if (signingSecret !== undefined) return { signingSecret, previousSigningSecret: '' };
		return credential ?? { secretKey: cloud.secretKey, apiUrl: cloud.apiUrl, portalUrl: cloud.portalUrl };
	}

	private context(mode: WorkflowActivateMode, isTest: boolean): HookContext {
		const base = this.given.base ?? 'https://n8n.example.com';
		const additionalData = {
			webhookBaseUrl: `${base}/webhook`,
			webhookTestBaseUrl: `${base}/webhook-test`,
			credentialsHelper: {
				isCredentialUsableByNode: () => true,
				getDecrypted: async () => {
					if (this.given.credential === null) throw new Error('Credentials could not be decrypted');
					return this.credential;
				},
				getParentTypes: () => [],
				preAuthentication: async () => undefined,
				authenticate: async (credential: ICredentialDataDecryptedObject, _: string, options: IHttpRequestOptions) => ({
					...options,
					headers: { ...options.headers, Authorization: `Bearer ${credential['secretKey'] as string}` },
				}),
			},
		} as unknown as IWorkflowExecuteAdditionalData;
		// As n8n has it: what it listens for in the editor is not active.
		this.workflow.active = !isTest;
		const webhookData = { webhookDescription: trigger.description.webhooks?.[0], isTest } as unknown as IWebhookData;
		const context = new HookContext(
			this.workflow,
			this.node,
			additionalData,
			mode === 'manual' ? 'manual' : 'trigger',
			mode,
			webhookData,
		);
		if (this.given.instanceId !== undefined) jest.spyOn(context, 'getInstanceId').mockReturnValue(this.given.instanceId);
		jest.spyOn(context.logger, 'warn').mockImplementation((line) => void this.logged.push(line));
		return context;
	}

	/** As n8n does when it registers the webhook. */
	async activate(mode: WorkflowActivateMode = 'activate'): Promise<void> {
		const context = this.context(mode, mode === 'manual');
		try {
			const hooks = trigger.webhookMethods.default;
			if (!(await hooks.checkExists.call(context))) await hooks.create.call(context);
		} finally {
			jest.restoreAllMocks();
		}
	}

	async deactivate(isTest = false): Promise<void> {
		try {
			await trigger.webhookMethods.default.delete.call(this.context('update', isTest));
		} finally {
			jest.restoreAllMocks();
		}
	}

	/** What the node checks signatures with, by the credential that it has now. */
	async keys() {
		return await readSigningKeys(this.context('activate', false));
	}
}

const OPEN = ['GenerateSvixAuthURL', 'v1.authentication.exchange-one-time-token'];
const CLOSE = 'v1.authentication.logout';

describe('D1: the endpoint is made on activation', () => {
	test('with URL, events and a description; its secret opens for the node; six calls', async () => {
		const host = new Host();
		await host.activate();
		expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.get', 'v1.endpoint.create', 'v1.endpoint.get-secret', CLOSE]);
		expect(cloud.ignored).toEqual([]);
		const [endpoint] = cloud.endpoints;
		expect(cloud.endpoints).toEqual([
			expect.objectContaining({
				url: 'https://n8n.example.com/webhook/a-b-c/clerk',
				uid: expect.stringMatching(/^n8n-clerk-sync\.[0-9a-f]{40}$/) as string,
				eventTypes: ['user.created', 'user.updated'],
				disabled: false,
				description: expect.stringContaining('workflow "Contacts", node "From Clerk"') as string,
			}),
		]);
		expect(await host.keys()).toEqual({
			usable: [Buffer.from(endpoint?.secret.slice('whsec_'.length) ?? '', 'base64')],
			problem: null,
			currentUsable: true,
			environment: 'development',
		});
		expect(host.logged).toEqual([]);
	});

	test('also where the instance has no webhooks yet', async () => {
		await startCloud({ app: false });
		await new Host().activate();
		expect(cloud.operations.slice(0, 3)).toEqual(['GenerateSvixAuthURL', 'CreateSvixApp', OPEN[1]]);
		expect(cloud.endpoints).toHaveLength(1);
	});

	test('and where somebody switched them on in between', async () => {
		cloud.fail('GenerateSvixAuthURL', faults.refusal(400, { code: 'svix_app_missing' }));
		await new Host().activate();
		expect(cloud.operations.slice(0, 4)).toEqual(['GenerateSvixAuthURL', 'CreateSvixApp', 'GenerateSvixAuthURL', OPEN[1]]);
		expect(cloud.endpoints).toHaveLength(1);
	});

	test('"All Events" means no filter', async () => {
		await new Host({ events: ['*', 'user.created'] }).activate();
		expect(cloud.endpoints[0]?.eventTypes).toBeNull();
	});

	test('a production key makes production', async () => {
		await startCloud({ environment: 'production' });
		const host = new Host();
		await host.activate();
		expect(await host.keys()).toMatchObject({ environment: 'production' });
	});

	test.each(Object.keys(LINK_FORMS) as LinkForm[])('whatever the link looks like: %s', async (form) => {
		await startCloud({ link: { form } });
		await new Host().activate();
		expect(cloud.endpoints).toHaveLength(1);
	});

	test('also through an older portal, which says filterTypes', async () => {
		await startCloud({ portal: { dialect: 'filterTypes' } });
		await new Host().activate();
		const [endpoint] = cloud.endpoints;
		cloud.resetCalls();
		await new Host({ staticData: {} }).activate();
		expect(cloud.operations).not.toContain('v1.endpoint.patch');
		expect(cloud.endpoints).toEqual([endpoint]);
	});
});

describe('D2: it is kept right', () => {
	test('at a start of n8n four calls see that it is, and nothing changes', async () => {
		const host = new Host();
		await host.activate();
		const before = structuredClone(cloud.endpoints);
		cloud.resetCalls();
		await new Host({ staticData: host.workflow.staticData }).activate('init');
		expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.get', CLOSE]);
		expect(cloud.endpoints).toEqual(before);
	});

	test('other events, another URL and another name reach it; what a person set beside them stays', async () => {
		const host = new Host();
		await host.activate();
		const [endpoint] = cloud.endpoints;
		if (!endpoint) throw new Error('There is no endpoint');
		endpoint.metadata = { team: 'growth' };
		for (const [given, eventTypes] of [
			[{ events: ['user.deleted'], base: 'https://other.example.com' }, ['user.deleted']],
			[
				{ events: ['user.deleted', 'user.locked'], base: 'https://other.example.com' },
				['user.created', 'user.deleted', 'user.updated'],
			],
			[{ events: ['*'], base: 'https://other.example.com' }, null],
		] as const) {
			cloud.resetCalls();
			await new Host({ ...given, events: [...given.events], staticData: host.workflow.staticData }).activate();
			expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.get', 'v1.endpoint.patch', 'v1.endpoint.get-secret', CLOSE]);
			expect(cloud.endpoints).toEqual([
				expect.objectContaining({
					id: endpoint.id,
					url: 'https://other.example.com/webhook/a-b-c/clerk',
					eventTypes,
					metadata: expect.objectContaining({ team: 'growth' }) as unknown,
				}),
			]);
		}
	});

	test.each<WorkflowActivateMode>(['activate', 'init'])(
		'switched off by Clerk, it is switched on again, and n8n says so (%s)',
		async (mode) => {
			const host = new Host();
			await host.activate();
			const [endpoint] = cloud.endpoints;
			if (!endpoint) throw new Error('There is no endpoint');
			cloud.switchOff(endpoint);
			const again = new Host({ staticData: host.workflow.staticData });
			await again.activate(mode);
			expect(cloud.endpoints[0]?.disabled).toBe(false);
			expect(again.logged).toEqual([expect.stringMatching(/"From Clerk" was switched off in Clerk.*switched on again/)]);
		},
	);

	test.each<[string, Given]>([
		['n8n moves to another path', { base: 'https://n8n.example.com/n8n' }],
		['n8n moves to another host', { base: 'https://other.example.com' }],
		['the node gets another webhook ID', { webhookId: 'd-e-f' }],
	])('its endpoint stays the only one when %s, and unpublishing removes it', async (_, moved) => {
		await new Host().activate();
		const [endpoint] = cloud.endpoints;
		const host = new Host(moved);
		await host.activate('init');
		expect(cloud.endpoints).toEqual([endpoint]);
		expect(endpoint?.url).toMatch(`${moved.base ?? 'https://n8n.example.com'}/webhook/${moved.webhookId ?? 'a-b-c'}/clerk`);
		await new Host(moved).deactivate();
		expect(cloud.endpoints).toEqual([]);
	});

	describe('one that an earlier version of this node made', () => {
		/** As it did: named by the path of its URL, and with nothing but its id in static data. */
		async function made(): Promise<{ endpoint: Endpoint; staticData: IDataObject }> {
			const host = new Host();
			await host.activate();
			const [endpoint] = cloud.endpoints;
			if (!endpoint) throw new Error('There is no endpoint');
			const names = [host.instanceId, 'wf_1', 'node_1', '/webhook/a-b-c/clerk'];
			endpoint.uid = `n8n-clerk-sync.${createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 40)}`;
			delete host.kept['endpointUid'];
			return { endpoint, staticData: host.workflow.staticData };
		}

		test('is adopted, also under a new path, and has the new name from then on', async () => {
			const { endpoint, staticData } = await made();
			const [id, former] = [endpoint.id, endpoint.uid];
			const moved = new Host({ base: 'https://n8n.example.com/n8n', staticData });
			await moved.activate();
			expect(cloud.endpoints).toEqual([expect.objectContaining({ id, url: 'https://n8n.example.com/n8n/webhook/a-b-c/clerk' })]);
			expect(endpoint.uid).not.toBe(former);
			await moved.deactivate();
			expect(cloud.endpoints).toEqual([]);
		});

		test('is removed when the workflow is unpublished', async () => {
			const { staticData } = await made();
			await new Host({ staticData }).deactivate();
			expect(cloud.endpoints).toEqual([]);
		});

		test.each([
			['another workflow', { workflowId: 'wf_2' }],
			['another n8n', { instanceId: 'another' }],
		])('is left alone by a copy in %s', async (_, copy) => {
			const { endpoint, staticData } = await made();
			const before = structuredClone(endpoint);
			const host = new Host({ ...copy, staticData: deepCopy(staticData) });
			await host.deactivate();
			await new Host({ ...copy, staticData: deepCopy(staticData) }).activate();
			expect(cloud.endpoints).toEqual([
				before,
				expect.objectContaining({ uid: expect.not.stringMatching(String(before.uid)) as string }),
			]);
		});
	});

	describe('a copy of a workflow, whose static data names the endpoint of the first', () => {
		async function copied(given: Given): Promise<{ original: Endpoint; copy: Host }> {
			const host = new Host();
			await host.activate();
			const [original] = cloud.endpoints;
			if (!original) throw new Error('There is no endpoint');
			const staticData = deepCopy(host.workflow.staticData);
			return { original: structuredClone(original), copy: new Host({ ...given, staticData }) };
		}
		const places = [
			['another workflow', { workflowId: 'wf_2' }],
			['another n8n', { instanceId: 'another' }],
		] as const;

		test.each(places)('set to manual in %s, it leaves that endpoint alone and says nothing', async (_, place) => {
			const { original, copy } = await copied({ ...place, signingSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' });
			await copy.activate();
			await copy.deactivate();
			expect(cloud.endpoints).toEqual([original]);
			expect([copy.kept, copy.logged]).toEqual([{}, []]);
		});

		test.each(places)('not published in %s, since Clerk does not answer, it leaves it alone too', async (_, place) => {
			const { original, copy } = await copied(place);
			cloud.fail('v1.endpoint.get-secret', faults.serverError());
			await expect(copy.activate()).rejects.toThrow('fetch the signing secret');
			expect(cloud.endpoints).toHaveLength(2);
			await copy.deactivate();
			expect(cloud.endpoints).toEqual([original]);
		});

		test.each(places)('published in %s, it has one of its own', async (_, place) => {
			const { original, copy } = await copied(place);
			await copy.activate();
			expect(cloud.endpoints).toEqual([original, expect.objectContaining({ url: original.url })]);
			await copy.deactivate();
			expect(cloud.endpoints).toEqual([original]);
		});
	});

	test('the endpoint says what the trigger wants of it, for whoever looks after it', async () => {
		await new Host().activate();
		expect(cloud.endpoints[0]?.metadata).toEqual({
			n8nInstance: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
			n8nUrl: 'https://n8n.example.com/webhook/a-b-c/clerk',
			n8nEvents: 'user.created user.updated',
		});
	});

	test('a leftover of ours is adopted and never doubled, also by a node that remembers nothing', async () => {
		await new Host().activate();
		const [endpoint] = cloud.endpoints;
		const host = new Host();
		await host.activate();
		expect(cloud.endpoints).toEqual([endpoint]);
		expect(await host.keys()).toMatchObject({ usable: [expect.any(Buffer)] });
	});

	test('also where the portal does not find it by its name, over many pages', async () => {
		for (let count = 0; count < 600; count++) cloud.addEndpoint({ url: `https://person.example.com/${count}` });
		await new Host().activate();
		const made = cloud.endpoints.length;
		cloud.fail('v1.endpoint.get', faults.notFound());
		cloud.resetCalls();
		await new Host().activate();
		expect(cloud.countOf('v1.endpoint.list')).toBeGreaterThan(1);
		expect(cloud.endpoints).toHaveLength(made);
	});

	test('a secret that was rotated is fetched when the workflow is published again', async () => {
		const host = new Host();
		await host.activate();
		const [endpoint] = cloud.endpoints;
		if (!endpoint) throw new Error('There is no endpoint');
		endpoint.secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
		await host.activate();
		expect(await host.keys()).toMatchObject({ usable: [Buffer.alloc(24, 7)] });
	});

	test('an endpoint that a person made is never touched, even one with our URL', async () => {
		const theirs = cloud.addEndpoint({ url: 'https://n8n.example.com/webhook/a-b-c/clerk', disabled: true });
		const before = structuredClone(theirs);
		const host = new Host();
		await host.activate();
		await host.deactivate();
		expect(cloud.endpoints).toEqual([before]);
	});

	test('two nodes, two workflows and the test URL have endpoints of their own, each removed alone', async () => {
		const hosts = [new Host(), new Host({ nodeId: 'node_2' }), new Host({ workflowId: 'wf_2' })];
		for (const host of hosts) await host.activate();
		const test = new Host();
		await test.activate('manual');
		expect(cloud.endpoints.map(({ url }) => url).sort()).toEqual([
			'https://n8n.example.com/webhook-test/a-b-c/clerk',
			...Array.from({ length: 3 }, () => 'https://n8n.example.com/webhook/a-b-c/clerk'),
		]);
		expect(new Set(cloud.endpoints.map(({ uid }) => uid)).size).toBe(4);
		expect(await test.keys()).toMatchObject({ usable: [expect.any(Buffer)] });
		await test.deactivate(true);
		expect(cloud.endpoints).toHaveLength(3);
		await hosts[1]?.deactivate();
		expect(cloud.endpoints).toHaveLength(2);
	});
});

describe('D1: it is removed on deactivation', () => {
	test('with four calls, and nothing of it is kept', async () => {
		const host = new Host();
		await host.activate();
		cloud.resetCalls();
		await host.deactivate();
		expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.delete', CLOSE]);
		expect(cloud.endpoints).toEqual([]);
		expect(host.kept).toEqual({});
		expect(host.logged).toEqual([]);
	});

	test.each([false, true])('also when n8n ended before it could remember it (test URL: %s)', async (isTest) => {
		await new Host().activate();
		await new Host().activate('manual');
		await new Host().deactivate(isTest);
		expect(cloud.endpoints.map(({ url }) => url)).toEqual([
			`https://n8n.example.com/webhook${isTest ? '' : '-test'}/a-b-c/clerk`,
		]);
	});

	test.each(['', 'n8n.example.com', '/n8n'])('whatever n8n believes to be its address: %j', async (base) => {
		await new Host().activate();
		await new Host({ base }).deactivate();
		expect(cloud.endpoints).toEqual([]);
	});

	test('nor does an expression that gives an error keep a workflow from being switched off', async () => {
		const host = new Host({ endpointSetup: '={{ ( }}' });
		await host.deactivate();
		expect(cloud.calls).toEqual([]);
	});

	test.each(['..', '.', 'ep_1/../../msg', 'ep_1?x', '', 7, { id: 'ep_1' }])(
		'%j in static data is no endpoint, and leads nowhere',
		async (endpointId) => {
			const staticData = { 'node:From Clerk': { endpointId } };
			const host = new Host({ staticData });
			await host.deactivate();
			expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.delete', CLOSE]);
			expect(host.kept).toEqual({});
		},
	);

	test('what was made with the key of another Clerk instance is out of reach, and n8n says where to look', async () => {
		const host = new Host();
		await host.activate();
		await startCloud();
		const credential = { secretKey: cloud.secretKey, apiUrl: cloud.apiUrl, portalUrl: cloud.portalUrl };
		const staticData = deepCopy(host.workflow.staticData);
		const published = new Host({ credential, staticData });
		await published.activate();
		const unpublished = new Host({ credential, staticData: deepCopy(host.workflow.staticData) });
		for (const endpoint of [...cloud.endpoints]) cloud.removeEndpoint(endpoint);
		await unpublished.deactivate();
		for (const { logged } of [published, unpublished]) {
			expect(logged).toEqual([
				expect.stringMatching(/may still be in Clerk: .*the Clerk application to which that key belonged\.$/),
			]);
		}
	});

	test('when a person has removed it already, that is well', async () => {
		const host = new Host();
		await host.activate();
		for (const endpoint of [...cloud.endpoints]) cloud.removeEndpoint(endpoint);
		await host.deactivate();
		expect(host.logged).toEqual([]);
	});

	test('when the node was switched to manual setup, which hides its secret key, what is left behind is logged and forgotten', async () => {
		const host = new Host();
		await host.activate();
		const manual = new Host({
			signingSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
			staticData: host.workflow.staticData,
		});
		await manual.activate();
		expect(manual.logged).toEqual([expect.stringContaining('may still be in Clerk: remove it')]);
		expect(manual.kept).toEqual({});
	});

	test.each<[string, CloudOperation, Fault]>([
		['no answer', 'GenerateSvixAuthURL', faults.reset()],
		['a refused token', 'v1.authentication.exchange-one-time-token', faults.unauthorized()],
		['a server that fails', 'v1.endpoint.delete', faults.serverError()],
	])('%s does not keep a workflow from being switched off: what is left behind is logged', async (_, operation, fault) => {
		const host = new Host();
		await host.activate();
		cloud.fail(operation, fault);
		await host.deactivate();
		expect(host.logged).toEqual([
			expect.stringMatching(/"From Clerk" may still be in Clerk: remove it under Configure > Webhooks\. Could not /),
		]);
		expect(host.kept).toEqual({});
	});

	test('nor does a credential that is gone', async () => {
		const host = new Host();
		await host.activate();
		const later = new Host({ credential: null, staticData: host.workflow.staticData });
		await later.deactivate();
		expect(later.logged).toEqual([expect.stringContaining('may still be in Clerk')]);
	});
});

describe('E4: who reads the workflow learns nothing', () => {
	test('what n8n keeps holds neither the signing secret nor the secret key nor a token', async () => {
		const host = new Host();
		await host.activate();
		const kept = JSON.stringify(host.workflow.staticData);
		const decoded = Buffer.from((host.kept['sealedSigningSecret'] as string).slice(3), 'base64url').toString('latin1');
		for (const secret of [cloud.endpoints[0]?.secret.slice('whsec_'.length) ?? 'none', cloud.secretKey]) {
			expect(kept + decoded).not.toContain(secret);
		}
		expect(Object.keys(host.kept).sort()).toEqual(['endpointId', 'endpointUid', 'sealedSigningSecret']);
	});

	test('the secret key goes to Clerk alone, the token of the portal to the portal alone, which is left in the end', async () => {
		const host = new Host();
		await host.activate();
		expect(new Set(cloud.sawSecret(cloud.secretKey).map(({ operation }) => operation))).toEqual(new Set(['GenerateSvixAuthURL']));
		expect(cloud.operations.at(-1)).toBe(CLOSE);
	});

	test('with another secret key the signing secret does not open, and the answer says what to do', async () => {
		const host = new Host();
		await host.activate();
		const credential = {
			secretKey: 'sk_test_another0000000000000000000000000',
			apiUrl: cloud.apiUrl,
			portalUrl: cloud.portalUrl,
		};
		const other = new Host({ credential, staticData: host.workflow.staticData });
		expect(await other.keys()).toMatchObject({ outcome: 'misconfigured', code: 'secret_key_changed' });
		expect(await new Host().keys()).toMatchObject({ outcome: 'misconfigured', code: 'not_registered' });
		expect(await new Host({ credential: { secretKey: 'pk_test_x' } }).keys()).toMatchObject({ code: 'secret_key_unusable' });
		expect(await new Host({ credential: null }).keys()).toMatchObject({ code: 'credential_missing' });
	});
});

describe('D5: every way it can fail ends in a sentence that helps, with the manual steps and the URL', () => {
	async function failure(host: Host, mode: WorkflowActivateMode = 'activate'): Promise<string> {
		const error: unknown = await host.activate(mode).then(
			() => new Error('It was activated'),
			(thrown: unknown) => thrown,
		);
		expect(error).toBeInstanceOf(NodeOperationError);
		const { message } = error as NodeOperationError;
		expect(message).toMatch(/set Endpoint Setup to "Manually".*Signing Secret.*The URL for it is \S+$/);
		expect(message).not.toMatch(/sk_(test|live)_\w|whsec_\w/);
		return message;
	}

	test.each([
		[
			'localhost',
			'http://localhost:5678',
			/cannot reach .*private network\. Set N8N_WEBHOOK_URL \(before n8n 2\.30: WEBHOOK_URL\)/,
		],
		[
			'a private address',
			'https://192.168.1.10',
			/cannot reach .*private network\. Set N8N_WEBHOOK_URL \(before n8n 2\.30: WEBHOOK_URL\)/,
		],
	])('%s: nobody is asked', async (_, base, message) => {
		expect(await failure(new Host({ base }))).toMatch(message);
		expect(cloud.calls).toEqual([]);
	});

	test('plain http in production: nobody is asked; in development it will do', async () => {
		await startCloud({ environment: 'production' });
		expect(await failure(new Host({ base: 'http://n8n.example.com' }))).toMatch(
			/not an https address\. Set N8N_WEBHOOK_URL \(before n8n 2\.30: WEBHOOK_URL\)/,
		);
		expect(cloud.calls).toEqual([]);
	});

	test('a key that is none: nobody is asked', async () => {
		expect(await failure(new Host({ credential: { secretKey: 'pk_test_x' } }))).toMatch(/publishable key/);
		expect(await failure(new Host({ credential: null }))).toMatch(/no Clerk API credential/);
		expect(cloud.calls).toEqual([]);
	});

	test.each<[string, CloudOperation, Fault, RegExp]>([
		[
			'a refused key',
			'GenerateSvixAuthURL',
			faults.unauthorized(),
			/^Could not get a link to the webhook portal: Clerk answered 401 clerk_key_invalid: .*Check the secret key/,
		],
		['a key that may not', 'GenerateSvixAuthURL', faults.forbidden(), /Clerk answered 403 .*Check the secret key/],
		[
			'a token that was used up',
			'v1.authentication.exchange-one-time-token',
			faults.unauthorized(),
			/^Could not sign in to the webhook portal: the webhook portal answered 401.*The link works once/,
		],
		[
			'a portal that lets nobody write',
			'v1.endpoint.create',
			faults.forbidden(),
			/^Could not create the endpoint: .* 403 .*not change them/,
		],
		[
			'a quota',
			'v1.endpoint.create',
			faults.quota(),
			/^Could not create the endpoint: .*endpoint_quota_exceeded.*remove what is not needed/,
		],
		[
			'a server that fails',
			'v1.endpoint.get',
			faults.serverError(),
			/^Could not look for the endpoint: .* 500 .*Try again in a few minutes/,
		],
		[
			'a secret that is not given out',
			'v1.endpoint.get-secret',
			faults.forbidden(),
			/^Could not fetch the signing secret: .* 403/,
		],
		[
			'a broken connection',
			'v1.endpoint.create',
			faults.reset(),
			/^Could not create the endpoint: the connection broke\. Try again/,
		],
		['a page of a proxy', 'GenerateSvixAuthURL', faults.html(), /Clerk answered 502: an answer that is not JSON\. Try again/],
		['a page in place of an answer', 'v1.endpoint.get', faults.html(200), /an answer that is not JSON/],
	])('%s', async (_, operation, fault, message) => {
		cloud.fail(operation, fault, 3);
		expect(await failure(new Host())).toMatch(message);
	});

	test('too many calls: it waits as told, then says so', async () => {
		cloud.fail('v1.endpoint.get', faults.rateLimited(2), 2);
		await new Host().activate();
		expect(cloud.countOf('v1.endpoint.get')).toBe(3);
		cloud.fail('v1.endpoint.get', faults.rateLimited(2), 3);
		expect(await failure(new Host())).toMatch(/ 429 .*Wait a minute/);
	});

	test('a name that is taken though nobody has it', async () => {
		cloud.fail('v1.endpoint.create', faults.conflict());
		expect(await failure(new Host())).toMatch(/^Could not create the endpoint: .* 409 .*Look at the endpoints/);
	});

	test('an event that the portal does not take', async () => {
		cloud.fail('v1.endpoint.create', faults.refusal(422));
		expect(await failure(new Host({ events: [], options: { additionalEvents: 'user.fancy' } }))).toMatch(
			/Look at Events to Receive/,
		);
	});

	test.each(Object.keys(BROKEN_LINK_FORMS) as LinkForm[])('a link from which nothing can be had: %s', async (form) => {
		await startCloud({ link: { form } });
		const { secretKey, apiUrl } = cloud;
		expect(await failure(new Host({ credential: { secretKey, apiUrl, portalUrl: '' } }))).toMatch(
			/^Could not read the link to the webhook portal: .*(does not know|no token)/,
		);
		expect(cloud.endpoints).toEqual([]);
	});

	test('whatever fails, the portal is left', async () => {
		cloud.fail('v1.endpoint.get-secret', faults.serverError());
		await failure(new Host());
		expect(cloud.operations.at(-1)).toBe(CLOSE);
	});

	test('at a start of n8n a trigger that was registered goes on, and n8n says that nobody looked', async () => {
		const host = new Host();
		await host.activate();
		cloud.fail('*', faults.serverError(), 5);
		const again = new Host({ staticData: host.workflow.staticData });
		await again.activate('init');
		expect(again.logged).toEqual([expect.stringMatching(/was not checked in Clerk\. Could not /)]);
		expect(await again.keys()).toMatchObject({ usable: [expect.any(Buffer)] });
	});

	test('at a start of n8n one that never was does not', async () => {
		cloud.fail('*', faults.serverError(), 5);
		await failure(new Host(), 'init');
	});
});

/** A token with other content. */
function tokenWith(token: string, changed: Record<string, string>): string {
	const [, prefix = '', content = ''] = /^(auto_v\d_)(.*)$/.exec(token) ?? [];
	const held = JSON.parse(Buffer.from(content, 'base64').toString()) as object;
	return prefix + Buffer.from(JSON.stringify({ ...held, ...changed })).toString('base64');
}

describe('D4: an AutoConfig token in place of a signing secret', () => {
	const made = () => cloud.addEndpoint({ url: 'https://waiting.example.com/' });

	test('sets URL, events and description of its endpoint with one call, and its secret verifies', async () => {
		const endpoint = made();
		const host = new Host({ signingSecret: cloud.autoConfigToken(endpoint) });
		await host.activate();
		expect(cloud.operations).toEqual(['v1.endpoint.auto-config.update']);
		expect(endpoint).toMatchObject({
			url: 'https://n8n.example.com/webhook/a-b-c/clerk',
			eventTypes: ['user.created', 'user.updated'],
			description: expect.stringContaining('Contacts') as string,
		});
		expect(await host.keys()).toMatchObject({
			usable: [Buffer.from(endpoint.secret.slice('whsec_'.length), 'base64')],
			environment: null,
		});
	});

	test('one of the second version makes its endpoint when it is first used, and sets that one from then on', async () => {
		const signingSecret = cloud.subscriptionToken();
		const host = new Host({ signingSecret });
		await host.activate();
		const [endpoint] = cloud.endpoints;
		await new Host({ signingSecret, base: 'https://other.example.com', events: ['*'] }).activate();
		expect(cloud.operations).toEqual(Array.from({ length: 2 }, () => 'v1.autoconfig-subscription.endpoint.subscribe'));
		expect(cloud.endpoints).toEqual([endpoint]);
		expect(endpoint).toMatchObject({ url: 'https://other.example.com/webhook/a-b-c/clerk', eventTypes: null });
		expect(cloud.ignored).toEqual([]);
		const secret = Buffer.from(endpoint?.secret.slice('whsec_'.length) ?? '', 'base64');
		expect(await host.keys()).toMatchObject({ usable: [secret] });
	});

	test.each([
		['of a version that is not known', (text: string) => text.replace('auto_v2_', 'auto_v3_')],
		['of which a part is missing', (text: string) => text.slice(0, 30)],
		['that leads elsewhere', (text: string) => tokenWith(text, { sid: '..' })],
		['that would go in the clear', (text: string) => tokenWith(text, { surl: 'http://example.com' })],
	])('a token %s is refused before anybody is asked', async (_, damage) => {
		const host = new Host({ signingSecret: damage(cloud.subscriptionToken()) });
		await expect(host.activate()).rejects.toThrow('AutoConfig token');
		expect(cloud.calls).toEqual([]);
	});

	test('all events', async () => {
		const endpoint = made();
		await new Host({ events: ['*'], signingSecret: cloud.autoConfigToken(endpoint) }).activate();
		expect(endpoint.eventTypes).toBeNull();
	});

	test('listening for a test event does not lead it to the test URL', async () => {
		const endpoint = made();
		await new Host({ signingSecret: cloud.autoConfigToken(endpoint) }).activate('manual');
		expect(cloud.calls).toEqual([]);
		expect(endpoint.url).toBe('https://waiting.example.com/');
	});

	test('when it fails, it says so; at a start of n8n it goes on', async () => {
		const host = new Host({ signingSecret: cloud.autoConfigToken(made()) });
		cloud.fail('v1.endpoint.auto-config.update', faults.unauthorized(), 2);
		await expect(host.activate()).rejects.toThrow(
			/^Could not set up the endpoint through its AutoConfig token: .* 401 .*Copy a new AutoConfig token/,
		);
		await host.activate('init');
		expect(host.logged).toEqual([expect.stringContaining('was not checked in Clerk')]);
	});

	test('a URL that Clerk cannot reach is refused before', async () => {
		const host = new Host({ base: 'http://localhost:5678', signingSecret: cloud.autoConfigToken(made()) });
		await expect(host.activate()).rejects.toThrow(/cannot reach/);
		expect(cloud.calls).toEqual([]);
	});
});
