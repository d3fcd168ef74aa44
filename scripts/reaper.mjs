/**
 * Started with a run. When the run ends, for whatever reason, it kills the processes that are left and removes the
 * run's folder. Standard input is a pipe from the run, which closes even if the run is killed.
 *
 *   node scripts/reaper.mjs <folder>
 *
 * Each file in <folder>/groups is named after a process group.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder] = process.argv;

// Ctrl+C in a terminal reaches all processes; this one must outlive them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

process.stdin.resume();
process.stdin.on('close', () => {
	for (const group of readdirSync(join(folder, 'groups'))) {
		try {
			process.kill(-Number(group), 'SIGKILL');
		} catch {
			// It has already ended.
		}
	}
	// A process that was just killed may still be writing.
	rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});
