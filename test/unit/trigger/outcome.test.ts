import { answerTo } from '../../../nodes/Clerk/trigger/outcome';
import type { NoContact } from '../../../nodes/Clerk/records/records';
import type { Accepted, Answer, Outcome } from '../../../nodes/Clerk/trigger/outcome';

const EVENT = { eventType: 'user.created', eventId: 'msg_1' } as const;
const UPSERT = {
	contactAction: 'upsert',
	noContact: null,
	events: ['user.created'],
	tenantAction: null,
	outOfDate: [],
	acknowledge: 'onReceived',
} as const;
const DELETE = { ...UPSERT, contactAction: 'delete' } as const;
const LATE = { ...UPSERT, outOfDate: ['contact_fields'] } as const;
/** What of it is in the answer whatever came out. */
const said = ({ contactAction, noContact, events, tenantAction }: Omit<Accepted, 'outcome' | keyof typeof EVENT>) => {
	return { contactAction, noContact, events, tenantAction };
};
const NO_CONTACT = { ...UPSERT, contactAction: null, noContact: 'event_has_none' } as const;

const DUPLICATE = { outcome: 'duplicate', ...EVENT, acceptedAt: Date.UTC(2026, 0, 5, 9, 30) } as const;

type Row = [code: Answer['body']['code'], outcome: Outcome, status: number, fields: Record<string, unknown>];
const accepted = (what: typeof UPSERT | typeof DELETE | typeof LATE | typeof NO_CONTACT, more = {}): Row => {
	return ['accepted', { outcome: 'accepted', ...EVENT, ...what }, 200, { ...EVENT, ...said(what), ...more }];
};
const OLD = { secondsOff: 301, toleranceSeconds: 300 };
const NEW = { secondsOff: 7200, toleranceSeconds: 60 };
const IGNORED = [
	'event_not_selected',
	'other_instance',
	'not_production',
	'test_user',
	'contact_without_email',
	'nothing_for_output',
] as const;
const UNPROVED = ['timestamp_malformed', 'signature_mismatch', 'body_unreadable'] as const;
const NO_EVENT = ['body_not_json', 'body_not_object', 'type_missing'] as const;
const MISCONFIGURED = [
	'credential_missing',
	'secret_unusable',
	'secret_key_unusable',
	'secret_key_changed',
	'not_registered',
	'settings_unreadable',
] as const;

/** Every outcome there is, with what its sender gets. The codes are stable: people and machines filter by them. */
const table: Row[] = [
	...[accepted(UPSERT), accepted(DELETE), accepted(NO_CONTACT), accepted(LATE, { outOfDate: ['contact_fields'] })],
	...IGNORED.map((code): Row => [code, { outcome: 'ignored', code, ...EVENT }, 200, EVENT]),
	['duplicate', DUPLICATE, 200, { ...EVENT, acceptedAt: '2026-01-05T09:30:00.000Z' }],
	['stale', { outcome: 'stale', subject: 'user', ended: false, ...EVENT }, 200, EVENT],
	['stale', { outcome: 'stale', subject: 'member', ended: true, ...EVENT }, 200, EVENT],
	['same_in_flight', { outcome: 'postponed', code: 'same_in_flight', ...EVENT }, 409, EVENT],
	['newer_in_flight', { outcome: 'postponed', code: 'newer_in_flight', subject: 'user', ...EVENT }, 409, EVENT],
	['older_in_flight', { outcome: 'postponed', code: 'older_in_flight', subject: 'member', ...EVENT }, 409, EVENT],
	['not_stored', { outcome: 'failed', code: 'not_stored', status: 500, ...EVENT }, 500, EVENT],
	['workflow_failed', { outcome: 'failed', code: 'workflow_failed', status: 500, ...EVENT }, 500, EVENT],
	['header_missing', { outcome: 'rejected', code: 'header_missing', header: 'svix-id' }, 401, { header: 'svix-id' }],
	['timestamp_too_old', { outcome: 'rejected', code: 'timestamp_too_old', ...OLD }, 401, OLD],
	['timestamp_too_new', { outcome: 'rejected', code: 'timestamp_too_new', ...NEW }, 401, NEW],
	...UNPROVED.map((code): Row => [code, { outcome: 'rejected', code }, 401, {}]),
	...NO_EVENT.map((code): Row => [code, { outcome: 'rejected', code }, 400, {}]),
	...MISCONFIGURED.map((code): Row => [code, { outcome: 'misconfigured', code, detail: 'CANARY' }, 500, {}]),
];

function answered(code: string): Answer['body'] {
	const row = table.find(([name]) => name === code);
	if (!row) throw new Error(`There is no ${code}`);
	return answerTo(row[1]).body;
}

