import { VERSION } from '../host';
import { toolchain } from '../../support/toolchain';
import { rounded } from '../doors/figures';
import { thisMachine } from '../machine';
import { ratios, spreadOf } from '../statistics';
import type { Spread } from '../statistics';
import type { MicroFigures } from './figures';
import { CONTENDERS } from './contenders';
import type { Verifier } from './contenders';
import { choosing, normalising } from './normalising';
import { loadTimes, tarballSize } from './package';
import { remembering } from './remembering';
import type { MicroPlan } from './run';
import { timed } from './timing';
import { SIZES, verifiers } from './verification';

function spread(values: readonly number[]): Spread {
	const { min, median, max } = spreadOf(values);
	return { min: rounded(min), median: rounded(median), max: rounded(max) };
}

function spreads<Name extends string>(figures: Record<Name, number[]>): Record<Name, Spread> {
	const all = Object.entries(figures) as Array<[Name, number[]]>;
	return Object.fromEntries(all.map(([name, values]) => [name, spread(values)])) as Record<Name, Spread>;
}

async function measure(plan: MicroPlan): Promise<MicroFigures> {
	const verification: Record<string, Record<Verifier, Spread>> = {};
	const againstBareLimit: Record<string, Record<Verifier, Spread>> = {};
	const svixAgainstOurs: Record<string, Spread> = {};
	for (const size of SIZES) {
		const times = await timed(verifiers(size), plan);
		verification[size] = spreads(times);
		const against = CONTENDERS.map((name) => [name, spread(ratios(times[name], times['bare limit']))]);
		againstBareLimit[size] = Object.fromEntries(against) as Record<Verifier, Spread>;
		svixAgainstOurs[size] = spread(ratios(times.svix, times.ours));
	}
	const normalised = await timed(normalising(), plan);
	const typical = normalised['typical user'];
	const off = (name: keyof typeof normalised): [string, Spread] => [name, spread(ratios(normalised[name], typical))];
	return {
		machine: thisMachine(VERSION),
		verification,
		againstBareLimit,
		svixAgainstOurs,
		normalising: spreads(normalised),
		switchedOff: Object.fromEntries([off('every option there, switched off'), off('100 mappings, switched off')]),
		choosing: spreads(await timed(choosing(), plan)),
		remembering: spreads(await timed(remembering(), plan)),
		loading: spread(await loadTimes(plan.loads)),
		tarball: tarballSize(toolchain().tarball),
	};
}

process.once('message', (plan: MicroPlan) => {
	measure(plan).then(
		(figures) => process.send?.(figures, () => process.disconnect()),
		(failure: unknown) => {
			process.stderr.write(`${failure instanceof Error ? failure.stack : String(failure)}\n`);
			process.exit(1);
		},
	);
});
