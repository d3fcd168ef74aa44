import { PLAN_KEYS } from './billing';
import { CONTACT_KEYS } from './contact';
import type { Contact } from './contact';

/** The fields of a contact that hold a time. */
export const TIMES: ReadonlyArray<keyof Contact> = [
	'createdAt',
	'updatedAt',
	'lastSignInAt',
	'lastActiveAt',
	'legalAcceptedAt',
	'trialEndsAt',
];

/** The fields of a contact that a builder can choose: `action` is always there. */
export const CHOOSABLE: ReadonlyArray<keyof Contact> = [...CONTACT_KEYS.filter((key) => key !== 'action'), ...PLAN_KEYS];

export const DATE_FORMATS = ['iso', 'unixSeconds', 'unixMilliseconds', 'spreadsheet'] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

export const EMPTY_VALUES = ['null', 'emptyText', 'leaveOut'] as const;

/** The form of a contact's fields. */
export interface ContactShape {
	/** Those that are output besides `action` and what identifies the contact; null for all. */
	readonly fields: ReadonlySet<string> | null;
	readonly dates: DateFormat;
	/** The value of fields that are empty in Clerk. */
	readonly empty: (typeof EMPTY_VALUES)[number];
	/** Whether there are also copies of the names that are escaped for HTML. */
	readonly htmlNames: boolean;
}

/** The default: the contact as it is. */
export const AS_IT_IS: ContactShape = { fields: null, dates: 'iso', empty: 'null', htmlNames: false };

/** The fields by which a store can find a contact. */
const IDENTIFIERS = ['userId', 'externalId', 'email', 'phone', 'username'] as const;

/** Of these, every contact has one. */
const IDENTITIES = ['userId', 'email'] as const;

const NAMES = ['firstName', 'lastName', 'name'] as const;

const MS_PER_DAY = 86_400_000;
/** Day 0 of spreadsheets, 30 December 1899, in days before 1970. */
const SPREADSHEET_EPOCH_DAYS = 25_569;

/**
 * A contact in the builder's shape, with its fields in the same order. A field that it does not have is not added, so
 * a partial contact stays partial. A contact that no chosen field identifies keeps its user ID, otherwise its email
 * address: without one, a deletion would reach the store and delete nobody.
 */
export function shaped(contact: Contact, shape: ContactShape): Readonly<Record<string, unknown>> & Pick<Contact, 'mailingLists'> {
	if (shape === AS_IT_IS) return { ...contact };
	const { fields, dates, empty, htmlNames } = shape;
	const all = Object.entries(contact) as Array<[string, unknown]>;
	const html = htmlNames ? NAMES.flatMap((name) => htmlOf(name, contact[name])) : [];
	const isKnown = (key: keyof Contact) => contact[key] != null;
	const isIdentified = fields === null || IDENTIFIERS.some((key) => fields.has(key) && isKnown(key));
	const kept: readonly unknown[] = ['action', isIdentified ? null : IDENTITIES.find(isKnown)];
	const chosen = all.filter(([key]) => fields === null || fields.has(key) || kept.includes(key));
	const dated = chosen.map(([key, value]) => [key, isTime(key) && typeof value === 'string' ? inFormat(value, dates) : value]);
	const entries = ([...dated, ...html] as Array<[string, unknown]>).filter(([, value]) => value !== null || empty !== 'leaveOut');
	return Object.fromEntries(entries.map(([key, value]) => [key, value === null && empty === 'emptyText' ? '' : value]));
}

function isTime(key: string): boolean {
	return (TIMES as readonly string[]).includes(key);
}

function inFormat(iso: string, format: DateFormat): string | number {
	const milliseconds = Date.parse(iso);
	switch (format) {
		case 'iso':
			return iso;
		case 'unixSeconds':
			return Math.floor(milliseconds / 1000);
		case 'unixMilliseconds':
			return milliseconds;
		case 'spreadsheet':
			return milliseconds / MS_PER_DAY + SPREADSHEET_EPOCH_DAYS;
	}
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** An escaped copy of the name under a key of its own; nothing if the contact does not have it. */
function htmlOf(key: (typeof NAMES)[number], name: string | null | undefined): Array<[string, string | null]> {
	if (name === undefined) return [];
	return [[`${key}Html`, name && name.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')]];
}
