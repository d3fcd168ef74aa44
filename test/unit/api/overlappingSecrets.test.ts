import { call } from '../../../nodes/Clerk/api/call';
import { isFailure } from '../../../nodes/Clerk/api/failure';

async function said(message: string, secrets: string[]): Promise<unknown> {
	const answer = { statusCode: 422, headers: {}, body: { errors: [{ code: 'invalid', message, long_message: message }] } };
	const failure = await call(async () => answer, {
		step: 'write',
		service: 'Clerk',
		method: 'PATCH',
		url: 'https://api.clerk.com/v1/users/user_1/metadata',
		secrets,
	});
	return isFailure(failure) && failure.said;
}

test('a secret that begins like another one is hidden whole', async () => {
	expect(await said('acme-7f3a is not allowed', ['acme', 'acme-7f3a'])).toBe('… is not allowed');
});

test.each([
	['a short one as a word of its own', 'HIV is not one of HIVE, "HIV"', ['HIV'], '… is not one of HIVE, "…"'],
	['one with punctuation', 'A+ and A+B', ['A+'], '… and A+B'],
	['a space', 'not allowed', [' ', ''], 'not allowed'],
])('%s', async (_, message, secrets, expected) => {
	expect(await said(message, secrets)).toBe(expected);
});
