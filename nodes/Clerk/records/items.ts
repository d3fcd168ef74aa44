import type { INodeExecutionData } from 'n8n-workflow';

import { catalogue } from '../events/catalogue';
import type { ClerkObject, Envelope } from '../events/payload';
import type { Contact } from './contact';
import { BILLING_KEYS } from './billing';
import { MESSAGE_KEYS } from './event';
import { inStyle, snakeCase } from './keys';
import type { KeyStyle } from './keys';
import { valueAt } from './path';
import type { Path } from './path';
import type { Records, Statement } from './records';
import type { CustomField, RecordSettings } from './settings';
import { shaped } from './shape';

const tenantTypes: readonly string[] = catalogue.filter((event) => event.tenant !== null).map((event) => event.type);

/** Whether Separate Outputs has a branch for tenants: only if a selected event can give one, or a mapping asks for one. */
export function hasTenantOutput({
	events,
	mappings,
}: Pick<RecordSettings, 'events'> & Partial<Pick<RecordSettings, 'mappings'>>): boolean {
	const asked = mappings?.some(({ noTenant }) => noTenant === false) === true;
	return asked || events === 'all' || tenantTypes.some((type) => events.has(type));
}

type Item = Record<string, unknown>;

/** The records as n8n's items: one list for each output of the node. */
export function toItems(
	records: Records,
	{ envelope }: Pick<Statement, 'envelope'>,
	settings: RecordSettings,
): INodeExecutionData[][] {
	const { keyStyle, customContactFields, customEventProperties } = settings;
	const flatLists = settings.output !== 'item';
	const shape = records.contact && shaped(records.contact, settings.contactShape);
	const contact =
		shape &&
		withCustom(
			flatLists ? withFlatLists(shape, keyStyle) : inStyle(shape, keyStyle),
			// Part of a user doesn't have them, and null would overwrite a known value in the store.
			records.isWhole ? customContactFields : [],
			(path) => contactValueAt(envelope, records.user, path),
		);
	const events = records.events.map((event) =>
		withCustom(
			inStyle(event, keyStyle),
			customEventProperties,
			(path) => valueAt({ ...envelope, user: records.user }, path),
			OF_SOME_EVENTS,
		),
	);
	const tenant = records.tenant && inStyle(records.tenant, keyStyle);

	const raw = settings.includeRaw ? { raw: envelope } : {};
	const toItem = (json: Item): INodeExecutionData => ({ json: { ...json, ...raw } });
	const contacts = contact ? [toItem(contact)] : [];
	switch (settings.output) {
		case 'contacts':
			return [contacts];
		case 'events':
			return [events.map(toItem)];
		case 'split': {
			const tenants = tenant ? [toItem(tenant)] : [];
			return hasTenantOutput(settings) ? [contacts, events.map(toItem), tenants] : [contacts, events.map(toItem)];
		}
		case 'item': {
			const [event = null, ...more] = events;
			// The additional event has no contact, so that the contact is not stored twice.
			return [[{ contact, event, tenant }, ...more.map((other) => ({ contact: null, event: other, tenant: null }))].map(toItem)];
		}
	}
}

/**
 * The value at the path of a custom contact field. The field belongs to the user, so both `data` and `user` mean
 * the user, even if the delivery is about a session with the user inside.
 */
function contactValueAt(envelope: Envelope, user: ClerkObject | null, [first, ...rest]: Path) {
	if (first !== 'data' && first !== 'user') return valueAt(envelope, [first ?? '', ...rest]);
	return valueAt(user, first === 'data' && rest[0] === 'user' ? rest.slice(1) : rest);
}

/**
 * Never replaces an existing field: names are checked at activation, but a workflow can be changed later.
 * @param yielding the keys that custom fields do replace: those that did not exist when the builder chose a name
 */
function withCustom(
	item: Item,
	fields: readonly CustomField[],
	at: (path: Path) => unknown,
	yielding: readonly string[] = [],
): Item {
	const custom = fields
		.filter(({ name }) => name !== '' && name !== '__proto__' && (!Object.hasOwn(item, name) || yielding.includes(name)))
		.map(({ name, path }) => [name, path && at(path)]);
	return { ...item, ...(Object.fromEntries(custom) as Item) };
}

/** What only some events have. */
const OF_SOME_EVENTS = [...MESSAGE_KEYS, ...BILLING_KEYS].flatMap((key) => [key, snakeCase(key)]);

/** A flat item has one key per mailing list, so that each can be a column. */
function withFlatLists({ mailingLists = {}, ...contact }: Item & Pick<Contact, 'mailingLists'>, keyStyle: KeyStyle): Item {
	const prefix = keyStyle === 'snake' ? 'mailing_list_' : 'mailingList_';
	const lists = Object.entries(mailingLists).map(([id, joined]) => [prefix + id, joined]);
	return { ...inStyle(contact, keyStyle), ...(Object.fromEntries(lists) as Item) };
}
