import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

import { groupOf } from './processGroup';
import { behaviourOf } from './releases';
import { toolchain } from './toolchain';

const run = promisify(execFile);

export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	webhookId?: string;
	[key: string]: unknown;
}

export interface Workflow {
	name: string;
	nodes: WorkflowNode[];
	pinData?: Record<string, Array<{ json: Record<string, unknown> }>>;
	connections: Record<string, { main: Array<Array<{ node: string; type: 'main'; index: number }>> }>;
	settings: Record<string, unknown>;
}

export interface Imported extends Workflow {
	id: string;
}

export const TRIGGER_TYPE = 'n8n-nodes-clerk-sync.clerkTrigger';

/** Which credential nodes of n8n ask for. */
const CREDENTIAL_TYPES: Record<string, string> = {
	'n8n-nodes-base.emailSend': 'smtp',
	'n8n-nodes-base.httpRequest': 'httpBearerAuth',
	'n8n-nodes-base.postgres': 'postgres',
	'n8n-nodes-clerk-sync.clerk': 'clerkApi',
};

export interface Execution {
	id: string;
	status: string;
	mode: string;
	data: {
		resultData: {
			runData: Record<string, Array<{ data?: { main: Array<Array<{ json: Record<string, unknown> }> | null> } }>>;
			error?: unknown;
		};
	};
}

export interface StartOptions {
	version: string;
	/** Added to n8n's environment. */
	env?: Record<string, string>;
	/** How npm is told to install our tarball; by default as the README says. */
	installFlags?: string[];
	/** An earlier n8n's folder, to start again on what it left. */
	userFolder?: string;
	/** An earlier n8n's port, so that whoever delivers to it finds the next one; otherwise a free one. */
	port?: number;
	/** Which of n8n's processes: all of it, or one of those that share the work in queue mode. */
	command?: Command;
}

export type Command = 'start' | 'webhook' | 'worker';

/** How each of them is told on which port to answer, if only about its health. */
const PORT_SETTINGS: Record<Command, (port: string) => Record<string, string>> = {
	start: (port) => ({ N8N_PORT: port }),
	webhook: (port) => ({ N8N_PORT: port }),
	worker: (port) => ({
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: port,
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
	}),
};

export const OWNER = { email: 'owner@example.com', firstName: 'Olivia', lastName: 'Owner', password: 'Clerk-sync-demo-1' };

/** Without what npm hands to the programs it runs: this project's settings aren't those of a self-hoster. */
function withoutNpmSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)));
}

/** A port that nothing listens on just now. */
export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	if (address === null || typeof address === 'string') throw new Error('No port was given');
	return address.port;
}

/** A real n8n with SQLite in a folder of its own and our packed tarball installed, for one test file or the demo. */
export class N8n {
	/** Everything that n8n wrote to its log. */
	log = '';
	private cookie = '';
	private apiKey = '';
	/** n8n and its task runner. */
	private readonly killGroup: () => void;

	private constructor(
		readonly version: string,
		readonly url: string,
		readonly userFolder: string,
		readonly command: Command,
		private readonly child: ChildProcess,
	) {
		this.killGroup = groupOf(child);
		const collect = (chunk: Buffer) => (this.log += chunk.toString());
		child.stdout?.on('data', collect);
		child.stderr?.on('data', collect);
	}

