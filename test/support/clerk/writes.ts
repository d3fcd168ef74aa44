import type { InvitationJSON } from '@clerk/backend';

import type { Membership, Organization, Population, User, UserPatch, WaitlistEntry } from './population';
import { publicUserData } from './population';
import { filtered } from './lists';
import type { Values } from './lists';
import { existing, Refusal } from './service';
import type { Answer, Asked, Handler } from './service';
import { randomText } from './tokens';

type Body = Record<string, unknown>;

/** What is kept of something that was made; the contract validates it when it is answered. */
export interface Kept extends Body {
	id: string;
	created_at: number;
	updated_at: number;
	status?: string;
	email_address?: string;
}

const PRO = {
	object: 'commerce_plan',
	id: 'cplan_1',
	name: 'Pro',
	slug: 'pro',
	description: null,
	fee: null,
	annual_monthly_fee: null,
	annual_fee: null,
	product_id: 'cprod_1',
	is_default: false,
	is_recurring: true,
	publicly_visible: true,
	has_base_fee: true,
	for_payer_type: 'org',
	avatar_url: '',
	free_trial_enabled: true,
	free_trial_days: 14,
};

/** What the write operations keep beside the population, in order of creation. */
export class Written {
	readonly invitations: Kept[] = [];
	readonly organizationInvitations: Kept[] = [];
	readonly sessions: Kept[] = [];
	readonly allowlist: Kept[] = [];
	readonly blocklist: Kept[] = [];
	/** By the ID of the user or organization that pays. */
	readonly subscriptions = new Map<string, object>();
	/** Called with each user whom the API changed, as Clerk sends `user.updated`. */
	onChange: ((user: User) => void) | null = null;

	/** Somebody pays, or tries a plan. */
	subscribe(payerId: string, { status = 'active', isTrial = false, endsAt = Date.now() + 1e9 } = {}): void {
		const ends = { canceled_at: null, past_due_at: null, ended_at: null };
		this.subscriptions.set(payerId, {
			object: 'commerce_subscription',
			...made('csub'),
			instance_id: 'ins_1',
			status,
			payer_id: payerId,
			active_at: Date.now(),
			past_due_at: status === 'past_due' ? Date.now() : null,
			subscription_items: [
				{
					object: 'commerce_subscription_item',
					id: newId('csub_item'),
					instance_id: 'ins_1',
					status: 'active',
					plan_id: PRO.id,
					plan: PRO,
					plan_period: 'month',
					payer_id: payerId,
					is_free_trial: isTrial,
					period_start: Date.now(),
					period_end: endsAt,
					...ends,
				},
			],
		});
	}

	/** Somebody signs in. */
	signIn(userId: string): Kept {
		const session: Kept = {
			object: 'session',
			...made('sess'),
			user_id: userId,
			client_id: newId('client'),
			status: 'active',
			last_active_at: Date.now(),
			expire_at: Date.now() + 1e9,
			abandon_at: Date.now() + 1e9,
		};
		this.sessions.push(session);
		return session;
	}
}

const newId = (prefix: string) => `${prefix}_2${randomText(26)}`;
const made = (prefix: string) => ({ id: newId(prefix), created_at: Date.now(), updated_at: Date.now() });
const ok = (body: object): Answer => ({ status: 200, body });
const deleted = (object: string, id: string) => ok({ object, id, deleted: true });
const text = (body: Body, name: string) => body[name] as string;
const object = (body: Body, name: string) => (body[name] ?? {}) as Body;
const taken = (detail: string) => new Refusal(400, 'duplicate_record', detail);
const days = (body: Body) => Number(body['expires_in_days'] ?? 30) * 86_400_000;

/** Deep, as Clerk does it: null removes a key. */
export function merged(before: unknown, change: unknown): Body {
	const all = { ...(before as Body) };
	for (const [key, value] of Object.entries((change ?? {}) as Body)) {
		if (value === null) delete all[key];
		else if (typeof value === 'object' && !Array.isArray(value)) all[key] = merged(all[key], value);
		else all[key] = value;
	}
	return all;
}

function byId<T extends { id: string }>(list: readonly T[], kind: string, id: string | undefined): T {
	return existing(
		list.find((one) => one.id === id),
		kind,
		id,
	);
}

function removed<T extends { id: string }>(list: T[], kind: string, id: string | undefined): string {
	const found = byId(list, kind, id);
	list.splice(list.indexOf(found), 1);
	return found.id;
}

const change = <T extends { updated_at: number }>(kept: T, patch: Partial<T>): T =>
	Object.assign(kept, patch, { updated_at: Date.now() });

