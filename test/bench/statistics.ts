/** Lowest, middle and highest of some measurements, in their unit. */
export interface Spread {
	readonly min: number;
	readonly median: number;
	readonly max: number;
}

/**
 * The value below which this share of the measurements lies; between two of them, in proportion.
 * @param share 0 to 1
 * @throws if there are none
 */
export function quantile(values: readonly number[], share: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	const place = (sorted.length - 1) * share;
	const below = sorted[Math.floor(place)];
	const above = sorted[Math.ceil(place)];
	if (below === undefined || above === undefined) throw new Error('There is nothing to take a quantile of');
	return below + (above - below) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
	return quantile(values, 0.5);
}

export function spreadOf(values: readonly number[]): Spread {
	return { min: quantile(values, 0), median: median(values), max: quantile(values, 1) };
}

/**
 * How many times as much, round by round: what slows the machine down in one round slows both sides of its ratio.
 * @throws if one side was measured in fewer rounds
 */
export function ratios(values: readonly number[], base: readonly number[]): number[] {
	if (values.length !== base.length) throw new Error(`${values.length} rounds against ${base.length}`);
	return values.map((value, round) => value / (base[round] ?? NaN));
}

/** How something grows with something else. */
export type Growth = 'flat' | 'linear' | 'worse than linear';

export interface Point {
	readonly x: number;
	readonly y: number;
}

/** Below this factor between the lowest and the highest point, a curve is called flat: rounds of the same differ by as much. */
const FLAT = 1.3;
/** Of y = x^e: what is measured as 1.25 may still be linear, with a step of a cache or an allocator in it. */
const LINEAR = 1.25;

/**
 * Whether a cost stays, grows in proportion at most, or faster.
 * @param points with x above 0, by growing x
 */
export function growthOf(points: readonly Point[]): Growth {
	const costs = points.map(({ y }) => y);
	// Against the first: one that falls, as where n8n gets warmer meanwhile, isn't worse than flat.
	if (Math.max(...costs) / (costs[0] ?? NaN) <= FLAT) return 'flat';
	const exponents = points.slice(1).map((point, index) => {
		const before = points[index] as Point;
		return Math.log(point.y / before.y) / Math.log(point.x / before.x);
	});
	return Math.max(...exponents) <= LINEAR ? 'linear' : 'worse than linear';
}
