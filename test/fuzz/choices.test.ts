import { Choices, fromText, mutated, shrunk, stream, toText } from './choices';

describe('the choices that a case is made of', () => {
	test('a seed gives the same numbers for ever and on every machine', () => {
		const numbers = stream(7, 3);
		expect([numbers(), numbers(), numbers()]).toEqual([1_870_738_627, 615_636_024, 3_853_858_348]);
		expect(stream(7, 3)()).not.toBe(stream(7, 4)());
		expect(stream(7, 3)()).not.toBe(stream(8, 3)());
		expect(stream(2 ** 32 + 7)()).not.toBe(stream(7)());
	});

	test('numbers are spread evenly', () => {
		const choices = new Choices([], stream(1));
		const counts = new Array<number>(10).fill(0);
		for (let draw = 0; draw < 20_000; draw++) counts[choices.below(10)]! += 1;
		for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(250);
		expect(Array.from({ length: 20_000 }, () => choices.chance(0.1)).filter(Boolean).length).toBeGreaterThan(1750);
	});

	const draw = (choices: Choices) => [
		choices.between(-3, 3),
		choices.pick(['a', 'b', 'c']),
		choices.chance(0.5),
		choices.list(5, () => choices.below(100)),
		choices.oneOf([1, () => 'x'], [3, () => 'y']),
	];

	test('drawn again, they give the same, also by way of a command line', () => {
		const choices = new Choices([], stream(5));
		const drawn = draw(choices);
		expect(draw(new Choices(choices.made, null))).toEqual(drawn);
		expect(draw(new Choices(fromText(toText(choices.made)), null))).toEqual(drawn);
		expect(fromText(toText([0, 1, 2 ** 32 - 1]))).toEqual([0, 1, 2 ** 32 - 1]);
		expect(fromText(toText([]))).toEqual([]);
	});

	test('without any, everything is as simple as it can be', () => {
		expect(draw(new Choices([], null))).toEqual([-3, 'a', false, [], 'x']);
	});

	test('mutated, they are others but not all', () => {
		const { made } = (() => {
			const choices = new Choices([], stream(5));
			for (let count = 0; count < 50; count++) choices.below(10);
			return choices;
		})();
		const fresh = stream(9);
		for (let count = 0; count < 200; count++) {
			const changed = mutated(made, fresh);
			expect(changed.filter((number) => made.includes(number)).length).toBeGreaterThanOrEqual(Math.min(changed.length, 1) - 1);
			expect(Math.abs(changed.length - made.length)).toBeLessThanOrEqual(50);
		}
		expect(
			Array.from({ length: 50 }, () => toText(mutated(made, fresh))).filter((text) => text !== toText(made)).length,
		).toBeGreaterThan(45);
	});

	test('shrunk, only what matters is left of them', async () => {
		const fails = async (candidate: readonly number[]) => {
			const choices = new Choices(candidate, null);
			const numbers = choices.list(60, () => choices.below(1000));
			return numbers.some((number) => number >= 700);
		};
		const fresh = stream(3);
		let choices: Choices;
		do {
			choices = new Choices([], fresh);
			for (let count = 0; count < 40; count++) choices.below(2);
		} while (!(await fails(choices.made)));
		const small = await shrunk(choices.made, fails, 1500);
		expect(await fails(small)).toBe(true);
		expect(small.length).toBeLessThanOrEqual(3);
		const read = new Choices(small, null);
		const numbers = read.list(60, () => read.below(1000));
		expect(numbers).toHaveLength(1);
		expect(numbers[0]).toBeLessThan(1000);
	});
});
