import { createHash } from 'node:crypto';
import { deepCopy, NodeOperationError } from 'n8n-workflow';
import type { IDataObject, INodeParameters, WorkflowActivateMode } from 'n8n-workflow';

import { BROKEN_LINK_FORMS, ClerkCloud, faults, LINK_FORMS } from '../../support/clerk/cloud';
import type { CloudOperation, CloudOptions, Endpoint, Fault, LinkForm } from '../../support/clerk/cloud';
import { SECRET } from '../../support/deliveries';
import { TriggerNode } from '../../support/triggerNode';
import type { Placed } from '../../support/triggerNode';

jest.mock('n8n-workflow', () => ({ ...jest.requireActual<object>('n8n-workflow'), sleep: async () => {} }));

let cloud: ClerkCloud;

async function startCloud(options: CloudOptions = {}): Promise<void> {
	await cloud?.stop();
	cloud = await ClerkCloud.start(options);
}

beforeEach(async () => await startCloud());
afterEach(() => {
	jest.restoreAllMocks();
	expect(cloud.refused).toEqual([]);
	expect(cloud.countOf('DeleteSvixApp')).toBe(0);
});
afterAll(async () => await cloud.stop());

interface Given extends Omit<Placed, 'parameters'> {
	events?: string[];
	options?: INodeParameters;
	/** In place of "automatic". */
	endpointSetup?: string;
	/** Set up manually, with this signing secret in its credential. */
	signingSecret?: string;
}

const keyTo = ({ secretKey, apiUrl, portalUrl }: ClerkCloud, changed: IDataObject = {}) =>
	({ secretKey, apiUrl, portalUrl, ...changed }) as Record<string, string>;

/** A trigger that registers its endpoint: always the same node, unless something else is named. */
class Host extends TriggerNode {
	constructor({ events = ['user.updated', 'user.created'], options = {}, signingSecret, ...given }: Given = {}) {
		const isManual = signingSecret !== undefined;
		const { endpointSetup = isManual ? 'manual' : 'automatic', credential = keyTo(cloud), ...placed } = given;
		super({
			nodeId: 'node_1',
			...placed,
			parameters: { endpointSetup, events, options },
			credential: isManual ? { signingSecret, previousSigningSecret: '' } : credential,
		});
	}
}

/** One that was published, its endpoint in Clerk, and what n8n keeps of it. */
async function published(given?: Given): Promise<{ host: Host; endpoint: Endpoint; staticData: IDataObject }> {
	const host = new Host(given);
	await host.activate();
	const endpoint = cloud.endpoints.at(-1);
	if (!endpoint) throw new Error('There is no endpoint');
	return { host, endpoint, staticData: host.workflow.staticData };
}

const OPEN = ['GenerateSvixAuthURL', 'v1.authentication.exchange-one-time-token'];
const CLOSE = 'v1.authentication.logout';
const URL = 'https://n8n.example.com/webhook/a-b-c/clerk';
const OTHER = 'https://other.example.com';
const keyIn = ({ secret }: Endpoint) => Buffer.from(secret.slice('whsec_'.length), 'base64');
const leftBehind = expect.stringContaining('may still exist in Clerk') as string;