	/**
	 * Installs our tarball the way a self-hoster does, starts n8n and waits until it answers.
	 * @throws if n8n ends or isn't ready within two minutes, with the end of its log
	 */
	static async start({
		version,
		env = {},
		installFlags = ['--legacy-peer-deps'],
		userFolder: given,
		port: wanted,
		command = 'start',
	}: StartOptions): Promise<N8n> {
		const { npmCli, n8n, tarball } = toolchain();
		const host = n8n[version];
		if (!host) throw new Error(`n8n ${version} is not installed`);
		const { node, folder } = host;
		const { modulesToDisable } = behaviourOf(version);
		const userFolder = given ?? mkdtempSync(join(tmpdir(), 'clerk-sync-n8n-'));
		const path = `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`;
		const packages = join(userFolder, '.n8n', 'nodes');
		if (!given) {
			mkdirSync(packages, { recursive: true });
			writeFileSync(join(packages, 'package.json'), '{ "name": "installed-nodes", "private": true }\n');
			await run(node, [npmCli, 'install', tarball, ...installFlags, '--no-audit', '--no-fund', '--loglevel=error'], {
				cwd: packages,
				env: { ...withoutNpmSettings(process.env), PATH: path },
			});
		}
		const port = wanted ?? (await freePort());
		const url = `http://127.0.0.1:${port}`;
		const child = spawn(node, [join(folder, 'node_modules', 'n8n', 'bin', 'n8n'), command], {
			cwd: userFolder,
			detached: true,
			stdio: ['ignore', 'pipe', 'pipe'],
			env: {
				PATH: path,
				HOME: userFolder,
				TMPDIR: tmpdir(),
				TZ: 'UTC',
				N8N_USER_FOLDER: userFolder,
				N8N_LISTEN_ADDRESS: '127.0.0.1',
				...PORT_SETTINGS[command](String(port)),
				N8N_DIAGNOSTICS_ENABLED: 'false',
				N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
				N8N_TEMPLATES_ENABLED: 'false',
				N8N_PERSONALIZATION_ENABLED: 'false',
				N8N_SECURE_COOKIE: 'false',
				...(modulesToDisable.length > 0 ? { N8N_DISABLED_MODULES: modulesToDisable.join(',') } : {}),
				N8N_RUNNERS_BROKER_PORT: String(await freePort()),
				NODE_OPTIONS: '--no-deprecation',
				...env,
			},
		});
		const started = new N8n(version, url, userFolder, command, child);
		await started.untilReady();
		return started;
	}

	private async untilReady(): Promise<void> {
		const deadline = Date.now() + 120_000;
		while (Date.now() < deadline) {
			if (this.child.exitCode !== null) throw new Error(`n8n ${this.version} ended at its start:\n${this.log.slice(-4000)}`);
			const answer = await fetch(`${this.url}/healthz/readiness`).catch(() => null);
			// The editor's routes come a moment later than readiness; only one of the processes has them.
			if (answer?.ok && (this.command !== 'start' || (await fetch(`${this.url}/rest/settings`).catch(() => null))?.ok)) return;
			await wait(200);
		}
		await this.stop();
		throw new Error(`n8n ${this.version} was not ready after two minutes:\n${this.log.slice(-4000)}`);
	}

	/** Ends n8n and, unless `keep` is set, removes its folder. */
	async stop({ keep = false } = {}): Promise<void> {
		if (this.child.exitCode === null && this.child.signalCode === null) {
			const closed = once(this.child, 'exit');
			this.child.kill('SIGTERM');
			const timer = setTimeout(this.killGroup, 15_000);
			await closed;
			clearTimeout(timer);
		}
		if (!keep) rmSync(this.userFolder, { recursive: true, force: true });
	}

	/** Ends n8n without a chance to save anything. */
	async kill(): Promise<void> {
		const closed = once(this.child, 'exit');
		this.killGroup();
		await closed;
	}

	get pid(): number {
		return this.child.pid ?? 0;
	}

	/** Creates the owner and an API key: what a person does in the first minute with a new n8n. */
	async setUp(): Promise<this> {
		return await this.orStopped(async () => {
			await this.rest('POST', '/rest/owner/setup', OWNER);
			await this.createApiKey();
		});
	}

