import { catalogue, eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { select, toRecords } from '../../../nodes/Clerk/trigger/selection';
import type { NoContact } from '../../../nodes/Clerk/records/records';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { delivered, fixture, fixtures, MESSAGE_ID, settings } from '../../support/deliveries';

/** What becomes of this envelope on a node with these settings. */
function received(envelope: object, changed: Partial<Settings> = {}) {
	const delivery = delivered(envelope);
	const event = select(delivery, settings(changed));
	return 'outcome' in event ? event : toRecords(event, delivery, settings(changed));
}

function ignored(code: string, eventType: string) {
	return { outcome: 'ignored', code, eventType, eventId: MESSAGE_ID };
}

/** The same where the records were made, which also say why there is no contact. */
function dropped(code: string, eventType: string, noContact: NoContact | null = null) {
	return { ...ignored(code, eventType), noContact };
}

describe('A4: what is not chosen is ignored', () => {
	test.each(catalogue)('$type', (row) => {
		const { type } = row;
		const others = new Set(catalogue.map((event) => event.type).filter((other) => other !== type));
		expect(select(delivered({ type, data: {} }), settings({ events: others }))).toEqual(ignored('event_not_selected', type));
		expect(select(delivered({ type, data: {} }), settings({ events: new Set([type]) }))).toEqual(row);
		expect(select(delivered({ type, data: {} }), settings({ events: 'all' }))).toEqual(row);
	});

	test('A3: an unknown type comes in if it is typed in or all are chosen, and as an event alone', () => {
		const { envelope } = fixture('edge.unknown_event');
		const { type } = envelope;
		expect(received(envelope, { events: new Set(['user.created']) })).toEqual(ignored('event_not_selected', type));
		for (const events of ['all', new Set([type])] as const) {
			expect(received(envelope, { events })).toMatchObject({
				contact: null,
				noContact: 'event_has_none',
				tenant: null,
				events: [{ name: type, type, userId: null }],
			});
		}
	});

	test.each(['USER.CREATED', 'user.created ', 'user', 'toString', '__proto__'])('the type %j is not user.created', (type) => {
		expect(select(delivered({ type, data: {} }), settings({ events: new Set(['user.created']) }))).toEqual(
			ignored('event_not_selected', type),
		);
		expect(eventOfType(type)).toMatchObject({ contact: null, tenant: null, person: 'nobody' });
	});
});

describe('A8: development and production are kept apart', () => {
	const { envelope } = fixture('edge.user.deleted.minimal');

	test('only the named instance comes in', () => {
		expect(received(envelope, { onlyInstance: 'ins_2vREDACTED0000000000000000' })).toMatchObject({
			contact: { action: 'delete' },
		});
		expect(received(envelope, { onlyInstance: 'ins_other' })).toEqual(ignored('other_instance', 'user.deleted'));
	});

	test('a delivery that names no instance is not taken for the right one', () => {
		const { instance_id, ...old } = envelope;
		expect(instance_id).toBeDefined();
		expect(received(old, { onlyInstance: 'ins_other' })).toEqual(ignored('other_instance', 'user.deleted'));
		expect(received(old)).toMatchObject({ contact: { instanceId: null }, events: [{ instanceId: null }] });
	});

	test.each([
		['development', true],
		['production', false],
		[null, false],
	] as const)(
		'Only Production ignores an application that the secret key shows to be for development: %s',
		(environment, isIgnored) => {
			const event = select(delivered(envelope, { environment }), settings({ onlyProduction: true }));
			expect(event).toEqual(isIgnored ? ignored('not_production', 'user.deleted') : eventOfType('user.deleted'));
		},
	);

	test('"not selected" is said before "other instance"', () => {
		expect(received(envelope, { onlyInstance: 'ins_other', events: new Set() })).toMatchObject({ code: 'event_not_selected' });
	});

	const testUser = { id: 'user_1', email_addresses: [{ id: 'idn_1', email_address: 'jane+clerk_test@example.com' }] };

	test.each([
		['user.created', testUser],
		['user.updated', testUser],
		['session.created', { id: 'sess_1', user: testUser }],
		['waitlistEntry.created', { email_address: 'jane+clerk_test@example.com' }],
		['organizationMembership.created', { public_user_data: { identifier: 'jane+clerk_test@example.com' } }],
		['organizationMembership.created', { public_user_data: { identifier: '+12015550100' } }],
		['sms.created', { to_phone_number: '+12015550199' }],
		['email.created', { to_email_address: 'jane+clerk_test@example.com' }],
		['subscription.created', { payer: { email: 'jane+clerk_test@example.com' } }],
	])('test users are left out if wished: %s', (type, data) => {
		expect(received({ type, data }, { leaveOutTestUsers: true })).toEqual(dropped('test_user', type));
		expect(received({ type, data })).toMatchObject({ events: [{ testUser: true }] });
	});

	test.each(['openapi.session.created', 'openapi.waitlistEntry.created', 'openapi.user.deleted', 'openapi.role.created'])(
		'everybody else comes in: %s',
		(name) => {
			expect(received(fixture(name).envelope, { leaveOutTestUsers: true })).not.toHaveProperty('outcome');
		},
	);
});

describe('B4: contacts without an email', () => {
	test.each(['edge.user.created.phone_only', 'openapi.user.created', 'openapi.user.updated'])(
		'%s is skipped at first, and passed on if wished',
		(name) => {
			const { envelope } = fixture(name);
			expect(received(envelope)).toEqual(dropped('contact_without_email', envelope.type));
			const contact = { action: 'upsert', email: null, emailVerified: null };
			expect(received(envelope, { contactsWithoutEmail: 'pass' })).toMatchObject({ contact });
		},
	);

	test.each([
		['waitlistEntry.created', { email_address: '' }],
		['organizationInvitation.accepted', {}],
	])('%s whose address is missing is skipped', (type, data) => {
		expect(received({ type, data })).toEqual(dropped('contact_without_email', type));
	});

	test.each(['openapi.user.deleted', 'edge.user.deleted.minimal'])('a deletion always passes: %s', (name) => {
		expect(received(fixture(name).envelope)).toMatchObject({ contact: { action: 'delete' } });
	});

	test.each(fixtures.filter(({ envelope }) => eventOfType(envelope.type).contact === null))(
		'an event that carries no contact always passes, A4: but with Contacts Only, for which it has nothing: $name',
		({ envelope }) => {
			const { type } = envelope;
			expect(received(envelope)).toMatchObject({ contact: null, noContact: 'event_has_none', events: [{ type }] });
			expect(received(envelope, { output: 'contacts' })).toEqual(dropped('nothing_for_output', type, 'event_has_none'));
		},
	);
});

describe('A4: a delivery that has nothing for the chosen output is ignored', () => {
	test('contacts only: a deletion that names nobody', () => {
		expect(received({ type: 'user.deleted', data: { deleted: true } }, { output: 'contacts' })).toEqual(
			dropped('nothing_for_output', 'user.deleted', 'nobody_to_match'),
		);
	});

	test.each(['item', 'events', 'split'] as const)('%s: every delivery has an event', (output) => {
		for (const { envelope } of fixtures) {
			expect(received(envelope, { output, contactsWithoutEmail: 'pass' })).toMatchObject({ events: [{ type: envelope.type }] });
		}
	});
});
