import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import type { INodeTypeDescription } from 'n8n-workflow';

import { ClerkWebhookApi } from '../../credentials/ClerkWebhookApi.credentials';
import { ClerkTrigger } from '../../nodes/Clerk/ClerkTrigger.node';
import { KEEP_MS, RECHECK_MS } from '../../nodes/Clerk/trigger/verification';
import { fixture, fixtures, OTHER_SECRET, SECRET, signed } from '../support/deliveries';
import { outputsOf, TRIGGER_TYPE } from '../support/n8n';
import { until } from '../support/registeredTrigger';
import { behaviourOf } from '../support/releases';
import { activeTrigger, deliver, nextId, post } from '../support/triggerWorkflow';
import type { Answer, Sending, Trigger } from '../support/triggerWorkflow';
import { useN8n } from '../support/useN8n';

declare const n8nVersion: string;

jest.setTimeout(120_000);

const INSTANCE = 'ins_2vREDACTED0000000000000000';
const withEmail = fixture('edge.order.3_user.created_arrives_last').envelope;
const withoutEmail = fixture('openapi.user.created').envelope;
const text = JSON.stringify(withEmail);
const plain = { 'content-type': 'text/plain' };

const host = useN8n();
/** As it comes from the panel: user.created and user.updated, one item, no option set. */
let standard: Trigger;

beforeAll(async () => (standard = await host.trigger()));

test('B1, C4: a verified, chosen delivery is answered 200 accepted and runs the workflow once', async () => {
	const trigger = await host.trigger();
	expect(await deliver(trigger.url, withEmail, { id: 'msg_accepted' })).toMatchObject({
		status: 200,
		body: {
			outcome: 'accepted',
			code: 'accepted',
			message: 'The workflow received a contact to upsert and the event "user.created".',
			eventType: 'user.created',
			eventId: 'msg_accepted',
			contactAction: 'upsert',
			noContact: null,
			events: ['user.created'],
			tenantAction: null,
		},
	});
	const executions = await host.n8n.untilExecutions(trigger.workflowId, 1);
	expect(executions).toEqual([expect.objectContaining({ status: 'success', mode: 'webhook' })]);
	const contact = { action: 'upsert', userId: 'user_2vREDACTED0000000000000001', email: 'person@example.com' };
	const event = { name: 'user.created', type: 'user.created', id: 'msg_accepted', instanceId: INSTANCE };
	expect(outputsOf(executions[0], 'End 0')).toEqual([
		[{ contact: expect.objectContaining(contact), event: expect.objectContaining(event), tenant: null }],
	]);
});

test("n8n loads the node with its hints for n8n's AI builder and a credential that is restricted to it, known to this release or not", async () => {
	const hinted = new ClerkTrigger().description.builderHint;
	expect([hinted?.searchHint, new ClerkWebhookApi().restrictToSupportedNodes]).toEqual([expect.any(String), true]);
	const [loaded] = await host.n8n.rest<INodeTypeDescription[]>('POST', '/rest/node-types', {
		nodeInfos: [{ name: TRIGGER_TYPE, version: 1.1 }],
	});
	expect(loaded?.builderHint).toEqual(hinted);
	expect((await deliver(standard.url, withEmail)).body).toMatchObject({ outcome: 'accepted' });
});

test('B3, B8: contacts come without names, and with a source of the builder, if wished', async () => {
	const trigger = await host.trigger({ output: 'contacts', options: { includeNames: false, source: 'Website' } });
	expect((await deliver(trigger.url, withEmail)).body).toMatchObject({ outcome: 'accepted' });
	const [execution] = await host.n8n.untilExecutions(trigger.workflowId, 1);
	const [[contact] = []] = outputsOf(execution, 'End 0');
	expect(contact).toMatchObject({ email: 'person@example.com', source: 'Website' });
	expect(Object.keys(contact ?? {}).filter((key) => /name$/i.test(key))).toEqual(['username']);
});

