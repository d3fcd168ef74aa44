import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';

import { Webhook } from 'svix';

import { N8n, OWNER } from '../test/host/n8n';
import { n8nVersions } from '../test/host/versions.json';

const root = join(__dirname, '..');
const endAfterwards = process.argv.includes('--once');

const signingSecret = `whsec_${Buffer.from('the secret of this demo!').toString('base64')}`;
const forgedSecret = `whsec_${Buffer.from('the secret of a stranger').toString('base64')}`;

function fixture(name: string): Record<string, unknown> {
	return JSON.parse(readFileSync(join(root, 'test', 'fixtures', name), 'utf8')) as Record<string, unknown>;
}

function user(body: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
	return { ...body, data: { ...(body['data'] as object), ...changes } };
}

const created = fixture('edge.order.3_user.created_arrives_last.json');
const updated = fixture('edge.order.1_user.updated_newer_arrives_first.json');
const deleted = fixture('edge.user.deleted.minimal.json');
const otherId = 'user_2vREDACTED0000000000000002';

const deliveries: Array<[what: string, body: Record<string, unknown>, signedWith: string]> = [
	['Somebody signs up', user(created, { first_name: 'Ada', last_name: 'Lovelace' }), signingSecret],
	['Somebody else signs up', user(fixture('edge.user.created.unicode.json'), { id: otherId }), signingSecret],
	['The first one changes her name', user(updated, { first_name: 'Ada', last_name: 'King' }), signingSecret],
	['The second one is deleted', user(deleted, { id: otherId }), signingSecret],
	['A stranger forges a sign-up', user(created, { id: 'user_forged' }), forgedSecret],
];

const say = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
	const version = n8nVersions[0] ?? '';
	say(`Starting n8n ${version} with this package installed (about 15 seconds) …`);
	const n8n = await N8n.start({ version });
	let stopped: Promise<void> | undefined;
	const stop = () => (stopped ??= n8n.stop());
	// Not once: Ctrl+C reaches every process of the terminal, and npm passes it on again.
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.on(signal, () => {
			if (!stopped) say('\nEnding n8n …');
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
			const id_ = `msg_demo${index + 1}`;
			const at = new Date();
			const payload = JSON.stringify(body);
			const response = await fetch(url, {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					'svix-id': id_,
					'svix-timestamp': String(Math.floor(at.getTime() / 1000)),
					'svix-signature': new Webhook(secret).sign(id_, at, payload),
				},
				body: payload,
			});
			const answer = (await response.json()) as { outcome: string; message: string };
			say(`${what} (${String(body['type'])})\n    ${response.status} ${answer.outcome}: ${answer.message}`);
			if (response.ok !== (secret === signingSecret)) throw new Error('That is not the answer that this delivery should get.');
			if (!response.ok) continue;
			// One after the other, so that what is shown at the end is the same every time.
			const execution = (await n8n.untilExecutions(id, ++accepted)).at(-1);
			if (execution?.status !== 'success') throw new Error(`The workflow did not succeed: ${String(execution?.status)}`);
		}

		say('\nThe contacts in the data table "clerk_contacts" now:');
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
		say('\nPress Ctrl+C to end n8n and remove everything that it stored.');
		await once(process, 'never');
	} finally {
		await stop();
	}
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
