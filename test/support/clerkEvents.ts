import { NOW } from './deliveries';

/** What happens in a Clerk application, by the seconds since it began. */

export const START = NOW - 3_600_000;

export const at = (seconds: number): number => START + seconds * 1000;

const SIGNED_UP = at(0);

export interface UserFields {
	readonly id?: string;
	/** Null for none. */
	readonly email?: string | null;
	readonly firstName?: string;
	readonly [field: string]: unknown;
}

/** A whole user as it was so many seconds after the sign-up. */
export function user(
	seconds: number,
	{ id = 'user_1', email = 'jane@example.com', firstName = 'Jane', ...more }: UserFields = {},
) {
	const address = {
		id: 'idn_1',
		email_address: email,
		verification: { status: 'verified', strategy: 'email_code' },
		created_at: SIGNED_UP,
		updated_at: SIGNED_UP,
	};
	return {
		object: 'user',
		id,
		first_name: firstName,
		last_name: 'Doe',
		primary_email_address_id: email === null ? null : 'idn_1',
		email_addresses: email === null ? [] : [address],
		public_metadata: { plan: 'pro' },
		password_enabled: false,
		created_at: SIGNED_UP,
		updated_at: at(seconds),
		...more,
	};
}

function envelope(type: string, seconds: number, data: object) {
	return { type, object: 'event', timestamp: at(seconds), instance_id: 'ins_1', data };
}

export const created = (fields?: UserFields) => envelope('user.created', 0, user(0, fields));
export const updated = (seconds: number, fields?: UserFields) => envelope('user.updated', seconds, user(seconds, fields));
export const deleted = (seconds: number, id = 'user_1') =>
	envelope('user.deleted', seconds, { object: 'user', id, deleted: true });
export const signedIn = (seconds: number, fields?: UserFields) => {
	return envelope('session.created', seconds, { id: 'sess_1', user_id: fields?.id ?? 'user_1', user: user(seconds, fields) });
};

export function organization(change: 'created' | 'updated', seconds: number, name = 'Acme', id = 'org_1') {
	return envelope(`organization.${change}`, seconds, { id, name, slug: 'acme', created_at: at(0), updated_at: at(seconds) });
}
export const organizationDeleted = (seconds: number, id = 'org_1') => {
	return envelope('organization.deleted', seconds, { id, object: 'organization', deleted: true });
};

export interface MembershipFields {
	readonly id?: string;
	readonly userId?: string;
	readonly role?: string;
	/** When they joined. */
	readonly since?: number;
	readonly organizationAt?: number;
}

export function membership(
	change: 'created' | 'updated' | 'deleted',
	seconds: number,
	{ id = 'orgmem_1', userId = 'user_1', role = 'org:member', since = 0, organizationAt = 0 }: MembershipFields = {},
) {
	return envelope(`organizationMembership.${change}`, seconds, {
		id,
		role,
		organization: { id: 'org_1', name: 'Acme as it was', slug: 'acme', updated_at: at(organizationAt) },
		public_user_data: { user_id: userId, first_name: 'Member', last_name: 'Doe', identifier: 'jane@example.com' },
		created_at: at(since),
		updated_at: at(seconds),
	});
}

export function waitlistEntry(change: 'created' | 'updated', seconds: number, status: string) {
	return envelope(`waitlistEntry.${change}`, seconds, {
		id: 'wle_1',
		email_address: 'jane@example.com',
		status,
		created_at: at(0),
		updated_at: at(seconds),
	});
}

export const invitationAccepted = (seconds: number, publicMetadata: object = {}) => {
	return envelope('organizationInvitation.accepted', seconds, {
		id: 'orginv_1',
		email_address: 'jane@example.com',
		user_id: 'user_1',
		organization_id: 'org_1',
		public_metadata: publicMetadata,
	});
};

/** A mapping as the editor saves it. */
export function mappings(...rows: ReadonlyArray<{ events: string[]; [field: string]: unknown }>) {
	return { mappings: { mapping: rows } };
}
