import { growthOf, quantile, ratios, spreadOf } from './statistics';

test.each([
	{ values: [3, 1, 2], share: 0.5, is: 2 },
	{ values: [1, 2, 3, 4], share: 0.5, is: 2.5 },
	{ values: [1, 2, 3, 4], share: 0, is: 1 },
	{ values: [1, 2, 3, 4], share: 1, is: 4 },
	{ values: [0, 100], share: 0.99, is: 99 },
	{ values: [7], share: 0.99, is: 7 },
])('of $values, the share $share lies below $is', ({ values, share, is }) => {
	expect(quantile(values, share)).toBeCloseTo(is, 10);
});

test('there is no quantile of nothing', () => {
	expect(() => quantile([], 0.5)).toThrow('nothing');
});

test('a spread is the lowest, the middle and the highest', () => {
	expect(spreadOf([5, 1, 3])).toEqual({ min: 1, median: 3, max: 5 });
});

test('a ratio is taken within each round', () => {
	expect(ratios([10, 5], [5, 2.5])).toEqual([2, 2]);
	expect(() => ratios([1], [1, 2])).toThrow('1 rounds against 2');
});

/** Points of y = f(x) at 1, 10, 100, 1000. */
const curve = (f: (x: number) => number) => [1, 10, 100, 1000].map((x) => ({ x, y: f(x) }));

test.each([
	{ name: 'always the same', points: curve(() => 8), is: 'flat' },
	{ name: 'a quarter more or less', points: curve((x) => 8 + (x % 3)), is: 'flat' },
	{ name: 'less and less', points: curve((x) => 8 - Math.log10(x)), is: 'flat' },
	{ name: 'in proportion', points: curve((x) => 2 * x), is: 'linear' },
	{ name: 'with a base', points: curve((x) => 5 + x / 10), is: 'linear' },
	{ name: 'like a logarithm', points: curve((x) => 1 + Math.log10(x)), is: 'linear' },
	{ name: 'like a sort', points: curve((x) => x * (1 + Math.log10(x))), is: 'worse than linear' },
	{ name: 'like a square', points: curve((x) => 1 + x * x), is: 'worse than linear' },
	{ name: 'dearer only at the end', points: curve((x) => (x < 1000 ? 1 : 50)), is: 'worse than linear' },
])('what costs $name is $is', ({ points, is }) => {
	expect(growthOf(points)).toBe(is);
});
