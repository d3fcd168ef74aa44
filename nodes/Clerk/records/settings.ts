import { isDerived } from '../events/derived';
import { isObject, objectsAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { EVENT_NAME_STYLES } from './eventName';
import type { EventNameStyle } from './eventName';
import { KEY_STYLES } from './keys';
import type { KeyStyle } from './keys';
import type { Mapping } from './mapping';
import { parsePath } from './path';
import type { Path } from './path';
import { AS_IT_IS, CHOOSABLE, DATE_FORMATS, EMPTY_VALUES } from './shape';
import type { ContactShape } from './shape';

/** Stands for all events, including those not yet known. */
export const ALL_EVENTS = '*';

export const OUTPUT_CHOICES = ['item', 'contacts', 'events', 'split'] as const;
export type OutputChoice = (typeof OUTPUT_CHOICES)[number];

/** The action of a deleted user's contact. The first is the default. */
export const DELETED_USERS = ['delete', 'unsubscribe', 'none'] as const;

/** The contact actions that a mapping can set. */
export const CONTACT_CHOICES = ['upsert', 'unsubscribe', 'delete', 'none'] as const;

/** The builder's settings for records and items, the same for deliveries and for fetched objects. */
export interface RecordSettings {
	/** Types of Clerk's events, or everything that Clerk sends. */
	readonly events: ReadonlySet<string> | 'all';
	/** Names of what is derived from them. */
	readonly derivedEvents: ReadonlySet<string>;
	/** Whether what is derived from an event comes in its place. */
	readonly derivedOnly: boolean;
	readonly output: OutputChoice;
	readonly contactsWithoutEmail: 'skip' | 'pass';
	readonly source: string;
	readonly leaveOutTestUsers: boolean;
	readonly includeRaw: boolean;
	readonly includeClient: boolean;
	readonly includeNames: boolean;
	readonly contactShape: ContactShape;
	/** Treats an unverified email address as missing. */
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

/** A custom field, and where its value is in the delivery. */
export interface CustomField {
	readonly name: string;
	/** Null if it isn't a valid path: the field is then null. */
	readonly path: Path | null;
}

/** Parameters as n8n returns them, with any content. */
export interface RawSettings {
	readonly events: unknown;
	readonly output: unknown;
	readonly options: ClerkObject;
	readonly mappings: unknown;
	/** The source of a contact if the builder sets none. */
	readonly defaultSource: string;
}

/**
 * Reads the settings from parameters. What was never set gets its default. Never throws.
 * @returns the settings, and the names of parameters with an invalid value. The caller must refuse those, since the
 * default may accept what the builder wanted to keep out
 */
export function recordSettingsOf({
	events,
	output,
	options,
	mappings,
	defaultSource,
}: RawSettings): RecordSettings & { readonly unreadable: readonly string[] } {
	const top = new Values({ events, output });
	const chosen = new Values(options);
	const mapped = rows(mappings, 'mapping').map((row) => new Values(row));
	const chosenEvents = [...top.list('events'), ...names(options['additionalEvents'])];
	const settings: RecordSettings = {
		events: eventsOf(chosenEvents.filter((name) => !isDerived(name))),
		derivedEvents: new Set(chosenEvents.filter(isDerived)),
		derivedOnly: chosen.flag('derivedOnly', false),
		output: top.choice('output', OUTPUT_CHOICES),
		contactsWithoutEmail: chosen.choice('contactsWithoutEmail', ['skip', 'pass']),
		source: text(options['source']) ?? defaultSource,
		leaveOutTestUsers: chosen.flag('leaveOutTestUsers', false),
		includeRaw: chosen.flag('includeRaw', false),
		includeClient: chosen.flag('includeClient', false),
		includeNames: chosen.flag('includeNames', true),
		contactShape: shapeOf(chosen),
		onlyVerified: chosen.flag('onlyVerified', false),
		shutOutUsers: chosen.choice('shutOutUsers', ['leave', 'unsubscribe']),
		deletedUsers: chosen.choice('deletedUsers', DELETED_USERS),
		eventNameStyle: chosen.choice('eventNameStyle', EVENT_NAME_STYLES),
		keyStyle: chosen.choice('keyStyle', KEY_STYLES),
		mappings: mapped.filter((row) => row.flag('active', true)).map(readMapping),
		customContactFields: rows(options['customContactFields'], 'field').map(readCustomField),
		customEventProperties: rows(options['customEventProperties'], 'field').map(readCustomField),
	};
	const inMappings = mapped.flatMap(({ unreadable }) => unreadable.map((name) => `mappings.${name}`));
	return { ...settings, unreadable: [...top.unreadable, ...chosen.unreadable, ...inMappings] };
}

/**
 * Reads a set of parameters. With an expression, a value can be anything. Each reader returns the default if nothing
 * was set or if the value is invalid; the names of invalid ones are in `unreadable`.
 */
export class Values {
	readonly unreadable: string[] = [];

	constructor(readonly values: ClerkObject) {}

	/** True or false; also as text or as 1 and 0, as n8n itself reads it. */
	flag(name: string, unset: boolean): boolean {
		const given = this.values[name];
		const value = typeof given === 'string' ? given.trim().toLowerCase() : given;
		if (value === true || value === 'true' || value === 1 || value === '1') return true;
		if (value === false || value === 'false' || value === 0 || value === '0') return false;
		return this.otherwise(name, unset);
	}

	/** One of the choices. The first one is the default. */
	choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
		return choices.find((choice) => choice === this.values[name]) ?? this.otherwise(name, choices[0]);
	}

	/** Text without surrounding white space; null if there is none. */
	text(name: string): string | null {
		const value = this.values[name];
		return typeof value === 'string' ? text(value) : this.otherwise(name, null);
	}

	/** The texts in a list. */
	list(name: string): string[] {
		const value = this.values[name];
		return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : this.otherwise(name, []);
	}

	private otherwise<T>(name: string, unset: T): T {
		// An expression that returns nothing still counts as set.
		if (Object.hasOwn(this.values, name)) this.unreadable.push(name);
		return unset;
	}
}

/** @returns AS_IT_IS itself if nothing is to change */
function shapeOf(chosen: Values): ContactShape {
	const listed = chosen.list('contactFields');
	const shape: ContactShape = {
		// Names that no contact has leave nothing, not everything.
		fields: listed.length > 0 ? new Set(listed.filter((field) => (CHOOSABLE as readonly string[]).includes(field))) : null,
		dates: chosen.choice('contactDates', DATE_FORMATS),
		empty: chosen.choice('contactEmptyValues', EMPTY_VALUES),
		htmlNames: chosen.flag('contactHtmlNames', false),
	};
	const changesNothing = shape.fields === null && shape.dates === 'iso' && shape.empty === 'null' && !shape.htmlNames;
	return changesNothing ? AS_IT_IS : shape;
}

function eventsOf(events: readonly string[]): ReadonlySet<string> | 'all' {
	return events.includes(ALL_EVENTS) ? 'all' : new Set(events);
}

/** Names in one field, separated by commas, spaces or line breaks. */
export function names(typed: unknown): string[] {
	return typeof typed === 'string' ? typed.split(/[\s,]+/).filter((name) => name !== '' && name !== '__proto__') : [];
}

/** Text without surrounding white space; null if there is none. */
export function text(value: unknown): string | null {
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** The rows of one of n8n's fixed collections. */
function rows(collection: unknown, name: string): ClerkObject[] {
	return isObject(collection) ? objectsAt(collection, name) : [];
}

const TENANT_CHOICES = { default: undefined, none: true, set: false } as const;

function readMapping(values: Values): Mapping {
	const row = values.values;
	const contact = values.choice('contactAction', ['default', ...CONTACT_CHOICES]);
	const joins = names(row['joinLists']);
	const leaves = names(row['leaveLists']);
	return {
		events: eventsOf([...values.list('events'), ...names(row['otherEvents'])]),
		contact: contact === 'default' ? undefined : contact,
		eventName: values.choice('event', ['default', 'none']) === 'none' ? null : (text(row['eventName']) ?? undefined),
		additionalEventName: text(row['additionalEventName']) ?? undefined,
		userGroup: text(row['userGroup']) ?? undefined,
		joins: joins.length > 0 ? joins : undefined,
		leaves: leaves.length > 0 ? leaves : undefined,
		noTenant: TENANT_CHOICES[values.choice('tenantAction', ['default', 'none', 'set'])],
	};
}

function readCustomField(row: ClerkObject): CustomField {
	return { name: text(row['name']) ?? '', path: parsePath(text(row['path']) ?? '') };
}
