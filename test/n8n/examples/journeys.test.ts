import { setTimeout as wait } from 'node:timers/promises';

import { fixture } from '../../support/deliveries';
import {
	created,
	deleted,
	membership,
	organization,
	organizationDeleted,
	updated,
	waitlistEntry,
} from '../../support/clerkEvents';
import { outputsOf } from '../../support/n8n';
import type { Workflow } from '../../support/n8n';
import { Brevo } from '../../support/services/brevo';
import { ClerkApi } from '../../support/services/clerkApi';
import { ExampleHost, PublishedExample } from '../../support/services/examples';
import { HubSpot } from '../../support/services/hubspot';
import { Knock } from '../../support/services/knock';
import { LoopsApi } from '../../support/services/loopsApi';
import { Resend } from '../../support/services/resend';
import type { Service } from '../../support/services/service';
import { SlackApi } from '../../support/services/slackApi';
import { Twilio } from '../../support/services/twilio';
import { MailServer } from '../../support/smtp';

declare const n8nVersion: string;

jest.setTimeout(180_000);

const brevo = new Brevo();
const clerk = new ClerkApi();
const hubspot = new HubSpot();
const knock = new Knock();
const loops = new LoopsApi();
const resend = new Resend();
const slack = new SlackApi();
const twilio = new Twilio();

let host: ExampleHost;
let smtp: MailServer;
const workflows: string[] = [];

beforeAll(async () => {
	smtp = await MailServer.start();
	host = await ExampleHost.start(n8nVersion, [brevo, clerk, hubspot, knock, loops, resend, slack, twilio]);
});

afterAll(async () => {
	await host?.stop();
	await smtp?.stop();
});

/** Waits for what n8n does a moment after it has answered. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
	const deadline = Date.now() + 15_000;
	while (!(await isSo())) {
		if (Date.now() > deadline) throw new Error(`It did not happen: ${isSo.toString()}`);
		await wait(50);
	}
}

type Chosen = ReadonlyArray<Pick<Service, 'credentials'>>;

/** Imports an example, runs it with its pinned sample, as F10 has it, and publishes it. */
async function published(file: string, services: Chosen, change?: (workflow: Workflow) => Workflow): Promise<PublishedExample> {
	const imported = await host.import(file, services, change);
	const execution = await host.n8n.runFrom(imported.id, 'Clerk Trigger');
	expect([execution.status, execution.data.resultData.error, host.internet.problems]).toEqual(['success', undefined, []]);
	workflows.push(imported.id);
	return await PublishedExample.publish(host.n8n, imported);
}

function changed(name: string, parameters: Record<string, unknown>) {
	return (workflow: Workflow): Workflow => {
		const node = workflow.nodes.find((candidate) => candidate.name === name);
		if (!node) throw new Error(`There is no node "${name}"`);
		node.parameters = { ...node.parameters, ...parameters };
		return workflow;
	};
}

describe('F11: sign-up to HubSpot, Resend and Slack', () => {
	const services = [hubspot, resend, slack];
	const counts = () => [hubspot.held().length, resend.mails.length, slack.messages.length];
	let example: PublishedExample;

	test('F10: runs with its pinned sample, without a Clerk account', async () => {
		example = await published('F11-saas-onboarding.json', services);
		expect(counts()).toEqual([1, 1, 1]);
	});

	test('a sign-up becomes a contact, gets its email, and is reported to the team', async () => {
		const body = created({ firstName: '<img src="x">', email: 'jane@example.com' });
		expect((await example.run(body, 'msg_signup')).status).toBe('success');
		expect(hubspot.held().at(-1)).toMatchObject({ email: 'jane@example.com', firstName: '<img src="x">' });
		expect(resend.mails.at(-1)).toMatchObject({ to: 'jane@example.com', from: 'Ada from Example <welcome@example.com>' });
		expect(resend.mails.at(-1)?.text).toContain('Hello <img src="x">,');
		expect(resend.mails.at(-1)?.html).toContain('<p>Hello &lt;img src=&quot;x&quot;&gt;,</p>');
		expect(resend.calls.at(-1)?.headers['idempotency-key']).toBe('msg_signup');
		expect(slack.messages.at(-1)?.channel).toBe('#sign-ups');
		expect(slack.messages.at(-1)?.text).toContain('jane@example.com');
		expect(slack.messages.at(-1)?.text).not.toContain('<img');
	});

	test.each([
		['HubSpot', hubspot, 0],
		['Resend', resend, 1],
		['Slack', slack, 2],
	])('while %s is down, the others are served, and the execution says what was not done', async (name, service, index) => {
		const before = counts();
		service.failWith = [503, 503, 503];
		const execution = await example.run(created({ id: `user_${name}`, email: `${name}@example.com` }));
		expect(execution.status).toBe('error');
		expect(JSON.stringify(execution.data.resultData.error)).toContain(`Not everything was done for user_${name}`);
		expect(outputsOf(execution, 'Collect the Failures')[0]).toHaveLength(1);
		expect(counts()).toEqual(before.map((count, at) => (at === index ? count : count + 1)));
		expect(service.failWith).toEqual([]);
	});

	test('C4: what comes twice is done once; after a restart, Resend still sends each event once', async () => {
		const before = counts();
		const again = created({ email: 'jane@example.com' });
		expect(await example.outcomeOf(again, 'msg_signup')).toBe('duplicate');
		expect(counts()).toEqual(before);
		await example.unpublish();
		const options = { contactHtmlNames: true, skipDuplicates: false };
		const imported = await host.import('F11-saas-onboarding.json', services, changed('Clerk Trigger', { options }));
		const forgetful = await PublishedExample.publish(host.n8n, imported);
		expect((await forgetful.run(again, 'msg_signup')).status).toBe('success');
		expect(counts()).toEqual([before[0], before[1], (before[2] ?? 0) + 1]);
		await forgetful.unpublish();
	});
});

