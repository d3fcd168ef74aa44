import type { INodeExecutionData } from 'n8n-workflow';

import { catalogue } from '../events/catalogue';
import type { ClerkObject, Envelope } from '../events/payload';
import type { Contact } from './contact';
import { inStyle } from './keys';
import type { KeyStyle } from './keys';
import { valueAt } from './path';
import type { Path } from './path';
import type { Records, Statement } from './records';
import type { CustomField, RecordSettings } from './settings';
import { shaped } from './shape';

const tenantTypes: readonly string[] = catalogue.filter((event) => event.tenant !== null).map((event) => event.type);

/** Whether the split output has a branch for tenants: only when a chosen event can give one. */
export function hasTenantOutput(settings: Pick<RecordSettings, 'events'>): boolean {
	const { events } = settings;
	return events === 'all' || tenantTypes.some((type) => events.has(type));
}

type Item = Record<string, unknown>;

/** The records as n8n's items, one list for each output of the node. */
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
			// A part of a user doesn't know them, and a null would overwrite what the store knows.
			records.isWhole ? customContactFields : [],
			(path) => contactValueAt(envelope, records.user, path),
		);
	const events = records.events.map((event) =>
		withCustom(inStyle(event, keyStyle), customEventProperties, (path) => valueAt({ ...envelope, user: records.user }, path)),
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
			// Whoever stores contacts from these items must not do it twice: the additional event comes alone.
			return [[{ contact, event, tenant }, ...more.map((other) => ({ contact: null, event: other, tenant: null }))].map(toItem)];
		}
	}
}

/**
 * What a path in a custom contact field leads to. The field belongs to the user, so `data` and `user`
 * both mean the user, also where the delivery is about a session and holds the user inside.
 */
function contactValueAt(envelope: Envelope, user: ClerkObject | null, [first, ...rest]: Path) {
	if (first !== 'data' && first !== 'user') return valueAt(envelope, [first ?? '', ...rest]);
	return valueAt(user, first === 'data' && rest[0] === 'user' ? rest.slice(1) : rest);
}

/** A field that is already there is never replaced: the names are checked at activation, but a workflow can be changed past it. */
function withCustom(item: Item, fields: readonly CustomField[], at: (path: Path) => unknown): Item {
	const custom = fields
		.filter(({ name }) => name !== '' && name !== '__proto__' && !Object.hasOwn(item, name))
		.map(({ name, path }) => [name, path && at(path)]);
	return { ...item, ...(Object.fromEntries(custom) as Item) };
}

/** A flat item has one key for each mailing list, so that each can be a column. */
function withFlatLists({ mailingLists = {}, ...contact }: Item & Pick<Contact, 'mailingLists'>, keyStyle: KeyStyle): Item {
	const prefix = keyStyle === 'snake' ? 'mailing_list_' : 'mailingList_';
	const lists = Object.entries(mailingLists).map(([id, joined]) => [prefix + id, joined]);
	return { ...inStyle(contact, keyStyle), ...(Object.fromEntries(lists) as Item) };
}
