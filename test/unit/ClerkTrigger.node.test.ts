import type { INodeParameters } from 'n8n-workflow';

import { fixture, fixtures, MESSAGE_ID, NOW, NOW_SECONDS, OTHER_SECRET, SECRET, signed } from '../support/deliveries';
import type { Credential } from '../support/n8nContext';
import { FakeResponse } from '../support/response';
import { TriggerNode } from '../support/triggerNode';
import type { Got, Placed, Sent } from '../support/triggerNode';
import { stopClock } from '../support/stoppedClock';

/** The node's `webhook()` in n8n's own context: what a sender gets, and what n8n is asked to do. */

stopClock();

const deliver = async (sent: Sent, placed: Placed = {}): Promise<Got> => await new TriggerNode(placed).deliver(sent);

/** Exactly one answer is given, by n8n with an execution or by the node without one. */
function answerOf({ response, sent }: Got): { status: number; body: Record<string, unknown>; execution: boolean } {
	const execution = response.workflowData !== undefined;
	expect(Object.keys(response)).toEqual([execution ? 'workflowData' : 'noWebhookResponse']);
	expect(sent).toHaveLength(1);
	return { status: sent[0]?.status ?? 0, body: sent[0]?.body as Record<string, unknown>, execution };
}

const USER = fixture('edge.user.created.unicode').text;
const WITHOUT_EMAIL = fixture('edge.user.created.phone_only').text;
const UNVERIFIED = fixture('edge.user.created.primary_unverified').text.replaceAll('"verified"', '"unverified"');
const DELETED = fixture('edge.user.deleted.minimal').text;
const UNKNOWN = fixture('edge.unknown_event').text;
const ROLE = fixture('openapi.role.created').text;

const delivery = (body: string, changed: Sent['headers'] = {}): Sent => ({ headers: { ...signed(body), ...changed }, body });
const signedWith = (secret: string): Sent => ({ headers: signed(USER, { secret }), body: USER });
const signedAt = (at: number): Sent => ({ headers: signed(USER, { at }), body: USER });
const FORGED: Sent = { headers: {}, body: 'x' };

describe('What a sender gets: verified, selected, usable: 200, accepted, one execution', () => {
	const typed = { events: [], options: { additionalEvents: 'somethingNew.happened' } };
	const pass = { options: { contactsWithoutEmail: 'pass' } };
	const instance = { options: { onlyInstance: 'ins_2vREDACTED0000000000000000' } };

	test.each([
		['a user', USER, {}, 'user.created', 'upsert'],
		['a deletion', DELETED, {}, 'user.deleted', 'delete'],
		['an event without a contact', ROLE, {}, 'role.created', null],
		['an unknown type among all events', UNKNOWN, {}, 'somethingNew.happened', null],
		['an unknown type that was typed in', UNKNOWN, typed, 'somethingNew.happened', null],
		['a contact without an email that is passed on', WITHOUT_EMAIL, pass, 'user.created', 'upsert'],
		['the named instance', USER, instance, 'user.created', 'upsert'],
	])('%s', async (_, body, parameters, eventType, contactAction) => {
		const got = await deliver(delivery(body), { parameters });
		const message =
			contactAction === null
				? `The workflow received the event "${eventType}". No contact: this event has none, unless a mapping in the Clerk Trigger node adds one.`
				: `The workflow received a contact to ${contactAction} and the event "${eventType}".`;
		const noContact = contactAction === null ? 'event_has_none' : null;
		const about = { eventType, eventId: MESSAGE_ID, contactAction, noContact, events: [eventType], tenantAction: null };
		const answer = { outcome: 'accepted', code: 'accepted', message, ...about };
		expect(answerOf(got)).toEqual({ status: 200, body: answer, execution: true });
		expect(got.response.workflowData).toMatchObject([[{ json: { event: { type: eventType, id: MESSAGE_ID } } }]]);
		expect(got.log).toEqual([]);
	});

	test('A6: a delivery that was signed with the previous secret', async () => {
		const credential = { signingSecret: SECRET, previousSigningSecret: OTHER_SECRET };
		expect(answerOf(await deliver(signedWith(OTHER_SECRET), { credential }))).toMatchObject({ status: 200, execution: true });
	});

	test('bytes that n8n has not read are asked for', async () => {
		expect(answerOf(await deliver({ ...delivery(USER), unread: true }))).toMatchObject({ status: 200, execution: true });
	});

	test.each(fixtures)('A7: $name', async ({ text, envelope }) => {
		const got = await deliver(delivery(text), { parameters: { options: { contactsWithoutEmail: 'pass', includeClient: true } } });
		const body = { outcome: 'accepted', eventType: envelope.type };
		expect(answerOf(got)).toMatchObject({ status: 200, body, execution: true });
		expect(got.response.workflowData?.flat()).toHaveLength(1);
	});
});

