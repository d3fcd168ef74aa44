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
import { HOW_TO_WRITE_A_TIME, isLeftEmpty, limitOf, queryOf, textOf, timeOf, titleOf, withSigns } from './filters';
import { byOffset, cursorText, PAGE_SIZE, parseCursor, usersBySignUp, usersChangedSince } from './paging';
import type { Cursor, List, Page, PageFailed, UsersPage } from './paging';
import { BACKFILL_SOURCE } from './parameters';

/** The result for one input item: items for the first output and, if there is one, for the second. */
export interface Read {
	readonly items: readonly IDataObject[];
	readonly nextPage?: IDataObject;
	/** Set if a page could not be read. The items are those before it. */
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

/** The event whose delivery contains such an object, so that both nodes create the same records. */
const EVENT_WITH = {
	contact: 'user.updated',
	membership: 'organizationMembership.created',
	tenant: 'organization.updated',
	waitlistEntry: 'waitlistEntry.created',
} as const;
type Resource = keyof typeof EVENT_WITH;

type Parameter = (name: string, fallback?: unknown) => unknown;

/** What an input item asks for, validated before Clerk is called. */
interface Asked {
	readonly resource: Resource;
	readonly operation: string;
	readonly query: Query;
	/** The ID of the user, or of the organization whose members to read; empty for all. */
	readonly id: string;
	/** The roles whose members are wanted; null for all. */
	readonly roles: readonly string[] | null;
	/** The number of items to return. */
	readonly most: number;
	/** Milliseconds since 1970. */
	readonly since: number;
	readonly after: Cursor | null;
	readonly onePage: boolean;
}

/** The characters of an ID in Clerk. Anything else could change the path of a request. */
const ID = /^[\w-]+$/;

/** Reads from Clerk for one input item at a time. */
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
		// A single user is returned whatever the options would leave out.
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
		// One user has no filters, so values left over from another operation are ignored.
		const filters = queryOf(operation === 'get' ? {} : parameter('filters', {}), timezone);
		if (typeof filters === 'string') throw this.error(filters);
		// Clerk filters by role only within an organization; of all, it is done here.
		const { role, ...query } = resource === 'membership' ? filtersOfMembers(filters) : { ...filters, role: undefined };
		const since = operation === 'getChanged' ? timeOf(parameter('since'), timezone) : 0;
		if (since === null) throw this.error(`Since is not a valid time. ${HOW_TO_WRITE_A_TIME}`);
		const returnAll = parameter('returnAll', false) === true;
		return {
			resource,
			operation,
			query: operation === 'count' ? query : withSigns(query),
			since,
			id: this.idAskedFor(resource, operation, parameter),
			roles: role ?? null,
			most: returnAll || operation === 'count' || operation === 'get' ? Infinity : this.limit(parameter('limit')),
			after: parseCursor(textOf(parameter('resumeAfter'))),
			onePage: returnAll && parameter('onePage', false) === true,
		};
	}

	/** The ID of the user, or of the organization whose members to read; empty for all. */
	private idAskedFor(resource: Resource, operation: string, parameter: Parameter): string {
		if (operation === 'get') {
			const userId = textOf(parameter('userId'));
			if (userId === '') throw this.error('User ID is empty. It is the userId of a contact, and starts with user_.');
			if (!ID.test(userId))
				throw this.error('User ID is not the ID of a user. It is the userId of a contact, and starts with user_.');
			return userId;
		}
		if (resource !== 'membership') return '';
		const given = parameter('organizationId');
		if (isLeftEmpty(given)) return '';
		const organizationId = textOf(given);
		if (!ID.test(organizationId)) {
			throw this.error(
				'Organization ID is not the ID of an organization. It is the organizationId of a tenant, and starts with org_. To read the members of all organizations, leave the field empty.',
			);
		}
		return organizationId;
	}

	private limit(given: unknown): number {
		const most = limitOf(given);
		if (typeof most === 'string') throw this.error(most);
		return most;
	}

	private error(message: string): NodeOperationError {
		return new NodeOperationError(this.context.getNode(), message);
	}

	private async count(query: Query): Promise<number> {
		const answer = await this.backend.get('countUsers', '/users/count', { query });
		if (isFailure(answer)) throw this.error(explain(answer));
		const count = numberAt(answer, 'total_count');
		if (count === null) throw this.error(explain(without('countUsers', 'the answer has no number')));
		return count;
	}

	private async user(userId: string): Promise<ClerkObject> {
		const doing = `read the user ${userId}`;
		const user = await this.backend.get('readUser', `/users/${userId}`, { doing });
		if (isFailure(user)) throw this.error(explain(user));
		if (textAt(user, 'id') === null) throw this.error(explain(without('readUser', 'the answer has no user', doing)));
		return user;
	}

	/** Turns an object into items as the trigger does with a delivery; into none if the options leave it out. */
	private normaliser(resource: Resource, instanceId: string | null, output: unknown, options: unknown) {
		const { unreadable, ...settings } = recordSettingsOf({
			events: [ALL_EVENTS],
			// The branches for contacts and tenants have the flat items.
			output: output === 'flat' ? 'split' : 'item',
			options: isObject(options) ? options : {},
			mappings: {},
			defaultSource: BACKFILL_SOURCE,
		});
		const [first] = unreadable;
		if (first !== undefined) {
			throw this.error(
				`The option "${titleOf(first)}" has a value that cannot be used. Check its expression, or remove the option.`,
			);
		}
		const type = EVENT_WITH[resource];
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
			// Nothing happened, so there is no event.
			const items = toItems({ ...records, events: [] }, statement, settings);
			return (settings.output === 'item' ? items.flat() : (items[flat] ?? [])).map(({ json }) => json);
		};
	}
}

/** Reads until there are enough items, or no more objects. */
async function collect(collected: Collected, pages: AsyncGenerator<Page | PageFailed>): Promise<Read> {
	for await (const page of pages) {
		if ('failure' in page) return brokenOff(collected, page, 'The rest is missing: run the node again.');
		for (const object of page.objects) collected.add(object);
		if (collected.isFull) break;
	}
	return { items: collected.items };
}

const OLDER_ARE_MISSING =
	'Users who changed earlier are missing. Run the node again with the same Since, and do not advance Since until a run has finished.';

/** Reads all users, keeps the newest state of each, and returns them by time of change, oldest first. */
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

/** @param whatNow how to get the rest, for a list that cannot be continued */
function brokenOff({ items }: Collected, { failure, resumeAfter: cursor }: PageFailed, whatNow = ''): Read {
	const resumeAfter = cursor && cursorText(cursor);
	const message = [
		explain(failure),
		items.length > 0 || resumeAfter !== null
			? `${items.length} were read before the error. To output them, set On Error to Continue in the settings of this node.`
			: '',
		resumeAfter === null ? whatNow : `To continue from there, set Resume After User to ${resumeAfter}.`,
	];
	return { items, brokenOff: { message: message.filter((one) => one !== '').join(' '), resumeAfter } };
}

/** Clerk answered, but without what was asked for. */
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

/** In this order, only deletions move the items that follow. */
function inOrder(query: Query): Query {
	return { ...query, order_by: '+created_at' };
}

/** Items, up to the number to return. */
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

/** As n8n's items, linked to the input item. */
export function linked(items: readonly IDataObject[], itemIndex: number): INodeExecutionData[] {
	return items.map((json) => ({ json, pairedItem: { item: itemIndex } }));
}
