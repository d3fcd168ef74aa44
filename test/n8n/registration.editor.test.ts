import { ClerkCloud } from '../support/clerk/cloud';
import { Editor } from '../support/editor';
import { outputsOf } from '../support/n8n';
import type { N8n } from '../support/n8n';
import { answersTo, PUBLIC_URL, signUp, until, untilRemembered, reachable } from '../support/registeredTrigger';

declare const n8nVersion: string;

jest.setTimeout(300_000);

const NODE = 'Clerk Trigger';

let cloud: ClerkCloud;
let n8n: N8n;
let editor: Editor;

beforeAll(async () => {
	cloud = await ClerkCloud.start();
	n8n = await (await reachable(cloud, { version: n8nVersion, withEditorAndCode: true })).setUp();
	editor = await Editor.open(n8n.url);
	await editor.signIn();
});

afterAll(async () => {
	await editor?.close();
	await n8n?.stop();
	await cloud?.stop();
});

const field = (name: string) => editor.credentialDialog.getByTestId(`parameter-input-${name}`);

async function choose(parameter: string, option: string): Promise<void> {
	await editor.page.getByTestId(`parameter-input-${parameter}`).click();
	await editor.page.locator('.el-select-dropdown:visible').getByText(option, { exact: true }).click();
	await editor.page.locator('.el-select-dropdown:visible').waitFor({ state: 'hidden' });
}

async function save(): Promise<void> {
	await editor.credentialDialog.getByTestId('credential-save-button').click();
}

/** The workflow that the editor shows. */
function workflowId(): string {
	const [, id] = /\/workflow\/(\w+)/.exec(editor.page.url()) ?? [];
	if (id === undefined) throw new Error(`The editor shows no saved workflow: ${editor.page.url()}`);
	return id;
}

test('D1: with nothing but a secret key, a builder gets from an empty canvas to the first contact without leaving n8n', async () => {
	await editor.newWorkflow();
	await editor.addTrigger();
	await choose('endpointSetup', 'Automatically');
	const notice = editor.panel.getByRole('alert').filter({ hasText: 'creates an endpoint in Clerk' });
	await notice.waitFor();

	await editor.createCredential();
	await field('advanced').locator('.el-switch, [role="switch"]').first().click();
	await field('apiUrl').locator('input').fill(cloud.apiUrl);
	await field('portalUrl').locator('input').fill(cloud.portalUrl);
	await field('secretKey').locator('input').fill('pk_test_Y2xlcmsuZXhhbXBsZS5jb20k');
	await save();
	await editor.credentialDialog.getByText('More details').click();
	await editor.credentialDialog.getByText('This is a Clerk publishable key').waitFor();
	await editor.picture('clerk-api-credential-wrong');

	expect(await field('secretKey').locator('input').getAttribute('type')).toBe('password');
	await field('secretKey').locator('input').fill(cloud.secretKey);
	await save();
	await editor.credentialDialog.waitFor({ state: 'hidden' });
	await editor.editCredential();
	await editor.credentialDialog.getByText('Connection tested successfully').waitFor();
	expect(await field('secretKey').locator('input').inputValue()).not.toContain(cloud.secretKey);
	await editor.picture('clerk-api-credential');
	await editor.closeCredential();
	await editor.picture('automatic-setup');

	expect(cloud.endpoints).toEqual([]);
	await editor.listen();
	const [listening] = cloud.endpoints;
	expect(cloud.endpoints).toEqual([
		expect.objectContaining({
			url: expect.stringMatching(`^${PUBLIC_URL}/webhook-test/[\\da-f-]{36}/clerk$`) as string,
			eventTypes: ['user.created', 'user.updated'],
			description: expect.stringContaining('while the editor listens') as string,
		}),
	]);
	await editor.picture('automatic-listening');

	const first = await cloud.emit('user.created', signUp('first@example.com'));
	expect(answersTo(first)).toEqual(['200 accepted']);
	await editor.outputPanel.getByText('1 item', { exact: true }).waitFor();
	expect(await editor.outputPanel.locator('table').innerText()).toContain('first@example.com');
	await until(() => !cloud.endpoints.includes(listening!), n8n);
	expect(cloud.endpoints).toEqual([]);
	await editor.picture('automatic-first-contact');

	await editor.closeNode();
	await editor.page.getByTestId('workflow-open-publish-modal-button').click();
	await editor.page.getByTestId('workflow-publish-button').click();
	const id = workflowId();
	await untilRemembered(n8n, id);
	expect(cloud.endpoints.map(({ url }) => url)).toEqual([listening?.url.replace('/webhook-test/', '/webhook/')]);
	const before = (await n8n.executions(id)).length;
	expect(answersTo(await cloud.emit('user.created', signUp('second@example.com')))).toEqual(['200 accepted']);
	const execution = (await n8n.untilExecutions(id, before + 1)).at(-1);
	expect(outputsOf(execution, NODE)[0]).toEqual([
		expect.objectContaining({ contact: expect.objectContaining({ email: 'second@example.com' }) as unknown }),
	]);
	expect([cloud.refused, cloud.ignored]).toEqual([[], []]);
});
