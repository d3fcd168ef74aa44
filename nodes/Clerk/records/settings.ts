import { isObject, objectsAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { EVENT_NAME_STYLES } from './eventName';
import type { EventNameStyle } from './eventName';
import { KEY_STYLES } from './keys';
import type { KeyStyle } from './keys';
import type { Mapping } from './mapping';
import { parsePath } from './path';
import type { Path } from './path';

/** The value that stands for every event, those not yet known included. */
export const ALL_EVENTS = '*';

export const OUTPUT_CHOICES = ['item', 'contacts', 'events', 'split'] as const;
export type OutputChoice = (typeof OUTPUT_CHOICES)[number];

/** What a deleted user's contact does; the first is the default. */
export const DELETED_USERS = ['delete', 'unsubscribe', 'none'] as const;

/** What a mapping can do with the contact. */
export const CONTACT_CHOICES = ['upsert', 'unsubscribe', 'delete', 'none'] as const;

/** What the builder set about records and items, the same for what is delivered and for what is fetched. */
export interface RecordSettings {
	/** Event types, or everything. */
	readonly events: ReadonlySet<string> | 'all';
	readonly output: OutputChoice;
	readonly contactsWithoutEmail: 'skip' | 'pass';
	readonly source: string;
	readonly leaveOutTestUsers: boolean;
	readonly includeRaw: boolean;
	readonly includeClient: boolean;
	readonly includeNames: boolean;
	/** Takes an e-mail address that isn't verified for none. */
	readonly onlyVerified: boolean;
	/** What to do with a banned, locked or deprovisioned user. */
	readonly shutOutUsers: 'leave' | 'unsubscribe';
	readonly deletedUsers: (typeof DELETED_USERS)[number];
	readonly eventNameStyle: EventNameStyle;
	readonly keyStyle: KeyStyle;
	readonly mappings: readonly Mapping[];
	readonly customContactFields: readonly CustomField[];
	readonly customEventProperties: readonly CustomField[];
}

/** A field of the builder's, and where its value is in the delivery. */
export interface CustomField {
	readonly name: string;
	/** Null where what was typed is no path: the field is then null. */
	readonly path: Path | null;
}

/** Parameters as n8n gives them, whatever they hold. */
export interface RawSettings {
	readonly events: unknown;
	readonly output: unknown;
	readonly options: ClerkObject;
	readonly mappings: unknown;
	/** The source of a contact where the builder names none. */
	readonly defaultSource: string;
}

/** The settings in parameters; what is missing or unusable in them is as at first. Never throws. */
export function recordSettingsOf({ events, output, options, mappings, defaultSource }: RawSettings): RecordSettings {
	return {
		events: eventsOf(events, options['additionalEvents']),
		output: oneOf(OUTPUT_CHOICES, output),
		contactsWithoutEmail: options['contactsWithoutEmail'] === 'pass' ? 'pass' : 'skip',
		source: text(options['source']) ?? defaultSource,
		leaveOutTestUsers: options['leaveOutTestUsers'] === true,
		includeRaw: options['includeRaw'] === true,
		includeClient: options['includeClient'] === true,
		includeNames: options['includeNames'] !== false,
		onlyVerified: options['onlyVerified'] === true,
		shutOutUsers: options['shutOutUsers'] === 'unsubscribe' ? 'unsubscribe' : 'leave',
		deletedUsers: oneOf(DELETED_USERS, options['deletedUsers']),
		eventNameStyle: oneOf(EVENT_NAME_STYLES, options['eventNameStyle']),
		keyStyle: oneOf(KEY_STYLES, options['keyStyle']),
		mappings: rows(mappings, 'mapping')
			.filter((row) => row['active'] !== false)
			.map(readMapping),
		customContactFields: rows(options['customContactFields'], 'field').map(readCustomField),
		customEventProperties: rows(options['customEventProperties'], 'field').map(readCustomField),
	};
}

function eventsOf(listed: unknown, typed: unknown): ReadonlySet<string> | 'all' {
	const events = [...(Array.isArray(listed) ? listed.filter((type) => typeof type === 'string') : []), ...names(typed)];
	return events.includes(ALL_EVENTS) ? 'all' : new Set(events);
}

/** Names that were typed into one field, separated by commas, spaces or new lines. */
export function names(typed: unknown): string[] {
	return typeof typed === 'string' ? typed.split(/[\s,]+/).filter((name) => name !== '' && name !== '__proto__') : [];
}

/** The choice with this value; the first one, which is the default, for any other value. */
export function oneOf<T extends string>(choices: readonly [T, ...T[]], value: unknown): T {
	return choices.find((choice) => choice === value) ?? choices[0];
}

/** What was typed, without white space around it; null where that is nothing. */
export function text(value: unknown): string | null {
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** The rows of one of n8n's fixed collections. */
function rows(collection: unknown, name: string): ClerkObject[] {
	return isObject(collection) ? objectsAt(collection, name) : [];
}

function readMapping(row: ClerkObject): Mapping {
	const contact = row['contactAction'];
	const joins = names(row['joinLists']);
	const leaves = names(row['leaveLists']);
	return {
		events: eventsOf(row['events'], row['otherEvents']),
		contact: CONTACT_CHOICES.find((choice) => choice === contact),
		eventName: row['event'] === 'none' ? null : (text(row['eventName']) ?? undefined),
		additionalEventName: text(row['additionalEventName']) ?? undefined,
		userGroup: text(row['userGroup']) ?? undefined,
		joins: joins.length > 0 ? joins : undefined,
		leaves: leaves.length > 0 ? leaves : undefined,
		noTenant: row['tenantAction'] === 'none' ? true : undefined,
	};
}

function readCustomField(row: ClerkObject): CustomField {
	return { name: text(row['name']) ?? '', path: parsePath(text(row['path']) ?? '') };
}
