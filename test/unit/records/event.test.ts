import { eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { eventRecordOf } from '../../../nodes/Clerk/records/event';
import { fixture, fixtures } from '../../support/deliveries';
import type { ClerkBody } from '../../support/deliveries';

const DELIVERY = { id: 'msg_1', sentAt: Date.UTC(2026, 9, 1, 12), environment: null };

function eventFrom(envelope: ClerkBody, includeClient = false) {
	const settings = { includeClient, onlyVerified: false };
	return eventRecordOf(eventOfType(envelope.type), envelope, envelope.data, DELIVERY, settings);
}

describe("C1, C4: its name is Clerk's type and its id the svix-id", () => {
	test.each(fixtures)('$name', ({ envelope }) => {
		expect(eventFrom(envelope)).toMatchObject({
			name: envelope.type,
			type: envelope.type,
			id: 'msg_1',
			sentAt: '2026-10-01T12:00:00.000Z',
			instanceId: envelope['instance_id'],
		});
	});
});

describe('C1: an event carries the person and the organization where the delivery has them', () => {
	const zoe = { email: 'zoë+tag@exämple.com', firstName: 'Zoë', lastName: 'O’Brien-李 🙂', testUser: false };
	const ofSession = { sessionId: 'sess_2g7np7Hrk0SN6kj5EDMLDaKNL0S', organizationId: 'org_2g7np7Hrk0SN6kj5EDMLDaKNL0S' };
	const john = { userId: 'user_2g7np7Hrk0SN6kj5EDMLDaKNL0S', firstName: 'John', lastName: 'Doe' };
	const member = { userId: 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU', email: 'jane.doe@acme.com', firstName: 'Jane' };

	test.each([
		['edge.user.created.unicode', { userId: 'user_2vREDACTED0000000000000001', ...zoe }],
		['openapi.user.deleted', { userId: john.userId, email: null, testUser: null }],
		['openapi.session.created', { ...john, ...ofSession }],
		['openapi.organizationMembership.created', { ...member, organizationId: ofSession.organizationId, sessionId: null }],
		['openapi.subscriptionItem.active', { email: 'test@example.com', firstName: 'Test', organizationId: null }],
		['openapi.email.created', { email: 'johndoe@acme.com', userId: 'user_abcd', instanceId: 'ins_123' }],
		['openapi.paymentAttempt.created', { userId: john.userId, email: 'john.doe@acme.com' }],
		['openapi.organizationInvitation.created', { userId: null, email: 'jane.doe@acme.com' }],
		['openapi.organizationDomain.created', { userId: null, email: 'admin@acme.com' }],
		['openapi.sms.created', { userId: john.userId, email: null }],
		['openapi.role.created', { userId: null, email: null, organizationId: null, testUser: null }],
		['edge.unknown_event', { type: 'somethingNew.happened', userId: null }],
	])('%s', (name, expected) => {
		expect(eventFrom(fixture(name).envelope)).toMatchObject(expected);
	});

	test("only a session's own id is a session id", () => {
		const ids = fixtures.map(({ envelope }) => [envelope.type, eventFrom(envelope).sessionId] as const);
		for (const [type, sessionId] of ids)
			expect(sessionId).toEqual(type.startsWith('session.') ? expect.stringMatching(/^sess_/) : null);
	});
});

describe('when it happened: the envelope has milliseconds in real deliveries and seconds in examples', () => {
	test.each([
		[1_744_276_393_644, '2025-04-10T09:13:13.644Z'],
		[1_716_883_200, '2024-05-28T08:00:00.000Z'],
		[1_716_883_200_000, '2024-05-28T08:00:00.000Z'],
		[99_999_999_999, '5138-11-16T09:46:39.000Z'],
		[100_000_000_000, '1973-03-03T09:46:40.000Z'],
		[0, '1970-01-01T00:00:00.000Z'],
		[1e300, null],
		['1716883200', null],
		[null, null],
		[undefined, null],
	])('%p is %j', (timestamp, expected) => {
		expect(eventFrom({ type: 'user.created', data: {}, timestamp }).occurredAt).toBe(expected);
	});
});

describe('A10: who sat at the keyboard, only if asked', () => {
	const { envelope } = fixture('edge.unknown_event');

	test('asked', () => {
		expect(eventFrom(envelope, true)).toMatchObject({ clientIp: '203.0.113.7', userAgent: 'okhttp/4.12.0' });
	});

	test('not asked', () => {
		expect(JSON.stringify(eventFrom(envelope))).not.toMatch(/203\.0\.113\.7|okhttp/);
	});

	test.each([
		['empty texts', { http_request: { client_ip: '', user_agent: '' } }],
		['no request', {}],
		['a request that is null', { http_request: null }],
		['nothing', undefined],
	])('%s: null', (_, event_attributes) => {
		expect(eventFrom({ ...envelope, event_attributes }, true)).toMatchObject({ clientIp: null, userAgent: null });
	});
});
