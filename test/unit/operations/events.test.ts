import type { INodeParameters } from 'n8n-workflow';

import { delivered, settings } from '../../support/deliveries';
import { ClerkCloud, faults } from '../../support/clerk/cloud';
import { eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { toItems } from '../../../nodes/Clerk/records/items';
import { toRecords } from '../../../nodes/Clerk/trigger/selection';
import { errorOf, run } from '../../support/clerkNode';

jest.mock('n8n-workflow', () => ({ ...jest.requireActual<object>('n8n-workflow'), sleep: async () => {} }));
jest.setTimeout(60_000);
let clerk: ClerkCloud;
beforeEach(async () => {
	clerk = await ClerkCloud.start();
	clerk.people.fill(5);
});
afterEach(async () => {
	expect([clerk.refused, clerk.ignored, clerk.portal.openTokens]).toEqual([[], [], 0]);
	await clerk.stop();
});

const changeOf = (place: number, type = 'user.updated') => ({
	object: 'event',
	type,
	data: clerk.people.at(place),
	instance_id: 'ins_2test0000000000000000000000',
	timestamp: Date.now(),
});
const getMany = (more: INodeParameters = {}): INodeParameters => ({
	resource: 'event',
	operation: 'getAll',
	since: '2026-01-01T00:00:00Z',
	events: ['*'],
	options: { contactsWithoutEmail: 'pass' },
	...more,
});
const read = async (more: INodeParameters = {}) => (await run(clerk, getMany(more)))[0]?.map(({ json }) => json) ?? [];
const START = Date.parse('2026-01-05T09:30:00Z');
const at = (afterStart: number) => new Date(START + afterStart).toISOString();
/** Sets when the messages were sent, in the order in which they were emitted. */
const sentAt = (...times: number[]) => times.forEach((time, place) => Object.assign(clerk.messages[place]!, { at: time }));
const idOf = (json: object) => (json as { event: { id: string } }).event.id;

describe('D10: events that were missed', () => {
	test('come as the items that the trigger makes of their deliveries, the oldest first, and say that they are not signed', async () => {
		const bodies = [changeOf(0, 'user.created'), changeOf(1), changeOf(2)];
		for (const body of bodies) await clerk.emit(body.type, body);
		const chosen = settings({ events: 'all', contactsWithoutEmail: 'pass' });
		const expected = clerk.messages.flatMap(({ id, at }, place) => {
			const delivery = delivered(bodies[place]!, { environment: 'development' });
			const statement = { ...delivery, id, sentAt: at };
			const records = toRecords(eventOfType(bodies[place]!.type), statement, chosen);
			return 'outcome' in records ? [] : toItems(records, statement, chosen).flat();
		});
		expect(expected).toHaveLength(3);
		expect(await read()).toEqual(expected.map(({ json }) => ({ ...json, signed: false })));
	});

	test('250 are read over three pages, each once, in order', async () => {
		for (let place = 0; place < 250; place++) await clerk.emit('user.updated', changeOf(place % 5));
		clerk.resetCalls();
		expect((await read()).map(idOf)).toEqual(clerk.messages.map(({ id }) => id));
		expect(clerk.countOf('v1.message.list')).toBe(3);
	});

	test('those that were chosen alone, in the time that was asked for, up to the limit', async () => {
		for (const type of ['user.created', 'user.updated', 'session.created']) await clerk.emit(type);
		sentAt(START, START + 1000, START + 2000);
		const types = async (more: INodeParameters) => (await read(more)).map((json) => (json['event'] as { type: string }).type);
		expect(await types({ events: ['session.created', 'user.created'] })).toEqual(['user.created', 'session.created']);
		expect(await types({ events: [], options: { additionalEvents: 'session.created' } })).toEqual(['session.created']);
		expect(await types({ since: new Date(Date.now() + 60_000).toISOString() })).toEqual([]);
		expect(await types({ options: { until: '2026-01-02T00:00:00Z' } })).toEqual([]);
		expect(await types({ since: at(1000), options: { until: at(2000), contactsWithoutEmail: 'pass' } })).toEqual([
			'user.updated',
		]);
		expect(await types({ returnAll: false, limit: 1 })).toEqual(['user.created']);
	});

	describe('a limit gives the oldest, so that a workflow can go on from the time of the last one', () => {
		/** All IDs that come while each run starts at the time of the last event of the run before it. */
		async function continued(limit: number, more: INodeParameters, between: () => Promise<void> = async () => {}) {
			const came = new Set<string>();
			let since = at(0);
			for (let isNew = true; isNew;) {
				const events = (await read({ ...more, since, returnAll: false, limit })).map(
					({ event }) => event as { id: string; sentAt: string },
				);
				isNew = events.some(({ id }) => !came.has(id));
				for (const { id } of events) came.add(id);
				since = events.at(-1)?.sentAt ?? since;
				await between();
			}
			return [...came];
		}
		const emit = async (many: number) => {
			for (let n = 0; n < many; n++) await clerk.emit('user.updated', changeOf(n % 5));
		};

		test('none is left out, over several pages and while others arrive', async () => {
			await emit(230);
			sentAt(...clerk.messages.map((_, place) => START + place * 1000));
			let late = 230;
			const arrive = async () => {
				if (late >= 240) return;
				await emit(1);
				Object.assign(clerk.messages.at(-1)!, { at: START + late++ * 1000 });
			};
			expect(await continued(60, {}, arrive)).toEqual(clerk.messages.map(({ id }) => id));
			expect(clerk.messages).toHaveLength(240);
		});

		test.each([1, 2, 3])('nor one of many with the same time, with a limit of %i', async (limit) => {
			await emit(7);
			sentAt(START, START, START, START + 5, START + 5, START + 5, START + 6);
			expect(await continued(limit, {})).toEqual(clerk.messages.map(({ id }) => id));
		});

		test('nor one whose ID is not in the order of its time', async () => {
			await emit(3);
			sentAt(START + 3, START + 1, START + 2);
			const [third, first, second] = clerk.messages.map(({ id }) => id);
			expect(await continued(1, {})).toEqual([first, second, third]);
		});

		test('nor one that comes after many that give no item', async () => {
			for (let n = 0; n < 9; n++)
				await clerk.emit('user.updated', { ...changeOf(0), data: { ...clerk.people.at(0), email_addresses: [] } });
			await emit(1);
			sentAt(...clerk.messages.map((_, place) => START + place));
			expect(await continued(2, { options: {} })).toEqual([clerk.messages.at(-1)?.id]);
		});
	});

	test('flat, and by a mapping under another name with an additional event', async () => {
		await clerk.emit('user.created', changeOf(0, 'user.created'));
		const [message] = clerk.messages;
		const mapping = { events: ['user.created'], active: true, eventName: 'newClerkUser', additionalEventName: 'trialStarted' };
		const found = await read({ output: 'events', mappings: { mapping: [mapping] } });
		expect(found).toEqual([
			expect.objectContaining({ name: 'newClerkUser', id: message?.id, signed: false }),
			expect.objectContaining({ name: 'trialStarted', id: expect.stringContaining(message?.id ?? '') as string }),
		]);
		expect(await read({ output: 'contacts' })).toEqual([expect.objectContaining({ userId: clerk.people.at(0).id })]);
	});

	test('one whose content Clerk no longer keeps is still output', async () => {
		const { id } = await clerk.emit('user.created', changeOf(0, 'user.created'));
		clerk.portal.forgotten.add(id);
		expect(await read({ options: {} })).toEqual([
			{ contact: null, event: expect.objectContaining({ id, name: 'user.created', userId: null }), tenant: null, signed: false },
		]);
	});

	test('an application without webhooks has none', async () => {
		await clerk.stop();
		clerk = await ClerkCloud.start({ app: false });
		expect(await read()).toEqual([]);
	});
});

describe('C9, D10: derived events', () => {
	/** A user who has just changed their password, and Clerk's mail about it. */
	const passwordChanged = () => {
		const changedAt = Date.now();
		const times = { created_at: changedAt - 3_600_000, updated_at: changedAt, password_last_updated_at: changedAt };
		return { ...changeOf(0), data: { ...clerk.people.at(0), ...times, password_enabled: true } };
	};
	const written = () => ({
		...changeOf(0, 'email.created'),
		data: { id: 'ema_1', slug: 'password_changed', user_id: clerk.people.at(0).id, to_email_address: 'jane@example.com' },
	});

	test.each([
		['one that is chosen alone is read from the events that it needs', [], []],
		['so is one that is chosen beside others', ['user.created'], []],
		["a change and Clerk's message about it are one event", ['user.updated', 'email.created'], ['user.updated', 'email.created']],
	])('%s', async (_, others, expected) => {
		await clerk.emit('user.updated', passwordChanged());
		if (others.includes('email.created')) await clerk.emit('email.created', written());
		const found = await read({ events: [...others, 'password.changed'], output: 'events' });
		expect(found.map(({ name }) => name)).toEqual(expected.toSpliced(1, 0, 'password.changed'));
	});

	test('so they are where an earlier run has read the change, and only the message is in this one', async () => {
		await clerk.emit('user.updated', passwordChanged());
		await clerk.emit('email.created', written());
		sentAt(START, START + 2000);
		const events = ['user.updated', 'email.created', 'password.changed'];
		expect((await read({ events, output: 'events', since: at(1000) })).map(({ name }) => name)).toEqual(['email.created']);
	});
});

describe('what goes wrong ends in a sentence', () => {
	test('a key that may not read events', async () => {
		clerk.fail('v1.message.list', faults.forbidden());
		expect(await errorOf(read())).toMatch(
			/^Could not read the events: the webhook portal answered 403 .*\. Clerk does not let this key read events, only states: use Contact: Get Changed Since in place of Event: Get Many\.$/,
		);
	});

	test('a page that fails is read again; where it stays so, no event is output', async () => {
		for (let place = 0; place < 150; place++) await clerk.emit('user.updated', changeOf(0));
		clerk.fail('v1.message.list', faults.serverError(), 2, 1);
		expect(await read()).toHaveLength(150);
		clerk.fail('v1.message.list', faults.serverError(), 9, 1);
		expect(await errorOf(read())).toMatch(/^Could not read the events: the webhook portal answered 500/);
		clerk.clearFaults();
	});

	test.each<[string, INodeParameters]>([
		['Since is not a time. Write it like 2026-01-05T09:30:00Z, or choose it from the calendar.', { since: 'yesterday' }],
		['Until is not a time. Write it like 2026-01-05T09:30:00Z, or choose it from the calendar.', { options: { until: 'today' } }],
		['Choose at least one event under Events.', { events: [] }],
		['Limit must be a number of 1 or more.', { returnAll: false, limit: '={{ 0 }}' }],
		[
			'"Include Names" has an invalid value. Check its expression, or remove it.',
			{ options: { includeNames: '={{ "maybe" }}' } },
		],
	])('%s', async (message, more) => {
		expect(await errorOf(read(more))).toBe(message);
		expect(clerk.countOf('v1.message.list')).toBe(0);
	});
});
