import { setTimeout as wait } from 'node:timers/promises';

export interface Patience {
	/** Milliseconds. */
	within?: number;
	/** Milliseconds between two looks. */
	every?: number;
	/** What is said when it took too long. */
	otherwise?: () => string;
}

/**
 * Looks again and again until there is something.
 * @returns what `look` gives, unless that is false, null or undefined
 * @throws when it takes longer than it may; a look that throws ends the waiting at once
 */
export async function until<T>(
	look: () => T | Promise<T>,
	{ within = 30_000, every = 50, otherwise = () => `This did not come true: ${look.toString()}` }: Patience = {},
): Promise<Exclude<T, false | null | undefined>> {
	const deadline = Date.now() + within;
	for (;;) {
		const found = await look();
		if (found !== false && found !== null && found !== undefined) return found as Exclude<T, false | null | undefined>;
		if (Date.now() > deadline) throw new Error(`${otherwise()}\n(waited ${within / 1000} seconds)`);
		await wait(every);
	}
}

/** Repeats an assertion about something that takes its time. @throws its last failure, when it takes too long */
export async function eventually(
	assertion: () => void | Promise<void>,
	{ within = 30_000, every = 50 }: Patience = {},
): Promise<void> {
	const deadline = Date.now() + within;
	for (;;) {
		try {
			return await assertion();
		} catch (failure) {
			if (Date.now() > deadline) throw failure;
			await wait(every);
		}
	}
}
