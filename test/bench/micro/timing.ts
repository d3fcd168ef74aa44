/** Something that is called over and over. */
export interface Contender {
	readonly run: () => unknown;
	/** Whether it has to be waited for. */
	readonly waits?: boolean;
}

export interface TimingPlan {
	/** That count; a third as many go ahead. */
	readonly rounds: number;
	/** How long each contender has its turn in each round. */
	readonly milliseconds: number;
}

async function microsecondsPerCall({ run, waits = false }: Contender, calls: number): Promise<number> {
	const start = performance.now();
	if (waits) for (let call = 0; call < calls; call++) await run();
	else for (let call = 0; call < calls; call++) run();
	return ((performance.now() - start) * 1000) / calls;
}

/**
 * Lets contenders have their turns one after the other, again and again, so that a drifting machine hurts all alike.
 * @returns microseconds for each call, one figure for each round
 */
export async function timed<Name extends string>(
	contenders: Readonly<Record<Name, Contender>>,
	{ rounds, milliseconds }: TimingPlan,
): Promise<Record<Name, number[]>> {
	const all = Object.entries(contenders) as Array<[Name, Contender]>;
	const figures = Object.fromEntries(all.map(([name]) => [name, []])) as unknown as Record<Name, number[]>;
	const calls = new Map(all.map(([name]) => [name, 1]));
	for (let round = -Math.ceil(rounds / 3); round < rounds; round++) {
		for (const [name, contender] of all) {
			const each = await microsecondsPerCall(contender, calls.get(name) ?? 1);
			// How fast it is shows only when it is compiled, so the number of calls follows in every round.
			calls.set(name, Math.max(1, Math.round((milliseconds * 1000) / each)));
			if (round >= 0) figures[name].push(each);
		}
	}
	return figures;
}
