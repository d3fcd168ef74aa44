import { hidden, mixed, pick, textOf } from './dice';
import type { User } from './person';

export interface Organization {
	object: 'organization';
	id: string;
	name: string;
	slug: string;
	created_at: number;
	updated_at: number;
	[more: string]: unknown;
}

export interface PublicUserData {
	user_id: string;
	first_name: string | null;
	last_name: string | null;
	profile_image_url: string | null;
	image_url: string;
	has_image: boolean;
	/** The e-mail address; without one the phone number or the username. */
	identifier: string | null;
	username: string | null;
	banned: boolean;
}

export interface Membership {
	object: 'organization_membership';
	id: string;
	role: string;
	organization: Organization;
	public_user_data: PublicUserData;
	created_at: number;
	updated_at: number;
	[more: string]: unknown;
}

export interface WaitlistEntry {
	object: 'waitlist_entry';
	id: string;
	email_address: string;
	status: 'pending' | 'invited' | 'completed' | 'rejected';
	created_at: number;
	updated_at: number;
	[more: string]: unknown;
}

const TRADES = ['Analytical Engines', 'Kaffeerösterei', 'Łódź Textiles', 'Small & Sons', 'Harbour Works'] as const;
const STATUSES = ['pending', 'pending', 'invited', 'completed', 'rejected'] as const;
const MEMBER_PERMISSIONS = ['org:sys_memberships:read'];
const ADMIN_PERMISSIONS = ['org:sys_memberships:manage', 'org:sys_profile:manage', ...MEMBER_PERMISSIONS];
const UPDATED_AFTER = 3_600_000;

function idOf(prefix: string, seed: number, n: number): string {
	return `${prefix}_2${hidden(n, seed)}${textOf(mixed(seed ^ 2, n), 20)}`;
}

function stamps(at: number, bits: number) {
	return { created_at: at, updated_at: at + (bits % UPDATED_AFTER) };
}

/** @param at when it was created, in ms */
export function organizationOf(seed: number, n: number, at: number): Organization {
	const bits = mixed(seed ^ 3, n);
	const image = `https://img.clerk.com/${textOf(bits, 40)}`;
	return {
		object: 'organization',
		id: idOf('org', seed, n),
		name: `${pick(TRADES, bits)} ${n}`,
		slug: `organization-${n}`,
		image_url: image,
		has_image: bits % 2 === 0,
		max_allowed_memberships: 500,
		admin_delete_enabled: true,
		public_metadata: bits % 3 === 0 ? {} : { plan: pick(['free', 'pro'], bits >>> 4), region: 'eu' },
		private_metadata: {},
		...stamps(at, bits),
	};
}

/** @param at when it was created, in ms */
export function membershipOf(seed: number, n: number, at: number, organization: Organization, user: User): Membership {
	const bits = mixed(seed ^ 4, n);
	const isAdmin = bits % 5 === 0;
	return {
		object: 'organization_membership',
		id: idOf('orgmem', seed, n),
		role: isAdmin ? 'org:admin' : 'org:member',
		role_name: isAdmin ? 'Admin' : 'Member',
		permissions: isAdmin ? ADMIN_PERMISSIONS : MEMBER_PERMISSIONS,
		public_metadata: {},
		private_metadata: {},
		organization,
		public_user_data: publicUserData(user),
		...stamps(at, bits),
	};
}

export function publicUserData(user: User): PublicUserData {
	const { id, first_name, last_name, image_url, has_image, username, banned } = user;
	const email = user.email_addresses.find((one) => one.id === user.primary_email_address_id) ?? user.email_addresses[0];
	return {
		user_id: id,
		first_name,
		last_name,
		profile_image_url: image_url,
		image_url,
		has_image,
		identifier: email?.email_address ?? user.phone_numbers[0]?.phone_number ?? username,
		username,
		banned,
	};
}

/** @param at when it was created, in ms */
export function waitlistEntryOf(seed: number, n: number, at: number): WaitlistEntry {
	const bits = mixed(seed ^ 5, n);
	const status = pick(STATUSES, bits);
	const email_address = `hopeful.${n}@example.com`;
	const invitation = {
		object: 'invitation',
		id: idOf('inv', seed, n),
		email_address,
		public_metadata: {},
		revoked: false,
		status: status === 'completed' ? 'accepted' : 'pending',
		url: `https://accounts.example.com/v1/tickets/accept?ticket=${textOf(bits, 40)}`,
		expires_at: null,
		...stamps(at, bits),
	};
	return {
		object: 'waitlist_entry',
		id: idOf('wle', seed, n),
		email_address,
		status,
		is_locked: false,
		invitation: status === 'invited' || status === 'completed' ? invitation : null,
		...stamps(at, bits),
	};
}
