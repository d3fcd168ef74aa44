import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import type { INodeTypeDescription } from 'n8n-workflow';

import { ClerkWebhookApi } from '../../credentials/ClerkWebhookApi.credentials';
import { ClerkTrigger } from '../../nodes/Clerk/ClerkTrigger.node';
import { KEEP_MS, RECHECK_MS } from '../../nodes/Clerk/trigger/verification';
import { fixture, fixtures, OTHER_SECRET, SECRET, signed } from '../support/deliveries';
import { N8n, outputsOf, TRIGGER_TYPE } from '../support/n8n';
import { until } from '../support/registration';
import { behaviourOf } from '../support/releases';
import { activeTrigger, deliver, nextId, post, triggerWorkflow } from '../support/triggerWorkflow';
import type { Sending, Trigger } from '../support/triggerWorkflow';

declare const n8nVersion: string;

jest.setTimeout(120_000);

const INSTANCE = 'ins_2vREDACTED0000000000000000';
const withEmail = fixture('edge.order.3_user.created_arrives_last').envelope;
const withoutEmail = fixture('openapi.user.created').envelope;

let n8n: N8n;
let credential: { id: string; name: string };
/** As it comes from the panel: user.created and user.updated, one item, no option set. */
let standard: Trigger;

beforeAll(async () => {
	n8n = await (await N8n.start({ version: n8nVersion })).setUp();
	credential = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	standard = await activeTrigger(n8n, credential);
});

afterAll(async () => await n8n?.stop());

/** No execution may come of it, not even a moment later: a delivery that does start one is run behind it. */
async function expectNoExecution({ url, workflowId }: Trigger, provoke: () => Promise<void>): Promise<void> {
	const before = (await n8n.executions(workflowId)).length;
	await provoke();
	expect((await deliver(url, withEmail)).body).toMatchObject({ outcome: 'accepted' });
	expect(await n8n.untilExecutions(workflowId, before + 1)).toHaveLength(before + 1);
}

test("n8n loads the node with its hints for n8n's AI builder and a credential that is restricted to it, known to this release or not", async () => {
	const hinted = new ClerkTrigger().description.builderHint;
	expect([hinted?.searchHint, new ClerkWebhookApi().restrictToSupportedNodes]).toEqual([expect.any(String), true]);
	const [loaded] = await n8n.rest<INodeTypeDescription[]>('POST', '/rest/node-types', {
		nodeInfos: [{ name: TRIGGER_TYPE, version: 1.1 }],
	});
	expect(loaded?.builderHint).toEqual(hinted);
	expect((await deliver(standard.url, withEmail)).body).toMatchObject({ outcome: 'accepted' });
});

