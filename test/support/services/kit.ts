import { ADDRESS, object, Service, TEXT } from './service';
import type { Call, Held } from './service';

interface Subscriber {
	id: number;
	email_address: string;
	first_name: string | null;
	state: string;
	tags: string[];
}

const KEY = 'kit_key_of_the_tests';
const NOT_FOUND = { status: 404, body: { errors: ['Not Found'] } };
const subscriber = {
	email_address: ADDRESS,
	first_name: { type: ['string', 'null'] },
	fields: { type: 'object', additionalProperties: TEXT },
};

/**
 * Kit's subscribers. Nobody is deleted through the API, only unsubscribed.
 * Source: Kit's API reference, version 4, "Create a subscriber", "Update a subscriber", "Unsubscribe subscriber" and
 * "Tag a subscriber", as of October 2026.
 */
export class Kit extends Service {
	readonly host = 'api.kit.com';
	readonly authorization = { header: 'x-kit-api-key', value: KEY };
	readonly credentials = { httpHeaderAuth: { name: 'X-Kit-Api-Key', value: KEY } };
	readonly secrets = [KEY];
	private readonly subscribers: Subscriber[] = [];

	readonly operations = {
		'POST /v4/subscribers': {
			body: object({ ...subscriber, state: { enum: ['active', 'bounced', 'cancelled', 'complained', 'inactive'] } }, [
				'email_address',
			]),
			answer: ({ body }: Call) => {
				const { email_address, first_name = null, state = 'active' } = body as Partial<Subscriber> & { email_address: string };
				const known = this.subscribers.find((other) => other.email_address === email_address);
				// The state of somebody who is there already stays.
				if (known) Object.assign(known, { first_name });
				const made = known ?? { id: 500 + this.subscribers.length, email_address, first_name, state, tags: [] };
				if (!known) this.subscribers.push(made);
				return { status: known ? 200 : 201, body: { subscriber: { ...made, fields: {} } } };
			},
		},
		'PUT /v4/subscribers/{id}': {
			body: object(subscriber, ['email_address']),
			answer: ({ params, body }: Call) => {
				const found = this.by(params['id']);
				if (!found) return NOT_FOUND;
				const other = this.subscribers.find(({ email_address }) => email_address === (body as Subscriber).email_address);
				if (other && other !== found) return { status: 422, body: { errors: ['Email address has already been taken'] } };
				Object.assign(found, body);
				return { status: 200, body: { subscriber: { ...found, fields: {} } } };
			},
		},
		'POST /v4/subscribers/{id}/unsubscribe': {
			body: object({}),
			answer: ({ params }: Call) => {
				const found = this.by(params['id']);
				if (found) found.state = 'cancelled';
				return found ? { status: 204 } : NOT_FOUND;
			},
		},
		'POST /v4/tags/{tag}/subscribers/{id}': {
			body: object({}),
			answer: ({ params }: Call) => {
				const found = this.by(params['id']);
				if (!found) return NOT_FOUND;
				found.tags.push(params['tag'] ?? '');
				return { status: 201, body: { subscriber: found } };
			},
		},
	};

	override held(): Held[] {
		return this.subscribers.map(({ email_address, first_name, state, tags }) => ({
			email: email_address,
			firstName: first_name || null,
			subscribed: state === 'active',
			joined: tags.includes('12345'),
		}));
	}

	override seed(email: string): void {
		this.subscribers.push({ id: 499, email_address: email, first_name: null, state: 'active', tags: [] });
	}

	private by(id: string | undefined): Subscriber | undefined {
		return this.subscribers.find((other) => String(other.id) === id);
	}
}
