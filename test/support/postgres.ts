import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

import { freePort, ServerProcess } from './serverProcess';
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

	/** Connects again, after the server was away. */
	async reopen(): Promise<void> {
		await this.client.end().catch(() => {});
		this.client = await connect(this.credential);
	}

	async close(): Promise<void> {
		await this.client.end();
	}
}

/** A real Postgres server with a folder and a port of its own, for one test file. */
export class Postgres {
	private readonly databases: Database[] = [];
	private readonly password = randomBytes(12).toString('hex');
	private readonly options: { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number };
	private server?: ServerProcess;

	private constructor(
		private readonly programs: string,
		private readonly folder: string,
		private readonly port: number,
	) {
		this.options = { cwd: folder, env: { ...process.env, HOME: folder, LC_ALL: 'C', TZ: 'UTC' }, ...unprivileged() };
	}

	/** Sets up an empty server, starts it and waits until it answers. */
	static async start(): Promise<Postgres> {
		const { postgres } = toolchain();
		if (!postgres) throw new Error('There is no Postgres server on this machine');
		const started = new Postgres(postgres, mkdtempSync(join(tmpdir(), 'clerk-sync-postgres-')), await freePort());
		await started.initialize();
		await started.resume();
		return started;
	}

	private async initialize(): Promise<void> {
		const { uid, gid } = this.options;
		const passwordFile = join(this.folder, 'password');
		writeFileSync(passwordFile, this.password, { mode: 0o600 });
		if (uid !== undefined && gid !== undefined) for (const path of [this.folder, passwordFile]) chownSync(path, uid, gid);
		const settings = [`--pgdata=${join(this.folder, 'data')}`, `--username=${USER}`, `--pwfile=${passwordFile}`];
		const defaults = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
		await run(join(this.programs, 'initdb'), [...settings, ...defaults], this.options);
	}

	/** Ends the server and keeps what it stored. Who is connected is thrown out, who comes is refused. */
	async halt(): Promise<void> {
		// "Fast shutdown".
		await this.server?.stop('SIGINT');
	}

	/** Starts it, after a halt on what it stored and on the same port. */
	async resume(): Promise<void> {
		const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'logging_collector=off'];
		const args = ['-D', join(this.folder, 'data'), '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])];
		this.server = new ServerProcess('Postgres', join(this.programs, 'postgres'), args, this.options);
		const answers = async () => {
			await (await Database.open(this.credentialOf('postgres'))).close();
			return true;
		};
		await this.server.untilReady(answers, 60_000);
		await Promise.all(this.databases.map(async (database) => await database.reopen()));
	}

	private credentialOf(database: string): PostgresCredential {
		const { port, password } = this;
		return {
			...{ host: '127.0.0.1', port, database, user: USER, password },
			...{ ssl: 'disable', allowUnauthorizedCerts: false, sshTunnel: false },
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
