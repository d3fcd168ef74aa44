import { isObject } from '../events/payload';
import type { Query } from '../api/backend';

/** What a filter of the node's is called in Clerk's API, and how it is written there. */
const FILTERS: Readonly<Record<string, { readonly as: string; readonly kind: 'time' | 'text' | 'names' | 'flag' }>> = {
	banned: { as: 'banned', kind: 'flag' },
	createdAfter: { as: 'created_at_after', kind: 'time' },
	createdBefore: { as: 'created_at_before', kind: 'time' },
	emailAddresses: { as: 'email_address', kind: 'names' },
	externalIds: { as: 'external_id', kind: 'names' },
	lastActiveAfter: { as: 'last_active_at_after', kind: 'time' },
	lastActiveBefore: { as: 'last_active_at_before', kind: 'time' },
	lastSignInAfter: { as: 'last_sign_in_at_after', kind: 'time' },
	lastSignInBefore: { as: 'last_sign_in_at_before', kind: 'time' },
	organizationIds: { as: 'organization_id', kind: 'names' },
	phoneNumbers: { as: 'phone_number', kind: 'names' },
	query: { as: 'query', kind: 'text' },
	status: { as: 'status', kind: 'text' },
	userIds: { as: 'user_id', kind: 'names' },
	usernames: { as: 'username', kind: 'names' },
};

/**
 * The filters that were set, as Clerk's query. One that is set but cannot be read is never dropped: everybody would come.
 * @param timezone in which times without an offset are meant, as the calendar writes them
 * @returns the query, or what is wrong with a filter, as a sentence. An empty one counts as none
 */
export function queryOf(filters: unknown, timezone: string): Query | string {
	const query: Record<string, string | number | boolean | string[]> = {};
	if (!isObject(filters)) return query;
	for (const [name, value] of Object.entries(filters)) {
		const filter = FILTERS[name];
		if (filter === undefined || value === '' || value === null || value === undefined) continue;
		const read = readers[filter.kind](value, timezone);
		if (read === null) return `${titleOf(name)} ${unreadable[filter.kind]}`;
		if (Array.isArray(read) && read.length > MOST_VALUES) {
			return `${titleOf(name)} has ${read.length} values; Clerk takes ${MOST_VALUES} at once.`;
		}
		if (!Array.isArray(read) || read.length > 0) query[filter.as] = read;
	}
	return query;
}

const MOST_VALUES = 100;

export const HOW_TO_WRITE_A_TIME = 'Write it like 2026-01-05T09:30:00Z, or choose it from the calendar.';

const unreadable = {
	time: `is not a time. ${HOW_TO_WRITE_A_TIME}`,
	flag: 'is neither true nor false.',
	text: 'is not a text.',
	names: 'is neither a text nor a list. Separate several values by commas.',
};

/** Null for what cannot be read. */
const readers: Readonly<
	Record<keyof typeof unreadable, (value: unknown, timezone: string) => string | number | boolean | string[] | null>
> = {
	time: timeOf,
	flag: (value) => (typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : null),
	text: (value) => (typeof value === 'string' || typeof value === 'number' ? String(value).trim() : null),
	// Not by spaces: an external ID may have one.
	names: (value) => {
		const listed: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[,\n]/) : [value];
		if (!listed.every((one) => typeof one === 'string' || typeof one === 'number')) return null;
		return listed.map((one) => String(one).trim()).filter((one) => one !== '');
	},
};

const ISO_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:?\d\d)?$/;

/** @returns milliseconds since 1970; null for what is no time */
export function timeOf(value: unknown, timezone: string): number | null {
	if (typeof value === 'number') return Number.isFinite(value) ? value : null;
	// A Luxon time, as expressions give it, is an object that says itself in ISO 8601.
	const written = typeof value === 'string' ? value.trim() : isObject(value) ? JSON.stringify(value).replaceAll('"', '') : '';
	const [, date, time = '00:00', offset] = ISO_TIME.exec(written) ?? [];
	if (date === undefined) return null;
	const asUtc = Date.parse(`${date}T${time}${offset ?? 'Z'}`);
	if (Number.isNaN(asUtc)) return null;
	return offset === undefined ? asUtc - offsetAt(asUtc - offsetAt(asUtc, timezone), timezone) : asUtc;
}

/** How far a time zone is ahead of UTC at a moment, in milliseconds. */
function offsetAt(moment: number, timezone: string): number {
	const options: Intl.DateTimeFormatOptions = { timeZone: timezone, timeZoneName: 'longOffset' };
	const parts = new Intl.DateTimeFormat('en', options).formatToParts(moment);
	const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
	const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
	return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** `createdAfter` as the editor shows it: Created After. */
function titleOf(name: string): string {
	const words = name.replace(/[A-Z]/g, (capital) => ` ${capital}`).replace(/^./, (first) => first.toUpperCase());
	return words.replace(' Ids', ' IDs');
}