describe('what starts no execution', () => {
	/** The triggers that these tests deliver to, with what they are sent. */
	const triggers: Trigger[] = [];
	/** Like `standard`; takes one instance alone, and no test users; gives contacts alone. */
	let [chosen, picky, contacts]: Trigger[] = [];

	beforeAll(async () => {
		chosen = await host.trigger();
		picky = await host.trigger({ options: { onlyInstance: INSTANCE, leaveOutTestUsers: true } });
		contacts = await host.trigger({ events: ['*'], output: 'contacts' });
		triggers.push(chosen, picky, contacts);
	});

	const tester = structuredClone(withEmail);
	(tester.data['email_addresses'] as Array<Record<string, unknown>>)[0]!['email_address'] = 'jane+clerk_test@example.com';

	test.each<[string, () => Trigger | undefined, string, object]>([
		['A4: an event that was not chosen', () => chosen, 'event_not_selected', fixture('openapi.session.created').envelope],
		['A4: an event that nobody knows', () => chosen, 'event_not_selected', fixture('edge.unknown_event').envelope],
		['B4: a contact without an email', () => chosen, 'contact_without_email', withoutEmail],
		[
			'A8: another instance, if the builder wants one alone',
			() => picky,
			'other_instance',
			{ ...withEmail, instance_id: 'ins_other' },
		],
		['A8: a test user, if the builder wants none', () => picky, 'test_user', tester],
		['what has nothing for the chosen output', () => contacts, 'nothing_for_output', fixture('openapi.role.created').envelope],
	])('%s is answered 200 ignored, with the reason', async (_, trigger, code, body) => {
		const answer = await deliver(trigger()?.url ?? '', body);
		expect(answer).toMatchObject({ status: 200, body: { outcome: 'ignored', code, message: expect.stringMatching(/\.$/) } });
	});

	const hours = (count: number) => Date.now() + count * 3_600_000;
	const without = (header: string) => (): Sending => ({ headers: { [header]: undefined } });
	test.each<[string, () => Sending, Record<string, unknown>]>([
		['no svix-id', without('svix-id'), { code: 'header_missing', header: 'svix-id' }],
		['no svix-timestamp', without('svix-timestamp'), { code: 'header_missing', header: 'svix-timestamp' }],
		['no svix-signature', without('svix-signature'), { code: 'header_missing', header: 'svix-signature' }],
		[
			'a blank svix-signature',
			() => ({ headers: { 'svix-signature': ' ' } }),
			{ code: 'header_missing', header: 'svix-signature' },
		],
		[
			'a timestamp that is no number',
			() => ({ headers: { 'svix-timestamp': '1614265330abc' } }),
			{ code: 'timestamp_malformed' },
		],
		['a timestamp of an hour ago', () => ({ at: hours(-1) }), { code: 'timestamp_too_old', toleranceSeconds: 300 }],
		['a timestamp of an hour ahead', () => ({ at: hours(1) }), { code: 'timestamp_too_new', toleranceSeconds: 300 }],
		["a stranger's secret", () => ({ secret: OTHER_SECRET }), { code: 'signature_mismatch' }],
		['another body than the signed one', () => ({ instead: text.replace('person@', 'thief@') }), { code: 'signature_mismatch' }],
		['the same JSON, formatted again', () => ({ instead: JSON.stringify(withEmail, null, 2) }), { code: 'signature_mismatch' }],
		['the signature of another message', () => ({ headers: { 'svix-id': 'msg_other' } }), { code: 'signature_mismatch' }],
	])('A2: %s is answered 401 rejected with what to check', async (_, sending, expected) => {
		const answer = await deliver(chosen?.url ?? '', withEmail, sending());
		const check = expect.arrayContaining([expect.stringContaining('?')]);
		expect(answer).toMatchObject({ status: 401, body: { outcome: 'rejected', ...expected, check } });
		if (answer.body['secondsOff'] !== undefined) expect(answer.body['secondsOff']).toBeGreaterThanOrEqual(3599);
		expect(answer.text).not.toMatch(/whsec_|example\.com/);
	});

	test.each<[string, string, string, Sending]>([
		['a number', '42', 'body_not_object', {}],
		['null', 'null', 'body_not_object', {}],
		['a list', '[{"type":"user.created"}]', 'body_not_object', {}],
		['an object without a type', '{"data":{}}', 'type_missing', {}],
		['an object with an empty type', '{"type":" "}', 'type_missing', {}],
		['not JSON', 'hello', 'body_not_json', { headers: plain }],
	])('a signed body that is %s is answered 400 rejected', async (_, body, code, sending) => {
		expect(await deliver(chosen?.url ?? '', body, sending)).toMatchObject({ status: 400, body: { outcome: 'rejected', code } });
	});

	test('a signed body that is not JSON and sent as JSON is answered 422 by n8n itself', async () => {
		expect((await deliver(chosen?.url ?? '', 'hello')).status).toBe(422);
	});

	test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('A1: %s is not taken', async (method) => {
		expect((await post(chosen?.url ?? '', '', {}, method)).status).toBe(404);
	});

	test('nothing of all that has left an execution behind: one that is accepted now is the only one', async () => {
		for (const { url, workflowId } of triggers) {
			expect((await deliver(url, withEmail)).body).toMatchObject({ outcome: 'accepted' });
			expect(await host.n8n.untilExecutions(workflowId, 1)).toHaveLength(1);
		}
	});
});

