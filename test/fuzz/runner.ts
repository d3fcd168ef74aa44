import fc from 'fast-check';

import { clock } from './property';
import type { Property } from './property';

/**
 * The most statements of the node's code that a case may run. Far above what is seen, and far below
 * what code needs that goes through its input again for every part of it.
 */
const STATEMENTS = 60_000;
const STATEMENTS_PER_CHARACTER = 20;

/** How many statements of nodes/ ran so far: Istanbul counts them under `jest --coverage`. */
function statementsRun(): number {
	const { __coverage__: files = {} } = globalThis as { __coverage__?: Record<string, { s: Record<number, number> }> };
	let sum = 0;
	for (const { s: counts } of Object.values(files)) {
		for (let statement = 0, count = counts[0]; count !== undefined; count = counts[++statement]) sum += count;
	}
	return sum;
}

const PROTOTYPES = [Object.prototype, Array.prototype, String.prototype, Function.prototype];

/** Everything that all objects, lists, texts and functions share. */
function shared(): unknown[] {
	return PROTOTYPES.flatMap((prototype) =>
		Reflect.ownKeys(prototype).flatMap((key): unknown[] => {
			const { ...descriptor } = Object.getOwnPropertyDescriptor(prototype, key);
			return [prototype, key, ...(Object.values(descriptor) as unknown[])];
		}),
	);
}
const sharedAtFirst = shared();

function isPolluted(): boolean {
	const now = shared();
	return now.length !== sharedAtFirst.length || now.some((part, index) => part !== sharedAtFirst[index]);
}

export interface Options extends fc.Parameters<[unknown]> {
	/** Counts what the cases met. */
	readonly met?: (what: string) => void;
	/** Whether an error fails the run; each does unless this is given. */
	readonly isFailure?: (error: Error) => boolean;
	/** In place of Istanbul's count. */
	readonly statements?: () => number;
}

/** Has fast-check run cases of one property, with `clock` in place of the machine's. */
export async function run(property: Property, options: Options): Promise<fc.RunDetails<[unknown]>> {
	const { met = () => {}, isFailure = () => true, statements = statementsRun, ...parameters } = options;
	let cases = 0;
	const checkCase = async (input: unknown) => {
		const before = statements();
		const characters = await property.check(input, met);
		const ran = statements() - before;
		if (ran > STATEMENTS + STATEMENTS_PER_CHARACTER * characters) {
			throw new Error(`no case runs many times more statements than it has characters: ${ran} for ${characters}`);
		}
		for (const key in {}) throw new Error(`no prototype is changed: ${key}`);
		if (++cases % 500 === 0 && isPolluted()) throw new Error('no prototype is changed: in one of the last 500 cases');
	};
	const { now } = Date;
	Date.now = () => clock.now;
	try {
		return await fc.check(
			fc.asyncProperty(property.arbitrary, async (input) => {
				await checkCase(input).catch((error: Error) => {
					if (isFailure(error)) throw error;
				});
			}),
			parameters,
		);
	} finally {
		Date.now = now;
	}
}