describe('D1: the endpoint is made on activation', () => {
	test('with URL, events and a description; its secret opens for the node; six calls', async () => {
		const { host, endpoint } = await published();
		expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.get', 'v1.endpoint.create', 'v1.endpoint.get-secret', CLOSE]);
		expect(cloud.ignored).toEqual([]);
		expect(cloud.endpoints).toEqual([endpoint]);
		expect(endpoint).toMatchObject({ url: URL, eventTypes: ['user.created', 'user.updated'], disabled: false });
		expect(endpoint.uid).toMatch(/^n8n-clerk-sync\.[0-9a-f]{40}$/);
		expect(endpoint.description).toContain('workflow "Contacts", node "From Clerk"');
		// For the person who maintains it.
		expect(endpoint.metadata).toEqual({
			n8nInstance: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
			n8nUrl: URL,
			n8nEvents: 'user.created user.updated',
		});
		const usable = [keyIn(endpoint)];
		expect(await host.keys()).toEqual({ usable, problem: null, currentUsable: true, environment: 'development' });
		expect(host.logged).toEqual([]);
	});

	test('also where the instance has no webhooks yet', async () => {
		await startCloud({ app: false });
		await published();
		expect(cloud.operations.slice(0, 3)).toEqual(['GenerateSvixAuthURL', 'CreateSvixApp', OPEN[1]]);
	});

	test('and where somebody switched them on in between', async () => {
		cloud.fail('GenerateSvixAuthURL', faults.refusal(400, { code: 'svix_app_missing' }));
		await published();
		expect(cloud.operations.slice(0, 4)).toEqual(['GenerateSvixAuthURL', 'CreateSvixApp', 'GenerateSvixAuthURL', OPEN[1]]);
	});

	test('"All Events" means no filter', async () => {
		expect((await published({ events: ['*', 'user.created'] })).endpoint.eventTypes).toBeNull();
	});

	test('a production key makes production', async () => {
		await startCloud({ environment: 'production' });
		expect(await (await published()).host.keys()).toMatchObject({ environment: 'production' });
	});

	test.each(Object.keys(LINK_FORMS) as LinkForm[])('whatever the link looks like: %s', async (form) => {
		await startCloud({ link: { form } });
		await published();
	});

	test('also through an older portal, which says filterTypes', async () => {
		await startCloud({ portal: { dialect: 'filterTypes' } });
		const { endpoint } = await published();
		cloud.resetCalls();
		await published();
		expect(cloud.operations).not.toContain('v1.endpoint.patch');
		expect(cloud.endpoints).toEqual([endpoint]);
	});
});

