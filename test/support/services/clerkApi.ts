import { object, Service, TEXT } from './service';
import type { Call } from './service';

const NUMBER = { type: 'string', pattern: '^\\d+$' };
const KEY = 'sk_test_clerkKeyOfTheTests0123456789';

/**
 * Clerk's Backend API at its own address, as far as users are found by address and their metadata is changed.
 * Source: Clerk's published OpenAPI description, version 2026-05-12, "GetUserList" and "UpdateUserMetadata".
 */
export class ClerkApi extends Service {
	readonly host = 'api.clerk.com';
	readonly authorization = { header: 'authorization', value: `Bearer ${KEY}` };
	readonly credentials = { clerkApi: { secretKey: KEY, advanced: false, apiUrl: 'https://api.clerk.com/v1', portalUrl: '' } };
	readonly secrets = [KEY];
	readonly users: Array<{ id: string; email: string; public_metadata: Record<string, unknown> }> = [];

	readonly operations = {
		'GET /v1/users': {
			query: object({ email_address: TEXT, limit: NUMBER, offset: NUMBER }),
			answer: ({ query }: Call) => {
				const found = this.users.filter(({ email }) => email === query['email_address']).slice(Number(query['offset'] ?? 0));
				const shown = found.map(({ email, ...user }) => ({
					...user,
					object: 'user',
					email_addresses: [{ email_address: email }],
				}));
				return { status: 200, body: shown };
			},
		},
		'PATCH /v1/users/{id}/metadata': {
			body: object({
				public_metadata: { type: 'object' },
				private_metadata: { type: 'object' },
				unsafe_metadata: { type: 'object' },
			}),
			answer: ({ params, body }: Call) => {
				const user = this.users.find(({ id }) => id === params['id']);
				if (!user) return { status: 404, body: { errors: [{ code: 'resource_not_found', message: 'not found' }] } };
				Object.assign(user.public_metadata, (body as { public_metadata: object }).public_metadata);
				return { status: 200, body: user };
			},
		},
	};
}
