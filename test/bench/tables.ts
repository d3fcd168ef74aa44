import { markdownTable } from 'markdown-table';
import { median } from 'simple-statistics';

import { VERIFIERS } from './figures';
import type {
	Curve,
	Figures,
	FunctionFigures,
	ProfileFigures,
	ScalingFigures,
	ScenarioFigures,
	ScenarioKey,
	ThroughputFigures,
} from './figures';
import type { Machine } from './machine';
import { SETTING_NAMES } from './n8n';
import type { Setting } from './n8n';
import type { TriggerName } from './scenarios';
import { figure, growthOf, ratios, spreadOf } from './statistics';
import type { Spread } from './statistics';
import { compare, isMet, limitOf, targetsOf } from './targets';
import type { Target } from './targets';

/** The number of connections at which every kind of delivery is measured. */
export const CONNECTIONS = 8;

/** @param head the columns after the first are numbers and stand on the right */
function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
	if (rows.length === 0) return '*Not measured yet.*';
	return markdownTable([head, ...rows], { align: head.map((_, column) => (column === 0 ? 'l' : 'r')), alignDelimiters: false });
}

function range({ min, max }: Spread): string {
	return min === max ? '' : `${figure(min)} to ${figure(max)}`;
}

function machineText({ processor, cores, memoryGb, system, node, n8n, measured }: Machine): string {
	return `Measured on ${measured}: n8n ${n8n} on Node.js ${node}, ${system}, ${cores} cores (${processor}), ${memoryGb} GB of memory.`;
}

/** Scenarios that end in a No-Op, at the usual number of connections. */
function usual({ scenarios }: ThroughputFigures): ScenarioFigures[] {
	return scenarios.filter(({ next, connections }) => next === 'No-Op' && connections === CONNECTIONS);
}

/** Deliveries per second under each setting, for a first look. */
function summaryTable(throughput: ThroughputFigures): string {
	const all = usual(throughput);
	const rowOf = (name: string, trigger: TriggerName, delivery: ScenarioKey['delivery']) => [
		name,
		...SETTING_NAMES.map((setting) => {
			const found = all.find((one) => one.setting === setting && one.trigger === trigger && one.delivery === delivery);
			return found ? figure(median(found.perSecond)) : '–';
		}),
	];
	return table(
		['Deliveries per second', 'default settings', 'lazy', 'legacy'],
		[
			rowOf('**Clerk Trigger**', 'Clerk Trigger', 'accepted'),
			rowOf('Clerk Trigger: ignored event', 'Clerk Trigger', 'ignored'),
			rowOf('Clerk Trigger: forged signature', 'Clerk Trigger', 'forged'),
			rowOf('Clerk Trigger: duplicate', 'Clerk Trigger', 'duplicate'),
			rowOf('Webhook node, nothing checked', 'Webhook node', 'accepted'),
			rowOf('Webhook node with *Header Auth*', 'Webhook node, header auth', 'accepted'),
			rowOf('Stripe Trigger', 'Stripe Trigger', 'accepted'),
			rowOf('GitHub Trigger', 'GitHub Trigger', 'accepted'),
			rowOf('Webhook, Code (checks the signature) and IF nodes', 'Webhook and Code nodes', 'accepted'),
		],
	);
}

function targetTable(targets: readonly Target[]): string {
	return table(
		['Target', 'Limit', 'Median', 'Lowest to highest', ''],
		targets.map((target) => {
			const { measured } = target;
			return [target.name, limitOf(target), figure(measured.median), range(measured), isMet(target) ? 'met' : '**missed**'];
		}),
	);
}

function targetSummary(targets: readonly Target[]): string {
	const missed = targets.filter((target) => !isMet(target));
	const list = missed.map(
		(target) => `- *${target.name}*: target ${limitOf(target)}, measured ${figure(target.measured.median)}`,
	);
	return [`${targets.length - missed.length} of ${targets.length} targets are met.`, '', ...list].join('\n');
}

const rateCells = ({ perSecond, p50, p99, cpuMs }: ScenarioFigures): string[] => {
	const rate = spreadOf(perSecond);
	return [figure(rate.median), range(rate), figure(p50), figure(p99), figure(median(cpuMs))];
};

