import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, selectors } from 'playwright-core';
import type { Browser, Locator, Page, Response } from 'playwright-core';

import { eventually as repeat, until } from './eventually';
import { OWNER } from './n8n';
import { toolchain } from './toolchain';
import { inRepository } from './paths';

/** How long the editor may take for one step: a browser and n8n share the machine with other tests. */
const STEP_TIMEOUT_MS = 60_000;

const CHROMIUM_FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** Where pictures go: into the folder that `CLERK_SYNC_PICTURES` names when the README's are made again. */
const PICTURES = process.env['CLERK_SYNC_PICTURES'] || inRepository('.test-output', 'pictures');

/** Repeats an assertion about something in the editor until it holds. @throws its last failure, after a step's time */
export async function eventually(assertion: () => Promise<void>): Promise<void> {
	await repeat(assertion, { within: STEP_TIMEOUT_MS, every: 100 });
}

export interface ShownUrl {
	method: string;
	url: string;
}

/** n8n's editor in a headless Chromium, by the steps a builder takes in it. */
export class Editor {
	private constructor(
		readonly url: string,
		private readonly browser: Browser,
		readonly page: Page,
	) {}

	static async open(url: string): Promise<Editor> {
		const { browser: executablePath } = toolchain();
		if (!executablePath) throw new Error('There is no Chromium on this machine');
		selectors.setTestIdAttribute('data-test-id');
		const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
		const page = await browser.newPage({
			viewport: { width: 1280, height: 800 },
			deviceScaleFactor: 1,
			reducedMotion: 'reduce',
		});
		page.setDefaultTimeout(STEP_TIMEOUT_MS);
		page.setDefaultNavigationTimeout(STEP_TIMEOUT_MS);
		// n8n's hint that output can be pinned would lie over the output in the pictures; it counts as seen.
		await page.addInitScript(() => {
			localStorage.setItem('N8N_PIN_DATA_DISCOVERY_NDV', 'true');
			localStorage.setItem('N8N_PIN_DATA_DISCOVERY_CANVAS', 'true');
		});
		return new Editor(url, browser, page);
	}

	async close(): Promise<void> {
		await this.browser.close();
	}

	/** Takes a picture of the whole page, or from one part of it to another, once notifications are gone and with animations off. */
	async picture(name: string, part?: { from: Locator; to: Locator }): Promise<void> {
		mkdirSync(PICTURES, { recursive: true });
		for (const toast of await this.page.locator('.el-notification__closeBtn').all())
			await toast.click({ timeout: 1000 }).catch(() => {});
		await this.page.locator('.el-notification').first().waitFor({ state: 'hidden' });
		await this.page.mouse.move(1, 400);
		const from = await part?.from.boundingBox();
		const to = await part?.to.boundingBox();
		const clip = from && to ? { x: from.x, y: from.y, width: to.x + to.width - from.x, height: to.height } : undefined;
		await this.page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled', ...(clip ? { clip } : {}) });
	}

	/** Signs in without the page for it; the first workflow that is opened loads the editor. */
	async signIn(): Promise<void> {
		const answer = await this.page.request.post(`${this.url}/rest/login`, {
			data: { emailOrLdapLoginId: OWNER.email, password: OWNER.password },
		});
		if (!answer.ok()) throw new Error(`The owner could not sign in: ${answer.status()} ${await answer.text()}`);
	}

	async newWorkflow(): Promise<void> {
		const before = this.shown;
		await this.show('/workflow/new', (id) => id !== before);
		await this.byId('canvas-plus-button').waitFor();
	}

	/** Leaves the editor, so that the next workflow opens in a freshly loaded one. */
	async unload(): Promise<void> {
		await this.page.goto('about:blank');
	}

	async openWorkflow(id: string): Promise<void> {
		// Until then, the canvas shows the workflow before it.
		const loaded = this.responseTo(`/rest/workflows/${id}`);
		await Promise.all([loaded, this.show(`/workflow/${id}`, (shown) => shown === id)]);
		await this.byId('canvas-node').first().waitFor();
	}

