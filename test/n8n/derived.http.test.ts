import { fixture, SECRET } from '../support/deliveries';
import { N8n, outputsOf } from '../support/n8n';
import { activeTrigger, deliver, triggerWorkflow } from '../support/triggerWorkflow';
import type { Trigger } from '../support/triggerWorkflow';
import { at, created, deleted, membership, organization, organizationDeleted, signedIn, updated } from '../support/clerkEvents';

declare const n8nVersion: string;

jest.setTimeout(180_000);

let n8n: N8n;
let credential: { id: string; name: string };

beforeAll(async () => {
	n8n = await (await N8n.start({ version: n8nVersion })).setUp();
	credential = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
});

afterAll(async () => await n8n?.stop());

type Json = Record<string, unknown>;

/** Delivers to a workflow of its own, and collects the output, one list for each delivery that starts an execution. */
async function received(
	parameters: Json,
	bodies: readonly object[],
	outputs = 1,
): Promise<{ codes: unknown[]; put: Json[][][] }> {
	const trigger: Trigger = await activeTrigger(n8n, credential, parameters, outputs);
	const codes: unknown[] = [];
	let accepted = 0;
	for (const [index, body] of bodies.entries()) {
		const { body: answer } = await deliver(trigger.url, body, { id: `msg_${index}` });
		codes.push(answer['code']);
		if (answer['outcome'] === 'accepted') accepted++;
	}
	const executions = await n8n.untilExecutions(trigger.workflowId, accepted);
	return { codes, put: executions.map((execution) => outputsOf(execution, 'Clerk Trigger') as Json[][]) };
}

const signedOut = (type: string, seconds: number) => ({ ...signedIn(seconds), type });

describe('C9: what the guide of HookFlo promises', () => {
	/** Its list, event by event: https://docs.hookflo.com/webhook-platforms/clerk */
	const PROMISED = [
		'user.created',
		'user.updated',
		'user.deleted',
		'user.locked',
		'session.created',
		'session.removed',
		'session.ended',
		'emailAddress.created',
		'emailAddress.verified',
		'phoneNumber.created',
		'phoneNumber.verified',
		'password.created',
		'password.reset',
		'organization.created',
		'organization.updated',
		'organization.deleted',
		'organizationMembership.created',
		'organizationMembership.deleted',
	];

	test('every one can be chosen by its own name, and is output once', async () => {
		const address = (id: string, seconds: number, verified: boolean) => ({
			id,
			email_address: `${id}@example.com`,
			created_at: at(seconds),
			updated_at: at(seconds),
			verification: { status: verified ? 'verified' : 'unverified', strategy: 'email_code' },
		});
		const number = (verified: boolean) => ({ ...address('idn_3', 40, verified), phone_number: '+12025550123' });
		const first = address('idn_1', 0, true);
		const plain = { locked: false, email_addresses: [first], phone_numbers: [] as object[] };
		const locked = { ...plain, locked: true };
		const added = { ...locked, email_addresses: [first, address('idn_2', 20, false)] };
		const verified = { ...locked, email_addresses: [first, { ...address('idn_2', 20, true), updated_at: at(30) }] };
		const called = { ...verified, phone_numbers: [number(false)] };
		const proved = { ...verified, phone_numbers: [number(true)] };
		const secret = { ...proved, password_enabled: true, password_last_updated_at: at(60) };
		const reset = { ...secret, password_last_updated_at: at(70) };
		const { codes, put } = await received({ events: PROMISED, output: 'events', options: { derivedOnly: true } }, [
			created(plain),
			updated(10, locked),
			updated(20, added),
			updated(30, verified),
			updated(40, called),
			updated(50, proved),
			updated(60, secret),
			updated(70, reset),
			updated(80, { ...reset, firstName: 'Janet' }),
			signedIn(90),
			signedOut('session.ended', 91),
			signedOut('session.removed', 92),
			organization('created', 93),
			organization('updated', 94),
			membership('created', 95),
			membership('deleted', 96),
			organizationDeleted(97),
			deleted(98),
		]);
		expect(codes).toEqual(codes.map(() => 'accepted'));
		const events = put.flat(2);
		expect(events.map(({ name }) => name).sort()).toEqual([...PROMISED].sort());
		expect(events.find(({ name }) => name === 'user.locked')).toMatchObject({
			id: 'msg_1.user.locked',
			type: 'user.updated',
			userId: 'user_1',
			changes: [{ name: 'user.locked', certainty: 'seen' }],
		});
		expect(events.find(({ name }) => name === 'user.updated')).toMatchObject({
			id: 'msg_8',
			changes: [{ name: 'user.nameChanged' }],
		});
	});

	test("Clerk's message and the change itself are one event; a message says its template, and never its content", async () => {
		const message = {
			...fixture('openapi.email.created').envelope,
			timestamp: at(11),
		};
		const about = { ...message, data: { ...message.data, slug: 'account_locked', user_id: 'user_1' } };
		const { codes, put } = await received({ events: ['email.created', 'user.locked'], output: 'events' }, [
			created({ locked: false }),
			about,
			updated(10, { locked: true }),
		]);
		expect(codes).toEqual(['no_chosen_change', 'accepted', 'no_chosen_change']);
		expect(put.flat(2)).toMatchObject([
			{ name: 'email.created', template: 'account_locked', deliveredByClerk: true },
			{ name: 'user.locked', id: 'msg_1.user.locked', changes: [{ name: 'user.locked', certainty: 'exact' }] },
		]);
		expect(JSON.stringify(put)).not.toContain('123456');
	});

	test('a workflow that fails gets the same change again', async () => {
		const parameters = { events: ['user.locked'], output: 'events', options: { acknowledge: 'lastNode' } };
		const workflow = triggerWorkflow(parameters, credential);
		const [, end] = workflow.nodes;
		Object.assign(end ?? {}, { type: 'n8n-nodes-base.stopAndError', parameters: { errorMessage: 'The store is down' } });
		const workflowId = await n8n.createWorkflow(workflow);
		const url = await n8n.activate(workflowId);
		expect((await deliver(url, created({ locked: false }))).body).toMatchObject({ code: 'no_chosen_change' });
		for (let attempt = 0; attempt < 2; attempt++) {
			const { body } = await deliver(url, updated(10, { locked: true }), { id: 'msg_again' });
			expect(body).toMatchObject({ outcome: 'failed' });
		}
		const executions = await n8n.untilExecutions(workflowId, 2);
		for (const execution of executions) {
			expect(outputsOf(execution, 'Clerk Trigger')).toMatchObject([[{ name: 'user.locked', id: 'msg_again.user.locked' }]]);
		}
	});
});

