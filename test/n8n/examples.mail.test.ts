import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fixture } from '../support/deliveries';
import type { ClerkBody } from '../support/deliveries';
import { eventually } from '../support/eventually';
import { at, created, updated } from '../support/clerkEvents';
import { outputsOf, TRIGGER_TYPE } from '../support/n8n';
import type { Execution, Imported, N8n, Workflow } from '../support/n8n';
import { endWaits } from '../support/n8nContents';
import { Postgres } from '../support/postgres';
import type { Database } from '../support/postgres';
import { MailServer, Relay } from '../support/smtp';
import { deliver, forgetful, nextId } from '../support/triggerWorkflow';
import { useN8n } from '../support/useN8n';
import { EXAMPLES } from '../support/paths';

jest.setTimeout(180_000);

const SAMPLE_EMAIL = 'ada@example.com';

const host = useN8n();
let n8n: N8n;
let smtp: MailServer;
let postgres: Postgres;
let credential: { id: string; name: string };
let smtpCredential: { id: string; name: string };

beforeAll(async () => {
	({ n8n, credential } = host);
	[smtp, postgres] = await Promise.all([MailServer.start(), Postgres.start()]);
	smtpCredential = await n8n.createCredential('SMTP', smtp.credential, 'smtp');
});

afterAll(async () => await Promise.all([smtp?.stop(), postgres?.stop()]));

function read(file: string): Workflow {
	return JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as Workflow;
}

/** Imports an example, with other values in its settings node. */
async function imported(file: string, settings: Record<string, unknown> = {}): Promise<Imported> {
	const workflow = forgetful(read(file));
	const node = workflow.nodes.find(({ name }) => name === 'Settings');
	const fields = (node?.parameters['assignments'] as { assignments: Array<{ name: string; value: unknown }> } | undefined)
		?.assignments;
	for (const [name, value] of Object.entries(settings)) {
		const field = fields?.find((candidate) => candidate.name === name);
		if (!field) throw new Error(`${file} has no setting ${name}`);
		field.value = value;
	}
	return await n8n.importWorkflow(workflow, credential, { smtp: smtpCredential });
}

/** Delivers and waits until the execution that it starts has ended. @returns how it ended */
async function run(workflowId: string, url: string, body: object, sending: { id?: string; secret?: string } = {}) {
	const before = (await n8n.executions(workflowId, { withData: false })).map(({ id }) => id);
	expect((await deliver(url, body, sending)).body).toMatchObject({ outcome: 'accepted' });
	const after = await n8n.untilExecutions(workflowId, before.length + 1);
	return after.find(({ id }) => !before.includes(id));
}

function user(email: string | null, data: Record<string, unknown> = {}, type = 'user.created'): ClerkBody {
	const envelope = fixture('edge.user.created.unicode').envelope;
	const [address] = envelope.data['email_addresses'] as object[];
	const addresses = email === null ? [] : [{ ...address, email_address: email }];
	return { ...envelope, type, data: { ...envelope.data, id: `user_${email}`, email_addresses: addresses, ...data } };
}

function deletion(email: string): ClerkBody {
	const envelope = fixture('edge.user.deleted.minimal').envelope;
	return { ...envelope, data: { ...envelope.data, id: `user_${email}` } };
}

