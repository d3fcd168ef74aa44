import { SECRET } from '../support/deliveries';
import type { Workflow } from '../support/n8n';
import { deliver, triggerWorkflow } from '../support/triggerWorkflow';
import { useN8n } from '../support/useN8n';

jest.setTimeout(120_000);

const host = useN8n();

type Credential = { id: string; name: string };

const customField = (name: string, path: string) => (clerk: Credential) =>
	triggerWorkflow({ options: { customContactFields: { field: [{ name, path }] } } }, clerk);

/** What can never work, and a part of the sentence that says why. */
const REFUSED: Record<string, { workflow: (clerk: Credential) => Workflow | Promise<Workflow>; sentence: string }> = {
	'A2: a credential that cannot be used': {
		workflow: async () =>
			triggerWorkflow(
				{},
				await host.n8n.createCredential('Broken', { signingSecret: 'whsec_notBase64', previousSigningSecret: '' }),
			),
		sentence: 'The part after whsec_ is not valid base64',
	},
	'a Respond to Webhook node behind the trigger, which would fail at every delivery': {
		workflow: (clerk) => {
			const workflow = triggerWorkflow({}, clerk);
			Object.assign(workflow.nodes[1]!, { type: 'n8n-nodes-base.respondToWebhook', typeVersion: 1.1 });
			return workflow;
		},
		sentence: 'would make every execution fail',
	},
	'B10: a custom field with the name of a fixed one': {
		workflow: customField('user_id', 'data.id'),
		sentence: 'is already taken by a built-in field. Choose another one.',
	},
	'B14: a custom field whose path public_metadata.plan leads nowhere': {
		workflow: customField('plan', 'public_metadata.plan'),
		sentence: 'Write it as data.public_metadata.plan.',
	},
	'B14: a custom field whose path email_addresses[0].email_address leads nowhere': {
		workflow: customField('plan', 'email_addresses[0].email_address'),
		sentence: 'Write it as data.email_addresses[0].email_address.',
	},
};

const refusals = new Map<string, { workflowId: string; said: string }>();

beforeAll(async () => {
	const workflowIds: string[] = [];
	for (const { workflow } of Object.values(REFUSED)) {
		workflowIds.push(await host.n8n.createWorkflow(await workflow(host.credential)));
	}
	// n8n 2 tries for 15 seconds, so all of them at once.
	const said = await host.n8n.activationErrors(workflowIds);
	Object.keys(REFUSED).forEach((name, index) => refusals.set(name, { workflowId: workflowIds[index]!, said: said[index]! }));
});

test.each(Object.keys(REFUSED))('%s is refused when the workflow is activated, with a sentence that says why', async (name) => {
	const { workflowId, said } = refusals.get(name)!;
	expect(said).toContain(REFUSED[name]?.sentence);
	expect((await deliver(await host.n8n.productionUrl(workflowId), {}, { secret: SECRET })).status).toBe(404);
});