describe('A2: a credential that cannot be used', () => {
	test('answers 500 misconfigured, says in n8n what is wrong, and starts nothing', async () => {
		const { n8n } = host;
		const own = await n8n.createCredential('Broken later', { signingSecret: SECRET, previousSigningSecret: '' });
		const trigger = await activeTrigger(n8n, own);
		await n8n.updateCredential(own, { signingSecret: 'sk_test_CANARY', previousSigningSecret: '' });
		await wait(KEEP_MS);
		const answer = await deliver(trigger.url, withEmail);
		expect(answer).toMatchObject({ status: 500, body: { outcome: 'misconfigured', code: 'secret_unusable' } });
		expect(answer.text).not.toMatch(/CANARY|secret key/);
		await until(() => n8n.log.includes('This is a Clerk secret key'), n8n);
		expect(n8n.log).not.toContain('CANARY');

		await n8n.rest('DELETE', `/rest/credentials/${own.id}`);
		await wait(RECHECK_MS);
		const missing = { outcome: 'misconfigured', code: 'credential_missing' };
		expect(await deliver(trigger.url, withEmail)).toMatchObject({ status: 500, body: missing });
		expect(await n8n.executions(trigger.workflowId)).toEqual([]);
	});

	test.each<[string, string, string, Record<string, string>]>([
		['OK', 'well-formed secrets', 'The signing secret is well-formed', { previousSigningSecret: OTHER_SECRET }],
		['Error', 'an empty secret', 'It is empty', { signingSecret: '' }],
		['Error', 'a Clerk secret key', 'This is a Clerk secret key', { signingSecret: 'sk_live_x' }],
		['Error', 'a key for asymmetric signatures', 'asymmetric', { signingSecret: 'whpk_x' }],
		['Error', 'a secret that lost its end', 'not valid base64', { signingSecret: SECRET.slice(0, -1) }],
		['Error', 'nothing after whsec_', 'nothing after whsec_', { signingSecret: 'whsec_' }],
		['Error', 'a broken previous secret', 'Previous Signing Secret: ', { previousSigningSecret: 'pk_test_x' }],
	])("n8n's own credential test says %s to %s", async (status, _, message, changed) => {
		const data = { signingSecret: SECRET, previousSigningSecret: '', ...changed };
		const credentials = { id: host.credential.id, name: 'Clerk', type: 'clerkWebhookApi', data };
		const result = await host.n8n.rest('POST', '/rest/credentials/test', { credentials });
		expect(result).toEqual({ status, message: expect.stringContaining(message) });
	});
});

