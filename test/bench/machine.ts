import { readdirSync, readFileSync } from 'node:fs';
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

interface Process {
	readonly parent: number;
	/** Its own time and that of the children it has outlived, in seconds. */
	readonly seconds: number;
}

/** @see proc_pid_stat(5): the fields after the program's name, which may itself hold spaces and brackets */
function processOf(stat: string): Process {
	const [, parent, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	// utime, stime, cutime and cstime are fields 14 to 17; the fourth one, parent, is the second here.
	const ticks = fields.slice(9, 13).reduce((sum, field) => sum + Number(field), 0);
	return { parent: Number(parent), seconds: ticks * TICK };
}

/**
 * CPU time of a process and all that it has started, such as n8n's task runner, since their start; in user and system mode.
 * @returns seconds, in steps of 0.01; NaN where there is no /proc
 */
export function cpuSecondsOf(pid: number): number {
	const processes = new Map<number, Process>();
	try {
		for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
			try {
				processes.set(Number(name), processOf(readFileSync(`/proc/${name}/stat`, 'latin1')));
			} catch {
				// It has ended in the meantime.
			}
		}
	} catch {
		return NaN;
	}
	const secondsOf = (root: number): number => {
		const children = [...processes].filter(([, { parent }]) => parent === root);
		return (processes.get(root)?.seconds ?? 0) + children.reduce((sum, [child]) => sum + secondsOf(child), 0);
	};
	return secondsOf(pid);
}
