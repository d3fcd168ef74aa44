import type { DoorFigures, LaneFigures, LaneKey } from './doors/figures';
import { find } from './doors/figures';
import type { Setting } from './host';
import type { MicroFigures } from './micro/figures';
import { ratios, spreadOf } from './statistics';
import type { Spread } from './statistics';

/** What was promised, and what was measured. */
export interface Bar {
	readonly name: string;
	/** Of the median. */
	readonly wanted: { readonly atLeast: number } | { readonly atMost: number };
	readonly measured: Spread;
	readonly unit: string;
}

export function holds({ wanted, measured: { median } }: Bar): boolean {
	return 'atLeast' in wanted ? median >= wanted.atLeast : median <= wanted.atMost;
}

const TIMES = '×';

/**
 * How many times as many deliveries per second the one takes as the other, in all rounds and with all
 * numbers of connections at which both were measured; null where there are none.
 */
export function rateRatios(
	figures: DoorFigures,
	shared: Partial<LaneKey>,
	one: Partial<LaneKey>,
	other: Partial<LaneKey>,
): Spread | null {
	return pooled(figures, { ...shared, ...one }, { ...shared, ...other }, (a, b) => ratios(a.perSecond, b.perSecond));
}

/** The same by CPU time: how many times as much of it a delivery takes at the other. */
export function cpuRatios(
	figures: DoorFigures,
	shared: Partial<LaneKey>,
	one: Partial<LaneKey>,
	other: Partial<LaneKey>,
): Spread | null {
	return pooled(figures, { ...shared, ...one }, { ...shared, ...other }, (a, b) => ratios(b.cpuMs, a.cpuMs));
}

function pooled(
	figures: DoorFigures,
	one: Partial<LaneKey>,
	other: Partial<LaneKey>,
	compare: (one: LaneFigures, other: LaneFigures) => number[],
): Spread | null {
	const all = figures.lanes
		.filter((lane) => isLane(lane, { ending: 'No-Op', ...one }))
		.flatMap((lane) => {
			const base = find(figures, { ending: 'No-Op', ...other, connections: lane.connections });
			return base ? compare(lane, base) : [];
		});
	return all.length > 0 ? spreadOf(all) : null;
}

function isLane(lane: LaneFigures, key: Partial<LaneKey>): boolean {
	return (Object.entries(key) as Array<[keyof LaneKey, unknown]>).every(([name, value]) => lane[name] === value);
}

function exactly(value: number): Spread {
	return { min: value, median: value, max: value };
}

function doorBarsFor(figures: DoorFigures, setting: Setting): Bar[] {
	const bars: Bar[] = [];
	const bar = (name: string, wanted: Bar['wanted'], measured: Spread | null, unit = TIMES) => {
		if (measured) bars.push({ name: `${name}, ${setting}`, wanted, measured, unit });
	};
	const rate = (one: Partial<LaneKey>, other: Partial<LaneKey>) => rateRatios(figures, { setting }, one, other);
	const accepted = { door: 'ours', delivery: 'accepted' } as const;
	if (setting !== 'default') {
		bar(
			'accepted, against the unsigned Webhook node',
			{ atLeast: 0.95 },
			rate(accepted, { door: 'Webhook', delivery: 'accepted' }),
		);
	}
	for (const door of ['Stripe Trigger', 'GitHub Trigger'] as const) {
		const least = setting === 'lazy' ? 3 : 1;
		bar(`accepted, against the ${door}`, { atLeast: least }, rate(accepted, { door, delivery: 'accepted' }));
	}
	bar('a late sign-up, against accepted', { atLeast: 0.9 }, rate({ door: 'ours', delivery: 'late' }, accepted));
	if (setting !== 'default') {
		for (const delivery of ['forged', 'ignored', 'duplicate'] as const) {
			bar(`${delivery}, against accepted`, { atLeast: 4 }, rate({ door: 'ours', delivery }, accepted));
		}
	}
	for (const delivery of ['forged', 'ignored', 'duplicate'] as const) {
		const lane = find(figures, { setting, door: 'ours', delivery });
		if (lane) bar(`executions for each ${delivery} one`, { atMost: 0 }, exactly(lane.executions), '');
	}
	const byHand = { door: 'made by hand', delivery: 'mix' } as const;
	bar('a mix with half unwanted, against a chain made by hand', { atLeast: 2 }, rate({ door: 'ours', delivery: 'mix' }, byHand));
	const [ourMix, theirMix] = [find(figures, { setting, door: 'ours', delivery: 'mix' }), find(figures, { setting, ...byHand })];
	if (ourMix && theirMix) {
		const share = ourMix.executions / theirMix.executions;
		// An odd number of deliveries can't be halved, and each round may have one.
		const half = Math.ceil(500 + (500 * ourMix.perSecond.length) / ourMix.deliveries) / 1000;
		bar('executions for the mix, against a chain made by hand', { atMost: half }, exactly(share));
	}
	bar(
		'every option on, against the default',
		{ atLeast: 0.9 },
		rate({ door: 'every option on', delivery: 'accepted' }, accepted),
	);
	return bars;
}

export function doorBars(figures: DoorFigures): Bar[] {
	const settings = [...new Set(figures.lanes.map(({ setting }) => setting))];
	const wrong = figures.lanes.reduce((sum, lane) => sum + lane.wrong, 0);
	return [
		...settings.flatMap((setting) => doorBarsFor(figures, setting)),
		{
			name: 'answers and executions other than expected, at all doors',
			wanted: { atMost: 0 },
			measured: exactly(wrong),
			unit: '',
		},
	];
}

const KB = 1024;

export function microBars(figures: MicroFigures): Bar[] {
	const { againstBareLimit, svixAgainstOurs, normalising, switchedOff, loading, tarball } = figures;
	const bars: Array<Bar | null> = [
		atMost('verify and parse 3 KB, against the bare limit', 1.3, againstBareLimit['3']?.ours, TIMES),
		...(svixAgainstOurs['3']
			? [{ name: 'verify and parse 3 KB, faster than svix', wanted: { atLeast: 4 }, measured: svixAgainstOurs['3'], unit: TIMES }]
			: []),
		atMost('normalise a typical user', 20, normalising['typical user'], 'µs'),
		...Object.entries(switchedOff).map(([name, measured]) => atMost(`normalise, ${name}, against none`, 1.1, measured, TIMES)),
		atMost('load both node files', 15, loading, 'ms'),
		atMost('packed tarball, without pictures', 80, exactly(tarball.withoutPictures / KB), 'KB'),
	];
	return bars.filter((bar) => bar !== null);
}

function atMost(name: string, bound: number, measured: Spread | undefined, unit: string): Bar | null {
	return measured ? { name, wanted: { atMost: bound }, measured, unit } : null;
}
