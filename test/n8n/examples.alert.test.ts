import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fixture, OTHER_SECRET, SECRET } from '../support/deliveries';
import { N8n, TRIGGER_TYPE } from '../support/n8n';
import type { Imported, Workflow } from '../support/n8n';
import { EXAMPLES } from '../support/paths';
import { Slack } from '../support/slack';
import type { SlackMessage } from '../support/slack';
import { MailServer } from '../support/smtp';
import type { Mail } from '../support/smtp';
import { deliver } from '../support/triggerWorkflow';
import { at, created, deleted, membership, updated } from '../support/clerkEvents';

declare const n8nVersion: string;

jest.setTimeout(180_000);

let n8n: N8n;
let smtp: MailServer;
let slack: Slack;
let workflowId: string;
let url: string;
/** Of a second trigger, with the secret of another Clerk instance. */
let developmentUrl: string;

beforeAll(async () => {
	[smtp, slack] = await Promise.all([MailServer.start(), Slack.start()]);
	n8n = await (await N8n.start({ version: n8nVersion })).setUp();
	const credential = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	const other = await n8n.createCredential('Clerk development', { signingSecret: OTHER_SECRET, previousSigningSecret: '' });
	const smtpCredential = await n8n.createCredential('SMTP', smtp.credential, 'smtp');
	// What the notes on the canvas ask a person to fill in.
	const file = readFileSync(join(EXAMPLES, 'F6-team-alert.json'), 'utf8')
		.replaceAll('https://hooks.slack.com/services/YOUR/PRODUCTION/URL', slack.webhookUrl('/services/production'))
		.replaceAll('https://hooks.slack.com/services/YOUR/DEVELOPMENT/URL', slack.webhookUrl('/services/development'))
		.replaceAll('ins_of_your_development', 'ins_2');
	const workflow = await n8n.importWorkflow(JSON.parse(file) as Workflow, credential, { smtp: smtpCredential });
	workflowId = workflow.id;
	const trigger = workflow.nodes.find(({ type }) => type === TRIGGER_TYPE);
	if (!trigger) throw new Error('There is no trigger');
	const second = { ...trigger, id: randomUUID(), webhookId: randomUUID(), name: 'Clerk Trigger1', position: [0, -160] };
	await n8n.rest('PATCH', `/rest/workflows/${workflowId}`, {
		versionId: workflow['versionId' as keyof Imported],
		nodes: [...workflow.nodes, { ...second, credentials: { clerkWebhookApi: other } }],
		connections: { ...workflow.connections, [second.name]: workflow.connections[trigger.name] },
	});
	url = await n8n.activate(workflowId);
	developmentUrl = `${n8n.url}/webhook/${second.webhookId}/clerk`;
	await n8n.untilRegistered(developmentUrl);
});

afterAll(async () => {
	await n8n?.stop();
	await Promise.all([smtp?.stop(), slack?.stop()]);
});

interface Alert {
	/** The answer to Clerk. */
	readonly code: unknown;
	readonly mail?: Mail | undefined;
	readonly message?: SlackMessage | undefined;
}

/** Delivers, and sees what it makes n8n send: nothing, or one mail and one message of the same channel. */
async function alertFor(body: object, sending: { id?: string; development?: boolean } = {}): Promise<Alert> {
	const [mails, messages] = [smtp.mails.length, slack.messages.length];
	const before = (await n8n.executions(workflowId)).length;
	const { development, ...rest } = sending;
	const answer = await deliver(development ? developmentUrl : url, body, {
		...rest,
		secret: development ? OTHER_SECRET : SECRET,
	});
	expect(answer.status).toBe(200);
	if (answer.body['outcome'] !== 'accepted') return { code: answer.body['code'] };
	const ended = await n8n.untilExecutions(workflowId, before + 1);
	expect(ended.map(({ status }) => status)).not.toContain('error');
	expect(slack.refused).toEqual([]);
	const [mail, ...moreMails] = smtp.mails.slice(mails);
	const [message, ...moreMessages] = slack.messages.slice(messages);
	expect([moreMails, moreMessages]).toEqual([[], []]);
	return { code: 'accepted', mail, message };
}

/** The subject of the mail that it makes n8n send, or why there is none. */
async function alertSubject(body: object): Promise<unknown> {
	const { code, mail } = await alertFor(body);
	return mail?.subject ?? code;
}

const JANE = 'Jane <!channel> Doe, jane@example.com, user_1';
const fields = { firstName: 'Jane <!channel>', locked: false, banned: false };

