import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort, ServerProcess } from './serverProcess';
import { toolchain } from './toolchain';

/** A real Redis server on a port of its own that keeps nothing on disk, for one test file. */
export class Redis {
	private constructor(
		private readonly folder: string,
		readonly port: number,
		private readonly server: ServerProcess,
	) {}

	static async start(): Promise<Redis> {
		const { redis } = toolchain();
		if (!redis) throw new Error('There is no Redis server on this machine');
		const folder = mkdtempSync(join(tmpdir(), 'clerk-sync-redis-'));
		const port = await freePort();
		const settings = { bind: '127.0.0.1', port: String(port), dir: folder, save: '', appendonly: 'no' };
		const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
		// The program of redis-tools has another file name; by this one it knows what it shall be.
		const server = new ServerProcess('Redis', redis, args, { argv0: 'redis-server', cwd: folder });
		const started = new Redis(folder, port, server);
		await server.untilReady(async () => (await started.command('PING')) === '+PONG', 30_000);
		return started;
	}

	/** The first line of what Redis replies to a command. */
	private async command(line: string): Promise<string> {
		const socket = connect(this.port, '127.0.0.1');
		try {
			await once(socket, 'connect');
			socket.write(`${line}\r\n`);
			const [reply] = (await once(socket, 'data')) as [Buffer];
			return reply.toString().split('\r\n')[0] ?? '';
		} finally {
			socket.destroy();
		}
	}

	/** How many entries a list has. */
	async lengthOf(list: string): Promise<number> {
		const reply = await this.command(`LLEN ${list}`);
		if (!/^:\d+$/.test(reply)) throw new Error(`Redis says of the list ${list}: ${reply}`);
		return Number(reply.slice(1));
	}

	async stop(): Promise<void> {
		await this.server.stop();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
