import { fixture } from '../support/deliveries';
import { outputsOf } from '../support/n8n';
import { deliver } from '../support/triggerWorkflow';
import { useN8n } from '../support/useN8n';

jest.setTimeout(120_000);

const user = fixture('edge.user.updated.several_emails_primary_second').envelope;
const membership = fixture('openapi.organizationMembership.created').envelope;
const deleted = fixture('edge.user.deleted.minimal').envelope;
const unverified = fixture('edge.user.created.primary_unverified').envelope;

const host = useN8n();

type Row = Record<string, unknown>;

/** What a trigger with these parameters answers to a delivery, and what it puts out. */
async function received(parameters: Row, body: object, outputs = 1, id?: string) {
	const trigger = await host.trigger({ events: ['*'], ...parameters }, outputs);
	const answer = await deliver(trigger.url, body, id === undefined ? {} : { id });
	if (answer.body['outcome'] !== 'accepted') return { answer: answer.body, put: [] };
	const [execution] = await host.n8n.untilExecutions(trigger.workflowId, 1);
	return { answer: answer.body, put: outputsOf(execution, 'Clerk Trigger') };
}

const mapped = (...mapping: Row[]) => ({ mappings: { mapping } });
const contacts = (options: Row): Row => ({ output: 'contacts', options });
const like = (record: Row): unknown => expect.objectContaining(record);

test.each<[string, Row, object, unknown[], Row?]>([
	[
		'C2: in one item, the additional event is an item of its own without the contact',
		mapped({ events: ['user.updated'], additionalEventName: 'second' }),
		user,
		[
			{ contact: like({ action: 'upsert' }), event: like({ name: 'user.updated' }), tenant: null },
			{ contact: null, event: like({ name: 'second' }), tenant: null },
		],
	],
	[
		'C3, C7: a membership gives a contact of what it knows, no event and no tenant, if so mapped',
		mapped({ events: [membership.type], contactAction: 'upsert', event: 'none', tenantAction: 'none' }),
		membership,
		[
			{
				contact: {
					action: 'upsert',
					userId: 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU',
					email: 'jane.doe@acme.com',
					firstName: 'Jane',
					lastName: 'Doe',
					name: 'Jane Doe',
					avatarUrl: 'https://img.clerk.com/yyyyy',
					testUser: false,
					source: 'Clerk webhook',
					instanceId: membership['instance_id'],
				},
				event: null,
				tenant: null,
			},
		],
		{ contactAction: 'upsert', events: [], tenantAction: null },
	],
	[
		'names that look like expressions arrive as plain text',
		mapped({ otherEvents: 'other.event', eventName: 'other' }),
		{ ...user, type: '={{ 1 + 1 }}' },
		[like({ event: like({ name: '={{ 1 + 1 }}' }) })],
	],
	[
		'B5: a deleted user is deleted',
		contacts({ deletedUsers: 'delete' }),
		deleted,
		[like({ action: 'delete', userId: deleted.data['id'] })],
	],
	[
		'B5: a deleted user is unsubscribed',
		contacts({ deletedUsers: 'unsubscribe' }),
		deleted,
		[like({ action: 'unsubscribe', userId: deleted.data['id'], subscribed: false })],
	],
	[
		'B5: a deleted user gives no contact, if so chosen',
		{ options: { deletedUsers: 'none' } },
		deleted,
		[{ contact: null, event: like({ type: 'user.deleted' }), tenant: null }],
		{ contactAction: null, noContact: 'set_to_none' },
	],
	...['banned', 'locked', 'deprovisioned'].map((flag): [string, Row, object, unknown[]] => [
		`B12: a ${flag} user is unsubscribed, if so chosen`,
		contacts({ shutOutUsers: 'unsubscribe' }),
		{ ...user, data: { ...user.data, [flag]: true } },
		[like({ action: 'unsubscribe', subscribed: false, [flag]: true })],
	]),
	[
		'B11: an address that is not verified counts',
		contacts({}),
		unverified,
		[like({ email: 'person@example.com', emailVerified: false })],
	],
	[
		'B11: an address that is not verified counts as none, if so chosen',
		contacts({ onlyVerified: true }),
		unverified,
		[like({ email: 'second@example.com', emailVerified: true })],
	],
	[
		'B9: a waitlist entry is a contact by its address, without a user id',
		contacts({}),
		fixture('openapi.waitlistEntry.created').envelope,
		[
			{
				action: 'upsert',
				email: 'john.doe@example.com',
				testUser: false,
				source: 'Clerk webhook',
				instanceId: expect.any(String),
				waitlistStatus: 'pending',
			},
		],
	],
	...Object.entries({
		type: 'organizationMembership.created',
		title: 'Organization Membership Created',
		camel: 'organizationMembershipCreated',
		snake: 'organization_membership_created',
		prefixed: 'clerk/organizationMembership.created',
	}).map(([eventNameStyle, name]): [string, Row, object, unknown[]] => [
		`C1: events are named in the style ${eventNameStyle}`,
		{ output: 'events', options: { eventNameStyle } },
		membership,
		[like({ name, type: 'organizationMembership.created' })],
	]),
])('%s', async (_, parameters, body, items, said = {}) => {
	const { answer, put } = await received(parameters, body);
	expect(put).toEqual([items]);
	expect(answer).toMatchObject(said);
	// Of somebody who is deleted, nothing is said of a subscription.
	if (put[0]?.[0]?.['action'] === 'delete') expect(put[0][0]).not.toHaveProperty('subscribed');
});

