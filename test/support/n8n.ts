import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { until } from './eventually';
import { behaviourOf } from './releases';
import { freePort, ServerProcess } from './serverProcess';
import { toolchain } from './toolchain';

export { freePort } from './serverProcess';

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

/** The credential type of each node, other than the trigger, that the examples use. */
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

/** n8n's default: it makes an isolate for expressions at every request, used or not, which costs more than all else. */
export const ISOLATE_FOR_EACH_REQUEST = { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'false' };

/** Without the editor's files, and without the process that runs Code nodes. */
const NO_EDITOR_AND_NO_CODE = { N8N_DISABLE_UI: 'true', N8N_RUNNERS_MODE: 'external', N8N_RUNNERS_AUTH_TOKEN: randomUUID() };

export interface StartOptions {
	version: string;
	/** Added to n8n's environment. */
	env?: Record<string, string>;
	/** npm's flags for installing our tarball; by default as the README says. */
	installFlags?: string[];
	/** Whether it has the editor and can run Code nodes. Without them, it starts in half the time. */
	withEditorAndCode?: boolean;
	/** Whether it shares nothing with any other n8n of the run, not even the id of its instance. */
	fresh?: boolean;
	/** An earlier n8n's folder, to start again on what it left. */
	userFolder?: string;
	/** An earlier n8n's port, so that its sender finds the next one; otherwise a free one. */
	port?: number;
	/** Which of n8n's processes: all of it, or one of those that share the work in queue mode. */
	command?: Command;
}

export type Command = 'start' | 'webhook' | 'worker';

/** The settings of the port on which each of them answers, if only about its health. */
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

/** A connection that is kept open may be closed by n8n just when a busy test uses it again. */
const HEADERS = { 'content-type': 'application/json', connection: 'close' };

/** Without what npm hands to the programs it runs: this project's settings aren't those of a self-hoster. */
function withoutNpmSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)));
}

/** Installs our tarball the way a self-hoster does. */
async function installPackage(version: string, userFolder: string, flags: readonly string[]): Promise<void> {
	const { npmCli, tarball } = toolchain();
	const { node } = hostOf(version);
	const cwd = join(userFolder, '.n8n', 'nodes');
	mkdirSync(cwd, { recursive: true });
	writeFileSync(join(cwd, 'package.json'), '{ "name": "installed-nodes", "private": true }\n');
	const args = [npmCli, 'install', tarball, ...flags, '--no-audit', '--no-fund', '--loglevel=error'];
	await run(node, args, { cwd, env: { ...withoutNpmSettings(process.env), PATH: pathWith(node) } });
}

const pathWith = (node: string) => `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`;

function hostOf(version: string) {
	const host = toolchain().n8n[version];
	if (!host) throw new Error(`n8n ${version} is not installed`);
	return host;
}

/**
 * What a first start and a first minute leave behind: our package, an empty database with all migrations, an owner and an
 * API key. Made once in a run, by test/support/prepareN8n.ts, and copied for each n8n.
 */
const preparedFolder = (version: string) => join(tmpdir(), `prepared-n8n-${version}`);

interface Prepared {
	apiKey: string;
}

function preparedIn(userFolder: string): Prepared | null {
	const file = join(userFolder, 'prepared.json');
	return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Prepared) : null;
}

/** A real n8n with SQLite in a folder of its own and our packed tarball installed, for one test file or the demo. */
export class N8n {
	private cookie = '';
	private apiKey = '';

	private constructor(
		readonly version: string,
		readonly url: string,
		readonly userFolder: string,
		readonly command: Command,
		private readonly process: ServerProcess,
	) {}

	/** Everything that n8n wrote to its log. */
	get log(): string {
		return this.process.log;
	}

