import { ENDED, NOTHING_KNOWN, UNDATED } from '../../../nodes/Clerk/records/state';
import type { State } from '../../../nodes/Clerk/records/state';
import { History } from '../../../nodes/Clerk/trigger/history';
import type { Claim } from '../../../nodes/Clerk/trigger/history';
import type { Repeated } from '../../../nodes/Clerk/trigger/outcome';

const HOUR = 60 * 60 * 1000;
const NOW = Date.UTC(2026, 0, 5, 9, 30, 0, 400);
const DUPLICATE = { outcome: 'duplicate', acceptedAt: Date.UTC(2026, 0, 5, 9, 30) };
const SAME_IN_FLIGHT = { outcome: 'postponed', code: 'same_in_flight' };

interface Visit {
	readonly scope: string;
	readonly id: string | null;
	readonly states: readonly State[];
}

const SCOPE = 'wf_1\nnode_1';
const delivery = (id: string): Visit => ({ scope: SCOPE, id, states: [] });
const state = (at: number, id = 'user_1', flags: Partial<State> = {}): Visit => {
	return { scope: SCOPE, id: null, states: [{ subject: 'user', id, at, ...flags }] };
};
const known = (history: History, id = 'user_1', now = NOW) => history.known(SCOPE, 'user', id, now);

/** As the trigger does: it looks, then claims. */
function admit(history: History, { scope, id, states }: Visit, now = NOW): Claim | Repeated {
	return (id === null ? null : history.repeats(scope, id, now)) ?? history.claim(scope, id, states);
}

/** Accepts what must be accepted. */
function letIn(history: History, visit: Visit, now = NOW): Claim {
	const verdict = admit(history, visit, now);
	if ('outcome' in verdict) throw new Error(`not accepted: ${JSON.stringify(verdict)}`);
	return verdict;
}

function accept(history: History, visit: Visit, now = NOW): void {
	letIn(history, visit, now).settle(true, now);
}

