import { NOW } from '../../support/deliveries';
import { at, created, updated } from '../../support/clerkEvents';
import { PublishedTrigger } from '../../support/publishedTrigger';

beforeEach(() => {
	jest.spyOn(Date, 'now').mockReturnValue(NOW);
});
afterEach(() => {
	jest.restoreAllMocks();
});

const namesIn = (items: readonly Record<string, unknown>[] | null) => items?.map(({ name }) => name) ?? null;

test('C9: a change that n8n did not store is reported when it comes again, even after a newer state', async () => {
	const trigger = new PublishedTrigger({}, { events: ['user.created', 'user.locked', 'user.banned'], output: 'events' });
	await trigger.deliver(created({ locked: false, banned: false }));
	const locked = updated(60, { locked: true, banned: false });
	const lost = await trigger.deliver(locked, { id: 'msg_1', n8n: 'busy' });
	expect(namesIn(lost.items)).toEqual(['user.locked']);
	const next = await trigger.deliver(updated(90, { locked: true, banned: true }), { id: 'msg_2' });
	lost.finish(500);
	const again = await trigger.deliver(locked, { id: 'msg_1' });
	expect([...(namesIn(next.items) ?? []), ...(namesIn(again.items) ?? [])].sort()).toEqual(['user.banned', 'user.locked']);
});

test('C9: so is one that came late, after it failed twice', async () => {
	const trigger = new PublishedTrigger({}, { events: ['mfa.enabled', 'user.banned'], output: 'events' });
	await trigger.deliver(updated(600, { banned: false }));
	const late = updated(60, { two_factor_enabled: true, mfa_enabled_at: at(60) });
	const lost = await trigger.deliver(late, { id: 'msg_1', n8n: 'busy' });
	expect(namesIn(lost.items)).toEqual(['mfa.enabled']);
	expect(namesIn((await trigger.deliver(updated(700, { banned: true }))).items)).toEqual(['user.banned']);
	lost.finish(500);
	expect(namesIn((await trigger.deliver(late, { id: 'msg_1', n8n: 500 })).items)).toEqual(['mfa.enabled']);
	expect(namesIn((await trigger.deliver(late, { id: 'msg_1' })).items)).toEqual(['mfa.enabled']);
	// Another delivery of the same change reports nothing.
	expect((await trigger.deliver(late, { id: 'msg_2' })).items).toBeNull();
});