/** Metadata that an operation merges into what there is. */
const mergedInto = (before: object, body: Body): Body =>
	Object.fromEntries(Object.entries(body).map(([name, value]) => [name, merged((before as Body)[name], value)]));

const emailOf = ({ email_address = '', id }: Kept) => [email_address, id];

/** One handler for each write operation of the contract, and for the lists that belong to them. */
export function writeHandlersOf({ people, written }: { people: Population; written: Written }) {
	const userOf = ({ params: { user_id: id = '' } }: Asked): User => existing(people.get(id), 'user', id);
	const changed = (asked: Asked, patch: UserPatch): Answer => {
		const user = people.change(userOf(asked).id, patch);
		written.onChange?.(user);
		return ok(user);
	};
	const subscriptionOf = (payerId = '') => existing(written.subscriptions.get(payerId), 'subscription', payerId);
	const organizationOf = ({ params: { organization_id: name } }: Asked): Organization => {
		const found = people.organizations.find(({ id, slug }) => id === name || slug === name);
		return existing(found, 'organization', name);
	};
	const membershipIn = ({ id }: Organization, userId: string | undefined) =>
		people.memberships.find((one) => one.organization.id === id && one.public_user_data.user_id === userId);
	const membershipOf = (asked: Asked): Membership => {
		const userId = asked.params['user_id'];
		return existing(membershipIn(organizationOf(asked), userId), 'membership', userId);
	};
	const withEmail = (email: string) =>
		people.all().find((user) => user.email_addresses.some((one) => one.email_address === email));
	const createInvitation = (body: Body): Kept => {
		const email_address = text(body, 'email_address');
		const isTaken = written.invitations.some((one) => one.email_address === email_address && one.status === 'pending');
		if ((isTaken || withEmail(email_address)) && body['ignore_existing'] !== true) {
			throw taken(`There is already an invitation or a user for ${email_address}`);
		}
		const invitation: Kept = {
			object: 'invitation',
			...made('inv'),
			email_address,
			public_metadata: object(body, 'public_metadata'),
			status: 'pending',
			revoked: false,
			url: `https://accounts.example.com/v1/tickets/accept?ticket=${randomText(40)}`,
			expires_at: Date.now() + days(body),
		};
		written.invitations.push(invitation);
		return invitation;
	};
	const createEntry = (body: Body): WaitlistEntry => {
		const email_address = text(body, 'email_address');
		const before = people.waitlist.find((one) => one.email_address === email_address);
		if (before) return before;
		const entry: WaitlistEntry = {
			object: 'waitlist_entry',
			...made('wle'),
			email_address,
			status: 'pending',
			is_locked: false,
			invitation: null,
		};
		people.waitlist.push(entry);
		return entry;
	};
	const entryOf = ({ params }: Asked) => byId(people.waitlist, 'waitlist entry', params['waitlist_entry_id']);
	const identifiers = (list: Kept[], objectName: string, prefix: string): Record<'create' | 'remove', Handler> => ({
		create: ({ body }) => {
			const identifier = text(body, 'identifier');
			if (list.some((one) => one.identifier === identifier)) throw taken(`${identifier} is on the list already`);
			const type = identifier.startsWith('+') ? 'phone_number' : identifier.startsWith('0x') ? 'web3_wallet' : 'email_address';
			list.push({ ...made(prefix), identifier, identifier_type: type });
			return ok({ object: objectName, ...list.at(-1) });
		},
		remove: ({ params }) => deleted(objectName, removed(list, 'identifier', params['identifier_id'])),
	});
	const allowlist = identifiers(written.allowlist, 'allowlist_identifier', 'alid');
	const blocklist = identifiers(written.blocklist, 'blocklist_identifier', 'blid');
	const listOf = (list: readonly Kept[], values: Values, texts: (one: Kept) => string[] = () => []) =>
		filtered(list, values, texts);

	return {
		CreateUser: ({ body }) => {
			const emails = (body['email_address'] ?? []) as string[];
			const known = emails.find((email) => withEmail(email));
			if (known !== undefined) throw new Refusal(422, 'form_identifier_exists', `${known} is taken. Please try another.`);
			if (body['external_id'] && people.all().some((user) => user.external_id === body['external_id'])) {
				throw new Refusal(422, 'form_identifier_exists', 'That external ID is taken.');
			}
			const email_addresses = emails.map((email_address) => ({
				...made('idn'),
				object: 'email_address',
				email_address,
				reserved: false,
				verification: { object: 'verification_admin', status: 'verified', strategy: 'admin', attempts: null, expire_at: null },
				linked_to: [],
				matches_sso_connection: false,
			}));
			const { first_name = null, last_name = null, username = null, external_id = null, locale = null } = body;
			const [id = ''] = people.add(1, {
				...{ first_name, last_name, username, external_id, locale },
				email_addresses,
				primary_email_address_id: email_addresses[0]?.id ?? null,
				phone_numbers: [],
				primary_phone_number_id: null,
				external_accounts: [],
				public_metadata: object(body, 'public_metadata'),
				private_metadata: object(body, 'private_metadata'),
				unsafe_metadata: object(body, 'unsafe_metadata'),
			} as unknown as UserPatch);
			return ok(people.get(id)!);
		},
		UpdateUser: (asked) => {
			const notKept = ['password', 'skip_password_checks', 'sign_out_of_other_sessions'];
			const patch = Object.fromEntries(Object.entries(asked.body).filter(([name]) => !notKept.includes(name)));
			return changed(asked, { ...patch, ...(asked.body['password'] === undefined ? {} : { password_enabled: true }) });
		},
		DeleteUser: (asked) => {
			const { id } = userOf(asked);
			people.remove(id);
			return deleted('user', id);
		},
		UpdateUserMetadata: (asked) => changed(asked, mergedInto(userOf(asked), asked.body)),
		BanUser: (asked) => changed(asked, { banned: true }),
		UnbanUser: (asked) => changed(asked, { banned: false }),
		LockUser: (asked) => changed(asked, { locked: true }),
		UnlockUser: (asked) => changed(asked, { locked: false }),
		DisableMFA: (asked) => {
			changed(asked, { two_factor_enabled: false, totp_enabled: false });
			return ok({ user_id: asked.params['user_id'] });
		},
		RemoveUserPassword: (asked) => changed(asked, { password_enabled: false }),

		CreateInvitation: ({ body }) => ok(createInvitation(body)),
		CreateBulkInvitations: ({ list }) => ok(list.map(createInvitation)),
		ListInvitations: ({ values }) => {
			const isAsked = values['status'] !== undefined;
			const shown = written.invitations.filter(({ status }) => isAsked || status !== 'revoked');
			return ok(listOf(shown, values, emailOf).data);
		},
		RevokeInvitation: ({ params }) => {
			const invitation = byId(written.invitations, 'invitation', params['invitation_id']);
			if (invitation.status !== 'pending') throw new Refusal(400, 'invitation_already_revoked', 'It is not pending any more.');
			return ok(change(invitation, { status: 'revoked', revoked: true }));
		},

		CreateWaitlistEntry: ({ body }) => ok(createEntry(body)),
		CreateBulkWaitlistEntries: ({ list }) => ok(list.map(createEntry)),
		DeleteWaitlistEntry: ({ params }) =>
			deleted('waitlist_entry', removed(people.waitlist, 'waitlist entry', params['waitlist_entry_id'])),
		InviteWaitlistEntry: (asked) => {
			const entry = entryOf(asked);
			if (entry.status !== 'pending' && asked.body['ignore_existing'] !== true) {
				throw new Refusal(409, 'waitlist_entry_already_invited', 'It is not pending any more.');
			}
			const invitation = createInvitation({ email_address: entry.email_address, ignore_existing: true });
			return ok(change<WaitlistEntry>(entry, { status: 'invited', invitation: invitation as Kept & InvitationJSON }));
		},
		RejectWaitlistEntry: (asked) => ok(change(entryOf(asked), { status: 'rejected' })),

		CreateOrganization: ({ body }) => {
			const slug = (body['slug'] as string | undefined) ?? newId('o').toLowerCase();
			if (people.organizations.some((one) => one.slug === slug)) {
				throw new Refusal(422, 'form_identifier_exists', `The slug ${slug} is taken.`);
			}
			const organization = {
				object: 'organization',
				...made('org'),
				name: text(body, 'name'),
				slug,
				has_image: false,
				max_allowed_memberships: Number(body['max_allowed_memberships'] ?? 5),
				admin_delete_enabled: true,
				public_metadata: object(body, 'public_metadata'),
				private_metadata: object(body, 'private_metadata'),
			} as unknown as Organization;
			people.organizations.push(organization);
			return ok(organization);
		},
		GetOrganization: (asked) => {
			const organization = organizationOf(asked);
			const members = people.memberships.filter((one) => one.organization.id === organization.id).length;
			return ok({
				...organization,
				...(asked.values['include_members_count']?.[0] === 'true' ? { members_count: members } : {}),
			});
		},
		UpdateOrganization: (asked) => ok(change(organizationOf(asked), asked.body)),
		MergeOrganizationMetadata: (asked) => {
			const organization = organizationOf(asked);
			return ok(change(organization, mergedInto(organization, asked.body)));
		},
		DeleteOrganization: (asked) => {
			const { id } = organizationOf(asked);
			people.memberships = people.memberships.filter((one) => one.organization.id !== id);
			return deleted('organization', removed(people.organizations, 'organization', id));
		},
		ListOrganizationRoles: ({ values }) => {
			const role = (key: string, name: string) => ({
				object: 'role',
				...made('role'),
				key,
				name,
				description: null,
				is_creator_eligible: false,
				permissions: [],
			});
			const roles = [role('org:admin', 'Admin'), role('org:member', 'Member')];
			return ok(listOf(roles, values, ({ key, name }) => [key, name].map(String)));
		},
		CreateOrganizationMembership: (asked) => {
			const organization = organizationOf(asked);
			const userId = text(asked.body, 'user_id');
			const user = existing(people.get(userId), 'user', userId);
			if (membershipIn(organization, user.id))
				throw new Refusal(400, 'already_a_member_in_organization', 'The user is a member already.');
			const membership = {
				object: 'organization_membership',
				...made('orgmem'),
				role: text(asked.body, 'role'),
				role_name: text(asked.body, 'role'),
				permissions: [],
				public_metadata: object(asked.body, 'public_metadata'),
				private_metadata: object(asked.body, 'private_metadata'),
				organization,
				public_user_data: publicUserData(user),
			} as unknown as Membership;
			people.memberships.push(membership);
			return ok(membership);
		},
		UpdateOrganizationMembership: (asked) => ok(change(membershipOf(asked), { role: text(asked.body, 'role') })),
		UpdateOrganizationMembershipMetadata: (asked) => {
			const membership = membershipOf(asked);
			return ok(change(membership, mergedInto(membership, asked.body)));
		},
		DeleteOrganizationMembership: (asked) => {
			const membership = membershipOf(asked);
			people.memberships = people.memberships.filter((one) => one !== membership);
			return ok(membership);
		},
		CreateOrganizationInvitation: (asked) => {
			const { body } = asked;
			const organization_id = organizationOf(asked).id;
			const inviter = people.get(text(body, 'inviter_user_id') ?? '');
			const { user_id, first_name, last_name, image_url, has_image, identifier } = publicUserData(inviter ?? people.at(0));
			const invitation: Kept = {
				object: 'organization_invitation',
				...made('orginv'),
				email_address: text(body, 'email_address'),
				role: text(body, 'role'),
				role_name: text(body, 'role'),
				organization_id,
				inviter_id: inviter?.id ?? null,
				public_inviter_data: { user_id, first_name, last_name, image_url, has_image, identifier },
				public_metadata: object(body, 'public_metadata'),
				private_metadata: object(body, 'private_metadata'),
				status: 'pending',
				url: `https://accounts.example.com/v1/tickets/accept?ticket=${randomText(40)}`,
				expires_at: Date.now() + days(body),
			};
			written.organizationInvitations.push(invitation);
			return ok(invitation);
		},
		ListOrganizationInvitations: (asked) => {
			const { id } = organizationOf(asked);
			const own = written.organizationInvitations.filter((one) => one.organization_id === id);
			return ok(listOf(own, asked.values, emailOf));
		},
		GetOrganizationInvitation: ({ params }) => ok(byId(written.organizationInvitations, 'invitation', params['invitation_id'])),
		RevokeOrganizationInvitation: ({ params }) =>
			ok(change(byId(written.organizationInvitations, 'invitation', params['invitation_id']), { status: 'revoked' })),

		GetOrganizationBillingSubscription: ({ params }) => ok(subscriptionOf(params['organization_id'])),
		GetUserBillingSubscription: ({ params }) => ok(subscriptionOf(params['user_id'])),

		GetSessionList: ({ values }) => {
			const own = written.sessions.filter(({ user_id }) => user_id === values['user_id']?.[0]);
			return ok(listOf(own, values).data);
		},
		GetSession: ({ params }) => ok(byId(written.sessions, 'session', params['session_id'])),
		RevokeSession: ({ params }) => ok(change(byId(written.sessions, 'session', params['session_id']), { status: 'revoked' })),

		CreateAllowlistIdentifier: allowlist.create,
		DeleteAllowlistIdentifier: allowlist.remove,
		ListAllowlistIdentifiers: ({ values }) =>
			ok(listOf(written.allowlist, values).data.map((one) => ({ object: 'allowlist_identifier', ...one }))),
		CreateBlocklistIdentifier: blocklist.create,
		DeleteBlocklistIdentifier: blocklist.remove,
		ListBlocklistIdentifiers: () =>
			ok({
				data: written.blocklist.toReversed().map((one) => ({ object: 'blocklist_identifier', ...one })),
				total_count: written.blocklist.length,
			}),
	} satisfies Record<string, Handler>;
}
