import * as crypto from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { verifyDelivery } from '../../../nodes/Clerk/trigger/delivery';
import { signatureMatches } from '../../../nodes/Clerk/trigger/signature';
import { keysOf, MESSAGE_ID, NOW, NOW_SECONDS, OTHER_SECRET, SECRET } from '../../support/deliveries';
import { keyOf, sign } from '../../support/signatureLibraries';
import { inRepository } from '../../support/paths';

jest.mock('node:crypto', () => {
	const actual = jest.requireActual<typeof crypto>('node:crypto');
	return { ...actual, timingSafeEqual: jest.fn(actual.timingSafeEqual) };
});

/** The one primitive that compares in constant time; `expected` comes second. */
const compare = jest.mocked(crypto.timingSafeEqual);
const { timingSafeEqual: actual } = jest.requireActual<typeof crypto>('node:crypto');

beforeEach(() => {
	compare.mockReset();
	compare.mockImplementation(actual);
});

const BODY = Buffer.from('{"type":"user.created"}');
const KEYS = [SECRET, OTHER_SECRET].map(keyOf);
const timestampText = String(NOW_SECONDS);

/** What stands behind `v1,` under a key. */
function signatureUnder(key: Buffer): string {
	return sign(key, MESSAGE_ID, timestampText, BODY).slice('v1,'.length);
}

function check(signatures: string, keys: readonly Buffer[]): boolean {
	return signatureMatches({ id: MESSAGE_ID, timestamp: NOW_SECONDS, timestampText, signatures }, BODY, keys);
}

/** What was compared with what, in order. */
function comparisons(): [candidate: string, expected: string][] {
	return compare.mock.calls.map(([one, other]) => [(one as Buffer).toString(), (other as Buffer).toString()]);
}

const [RIGHT = '', ALSO_RIGHT = ''] = KEYS.map(signatureUnder);
const wrong = (index: number) => Buffer.alloc(32, index + 1).toString('base64');
const listOf = (candidates: readonly string[]) => candidates.map((candidate) => `v1,${candidate}`).join(' ');

describe('A2: every v1 entry is compared under every key, in constant time, whatever was found before', () => {
	const lists: [string, string[], boolean][] = [
		['no right one', [wrong(0), wrong(1), wrong(2)], false],
		['the right one first', [RIGHT, wrong(0), wrong(1), wrong(2)], true],
		['the right one in the middle', [wrong(0), RIGHT, wrong(1)], true],
		['the right one last', [wrong(0), wrong(1), wrong(2), RIGHT], true],
		['the right one of the second key first', [ALSO_RIGHT, wrong(0)], true],
		['both right ones', [RIGHT, ALSO_RIGHT], true],
		['the right one again and again', [RIGHT, RIGHT, RIGHT], true],
		['one alone', [RIGHT], true],
		['a thousand, the right one first', [RIGHT, ...Array.from({ length: 999 }, (_, index) => wrong(index % 200))], true],
	];

	test.each(lists)('%s', (_, candidates, found) => {
		expect(check(listOf(candidates), KEYS)).toBe(found);
		expect(comparisons()).toEqual(
			[RIGHT, ALSO_RIGHT].flatMap((expected) => candidates.map((candidate) => [candidate, expected])),
		);
	});

	test('also through the whole check of a delivery', () => {
		const headers = { 'svix-id': MESSAGE_ID, 'svix-timestamp': timestampText, 'svix-signature': listOf([RIGHT, wrong(0)]) };
		const delivery = verifyDelivery({ headers, body: BODY }, keysOf(SECRET, OTHER_SECRET), 300, NOW);
		expect(delivery).toMatchObject({ id: MESSAGE_ID });
		expect(comparisons()).toHaveLength(4);
	});

	test('entries of other versions are not compared at all', () => {
		expect(check(`v1a,${RIGHT} v2,${RIGHT} V1,${RIGHT} ${RIGHT} v1`, KEYS)).toBe(false);
		expect(comparisons()).toEqual([]);
	});
});

describe('A2: a signature of another length is handled: the primitive would throw', () => {
	const lengths = Array.from({ length: 100 }, (_, length) => length).filter((length) => length !== RIGHT.length);

	test.each([
		['shorter and longer', lengths.map((length) => 'A'.repeat(length))],
		['parts of the right one, and more than it', lengths.map((length) => RIGHT.repeat(3).slice(0, length))],
		['as many characters, but more bytes', ['é'.repeat(RIGHT.length), `é${RIGHT.slice(1)}`]],
	])('%s', (_, candidates) => {
		expect(check(listOf(candidates), KEYS)).toBe(false);
		expect(comparisons()).toEqual([]);
		expect(check(listOf([...candidates, RIGHT]), KEYS)).toBe(true);
		expect(comparisons().map(([candidate]) => candidate)).toEqual([RIGHT, RIGHT]);
	});

	test('as many bytes, but fewer characters: it is compared', () => {
		const candidate = 'é'.repeat(RIGHT.length / 2);
		expect(check(listOf([candidate]), KEYS)).toBe(false);
		expect(comparisons()).toHaveLength(2);
	});
});

describe('A2: the primitive alone decides', () => {
	test('where it says no, the right signature does not pass', () => {
		compare.mockReturnValue(false);
		expect(check(listOf([RIGHT]), KEYS)).toBe(false);
		const headers = { 'svix-id': MESSAGE_ID, 'svix-timestamp': timestampText, 'svix-signature': listOf([RIGHT]) };
		expect(verifyDelivery({ headers, body: BODY }, keysOf(SECRET), 300, NOW)).toMatchObject({ code: 'signature_mismatch' });
	});

	test('where it says yes, a wrong one passes', () => {
		compare.mockReturnValue(true);
		expect(check(listOf([wrong(0)]), KEYS)).toBe(true);
	});

	test('where it says yes once, later ones change nothing', () => {
		for (let call = 0; call < 6; call++) {
			compare.mockReset();
			for (let before = 0; before < call; before++) compare.mockReturnValueOnce(false);
			compare.mockReturnValueOnce(true).mockReturnValue(false);
			expect(check(listOf([wrong(0), wrong(1), wrong(2)]), KEYS)).toBe(true);
			expect(comparisons()).toHaveLength(6);
		}
	});
});

test('A2: the primitive and the HMAC are used in one file alone, once each', () => {
	const nodes = inRepository('nodes');
	const files = readdirSync(nodes, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
	expect(files.length).toBeGreaterThan(20);
	const uses = files.flatMap((file) => {
		const calls = readFileSync(join(nodes, file), 'utf8').matchAll(/\b(timingSafeEqual|createHmac)\(|\bsubtle\b/g);
		return [...calls].map(([, name]) => `${file.replaceAll('\\', '/')} ${name}`);
	});
	expect(uses.sort()).toEqual(['Clerk/trigger/signature.ts createHmac', 'Clerk/trigger/signature.ts timingSafeEqual']);
});
