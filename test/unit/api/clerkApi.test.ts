import { clerkApiOf } from '../../../nodes/Clerk/api/clerkApi';

const KEY = 'sk_test_AbCdEf0123456789';

describe('D1: a Clerk API credential is read', () => {
	test.each([
		[KEY, 'development'],
		['sk_live_AbCdEf0123456789', 'production'],
		[` ${KEY}\n`, 'development'],
	])('%j', (secretKey, environment) => {
		expect(clerkApiOf({ secretKey })).toEqual({
			secretKey: secretKey.trim(),
			environment,
			apiUrl: 'https://api.clerk.com/v1',
			portalUrl: '',
		});
	});

	test('with addresses of its own, with or without a slash at the end', () => {
		expect(clerkApiOf({ secretKey: KEY, apiUrl: ' http://127.0.0.1:1/v1/ ', portalUrl: 'http://127.0.0.1:2//' })).toMatchObject({
			apiUrl: 'http://127.0.0.1:1/v1',
			portalUrl: 'http://127.0.0.1:2',
		});
	});
});

describe('D5: what is not a secret key is named for what it is, without repeating any of it', () => {
	test.each<[unknown, RegExp]>([
		[undefined, /^It is empty/],
		['  ', /^It is empty/],
		[7, /^It is empty/],
		['pk_test_CANARY', /publishable key \(pk_…\)/],
		['pk_live_CANARY', /publishable key \(pk_…\)/],
		['whsec_CANARY', /signing secret of an endpoint \(whsec_…\)/],
		['auto_v1_CANARY', /AutoConfig token.*Clerk Webhook API credential/],
		['CANARY', /does not start with sk_test_ or sk_live_/],
		['sk_CANARY', /does not start with sk_test_ or sk_live_/],
		['sk_test_', /not complete/],
		['sk_test_CANARY with a space', /contains a space or a line break/],
		['sk_test_CANARY\nsk_test_CANARY', /contains a space or a line break/],
		['sk_test_CAN\u200bARY', /invisible character/],
		['sk_test_CANARY\u00ad', /invisible character/],
		['"sk_test_CANARY"', /quotation mark/],
		['“sk_test_CANARY”', /quotation mark/],
		['CLERK_SECRET_KEY=sk_test_CANARY', /line of an environment file/],
		['Bearer sk_test_CANARY', /Authorization header/],
		['https://dashboard.clerk.com/CANARY', /This is a URL/],
		['sk_test_••••••••', /hide it on screen/],
	])('%j', (secretKey, problem) => {
		const read = clerkApiOf({ secretKey });
		expect(read).toEqual({ problem: expect.stringMatching(problem) as string });
		expect(read).toEqual({ problem: expect.stringContaining('Configure > API keys') as string });
		expect(JSON.stringify(read)).not.toContain('CANARY');
	});
});
