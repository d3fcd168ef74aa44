import { setTimeout as wait } from 'node:timers/promises';

import { KEEP_MS } from '../../nodes/Clerk/trigger/verification';
import { ClerkCloud } from '../support/clerk/cloud';
import type { Endpoint } from '../support/clerk/cloud';
import type { N8n } from '../support/n8n';
import { canary, found } from '../support/plantedSecrets';
import type { Canary } from '../support/plantedSecrets';
import { placesOf } from '../support/n8nContents';
import {
	answersTo,
	automaticTrigger,
	automaticWorkflow,
	CALLS,
	clerkApiData,
	createClerkApi,
	publicUrlOf,
	publishChanged,
	reachable,
	signUp,
	until,
	untilRemembered,
	useClerk,
} from '../support/registeredTrigger';
import type { Automatic, Credential } from '../support/registeredTrigger';
import { triggerWorkflow } from '../support/triggerWorkflow';

declare const n8nVersion: string;

jest.setTimeout(300_000);

const SECOND_URL = 'https://n8n2.example.com';

const keys = { first: canary('secret-key'), rotated: canary('rotated-key') };
const tokens: string[] = [];
/** Of every endpoint that was ever there. */
const signingSecrets = new Map<string, string>();

const withClerk = useClerk({ secretKey: `sk_test_${keys.first.text}` }, { N8N_LOG_LEVEL: 'debug' });
const { calls } = withClerk;
let cloud: ClerkCloud;
let n8n: N8n;
let credential: Credential;

function endpointAt(url: string): Endpoint {
	const endpoint = cloud.endpoint(url);
	signingSecrets.set(endpoint.id, endpoint.secret);
	return endpoint;
}

beforeAll(async () => {
	({ cloud, n8n, credential } = withClerk);
	for (const mint of ['mintToken', 'mintOneTimeToken'] as const) {
		const original = cloud.portal[mint].bind(cloud.portal);
		jest.spyOn(cloud.portal, mint).mockImplementation((endpointId?: string | null) => {
			const token = original(endpointId);
			tokens.push(token);
			return token;
		});
	}
});

describe('D2: a change that is published', () => {
	let trigger: Automatic;

	beforeAll(async () => {
		trigger = await automaticTrigger(n8n, credential);
		endpointAt(trigger.url);
	});

	afterAll(async () => await n8n.deactivate(trigger.workflowId));

	test('of the events reaches Clerk: the endpoint is removed and created again, with ten calls', async () => {
		const expected = [...CALLS.remove, ...CALLS.register];
		const made = await calls(expected, async () => {
			await publishChanged(n8n, trigger.workflowId, ({ nodes: [node] }) => {
				if (node) node.parameters['events'] = ['user.deleted', 'user.created'];
			});
		});
		expect(made).toEqual(expected);
		await untilRemembered(n8n, trigger.workflowId);
		expect(endpointAt(trigger.url).eventTypes).toEqual(['user.created', 'user.deleted']);
		expect(answersTo(await cloud.emit('user.created', signUp()))).toEqual(['200 accepted']);
		expect((await cloud.emit('user.updated')).deliveries).toEqual([]);
	});

	test('of another node asks Clerk nothing', async () => {
		const made = await calls([], async () => {
			await publishChanged(n8n, trigger.workflowId, ({ nodes: [, node] }) => {
				if (node) node['notes'] = 'Changed';
			});
		});
		expect(made).toEqual([]);
		expect(answersTo(await cloud.emit('user.created', signUp()))).toEqual(['200 accepted']);
	});
});

test('A8: with a development key, Only Production ignores what is delivered', async () => {
	const { workflowId, url } = await automaticTrigger(n8n, credential, { options: { onlyProduction: true } });
	endpointAt(url);
	const message = await cloud.emit('user.created', signUp());
	expect(answersTo(message)).toEqual(['200 not_production']);
	expect(await n8n.executions(workflowId)).toEqual([]);
	await n8n.deactivate(workflowId);
});

