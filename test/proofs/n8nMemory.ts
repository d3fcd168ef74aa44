import { setTimeout as wait } from 'node:timers/promises';

import { Inspector } from '../support/n8nInspector';
import type { N8n } from '../support/n8n';

/** In bytes. */
export interface Memory {
	/** Objects that are still in use. */
	readonly heapUsed: number;
	/** What belongs to such objects outside of the heap: buffers, compiled code. */
	readonly external: number;
	/** All that the process has from the system, used or kept for later. */
	readonly rss: number;
}

async function memoryNow(inspector: Inspector): Promise<Memory> {
	await inspector.ask('HeapProfiler.collectGarbage');
	const { result } = await inspector.ask<{ result: { value: string } }>('Runtime.evaluate', {
		expression: 'JSON.stringify(process.memoryUsage())',
	});
	return JSON.parse(result.value) as Memory;
}

/** What n8n still holds once it has come to rest: garbage is collected until hardly any more is found. */
export async function memoryAtRest(n8n: N8n): Promise<Memory> {
	const inspector = await Inspector.of(n8n);
	try {
		let last = await memoryNow(inspector);
		for (let round = 0; round < 20; round++) {
			await wait(1000);
			const next = await memoryNow(inspector);
			const settled = Math.abs(next.heapUsed - last.heapUsed) < 0.002 * last.heapUsed && next.rss > 0.99 * last.rss;
			last = next;
			if (settled) break;
		}
		return last;
	} finally {
		inspector.close();
	}
}
