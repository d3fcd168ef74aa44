import { setTimeout as wait } from 'node:timers/promises';

import { Inspector } from '../support/n8nInspector';
import type { N8n } from '../support/n8n';

/** What V8's sampling profiler gives. @see Chrome DevTools Protocol, Profiler.Profile */
export interface CpuProfile {
	readonly nodes: ReadonlyArray<{
		readonly id: number;
		readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
		readonly children?: readonly number[];
	}>;
	readonly samples?: readonly number[];
	/** Microseconds since the sample before. */
	readonly timeDeltas?: readonly number[];
}

/**
 * Takes a CPU profile of n8n's process while something goes on.
 * @param n8n was started `WITH_INSPECTOR`
 */
export async function profiled(n8n: N8n, goesOn: () => Promise<void>): Promise<CpuProfile> {
	const inspector = await Inspector.of(n8n);
	try {
		await inspector.ask('Profiler.enable');
		await inspector.ask('Profiler.setSamplingInterval', { interval: 500 });
		await inspector.ask('Profiler.start');
		await wait(1000);
		await goesOn();
		const { profile } = await inspector.ask<{ profile: CpuProfile }>('Profiler.stop');
		return withoutStart(profile);
	} finally {
		inspector.close();
	}
}

/** Without what comes before the process was idle for the first time: V8 is busy with its own start for half a second. */
export function withoutStart({ nodes, samples = [], timeDeltas = [] }: CpuProfile): CpuProfile {
	const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id));
	const first = samples.findIndex((id) => idle.has(id));
	return { nodes, samples: samples.slice(first + 1), timeDeltas: timeDeltas.slice(first + 1) };
}

/** Whose code a function is: a package, Node.js itself, or what the engine does beside all code. */
export function ownerOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
	const installed = [...url.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].at(-1)?.[1];
	if (installed !== undefined) return installed;
	if (url.startsWith('node:')) return 'Node.js';
	if (functionName === '(garbage collector)') return 'garbage collection';
	if (functionName === '(idle)') return 'idle';
	return 'native code';
}

/**
 * Where the time went, by the owner of the function that was at work.
 * @returns milliseconds by owner, most first, without idling
 */
export function millisecondsByOwner({ nodes, samples = [], timeDeltas = [] }: CpuProfile): Array<[string, number]> {
	const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]));
	const times = new Map<string, number>();
	samples.forEach((id, index) => {
		const owner = owners.get(id) ?? 'native code';
		if (owner !== 'idle') times.set(owner, (times.get(owner) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
	});
	return [...times].sort(([, a], [, b]) => b - a);
}

/** Time under a function, with all that it calls before it waits for something, by name. */
export function millisecondsUnder({ nodes, samples = [], timeDeltas = [] }: CpuProfile): Array<[string, number]> {
	const own = new Map<number, number>();
	samples.forEach((id, index) => own.set(id, (own.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1000));
	const byId = new Map(nodes.map((node) => [node.id, node]));
	const totals = new Map<string, number>();
	const walk = (id: number, above: ReadonlySet<string>): number => {
		const node = byId.get(id);
		if (!node) return 0;
		const { functionName, url, lineNumber } = node.callFrame;
		const name = `${functionName || '(anonymous)'} ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
		const within = new Set([...above, name]);
		const total = (node.children ?? []).reduce((sum, child) => sum + walk(child, within), own.get(id) ?? 0);
		// A function that calls itself is counted once.
		if (!above.has(name)) totals.set(name, (totals.get(name) ?? 0) + total);
		return total;
	};
	const [root] = nodes;
	if (root) walk(root.id, new Set());
	return [...totals].sort(([, a], [, b]) => b - a);
}
