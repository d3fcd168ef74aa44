import type { ClerkEvent, TenantAction } from '../events/catalogue';
import { numberAt, objectAt, textAt, timeAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { isAboutMoney, planFacts } from './billing';
import { known } from './known';
import { organizationIdOf, personOf } from './person';

/**
 * What a store of organizations and their members should do. `set` and `delete` are about the
 * organization, `subscribe` and `unsubscribe` about one of its members, with `role`, `userId`, `createdAt` and
 * `updatedAt`. Only the keys that the delivery knows are present.
 */
export interface Tenant {
	action: TenantAction;
	organizationId: string | null;
	name?: string | null;
	slug?: string | null;
	imageUrl?: string | null;
	membersCount?: number | null;
	role?: string | null;
	userId?: string | null;
	createdAt?: string | null;
	updatedAt?: string | null;
	/** Only where a mapping makes a tenant of an event about a subscription: the slug of the plan. */
	plan?: string | null;
	subscriptionStatus?: string | null;
	/** Null where it is no trial. */
	trialEndsAt?: string | null;
}

/** Every key that a tenant can have, in order; one that pays has `PLAN_KEYS` after them. */
export const TENANT_KEYS: ReadonlyArray<keyof Tenant> = [
	'action',
	'organizationId',
	'name',
	'slug',
	'imageUrl',
	'membersCount',
	'role',
	'userId',
	'createdAt',
	'updatedAt',
];

/**
 * The tenant of a delivery; null if the event has none or names no organization.
 * @param action what to do, if a mapping asks for more than the event does by itself
 */
export function tenantOf(event: ClerkEvent, data: ClerkObject, action: TenantAction | null = event.tenant): Tenant | null {
	const organizationId = organizationIdOf(event, data);
	if (action === null || organizationId === null) return null;
	// Who pays is named with what was known then; the organization's own events say it better.
	if (isAboutMoney(event)) return known({ action, organizationId, ...planFacts(event, data) });
	switch (action) {
		case 'delete':
			return known({ action, organizationId, slug: textAt(data, 'slug') ?? undefined });
		case 'set':
			return known({
				action,
				organizationId,
				...organizationFields(data),
				createdAt: ifPresent(data, 'created_at', timeAt),
				updatedAt: ifPresent(data, 'updated_at', timeAt),
			});
		case 'subscribe':
		case 'unsubscribe':
			return known({
				action,
				organizationId,
				...organizationFields(objectAt(data, 'organization') ?? {}),
				role: textAt(data, 'role'),
				userId: personOf(event, data).userId ?? null,
				createdAt: timeAt(data, 'created_at'),
				updatedAt: timeAt(data, 'updated_at'),
			});
	}
}

/** Reads the value at `key`; undefined if the key is missing. Clerk leaves out what it has not counted. */
function ifPresent<T>(object: ClerkObject, key: string, read: (object: ClerkObject, key: string) => T): T | undefined {
	return object[key] === undefined ? undefined : read(object, key);
}

/** A member's tenant without the fields of the organization itself. */
export function withoutOrganizationFields(tenant: Tenant): Tenant {
	const rest = { ...tenant };
	for (const key of Object.keys(organizationFields({})) as ReadonlyArray<keyof ReturnType<typeof organizationFields>>) {
		delete rest[key];
	}
	return rest;
}

function organizationFields(organization: ClerkObject) {
	return {
		name: ifPresent(organization, 'name', textAt),
		slug: ifPresent(organization, 'slug', textAt),
		imageUrl: ifPresent(organization, 'image_url', textAt),
		membersCount: ifPresent(organization, 'members_count', numberAt),
	};
}