describe('D2: it is kept right', () => {
	test('at a start of n8n four calls see that it is, and nothing changes', async () => {
		const { staticData, endpoint } = await published();
		const before = structuredClone(endpoint);
		cloud.resetCalls();
		await new Host({ staticData }).activate('init');
		expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.get', CLOSE]);
		expect(cloud.endpoints).toEqual([before]);
	});

	test('other events, another URL and another name reach it; what a person set beside them stays', async () => {
		const { endpoint, staticData } = await published();
		endpoint.metadata = { team: 'growth' };
		for (const [events, eventTypes] of [
			[['user.deleted'], ['user.deleted']],
			[
				['user.deleted', 'user.locked'],
				['user.created', 'user.deleted', 'user.updated'],
			],
			[['*'], null],
		] as const) {
			cloud.resetCalls();
			await new Host({ base: OTHER, events: [...events], staticData }).activate();
			expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.get', 'v1.endpoint.patch', 'v1.endpoint.get-secret', CLOSE]);
			expect(cloud.endpoints).toEqual([endpoint]);
			expect(endpoint).toMatchObject({ url: `${OTHER}/webhook/a-b-c/clerk`, eventTypes, metadata: { team: 'growth' } });
		}
	});

	test.each(['activate', 'init'] as const)(
		'switched off by Clerk, it is switched on again, and n8n says so (%s)',
		async (mode) => {
			const { endpoint, staticData } = await published();
			cloud.switchOff(endpoint);
			const again = new Host({ staticData });
			await again.activate(mode);
			expect(endpoint.disabled).toBe(false);
			expect(again.logged).toEqual([expect.stringMatching(/"From Clerk" was disabled in Clerk.*enabled again/)]);
		},
	);

	test.each<[string, Given]>([
		['n8n moves to another path', { base: 'https://n8n.example.com/n8n' }],
		['n8n moves to another host', { base: OTHER }],
		['the node gets another webhook ID', { webhookId: 'd-e-f' }],
	])('its endpoint stays the only one when %s, and unpublishing removes it', async (_, moved) => {
		const { endpoint } = await published();
		await new Host(moved).activate('init');
		expect(cloud.endpoints).toEqual([endpoint]);
		expect(endpoint.url).toBe(`${moved.base ?? 'https://n8n.example.com'}/webhook/${moved.webhookId ?? 'a-b-c'}/clerk`);
		await new Host(moved).deactivate();
		expect(cloud.endpoints).toEqual([]);
	});

	describe('one that an earlier version of this node made', () => {
		/** As it did: named by the path of its URL, and with nothing but its id in static data. */
		async function made() {
			const { host, endpoint, staticData } = await published();
			const names = [host.instanceId, 'wf_1', 'node_1', '/webhook/a-b-c/clerk'];
			endpoint.uid = `n8n-clerk-sync.${createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 40)}`;
			delete host.kept['endpointUid'];
			return { endpoint, staticData };
		}

		test('is adopted, also under a new path, and has the new name from then on', async () => {
			const { endpoint, staticData } = await made();
			const former = endpoint.uid;
			const moved = new Host({ base: 'https://n8n.example.com/n8n', staticData });
			await moved.activate();
			expect(cloud.endpoints).toEqual([endpoint]);
			expect(endpoint.url).toBe('https://n8n.example.com/n8n/webhook/a-b-c/clerk');
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
			await new Host({ ...copy, staticData: deepCopy(staticData) }).deactivate();
			const { endpoint: own } = await published({ ...copy, staticData: deepCopy(staticData) });
			expect(cloud.endpoints).toEqual([before, own]);
			expect(own.uid).not.toBe(before.uid);
		});
	});

	describe.each([
		['another workflow', { workflowId: 'wf_2' }],
		['another n8n', { instanceId: 'another' }],
	])('a copy in %s, whose static data names the endpoint of the first', (_, place) => {
		async function copied(given: Given = {}) {
			const { endpoint, staticData } = await published();
			return { original: structuredClone(endpoint), copy: new Host({ ...place, ...given, staticData: deepCopy(staticData) }) };
		}

		test('set to manual, leaves that endpoint alone and says nothing', async () => {
			const { original, copy } = await copied({ signingSecret: SECRET });
			await copy.activate();
			await copy.deactivate();
			expect(cloud.endpoints).toEqual([original]);
			expect([copy.kept, copy.logged]).toEqual([{}, []]);
		});

		test('not published, since Clerk does not answer, leaves it alone too', async () => {
			const { original, copy } = await copied();
			cloud.fail('v1.endpoint.get-secret', faults.serverError());
			await expect(copy.activate()).rejects.toThrow('fetch the signing secret');
			expect(cloud.endpoints).toHaveLength(2);
			await copy.deactivate();
			expect(cloud.endpoints).toEqual([original]);
		});

		test('published, has one of its own', async () => {
			const { original, copy } = await copied();
			await copy.activate();
			expect(cloud.endpoints).toEqual([original, expect.objectContaining({ url: original.url })]);
			await copy.deactivate();
			expect(cloud.endpoints).toEqual([original]);
		});
	});

	test('a leftover of ours is adopted and never doubled, also by a node that remembers nothing', async () => {
		const { endpoint } = await published();
		const { host } = await published();
		expect(cloud.endpoints).toEqual([endpoint]);
		expect(await host.keys()).toMatchObject({ usable: [keyIn(endpoint)] });
	});

	test('also where the portal does not find it by its name, over many pages', async () => {
		for (let count = 0; count < 600; count++) cloud.addEndpoint({ url: `https://person.example.com/${count}` });
		await published();
		cloud.fail('v1.endpoint.get', faults.notFound());
		cloud.resetCalls();
		await published();
		expect(cloud.countOf('v1.endpoint.list')).toBeGreaterThan(1);
		expect(cloud.endpoints).toHaveLength(601);
	});

	test('a secret that was rotated is fetched when the workflow is published again', async () => {
		const { host, endpoint } = await published();
		endpoint.secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
		await host.activate();
		expect(await host.keys()).toMatchObject({ usable: [Buffer.alloc(24, 7)] });
	});

	test('an endpoint that a person made is never touched, even one with our URL', async () => {
		const before = structuredClone(cloud.addEndpoint({ url: URL, disabled: true }));
		const { host } = await published();
		await host.deactivate();
		expect(cloud.endpoints).toEqual([before]);
	});

	test('two nodes, two workflows and the test URL have endpoints of their own, each removed alone', async () => {
		const hosts = [new Host(), new Host({ nodeId: 'node_2' }), new Host({ workflowId: 'wf_2' })];
		for (const host of hosts) await host.activate();
		const test = new Host();
		await test.activate('manual');
		expect(cloud.endpoints.map(({ url }) => url)).toEqual([URL, URL, URL, URL.replace('webhook', 'webhook-test')]);
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
		const { host } = await published();
		cloud.resetCalls();
		await host.deactivate();
		expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.delete', CLOSE]);
		expect([cloud.endpoints, host.kept, host.logged]).toEqual([[], {}, []]);
	});

	test.each([false, true])('also when n8n ended before it could remember it (test URL: %s)', async (isTest) => {
		await published();
		await new Host().activate('manual');
		await new Host().deactivate(isTest);
		expect(cloud.endpoints).toMatchObject([{ url: isTest ? URL : URL.replace('webhook', 'webhook-test') }]);
	});

	test.each(['', 'n8n.example.com', '/n8n'])('whatever n8n believes to be its address: %j', async (base) => {
		await published();
		await new Host({ base }).deactivate();
		expect(cloud.endpoints).toEqual([]);
	});

	test('also where a person has removed it already', async () => {
		const { host, endpoint } = await published();
		cloud.removeEndpoint(endpoint);
		await host.deactivate();
		expect(host.logged).toEqual([]);
	});

	test('an expression that gives an error does not keep a workflow from being switched off', async () => {
		await new Host({ endpointSetup: '={{ ( }}' }).deactivate();
		expect(cloud.calls).toEqual([]);
	});

	test.each(['..', '.', 'ep_1/../../msg', 'ep_1?x', '', 7, { id: 'ep_1' }])(
		'%j in static data is no endpoint, and leads nowhere',
		async (endpointId) => {
			const host = new Host({ staticData: { 'node:From Clerk': { endpointId } } });
			await host.deactivate();
			expect(cloud.operations).toEqual([...OPEN, 'v1.endpoint.delete', CLOSE]);
			expect(host.kept).toEqual({});
		},
	);

	test('what was made with the key of another Clerk instance is out of reach, and n8n says where to look', async () => {
		const { staticData } = await published();
		await startCloud();
		const { host } = await published({ staticData: deepCopy(staticData) });
		const unpublished = new Host({ staticData: deepCopy(staticData) });
		for (const endpoint of [...cloud.endpoints]) cloud.removeEndpoint(endpoint);
		await unpublished.deactivate();
		for (const { logged } of [host, unpublished]) {
			expect(logged).toEqual([expect.stringMatching(/may still exist in Clerk: .*the Clerk application of that key\.$/)]);
		}
	});

	test('where the node was switched to manual setup, which hides its secret key, what is left behind is logged and forgotten', async () => {
		const { staticData } = await published();
		const manual = new Host({ signingSecret: SECRET, staticData });
		await manual.activate();
		expect([manual.logged, manual.kept]).toEqual([[leftBehind], {}]);
	});

	test.each<[string, CloudOperation, Fault]>([
		['no answer', 'GenerateSvixAuthURL', faults.reset()],
		['a refused token', 'v1.authentication.exchange-one-time-token', faults.unauthorized()],
		['a server that fails', 'v1.endpoint.delete', faults.serverError()],
	])('%s does not keep a workflow from being switched off: what is left behind is logged', async (_, operation, fault) => {
		const { host } = await published();
		cloud.fail(operation, fault);
		await host.deactivate();
		const sentence = /"From Clerk" may still exist in Clerk: remove it under Configure > Webhooks\. Could not /;
		expect([host.logged, host.kept]).toEqual([[expect.stringMatching(sentence)], {}]);
	});

	test('nor does a credential that is gone', async () => {
		const { staticData } = await published();
		const later = new Host({ credential: 'unreadable', staticData });
		await later.deactivate();
		expect(later.logged).toEqual([leftBehind]);
	});
});

