import { readFileSync } from 'node:fs';

import { fixture, OTHER_SECRET, SECRET } from '../support/deliveries';
import { Editor, eventually } from '../support/editor';
import { N8n, TRIGGER_TYPE } from '../support/n8n';
import { deliver, post, triggerWorkflow } from '../support/triggerWorkflow';
import { inRepository } from '../support/paths';

declare const n8nVersion: string;

jest.setTimeout(120_000);

const NODE = 'Clerk Trigger';
const AT_FIRST = ['User: Created (user.created)', 'User: Updated (user.updated)'];
const ICON = '/icons/n8n-nodes-clerk-sync/dist/nodes/Clerk/clerk.svg';
/** What n8n believes to be reached by, as behind a proxy. */
const PUBLIC_URL = 'https://n8n.example.com';

let n8n: N8n;
let editor: Editor;
let credential: { id: string; name: string };

beforeAll(async () => {
	n8n = await (await N8n.start({ version: n8nVersion, withEditorAndCode: true, env: { WEBHOOK_URL: `${PUBLIC_URL}/` } })).setUp();
	editor = await Editor.open(n8n.url);
	await editor.signIn();
});

afterAll(async () => {
	await editor?.close();
	await n8n?.stop();
});

/** Opens a workflow of its own: a Clerk Trigger that has a credential and, if wanted, a No Operation node behind it. */
async function openTrigger(ends: 0 | 1 = 0): Promise<string> {
	credential ??= await n8n.createCredential('Clerk production', { signingSecret: SECRET, previousSigningSecret: '' });
	const workflowId = await n8n.createWorkflow({ ...triggerWorkflow({}, credential, ends), name: 'Clerk to contacts' });
	await editor.openWorkflow(workflowId);
	return workflowId;
}

function local(shown: string): string {
	expect(shown).toContain(`${PUBLIC_URL}/`);
	return shown.replace(PUBLIC_URL, n8n.url);
}

/** A user of two addresses, the second of which is the primary one. */
function updatedUser(): object {
	const { data, ...envelope } = fixture('edge.user.updated.several_emails_primary_second').envelope;
	return {
		...envelope,
		instance_id: 'ins_2vQ6mHcX4tRk0pWz8s',
		timestamp: Date.now() - 2000,
		data: {
			...data,
			id: 'user_2vQ7nLmX0c3kTzP5sW',
			first_name: 'Ada',
			last_name: 'Lovelace',
			image_url: 'https://img.clerk.com/ada',
			updated_at: Date.now() - 2000,
		},
	};
}

describe('in the nodes panel', () => {
	test.each(['clerk', 'sign up'])('"%s" finds the node, with our icon', async (words) => {
		await editor.newWorkflow();
		const results = await editor.searchNodes(words);
		const ours = results.filter({ hasText: 'Starts the workflow when a user signs up' });
		expect((await ours.getByTestId('node-creator-item-name').innerText()).trim()).toBe('Clerk');
		expect(await ours.locator('img').first().getAttribute('src')).toBe(ICON);
		await eventually(async () =>
			expect(
				await ours
					.locator('img')
					.first()
					.evaluate((img) => (img as HTMLImageElement).naturalWidth),
			).toBeGreaterThan(0),
		);
		if (words === 'clerk') await editor.picture('nodes-panel');
	});
});

describe("for n8n's AI builder and agents", () => {
	interface Described {
		name: string;
		builderHint?: { searchHint?: string; relatedNodes?: Array<{ nodeType: string }> };
		codex?: { subcategories?: Record<string, string[]> };
	}
	const described = async () => (await (await editor.page.request.get(`${n8n.url}/types/nodes.json`)).json()) as Described[];

	test('the hints of both nodes arrive, and n8n has every node that they point to', async () => {
		const all = await described();
		const known = new Set(all.map(({ name }) => name));
		const ours = all.filter(({ name }) => [TRIGGER_TYPE, 'n8n-nodes-clerk-sync.clerk'].includes(name));
		expect(ours.map(({ builderHint }) => typeof builderHint?.searchHint)).toEqual(['string', 'string']);
		const named = ours.flatMap(({ builderHint }) => (builderHint?.relatedNodes ?? []).map(({ nodeType }) => nodeType));
		expect(named.filter((name) => !known.has(name))).toEqual([]);
	});

	test('the Clerk node is among the tools of an AI agent', async () => {
		const tool = (await described()).find(({ name }) => name === 'n8n-nodes-clerk-sync.clerkTool');
		expect(tool?.codex?.subcategories).toMatchObject({ AI: ['Tools'] });
	});
});

