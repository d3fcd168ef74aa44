import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { openBackend } from '../backfill/operations';
import { locators, searchList, searchMethodOf } from './locators';
import type { LocatorKind } from './operation';

type Search = (this: ILoadOptionsFunctions, filter?: string, paginationToken?: string) => Promise<INodeListSearchResult>;

/** The methods by which the editor fills the lists, one for each kind of object. */
export const searchMethods: Record<string, Search> = Object.fromEntries(
	(Object.keys(locators) as LocatorKind[]).map((kind): [string, Search] => [
		searchMethodOf(kind),
		async function (filter, paginationToken) {
			const { backend } = await openBackend(this);
			const organization = this.getCurrentNodeParameter('organization', { extractValue: true });
			const ids = { organization: typeof organization === 'string' ? organization : '' };
			// The list of an organization that is not chosen yet.
			if (locators[kind].path.includes('{organization}') && !/^org_\w+$/.test(ids.organization)) return { results: [] };
			return await searchList(this, backend, kind, { filter: filter ?? '', offset: Number(paginationToken ?? 0), ids });
		},
	]),
);
