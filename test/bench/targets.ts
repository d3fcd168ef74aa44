import type { Figures, FunctionFigures, ScenarioFigures, ScenarioKey, ThroughputFigures } from './figures';
import { ratios, spreadOf } from './statistics';
import type { Spread } from './statistics';

/** What the package promises of its performance, and what was measured. */
export interface Target {
	readonly name: string;
	/** Of the median. */
	readonly wanted: { readonly atLeast: number } | { readonly atMost: number };
	readonly measured: Spread;
	readonly unit: string;
}

export function isMet({ wanted, measured: { median } }: Target): boolean {
	return 'atLeast' in wanted ? median >= wanted.atLeast : median <= wanted.atMost;
}

/** The limit as a person writes it: "≥ 4 ×". */
export function limitOf({ wanted, unit }: Target): string {
	const [sign, limit] = 'atLeast' in wanted ? ['≥', wanted.atLeast] : ['≤', wanted.atMost];
	return `${sign} ${limit} ${unit}`.trim();
}

const TIMES = '×';
type Key = Partial<ScenarioKey>;

function isScenario(scenario: ScenarioFigures, key: Key): boolean {
	return (Object.entries(key) as Array<[keyof ScenarioKey, unknown]>).every(([name, value]) => scenario[name] === value);
}

function find({ scenarios }: ThroughputFigures, key: Key): ScenarioFigures | undefined {
	return scenarios.find((scenario) => isScenario(scenario, { next: 'No-Op', ...key }));
}

/**
 * How many times as many deliveries per second one scenario takes as the other, in all rounds and with
 * all numbers of connections at which both were measured; null where there are none.
 * @param what `cpuMs` gives the same by CPU time: how many times as much of it a delivery takes in the other
 */
export function compare(
	figures: ThroughputFigures,
	one: Key,
	other: Key,
	what: 'perSecond' | 'cpuMs' = 'perSecond',
): Spread | null {
	const all = figures.scenarios
		.filter((scenario) => isScenario(scenario, { next: 'No-Op', ...one }))
		.flatMap((scenario) => {
			const base = find(figures, { ...other, connections: scenario.connections });
			if (!base) return [];
			return what === 'perSecond' ? ratios(scenario.perSecond, base.perSecond) : ratios(base.cpuMs, scenario.cpuMs);
		});
	return all.length > 0 ? spreadOf(all) : null;
}

const exactly = (value: number): Spread => ({ min: value, median: value, max: value });

function throughputTargetsFor(figures: ThroughputFigures, setting: ScenarioKey['setting']): Target[] {
	const targets: Target[] = [];
	const add = (name: string, wanted: Target['wanted'], measured: Spread | null, unit = TIMES) => {
		if (measured) targets.push({ name: `${name}, ${setting}`, wanted, measured, unit });
	};
	const ours = { setting, trigger: 'Clerk Trigger' } as const;
	const accepted = { ...ours, delivery: 'accepted' } as const;
	const to = (trigger: ScenarioKey['trigger']) => compare(figures, accepted, { ...accepted, trigger });
	if (setting !== 'default') add('accepted, against the unsigned Webhook node', { atLeast: 0.95 }, to('Webhook node'));
	const least = setting === 'lazy' ? 3 : 1;
	add('accepted, against the Stripe Trigger', { atLeast: least }, to('Stripe Trigger'));
	add('accepted, against the GitHub Trigger', { atLeast: least }, to('GitHub Trigger'));
	add('a late sign-up, against accepted', { atLeast: 0.9 }, compare(figures, { ...ours, delivery: 'late' }, accepted));
	const withoutExecution = ['forged', 'ignored', 'duplicate'] as const;
	for (const delivery of setting === 'default' ? [] : withoutExecution) {
		add(`${delivery}, against accepted`, { atLeast: 4 }, compare(figures, { ...ours, delivery }, accepted));
	}
	for (const delivery of withoutExecution) {
		const found = find(figures, { ...ours, delivery });
		if (found) add(`executions for each ${delivery} delivery`, { atMost: 0 }, exactly(found.executions), '');
	}
	const mixed = { ...ours, delivery: 'mixed' } as const;
	const byHand = { ...mixed, trigger: 'Webhook and Code nodes' } as const;
	add('half of the deliveries unwanted, against Webhook and Code nodes', { atLeast: 2 }, compare(figures, mixed, byHand));
	const [ourMix, theirMix] = [find(figures, mixed), find(figures, byHand)];
	if (ourMix && theirMix) {
		// An odd number of deliveries can't be halved, and each round may have one.
		const half = Math.ceil(500 + (500 * ourMix.perSecond.length) / ourMix.deliveries) / 1000;
		const share = exactly(ourMix.executions / theirMix.executions);
		add('executions with half unwanted, against Webhook and Code nodes', { atMost: half }, share);
	}
	const allOptions = { ...accepted, trigger: 'Clerk Trigger, all options' } as const;
	add('all options set, against the defaults', { atLeast: 0.9 }, compare(figures, allOptions, accepted));
	return targets;
}

function throughputTargets(figures: ThroughputFigures): Target[] {
	const settings = [...new Set(figures.scenarios.map(({ setting }) => setting))];
	const wrong = figures.scenarios.reduce((sum, scenario) => sum + scenario.wrong, 0);
	const name = 'wrong answers and wrong numbers of executions, in all scenarios';
	return [
		...settings.flatMap((setting) => throughputTargetsFor(figures, setting)),
		{ name, wanted: { atMost: 0 }, measured: exactly(wrong), unit: '' },
	];
}

const KB = 1024;

function functionTargets({ againstLowerBound, svixAgainstOurs, items, ...figures }: FunctionFigures): Target[] {
	const atMost = (name: string, limit: number, measured: Spread | undefined, unit: string): Target[] =>
		measured ? [{ name, wanted: { atMost: limit }, measured, unit }] : [];
	const svix = svixAgainstOurs['3'];
	return [
		...atMost('verify and parse 3 KB, against the lower bound', 1.3, againstLowerBound['3']?.['this package'], TIMES),
		...(svix ? [{ name: 'verify and parse 3 KB, faster than svix', wanted: { atLeast: 4 }, measured: svix, unit: TIMES }] : []),
		...atMost('make items of a typical user', 20, items['typical user'], 'µs'),
		...Object.entries(figures.unusedSettings).flatMap(([name, measured]) =>
			atMost(`make items, ${name}, against none`, 1.1, measured, TIMES),
		),
		...atMost('load both node files', 15, figures.loading, 'ms'),
		...atMost('packed tarball, without pictures', 80, exactly(figures.tarball.withoutPictures / KB), 'KB'),
	];
}

export function targetsOf({ throughput, functions }: Figures): Target[] {
	return [...(throughput ? throughputTargets(throughput) : []), ...(functions ? functionTargets(functions) : [])];
}
