import { fixture, SECRET } from '../support/deliveries';
import { N8n, outputsOf } from '../support/n8n';
import { activeTrigger, deliver, triggerWorkflow } from '../support/triggerWorkflow';

declare const n8nVersion: string;

jest.setTimeout(120_000);

const user = fixture('edge.user.updated.several_emails_primary_second').envelope;
const membership = fixture('openapi.organizationMembership.created').envelope;
const deleted = fixture('edge.user.deleted.minimal').envelope;

let n8n: N8n;
let credential: { id: string; name: string };

beforeAll(async () => {
	n8n = await (await N8n.start({ version: n8nVersion })).setUp();
	credential = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
});

afterAll(async () => await n8n?.stop());

type Row = Record<string, unknown>;

/** What a trigger with these parameters answers to a delivery, and what it puts out. */
async function received(parameters: Record<string, unknown>, body: object, outputs = 1, id?: string) {
	const trigger = await activeTrigger(n8n, credential, { events: ['*'], ...parameters }, outputs);
	const answer = await deliver(trigger.url, body, id === undefined ? {} : { id });
	if (answer.body['outcome'] !== 'accepted') return { answer: answer.body, put: [] };
	const [execution] = await n8n.untilExecutions(trigger.workflowId, 1);
	return { answer: answer.body, put: outputsOf(execution, 'Clerk Trigger') };
}

const mapped = (...mapping: Row[]) => ({ mapping });

