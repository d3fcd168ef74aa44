import { ADDRESS, object, Service, TEXT } from './service';
import type { Answer, Call, Held } from './service';

interface Contact {
	id: string;
	email: string;
	firstName?: string;
	lists: Record<string, number>;
}

const KEY = 'activecampaign-key-of-the-tests';
const HOST = 'tests.api-us1.com';
const NOT_FOUND: Answer = { status: 404, body: { message: 'No Result found for Subscriber' } };

const contact = { email: ADDRESS, firstName: TEXT, lastName: TEXT, phone: TEXT };
/** n8n sends the IDs as numbers or as texts, ActiveCampaign takes both. */
const id = { type: ['string', 'integer'] };

/**
 * ActiveCampaign's contacts.
 * Source: its API reference, version 3, "Sync a contact's data", "Update a contact", "Delete a contact" and "Update list
 * status for a contact", as of October 2026.
 */
export class ActiveCampaign extends Service {
	readonly host = HOST;
	readonly authorization = { header: 'api-token', value: KEY };
	readonly credentials = { activeCampaignApi: { apiUrl: `https://${HOST}`, apiKey: KEY } };
	readonly secrets = [KEY];
	private contacts: Contact[] = [];
	private nextId = 1;

	readonly operations = {
		'POST /api/3/contact/sync': {
			body: object({ contact: object(contact, ['email']) }, ['contact']),
			answer: ({ body }: Call) => {
				const given = (body as { contact: Omit<Contact, 'id' | 'lists'> }).contact;
				const known = this.contacts.find(({ email }) => email === given.email);
				const made = known ?? { id: String(this.nextId++), lists: {}, ...given };
				if (known) Object.assign(known, given);
				else this.contacts.push(made);
				return { status: known ? 200 : 201, body: { contact: made } };
			},
		},
		'PUT /api/3/contacts/{id}': {
			body: object({ contact: object(contact) }, ['contact']),
			answer: ({ params, body }: Call) => {
				const found = this.by(params['id']);
				if (!found) return NOT_FOUND;
				const given = (body as { contact: Partial<Contact> }).contact;
				if (this.contacts.some((other) => other !== found && other.email === given.email)) {
					return { status: 422, body: { errors: [{ title: 'Email address already exists in the system.', code: 'duplicate' }] } };
				}
				Object.assign(found, given);
				return { status: 200, body: { contact: found } };
			},
		},
		'DELETE /api/3/contacts/{id}': {
			answer: ({ params }: Call) => {
				const found = this.by(params['id']);
				this.contacts = this.contacts.filter((other) => other !== found);
				return found ? { status: 200, body: {} } : NOT_FOUND;
			},
		},
		'POST /api/3/contactLists': {
			body: object({ contactList: object({ list: id, contact: id, status: { enum: [1, 2] } }, ['list', 'contact', 'status']) }, [
				'contactList',
			]),
			answer: ({ body }: Call) => {
				const {
					list,
					contact: whose,
					status,
				} = (body as { contactList: { list: number; contact: string; status: number } }).contactList;
				const found = this.by(String(whose));
				if (!found) return NOT_FOUND;
				found.lists[String(list)] = status;
				return { status: 201, body: { contacts: [found], contactList: { list, contact: whose, status } } };
			},
		},
	};

	override held(): Held[] {
		return this.contacts.map(({ email, firstName, lists }) => ({
			email,
			firstName: firstName || null,
			subscribed: lists['2'] !== 2,
			joined: '2' in lists,
		}));
	}

	override seed(email: string): void {
		this.contacts.push({ id: String(this.nextId++), email, lists: {} });
	}

	private by(wanted: string | undefined): Contact | undefined {
		return this.contacts.find((other) => other.id === wanted);
	}
}
