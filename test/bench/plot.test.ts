import { barChart, lineChart } from './plot';

const exactly = (value: number) => ({ min: value, median: value, max: value });

test('a bar is as long as its value, beside the longest', () => {
	const chart = barChart('Doors', [
		{
			name: 'lazy',
			bars: [
				{ name: 'a', value: exactly(100) },
				{ name: 'b', value: exactly(50) },
			],
		},
	]);
	const [all = 0, half = 0] = [...chart.matchAll(/width="([\d.]+)" height="15"/g)].map(([, width]) => Number(width));
	expect(all).toBeGreaterThan(0);
	expect(half).toBeCloseTo(all / 2, 1);
});

test('what grows in proportion is a straight line on logarithmic axes', () => {
	const points = [1, 10, 100].map((x) => ({ x, y: 3 * x }));
	const chart = lineChart({ title: 'Bodies', x: 'KB', y: 'ms', lines: [{ name: 'ours', points }] });
	const places = [...chart.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
	expect(places).toHaveLength(3);
	const [first, middle, last] = places as [(typeof places)[0], (typeof places)[0], (typeof places)[0]];
	expect(middle[0]).toBeCloseTo((first[0] + last[0]) / 2, 0);
	expect(middle[1]).toBeCloseTo((first[1] + last[1]) / 2, 0);
	expect(last[1]).toBeLessThan(first[1]);
});

test('names are escaped', () => {
	expect(barChart('a < b & "c"', [{ name: 'x', bars: [{ name: 'y', value: exactly(1) }] }])).toContain(
		'a &lt; b &amp; &quot;c&quot;',
	);
});