	/**
	 * Goes there as a link in the editor does, which takes a second where a new page takes five. Changes are not saved.
	 * @param isThere whether the editor shows this workflow, by its ID
	 */
	private async show(path: string, isThere: (id: string | undefined) => boolean): Promise<void> {
		if (this.page.url() === 'about:blank') {
			await this.page.goto(this.url + path);
			return;
		}
		const leave = this.page.getByRole('button', { name: 'Leave without saving' });
		const arrived = async () => {
			if (await leave.isVisible()) await leave.click({ timeout: 1000 }).catch(() => {});
			return isThere(this.shown);
		};
		// A navigation that the editor has started itself, such as opening a node, can override this one.
		for (let tries = 0; tries < STEP_TIMEOUT_MS / 5000; tries++) {
			await this.page.evaluate((to) => {
				const { __vue_app__: app } = document.querySelector('#app') as unknown as {
					__vue_app__: { config: { globalProperties: { $router: { push: (path: string) => Promise<void> } } } };
				};
				// It waits for the answer to the question.
				void app.config.globalProperties.$router.push(to);
			}, path);
			if (await until(arrived, { within: 5000 }).catch(() => false)) return;
		}
		throw new Error(`The editor stays at ${this.page.url()} instead of ${path}`);
	}

	/** The ID of the workflow that is open. */
	private get shown(): string | undefined {
		return /\/workflow\/(\w+)/.exec(this.page.url())?.[1];
	}

	/** Searches in the nodes panel of an empty workflow; its results, once it lists nothing else. */
	async searchNodes(words: string): Promise<Locator> {
		const field = this.byId('node-creator-search-bar');
		if (!(await field.isVisible())) await this.byId('canvas-plus-button').click();
		await field.fill(words);
		const results = this.byId('node-creator').getByTestId('item-iterator-item');
		// What is listed without a search goes away a moment after the typing.
		await results.filter({ hasText: 'Trigger manually' }).waitFor({ state: 'hidden' });
		await results.first().waitFor();
		return results;
	}

	/** Adds our trigger with its defaults, as a person does; its panel opens by itself. */
	async addTrigger(): Promise<void> {
		await (await this.searchNodes('clerk')).first().click();
		await this.byId('node-creator').getByText('On new Clerk event', { exact: true }).click();
		await this.panel.waitFor();
	}

	/** Adds a node behind another one's first output; its panel opens by itself. */
	async addNodeBehind(name: string, next: string): Promise<void> {
		await this.canvasNode(name).getByTestId('canvas-handle-plus').first().click();
		const field = this.byId('node-creator-search-bar');
		await field.fill(next);
		await this.byId('node-creator').getByText(next, { exact: true }).first().click();
		await this.panel.waitFor();
	}

	canvasNode(name: string): Locator {
		return this.byId('canvas-node').filter({ has: this.page.getByText(name, { exact: true }) });
	}

	/** The labels at a node's outputs on the canvas; a lone output has the label ''. */
	async outputs(name: string): Promise<string[]> {
		return await this.canvasNode(name).getByTestId('canvas-node-output-handle').allInnerTexts();
	}

	/** The names of all nodes on the canvas, without notes, in alphabetical order. */
	async nodeNames(): Promise<string[]> {
		const names = await this.byId('canvas-node').evaluateAll((nodes) =>
			nodes.map((node) => node.getAttribute('data-node-name') ?? ''),
		);
		return names.filter((name) => name !== '').sort();
	}

	/** Zooms so that the whole workflow can be seen, with all its icons. */
	async showAll(): Promise<void> {
		await this.page.waitForLoadState('networkidle');
		await this.byId('zoom-to-fit').click();
		// A node that the pointer rests on shows buttons.
		await this.page.mouse.move(1, 400);
	}

	/** Clicks where nothing is, so that no node is selected. */
	async clickOnCanvas(): Promise<void> {
		await this.page.locator('.vue-flow__pane').click({ position: { x: 200, y: 150 } });
	}

	async executeWorkflow(): Promise<void> {
		await this.byId('execute-workflow-button').click();
	}

	/** The panel of the node that is open. */
	get panel(): Locator {
		return this.byId('ndv');
	}

	get parametersPanel(): Locator {
		return this.page.locator('.node-settings');
	}

	get outputPanel(): Locator {
		return this.panel.getByTestId('output-panel');
	}

	async openNode(name: string): Promise<void> {
		await this.canvasNode(name).dblclick();
		await this.panel.waitFor();
	}

