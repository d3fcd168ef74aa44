import { ADDRESS, FLAG, listOf, object, Service, TEXT, WHOLE_NUMBER } from './service';
import type { Answer, Call, Held } from './service';

interface Contact {
	id: number;
	ext_id?: string;
	email?: string;
	attributes: Record<string, unknown>;
	emailBlacklisted: boolean;
	listIds: number[];
}

interface Given {
	email?: string;
	ext_id?: string;
	attributes?: Record<string, unknown>;
	emailBlacklisted?: boolean;
	listIds?: number[];
	unlinkListIds?: number[];
	updateEnabled?: boolean;
}

const KEY = 'xkeysib-key-of-the-tests';

const attributes = { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'array'] } };
const lists = { ...listOf(WHOLE_NUMBER), minItems: 1 };
const webhookType = { enum: ['marketing', 'transactional', 'inbound'] };
const identifierType = { enum: ['email_id', 'contact_id', 'ext_id', 'phone_id', 'whatsapp_id', 'landline_number_id'] };

/**
 * Brevo's contacts.
 * Source: Brevo's API reference, "Create a contact", "Update a contact" and "Delete a contact", and the models of its
 * client library (repository getbrevo/brevo-node), as of October 2026.
 */
export class Brevo extends Service {
	readonly host = 'api.brevo.com';
	readonly authorization = { header: 'api-key', value: KEY };
	readonly credentials: Record<string, Record<string, string>> = { sendInBlueApi: { apiKey: KEY } };
	readonly secrets = [KEY];
	/** The URLs to which Brevo reports unsubscriptions, by the webhook's ID. */
	readonly webhooks = new Map<number, { type: string; url: string; events: string[] }>();
	private contacts: Contact[] = [];
	private nextId = 1;

	readonly operations = {
		'POST /v3/contacts': {
			body: object({
				email: ADDRESS,
				ext_id: TEXT,
				attributes,
				emailBlacklisted: FLAG,
				smsBlacklisted: FLAG,
				listIds: lists,
				updateEnabled: FLAG,
			}),
			answer: ({ body }: Call) => {
				const given = body as Given;
				if (given.email === undefined && given.ext_id === undefined) return bad('missing_parameter', 'email is missing');
				const known = this.contacts.find(({ email }) => email !== undefined && email === given.email);
				const sameId = this.contacts.find(({ ext_id }) => ext_id !== undefined && ext_id === given.ext_id);
				if (sameId && sameId !== known) return bad('duplicate_parameter', 'ext_id is already associated with another Contact');
				if (known && !given.updateEnabled) return bad('duplicate_parameter', 'Contact already exist');
				if (known) return this.write(known, given);
				const contact: Contact = { id: this.nextId++, attributes: {}, emailBlacklisted: false, listIds: [] };
				this.contacts.push(contact);
				this.write(contact, given);
				return { status: 201, body: { id: contact.id } };
			},
		},
		'PUT /v3/contacts/{identifier}': {
			query: object({ identifierType }),
			body: object({
				ext_id: TEXT,
				attributes,
				emailBlacklisted: FLAG,
				smsBlacklisted: FLAG,
				listIds: lists,
				unlinkListIds: lists,
			}),
			answer: ({ params, query, body }: Call) => {
				const contact = this.by(query['identifierType'], params['identifier'] ?? '');
				return contact ? this.write(contact, body as Given) : NOT_FOUND;
			},
		},
		'DELETE /v3/contacts/{identifier}': {
			query: object({ identifierType }),
			answer: ({ params, query }: Call) => {
				const contact = this.by(query['identifierType'], params['identifier'] ?? '');
				this.contacts = this.contacts.filter((other) => other !== contact);
				return contact ? { status: 204 } : NOT_FOUND;
			},
		},
		'GET /v3/webhooks': {
			query: object({ type: webhookType, sort: TEXT }),
			answer: ({ query }: Call): Answer => {
				const webhooks = [...this.webhooks].map(([id, webhook]) => ({ id, ...webhook }));
				const found = webhooks.filter(({ type }) => type === query['type']);
				return found.length > 0
					? { status: 200, body: { webhooks: found } }
					: { status: 404, body: { code: 'document_not_found' } };
			},
		},
		'POST /v3/webhooks': {
			body: object(
				{
					url: { type: 'string', format: 'uri' },
					type: webhookType,
					events: { ...listOf(TEXT), minItems: 1 },
					description: TEXT,
				},
				['url', 'events'],
			),
			answer: ({ body }: Call): Answer => {
				const id = this.webhooks.size + 1;
				this.webhooks.set(id, body as { type: string; url: string; events: string[] });
				return { status: 201, body: { id } };
			},
		},
		'DELETE /v3/webhooks/{id}': {
			body: object({}),
			bodyIsOptional: true,
			answer: ({ params }: Call): Answer => {
				return this.webhooks.delete(Number(params['id']))
					? { status: 204 }
					: { status: 404, body: { code: 'document_not_found' } };
			},
		},
	};