describe("in the node's panel", () => {
	test('A1, A3, A9: it opens with the set-up steps, user.created and user.updated ticked, and both URLs for POST', async () => {
		await editor.newWorkflow();
		await editor.addTrigger();

		const notice = editor.panel.getByRole('alert').filter({ hasText: 'To connect Clerk' });
		expect(await notice.getByRole('listitem').count()).toBe(4);
		const steps = await notice.innerText();
		for (const step of ['Production URL', 'Add Endpoint', 'Signing Secret', 'Publish (activate) this workflow']) {
			expect(steps).toContain(step);
		}
		expect(await notice.getByRole('link', { name: 'Clerk Dashboard' }).getAttribute('href')).toContain(
			'https://dashboard.clerk.com/',
		);

		expect(await editor.chosenEvents()).toEqual(AT_FIRST);

		const production = await editor.webhookUrl('production');
		const test = await editor.webhookUrl('test');
		expect(production).toEqual({
			method: 'POST',
			url: expect.stringMatching(/^https:\/\/n8n\.example\.com\/webhook\/[\da-f-]{36}\/clerk$/) as string,
		});
		expect(test).toEqual({ method: 'POST', url: production.url.replace('/webhook/', '/webhook-test/') });

		await editor.picture('node-panel');
	});

	test('A2: the signing secret is pasted into a credential, which says what is wrong with it', async () => {
		await editor.newWorkflow();
		await editor.addTrigger();
		await editor.createCredential();
		expect(await editor.secretField('signingSecret').getAttribute('type')).toBe('password');
		expect(await editor.secretField('previousSigningSecret').getAttribute('type')).toBe('password');

		await editor.saveSecret('sk_test_something');
		await editor.credentialDialog
			.getByText(/More details|This is a Clerk secret key/)
			.first()
			.click();
		await editor.credentialDialog.getByText('This is a Clerk secret key').waitFor();
		await editor.picture('credential-wrong');

		await editor.saveSecret(SECRET);
		await editor.credentialDialog.waitFor({ state: 'hidden' });

		await editor.editCredential();
		await editor.credentialDialog.getByText('Connection tested successfully').waitFor();
		expect(await editor.secretField('signingSecret').getAttribute('type')).toBe('password');
		expect(await editor.secretField('signingSecret').inputValue()).not.toContain(SECRET);
		await editor.picture('credential');
		await editor.closeCredential();
	});

	test('A3: the events can be searched, and one more can be ticked', async () => {
		await openTrigger();
		await editor.openNode(NODE);
		expect(await editor.searchEvents('membership')).toEqual([
			'Organization Membership: Created (organizationMembership.created)',
			'Organization Membership: Deleted (organizationMembership.deleted)',
			'Organization Membership: Updated (organizationMembership.updated)',
		]);
		const joined = 'Organization Membership: Created (organizationMembership.created)';
		expect(await editor.searchEvents('organizationMembership.created')).toEqual([joined]);
		await editor.pick(joined);
		await eventually(async () => expect(await editor.chosenEvents()).toEqual([...AT_FIRST, joined]));
	});

	test('A1, A2: while it listens, a forged delivery is turned away and the next genuine one shows its contact', async () => {
		const workflowId = await openTrigger();
		await editor.openNode(NODE);
		const url = local((await editor.webhookUrl('test')).url);
		await editor.listen();
		await editor.picture('listening');

		expect((await post(url, '', {}, 'GET')).status).toBe(404);
		expect(await deliver(url, updatedUser(), { secret: OTHER_SECRET })).toMatchObject({
			status: 401,
			body: { outcome: 'rejected', code: 'signature_mismatch' },
		});
		expect(await n8n.executions(workflowId)).toEqual([]);
		expect(await editor.listening.isVisible()).toBe(true);

		expect(await deliver(url, updatedUser(), { id: 'msg_2vQ9KsW3nTzLx7Rb' })).toMatchObject({
			status: 200,
			body: {
				outcome: 'accepted',
				eventType: 'user.updated',
				eventId: 'msg_2vQ9KsW3nTzLx7Rb',
				contactAction: 'upsert',
			},
		});
		await editor.outputPanel.getByText('1 item', { exact: true }).waitFor();
		await editor.listening.waitFor({ state: 'hidden' });
		expect(await editor.outputPanel.locator('table').innerText()).toContain('new@example.com');
		await editor.widenOutput();
		await editor.picture('test-delivery', { from: editor.parametersPanel, to: editor.outputPanel });
	});

	test('F10: with data pinned to it, the workflow runs without a delivery', async () => {
		const workflowId = await openTrigger(1);
		await editor.openNode(NODE);
		const url = local((await editor.webhookUrl('test')).url);
		await editor.listen();
		expect((await deliver(url, updatedUser())).status).toBe(200);
		// n8n has the execution before the editor shows it, and until then, there is nothing to pin.
		await editor.outputPanel.getByText('1 item', { exact: true }).waitFor();
		await editor.listening.waitFor({ state: 'hidden' });
		await editor.outputPanel.getByTestId('ndv-pin-data').click();
		await editor.outputPanel.getByText('This data is pinned for test executions').waitFor();
		await editor.closeNode();

		await editor.executeWorkflow();
		const [, pinned] = await n8n.untilExecutions(workflowId, 2);
		expect(pinned).toMatchObject({ status: 'success', mode: 'manual' });
		await editor.openNode('End 0');
		await editor.outputPanel.getByText('new@example.com').first().waitFor();
	});
});