	/**
	 * Starts n8n with our package and waits until it answers.
	 * @throws if n8n ends or isn't ready within two minutes, with the end of its log
	 */
	static async start({
		version,
		env = {},
		installFlags,
		withEditorAndCode = false,
		fresh,
		userFolder: given,
		port,
		command = 'start',
	}: StartOptions): Promise<N8n> {
		const { node, folder } = hostOf(version);
		const userFolder = given ?? mkdtempSync(join(tmpdir(), 'clerk-sync-n8n-'));
		const prepared = preparedFolder(version);
		if (!given) {
			// One with its own database, flags or identity starts from nothing.
			if (installFlags || fresh || env['DB_TYPE'] || !existsSync(prepared)) {
				await installPackage(version, userFolder, installFlags ?? ['--legacy-peer-deps']);
			} else cpSync(prepared, userFolder, { recursive: true });
		}
		const { modulesToDisable } = behaviourOf(version);
		const { compiled } = toolchain();
		const ownPort = String(port ?? (await freePort()));
		const n8n = new ServerProcess(`n8n ${version}`, node, [join(folder, 'node_modules', 'n8n', 'bin', 'n8n'), command], {
			cwd: userFolder,
			env: {
				PATH: pathWith(node),
				HOME: userFolder,
				TMPDIR: tmpdir(),
				TZ: 'UTC',
				N8N_USER_FOLDER: userFolder,
				N8N_LISTEN_ADDRESS: '127.0.0.1',
				...PORT_SETTINGS[command](ownPort),
				N8N_DIAGNOSTICS_ENABLED: 'false',
				N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
				N8N_TEMPLATES_ENABLED: 'false',
				N8N_PERSONALIZATION_ENABLED: 'false',
				N8N_SECURE_COOKIE: 'false',
				...(withEditorAndCode ? {} : NO_EDITOR_AND_NO_CODE),
				...(modulesToDisable.length > 0 ? { N8N_DISABLED_MODULES: modulesToDisable.join(',') } : {}),
				N8N_RUNNERS_BROKER_PORT: String(await freePort()),
				NODE_OPTIONS: '--no-deprecation',
				// As README.md recommends.
				N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
				// What one n8n has compiled, the next one need not.
				NODE_COMPILE_CACHE: compiled,
				...env,
			},
		});
		const url = `http://127.0.0.1:${ownPort}`;
		const statusOf = async (path: string) => (await fetch(url + path)).status;
		// The editor's calls are answered a moment later than readiness; only one of the processes has them.
		const isReady = async () =>
			(await statusOf('/healthz/readiness')) === 200 && (command !== 'start' || (await statusOf('/rest/login')) !== 404);
		await n8n.untilReady(isReady, 120_000);
		return new N8n(version, url, userFolder, command, n8n);
	}

	/** Makes the folder from which each n8n of this run begins. */
	static async prepare(version: string): Promise<void> {
		if (existsSync(preparedFolder(version))) return;
		const first = await (await N8n.start({ version, fresh: true })).setUp();
		await first.stop({ keep: true });
		writeFileSync(join(first.userFolder, 'prepared.json'), JSON.stringify({ apiKey: first.apiKey } satisfies Prepared));
		renameSync(first.userFolder, preparedFolder(version));
	}

