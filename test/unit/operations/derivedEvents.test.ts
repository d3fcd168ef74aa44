import { ClerkCloud } from '../../support/clerk/cloud';
import { run } from '../../support/clerkNode';

jest.mock('n8n-workflow', () => ({ ...jest.requireActual<object>('n8n-workflow'), sleep: async () => {} }));
jest.setTimeout(60_000);
let clerk: ClerkCloud;
beforeEach(async () => {
	clerk = await ClerkCloud.start();
	clerk.people.fill(1);
});
afterEach(async () => await clerk.stop());

const HOUR_MS = 3_600_000;
const changedAt = Date.now();
const user = () => ({
	...(clerk.people.at(0) as object),
	created_at: changedAt - HOUR_MS,
	updated_at: changedAt,
	password_enabled: true,
	password_last_updated_at: changedAt,
});
const envelope = (type: string, data: object) => ({ object: 'event', type, data, instance_id: 'ins_1', timestamp: changedAt });
const updated = () => envelope('user.updated', user());
const written = () =>
	envelope('email.created', {
		id: 'ema_1',
		slug: 'password_changed',
		user_id: (user() as { id?: string }).id,
		to_email_address: 'jane@example.com',
		delivered_by_clerk: true,
	});

async function namesOf(events: string[], since = '2026-01-01T00:00:00Z'): Promise<unknown[]> {
	const parameters = { resource: 'event', operation: 'getAll', since, events, output: 'events' };
	const [items] = await run(clerk, { ...parameters, options: { contactsWithoutEmail: 'pass' } });
	return (items ?? []).map(({ json }) => json['name']);
}

describe('Event: Get Many with derived events', () => {
	test('one that is chosen alone is read from the events that it needs', async () => {
		await clerk.emit('user.updated', updated());
		expect(await namesOf(['password.changed'])).toEqual(['password.changed']);
	});

	test('so is one that is chosen beside others', async () => {
		await clerk.emit('user.updated', updated());
		expect(await namesOf(['user.created', 'password.changed'])).toEqual(['password.changed']);
	});

	test("a change and Clerk's message about it are one event", async () => {
		await clerk.emit('user.updated', updated());
		await clerk.emit('email.created', written());
		expect(await namesOf(['user.updated', 'email.created', 'password.changed'])).toEqual([
			'user.updated',
			'password.changed',
			'email.created',
		]);
	});

	test('so they are where the change was read by an earlier run, and only the message is in this one', async () => {
		await clerk.emit('user.updated', updated());
		await clerk.emit('email.created', written());
		const [change, message] = clerk.messages;
		Object.assign(change!, { at: changedAt });
		Object.assign(message!, { at: changedAt + 2000 });
		const events = ['user.updated', 'email.created', 'password.changed'];
		expect(await namesOf(events, new Date(changedAt + 1000).toISOString())).toEqual(['email.created']);
	});
});
