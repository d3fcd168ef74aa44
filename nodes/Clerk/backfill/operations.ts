import { NodeOperationError } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions, ILoadOptionsFunctions, INodeExecutionData } from 'n8n-workflow';

import { accessOf } from '../api/access';
import { explain } from '../api/advice';
import { Backend } from '../api/backend';
import type { Query } from '../api/backend';
import { clerkApiOf } from '../api/clerkApi';
import { Failure, isFailure, UNEXPECTED_ANSWER } from '../api/failure';
import type { Step } from '../api/failure';
import { eventOfType } from '../events/catalogue';
import { isObject, numberAt, textAt } from '../events/payload';
import type { ClerkObject, Environment } from '../events/payload';
import { toItems } from '../records/items';
import { recordsOf } from '../records/records';
import { ALL_EVENTS, recordSettingsOf } from '../records/settings';
import { HOW_TO_WRITE_A_TIME, queryOf, timeOf, titleOf } from './filters';
import { byOffset, cursorText, PAGE_SIZE, parseCursor, usersBySignUp, usersChangedSince } from './paging';
import type { Cursor, List, Page, PageFailed, UsersPage } from './paging';
import { BACKFILL_SOURCE } from './parameters';

/** What one item of the input becomes: on the first output, and on the second where there is one. */
export interface Read {
	readonly items: readonly IDataObject[];
	readonly nextPage?: IDataObject;
	/** Where a page could not be read: the items are those that came before it. */
	readonly brokenOff?: { readonly message: string; readonly resumeAfter: string | null };
}

/** Clerk's Backend API with the node's credential. @throws NodeOperationError that says what to do */
export async function openBackend(
	context: IExecuteFunctions | ILoadOptionsFunctions,
): Promise<{ backend: Backend; environment: Environment }> {
	const api = clerkApiOf(await context.getCredentials('clerkApi'));
	if ('problem' in api) {
		throw new NodeOperationError(context.getNode(), `The Clerk API credential cannot be used. Secret Key: ${api.problem}`);
	}
	return { backend: new Backend(accessOf(context, api).sendToClerk, api), environment: api.environment };
}

/** The event whose delivery carries such an object: so one normaliser serves both. */
const TOLD_BY = {
	contact: 'user.updated',
	membership: 'organizationMembership.created',
	tenant: 'organization.updated',
	waitlistEntry: 'waitlistEntry.created',
} as const;
type Resource = keyof typeof TOLD_BY;

const DEFAULT_LIMIT = 50;

type Parameter = (name: string, fallback?: unknown) => unknown;

/** What an item of the input asks for: read, and found to be possible, before Clerk is asked. */
interface Asked {
	readonly resource: Resource;
	readonly operation: string;
	readonly query: Query;
	/** Of the user, or of the organization whose members are wanted; empty where it is about all. */
	readonly id: string;
	/** The roles whose members are wanted; null for all. */
	readonly roles: readonly string[] | null;
	/** How many items are wanted. */
	readonly most: number;
	/** Milliseconds since 1970. */
	readonly since: number;
	readonly after: Cursor | null;
	readonly onePage: boolean;
}

/** What an ID of Clerk's consists of. In a path, anything else could lead to another one. */
const ID = /^[\w-]+$/;

/** Reads what one item of the input asks for. */
export class Reader {
	constructor(
		private readonly context: IExecuteFunctions,
		private readonly backend: Backend,
		private readonly environment: Environment,
	) {}

	/** @throws NodeOperationError that says what to do */
	async run(itemIndex: number): Promise<Read> {
		const parameter: Parameter = (name, fallback = '') => this.context.getNodeParameter(name, itemIndex, fallback);
		const asked = this.asked(parameter);
		const { resource, operation, query, id, roles, most, since, after, onePage } = asked;
		const instanceId = await this.backend.instanceId();
		if (isFailure(instanceId)) throw this.error(explain(instanceId));
		if (operation === 'count') return { items: [{ count: await this.count(query), instanceId }] };
		const options = parameter('options', {});
		// Who asks for one user gets that user.
		const wanted =
			operation === 'get' && isObject(options) ? { ...options, contactsWithoutEmail: 'pass', leaveOutTestUsers: false } : options;
		const toItem = this.normaliser(resource, instanceId, parameter('output'), wanted);
		if (operation === 'get') return { items: toItem(await this.user(id)) };

		const hasRole = (object: ClerkObject) => roles === null || roles.includes(textAt(object, 'role') ?? '');
		const collected = new Collected((object) => (hasRole(object) ? toItem(object) : []), most);
		if (operation === 'getChanged') return await collectNewest(collected, usersChangedSince(this.backend, query, since));
		if (resource !== 'contact') {
			const ordered = inOrder(id !== '' && roles !== null ? { ...query, role: roles } : query);
			return await collect(collected, byOffset(this.backend, listOf(resource, id), ordered));
		}
		if (onePage) {
			for await (const page of usersBySignUp(this.backend, query, { after })) return readOnePage(collected, page);
		}
		return await collect(collected, usersBySignUp(this.backend, query, { after, firstPage: Math.min(most, PAGE_SIZE) }));
	}

