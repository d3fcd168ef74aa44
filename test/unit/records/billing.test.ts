import type { ClerkObject } from '../../../nodes/Clerk/events/payload';
import { subscriptionFacts } from '../../../nodes/Clerk/records/billing';
import { fixture, fixtures } from '../../support/deliveries';
import { mapping, outputOf, recordsOf, custom } from '../../support/output';
import { PublishedTrigger } from '../../support/publishedTrigger';
import { NOW } from '../../support/deliveries';
import { mappings } from '../../support/clerkEvents';
import { stopClock } from '../../support/stoppedClock';

type Body = { type: string; data: Record<string, unknown> };

/** A fixture with other fields in its data. */
function billed(name: string, data: Record<string, unknown> = {}): Body {
	const { envelope } = fixture(name);
	return { ...envelope, data: { ...envelope.data, ...data } };
}

const BY_ORGANIZATION = {
	payer: {
		object: 'commerce_payer',
		id: 'cpayer_1',
		user_id: '',
		first_name: '',
		last_name: '',
		email: '',
		organization_id: 'org_1',
		organization_name: 'Acme',
		image_url: '',
	},
};

describe('C10: an event about money says what it is worth', () => {
	test.each([
		[
			'openapi.subscription.created',
			{
				plan: 'pro-plan',
				planName: 'Pro Plan',
				status: 'active',
				periodEndsAt: '2024-06-28T08:00:00.000Z',
				trialEndsAt: null,
				amount: 2000,
				currency: 'USD',
				failureReason: null,
				payer: 'user',
				seats: 5,
			},
		],
		['openapi.subscription.pastDue', { plan: 'pro-plan', status: 'past_due', seats: null }],
		[
			'openapi.subscriptionItem.freeTrialEnding',
			{ plan: 'premium-trial', status: 'active', trialEndsAt: '2024-06-28T08:00:00.000Z', amount: 2999 },
		],
		['openapi.subscriptionItem.active', { plan: 'free-plan', periodEndsAt: null, amount: 0, seats: 5 }],
		['openapi.subscriptionItem.ended', { plan: 'pro-plan', status: 'ended' }],
		[
			'openapi.paymentAttempt.updated',
			{ plan: 'pro-plan', status: 'paid', amount: 2200, currency: 'USD', failureReason: null, payer: 'user' },
		],
	])('%s', (name, expected) => {
		expect(recordsOf(fixture(name).envelope).events).toMatchObject([expected]);
	});

	test('a payment that failed says why', () => {
		const failed = billed('openapi.paymentAttempt.updated', {
			status: 'failed',
			failed_reason: { code: 'card_declined', decline_code: 'do_not_honor' },
		});
		expect(recordsOf(failed).events).toMatchObject([{ status: 'failed', failureReason: 'card_declined' }]);
	});

	test('an organization that pays is the payer', () => {
		const [event] = recordsOf(billed('openapi.subscription.active', BY_ORGANIZATION)).events;
		expect(event).toMatchObject({ payer: 'organization', organizationId: 'org_1', userId: null, email: null });
	});

	test('of several plans in a subscription it is the one in use', () => {
		const item = (slug: string, status: string) => ({ status, plan: { slug, name: slug, amount: 1, currency: 'USD' } });
		const items = [item('old', 'ended'), item('next', 'upcoming'), item('late', 'past_due'), item('now', 'active')];
		expect(recordsOf(billed('openapi.subscription.updated', { items })).events).toMatchObject([{ plan: 'now' }]);
		expect(recordsOf(billed('openapi.subscription.updated', { items: items.slice(0, 3) })).events).toMatchObject([
			{ plan: 'late' },
		]);
		expect(recordsOf(billed('openapi.subscription.updated', { items: items.slice(0, 1) })).events).toMatchObject([
			{ plan: 'old' },
		]);
	});

	test.each(fixtures.filter(({ envelope }) => /^(subscription|payment)/.test(envelope.type)))(
		'$name: whatever Clerk leaves out is null',
		({ envelope }) => {
			const { payer } = envelope.data;
			for (const data of [{ payer }, { payer, items: [null, 7], plan: 'pro', totals: [], seats: 5, status: 7 }]) {
				const [event] = recordsOf({ ...envelope, data }).events;
				expect(event).toMatchObject({
					plan: null,
					planName: null,
					status: null,
					periodEndsAt: null,
					trialEndsAt: null,
					amount: null,
					currency: null,
					failureReason: null,
					seats: null,
				});
			}
		},
	);

	test('a property of the builder that had one of these names keeps it', () => {
		const customEventProperties = custom({ plan: 'data.id' });
		for (const keyStyle of ['camel', 'snake'] as const) {
			const settings = { output: 'events', customEventProperties, keyStyle } as const;
			const [event] = outputOf(fixture('openapi.subscription.active').envelope, settings).items[0] ?? [];
			expect(event).toMatchObject({ plan: 'csub_2g7np7Hrk0SN6kj5EDMLDaKNL0S', status: 'active' });
		}
	});
});

