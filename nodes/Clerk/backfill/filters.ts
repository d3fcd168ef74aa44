import { isObject } from '../events/payload';
import type { Query } from '../api/backend';
import { names, text } from '../records/settings';

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
 * The filters that were set, as Clerk's query.
 * @returns them, or what is wrong with one, as a sentence. An empty one counts as none
 */
export function queryOf(filters: unknown): Query | string {
	const query: Record<string, string | number | boolean | string[]> = {};
	if (!isObject(filters)) return query;
	for (const [name, value] of Object.entries(filters)) {
		const filter = FILTERS[name];
		if (filter === undefined) continue;
		const { as, kind } = filter;
		switch (kind) {
			case 'time': {
				if (value === '' || value === null || value === undefined) break;
				const time = timeOf(value);
				if (time === null) return `${titleOf(name)} is not a time. ${HOW_TO_WRITE_A_TIME}`;
				query[as] = time;
				break;
			}
			case 'flag':
				if (typeof value === 'boolean') query[as] = value;
				break;
			case 'names': {
				const listed = names(value);
				if (listed.length > MOST_VALUES)
					return `${titleOf(name)} has ${listed.length} values; Clerk takes ${MOST_VALUES} at once.`;
				if (listed.length > 0) query[as] = listed;
				break;
			}
			case 'text': {
				const typed = text(value);
				if (typed !== null) query[as] = typed;
			}
		}
	}
	return query;
}

const MOST_VALUES = 100;

export const HOW_TO_WRITE_A_TIME = 'Write it like 2026-01-05T09:30:00Z, or choose it from the calendar.';

/** @returns milliseconds since 1970; null for what is no time */
export function timeOf(value: unknown): number | null {
	// A Luxon time, as expressions give it, is an object that says itself in ISO 8601.
	const written = typeof value === 'string' || typeof value === 'number' ? value : isObject(value) ? JSON.stringify(value) : '';
	const time = typeof written === 'number' ? written : Date.parse(written.replace(/^"|"$/g, ''));
	return Number.isFinite(time) ? time : null;
}

/** `createdAfter` as the editor shows it: Created After. */
function titleOf(name: string): string {
	const words = name.replace(/[A-Z]/g, (capital) => ` ${capital}`).replace(/^./, (first) => first.toUpperCase());
	return words.replace(' Ids', ' IDs');
}
