import { catalogue, eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { tenantOf } from '../../../nodes/Clerk/records/tenant';
import { fixture, fixtures } from '../../support/deliveries';

function tenantFrom(name: string) {
	const { type, data } = fixture(name).envelope;
	return tenantOf(eventOfType(type), data);
}

const ACME = {
	organizationId: 'org_2g7np7Hrk0SN6kj5EDMLDaKNL0S',
	name: 'Acme Corp',
	slug: 'acme-corp',
	imageUrl: 'https://img.clerk.com/xxxxxx',
};
const DATES = { createdAt: '2024-05-28T08:00:00.000Z', updatedAt: '2024-05-28T08:00:00.000Z' };
const JANE = { role: 'org:member', userId: 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU' };

test.each([
	['C5: an organization is set', 'openapi.organization.created', { action: 'set', ...ACME, membersCount: 1, ...DATES }],
	[
		'C5: or deleted',
		'openapi.organization.deleted',
		{ action: 'delete', organizationId: ACME.organizationId, slug: 'acme-corp' },
	],
	[
		'C6: a member is subscribed with a role',
		'openapi.organizationMembership.created',
		{ action: 'subscribe', ...ACME, membersCount: 2, ...JANE, ...DATES },
	],
	[
		'C6: or unsubscribed',
		'openapi.organizationMembership.deleted',
		{ action: 'unsubscribe', ...ACME, membersCount: 1, ...JANE, ...DATES },
	],
])('%s', (_, name, expected) => {
	const tenant = tenantFrom(name);
	expect(tenant).toEqual(expected);
	expect(Object.keys(tenant ?? {})).toEqual(Object.keys(expected));
});

test('a deletion that knows the id alone does not blank the rest', () => {
	const deleted = tenantOf(eventOfType('organization.deleted'), { id: 'org_1', slug: '' });
	expect(Object.keys(deleted ?? {})).toEqual(['action', 'organizationId']);
});

describe('B13: the keys are always there, in the same order, null where Clerk has nothing', () => {
	const SET = ['action', 'organizationId', 'name', 'slug', 'imageUrl', 'membersCount', 'createdAt', 'updatedAt'];
	const MEMBER = SET.toSpliced(6, 0, 'role', 'userId');

	const BLANK = { id: 'org_1', name: null, slug: '', image_url: null, members_count: null, created_at: null, updated_at: null };

	test.each([
		['organization.created', BLANK, SET],
		['organization.updated', BLANK, SET],
		['organizationMembership.created', { organization: BLANK }, MEMBER],
		['organizationMembership.updated', { organization: BLANK }, MEMBER],
		['organizationMembership.deleted', { organization: BLANK }, MEMBER],
	])('%s', (type, data, keys) => {
		const tenant = tenantOf(eventOfType(type), data);
		expect(Object.keys(tenant ?? {})).toEqual(keys);
		const { action, organizationId, ...rest } = tenant ?? {};
		expect({ action, organizationId }).toEqual({ action: eventOfType(type).tenant, organizationId: 'org_1' });
		expect(new Set(Object.values(rest))).toEqual(new Set([null]));
	});

	test('but an organization without a picture and a count clears neither', () => {
		const said: Record<string, unknown> = { ...BLANK };
		delete said['image_url'];
		delete said['members_count'];
		expect(Object.keys(tenantOf(eventOfType('organization.updated'), said) ?? {})).toEqual(
			SET.filter((key) => !['imageUrl', 'membersCount'].includes(key)),
		);
	});

	test('but a membership that says nothing else about its organization clears nothing of it', () => {
		const tenant = tenantOf(eventOfType('organizationMembership.created'), { organization: { id: 'org_1', slug: 'acme' } });
		expect(Object.keys(tenant ?? {})).toEqual(['action', 'organizationId', 'slug', 'role', 'userId', 'createdAt', 'updatedAt']);
	});
});

describe('no tenant', () => {
	test.each(fixtures.filter(({ envelope }) => eventOfType(envelope.type).tenant === null))('of $name', ({ name }) => {
		expect(tenantFrom(name)).toBeNull();
	});

	test.each(catalogue.filter(({ tenant }) => tenant !== null))('of an $type that names no organization', (event) => {
		expect(tenantOf(event, { id: '', organization: null })).toBeNull();
		expect(tenantOf(event, {})).toBeNull();
	});
});
