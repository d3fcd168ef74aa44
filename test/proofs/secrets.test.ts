import { setTimeout as wait } from 'node:timers/promises';

import { catalogue } from '../../nodes/Clerk/events/catalogue';
import { OUTPUT_CHOICES } from '../../nodes/Clerk/records/settings';
import { KEEP_MS } from '../../nodes/Clerk/trigger/verification';
import { fixture, fixtures, OTHER_SECRET, SECRET } from '../support/deliveries';
import { until } from '../support/eventually';
import { outputsOf } from '../support/n8n';
import type { N8n, Workflow } from '../support/n8n';
import { packed, packedWith } from '../support/tarball';
import { activeTrigger, deliver, nextId, triggerWorkflow } from '../support/triggerWorkflow';
import type { Answer, Sending, Trigger } from '../support/triggerWorkflow';
import { failWith, setFields, useN8n, waitFor } from '../support/useN8n';
import { canary, found, secretCanary } from '../support/plantedSecrets';
import { placesOf } from '../support/n8nContents';
import type { Places } from '../support/n8nContents';
import { atFullSize, report, sizedEnv } from './figures';

jest.setTimeout(10 * 60_000);

const secrets = {
	current: secretCanary('signing secret'),
	previous: secretCanary('previous signing secret'),
	/** What somebody pasted into the credential by mistake. */
	mistaken: canary('mistaken-secret'),
};
const hidden = {
	plan: canary('private-plan'),
	note: canary('private-note'),
	unsafe: canary('unsafe-metadata'),
	message: canary('message-text'),
	code: canary('one-time-code'),
	magicLink: canary('magic-link'),
	invitation: canary('organization-invitation-url'),
	waitlist: canary('waitlist-invitation-url'),
};
/** Goes into the items, and nowhere else. */
const person = canary('person');

const SECRETS = Object.values(secrets);
const HIDDEN = Object.values(hidden);
const EVERYTHING = [...SECRETS, ...HIDDEN, person];
const names = (canaries: typeof EVERYTHING) => canaries.map(({ name }) => name);

type Json = Record<string, unknown>;

/** Where a canary is planted: in every object of a delivery, whether Clerk has such a field there or not. */
const PLANTED: Json = {
	private_metadata: { plan: hidden.plan.text, nested: { note: hidden.note.text } },
	unsafe_metadata: { plan: hidden.unsafe.text },
	body: `<p>${hidden.message.text}</p>`,
	body_plain: hidden.message.text,
	subject: hidden.message.text,
	message: hidden.message.text,
	code: hidden.code.text,
	otp_code: hidden.code.text,
	token: hidden.code.text,
	password: hidden.code.text,
	url: `https://accounts.example.com/accept?token=${hidden.invitation.text}`,
	invitation: { url: `https://accounts.example.com/wait?token=${hidden.waitlist.text}` },
	data: { otp_code: hidden.code.text, magic_link: `https://accounts.example.com/verify?token=${hidden.magicLink.text}` },
};
const NAMES = ['first_name', 'last_name', 'username'];
const ADDRESSES = ['email_address', 'to_email_address', 'affiliation_email_address', 'identifier'];

function planted(body: string): string {
	const envelope = JSON.parse(body, (key, value: unknown) => {
		if (NAMES.includes(key)) return person.text;
		if (ADDRESSES.includes(key) && typeof value === 'string') return `${person.text}@example.com`;
		const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
		// The outermost object is the envelope.
		return isObject && key !== '' ? { ...value, ...PLANTED } : value;
	}) as { data: Json };
	return JSON.stringify(envelope);
}

/** The text of every answer to a delivery. */
const answers: string[] = [];

async function sendTo({ url }: Pick<Trigger, 'url'>, body: string | object, sending: Sending = {}): Promise<Answer> {
	const answer = await deliver(url, body, { secret: secrets.current.secret, ...sending });
	answers.push(answer.text);
	return answer;
}

/** The fixtures, and one of the only event that there is none of. */
const deliveries = [
	...fixtures.map(({ text }) => text),
	JSON.stringify({ ...fixture('openapi.subscriptionItem.updated').envelope, type: 'subscriptionItem.created' }),
];

const signUp = planted(fixture('edge.order.3_user.created_arrives_last').text);
const session = planted(fixture('openapi.session.created').text);

const host = useN8n({
	env: { N8N_LOG_LEVEL: 'debug', ...sizedEnv },
	signingSecret: secrets.current.secret,
	previousSigningSecret: secrets.previous.secret,
});
let n8n: N8n;
let credential: { id: string; name: string };

beforeAll(() => ({ n8n, credential } = host));