describe('mappings', () => {
	test('C1, C2, C3, B6, B7: an event gets a name, a second event, a group and lists, and the answer says what came out', async () => {
		const mappings = mapped(
			{ events: ['*'], userGroup: 'Everyone' },
			{
				events: ['user.updated'],
				eventName: 'clerkUserChanged',
				additionalEventName: 'profileTouched',
				joinLists: 'list_a, list_b',
				leaveLists: 'list_c',
			},
			{ events: ['user.updated'], userGroup: 'Customers' },
			{ events: ['user.updated'], userGroup: 'Nobody', active: false },
		);
		const { answer, put } = await received({ output: 'split', mappings }, user, 3, 'msg_mapped');
		expect(put).toEqual([
			[
				expect.objectContaining({
					action: 'upsert',
					userGroup: 'Customers',
					mailingList_list_a: true,
					mailingList_list_b: true,
					mailingList_list_c: false,
				}),
			],
			[
				expect.objectContaining({ name: 'clerkUserChanged', type: 'user.updated', id: 'msg_mapped' }),
				expect.objectContaining({ name: 'profileTouched', type: 'user.updated', id: 'msg_mapped.additional' }),
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

	test('C2: in one item, the additional event is an item of its own without the contact', async () => {
		const { put } = await received({ mappings: mapped({ events: ['user.updated'], additionalEventName: 'second' }) }, user);
		expect(put).toEqual([
			[
				{
					contact: expect.objectContaining({ action: 'upsert' }),
					event: expect.objectContaining({ name: 'user.updated' }),
					tenant: null,
				},
				{ contact: null, event: expect.objectContaining({ name: 'second' }), tenant: null },
			],
		]);
	});

	test('C3, C7: a membership gives a contact of what it knows, no event and no tenant, if so mapped', async () => {
		const mappings = mapped({ events: [membership.type], contactAction: 'upsert', event: 'none', tenantAction: 'none' });
		const { answer, put } = await received({ mappings }, membership);
		expect(put).toEqual([
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
		]);
		expect(answer).toMatchObject({ contactAction: 'upsert', events: [], tenantAction: null });
	});

	test('C3: an event that is mapped to nothing is answered with the reason and runs nothing', async () => {
		const { answer } = await received(
			{ mappings: mapped({ events: ['user.updated'], contactAction: 'none', event: 'none' }) },
			user,
		);
		expect(answer).toMatchObject({
			outcome: 'ignored',
			code: 'nothing_for_output',
			message: expect.stringContaining('the Clerk Trigger node is set to give none'),
		});
	});

	test('names that look like expressions arrive as plain text', async () => {
		const { put } = await received(
			{ mappings: mapped({ otherEvents: 'other.event', eventName: 'other' }) },
			{ ...user, type: '={{ 1 + 1 }}' },
		);
		expect(put).toEqual([[expect.objectContaining({ event: expect.objectContaining({ name: '={{ 1 + 1 }}' }) })]]);
	});
});

describe('contacts', () => {
	test.each([
		['delete', undefined],
		['unsubscribe', false],
	])('B5: a deleted user is %s', async (deletedUsers, subscribed) => {
		const { put } = await received({ output: 'contacts', options: { deletedUsers } }, deleted);
		expect(put).toEqual([[expect.objectContaining({ action: deletedUsers, userId: deleted.data['id'] })]]);
		expect(put[0]?.[0]?.['subscribed']).toBe(subscribed);
	});

	test('B5: a deleted user gives no contact, if so chosen', async () => {
		const { answer, put } = await received({ options: { deletedUsers: 'none' } }, deleted);
		expect(put).toEqual([[{ contact: null, event: expect.objectContaining({ type: 'user.deleted' }), tenant: null }]]);
		expect(answer).toMatchObject({ contactAction: null, noContact: 'set_to_none' });
	});

	test.each(['banned', 'locked', 'deprovisioned'])('B12: a %s user is unsubscribed, if so chosen', async (flag) => {
		const body = { ...user, data: { ...user.data, [flag]: true } };
		const { put } = await received({ output: 'contacts', options: { shutOutUsers: 'unsubscribe' } }, body);
		expect(put).toEqual([[expect.objectContaining({ action: 'unsubscribe', subscribed: false, [flag]: true })]]);
	});

	test('B11: an address that is not verified counts as none, if so chosen', async () => {
		const unverified = fixture('edge.user.created.primary_unverified').envelope;
		const usual = await received({ output: 'contacts' }, unverified);
		expect(usual.put).toEqual([[expect.objectContaining({ email: 'person@example.com', emailVerified: false })]]);
		const strict = await received({ output: 'contacts', options: { onlyVerified: true } }, unverified);
		expect(strict.put).toEqual([[expect.objectContaining({ email: 'second@example.com', emailVerified: true })]]);
	});

	test('B9: a waitlist entry is a contact by its address, without a user id', async () => {
		const { put } = await received({ output: 'contacts' }, fixture('openapi.waitlistEntry.created').envelope);
		expect(put).toEqual([
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
		]);
	});

	test('B10, B13: custom fields come from paths, and keys in snake_case if so chosen', async () => {
		const body = {
			...user,
			data: { ...user.data, public_metadata: { plan: 'pro', seats: 3, tags: ['a'] }, private_metadata: { crm: 'CANARY' } },
		};
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
		const { put } = await received({ options }, body);
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

	test('B10: a custom field with the name of a fixed one is refused at activation, with a sentence', async () => {
		const customContactFields = { field: [{ name: 'user_id', path: 'data.id' }] };
		const workflowId = await n8n.createWorkflow(triggerWorkflow({ options: { customContactFields } }, credential));
		expect(await n8n.activationError(workflowId)).toContain('is already taken by a built-in field. Choose another one.');
	});
});

test.each([
	['type', 'organizationMembership.created'],
	['title', 'Organization Membership Created'],
	['camel', 'organizationMembershipCreated'],
	['snake', 'organization_membership_created'],
	['prefixed', 'clerk/organizationMembership.created'],
])('C1: events are named in the style %s', async (eventNameStyle, name) => {
	const { put } = await received({ output: 'events', options: { eventNameStyle } }, membership);
	expect(put).toEqual([[expect.objectContaining({ name, type: 'organizationMembership.created' })]]);
});

test('C5, C6: organizations are set and deleted, members subscribed and unsubscribed', async () => {
	const trigger = await activeTrigger(n8n, credential, { events: ['*'] });
	const bodies = [
		'organization.created',
		'organizationMembership.created',
		'organizationMembership.deleted',
		'organization.deleted',
	];
	for (const [index, name] of bodies.entries()) {
		await deliver(trigger.url, fixture(`openapi.${name}`).envelope);
		await n8n.untilExecutions(trigger.workflowId, index + 1);
	}
	const tenants = (await n8n.executions(trigger.workflowId)).map(
		(execution) => outputsOf(execution, 'End 0')[0]?.[0]?.['tenant'] as Row,
	);
	expect(tenants.map(({ action }) => action)).toEqual(['set', 'subscribe', 'unsubscribe', 'delete']);
	expect(tenants[1]).toMatchObject({
		organizationId: 'org_2g7np7Hrk0SN6kj5EDMLDaKNL0S',
		userId: 'user_2h8op3Isl1QR7tKu5FGNfaLKEoU',
		role: 'org:member',
	});
});
