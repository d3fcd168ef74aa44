import { derivedEvents, isWrittenAbout } from '../../../nodes/Clerk/events/derived';
import type { ChangeName } from '../../../nodes/Clerk/events/derived';
import { eventOptions } from '../../../nodes/Clerk/trigger/eventOptions';
import { fixture } from '../../support/deliveries';
import { at, created, deleted, mappings, updated } from '../../support/clerkEvents';
import { PublishedTrigger } from '../../support/publishedTrigger';
import { stopClock } from '../../support/stoppedClock';

/** A trigger that has seen the sign-up. */
async function afterSignUp(events: readonly string[], { options = {}, parameters = {} } = {}): Promise<PublishedTrigger> {
	const trigger = new PublishedTrigger(options, { events: ['user.created', ...events], output: 'events', ...parameters });
	await trigger.deliver(created({ locked: false, banned: false }));
	return trigger;
}

const locked = (seconds = 60) => updated(seconds, { locked: true, banned: false });
const unlocked = (seconds: number) => updated(seconds, { locked: false, banned: false });

function written(slug: string, seconds: number, type = 'email.created') {
	const data = {
		id: 'ema_1',
		slug,
		user_id: 'user_1',
		to_email_address: 'jane@example.com',
		delivered_by_clerk: true,
		body: '123456',
	};
	return { type, object: 'event', timestamp: at(seconds), instance_id: 'ins_1', data };
}

const namesIn = (items: readonly Record<string, unknown>[] | null) => items?.map(({ name }) => name) ?? [];
/** What came out of a delivery: name and id of each event. */
const reported = (delivered: { items: readonly Record<string, unknown>[] | null }) =>
	delivered.items && delivered.items.map(({ name, id }) => `${String(name)} ${String(id)}`);

stopClock();

