import { call } from '../../../nodes/Clerk/api/call';
import { isFailure } from '../../../nodes/Clerk/api/failure';

test('a secret that begins like another one is hidden whole', async () => {
	const said = 'acme-7f3a is not allowed';
	const answer = { statusCode: 422, headers: {}, body: { errors: [{ code: 'invalid', message: said, long_message: said }] } };
	const failure = await call(async () => answer, {
		step: 'write',
		service: 'Clerk',
		method: 'PATCH',
		url: 'https://api.clerk.com/v1/users/user_1/metadata',
		secrets: ['acme', 'acme-7f3a'],
	});
	expect(isFailure(failure) && failure.said).toBe('… is not allowed');
});
