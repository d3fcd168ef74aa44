import { setTimeout as wait } from 'node:timers/promises';

import { SECRET } from '../support/deliveries';
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
import { N8n, outputsOf } from '../support/n8n';
import type { WorkflowNode } from '../support/n8n';
import { activeTrigger, deliver, triggerWorkflow } from '../support/triggerWorkflow';
import type { Answer } from '../support/triggerWorkflow';

declare const n8nVersion: string;

jest.setTimeout(180_000);

/** What arrives late, in a real n8n: what Clerk is told, and what goes into the workflow. */

let n8n: N8n;
let credential: { id: string; name: string };

beforeAll(async () => {
	n8n = await (await N8n.start({ version: n8nVersion })).setUp();
	credential = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
});

afterAll(async () => await n8n?.stop());

type Item = Record<string, unknown>;

const told = ({ status, body }: Answer) => `${status} ${String(body['code'])}`;

/** The outputs of the executions so far, the last one last. */
async function putOut(workflowId: string, count: number): Promise<Item[][][]> {
	const executions = await n8n.untilExecutions(workflowId, count);
	return executions
		.sort((one, other) => Number(one.id) - Number(other.id))
		.map((execution) => outputsOf(execution, 'Clerk Trigger') as Item[][]);
}

/** What came out, in short: the fields of a contact that are at stake, events by name, tenants by action. */
function inShort(items: readonly Item[]): string[] {
	return items.flatMap((item) => {
		const records = 'tenant' in item ? [item['contact'], item['event'], item['tenant']] : [item];
		return records.flatMap((record) => {
			if (record === null || typeof record !== 'object') return [];
			const {
				action,
				name,
				email,
				type,
				userGroup,
				organizationId,
				plan,
				mailingList_l1,
				mailingList_l2,
				signUpMethod,
				timezone,
			} = record as Item;
			if (type !== undefined) return [`event ${String(name)}`];
			if (organizationId !== undefined) return [`${String(action)} tenant`];
			const fields = {
				email,
				userGroup,
				plan,
				joins: mailingList_l1,
				leaves: mailingList_l2,
				signUpMethod,
				timezone: timezone || undefined,
			};
			const there = Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${value as string}`]));
			return [[action, 'contact', ...there].join(' ')];
		});
	});
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
			'custom contact fields',
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
		const { workflowId, url } = await activeTrigger(n8n, credential, { events: ['*'], ...parameters, options });
		const answers: string[] = [];
		for (const [body] of steps) answers.push(told(await deliver(url, body)));
		expect(answers).toEqual(steps.map(([, answer]) => answer));
		const accepted = steps.filter(([, answer]) => answer === '200 accepted');
		const outputs = await putOut(workflowId, accepted.length);
		expect(outputs.map((lists) => inShort(lists.flat()))).toEqual(accepted.map(([, , ...expected]) => expected));
	});
});

describe('E2: two states of one user at once', () => {
	const slow: Partial<WorkflowNode> = {
		type: 'n8n-nodes-base.wait',
		typeVersion: 1.1,
		parameters: { amount: 3, unit: 'seconds' },
		webhookId: 'slow-late-http',
	};

	test('where the workflow must succeed, a newer one and the deletion wait; a late sign-up does not', async () => {
		const workflow = triggerWorkflow({ events: ['*'], options: { acknowledge: 'lastNode' } }, credential, 1);
		const [trigger, end] = workflow.nodes;
		if (!trigger || !end) throw new Error('The workflow has too few nodes');
		workflow.nodes = [trigger, { ...end, ...slow }];
		const workflowId = await n8n.createWorkflow(workflow);
		const url = await n8n.activate(workflowId);

		const running = deliver(url, updated(5), { id: 'msg_slow' });
		await wait(1000);
		expect(told(await deliver(url, updated(5), { id: 'msg_slow' }))).toBe('409 same_in_flight');
		expect(told(await deliver(url, updated(6), { id: 'msg_newer' }))).toBe('409 older_in_flight');
		expect(told(await deliver(url, deleted(9), { id: 'msg_deleted' }))).toBe('409 older_in_flight');
		expect(told(await deliver(url, created(), { id: 'msg_signup' }))).toBe('200 accepted');
		expect(told(await running)).toBe('200 accepted');
		expect(told(await deliver(url, updated(6), { id: 'msg_newer' }))).toBe('200 accepted');
		expect(told(await deliver(url, deleted(9), { id: 'msg_deleted' }))).toBe('200 accepted');
	});
});

describe('B14: a custom field', () => {
	test.each([
		['public_metadata.plan', 'data.public_metadata.plan'],
		['email_addresses[0].email_address', 'data.email_addresses[0].email_address'],
	])('whose path %s leads nowhere is refused at activation, with the right spelling', async (path, right) => {
		const options = { customContactFields: { field: [{ name: 'plan', path }] } };
		const workflowId = await n8n.createWorkflow(triggerWorkflow({ options }, credential));
		expect(await n8n.activationError(workflowId)).toContain(`Write it as ${right}.`);
	});
});
