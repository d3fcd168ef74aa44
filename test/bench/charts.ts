import type { TopLevelSpec } from 'vega-lite';

import { VERIFIERS } from './figures';
import type { Curve, Figures, ScenarioFigures } from './figures';
import { SETTING_NAMES } from './n8n';
import { figure, spreadOf } from './statistics';
import type { Point } from './statistics';
import { CONNECTIONS } from './tables';

/** Colours that also differ for red-green colour-blind readers. @see Okabe and Ito, Color Universal Design */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8c6d1f', '#5a5a5a'];
/** Pages may be dark. */
const CONFIG = { background: '#fff', padding: 16, config: { font: 'system-ui, sans-serif', range: { category: COLOURS } } };

async function svgOf(spec: TopLevelSpec): Promise<string> {
	// They have ES modules alone, which this file, a CommonJS module, can only load so.
	const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
	return `${await new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG()}\n`;
}

/** Horizontal bars in groups, each as long as its median, with a line from the lowest to the highest. */
async function barChart(title: string, scenarios: readonly ScenarioFigures[], by: 'trigger' | 'delivery'): Promise<string> {
	const values = scenarios.map(({ setting, perSecond, ...scenario }) => {
		const { min, median, max } = spreadOf(perSecond);
		return { setting, name: scenario[by], min, median, max, label: figure(median) };
	});
	return await svgOf({
		...CONFIG,
		title: { text: title, anchor: 'start' },
		data: { values },
		facet: { row: { field: 'setting', title: null, sort: SETTING_NAMES, header: { labelAngle: 0, labelAlign: 'left' } } },
		spec: {
			width: 440,
			encoding: { y: { field: 'name', title: null, sort: null, axis: { labelLimit: 0 } } },
			layer: [
				{
					mark: { type: 'bar', height: 13 },
					encoding: {
						x: { field: 'median', type: 'quantitative', title: 'deliveries per second' },
						color: { field: 'name', sort: null, legend: null },
					},
				},
				{ mark: 'rule', encoding: { x: { field: 'min', type: 'quantitative' }, x2: { field: 'max' } } },
				{
					mark: { type: 'text', align: 'left', dx: 5 },
					encoding: { x: { field: 'max', type: 'quantitative' }, text: { field: 'label' } },
				},
			],
		},
	});
}

interface Line {
	readonly name: string;
	readonly points: readonly Point[];
}

const TICKS = [0, 1, 2, 3, 4].flatMap((power) => [10 ** power, 3 * 10 ** power]);

/** Lines on logarithmic axes: what grows in proportion rises like the diagonal of a square. */
async function lineChart(title: string, x: string, y: string, lines: readonly Line[]): Promise<string> {
	const axis = { type: 'quantitative', scale: { type: 'log' }, axis: { values: TICKS, format: ',~g' } } as const;
	return await svgOf({
		...CONFIG,
		title: { text: title, anchor: 'start' },
		width: 440,
		height: 260,
		data: { values: lines.flatMap(({ name, points }) => points.map((point) => ({ name, x: point.x, y: point.y }))) },
		mark: { type: 'line', point: true },
		encoding: {
			x: { field: 'x', title: x, ...axis },
			y: { field: 'y', title: y, ...axis },
			color: { field: 'name', title: null, sort: null, legend: { labelLimit: 0 } },
		},
	});
}

const linesOf = (curves: readonly Curve[], name: string): Line[] =>
	curves.filter(({ by }) => by === name).map(({ what, points }) => ({ name: what, points }));

/** The charts of docs/performance.md, by their file's name in docs/bench. */
export async function chartsOf({ throughput, functions, scaling }: Figures): Promise<Record<string, string>> {
	const charts: Record<string, string> = {};
	if (throughput) {
		const all = throughput.scenarios.filter(({ next, connections }) => next === 'No-Op' && connections === CONNECTIONS);
		const accepted = all.filter(({ delivery }) => delivery === 'accepted');
		const ours = all.filter(({ trigger }) => trigger === 'Clerk Trigger');
		charts['triggers.svg'] = await barChart('Accepted deliveries per second, by setting of n8n', accepted, 'trigger');
		charts['deliveries.svg'] = await barChart('Clerk Trigger: deliveries per second, by outcome', ours, 'delivery');
	}
	if (functions) {
		const sizes = Object.entries(functions.verification);
		const lines = VERIFIERS.map((name) => ({
			name,
			points: sizes.map(([size, by]) => ({ x: Number(size), y: by[name].median })),
		}));
		charts['verification.svg'] = await lineChart('Verify and parse', 'KB of the body', 'µs', lines);
	}
	for (const [file, by] of [
		['workflows.svg', 'active workflows'],
		['bodies.svg', 'KB of the body'],
	] as const) {
		const lines = linesOf(scaling?.curves ?? [], by);
		if (lines.length > 0) charts[file] = await lineChart(`CPU time for each delivery, by ${by}`, by, 'CPU ms', lines);
	}
	return charts;
}
