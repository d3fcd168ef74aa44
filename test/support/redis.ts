import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { freePort } from './n8n';
import { groupOf } from './processGroup';
import { toolchain } from './toolchain';

/** A real Redis server on a port of its own that keeps nothing on disk, for one test file. */
export class Redis {
	private log = '';

	private constructor(
		private readonly folder: string,
		readonly port: number,
		private readonly child: ChildProcess,
	) {
		// Whatever ends this process, Redis must not outlive it.
		groupOf(child);
		const collect = (chunk: Buffer) => (this.log += chunk.toString());
		child.stdout?.on('data', collect);
		child.stderr?.on('data', collect);
	}

	static async start(): Promise<Redis> {
		const { redis } = toolchain();
		if (!redis) throw new Error('There is no Redis server on this machine');
		const folder = mkdtempSync(join(tmpdir(), 'clerk-sync-redis-'));
		const port = await freePort();
		const settings = { bind: '127.0.0.1', port: String(port), dir: folder, save: '', appendonly: 'no' };
		const child = spawn(
			redis,
			Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
			// The program of redis-tools has another file name; by this one it knows what it shall be.
			{ argv0: 'redis-server', cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
		);
		const started = new Redis(folder, port, child);
		await started.untilReady();
		return started;
	}

	private async untilReady(): Promise<void> {
		const deadline = Date.now() + 30_000;
		while (!(await this.answers())) {
			if (this.child.exitCode !== null) throw new Error(`Redis ended at its start:\n${this.log.slice(-4000)}`);
			if (Date.now() > deadline) {
				await this.stop();
				throw new Error(`Redis was not ready after 30 seconds:\n${this.log.slice(-4000)}`);
			}
			await wait(20);
		}
	}

	private async answers(): Promise<boolean> {
		return await this.command('PING').then(
			(reply) => reply === '+PONG',
			() => false,
		);
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
		if (this.child.exitCode === null && this.child.signalCode === null) {
			const closed = once(this.child, 'exit');
			this.child.kill('SIGTERM');
			const timer = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
			await closed;
			clearTimeout(timer);
		}
		rmSync(this.folder, { recursive: true, force: true });
	}
}
