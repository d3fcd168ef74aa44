import { createHash } from 'node:crypto';

import type { Endpoint } from './portal';

/**
 * How a Clerk Trigger wants its endpoint to be. It is stored in the endpoint's metadata, which Clerk keeps
 * and does not use, because the Clerk node, in another workflow, cannot ask the trigger.
 */
export interface Wanted {
	readonly url: string;
	/** Null for all events. */
	readonly eventTypes: readonly string[] | null;
}

/** The same, read from metadata: null if there is nothing readable. */
export interface WrittenDown {
	/** The digest of the n8n instance that wrote it. */
	readonly n8n: string | null;
	readonly url: string | null;
	/** `all`, or the event types. */
	readonly eventTypes: readonly string[] | 'all' | null;
}

const N8N = 'n8nInstance';
const ADDRESS = 'n8nUrl';
const EVENTS = 'n8nEvents';

/** In characters. The contract states no limit for metadata; all of Clerk's event types together have about 1,100. */
const LONGEST_EVENTS = 3000;
const LONGEST_URL = 500;

/** Identifies an n8n instance to Clerk without revealing its ID. */
export function digestOfInstance(instanceId: string): string {
	return createHash('sha256').update(instanceId).digest('hex').slice(0, 16);
}

export function metadataOf(instanceId: string, { url, eventTypes }: Wanted): Readonly<Record<string, string>> {
	const events = eventTypes === null ? '*' : eventTypes.join(' ');
	return {
		[N8N]: digestOfInstance(instanceId),
		[ADDRESS]: url.length > LONGEST_URL || !URL.canParse(url) ? '' : url,
		[EVENTS]: events.length > LONGEST_EVENTS ? '' : events,
	};
}

export function writtenDownAt({ metadata }: Endpoint): WrittenDown {
	const events = metadata[EVENTS] || null;
	return {
		n8n: metadata[N8N] || null,
		url: URL.canParse(metadata[ADDRESS] ?? '') ? (metadata[ADDRESS] ?? null) : null,
		eventTypes: events === '*' ? 'all' : (events?.split(' ') ?? null),
	};
}

/** An endpoint's metadata with a new URL for its trigger. */
export function metadataWithUrl({ metadata }: Endpoint, url: string): Readonly<Record<string, string>> {
	return { ...metadata, [ADDRESS]: url };
}

export type Difference = 'disabled' | 'url' | 'eventTypes';

/** How an endpoint differs from what is wanted. What isn't known is not compared. */
export function differencesOf(found: Endpoint, { url, eventTypes }: Partial<Wanted>): Difference[] {
	return [
		...(found.disabled ? (['disabled'] as const) : []),
		...(url === undefined || found.url === url ? [] : (['url'] as const)),
		...(eventTypes === undefined || sameTypes(found.eventTypes, eventTypes) ? [] : (['eventTypes'] as const)),
	];
}

function sameTypes(one: readonly string[] | null, other: readonly string[] | null): boolean {
	const sorted = (types: readonly string[] | null) => JSON.stringify(types && [...types].sort());
	return sorted(one) === sorted(other);
}

/** The changes that remove the differences. */
export function changesFor(differences: readonly Difference[], { url, eventTypes }: Partial<Wanted>): Partial<Endpoint> {
	return {
		...(differences.includes('disabled') ? { disabled: false } : {}),
		...(differences.includes('url') && url !== undefined ? { url } : {}),
		...(differences.includes('eventTypes') && eventTypes !== undefined ? { eventTypes } : {}),
	};
}