describe('C10: the plan reaches the contact or the tenant that pays, where a mapping asks for it', () => {
	const asked = { mappings: [mapping('all', { contact: 'upsert', noTenant: false })] };

	test('without a mapping there is neither', () => {
		expect(recordsOf(fixture('openapi.subscription.active').envelope)).toMatchObject({ contact: null, tenant: null });
		expect(recordsOf(billed('openapi.subscription.active', BY_ORGANIZATION))).toMatchObject({ contact: null, tenant: null });
	});

	test('a user who pays', () => {
		const { contact, tenant } = recordsOf(fixture('openapi.subscription.active').envelope, asked);
		expect(tenant).toBeNull();
		expect(contact).toEqual({
			action: 'upsert',
			userId: 'user_34D368EufHwugfYh4yyGNEheM0S',
			email: 'test@example.com',
			firstName: 'Test',
			lastName: 'User',
			name: 'Test User',
			avatarUrl: 'https://img.clerk.com/xxxxxx',
			testUser: false,
			source: 'Clerk webhook',
			instanceId: 'ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S',
			plan: 'pro-plan',
			subscriptionStatus: 'active',
			trialEndsAt: null,
		});
	});

	test('an organization that pays', () => {
		const { contact, tenant } = recordsOf(billed('openapi.subscriptionItem.freeTrialEnding', BY_ORGANIZATION), asked);
		expect(contact).toBeNull();
		expect(tenant).toEqual({
			action: 'set',
			organizationId: 'org_1',
			plan: 'premium-trial',
			subscriptionStatus: 'active',
			trialEndsAt: '2024-06-28T08:00:00.000Z',
		});
	});

	test.each<[string, object[], string | null]>([
		['have all ended or not begun: there is none', [{ status: 'ended' }, { status: 'upcoming' }, { status: 'expired' }], null],
		['are in a state that this version does not know: the first of them', [{ status: 'ended' }, { status: 'paused' }], 'plan 1'],
	])('a subscription whose plans %s', (_, states, plan) => {
		const items = states.map((state, n) => ({ ...state, is_free_trial: true, period_end: NOW, plan: { slug: `plan ${n}` } }));
		const trialEndsAt = plan === null ? null : new Date(NOW).toISOString();
		const { contact, events } = recordsOf(billed('openapi.subscription.updated', { items, status: 'ended' }), asked);
		expect(contact).toMatchObject({ plan, subscriptionStatus: 'ended', trialEndsAt });
		// The event is still about one of them.
		expect(events).toMatchObject([{ plan: plan ?? 'plan 0', status: 'ended' }]);
	});

	test.each(['ended', 'abandoned', 'incomplete', 'upcoming'])('a plan that is %s says nothing of the one they have', (state) => {
		expect(recordsOf(fixture(`openapi.subscriptionItem.${state}`).envelope, asked).contact).not.toHaveProperty('plan');
	});

	test('nor does a payment', () => {
		expect(recordsOf(fixture('openapi.paymentAttempt.updated').envelope, asked).contact).not.toHaveProperty('plan');
	});

	test('other events make no tenant of an organization that they only name', () => {
		expect(recordsOf(fixture('openapi.organizationInvitation.created').envelope, asked).tenant).toBeNull();
	});

	test('with separate outputs there is one for tenants', () => {
		const { items } = outputOf(billed('openapi.subscription.active', BY_ORGANIZATION), {
			...asked,
			events: new Set(['subscription.active']),
			output: 'split',
		});
		expect(items).toMatchObject([[], [{ name: 'subscription.active' }], [{ action: 'set', plan: 'pro-plan' }]]);
	});
});

