import { History } from '../../nodes/Clerk/trigger/history';
import type { Claim, Repeatable } from '../../nodes/Clerk/trigger/history';

const HOUR = 60 * 60 * 1000;
const NOW = Date.UTC(2026, 0, 5, 9, 30, 0, 400);
const DUPLICATE = { outcome: 'duplicate', acceptedAt: Date.UTC(2026, 0, 5, 9, 30) };
const STALE = { outcome: 'stale' };
const SAME_IN_FLIGHT = { outcome: 'postponed', code: 'same_in_flight' };
const NEWER_IN_FLIGHT = { outcome: 'postponed', code: 'newer_in_flight' };

const delivery = (id: string): Repeatable => ({ scope: 'wf_1\nnode_1', id, user: null });
const state = (at: number, userId = 'user_1'): Repeatable => {
	return { scope: 'wf_1\nnode_1', id: null, user: { userId, kind: 'state', at } };
};
const deletion = (at: number): Repeatable => ({
	scope: 'wf_1\nnode_1',
	id: null,
	user: { userId: 'user_1', kind: 'deleted', at },
});

/** Lets in what must be let in. */
function letIn(history: History, repeatable: Repeatable, now = NOW): Claim {
	const verdict = history.admit(repeatable, now);
	if ('outcome' in verdict) throw new Error(`not let in: ${JSON.stringify(verdict)}`);
	return verdict;
}

function accept(history: History, repeatable: Repeatable, now = NOW): void {
	letIn(history, repeatable, now).settle(true, now);
}

function isLetIn(history: History, repeatable: Repeatable, now = NOW): boolean {
	const verdict = history.admit(repeatable, now);
	if ('outcome' in verdict) return false;
	verdict.settle(false, now);
	return true;
}

describe('E1: a delivery that was accepted is a duplicate', () => {
	test('when it comes again, and it says since when', () => {
		const history = new History();
		accept(history, delivery('msg_1'));
		expect(history.admit(delivery('msg_1'), NOW + HOUR)).toEqual(DUPLICATE);
		expect(history.admit(delivery('msg_1'), NOW + 2 * HOUR)).toEqual(DUPLICATE);
		expect(isLetIn(history, delivery('msg_2'))).toBe(true);
	});

	test.each([
		['another workflow', 'wf_2\nnode_1'],
		['another node of the workflow', 'wf_1\nnode_2'],
	])('but not for %s', (_, scope) => {
		const history = new History();
		accept(history, delivery('msg_1'));
		expect(isLetIn(history, { ...delivery('msg_1'), scope })).toBe(true);
	});

	test('while it is in flight, a second one is to come again later', () => {
		const history = new History();
		const claim = letIn(history, delivery('msg_1'));
		expect(history.admit(delivery('msg_1'), NOW)).toEqual(SAME_IN_FLIGHT);
		expect(history.admit(delivery('msg_1'), NOW + 40 * HOUR)).toEqual(SAME_IN_FLIGHT);
		claim.settle(true, NOW);
		expect(history.admit(delivery('msg_1'), NOW)).toEqual(DUPLICATE);
	});

	test('after a failure it may come again, as often as it fails', () => {
		const history = new History();
		for (let attempt = 0; attempt < 3; attempt++) letIn(history, delivery('msg_1')).settle(false, NOW);
		accept(history, delivery('msg_1'));
		expect(history.admit(delivery('msg_1'), NOW)).toEqual(DUPLICATE);
	});

	test('where duplicates are let in, nothing of it is remembered', () => {
		const history = new History();
		const any = { ...delivery('msg_1'), id: null };
		letIn(history, any);
		accept(history, any);
		expect(isLetIn(history, any)).toBe(true);
		expect(isLetIn(history, delivery('msg_1'))).toBe(true);
	});
});

describe('E1: a delivery whose sender has hung up', () => {
	test('is in flight for four minutes, then free', () => {
		const history = new History();
		letIn(history, delivery('msg_1')).abandon(NOW);
		expect(history.admit(delivery('msg_1'), NOW + 4 * 60_000 - 1)).toEqual(SAME_IN_FLIGHT);
		expect(isLetIn(history, delivery('msg_1'), NOW + 4 * 60_000)).toBe(true);
	});

	test.each([
		['within that time', 10_000],
		['after it', 20 * 60_000],
	])('is remembered when n8n succeeds with it %s', (_, later) => {
		const history = new History();
		const claim = letIn(history, delivery('msg_1'));
		claim.abandon(NOW);
		accept(history, delivery('msg_other'), NOW + later);
		claim.settle(true, NOW + later);
		expect(history.admit(delivery('msg_1'), NOW + later)).toMatchObject({ outcome: 'duplicate' });
	});

	test('is free at once when n8n fails with it', () => {
		const history = new History();
		const claim = letIn(history, delivery('msg_1'));
		claim.abandon(NOW);
		claim.settle(false, NOW + 1);
		expect(isLetIn(history, delivery('msg_1'), NOW + 2)).toBe(true);
	});

	test('does not free the attempt that came after it', () => {
		const history = new History();
		const first = letIn(history, delivery('msg_1'));
		first.abandon(NOW);
		const second = letIn(history, delivery('msg_1'), NOW + 5 * 60_000);
		first.settle(false, NOW + 5 * 60_000);
		expect(history.admit(delivery('msg_1'), NOW + 5 * 60_000)).toEqual(SAME_IN_FLIGHT);
		second.settle(true, NOW + 5 * 60_000);
		expect(history.admit(delivery('msg_1'), NOW + 5 * 60_000)).toMatchObject({ outcome: 'duplicate' });
	});
});

