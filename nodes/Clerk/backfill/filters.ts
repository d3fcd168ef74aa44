import type { Query } from '../api/backend';
import { isObject, isoTime } from '../events/payload';

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
	roles: { as: 'role', kind: 'names' },
	status: { as: 'status', kind: 'text' },
	userIds: { as: 'user_id', kind: 'names' },
	usernames: { as: 'username', kind: 'names' },
};

/**
 * The filters that were set, as Clerk's query. One that is set but cannot be read is never dropped: everybody would come.
 * @param timezone in which times without an offset are meant, as the calendar writes them
 * @returns the query, or what is wrong with a filter, as a sentence. A field that was left empty counts as none; a
 * list without a value, as an expression may give it, does not: everybody would come in place of nobody
 */
export function queryOf(filters: unknown, timezone: string): Query | string {
	const query: Record<string, string | number | boolean | string[]> = {};
	if (!isObject(filters)) return query;
	for (const [name, value] of Object.entries(filters)) {
		const filter = FILTERS[name];
		if (filter === undefined || isLeftEmpty(value) || (filter.kind !== 'names' && isNothing(value))) continue;
		const read = readers[filter.kind](value, timezone);
		if (read === null) return `${titleOf(name)} ${unreadable[filter.kind]}`;
		if (Array.isArray(read) && read.length === 0) {
			return `${titleOf(name)} has no value in it. Give it at least one, or remove this filter to read everybody.`;
		}
		if (Array.isArray(read) && read.length > MOST_VALUES) {
			return `${titleOf(name)} has ${read.length} values; Clerk takes ${MOST_VALUES} at once.`;
		}
		query[filter.as] = read;
	}
	return query;
}

function isLeftEmpty(value: unknown): boolean {
	return typeof value === 'string' && value.trim() === '';
}

function isNothing(value: unknown): boolean {
	return value === null || value === undefined;
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
		const given: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[,\n]/) : [value];
		const listed = given.filter((one) => !isNothing(one));
		if (!listed.every((one) => typeof one === 'string' || typeof one === 'number')) return null;
		return listed.map((one) => String(one).trim()).filter((one) => one !== '');
	},
};

const ISO_TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:?\d\d)?$/;

/** 1e11 ms is 1973, 1e11 s the year 5138: what is below it must be seconds. */
const FEWEST_MILLISECONDS = 1e11;

/**
 * A time as people and expressions write it: ISO 8601, a number of milliseconds or seconds, a date object.
 * @param timezone in which a time without an offset is meant. Where its clocks are changed and it stands for two
 * moments or for none, it is the earlier one: so nobody is missed
 * @returns milliseconds since 1970; null for what is no time
 */
export function timeOf(value: unknown, timezone: string): number | null {
	const time = typeof value === 'number' ? (value < FEWEST_MILLISECONDS ? value * 1000 : value) : writtenTime(value, timezone);
	return isoTime(time) === null ? null : time;
}

function writtenTime(value: unknown, timezone: string): number | null {
	// A Luxon time, as expressions give it, is an object that says itself in ISO 8601.
	const text = typeof value === 'string' ? value.trim() : isObject(value) ? JSON.stringify(value).replaceAll('"', '') : '';
	const [, date = '', time = '00:00', offset] = ISO_TIME.exec(text.toUpperCase().replace(' ', 'T')) ?? [];
	const midnight = Date.parse(`${date}T00:00Z`);
	// A day that the month does not have would become one of the next month.
	if (!isoTime(midnight)?.startsWith(date)) return null;
	const asUtc = Date.parse(`${date}T${time}${offset ?? 'Z'}`);
	return offset === undefined ? earliestIn(timezone, asUtc) : asUtc;
}

const DAY = 86_400_000;

/** The first moment at which clocks in a time zone show what they show in UTC at another. Both in milliseconds. */
function earliestIn(timezone: string, asUtc: number): number {
	if (Number.isNaN(asUtc)) return NaN;
	// The offsets before and after a change of clocks, where there is one nearby.
	const moments = [asUtc - DAY, asUtc + DAY].map((near) => asUtc - offsetAt(near, timezone));
	const showing = moments.filter((moment) => moment + offsetAt(moment, timezone) === asUtc);
	return Math.min(...(showing.length > 0 ? showing : moments));
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
export function titleOf(name: string): string {
	const words = name.replace(/[A-Z]/g, (capital) => ` ${capital}`).replace(/^./, (first) => first.toUpperCase());
	return words.replace(' Ids', ' IDs');
}
