import { cpuRatios, doorBars, holds, microBars, rateRatios } from './bars';
import type { Bar } from './bars';
import type { DoorFigures, LaneFigures } from './doors/figures';
import type { ProfileFigures } from './doors/profiling';
import { along } from './growth/figures';
import type { Curve, GrowthFigures } from './growth/figures';
import type { Setting } from './host';
import type { Machine } from './machine';
import { figure, table } from './markdown';
import type { Sections } from './markdown';
import { CONTENDERS } from './micro/contenders';
import type { MicroFigures } from './micro/figures';
import { barChart, lineChart } from './plot';
import type { Line } from './plot';
import { growthOf, median, ratios, spreadOf } from './statistics';
import type { Spread } from './statistics';

/** What was measured so far; a part that was not is null. */
export interface Figures {
	readonly doors: DoorFigures | null;
	readonly micro: MicroFigures | null;
	readonly growth: GrowthFigures | null;
	readonly profile: ProfileFigures | null;
}

const NOT_MEASURED = '*Not measured yet.*';
const SETTINGS: readonly Setting[] = ['default', 'lazy', 'legacy'];
/** The number of connections at which every kind of delivery is measured. */
const CONNECTIONS = 8;

function range({ min, max }: Spread): string {
	return min === max ? '' : `${figure(min)} to ${figure(max)}`;
}

export function barsOf({ doors, micro }: Figures): Bar[] {
	return [...(doors ? doorBars(doors) : []), ...(micro ? microBars(micro) : [])];
}

/** What was wanted, as a person writes it: "≥ 4 ×". */
export function wantedText({ wanted, unit }: Bar): string {
	const [sign, bound] = 'atLeast' in wanted ? ['≥', wanted.atLeast] : ['≤', wanted.atMost];
	return `${sign} ${bound} ${unit}`.trim();
}

function barTable(bars: readonly Bar[]): string {
	return table(
		['Bar', 'Wanted', 'Median', 'Lowest to highest', ''],
		bars.map((bar) => [
			bar.name,
			wantedText(bar),
			figure(bar.measured.median),
			range(bar.measured),
			holds(bar) ? 'holds' : '**does not hold**',
		]),
	);
}

function machineText({ processor, cores, memoryGb, system, node, n8n, measured }: Machine): string {
	return `Measured on ${measured}: n8n ${n8n} on Node.js ${node}, ${system}, ${cores} cores (${processor}), ${memoryGb} GB of memory.`;
}

function doorTable({ lanes }: DoorFigures, setting: Setting): string {
	const rows = lanes.filter((lane) => lane.setting === setting && lane.ending === 'No-Op' && lane.connections === CONNECTIONS);
	if (rows.length === 0) return NOT_MEASURED;
	return table(
		['Door, delivery', 'Per second', 'Lowest to highest', 'p50 ms', 'p99 ms', 'CPU ms', 'Executions', 'Stored KB'],
		rows.map((lane) => {
			const rate = spreadOf(lane.perSecond);
			const cells = [figure(rate.median), range(rate), figure(lane.p50), figure(lane.p99), figure(median(lane.cpuMs))];
			return [`${lane.door}, ${lane.delivery}`, ...cells, figure(lane.executions), figure(lane.storedBytes / 1024)];
		}),
	);
}

/** Accepted deliveries per second at each door, by the number of connections. */
function connectionsTable({ lanes }: DoorFigures): string {
	const accepted = lanes.filter(({ delivery, ending }) => delivery === 'accepted' && ending === 'No-Op');
	const counts = [...new Set(accepted.map(({ connections }) => connections))].sort((a, b) => a - b);
	const rows = accepted.filter(({ connections }) => connections === CONNECTIONS);
	const cell = (row: LaneFigures, connections: number) => {
		const lane = accepted.find(
			(other) => other.setting === row.setting && other.door === row.door && other.connections === connections,
		);
		return lane ? `${figure(median(lane.perSecond))} (${figure(lane.p50)})` : '–';
	};
	return table(
		['Setting, door', ...counts.map((count) => (count === 1 ? '1 connection' : `${count} connections`))],
		rows.map((row) => [`${row.setting}, ${row.door}`, ...counts.map((count) => cell(row, count))]),
	);
}