describe('on the canvas', () => {
	test('the outputs follow Output and Events: one, Contact and Event, and Tenant with an organization event', async () => {
		await openTrigger();
		expect(await editor.outputs(NODE)).toEqual(['']);

		await editor.openNode(NODE);
		await editor.chooseOutput('Separate Outputs');
		await editor.closeNode();
		await eventually(async () => expect(await editor.outputs(NODE)).toEqual(['Contact', 'Event']));

		await editor.openNode(NODE);
		await editor.searchEvents('organization.created');
		await editor.pick('Organization: Created (organization.created)');
		await editor.closeList();
		await editor.closeNode();
		await eventually(async () => expect(await editor.outputs(NODE)).toEqual(['Contact', 'Event', 'Tenant']));
		await editor.clickOnCanvas();
		await editor.picture('outputs');

		await editor.openNode(NODE);
		await editor.chooseOutput('Contacts Only');
		await editor.closeNode();
		await eventually(async () => expect(await editor.outputs(NODE)).toEqual(['']));
	});

	test('before any run, the next node asks for the fields of our output and gets them', async () => {
		await editor.unload();
		await editor.newWorkflow();
		await editor.addTrigger();
		await editor.closeNode();
		const asked = editor.responseTo('/schemas/n8n-nodes-clerk-sync.clerkTrigger/');
		await editor.addNodeBehind(NODE, 'Edit Fields (Set)');

		const ours: unknown = JSON.parse(readFileSync(inRepository('nodes', 'Clerk', '__schema__', 'v1.1.0.json'), 'utf8'));
		const answer = await asked;
		expect(answer.status()).toBe(200);
		expect(await answer.json()).toEqual(ours);
		expect(ours).toMatchObject({ properties: { contact: { properties: { email: { type: 'string' } } } } });

		const byTypeVersion = await fetch(`${n8n.url}/schemas/n8n-nodes-clerk-sync.clerkTrigger/1.1.json`);
		expect(await byTypeVersion.json()).toEqual(ours);
	});
});

test('A2: an HTTP Request node cannot borrow the signing secret', async () => {
	credential ??= await n8n.createCredential('Clerk production', { signingSecret: SECRET, previousSigningSecret: '' });
	const workflow = triggerWorkflow({}, credential);
	workflow.nodes.push({
		id: 'http',
		name: 'HTTP Request',
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		position: [0, 300],
		parameters: {
			url: 'http://127.0.0.1:9',
			authentication: 'predefinedCredentialType',
			nodeCredentialType: 'clerkWebhookApi',
		},
		credentials: { clerkWebhookApi: credential },
	});
	const refused = /"HTTP Request\\" \(n8n-nodes-base\.httpRequest\) cannot use credential type \\"clerkWebhookApi\\"/;
	await expect(n8n.createWorkflow(workflow)).rejects.toThrow(refused);
	await n8n.createWorkflow({ ...workflow, nodes: workflow.nodes.slice(0, -1) });
});