describe('C9: a derived event is chosen like any other', () => {
	test('each can be ticked, in a group of its own', () => {
		for (const { name, evidence } of derivedEvents) {
			const option = eventOptions.find(({ value }) => value === name);
			expect(option?.name).toMatch(evidence === 'message' ? /^Derived from Email: Created: / : /^Derived from User: Updated: /);
		}
	});

	test('beside the general one: each is an event with an id of its own', async () => {
		const trigger = await afterSignUp(['user.updated', 'user.locked', 'user.banned']);
		const delivered = await trigger.deliver(locked(), { id: 'msg_1' });
		expect(reported(delivered)).toEqual(['user.updated msg_1', 'user.locked msg_1.user.locked']);
		expect(delivered.items?.[1]).toMatchObject({
			type: 'user.updated',
			userId: 'user_1',
			email: 'jane@example.com',
			changes: [{ name: 'user.locked', certainty: 'seen' }],
		});
		expect(delivered.answer?.body['events']).toEqual(['user.updated', 'user.locked']);
	});

	test('alone: the general one is not output, and nothing is where none of them happened', async () => {
		const trigger = await afterSignUp(['user.locked']);
		expect(reported(await trigger.deliver(locked(), { id: 'msg_1' }))).toEqual(['user.locked msg_1.user.locked']);
		const other = await trigger.deliver(updated(70, { locked: true, banned: true }));
		expect([other.items, other.answer?.status, other.answer?.body['code']]).toEqual([null, 200, 'no_chosen_change']);
		// What was not output is known all the same: it is not output with the next change.
		await trigger.deliver(updated(80, { locked: false, banned: true }));
		expect(reported(await trigger.deliver(updated(90, { locked: true, banned: true }), { id: 'msg_2' }))).toEqual([
			'user.locked msg_2.user.locked',
		]);
	});

	test('in place of the general one, which comes where none of them happened', async () => {
		const trigger = await afterSignUp(['user.updated', 'user.locked'], { options: { derivedOnly: true } });
		expect(reported(await trigger.deliver(locked(), { id: 'msg_1' }))).toEqual(['user.locked msg_1.user.locked']);
		expect(reported(await trigger.deliver(updated(70, { locked: true, firstName: 'Janet' }), { id: 'msg_2' }))).toEqual([
			'user.updated msg_2',
		]);
	});

	test('a mapping to no event takes the place of nothing: the general one comes', async () => {
		const trigger = await afterSignUp(['user.updated', 'user.locked', 'user.banned'], {
			options: { derivedOnly: true },
			parameters: mappings({ events: ['user.locked'], event: 'none' }),
		});
		expect(reported(await trigger.deliver(locked(), { id: 'msg_1' }))).toEqual(['user.updated msg_1']);
		expect(reported(await trigger.deliver(updated(70, { locked: true, banned: true }), { id: 'msg_2' }))).toEqual([
			'user.banned msg_2.user.banned',
		]);
	});

	test('in place of a general one that a mapping makes no event: it comes all the same', async () => {
		const trigger = await afterSignUp(['user.updated', 'user.locked'], {
			options: { derivedOnly: true },
			parameters: mappings({ events: ['user.updated'], event: 'none' }),
		});
		expect(reported(await trigger.deliver(locked(), { id: 'msg_1' }))).toEqual(['user.locked msg_1.user.locked']);
		expect((await trigger.deliver(updated(70, { locked: true, firstName: 'Janet' }))).items).toBeNull();
	});

	describe('Contacts Without Email: Skip leaves out the contact and the general event, not what was chosen beside them', () => {
		const NO_EMAIL = { id: 'user_2', email: null, locked: false };
		const change = (seconds: number, more: object = {}) => updated(seconds, { ...NO_EMAIL, locked: true, ...more });

		test.each<[string, object]>([
			['Item', {}],
			['Events Only', { output: 'events' }],
			['a contact by a mapping', mappings({ events: ['user.locked'], contactAction: 'upsert' })],
		])('%s', async (_, more) => {
			const trigger = new PublishedTrigger(
				{},
				{ events: ['user.created', 'user.updated', 'user.locked'], output: 'item', ...more },
			);
			expect((await trigger.deliver(created(NO_EMAIL))).answer?.body['code']).toBe('contact_without_email');
			const { items, answer } = await trigger.deliver(change(60), { id: 'msg_1' });
			const event = { name: 'user.locked', id: 'msg_1.user.locked', userId: 'user_2' };
			expect(items).toMatchObject([
				(more as { output?: string }).output === 'events' ? event : { contact: null, event, tenant: null },
			]);
			expect(answer).toMatchObject({ status: 200, body: { outcome: 'accepted', events: ['user.locked'] } });
			expect((await trigger.deliver(change(70, { firstName: 'Janet' }))).answer?.body['code']).toBe('contact_without_email');
		});

		test('with contacts only there is nothing to output', async () => {
			const trigger = new PublishedTrigger({}, { events: ['user.created', 'user.updated', 'user.locked'], output: 'contacts' });
			await trigger.deliver(created(NO_EMAIL));
			expect((await trigger.deliver(change(60))).answer?.body['code']).toBe('contact_without_email');
		});

		test('an older state with an address is out of date all the same', async () => {
			const trigger = new PublishedTrigger({}, { events: ['user.updated', 'user.locked'], output: 'contacts' });
			await trigger.deliver(updated(50, NO_EMAIL));
			await trigger.deliver(change(60));
			const older = await trigger.deliver(updated(55, { id: 'user_2', locked: false }));
			expect([older.items, older.answer?.body['outcome']]).toEqual([null, 'stale']);
			const both = new PublishedTrigger({}, { events: ['user.updated', 'user.locked'], output: 'item' });
			await both.deliver(updated(50, NO_EMAIL));
			expect((await both.deliver(change(60))).items).toHaveLength(1);
			expect((await both.deliver(updated(55, { id: 'user_2', locked: false }))).items).toBeNull();
		});
	});

	test('in one item: the contact comes once', async () => {
		const trigger = await afterSignUp(['user.updated', 'user.locked'], { parameters: { output: 'item' } });
		const { items } = await trigger.deliver(locked(), { id: 'msg_1' });
		expect(items).toMatchObject([
			{ contact: { action: 'upsert', locked: true }, event: { name: 'user.updated' } },
			{ contact: null, event: { name: 'user.locked', id: 'msg_1.user.locked' }, tenant: null },
		]);
	});

	test('All Events are those that Clerk sends: what is derived comes only where it is ticked', async () => {
		const trigger = new PublishedTrigger({}, { events: ['*'], output: 'events' });
		await trigger.deliver(created({ locked: false }));
		expect(reported(await trigger.deliver(locked(), { id: 'msg_1' }))).toEqual(['user.updated msg_1']);
		const both = new PublishedTrigger({}, { events: ['*', 'user.locked'], output: 'events' });
		await both.deliver(created({ locked: false }));
		expect(reported(await both.deliver(locked(), { id: 'msg_1' }))).toEqual([
			'user.updated msg_1',
			'user.locked msg_1.user.locked',
		]);
	});

	test('a name typed under Additional Events counts too', async () => {
		const trigger = new PublishedTrigger({ additionalEvents: 'user.locked' }, { events: ['user.created'], output: 'events' });
		await trigger.deliver(created({ locked: false }));
		expect(reported(await trigger.deliver(locked(), { id: 'msg_1' }))).toEqual(['user.locked msg_1.user.locked']);
	});

	test('password.reset is password.changed under another name', async () => {
		const trigger = await afterSignUp(['password.reset']);
		const changed = updated(60, { password_enabled: true, password_last_updated_at: at(60) });
		await trigger.deliver(updated(30, { password_enabled: true, password_last_updated_at: at(30) }));
		const { items } = await trigger.deliver(changed, { id: 'msg_1' });
		expect(items).toMatchObject([
			{ name: 'password.reset', id: 'msg_1.password.reset', changes: [{ name: 'password.changed' }] },
		]);
	});
});