test('C1, C2, C3, B6, B7: an event gets a name, a second event, a group and lists, and the answer says what came out', async () => {
	const changed = {
		events: ['user.updated'],
		eventName: 'clerkUserChanged',
		additionalEventName: 'profileTouched',
		joinLists: 'list_a, list_b',
		leaveLists: 'list_c',
	};
	const mappings = mapped(
		{ events: ['*'], userGroup: 'Everyone' },
		changed,
		{ events: ['user.updated'], userGroup: 'Customers' },
		{ events: ['user.updated'], userGroup: 'Nobody', active: false },
	);
	const { answer, put } = await received({ output: 'split', ...mappings }, user, 3, 'msg_mapped');
	const lists = { mailingList_list_a: true, mailingList_list_b: true, mailingList_list_c: false };
	expect(put).toEqual([
		[like({ action: 'upsert', userGroup: 'Customers', ...lists })],
		[
			like({ name: 'clerkUserChanged', type: 'user.updated', id: 'msg_mapped' }),
			like({ name: 'profileTouched', type: 'user.updated', id: 'msg_mapped.additional' }),
		],
		[],
	]);
	expect(answer).toMatchObject({
		message: 'The workflow received a contact to upsert, the event "clerkUserChanged" and the event "profileTouched".',
		contactAction: 'upsert',
		noContact: null,
		events: ['clerkUserChanged', 'profileTouched'],
		tenantAction: null,
	});
});

test('C3: an event that is mapped to nothing is answered with the reason and runs nothing', async () => {
	const { answer } = await received(mapped({ events: ['user.updated'], contactAction: 'none', event: 'none' }), user);
	const message = expect.stringContaining('the Clerk Trigger node is set to give none');
	expect(answer).toMatchObject({ outcome: 'ignored', code: 'nothing_for_output', message });
});

test('B10, B13: custom fields come from paths, and keys in snake_case if so chosen', async () => {
	const metadata = { public_metadata: { plan: 'pro', seats: 3, tags: ['a'] }, private_metadata: { crm: 'CANARY' } };
	const options = {
		keyStyle: 'snake',
		customContactFields: {
			field: [
				{ name: 'Plan', path: 'data.public_metadata.plan' },
				{ name: 'firstAddress', path: 'data.email_addresses[0].email_address' },
				{ name: 'tags', path: 'data.public_metadata.tags' },
				{ name: 'nowhere', path: 'data.public_metadata.none.at[3].all' },
			],
		},
		customEventProperties: { field: [{ name: 'seats', path: 'data.public_metadata.seats' }] },
	};
	const { put } = await received({ options }, { ...user, data: { ...user.data, ...metadata } });
	const [[item] = []] = put;
	const { contact, event } = item as { contact: Row; event: Row };
	expect(contact).toMatchObject({
		user_id: user.data['id'],
		email: 'new@example.com',
		Plan: 'pro',
		firstAddress: 'old@example.com',
		tags: '["a"]',
		nowhere: null,
	});
	expect(event).toMatchObject({ user_id: user.data['id'], occurred_at: expect.any(String), seats: 3 });
	expect(Object.keys({ ...contact, ...event }).filter((key) => /[A-Z]/.test(key))).toEqual(['Plan', 'firstAddress']);
	expect(JSON.stringify(put)).not.toContain('CANARY');
});

test('C5, C6: organizations are set and deleted, members subscribed and unsubscribed', async () => {
	const trigger = await host.trigger({ events: ['*'] });
	const events = [
		'organization.created',
		'organizationMembership.created',
		'organizationMembership.deleted',
		'organization.deleted',
	];
	for (const [index, name] of events.entries()) {
		await deliver(trigger.url, fixture(`openapi.${name}`).envelope);
		await host.n8n.untilEnded(trigger.workflowId, index + 1);
	}
	const executions = await host.n8n.untilExecutions(trigger.workflowId, events.length);
	const organizationId = 'org_2g7np7Hrk0SN6kj5EDMLDaKNL0S';
	const member = { organizationId, userId: 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU', role: 'org:member' };
	expect(executions.map((execution) => outputsOf(execution, 'End 0')[0]?.[0]?.['tenant'])).toEqual([
		like({ action: 'set' }),
		like({ action: 'subscribe', ...member }),
		like({ action: 'unsubscribe' }),
		like({ action: 'delete' }),
	]);
});
