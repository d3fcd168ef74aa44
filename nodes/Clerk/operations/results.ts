import type { IDataObject } from 'n8n-workflow';

import { flagAt, numberAt, objectAt, textAt, timeAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { subscriptionFacts } from '../records/billing';
import { userContact } from '../records/contact';
import type { ObjectKind } from './operation';

/** What the builder wants of an object. */
export interface Wanted {
	/** Whether to output the object as Clerk returned it. */
	readonly raw: boolean;
	readonly privateMetadata: boolean;
	readonly link: boolean;
}

const times = (object: ClerkObject) => ({ createdAt: timeAt(object, 'created_at'), updatedAt: timeAt(object, 'updated_at') });
const publicMetadata = (object: ClerkObject) => ({ publicMetadata: objectAt(object, 'public_metadata') });

const invitation = (object: ClerkObject) => ({
	invitationId: textAt(object, 'id'),
	email: textAt(object, 'email_address'),
	status: textAt(object, 'status'),
});

/** The simplified form of each kind, by the names that contacts and tenants have. */
const simple: Readonly<Record<ObjectKind, (object: ClerkObject) => object>> = {
	identifier: (object) => ({
		identifierId: textAt(object, 'id'),
		identifier: textAt(object, 'identifier'),
		identifierType: textAt(object, 'identifier_type'),
		invitationId: textAt(object, 'invitation_id'),
		...times(object),
	}),
	invitation: (object) => ({
		...invitation(object),
		expiresAt: timeAt(object, 'expires_at'),
		...publicMetadata(object),
		...times(object),
	}),
	membership: (object) => {
		const organization = objectAt(object, 'organization');
		const member = objectAt(object, 'public_user_data');
		return {
			membershipId: textAt(object, 'id'),
			organizationId: textAt(organization, 'id'),
			name: textAt(organization, 'name'),
			slug: textAt(organization, 'slug'),
			userId: textAt(member, 'user_id'),
			identifier: textAt(member, 'identifier'),
			role: textAt(object, 'role'),
			...publicMetadata(object),
			...times(object),
		};
	},
	organization: (object) => ({
		organizationId: textAt(object, 'id'),
		name: textAt(object, 'name'),
		slug: textAt(object, 'slug'),
		imageUrl: textAt(object, 'image_url'),
		membersCount: numberAt(object, 'members_count'),
		maxAllowedMemberships: numberAt(object, 'max_allowed_memberships'),
		createdBy: textAt(object, 'created_by'),
		...publicMetadata(object),
		...times(object),
	}),
	organizationInvitation: (object) => ({
		...invitation(object),
		organizationId: textAt(object, 'organization_id'),
		role: textAt(object, 'role'),
		inviterUserId: textAt(object, 'inviter_id'),
		expiresAt: timeAt(object, 'expires_at'),
		...publicMetadata(object),
		...times(object),
	}),
	session: (object) => ({
		sessionId: textAt(object, 'id'),
		userId: textAt(object, 'user_id'),
		status: textAt(object, 'status'),
		organizationId: textAt(object, 'last_active_organization_id'),
		lastActiveAt: timeAt(object, 'last_active_at'),
		expiresAt: timeAt(object, 'expire_at'),
		...times(object),
	}),
	subscription: (object) => ({
		subscriptionId: textAt(object, 'id'),
		...subscriptionFacts(object),
		pastDueAt: timeAt(object, 'past_due_at'),
		...times(object),
	}),
	user: (object) => {
		const settings = { source: '', instanceId: null, environment: null, onlyVerified: false, includeNames: true };
		const { action, source, instanceId, ...fields } = userContact('upsert', object, settings);
		void [action, source, instanceId];
		return { ...fields, ...publicMetadata(object) };
	},
	waitlistEntry: (object) => ({
		waitlistEntryId: textAt(object, 'id'),
		email: textAt(object, 'email_address'),
		status: textAt(object, 'status'),
		isLocked: flagAt(object, 'is_locked'),
		invitationId: textAt(objectAt(object, 'invitation'), 'id'),
		...times(object),
	}),
};

/** Links that accept an invitation, and data for the backend only, are output only if the builder asks for them. */
export function itemOf(kind: ObjectKind, object: ClerkObject, { raw, privateMetadata, link }: Wanted): IDataObject {
	if (raw) return { ...object } as IDataObject;
	return {
		...simple[kind](object),
		...(privateMetadata ? { privateMetadata: objectAt(object, 'private_metadata') } : {}),
		...(link ? { link: textAt(object, 'url') ?? textAt(objectAt(object, 'invitation'), 'url') } : {}),
	};
}