test('A6: while a secret is rotated, what the old and what the new one signed are both accepted', async () => {
	const rotating = await host.n8n.createCredential('Rotating', { signingSecret: OTHER_SECRET, previousSigningSecret: SECRET });
	const { url, workflowId } = await activeTrigger(host.n8n, rotating);
	const [id, at] = [nextId(), Date.now()];
	const [both, old] = [OTHER_SECRET, SECRET].map((secret) => signed(text, { secret, id, at })['svix-signature']);
	const several = { id, at, headers: { 'svix-signature': `v1a,xx ${old} ${both}` } };
	const sendings = [{ secret: OTHER_SECRET }, { secret: SECRET }, several];
	for (const sending of sendings) expect((await deliver(url, withEmail, sending)).status).toBe(200);
	expect((await deliver(url, withEmail, { secret: 'whsec_plJ3nmyCDGBKInavdOK15jsl' })).status).toBe(401);
	expect(await host.n8n.untilExecutions(workflowId, 3)).toHaveLength(3);

	await host.n8n.updateCredential(rotating, { signingSecret: OTHER_SECRET, previousSigningSecret: '' });
	await wait(KEEP_MS);
	expect((await deliver(url, withEmail, { secret: SECRET })).status).toBe(401);
	expect((await deliver(url, withEmail, { secret: OTHER_SECRET })).status).toBe(200);
});

describe('the bytes of a body', () => {
	let raw: Trigger;
	let executions = 0;

	beforeAll(async () => {
		raw = await host.trigger({ events: ['*'], options: { includeRaw: true, contactsWithoutEmail: 'pass' } });
	});

	const odd =
		'{ "type" : "user.updated" ,\r\n\t"data":{"id":"user_\\u0041\\/b","first_name":"Zo\\u00eb 🙂","public_metadata":{"big":12345678901234567890,"small":1e-7,"text":"\\ud83d\\ude42"}} }';
	const bom = '\uFEFF';
	const typed = (type: string | undefined): Sending => ({ headers: { 'content-type': type } });

	test.each<[string, string, Sending]>([
		['escapes, spaces, big numbers and unicode', odd, {}],
		['a byte order mark', bom + odd, {}],
		['a byte order mark, as text', bom + odd, typed('text/plain')],
		['text/plain', odd, typed('text/plain')],
		['no content type', odd, typed(undefined)],
		['application/octet-stream', odd, typed('application/octet-stream')],
		['JSON with a charset', odd, typed('application/json; charset=utf-8')],
		['JSON by another name', odd, typed('application/cloudevents+json')],
		['gzip', odd, { headers: { 'content-encoding': 'gzip' }, instead: gzipSync(odd) }],
	])('verify and arrive: %s', async (_, body, sending) => {
		const { status, text: said } = await deliver(raw.url, body, sending);
		if (!behaviourOf(n8nVersion).takesByteOrderMark && body.startsWith(bom) && sending.headers === undefined) {
			expect(status).toBe(422);
			return;
		}
		expect([status, said]).toEqual([200, expect.stringContaining('accepted')]);
		const execution = (await host.n8n.untilExecutions(raw.workflowId, ++executions)).at(-1);
		expect(outputsOf(execution, 'End 0')[0]?.[0]?.['raw']).toEqual(JSON.parse(odd));
	});

	test('verify and arrive: 15 MB', async () => {
		const big = JSON.stringify({ ...withEmail, data: { ...withEmail.data, public_metadata: { filler: 'ä'.repeat(7_500_000) } } });
		expect(Buffer.byteLength(big)).toBeGreaterThan(15_000_000);
		// Without the raw delivery: what is measured is the way in, not n8n's database.
		const trigger = await host.trigger();
		expect((await deliver(trigger.url, big)).body).toMatchObject({ outcome: 'accepted' });
		expect(await host.n8n.untilExecutions(trigger.workflowId, 1)).toHaveLength(1);
	});

	test.each<[string, () => Promise<Answer>, number, string]>([
		[
			'a form, whose bytes are gone',
			async () =>
				await deliver(
					raw.url,
					'--x\r\ncontent-disposition: form-data; name="type"\r\n\r\nuser.created\r\n--x--\r\n',
					typed('multipart/form-data; boundary=x'),
				),
			401,
			'body_unreadable',
		],
		[
			'another form',
			async () => await deliver(raw.url, 'type=user.created', typed('application/x-www-form-urlencoded')),
			400,
			'body_not_json',
		],
		['an empty body', async () => await deliver(raw.url, ''), 400, 'body_not_json'],
		['an empty body without a signature', async () => await post(raw.url, '', {}), 401, 'header_missing'],
	])('are never guessed: %s', async (_, send, status, code) => {
		expect(await send()).toMatchObject({ status, body: { outcome: 'rejected', code } });
	});
});

