import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './eventually';

/**
 * A port that nothing listens on just now. From below the range in which the system gives out ports, so that nobody else is
 * given it before it is used: connections, and servers that take any port, such as a debugger.
 */
export async function freePort(): Promise<number> {
	const port = randomInt(15_000, 32_000);
	const server = createServer().listen(port, '127.0.0.1');
	const isFree = await once(server, 'listening').then(
		() => true,
		() => false,
	);
	await new Promise((resolve) => server.close(resolve));
	return isFree ? port : await freePort();
}

/** A server that a test starts: with all that it starts itself, it ends at the latest with the test. */
export class ServerProcess {
	/** Everything that it wrote. */
	log = '';
	private readonly child: ChildProcess;

	constructor(
		private readonly name: string,
		program: string,
		args: readonly string[],
		options: SpawnOptions,
	) {
		// The leader of a process group. scripts/reaper.mjs ends the groups that are listed in this folder.
		this.child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
		for (const stream of [this.child.stdout, this.child.stderr])
			stream?.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
		const entry = join(tmpdir(), 'groups', String(this.pid));
		writeFileSync(entry, '');
		const kill = () => this.killGroup();
		process.once('exit', kill);
		this.child.once('exit', () => {
			process.off('exit', kill);
			// The system gives its id to another one some day.
			rmSync(entry, { force: true });
		});
	}

	get pid(): number {
		return this.child.pid ?? 0;
	}

	private get hasEnded(): boolean {
		return this.child.exitCode !== null || this.child.signalCode !== null;
	}

	private killGroup(): void {
		try {
			process.kill(-this.pid, 'SIGKILL');
		} catch {
			// It has ended.
		}
	}

	/** @throws if it ends, or isn't ready in this time (ms), with the end of its log; it is stopped then */
	async untilReady(isReady: () => Promise<boolean>, within: number): Promise<void> {
		const look = async () => {
			if (this.hasEnded) throw new Error(`${this.name} ended at its start:\n${this.log.slice(-4000)}`);
			return await isReady().catch(() => false);
		};
		const otherwise = () => `${this.name} was not ready:\n${this.log.slice(-4000)}`;
		try {
			await until(look, { within, every: 100, otherwise });
		} catch (failure) {
			await this.stop();
			throw failure;
		}
	}

	/** Ends it as its manual says, or after 15 seconds without a chance to save anything. */
	async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
		if (this.hasEnded) return;
		const ended = once(this.child, 'exit');
		this.child.kill(signal);
		const timer = setTimeout(() => this.killGroup(), 15_000);
		await ended;
		clearTimeout(timer);
	}

	/** Ends it without a chance to save anything. */
	async kill(): Promise<void> {
		if (this.hasEnded) return;
		const ended = once(this.child, 'exit');
		this.killGroup();
		await ended;
	}
}
