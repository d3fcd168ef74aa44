/** Something that must not be. Everything else that a case throws is a crash, which must not be either. */
export class Finding extends Error {
	constructor(
		/** What is broken: the same for all cases that break it, so that a small one can be looked for. */
		readonly rule: string,
		readonly detail: unknown,
	) {
		super(rule);
	}
}

/** @param detail what a person needs to repeat it, asked for only where the rule is broken */
export function must(rule: string, kept: boolean, detail: () => unknown): void {
	if (!kept) throw new Finding(rule, detail());
}

/** Whether something repeats a secret: the most of one, since the beginning is a prefix, and a short one may stand anywhere by chance. */
export function repeats(said: string, secret: string): boolean {
	return secret.length >= 24 && said.includes(secret.slice(8));
}

/** How often something was met. */
export type Tally = (what: string) => void;

/**
 * The clock of the node and of the libraries while the fuzzer runs. Nothing else in it goes by time,
 * so that a case does the same on every machine.
 */
export const clock = { now: 0 };