	/** As if the contact had clicked on "Unsubscribe" in a campaign. */
	async unsubscribe(address: string): Promise<void> {
		const contact = this.contacts.find(({ email }) => email === address);
		if (!contact) throw new Error(`Brevo has no ${address}`);
		contact.emailBlacklisted = true;
		const report = {
			id: contact.id,
			camp_id: 7,
			email: address,
			event: 'unsubscribed',
			date_event: '2026-02-01 10:00:00',
			list_id: [7],
		};
		for (const { url, events } of this.webhooks.values()) {
			if (!events.includes('unsubscribed')) continue;
			const headers = { 'content-type': 'application/json' };
			const { ok } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(report) });
			if (!ok) throw new Error(`Nobody listens at ${url}`);
		}
	}

	override held(): Held[] {
		return this.contacts.map(({ ext_id, email, attributes: values, emailBlacklisted, listIds }) => ({
			userId: ext_id,
			email: email ?? null,
			firstName: (values['FIRSTNAME'] as string | undefined) ?? null,
			subscribed: !emailBlacklisted,
			joined: listIds.includes(7),
		}));
	}

	override seed(email: string): void {
		this.contacts.push({ id: this.nextId++, email, attributes: {}, emailBlacklisted: false, listIds: [3] });
	}

	private by(type: string | undefined, identifier: string): Contact | undefined {
		if (type === 'ext_id') return this.contacts.find(({ ext_id }) => ext_id === identifier);
		return this.contacts.find(({ id, email }) => (identifier.includes('@') ? email === identifier : String(id) === identifier));
	}

	private write(contact: Contact, { email, attributes: values = {}, listIds = [], unlinkListIds = [], ...rest }: Given): Answer {
		const { EMAIL, ...others } = values;
		const address = (EMAIL as string | undefined) ?? email;
		if (EMAIL !== undefined && !(typeof EMAIL === 'string' && EMAIL.includes('@')))
			return bad('invalid_parameter', 'EMAIL is not valid');
		if (this.contacts.some((other) => other !== contact && address !== undefined && other.email === address)) {
			return bad('duplicate_parameter', 'email is already associated with another Contact');
		}
		// Brevo subscribes a blocklisted contact again when its address changes.
		if (address !== undefined && contact.email !== undefined && address !== contact.email) contact.emailBlacklisted = false;
		if (address !== undefined) contact.email = address;
		if (rest.ext_id !== undefined) contact.ext_id = rest.ext_id;
		if (rest.emailBlacklisted !== undefined) contact.emailBlacklisted = rest.emailBlacklisted;
		Object.assign(contact.attributes, others);
		contact.listIds = [...new Set([...contact.listIds, ...listIds])].filter((id) => !unlinkListIds.includes(id));
		return { status: 204 };
	}
}

const NOT_FOUND: Answer = { status: 404, body: { code: 'document_not_found', message: 'Contact does not exist' } };

function bad(code: string, message: string): Answer {
	return { status: 400, body: { code, message } };
}
