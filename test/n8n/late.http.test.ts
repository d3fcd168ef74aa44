import { setTimeout as wait } from 'node:timers/promises';

import {
	at,
	created,
	deleted,
	invitationAccepted,
	mappings,
	membership,
	organization,
	organizationDeleted,
	signedIn,
	updated,
	waitlistEntry,
} from '../support/clerkEvents';
import { outputsOf } from '../support/n8n';
import { deliver } from '../support/triggerWorkflow';
import type { Answer } from '../support/triggerWorkflow';
import { useN8n, waitFor } from '../support/useN8n';

jest.setTimeout(180_000);

/** What arrives late, in a real n8n: how Clerk is answered, and what goes into the workflow. */

const host = useN8n();

type Item = Record<string, unknown>;

const inWords = ({ status, body }: Answer) => `${status} ${String(body['code'])}`;

/** What came out, in short: the fields of a contact that are at stake, events by name, tenants by action. */
function inShort(items: readonly Item[]): string[] {
	const records = items.flatMap((item) => ('tenant' in item ? [item['contact'], item['event'], item['tenant']] : [item]));
	return records.flatMap((record) => (record === null ? [] : [recordInShort(record as Item)]));
}

function recordInShort(record: Item): string {
	const { action, name, type, organizationId, email, userGroup, plan, mailingList_l1, mailingList_l2, signUpMethod } = record;
	if (type !== undefined) return `event ${String(name)}`;
	if (organizationId !== undefined) return `${String(action)} tenant`;
	const timezone = record['timezone'] || undefined;
	const fields = { email, userGroup, plan, joins: mailingList_l1, leaves: mailingList_l2, signUpMethod, timezone };
	const there = Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${value as string}`]));
	return [action, 'contact', ...there].join(' ');
}

const GROUPED = mappings({ events: ['user.created'], userGroup: 'New', additionalEventName: 'welcome' });
const PLAN = { customContactFields: { field: [{ name: 'plan', path: 'data.public_metadata.plan' }] } };
const JANE = 'jane@example.com';

describe.each(['onReceived', 'lastNode'])('E2, E5: what arrives late (Acknowledge: %s)', (acknowledge) => {
	const WHOLE = `upsert contact email ${JANE}`;

	test.each<[string, Item, ReadonlyArray<[object, string, ...string[]]>]>([
		[
			'a sign-up, in one item',
			GROUPED,
			[
				[updated(5), '200 accepted', WHOLE, 'event user.updated'],
				[created(), '200 accepted', 'upsert contact userGroup New', 'event user.created', 'event welcome'],
				[updated(4), '200 stale'],
				[updated(6), '200 accepted', WHOLE, 'event user.updated'],
			],
		],
		[
			'a sign-up, contacts only',
			{ ...GROUPED, output: 'contacts' },
			[
				[updated(5), '200 accepted', WHOLE],
				[created(), '200 accepted', 'upsert contact userGroup New'],
			],
		],
		[
			'a sign-up, events only',
			{ ...GROUPED, output: 'events' },
			[
				[updated(5), '200 accepted', 'event user.updated'],
				[created(), '200 accepted', 'event user.created', 'event welcome'],
				[updated(4), '200 accepted', 'event user.updated'],
			],
		],
		[
			'what comes after a deletion',
			GROUPED,
			[
				[deleted(9), '200 accepted', 'delete contact', 'event user.deleted'],
				[created(), '200 stale'],
				[updated(4), '200 stale'],
				[signedIn(4), '200 accepted', 'event session.created'],
			],
		],
		[
			'what was ignored',
			{},
			[
				[updated(5, { email: null }), '200 contact_without_email'],
				[updated(4), '200 stale'],
				[created(), '200 accepted', 'upsert contact', 'event user.created'],
			],
		],
		[
			'a session that is a contact',
			mappings({ events: ['session.created'], contactAction: 'upsert' }),
			[
				[updated(5), '200 accepted', WHOLE, 'event user.updated'],
				[signedIn(4), '200 accepted', 'event session.created'],
				[signedIn(7), '200 accepted', WHOLE, 'event session.created'],
				[updated(6), '200 stale'],
			],
		],
		[
			'organizations and members',
			{},
			[
				[organization('updated', 5), '200 accepted', 'event organization.updated', 'set tenant'],
				[organization('created', 0), '200 accepted', 'event organization.created'],
				[membership('deleted', 5), '200 accepted', 'event organizationMembership.deleted', 'unsubscribe tenant'],
				[membership('created', 0), '200 stale'],
				[
					membership('created', 7, { id: 'orgmem_2', since: 7 }),
					'200 accepted',
					'event organizationMembership.created',
					'subscribe tenant',
				],
				[organizationDeleted(9), '200 accepted', 'event organization.deleted', 'delete tenant'],
				[organization('updated', 6), '200 stale'],
			],
		],
		[
			'the waitlist',
			{ output: 'contacts' },
			[
				[waitlistEntry('updated', 5, 'rejected'), '200 accepted', `unsubscribe contact email ${JANE}`],
				[waitlistEntry('updated', 4, 'invited'), '200 stale'],
			],
		],
		[
			'a removed address',
			{},
			[
				[created(), '200 accepted', `${WHOLE} signUpMethod email_code`, 'event user.created'],
				[updated(5, { email: null }), '200 accepted', 'upsert contact email null', 'event user.updated'],
			],
		],
		[
			'B14: custom contact fields',
			{ ...mappings({ events: ['session.created'], contactAction: 'upsert' }), options: PLAN, output: 'contacts' },
			[
				[invitationAccepted(1, { plan: 'of the invitation' }), '200 accepted', `upsert contact email ${JANE}`],
				[created(), '200 accepted', `upsert contact email ${JANE} plan pro signUpMethod email_code`],
				[signedIn(7), '200 accepted', `upsert contact email ${JANE} plan pro`],
			],
		],
		[
			'a custom contact field whose name has a space',
			{
				options: { customContactFields: { field: [{ name: 'plan', path: 'user.public_metadata["my plan"]' }] } },
				output: 'contacts',
			},
			[
				[
					updated(5, { public_metadata: { 'my plan': 'pro' }, timezone: 'Europe/Berlin' }),
					'200 accepted',
					`upsert contact email ${JANE} plan pro timezone Europe/Berlin`,
				],
			],
		],
		[
			'mailing lists of who is unsubscribed',
			{
				...mappings({ events: ['*'], joinLists: 'l1', leaveLists: 'l2' }),
				options: { deletedUsers: 'unsubscribe' },
				output: 'contacts',
			},
			[
				[updated(5), '200 accepted', `upsert contact email ${JANE} joins true leaves false`],
				[deleted(9), '200 accepted', 'unsubscribe contact leaves false'],
			],
		],
		[
			'how somebody signed up, after an account was unlinked',
			{ output: 'contacts' },
			[
				[
					created({ external_accounts: [{ provider: 'oauth_google', created_at: at(0) }] }),
					'200 accepted',
					`upsert contact email ${JANE} signUpMethod google`,
				],
				[
					updated(60, { password_enabled: true, password_last_updated_at: at(60) }),
					'200 accepted',
					`upsert contact email ${JANE}`,
				],
			],
		],
	])('%s', async (_, parameters, steps) => {
		const options = { ...(parameters['options'] as object), acknowledge };
		const { workflowId, url } = await host.trigger({ events: ['*'], ...parameters, options });
		const answers: string[] = [];
		for (const [body] of steps) answers.push(inWords(await deliver(url, body)));
		expect(answers).toEqual(steps.map(([, answer]) => answer));
		const accepted = steps.filter(([, answer]) => answer === '200 accepted');
		const executions = await host.n8n.untilExecutions(workflowId, accepted.length);
		const putOut = executions.map((execution) => inShort(outputsOf(execution, 'Clerk Trigger').flat()));
		expect(putOut).toEqual(accepted.map(([, , ...expected]) => expected));
	});
});

test('E2: where the workflow must succeed, a newer state of a user and the deletion wait; a late sign-up does not', async () => {
	const { url } = await host.triggerBefore(waitFor(3), { events: ['*'], options: { acknowledge: 'lastNode' } });
	const running = deliver(url, updated(5), { id: 'msg_slow' });
	await wait(1000);
	const after = async (body: object, id: string) => inWords(await deliver(url, body, { id }));
	expect(await after(updated(5), 'msg_slow')).toBe('409 same_in_flight');
	expect(await after(updated(6), 'msg_newer')).toBe('409 older_in_flight');
	expect(await after(deleted(9), 'msg_deleted')).toBe('409 older_in_flight');
	expect(await after(created(), 'msg_signup')).toBe('200 accepted');
	expect(inWords(await running)).toBe('200 accepted');
	expect(await after(updated(6), 'msg_newer')).toBe('200 accepted');
	expect(await after(deleted(9), 'msg_deleted')).toBe('200 accepted');
});