test('D1: a second n8n on the same Clerk instance has an endpoint of its own; both get a delivery, and one goes without the other', async () => {
	await until(() => cloud.endpoints.length === 0, n8n);
	const first = await automaticTrigger(n8n, credential);
	const other = await (await reachable(cloud, { version: n8nVersion, publicUrl: SECOND_URL, fresh: true })).setUp();
	try {
		const second = await automaticTrigger(other, await createClerkApi(other, cloud), {}, SECOND_URL);
		const endpoints = [endpointAt(first.url), endpointAt(second.url)];
		expect(cloud.endpoints).toHaveLength(2);
		expect(new Set(endpoints.map(({ uid }) => uid)).size).toBe(2);
		expect(new Set(endpoints.map(({ secret }) => secret)).size).toBe(2);

		expect(answersTo(await cloud.emit('user.created', signUp()))).toEqual(['200 accepted', '200 accepted']);
		expect(await n8n.untilExecutions(first.workflowId, 1)).toHaveLength(1);
		expect(await other.untilExecutions(second.workflowId, 1)).toHaveLength(1);

		await n8n.deactivate(first.workflowId);
		await until(() => cloud.endpoints.length === 1, n8n);
		expect(cloud.endpoints).toEqual([endpoints[1]]);
		expect(answersTo(await cloud.emit('user.created', signUp()))).toEqual(['200 accepted']);
		expect(await other.untilExecutions(second.workflowId, 2)).toHaveLength(2);
		await other.deactivate(second.workflowId);
		await until(() => cloud.endpoints.length === 0, other);
	} finally {
		await other.stop();
	}
});

test('D4: an AutoConfig token in the place of the signing secret sets the URL of its endpoint, and what comes is verified', async () => {
	const endpoint = cloud.addEndpoint({ url: 'https://waiting.example.com/' });
	signingSecrets.set(endpoint.id, endpoint.secret);
	const pasted = { signingSecret: cloud.autoConfigToken(endpoint), previousSigningSecret: '' };
	const byToken = await n8n.createCredential('Clerk', pasted);
	const workflowId = await n8n.createWorkflow(triggerWorkflow({}, byToken));
	const expected = ['v1.endpoint.auto-config.update'];
	expect(await calls(expected, async () => await n8n.activate(workflowId))).toEqual(expected);
	expect(endpoint).toMatchObject({
		url: await publicUrlOf(n8n, workflowId),
		eventTypes: ['user.created', 'user.updated'],
	});
	expect(answersTo(await cloud.emit('user.created', signUp()))).toEqual(['200 accepted']);
	expect(await n8n.untilExecutions(workflowId, 1)).toHaveLength(1);
	// The endpoint is the person's who made it.
	expect(await calls([], async () => await n8n.deactivate(workflowId))).toEqual([]);
	expect(cloud.endpoints).toEqual([endpoint]);
	cloud.removeEndpoint(endpoint);
});

test('D5: each way to fail ends in a sentence of ours in n8n, and leaves nothing in Clerk', async () => {
	const looking = await ClerkCloud.start({ portal: { capabilities: ['ViewBase', 'ViewEndpointSecret'] } });
	const odd = await ClerkCloud.start({ link: { form: 'noAppId' } });
	const gone = await ClerkCloud.start();
	await gone.stop();
	try {
		const failing: Array<[string, ClerkCloud, { secretKey?: string }, string]> = [
			[
				'a publishable key',
				cloud,
				{ secretKey: 'pk_test_abc' },
				"This is a Clerk publishable key (pk_…), which gives no access to Clerk's API.",
			],
			[
				'no answer',
				gone,
				{},
				'Could not get a link to the webhook portal: the connection was refused. Try again in a few minutes.',
			],
			['a portal that only lets look', looking, {}, 'Clerk allows this key to read endpoints, but not to change them.'],
			['a link of another shape', odd, {}, 'the link has an unknown format'],
		];
		const said = await Promise.all(
			failing.map(async ([name, of, changed, sentence]) => {
				const workflowId = await n8n.createWorkflow(automaticWorkflow(await createClerkApi(n8n, of, changed)));
				const error = await n8n.activationError(workflowId);
				const url = await publicUrlOf(n8n, workflowId);
				return [name, error.includes(sentence) && error.includes(`The URL for the endpoint is ${url}`) ? sentence : error];
			}),
		);
		expect(said).toEqual(failing.map(([name, , , sentence]) => [name, sentence]));
		for (const { endpoints } of [cloud, looking, odd]) expect(endpoints).toEqual([]);
	} finally {
		await Promise.all([looking.stop(), odd.stop()]);
	}
});

