import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SECRET } from '../deliveries';
import { N8n } from '../n8n';
import type { Execution, Imported, Workflow } from '../n8n';
import { EXAMPLES } from '../paths';
import { deliver } from '../triggerWorkflow';
import { withCredentials } from './credentials';
import { Internet } from './internet';
import type { Service } from './service';

const SET_UP = 'Run Once Before the First Use';

/** An n8n that reaches the services that the examples call, and nothing else. */
export class ExampleHost {
	private readonly credentials = new Map<string, { id: string; name: string }>();

	private constructor(
		readonly n8n: N8n,
		readonly internet: Internet,
	) {}

	static async start(version: string, services: readonly Service[]): Promise<ExampleHost> {
		const internet = await Internet.start(services, [SECRET]);
		const n8n = await N8n.start({ version, env: internet.env });
		const host = new ExampleHost(await n8n.setUp(), internet);
		await host.addCredential('clerkWebhookApi', { signingSecret: SECRET, previousSigningSecret: '' });
		return host;
	}

	/** Created when it is first chosen; of two services with the same type, each workflow gets that of its own. */
	private async addCredential(type: string, data: Record<string, string | number | boolean>, key = type) {
		let credential = this.credentials.get(key);
		if (!credential) this.credentials.set(key, (credential = await this.n8n.createCredential(key, data, type)));
		return credential;
	}

	/**
	 * Imports an example, chooses its credentials, and runs its lower part, if it has one, as its notes say.
	 * @param change what a person changes in it before it is imported
	 */
	async import(
		file: string,
		services: ReadonlyArray<Pick<Service, 'credentials'>>,
		change: (workflow: Workflow) => Workflow = (workflow) => workflow,
	): Promise<Imported> {
		const chosen: Record<string, { id: string; name: string }> = {};
		for (const [type, credential] of this.credentials) chosen[type] = credential;
		for (const [index, { credentials }] of services.entries()) {
			for (const [type, data] of Object.entries(credentials)) {
				chosen[type] = await this.addCredential(type, data, `${file} ${index} ${type}`);
			}
		}
		const workflow = change(JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as Workflow);
		const imported = await this.n8n.import(withCredentials(workflow, chosen));
		if (workflow.nodes.some(({ name }) => name === SET_UP)) {
			const { status, data } = await this.n8n.runFrom(imported.id, SET_UP);
			if (status !== 'success') throw new Error(`${file} could not be set up: ${JSON.stringify(data.resultData.error)}`);
		}
		return imported;
	}

	/** What must be in no execution and no log. */
	async keptSecrets(workflowIds: readonly string[]): Promise<string[]> {
		const executions = await Promise.all(workflowIds.map(async (id) => await this.n8n.executions(id)));
		const kept = JSON.stringify(executions) + this.n8n.log;
		return this.internet.secrets.filter((secret) => kept.includes(secret));
	}

	async stop(): Promise<void> {
		await this.n8n?.stop();
		await this.internet.stop();
	}
}

/** A published example, to which Clerk delivers. */
export class PublishedExample {
	private constructor(
		private readonly n8n: N8n,
		readonly workflowId: string,
		private readonly url: string,
		private before: number,
	) {}

	static async publish(n8n: N8n, { id }: Imported): Promise<PublishedExample> {
		const before = (await n8n.executions(id)).length;
		return new PublishedExample(n8n, id, await n8n.activate(id), before);
	}

	/** Delivers and waits until the execution that it starts has ended. */
	async run(body: object, id?: string): Promise<Execution> {
		return await this.untilEnded(async () => {
			const answer = await deliver(this.url, body, id === undefined ? {} : { id });
			if (!['accepted', 'failed'].includes(String(answer.body['outcome']))) {
				throw new Error(`Not accepted: ${answer.status} ${answer.text}`);
			}
		});
	}

	/** Does what starts one execution, and waits until that has ended. */
	async untilEnded(start: () => Promise<unknown>): Promise<Execution> {
		await start();
		const execution = (await this.n8n.untilExecutions(this.workflowId, ++this.before)).at(-1);
		if (!execution) throw new Error('There is no execution');
		return execution;
	}

	/** Delivers. @returns the outcome in the answer to Clerk */
	async outcomeOf(body: object, id?: string): Promise<unknown> {
		const answer = await deliver(this.url, body, id === undefined ? {} : { id });
		return answer.body['outcome'];
	}

	async unpublish(): Promise<void> {
		await this.n8n.deactivate(this.workflowId);
	}
}