describe('E2: a state of a user', () => {
	test.each([
		['older than one that was accepted is stale', 99, STALE],
		['as old as one that was accepted is let in: two changes can fall on one moment', 100, null],
		['newer than one that was accepted is let in', 101, null],
	])('%s', (_, at, verdict) => {
		const history = new History();
		accept(history, state(100));
		if (verdict) expect(history.admit(state(at), NOW)).toEqual(verdict);
		else expect(isLetIn(history, state(at))).toBe(true);
	});

	test('is compared with the newest, not with the last one', () => {
		const history = new History();
		const [older, newer] = [letIn(history, state(100)), letIn(history, state(200))];
		newer.settle(true, NOW);
		older.settle(true, NOW);
		expect(history.admit(state(150), NOW)).toEqual(STALE);
	});

	test('is compared with those of the same user alone', () => {
		const history = new History();
		accept(history, state(100, 'user_1'));
		expect(isLetIn(history, state(50, 'user_2'))).toBe(true);
	});

	test('a newer one that failed does not count', () => {
		const history = new History();
		letIn(history, state(200)).settle(false, NOW);
		expect(isLetIn(history, state(100))).toBe(true);
	});

	test('while a newer one is in flight, it is to come again later, when it is known how that ended', () => {
		const history = new History();
		const newer = letIn(history, state(200));
		expect(history.admit(state(100), NOW)).toEqual(NEWER_IN_FLIGHT);
		newer.settle(true, NOW);
		expect(history.admit(state(100), NOW)).toEqual(STALE);
	});

	test('while an older one is in flight, it is let in', () => {
		const history = new History();
		letIn(history, state(100));
		expect(isLetIn(history, state(200))).toBe(true);
	});
});

describe('E2: after a deletion', () => {
	test.each([
		['an older state is stale', 99, STALE],
		['a state of the very moment is stale', 100, STALE],
		['a newer state is let in', 101, null],
	])('%s', (_, at, verdict) => {
		const history = new History();
		accept(history, deletion(100));
		if (verdict) expect(history.admit(state(at), NOW)).toEqual(verdict);
		else expect(isLetIn(history, state(at))).toBe(true);
	});

	test('while it is in flight, an older state is to come again later', () => {
		const history = new History();
		letIn(history, deletion(100));
		expect(history.admit(state(100), NOW)).toEqual(NEWER_IN_FLIGHT);
	});

	test('a deletion is always let in, however late it comes', () => {
		const history = new History();
		accept(history, state(200));
		expect(isLetIn(history, deletion(100))).toBe(true);
	});
});

describe('what is remembered', () => {
	test.each([1, 24, 47.9])('%d hours later it is still there', (hours) => {
		const history = new History();
		// An older generation begins long before, so that this one is as near to its end as it can be.
		accept(history, delivery('msg_0'), NOW - 47 * HOUR);
		accept(history, delivery('msg_1'));
		accept(history, state(200));
		expect(history.admit(delivery('msg_1'), NOW + hours * HOUR)).toEqual(DUPLICATE);
		expect(history.admit(state(100), NOW + hours * HOUR)).toEqual(STALE);
	});

	test('a week later it is gone, whether anything came in between or not', () => {
		for (const between of [[], [30], [50, 90, 140]]) {
			const history = new History();
			accept(history, delivery('msg_1'));
			for (const hours of between) accept(history, delivery(`msg_${hours}h`), NOW + hours * HOUR);
			expect(isLetIn(history, delivery('msg_1'), NOW + 168 * HOUR)).toBe(true);
		}
	});

	test('of many deliveries at least as many are remembered as fit into a generation, the latest; never more than into two', () => {
		const history = new History({ entries: 100 });
		for (let count = 0; count < 1000; count++) {
			accept(history, delivery(`msg_${count}`));
			const remembered = Array.from({ length: count + 1 }, (_, index) => !isLetIn(history, delivery(`msg_${index}`)));
			expect(remembered.slice(-100)).not.toContain(false);
			expect(remembered.filter(Boolean).length).toBeLessThanOrEqual(200);
			if (count % 50 !== 0) continue;
			// Those that are remembered are the latest ones, without a gap.
			expect(remembered.lastIndexOf(false)).toBe(remembered.filter((known) => !known).length - 1);
		}
	});

	test('a user who changes again and again takes one place', () => {
		const history = new History({ entries: 100 });
		accept(history, state(500, 'user_quiet'));
		for (let at = 0; at < 1000; at++) accept(history, state(at, 'user_busy'));
		expect(history.admit(state(499, 'user_quiet'), NOW)).toEqual(STALE);
	});

	test('a clock that is set back forgets nothing', () => {
		const history = new History();
		accept(history, delivery('msg_1'));
		expect(history.admit(delivery('msg_1'), NOW - 1000 * HOUR)).toEqual(DUPLICATE);
	});

	test('nothing in it names a person or a delivery, however long a name is', () => {
		const history = new History();
		accept(history, { ...state(1, 'user_CANARY'), id: `msg_CANARY${'x'.repeat(10_000)}` });
		letIn(history, { ...state(2, 'user_CANARY'), id: 'msg_CANARY2' });
		const seen: string[] = [];
		const collect = (value: unknown): void => {
			if (typeof value === 'string') seen.push(value);
			else if (value instanceof Map) for (const entry of value) collect(entry);
			else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
		};
		collect(history);
		// The user and the two deliveries.
		expect(new Set(seen).size).toBe(3);
		for (const text of seen) expect([text.length, text.includes('CANARY')]).toEqual([16, false]);
	});
});
