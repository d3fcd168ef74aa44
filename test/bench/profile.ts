import { setTimeout as wait } from 'node:timers/promises';

import type { N8n } from '../host/n8n';

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

interface Reply {
	readonly id?: number;
	readonly result?: { readonly profile?: CpuProfile };
	readonly error?: { readonly message: string };
}

/** For n8n's environment: a debugger may ask it, on this machine alone. */
export const WITH_INSPECTOR = { NODE_OPTIONS: '--no-deprecation --inspect=127.0.0.1:0' };

/**
 * Takes a CPU profile of n8n's process while something goes on.
 * @param n8n was started `WITH_INSPECTOR`
 */
export async function profiled(n8n: N8n, goesOn: () => Promise<void>): Promise<CpuProfile> {
	const address = /Debugger listening on (ws:\S+)/.exec(n8n.log)?.[1];
	if (address === undefined) throw new Error('n8n was not started with its inspector');
	const socket = new WebSocket(address);
	await new Promise((resolve, reject) => {
		socket.onopen = resolve;
		socket.onerror = () => reject(new Error(`No debugger answers at ${address}`));
	});
	let asked = 0;
	const ask = async (method: string, params: object = {}): Promise<Reply> => {
		const id = ++asked;
		return await new Promise((resolve, reject) => {
			socket.addEventListener('message', function take({ data }) {
				const reply = JSON.parse(String(data)) as Reply;
				if (reply.id !== id) return;
				socket.removeEventListener('message', take);
				if (reply.error) reject(new Error(`${method}: ${reply.error.message}`));
				else resolve(reply);
			});
			socket.send(JSON.stringify({ id, method, params }));
		});
	};
	try {
		await ask('Profiler.enable');
		await ask('Profiler.setSamplingInterval', { interval: 500 });
		await ask('Profiler.start');
		await wait(1000);
		await goesOn();
		const { result } = await ask('Profiler.stop');
		if (!result?.profile) throw new Error('The profiler gave no profile');
		return withoutStart(result.profile);
	} finally {
		socket.close();
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