describe('What a sender gets: verified but not wanted: 200, ignored and why, no execution', () => {
	test.each([
		['not selected', USER, { events: ['user.updated'] }, 'event_not_selected'],
		['another instance', USER, { options: { onlyInstance: 'ins_other' } }, 'other_instance'],
		['no email', WITHOUT_EMAIL, {}, 'contact_without_email'],
		['a test user left out', WITHOUT_EMAIL, { options: { leaveOutTestUsers: true } }, 'test_user'],
		['nothing for the output', ROLE, { output: 'contacts' }, 'nothing_for_output'],
	])('%s', async (_, body, parameters, code) => {
		const got = await deliver(delivery(body), { parameters });
		const { type: eventType } = JSON.parse(body) as { type: string };
		const answer = { outcome: 'ignored', code, message: expect.any(String) as string, eventType, eventId: MESSAGE_ID };
		expect(answerOf(got)).toEqual({ status: 200, body: answer, execution: false });
		expect(got.log).toEqual([]);
	});
});

describe('What a sender gets: not proved to be from Clerk: 401; signed, but no event: 400; what to check, no execution', () => {
	const off = { secondsOff: 301, toleranceSeconds: 300 };

	test.each<[string, Sent, number, string, object?]>([
		['no header', { headers: {}, body: USER }, 401, 'header_missing', { header: 'svix-id' }],
		['a blank header', delivery(USER, { 'svix-signature': ' ' }), 401, 'header_missing', { header: 'svix-signature' }],
		['a malformed timestamp', delivery(USER, { 'svix-timestamp': `${NOW_SECONDS}abc` }), 401, 'timestamp_malformed'],
		['301 s old', signedAt(NOW - 301_000), 401, 'timestamp_too_old', off],
		['301 s new', signedAt(NOW + 301_000), 401, 'timestamp_too_new', off],
		['another secret', signedWith(OTHER_SECRET), 401, 'signature_mismatch'],
		['formatted again', { ...delivery(USER), body: JSON.stringify(JSON.parse(USER)) }, 401, 'signature_mismatch'],
		['a body that cannot be read', { ...delivery(USER), body: null }, 401, 'body_unreadable'],
		['no JSON', delivery('hello'), 400, 'body_not_json'],
		['a list', delivery('[]'), 400, 'body_not_object'],
		['what a transformation made of it', delivery('{"name":"clerk/user.created","data":{}}'), 400, 'type_missing'],
	])('%s', async (_, sent, status, code, more = {}) => {
		const got = await deliver(sent);
		const check = expect.any(Array) as string[];
		const answer = { outcome: 'rejected', code, message: expect.any(String) as string, check, ...more };
		expect(answerOf(got)).toEqual({ status, body: answer, execution: false });
		if (status === 400) expect(JSON.stringify(answerOf(got).body['check'])).toMatch(/transformation.*turn/);
		// Anybody can send such a thing, so it must not fill the log either.
		expect(got.log).toEqual([]);
	});

	test('the tolerance is the one that was set', async () => {
		const sent = signedAt(NOW - 61_000);
		expect(answerOf(await deliver(sent))).toMatchObject({ status: 200 });
		const body = { code: 'timestamp_too_old', secondsOff: 61, toleranceSeconds: 60 };
		expect(answerOf(await deliver(sent, { parameters: { options: { toleranceSeconds: 60 } } }))).toMatchObject({ body });
	});
});

