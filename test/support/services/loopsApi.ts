import { FLAG, object, Service } from './service';
import type { Answer, Call } from './service';

export interface LoopsContact {
	email?: string;
	userId?: string;
	mailingLists?: Record<string, boolean>;
	[field: string]: unknown;
}

const TEXT_OR_NONE = { type: ['string', 'null'] };
const email = { type: 'string', pattern: '@' };
const userId = { type: 'string', minLength: 1 };
const contact = {
	email,
	userId,
	firstName: TEXT_OR_NONE,
	lastName: TEXT_OR_NONE,
	source: TEXT_OR_NONE,
	userGroup: TEXT_OR_NONE,
	subscribed: FLAG,
	mailingLists: { type: 'object', additionalProperties: FLAG },
};
const event = {
	...contact,
	eventName: { type: 'string', minLength: 1 },
	eventProperties: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
};
const named = { anyOf: [{ required: ['email'] }, { required: ['userId'] }] };
const TAKEN = { status: 200, body: { success: true, id: 'cll6b3i8901a9jx0oyktl2m4u' } };

/**
 * Loops. A contact is found by user ID or address, whose other one is then set. Unlike Loops, which forgets an
 * idempotency key after 24 hours, it keeps them.
 * Source: Loops, API reference, "Update contact", "Delete contact" and "Send event", as of October 2026.
 */
export class LoopsApi extends Service {
	readonly host = 'app.loops.so';
	contacts: LoopsContact[] = [];
	readonly keys = new Set<string>();

	constructor(private readonly key = 'loops-key-of-the-tests') {
		super();
	}

	get authorization() {
		return { header: 'authorization', value: `Bearer ${this.key}` };
	}

	get credentials() {
		return { httpBearerAuth: { token: this.key } };
	}

	get secrets() {
		return [this.key];
	}

	readonly operations = {
		'PUT /api/v1/contacts/update': {
			body: { ...object(contact), ...named },
			answer: ({ body }: Call) => this.write(body as LoopsContact),
		},
		'POST /api/v1/contacts/delete': {
			body: { ...object({ email, userId }), minProperties: 1, maxProperties: 1 },
			answer: ({ body }: Call) => {
				const known = this.by(body as LoopsContact);
				this.contacts = this.contacts.filter((other) => other !== known);
				return TAKEN;
			},
		},
		'POST /api/v1/events/send': {
			body: { ...object(event, ['eventName']), ...named },
			answer: ({ body }: Call) => {
				const fields = { ...(body as LoopsContact) };
				delete fields['eventName'];
				delete fields['eventProperties'];
				return this.write(fields);
			},
		},
	};

	override answer(call: Omit<Call, 'params'>): Answer {
		const key = call.headers['idempotency-key'] ?? '';
		if (key.length > 100) this.refused.push(`The idempotency key is longer than 100 characters: ${key}`);
		if (this.keys.has(key)) return { status: 409, body: { success: false, message: 'Idempotency key has been used' } };
		const answer = super.answer(call);
		if (key !== '' && answer.status === 200) this.keys.add(key);
		return answer;
	}

	private by(given: LoopsContact): LoopsContact | undefined {
		return this.contacts.find((one) =>
			(['userId', 'email'] as const).some((name) => given[name] !== undefined && one[name] === given[name]),
		);
	}

	private write(given: LoopsContact): Answer {
		const known = this.by(given);
		const written = known ?? {};
		const lists = given.mailingLists && { mailingLists: { ...written.mailingLists, ...given.mailingLists } };
		Object.assign(written, given, lists);
		if (!known) this.contacts.push(written);
		return TAKEN;
	}
}
