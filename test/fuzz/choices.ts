/**
 * Where a case of the fuzzer takes its decisions from. A case is nothing but the list of numbers that
 * it drew: drawn again, they make the very same case; some of them changed, a similar one, still well
 * formed; some of them left out, a smaller one. So one list serves for repeating, mutating and
 * shrinking, whatever a case is about.
 */

const RANGE = 2 ** 32;

/** sfc32, seeded with as many numbers as are given: the same ones give the same stream on every machine. */
export function stream(...seed: readonly number[]): () => number {
	let a = 0x9e3779b9;
	let b = 0x243f6a88;
	let c = 0xb7e15162;
	let counter = 1;
	const next = () => {
		const sum = (a + b + counter) | 0;
		counter = (counter + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = ((c << 21) | (c >>> 11)) + sum;
		return sum >>> 0;
	};
	for (const number of seed) {
		a ^= number | 0;
		b ^= Math.floor(number / RANGE) | 0;
		for (let round = 0; round < 15; round++) next();
	}
	return next;
}

export class Choices {
	/** What was drawn. */
	readonly made: number[] = [];

	/**
	 * @param given what is drawn first
	 * @param fresh what is drawn after that; zeros if null, which are the simplest choice everywhere
	 */
	constructor(
		private readonly given: readonly number[],
		private readonly fresh: (() => number) | null,
	) {}

	private next(): number {
		const number = this.given[this.made.length] ?? this.fresh?.() ?? 0;
		this.made.push(number);
		return number;
	}

	/** 0 to `count - 1` */
	below(count: number): number {
		return Math.floor((this.next() / RANGE) * count);
	}

	/** `from` to `to`, inclusive; `from` is the simplest. */
	between(from: number, to: number): number {
		return from + this.below(to - from + 1);
	}

	/** True in this share of the cases; false is the simpler one. */
	chance(share: number): boolean {
		return this.next() >= (1 - share) * RANGE;
	}

	/** The first is the simplest. */
	pick<T>(list: readonly T[]): T {
		const picked = list[this.below(list.length)];
		if (picked === undefined && list.length === 0) throw new Error('There is nothing to pick from');
		return picked as T;
	}

	/** One of the makers, each as often as its weight says; the first is the simplest. */
	oneOf<T>(...makers: readonly (readonly [weight: number, make: () => T])[]): T {
		let left = this.below(makers.reduce((sum, [weight]) => sum + weight, 0));
		for (const [weight, make] of makers) {
			if (left < weight) return make();
			left -= weight;
		}
		throw new Error('There is nothing to make');
	}

	/** A list of up to `most`, more often short than long. */
	list<T>(most: number, make: () => T): T[] {
		return Array.from({ length: this.below(1 + this.below(most + 1)) }, make);
	}
}

/** The choices as text for a command line, and back. */
export function toText(choices: readonly number[]): string {
	return choices.map((number) => number.toString(36)).join('.');
}

export function fromText(text: string): number[] {
	return text === '' ? [] : text.split('.').map((digits) => parseInt(digits, 36) >>> 0);
}

/** Similar choices: a few of them drawn anew, nudged, left out or doubled, or only a beginning kept. */
export function mutated(choices: readonly number[], fresh: () => number): number[] {
	const result = [...choices];
	const position = () => fresh() % Math.max(1, result.length);
	for (let change = 1 + (fresh() % 4); change > 0; change--) {
		const at = position();
		switch (fresh() % 8) {
			case 0:
				return result.slice(0, at);
			case 1:
				result.splice(at, 1 + (fresh() % 4));
				break;
			case 2:
				result.splice(at, 0, ...result.slice(at, at + 1 + (fresh() % 4)));
				break;
			case 3:
				result[at] = fresh() % 2 === 0 ? 0 : RANGE - 1;
				break;
			default:
				result[at] = fresh();
		}
	}
	return result;
}

/**
 * A small list of choices that still fails: parts left out, then numbers made small, for as long as
 * that helps.
 * @param fails whether a list fails in the same way
 * @param tries how many smaller ones are tried at most
 */
export async function shrunk(
	choices: readonly number[],
	fails: (candidate: readonly number[]) => Promise<boolean>,
	tries: number,
): Promise<number[]> {
	let best = [...choices];
	let left = tries;
	const better = async (candidate: number[]) => {
		if (left-- <= 0 || !(await fails(candidate))) return false;
		best = candidate;
		return true;
	};
	for (let improved = true; improved && left > 0;) {
		improved = false;
		for (let length = Math.max(1, best.length >> 1); length >= 1; length >>= 1) {
			for (let at = best.length - length; at >= 0 && left > 0; at -= length) {
				if (await better([...best.slice(0, at), ...best.slice(at + length)])) improved = true;
			}
		}
		for (let at = 0; at < best.length && left > 0; at++) {
			for (const smaller of [0, Math.floor((best[at] ?? 0) / 2)]) {
				if (smaller === best[at]) continue;
				if (await better([...best.slice(0, at), smaller, ...best.slice(at + 1)])) {
					improved = true;
					break;
				}
			}
		}
	}
	while (best.at(-1) === 0) best.pop();
	return best;
}
