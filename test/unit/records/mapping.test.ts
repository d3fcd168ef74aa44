import { catalogue, eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { effectOf } from '../../../nodes/Clerk/records/mapping';
import type { Effect, Mapping } from '../../../nodes/Clerk/records/mapping';
import { settings } from '../../support/deliveries';
import { mapping } from '../../support/output';

type Sets = Omit<Mapping, 'events'>;

const effect = (type: string, ...mappings: Mapping[]) => effectOf(eventOfType(type), settings({ mappings }));

describe('C7: what each of the 46 events does by itself', () => {
	const contacts: Record<string, string> = {
		'user.created': 'upsert',
		'user.updated': 'upsert',
		'user.deleted': 'delete',
		'waitlistEntry.created': 'upsert',
		'waitlistEntry.updated': 'upsert',
		'organizationInvitation.accepted': 'upsert',
	};
	const tenants: Record<string, string> = {
		'organization.created': 'set',
		'organization.updated': 'set',
		'organization.deleted': 'delete',
		'organizationMembership.created': 'subscribe',
		'organizationMembership.updated': 'subscribe',
		'organizationMembership.deleted': 'unsubscribe',
	};
	const nothingSet = { isEventMapped: false, additionalEventName: null, userGroup: null, mailingLists: {} };

	test.each(catalogue)('$type', ({ type }) => {
		const [contact, tenant] = [contacts[type] ?? null, tenants[type] ?? null];
		expect(effect(type)).toEqual({ contact, tenant, eventName: type, ...nothingSet });
	});

	test('an event that Clerk adds later is an event alone, and can be mapped', () => {
		const type = 'user.somethingNew';
		expect(effect(type)).toEqual({ contact: null, tenant: null, eventName: type, ...nothingSet });
		expect(effect(type, mapping(type, { contact: 'upsert' }))).toMatchObject({ contact: 'upsert' });
	});
});

describe('C7: a mapping sets what it sets, and leaves the rest', () => {
	test.each<[string, Sets, Partial<Effect>]>([
		['nothing', {}, {}],
		['no contact', { contact: 'none' }, { contact: null }],
		['a contact action', { contact: 'unsubscribe' }, { contact: 'unsubscribe' }],
		['no event', { eventName: null }, { eventName: null }],
		['an event name', { eventName: 'newClerkUser' }, { eventName: 'newClerkUser', isEventMapped: true }],
		['an additional event', { additionalEventName: 'trialStarted' }, { additionalEventName: 'trialStarted' }],
		['only an additional one', { eventName: null, additionalEventName: 'x' }, { eventName: null, additionalEventName: 'x' }],
		['a user group', { userGroup: 'Customers' }, { userGroup: 'Customers' }],
		['lists to join', { joins: ['a', 'b'] }, { mailingLists: { a: true, b: true } }],
		['lists to leave', { leaves: ['a'] }, { mailingLists: { a: false } }],
		['a list to join and to leave', { joins: ['a', 'b'], leaves: ['b', 'c'] }, { mailingLists: { a: true, b: false, c: false } }],
	])('%s', (_, sets, changed) => {
		expect(effect('user.created', mapping('user.created', sets))).toEqual({ ...effect('user.created'), ...changed });
		expect(effect('user.updated', mapping('user.created', sets))).toEqual(effect('user.updated'));
	});

	test('no tenant', () => {
		const mappings = [mapping('organization.created', { noTenant: true })];
		expect(effect('organization.created', ...mappings).tenant).toBeNull();
		expect(effect('organization.updated', ...mappings).tenant).toBe('set');
	});
});

describe('C7: where several mappings match, the last one that sets a field wins that field', () => {
	const first = mapping('all', { contact: 'delete', userGroup: 'first', joins: ['a'], leaves: ['b'], eventName: 'one' });
	const one = mapping('user.created', { userGroup: 'one', eventName: null });
	const others = mapping(['user.updated', 'user.deleted', 'user', 'USER.CREATED'], { userGroup: 'others', contact: 'none' });
	const last = (sets: Sets) => [first, mapping('user.created', sets)];
	const three = [
		mapping('all', { userGroup: 'a', contact: 'none', additionalEventName: 'x' }),
		mapping('user.created', { contact: 'unsubscribe', userGroup: 'b' }),
		mapping(['user.created', 'user.updated'], { userGroup: 'c' }),
	];

	test.each<[string, Mapping[], Partial<Effect>]>([
		['a contact action', last({ contact: 'upsert' }), { contact: 'upsert', userGroup: 'first', eventName: 'one' }],
		['a group', last({ userGroup: 'second' }), { contact: 'delete', userGroup: 'second' }],
		['lists to join', last({ joins: ['b', 'c'] }), { mailingLists: { b: false, c: true } }],
		['lists to leave', last({ leaves: ['c'] }), { mailingLists: { a: true, c: false } }],
		['no event', last({ eventName: null }), { eventName: null, contact: 'delete' }],
		['an additional event', last({ additionalEventName: 'x' }), { eventName: 'one', additionalEventName: 'x' }],
		['by their order, not by how many events they are for', [one, first], { userGroup: 'first', eventName: 'one' }],
		['the other way round', [first, one], { userGroup: 'one', eventName: null }],
		['one for other events does not count', [others, first, others], { userGroup: 'first', contact: 'delete' }],
		['three, a field each', three, { userGroup: 'c', contact: 'unsubscribe', additionalEventName: 'x' }],
	])('%s', (_, mappings, expected) => {
		expect(effect('user.created', ...mappings)).toMatchObject(expected);
	});
});
