import { object, Service, TEXT, WHOLE_NUMBER } from './service';
import type { Call, Held } from './service';

const SITE = 'site-of-the-tests';
const KEY = 'customer-io-key-of-the-tests';

/**
 * The people of Customer.io. An empty text takes an attribute away.
 * Source: Customer.io's reference of the Track API, "Add or update a customer" and "Delete a customer", as of October 2026.
 */
export class CustomerIo extends Service {
	readonly host = 'track.customer.io';
	readonly authorization = { header: 'authorization', value: `Basic ${Buffer.from(`${SITE}:${KEY}`).toString('base64')}` };
	readonly credentials = {
		customerIoApi: {
			trackingApiKey: KEY,
			region: 'track.customer.io',
			trackingSiteId: SITE,
			appApiKey: '',
			webhookSigningKey: '',
		},
	};
	readonly secrets = [KEY];
	private readonly people = new Map<string, Record<string, unknown>>();

	readonly operations = {
		'PUT /api/v1/customers/{id}': {
			body: {
				type: 'object',
				properties: { email: TEXT, created_at: { ...WHOLE_NUMBER, minimum: 1_000_000_000, maximum: 9_999_999_999 } },
				additionalProperties: { type: ['string', 'number', 'boolean'] },
			},
			answer: ({ params, body }: Call) => {
				const id = params['id'] ?? '';
				const values = Object.entries({ ...this.people.get(id), ...(body as object) }).filter(([, value]) => value !== '');
				this.people.set(id, Object.fromEntries(values));
				return { status: 200, body: {} };
			},
		},
		'DELETE /api/v1/customers/{id}': {
			// n8n's node sends the ID in the body too.
			body: object({ id: TEXT }),
			answer: ({ params }: Call) => {
				this.people.delete(params['id'] ?? '');
				return { status: 200, body: {} };
			},
		},
	};

	override held(): Held[] {
		return [...this.people].map(([userId, { email = null, first_name = null, user_group }]) => ({
			userId,
			email: email as string | null,
			firstName: first_name as string | null,
			joined: user_group === 'Customers',
		}));
	}
}
