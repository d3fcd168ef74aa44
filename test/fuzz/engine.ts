import { Choices, mutated, shrunk, stream, toText } from './choices';
import { clock, Finding } from './finding';
import { kinds } from './kinds';
import type { Kind } from './kinds';
import { CASES_PER_BLOCK, ENOUGH } from './report';
import type { Failure, Report } from './report';

/**
 * Runs cases. A block of cases depends on its seed and its number alone, not on what other blocks do
 * or which process it runs in: so a seed gives the same cases on every machine, on any number of cores.
 */

/** What a run needs to be led by which branches a case takes. */
export interface Guide {
	/** How often each branch was taken, counted on by the code. */
	readonly taken: Uint32Array;
	/** How often each branch was ever taken. */
	readonly ever: Float64Array;
}

/**
 * The most steps, taken branches of the node's code, that a case may need beside its size. It is far
 * above what is met, and far below what something needs that goes through its input for every part of it.
 */
const STEPS_AT_REST = 60_000;
const STEPS_PER_CHARACTER = 20;

const PROTOTYPES = [Object.prototype, Array.prototype, String.prototype, Function.prototype];

/** Everything that all objects, lists, texts and functions share. */
function shared(): unknown[] {
	return PROTOTYPES.flatMap((prototype) =>
		Reflect.ownKeys(prototype).flatMap((key): unknown[] => {
			const { ...described } = Object.getOwnPropertyDescriptor(prototype, key);
			return [prototype, key, ...(Object.values(described) as unknown[])];
		}),
	);
}

const atFirst = shared();

/** Whether any of it was added, replaced or taken away. */
function isPolluted(): boolean {
	const now = shared();
	return now.length !== atFirst.length || now.some((part, index) => part !== atFirst[index]);
}

function kindOf(of: readonly Kind[], number: number): Kind {
	let left = number % of.reduce((sum, { share }) => sum + share, 0);
	for (const kind of of) {
		if (left < kind.share) return kind;
		left -= kind.share;
	}
	throw new Error('There is no kind');
}

type Wrong = Pick<Failure, 'rule' | 'detail'>;

/** Runs one case. @returns how much there was to read, and what is wrong, or null. */
async function runCase(
	kind: Kind,
	choices: Choices,
	tally: (what: string) => void = () => {},
	guide?: Guide,
): Promise<{ size: number; wrong: Wrong | null }> {
	let size = 0;
	try {
		guide?.taken.fill(0);
		size = await kind.run(choices, tally);
	} catch (error) {
		return { size, wrong: error instanceof Finding ? error : await crashOf(kind, choices, error as Error) };
	}
	for (const key in {}) return { size, wrong: { rule: 'no prototype is changed', detail: key } };
	return { size, wrong: null };
}

/** What was thrown, and where: for that, the case runs once more, since stacks are left out to save time. */
async function crashOf(kind: Kind, { made }: Choices, first: Error): Promise<Wrong> {
	const limit = Error.stackTraceLimit;
	Error.stackTraceLimit = 30;
	let error = first;
	try {
		await kind.run(new Choices(made, null), () => {});
	} catch (again) {
		error = again as Error;
	} finally {
		Error.stackTraceLimit = limit;
	}
	const { name, message, stack = '' } = error;
	const where = /nodes\/Clerk\/[\w/.]+:\d+/.exec(stack)?.[0] ?? '';
	return { rule: `nothing is thrown: ${name} ${where}`, detail: { message, stack } };
}

/** Runs a case once more, from choices that a failure printed. */
export async function repeatCase(kindName: string, given: readonly number[]): Promise<unknown> {
	const kind = kinds.find(({ name }) => name === kindName);
	if (!kind) throw new Error(`There is no kind ${kindName}. Known: ${kinds.map(({ name }) => name).join(', ')}.`);
	return (await runCase(kind, new Choices(given, null))).wrong;
}

