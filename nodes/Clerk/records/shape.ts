import { CONTACT_KEYS } from './contact';
import type { Contact } from './contact';

/** The fields of a contact that hold a time. */
export const TIMES: ReadonlyArray<keyof Contact> = ['createdAt', 'updatedAt', 'lastSignInAt', 'lastActiveAt', 'legalAcceptedAt'];

/** The fields of a contact that a builder can choose: `action` always comes. */
export const CHOOSABLE = CONTACT_KEYS.filter((key) => key !== 'action');

export const DATE_FORMATS = ['iso', 'unixSeconds', 'unixMilliseconds', 'spreadsheet'] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

export const EMPTY_VALUES = ['null', 'emptyText', 'leaveOut'] as const;

/** How the fields of a contact come out. */
export interface ContactShape {
	/** Those that come out beside `action`; null for all. */
	readonly fields: ReadonlySet<string> | null;
	readonly dates: DateFormat;
	/** What stands for what Clerk does not have. */
	readonly empty: (typeof EMPTY_VALUES)[number];
	/** Whether the names come a second time, safe to stand in HTML. */
	readonly htmlNames: boolean;
}

/** The contact as it is, and as it comes out if nothing was set. */
export const AS_IT_IS: ContactShape = { fields: null, dates: 'iso', empty: 'null', htmlNames: false };

const NAMES = ['firstName', 'lastName', 'name'] as const;

const MS_PER_DAY = 86_400_000;
/** Day 0 of spreadsheets, 30 December 1899, in days before 1970. */
const SPREADSHEET_EPOCH_DAYS = 25_569;

/**
 * A contact in the builder's shape, its fields in the same order. What is not in it stays out, so a partial contact
 * stays partial.
 * @returns the contact itself where nothing was set
 */
export function shaped(contact: Contact, shape: ContactShape): Readonly<Record<string, unknown>> & Pick<Contact, 'mailingLists'> {
	if (shape === AS_IT_IS) return { ...contact };
	const { fields, dates, empty, htmlNames } = shape;
	const all = Object.entries(contact) as Array<[string, unknown]>;
	const html = htmlNames ? NAMES.flatMap((name) => htmlOf(name, contact[name])) : [];
	const chosen = all.filter(([key]) => key === 'action' || fields === null || fields.has(key));
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

/** The name once more, under a key of its own; nothing where the contact does not know it. */
function htmlOf(key: (typeof NAMES)[number], name: string | null | undefined): Array<[string, string | null]> {
	if (name === undefined) return [];
	return [[`${key}Html`, name && name.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')]];
}
