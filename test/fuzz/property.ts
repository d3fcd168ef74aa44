import type fc from 'fast-check';

/** What must hold for every input. */
export interface Property {
	readonly name: string;
	/** How many of 1,000 cases are of this property. */
	readonly share: number;
	readonly arbitrary: fc.Arbitrary<unknown>;
	/**
	 * Throws where something is wrong.
	 * @param met counts what the case met, such as an answer
	 * @returns how much there was to read, in characters
	 */
	check(input: unknown, met: (what: string) => void): Promise<number>;
}

/** @returns the property, whose `check` knows the type of its input */
export function property<Input>(
	name: string,
	share: number,
	arbitrary: fc.Arbitrary<Input>,
	check: (input: Input, met: (what: string) => void) => Promise<number> | number,
): Property {
	return { name, share, arbitrary, check: async (input, met) => await check(input as Input, (what) => met(`${name}: ${what}`)) };
}

/**
 * The clock of the node and of the libraries during a run. Nothing else goes by time, so that a case
 * does the same on every machine.
 */
export const clock = { now: 0 };

/** Whether something repeats a secret: most of one, since the beginning is a prefix, and a short one may occur by chance. */
export function repeats(said: string, secret: string): boolean {
	return secret.length >= 24 && said.includes(secret.slice(8));
}
