import type { Query } from '../api/backend';
import type { ClerkObject } from '../events/payload';

/** What a field holds, which decides how it is shown, read and checked. */
export type Kind =
	| 'choice'
	| 'email'
	| 'flag'
	| 'json'
	| 'number'
	| 'secret'
	| 'text'
	| 'texts'
	| 'time'
	/** The ID of a session, which no list offers. */
	| 'id'
	| LocatorKind;

/** Objects that are chosen from a list, or named by their ID. */
export type LocatorKind =
	| 'allowlistIdentifier'
	| 'blocklistIdentifier'
	| 'invitation'
	| 'organization'
	| 'organizationInvitation'
	| 'role'
	| 'user'
	| 'waitlistEntry';

/** One input of an operation: a parameter of the node, and what it becomes in the request. */
export interface Field {
	/** The parameter. Where the path of the operation has `{name}`, the value goes there. */
	readonly name: string;
	readonly displayName: string;
	readonly kind: Kind;
	/** Clerk's name in body or query. */
	readonly as: string;
	readonly description: string;
	/** Always shown and never empty; or always shown; or in a collection. */
	readonly place: 'required' | 'top' | 'collection';
	readonly placeholder?: string;
	readonly default?: string | number | boolean;
	readonly options?: readonly { readonly name: string; readonly value: string }[];
	/** Whether an empty text removes what Clerk has. */
	readonly clears?: true;
	/** Whether it is only for the node, and no part of a request. */
	readonly local?: true;
}

/** Which object comes back, and so what its simplified form is. */
export type ObjectKind =
	| 'identifier'
	| 'invitation'
	| 'membership'
	| 'organization'
	| 'organizationInvitation'
	| 'session'
	| 'subscription'
	| 'user'
	| 'waitlistEntry';

/** The output: an object, a list of them, `{ "deleted": true }` or `{ "success": true }`. */
export type Result = { readonly one: ObjectKind } | { readonly many: ObjectKind } | 'deleted' | 'success';

/**
 * Whether a call may be made again if its result is unknown: the connection broke, no answer came in time, or
 * Clerk failed (5xx). `yes`: doing it twice does no harm. `no`: never. Otherwise Clerk is asked first whether it was done.
 */
export type Repeat = 'yes' | 'no' | Look;

export interface Look {
	/** Where to look, as in `path` of the operation; `query` is made of what was sent. */
	readonly path: string;
	readonly query?: (sent: ClerkObject, ids: Readonly<Record<string, string>>) => Query | null;
	/** Whether an object there shows that it was done. */
	readonly shows: (found: ClerkObject, sent: ClerkObject, ids: Readonly<Record<string, string>>) => boolean;
	/** Whether the object must be a new one, made by the call. */
	readonly isNew?: true;
	/** Whether it is a list that Clerk can't search, so that all its pages are read. */
	readonly isPaged?: true;
}

/** One operation of the node. Parameters, call, documentation and tests read it from here. */
export interface Operation {
	readonly resource: string;
	readonly operation: string;
	readonly name: string;
	/** The text in n8n's list of actions, which also describes the tool to an AI agent. */
	readonly action: string;
	readonly description: string;
	readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
	/** Under `/v1`; names in braces are fields. */
	readonly path: string;
	readonly fields: readonly Field[];
	readonly result: Result;
	readonly repeat: Repeat;
	/** It cannot be undone. */
	readonly destructive?: true;
	/** Clerk sends an email to the person, unless that can be switched off and is. */
	readonly sendsEmail?: true;
	/** A list that Clerk returns as a whole. */
	readonly unpaged?: true;
	/** One call for many: a list of objects, one for each value of this field. */
	readonly each?: { readonly field: string; readonly most: number };
	/** Whether it updates an existing object or creates a new one: several calls instead of one. */
	readonly upsert?: true;
}
