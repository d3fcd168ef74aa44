import { listOf, object, Service, TEXT } from './service';
import type { Call } from './service';

const KEY = 'sk_knock_key_of_the_tests';

const NULLABLE = { type: ['string', 'null'] };
const recipients = { ...listOf(TEXT), minItems: 1, maxItems: 1000 };

/**
 * Knock's users, tenants, subscriptions to tenants, and triggered workflows, each idempotency key once.
 * Source: its published OpenAPI description (repository knocklabs/docs, data/specs/api/openapi.yml, August 2026).
 */
export class Knock extends Service {
	readonly host = 'api.knock.app';
	readonly authorization = { header: 'authorization', value: `Bearer ${KEY}` };
	readonly credentials = { httpBearerAuth: { token: KEY } };
	readonly secrets = [KEY];
	readonly users: Record<string, Record<string, unknown>> = {};
	readonly tenants: Record<string, { name?: string; members: Record<string, unknown> }> = {};
	readonly triggered: Array<{ workflow: string; recipients: string[] }> = [];
	private readonly keys = new Set<string>();

	readonly operations = {
		'PUT /v1/users/{id}': {
			body: {
				type: 'object',
				properties: {
					email: NULLABLE,
					name: NULLABLE,
					phone_number: NULLABLE,
					avatar: NULLABLE,
					locale: NULLABLE,
					timezone: NULLABLE,
					created_at: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
				},
			},
			answer: ({ params, body }: Call) => {
				const id = params['id'] ?? '';
				this.users[id] = { ...this.users[id], ...(body as object) };
				return { status: 200, body: { __typename: 'User', id, updated_at: '2026-01-01T00:00:00Z' } };
			},
		},
		'DELETE /v1/users/{id}': {
			answer: ({ params }: Call) => {
				delete this.users[params['id'] ?? ''];
				return { status: 204 };
			},
		},
		'PUT /v1/tenants/{id}': {
			body: { type: 'object', properties: { name: NULLABLE, settings: { type: 'object' } } },
			answer: ({ params, body }: Call) => {
				const id = params['id'] ?? '';
				this.tenants[id] = { members: {}, ...this.tenants[id], ...(body as object) };
				return { status: 200, body: { __typename: 'Tenant', id } };
			},
		},
		'DELETE /v1/tenants/{id}': {
			answer: ({ params }: Call) => {
				delete this.tenants[params['id'] ?? ''];
				return { status: 204 };
			},
		},
		'POST /v1/objects/$tenants/{id}/subscriptions': {
			body: object({ recipients, properties: { type: 'object' } }, ['recipients']),
			answer: ({ params, body }: Call) => {
				const given = body as { recipients: string[]; properties?: object };
				const tenant = this.tenants[params['id'] ?? ''];
				if (!tenant) return { status: 404, body: { code: 'resource_missing' } };
				for (const id of given.recipients) tenant.members[id] = given.properties ?? {};
				return { status: 200, body: [] };
			},
		},
		'DELETE /v1/objects/$tenants/{id}/subscriptions': {
			body: object({ recipients }, ['recipients']),
			answer: ({ params, body }: Call) => {
				const tenant = this.tenants[params['id'] ?? ''];
				if (!tenant) return { status: 404, body: { code: 'resource_missing' } };
				for (const id of (body as { recipients: string[] }).recipients) delete tenant.members[id];
				return { status: 200, body: [] };
			},
		},
		'POST /v1/workflows/{key}/trigger': {
			body: object({ recipients, data: { type: 'object' }, actor: TEXT, tenant: TEXT, cancellation_key: TEXT }, ['recipients']),
			answer: ({ params, body, headers }: Call) => {
				const key = headers['idempotency-key'] ?? '';
				const { recipients: whom } = body as { recipients: string[] };
				if (!this.keys.has(key)) this.triggered.push({ workflow: params['key'] ?? '', recipients: whom });
				if (key !== '') this.keys.add(key);
				return { status: 200, body: { workflow_run_id: '123e4567-e89b-12d3-a456-426614174000' } };
			},
		},
	};
}