test('F10: runs with its pinned sample, without a Clerk account', async () => {
	expect((await n8n.runFrom(workflowId, 'Clerk Trigger')).status).toBe('success');
	expect(smtp.mails.at(-1)).toMatchObject({
		to: ['security@example.com'],
		from: 'alerts@example.com',
		subject:
			'[production] Ada Lovelace, ada@example.com, user_2x8VbKnzQ5sample000000001 was locked after too many wrong attempts to sign in',
	});
	expect(slack.messages.at(-1)?.channel).toBe('/services/production');
});

test('F6: nothing at a sign-up; a lock is reported by both, once, and nobody can notify the channel by their name', async () => {
	expect(await alertFor(created(fields))).toEqual({ code: 'no_chosen_change' });
	const alert = await alertFor(updated(10, { ...fields, locked: true }), { id: 'msg_lock' });
	expect(alert).toMatchObject({
		mail: {
			to: ['security@example.com'],
			fromName: 'Clerk Alerts',
			subject: `[production] ${JANE} was locked after too many wrong attempts to sign in`,
		},
		message: { channel: '/services/production' },
	});
	const { mail, message } = alert;
	expect(mail?.text).toContain('Event: user.locked');
	expect(mail?.text).toContain('Instance: ins_1');
	expect(message?.text).toContain('*Jane &lt;!channel&gt; Doe, jane@example.com, user_1* was locked');
	expect(`${mail?.text}${message?.text}`).not.toMatch(/undefined|null|\[object|\{\{/);
	expect(await alertFor(updated(10, { ...fields, locked: true }), { id: 'msg_lock' })).toEqual({ code: 'duplicate' });
	expect(await alertFor(updated(20, { ...fields, locked: true, public_metadata: {} }))).toEqual({ code: 'no_chosen_change' });
});

test('F6: everything else that it reports', async () => {
	const locked = { ...fields, locked: true };
	expect(await alertSubject(updated(30, fields))).toBe(`[production] ${JANE} is no longer locked`);
	expect(await alertSubject(updated(40, { ...fields, banned: true }))).toBe(`[production] ${JANE} was banned`);
	expect(await alertSubject(updated(50, fields))).toBe(`[production] ${JANE} is no longer banned`);
	const password = { password_enabled: true, password_last_updated_at: at(60) };
	// A first password is not worth an alert.
	expect(await alertSubject(updated(60, { ...fields, ...password }))).toBe('no_chosen_change');
	const changed = { ...password, password_last_updated_at: at(70) };
	expect(await alertSubject(updated(70, { ...fields, ...changed }))).toBe(`[production] ${JANE} has another password`);
	const passkey = { ...changed, passkeys: [{ id: 'pk_1', created_at: at(80) }] };
	expect(await alertSubject(updated(80, { ...fields, ...passkey }))).toBe(`[production] ${JANE} has a new passkey`);
	expect(await alertSubject(updated(82, { ...fields, ...passkey }))).toBe('no_chosen_change');
	const more = { ...passkey, passkeys: [...passkey.passkeys, { id: 'pk_2', created_at: at(85) }] };
	expect(await alertSubject(updated(85, { ...fields, ...more }))).toBe(`[production] ${JANE} has a new passkey`);
	// An older state that arrives late is not compared with a newer one.
	expect(await alertSubject(updated(65, { ...locked, ...password }))).toBe('no_chosen_change');

	expect(await alertSubject({ ...fixture('openapi.session.revoked').envelope, instance_id: 'ins_1' })).toMatch(
		/was signed out by your application$/,
	);
	const role = await alertFor(membership('updated', 90, { role: 'org:admin' }));
	expect(role).toMatchObject({ mail: { subject: expect.stringMatching(/has another role in an organization$/) as string } });
	expect(role.mail?.text).toContain('Organization: Acme as it was, org:admin');
	expect(await alertSubject(deleted(100))).toBe('[production] user_1 was deleted');
});

test('F6: development has channels of its own', async () => {
	const development = (body: object) => ({ ...body, instance_id: 'ins_2' });
	expect(await alertFor(development(created(fields)), { development: true })).toEqual({ code: 'no_chosen_change' });
	expect(await alertFor(development(updated(10, { ...fields, locked: true })), { development: true })).toMatchObject({
		mail: { to: ['developers@example.com'], subject: expect.stringMatching(/^\[development\] /) as string },
		message: { channel: '/services/development' },
	});
});

test('F6: when Slack is down, the mail says so', async () => {
	slack.down = true;
	try {
		await alertFor(created({ ...fields, id: 'user_2' }));
		const alert = await alertFor(updated(10, { ...fields, id: 'user_2', locked: true }));
		expect(alert).toMatchObject({
			mail: { text: expect.stringContaining('Slack was not notified: ') as string },
			message: undefined,
		});
	} finally {
		slack.down = false;
	}
});