	/** Signs in on an n8n that was set up before. */
	async signIn(): Promise<this> {
		return await this.orStopped(async () => {
			await this.rest('POST', '/rest/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
			await this.createApiKey();
		});
	}

	/** A test that gets no n8n out of its set-up cannot stop one, and Jest would wait for it for ever. */
	private async orStopped(setUp: () => Promise<void>): Promise<this> {
		try {
			await setUp();
		} catch (error) {
			await this.stop();
			throw error;
		}
		return this;
	}

	private async createApiKey(): Promise<void> {
		const { hasApiKeyScopes } = behaviourOf(this.version);
		const scopes = hasApiKeyScopes ? await this.rest<string[]>('GET', '/rest/api-keys/scopes') : undefined;
		const key = await this.rest<{ rawApiKey: string }>('POST', '/rest/api-keys', {
			label: `tests ${Date.now()}`,
			expiresAt: null,
			scopes,
		});
		this.apiKey = key.rawApiKey;
	}

	/** A call as the editor makes it. */
	async rest<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(this.url + path, {
			method,
			headers: { 'content-type': 'application/json', cookie: this.cookie, 'browser-id': 'tests' },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const cookies = response.headers.getSetCookie();
		if (cookies.length > 0) this.cookie = cookies.map((cookie) => cookie.split(';')[0]).join('; ');
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 1000)}`);
		return (JSON.parse(text) as { data: T }).data;
	}

	/** A call of n8n's public API. */
	async api<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.url}/api/v1${path}`, {
			method,
			headers: { 'content-type': 'application/json', 'x-n8n-api-key': this.apiKey },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 1000)}`);
		return (text === '' ? undefined : JSON.parse(text)) as T;
	}

	async createCredential(
		name: string,
		data: Record<string, string | number | boolean>,
		type = 'clerkWebhookApi',
	): Promise<{ id: string; name: string }> {
		const { id } = await this.api<{ id: string }>('POST', '/credentials', { name, type, data });
		return { id, name };
	}

	/** Saves other data in a credential, as a person does who opens and changes it. */
	async updateCredential({ id, name }: { id: string; name: string }, data: Record<string, string>): Promise<void> {
		await this.rest('PATCH', `/rest/credentials/${id}`, { name, type: 'clerkWebhookApi', data });
	}

	async createWorkflow(workflow: Workflow): Promise<string> {
		return (await this.api<{ id: string }>('POST', '/workflows', workflow)).id;
	}

	/**
	 * Imports a workflow file as the editor does, pinned data included.
	 * @param file the file, or what a person made of it before importing it
	 * @param credential chosen in every node that asks for one of ours
	 * @param credentialsByType chosen in the nodes of n8n that ask for one of these types
	 */
	async importWorkflow(
		file: string | Workflow,
		credential: { id: string; name: string },
		credentialsByType: Record<string, { id: string; name: string }> = {},
	): Promise<Imported> {
		const workflow = typeof file === 'string' ? (JSON.parse(readFileSync(file, 'utf8')) as Workflow) : file;
		for (const node of workflow.nodes) {
			if (node.type === TRIGGER_TYPE) node.credentials = { clerkWebhookApi: credential };
			const type = CREDENTIAL_TYPES[node.type];
			const chosen = type === undefined ? undefined : credentialsByType[type];
			if (type !== undefined && chosen) node.credentials = { [type]: chosen };
		}
		return await this.rest<Imported>('POST', '/rest/workflows', workflow);
	}

	/** Where Clerk would deliver to: the production URL that the trigger's panel shows. */
	async productionUrl(workflowId: string): Promise<string> {
		const { nodes } = await this.api<Workflow>('GET', `/workflows/${workflowId}`);
		const trigger = nodes.find(({ type }) => type === TRIGGER_TYPE);
		if (!trigger?.webhookId) throw new Error('The workflow has no Clerk Trigger with a webhook');
		return `${this.url}/webhook/${trigger.webhookId}/clerk`;
	}

	/** Runs a saved workflow from one of its triggers, as a click on "Execute workflow" does. */
	async runFrom(workflowId: string, trigger: string): Promise<Execution> {
		const { executionId } = await this.rest<{ executionId: string }>('POST', `/rest/workflows/${workflowId}/run`, {
			triggerToStartFrom: { name: trigger },
		});
		const deadline = Date.now() + 30_000;
		for (;;) {
			const execution = await this.api<Execution>('GET', `/executions/${executionId}?includeData=true`).catch(() => null);
			if (execution && !['running', 'new'].includes(execution.status)) return execution;
			if (Date.now() > deadline) throw new Error(`The run from "${trigger}" did not end within 30 seconds`);
			await wait(100);
		}
	}

	/** The rows of a data table, by its name. */
	async rowsOf(table: string): Promise<Array<Record<string, unknown>>> {
		const tables = await this.api<{ data: Array<{ id: string; name: string }> }>('GET', '/data-tables');
		const id = tables.data.find(({ name }) => name === table)?.id;
		if (id === undefined) throw new Error(`There is no data table ${table}`);
		return (await this.api<{ data: Array<Record<string, unknown>> }>('GET', `/data-tables/${id}/rows`)).data;
	}

	/**
	 * Activates a workflow and waits until its trigger can be reached: n8n 2 registers it a moment after it has answered.
	 * @returns the trigger's production URL
	 */
	async activate(workflowId: string): Promise<string> {
		await this.api('POST', `/workflows/${workflowId}/activate`);
		const url = await this.productionUrl(workflowId);
		await this.untilRegistered(url);
		return url;
	}

	async untilRegistered(url: string): Promise<void> {
		const deadline = Date.now() + 15_000;
		while ((await fetch(url, { method: 'POST' })).status === 404) {
			if (Date.now() > deadline) throw new Error(`The trigger was not registered:\n${this.log.slice(-2000)}`);
			await wait(50);
		}
	}

	/** Tries to activate a workflow that can't be. @returns what n8n tells the person who tried */
	async activationError(workflowId: string): Promise<string> {
		try {
			await this.api('POST', `/workflows/${workflowId}/activate`);
		} catch (error) {
			return String(error);
		}
		// n8n 2 has answered before it tries, tries five times in 15 seconds, then keeps what went wrong.
		const deadline = Date.now() + 60_000;
		for (;;) {
			const status = JSON.stringify(await this.rest('GET', `/rest/workflows/${workflowId}/publication-status`));
			if (status.includes('errorMessage":"')) return status;
			if (Date.now() > deadline) throw new Error(`The workflow was activated: ${status}`);
			await wait(100);
		}
	}

	async deactivate(workflowId: string): Promise<void> {
		await this.api('POST', `/workflows/${workflowId}/deactivate`);
	}

	/** A workflow's executions with their data, oldest first. */
	async executions(workflowId: string): Promise<Execution[]> {
		// n8n 1.85 leaves the status out, and lists only executions that have ended.
		const found: Array<Omit<Execution, 'status'> & { status?: string; finished: boolean }> = [];
		let cursor = '';
		do {
			const page = await this.api<{ data: typeof found; nextCursor: string | null }>(
				'GET',
				`/executions?workflowId=${workflowId}&includeData=true&limit=100${cursor}`,
			);
			found.push(...page.data);
			cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : '';
		} while (cursor !== '');
		return found
			.map((execution) => ({ ...execution, status: execution.status ?? (execution.finished ? 'success' : 'error') }))
			.sort((a, b) => Number(a.id) - Number(b.id));
	}

	/**
	 * Waits until a workflow has as many finished executions as expected.
	 * @returns them, oldest first; more than expected if there are more
	 */
	async untilExecutions(workflowId: string, count: number): Promise<Execution[]> {
		const deadline = Date.now() + 30_000;
		for (;;) {
			const found = await this.executions(workflowId);
			// n8n 1 sets the status a moment before it saves what the nodes put out.
			const finished = found.filter(
				({ status, data }) => !['running', 'new'].includes(status) && Object.keys(data.resultData.runData).length > 0,
			);
			if (finished.length >= count && finished.length === found.length) return finished;
			if (Date.now() > deadline)
				throw new Error(`Expected ${count} executions, found ${finished.length} finished of ${found.length}`);
			await wait(100);
		}
	}
}

/** The items that a node of an execution put out, one list for each output. */
export function outputsOf(execution: Execution | undefined, node: string): Array<Array<Record<string, unknown>>> {
	const outputs = execution?.data.resultData.runData[node]?.[0]?.data?.main ?? [];
	return outputs.map((items) => (items ?? []).map(({ json }) => json));
}