describe('F21: from the waitlist to a user', () => {
	test('B9: the entry becomes a contact by its address, and the later user joins it and leaves the waitlist', async () => {
		const example = await published('F21a-waitlist-to-user.json', [loops]);
		loops.contacts.length = 0;
		expect((await example.run(waitlistEntry('created', 0, 'pending'))).status).toBe('success');
		const [waiting] = loops.contacts;
		expect(waiting).toMatchObject({ email: 'jane@example.com', userGroup: 'Waitlist' });
		expect(waiting).not.toHaveProperty('userId');
		const [list = ''] = Object.keys(waiting?.mailingLists ?? {});
		expect(waiting?.mailingLists).toEqual({ [list]: true });

		expect((await example.run(created())).status).toBe('success');
		expect(loops.contacts).toHaveLength(1);
		const [user] = loops.contacts;
		expect(user).toMatchObject({ email: 'jane@example.com', userId: 'user_1', firstName: 'Jane', userGroup: 'Customers' });
		expect(user?.mailingLists?.[list]).toBe(false);
		expect(Object.values(user?.mailingLists ?? {}).sort()).toEqual([false, true]);
		expect(host.internet.problems).toEqual([]);
		await example.unpublish();
	});
});

describe('F21: Knock, by its API', () => {
	test('users, tenants, members and workflows; late and repeated deliveries change nothing', async () => {
		const example = await published('F21b-knock.json', [knock]);
		const deliver = async (body: object, id?: string) => {
			const { status, data } = await example.run(body, id);
			expect([status, data.resultData.error, host.internet.problems]).toEqual(['success', undefined, []]);
		};
		expect(knock.triggered.splice(0)).toEqual([{ workflow: 'welcome', recipients: ['user_2x8VbKnzQ5sample000000001'] }]);

		await deliver(created(), 'msg_knock');
		expect(knock.users['user_1']).toMatchObject({ email: 'jane@example.com', name: 'Jane Doe' });
		expect(knock.triggered).toEqual([{ workflow: 'welcome', recipients: ['user_1'] }]);
		expect(await example.outcomeOf(created(), 'msg_knock')).toBe('duplicate');

		await deliver(updated(5, { email: 'janet@new.example', firstName: 'Janet' }));
		expect(knock.users['user_1']).toMatchObject({ email: 'janet@new.example', name: 'Janet Doe' });
		// A member may arrive before their organization.
		await deliver(membership('created', 6, { role: 'org:admin' }));
		await deliver(organization('updated', 8, 'Acme Ltd'));
		expect(knock.tenants).toEqual({ org_1: { name: 'Acme Ltd', slug: 'acme', members: { user_1: { role: 'org:admin' } } } });
		expect(await example.outcomeOf(organization('created', 0, 'Acme'))).not.toBe('accepted');
		expect(knock.tenants['org_1']?.name).toBe('Acme Ltd');

		await deliver(membership('deleted', 9));
		expect(knock.tenants['org_1']?.members).toEqual({});
		await deliver(organizationDeleted(10));
		await deliver(deleted(11));
		expect(knock.tenants).toEqual({});
		expect(Object.keys(knock.users)).toEqual(['user_2x8VbKnzQ5sample000000001']);
		expect(knock.triggered).toHaveLength(1);
		await example.unpublish();
	});
});

