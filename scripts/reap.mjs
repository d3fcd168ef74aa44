import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Kills the processes that a run has left, and removes its folder.
 * @param folder each file in its folder `groups` is named after a process group
 */
export function reap(folder) {
	const groups = join(folder, 'groups');
	for (const group of existsSync(groups) ? readdirSync(groups) : []) {
		try {
			process.kill(-Number(group), 'SIGKILL');
		} catch {
			// It has already ended.
		}
	}
	// A process that was just killed may still be writing.
	rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
