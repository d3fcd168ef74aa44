import type { ILoadOptionsFunctions, INodeListSearchResult, INodePropertyMode } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { explain } from '../api/advice';
import type { Backend, Query } from '../api/backend';
import { Failure, isFailure, UNEXPECTED_ANSWER } from '../api/failure';
import { withSigns } from '../backfill/filters';
import { readList, readPage } from '../backfill/paging';
import type { List } from '../backfill/paging';
import { objectsAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { displayName, primaryEmail } from '../records/user';

import type { LocatorKind } from './operation';

/** How an object can be identified besides its ID. */
interface Finder {
	readonly displayName: string;
	readonly placeholder: string;
	readonly path: string;
	readonly query: (value: string) => Query;
	readonly matches: (found: ClerkObject, value: string) => boolean;
}

interface Locator {
	/** As it stands in a sentence. */
	readonly noun: string;
	readonly example: string;
	/** The list, with `{organization}` where it is one of an organization. */
	readonly path: string;
	/** How the list is searched; null if Clerk can't search it, so that the typed text is searched for here. */
	readonly search: ((text: string) => Query) | null;
	readonly query?: Query;
	readonly unpaged?: true;
	readonly label: (found: ClerkObject) => string | null;
	/** The key that identifies it. */
	readonly key: 'id' | 'key';
	readonly finders?: Readonly<Record<string, Finder>>;
}

/** Clerk ignores the case of addresses and names. */
export const same = (one: string | null, other: string): boolean => other !== '' && one?.toLowerCase() === other.toLowerCase();

/** Whether it is one of the user's addresses, also if it is not the primary one. */
export const hasEmail = (user: ClerkObject, email: string): boolean =>
	objectsAt(user, 'email_addresses').some((address) => same(textAt(address, 'email_address'), email));

const byEmail = (path: string, more: Query = {}): Finder => ({
	displayName: 'By Email',
	placeholder: 'e.g. nathan@example.com',
	path,
	query: (value) => ({ query: value, ...more }),
	matches: (found, value) => same(textAt(found, 'email_address'), value),
});

const searched = (text: string): Query => ({ query: text });
const emailOf = (found: ClerkObject) => textAt(found, 'email_address');

/** Every kind of object that can be chosen from a list, by the parameter's name. */
export const locators: Readonly<Record<LocatorKind, Locator>> = {
	allowlistIdentifier: {
		noun: 'allowlist entry',
		example: 'alid_29w83sxmDNGwOuEthce5gg56FcC',
		path: '/allowlist_identifiers',
		search: null,
		label: (found) => textAt(found, 'identifier'),
		key: 'id',
	},
	blocklistIdentifier: {
		noun: 'blocklist entry',
		example: 'blid_29w83sxmDNGwOuEthce5gg56FcC',
		path: '/blocklist_identifiers',
		search: null,
		unpaged: true,
		label: (found) => textAt(found, 'identifier'),
		key: 'id',
	},
	invitation: {
		noun: 'invitation',
		example: 'inv_29w83sxmDNGwOuEthce5gg56FcC',
		path: '/invitations',
		search: searched,
		query: { status: 'pending' },
		label: emailOf,
		key: 'id',
		finders: { email: byEmail('/invitations', { status: 'pending' }) },
	},
	organization: {
		noun: 'organization',
		example: 'org_29w83sxmDNGwOuEthce5gg56FcC',
		path: '/organizations',
		search: searched,
		label: (found) => textAt(found, 'name'),
		key: 'id',
		finders: {
			slug: {
				displayName: 'By Slug',
				placeholder: 'e.g. acme',
				path: '/organizations',
				query: searched,
				matches: (found, value) => textAt(found, 'slug') === value,
			},
		},
	},
	organizationInvitation: {
		noun: 'invitation',
		example: 'orginv_29w83sxmDNGwOuEthce5gg56FcC',
		path: '/organizations/{organization}/invitations',
		search: null,
		query: { status: 'pending' },
		label: emailOf,
		key: 'id',
		finders: {
			email: {
				...byEmail('/organizations/{organization}/invitations'),
				query: (value) => ({ email_address: value, status: 'pending' }),
			},
		},
	},
	role: {
		noun: 'role',
		example: 'org:member',
		path: '/organization_roles',
		search: searched,
		label: (found) => textAt(found, 'name'),
		key: 'key',
	},
	user: {
		noun: 'user',
		example: 'user_29w83sxmDNGwOuEthce5gg56FcC',
		path: '/users',
		search: searched,
		query: { order_by: '-created_at' },
		label: (found) =>
			[displayName(found), primaryEmail(found).value].filter((part) => part).join(', ') || textAt(found, 'username'),
		key: 'id',
		finders: {
			email: {
				displayName: 'By Email',
				placeholder: 'e.g. nathan@example.com',
				path: '/users',
				query: (value) => ({ email_address: [value] }),
				matches: hasEmail,
			},
			externalId: {
				displayName: 'By External ID',
				placeholder: 'e.g. customer-17',
				path: '/users',
				query: (value) => withSigns({ external_id: [value] }),
				matches: (found, value) => textAt(found, 'external_id') === value,
			},
		},
	},
	waitlistEntry: {
		noun: 'waitlist entry',
		example: 'wle_29w83sxmDNGwOuEthce5gg56FcC',
		path: '/waitlist_entries',
		search: searched,
		query: { status: 'pending', order_by: '+created_at' },
		label: emailOf,
		key: 'id',
		finders: { email: byEmail('/waitlist_entries') },
	},
};

export function isLocator(kind: string): kind is LocatorKind {
	return Object.hasOwn(locators, kind);
}

/** The method of n8n by which the editor asks for the list. */
export function searchMethodOf(kind: LocatorKind): string {
	return `search${kind.replace(/^./, (first) => first.toUpperCase())}`;
}

/** A way to name an object by a text. In two parts: n8n's lint takes it for a parameter otherwise, and wants a default. */
const byText = (displayName: string, name: string, placeholder: string): INodePropertyMode => ({
	...{ displayName, name, placeholder },
	type: 'string',
});

/** *From List* first, as in n8n's own nodes. */
export function modesOf(kind: LocatorKind): INodePropertyMode[] {
	const { noun, example, finders = {}, key } = locators[kind];
	const fromList = {
		placeholder: `Select ${/^[aeio]/.test(noun) ? 'an' : 'a'} ${noun}...`,
		typeOptions: { searchListMethod: searchMethodOf(kind), searchable: true },
	};
	return [
		{ ...{ displayName: 'From List', name: 'list' }, type: 'list', ...fromList },
		byText(key === 'id' ? 'By ID' : 'By Key', 'id', `e.g. ${example}`),
		...Object.entries(finders).map(([name, { displayName, placeholder }]) => byText(displayName, name, placeholder)),
	];
}

const PAGE = 100;

/** Fills `{organization}` in. */
export function filled(path: string, ids: Readonly<Record<string, string>>): string {
	return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? ''));
}

