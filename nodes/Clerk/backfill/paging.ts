import type { Backend, Query } from '../api/backend';
import { Failure, isFailure, UNEXPECTED_ANSWER } from '../api/failure';
import type { Step } from '../api/failure';
import { isObject, numberAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';

/** The most that Clerk returns at once. */
export const PAGE_SIZE = 500;

/** A page that could not be read. It is the last one. */
export interface PageFailed {
	readonly failure: Failure;
	/** Where to continue; null on the first page, or if the list can't be continued. */
	readonly resumeAfter: Cursor | null;
}

/** A list in Clerk, and its name in messages. */
export interface List {
	readonly path: string;
	readonly name: string;
	readonly step: Step;
}

export const USERS: List = { path: '/users', name: 'users', step: 'readList' };

/** A page of a list: the new objects in it, and whether it was the last one. */
export interface Page {
	readonly objects: readonly ClerkObject[];
	readonly isLast: boolean;
}

const doing = ({ name }: List, page: number | null) => (page === null ? `read the ${name}` : `read page ${page} of the ${name}`);

/** Clerk returned a page that can't be right. */
function unusable(list: List, page: number | null, said: string): Failure {
	const { step } = list;
	return new Failure({ step, doing: doing(list, page), service: 'Clerk', status: 200, code: UNEXPECTED_ANSWER, said });
}

/** @param page its number in messages; null if it is the only one that is read */
export async function readPage(
	backend: Backend,
	list: List,
	page: number | null,
	query: Query,
): Promise<ClerkObject[] | Failure> {
	const answer = await backend.get(list.step, list.path, { query, doing: doing(list, page) });
	if (isFailure(answer)) return answer;
	const objects = answer['data'];
	// Not treated as an empty page: that would mean the end of the list, and everybody after it would be missing.
	if (!Array.isArray(objects) || !objects.every(isObject)) return unusable(list, page, 'the answer has no list');
	return objects;
}

/**
 * The user to continue after. If that user has been deleted, the list continues from the time of the sign-up and
 * skips the others of that millisecond, who were already read.
 */
export interface Cursor {
	readonly id: string;
	/** Milliseconds since 1970; null if unknown. */
	readonly createdAt: number | null;
	/** The IDs of the other users who were read and signed up in the same millisecond. */
	readonly beside: readonly string[];
}

/** Reads a user's ID, or the result of `cursorText`. */
export function parseCursor(text: string): Cursor | null {
	const [id = '', rest = ''] = text.trim().split('@');
	if (id === '') return null;
	const [createdAt = '', ...beside] = rest.split(',');
	return { id, createdAt: /^\d+$/.test(createdAt) ? Number(createdAt) : null, beside };
}

/** `user_1@1767000000000`, followed by the IDs in `beside`, each after a comma. */
export function cursorText({ id, createdAt, beside }: Cursor): string {
	return createdAt === null ? id : [`${id}@${createdAt}`, ...beside].join(',');
}

const signedUpAt = (user: ClerkObject): number | null => numberAt(user, 'created_at');

/** Where to continue after a page. @returns null if its last user has no ID */
function cursorAfter(page: readonly ClerkObject[], before: Cursor | null): Cursor | null {
	const last = page.at(-1) ?? null;
	const id = textAt(last, 'id');
	if (last === null || id === null) return null;
	const createdAt = signedUpAt(last);
	if (createdAt === null) return { id, createdAt, beside: [] };
	const ids = page.filter((user) => signedUpAt(user) === createdAt).map((user) => textAt(user, 'id') ?? '');
	const earlier = before?.createdAt === createdAt ? [before.id, ...before.beside] : [];
	const beside = new Set([...earlier, ...ids]);
	beside.delete(id);
	return { id, createdAt, beside: [...beside] };
}

/** Whether a user comes before the cursor and was already read. */
function isBehind({ id, createdAt, beside }: Cursor, user: ClerkObject): boolean {
	const time = signedUpAt(user);
	if (createdAt === null || time === null || time === createdAt) return [id, ...beside].includes(textAt(user, 'id') ?? '');
	return time < createdAt;
}

export interface UsersPage extends Page {
	/** Where the next page starts; null after an empty page. */
	readonly cursor: Cursor | null;
}

/**
 * Reads users in the order in which they signed up, with Clerk's cursor: users who sign up meanwhile come at the end,
 * and a deletion makes it skip nobody.
 * @param after null to start with the first user
 * @param firstPage the size of the first page; later pages have the full size, since some users may be left out
 */
export async function* usersBySignUp(
	backend: Backend,
	query: Query,
	{ after, firstPage = PAGE_SIZE }: { after: Cursor | null; firstPage?: number },
): AsyncGenerator<UsersPage | PageFailed> {
	let cursor = after;
	for (let number = 1; ; number++) {
		const limit = number === 1 ? firstPage : PAGE_SIZE;
		const list: List = cursor !== null && number === 1 ? { ...USERS, step: 'resumeList' } : USERS;
		const ordered: Query = { ...query, order_by: 'created_at', limit };
		let objects = await readPage(backend, list, number, cursor === null ? ordered : { ...ordered, starting_after: cursor.id });
		let byTime = false;
		if (isFailure(objects) && cursor !== null && cursor.createdAt !== null && refusesCursor(objects)) {
			// The user in the cursor has been deleted: continue from the same millisecond, in which several may have signed up.
			byTime = true;
			const from = Math.max(cursor.createdAt - 1, Number(query['created_at_after'] ?? 0));
			objects = await readPage(backend, list, number, { ...ordered, created_at_after: from });
		}
		if (!isFailure(objects)) objects = asPage(objects, number, cursor, { byTime, limit });
		if (isFailure(objects)) {
			yield { failure: objects, resumeAfter: cursor };
			return;
		}
		const isLast = objects.length < limit;
		const known = cursor;
		cursor = cursorAfter(objects, known);
		yield { objects: known === null ? objects : objects.filter((user) => !isBehind(known, user)), isLast, cursor };
		if (isLast) return;
	}
}

/** The users of a page, or why reading can't continue after them: it might otherwise never end. */
function asPage(
	users: ClerkObject[],
	number: number,
	cursor: Cursor | null,
	{ byTime, limit }: { byTime: boolean; limit: number },
): ClerkObject[] | Failure {
	if (users.length >= limit && textAt(users.at(-1) ?? null, 'id') === null) {
		return unusable(USERS, number, 'a user has no ID');
	}
	if (cursor === null || users.length === 0) return users;
	const last = users.at(-1)?.['id'];
	// By the time of a sign-up, a page can consist of users who were already read, but then it ends with another user.
	const isStuck = byTime ? users.length >= limit && last === cursor.id : users.some(({ id }) => id === cursor.id);
	const { createdAt } = cursor;
	const signedUpBefore = (user: ClerkObject) => createdAt !== null && (signedUpAt(user) ?? createdAt) < createdAt;
	const isEarlier = !byTime && (users.some(signedUpBefore) || users.every((user) => isBehind(cursor, user)));
	return isStuck || isEarlier ? unusable(USERS, number, 'the page does not continue after the previous one') : users;
}

/** Whether Clerk does not know the user to continue after. */
export function refusesCursor({ status, code, said }: Failure): boolean {
	return status === 404 || ((status === 400 || status === 422) && /starting_after|cursor|not.?found/i.test(`${code} ${said}`));
}

/** If thousands of objects change at once, this many pages in a row can have nothing new. More mean that the server ignores the offset. */
const MOST_WITHOUT_NEWS = 20;

/** How many objects of a page are also in the previous one. */
const OVERLAP = 10;

/**
 * Reads any list by offset. If an object is removed meanwhile, the ones after it move up. So every page must start with
 * a known object; if it doesn't, the reader goes back.
 * @param query includes the order
 * @returns pages of objects whose ID was not seen before
 */
export async function* byOffset(backend: Backend, list: List, query: Query): AsyncGenerator<Page | PageFailed> {
	const seen = new Set<unknown>();
	let offset = 0;
	let back = OVERLAP;
	let nothingNew = 0;
	for (let number = 1; ; number++) {
		const objects = await readPage(backend, list, number, { ...query, limit: PAGE_SIZE, offset });
		if (isFailure(objects)) {
			yield { failure: objects, resumeAfter: null };
			return;
		}
		const [first] = objects;
		if (offset > 0 && !(first && seen.has(first['id']))) {
			back *= 2;
			offset = Math.max(0, offset - back);
			continue;
		}
		back = OVERLAP;
		const fresh = objects.filter(({ id }) => !seen.has(id));
		for (const { id } of fresh) seen.add(id);
		nothingNew = fresh.length === 0 ? nothingNew + 1 : 0;
		if (nothingNew > MOST_WITHOUT_NEWS) {
			yield { failure: unusable(list, number, 'the same page came again and again'), resumeAfter: null };
			return;
		}
		const isLast = objects.length < PAGE_SIZE;
		yield { objects: fresh, isLast };
		if (isLast) return;
		offset += PAGE_SIZE - OVERLAP;
	}
}

/** Reads a list by offset, to its end or until there are so many. */
export async function readList(backend: Backend, list: List, query: Query, most = Infinity): Promise<ClerkObject[] | Failure> {
	const objects: ClerkObject[] = [];
	for await (const page of byOffset(backend, list, query)) {
		if ('failure' in page) return page.failure;
		objects.push(...page.objects);
		if (objects.length >= most) break;
	}
	return objects.slice(0, most);
}

/** How often the newest changes are read again at most: an application never stands still. */
const ROUNDS = 5;

/**
 * Users who changed since a time, each in the newest state that was seen. Clerk has no filter for it, so the list is
 * read from the newest change back to that time. Users who change meanwhile move to the top, so the top is read again
 * until it has nothing new.
 * @param since milliseconds since 1970
 */
export async function* usersChangedSince(backend: Backend, query: Query, since: number): AsyncGenerator<Page | PageFailed> {
	const versions = new Map<string, number>();
	let until = since;
	for (let round = 1; round <= ROUNDS; round++) {
		let newest = until;
		let pages = 0;
		let reachedThePast = false;
		for await (const page of byOffset(backend, USERS, { ...query, order_by: '-updated_at' })) {
			if ('failure' in page) {
				yield page;
				return;
			}
			const { objects, isLast } = page;
			const changed: ClerkObject[] = [];
			pages++;
			for (const user of objects) {
				const changedAt = numberAt(user, 'updated_at') ?? 0;
				// Only from the top: further down, a user may have moved past the reader unseen.
				if (pages === 1) newest = Math.max(newest, changedAt);
				if (changedAt < until) reachedThePast = true;
				const id = textAt(user, 'id');
				if (id === null || changedAt < until || changedAt <= (versions.get(id) ?? -1)) continue;
				versions.set(id, changedAt);
				changed.push(user);
			}
			yield { objects: changed, isLast: false };
			if (reachedThePast || isLast) break;
		}
		// A single page is one moment: nobody can have moved past it.
		if (pages <= 1) return;
		until = newest;
	}
}
