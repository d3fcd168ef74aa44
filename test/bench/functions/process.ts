import { toolchain } from '../../support/toolchain';
import { VERIFIERS } from '../figures';
import type { FunctionFigures, Verifier } from '../figures';
import { thisMachine } from '../machine';
import { VERSION } from '../n8n';
import { ratios, rounded, spreadOf } from '../statistics';
import type { Spread } from '../statistics';
import { makingItems, remembering, selecting } from './items';
import { loadTimes, tarballSize } from './package';
import { timed } from './timing';
import type { TimingPlan } from './timing';
import { SIZES, verifiers } from './verification';

/** `main.ts` starts this in a process of its own, in which nothing else has run before. */

export interface FunctionsPlan extends TimingPlan {
	/** How often the node files are loaded. */
	readonly loads: number;
}

function spread(values: number[]): Spread {
	const { min, median, max } = spreadOf(values);
	return { min: rounded(min), median: rounded(median), max: rounded(max) };
}

function spreads<Name extends string>(figures: Record<Name, number[]>): Record<Name, Spread> {
	const all = Object.entries(figures) as Array<[Name, number[]]>;
	return Object.fromEntries(all.map(([name, values]) => [name, spread(values)])) as Record<Name, Spread>;
}

async function measure(plan: FunctionsPlan): Promise<FunctionFigures> {
	const verification: Record<string, Record<Verifier, Spread>> = {};
	const againstLowerBound: Record<string, Record<Verifier, Spread>> = {};
	const svixAgainstOurs: Record<string, Spread> = {};
	for (const size of SIZES) {
		const times = await timed(verifiers(size), plan);
		verification[size] = spreads(times);
		const against = VERIFIERS.map((name) => [name, spread(ratios(times[name], times['lower bound']))]);
		againstLowerBound[size] = Object.fromEntries(against) as Record<Verifier, Spread>;
		svixAgainstOurs[size] = spread(ratios(times.svix, times['this package']));
	}
	const items = await timed(makingItems(), plan);
	const unused = (name: keyof typeof items): [string, Spread] => [name, spread(ratios(items[name], items['typical user']))];
	return {
		machine: thisMachine(VERSION),
		verification,
		againstLowerBound,
		svixAgainstOurs,
		items: spreads(items),
		unusedSettings: Object.fromEntries([unused('all options at their defaults'), unused('100 inactive mappings')]),
		selecting: spreads(await timed(selecting(), plan)),
		remembering: spreads(await timed(remembering(), plan)),
		loading: spread(await loadTimes(plan.loads)),
		tarball: tarballSize(toolchain().tarball),
	};
}

process.once('message', (plan: FunctionsPlan) => {
	measure(plan).then(
		(figures) => process.send?.(figures, () => process.disconnect()),
		(failure: unknown) => {
			process.stderr.write(`${failure instanceof Error ? failure.stack : String(failure)}\n`);
			process.exit(1);
		},
	);
});
