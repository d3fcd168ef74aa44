/** What comes of a run. Nothing of the node is loaded here: the process that puts the reports together needs nothing of it. */

export const CASES_PER_BLOCK = 10_000;

/** One seed for everybody, so that two runs of the same code do the same. */
export const DEFAULT_SEED = 20_261_005;

/** A run stops looking for more after so many rules were found broken. */
export const ENOUGH = 10;

export interface Failure {
	readonly rule: string;
	readonly kind: string;
	readonly seed: number;
	/** The number of the case in the whole run. */
	readonly case: number;
	/** The choices of a small case that fails in the same way, as the option --case takes them. */
	readonly repeat: string;
	readonly detail: unknown;
}

export interface Report {
	cases: number;
	/** Cases and seconds by kind. */
	readonly kinds: Record<string, { cases: number; seconds: number }>;
	/** How often something was met. */
	readonly counts: Record<string, number>;
	readonly failures: Failure[];
	/** Most steps of the node's code for a case, beside its size. */
	steps: { most: number; size: number };
}

export function emptyReport(): Report {
	return { cases: 0, kinds: {}, counts: {}, failures: [], steps: { most: 0, size: 0 } };
}

/** Enters one report into another. */
export function addReport(to: Report, from: Report): void {
	to.cases += from.cases;
	for (const [name, { cases, seconds }] of Object.entries(from.kinds)) {
		const entry = (to.kinds[name] ??= { cases: 0, seconds: 0 });
		entry.cases += cases;
		entry.seconds += seconds;
	}
	for (const [what, count] of Object.entries(from.counts)) to.counts[what] = (to.counts[what] ?? 0) + count;
	for (const failure of from.failures) if (!to.failures.some(({ rule }) => rule === failure.rule)) to.failures.push(failure);
	if (from.steps.most > to.steps.most) to.steps = from.steps;
}

/** A failure as a person reads it, with what repeats it. */
export function told({ rule, kind, seed, case: number, repeat, detail }: Failure): string {
	const text = JSON.stringify(detail, null, 2) ?? '';
	return [
		`BROKEN: ${rule}`,
		`  seed ${seed}, case ${number}, kind ${kind}; a small one that does the same: npm run fuzz -- --case=${repeat}`,
		text.length > 4000 ? `${text.slice(0, 4000)}\n  …` : text,
	].join('\n');
}