	async closeNode(): Promise<void> {
		await this.byId('ndv-close-button').click();
		await this.panel.waitFor({ state: 'hidden' });
	}

	/** What the panel shows under "Webhook URLs". */
	async webhookUrl(kind: 'test' | 'production'): Promise<ShownUrl> {
		const webhooks = this.panel.locator('.webhooks');
		const choice = webhooks.getByTestId(`radio-button-${kind}`);
		if (!(await choice.isVisible())) await webhooks.getByText('Webhook URLs', { exact: true }).click();
		await choice.click();
		await this.page.locator(`[data-test-id="radio-button-${kind}"][aria-checked="true"]`).waitFor();
		return {
			method: (await webhooks.locator('.http-method').innerText()).trim(),
			url: (await webhooks.locator('.webhook-url').innerText()).trim(),
		};
	}

	async chosenEvents(): Promise<string[]> {
		return await this.byId('parameter-input-events').locator('.el-select__tags-text').allInnerTexts();
	}

	/** Opens the list of events, if need be, and types into it; what it then offers. */
	async searchEvents(words: string): Promise<string[]> {
		const events = this.byId('parameter-input-events');
		const offered = this.page.locator('.el-select-dropdown:visible .el-select-dropdown__item:visible .option-headline');
		if ((await offered.count()) === 0) {
			await events.click();
			await offered.first().waitFor();
		}
		const before = (await offered.allInnerTexts()).join();
		await events.locator('.el-select__input').fill(words);
		// The list follows the typing with a delay of its own.
		await eventually(async () => expect((await offered.allInnerTexts()).join()).not.toBe(before));
		return await offered.allInnerTexts();
	}

	/** Picks in the list that is open. */
	async pick(option: string): Promise<void> {
		await this.page.locator('.el-select-dropdown:visible').getByText(option, { exact: true }).click();
	}

	async closeList(): Promise<void> {
		await this.panel.getByText('Endpoint Setup', { exact: true }).click();
		await this.page.locator('.el-select-dropdown:visible').waitFor({ state: 'hidden' });
	}

	async chooseOutput(option: string): Promise<void> {
		await this.byId('parameter-input-output').click();
		await this.pick(option);
		await this.page.locator('.el-select-dropdown:visible').waitFor({ state: 'hidden' });
	}

	/** n8n's dialog for a credential. */
	get credentialDialog(): Locator {
		return this.byId('editCredential-modal');
	}

	secretField(name: 'signingSecret' | 'previousSigningSecret'): Locator {
		return this.credentialDialog.getByTestId(`parameter-input-${name}`).locator('input');
	}

	async createCredential(): Promise<void> {
		await this.byId('node-credentials-empty-state').getByRole('button').click();
		await this.credentialDialog.waitFor();
	}

	async closeCredential(): Promise<void> {
		await this.credentialDialog.getByRole('button', { name: /close/i }).first().click();
		await this.credentialDialog.waitFor({ state: 'hidden' });
	}

	async editCredential(): Promise<void> {
		await this.byId('credential-edit-button').click();
		await this.credentialDialog.waitFor();
	}

	/** Pastes a signing secret and saves, which also tests it; the dialog goes away by itself when it is right. */
	async saveSecret(secret: string): Promise<void> {
		await this.secretField('signingSecret').fill(secret);
		await this.credentialDialog.getByTestId('credential-save-button').click();
	}

	/** Starts listening for a test event, until n8n says that it does. */
	async listen(): Promise<void> {
		await this.byId('trigger-execute-button').click();
		await this.listening.waitFor();
	}

	get listening(): Locator {
		return this.byId('trigger-listening');
	}

	/** Makes room for the output, to the left end of the panel. */
	async widenOutput(): Promise<void> {
		const grip = await this.byId('panel-drag-button').boundingBox();
		if (!grip) throw new Error('The panel cannot be dragged');
		await this.page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
		await this.page.mouse.down();
		await this.page.mouse.move(60, grip.y, { steps: 10 });
		await this.page.mouse.up();
	}

	/** The next response whose URL contains this. */
	async responseTo(part: string): Promise<Response> {
		return await this.page.waitForResponse((response) => response.url().includes(part));
	}

	private byId(id: string): Locator {
		return this.page.getByTestId(id);
	}
}