const all = { events: ['*'] };
const lastNode = { ...all, options: { acknowledge: 'lastNode' } };
const stop = failWith('The store said no');

describe('every delivery, good and bad, with something secret wherever there can be', () => {
	let refusal: string;
	let places: Places;
	let control: Places;
	const outcomes = new Map<string, number>();

	/** The status, and what the node said if it was the node that answered. */
	const said = ({ status, body }: Answer) => `${status} ${typeof body['outcome'] === 'string' ? body['outcome'] : 'n8n'}`;
	const count = (answer: Answer) => outcomes.set(said(answer), (outcomes.get(said(answer)) ?? 0) + 1);

	beforeAll(async () => {
		// n8n takes 15 seconds over it.
		const refusing = refusedActivation();
		for (const output of OUTPUT_CHOICES) await deliverAll(output);
		await deliverToEditor();
		await deliverOddly();
		await failAndBreak();
		refusal = await refusing;
		places = await placesOf(n8n);
		control = await withAllPlanted();
		const searched = new Map([
			...places,
			['answers', [...answers, refusal].join('\n')],
			['packed package', (await packed()).content],
		]);
		const sizes = [...searched.values()].map((place) => place.length);
		report('secrets', {
			...Object.fromEntries([...outcomes].map(([what, times]) => [`answers: ${what}`, times])),
			secrets: SECRETS.length,
			hidden: HIDDEN.length,
			formsSearched: EVERYTHING.reduce((sum, { forms }) => sum + forms.length, 0),
			places: searched.size,
			megabytesSearched: Math.round(sizes.reduce((sum, size) => sum + size, 0) / 100_000) / 10,
			...Object.fromEntries([...searched].map(([place, content]) => [`bytes: ${place}`, content.length])),
			expressionEngine: atFullSize ? 'as it comes' : 'lazy',
		});
	});

	async function deliverAll(output: (typeof OUTPUT_CHOICES)[number]): Promise<void> {
		const options = { contactsWithoutEmail: 'pass', includeClient: true, skipOutOfDate: false };
		const trigger = await host.trigger({ events: ['*'], output, options }, output === 'split' ? 3 : 1);
		const queue = [...deliveries];
		const worker = async () => {
			for (let next = queue.shift(); next; next = queue.shift()) count(await sendTo(trigger, planted(next)));
		};
		await Promise.all([worker(), worker(), worker(), worker()]);
	}

	/** While somebody builds the workflow and listens for a test event. */
	async function deliverToEditor(): Promise<void> {
		const workflow = triggerWorkflow({ events: ['*'] }, credential);
		const workflowId = await n8n.createWorkflow(workflow);
		const url = `${n8n.url}/webhook-test/${workflow.nodes[0]?.webhookId}/clerk`;
		for (const body of [signUp, session]) {
			const listening = await n8n.rest('POST', `/rest/workflows/${workflowId}/run`, {
				triggerToStartFrom: { name: 'Clerk Trigger' },
			});
			expect(listening).toEqual({ waitingForWebhook: true });
			count(await sendTo({ url }, body));
		}
		const executions = await n8n.untilExecutions(workflowId, 2);
		expect(executions.map(({ mode }) => mode)).toEqual(['manual', 'manual']);
	}

	/** What is answered without an execution. */
	async function deliverOddly(): Promise<void> {
		const picky = await host.trigger({ events: ['user.created', 'user.updated'] });
		const elsewhere = await host.trigger({ events: ['*'], options: { onlyInstance: 'ins_other' } });
		const id = nextId();
		const hour = 3_600_000;
		const older = signUp.replaceAll(/"updated_at":\d+/g, '"updated_at":1').replace('user.created', 'user.updated');
		const ofPrevious = planted(fixture('edge.user.updated.several_emails_primary_second').text);
		// Somebody sends the secret itself.
		const secretAsSignature = { 'svix-signature': `v1,${secrets.current.text}` };
		const secretAsToken = { authorization: `Bearer ${secrets.current.secret}` };
		const expected: Array<[string, Trigger, string, Sending?]> = [
			['200 accepted', picky, signUp, { id }],
			['200 duplicate', picky, signUp, { id }],
			['200 stale', picky, older],
			['200 accepted', picky, ofPrevious, { secret: secrets.previous.secret }],
			['200 ignored', picky, session],
			['200 ignored', elsewhere, signUp],
			['200 ignored', picky, planted(fixture('openapi.user.created').text)],
			['401 rejected', picky, signUp, { secret: OTHER_SECRET }],
			['401 rejected', picky, signUp, { at: Date.now() - hour }],
			['401 rejected', picky, signUp, { headers: { 'svix-signature': undefined } }],
			['401 rejected', picky, signUp, { headers: secretAsSignature }],
			['401 rejected', picky, signUp, { headers: secretAsToken, secret: OTHER_SECRET }],
			['401 rejected', picky, signUp, { instead: `${signUp} ` }],
			['400 rejected', picky, signUp.slice(1), { headers: { 'content-type': 'text/plain' } }],
			['422 n8n', picky, signUp.slice(1)],
		];
		for (const [what, trigger, body, sending] of expected) {
			const answer = await sendTo(trigger, body, sending);
			count(answer);
			expect([said(answer), answer.text]).toEqual([what, answer.text]);
		}
	}

	async function answered(what: string, trigger: Trigger, sending: Sending = {}): Promise<void> {
		const answer = await sendTo(trigger, signUp, sending);
		count(answer);
		expect(said(answer)).toBe(what);
	}

	/** Workflows that fail, a credential that breaks later, and tests of wrong ones. */
	async function failAndBreak(): Promise<void> {
		count(await sendTo(await host.triggerBefore(stop, all), signUp));
		await answered('500 failed', await host.triggerBefore(stop, lastNode));

		const slow = await host.triggerBefore(waitFor(8), lastNode);
		const first = sendTo(slow, signUp, { id: 'msg_slow' });
		await n8nStarts(slow);
		await answered('409 postponed', slow, { id: 'msg_slow' });
		count(await first);

		const breaking = await n8n.createCredential('Breaks later', {
			signingSecret: secrets.current.secret,
			previousSigningSecret: '',
		});
		const broken = await activeTrigger(n8n, breaking);
		await n8n.updateCredential(breaking, { signingSecret: `whsec_${secrets.mistaken.text}`, previousSigningSecret: '' });
		await wait(KEEP_MS);
		await answered('500 misconfigured', broken);

		for (const prefix of ['whsec_', 'sk_live_', 'whpk_', '']) {
			const data = { signingSecret: prefix + secrets.mistaken.text, previousSigningSecret: secrets.previous.secret };
			const tested = await n8n.rest<{ status: string }>('POST', '/rest/credentials/test', {
				credentials: { id: credential.id, name: credential.name, type: 'clerkWebhookApi', data },
			});
			expect(tested.status).toBe('Error');
			answers.push(JSON.stringify(tested));
		}
	}

	/** The list without a status holds only what has ended. */
	async function n8nStarts({ workflowId }: Trigger): Promise<void> {
		const running = async () =>
			(await n8n.api<{ data: unknown[] }>('GET', `/executions?workflowId=${workflowId}&status=running`)).data.length;
		await until(async () => (await running()) > 0);
	}

	async function refusedActivation(): Promise<string> {
		const mistaken = await n8n.createCredential('Mistaken', {
			signingSecret: `whsec_${secrets.mistaken.text}`,
			previousSigningSecret: '',
		});
		return await n8n.activationError(await n8n.createWorkflow(triggerWorkflow({}, mistaken)));
	}

	/** The same places once everything was written into them on purpose. */
	async function withAllPlanted(): Promise<Places> {
		const all = EVERYTHING.map(({ text }) => text).join(' ');
		const leaking = triggerWorkflow({ events: ['*'] }, credential);
		// n8n writes the names of the nodes that it runs into its log.
		for (const node of leaking.nodes) if (node.name === 'End 0') node.name = all;
		leaking.connections = { 'Clerk Trigger': { main: [[{ node: all, type: 'main', index: 0 }]] } };
		const workflowId = await n8n.createWorkflow({ ...leaking, staticData: { all } } as Workflow);
		const url = await n8n.activate(workflowId);
		const { text } = await deliver(url, { type: all, data: {} }, { secret: secrets.current.secret });
		await n8n.untilExecutions(workflowId, 1);
		for (const { text } of EVERYTHING)
			await n8n.createCredential(text, { signingSecret: OTHER_SECRET, previousSigningSecret: '' });
		const places = await placesOf(n8n);
		places.set('answers', text);
		return places;
	}

	test('E4: each of the 46 events is delivered in each of the outputs, and every way of answering is among the answers', () => {
		const types = new Set(deliveries.map((text) => (JSON.parse(text) as { type: string }).type));
		expect(catalogue.filter(({ type }) => !types.has(type))).toEqual([]);
		expect(catalogue).toHaveLength(46);
		for (const text of deliveries) expect(found(planted(text), HIDDEN)).toEqual(names(HIDDEN));
		expect([...outcomes.keys()].sort()).toEqual([
			'200 accepted',
			'200 duplicate',
			'200 ignored',
			'200 stale',
			'400 rejected',
			'401 rejected',
			'409 postponed',
			'422 n8n',
			'500 failed',
			'500 misconfigured',
		]);
		expect(outcomes.get('200 accepted')).toBeGreaterThan(3 * deliveries.length);
	});

	test('E4: nothing of it is in any place that n8n shows, writes or stores', () => {
		expect([...places].map(([place, content]) => [place, found(content, [...SECRETS, ...HIDDEN])])).toEqual(
			[...places.keys()].map((place) => [place, []]),
		);
	});

	test('E4: nothing of it is in an answer to a delivery, to a test of a credential or to an activation', () => {
		expect(refusal).toContain('whsec_');
		expect(found([...answers, refusal].join('\n'), EVERYTHING)).toEqual([]);
	});

	test('E4: who a delivery is about is in the executions, where it belongs, and not in the log or the workflow', () => {
		const holding = [...places].filter(([, content]) => found(content, [person]).length > 0).map(([place]) => place);
		expect(holding).toEqual([
			'executions, from the public API',
			'executions, as the editor gets them',
			'tables of the database',
			"files in n8n's folder",
		]);
	});

	test('whatever is written into one of these places on purpose is found there', () => {
		expect([...control].map(([place, content]) => [place, found(content, EVERYTHING)])).toEqual(
			[...places.keys(), 'answers'].map((place) => [place, names(EVERYTHING)]),
		);
	});
});

