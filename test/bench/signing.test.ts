import { createHmac } from 'node:crypto';
import { Webhook } from 'svix';

import { SECRET, signed } from '../support/deliveries';
import { bodies, clerkEvent, nextUser, stripeEvent, TYPICAL } from './doors/bodies';
import { gitHubSignature, stripeSignature, SvixSigner } from './doors/signing';

const body = Buffer.from('{"type":"user.created"}');

test('what is signed as Svix signs is what its own library signs and lets in', () => {
	const at = Date.now();
	const headers = new SvixSigner(SECRET).headers('msg_1', at, body);
	expect(headers).toEqual(signed(body.toString(), { id: 'msg_1', at }));
	expect(new Webhook(SECRET).verify(body, headers)).toEqual({ type: 'user.created' });
});

test("Stripe's header has the time and the HMAC of time and body", () => {
	const expected = createHmac('sha256', 'secret').update('1700000000.{"type":"user.created"}').digest('hex');
	expect(stripeSignature('secret', 1_700_000_000_400, body)).toBe(`t=1700000000,v1=${expected}`);
});

// The example of GitHub's documentation, "Validating webhook deliveries".
test("GitHub's header is that of its documentation", () => {
	expect(gitHubSignature("It's a Secret to Everybody", Buffer.from('Hello, World!'))).toBe(
		'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
	);
});

test.each([
	{ name: 'typical', size: TYPICAL },
	{ name: 'large', size: 100_000 },
])('a $name body has its size to the byte, and a user of its own', ({ size }) => {
	const make = bodies(clerkEvent('user.created'), size);
	const [first, second] = [nextUser(), nextUser()];
	expect(make(first)).toHaveLength(size);
	expect(make(second)).toHaveLength(size);
	expect(JSON.parse(make(second).toString())).toMatchObject({ type: 'user.created', data: { id: second } });
});

test('the same data is as large in the envelope of another service', () => {
	expect(bodies(stripeEvent)(nextUser())).toHaveLength(TYPICAL);
});
