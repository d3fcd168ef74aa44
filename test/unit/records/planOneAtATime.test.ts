import { fixture, NOW } from '../../support/deliveries';
import { mappings } from '../../support/clerkEvents';
import { PublishedTrigger } from '../../support/publishedTrigger';

beforeEach(() => {
	jest.spyOn(Date, 'now').mockReturnValue(NOW);
});
afterEach(() => {
	jest.restoreAllMocks();
});

const payer = {
	object: 'commerce_payer',
	id: 'cpayer_1',
	user_id: '',
	email: '',
	organization_id: 'org_1',
	organization_name: 'Acme',
};

function subscribed(plan: string, updatedAt: number): object {
	const { envelope } = fixture('openapi.subscription.updated');
	const items = [{ status: 'active', plan: { slug: plan } }];
	return { ...envelope, data: { ...envelope.data, payer, items, updated_at: updatedAt } };
}

test('E2: with Acknowledge: When the Workflow Has Succeeded, the plans of a tenant come one at a time', async () => {
	const parameters = mappings({ events: ['*'], tenantAction: 'set' });
	const trigger = new PublishedTrigger({ acknowledge: 'lastNode' }, parameters);
	const older = await trigger.deliver(subscribed('free', 1000), { n8n: 'busy' });
	const newer = await trigger.deliver(subscribed('pro', 2000), { id: 'msg_newer' });
	expect([newer.items, newer.answer?.status, newer.answer?.body['code']]).toEqual([null, 409, 'older_in_flight']);
	older.finish(200);
	expect((await trigger.deliver(subscribed('pro', 2000), { id: 'msg_newer' })).items).toMatchObject([
		{ tenant: { plan: 'pro' } },
	]);
});

test('E2: a newer plan that fails does not take an older one with it', async () => {
	const parameters = mappings({ events: ['*'], tenantAction: 'set' });
	const trigger = new PublishedTrigger({ acknowledge: 'lastNode' }, parameters);
	await trigger.deliver(subscribed('pro', 2000), { n8n: 500, id: 'msg_newer' });
	expect((await trigger.deliver(subscribed('free', 1000))).items).toMatchObject([{ tenant: { plan: 'free' } }]);
	expect((await trigger.deliver(subscribed('pro', 2000), { id: 'msg_newer' })).items).toMatchObject([
		{ tenant: { plan: 'pro' } },
	]);
});

describe('E2: a deleted organization does not come back by what it pays', () => {
	const parameters = mappings({ events: ['*'], tenantAction: 'set' });
	const { envelope } = fixture('openapi.organization.deleted');
	const deleted = { ...envelope, data: { ...envelope.data, id: 'org_1' } };
	const payment = () => {
		const { envelope: paid } = fixture('openapi.paymentAttempt.updated');
		return { ...paid, data: { ...paid.data, payer } };
	};

	test('nor by a payment, which names no plan', async () => {
		const trigger = new PublishedTrigger({}, parameters);
		await trigger.deliver(deleted);
		expect((await trigger.deliver(payment())).items).toMatchObject([{ event: { name: 'paymentAttempt.updated' }, tenant: null }]);
	});

	test('nor while its deletion is in the workflow', async () => {
		const trigger = new PublishedTrigger({ acknowledge: 'lastNode' }, parameters);
		await trigger.deliver(deleted, { n8n: 'busy' });
		const { items, answer } = await trigger.deliver(subscribed('pro', 2000));
		expect([items, answer?.status, answer?.body['code']]).toEqual([null, 409, 'newer_in_flight']);
	});

	test.each([
		['its plan', () => subscribed('pro', 2000)],
		['a payment', payment],
	])('nor by %s that is still in the workflow: the deletion waits', async (_, paid) => {
		const trigger = new PublishedTrigger({ acknowledge: 'lastNode' }, parameters);
		await trigger.deliver(paid(), { n8n: 'busy' });
		const { items, answer } = await trigger.deliver(deleted);
		expect([items, answer?.status, answer?.body['code']]).toEqual([null, 409, 'older_in_flight']);
	});
});
