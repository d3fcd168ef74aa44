import { History } from './shipped';
import type { Contender } from './timing';

/** How many deliveries are remembered: none, and up to the bound. */
export const REMEMBERED = [1, 1000, 10_000, 100_000] as const;

/** Lets a delivery in and remembers it, in a history that holds so many already. */
export function remembering(): Record<string, Contender> {
	return Object.fromEntries(
		REMEMBERED.map((remembered): [string, Contender] => {
			// As many entries as wanted, and no more with every call: the oldest half goes whenever the younger is full.
			const history = new History({ entries: Math.ceil(remembered / 2) });
			let count = 0;
			const accept = () => {
				const id = `msg_2xYz${String(count++).padStart(20, '0')}`;
				const now = Date.now();
				const scope = 'workflow\nnode';
				if (history.repeats(scope, id, now)) throw new Error('accepted before');
				history.known(scope, 'user', id, now);
				history.claim(scope, id, [{ subject: 'user', id, at: count }]).settle(true, now);
			};
			while (count < remembered) accept();
			return [String(remembered), { run: accept }];
		}),
	);
}