describe("What a sender gets: no usable secret: 500, misconfigured, no execution, and a line in n8n's log", () => {
	const KEY = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS';
	const both = { signingSecret: `sk_live_${KEY}`, previousSigningSecret: `whsec_${KEY}` };
	const failing = '={{ $("Nothing").item.json.x }}';

	test.each<[string, Placed, string, RegExp]>([
		['no credential is set', { credential: 'not set' }, 'credential_missing', /no Clerk Webhook API credential/],
		['the credential cannot be read', { credential: 'unreadable' }, 'credential_missing', /no Clerk Webhook API credential/],
		['the credential is empty', { credential: {} }, 'secret_unusable', /Signing Secret: It is empty/],
		['half a secret', { credential: { signingSecret: `whsec_${KEY}` } }, 'secret_unusable', /not valid base64/],
		[
			'a secret that was cut',
			{ credential: { signingSecret: SECRET.slice(0, 34) } },
			'secret_unusable',
			/only part of the secret was copied/,
		],
		['both are malformed', { credential: both }, 'secret_unusable', /secret key \(sk_.*Previous Signing Secret/],
		['an expression in an option fails', { parameters: { options: { source: failing } } }, 'settings_unreadable', /fails/],
		['… in the setup', { parameters: { endpointSetup: failing } }, 'settings_unreadable', /"Endpoint Setup"/],
		['… in the output', { parameters: { output: failing } }, 'settings_unreadable', /"Output"/],
	])('%s', async (_, placed, code, logged) => {
		for (const sent of [delivery(USER), FORGED]) {
			const got = await deliver(sent, placed);
			const [message, check] = [expect.any(String) as string, expect.any(Array) as string[]];
			const answer = { outcome: 'misconfigured', code, message, check };
			expect(answerOf(got)).toEqual({ status: 500, body: answer, execution: false });
			expect(got.log).toEqual([[expect.stringMatching(logged), { workflowId: 'wf_1', code }]]);
			expect(got.log[0]?.[0]).toContain('"From Clerk"');
			expect(JSON.stringify([got.sent, got.log])).not.toContain(KEY);
		}
	});

	test.each<[string, string, string, INodeParameters]>([
		['a user whose address nobody proved', UNVERIFIED, 'contact_without_email', { onlyVerified: '={{ "true" }}' }],
		['a test user', WITHOUT_EMAIL, 'test_user', { leaveOutTestUsers: '={{ "TRUE" }}', contactsWithoutEmail: 'pass' }],
		['whatever a switch would keep out', UNVERIFIED, 'settings_unreadable', { onlyVerified: '={{ $json.none }}' }],
		['another instance', UNVERIFIED, 'settings_unreadable', { onlyInstance: '={{ $json.none }}' }],
	])('A8, B11: text from an expression never accepts %s', async (_, body, code, options) => {
		const got = await deliver(delivery(body), { parameters: { options } });
		expect(answerOf(got)).toMatchObject({ body: { code }, execution: false });
	});

	test('the log says the same of a node once a minute, whatever anybody sends', async () => {
		const lines = async (changed: Placed = {}) =>
			(await deliver(FORGED, { credential: {}, nodeId: 'logging', ...changed })).log.length;
		expect(await lines()).toBe(1);
		for (let request = 0; request < 50; request++) expect(await lines()).toBe(0);
		expect(await lines({ nodeId: 'another' })).toBe(1);
		expect(await lines({ parameters: { output: 'none of them' } })).toBe(1);
		jest.mocked(Date.now).mockReturnValue(NOW + 60_000);
		expect(await lines()).toBe(1);
	});

	test.each<[string, Credential, number, string, number]>([
		['previous', { signingSecret: SECRET, previousSigningSecret: OTHER_SECRET.slice(0, -1) }, 401, 'signature_mismatch', 0],
		['present', { signingSecret: OTHER_SECRET.slice(0, -1), previousSigningSecret: SECRET }, 500, 'secret_unusable', 1],
	])('where only the %s secret is malformed, which may have signed it', async (_, credential, status, code, lines) => {
		const got = await deliver(signedWith(OTHER_SECRET), { credential });
		expect(answerOf(got)).toMatchObject({ status, body: { code }, execution: false });
		expect(got.log).toHaveLength(lines);
		expect(JSON.stringify([got.sent, got.log])).not.toContain(OTHER_SECRET.slice('whsec_'.length, -1));
	});
});

describe('E4: whatever comes, no answer and no line of the log repeats a secret or a payload', () => {
	const marked = USER.replaceAll('"Zoë"', '"CANARY"');

	test.each<[string, Sent, Placed?]>([
		['accepted', delivery(marked)],
		['ignored', delivery(marked), { parameters: { events: [] } }],
		['forged', delivery(marked, { 'svix-signature': 'v1,CANARY' })],
		['a timestamp', delivery(marked, { 'svix-timestamp': 'CANARY' })],
		['an id', { headers: { 'svix-id': 'CANARY' }, body: marked }],
		['no JSON', delivery('CANARY')],
		['a list', delivery('["CANARY"]')],
		['a type that is none', delivery('{"type":["CANARY"]}')],
		['no secret', delivery(marked), { credential: {} }],
	])('%s', async (_, sent, placed = {}) => {
		const got = await deliver(sent, placed);
		const said = JSON.stringify([answerOf(got).body, got.log]);
		expect(said).not.toContain('CANARY');
		expect(said).not.toContain(SECRET.slice('whsec_'.length));
	});
});

describe('E1, E2: what repeats an earlier delivery starts no second execution', () => {
	const NEWER = fixture('edge.order.1_user.updated_newer_arrives_first').text;
	const OLDER = fixture('edge.order.2_user.updated_older_arrives_second').text;

	/** Deliveries to one node, each with an id of its own unless it is given one. */
	function sender() {
		const nodeId = `repeated ${Math.random()}`;
		let count = 0;
		return async (body: string, { id = `msg_${++count}`, ...given }: Placed & Partial<Sent> & { id?: string } = {}) =>
			await deliver({ headers: signed(body, { id }), body, ...given }, { nodeId, ...given });
	}
	const SAME = { id: 'msg_same' };
	const BUSY = { ...SAME, n8nAnswers: 'never' } as const;

	test('a duplicate: 200, and since when', async () => {
		const send = sender();
		await send(USER, SAME);
		const message = expect.stringContaining('Skip Duplicate Deliveries') as string;
		const about = { eventType: 'user.created', eventId: 'msg_same', acceptedAt: new Date(NOW_SECONDS * 1000).toISOString() };
		const body = { outcome: 'duplicate', code: 'duplicate', message, ...about };
		expect(answerOf(await send(USER, SAME))).toEqual({ status: 200, body, execution: false });
	});

	test('a second one while the first is not answered: 409, and it may come again when that failed', async () => {
		const send = sender();
		const first = await send(USER, BUSY);
		const second = await send(USER, SAME);
		expect(answerOf(second)).toMatchObject({ status: 409, body: { code: 'same_in_flight' }, execution: false });
		first.connection.status(500).json({ message: 'Error in workflow, with CANARY' });
		expect(answerOf(first)).toMatchObject({ status: 500, body: { outcome: 'failed', code: 'not_stored' }, execution: true });
		expect(JSON.stringify(first.sent)).not.toContain('CANARY');
		expect(answerOf(await send(USER, SAME))).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
	});

	test('one whose sender disconnected before the node saw it is in flight until n8n answers', async () => {
		const send = sender();
		const connection = new FakeResponse();
		connection.hangUp();
		await send(USER, { ...BUSY, connection });
		expect(answerOf(await send(USER, SAME))).toMatchObject({ status: 409 });
		connection.status(200).json({});
		expect(answerOf(await send(USER, SAME))).toMatchObject({ status: 200, body: { outcome: 'duplicate' } });
	});

	test('what is ignored or rejected is not remembered: it may come in when the settings let it', async () => {
		const send = sender();
		expect(answerOf(await send(USER, { ...SAME, credential: {} })).body).toMatchObject({ outcome: 'misconfigured' });
		jest.mocked(Date.now).mockReturnValue(NOW + 1000);
		expect(answerOf(await send(USER, { ...SAME, parameters: { events: [] } })).body).toMatchObject({ outcome: 'ignored' });
		expect(answerOf(await send(USER, SAME)).body).toMatchObject({ outcome: 'accepted' });
	});

	test.each([
		['Skip Duplicate Deliveries', { skipDuplicates: false }, USER, USER],
		['Skip Out-of-Date Updates', { skipOutOfDate: false }, NEWER, OLDER],
	])('unless %s is off', async (_, options, first, second) => {
		const send = sender();
		const given = { parameters: { options }, ...(first === second ? SAME : {}) };
		for (const body of [first, second]) expect(answerOf(await send(body, given)).body).toMatchObject({ outcome: 'accepted' });
	});

	test('nor on the test URL, where the same delivery can be tried again and again', async () => {
		const send = sender();
		for (const [body, id] of [NEWER, OLDER, NEWER, OLDER].map(
			(text) => [text, text === NEWER ? 'msg_new' : 'msg_old'] as const,
		)) {
			expect(answerOf(await send(body, { id, mode: 'manual' })).body).toMatchObject({ outcome: 'accepted' });
		}
	});
});

describe('E3: when the workflow has succeeded', () => {
	test.each([
		[200, 'accepted', 'accepted'],
		[500, 'failed', 'workflow_failed'],
	])('n8n answers %i: %s, in our words and with nothing of what the workflow put out', async (n8nAnswers, outcome, code) => {
		const got = await deliver({ ...delivery(USER), n8nAnswers }, { parameters: { options: { acknowledge: 'lastNode' } } });
		const body = { outcome, code, eventType: 'user.created', eventId: MESSAGE_ID };
		expect(answerOf(got)).toMatchObject({ status: n8nAnswers, body, execution: true });
		expect(JSON.stringify(got.sent)).not.toContain('n8n says');
	});
});