describe('C10: billing', () => {
	const mappings = { mapping: [{ events: ['*'], contactAction: 'upsert', tenantAction: 'set' }] };
	const trial = fixture('openapi.subscriptionItem.freeTrialEnding').envelope;
	const failed = fixture('openapi.paymentAttempt.updated').envelope;

	test('a plan is on the event and on the contact, and on the tenant where an organization pays', async () => {
		const payer = {
			...(trial.data['payer'] as object),
			user_id: '',
			email: '',
			organization_id: 'org_1',
			organization_name: 'Acme',
		};
		const { codes, put } = await received(
			{ events: ['subscriptionItem.freeTrialEnding'], output: 'split', mappings },
			[trial, { ...trial, data: { ...trial.data, payer } }],
			3,
		);
		expect(codes).toEqual(['accepted', 'accepted']);
		const worth = { plan: 'premium-trial', subscriptionStatus: 'active', trialEndsAt: '2024-06-28T08:00:00.000Z' };
		expect(put).toMatchObject([
			[
				[{ action: 'upsert', email: 'test@example.com', ...worth }],
				[{ plan: 'premium-trial', amount: 2999, currency: 'USD', payer: 'user' }],
				[],
			],
			[[], [{ organizationId: 'org_1', payer: 'organization' }], [{ action: 'set', organizationId: 'org_1', ...worth }]],
		]);
	});

	test('a payment that failed says why', async () => {
		const body = {
			...failed,
			data: { ...failed.data, status: 'failed', failed_reason: { code: 'card_declined', decline_code: 'x' } },
		};
		const { put } = await received({ events: ['paymentAttempt.updated'], output: 'events' }, [body]);
		expect(put.flat(2)).toMatchObject([{ status: 'failed', failureReason: 'card_declined', amount: 2200, plan: 'pro-plan' }]);
	});
});
