/**
 * The objects that come from Clerk, and how to read their fields. A verified delivery comes from Clerk, but may
 * not follow its contract: every reader returns null for a value that is missing or of another type. None throws.
 */

/** An object as parsed from JSON. */
export type ClerkObject = Readonly<Record<string, unknown>>;

/** A delivery's body. Source: Clerk's webhook contract, schema `WebhookEventPayload`. */
export interface Envelope extends ClerkObject {
	readonly type: string;
}

/** The two kinds of Clerk instances that an application has. */
export type Environment = 'development' | 'production';

export function isObject(value: unknown): value is ClerkObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns the object at `key`, or null. */
export function objectAt(object: ClerkObject | null, key: string): ClerkObject | null {
	const value = object?.[key];
	return isObject(value) ? value : null;
}

/** @returns the objects in the list at `key`, without anything that isn't an object. */
export function objectsAt(object: ClerkObject | null, key: string): ClerkObject[] {
	const value = object?.[key];
	return Array.isArray(value) ? value.filter(isObject) : [];
}

/** @returns the text at `key`; null if it is empty or blank, which Clerk sometimes writes for "none". */
export function textAt(object: ClerkObject | null, key: string): string | null {
	const value = object?.[key];
	return typeof value === 'string' && value.trim() !== '' ? value : null;
}

export function flagAt(object: ClerkObject | null, key: string): boolean | null {
	const value = object?.[key];
	return typeof value === 'boolean' ? value : null;
}

export function numberAt(object: ClerkObject | null, key: string): number | null {
	const value = object?.[key];
	return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** @returns the time at `key`, in milliseconds since 1970, as ISO 8601 in UTC with milliseconds. */
export function timeAt(object: ClerkObject | null, key: string): string | null {
	return isoTime(numberAt(object, key));
}

/** The years 0 to 9999. Beyond them, ISO 8601 needs a sign, which databases don't accept, and `toISOString` may throw. */
const FIRST_TIME = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

export function isoTime(milliseconds: number | null): string | null {
	if (milliseconds === null || !(milliseconds >= FIRST_TIME && milliseconds <= LAST_TIME)) return null;
	return new Date(milliseconds).toISOString();
}

/**
 * The envelope's own time in milliseconds: real deliveries carry milliseconds, Clerk's examples
 * seconds. 1e11 ms is 1973, 1e11 s the year 5138, so smaller numbers must be seconds.
 */
export function envelopeTime(envelope: Envelope): number | null {
	const timestamp = numberAt(envelope, 'timestamp');
	return timestamp !== null && timestamp < 1e11 ? timestamp * 1000 : timestamp;
}
