/**
 * Starts something before the tests of a file, and stops it after them.
 * @returns gives it, from when the tests begin
 */
export function forThisFile<T extends { stop(): unknown }>(start: () => Promise<T>): () => T {
	let started: T | undefined;
	beforeAll(async () => {
		started = await start();
	});
	afterAll(async () => await started?.stop());
	return () => {
		if (!started) throw new Error('It is not there before the tests begin');
		return started;
	};
}