describe('F21: consent, and the way back of an unsubscription', () => {
	let example: PublishedExample;
	const joined = () => brevo.held().filter(({ joined: isJoined, subscribed }) => isJoined && subscribed);

	test('only who agreed at sign-up joins the list', async () => {
		clerk.users.push({ id: 'user_2x8VbKnzQ5sample000000001', email: 'ada@example.com', public_metadata: {} });
		example = await published('F21c-unsubscribe-round-trip.json', [brevo, clerk]);
		await until(() => brevo.webhooks.size > 0);
		expect([...brevo.webhooks.values()]).toEqual([expect.objectContaining({ type: 'marketing', events: ['unsubscribed'] })]);
		expect((await example.run(created({ id: 'user_no', email: 'no@example.com' }))).status).toBe('success');
		const yes = { id: 'user_yes', email: 'yes@example.com', unsafe_metadata: { newsletter: true } };
		expect((await example.run(created(yes))).status).toBe('success');
		expect(joined().map(({ email }) => email)).toEqual(['ada@example.com', 'yes@example.com']);
	});

	test('who unsubscribes in Brevo is marked in Clerk, gets no more mail, and there is no loop', async () => {
		clerk.users.push({ id: 'user_yes', email: 'yes@example.com', public_metadata: { plan: 'pro' } });
		const execution = await example.untilEnded(async () => await brevo.unsubscribe('yes@example.com'));
		expect([execution.status, host.internet.problems]).toEqual(['success', []]);
		const marked = clerk.users.find(({ id }) => id === 'user_yes')?.public_metadata;
		expect(marked).toEqual({ plan: 'pro', unsubscribed: true });

		const [brevoCalls, clerkCalls] = [brevo.calls.length, clerk.calls.length];
		const yes = { id: 'user_yes', email: 'moved@example.com', unsafe_metadata: { newsletter: true }, public_metadata: marked };
		expect((await example.run(updated(60, yes))).status).toBe('success');
		expect([brevo.calls.length, clerk.calls.length]).toEqual([brevoCalls, clerkCalls]);
		expect(joined().map(({ email }) => email)).toEqual(['ada@example.com']);
	});

	test('unpublished, its webhook is gone from Brevo', async () => {
		await example.unpublish();
		await until(() => brevo.webhooks.size === 0);
	});
});

describe('F21: a series that stops at its goal', () => {
	test('the second email goes to who has not reached the goal, and to nobody who has or who was deleted', async () => {
		const soon = changed('Wait Two Days', { amount: 4, unit: 'seconds' });
		const example = await published('F21d-stop-at-goal.json', [{ credentials: { smtp: smtp.credential } }], soon);
		const subjects = (address: string) => smtp.mailsTo(address).map(({ subject }) => subject);
		expect(subjects('ada@example.com')).toEqual(['Welcome to Example', 'Your team is waiting']);

		const people = ['slow', 'fast', 'gone'].map((name) => ({
			id: `user_${name}`,
			email: `${name}@example.com`,
			firstName: '<b>',
		}));
		for (const person of people) expect(await example.outcomeOf(created(person))).toBe('accepted');
		for (const { email } of people) await smtp.untilMailsTo(email, 1);
		expect(await example.outcomeOf(membership('created', 5, { id: 'orgmem_2', userId: 'user_fast' }))).toBe('accepted');
		expect(await example.outcomeOf(deleted(6, 'user_gone'))).toBe('accepted');
		await smtp.untilMailsTo('slow@example.com', 2);
		// The set-up, the sample, three that begin, two that stop.
		const executions = await host.n8n.untilExecutions(example.workflowId, 7);
		expect(executions.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 'success'));
		expect(subjects('slow@example.com')).toEqual(['Welcome to Example', 'Your team is waiting']);
		expect([subjects('fast@example.com'), subjects('gone@example.com')]).toEqual([
			['Welcome to Example'],
			['Welcome to Example'],
		]);
		expect(smtp.mailsTo('slow@example.com')[0]?.html).toContain('Hello &lt;b&gt;,');
		await example.unpublish();
	});
});