/** How many times as many deliveries per second our trigger takes as other doors. */
function ratioTable(doors: DoorFigures): string {
	const rows = SETTINGS.flatMap((setting) => {
		const ratio = (name: string, one: Partial<LaneFigures>, other: Partial<LaneFigures>) => {
			const spread = rateRatios(doors, { setting }, one, other);
			const cpu = cpuRatios(doors, { setting }, one, other);
			if (!spread || !cpu) return [];
			return [[`${setting}: ${name}`, ...[spread.min, spread.median, spread.max, cpu.median].map(figure)]];
		};
		const ours = { door: 'ours', delivery: 'accepted' } as const;
		return [
			...(['Webhook', 'Webhook with a credential', 'Stripe Trigger', 'GitHub Trigger', 'made by hand'] as const).flatMap((door) =>
				ratio(`accepted, ours to ${door}`, ours, { door, delivery: 'accepted' }),
			),
			...ratio('mix, ours to made by hand', { ...ours, delivery: 'mix' }, { door: 'made by hand', delivery: 'mix' }),
			...ratio('every option on to default', { ...ours, door: 'every option on' }, ours),
			...(['late', 'forged', 'ignored', 'duplicate'] as const).flatMap((delivery) =>
				ratio(`${delivery} to accepted`, { ...ours, delivery }, ours),
			),
			...(['Stripe Trigger', 'GitHub Trigger', 'made by hand'] as const).flatMap((door) =>
				ratio(`forged, ours to ${door}`, { ...ours, delivery: 'forged' }, { door, delivery: 'forged' }),
			),
		];
	});
	return table(['Ratio of deliveries per second', 'Lowest', 'Median', 'Highest', 'By CPU time'], rows);
}

function postgresTable({ lanes }: DoorFigures): string {
	const rows = lanes.filter(({ ending }) => ending === 'Postgres');
	if (rows.length === 0) return NOT_MEASURED;
	const [ours] = rows.filter(({ door }) => door === 'ours');
	return table(
		['Setting, door', 'Per second', 'Lowest to highest', 'p50 ms', 'p99 ms', 'CPU ms', 'Ours to this'],
		rows.map((lane) => {
			const rate = spreadOf(lane.perSecond);
			const ratio = ours ? figure(median(ratios(ours.perSecond, lane.perSecond))) : '–';
			const cells = [figure(rate.median), range(rate), figure(lane.p50), figure(lane.p99), figure(median(lane.cpuMs)), ratio];
			return [`${lane.setting}, ${lane.door}`, ...cells];
		}),
	);
}

function verificationTable({ verification, againstBareLimit }: MicroFigures): string {
	const sizes = Object.keys(verification);
	return table(
		['Who', ...sizes.map((size) => `${size} KB`)],
		CONTENDERS.map((name) => [
			name,
			...sizes.map((size) => {
				const [time, against] = [verification[size]?.[name], againstBareLimit[size]?.[name]];
				return time && against ? `${figure(time.median)} µs (${figure(against.median)} ×)` : '–';
			}),
		]),
	);
}

function functionsTable({ normalising, loading, tarball }: MicroFigures): string {
	const rows: Array<[string, Spread, string]> = [
		...Object.entries(normalising).map(([name, spread]): [string, Spread, string] => [`normalise: ${name}`, spread, 'µs']),
		['load both node files', loading, 'ms'],
	];
	const kilobytes = (bytes: number) => `${figure(bytes / 1024)} KB`;
	return table(
		['What', 'Lowest', 'Median', 'Highest'],
		[
			...rows.map(([name, { min, median: middle, max }, unit]) => [
				name,
				...[min, middle, max].map((value) => `${figure(value)} ${unit}`),
			]),
			['packed tarball', '', kilobytes(tarball.packed), ''],
			['packed tarball, without pictures', '', kilobytes(tarball.withoutPictures), ''],
		],
	);
}

/** What grows within the node, beside what grows in n8n. */
function microCurves({ choosing, remembering }: MicroFigures): Curve[] {
	const curve = (name: string, what: string, by: Readonly<Record<string, Spread>>): Curve => ({
		along: name,
		what,
		unit: 'µs',
		points: Object.entries(by).map(([x, { median: y }]) => ({ x: Number(x), y, perSecond: null })),
	});
	return [
		curve('chosen events', 'read the settings and select', choosing),
		curve('remembered deliveries', 'admit and remember', remembering),
	];
}

function curvesOf({ growth, micro }: Figures): Curve[] {
	return [...(growth?.curves ?? []), ...(micro ? microCurves(micro) : [])];
}

function growthTable(curves: readonly Curve[]): string {
	return table(
		['Along, what', 'Points', 'Unit', 'Curve'],
		curves.map(({ along: name, what, unit, points }) => {
			const listed = points.map(({ x, y }) => `${figure(x)}: ${figure(y)}`).join(', ');
			return [`${name}, ${what}`, listed, unit, growthOf(points)];
		}),
	);
}

