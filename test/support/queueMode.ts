import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './eventually';
import { N8n } from './n8n';
import type { PostgresCredential } from './postgres';
import { Redis } from './redis';
import { ReverseProxy } from './reverseProxy';

/** The processes between which n8n shares the work, by what they are started with. */
export type Share = 'webhook' | 'worker';

/**
 * n8n in queue mode as its manual describes it: a main process with the editor and the API, two
 * that take deliveries, two that run workflows, with one Redis and one Postgres between them. Each
 * has a folder of its own, as in a container of its own.
 */
export class Queue {
	private constructor(
		private readonly version: string,
		private readonly env: Record<string, string>,
		private readonly redis: Redis,
		/** Where the editor and the API are. It takes no deliveries. */
		readonly main: N8n,
		private readonly shares: Readonly<Record<Share, N8n[]>>,
		private readonly proxy: ReverseProxy,
	) {}

	/**
	 * @param database an empty one, for n8n itself
	 * @param more is added to the environment of all processes
	 */
	static async start(
		version: string,
		{ host, port, database, user, password }: PostgresCredential,
		more: Record<string, string> = {},
	): Promise<Queue> {
		const redis = await Redis.start();
		const env = {
			EXECUTIONS_MODE: 'queue',
			N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true',
			N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: host,
			DB_POSTGRESDB_PORT: String(port),
			DB_POSTGRESDB_DATABASE: database,
			DB_POSTGRESDB_USER: user,
			DB_POSTGRESDB_PASSWORD: password,
			// How soon a dead worker is missed: a minute and a half at most with n8n's own settings, 15 seconds with these.
			QUEUE_WORKER_LOCK_DURATION: '10000',
			QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
			QUEUE_WORKER_STALLED_INTERVAL: '5000',
			...more,
		};
		const main = await N8n.start({ version, env });
		const shares: Record<Share, N8n[]> = { webhook: [], worker: [] };
		const proxy = await ReverseProxy.byDelivery(() => shares.webhook.map(({ url }) => url));
		const started = new Queue(version, env, redis, main, shares, proxy);
		try {
			await main.setUp();
			for (const share of ['webhook', 'worker'] as const)
				shares[share].push(...(await Promise.all([started.startShare(share), started.startShare(share)])));
		} catch (failure) {
			await started.stop();
			throw failure;
		}
		return started;
	}

	private async startShare(command: Share): Promise<N8n> {
		const userFolder = mkdtempSync(join(tmpdir(), `clerk-sync-n8n-${command}-`));
		const packages = join('.n8n', 'nodes');
		cpSync(join(this.main.userFolder, packages), join(userFolder, packages), { recursive: true });
		return await N8n.start({ version: this.version, env: this.env, command, userFolder });
	}

	/**
	 * Activates a workflow and waits until every process that takes deliveries knows it.
	 * @returns where Clerk would deliver to: its trigger's URL at the proxy
	 */
	async activate(workflowId: string): Promise<string> {
		await this.main.api('POST', `/workflows/${workflowId}/activate`);
		const { pathname } = new URL(await this.main.productionUrl(workflowId));
		for (const webhook of this.shares.webhook) await webhook.untilRegistered(webhook.url + pathname);
		return this.proxy.url + pathname;
	}

	/**
	 * Waits until no job is waiting or being worked on. The list of executions does not show it: one whose worker and
	 * webhook process are both dead stands there as running, for up to three hours.
	 */
	async untilIdle(): Promise<void> {
		const jobs = async () =>
			await Promise.all(['wait', 'active'].map(async (list) => await this.redis.lengthOf(`bull:jobs:${list}`)));
		await until(async () => (await jobs()).every((count) => count === 0), { within: 120_000, every: 200 });
	}

	/** Ends one of the processes without a chance to save anything. */
	async kill(share: Share, index: number): Promise<void> {
		await this.at(share, index).kill();
	}

	/** Starts a killed process again, where it was. */
	async restart(share: Share, index: number): Promise<void> {
		const { userFolder, url } = this.at(share, index);
		const port = Number(new URL(url).port);
		this.shares[share][index] = await N8n.start({ version: this.version, env: this.env, command: share, userFolder, port });
	}

	private at(share: Share, index: number): N8n {
		const found = this.shares[share][index];
		if (!found) throw new Error(`There is no ${share} ${index}`);
		return found;
	}

	/** What the processes wrote to their logs, by process. */
	get logs(): Record<string, string> {
		const all = [this.main, ...this.shares.webhook, ...this.shares.worker];
		return Object.fromEntries(all.map(({ command, url, log }) => [`${command} ${url}`, log]));
	}

	async stop(): Promise<void> {
		await this.proxy.stop();
		await Promise.all([...this.shares.webhook, ...this.shares.worker].map(async (process) => await process.stop()));
		await this.main.stop();
		await this.redis.stop();
	}
}
