import type { ClerkEvent, TenantAction } from '../events/catalogue';
import { numberAt, objectAt, textAt, timeAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { known } from './known';
import { organizationIdOf, personOf } from './person';

/**
 * What a store of organizations and their members should do. `set` and `delete` are about the
 * organization, `subscribe` and `unsubscribe` about one member of it, whose `role`, `userId`,
 * `createdAt` and `updatedAt` they carry. Only the keys that the delivery knows are there.
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
}

/** Every key that a tenant can have, in order. */
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

/** The tenant item of a delivery, or null where the event has none or names no organization. */
export function tenantOf(event: ClerkEvent, data: ClerkObject): Tenant | null {
	const organizationId = organizationIdOf(event, data);
	if (event.tenant === null || organizationId === null) return null;
	const action = event.tenant;
	switch (action) {
		case 'delete':
			return known({ action, organizationId, slug: textAt(data, 'slug') ?? undefined });
		case 'set':
			return {
				action,
				organizationId,
				name: textAt(data, 'name'),
				slug: textAt(data, 'slug'),
				imageUrl: textAt(data, 'image_url'),
				membersCount: numberAt(data, 'members_count'),
				createdAt: timeAt(data, 'created_at'),
				updatedAt: timeAt(data, 'updated_at'),
			};
		case 'subscribe':
		case 'unsubscribe': {
			const organization = objectAt(data, 'organization') ?? {};
			const told = <T>(key: string, value: T) => (organization[key] === undefined ? undefined : value);
			return known({
				action,
				organizationId,
				name: told('name', textAt(organization, 'name')),
				slug: told('slug', textAt(organization, 'slug')),
				imageUrl: told('image_url', textAt(organization, 'image_url')),
				membersCount: told('members_count', numberAt(organization, 'members_count')),
				role: textAt(data, 'role'),
				userId: personOf(event, data).userId ?? null,
				createdAt: timeAt(data, 'created_at'),
				updatedAt: timeAt(data, 'updated_at'),
			});
		}
	}
}