test('D1: with another secret key in the credential, deliveries are answered with the cure, which works', async () => {
	const { workflowId, url } = await automaticTrigger(n8n, credential);
	endpointAt(url);
	cloud.backend.options.secretKey = `sk_test_${keys.rotated.text}`;
	const { id, name } = credential;
	await n8n.rest('PATCH', `/rest/credentials/${id}`, { name, type: 'clerkApi', data: clerkApiData(cloud) });
	// The request by which this test saw that the trigger is there has read the credential.
	await wait(KEEP_MS);

	const message = await cloud.emit('user.created', signUp());
	expect(answersTo(message)).toEqual(Array.from({ length: 5 }, () => '500 secret_key_changed'));
	expect(message.deliveries[0]?.attempts[0]?.text).toContain('Unpublish (deactivate) the workflow in n8n and publish it again');
	expect(n8n.log).toContain('The secret key is not the one that its endpoint was registered with');
	expect(await n8n.executions(workflowId)).toEqual([]);

	expect(await calls(CALLS.remove, async () => await n8n.deactivate(workflowId))).toEqual(CALLS.remove);
	await untilRemembered(n8n, workflowId, false);
	const again = async () => {
		await n8n.activate(workflowId);
		await untilRemembered(n8n, workflowId);
	};
	expect(await calls(CALLS.register, again)).toEqual(CALLS.register);
	endpointAt(url);
	expect(answersTo(await cloud.emit('user.created', signUp()))).toEqual(['200 accepted']);
	expect(await n8n.untilExecutions(workflowId, 1)).toHaveLength(1);
});

test('E4: neither signing secrets nor secret keys nor tokens of the portal are anywhere in n8n', async () => {
	const secrets: Canary[] = [
		...Object.values(keys),
		...[...signingSecrets].map(([id, secret]) => written(`signing secret of ${id}`, secret.slice('whsec_'.length))),
		...tokens.map((token) => written(`token ${token.slice(0, 4)}`, token)),
	];
	// Registered: twice at the change of events, for Only Production, on two hosts, through AutoConfig, and twice at the rotation.
	expect(signingSecrets.size).toBe(8);
	expect(tokens.filter((token) => token.startsWith('ott_')).length).toBeGreaterThan(10);
	const places = await placesOf(n8n);
	expect([...places].map(([place, content]) => [place, found(content, secrets)])).toEqual(
		[...places.keys()].map((place) => [place, []]),
	);
	// That it would be found: which endpoint it is is no secret, and stands where the sealed secret does.
	const [endpoint] = cloud.endpoints;
	expect(places.get('static data')).toContain(endpoint?.id);
	expect(found(JSON.stringify([...signingSecrets.values(), ...tokens, cloud.secretKey]), secrets)).toHaveLength(
		secrets.length - 1,
	);
	expect(places.get('workflows, exported on the command line')).toContain('sealedSigningSecret');
});

/** A text as it could be written down. */
function written(name: string, text: string): Canary {
	const bytes = Buffer.from(text, name.startsWith('signing') ? 'base64' : 'utf8');
	const forms = [text, encodeURIComponent(text), bytes.toString('hex'), bytes.toString('base64url'), bytes.toString('base64')];
	return { name, text, forms: [...new Set(forms)] };
}