function throughputTable(throughput: ThroughputFigures, setting: Setting): string {
	const rows = usual(throughput).filter((scenario) => scenario.setting === setting);
	return table(
		['Trigger, delivery', 'Per second', 'Lowest to highest', 'p50 ms', 'p99 ms', 'CPU ms', 'Executions', 'Stored KB'],
		rows.map((scenario) => {
			const { trigger, delivery, executions, storedBytes } = scenario;
			return [`${trigger}, ${delivery}`, ...rateCells(scenario), figure(executions), figure(storedBytes / 1024)];
		}),
	);
}

/** Accepted deliveries per second, by the number of connections. */
function connectionsTable(throughput: ThroughputFigures): string {
	const accepted = throughput.scenarios.filter(({ delivery, next }) => delivery === 'accepted' && next === 'No-Op');
	const counts = [...new Set(accepted.map(({ connections }) => connections))].sort((a, b) => a - b);
	const cell = (row: ScenarioFigures, count: number) => {
		const found = accepted.find(
			({ setting, trigger, connections }) => setting === row.setting && trigger === row.trigger && connections === count,
		);
		return found ? `${figure(median(found.perSecond))} (${figure(found.p50)})` : '–';
	};
	return table(
		['Setting, trigger', ...counts.map((count) => (count === 1 ? '1 connection' : `${count} connections`))],
		usual(throughput)
			.filter(({ delivery }) => delivery === 'accepted')
			.map((row) => [`${row.setting}, ${row.trigger}`, ...counts.map((count) => cell(row, count))]),
	);
}

/** How many times as many deliveries per second the Clerk Trigger takes as others. */
function ratioTable(throughput: ThroughputFigures): string {
	const rows = SETTING_NAMES.flatMap((setting) => {
		const ratio = (name: string, one: Partial<ScenarioKey>, other: Partial<ScenarioKey>) => {
			const rate = compare(throughput, { setting, ...one }, { setting, ...other });
			const cpu = compare(throughput, { setting, ...one }, { setting, ...other }, 'cpuMs');
			return rate && cpu ? [[`${setting}: ${name}`, ...[rate.min, rate.median, rate.max, cpu.median].map(figure)]] : [];
		};
		const against = (delivery: ScenarioKey['delivery'], triggers: readonly TriggerName[]) =>
			triggers.flatMap((trigger) =>
				ratio(`${delivery}, against ${trigger}`, { trigger: 'Clerk Trigger', delivery }, { trigger, delivery }),
			);
		const ours = { trigger: 'Clerk Trigger', delivery: 'accepted' } as const;
		const others = ['Stripe Trigger', 'GitHub Trigger', 'Webhook and Code nodes'] as const;
		return [
			...against('accepted', ['Webhook node', 'Webhook node, header auth', ...others]),
			...against('mixed', ['Webhook and Code nodes']),
			...ratio('all options set, against the defaults', { ...ours, trigger: 'Clerk Trigger, all options' }, ours),
			...(['late', 'forged', 'ignored', 'duplicate'] as const).flatMap((delivery) =>
				ratio(`${delivery}, against accepted`, { ...ours, delivery }, ours),
			),
			...against('forged', others),
		];
	});
	return table(['Clerk Trigger, deliveries per second', 'Lowest', 'Median', 'Highest', 'By CPU time'], rows);
}

function postgresTable({ scenarios }: ThroughputFigures): string {
	const rows = scenarios.filter(({ next }) => next === 'Postgres');
	const ours = rows.find(({ trigger }) => trigger === 'Clerk Trigger');
	return table(
		['Setting, trigger', 'Per second', 'Lowest to highest', 'p50 ms', 'p99 ms', 'CPU ms', 'Clerk Trigger to this'],
		rows.map((scenario) => {
			const ratio = ours ? figure(median(ratios(ours.perSecond, scenario.perSecond))) : '–';
			return [`${scenario.setting}, ${scenario.trigger}`, ...rateCells(scenario), ratio];
		}),
	);
}

function verificationTable({ verification, againstLowerBound }: FunctionFigures): string {
	const sizes = Object.keys(verification);
	return table(
		['', ...sizes.map((size) => `${size} KB`)],
		VERIFIERS.map((name) => [
			name,
			...sizes.map((size) => {
				const [time, against] = [verification[size]?.[name], againstLowerBound[size]?.[name]];
				return time && against ? `${figure(time.median)} µs (${figure(against.median)} ×)` : '–';
			}),
		]),
	);
}