describe('E4: who reads the workflow learns nothing', () => {
	test('what n8n keeps holds neither the signing secret nor the secret key nor a token', async () => {
		const { host, endpoint, staticData } = await published();
		const sealed = Buffer.from((host.kept['sealedSigningSecret'] as string).slice(3), 'base64url').toString('latin1');
		for (const secret of [endpoint.secret.slice('whsec_'.length), cloud.secretKey]) {
			expect(JSON.stringify(staticData) + sealed).not.toContain(secret);
		}
		expect(Object.keys(host.kept).sort()).toEqual(['endpointId', 'endpointUid', 'sealedSigningSecret']);
	});

	test('the secret key goes to Clerk alone, the token of the portal to the portal alone, which is left in the end', async () => {
		await published();
		expect(new Set(cloud.sawSecret(cloud.secretKey).map(({ operation }) => operation))).toEqual(new Set(['GenerateSvixAuthURL']));
		expect(cloud.operations.at(-1)).toBe(CLOSE);
	});

	test('with another secret key the signing secret does not open, and the answer says what to do', async () => {
		const { staticData } = await published();
		const another = keyTo(cloud, { secretKey: 'sk_test_another0000000000000000000000000' });
		const code = async (given: Given) => (await new Host(given).keys()) as { code?: string };
		expect(await code({ credential: another, staticData })).toMatchObject({ code: 'secret_key_changed' });
		expect(await code({})).toMatchObject({ outcome: 'misconfigured', code: 'not_registered' });
		expect(await code({ credential: { secretKey: 'pk_test_x' } })).toMatchObject({ code: 'secret_key_unusable' });
		expect(await code({ credential: 'unreadable' })).toMatchObject({ code: 'credential_missing' });
	});
});

