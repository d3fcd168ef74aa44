import { fork } from 'node:child_process';
import { join } from 'node:path';

import type { MicroFigures } from './figures';
import type { TimingPlan } from './timing';

export interface MicroPlan extends TimingPlan {
	/** How often the node files are loaded. */
	readonly loads: number;
}

/** Measures in a process of its own, in which nothing else has run before. */
export async function measureMicro(plan: MicroPlan): Promise<MicroFigures> {
	const child = fork(join(__dirname, 'process.ts'), { execArgv: ['--import', 'tsx'] });
	return await new Promise((resolve, reject) => {
		let figures: MicroFigures | null = null;
		child.on('message', (message: MicroFigures) => (figures = message));
		child.on('error', reject);
		child.on('exit', (code) => {
			if (figures) resolve(figures);
			else reject(new Error(`The process that measures functions ended with ${code}`));
		});
		child.send(plan);
	});
}
