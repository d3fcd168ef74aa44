import { max, median, min } from 'simple-statistics';

/** Lowest, median and highest of some measurements, in their unit. */
export interface Spread {
	readonly min: number;
	readonly median: number;
	readonly max: number;
}

export function spreadOf(values: number[]): Spread {
	return { min: min(values), median: median(values), max: max(values) };
}

/**
 * How many times as much, round by round: what slows the machine down in one round slows both sides of its ratio.
 * @throws if one side was measured in fewer rounds
 */
export function ratios(values: readonly number[], base: readonly number[]): number[] {
	if (values.length !== base.length) throw new Error(`${values.length} rounds against ${base.length}`);
	return values.map((value, round) => value / (base[round] ?? NaN));
}

export interface Point {
	readonly x: number;
	readonly y: number;
}

/** Rounds of the same thing differ by as much between the lowest and the highest. */
const FLAT = 1.3;
/** Of y = x^e: what is measured as 1.25 may still be linear, with a step of a cache or an allocator in it. */
const LINEAR = 1.25;

/**
 * Whether a cost stays, grows in proportion at most, or faster.
 * @param points with x above 0, by growing x
 */
export function growthOf(points: readonly Point[]): 'flat' | 'linear' | 'worse than linear' {
	// Against the first: one that falls, as where n8n gets warmer meanwhile, isn't worse than flat.
	if (max(points.map(({ y }) => y)) / (points[0]?.y ?? NaN) <= FLAT) return 'flat';
	const exponents = points.slice(1).map(({ x, y }, index) => {
		const before = points[index] ?? { x: NaN, y: NaN };
		return Math.log(y / before.y) / Math.log(x / before.x);
	});
	return max(exponents) <= LINEAR ? 'linear' : 'worse than linear';
}

/** A figure with no more digits than it is good for. */
export function rounded(value: number, digits = 4): number {
	return Number(value.toPrecision(digits));
}

/** A number as a person reads it, with three digits or as a whole one: 0.0123, 1.23, 12.3, 1,234. */
export function figure(value: number): string {
	if (!Number.isFinite(value)) return '–';
	const short = Math.abs(value) >= 100 ? Math.round(value) : rounded(value, 3);
	return short.toLocaleString('en', { maximumFractionDigits: 6 });
}
