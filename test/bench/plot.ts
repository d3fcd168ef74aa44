import { figure } from './markdown';
import type { Point, Spread } from './statistics';

/** Distinct, also to readers who don't tell red from green. @see Okabe and Ito, Color Universal Design */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8c6d1f', '#5a5a5a'];
const FONT = 'font-family="system-ui, sans-serif" font-size="13" fill="#222"';
const WIDTH = 760;

function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function text(x: number, y: number, words: string, more = ''): string {
	return `<text x="${at(x)}" y="${at(y)}" ${more}>${escaped(words)}</text>`;
}

/** A coordinate, to a tenth of a pixel. */
function at(value: number): string {
	return String(Math.round(value * 10) / 10);
}

function picture(title: string, height: number, inside: readonly string[]): string {
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" ${FONT}>`,
		`<title>${escaped(title)}</title>`,
		// Pages may be dark.
		`<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
		text(16, 26, title, 'font-size="15" font-weight="600"'),
		...inside,
		'</svg>',
		'',
	].join('\n');
}

export interface BarGroup {
	readonly name: string;
	readonly bars: ReadonlyArray<{ readonly name: string; readonly value: Spread }>;
}

/**
 * Lying bars in groups, each as long as its median, with a line from the lowest to the highest.
 * @returns an SVG document
 */
export function barChart(title: string, groups: readonly BarGroup[]): string {
	const [left, right, row] = [200, 70, 22];
	const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value.max)));
	const length = (value: number) => (value / most) * (WIDTH - left - right);
	const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ name }) => name)))];
	const inside: string[] = [];
	let y = 48;
	for (const { name: group, bars } of groups) {
		inside.push(text(16, y + 14, group, 'font-weight="600"'));
		y += row;
		for (const { name, value } of bars) {
			const colour = COLOURS[names.indexOf(name) % COLOURS.length];
			const middle = at(y + row / 2 - 2);
			inside.push(
				text(left - 8, y + 14, name, 'text-anchor="end"'),
				`<rect x="${left}" y="${at(y + 2)}" width="${at(length(value.median))}" height="${row - 7}" fill="${colour}"/>`,
				`<path d="M${at(left + length(value.min))} ${middle}H${at(left + length(value.max))}" stroke="#222" stroke-width="1.5"/>`,
				text(left + length(value.max) + 6, y + 14, figure(value.median)),
			);
			y += row;
		}
		y += 10;
	}
	return picture(title, y + 8, inside);
}

export interface Line {
	readonly name: string;
	readonly points: readonly Point[];
}

export interface LineChart {
	readonly title: string;
	readonly x: string;
	readonly y: string;
	readonly lines: readonly Line[];
}

/** The powers of ten, and their halves of a step where there are few, from the lowest to the highest. */
function ticksOf(least: number, most: number): number[] {
	const decades = Math.log10(most / least);
	const steps = decades > 2.5 ? [1] : [1, 2, 5];
	const ticks: number[] = [];
	for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
		ticks.push(...steps.map((step) => step * 10 ** power));
	}
	return ticks.filter((tick) => tick >= least * 0.999 && tick <= most * 1.001);
}

/** Room above and below the curve: with hardly any, a flat curve would look steep. */
function rangeOf(values: readonly number[], leastFactor: number): [number, number] {
	const [least, most] = [Math.min(...values), Math.max(...values)];
	const missing = Math.max(1.15, Math.sqrt(leastFactor / Math.min(leastFactor, most / least)));
	return [least / missing, most * missing];
}

/**
 * Lines in a plane whose axes are both logarithmic: what grows in proportion rises like the diagonal of a square.
 * @returns an SVG document
 */
export function lineChart({ title, x, y, lines }: LineChart): string {
	const [left, right, top, bottom, height] = [72, 220, 46, 56, 380];
	const all = lines.flatMap(({ points }) => points);
	const [xLeast, xMost] = rangeOf(
		all.map((point) => point.x),
		2,
	);
	const [yLeast, yMost] = rangeOf(
		all.map((point) => point.y),
		20,
	);
	const place = (value: number, least: number, most: number) => Math.log(value / least) / Math.log(most / least);
	const across = (value: number) => left + place(value, xLeast, xMost) * (WIDTH - left - right);
	const up = (value: number) => height - bottom - place(value, yLeast, yMost) * (height - top - bottom);
	const grid = '#ddd';
	const inside = [
		...ticksOf(xLeast, xMost).flatMap((tick) => [
			`<path d="M${at(across(tick))} ${top}V${height - bottom}" stroke="${grid}"/>`,
			text(across(tick), height - bottom + 18, figure(tick), 'text-anchor="middle"'),
		]),
		...ticksOf(yLeast, yMost).flatMap((tick) => [
			`<path d="M${left} ${at(up(tick))}H${WIDTH - right}" stroke="${grid}"/>`,
			text(left - 8, up(tick) + 4, figure(tick), 'text-anchor="end"'),
		]),
		text((left + WIDTH - right) / 2, height - 12, x, 'text-anchor="middle"'),
		text(16, top - 2, y),
	];
	lines.forEach(({ name, points }, index) => {
		const colour = COLOURS[index % COLOURS.length];
		const path = points.map((point, step) => `${step === 0 ? 'M' : 'L'}${at(across(point.x))} ${at(up(point.y))}`).join('');
		inside.push(
			`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
			...points.map((point) => `<circle cx="${at(across(point.x))}" cy="${at(up(point.y))}" r="3.5" fill="${colour}"/>`),
			`<rect x="${WIDTH - right + 16}" y="${top + index * 22}" width="12" height="12" fill="${colour}"/>`,
			text(WIDTH - right + 34, top + index * 22 + 11, name),
		);
	});
	return picture(title, height, inside);
}
