import { randomUUID } from 'node:crypto';

import { SECRET } from './deliveries';
import { N8n } from './n8n';
import type { StartOptions, WorkflowNode } from './n8n';
import { activeTrigger, triggerWorkflow } from './triggerWorkflow';
import type { Trigger } from './triggerWorkflow';

declare const n8nVersion: string;

type Options = Omit<StartOptions, 'version'> & { signingSecret?: string; previousSigningSecret?: string };

/** A node of n8n's, as far as a test has to say what it is. */
export type Step = Pick<WorkflowNode, 'type' | 'typeVersion' | 'parameters'>;

export const waitFor = (seconds: number): Step => {
	return { type: 'n8n-nodes-base.wait', typeVersion: 1.1, parameters: { amount: seconds, unit: 'seconds' } };
};

export const failWith = (errorMessage: string): Step => {
	return { type: 'n8n-nodes-base.stopAndError', typeVersion: 1, parameters: { errorMessage } };
};

/** Puts out these fields, by name; where `alone` is not set, beside what comes in. */
export const setFields = (fields: Record<string, string>, alone = true): Step => {
	const assignments = Object.entries(fields).map(([name, value]) => ({ id: randomUUID(), name, value, type: 'string' }));
	const parameters = { assignments: { assignments }, includeOtherFields: !alone, options: {} };
	return { type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters };
};

/** A real n8n that was set up, with a credential of one or two signing secrets. */
export class TestN8n {
	n8n!: N8n;
	credential!: { id: string; name: string };
	private readonly options: StartOptions;
	private readonly secrets: { signingSecret: string; previousSigningSecret: string };

	constructor({ signingSecret = SECRET, previousSigningSecret = '', ...options }: Options) {
		this.options = { version: n8nVersion, ...options };
		this.secrets = { signingSecret, previousSigningSecret };
	}

	async start(): Promise<void> {
		this.n8n = await (await N8n.start(this.options)).setUp();
		this.credential = await this.n8n.createCredential('Clerk', this.secrets);
	}

	/** Stops n8n and starts it again on what it left, at the same address. */
	async restart(whileStopped: (n8n: N8n) => void = () => {}): Promise<void> {
		const { userFolder, url } = this.n8n;
		await this.n8n.stop({ keep: true });
		whileStopped(this.n8n);
		this.n8n = await (await N8n.start({ ...this.options, userFolder, port: Number(new URL(url).port) })).signIn();
	}

	/** A Clerk Trigger with a No Operation node behind each output, saved and active. */
	async trigger(parameters: Record<string, unknown> = {}, outputs = 1): Promise<Trigger> {
		return await activeTrigger(this.n8n, this.credential, parameters, outputs);
	}

	/** A Clerk Trigger with this node behind it, named "End 0", saved and active. */
	async triggerBefore(step: Step, parameters: Record<string, unknown> = {}): Promise<Trigger> {
		const workflow = triggerWorkflow(parameters, this.credential);
		Object.assign(workflow.nodes[1]!, step, { webhookId: randomUUID() });
		const workflowId = await this.n8n.createWorkflow(workflow);
		return { workflowId, url: await this.n8n.activate(workflowId) };
	}
}

/** Starts a real n8n before the tests of a file, and ends it after them. */
export function useN8n(options: Options = {}): TestN8n {
	const host = new TestN8n(options);
	beforeAll(async () => await host.start());
	afterAll(async () => await host.n8n?.stop());
	return host;
}
