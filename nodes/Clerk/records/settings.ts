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
	readonly contactShape: ContactShape;
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

/**
 * The settings in parameters; what was never set is as at first. Never throws.
 * @returns them, and the names of those parameters whose value is none that they can have. What was
 * meant there is not known: the default may let in what the builder keeps out.
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
	const settings: RecordSettings = {
		events: eventsOf(top.list('events'), options['additionalEvents']),
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
 * Parameters of one place as n8n gives them: where an expression stands, anything at all. Each reader
 * gives the default where nothing was set, and where the value is none that the parameter can have,
 * whose name is then among the unreadable ones.
 */
export class Values {
	readonly unreadable: string[] = [];

	constructor(readonly values: ClerkObject) {}

	/** On or off; also as text or as 1 and 0, as n8n itself reads it. */
	flag(name: string, unset: boolean): boolean {
		const given = this.values[name];
		const value = typeof given === 'string' ? given.trim().toLowerCase() : given;
		if (value === true || value === 'true' || value === 1 || value === '1') return true;
		if (value === false || value === 'false' || value === 0 || value === '0') return false;
		return this.otherwise(name, unset);
	}

	/** One of these; the first one is the default. */
	choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
		return choices.find((choice) => choice === this.values[name]) ?? this.otherwise(name, choices[0]);
	}

	/** Text without white space around it; null where that is nothing. */
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
		// An expression that gives nothing was set all the same.
		if (Object.hasOwn(this.values, name)) this.unreadable.push(name);
		return unset;
	}
}

/** @returns the very one that changes nothing, where nothing is to change */
function shapeOf(chosen: Values): ContactShape {
	const listed = chosen.list('contactFields').filter((field) => (CHOOSABLE as readonly string[]).includes(field));
	const shape: ContactShape = {
		fields: listed.length > 0 ? new Set(listed) : null,
		dates: chosen.choice('contactDates', DATE_FORMATS),
		empty: chosen.choice('contactEmptyValues', EMPTY_VALUES),
		htmlNames: chosen.flag('contactHtmlNames', false),
	};
	const changesNothing = shape.fields === null && shape.dates === 'iso' && shape.empty === 'null' && !shape.htmlNames;
	return changesNothing ? AS_IT_IS : shape;
}

function eventsOf(listed: readonly string[], typed: unknown): ReadonlySet<string> | 'all' {
	const events = [...listed, ...names(typed)];
	return events.includes(ALL_EVENTS) ? 'all' : new Set(events);
}

/** Names that were typed into one field, separated by commas, spaces or new lines. */
export function names(typed: unknown): string[] {
	return typeof typed === 'string' ? typed.split(/[\s,]+/).filter((name) => name !== '' && name !== '__proto__') : [];
}

/** What was typed, without white space around it; null where that is nothing. */
export function text(value: unknown): string | null {
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** The rows of one of n8n's fixed collections. */
function rows(collection: unknown, name: string): ClerkObject[] {
	return isObject(collection) ? objectsAt(collection, name) : [];
}

function readMapping(values: Values): Mapping {
	const row = values.values;
	const contact = values.choice('contactAction', ['default', ...CONTACT_CHOICES]);
	const joins = names(row['joinLists']);
	const leaves = names(row['leaveLists']);
	return {
		events: eventsOf(values.list('events'), row['otherEvents']),
		contact: contact === 'default' ? undefined : contact,
		eventName: values.choice('event', ['default', 'none']) === 'none' ? null : (text(row['eventName']) ?? undefined),
		additionalEventName: text(row['additionalEventName']) ?? undefined,
		userGroup: text(row['userGroup']) ?? undefined,
		joins: joins.length > 0 ? joins : undefined,
		leaves: leaves.length > 0 ? leaves : undefined,
		noTenant: values.choice('tenantAction', ['default', 'none']) === 'none' ? true : undefined,
	};
}

function readCustomField(row: ClerkObject): CustomField {
	return { name: text(row['name']) ?? '', path: parsePath(text(row['path']) ?? '') };
}