describe('F3: a welcome email to every new user, once', () => {
	let workflowId: string;
	let url: string;

	beforeAll(async () => {
		workflowId = (await imported('F3-welcome-email.json')).id;
		url = await n8n.activate(workflowId);
	});

	// Another copy of the file has the same webhook.
	afterAll(async () => await n8n.deactivate(workflowId));

	test('F10: runs with its pinned sample, without a Clerk account, as often as one likes', async () => {
		expect((await n8n.runFrom(workflowId, 'Clerk Trigger')).status).toBe('success');
		expect((await n8n.runFrom(workflowId, 'Clerk Trigger')).status).toBe('success');
		const mails = await smtp.untilMailsTo(SAMPLE_EMAIL, 2);
		expect(mails.map(({ subject }) => subject)).toEqual(['Welcome to Example, Ada', 'Welcome to Example, Ada']);
	});

	test('F3: the mail goes to the user, as text and as HTML, and a name cannot put HTML into it', async () => {
		const name = `<img src="x"> & 'Zoë'`;
		const execution = await run(workflowId, url, user('zoe@example.com', { first_name: name }));
		expect(execution?.status).toBe('success');
		const [mail, ...more] = smtp.mailsTo('zoe@example.com');
		expect(more).toEqual([]);
		expect(mail).toMatchObject({
			from: 'welcome@example.com',
			fromName: 'Ada from Example',
			to: ['zoe@example.com'],
			recipients: ['zoe@example.com'],
			subject: `Welcome to Example, ${name}`,
		});
		expect(mail?.text).toContain(`Hello ${name},`);
		expect(mail?.text).toContain('with zoe@example.com.');
		expect(mail?.html).toContain('<p>Hello &lt;img src=&quot;x&quot;&gt; &amp; &#39;Zoë&#39;,</p>');
		expect(mail?.html).toContain('<b>zoe@example.com</b>');
		expect(mail?.html).not.toContain('<img');
		expect(`${mail?.text}${mail?.html}`).not.toMatch(/n8n|undefined|null|\{\{/);
	});

	test('F3: a user without a name is greeted too', async () => {
		const { envelope } = fixture('edge.user.created.null_names_empty_last');
		for (const [first_name, id] of [
			['', 'user_empty'],
			[null, 'user_null'],
		]) {
			expect((await run(workflowId, url, { ...envelope, data: { ...envelope.data, id, first_name } }))?.status).toBe('success');
		}
		const mails = smtp.mailsTo('person@example.com');
		expect(mails).toHaveLength(2);
		for (const mail of mails) {
			expect(mail.subject).toBe('Welcome to Example');
			expect(mail.text).toMatch(/^Hello there,\n/);
			expect(mail.html).toContain('<p>Hello there,</p>');
		}
	});

	test('F3, E1: a redelivery sends no second mail', async () => {
		const id = nextId();
		const body = user('once@example.com');
		for (let attempt = 0; attempt < 3; attempt++) {
			const execution = await run(workflowId, url, body, { id });
			expect(execution?.status).toBe('success');
			// Its second output holds what was discarded.
			expect(outputsOf(execution, 'Remove Duplicates').map(({ length }) => length)).toEqual(attempt === 0 ? [1, 0] : [0, 1]);
		}
		expect(smtp.mailsTo('once@example.com')).toHaveLength(1);
	});

	test('F3: a mail server that refuses is tried again; what failed for good is sent by "Retry"', async () => {
		smtp.refuse('busy@example.com', 1);
		expect((await run(workflowId, url, user('busy@example.com')))?.status).toBe('success');
		expect(smtp.mailsTo('busy@example.com')).toHaveLength(1);

		smtp.refuse('down@example.com', 3);
		const failed = await run(workflowId, url, user('down@example.com'));
		expect(failed?.status).toBe('error');
		expect(smtp.mailsTo('down@example.com')).toEqual([]);
		await n8n.api('POST', `/executions/${failed?.id}/retry`, {});
		expect(await smtp.untilMailsTo('down@example.com', 1)).toHaveLength(1);
	});
});

describe('F3 with Postgres: a welcome email to every new user, once, whatever runs at the same moment', () => {
	const FILE = 'F3-welcome-email-postgres.json';
	let database: Database;
	let postgresCredential: { id: string; name: string };
	let workflowId: string;
	let url: string;

	/** The example with an address of its own, so that there can be several. */
	async function copy(smtpServer = smtpCredential): Promise<string> {
		const workflow = forgetful(read(FILE));
		for (const trigger of workflow.nodes.filter(({ type }) => type === TRIGGER_TYPE)) trigger.webhookId = randomUUID();
		const chosen = { smtp: smtpServer, postgres: postgresCredential };
		return (await n8n.importWorkflow(workflow, credential, chosen)).id;
	}

	const rowOf = async (email: string) =>
		(
			await database.query('SELECT contact, execution_id, sent_at IS NOT NULL AS sent FROM welcome_emails WHERE user_id = $1', [
				`user_${email}`,
			])
		)[0];
	const SENT = { contact: null, execution_id: expect.any(String), sent: true };

	/** Delivers once and waits for the end of the workflow. @returns the answer, and how the execution ended */
	async function delivered(email: string) {
		const before = (await n8n.executions(workflowId)).length;
		const { status, body } = await deliver(url, user(email));
		const execution = (await n8n.untilExecutions(workflowId, before + 1)).at(-1);
		const error = execution?.data.resultData.error as { message?: string } | undefined;
		return { answer: `${status} ${String(body['outcome'])}`, execution: execution?.status, error: error?.message };
	}

	/** Makes claims older, as if time had passed. */
	const age = async (minutes: number) =>
		await database.query('UPDATE welcome_emails SET claimed_at = claimed_at - make_interval(mins => $1)', [minutes]);
	const sendWhatWasLeft = async (): Promise<Execution> => await n8n.runFrom(workflowId, 'Send What Was Left');

	beforeAll(async () => {
		database = await postgres.createDatabase('welcome');
		postgresCredential = await n8n.createCredential('Postgres', database.credential, 'postgres');
		workflowId = await copy();
		expect((await n8n.runFrom(workflowId, 'Run Once Before the First Use')).status).toBe('success');
		url = await n8n.activate(workflowId);
	});

	test('F10: runs with its pinned sample, without a Clerk account, as often as one likes, and leaves no row', async () => {
		expect((await n8n.runFrom(workflowId, 'Run Once Before the First Use')).status).toBe('success');
		const before = smtp.mailsTo(SAMPLE_EMAIL).length;
		expect((await n8n.runFrom(workflowId, 'Clerk Trigger')).status).toBe('success');
		expect((await n8n.runFrom(workflowId, 'Clerk Trigger')).status).toBe('success');
		const subjects = smtp.mailsTo(SAMPLE_EMAIL).map(({ subject }) => subject);
		expect(subjects.slice(before)).toEqual(['Welcome to Example, Ada', 'Welcome to Example, Ada']);
		expect(await database.query('SELECT * FROM welcome_emails')).toEqual([]);
	});

	test('F3: writes and sends as the example without Postgres does', () => {
		const [simple, durable] = ['F3-welcome-email.json', FILE].map((file) => {
			const { nodes } = read(file);
			return ['Escape for HTML', 'Write the Email', 'Send the Email'].map((name) => {
				const found = nodes.find((node) => node.name === name);
				return JSON.parse(JSON.stringify(found?.parameters, (key, value: unknown) => (key === 'id' ? '' : value))) as unknown;
			});
		});
		expect(durable).toEqual(simple);
	});

	test('F3, E1: a user gets the mail once, and the table keeps nothing of them but the id', async () => {
		const name = `<img src="x"> & 'Zoë', $1 {{ 1 }}; DROP TABLE welcome_emails; --`;
		expect((await deliver(url, user('once.pg@example.com', { first_name: name }))).body).toMatchObject({ outcome: 'accepted' });
		const [mail] = await smtp.untilMailsTo('once.pg@example.com', 1);
		expect(mail).toMatchObject({ to: ['once.pg@example.com'], subject: `Welcome to Example, ${name}` });
		expect(mail?.html).toContain('&lt;img src=&quot;x&quot;&gt; &amp; &#39;Zoë&#39;');
		expect(await rowOf('once.pg@example.com')).toEqual(SENT);

		// Under another id, as an endpoint that was added twice gets it.
		expect(await delivered('once.pg@example.com')).toMatchObject({ answer: '200 accepted', execution: 'success' });
		expect(smtp.mailsTo('once.pg@example.com')).toHaveLength(1);
		expect(await rowOf('once.pg@example.com')).toEqual(SENT);
	});

	test('F3, E1: of executions that run at the same moment one sends, and the others come again until it has', async () => {
		const emails = Array.from({ length: 5 }, (_, index) => `together${index}@example.com`);
		const deliverAll = async () =>
			(await Promise.all(emails.flatMap((email) => [1, 2, 3].map(async () => await deliver(url, user(email)))))).map(
				({ status }) => status,
			);

		await database.query('BEGIN');
		const answers = deliverAll();
		try {
			await database.query('LOCK TABLE welcome_emails IN SHARE ROW EXCLUSIVE MODE');
			const waiting = async () =>
				(await database.query('SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted'))[0]?.['waiting'];
			// All of them have passed the trigger and ask for their row.
			await eventually(async () => expect(await waiting()).toBe(15));
		} finally {
			await database.query('COMMIT');
		}
		const first = await answers;
		expect(first.filter((status) => status === 200).length).toBeGreaterThanOrEqual(5);
		expect(first.filter((status) => status === 500).length).toBeGreaterThanOrEqual(1);
		expect(await deliverAll()).toEqual(Array.from({ length: 15 }, () => 200));
		for (const email of emails) {
			expect(smtp.mailsTo(email)).toHaveLength(1);
			expect(await rowOf(email)).toEqual(SENT);
		}
	});

	test('F3: a mail server that refuses leaves no claim behind, and the mail goes out when Clerk delivers again', async () => {
		smtp.refuse('busy.pg@example.com', 1);
		const refused = await delivered('busy.pg@example.com');
		expect(refused).toMatchObject({ answer: '500 failed', execution: 'error' });
		expect(refused.error).toContain('451 Try again later');
		expect(await rowOf('busy.pg@example.com')).toMatchObject({ execution_id: null, sent: false });
		expect(smtp.mailsTo('busy.pg@example.com')).toEqual([]);

		expect(await delivered('busy.pg@example.com')).toMatchObject({ answer: '200 accepted', execution: 'success' });
		expect(smtp.mailsTo('busy.pg@example.com')).toHaveLength(1);
		expect(await rowOf('busy.pg@example.com')).toEqual(SENT);
	});

	test('F3: who is left without a mail is found after ten minutes, and gets it when somebody says so, once', async () => {
		smtp.refuse('left1@example.com', 1);
		smtp.refuse('left2@example.com', 2);
		for (const email of ['left1@example.com', 'left2@example.com']) {
			expect(await delivered(email)).toMatchObject({ answer: '500 failed' });
		}
		expect(outputsOf(await sendWhatWasLeft(), 'Find Who Waits')).toEqual([[]]);

		await age(11);
		const halfDone = await sendWhatWasLeft();
		expect(outputsOf(halfDone, 'Find Who Waits')[0]).toHaveLength(2);
		// One that is refused again does not stop the other.
		expect(halfDone.status).toBe('error');
		expect(await rowOf('left1@example.com')).toEqual(SENT);
		expect(await rowOf('left2@example.com')).toMatchObject({ execution_id: null, sent: false });

		await age(11);
		expect((await sendWhatWasLeft()).status).toBe('success');
		for (const email of ['left1@example.com', 'left2@example.com']) {
			expect(smtp.mailsTo(email)).toEqual([expect.objectContaining({ subject: 'Welcome to Example, Zoë' })]);
			expect(await rowOf(email)).toEqual(SENT);
		}
		expect((await sendWhatWasLeft()).status).toBe('success');
		expect(smtp.mailsTo('left1@example.com')).toHaveLength(1);
	});

	test('F3: where nobody knows whether the mail went out, none is sent again by itself', async () => {
		// The connection breaks as soon as a mail has been taken, before that is said.
		const breaking = await Relay.to(smtp, (answer, client, sent) =>
			sent.endsWith('\r\n.\r\n') ? client.destroy() : client.write(answer),
		);
		try {
			const broken = { ...smtp.credential, port: breaking.port };
			const other = await copy(await n8n.createCredential('Breaking', broken, 'smtp'));
			const email = 'doubt@example.com';
			expect(await deliver(await n8n.activate(other), user(email))).toMatchObject({ status: 500 });
			// It did go out, but n8n cannot know.
			expect(smtp.mailsTo(email)).toHaveLength(1);
			expect(await rowOf(email)).toMatchObject({ contact: { email }, execution_id: expect.any(String), sent: false });

			const again = await delivered(email);
			expect(again).toMatchObject({ answer: '500 failed', execution: 'error' });
			expect(again.error).toContain(`claimed user_${email} and not marked`);
			expect(smtp.mailsTo(email)).toHaveLength(1);

			// Somebody looks into the log of the mail server, and sees that it did.
			await age(11);
			await database.query('UPDATE welcome_emails SET sent_at = now(), contact = NULL WHERE user_id = $1', [`user_${email}`]);
			expect(outputsOf(await sendWhatWasLeft(), 'Find Who Waits')).toEqual([[]]);
			expect(await delivered(email)).toMatchObject({ answer: '200 accepted', execution: 'success' });
			expect(smtp.mailsTo(email)).toHaveLength(1);
		} finally {
			breaking.close();
		}
	});
});

describe('F3: who adds an address after the sign-up is welcomed where the builder follows the note', () => {
	const FILTER = 'Filter';
	let database: Database;

	beforeAll(async () => {
		database = await postgres.createDatabase('later');
	});

	/** Its three steps: one more event, a filter, and in the simple example the user's ID in place of the event's. */
	function asTheNoteSays(file: string): Workflow {
		const workflow = read(file);
		const note = workflow.nodes.find(({ name }) => name === 'Without an Address');
		const condition = /`(\{\{.+?\}\})`/.exec(String(note?.parameters['content']))?.[1];
		const publishedAt = new Date(at(-60)).toISOString();
		const rule = { leftValue: `=${condition?.replace('2026-12-01', publishedAt)}`, rightValue: '' };
		const isTrue = { id: randomUUID(), ...rule, operator: { type: 'boolean', operation: 'true', singleValue: true } };
		const options = { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 };
		const conditions = { options, conditions: [isTrue], combinator: 'and' };
		const trigger = workflow.nodes.find(({ type }) => type === TRIGGER_TYPE);
		const dedupe = workflow.nodes.find(({ name }) => name === 'Remove Duplicates');
		if (!trigger) throw new Error('There is no trigger');
		trigger.parameters['events'] = ['user.created', 'user.updated'];
		trigger.webhookId = randomUUID();
		if (dedupe) {
			const value = dedupe.parameters['dedupeValue'] as string;
			dedupe.parameters['dedupeValue'] = value.replace('$json.event.id', '$json.event.userId');
		}
		workflow.nodes.push({
			id: randomUUID(),
			name: FILTER,
			type: 'n8n-nodes-base.filter',
			typeVersion: 2.2,
			position: [120, 0],
			parameters: { conditions, options: {} },
		});
		const next = workflow.connections[trigger.name];
		const toFilter = { main: [[{ node: FILTER, type: 'main' as const, index: 0 }]] };
		Object.assign(workflow.connections, { [trigger.name]: toFilter, [FILTER]: next });
		return workflow;
	}

	test.each([
		['F3-welcome-email.json', 'later'],
		['F3-welcome-email-postgres.json', 'later.pg'],
	])('F3, E5, B4: %s', async (file, name) => {
		const chosen = await n8n.createCredential('Postgres', database.credential, 'postgres');
		const { id } = await n8n.importWorkflow(asTheNoteSays(file), credential, { smtp: smtpCredential, postgres: chosen });
		if (file.includes('postgres')) await n8n.runFrom(id, 'Run Once Before the First Use');
		const before = (await n8n.executions(id)).length;
		const url = await n8n.activate(id);
		const email = `${name}@example.com`;
		const other = { id: `user_${name}.2`, email: `2.${email}` };
		const later = { id: `user_${name}` };
		const answers: unknown[] = [];
		for (const [index, body] of [
			created({ ...later, email: null }),
			updated(600, { ...later, email }),
			updated(700, { ...later, email, firstName: 'Janet' }),
			updated(5, other),
			created(other),
			updated(5, { id: `user_${name}.old`, email: `old.${email}`, created_at: at(-3600) }),
		].entries()) {
			answers.push((await deliver(url, body)).body['outcome']);
			const ended = await n8n.untilExecutions(id, before + index);
			expect(ended.map(({ status }) => status)).not.toContain('error');
		}
		expect(answers).toEqual(['ignored', ...Array.from({ length: 5 }, () => 'accepted')]);
		expect([email, other.email, `old.${email}`].map((address) => smtp.mailsTo(address).length)).toEqual([1, 1, 0]);
	});
});

describe('F4: an onboarding sequence', () => {
	const TABLE = 'clerk_onboarding';
	const SUBJECTS = ['Welcome to Example', 'Three things to try', 'How is it going?'];
	let workflowId: string;
	let url: string;

	const usersInTable = async () => (await n8n.rowsOf(TABLE)).map(({ email }) => email).sort();

	beforeAll(async () => {
		workflowId = (await imported('F4-onboarding.json', { waitUnit: 'seconds', secondMailAfter: 5, thirdMailAfter: 10 })).id;
		expect((await n8n.runFrom(workflowId, 'Run Once Before the First Use')).status).toBe('success');
		url = await n8n.activate(workflowId);
	});

	afterAll(async () => await n8n.deactivate(workflowId));

	test('F10: runs with its pinned sample up to the first wait, which lasts two days', async () => {
		const { id } = await imported('F4-onboarding.json');
		const before = smtp.mailsTo(SAMPLE_EMAIL).length;
		const { status, id: executionId } = await n8n.runFrom(id, 'Clerk Trigger');
		expect(status).toBe('waiting');
		expect(smtp.mailsTo(SAMPLE_EMAIL).slice(before)).toEqual([expect.objectContaining({ subject: SUBJECTS[0] })]);
		const { waitTill } = await n8n.api<{ waitTill: string }>('GET', `/executions/${executionId}`);
		const days = (Date.parse(waitTill) - Date.now()) / 86_400_000;
		expect(days).toBeGreaterThan(1.99);
		expect(days).toBeLessThanOrEqual(2);
		expect(await usersInTable()).toEqual([SAMPLE_EMAIL]);
		await n8n.rest('POST', `/rest/executions/${executionId}/stop`);
	});

	test('F4, E1: three mails, each in its time, and a redelivery starts no second sequence', async () => {
		const id = nextId();
		const body = user('stays@example.com', { first_name: '<Zoë>' });
		await deliver(url, body, { id });
		await smtp.untilMailsTo('stays@example.com', 1);
		expect(await usersInTable()).toContain('stays@example.com');
		await deliver(url, body, { id });

		const [first, second, third] = await smtp.untilMailsTo('stays@example.com', 3);
		expect([first?.subject, second?.subject, third?.subject]).toEqual(SUBJECTS);
		for (const mail of [first, second, third]) {
			expect(mail).toMatchObject({ from: 'hello@example.com', to: ['stays@example.com'] });
			expect(mail?.text).toMatch(/^Hello <Zoë>,\n/);
			expect(mail?.html).toContain('<p>Hello &lt;Zoë&gt;,</p>');
		}
		const received = [first, second, third].map((mail) => mail?.receivedAt ?? NaN);
		expect((received[1] ?? NaN) - (received[0] ?? NaN)).toBeGreaterThan(4_500);
		expect((received[2] ?? NaN) - (received[1] ?? NaN)).toBeGreaterThan(4_500);

		const ended = await n8n.untilExecutions(workflowId, 3);
		expect(ended.map(({ status }) => status)).toEqual(['success', 'success', 'success']);
		expect(smtp.mailsTo('stays@example.com')).toHaveLength(3);
		expect(await usersInTable()).not.toContain('stays@example.com');
	});

	test('F4: who is deleted meanwhile gets no further mail', async () => {
		const before = (await n8n.executions(workflowId)).length;
		await deliver(url, user('leaves@example.com'));
		await deliver(url, user('leaves-later@example.com'));
		await smtp.untilMailsTo('leaves@example.com', 1);
		await deliver(url, deletion('leaves@example.com'));
		await smtp.untilMailsTo('leaves-later@example.com', 2);
		await deliver(url, deletion('leaves-later@example.com'));

		const ended = (await n8n.untilExecutions(workflowId, before + 4)).slice(before);
		expect(ended.map(({ status }) => status)).toEqual(['success', 'success', 'success', 'success']);
		expect(smtp.mailsTo('leaves@example.com').map(({ subject }) => subject)).toEqual(SUBJECTS.slice(0, 1));
		expect(smtp.mailsTo('leaves-later@example.com').map(({ subject }) => subject)).toEqual(SUBJECTS.slice(0, 2));
		expect(await usersInTable()).toEqual([SAMPLE_EMAIL]);
	});
});

describe('over a restart of n8n', () => {
	test('F3, E1: a redelivery still sends no second mail; F4: a wait goes on', async () => {
		const id = nextId();
		const body = user('restart@example.com');
		const welcome = await imported('F3-welcome-email.json');
		expect((await run(welcome.id, await n8n.activate(welcome.id), body, { id }))?.status).toBe('success');
		// The shortest wait that n8n keeps in its database is one of 65 seconds.
		const onboarding = await imported('F4-onboarding.json', { waitUnit: 'seconds', secondMailAfter: 66, thirdMailAfter: 67 });
		const waiting = await run(onboarding.id, await n8n.activate(onboarding.id), user('waits@example.com'));
		expect(waiting?.status).toBe('waiting');

		await host.restart((stopped) => endWaits(stopped, 25));
		({ n8n } = host);

		const url = await n8n.productionUrl(welcome.id);
		await n8n.untilRegistered(url);
		const redelivered = await run(welcome.id, url, body, { id });
		expect(outputsOf(redelivered, 'Remove Duplicates').map(({ length }) => length)).toEqual([0, 1]);
		expect(smtp.mailsTo('restart@example.com')).toHaveLength(1);

		expect(await smtp.untilMailsTo('waits@example.com', 3, 90_000)).toHaveLength(3);
	});
});
