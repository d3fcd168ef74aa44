import { join } from 'node:path';
import { once } from 'node:events';

import { fixture } from '../test/support/deliveries';
import type { ClerkBody } from '../test/support/deliveries';
import { N8n, OWNER } from '../test/support/n8n';
import { deliver } from '../test/support/triggerWorkflow';
import { n8nVersions } from '../test/host/versions.json';

const root = join(__dirname, '..');
const endAfterwards = process.argv.includes('--once');

const signingSecret = `whsec_${Buffer.from('the secret of this demo!').toString('base64')}`;
const forgedSecret = `whsec_${Buffer.from('the secret of a stranger').toString('base64')}`;

function user(body: ClerkBody, changes: Record<string, unknown>): ClerkBody {
	return { ...body, data: { ...body.data, ...changes } };
}

const created = fixture('edge.order.3_user.created_arrives_last').envelope;
const updated = fixture('edge.order.1_user.updated_newer_arrives_first').envelope;
const deleted = fixture('edge.user.deleted.minimal').envelope;
const otherId = 'user_2vREDACTED0000000000000002';

const deliveries: Array<[what: string, body: ClerkBody, signedWith: string]> = [
	['A user signs up', user(created, { first_name: 'Ada', last_name: 'Lovelace' }), signingSecret],
	['A second user signs up', user(fixture('edge.user.created.unicode').envelope, { id: otherId }), signingSecret],
	['The first user changes her name', user(updated, { first_name: 'Ada', last_name: 'King' }), signingSecret],
	['The second user is deleted', user(deleted, { id: otherId }), signingSecret],
	['An attacker forges a sign-up', user(created, { id: 'user_forged' }), forgedSecret],
];

const say = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
	const version = n8nVersions[0] ?? '';
	say(`Starting n8n ${version} with this package installed (about 15 seconds) …`);
	const n8n = await N8n.start({ version, withEditorAndCode: true });
	let stopped: Promise<void> | undefined;
	const stop = () => (stopped ??= n8n.stop());
	// Not `once`: Ctrl+C reaches every process of the terminal, and npm passes it on again.
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.on(signal, () => {
			if (!stopped) say('\nStopping n8n …');
			void stop().then(() => process.exit(0));
		});
	}
	try {
		await n8n.setUp();
		const credential = await n8n.createCredential('Clerk of the demo', { signingSecret, previousSigningSecret: '' });
		const { id, name } = await n8n.importWorkflow(join(root, 'examples', 'F1-data-table.json'), credential);
		await n8n.runFrom(id, 'Run Once Before the First Use');
		const url = await n8n.activate(id);
		say(`\nThe workflow "${name}" is active. Clerk would deliver to ${url}\n`);

		let accepted = 0;
		for (const [index, [what, body, secret]] of deliveries.entries()) {
			const { status, body: answer } = await deliver(url, body, { secret, id: `msg_demo${index + 1}` });
			say(`${what} (${body.type})\n    ${status} ${String(answer['outcome'])}: ${String(answer['message'])}`);
			const letIn = status === 200;
			if (letIn !== (secret === signingSecret)) throw new Error('This is not the expected answer to this delivery.');
			if (!letIn) continue;
			// One at a time, so that the result is the same every time.
			const execution = (await n8n.untilExecutions(id, ++accepted)).at(-1);
			if (execution?.status !== 'success') throw new Error(`The workflow did not succeed: ${String(execution?.status)}`);
		}

		say('\nThe contacts in the data table "clerk_contacts":');
		const rows = await n8n.rowsOf('clerk_contacts');
		console.table(
			rows.map(({ userId, email, firstName, lastName, clerkUpdatedAt }) => ({
				userId,
				email,
				firstName,
				lastName,
				clerkUpdatedAt,
			})),
		);

		if (endAfterwards) return;
		say(`The editor is open at ${n8n.url}/workflow/${id}`);
		say(`    E-mail:   ${OWNER.email}\n    Password: ${OWNER.password}`);
		say('\nPress Ctrl+C to stop n8n and remove everything it stored.');
		await once(process, 'never');
	} finally {
		await stop();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
