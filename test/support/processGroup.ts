import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';

/**
 * A process that leads a group of its own (`detached`), so that what it starts ends with it: here, and
 * through scripts/reaper.mjs if this process is killed.
 * @returns how to end the whole group without a chance to save anything
 */
export function groupOf(leader: ChildProcess): () => void {
	const { pid } = leader;
	if (pid === undefined) return () => {};
	const entry = join(tmpdir(), 'groups', String(pid));
	writeFileSync(entry, '');
	const kill = () => {
		try {
			process.kill(-pid, 'SIGKILL');
		} catch {
			// It has ended.
		}
	};
	process.once('exit', kill);
	leader.once('exit', () => {
		process.off('exit', kill);
		// The system gives its id to another one some day.
		rmSync(entry, { force: true });
	});
	return kill;
}