function listOf(noun: string, path: string): List {
	return { path, name: `${noun.replace(/y$/, 'ie')}s`, step: 'readList' };
}

/** One page of a list for the editor. @throws NodeOperationError that says what to do */
export async function searchList(
	context: ILoadOptionsFunctions,
	backend: Backend,
	kind: LocatorKind,
	{ filter = '', offset = 0, ids }: { filter?: string; offset?: number; ids: Readonly<Record<string, string>> },
): Promise<INodeListSearchResult> {
	const { path, search, query, unpaged, label, key, noun } = locators[kind];
	const isSearchedHere = search === null && filter !== '';
	const list = listOf(noun, filled(path, ids));
	const asked: Query = { ...query, ...(filter !== '' && search !== null ? search(filter) : {}) };
	// The editor asks for no further page while somebody searches, unless the list is long enough to scroll.
	const found =
		isSearchedHere && !unpaged
			? await readList(backend, list, asked)
			: await readPage(backend, list, null, { ...asked, ...(unpaged ? {} : { limit: PAGE, offset }) });
	if (isFailure(found)) throw new NodeOperationError(context.getNode(), explain(found));
	const results = found
		.flatMap((object) => {
			const value = textAt(object, key);
			return value === null ? [] : [{ name: label(object) ?? value, value }];
		})
		.filter(({ name }) => search !== null || name.toLowerCase().includes(filter.toLowerCase()));
	return { results, ...(unpaged || isSearchedHere || found.length < PAGE ? {} : { paginationToken: String(offset + PAGE) }) };
}

/**
 * The ID of an object that a locator identifies in another way.
 * @returns it; or why it is not known, as a failure or as a sentence, where `isMissing` means that there is none, not several
 */
export async function find(
	backend: Backend,
	kind: LocatorKind,
	{ mode, value, ids }: { mode: string; value: string; ids: Readonly<Record<string, string>> },
): Promise<string | Failure | { readonly problem: string; readonly isMissing?: true }> {
	const { noun, finders = {}, key } = locators[kind];
	const finder = finders[mode];
	const doing = `look for the ${noun}`;
	if (finder === undefined) return { problem: `There is no way to find this ${noun}.` };
	// Clerk also finds parts of names and addresses, so there may be several pages.
	const listed = await readList(backend, listOf(noun, filled(finder.path, ids)), finder.query(value));
	if (isFailure(listed)) return new Failure({ ...listed, doing });
	const found = listed.filter((object) => finder.matches(object, value));
	const [first, second] = found.map((object) => textAt(object, key));
	const how = finder.displayName.replace('By ', '').replace(/^(Email|Slug)$/, (word) => word.toLowerCase());
	if (first === undefined) {
		return {
			problem: `There is no ${noun} with the ${how} ${value}. Check whether the secret key belongs to the same Clerk instance.`,
			isMissing: true,
		};
	}
	if (second !== undefined) return { problem: `There are several with the ${how} ${value}. Choose the ${noun} by its ID.` };
	return (
		first ??
		new Failure({
			step: 'readList',
			doing,
			service: 'Clerk',
			status: 200,
			code: UNEXPECTED_ANSWER,
			said: 'an answer without an ID',
		})
	);
}