describe('what a sender gets', () => {
	test('B1, C4: a verified, chosen delivery is answered 200 accepted and runs the workflow once', async () => {
		const before = (await n8n.executions(standard.workflowId)).length;
		const answer = await deliver(standard.url, withEmail, { id: 'msg_accepted' });
		expect(answer).toMatchObject({
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
		const executions = await n8n.untilExecutions(standard.workflowId, before + 1);
		expect(executions).toHaveLength(before + 1);
		expect(executions.at(-1)).toMatchObject({ status: 'success', mode: 'webhook' });
		expect(outputsOf(executions.at(-1), 'End 0')).toEqual([
			[
				{
					contact: expect.objectContaining({
						action: 'upsert',
						userId: 'user_2vREDACTED0000000000000001',
						email: 'person@example.com',
					}),
					event: expect.objectContaining({
						name: 'user.created',
						type: 'user.created',
						id: 'msg_accepted',
						instanceId: INSTANCE,
					}),
					tenant: null,
				},
			],
		]);
	});

	test.each<[string, string, object]>([
		['A4: an event that was not chosen', 'event_not_selected', fixture('openapi.session.created').envelope],
		['A4: an event that nobody knows', 'event_not_selected', fixture('edge.unknown_event').envelope],
		['B4: a contact without an email', 'contact_without_email', withoutEmail],
	])('%s is answered 200 ignored, with %s, and runs nothing', async (_, code, body) => {
		await expectNoExecution(standard, async () => {
			const answer = await deliver(standard.url, body);
			expect(answer).toMatchObject({ status: 200, body: { outcome: 'ignored', code, message: expect.stringMatching(/\.$/) } });
		});
	});

	test('A8: another instance, and test users, are ignored if the builder wants it so', async () => {
		const picky = await activeTrigger(n8n, credential, { options: { onlyInstance: INSTANCE, leaveOutTestUsers: true } });
		const tester = structuredClone(withEmail);
		(tester.data['email_addresses'] as Array<Record<string, unknown>>)[0]!['email_address'] = 'jane+clerk_test@example.com';
		await expectNoExecution(picky, async () => {
			expect((await deliver(picky.url, { ...withEmail, instance_id: 'ins_other' })).body).toMatchObject({
				outcome: 'ignored',
				code: 'other_instance',
			});
			expect((await deliver(picky.url, tester)).body).toMatchObject({ outcome: 'ignored', code: 'test_user' });
		});
	});

	test('B3, B8: contacts come without names, and with a source of the builder, if wished', async () => {
		const plain = await activeTrigger(n8n, credential, {
			output: 'contacts',
			options: { includeNames: false, source: 'Website' },
		});
		expect((await deliver(plain.url, withEmail)).body).toMatchObject({ outcome: 'accepted' });
		const [execution] = await n8n.untilExecutions(plain.workflowId, 1);
		const [[contact] = []] = outputsOf(execution, 'End 0');
		expect(contact).toMatchObject({ email: 'person@example.com', source: 'Website' });
		expect(Object.keys(contact ?? {}).filter((key) => /name$/i.test(key))).toEqual(['username']);
	});

	test('a delivery that has nothing for the chosen output is ignored with that reason', async () => {
		const contacts = await activeTrigger(n8n, credential, { events: ['*'], output: 'contacts' });
		await expectNoExecution(contacts, async () => {
			const answer = await deliver(contacts.url, fixture('openapi.role.created').envelope);
			expect(answer).toMatchObject({ status: 200, body: { outcome: 'ignored', code: 'nothing_for_output' } });
		});
	});

	const hours = (count: number) => Date.now() + count * 3_600_000;
	const text = JSON.stringify(withEmail);
	test.each<[string, () => Sending, Record<string, unknown>]>([
		['no svix-id', () => ({ headers: { 'svix-id': undefined } }), { code: 'header_missing', header: 'svix-id' }],
		[
			'no svix-timestamp',
			() => ({ headers: { 'svix-timestamp': undefined } }),
			{ code: 'header_missing', header: 'svix-timestamp' },
		],
		[
			'no svix-signature',
			() => ({ headers: { 'svix-signature': undefined } }),
			{ code: 'header_missing', header: 'svix-signature' },
		],
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
		['the same JSON, formatted anew', () => ({ instead: JSON.stringify(withEmail, null, 2) }), { code: 'signature_mismatch' }],
		['the signature of another message', () => ({ headers: { 'svix-id': 'msg_other' } }), { code: 'signature_mismatch' }],
	])('A2: %s is answered 401 rejected with what to check, and leaves no execution behind', async (_, sending, expected) => {
		await expectNoExecution(standard, async () => {
			const answer = await deliver(standard.url, withEmail, sending());
			expect(answer.status).toBe(401);
			expect(answer.body).toMatchObject({
				outcome: 'rejected',
				...expected,
				check: expect.arrayContaining([expect.stringContaining('?')]),
			});
			if (answer.body['secondsOff'] !== undefined) expect(answer.body['secondsOff']).toBeGreaterThanOrEqual(3599);
			expect(answer.text).not.toContain('whsec_');
			expect(answer.text).not.toContain('example.com');
		});
	});

	test.each([
		['a number', '42', 'body_not_object'],
		['null', 'null', 'body_not_object'],
		['a list', '[{"type":"user.created"}]', 'body_not_object'],
		['an object without a type', '{"data":{}}', 'type_missing'],
		['an object with an empty type', '{"type":" "}', 'type_missing'],
	])('a signed body that is %s is answered 400 rejected', async (_, body, code) => {
		await expectNoExecution(standard, async () => {
			expect(await deliver(standard.url, body)).toMatchObject({ status: 400, body: { outcome: 'rejected', code } });
		});
	});

	test('a signed body that is not JSON is answered 400; sent as JSON, n8n itself answers 422', async () => {
		await expectNoExecution(standard, async () => {
			const asText = await deliver(standard.url, 'hello', { headers: { 'content-type': 'text/plain' } });
			expect(asText).toMatchObject({ status: 400, body: { outcome: 'rejected', code: 'body_not_json' } });
			expect((await deliver(standard.url, 'hello')).status).toBe(422);
		});
	});

	test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('A1: %s is not taken', async (method) => {
		expect((await post(standard.url, '', {}, method)).status).toBe(404);
	});
});

describe('A2: a credential that cannot be used', () => {
	test('answers 500 misconfigured, tells n8n what is wrong, and lets nothing in', async () => {
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
		expect(await deliver(trigger.url, withEmail)).toMatchObject({
			status: 500,
			body: { outcome: 'misconfigured', code: 'credential_missing' },
		});
		expect(await n8n.executions(trigger.workflowId)).toEqual([]);
	});

	test('is refused when the workflow is activated, with a sentence that says what is wrong', async () => {
		const own = await n8n.createCredential('Broken at first', { signingSecret: 'whsec_notBase64', previousSigningSecret: '' });
		const workflow = triggerWorkflow({}, own);
		const workflowId = await n8n.createWorkflow(workflow);
		const refused = await n8n.activationError(workflowId);
		expect(refused).toContain('The part after whsec_ is not valid base64');
		expect((await deliver(await n8n.productionUrl(workflowId), withEmail)).status).toBe(404);
	});

	test('is refused with a Respond to Webhook node behind the trigger, which would fail at every delivery', async () => {
		const workflow = triggerWorkflow({}, credential);
		const [trigger, end] = workflow.nodes;
		if (!trigger || !end) throw new Error('The workflow has too few nodes');
		workflow.nodes = [trigger, { ...end, type: 'n8n-nodes-base.respondToWebhook', typeVersion: 1.1 }];
		expect(await n8n.activationError(await n8n.createWorkflow(workflow))).toContain('would make every execution fail');
	});

	test.each<[string, string, string, Record<string, string>]>([
		[
			'OK',
			'well-formed secrets',
			'The signing secret is well-formed',
			{ signingSecret: SECRET, previousSigningSecret: OTHER_SECRET },
		],
		['Error', 'an empty secret', 'It is empty', { signingSecret: '' }],
		['Error', 'a Clerk secret key', 'This is a Clerk secret key', { signingSecret: 'sk_live_x' }],
		['Error', 'a key for asymmetric signatures', 'asymmetric', { signingSecret: 'whpk_x' }],
		['Error', 'a secret that lost its end', 'not complete base64', { signingSecret: SECRET.slice(0, -1) }],
		['Error', 'nothing after whsec_', 'nothing after whsec_', { signingSecret: 'whsec_' }],
		[
			'Error',
			'a broken previous secret',
			'Previous Signing Secret: ',
			{ signingSecret: SECRET, previousSigningSecret: 'pk_test_x' },
		],
	])("n8n's own credential test says %s to %s", async (status, _, message, data) => {
		const result = await n8n.rest<{ status: string; message: string }>('POST', '/rest/credentials/test', {
			credentials: { id: credential.id, name: 'Clerk', type: 'clerkWebhookApi', data: { previousSigningSecret: '', ...data } },
		});
		expect(result).toEqual({ status, message: expect.stringContaining(message) });
	});
});

test('A6: while a secret is rotated, what the old and what the new one signed both come in', async () => {
	const rotating = await n8n.createCredential('Rotating', { signingSecret: OTHER_SECRET, previousSigningSecret: SECRET });
	const trigger = await activeTrigger(n8n, rotating);
	expect((await deliver(trigger.url, withEmail, { secret: OTHER_SECRET })).status).toBe(200);
	expect((await deliver(trigger.url, withEmail, { secret: SECRET })).status).toBe(200);
	const id = nextId();
	const both = signed(JSON.stringify(withEmail), { secret: OTHER_SECRET, id, at: Date.now() })['svix-signature'];
	const old = signed(JSON.stringify(withEmail), { secret: SECRET, id, at: Date.now() })['svix-signature'];
	expect((await deliver(trigger.url, withEmail, { id, headers: { 'svix-signature': `v1a,xx ${old} ${both}` } })).status).toBe(
		200,
	);
	expect((await deliver(trigger.url, withEmail, { secret: 'whsec_plJ3nmyCDGBKInavdOK15jsl' })).status).toBe(401);
	expect(await n8n.untilExecutions(trigger.workflowId, 3)).toHaveLength(3);

	await n8n.updateCredential(rotating, { signingSecret: OTHER_SECRET, previousSigningSecret: '' });
	await wait(KEEP_MS);
	expect((await deliver(trigger.url, withEmail, { secret: SECRET })).status).toBe(401);
	expect((await deliver(trigger.url, withEmail, { secret: OTHER_SECRET })).status).toBe(200);
});

describe('the bytes of a body', () => {
	let raw: Trigger;

	beforeAll(async () => {
		raw = await activeTrigger(n8n, credential, { events: ['*'], options: { includeRaw: true, contactsWithoutEmail: 'pass' } });
	});

	async function rawOf(send: () => Promise<{ status: number; text: string }>): Promise<unknown> {
		const before = (await n8n.executions(raw.workflowId)).length;
		const { status, text } = await send();
		expect([status, text]).toEqual([200, expect.stringContaining('accepted')]);
		return outputsOf((await n8n.untilExecutions(raw.workflowId, before + 1)).at(-1), 'End 0')[0]?.[0]?.['raw'];
	}

	const odd =
		'{ "type" : "user.updated" ,\r\n\t"data":{"id":"user_\\u0041\\/b","first_name":"Zo\\u00eb 🙂","public_metadata":{"big":12345678901234567890,"small":1e-7,"text":"\\ud83d\\ude42"}} }';
	const bom = '\uFEFF';

	test.each<[string, string, Sending]>([
		['escapes, spaces, big numbers and unicode', odd, {}],
		['a byte order mark', bom + odd, {}],
		['a byte order mark, as text', bom + odd, { headers: { 'content-type': 'text/plain' } }],
		['text/plain', odd, { headers: { 'content-type': 'text/plain' } }],
		['no content type', odd, { headers: { 'content-type': undefined } }],
		['application/octet-stream', odd, { headers: { 'content-type': 'application/octet-stream' } }],
		['JSON with a charset', odd, { headers: { 'content-type': 'application/json; charset=utf-8' } }],
		['JSON by another name', odd, { headers: { 'content-type': 'application/cloudevents+json' } }],
		['gzip', odd, { headers: { 'content-encoding': 'gzip' }, instead: gzipSync(odd) }],
	])('verify and arrive: %s', async (_, body, sending) => {
		if (!behaviourOf(n8nVersion).takesByteOrderMark && body.startsWith(bom) && sending.headers === undefined) {
			expect((await deliver(raw.url, body, sending)).status).toBe(422);
			return;
		}
		expect(await rawOf(() => deliver(raw.url, body, sending))).toEqual(JSON.parse(odd));
	});

	test('verify and arrive: 15 MB', async () => {
		const big = JSON.stringify({ ...withEmail, data: { ...withEmail.data, public_metadata: { filler: 'ä'.repeat(7_500_000) } } });
		expect(Buffer.byteLength(big)).toBeGreaterThan(15_000_000);
		// Without the raw delivery: what is measured is the way in, not n8n's database.
		const before = (await n8n.executions(standard.workflowId)).length;
		expect((await deliver(standard.url, big)).body).toMatchObject({ outcome: 'accepted' });
		expect(await n8n.untilExecutions(standard.workflowId, before + 1)).toHaveLength(before + 1);
	});

	test('are never guessed: a form is answered 401, since its bytes are gone', async () => {
		const form = '--x\r\ncontent-disposition: form-data; name="type"\r\n\r\nuser.created\r\n--x--\r\n';
		const answer = await deliver(raw.url, form, { headers: { 'content-type': 'multipart/form-data; boundary=x' } });
		expect(answer).toMatchObject({ status: 401, body: { outcome: 'rejected', code: 'body_unreadable' } });
		expect(
			await deliver(raw.url, 'type=user.created', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
		).toMatchObject({
			status: 400,
			body: { code: 'body_not_json' },
		});
	});

	test('an empty body is answered, signed or not', async () => {
		expect(await deliver(raw.url, '')).toMatchObject({ status: 400, body: { outcome: 'rejected', code: 'body_not_json' } });
		expect(await post(raw.url, '', {})).toMatchObject({ status: 401, body: { outcome: 'rejected', code: 'header_missing' } });
	});
});

describe('A7, C1, C8: every delivery that Clerk can send', () => {
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

	test('comes in, gives an event of its name and its id, and arrives unchanged as raw', async () => {
		const every = await activeTrigger(n8n, credential, {
			events: ['*'],
			// Some fixtures are older states of a user in another one.
			options: { contactsWithoutEmail: 'pass', includeRaw: true, includeClient: true, skipOutOfDate: false },
		});
		for (const { name, text } of fixtures) {
			expect([name, await deliver(every.url, text, { id: `msg_${name}` })]).toEqual([
				name,
				expect.objectContaining({ status: 200, body: expect.objectContaining({ outcome: 'accepted', eventId: `msg_${name}` }) }),
			]);
		}
		const executions = await n8n.untilExecutions(every.workflowId, fixtures.length);
		expect(executions).toHaveLength(fixtures.length);
		const arrived = new Map(
			executions.map((execution) => {
				const [[item] = []] = outputsOf(execution, 'End 0');
				return [(item?.['event'] as { id: string }).id, item];
			}),
		);
		for (const { name, envelope } of fixtures) {
			expect([name, arrived.get(`msg_${name}`)]).toEqual([
				name,
				{
					contact: name.match(/user\.(created|updated)|waitlistEntry|Invitation\.accepted/)
						? expect.objectContaining({ action: 'upsert' })
						: name.includes('user.deleted')
							? expect.objectContaining({ action: 'delete' })
							: null,
					event: expect.objectContaining({ name: envelope.type, type: envelope.type, clientIp: expect.anything() }),
					tenant: name.match(/organization(Membership)?\./)
						? expect.objectContaining({ organizationId: expect.stringMatching(/^org_/) })
						: null,
					raw: shown(envelope),
				},
			]);
		}
	});
});

describe('the four outputs', () => {
	const membership = fixture('openapi.organizationMembership.created').envelope;

	async function runOnce(parameters: Record<string, unknown>, outputs: number, body: object) {
		const trigger = await activeTrigger(n8n, credential, { events: ['*'], ...parameters }, outputs);
		expect((await deliver(trigger.url, body)).body).toMatchObject({ outcome: 'accepted' });
		const [execution] = await n8n.untilExecutions(trigger.workflowId, 1);
		return { execution, put: outputsOf(execution, 'Clerk Trigger') };
	}

	test('item: one item with contact, event and tenant', async () => {
		const { put } = await runOnce({ output: 'item' }, 1, membership);
		expect(put).toEqual([
			[
				{
					contact: null,
					event: expect.objectContaining({ type: membership.type }),
					tenant: expect.objectContaining({ action: 'subscribe' }),
				},
			],
		]);
	});

	test('contacts: flat contacts', async () => {
		const { put } = await runOnce({ output: 'contacts' }, 1, withEmail);
		expect(put).toEqual([[expect.objectContaining({ action: 'upsert', email: 'person@example.com', source: 'Clerk webhook' })]]);
	});

	test('events: flat events', async () => {
		const { put } = await runOnce({ output: 'events' }, 1, withEmail);
		expect(put).toEqual([[expect.objectContaining({ name: 'user.created', email: 'person@example.com' })]]);
	});

	test('split: contact, event and tenant on outputs of their own, and each branch gets its items', async () => {
		const contact = await runOnce({ output: 'split' }, 3, withEmail);
		expect(outputsOf(contact.execution, 'End 0')).toEqual([[expect.objectContaining({ action: 'upsert' })]]);
		expect(outputsOf(contact.execution, 'End 1')).toEqual([[expect.objectContaining({ name: 'user.created' })]]);
		expect(outputsOf(contact.execution, 'End 2')).toEqual([]);

		const tenant = await runOnce({ output: 'split' }, 3, membership);
		expect(outputsOf(tenant.execution, 'End 0')).toEqual([]);
		expect(outputsOf(tenant.execution, 'End 1')).toEqual([[expect.objectContaining({ name: membership.type })]]);
		expect(outputsOf(tenant.execution, 'End 2')).toEqual([
			[expect.objectContaining({ action: 'subscribe', role: 'org:member' })],
		]);
	});

	test('split: without an organization event there are two outputs', async () => {
		const { put } = await runOnce({ output: 'split', events: ['user.created'] }, 2, withEmail);
		expect(put).toHaveLength(2);
	});
});

test('E4: no private field, code, link or secret is in an item, an answer or the log', async () => {
	const trigger = await activeTrigger(n8n, credential, { events: ['*'], options: { contactsWithoutEmail: 'pass' } });
	const canary = 'CANARY-e7c1';
	const marked = (body: string, ...keys: string[]) =>
		JSON.stringify(
			JSON.parse(body, (key, value: unknown) =>
				keys.includes(key) ? (typeof value === 'string' ? canary : { secret: canary }) : value,
			),
		);
	const bodies = [
		'openapi.email.created',
		'openapi.sms.created',
		'edge.order.3_user.created_arrives_last',
		'openapi.organizationInvitation.created',
	].map((name) =>
		marked(fixture(name).text, 'body', 'body_plain', 'subject', 'message', 'url', 'private_metadata', 'unsafe_metadata'),
	);
	for (const body of bodies) {
		expect(body).toContain(canary);
		const answer = await deliver(trigger.url, body);
		expect(answer.body).toMatchObject({ outcome: 'accepted' });
		expect(answer.text).not.toContain(canary);
	}
	const executions = await n8n.untilExecutions(trigger.workflowId, bodies.length);
	expect(JSON.stringify(executions)).not.toContain(canary);
	expect(JSON.stringify(executions)).not.toContain(SECRET.slice(6));
	expect(n8n.log).not.toContain(canary);
	expect(n8n.log).not.toContain(SECRET.slice(6));
	expect(JSON.stringify(await n8n.api('GET', `/workflows/${trigger.workflowId}`))).not.toContain(SECRET.slice(6));
});

test('E3: after a restart the trigger is there again, and one whose credential broke says so instead of being gone', async () => {
	const own = await n8n.createCredential('Breaks before the restart', { signingSecret: SECRET, previousSigningSecret: '' });
	const broken = await activeTrigger(n8n, own);
	await n8n.updateCredential(own, { signingSecret: 'whsec_', previousSigningSecret: '' });
	await n8n.stop({ keep: true });
	const oldUrl = n8n.url;
	n8n = await (await N8n.start({ version: n8nVersion, userFolder: n8n.userFolder })).signIn();
	const moved = (trigger: Trigger) => trigger.url.replace(oldUrl, n8n.url);
	await n8n.untilRegistered(moved(standard));
	expect((await deliver(moved(standard), withEmail)).body).toMatchObject({ outcome: 'accepted' });
	await n8n.untilRegistered(moved(broken));
	expect(await deliver(moved(broken), withEmail)).toMatchObject({
		status: 500,
		body: { outcome: 'misconfigured', code: 'secret_unusable' },
	});
});
