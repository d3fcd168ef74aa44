/**
 * How the time for something grows with its size, without a limit in seconds, which a slow machine
 * would break. It is CPU time, which others on the machine don't take part in.
 */

const SMALL = 2000;
const TIMES = 8;
/** Linear growth makes it 8 times as much, quadratic 64 times. */
const MOST = 22;
/** Noise can make a fast thing look slow, never a slow one fast in the best of several runs. */
const ROUNDS = 6;
const RUNS = 3;
/** What takes so long for a small size grows faster than anybody waits for. */
const HOPELESS_MS = 500;
/** From below and in small steps, so that what grows exponentially is found before it takes for ever. */
const FIRST_SIZES = [8, 16, 20, 22, 24, 26, 28, 30, 40, 100, 500];

function best(run: () => unknown): number {
	let least = Infinity;
	for (let count = 0; count < RUNS; count++) {
		const started = process.cpuUsage();
		run();
		const { user, system } = process.cpuUsage(started);
		least = Math.min(least, (user + system) / 1000);
		// Twice: the machine may have been busy with something else.
		if (count > 0 && least > HOPELESS_MS) break;
	}
	return least;
}

/**
 * Whether the time for something is in proportion to its size, more or less.
 * @param prepare makes what is to be run for a size, so that the making doesn't count
 */
export function growsLinearly(prepare: (size: number) => () => unknown): boolean {
	for (const size of FIRST_SIZES) if (best(prepare(size)) > HOPELESS_MS) return false;
	for (let round = 0; round < ROUNDS; round++) {
		const small = best(prepare(SMALL));
		const large = best(prepare(SMALL * TIMES));
		// Below what the clock can measure, nothing grows.
		if (large < 0.2 || large / small < MOST) return true;
		if (large > HOPELESS_MS) return false;
	}
	return false;
}
