import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { holds } from './bars';
import type { DoorPlan } from './doors/run';
import { measureDoors } from './doors/run';
import { profileDoors } from './doors/profiling';
import { measureGrowth } from './growth/run';
import type { GrowthPlan } from './growth/run';
import { SETTING_NAMES } from './host';
import type { Setting } from './host';
import { figure, withSections } from './markdown';
import { measureMicro } from './micro/run';
import type { MicroPlan } from './micro/run';
import { kept } from './kept';
import { barsOf, plotsOf, sectionsOf, wantedText } from './report';
import type { Figures } from './report';
import { inRepository } from '../support/paths';

const USAGE = `npm run bench -- [--quick] [--only=doors|micro|growth|profile] [--setting=${SETTING_NAMES.join('|')}] [--rounds=5] [--seconds=1.2]`;

const PARTS = ['micro', 'doors', 'growth', 'profile'] as const;
type Part = (typeof PARTS)[number];

const ROOT = inRepository();
const PAGE = join(ROOT, 'docs', 'performance.md');

interface Options {
	readonly quick: boolean;
	readonly parts: readonly Part[];
	readonly settings: readonly Setting[];
	readonly rounds: number;
	readonly seconds: number;
	/** Whether the figures go where docs/performance.md has them from: not those of a run that left something out. */
	readonly recorded: boolean;
}

function chosen<Name extends string>(option: string, given: string | undefined, names: readonly Name[]): readonly Name[] {
	if (given === undefined) return names;
	const found = names.filter((name) => name === given);
	if (found.length === 0) throw new Error(`--${option} wants one of ${names.join(', ')}.`);
	return found;
}

/** @throws with a sentence for who typed them */
function readArguments(): Options {
	const text = { type: 'string' } as const;
	const { values } = parseArgs({
		options: { quick: { type: 'boolean', default: false }, only: text, setting: text, rounds: text, seconds: text },
	});
	const positive = (name: 'rounds' | 'seconds', fallback: number): number => {
		const number = Number(values[name] ?? fallback);
		if (number > 0 && (name === 'seconds' || Number.isInteger(number))) return number;
		throw new Error(`--${name} wants a ${name === 'rounds' ? 'whole ' : ''}number above 0.`);
	};
	const { quick } = values;
	return {
		quick,
		parts: chosen('only', values.only, PARTS),
		settings: chosen('setting', values.setting, SETTING_NAMES),
		rounds: positive('rounds', quick ? 1 : 5),
		seconds: positive('seconds', quick ? 0.4 : 1.2),
		recorded: !quick && values.setting === undefined,
	};
}

function argumentsOrExit(): Options {
	try {
		return readArguments();
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
		process.exit(2);
	}
}

const started = performance.now();

/** On standard error, so that standard output holds what was measured and nothing else. */
function say(text: string): void {
	const seconds = String(Math.round((performance.now() - started) / 1000)).padStart(5);
	process.stderr.write(`${seconds} s  ${text}\n`);
}

async function measured({ quick, parts, settings, rounds, seconds }: Options): Promise<Figures> {
	const has = (part: Part) => parts.includes(part);
	const micro: MicroPlan = quick ? { rounds: 6, milliseconds: 5, loads: 5 } : { rounds: 30, milliseconds: 20, loads: 15 };
	const doors: DoorPlan = { settings, rounds, seconds, connections: 8, moreConnections: quick ? [] : [1, 32] };
	const growth: GrowthPlan = {
		rounds: quick ? 1 : 3,
		seconds: quick ? 0.4 : 1,
		workflows: quick ? [1, 10] : [1, 10, 100],
		bodySizes: quick ? [1, 100, 1024] : [1, 10, 100, 1024, 10 * 1024],
		queue: !quick,
	};
	if (has('micro')) say('micro: functions of the node');
	return {
		micro: has('micro') ? await measureMicro(micro) : null,
		doors: has('doors') ? await measureDoors(doors, say) : null,
		growth: has('growth') ? await measureGrowth(growth, say) : null,
		profile: has('profile') ? await profileDoors(quick ? 0.5 : 2, say) : null,
	};
}

/** Writes what was measured beside what was measured before. @returns all of it */
function keep(folder: string, figures: Figures): Figures {
	mkdirSync(folder, { recursive: true });
	for (const [part, found] of Object.entries(figures)) {
		if (found !== null) writeFileSync(join(folder, `${part}.json`), `${JSON.stringify(found, null, '\t')}\n`);
	}
	return kept(folder);
}

function print(line = ''): void {
	process.stdout.write(`${line}\n`);
}

/** @returns whether all bars hold */
function printBars(figures: Figures): boolean {
	const bars = barsOf(figures);
	const width = Math.max(...bars.map(({ name }) => name.length));
	for (const bar of bars) {
		const { min, median, max } = bar.measured;
		const spread = min === max ? '' : ` (${figure(min)} to ${figure(max)})`;
		const verdict = holds(bar) ? 'holds' : 'does not hold';
		print(`${verdict.padEnd(14)} ${bar.name.padEnd(width)}  wanted ${wantedText(bar).padEnd(8)}  ${figure(median)}${spread}`);
	}
	const missed = bars.filter((bar) => !holds(bar)).length;
	print(`\n${bars.length - missed} of ${bars.length} bars hold`);
	return missed === 0;
}

async function main(): Promise<void> {
	const options = argumentsOrExit();
	const figures = await measured(options);
	const folder = options.recorded ? join(ROOT, 'docs', 'bench') : join(ROOT, '.test-output', 'bench');
	const all = keep(folder, figures);
	for (const [name, plot] of Object.entries(plotsOf(all))) writeFileSync(join(folder, name), plot);
	const page = withSections(readFileSync(PAGE, 'utf8'), sectionsOf(all));
	writeFileSync(options.recorded ? PAGE : join(folder, 'performance.md'), page);
	for (const complaint of [...(figures.doors?.complaints ?? []), ...(figures.growth?.complaints ?? [])].slice(0, 10))
		print(complaint);
	const allHold = printBars(figures);
	say(`done; the figures are in ${folder}`);
	process.exitCode = allHold ? 0 : 1;
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
	process.exit(1);
});