describe('D5: every way it can fail ends in a sentence that helps, with the manual steps and the URL', () => {
	async function failure(given: Given = {}, mode: WorkflowActivateMode = 'activate'): Promise<string> {
		const error: unknown = await new Host(given).activate(mode).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(NodeOperationError);
		const { message } = error as NodeOperationError;
		expect(message).toMatch(/set Endpoint Setup to "Manually".*Signing Secret.*The URL for the endpoint is \S+$/);
		expect(message).not.toMatch(/sk_(test|live)_\w|whsec_\w/);
		return message;
	}

	const unreachable =
		/cannot reach .*private network\. Set the environment variable N8N_WEBHOOK_URL \(before n8n 2\.30: WEBHOOK_URL\)/;
	const noHttps = /not an https URL\. Set the environment variable N8N_WEBHOOK_URL \(before n8n 2\.30: WEBHOOK_URL\)/;

	test.each<[string, Given, RegExp, CloudOptions?]>([
		['localhost', { base: 'http://localhost:5678' }, unreachable],
		['a private address', { base: 'https://192.168.1.10' }, unreachable],
		['plain http in production', { base: 'http://n8n.example.com' }, noHttps, { environment: 'production' }],
		['a key that is none', { credential: { secretKey: 'pk_test_x' } }, /publishable key/],
		['no credential', { credential: 'unreadable' }, /no Clerk API credential/],
	])('%s: nobody is asked', async (_, given, message, options = {}) => {
		await startCloud(options);
		expect(await failure(given)).toMatch(message);
		expect(cloud.calls).toEqual([]);
	});

	const TOKEN = 'v1.authentication.exchange-one-time-token';
	const CREATE = 'v1.endpoint.create';
	const signIn = /^Could not sign in to the webhook portal: the webhook portal answered 401.*The link works only once/;
	const link = /^Could not get a link to the webhook portal: Clerk answered 401 clerk_key_invalid: .*Check the secret key/;
	const quota = /^Could not create the endpoint: .*endpoint_quota_exceeded.*remove the endpoints that you no longer need/;
	const look = /^Could not find the endpoint: .* 500 .*Try again in a few minutes/;
	const taken = /^Could not create the endpoint: .* 409 .*remove the endpoints/;

	test.each<[string, CloudOperation, Fault, RegExp]>([
		['a refused key', 'GenerateSvixAuthURL', faults.unauthorized(), link],
		['a key that may not', 'GenerateSvixAuthURL', faults.forbidden(), /Clerk answered 403 .*Check the secret key/],
		['a token that was used up', TOKEN, faults.unauthorized(), signIn],
		[
			'a portal that lets nobody write',
			CREATE,
			faults.forbidden(),
			/^Could not create the endpoint: .* 403 .*not to change them/,
		],
		['a quota', CREATE, faults.quota(), quota],
		['a name that is taken though nobody has it', CREATE, faults.conflict(), taken],
		['an event that the portal does not take', CREATE, faults.refusal(422), /Check Events to Receive/],
		['a server that fails', 'v1.endpoint.get', faults.serverError(), look],
		['no secret', 'v1.endpoint.get-secret', faults.forbidden(), /^Could not fetch the signing secret: .* 403/],
		['a broken connection', CREATE, faults.reset(), /^Could not create the endpoint: the connection was reset\. Try again/],
		['a page of a proxy', 'GenerateSvixAuthURL', faults.html(), /Clerk answered 502: the answer is not JSON\. Try again/],
		['a page in place of an answer', 'v1.endpoint.get', faults.html(200), /the answer is not JSON/],
	])('%s, and the portal is left', async (_, operation, fault, message) => {
		cloud.fail(operation, fault, 3);
		expect(await failure()).toMatch(message);
		if (cloud.operations.includes('v1.endpoint.get')) expect(cloud.operations.at(-1)).toBe(CLOSE);
	});

	test('too many calls: it waits as long as Svix says, then says so', async () => {
		cloud.fail('v1.endpoint.get', faults.rateLimited(2), 2);
		await published();
		expect(cloud.countOf('v1.endpoint.get')).toBe(3);
		cloud.fail('v1.endpoint.get', faults.rateLimited(2), 3);
		expect(await failure()).toMatch(/ 429 .*Wait a minute/);
	});

	// A portal whose URL is given needs no region: portalLink.test.ts has the others.
	const unreadable = (Object.keys(BROKEN_LINK_FORMS) as LinkForm[]).filter((form) => !/region/i.test(form));
	test.each(unreadable)('a link from which nothing can be had: %s', async (form) => {
		await startCloud({ link: { form } });
		const reason = form === 'noToken' ? 'the link has no token to sign in with' : 'the link has an unknown format';
		expect(await failure()).toContain(`Could not read the link to the webhook portal: ${reason}. `);
		expect([cloud.operations, cloud.endpoints]).toEqual([['GenerateSvixAuthURL'], []]);
	});

	test('at a start of n8n a trigger that was registered goes on, and n8n says that nobody looked', async () => {
		const { staticData } = await published();
		cloud.fail('*', faults.serverError(), 5);
		const again = new Host({ staticData });
		await again.activate('init');
		expect(again.logged).toEqual([expect.stringMatching(/could not be checked in Clerk\. Could not /)]);
		expect(await again.keys()).toMatchObject({ usable: [expect.any(Buffer)] });
	});

	test('at a start of n8n one that never was does not', async () => {
		cloud.fail('*', faults.serverError(), 5);
		await failure({}, 'init');
	});
});

