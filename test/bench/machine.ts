import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** On what it was measured: figures of two machines are not to be compared. */
export interface Machine {
	readonly processor: string;
	readonly cores: number;
	readonly memoryGb: number;
	readonly system: string;
	readonly node: string;
	readonly n8n: string;
	/** The day, as YYYY-MM-DD. */
	readonly measured: string;
}

export function thisMachine(n8n: string): Machine {
	return {
		processor: cpus()[0]?.model.trim() ?? 'unknown',
		cores: availableParallelism(),
		memoryGb: Math.round(totalmem() / 2 ** 30),
		system: `${process.platform} ${process.arch}`,
		node: process.versions.node,
		n8n,
		measured: new Date().toISOString().slice(0, 10),
	};
}

/** How long a tick of Linux' process times is, in seconds: it has been this for all programs since Linux 2.6. */
const TICK = 0.01;

function inProc(file: string): string {
	try {
		return readFileSync(`/proc/${file}`, 'latin1');
	} catch {
		// The process has ended in the meantime.
		return '';
	}
}

/**
 * CPU time of a process and all that it has started, such as n8n's task runner, since their start; in user and system mode.
 * @returns seconds, in steps of 0.01; NaN where there is no /proc
 */
export function cpuSecondsOf(pid: number | string): number {
	if (!existsSync('/proc/self/stat')) return NaN;
	// proc_pid_stat(5): utime, stime, cutime, cstime. The program's name before them may itself hold spaces and brackets.
	const ticks = inProc(`${pid}/stat`)
		.replace(/^.*\) /s, '')
		.split(' ')
		.slice(11, 15);
	const tasks = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : [];
	const children = tasks.flatMap((task) => inProc(`${pid}/task/${task}/children`).split(' ').filter(Boolean));
	const own = ticks.reduce((sum, count) => sum + Number(count), 0) * TICK;
	return own + children.reduce((sum, child) => sum + cpuSecondsOf(child), 0);
}