	private asked(parameter: Parameter): Asked {
		const resource = parameter('resource') as Resource;
		const operation = textOf(parameter('operation'));
		const timezone = this.context.getTimezone();
		// One user has no filters: what another operation left behind does not count.
		const filters = queryOf(operation === 'get' ? {} : parameter('filters', {}), timezone);
		if (typeof filters === 'string') throw this.error(filters);
		// Clerk filters by role only within an organization; of all, it is done here.
		const { role, ...query } = resource === 'membership' ? filtersOfMembers(filters) : { ...filters, role: undefined };
		const since = operation === 'getChanged' ? timeOf(parameter('since'), timezone) : 0;
		if (since === null) throw this.error(`Since is not a time. ${HOW_TO_WRITE_A_TIME}`);
		const returnAll = parameter('returnAll', false) === true;
		return {
			resource,
			operation,
			query,
			since,
			id: this.idAskedFor(resource, operation, parameter),
			roles: role ?? null,
			most: returnAll || operation === 'count' || operation === 'get' ? Infinity : this.limit(parameter('limit', DEFAULT_LIMIT)),
			after: parseCursor(textOf(parameter('resumeAfter'))),
			onePage: returnAll && parameter('onePage', false) === true,
		};
	}

	/** The user, or the organization whose members are wanted; empty where it is about all. */
	private idAskedFor(resource: Resource, operation: string, parameter: Parameter): string {
		if (operation === 'get') {
			const userId = textOf(parameter('userId'));
			if (userId === '') throw this.error('User ID is empty. It is the userId of a contact, and starts with user_.');
			if (!ID.test(userId))
				throw this.error('User ID is not the ID of a user. It is the userId of a contact, and starts with user_.');
			return userId;
		}
		if (resource !== 'membership') return '';
		const organizationId = textOf(parameter('organizationId'));
		if (organizationId !== '' && !ID.test(organizationId)) {
			throw this.error(
				'Organization ID is not the ID of an organization. It is the organizationId of a tenant, and starts with org_.',
			);
		}
		return organizationId;
	}

	/** Empty, it is what the editor shows at first. */
	private limit(given: unknown): number {
		if (given === null || given === undefined || given === '') return DEFAULT_LIMIT;
		const most = Math.floor(Number(given));
		if (!(most >= 1)) throw this.error('Limit is not a number of 1 or more.');
		return most;
	}

	private error(message: string): NodeOperationError {
		return new NodeOperationError(this.context.getNode(), message);
	}

	private async count(query: Query): Promise<number> {
		const answer = await this.backend.get('countUsers', '/users/count', { query });
		if (isFailure(answer)) throw this.error(explain(answer));
		const count = numberAt(answer, 'total_count');
		if (count === null) throw this.error(explain(without('countUsers', 'an answer without a number')));
		return count;
	}

	private async user(userId: string): Promise<ClerkObject> {
		const doing = `read the user ${userId}`;
		const user = await this.backend.get('readUser', `/users/${userId}`, { doing });
		if (isFailure(user)) throw this.error(explain(user));
		if (textAt(user, 'id') === null) throw this.error(explain(without('readUser', 'an answer without a user', doing)));
		return user;
	}

	/** Makes items of an object as the trigger makes them of its delivery; none where the builder wants nothing of it. */
	private normaliser(resource: Resource, instanceId: string | null, output: unknown, options: unknown) {
		const { unreadable, ...settings } = recordSettingsOf({
			events: [ALL_EVENTS],
			// The branch for contacts, or the one for tenants, holds the flat items.
			output: output === 'flat' ? 'split' : 'item',
			options: isObject(options) ? options : {},
			mappings: {},
			defaultSource: BACKFILL_SOURCE,
		});
		const [first] = unreadable;
		if (first !== undefined) {
			throw this.error(
				`The option "${titleOf(first)}" has a value that cannot be used. Look at its expression, or remove the option.`,
			);
		}
		const type = TOLD_BY[resource];
		const event = eventOfType(type);
		const flat = resource === 'contact' || resource === 'waitlistEntry' ? 0 : 2;
		return (data: ClerkObject): IDataObject[] => {
			const statement = {
				id: '',
				sentAt: NaN,
				environment: this.environment,
				envelope: { type, data, instance_id: instanceId },
				data,
			};
			const records = recordsOf(event, statement, settings);
			if ('dropped' in records) return [];
			// Nothing happened: there is no event to tell of.
			const items = toItems({ ...records, events: [] }, statement, settings);
			return (settings.output === 'item' ? items.flat() : (items[flat] ?? [])).map(({ json }) => json);
		};
	}
}