describe('C9: a sign-up that nobody chose is known all the same', () => {
	test('it is not output, but later changes are found', async () => {
		const trigger = new PublishedTrigger({}, { events: ['user.locked'] });
		const signUp = await trigger.deliver(created({ locked: false }));
		expect([signUp.items, signUp.answer?.body['code']]).toEqual([null, 'no_chosen_change']);
		expect((await trigger.deliver(locked())).items).toMatchObject([{ contact: null, event: { name: 'user.locked' } }]);
	});
});

describe('C9: mappings take derived events', () => {
	test('name, additional event, style', async () => {
		const trigger = await afterSignUp(['user.locked', 'user.banned'], {
			options: { eventNameStyle: 'title' },
			parameters: mappings({ events: ['user.locked'], eventName: 'alarm', additionalEventName: 'more' }),
		});
		const both = await trigger.deliver(updated(60, { locked: true, banned: true }), { id: 'msg_1' });
		expect(reported(both)).toEqual([
			'alarm msg_1.user.locked',
			'more msg_1.user.locked.additional',
			'User Banned msg_1.user.banned',
		]);
	});

	test('no event', async () => {
		const trigger = await afterSignUp(['user.updated', 'user.locked'], {
			parameters: mappings({ events: ['user.locked'], event: 'none' }),
		});
		expect(reported(await trigger.deliver(locked(), { id: 'msg_1' }))).toEqual(['user.updated msg_1']);
	});

	test.each([
		['beside the general one', ['user.updated', 'user.banned'], 'upsert'],
		['alone', ['user.banned'], undefined],
	])('the contact of a user who was banned, %s', async (_, events, otherwise) => {
		const parameters = {
			output: 'item',
			...mappings({ events: ['user.banned'], contactAction: 'unsubscribe', userGroup: 'Banned' }),
		};
		const trigger = await afterSignUp(events, { parameters });
		const other = await trigger.deliver(updated(50, { banned: false, firstName: 'Janet' }));
		expect((other.items?.[0]?.['contact'] as { action?: string } | undefined)?.action).toBe(otherwise);
		const { items } = await trigger.deliver(updated(60, { banned: true }));
		expect(items?.[0]?.['contact']).toMatchObject({ action: 'unsubscribe', userId: 'user_1', userGroup: 'Banned' });
	});
});