/** Every text that it holds. */
function textsIn(value: unknown): string[] {
	if (typeof value === 'string') return [value];
	if (value instanceof Map || value instanceof Set) return [...value].flatMap(textsIn);
	return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function isLetIn(history: History, visit: Visit, now = NOW): boolean {
	const verdict = admit(history, visit, now);
	if ('outcome' in verdict) return false;
	verdict.settle(false, now);
	return true;
}

describe('E1: a delivery', () => {
	let history: History;
	const SAME = delivery('msg_1');
	const verdictOn = (visit: Visit, hours = 0) => admit(history, visit, NOW + hours * HOUR);
	beforeEach(() => {
		history = new History();
	});

	test('that was accepted is a duplicate when it comes again, and it says since when', () => {
		accept(history, SAME);
		for (const hours of [1, 2]) expect(verdictOn(SAME, hours)).toEqual(DUPLICATE);
		expect(isLetIn(history, delivery('msg_2'))).toBe(true);
	});

	test.each(['wf_2\nnode_1', 'wf_1\nnode_2'])('but not for another workflow or node: %j', (scope) => {
		accept(history, SAME);
		expect(isLetIn(history, { ...SAME, scope })).toBe(true);
	});

	test('is to come again later while it is in flight, and after a failure it may, as often as it fails', () => {
		for (const hours of [0, 40]) {
			const claim = letIn(history, SAME);
			expect(verdictOn(SAME, hours)).toEqual(SAME_IN_FLIGHT);
			claim.settle(false, NOW);
		}
		accept(history, SAME);
		expect(verdictOn(SAME)).toEqual(DUPLICATE);
	});

	test('where duplicates are accepted, nothing of it is remembered', () => {
		const any = { ...SAME, id: null };
		letIn(history, any);
		accept(history, any);
		for (const visit of [any, SAME]) expect(isLetIn(history, visit)).toBe(true);
	});

	describe('whose sender disconnected', () => {
		let claim: Claim;
		beforeEach(() => {
			claim = letIn(history, SAME);
			claim.abandon(NOW);
		});

		test('is in flight for a day, until the last attempt that Clerk makes', () => {
			expect(admit(history, SAME, NOW + 24 * HOUR - 1)).toEqual(SAME_IN_FLIGHT);
			expect(isLetIn(history, SAME, NOW + 24 * HOUR)).toBe(true);
		});

		test.each([10_000, 20 * 60_000])('is remembered when n8n succeeds with it %i ms later', (later) => {
			accept(history, delivery('msg_other'), NOW + later);
			claim.settle(true, NOW + later);
			expect(admit(history, SAME, NOW + later)).toMatchObject({ outcome: 'duplicate' });
		});

		test('is free at once when n8n fails with it, and leaves nothing behind', () => {
			claim.settle(false, NOW + 1);
			expect(textsIn(history)).toEqual([]);
			expect(isLetIn(history, SAME, NOW + 2)).toBe(true);
		});

		test('does not free the attempt that came after it', () => {
			const now = NOW + 25 * HOUR;
			const second = letIn(history, SAME, now);
			claim.settle(false, now);
			expect(admit(history, SAME, now)).toEqual(SAME_IN_FLIGHT);
			second.settle(true, now);
			expect(admit(history, SAME, now)).toMatchObject({ outcome: 'duplicate' });
		});
	});
});

describe('E2: what is known of a subject', () => {
	test('nothing at first, nor of another one, nor in another workflow', () => {
		const history = new History();
		accept(history, state(100));
		expect(known(history)).toEqual({ ...NOTHING_KNOWN, accepted: 100 });
		expect(known(history, 'user_2')).toEqual(NOTHING_KNOWN);
		expect(history.known(SCOPE, 'member', 'user_1', NOW)).toEqual(NOTHING_KNOWN);
		expect(history.known('wf_2\nnode_1', 'user', 'user_1', NOW)).toEqual(NOTHING_KNOWN);
	});

	test('the newest that was accepted, not the last one', () => {
		const history = new History();
		const [older, newer] = [letIn(history, state(100)), letIn(history, state(200))];
		newer.settle(true, NOW);
		older.settle(true, NOW);
		expect(known(history).accepted).toBe(200);
	});

	test('the newest that is in flight, until it is known how that ended', () => {
		const history = new History();
		const [newer, older] = [letIn(history, state(200)), letIn(history, state(100))];
		expect(known(history)).toMatchObject({ accepted: UNDATED, inFlight: 200 });
		newer.settle(false, NOW);
		expect(known(history)).toMatchObject({ accepted: UNDATED, inFlight: 100 });
		older.settle(true, NOW);
		expect(known(history)).toMatchObject({ accepted: 100, inFlight: null });
	});

	test('a part of a state is in flight like any other, and is not remembered', () => {
		const history = new History();
		const part = letIn(history, state(UNDATED));
		expect(known(history)).toMatchObject({ accepted: UNDATED, inFlight: UNDATED });
		part.settle(true, NOW);
		expect(known(history)).toEqual(NOTHING_KNOWN);
	});

	test('of what failed, that its contact came out with an address: the workflow may have stored it', () => {
		const history = new History();
		letIn(history, state(100, 'user_1', { withEmail: true, unsubscribed: true })).settle(false, NOW);
		expect(known(history)).toEqual({ ...NOTHING_KNOWN, withEmail: true });
		accept(history, state(50));
		expect(known(history)).toEqual({ ...NOTHING_KNOWN, accepted: 50, withEmail: true });
	});

	test('an end is the end', () => {
		const history = new History();
		accept(history, state(ENDED));
		accept(history, state(NOW + 1000 * HOUR));
		expect(known(history)).toEqual({ ...NOTHING_KNOWN, accepted: ENDED });
	});

	test('what was ignored is known as well, and changes nothing about the contact that came out', () => {
		const history = new History();
		accept(history, state(100, 'user_1', { withEmail: true, unsubscribed: true }));
		history.note(SCOPE, state(200).states, NOW);
		expect(known(history)).toEqual({ accepted: 200, inFlight: null, withEmail: true, unsubscribed: true });
	});

	const NEITHER = { withEmail: false, unsubscribed: false };

	test.each<[string, Partial<State>, Partial<State>, typeof NEITHER]>([
		['its address, for good', { withEmail: true }, { withEmail: false }, { ...NEITHER, withEmail: true }],
		['whether it was to be unsubscribed, of the newest', { unsubscribed: true }, { unsubscribed: false }, NEITHER],
		['both', { withEmail: true, unsubscribed: false }, { unsubscribed: true }, { withEmail: true, unsubscribed: true }],
	])('%s', (_, older, newer, flags) => {
		const history = new History();
		accept(history, state(100, 'user_1', older));
		const claim = letIn(history, state(200, 'user_1', newer));
		expect(known(history)).toMatchObject(flags);
		claim.settle(true, NOW);
		expect(known(history)).toEqual({ accepted: 200, inFlight: null, ...flags });
		accept(history, state(150, 'user_1', { unsubscribed: !flags.unsubscribed }));
		expect(known(history)).toMatchObject({ accepted: 200, unsubscribed: flags.unsubscribed });
	});

	test.each([0, -1, -62_135_596_800_000, NOW, 8.64e15, 1e300, -1e300])('a time of %d ms keeps its order', (at) => {
		const history = new History();
		accept(history, state(at, 'user_1', { withEmail: true, unsubscribed: true }));
		const { accepted, withEmail, unsubscribed } = known(history);
		expect([withEmail, unsubscribed]).toEqual([true, true]);
		if (Math.abs(at) < 1e16) expect(accepted).toBe(Math.max(-(2 ** 50), Math.min(at, 2 ** 50)));
	});
});

describe('what is remembered', () => {
	test.each([1, 24, 47.9])('%d hours later it is still there', (hours) => {
		const history = new History();
		// An older generation begins long before, so that this one is as near to its end as it can be.
		accept(history, delivery('msg_0'), NOW - 47 * HOUR);
		accept(history, delivery('msg_1'));
		accept(history, state(200));
		expect(admit(history, delivery('msg_1'), NOW + hours * HOUR)).toEqual(DUPLICATE);
		expect(known(history, 'user_1', NOW + hours * HOUR).accepted).toBe(200);
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
		expect(known(history, 'user_quiet').accepted).toBe(500);
	});

	test('a clock that is set back forgets nothing', () => {
		const history = new History();
		accept(history, delivery('msg_1'));
		expect(admit(history, delivery('msg_1'), NOW - 1000 * HOUR)).toEqual(DUPLICATE);
	});

	test('nothing in it names a person or a delivery, however long a name is', () => {
		const history = new History();
		accept(history, { ...state(1, 'user_CANARY'), id: `msg_CANARY${'x'.repeat(10_000)}` });
		letIn(history, { ...state(2, 'user_CANARY'), id: 'msg_CANARY2' });
		const seen = textsIn(history);
		// The user and the two deliveries.
		expect(new Set(seen).size).toBe(3);
		for (const text of seen) expect([text.length, text.includes('CANARY')]).toEqual([16, false]);
	});
});
