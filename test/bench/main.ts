import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { inRepository } from '../support/paths';
import { chartsOf } from './charts';
import { PARTS, readFigures, writeFigures } from './figures';
import type { Figures, FunctionFigures } from './figures';
import type { FunctionsPlan } from './functions/process';
import { SETTING_NAMES } from './n8n';
import { measureProfile } from './profile';
import { measureScaling } from './scaling';
import { figure } from './statistics';
import { CONNECTIONS, sectionsOf, withSections } from './tables';
import { isMet, limitOf, targetsOf } from './targets';
import { measureThroughput } from './throughput';

const USAGE = `npm run bench -- [--quick] [--only=${PARTS.join('|')}|nothing] [--setting=${SETTING_NAMES.join('|')}] [--rounds=5] [--seconds=1.2] [--into=<folder>]`;

const RECORDED = inRepository('docs', 'bench');
/** The pages with generated sections. Their names stay the same in the folder of a run that is not recorded. */
const PAGES = { 'performance.md': inRepository('docs', 'performance.md'), 'README.md': join(RECORDED, 'README.md') };

/** @throws with a sentence for who typed them */
function readArguments() {
	const text = { type: 'string' } as const;
	const { values } = parseArgs({
		options: {
			quick: { type: 'boolean', default: false },
			...{ only: text, setting: text, rounds: text, seconds: text, into: text },
		},
	});
	const { quick, only, setting } = values;
	const chosen = <Name extends string>(option: string, given: string | undefined, names: readonly Name[]): readonly Name[] => {
		const found = names.filter((name) => given === undefined || name === given);
		if (found.length === 0) throw new Error(`--${option} wants one of ${names.join(', ')}.`);
		return found;
	};
	const positive = (name: 'rounds' | 'seconds', fallback: number): number => {
		const number = Number(values[name] ?? fallback);
		if (number > 0 && (name === 'seconds' || Number.isInteger(number))) return number;
		throw new Error(`--${name} wants a ${name === 'rounds' ? 'whole ' : ''}number above 0.`);
	};
	// The figures of a run that left something out are not those that the pages are made of.
	const isWhole = !quick && setting === undefined;
	return {
		quick,
		parts: only === 'nothing' ? [] : chosen('only', only, PARTS),
		settings: chosen('setting', setting, SETTING_NAMES),
		rounds: positive('rounds', quick ? 1 : 5),
		seconds: positive('seconds', quick ? 0.4 : 1.2),
		folder: values.into ?? (isWhole ? RECORDED : inRepository('.test-output', 'bench')),
	};
}

type Options = ReturnType<typeof readArguments>;

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

async function measureFunctions(plan: FunctionsPlan): Promise<FunctionFigures> {
	say('functions: of the node and of the libraries');
	const child = fork(join(__dirname, 'functions', 'process.ts'), { execArgv: ['--import', 'tsx'] });
	child.send(plan);
	const message = once(child, 'message') as Promise<[FunctionFigures]>;
	const [code] = (await once(child, 'exit')) as [number | null];
	if (code !== 0) throw new Error(`The process that times functions ended with ${code}`);
	const [figures] = await message;
	return figures;
}

async function measureAll({ quick, parts, settings, rounds, seconds }: Options): Promise<Figures> {
	const only = async <Found>(part: (typeof PARTS)[number], measure: () => Promise<Found>) =>
		parts.includes(part) ? await measure() : null;
	const functions = quick ? { rounds: 6, milliseconds: 5, loads: 5 } : { rounds: 30, milliseconds: 20, loads: 15 };
	const throughput = { settings, rounds, seconds, connections: CONNECTIONS, moreConnections: quick ? [] : [1, 32] };
	const scaling = quick
		? { rounds: 1, seconds: 0.4, workflows: [1, 10], bodySizes: [1, 100, 1024], queue: false }
		: { rounds: 3, seconds: 1, workflows: [1, 10, 100], bodySizes: [1, 10, 100, 1024, 10 * 1024], queue: true };
	return {
		functions: await only('functions', async () => await measureFunctions(functions)),
		throughput: await only('throughput', async () => await measureThroughput(throughput, say)),
		scaling: await only('scaling', async () => await measureScaling(scaling, say)),
		profile: await only('profile', async () => await measureProfile(quick ? 0.5 : 2, say)),
	};
}

const print = (line: string) => process.stdout.write(`${line}\n`);

/** @returns whether all targets are met */
function printTargets(figures: Figures): boolean {
	const targets = targetsOf(figures);
	const width = Math.max(...targets.map(({ name }) => name.length));
	for (const target of targets) {
		const { min, median, max } = target.measured;
		const spread = min === max ? '' : ` (${figure(min)} to ${figure(max)})`;
		const verdict = isMet(target) ? 'met   ' : 'MISSED';
		print(`${verdict} ${target.name.padEnd(width)}  wanted ${limitOf(target).padEnd(8)}  ${figure(median)}${spread}`);
	}
	const met = targets.filter(isMet).length;
	print(`\n${met} of ${targets.length} targets are met`);
	return met === targets.length;
}

async function main(): Promise<void> {
	const options = argumentsOrExit();
	const { folder, parts } = options;
	const measured = await measureAll(options);
	mkdirSync(folder, { recursive: true });
	const figures = parts.length === 0 ? readFigures(RECORDED) : writeFigures(folder, measured);
	for (const [name, chart] of Object.entries(await chartsOf(figures))) writeFileSync(join(folder, name), chart);
	for (const [name, page] of Object.entries(PAGES)) {
		const text = withSections(readFileSync(page, 'utf8'), sectionsOf(figures));
		writeFileSync(folder === RECORDED ? page : join(folder, name), text);
	}
	for (const problem of [...(measured.throughput?.problems ?? []), ...(measured.scaling?.problems ?? [])].slice(0, 10))
		print(problem);
	const allMet = printTargets(figures);
	say(`done; the figures are in ${folder}`);
	process.exitCode = allMet || parts.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
	process.exit(1);
});
