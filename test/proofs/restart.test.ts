import { join } from 'node:path';

import { fixture } from '../support/deliveries';
import { forThisFile } from '../support/forThisFile';
import { Postgres } from '../support/postgres';
import { MailServer } from '../support/smtp';
import { deliver, nextId } from '../support/triggerWorkflow';
import { useN8n } from '../support/useN8n';
import { EXAMPLES } from '../support/paths';

jest.setTimeout(180_000);

const [newer, older, signUp] = [
	'edge.order.1_user.updated_newer_arrives_first',
	'edge.order.2_user.updated_older_arrives_second',
	'edge.user.created.unicode',
].map((name) => fixture(name).envelope);
if (!newer || !older || !signUp) throw new Error('A fixture is missing');

const postgres = forThisFile(async () => await Postgres.start());
const smtp = forThisFile(async () => await MailServer.start());
const host = useN8n();

test('E1, E2: what the trigger remembers is gone after a restart, and the durable way holds', async () => {
	const { n8n, credential: clerk } = host;
	const database = await postgres().createDatabase('contacts');
	const contacts = await n8n.importWorkflow(join(EXAMPLES, 'F2-postgres.json'), clerk, {
		postgres: await n8n.createCredential('Postgres', database.credential, 'postgres'),
	});
	expect((await n8n.runFrom(contacts.id, 'Run Once Before the First Use')).status).toBe('success');
	const welcome = await n8n.importWorkflow(join(EXAMPLES, 'F3-welcome-email.json'), clerk, {
		smtp: await n8n.createCredential('SMTP', smtp().credential, 'smtp'),
	});
	const contactsUrl = await n8n.activate(contacts.id);
	const welcomeUrl = await n8n.activate(welcome.id);
	const id = nextId();

	const outcomes = async () => [
		(await deliver(contactsUrl, older)).body['outcome'],
		(await deliver(welcomeUrl, signUp, { id })).body['outcome'],
	];

	expect((await deliver(contactsUrl, newer)).body).toMatchObject({ outcome: 'accepted' });
	expect((await deliver(welcomeUrl, signUp, { id })).body).toMatchObject({ outcome: 'accepted' });
	expect(await outcomes()).toEqual(['stale', 'duplicate']);
	// The run that created the table counts among its executions.
	await n8n.untilExecutions(contacts.id, 2);
	await n8n.untilExecutions(welcome.id, 1);
	const rows = await database.query('SELECT * FROM contacts');
	expect(rows).toEqual([expect.objectContaining({ first_name: 'New' })]);
	expect(smtp().mails).toHaveLength(1);

	await host.restart();
	await Promise.all([host.n8n.untilRegistered(contactsUrl), host.n8n.untilRegistered(welcomeUrl)]);

	expect(await outcomes()).toEqual(['accepted', 'accepted']);
	const executions = [...(await host.n8n.untilEnded(contacts.id, 3)), ...(await host.n8n.untilEnded(welcome.id, 2))];
	expect(executions.filter((status) => status !== 'success')).toEqual([]);
	expect(await database.query('SELECT * FROM contacts')).toEqual(rows);
	expect(smtp().mails).toHaveLength(1);
});