describe("F22: Clerk's own emails and text messages", () => {
	const { envelope: email } = fixture('openapi.email.created');
	const { envelope: sms } = fixture('openapi.sms.created');
	const mailOf = (to: string, more: object = {}) => {
		const message = { subject: '654321 is your code', body: '<p>Your code: <b>654321</b></p>', body_plain: 'Your code: 654321' };
		return { ...email, data: { ...email.data, to_email_address: to, delivered_by_clerk: false, ...message, ...more } };
	};
	const messageOf = (more: object = {}) => ({ ...sms, data: { ...sms.data, delivered_by_clerk: false, ...more } });

	/** A manual run is not kept either, so what came of the sample is seen at the provider. */
	const importedOnly = async (file: string, services: Chosen, change?: (workflow: Workflow) => Workflow) => {
		const imported = await host.import(file, services, change);
		workflows.push(imported.id);
		return await PublishedExample.publish(host.n8n, imported);
	};
	const nothingIsKept = async ({ workflowId }: PublishedExample) => {
		// n8n answers a moment before it removes the execution.
		await until(async () => (await host.n8n.executions(workflowId)).length === 0);
		expect(host.n8n.log).not.toContain('654321');
	};

	test('an email that Clerk leaves to us goes out as Clerk wrote it, once; one that Clerk sends does not', async () => {
		const example = await importedOnly('F22-clerk-emails.json', [{ credentials: { smtp: smtp.credential } }]);
		await host.n8n
			.rest('POST', `/rest/workflows/${example.workflowId}/run`, { triggerToStartFrom: { name: 'Clerk Trigger' } })
			.then(async () => await smtp.untilMailsTo('ada@example.com', 3));
		expect(smtp.mailsTo('ada@example.com').at(-1)?.subject).toBe('123456 is your verification code');

		expect(await example.outcomeOf(mailOf('code@example.com'), 'msg_code')).toBe('accepted');
		expect(await example.outcomeOf(mailOf('code@example.com'), 'msg_code')).toBe('duplicate');
		const [mail, ...more] = smtp.mailsTo('code@example.com');
		expect(more).toEqual([]);
		expect(mail).toMatchObject({
			from: 'notifications@example.com',
			subject: '654321 is your code',
			text: 'Your code: 654321',
			html: '<p>Your code: <b>654321</b></p>',
		});

		expect(await example.outcomeOf(mailOf('clerk@example.com', { delivered_by_clerk: true }))).toBe('accepted');
		expect(smtp.mailsTo('clerk@example.com')).toEqual([]);

		smtp.refuse('late@example.com', 3);
		expect(await example.outcomeOf(mailOf('late@example.com'), 'msg_late')).toBe('failed');
		expect(await example.outcomeOf(mailOf('late@example.com'), 'msg_late')).toBe('accepted');
		expect(smtp.mailsTo('late@example.com')).toHaveLength(1);
		await nothingIsKept(example);
		await example.unpublish();
	});

	test('the same by Resend, with the event as idempotency key', async () => {
		const example = await importedOnly('F22-clerk-emails.json', [resend], (workflow) => {
			for (const node of workflow.nodes) {
				if (node.name === 'Send the Email') node['disabled'] = true;
				if (node.name === 'Or Send It by Resend') delete node['disabled'];
			}
			// A deactivated node hands its item on; nothing is behind it.
			return workflow;
		});
		const before = resend.mails.length;
		expect(await example.outcomeOf(mailOf('resend@example.com'), 'msg_resend')).toBe('accepted');
		expect(resend.mails.slice(before)).toEqual([
			{
				from: 'Example <notifications@example.com>',
				to: 'resend@example.com',
				subject: '654321 is your code',
				text: 'Your code: 654321',
				html: '<p>Your code: <b>654321</b></p>',
			},
		]);
		expect(resend.calls.at(-1)?.headers['idempotency-key']).toBe('msg_resend');
		await nothingIsKept(example);
		await example.unpublish();
	});

	test('a text message that Clerk leaves to us goes out by Twilio, once; one that Clerk sends does not', async () => {
		const example = await importedOnly('F22-clerk-text-messages.json', [twilio]);
		expect(await example.outcomeOf(messageOf({ message: 'Your code is 654321' }), 'msg_sms')).toBe('accepted');
		expect(await example.outcomeOf(messageOf({ message: 'Your code is 654321' }), 'msg_sms')).toBe('duplicate');
		expect(await example.outcomeOf(messageOf({ delivered_by_clerk: true }))).toBe('accepted');
		expect(twilio.messages).toEqual([
			expect.objectContaining({ From: '+15005550006', To: '+19876543210', Body: 'Your code is 654321' }),
		]);
		twilio.failWith = [503];
		expect(await example.outcomeOf(messageOf(), 'msg_down')).toBe('failed');
		expect(await example.outcomeOf(messageOf(), 'msg_down')).toBe('accepted');
		expect(twilio.messages).toHaveLength(2);
		await nothingIsKept(example);
		await example.unpublish();
	});
});

test('no execution and no log holds a secret, and nobody was asked who should not be', async () => {
	expect(await host.keptSecrets(workflows)).toEqual([]);
	expect(host.internet.problems).toEqual([]);
});