describe('what a builder asks for', () => {
	/** What a delivery of a sign-up leaves behind, with these options. */
	async function received(options: Json) {
		const trigger = await host.trigger({ events: ['*'], options });
		const logged = n8n.log.length;
		const { text } = await sendTo(trigger, signUp);
		const executions = await n8n.untilExecutions(trigger.workflowId, 1);
		return { item: outputsOf(executions[0], 'End 0')[0]?.[0], executions, answerAndLog: text + n8n.log.slice(logged) };
	}

	test('E4: of private metadata, a custom field passes on what it names, and nothing else of it', async () => {
		const { item, executions, answerAndLog } = await received({
			customContactFields: { field: [{ name: 'plan', path: 'data.private_metadata.plan' }] },
			customEventProperties: { field: [{ name: 'tier', path: 'data.private_metadata.plan' }] },
		});
		expect(item).toMatchObject({ contact: { plan: hidden.plan.text }, event: { tier: hidden.plan.text } });
		expect(found(JSON.stringify(executions), [...HIDDEN, ...SECRETS])).toEqual([hidden.plan.name]);
		expect(found(answerAndLog, EVERYTHING)).toEqual([]);
	});

	test('E4: Include Raw Delivery passes on all of it, into the execution alone', async () => {
		const { executions, answerAndLog } = await received({ includeRaw: true });
		expect(found(JSON.stringify(executions), [...HIDDEN, ...SECRETS])).toEqual(names(HIDDEN));
		expect(found(answerAndLog, EVERYTHING)).toEqual([]);
	});
});