describe('E2: an older plan does not replace a newer one', () => {
	stopClock();

	const parameters = mappings({ events: ['*'], contactAction: 'upsert', tenantAction: 'set' });
	const state = (plan: string, updatedAt: number, more: object = {}) =>
		billed('openapi.subscription.updated', {
			...more,
			updated_at: updatedAt,
			items: [{ status: 'active', plan: { slug: plan } }],
		});

	test('a contact keeps what else it knows', async () => {
		const trigger = new PublishedTrigger({}, parameters);
		const contact = async (envelope: object) => (await trigger.deliver(envelope)).items?.[0]?.['contact'];
		expect(await contact(state('pro', 2000))).toMatchObject({ plan: 'pro' });
		const older = await contact(state('free', 1000));
		expect(older).toMatchObject({ action: 'upsert', email: 'test@example.com' });
		expect(older).not.toHaveProperty('plan');
		expect(await contact(state('max', 3000))).toMatchObject({ plan: 'max' });
	});

	test('a tenant is left out', async () => {
		const trigger = new PublishedTrigger({}, parameters);
		const tenant = async (envelope: object) => (await trigger.deliver(envelope)).items?.[0]?.['tenant'];
		expect(await tenant(state('pro', 2000, BY_ORGANIZATION))).toMatchObject({ organizationId: 'org_1', plan: 'pro' });
		expect(await tenant(state('free', 1000, BY_ORGANIZATION))).toBeNull();
	});

	test('a subscription is as new as the newest plan in it, even if its own time is older', async () => {
		const trigger = new PublishedTrigger({}, parameters);
		const contact = async (envelope: object) => (await trigger.deliver(envelope)).items?.[0]?.['contact'];
		const item = (plan: string, updatedAt: number) => ({ status: 'active', updated_at: updatedAt, plan: { slug: plan } });
		const ofItem = billed('openapi.subscriptionItem.active', item('pro', 2050));
		const ofSubscription = (updatedAt: number, ...items: object[]) =>
			billed('openapi.subscription.updated', { updated_at: updatedAt, status: 'past_due', items });
		expect(await contact(ofItem)).toMatchObject({ plan: 'pro', subscriptionStatus: 'active' });
		expect(await contact(ofSubscription(2000, item('pro', 2050)))).toMatchObject({ plan: 'pro', subscriptionStatus: 'past_due' });
		expect(await contact(ofSubscription(2000, item('free', 1000)))).not.toHaveProperty('plan');
		expect(await contact(ofItem)).toMatchObject({ plan: 'pro' });
	});

	test('a newer state of the user does not take the plan away', async () => {
		const trigger = new PublishedTrigger({}, parameters);
		const user = fixture('edge.user.created.unicode').envelope;
		const payer = { ...(state('pro', 1).data['payer'] as object), user_id: user.data['id'] };
		await trigger.deliver(user);
		const { items } = await trigger.deliver(state('pro', 2000, { payer }));
		expect(items?.[0]?.['contact']).toMatchObject({ plan: 'pro', subscriptionStatus: 'active' });
	});

	const older = [409, 'older_in_flight'];
	const answerTo = async (trigger: PublishedTrigger, envelope: object) => {
		const { items, answer } = await trigger.deliver(envelope, { id: 'msg_2' });
		return items ?? [answer?.status, answer?.body['code']];
	};
	const lastNode = () => new PublishedTrigger({ acknowledge: 'lastNode' }, parameters);

	test('where the workflow must succeed, the plans of a tenant come one at a time', async () => {
		const trigger = lastNode();
		const running = await trigger.deliver(state('free', 1000, BY_ORGANIZATION), { n8n: 'busy' });
		expect(await answerTo(trigger, state('pro', 2000, BY_ORGANIZATION))).toEqual(older);
		running.finish(200);
		expect(await answerTo(trigger, state('pro', 2000, BY_ORGANIZATION))).toMatchObject([{ tenant: { plan: 'pro' } }]);
	});

	test('a newer plan that fails does not take an older one with it', async () => {
		const trigger = lastNode();
		await trigger.deliver(state('pro', 2000, BY_ORGANIZATION), { n8n: 500, id: 'msg_2' });
		expect((await trigger.deliver(state('free', 1000, BY_ORGANIZATION))).items).toMatchObject([{ tenant: { plan: 'free' } }]);
		expect(await answerTo(trigger, state('pro', 2000, BY_ORGANIZATION))).toMatchObject([{ tenant: { plan: 'pro' } }]);
	});

	describe.each([
		['its plan', () => state('pro', 2000, BY_ORGANIZATION)],
		['a payment, which names no plan', () => billed('openapi.paymentAttempt.updated', BY_ORGANIZATION)],
	])('a deleted organization does not come back by %s', (_, paid) => {
		const deletion = billed('openapi.organization.deleted', { id: 'org_1' });

		test('once it is deleted', async () => {
			const trigger = new PublishedTrigger({}, parameters);
			await trigger.deliver(deletion);
			expect(await answerTo(trigger, paid())).toMatchObject([{ event: { type: paid().type }, tenant: null }]);
		});

		test('nor while its deletion is in the workflow', async () => {
			const trigger = lastNode();
			await trigger.deliver(deletion, { n8n: 'busy' });
			expect(await answerTo(trigger, paid())).toEqual([409, 'newer_in_flight']);
		});

		test('nor while that is still in the workflow: the deletion waits', async () => {
			const trigger = lastNode();
			await trigger.deliver(paid(), { n8n: 'busy' });
			expect(await answerTo(trigger, deletion)).toEqual(older);
		});
	});
});

describe('C10: a subscription that is read from Clerk', () => {
	const END = new Date(NOW).toISOString();
	const item = (status: string, slug: string, more: object = {}) => ({ status, plan: { slug, name: slug }, ...more });

	test.each<[string, object[], object]>([
		['the plan in use, not one that has ended or begins later', [item('ended', 'old'), item('active', 'pro')], { plan: 'pro' }],
		['a plan that is past due is still in use', [item('upcoming', 'next'), item('past_due', 'pro')], { plan: 'pro' }],
		['the end of a trial', [item('active', 'pro', { is_free_trial: true, period_end: NOW })], { trialEndsAt: END }],
		[
			'no trial, no end',
			[item('active', 'pro', { is_free_trial: false, period_end: NOW })],
			{ trialEndsAt: null, periodEndsAt: END },
		],
		['no plan that has ended or not begun', [item('ended', 'old'), item('upcoming', 'next')], { plan: null, planName: null }],
		['no plan at all', [], { plan: null, planName: null, trialEndsAt: null }],
	])('%s', (_, items, expected) => {
		const subscription = { status: 'active', subscription_items: items } as unknown as ClerkObject;
		expect(subscriptionFacts(subscription)).toMatchObject({ subscriptionStatus: 'active', ...expected });
	});
});
