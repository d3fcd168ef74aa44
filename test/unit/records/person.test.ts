import { eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { organizationIdOf, personOf } from '../../../nodes/Clerk/records/person';

const whole = {
	id: 'user_1',
	first_name: 'Jane',
	last_name: 'Doe',
	primary_email_address_id: 'idn_2',
	email_addresses: [
		{ id: 'idn_1', email_address: 'old@example.com' },
		{ id: 'idn_2', email_address: 'jane@example.com' },
	],
};
const NAMES = { firstName: 'Jane', lastName: 'Doe' };
const jane = { userId: 'user_1', email: 'jane@example.com', ...NAMES, testUser: false };
const nameAndId = { userId: 'user_1', ...NAMES };
const address = { email: 'jane@example.com', testUser: false };

const named = { user_id: 'user_1', first_name: 'Jane', last_name: 'Doe' };
const member = (identifier: string, more: object = {}) => ({ public_user_data: { ...named, identifier, ...more } });
const payer = { ...named, email: 'jane@example.com' };
const picture = { image_url: 'https://img.clerk.com/1' };
const avatarUrl = picture.image_url;
const withoutDetails = {
	user_id: 'user_1',
	first_name: null,
	last_name: '',
	username: null,
	image_url: '',
	banned: null,
	deprovisioned: 'no',
};
const nothing = { firstName: null, lastName: null, username: null, avatarUrl: null, banned: null, deprovisioned: null };
const flags = { username: 'jane', banned: true, deprovisioned: false };
const organizationPays = { user_id: '', first_name: '', last_name: '', email: '', organization_id: 'org_1' };

describe('whom an event is about', () => {
	test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
		['user.created', whole, jane],
		['user.updated', whole, jane],
		['user.deleted', { id: 'user_1', deleted: true, email_addresses: whole.email_addresses }, { userId: 'user_1' }],
		['user.deleted', { id: 'user_1', external_id: 'ext_1' }, { userId: 'user_1', externalId: 'ext_1' }],
		['user.deleted', { id: 'user_1', external_id: null }, { userId: 'user_1', externalId: null }],
		['user.deleted', { deleted: true }, {}],
		['session.created', { user_id: 'user_1', user: whole }, jane],
		['session.created', { user: whole }, jane],
		['session.ended', { user_id: 'user_1', user: null }, { userId: 'user_1' }],
		['session.ended', { user_id: 'user_1' }, { userId: 'user_1' }],
		['session.ended', {}, {}],
		['organizationMembership.created', member('jane@example.com'), jane],
		['organizationMembership.created', member('+12015550142'), { ...nameAndId, phone: '+12015550142', testUser: true }],
		['organizationMembership.updated', member('+4917012345678'), { ...nameAndId, phone: '+4917012345678', testUser: false }],
		['organizationMembership.deleted', member('jane'), nameAndId],
		['organizationMembership.deleted', { public_user_data: null }, {}],
		['organizationMembership.updated', member('jane', { ...flags, ...picture }), { ...nameAndId, ...flags, avatarUrl }],
		['organizationMembership.updated', { public_user_data: withoutDetails }, { userId: 'user_1', ...nothing }],
		['organizationInvitation.created', { email_address: 'jane@example.com' }, address],
		[
			'organizationInvitation.accepted',
			{ email_address: 'jane@example.com', user_id: 'user_1' },
			{ userId: 'user_1', ...address },
		],
		['waitlistEntry.created', { email_address: 'jane@example.com' }, address],
		['waitlistEntry.updated', { email_address: '' }, { email: null }],
		['waitlistEntry.updated', {}, {}],
		['organizationDomain.created', { affiliation_email_address: 'jane@example.com' }, address],
		['organizationDomain.created', { affiliation_email_address: null, email_address: 'x@example.com' }, { email: null }],
		['subscription.created', { payer }, jane],
		['subscriptionItem.freeTrialEnding', { payer }, jane],
		['paymentAttempt.updated', { payer }, jane],
		['subscription.created', { payer: organizationPays }, { userId: null, email: null, firstName: null, lastName: null }],
		['subscription.created', { payer: { email: null } }, { email: null }],
		['subscription.created', { payer: { ...payer, ...picture } }, { ...jane, avatarUrl }],
		['subscription.created', {}, {}],
		['email.created', { to_email_address: 'jane@example.com', user_id: 'user_1' }, { userId: 'user_1', ...address }],
		['sms.created', { to_phone_number: '+4917012345678' }, { phone: '+4917012345678', testUser: false }],
		['sms.created', { to_phone_number: '', user_id: 'user_1' }, { userId: 'user_1', phone: null }],
		['role.created', whole, {}],
		['permission.deleted', whole, {}],
		['organization.created', { ...whole, created_by: 'user_1' }, {}],
		['somethingNew.happened', whole, {}],
	])('%s %j', (type, data, person) => {
		expect(personOf(eventOfType(type), data)).toEqual(person);
	});
});

describe('which organization an event belongs to', () => {
	test.each<[string, Record<string, unknown>, string | null]>([
		['organization.created', { id: 'org_1' }, 'org_1'],
		['organization.deleted', { id: 'org_1', deleted: true }, 'org_1'],
		['organizationMembership.created', { id: 'orgmem_1', organization: { id: 'org_1' } }, 'org_1'],
		['organizationMembership.deleted', { organization: null }, null],
		['organizationInvitation.created', { id: 'orginv_1', organization_id: 'org_1' }, 'org_1'],
		['organizationDomain.updated', { id: 'orgdmn_1', organization_id: 'org_1' }, 'org_1'],
		['organizationDomain.deleted', { id: 'orgdmn_1', deleted: true }, null],
		['session.created', { id: 'sess_1', last_active_organization_id: 'org_1' }, 'org_1'],
		['session.created', { id: 'sess_1', last_active_organization_id: null }, null],
		['subscription.active', { payer: { organization_id: 'org_1' } }, 'org_1'],
		['subscriptionItem.created', { payer: { organization_id: '' } }, null],
		['user.created', { id: 'user_1', organization_id: 'org_1' }, null],
		['role.created', { id: 'role_1', organization_id: 'org_1' }, null],
	])('%s %j: %j', (type, data, organizationId) => {
		expect(organizationIdOf(eventOfType(type), data)).toBe(organizationId);
	});
});