async function failureOf(
	kind: Kind,
	choices: readonly number[],
	rule: string,
	seed: number,
	number: number,
	tries: number,
): Promise<Failure> {
	const fails = async (candidate: readonly number[]) => (await runCase(kind, new Choices(candidate, null))).wrong?.rule === rule;
	const small = (await fails(choices)) ? await shrunk(choices, fails, tries) : [...choices];
	const { wrong } = await runCase(kind, new Choices(small, null));
	return { rule, kind: kind.name, seed, case: number, repeat: `${kind.name}:${toText(small)}`, detail: wrong?.detail ?? null };
}

/**
 * Runs with the fuzzer's clock in place of the machine's. Errors have no stacks meanwhile: the
 * libraries make thousands each second, and most of the time would go into them.
 */
export async function prepared<T>(run: () => Promise<T>): Promise<T> {
	const { now } = Date;
	const { stackTraceLimit } = Error;
	Date.now = () => clock.now;
	Error.stackTraceLimit = 0;
	try {
		return await run();
	} finally {
		Date.now = now;
		Error.stackTraceLimit = stackTraceLimit;
	}
}

export interface Block {
	readonly seed: number;
	readonly block: number;
	readonly cases: number;
	/** Without one, the cases are drawn blindly. */
	readonly guide?: Guide;
	/** Only these kinds. */
	readonly of?: readonly Kind[];
	/** Whether so many broken rules are enough. */
	readonly enough?: (failures: readonly Failure[]) => boolean;
	/** How many smaller cases are tried for one that failed. */
	readonly tries?: number;
}

/** Runs a block of cases and enters what came of it into the report. */
export async function runBlock(
	report: Report,
	{ seed, block, cases, guide, of = kinds, enough = ({ length }) => length >= ENOUGH, tries = 1500 }: Block,
): Promise<void> {
	const broken = new Set(report.failures.map(({ rule }) => rule));
	const kept = new Map<Kind, number[][]>();
	const buckets = new Uint8Array(guide?.taken.length ?? 0);
	for (let index = 0; index < cases; index++) {
		const number = block * CASES_PER_BLOCK + index;
		const fresh = stream(seed, block, index);
		const kind = kindOf(of, fresh());
		const corpus = kept.get(kind) ?? [];
		kept.set(kind, corpus);
		const parent = corpus.length > 0 && fresh() % 2 === 0 ? corpus[fresh() % corpus.length] : undefined;
		const choices = new Choices(parent ? mutated(parent, fresh) : [], fresh);

		const started = performance.now();
		const { size, wrong } = await runCase(
			kind,
			choices,
			(what) => {
				const key = `${kind.name}: ${what}`;
				report.counts[key] = (report.counts[key] ?? 0) + 1;
			},
			guide,
		);
		const entry = (report.kinds[kind.name] ??= { cases: 0, seconds: 0 });
		entry.cases++;
		entry.seconds += (performance.now() - started) / 1000;
		report.cases++;

		let problem = wrong;
		if (guide && !wrong) {
			const { steps, isNew } = look(guide, buckets);
			if (isNew) corpus.push(choices.made);
			if (steps > report.steps.most) report.steps = { most: steps, size };
			if (steps > STEPS_AT_REST + STEPS_PER_CHARACTER * size) {
				problem = { rule: 'no case takes many times more steps than it has characters', detail: { steps, size } };
			}
		}
		if (index % 500 === 499 && isPolluted())
			problem = { rule: 'no prototype is changed', detail: 'in one of the last 500 cases' };
		if (problem && !broken.has(problem.rule)) {
			broken.add(problem.rule);
			report.failures.push(await failureOf(kind, choices.made, problem.rule, seed, number, tries));
			if (enough(report.failures)) return;
		}
	}
}

/** What a case took: how many steps, and whether it took a branch that none took before, or one many more times. */
function look({ taken, ever }: Guide, buckets: Uint8Array): { steps: number; isNew: boolean } {
	let steps = 0;
	let isNew = false;
	for (let branch = 0; branch < taken.length; branch++) {
		const times = taken[branch];
		if (!times) continue;
		steps += times;
		ever[branch]! += times;
		// Once, twice, a few times, many times: more is no news, only slower.
		const bucket = times < 3 ? times : times < 8 ? 4 : 8;
		if ((buckets[branch]! & bucket) === 0) {
			buckets[branch]! |= bucket;
			isNew = true;
		}
	}
	return { steps, isNew };
}
