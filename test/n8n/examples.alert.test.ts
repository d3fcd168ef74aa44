import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fixture, OTHER_SECRET, SECRET } from '../support/deliveries';
import type { ClerkBody } from '../support/deliveries';
import { N8n, TRIGGER_TYPE } from '../support/n8n';
import type { Execution, Imported, Workflow } from '../support/n8n';
import { EXAMPLES } from '../support/paths';
import { Slack } from '../support/slack';
import type { SlackMessage } from '../support/slack';
import { MailServer } from '../support/smtp';
import type { Mail } from '../support/smtp';
import { deliver, forgetful, nextId } from '../support/triggerWorkflow';
import { at, created, deleted, membership, updated } from '../support/clerkEvents';

declare const n8nVersion: string;

jest.setTimeout(180_000);

const PRODUCTION = 'ins_2production';
const DEVELOPMENT = 'ins_2development';

type Credential = { id: string; name: string };

let n8n: N8n;
let smtp: MailServer;
let slack: Slack;
let production: Credential;
let development: Credential;
let smtpCredential: Credential;

beforeAll(async () => {
	[smtp, slack] = await Promise.all([MailServer.start(), Slack.start()]);
	n8n = await (await N8n.start({ version: n8nVersion })).setUp();
	production = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	development = await n8n.createCredential('Clerk development', { signingSecret: OTHER_SECRET, previousSigningSecret: '' });
	smtpCredential = await n8n.createCredential('SMTP', smtp.credential, 'smtp');
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

/** An example with what its notes ask a person to fill in. */
function filled(file: string): Workflow {
	const text = readFileSync(join(EXAMPLES, file), 'utf8')
		.replaceAll('https://hooks.slack.com/services/YOUR/PRODUCTION/URL', slack.webhookUrl('/services/production'))
		.replaceAll('https://hooks.slack.com/services/YOUR/DEVELOPMENT/URL', slack.webhookUrl('/services/development'))
		.replaceAll('ins_of_your_production', PRODUCTION)
		.replaceAll('ins_of_your_development', DEVELOPMENT);
	return JSON.parse(text) as Workflow;
}

/** An example, with what the notes on its canvas ask of a person who has a development instance too: a second trigger. */
class AlertWorkflow {
	private constructor(
		readonly id: string,
		private readonly urls: { production: string; development: string },
	) {}

	static async publish(workflow: Workflow): Promise<AlertWorkflow> {
		const imported = await n8n.importWorkflow(workflow, production, { smtp: smtpCredential });
		const { id, nodes, connections } = imported;
		const setUp = 'Run Once Before the First Use';
		if (nodes.some(({ name }) => name === setUp)) expect((await n8n.runFrom(id, setUp)).status).toBe('success');
		const trigger = nodes.find(({ type }) => type === TRIGGER_TYPE);
		if (!trigger) throw new Error('There is no trigger');
		const second = { ...trigger, id: randomUUID(), webhookId: randomUUID(), name: 'Clerk Trigger1', position: [0, -160] };
		await n8n.rest('PATCH', `/rest/workflows/${id}`, {
			versionId: imported['versionId' as keyof Imported],
			nodes: [...nodes, { ...second, credentials: { clerkWebhookApi: development } }],
			connections: { ...connections, [second.name]: connections[trigger.name] },
		});
		const urls = { production: await n8n.activate(id), development: `${n8n.url}/webhook/${second.webhookId}/clerk` };
		await n8n.untilRegistered(urls.development);
		return new AlertWorkflow(id, urls);
	}

	/** Delivers. @returns how the execution that it starts has ended, or why it starts none */
	async run(body: object, sending: { id?: string; development?: boolean } = {}): Promise<Execution | { code: unknown }> {
		const before = (await n8n.executions(this.id, { withData: false })).map(({ id }) => id);
		const { development: isDevelopment, ...rest } = sending;
		const url = isDevelopment ? this.urls.development : this.urls.production;
		const answer = await deliver(url, body, { ...rest, secret: isDevelopment ? OTHER_SECRET : SECRET });
		expect(answer.status).toBe(200);
		if (answer.body['outcome'] !== 'accepted') return { code: answer.body['code'] };
		const after = await n8n.untilExecutions(this.id, before.length + 1);
		return after.find(({ id }) => !before.includes(id)) ?? { code: 'nothing' };
	}

	/** Delivers, and sees what it makes n8n send: nothing, or one mail and one message of the same channel. */
	async alertFor(body: object, sending: { id?: string; development?: boolean } = {}): Promise<Alert> {
		const [mails, messages] = [smtp.mails.length, slack.messages.length];
		const execution = await this.run(body, sending);
		if ('code' in execution) return execution;
		expect(execution.status).toBe('success');
		expect(slack.refused).toEqual([]);
		const [mail, ...moreMails] = smtp.mails.slice(mails);
		const [message, ...moreMessages] = slack.messages.slice(messages);
		expect([moreMails, moreMessages]).toEqual([[], []]);
		return { code: 'accepted', mail, message };
	}
}

describe('F6: alerts to the team', () => {
	let workflow: AlertWorkflow;
	const alertFor = async (...sent: Parameters<AlertWorkflow['alertFor']>) => await workflow.alertFor(...sent);

	beforeAll(async () => {
		workflow = await AlertWorkflow.publish(filled('F6-team-alert.json'));
	});

	/** The subject of the mail that it makes n8n send, or why there is none. */
	async function alertSubject(body: object): Promise<unknown> {
		const { code, mail } = await alertFor(body);
		return mail?.subject ?? code;
	}

	const JANE = 'Jane <!channel> Doe, jane@example.com, user_1';
	const fields = { firstName: 'Jane <!channel>', locked: false, banned: false };

	test('F10: runs with its pinned sample, without a Clerk account', async () => {
		expect((await n8n.runFrom(workflow.id, 'Clerk Trigger')).status).toBe('success');
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
		const development = (body: object) => ({ ...body, instance_id: DEVELOPMENT });
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
});

describe('F6 with a table: alerts to the team', () => {
	const TABLE = 'clerk_security';
	let workflow: AlertWorkflow;
	let seconds = 0;

	/** A user's state as Clerk delivers it; each one is newer than the one before. */
	const state = (data: Record<string, unknown>, email: string | null = 'eve@example.com'): ClerkBody => {
		const updated_at = 1_800_000_000_000 + 1000 * ++seconds;
		const eve = { id: 'user_eve', first_name: 'Eve', last_name: '<!channel>', updated_at };
		const envelope = fixture('edge.user.created.unicode').envelope;
		const [address] = envelope.data['email_addresses'] as object[];
		const addresses = email === null ? [] : [{ ...address, email_address: email }];
		const all = { ...envelope.data, email_addresses: addresses, ...eve, ...data };
		return { ...envelope, type: 'user.updated', data: all, timestamp: updated_at, instance_id: PRODUCTION };
	};

	/** Every delivery starts the workflow. @returns the mail and the message, or null if there is neither */
	async function alertFor(body: ClerkBody, sending: { id?: string } = {}) {
		const alert = await workflow.alertFor(body, { ...sending, development: body['instance_id'] === DEVELOPMENT });
		const { code, mail, message } = alert;
		expect([code, message === undefined]).toEqual(['accepted', mail === undefined]);
		return mail || message ? { mail, message } : null;
	}

	beforeAll(async () => {
		workflow = await AlertWorkflow.publish(forgetful(filled('F6-team-alert-table.json')));
	});

	test('F10: runs with its pinned sample, without a Clerk account', async () => {
		const before = smtp.mails.length;
		expect((await n8n.runFrom(workflow.id, 'Clerk Trigger')).status).toBe('success');
		expect(smtp.mails.slice(before)).toEqual([
			expect.objectContaining({
				// An instance that the settings do not list belongs to the first channel.
				to: ['security@example.com'],
				from: 'alerts@example.com',
				subject: '[production] Ada Lovelace, ada@example.com, user_2x8VbKnzQ5sample000000001 was signed out by your application',
			}),
		]);
		expect(slack.messages.at(-1)?.channel).toBe('/services/production');
	});

	test('F6: no mail at the first sight of a user or when nothing relevant changed; a mail for locked and unlocked', async () => {
		expect(await alertFor(state({ locked: true, banned: true }))).toBeNull();
		expect(await n8n.rowsOf(TABLE)).toEqual([
			expect.objectContaining({ key: 'user_eve', locked: true, banned: true, email: 'eve@example.com', emailVerified: true }),
		]);
		expect(await alertFor(state({ locked: true, banned: true, public_metadata: { plan: 'pro' } }))).toBeNull();

		const unlocked = await alertFor(state({ locked: false }));
		expect(unlocked?.mail?.subject).toBe(
			'[production] Eve <!channel>, eve@example.com, user_eve is no longer locked and is no longer banned',
		);
		const locked = await alertFor(state({ locked: true }));
		expect(locked?.mail).toMatchObject({ to: ['security@example.com'], fromName: 'Clerk Alerts' });
		expect(locked?.mail?.text).toContain('eve@example.com, user_eve was locked after too many wrong attempts to sign in.');
		expect(locked?.mail?.text).toContain(`Instance: ${PRODUCTION} (production)`);
		expect(locked?.mail?.html).toContain('<b>Eve &lt;!channel&gt;, eve@example.com, user_eve</b> was locked');
		expect(locked?.message?.channel).toBe('/services/production');
		// Unescaped, Slack would ring everybody in the channel.
		expect(locked?.message?.text).toContain('*Eve &lt;!channel&gt;, eve@example.com, user_eve* was locked');
		expect(`${locked?.mail?.text}${locked?.mail?.html}${locked?.message?.text}`).not.toMatch(/undefined|null|\[object|\{\{/);
	});

	test('F6: development has channels of its own', async () => {
		const development = (data: object) => {
			return { ...state({ id: 'user_dev', ...data }, 'dev@example.com'), instance_id: DEVELOPMENT };
		};
		expect(await alertFor(development({ locked: false }))).toBeNull();
		const locked = await alertFor(development({ locked: true }));
		expect(locked?.mail).toMatchObject({ to: ['developers@example.com'], subject: expect.stringMatching(/^\[development\] /) });
		expect(locked?.message?.channel).toBe('/services/development');
	});

	test('F6: banned, a new verified address, a new verified number', async () => {
		const phone = { id: 'idn_p', phone_number: '+12025550123', verification: { status: 'verified' } };
		expect(await alertFor(state({ locked: true }))).toBeNull();
		expect((await alertFor(state({ locked: true, banned: true })))?.mail?.subject).toMatch(/user_eve was banned$/);
		expect(await alertFor(state({ locked: true, banned: true }))).toBeNull();

		const unverified = state({ locked: true, banned: true }, 'new@example.com');
		(unverified.data['email_addresses'] as Array<Record<string, unknown>>)[0]!['verification'] = null;
		expect(await alertFor(unverified)).toBeNull();
		const verified = await alertFor(state({ locked: true, banned: true }, 'new@example.com'));
		expect(verified?.mail?.subject).toMatch(/has a new verified email address \(new@example\.com → new@example\.com\)$/);

		const withPhone = { locked: true, banned: true, phone_numbers: [phone], primary_phone_number_id: 'idn_p' };
		const called = await alertFor(state(withPhone, 'new@example.com'));
		expect(called?.message?.text).toContain('has a new verified phone number (none → +12025550123)');
		// Somebody who removed their address is still watched.
		expect(await alertFor(state(withPhone, null))).toBeNull();
		expect((await alertFor(state({ ...withPhone, banned: false }, null)))?.mail?.subject).toMatch(/is no longer banned$/);
	});

	test('F6, E2: an older state that arrives late is neither reported nor stored', async () => {
		const late = state({ id: 'user_order', locked: true });
		expect(await alertFor(state({ id: 'user_order', locked: false }))).toBeNull();
		expect(await alertFor(late)).toBeNull();
		expect(await n8n.rowsOf(TABLE)).toContainEqual(expect.objectContaining({ key: 'user_order', locked: false }));
	});

	test('F6: a new role in an organization', async () => {
		const { envelope } = fixture('openapi.organizationMembership.updated');
		const member = (role: string, updated_at: number) => ({
			...envelope,
			instance_id: PRODUCTION,
			data: { ...envelope.data, role, updated_at },
		});
		expect(await alertFor({ ...member('org:member', 1_716_883_500_000), type: 'organizationMembership.created' })).toBeNull();
		expect(await alertFor(member('org:member', 1_716_883_500_001))).toBeNull();
		const promoted = await alertFor(member('org:admin', 1_716_883_500_002));
		expect(promoted?.mail?.subject).toBe(
			'[production] Jane Doe, jane.doe@acme.com, user_2h8op3Isl1QR7tKu5FGNfaLKEoU has a new role in an organization (org:member → org:admin)',
		);
		expect(promoted?.mail?.text).toContain('Organization: Acme Corp');
		expect(promoted?.message?.text).toContain('Organization Acme Corp');
	});

	test('F6, E1: a revoked session and a deletion are reported once, however often they are delivered', async () => {
		const id = nextId();
		const revoked = { ...fixture('openapi.session.revoked').envelope, instance_id: PRODUCTION };
		expect((await alertFor(revoked, { id }))?.mail?.subject).toMatch(/^\[production\] John Doe, .* was signed out/);
		expect(await alertFor(revoked, { id })).toBeNull();

		const deleted = { ...fixture('edge.user.deleted.minimal').envelope, instance_id: PRODUCTION };
		deleted.data = { ...deleted.data, id: 'user_order' };
		const deletionId = nextId();
		// Clerk sends only the ID; the address comes from the table.
		expect((await alertFor(deleted, { id: deletionId }))?.mail?.subject).toBe(
			'[production] eve@example.com, user_order was deleted',
		);
		expect(await alertFor(deleted, { id: deletionId })).toBeNull();
		expect((await n8n.rowsOf(TABLE)).map(({ userId }) => userId)).not.toContain('user_order');
	});

	test('F6: when Slack is down, the mail still goes out and the execution is in error', async () => {
		slack.down = true;
		try {
			const before = smtp.mails.length;
			const execution = await workflow.run({ ...fixture('openapi.session.revoked').envelope, instance_id: PRODUCTION });
			expect(smtp.mails.slice(before)).toEqual([expect.objectContaining({ to: ['security@example.com'] })]);
			expect(execution).toMatchObject({ status: 'error' });
			expect(JSON.stringify(execution)).toContain('Email: sent. Slack: ');
		} finally {
			slack.down = false;
		}
	});
});
