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

/** Every outcome there is, with what its sender gets. The codes are stable: people and machines filter by them. */
const table: [code: Answer['body']['code'], outcome: Outcome, status: number, fields: Record<string, unknown>][] = [
	['accepted', { outcome: 'accepted', ...EVENT, ...UPSERT }, 200, { ...EVENT, ...said(UPSERT) }],
	['accepted', { outcome: 'accepted', ...EVENT, ...DELETE }, 200, { ...EVENT, ...said(DELETE) }],
	['accepted', { outcome: 'accepted', ...EVENT, ...NO_CONTACT }, 200, { ...EVENT, ...said(NO_CONTACT) }],
	['accepted', { outcome: 'accepted', ...EVENT, ...LATE }, 200, { ...EVENT, ...said(LATE), outOfDate: ['contact_fields'] }],
	['event_not_selected', { outcome: 'ignored', code: 'event_not_selected', ...EVENT }, 200, EVENT],
	['other_instance', { outcome: 'ignored', code: 'other_instance', ...EVENT }, 200, EVENT],
	['not_production', { outcome: 'ignored', code: 'not_production', ...EVENT }, 200, EVENT],
	['test_user', { outcome: 'ignored', code: 'test_user', ...EVENT }, 200, EVENT],
	['contact_without_email', { outcome: 'ignored', code: 'contact_without_email', ...EVENT }, 200, EVENT],
	['nothing_for_output', { outcome: 'ignored', code: 'nothing_for_output', ...EVENT }, 200, EVENT],
	['header_missing', { outcome: 'rejected', code: 'header_missing', header: 'svix-id' }, 401, { header: 'svix-id' }],
	['timestamp_malformed', { outcome: 'rejected', code: 'timestamp_malformed' }, 401, {}],
	[
		'timestamp_too_old',
		{ outcome: 'rejected', code: 'timestamp_too_old', secondsOff: 301, toleranceSeconds: 300 },
		401,
		{ secondsOff: 301, toleranceSeconds: 300 },
	],
	[
		'timestamp_too_new',
		{ outcome: 'rejected', code: 'timestamp_too_new', secondsOff: 7200, toleranceSeconds: 60 },
		401,
		{ secondsOff: 7200, toleranceSeconds: 60 },
	],
	['signature_mismatch', { outcome: 'rejected', code: 'signature_mismatch' }, 401, {}],
	['body_unreadable', { outcome: 'rejected', code: 'body_unreadable' }, 401, {}],
	['duplicate', DUPLICATE, 200, { ...EVENT, acceptedAt: '2026-01-05T09:30:00.000Z' }],
	['stale', { outcome: 'stale', subject: 'user', ended: false, ...EVENT }, 200, EVENT],
	['stale', { outcome: 'stale', subject: 'member', ended: true, ...EVENT }, 200, EVENT],
	['same_in_flight', { outcome: 'postponed', code: 'same_in_flight', ...EVENT }, 409, EVENT],
	['newer_in_flight', { outcome: 'postponed', code: 'newer_in_flight', subject: 'user', ...EVENT }, 409, EVENT],
	['older_in_flight', { outcome: 'postponed', code: 'older_in_flight', subject: 'member', ...EVENT }, 409, EVENT],
	['not_stored', { outcome: 'failed', code: 'not_stored', status: 500, ...EVENT }, 500, EVENT],
	['workflow_failed', { outcome: 'failed', code: 'workflow_failed', status: 500, ...EVENT }, 500, EVENT],
	['body_not_json', { outcome: 'rejected', code: 'body_not_json' }, 400, {}],
	['body_not_object', { outcome: 'rejected', code: 'body_not_object' }, 400, {}],
	['type_missing', { outcome: 'rejected', code: 'type_missing' }, 400, {}],
	['credential_missing', { outcome: 'misconfigured', code: 'credential_missing', detail: 'CANARY' }, 500, {}],
	['secret_unusable', { outcome: 'misconfigured', code: 'secret_unusable', detail: 'CANARY' }, 500, {}],
	['secret_key_unusable', { outcome: 'misconfigured', code: 'secret_key_unusable', detail: 'CANARY' }, 500, {}],
	['secret_key_changed', { outcome: 'misconfigured', code: 'secret_key_changed', detail: 'CANARY' }, 500, {}],
	['not_registered', { outcome: 'misconfigured', code: 'not_registered', detail: 'CANARY' }, 500, {}],
	['settings_unreadable', { outcome: 'misconfigured', code: 'settings_unreadable', detail: 'CANARY' }, 500, {}],
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
		const told = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'acknowledge'));
		expect(rest).toEqual({ outcome: outcome.outcome, code, ...told });
		expect(message).toMatch(/^[A-Z].*[.?]$/);
		// Who can do something about it is told what; a signed body that is no event is Clerk's own doing.
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
	const accepted = (fields: Partial<Accepted>) =>
		answerTo({
			outcome: 'accepted',
			...EVENT,
			contactAction: null,
			noContact: null,
			events: [],
			tenantAction: null,
			outOfDate: [],
			acknowledge: 'onReceived',
			...fields,
		}).body;

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
			{ contactAction: 'upsert', events: ['one'], tenantAction: 'set' },
			'a contact to upsert, the event "one" and a tenant to set',
		],
		[
			{ contactAction: 'upsert', events: ['one', 'two'], tenantAction: 'set' },
			'a contact to upsert, the event "one", the event "two" and a tenant to set',
		],
	])('%j', (fields, parts) => {
		const { contactAction = null, events = [], tenantAction = null } = fields;
		expect(accepted(fields)).toEqual({
			outcome: 'accepted',
			code: 'accepted',
			message: `The workflow received ${parts}.`,
			...EVENT,
			contactAction,
			noContact: null,
			events,
			tenantAction,
		});
	});

	test('E3: where it waited for the workflow, it says that this has succeeded', () => {
		expect(accepted({ contactAction: 'upsert', acknowledge: 'lastNode' }).message).toBe(
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
		expect(accepted({ noContact, events: ['user.created'] })).toMatchObject({
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
