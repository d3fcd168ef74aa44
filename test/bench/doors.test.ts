import { shuffled } from './doors/run';

const doors = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];

test('in each round every door has its turn once', () => {
	for (let round = 1; round <= 9; round++) expect(shuffled(doors, round).toSorted()).toEqual(doors);
});

test('the order is another one in each round, and the same in each run', () => {
	const orders = [1, 2, 3, 4, 5].map((round) => shuffled(doors, round).join(''));
	expect(new Set(orders).size).toBe(5);
	expect([1, 2, 3, 4, 5].map((round) => shuffled(doors, round).join(''))).toEqual(orders);
});
