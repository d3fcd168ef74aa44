import type { IHttpRequestOptions, ILoadOptionsFunctions } from 'n8n-workflow';

import { Backend } from '../../../nodes/Clerk/api/backend';
import type { ClerkApi } from '../../../nodes/Clerk/api/clerkApi';
import { searchList } from '../../../nodes/Clerk/operations/locators';

const entries = Array.from({ length: 600 }, (_, n) => ({ id: `alid_${n}`, identifier: `person.${n}@example.com` }));
const sent: URLSearchParams[] = [];
let isDown = false;
const backend = new Backend(
	async ({ url }: IHttpRequestOptions) => {
		const { searchParams } = new URL(url);
		sent.push(searchParams);
		const from = Number(searchParams.get('offset'));
		if (isDown) return { statusCode: 200, headers: {}, body: { message: 'maintenance' } };
		return { statusCode: 200, headers: {}, body: entries.slice(from, from + Number(searchParams.get('limit'))) };
	},
	{ apiUrl: 'https://api.clerk.com/v1', secretKey: 'sk_test_1' } as ClerkApi,
);
const search = async (asked: { filter?: string; offset?: number }) =>
	await searchList({ getNode: () => ({ name: 'Clerk' }) } as ILoadOptionsFunctions, backend, 'allowlistIdentifier', {
		ids: {},
		...asked,
	});

beforeEach(() => sent.splice(0));

test('a list that Clerk cannot search is searched to its end, since the editor asks for no further page then', async () => {
	expect(await search({ filter: 'PERSON.555@' })).toEqual({ results: [{ name: 'person.555@example.com', value: 'alid_555' }] });
	expect(await search({ filter: 'nobody' })).toEqual({ results: [] });
});

test('without a search, it comes page by page', async () => {
	const { results, paginationToken } = await search({ offset: 100 });
	expect([results.length, results[0]?.value, paginationToken]).toEqual([100, 'alid_100', '200']);
	expect(sent).toHaveLength(1);
	expect((await search({ offset: 600 })).paginationToken).toBeUndefined();
});

test('an answer without a list is an error, not an empty list', async () => {
	isDown = true;
	await expect(search({})).rejects.toThrow(/^Could not read the allowlist entries: Clerk answered 200: the answer has no list\./);
});
