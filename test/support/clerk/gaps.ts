/** The whole numbers from 0 on, with some missing: finds the n-th of those that are left without walking there. */
export class Gaps {
	/** Ascending. */
	private readonly missing: number[] = [];

	get size(): number {
		return this.missing.length;
	}

	has(number: number): boolean {
		return this.missing[this.before(number)] === number;
	}

	/** From now on this number is missing. */
	add(number: number): void {
		const place = this.before(number);
		if (this.missing[place] !== number) this.missing.splice(place, 0, number);
	}

	/** How many smaller numbers are missing. */
	before(number: number): number {
		return this.firstWhere((missing) => missing >= number);
	}

	/** The n-th number that is left, from 0. */
	nth(n: number): number {
		// So many numbers are left before the k-th missing one: itself less those that are missing before it.
		return n + this.firstWhere((missing, place) => missing - place > n);
	}

	/** By halving: the test must hold for all from some place on. */
	private firstWhere(holds: (missing: number, place: number) => boolean): number {
		return lowest(this.missing.length, (place) => holds(this.missing[place] ?? 0, place));
	}
}

/** The lowest whole number below `end` for which the test holds, as for all above it; `end` where it holds for none. */
export function lowest(end: number, holds: (number: number) => boolean): number {
	let [low, high] = [0, end];
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (holds(middle)) high = middle;
		else low = middle + 1;
	}
	return low;
}