describe('an answer that waits for the workflow', () => {
	test('says what the trigger says, and nothing that the workflow puts out', async () => {
		const trigger = await host.triggerBefore(setFields({ leak: '={{ $json.contact.firstName }}' }), lastNode);
		const answer = await sendTo(trigger, signUp);
		expect(answer).toEqual({
			status: 200,
			text: expect.any(String),
			body: {
				outcome: 'accepted',
				code: 'accepted',
				message: expect.stringContaining('succeeded'),
				eventType: 'user.created',
				eventId: expect.any(String),
				contactAction: 'upsert',
				noContact: null,
				events: ['user.created'],
				tenantAction: null,
			},
		});
		expect(found(answer.text, EVERYTHING)).toEqual([]);
		const [execution] = await n8n.untilExecutions(trigger.workflowId, 1);
		expect(outputsOf(execution, 'End 0')).toEqual([[{ leak: person.text }]]);
	});

	test('does not say with what words the workflow failed', async () => {
		const trigger = await host.triggerBefore(failWith('=No room for {{ $json.contact.firstName }}'), lastNode);
		const answer = await sendTo(trigger, signUp);
		expect(answer).toMatchObject({ status: 500, body: { outcome: 'failed', code: 'workflow_failed' } });
		expect(answer.text).not.toContain('No room');
		expect(found(answer.text, EVERYTHING)).toEqual([]);
		const [execution] = await n8n.untilExecutions(trigger.workflowId, 1);
		expect(JSON.stringify(execution?.data.resultData.error)).toContain(`No room for ${person.text}`);
	});
});

