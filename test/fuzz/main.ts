import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { addReport, CASES_PER_BLOCK, DEFAULT_SEED, emptyReport, ENOUGH, told } from './report';
import type { Report } from './report';
import type { Done, Order } from './worker';

/**
 * npm run fuzz: a million cases on all cores, led by which branches of the node's code they take.
 *
 *   npm run fuzz -- --cases=50000 --seed=7 --jobs=1     fewer, with another seed, in one process
 *   npm run fuzz -- --case=signature:1x.0.2a            one case again, as a failure printed it
 */

const USAGE = 'npm run fuzz -- [--cases=1000000] [--seed=1] [--jobs=2] [--case=kind:choices]';

/** @throws with a sentence for who typed them */
function readArguments() {
	const text = { type: 'string' } as const;
	const { values } = parseArgs({ options: { cases: text, seed: text, jobs: text, case: text } });
	const wholeNumber = (name: 'cases' | 'seed' | 'jobs', fallback: number): number => {
		const number = Number(values[name] ?? fallback);
		if (Number.isSafeInteger(number) && number > 0) return number;
		throw new Error(`--${name} wants a whole number above 0.`);
	};
	return {
		again: values.case,
		cases: wholeNumber('cases', 1_000_000),
		seed: wholeNumber('seed', DEFAULT_SEED),
		jobs: wholeNumber('jobs', availableParallelism()),
	};
}

function argumentsOrExit() {
	try {
		return readArguments();
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
		process.exit(2);
	}
}

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}

/** Lets as many processes as there are jobs ask for orders until there are none left. */
async function runProcesses(jobs: number, nextOrder: () => Order | undefined, onDone: (done: Done) => void): Promise<void> {
	const runProcess = () =>
		new Promise<void>((resolve, reject) => {
			const child = fork(join(__dirname, 'worker.ts'), { execArgv: ['--import', 'tsx'] });
			child.on('message', (done: Done) => {
				onDone(done);
				const order = nextOrder();
				if (order) child.send(order);
				else child.disconnect();
			});
			child.on('error', reject);
			child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A process of the fuzzer ended with ${code}`))));
		});
	await Promise.all(Array.from({ length: jobs }, runProcess));
}

async function repeat(text: string): Promise<void> {
	const orders: Order[] = [{ repeat: text }];
	await runProcesses(
		1,
		() => orders.pop(),
		(done) => {
			if (done === 'ready' || !('wrong' in done)) return;
			print(done.wrong === null ? 'Nothing is wrong with this case.' : JSON.stringify(done.wrong, null, 2));
			process.exitCode = done.wrong === null ? 0 : 1;
		},
	);
}

async function main(): Promise<void> {
	const { again, cases, seed, jobs } = argumentsOrExit();
	if (again !== undefined) return await repeat(again);
	print(`${cases.toLocaleString('en')} cases, seed ${seed}, ${jobs} processes`);

	const started = performance.now();
	const seconds = () => (performance.now() - started) / 1000;
	const total = emptyReport();
	const branches: Record<string, number> = {};
	let printedAt = 0;
	let block = 0;
	const nextOrder = (): Order | undefined => {
		const left = cases - block * CASES_PER_BLOCK;
		if (left <= 0 || total.failures.length >= ENOUGH) return undefined;
		return { seed, block: block++, cases: Math.min(CASES_PER_BLOCK, left) };
	};
	await runProcesses(Math.min(jobs, Math.ceil(cases / CASES_PER_BLOCK)), nextOrder, (done) => {
		if (done === 'ready' || 'wrong' in done) return;
		const { report, branches: counts } = done;
		for (const failure of report.failures)
			if (!total.failures.some(({ rule }) => rule === failure.rule)) print(`\n${told(failure)}`);
		addReport(total, report);
		for (const [branch, count] of Object.entries(counts)) branches[branch] = (branches[branch] ?? 0) + count;
		if (seconds() - printedAt < 5 && total.cases < cases) return;
		printedAt = seconds();
		const reached = Object.values(branches).filter((count) => count > 0).length;
		print(
			`${total.cases.toLocaleString('en').padStart(11)} cases  ${printedAt.toFixed(0).padStart(4)} s  ${(total.cases / printedAt).toFixed(0).padStart(6)}/s  ${reached} branches  ${total.failures.length} broken`,
		);
	});
	printSummary(total, branches, seconds());
	process.exitCode = total.failures.length > 0 || total.cases < cases ? 1 : 0;
}

/** A file of which hardly anything is run is not what the fuzzer is for: a line will do for it. */
const TOO_MANY_TO_LIST = 10;

function printBranches(branches: Record<string, number>): void {
	const files = new Map<string, { all: number; missed: string[] }>();
	for (const [branch, count] of Object.entries(branches)) {
		const [, file = '', where = ''] = /^(.*?):(.*) #\d+$/.exec(branch) ?? [];
		const entry = files.get(file) ?? { all: 0, missed: [] };
		files.set(file, entry);
		entry.all++;
		if (count === 0) entry.missed.push(where);
	}
	print('\nBranches of the node that were taken');
	for (const [file, { all, missed }] of [...files].sort(([a], [b]) => a.localeCompare(b, 'en'))) {
		const never = missed.length === 0 || missed.length > TOO_MANY_TO_LIST ? '' : `  (never: ${missed.join(', ')})`;
		print(`${`${all - missed.length} of ${all}`.padStart(11)}  ${file}${never}`);
	}
}

function printSummary(
	{ cases, kinds, counts, failures, steps }: Report,
	branches: Record<string, number>,
	seconds: number,
): void {
	const number = (value: number) => value.toLocaleString('en').padStart(11);
	const section = (title: string, entries: [string, number][]) => {
		print(`\n${title}`);
		for (const [name, count] of entries.sort(([a], [b]) => a.localeCompare(b, 'en'))) print(`${number(count)}  ${name}`);
	};
	print('\nCases by kind');
	for (const [name, kind] of Object.entries(kinds)) {
		print(`${number(kind.cases)}  ${name.padEnd(12)} ${kind.seconds.toFixed(1).padStart(7)} s of computing`);
	}
	const isException = ([name]: [string, number]) => name.includes(': exception: ');
	const all = Object.entries(counts);
	section(
		'Answers',
		all.filter((entry) => !isException(entry)),
	);
	section(
		'Differences to the libraries, by the exception that names them',
		all.filter(isException).map(([name, count]) => [name.replace(/^.*?: exception: /, ''), count]),
	);
	printBranches(branches);
	print(`Most steps for one case: ${steps.most.toLocaleString('en')}, with ${steps.size.toLocaleString('en')} characters`);
	print(
		`\n${cases.toLocaleString('en')} cases in ${seconds.toFixed(0)} s: ${failures.length === 0 ? 'nothing is broken' : `${failures.length} rules are broken`}`,
	);
}

main().catch((error: unknown) => {
	process.stderr.write(`${String(error)}\n`);
	process.exit(1);
});
