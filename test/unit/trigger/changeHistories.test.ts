import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';

import { inRepository } from '../../support/paths';
import { stopClock } from '../../support/stoppedClock';
import { count, histories, play } from './histories';
import type { Kind, Played } from './histories';

const SEED = 20_261_128;
/** Of each kind, for the figures. */
const HISTORIES = 400;

stopClock();

/** What was reported more often than it happened. A password that was removed and set again meanwhile is a changed one. */
function tooMuch({ happened, reported }: Played): string[] {
	const really = count(happened.map(grouped));
	return [...count(reported.map(grouped))].filter(([name, times]) => times > (really.get(name) ?? 0)).map(([name]) => name);
}

const grouped = (name: string) => (name.startsWith('password.') ? 'password' : name);

describe('C9: whatever happens to a user, nothing is reported that did not happen, and nothing twice', () => {
	test.each<[string, Kind]>([
		['in order, and all of it', { outOfOrder: false, restarts: false, messages: false }],
		['in any order', { outOfOrder: true, restarts: false, messages: false }],
		['in order, with a restart', { outOfOrder: false, restarts: true, messages: false, hurried: false }],
		["in order, and all of it, with Clerk's messages", { outOfOrder: false, restarts: false, messages: true }],
		["with Clerk's messages, in any order", { outOfOrder: true, restarts: false, messages: true }],
	])('%s', async (name, kind) => {
		await fc.assert(
			fc.asyncProperty(histories(kind), async (history) => {
				const played = await play(history);
				expect(tooMuch(played)).toEqual([]);
				expect(new Set(played.ids).size).toBe(played.ids.length);
				if (name.startsWith('in order, and')) expect([...played.reported].sort()).toEqual([...played.happened].sort());
			}),
			{ numRuns: 150, seed: SEED },
		);
	});
});

/** The figures of docs/reliability.md. `CLERK_SYNC_FIGURES=write` writes them, `npm run docs` then the table. */
describe('what is reported, missed and reported wrongly in many histories', () => {
	const FILE = inRepository('docs', 'proofs', 'changes.json');

	async function measure(kind: Kind): Promise<[happened: number, reported: number, missed: number, wrong: number]> {
		const sums: [number, number, number, number] = [0, 0, 0, 0];
		for (const history of fc.sample(histories(kind), { numRuns: HISTORIES, seed: SEED })) {
			const played = await play(history);
			const [really, said] = [count(played.happened), count(played.reported)];
			const more = (one: Map<string, number>, other: Map<string, number>) =>
				[...one].reduce((sum, [name, times]) => sum + Math.max(0, times - (other.get(name) ?? 0)), 0);
			[played.happened.length, played.reported.length, more(really, said), more(said, really)].forEach((one, index) => {
				sums[index] = (sums[index] ?? 0) + one;
			});
		}
		return sums;
	}

	test('are as the documentation says', async () => {
		const figures: Record<string, number> = { seed: SEED, 'histories of each kind': HISTORIES };
		for (const [title, kind] of [
			['in order', { outOfOrder: false, restarts: false, messages: false }],
			['out of order', { outOfOrder: true, restarts: false, messages: false }],
			['in order, with a restart', { outOfOrder: false, restarts: true, messages: false }],
			['out of order, with a restart', { outOfOrder: true, restarts: true, messages: false }],
		] as const) {
			const [happened, reported, missed, wrong] = await measure(kind);
			Object.assign(figures, {
				[`${title}: happened`]: happened,
				[`${title}: reported`]: reported,
				[`${title}: missed`]: missed,
				[`${title}: reported wrongly or twice`]: wrong,
			});
		}
		const text = `${JSON.stringify(figures, null, '\t')}\n`;
		if (process.env['CLERK_SYNC_FIGURES'] === 'write') writeFileSync(FILE, text);
		expect(readFileSync(FILE, 'utf8')).toBe(text);
	}, 120_000);
});