describe('texts that n8n would evaluate in a workflow', () => {
	const EVIL = [
		'={{ 7*7 }}',
		'={{ $env.PATH }}',
		'{{ $json }}',
		'$execution.id',
		'=$now',
		'={{ process.exit() }}',
		"{{ ''.constructor }}",
	];

	test.each(EVIL)('arrive as they are where an event or a person is called %s', async (evil) => {
		const passOn = { name: '={{ $json.event.name }}', type: '={{ $json.event.type }}', person: '={{ $json.contact.firstName }}' };
		const trigger = await host.triggerBefore(setFields(passOn), all);
		const { envelope } = fixture('edge.order.3_user.created_arrives_last');
		const event = await sendTo(trigger, { ...envelope, type: evil });
		expect(event).toMatchObject({ status: 200, body: { outcome: 'accepted', eventType: evil, events: [evil] } });
		Object.assign(envelope.data, { first_name: evil, last_name: evil, username: evil });
		expect(await sendTo(trigger, envelope)).toMatchObject({ status: 200, body: { outcome: 'accepted' } });

		const executions = await n8n.untilExecutions(trigger.workflowId, 2);
		const put = (node: string) => executions.map((execution) => outputsOf(execution, node)[0]?.[0]);
		expect(put('Clerk Trigger')).toEqual([
			expect.objectContaining({ contact: null, event: expect.objectContaining({ name: evil, type: evil }) }),
			expect.objectContaining({
				contact: expect.objectContaining({ firstName: evil, lastName: evil, name: `${evil} ${evil}`, username: evil }),
				event: expect.objectContaining({ name: 'user.created', firstName: evil, lastName: evil }),
			}),
		]);
		// Nor does it become an expression in the next node, which refers to it by one.
		expect(put('End 0')).toEqual([
			{ name: evil, type: evil, person: null },
			{ name: 'user.created', type: 'user.created', person: evil },
		]);
	});
});

describe('the packed package', () => {
	// Whole secrets of Clerk, and what the tests sign with.
	const KEYS = /whsec_[A-Za-z0-9+/]{8,}|(sk|pk)_(live|test)_[A-Za-z0-9]{8,}|-----BEGIN|_authToken/;

	test('E4: holds no secret, and no file but those that n8n runs and people read', async () => {
		const { files, content } = await packed();
		expect(files.filter((file) => !/^package\/(dist\/.+|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file))).toEqual(
			[],
		);
		expect(files.filter((file) => /(test|fixture|\.env|npmrc|\.pem$|\.key$|\.map$)/i.test(file))).toEqual([]);
		expect(found(content, EVERYTHING)).toEqual([]);
		expect(KEYS.exec(content.toString('latin1'))).toBeNull();
		for (const secret of [SECRET, OTHER_SECRET]) expect(content.includes(secret.slice('whsec_'.length))).toBe(false);
	});

	test('with a secret in it, would be found out', async () => {
		const { files, content } = await packedWith('dist/.env', EVERYTHING.map(({ text }) => text).join('\n') + SECRET);
		expect(files).toContain('package/dist/.env');
		expect(found(content, EVERYTHING)).toEqual(names(EVERYTHING));
		expect(KEYS.exec(content.toString('latin1'))?.[0]).toBe(SECRET);
	});
});

test.each<[string, (text: string) => string | Buffer]>([
	['as text', (text) => `before ${text} behind`],
	['as JSON in JSON', (text) => JSON.stringify({ inner: JSON.stringify({ text }) })],
	['in a URL', (text) => `https://example.com/?text=${encodeURIComponent(text)}`],
	['in hex', (text) => Buffer.from(`before ${text}`).toString('hex')],
	['in base64', (text) => Buffer.from(text).toString('base64')],
	['in base64, with one byte before it', (text) => Buffer.from(`1${text}`).toString('base64')],
	['in base64, with two bytes before and one behind it', (text) => Buffer.from(`12${text}1`).toString('base64')],
	['in UTF-16', (text) => Buffer.from(text, 'utf16le')],
])('the search finds each secret %s', (_, written) => {
	for (const one of EVERYTHING) expect(found(written(one.text), EVERYTHING)).toEqual([one.name]);
});

test.each<[string, (key: Buffer) => string | Buffer]>([
	['in bytes', (key) => key],
	['in hex', (key) => key.toString('hex')],
	['in base64 for URLs', (key) => key.toString('base64url')],
])('the search finds the key that a signing secret stands for %s', (_, written) => {
	for (const one of [secrets.current, secrets.previous]) {
		expect(found(written(Buffer.from(one.text, 'base64')), EVERYTHING)).toEqual([one.name]);
	}
});
