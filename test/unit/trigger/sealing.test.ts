import { seal, unseal } from '../../../nodes/Clerk/trigger/sealing';
import { SECRET } from '../../support/deliveries';

const KEY = 'sk_test_one';
const OWNER = 'wf_1/node_1';

describe('D1: a signing secret that a trigger keeps', () => {
	test('opens with the secret key with which it was sealed', () => {
		expect(unseal(seal(SECRET, KEY, OWNER), KEY, OWNER)).toBe(SECRET);
	});

	test('is not to be seen in what is kept, which is another one every time', () => {
		const sealed = [seal(SECRET, KEY, OWNER), seal(SECRET, KEY, OWNER)];
		expect(sealed[0]).not.toBe(sealed[1]);
		for (const text of sealed) {
			const decoded = Buffer.from(text.slice('v1.'.length), 'base64url').toString('latin1');
			for (const secret of [SECRET, SECRET.slice('whsec_'.length), KEY]) expect(text + decoded).not.toContain(secret);
		}
	});

	test.each([
		['another secret key', KEY.replace('one', 'two'), OWNER],
		['another node, into which it was copied', KEY, 'wf_1/node_2'],
	])('does not open for %s', (_, key, owner) => {
		expect(unseal(seal(SECRET, KEY, OWNER), key, owner)).toBeNull();
	});

	test('does not open when any of its bits was changed', () => {
		const bytes = Buffer.from(seal(SECRET, KEY, OWNER).slice('v1.'.length), 'base64url');
		for (let bit = 0; bit < bytes.length * 8; bit++) {
			const changed = Buffer.from(bytes);
			changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			expect(unseal(`v1.${changed.toString('base64url')}`, KEY, OWNER)).toBeNull();
		}
	});

	test.each([undefined, null, 7, {}, '', 'v1.', 'v2.AAAA', SECRET, `v1.${'A'.repeat(20)}`, `v1.${'A'.repeat(200)}`, 'v1.!!!'])(
		'does not open where there is none: %j',
		(nothing) => {
			expect(unseal(nothing, KEY, OWNER)).toBeNull();
		},
	);
});
