import type { Query } from '../api/backend';
import { isObject, isoTime } from '../events/payload';

/** The node's filters: their names in Clerk's API and the kind of their values. */
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
 * Turns the filters into Clerk's query. A filter that cannot be read is an error, since dropping it would read everybody.
 * @param timezone for times without an offset, as the calendar writes them
 * @returns the query, or a sentence about what is wrong with a filter. An empty field counts as no filter. A list
 * without a value, which an expression may return, does not: it would read everybody instead of nobody
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
			return `${titleOf(name)} has no values. Enter at least one, or remove this filter to read everybody.`;
		}
		if (Array.isArray(read) && read.length > MOST_VALUES) {
			return `${titleOf(name)} has ${read.length} values, but Clerk accepts only ${MOST_VALUES} at once.`;
		}
		query[filter.as] = read;
	}
	return query;
}

/**
 * In a list of users, Clerk takes a `-` before an external ID as "not this one" and a `+` as "this one". So each ID gets a
 * `+`, or one that begins with a sign would be misread. A count has no such signs.
 */
export function withSigns({ external_id: ids, ...query }: Query): Query {
	return Array.isArray(ids) ? { ...query, external_id: (ids as string[]).map((id) => `+${id}`) } : query;
}

/** Whether it is what an empty field of the editor holds. */
export function isLeftEmpty(value: unknown): boolean {
	return typeof value === 'string' && value.trim() === '';
}

function isNothing(value: unknown): boolean {
	return value === null || value === undefined;
}

/** @returns a text or number as trimmed text; empty for anything else that an expression can return */
export function textOf(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

const DEFAULT_LIMIT = 50;

/** Reads a limit. An empty one is the default that the editor shows. @returns the number, or a sentence about what is wrong */
export function limitOf(given: unknown): number | string {
	if (isNothing(given) || isLeftEmpty(given)) return DEFAULT_LIMIT;
	const most = Math.floor(Number(given));
	return most >= 1 ? most : 'Limit must be a number of 1 or more.';
}

const MOST_VALUES = 100;

export const HOW_TO_WRITE_A_TIME = 'Write it like 2026-01-05T09:30:00Z, or choose it from the calendar.';

const unreadable = {
	time: `is not a valid time. ${HOW_TO_WRITE_A_TIME}`,
	flag: 'is neither true nor false.',
	text: 'is not text.',
	names: 'is neither text nor a list. Separate several values with commas.',
};

/** Each returns null for a value that cannot be read. */
const readers: Readonly<
	Record<keyof typeof unreadable, (value: unknown, timezone: string) => string | number | boolean | string[] | null>
> = {
	time: timeOf,
	flag: (value) => (typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : null),
	text: (value) => (typeof value === 'string' || typeof value === 'number' ? String(value).trim() : null),
	// Not split at spaces: an external ID may contain one.
	names: (value) => {
		const given: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[,\n]/) : [value];
		const listed = given.filter((one) => !isNothing(one));
		if (!listed.every((one) => typeof one === 'string' || typeof one === 'number')) return null;
		return listed.map((one) => String(one).trim()).filter((one) => one !== '');
	},
};

const ISO_TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:?\d\d)?$/;

/** 1e11 ms is 1973, 1e11 s the year 5138: smaller numbers must be seconds. */
const FEWEST_MILLISECONDS = 1e11;

/**
 * A time as people and expressions write it: ISO 8601, a number of milliseconds or seconds, a date object.
 * @param timezone for a time without an offset. If the clocks change and it stands for two moments or for none, the
 * earlier one is used, so that nobody is missed
 * @returns milliseconds since 1970; null if it is not a time
 */
export function timeOf(value: unknown, timezone: string): number | null {
	const time = typeof value === 'number' ? (value < FEWEST_MILLISECONDS ? value * 1000 : value) : writtenTime(value, timezone);
	return isoTime(time) === null ? null : time;
}

function writtenTime(value: unknown, timezone: string): number | null {
	// Expressions return times as Luxon objects, whose JSON is ISO 8601.
	const text = typeof value === 'string' ? value.trim() : isObject(value) ? JSON.stringify(value).replaceAll('"', '') : '';
	const [, date = '', time = '00:00', offset] = ISO_TIME.exec(text.toUpperCase().replace(' ', 'T')) ?? [];
	const midnight = Date.parse(`${date}T00:00Z`);
	// Date.parse would turn a day that the month does not have into one of the next month.
	if (!isoTime(midnight)?.startsWith(date)) return null;
	const asUtc = Date.parse(`${date}T${time}${offset ?? 'Z'}`);
	return offset === undefined ? earliestIn(timezone, asUtc) : asUtc;
}

const DAY = 86_400_000;

/** The first moment at which clocks in a time zone show this time. Both in milliseconds. @param asUtc the time, as if it were UTC */
function earliestIn(timezone: string, asUtc: number): number {
	if (Number.isNaN(asUtc)) return NaN;
	// The offsets before and after a clock change, if there is one nearby.
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