	/** With `keep`, shuts n8n down gracefully and keeps its folder. Otherwise kills it and deletes the folder. */
	async stop({ keep = false } = {}): Promise<void> {
		if (keep) await this.process.stop();
		else await this.process.kill();
		if (!keep) rmSync(this.userFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
	}

	/** Ends n8n without a chance to save anything. */
	async kill(): Promise<void> {
		await this.process.kill();
	}

	get pid(): number {
		return this.process.pid;
	}

	/** Creates the owner and an API key, unless they are there: what a person does in the first minute with a new n8n. */
	async setUp(): Promise<this> {
		const prepared = preparedIn(this.userFolder);
		return await this.orStopped(async () => {
			if (prepared) {
				this.apiKey = prepared.apiKey;
				await this.logIn();
			} else {
				await this.rest('POST', '/rest/owner/setup', OWNER);
				await this.createApiKey();
			}
		});
	}

	/** Signs in to an n8n that was set up before, and creates an API key. */
	async signIn(): Promise<this> {
		return await this.orStopped(async () => {
			await this.logIn();
			await this.createApiKey();
		});
	}

	private async logIn(): Promise<void> {
		await this.rest('POST', '/rest/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
	}

	/** Stops n8n if the set-up fails: the test has nothing to stop it with, and Jest would wait for it forever. */
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
			headers: { ...HEADERS, cookie: this.cookie, 'browser-id': 'tests' },
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
			headers: { ...HEADERS, 'x-n8n-api-key': this.apiKey },
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
	 * @param credential of the Clerk Trigger
	 * @param credentialsByType of the other nodes, by the type of credential that they ask for
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
		return await this.import(workflow);
	}

	/** Imports a workflow as the editor does. A node that tries again does so at once: a played service recovers in no time. */
	async import(workflow: Workflow): Promise<Imported> {
		const nodes = workflow.nodes.map((node) => ('waitBetweenTries' in node ? { ...node, waitBetweenTries: 100 } : node));
		return await this.rest<Imported>('POST', '/rest/workflows', { ...workflow, nodes });
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
		const ended = async () => {
			const execution = await this.api<Execution>('GET', `/executions/${executionId}?includeData=true`).catch(() => null);
			return execution && !['running', 'new'].includes(execution.status) ? execution : null;
		};
		return await until(ended, { every: 100, otherwise: () => `The run from "${trigger}" did not end` });
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
		const isThere = async () => (await fetch(url, { method: 'POST' })).status !== 404;
		await until(isThere, { within: 15_000, otherwise: () => `The trigger was not registered:\n${this.log.slice(-2000)}` });
	}

	/** Tries to activate a workflow that can't be. @returns n8n's message to the person who tried */
	async activationError(workflowId: string): Promise<string> {
		return (await this.activationErrors([workflowId]))[0] ?? '';
	}

	/** The messages for several such workflows. */
	async activationErrors(workflowIds: readonly string[]): Promise<string[]> {
		const refused: Array<string | null> = [];
		for (const id of workflowIds) refused.push(await this.api('POST', `/workflows/${id}/activate`).then(() => null, String));
		// n8n 2 has answered before it tries, tries five times in 15 seconds, then keeps what went wrong.
		const kept = async (id: string) => {
			const status = JSON.stringify(await this.rest('GET', `/rest/workflows/${id}/publication-status`));
			return status.includes('errorMessage":"') ? status : null;
		};
		const patience = { within: 60_000, every: 200, otherwise: () => 'The workflow was activated' };
		return await Promise.all(
			workflowIds.map(async (id, index) => refused[index] ?? (await until(async () => await kept(id), patience))),
		);
	}

	async deactivate(workflowId: string): Promise<void> {
		await this.api('POST', `/workflows/${workflowId}/deactivate`);
	}

	/** A workflow's executions, oldest first; those that are still at work may be missing. */
	async executions(workflowId: string, { withData = true } = {}): Promise<Execution[]> {
		// n8n 1.85 leaves the status out, and lists only executions that have ended.
		const found: Array<Omit<Execution, 'status'> & { status?: string; finished: boolean }> = [];
		let cursor = '';
		do {
			const page = await this.api<{ data: typeof found; nextCursor: string | null }>(
				'GET',
				`/executions?workflowId=${workflowId}&includeData=${withData}&limit=100${cursor}`,
			);
			found.push(...page.data);
			cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : '';
		} while (cursor !== '');
		return found
			.map((execution) => ({ ...execution, status: execution.status ?? (execution.finished ? 'success' : 'error') }))
			.sort((a, b) => Number(a.id) - Number(b.id));
	}

	/** Waits until a workflow has as many finished executions as expected. @returns how they ended; more if there are more */
	async untilEnded(workflowId: string, count: number): Promise<string[]> {
		let statuses: string[] = [];
		const haveEnded = async () => {
			statuses = (await this.executions(workflowId, { withData: false })).map(({ status }) => status);
			return statuses.length >= count && !statuses.some((status) => ['running', 'new'].includes(status));
		};
		await until(haveEnded, { every: 100, otherwise: () => `Expected ${count} executions, found ${statuses.join() || 'none'}` });
		return statuses;
	}

	/** Waits until a workflow has as many finished executions as expected. @returns them with their data, oldest first */
	async untilExecutions(workflowId: string, count: number): Promise<Execution[]> {
		await this.untilEnded(workflowId, count);
		// n8n 1 sets the status a moment before it saves what the nodes put out, and 1.85 does not list it until then.
		const areSaved = async () => {
			const found = await this.executions(workflowId);
			return found.length >= count && found.every(({ data }) => Object.keys(data.resultData.runData).length > 0) ? found : null;
		};
		return await until(areSaved);
	}
}

/** The items that a node of an execution put out, one list for each output. */
export function outputsOf(execution: Execution | undefined, node: string): Array<Array<Record<string, unknown>>> {
	const outputs = execution?.data.resultData.runData[node]?.[0]?.data?.main ?? [];
	return outputs.map((items) => (items ?? []).map(({ json }) => json));
}
