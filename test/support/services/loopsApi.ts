import { ADDRESS, object, Service, TEXT } from './service';
import type { Call } from './service';

const KEY = 'loops-key-of-the-tests';

export interface LoopsContact {
	email?: string;
	userId?: string;
	userGroup?: string;
	mailingLists?: Record<string, boolean>;
}

/**
 * Loops at its own address, as far as contacts are updated: found by user ID or address, whose other one is then set.
 * Source: Loops, API reference, "Update contact", as of October 2026.
 */
export class LoopsApi extends Service {
	readonly host = 'app.loops.so';
	readonly authorization = { header: 'authorization', value: `Bearer ${KEY}` };
	readonly credentials = { httpBearerAuth: { token: KEY } };
	readonly secrets = [KEY];
	readonly contacts: LoopsContact[] = [];

	readonly operations = {
		'PUT /api/v1/contacts/update': {
			body: {
				...object({
					email: ADDRESS,
					userId: TEXT,
					firstName: TEXT,
					lastName: TEXT,
					source: TEXT,
					userGroup: TEXT,
					mailingLists: { type: 'object', additionalProperties: { type: 'boolean' } },
				}),
				anyOf: [{ required: ['email'] }, { required: ['userId'] }],
			},
			answer: ({ body }: Call) => {
				const given = body as LoopsContact;
				const isMeant = ({ email, userId }: LoopsContact) =>
					(userId !== undefined && userId === given.userId) || (email !== undefined && email === given.email);
				const known = this.contacts.find(isMeant);
				const contact = known ?? {};
				Object.assign(contact, given, { mailingLists: { ...contact.mailingLists, ...given.mailingLists } });
				if (!known) this.contacts.push(contact);
				return { status: 200, body: { success: true, id: 'cll6b3i8901a9jx0oyktl2m4u' } };
			},
		},
	};
}
