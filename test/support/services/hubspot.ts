import { FLAG, listOf, object, Service, TEXT } from './service';
import type { Answer, Call, Held } from './service';

interface Contact {
	id: string;
	properties: Record<string, string>;
}

interface PropertyDefinition {
	name: string;
	hasUniqueValue?: boolean;
}

const TOKEN = 'pat-eu1-hubspot-token-of-the-tests';

/** What every account has, as far as it is needed. */
const PROPERTIES = ['email', 'firstname', 'lastname', 'phone'];

const properties = { type: 'object', additionalProperties: TEXT, minProperties: 1 };
const fields = listOf(object({ property: TEXT, value: TEXT }, ['property', 'value']));
const definition = object(
	{
		name: { type: 'string', pattern: '^[a-z][a-z0-9_]*$' },
		label: TEXT,
		groupName: TEXT,
		type: { enum: ['string', 'number', 'date', 'datetime', 'enumeration', 'bool'] },
		fieldType: { enum: ['text', 'textarea', 'number', 'date', 'select', 'checkbox', 'booleancheckbox'] },
		description: TEXT,
		hasUniqueValue: FLAG,
	},
	['name', 'label', 'groupName', 'type', 'fieldType'],
);

/**
 * HubSpot's contacts.
 * Source: its published OpenAPI descriptions of contacts and properties, version 3 (repository
 * HubSpot/HubSpot-public-api-spec-collection, August 2026); for `createOrUpdate`, which n8n's node calls, its
 * documentation of the contacts API, version 1.
 */
export class HubSpot extends Service {
	readonly host = 'api.hubapi.com';
	readonly authorization = { header: 'authorization', value: `Bearer ${TOKEN}` };
	readonly credentials = { hubspotAppToken: { appToken: TOKEN } };
	readonly secrets = [TOKEN];
	private contacts: Contact[] = [];
	private definitions: PropertyDefinition[] = PROPERTIES.map((name) => ({ name, hasUniqueValue: name === 'email' }));
	private nextId = 101;

	readonly operations = {
		'PATCH /crm/v3/objects/contacts/{id}': {
			query: object({ idProperty: TEXT }),
			body: object({ properties }, ['properties']),
			answer: ({ params, query, body }: Call) => {
				const contact = this.by(query['idProperty'], params['id']);
				return contact ? this.write(contact, (body as Contact).properties) : notFound();
			},
		},
		'POST /crm/v3/objects/contacts/batch/upsert': {
			body: object({ inputs: listOf(object({ id: TEXT, idProperty: TEXT, properties }, ['id', 'properties'])) }, ['inputs']),
			answer: ({ body }: Call) => {
				const [input] = (body as { inputs: Array<Contact & { idProperty: string }> }).inputs;
				if (!input) return invalid('inputs is empty');
				const { id, idProperty, properties: given } = input;
				const written = this.write(this.by(idProperty, id) ?? null, { [idProperty]: id, ...given });
				return written.status === 200 ? { status: 200, body: { status: 'COMPLETE', results: [written.body] } } : written;
			},
		},
		'POST /crm/v3/objects/contacts/batch/read': {
			body: object(
				{
					idProperty: TEXT,
					inputs: listOf(object({ id: TEXT }, ['id'])),
					properties: listOf(TEXT),
					propertiesWithHistory: listOf(TEXT),
				},
				['inputs', 'properties', 'propertiesWithHistory'],
			),
			answer: ({ body }: Call) => {
				const { inputs, idProperty } = body as { inputs: Array<{ id: string }>; idProperty?: string };
				const results = inputs.map(({ id }) => this.by(idProperty, id)).filter(Boolean);
				const status = results.length === inputs.length ? 200 : 207;
				return { status, body: { status: 'COMPLETE', results, ...(status === 207 ? { numErrors: 1, errors: [{}] } : {}) } };
			},
		},
		'DELETE /crm/v3/objects/contacts/{id}': {
			answer: ({ params }: Call) => {
				this.contacts = this.contacts.filter(({ id }) => id !== params['id']);
				return { status: 204 };
			},
		},
		'POST /crm/v3/properties/contacts/batch/create': {
			body: object({ inputs: listOf(definition) }, ['inputs']),
			answer: ({ body }: Call) => {
				const { inputs } = body as { inputs: PropertyDefinition[] };
				const known = inputs.some(({ name }) => this.definitions.some((other) => other.name === name));
				if (known) return { status: 409, body: { message: 'A property with that name exists', category: 'CONFLICT' } };
				this.definitions.push(...inputs);
				return { status: 201, body: { status: 'COMPLETE', results: inputs } };
			},
		},
		'POST /contacts/v1/contact/createOrUpdate/email/{email}': {
			body: object({ properties: fields }, ['properties']),
			answer: ({ params, body }: Call) => {
				const given = (body as { properties: Array<{ property: string; value: string }> }).properties;
				const contact = this.by('email', params['email']);
				const values = Object.fromEntries(given.map(({ property, value }) => [property, value]));
				const { status, body: written } = this.write(contact ?? null, { email: params['email'] ?? '', ...values });
				if (status !== 200) return { status, body: written };
				return { status, body: { vid: Number((written as Contact).id), isNew: !contact } };
			},
		},
		'GET /contacts/v1/contact/vid/{id}/profile': {
			query: { type: 'object', additionalProperties: TEXT },
			answer: ({ params }: Call) => {
				const contact = this.by(undefined, params['id']);
				if (!contact) return notFound();
				const values = Object.entries(contact.properties).map(([name, value]) => [name, { value }]);
				return { status: 200, body: { vid: Number(contact.id), properties: Object.fromEntries(values) as object } };
			},
		},
	};

	override held(): Held[] {
		return this.contacts.map(({ properties: { clerk_user_id, email, firstname, clerk_user_group } }) => ({
			userId: clerk_user_id,
			email: email || null,
			firstName: firstname || null,
			joined: clerk_user_group === 'Customers',
		}));
	}

	override seed(email: string): void {
		this.contacts.push({ id: String(this.nextId++), properties: { email } });
	}

	private by(property: string | undefined, value: string | undefined): Contact | undefined {
		if (property === undefined) return this.contacts.find(({ id }) => id === value);
		return this.contacts.find(({ properties: held }) => held[property] === value);
	}

	/** An empty text takes a value away. */
	private write(contact: Contact | null, given: Record<string, string>): Answer {
		for (const [name, value] of Object.entries(given)) {
			const known = this.definitions.find((candidate) => candidate.name === name);
			if (!known) return this.refuse(`Property "${name}" does not exist`);
			if (name === 'email' && value !== '' && !value.includes('@')) return this.refuse(`Email address ${value} is invalid`);
			const other = known.hasUniqueValue && value !== '' ? this.by(name, value) : undefined;
			if (other && other !== contact) {
				return { status: 409, body: { message: `Contact already exists. Existing ID: ${other.id}`, category: 'CONFLICT' } };
			}
		}
		const written = contact ?? { id: String(this.nextId++), properties: {} };
		if (!contact) this.contacts.push(written);
		Object.assign(written.properties, given);
		return { status: 200, body: written };
	}

	private refuse(message: string): Answer {
		this.refused.push(message);
		return invalid(message);
	}
}

function notFound(): Answer {
	return { status: 404, body: { status: 'error', message: 'resource not found', category: 'OBJECT_NOT_FOUND' } };
}

function invalid(message: string): Answer {
	return { status: 400, body: { status: 'error', message, category: 'VALIDATION_ERROR' } };
}