function functionsTable({ items, loading, tarball }: FunctionFigures): string {
	const row = (name: string, { min, median: middle, max }: Spread, unit: string) => [
		name,
		...[min, middle, max].map((value) => `${figure(value)} ${unit}`),
	];
	const kilobytes = (bytes: number) => `${figure(bytes / 1024)} KB`;
	return table(
		['', 'Lowest', 'Median', 'Highest'],
		[
			...Object.entries(items).map(([name, spread]) => row(`make items: ${name}`, spread, 'µs')),
			row('load both node files', loading, 'ms'),
			['packed tarball', '', kilobytes(tarball.packed), ''],
			['packed tarball, without pictures', '', kilobytes(tarball.withoutPictures), ''],
		],
	);
}

/** What grows within the node, beside what grows in n8n. */
function functionCurves({ selecting, remembering }: FunctionFigures): Curve[] {
	const curve = (by: string, what: string, figures: Readonly<Record<string, Spread>>): Curve => ({
		by,
		what,
		unit: 'µs',
		points: Object.entries(figures).map(([x, { median: y }]) => ({ x: Number(x), y, perSecond: null })),
	});
	return [
		curve('chosen events', 'read the settings and select', selecting),
		curve('remembered deliveries', 'check and remember', remembering),
	];
}

function curveTable(curves: readonly Curve[]): string {
	return table(
		['By', 'What', 'Points', 'Unit', 'Growth'],
		curves.map(({ by, what, unit, points }) => {
			const listed = points.map(({ x, y }) => `${figure(x)}: ${figure(y)}`).join(', ');
			return [by, what, listed, unit, growthOf(points)];
		}),
	);
}

function processesTable({ webhookProcesses }: ScalingFigures): string {
	return table(
		['Delivery', 'One process, per second', 'Two processes, per second', 'Two to one: lowest', 'Median', 'Highest'],
		Object.entries(webhookProcesses).map(([name, { one, two }]) => {
			const ratio = spreadOf(ratios(two, one));
			return [name, figure(median(one)), figure(median(two)), figure(ratio.min), figure(ratio.median), figure(ratio.max)];
		}),
	);
}

/** Owners of less than this many milliseconds, in every scenario, are put together. */
const SMALL = 0.1;
const PACKAGE = 'n8n-nodes-clerk-sync';

function profileTable({ scenarios }: ProfileFigures): string {
	const all = Object.values(scenarios);
	const owners = [...new Set(all.flatMap((times) => Object.keys(times)))];
	const large = owners.filter((owner) => owner === PACKAGE || all.some((times) => (times[owner] ?? 0) >= SMALL));
	const row = (name: string, counted: readonly string[]) => [
		name,
		...all.map((times) => figure(counted.reduce((sum, owner) => sum + (times[owner] ?? 0), 0))),
	];
	const rest = owners.filter((owner) => !large.includes(owner));
	return table(
		['ms for each delivery', ...Object.keys(scenarios)],
		[...large.map((owner) => row(owner, [owner])), row('the rest', rest), row('total', owners)],
	);
}

/** What stands between the markers of each name. */
export function sectionsOf(figures: Figures): Record<string, string> {
	const { throughput, functions, scaling, profile } = figures;
	const missing = table([], []);
	const targets = targetsOf(figures);
	const machine = (throughput ?? functions ?? scaling)?.machine;
	const settingTables = SETTING_NAMES.map((name) => [name, throughput ? throughputTable(throughput, name) : missing]);
	return {
		machine: machine ? machineText(machine) : missing,
		summary: throughput ? summaryTable(throughput) : missing,
		'targets in short': targetSummary(targets),
		targets: targetTable(targets),
		ratios: throughput ? ratioTable(throughput) : missing,
		...(Object.fromEntries(settingTables) as Record<Setting, string>),
		connections: throughput ? connectionsTable(throughput) : missing,
		postgres: throughput ? postgresTable(throughput) : missing,
		verification: functions ? verificationTable(functions) : missing,
		functions: functions ? functionsTable(functions) : missing,
		growth: curveTable([...(scaling?.curves ?? []), ...(functions ? functionCurves(functions) : [])]),
		profile: profile ? profileTable(profile) : missing,
		processes: scaling ? processesTable(scaling) : missing,
	};
}

/** Replaces what stands between the markers `<!-- name, generated by npm run bench -->` and `<!-- end -->`. */
export function withSections(page: string, sections: Readonly<Record<string, string>>): string {
	const marker = /(<!-- (.*), generated by npm run bench -->\n)[\s\S]*?(<!-- end -->)/g;
	return page.replace(marker, (_, start: string, name: string, end: string) => {
		if (sections[name] === undefined) throw new Error(`There is no section "${name}"`);
		return `${start}${sections[name]}\n${end}`;
	});
}