describe('A5: what a sender gets', () => {
	test.each(table)('%s, %j: %i', (code, outcome, status, fields) => {
		const { message, check, ...rest } = answerTo(outcome).body;
		expect(answerTo(outcome).status).toBe(status);
		expect(rest).toEqual({ outcome: outcome.outcome, code, ...fields });
		expect(message).toMatch(/^[A-Z].*[.?]$/);
		// It says what the builder can do about it.
		expect(Array.isArray(check)).toBe([400, 401, 500].includes(status));
	});

	test.each(table)('E4: %s, %j: not a word of what is for the log alone', (_, outcome) => {
		expect(JSON.stringify(answerTo(outcome))).not.toContain('CANARY');
	});

	test.each(table.filter(([, , status]) => status === 200))(
		'%s, %j: the message names the event or the setting',
		(code, outcome) => {
			const settings: Record<string, string> = {
				other_instance: 'Only From Instance',
				not_production: 'Only Production',
				test_user: 'Leave Out Test Users',
				contact_without_email: 'Contacts Without Email',
			};
			expect(answerTo(outcome).body.message).toContain(settings[code] ?? 'user.created');
		},
	);
});

describe('A5: a rejection says what to check', () => {
	test.each(['svix-id', 'svix-timestamp', 'svix-signature', 'webhook-id'])('the missing header by its name, %s', (header) => {
		const { message, check } = answerTo({ outcome: 'rejected', code: 'header_missing', header }).body;
		expect(message).toContain(header);
		expect(JSON.stringify(check)).toMatch(new RegExp(`proxy.*${header}`));
	});

	test('the clock, with the measured seconds and on which side', () => {
		expect(answered('timestamp_too_old').message).toMatch(/301 seconds behind .*; 300 seconds are allowed/);
		expect(answered('timestamp_too_new').message).toMatch(/7200 seconds ahead of .*; 60 seconds are allowed/);
		expect(JSON.stringify(answered('timestamp_too_old')['check'])).toMatch(/clock.*NTP.*Replay/);
	});

	test('the secret of this endpoint, its rotation, and a proxy that changes the body', () => {
		expect(answered('signature_mismatch')['check']).toEqual([
			expect.stringMatching(/secret of this endpoint/),
			expect.stringMatching(/rotated.*Previous Signing Secret/),
			expect.stringMatching(/proxy .*change the body/),
		]);
	});

	test('the size and the content type of a body that cannot be read', () => {
		expect(JSON.stringify(answered('body_unreadable')['check'])).toMatch(/application\/json.*16 MB/);
	});

	test('the credential, where there is no usable secret', () => {
		expect(JSON.stringify(answered('secret_unusable')['check'])).toContain('Clerk Webhook API credential');
	});
});

describe('A5: "accepted" says what came out, and why there is no contact', () => {
	const none = { contactAction: null, noContact: null, events: [], tenantAction: null };
	const answerOf = (fields: Partial<Accepted>) =>
		answerTo({ outcome: 'accepted', ...EVENT, ...none, outOfDate: [], acknowledge: 'onReceived', ...fields }).body;

	test.each<[Partial<Accepted>, string]>([
		[{ contactAction: 'upsert' }, 'a contact to upsert'],
		[{ contactAction: 'unsubscribe' }, 'a contact to unsubscribe'],
		[{ events: ['user.created'] }, 'the event "user.created"'],
		[{ tenantAction: 'subscribe' }, 'a tenant to subscribe'],
		[{ contactAction: 'upsert', events: ['user.created'] }, 'a contact to upsert and the event "user.created"'],
		[{ contactAction: 'delete', tenantAction: 'delete' }, 'a contact to delete and a tenant to delete'],
		[{ events: ['one', 'two'] }, 'the event "one" and the event "two"'],
		[{ events: ['one'], tenantAction: 'set' }, 'the event "one" and a tenant to set'],
		[
			{ contactAction: 'upsert', events: ['one', 'two'], tenantAction: 'set' },
			'a contact to upsert, the event "one", the event "two" and a tenant to set',
		],
	])('%j', (fields, parts) => {
		const message = `The workflow received ${parts}.`;
		expect(answerOf(fields)).toEqual({ outcome: 'accepted', code: 'accepted', message, ...EVENT, ...none, ...fields });
	});

	test('E3: where it waited for the workflow, it says that this has succeeded', () => {
		expect(answerOf({ contactAction: 'upsert', acknowledge: 'lastNode' }).message).toBe(
			'The workflow has succeeded with a contact to upsert.',
		);
	});

	const reasons: [NoContact, string][] = [
		['event_has_none', 'this event has none, unless a mapping in the Clerk Trigger node adds one'],
		['set_to_none', 'the Clerk Trigger node is set to give none for this event'],
		['nobody_to_match', 'the delivery names neither a user nor an email address'],
		['without_email', 'it has no usable email address, and "Contacts Without Email" is set to "Skip" in the Clerk Trigger node'],
		['not_in_output', 'the output of the Clerk Trigger node is set to "Events Only"'],
	];

	test.each(reasons)('no contact: %s', (noContact, reason) => {
		expect(answerOf({ noContact, events: ['user.created'] })).toMatchObject({
			message: `The workflow received the event "user.created". No contact: ${reason}.`,
			contactAction: null,
			noContact,
		});
	});

	test.each(reasons)('nothing for the output, and no contact: %s', (noContact, reason) => {
		const { message } = answerTo({ outcome: 'ignored', code: 'nothing_for_output', ...EVENT, noContact }).body;
		expect(message).toBe(
			`With its current settings, the Clerk Trigger node has nothing to output for this user.created. No contact: ${reason}.`,
		);
	});
});