/** `raw` as the API shows it: some releases hide what the node marks as sensitive. */
function shown(envelope: object): object {
	const { redactsSensitiveFields } = behaviourOf(n8nVersion);
	const { sensitiveOutputFields = [] } = new ClerkTrigger().description;
	const item = { raw: structuredClone(envelope) };
	for (const path of redactsSensitiveFields ? sensitiveOutputFields : []) {
		const names = path.split('.');
		const last = names.pop() ?? '';
		const holder = names.reduce<unknown>((object, name) => (object as Record<string, unknown> | null)?.[name], item);
		if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, last)) continue;
		Object.assign(holder, { [last]: expect.objectContaining({ __redacted: true }) });
	}
	return item.raw;
}

test('A7, C1, C8: every delivery that Clerk can send is accepted, gives an event of its name and id, and arrives unchanged as raw', async () => {
	const every = await host.trigger({
		events: ['*'],
		// Some fixtures are older states of a user in another one.
		options: { contactsWithoutEmail: 'pass', includeRaw: true, includeClient: true, skipOutOfDate: false },
	});
	for (const { name, text: body } of fixtures) {
		const accepted = { outcome: 'accepted', eventId: `msg_${name}` };
		expect([name, (await deliver(every.url, body, { id: `msg_${name}` })).body]).toEqual([
			name,
			expect.objectContaining(accepted),
		]);
	}
	const executions = await host.n8n.untilExecutions(every.workflowId, fixtures.length);
	expect(executions).toHaveLength(fixtures.length);
	const items = executions.map((execution) => outputsOf(execution, 'End 0')[0]?.[0]);
	const arrived = new Map(items.map((item) => [(item?.['event'] as { id: string }).id, item]));
	for (const { name, envelope } of fixtures) {
		const isContact = /user\.(created|updated)|waitlistEntry|Invitation\.accepted/.test(name);
		const action = isContact ? 'upsert' : name.includes('user.deleted') ? 'delete' : null;
		const organizationId = /organization(Membership)?\./.test(name) ? expect.stringMatching(/^org_/) : null;
		expect([name, arrived.get(`msg_${name}`)]).toEqual([
			name,
			{
				contact: action && expect.objectContaining({ action }),
				event: expect.objectContaining({ name: envelope.type, type: envelope.type, clientIp: expect.anything() }),
				tenant: organizationId && expect.objectContaining({ organizationId }),
				raw: shown(envelope),
			},
		]);
	}
});