/** Reads until there are as many as are wanted, or no more. */
async function collect(collected: Collected, pages: AsyncGenerator<Page | PageFailed>): Promise<Read> {
	for await (const page of pages) {
		if ('failure' in page) return brokenOff(collected, page, 'The rest is missing: run it again.');
		for (const object of page.objects) collected.add(object);
		if (collected.isFull) break;
	}
	return { items: collected.items };
}

const OLDER_ARE_MISSING =
	'Those who changed earlier are missing. Run it again with the same Since, and do not move Since on before a run has come to its end.';

/** Reads all, keeps the newest state of each, and gives those who changed longest ago first. */
async function collectNewest(collected: Collected, pages: AsyncGenerator<Page | PageFailed>): Promise<Read> {
	const newest = new Map<string, ClerkObject>();
	let failed: PageFailed | null = null;
	for await (const page of pages) {
		if ('failure' in page) failed = page;
		else for (const user of page.objects) newest.set(textAt(user, 'id') ?? '', user);
	}
	const changedAt = (user: ClerkObject) => numberAt(user, 'updated_at') ?? 0;
	for (const user of [...newest.values()].sort((a, b) => changedAt(a) - changedAt(b))) collected.add(user);
	return failed ? brokenOff(collected, failed, OLDER_ARE_MISSING) : { items: collected.items };
}

function readOnePage(collected: Collected, page: UsersPage | PageFailed): Read {
	if ('failure' in page) return brokenOff(collected, page);
	const { objects, isLast, cursor } = page;
	for (const object of objects) collected.add(object);
	const resumeAfter = isLast || cursor === null ? null : cursorText(cursor);
	return { items: collected.items, nextPage: { resumeAfter, hasMore: resumeAfter !== null, users: objects.length } };
}

/** @param whatNow how to come by the rest, where the list has no place to go on from */
function brokenOff({ items }: Collected, { failure, resumeAfter: cursor }: PageFailed, whatNow = ''): Read {
	const resumeAfter = cursor && cursorText(cursor);
	const message = [
		explain(failure),
		items.length > 0 || resumeAfter !== null
			? `${items.length} were read before it; they come out if On Error in the settings of this node is on Continue.`
			: '',
		resumeAfter === null ? whatNow : `To go on from there, set Resume After User to ${resumeAfter}.`,
	];
	return { items, brokenOff: { message: message.filter((one) => one !== '').join(' '), resumeAfter } };
}

/** An answer came, and what was asked for is not in it. */
function without(step: Step, said: string, doing?: string): Failure {
	return new Failure({ step, doing, service: 'Clerk', status: 200, code: UNEXPECTED_ANSWER, said });
}

function listOf(resource: Exclude<Resource, 'contact'>, organizationId: string): List {
	switch (resource) {
		case 'tenant':
			return { path: '/organizations', name: 'organizations', step: 'readList' };
		case 'waitlistEntry':
			return { path: '/waitlist_entries', name: 'waitlist entries', step: 'readList' };
		case 'membership':
			return organizationId === ''
				? { path: '/organization_memberships', name: 'memberships', step: 'readList' }
				: {
						path: `/organizations/${organizationId}/memberships`,
						name: 'memberships of the organization',
						step: 'readMembers',
					};
	}
}

/** Of the filters, the one that memberships have: what another resource left behind does not count. */
function filtersOfMembers({ role }: Query): { role: readonly string[] | undefined } {
	return { role: Array.isArray(role) ? (role as string[]) : undefined };
}

/** The order in which nothing moves but for deletions. */
function inOrder(query: Query): Query {
	return { ...query, order_by: '+created_at' };
}

function textOf(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/** Items, up to as many as are wanted. */
class Collected {
	readonly items: IDataObject[] = [];

	constructor(
		private readonly toItems: (object: ClerkObject) => IDataObject[],
		private readonly most: number,
	) {}

	add(object: ClerkObject): void {
		if (!this.isFull) this.items.push(...this.toItems(object).slice(0, this.most - this.items.length));
	}

	get isFull(): boolean {
		return this.items.length >= this.most;
	}
}

/** As n8n's items, linked to the item that asked for them. */
export function linked(items: readonly IDataObject[], itemIndex: number): INodeExecutionData[] {
	return items.map((json) => ({ json, pairedItem: { item: itemIndex } }));
}