/** A token with other content. */
function tokenWith(token: string, changed: Record<string, string>): string {
	const [, prefix = '', content = ''] = /^(auto_v\d_)(.*)$/.exec(token) ?? [];
	const held = JSON.parse(Buffer.from(content, 'base64').toString()) as object;
	return prefix + Buffer.from(JSON.stringify({ ...held, ...changed })).toString('base64');
}

describe('D4: an AutoConfig token in place of a signing secret', () => {
	const waiting = () => cloud.addEndpoint({ url: 'https://waiting.example.com/' });

	test.each([
		[
			['user.updated', 'user.created'],
			['user.created', 'user.updated'],
		],
		[['*'], null],
	])('sets URL, events %j and description of its endpoint with one call, and its secret verifies', async (events, eventTypes) => {
		const endpoint = waiting();
		const { host } = await published({ events, signingSecret: cloud.autoConfigToken(endpoint) });
		expect(cloud.operations).toEqual(['v1.endpoint.auto-config.update']);
		expect(endpoint).toMatchObject({ url: URL, eventTypes, description: expect.stringContaining('Contacts') as string });
		expect(await host.keys()).toMatchObject({ usable: [keyIn(endpoint)], environment: null });
	});

	test('one of the second version makes its endpoint when it is first used, and sets that one from then on', async () => {
		const signingSecret = cloud.subscriptionToken();
		const { host, endpoint } = await published({ signingSecret });
		await new Host({ signingSecret, base: OTHER, events: ['*'] }).activate();
		expect(cloud.operations).toEqual(Array.from({ length: 2 }, () => 'v1.autoconfig-subscription.endpoint.subscribe'));
		expect(cloud.endpoints).toEqual([endpoint]);
		expect(endpoint).toMatchObject({ url: `${OTHER}/webhook/a-b-c/clerk`, eventTypes: null });
		expect(cloud.ignored).toEqual([]);
		expect(await host.keys()).toMatchObject({ usable: [keyIn(endpoint)] });
	});

	test.each([
		['of a version that is not known', (text: string) => text.replace('auto_v2_', 'auto_v3_')],
		['of which a part is missing', (text: string) => text.slice(0, 30)],
		['that leads elsewhere', (text: string) => tokenWith(text, { sid: '..' })],
		['that would go in the clear', (text: string) => tokenWith(text, { surl: 'http://example.com' })],
	])('a token %s is refused before anybody is asked', async (_, damage) => {
		await expect(new Host({ signingSecret: damage(cloud.subscriptionToken()) }).activate()).rejects.toThrow('AutoConfig token');
		expect(cloud.calls).toEqual([]);
	});

	test('a URL that Clerk cannot reach is refused before anybody is asked', async () => {
		const signingSecret = cloud.autoConfigToken(waiting());
		await expect(new Host({ base: 'http://localhost:5678', signingSecret }).activate()).rejects.toThrow(/cannot reach/);
		expect(cloud.calls).toEqual([]);
	});

	test('listening for a test event does not lead it to the test URL', async () => {
		const endpoint = waiting();
		await new Host({ signingSecret: cloud.autoConfigToken(endpoint) }).activate('manual');
		expect(cloud.calls).toEqual([]);
		expect(endpoint.url).toBe('https://waiting.example.com/');
	});

	test('when it fails, it says so; at a start of n8n it goes on', async () => {
		const host = new Host({ signingSecret: cloud.autoConfigToken(waiting()) });
		cloud.fail('v1.endpoint.auto-config.update', faults.unauthorized(), 2);
		const sentence = /^Could not set up the endpoint with its AutoConfig token: .* 401 .*Copy a new AutoConfig token/;
		await expect(host.activate()).rejects.toThrow(sentence);
		await host.activate('init');
		expect(host.logged).toEqual([expect.stringContaining('could not be checked in Clerk')]);
	});
});