describe('E1, E5: what is reported of a change does not depend on how it is delivered', () => {
	test.each(['onReceived', 'lastNode'])('a delivery that failed reports the same again (%s)', async (acknowledge) => {
		const trigger = await afterSignUp(['user.locked'], { options: { acknowledge } });
		for (const n8n of [500, 500, 200] as const) {
			expect(reported(await trigger.deliver(locked(), { id: 'msg_1', n8n }))).toEqual(['user.locked msg_1.user.locked']);
		}
		expect((await trigger.deliver(locked(), { id: 'msg_1' })).answer?.body['outcome']).toBe('duplicate');
	});

	test('where duplicates are accepted, it reports the same again', async () => {
		const trigger = await afterSignUp(['user.locked'], { options: { skipDuplicates: false } });
		for (let time = 0; time < 2; time++) {
			expect(reported(await trigger.deliver(locked(), { id: 'msg_1' }))).toEqual(['user.locked msg_1.user.locked']);
		}
	});

	test('while an older change may still fail, a newer one waits', async () => {
		const trigger = await afterSignUp(['user.locked', 'user.banned'], { options: { acknowledge: 'lastNode' } });
		const first = await trigger.deliver(locked(60), { id: 'msg_1', n8n: 'busy' });
		const second = updated(70, { locked: true, banned: true });
		const waiting = await trigger.deliver(second, { id: 'msg_2' });
		expect([waiting.items, waiting.answer?.status, waiting.answer?.body['code']]).toEqual([null, 409, 'older_in_flight']);
		first.finish(500);
		expect(reported(await trigger.deliver(second, { id: 'msg_2' }))).toEqual([
			'user.locked msg_2.user.locked',
			'user.banned msg_2.user.banned',
		]);
		expect((await trigger.deliver(locked(60), { id: 'msg_1' })).answer?.body['code']).toBe('no_chosen_change');
	});

	test('while a newer change is in the workflow, an older one waits', async () => {
		const trigger = await afterSignUp(['user.locked', 'user.banned']);
		const newer = await trigger.deliver(updated(70, { locked: true, banned: true }), { id: 'msg_2', n8n: 'busy' });
		expect((await trigger.deliver(locked(60), { id: 'msg_1' })).answer?.body['code']).toBe('newer_in_flight');
		newer.finish(500);
		expect(reported(await trigger.deliver(locked(60), { id: 'msg_1' }))).toEqual(['user.locked msg_1.user.locked']);
		expect(reported(await trigger.deliver(updated(70, { locked: true, banned: true }), { id: 'msg_2' }))).toEqual([
			'user.banned msg_2.user.banned',
		]);
	});

	test('a sign-up waits for no change', async () => {
		const trigger = new PublishedTrigger({}, { events: ['user.created', 'user.locked', 'user.banned'], output: 'events' });
		const change = await trigger.deliver(updated(60, { passkeys: [] }), { n8n: 'busy' });
		expect(change.answer?.body['code']).toBe('no_chosen_change');
		const mfa = new PublishedTrigger({}, { events: ['user.created', 'mfa.enabled'], output: 'events' });
		const busy = await mfa.deliver(updated(60, { two_factor_enabled: true, mfa_enabled_at: at(60) }), { n8n: 'busy' });
		expect(reported(await mfa.deliver(created(), { id: 'msg_1' }))).toEqual(['user.created msg_1']);
		busy.finish(200);
	});

	test('a mapping for all events does not take a contact for stored that never came out', async () => {
		const trigger = new PublishedTrigger(
			{},
			{ events: ['user.created', 'user.banned'], ...mappings({ events: ['*'], contactAction: 'upsert' }) },
		);
		expect((await trigger.deliver(updated(60, { banned: false }))).answer?.body['code']).toBe('no_chosen_change');
		expect((await trigger.deliver(created())).items).toMatchObject([{ contact: { email: 'jane@example.com' } }]);
	});

	test('where the delivery counts as stored, a newer change is compared with the one on its way', async () => {
		const trigger = await afterSignUp(['user.locked', 'user.banned']);
		const first = await trigger.deliver(locked(60), { id: 'msg_1', n8n: 'busy' });
		expect(reported(await trigger.deliver(updated(70, { locked: true, banned: true }), { id: 'msg_2' }))).toEqual([
			'user.banned msg_2.user.banned',
		]);
		first.finish(200);
	});

	test('a change that n8n did not store is reported when it comes again, even after a newer state', async () => {
		const trigger = new PublishedTrigger({}, { events: ['user.created', 'user.locked', 'user.banned'], output: 'events' });
		await trigger.deliver(created({ locked: false, banned: false }));
		const locked = updated(60, { locked: true, banned: false });
		const lost = await trigger.deliver(locked, { id: 'msg_1', n8n: 'busy' });
		expect(namesIn(lost.items)).toEqual(['user.locked']);
		const next = await trigger.deliver(updated(90, { locked: true, banned: true }), { id: 'msg_2' });
		lost.finish(500);
		const again = await trigger.deliver(locked, { id: 'msg_1' });
		expect([...namesIn(next.items), ...namesIn(again.items)].sort()).toEqual(['user.banned', 'user.locked']);
	});

	test('so is one that came late, after it failed twice', async () => {
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

	test('an older change after a newer one reports nothing of it', async () => {
		const trigger = await afterSignUp(['user.updated', 'user.locked', 'user.unlocked', 'user.banned', 'user.unbanned']);
		await trigger.deliver(updated(70, { locked: false, banned: true }));
		const late = await trigger.deliver(updated(60, { locked: true, banned: false }));
		expect(late.items?.map(({ name, changes }) => [name, changes])).toEqual([['user.updated', null]]);
	});

	test('an older change is stale as before, but what its own times say is reported', async () => {
		const parameters = { output: 'item', events: ['user.updated', 'passkey.created'] };
		const trigger = new PublishedTrigger({}, parameters);
		const passkeys = [{ id: 'pk_1', created_at: at(60) }];
		await trigger.deliver(updated(70, { passkeys }));
		const { items } = await trigger.deliver(updated(60, { passkeys }), { id: 'msg_1' });
		expect(items).toMatchObject([{ contact: null, event: { name: 'passkey.created', changes: [{ certainty: 'inferred' }] } }]);
		expect(await trigger.deliver(updated(65, { passkeys }))).toMatchObject({
			items: null,
			answer: { body: { outcome: 'stale' } },
		});
	});

	test.each([
		['Skip Out-of-Date Updates off', { skipOutOfDate: false }, {}],
		['Events Only', {}, { output: 'events' }],
		[
			'Contacts Only with a mapping',
			{},
			{ output: 'contacts', ...mappings({ events: ['user.locked'], contactAction: 'unsubscribe' }) },
		],
	])('it is reported too with %s', async (_, options, parameters) => {
		const trigger = await afterSignUp(['user.locked'], { options, parameters });
		expect((await trigger.deliver(locked())).items).toHaveLength(1);
		expect((await trigger.deliver(updated(70, { locked: true, banned: false }))).items).toBeNull();
	});

	test('after a restart, and for the test URL, only its own times count', async () => {
		const trigger = new PublishedTrigger({}, { events: ['user.updated', 'user.locked', 'mfa.enabled'], output: 'events' });
		const { items } = await trigger.deliver(updated(60, { locked: true, two_factor_enabled: true, mfa_enabled_at: at(60) }));
		expect(items?.map(({ name, changes }) => [name, changes])).toEqual([
			['user.updated', [{ name: 'mfa.enabled', certainty: 'inferred' }]],
			['mfa.enabled', [{ name: 'mfa.enabled', certainty: 'inferred' }]],
		]);
	});

	test('a test user who is left out, and a user without an address who is skipped, are known all the same', async () => {
		const trigger = await afterSignUp(['user.updated', 'user.banned']);
		expect((await trigger.deliver(updated(50, { locked: true, banned: false, email: null }))).answer?.body['code']).toBe(
			'contact_without_email',
		);
		const { items } = await trigger.deliver(updated(60, { locked: true, banned: true }));
		const changes = items?.[0]?.['changes'] as Array<{ name: string }>;
		expect(changes.map(({ name }) => name)).not.toContain('user.locked');
		expect(changes.map(({ name }) => name)).toContain('user.banned');
	});

	test("one user's changes say nothing about another", async () => {
		const trigger = await afterSignUp(['user.locked']);
		await trigger.deliver(created({ id: 'user_2', locked: false }));
		await trigger.deliver(locked());
		expect((await trigger.deliver(updated(60, { id: 'user_2', locked: true }))).items).toHaveLength(1);
	});

	test('a deletion reports no change', async () => {
		const trigger = await afterSignUp(['user.deleted', 'user.locked']);
		expect((await trigger.deliver(deleted(60))).items).toMatchObject([{ name: 'user.deleted', changes: null }]);
	});
});

describe("C9: Clerk's own messages are exact sources", () => {
	const exact = derivedEvents.filter(({ name, change, template }) => name === change && template !== null);

	test.each(exact.map(({ name, template }) => [template ?? '', name] as const))('%s: %s', async (template, name) => {
		const trigger = new PublishedTrigger({}, { events: ['email.created', name], output: 'events' });
		const { items } = await trigger.deliver(written(template, 60), { id: 'msg_1' });
		const changes = [{ name, certainty: 'exact' }];
		expect(items).toMatchObject([
			{ name: 'email.created', template, deliveredByClerk: true, changes },
			{ name, id: `msg_1.${name}`, type: 'email.created', userId: 'user_1', template, changes },
		]);
		expect(JSON.stringify(items)).not.toContain('123456');
	});

	test.each(['verification_code', 'invitation', 'billing_receipt'])('%s reports nothing that happened', async (template) => {
		const trigger = new PublishedTrigger(
			{},
			{ events: ['email.created', ...derivedEvents.map(({ name }) => name)], output: 'events' },
		);
		expect((await trigger.deliver(written(template, 60))).items).toMatchObject([
			{ name: 'email.created', template, changes: null },
		]);
	});

	test('a text message has a template too', async () => {
		const trigger = new PublishedTrigger({ contactsWithoutEmail: 'pass' }, { events: ['sms.created'], output: 'events' });
		const { items } = await trigger.deliver(fixture('openapi.sms.created').envelope);
		expect(items).toMatchObject([{ template: 'verification_code', deliveredByClerk: true }]);
	});

	test('what only messages report needs them, without the message as an event', async () => {
		const trigger = new PublishedTrigger({}, { events: ['password.resetRequested'], output: 'events' });
		expect(reported(await trigger.deliver(written('reset_password_code', 60), { id: 'msg_1' }))).toEqual([
			'password.resetRequested msg_1.password.resetRequested',
		]);
		expect(reported(await trigger.deliver(written('reset_password_code', 60, 'sms.created'), { id: 'msg_2' }))).toHaveLength(1);
		expect((await trigger.deliver(written('verification_code', 60))).answer?.body['code']).toBe('no_chosen_change');
	});

	test('where no message is received, none is accepted', async () => {
		const trigger = new PublishedTrigger({}, { events: ['user.locked'], output: 'events' });
		expect((await trigger.deliver(written('account_locked', 60))).answer?.body['code']).toBe('event_not_selected');
	});

	test.each([
		['the message first', [written('account_locked', 61), locked(60)]],
		['the change first', [locked(60), written('account_locked', 61)]],
	])('not twice: %s', async (_, [first, second]) => {
		const trigger = await afterSignUp(['email.created', 'user.locked']);
		const names = async (envelope: object) => (await trigger.deliver(envelope)).items?.map(({ name }) => name) ?? [];
		const all = [...(await names(first ?? {})), ...(await names(second ?? {}))];
		expect(all.filter((name) => name === 'user.locked')).toHaveLength(1);
		// Later it happens again.
		await names(updated(3000, { locked: false, banned: false }));
		expect(
			[...(await names(locked(3600))), ...(await names(written('account_locked', 3601)))].filter(
				(name) => name === 'user.locked',
			),
		).toHaveLength(1);
	});

	test.each<[string, object[]]>([
		['one message, after the change', [locked(60), written('account_locked', 61), unlocked(90), locked(120)]],
		[
			'two messages, after the changes',
			[locked(60), unlocked(90), locked(120), written('account_locked', 61), written('account_locked', 121)],
		],
		[
			'two messages, each before its change',
			[written('account_locked', 61), locked(60), unlocked(90), written('account_locked', 121), locked(120)],
		],
		[
			'two messages, the second last',
			[written('account_locked', 61), locked(60), unlocked(90), locked(120), written('account_locked', 121)],
		],
		[
			'two messages, before the changes',
			[written('account_locked', 61), written('account_locked', 121), locked(60), unlocked(90), locked(120)],
		],
		['one message, before the change', [written('account_locked', 61), locked(60), unlocked(90), locked(120)]],
	])('locked twice within two minutes is reported twice: %s', async (_, envelopes) => {
		const trigger = await afterSignUp(['email.created', 'user.locked']);
		const names: unknown[] = [];
		for (const envelope of envelopes) names.push(...((await trigger.deliver(envelope)).items ?? []).map(({ name }) => name));
		expect(names.filter((name) => name === 'user.locked')).toHaveLength(2);
	});

	const passkey = (seconds: number) => ({ id: `idn_${seconds}`, created_at: at(seconds), updated_at: at(seconds) });

	test.each<[string, string, (seconds: readonly number[]) => Record<string, unknown>]>([
		[
			'password.changed',
			'password_changed',
			(all) => ({ password_enabled: true, password_last_updated_at: at(all.at(-1) ?? 0) }),
		],
		['passkey.created', 'passkey_added', (all) => ({ passkeys: all.map(passkey) })],
	])('a message counts for one %s: a later one without a message is reported too', async (name, template, fields) => {
		const trigger = new PublishedTrigger({}, { events: ['user.created', 'email.created', name], output: 'events' });
		await trigger.deliver(created(fields([0])));
		const names: unknown[] = [];
		const later = [written(template, 61), updated(60, fields([0, 60])), updated(660, fields([0, 60, 660]))];
		for (const envelope of later) names.push(...namesIn((await trigger.deliver(envelope)).items));
		expect(names).toEqual(['email.created', name, name]);
	});

	test.each([
		['the message first', [written('account_locked', 61), locked(60)]],
		['the change first', [locked(60), written('account_locked', 61)]],
	])('a mapping applies to the contact, whichever comes first: %s', async (_, envelopes) => {
		const joining = { events: ['user.created', 'user.updated'], joinLists: 'l1' };
		for (const events of [
			['email.created', 'user.updated', 'user.locked'],
			['session.newDevice', 'user.locked'],
		]) {
			const parameters = mappings(joining, { events: ['user.locked'], contactAction: 'unsubscribe' });
			const trigger = await afterSignUp(events, { parameters: { ...parameters, output: 'contacts' } });
			const contacts: unknown[] = [];
			for (const envelope of envelopes) contacts.push(...((await trigger.deliver(envelope)).items ?? []));
			expect(contacts).toContainEqual(expect.objectContaining({ action: 'unsubscribe', firstName: 'Jane' }));
			for (const contact of contacts) expect(contact).toMatchObject({ action: 'unsubscribe' });
		}
	});

	test('where the workflow failed with the one, the other reports it', async () => {
		const trigger = await afterSignUp(['email.created', 'user.locked']);
		await trigger.deliver(locked(60), { id: 'msg_1', n8n: 500 });
		expect(reported(await trigger.deliver(written('account_locked', 61), { id: 'msg_2' }))).toContain(
			'user.locked msg_2.user.locked',
		);
		expect((await trigger.deliver(locked(60), { id: 'msg_1' })).answer?.body['code']).toBe('no_chosen_change');
	});

	test('those that Clerk writes about', () => {
		expect(derivedEvents.filter(({ change }) => isWrittenAbout(change as ChangeName)).map(({ name }) => name)).toEqual([
			'user.locked',
			'emailAddress.primaryChanged',
			'password.changed',
			'password.reset',
			'password.removed',
			'mfa.enabled',
			'passkey.created',
			'passkey.removed',
		]);
	});
});
