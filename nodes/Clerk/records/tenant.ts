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

/** The tenant item of a delivery, or null where the event has none or names no organization. */
export function tenantOf(event: ClerkEvent, data: ClerkObject): Tenant | null {
	const organizationId = organizationIdOf(event, data);
	if (event.tenant === null || organizationId === null) return null;
	const action = event.tenant;
	if (action === 'delete') {
		return known({ action, organizationId, slug: textAt(data, 'slug') ?? undefined });
	}
	if (action === 'set') {
		return {
			action,
			organizationId,
			...organizationFields(data),
			createdAt: timeAt(data, 'created_at'),
			updatedAt: timeAt(data, 'updated_at'),
		};
	}
	return {
		action,
		organizationId,
		...organizationFields(objectAt(data, 'organization')),
		role: textAt(data, 'role'),
		userId: personOf(event, data).userId,
		createdAt: timeAt(data, 'created_at'),
		updatedAt: timeAt(data, 'updated_at'),
	};
}

function organizationFields(organization: ClerkObject | null) {
	return {
		name: textAt(organization, 'name'),
		slug: textAt(organization, 'slug'),
		imageUrl: textAt(organization, 'image_url'),
		membersCount: numberAt(organization, 'members_count'),
	};
}