describe('the four outputs', () => {
	const membership = fixture('openapi.organizationMembership.created').envelope;
	const like = (record: object): unknown => expect.objectContaining(record);
	const contact = like({ action: 'upsert', email: 'person@example.com', source: 'Clerk webhook' });
	const event = like({ name: 'user.created', email: 'person@example.com' });
	const joined = like({ name: membership.type, type: membership.type });
	const tenant = like({ action: 'subscribe', role: 'org:member' });
	const everything = { events: ['*'] };

	test.each<[string, Record<string, unknown>, object, unknown[][]]>([
		['item: one item with contact, event and tenant', everything, membership, [[{ contact: null, event: joined, tenant }]]],
		['contacts: flat contacts', { ...everything, output: 'contacts' }, withEmail, [[contact]]],
		['events: flat events', { ...everything, output: 'events' }, withEmail, [[event]]],
		['split: contact and event on outputs of their own', { ...everything, output: 'split' }, withEmail, [[contact], [event], []]],
		['split: event and tenant on outputs of their own', { ...everything, output: 'split' }, membership, [[], [joined], [tenant]]],
		[
			'split: without an organization event there are two outputs',
			{ events: ['user.created'], output: 'split' },
			withEmail,
			[[contact], [event]],
		],
	])('%s, and each branch gets its items', async (_, parameters, body, expected) => {
		const trigger = await host.trigger(parameters, expected.length);
		expect((await deliver(trigger.url, body)).body).toMatchObject({ outcome: 'accepted' });
		const [execution] = await host.n8n.untilExecutions(trigger.workflowId, 1);
		expect(outputsOf(execution, 'Clerk Trigger')).toEqual(expected);
		// A node that gets nothing does not run.
		const ends = expected.map((_items, index) => outputsOf(execution, `End ${index}`).flat());
		expect(ends).toEqual(expected);
	});
});

test('E4: no private field, code, link or secret is in an item, an answer or the log', async () => {
	const trigger = await host.trigger({ events: ['*'], options: { contactsWithoutEmail: 'pass' } });
	const canary = 'CANARY-e7c1';
	const secretKeys = ['body', 'body_plain', 'subject', 'message', 'url', 'private_metadata', 'unsafe_metadata'];
	const marked = (key: string, value: unknown) =>
		secretKeys.includes(key) ? (typeof value === 'string' ? canary : { secret: canary }) : value;
	const names = ['openapi.email.created', 'openapi.sms.created', 'edge.order.3_user.created_arrives_last'];
	const bodies = [...names, 'openapi.organizationInvitation.created'].map((name) =>
		JSON.stringify(JSON.parse(fixture(name).text, marked)),
	);
	for (const body of bodies) {
		expect(body).toContain(canary);
		const answer = await deliver(trigger.url, body);
		expect(answer.body).toMatchObject({ outcome: 'accepted' });
		expect(answer.text).not.toContain(canary);
	}
	const executions = JSON.stringify(await host.n8n.untilExecutions(trigger.workflowId, bodies.length));
	const workflow = JSON.stringify(await host.n8n.api('GET', `/workflows/${trigger.workflowId}`));
	for (const place of [executions, host.n8n.log, workflow]) {
		expect(place).not.toContain(canary);
		expect(place).not.toContain(SECRET.slice('whsec_'.length));
	}
});

test('E3: after a restart the trigger is there again, and one whose credential broke says so instead of being gone', async () => {
	const own = await host.n8n.createCredential('Breaks', { signingSecret: SECRET, previousSigningSecret: '' });
	const broken = await activeTrigger(host.n8n, own);
	await host.n8n.updateCredential(own, { signingSecret: 'whsec_', previousSigningSecret: '' });
	await host.restart();
	await host.n8n.untilRegistered(standard.url);
	expect((await deliver(standard.url, withEmail)).body).toMatchObject({ outcome: 'accepted' });
	await host.n8n.untilRegistered(broken.url);
	const misconfigured = { outcome: 'misconfigured', code: 'secret_unusable' };
	expect(await deliver(broken.url, withEmail)).toMatchObject({ status: 500, body: misconfigured });
});
