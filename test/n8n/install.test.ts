import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { fixture, OTHER_SECRET, SECRET } from '../support/deliveries';
import { ISOLATE_FOR_EACH_REQUEST, N8n } from '../support/n8n';
import { activeTrigger, deliver } from '../support/triggerWorkflow';

declare const n8nVersion: string;

jest.setTimeout(240_000);

/** The way of the README leaves n8n's own n8n-workflow the only one; npm's default puts a second one beside our package. */
test.each<[string, string[] | undefined, boolean]>([
	// As for all other tests.
	['npm install --legacy-peer-deps', undefined, false],
	['npm install --omit=peer', ['--omit=peer'], false],
	["npm install, with npm's default for peers", [], true],
])('installed with %s, the node receives deliveries', async (_, installFlags, withPeer) => {
	const n8n = await N8n.start({ version: n8nVersion, withEditorAndCode: true, installFlags, env: ISOLATE_FOR_EACH_REQUEST });
	try {
		await n8n.setUp();
		const packages = join(n8n.userFolder, '.n8n', 'nodes', 'node_modules');
		expect(existsSync(join(packages, 'n8n-workflow'))).toBe(withPeer);
		const credential = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
		const { url, workflowId } = await activeTrigger(n8n, credential);
		const body = fixture('edge.order.3_user.created_arrives_last').envelope;
		expect(await deliver(url, body)).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
		expect(await deliver(url, body, { secret: OTHER_SECRET })).toMatchObject({ status: 401 });
		expect(await n8n.untilExecutions(workflowId, 1)).toHaveLength(1);
	} finally {
		await n8n.stop();
	}
});
