/**
 * Started beside a run: when the run has ended, however it ended, it kills what the run left behind
 * and removes its folder. Standard input is a pipe from the run, which closes even if that is killed.
 *
 *   node scripts/reaper.mjs <folder>
 *
 * A file in <folder>/groups is named after the process group that it stands for.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder] = process.argv;

// Whoever ends the run in a terminal ends everything in it; this one comes after.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

process.stdin.resume();
process.stdin.on('close', () => {
	for (const group of readdirSync(join(folder, 'groups'))) {
		try {
			process.kill(-Number(group), 'SIGKILL');
		} catch {
			// It has ended by itself.
		}
	}
	// A process that was just killed may still be writing.
	rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});
