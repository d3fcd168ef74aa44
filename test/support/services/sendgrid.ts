import { listOf, object, Service, TEXT } from './service';
import type { Call, Held } from './service';

interface Contact {
	id: string;
	email?: string;
	external_id?: string;
	first_name?: string;
	list_ids: string[];
}

const KEY = 'SG.key-of-the-tests';
const LIST = '0b2c1f4e-6f0a-4b1c-9a53-5d2f7d0c8a11';
const JOB = { status: 202, body: { job_id: '5f0c3f0e-1b0b-4d0e-8a5b-2c6f6d1f0a33' } };

const contact = object({
	email: { type: 'string', format: 'email', maxLength: 254 },
	external_id: { type: 'string', maxLength: 254, minLength: 1 },
	first_name: { type: 'string', maxLength: 50 },
	last_name: { type: 'string', maxLength: 50 },
	custom_fields: { type: 'object' },
});

/**
 * SendGrid's marketing contacts. A contact has several identifiers; an update has to name all that it has.
 * SendGrid queues every change; here it is made at once.
 * Source: its published OpenAPI description (repository twilio/sendgrid-oai, tsg_mc_contacts_v3, January 2026).
 */
export class SendGrid extends Service {
	readonly host = 'api.sendgrid.com';
	readonly authorization = { header: 'authorization', value: `Bearer ${KEY}` };
	readonly credentials = { sendGridApi: { apiKey: KEY } };
	readonly secrets = [KEY];
	private contacts: Contact[] = [];
	private nextId = 1;

	readonly operations = {
		'PUT /v3/marketing/contacts': {
			body: object({ list_ids: listOf({ type: 'string', format: 'uuid' }), contacts: { ...listOf(contact), minItems: 1 } }, [
				'contacts',
			]),
			answer: ({ body }: Call) => {
				const { contacts, list_ids = [] } = body as { contacts: Array<Omit<Contact, 'id' | 'list_ids'>>; list_ids?: string[] };
				for (const given of contacts) {
					const known = this.contacts.find(
						({ email, external_id }) =>
							(external_id !== undefined && external_id === given.external_id) || (email !== undefined && email === given.email),
					);
					const missing = (['email', 'external_id'] as const).find(
						(name) => known?.[name] !== undefined && known[name] !== given[name],
					);
					if (missing)
						this.refused.push(`The job fails: ${missing} of the contact is ${known?.[missing]}, not ${given[missing]}`);
					else if (known) Object.assign(known, given, { list_ids: [...new Set([...known.list_ids, ...list_ids])] });
					else this.contacts.push({ ...given, id: `contact-${this.nextId++}`, list_ids });
				}
				return JOB;
			},
		},
		'POST /v3/marketing/contacts/search/identifiers/external_id': {
			body: object({ identifiers: { ...listOf(TEXT), minItems: 1 } }, ['identifiers']),
			answer: ({ body }: Call) => {
				const [wanted = ''] = (body as { identifiers: string[] }).identifiers;
				const found = this.contacts.find(({ external_id }) => external_id === wanted);
				if (!found) return { status: 404, body: { errors: [{ message: 'no contacts found' }] } };
				return { status: 200, body: { result: { [wanted]: { contact: { ...found, email: found.email ?? '' } } } } };
			},
		},
		'DELETE /v3/marketing/contacts/{id}/identifiers': {
			body: object(
				{ identifier_type: { enum: ['EMAIL', 'PHONENUMBERID', 'EXTERNALID', 'ANONYMOUSID'] }, identifier_value: TEXT },
				['identifier_type', 'identifier_value'],
			),
			answer: ({ params, body }: Call) => {
				const found = this.contacts.find(({ id }) => id === params['id']);
				const { identifier_value } = body as { identifier_value: string };
				if (found?.email !== identifier_value || found.external_id === undefined)
					this.refused.push('The job fails: no such identifier');
				else delete found.email;
				return JOB;
			},
		},
		'DELETE /v3/marketing/contacts': {
			query: object({ ids: { type: 'string', minLength: 1 } }, ['ids']),
			answer: ({ query }: Call) => {
				const ids = query['ids']?.split(',') ?? [];
				this.contacts = this.contacts.filter(({ id }) => !ids.includes(id));
				return JOB;
			},
		},
	};

	override held(): Held[] {
		return this.contacts.map(({ external_id, email, first_name, list_ids }) => ({
			userId: external_id,
			email: email ?? null,
			firstName: first_name ?? null,
			joined: list_ids.includes(LIST),
		}));
	}

	override seed(email: string): void {
		this.contacts.push({ id: `contact-${this.nextId++}`, email, list_ids: [] });
	}
}