function processesTable({ webhookProcesses }: GrowthFigures): string {
	const rows = Object.entries(webhookProcesses);
	if (rows.length === 0) return NOT_MEASURED;
	return table(
		['Delivery', 'One process, per second', 'Two processes, per second', 'Two to one: lowest', 'Median', 'Highest'],
		rows.map(([name, { one, two }]) => {
			const ratio = spreadOf(ratios(two, one));
			return [name, figure(median(one)), figure(median(two)), figure(ratio.min), figure(ratio.median), figure(ratio.max)];
		}),
	);
}

/** Owners of less than this many milliseconds, in every lane, are put together. */
const SMALL = 0.1;

function profileTable({ lanes }: ProfileFigures): string {
	const names = Object.keys(lanes);
	const owners = [...new Set(names.flatMap((name) => Object.keys(lanes[name] ?? {})))];
	const isLarge = (owner: string) => names.some((name) => (lanes[name]?.[owner] ?? 0) >= SMALL);
	const sum = (name: string, wanted: (owner: string) => boolean) =>
		Object.entries(lanes[name] ?? {}).reduce((total, [owner, ms]) => total + (wanted(owner) ? ms : 0), 0);
	const row = (head: string, wanted: (owner: string) => boolean) => [head, ...names.map((name) => figure(sum(name, wanted)))];
	const large = owners.filter((owner) => isLarge(owner) || owner === 'n8n-nodes-clerk-sync');
	return table(
		['ms for each delivery', ...names],
		[
			...large.map((owner) => row(owner, (other) => other === owner)),
			row('the rest', (owner) => !large.includes(owner)),
			row('in all', () => true),
		],
	);
}

/** What docs/performance.md says between its markers. */
export function sectionsOf(figures: Figures): Sections {
	const { doors, micro, growth, profile } = figures;
	const bars = barsOf(figures);
	const machine = (doors ?? micro ?? growth)?.machine;
	const curves = curvesOf(figures);
	return {
		machine: machine ? machineText(machine) : NOT_MEASURED,
		bars: bars.length > 0 ? barTable(bars) : NOT_MEASURED,
		ratios: doors ? ratioTable(doors) : NOT_MEASURED,
		...Object.fromEntries(SETTINGS.map((setting) => [`doors ${setting}`, doors ? doorTable(doors, setting) : NOT_MEASURED])),
		connections: doors ? connectionsTable(doors) : NOT_MEASURED,
		postgres: doors ? postgresTable(doors) : NOT_MEASURED,
		verification: micro ? verificationTable(micro) : NOT_MEASURED,
		functions: micro ? functionsTable(micro) : NOT_MEASURED,
		growth: curves.length > 0 ? growthTable(curves) : NOT_MEASURED,
		profile: profile ? profileTable(profile) : NOT_MEASURED,
		processes: growth ? processesTable(growth) : NOT_MEASURED,
	};
}

function linesOf(curves: readonly Curve[]): Line[] {
	return curves.map(({ what, points }) => ({ name: what, points }));
}

/** The pictures of docs/performance.md, by their file's name in docs/bench. */
export function plotsOf({ doors, micro, growth }: Figures): Record<string, string> {
	const plots: Record<string, string> = {};
	if (doors) {
		const groups = (wanted: (lane: LaneFigures) => boolean, nameOf: (lane: LaneFigures) => string) =>
			SETTINGS.map((setting) => ({
				name: setting,
				bars: doors.lanes
					.filter(
						(lane) => lane.setting === setting && lane.ending === 'No-Op' && lane.connections === CONNECTIONS && wanted(lane),
					)
					.map((lane) => ({ name: nameOf(lane), value: spreadOf(lane.perSecond) })),
			})).filter(({ bars }) => bars.length > 0);
		plots['doors.svg'] = barChart(
			'Accepted deliveries per second, by host setting',
			groups(
				({ delivery }) => delivery === 'accepted',
				({ door }) => door,
			),
		);
		plots['deliveries.svg'] = barChart(
			'Deliveries per second at our trigger, by what becomes of them',
			groups(
				({ door }) => door === 'ours',
				({ delivery }) => delivery,
			),
		);
	}
	if (micro) {
		plots['verification.svg'] = lineChart({
			title: 'Verify and parse',
			x: 'KB of the body',
			y: 'µs',
			lines: CONTENDERS.map((name) => ({
				name,
				points: Object.entries(micro.verification).map(([size, by]) => ({ x: Number(size), y: by[name].median })),
			})),
		});
	}
	if (growth) {
		for (const [file, name] of [
			['workflows.svg', 'active workflows'],
			['bodies.svg', 'KB of the body'],
		] as const) {
			const curves = along(growth, name);
			if (curves.length === 0) continue;
			plots[file] = lineChart({ title: `CPU time for each delivery, by ${name}`, x: name, y: 'CPU ms', lines: linesOf(curves) });
		}
	}
	return plots;
}
