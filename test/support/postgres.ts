import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';

import { freePort } from './n8n';
import { groupOf } from './processGroup';
import { toolchain } from './toolchain';

const run = promisify(execFile);

const USER = 'tests';

/** Whom a server runs as that is started by root: Postgres refuses root. */
function unprivileged(): { uid?: number; gid?: number } {
	if (process.getuid?.() !== 0) return {};
	const idOf = (kind: '-u' | '-g', user: string) =>
		Number(execFileSync('id', [kind, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
	for (const user of ['postgres', 'nobody']) {
		try {
			return { uid: idOf('-u', user), gid: idOf('-g', user) };
		} catch {
			// The next one.
		}
	}
	throw new Error('Postgres does not run as root, and there is no user "postgres" or "nobody" to run it as');
}

/** A database as an n8n credential of type "postgres" names it. */
export interface PostgresCredential extends Record<string, string | number | boolean> {
	host: string;
	port: number;
	database: string;
	user: string;
	password: string;
}

async function connect({ host, port, database, user, password }: PostgresCredential): Promise<Client> {
	const client = new Client({ host, port, database, user, password });
	// A connection that the server breaks between two queries would otherwise end this process; the next query says so too.
	client.on('error', () => {});
	await client.connect();
	return client;
}

/** One database of the server. */
export class Database {
	private constructor(
		readonly credential: PostgresCredential,
		private client: Client,
	) {}

	static async open(credential: PostgresCredential): Promise<Database> {
		return new Database(credential, await connect(credential));
	}

	async query<Row extends object = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<Row[]> {
		return (await this.client.query<Row>(sql, values)).rows;
	}

	/** Connects anew, after the server was away. */
	async reopen(): Promise<void> {
		await this.client.end().catch(() => {});
		this.client = await connect(this.credential);
	}

	async close(): Promise<void> {
		await this.client.end();
	}
}

/** What the programs of a server in this folder run with. */
function optionsIn(folder: string) {
	return { cwd: folder, env: { ...process.env, HOME: folder, LC_ALL: 'C', TZ: 'UTC' }, ...unprivileged() };
}

function spawnServer(programs: string, folder: string, port: number): ChildProcess {
	const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'logging_collector=off'];
	return spawn(
		join(programs, 'postgres'),
		['-D', join(folder, 'data'), '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
		{ ...optionsIn(folder), detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
	);
}

/** A real Postgres server with a folder and a port of its own, for one test file. */
export class Postgres {
	private readonly databases: Database[] = [];
	private log = '';

	private constructor(
		private readonly folder: string,
		private readonly port: number,
		private readonly password: string,
		private child: ChildProcess,
	) {
		this.collectLog();
	}

	private collectLog(): void {
		groupOf(this.child);
		const collect = (chunk: Buffer) => (this.log += chunk.toString());
		this.child.stdout?.on('data', collect);
		this.child.stderr?.on('data', collect);
	}

	/** Sets up an empty server, starts it and waits until it lets us in. */
	static async start(): Promise<Postgres> {
		const { postgres } = toolchain();
		if (!postgres) throw new Error('There is no Postgres server on this machine');
		const as = unprivileged();
		const folder = mkdtempSync(join(tmpdir(), 'clerk-sync-postgres-'));
		const password = randomBytes(12).toString('hex');
		const passwordFile = join(folder, 'password');
		writeFileSync(passwordFile, password, { mode: 0o600 });
		if (as.uid !== undefined && as.gid !== undefined) for (const path of [folder, passwordFile]) chownSync(path, as.uid, as.gid);
		const options = optionsIn(folder);
		const data = join(folder, 'data');
		await run(
			join(postgres, 'initdb'),
			[
				`--pgdata=${data}`,
				`--username=${USER}`,
				`--pwfile=${passwordFile}`,
				'--auth=scram-sha-256',
				'--encoding=UTF8',
				'--locale=C',
				'--no-sync',
			],
			options,
		);
		const port = await freePort();
		const started = new Postgres(folder, port, password, spawnServer(postgres, folder, port));
		await started.untilReady();
		return started;
	}

	/** Ends the server and keeps what it stored. Who is connected is thrown out, who comes is refused. */
	async halt(): Promise<void> {
		if (this.child.exitCode !== null || this.child.signalCode !== null) return;
		const closed = once(this.child, 'exit');
		// "Fast shutdown".
		this.child.kill('SIGINT');
		const timer = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
		await closed;
		clearTimeout(timer);
	}

	/** Starts it again after a halt, on what it stored and on the same port. */
	async resume(): Promise<void> {
		const { postgres } = toolchain();
		if (!postgres) throw new Error('There is no Postgres server on this machine');
		this.child = spawnServer(postgres, this.folder, this.port);
		this.collectLog();
		await this.untilReady();
		await Promise.all(this.databases.map(async (database) => await database.reopen()));
	}

	private async untilReady(): Promise<void> {
		const deadline = Date.now() + 60_000;
		for (;;) {
			if (this.child.exitCode !== null) throw new Error(`Postgres ended at its start:\n${this.log.slice(-4000)}`);
			try {
				await (await Database.open(this.credentialOf('postgres'))).close();
				return;
			} catch (failure) {
				if (Date.now() > deadline) {
					await this.stop();
					throw new Error(`Postgres was not ready after a minute: ${String(failure)}\n${this.log.slice(-4000)}`);
				}
				await wait(50);
			}
		}
	}

	private credentialOf(database: string): PostgresCredential {
		return {
			host: '127.0.0.1',
			port: this.port,
			database,
			user: USER,
			password: this.password,
			ssl: 'disable',
			allowUnauthorizedCerts: false,
			sshTunnel: false,
		};
	}

	/** An empty database of this name. */
	async createDatabase(name: string): Promise<Database> {
		const server = await Database.open(this.credentialOf('postgres'));
		await server.query(`CREATE DATABASE "${name}"`);
		await server.close();
		const database = await Database.open(this.credentialOf(name));
		this.databases.push(database);
		return database;
	}

	/** Ends the server and removes its folder. */
	async stop(): Promise<void> {
		await Promise.all(this.databases.map(async (database) => await database.close().catch(() => {})));
		await this.halt();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
