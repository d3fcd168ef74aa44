import { Bench } from 'tinybench';

export interface TimingPlan {
	/** Those that count; a third as many go ahead. */
	readonly rounds: number;
	/** How long each function runs in each round. */
	readonly milliseconds: number;
}

/**
 * Times functions one after the other, and again in each round, so that a drifting machine hurts all alike.
 * @returns microseconds for each call, one figure for each round
 */
export async function timed<Name extends string>(
	functions: Readonly<Record<Name, () => unknown>>,
	{ rounds, milliseconds }: TimingPlan,
): Promise<Record<Name, number[]>> {
	const names = Object.keys(functions) as Name[];
	const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
	for (let round = -Math.ceil(rounds / 3); round < rounds; round++) {
		const bench = new Bench({ time: milliseconds, iterations: 1, warmup: false, throws: true });
		for (const name of names) bench.add(name, functions[name]);
		for (const { name, result } of await bench.run()) {
			if (!('latency' in result)) throw new Error(`${name} was not measured: ${result.state}`);
			if (round >= 0) figures[name as Name].push(result.latency.mean * 1000);
		}
	}
	return figures;
}
