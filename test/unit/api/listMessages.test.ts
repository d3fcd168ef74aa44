import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import { explain } from '../../../nodes/Clerk/api/advice';
import type { Failure } from '../../../nodes/Clerk/api/failure';
import { listAttempts, listMessages } from '../../../nodes/Clerk/api/portal';
import type { Message, Portal } from '../../../nodes/Clerk/api/portal';
import { readEvents } from '../../../nodes/Clerk/messages/read';
import type { Visit } from '../../../nodes/Clerk/endpoint/operations';

const START = Date.parse('2026-01-05T09:30:00Z');
const RANGE = { since: START, until: null, eventTypes: null, most: Infinity };

/** A portal with this many messages, one each millisecond, the newest first on pages of 100. */
function portalWith(many: number, iteratorOf = (last: number) => `msg_${last}`) {
	const messages = Array.from({ length: many }, (_, n) => ({
		id: `msg_${n}`,
		eventType: 'user.updated',
		payload: { type: 'user.updated' },
		timestamp: new Date(START + n).toISOString(),
	})).reverse();
	const pages: string[] = [];
	const send = async ({ url }: IHttpRequestOptions) => {
		pages.push(url);
		const iterator = new URL(url).searchParams.get('iterator');
		const from = messages.findIndex(({ id }) => id === iterator) + 1;
		const data = messages.slice(from, from + 100);
		const done = from + data.length === many;
		return { statusCode: 200, headers: {}, body: { data, done, iterator: iteratorOf(many - from - data.length) } };
	};
	return { send, app: 'https://api.eu.svix.com/api/v1/app/app_1', base: 'https://api.eu.svix.com', token: 'token', pages };
}

const idsOf = (messages: readonly Message[]) => messages.map(({ id }) => id);

test('of more messages than fit into memory, the oldest can be read, and not all', async () => {
	const portal = portalWith(10_001);
	const { messages, isAll } = (await listMessages(portal, { ...RANGE, most: 2 })) as { messages: Message[]; isAll: boolean };
	expect([idsOf(messages), isAll]).toEqual([['msg_0', 'msg_1'], false]);
	expect(await listMessages(portal, RANGE)).toMatchObject({
		said: expect.stringMatching(/^there are more than 10,000 events/) as string,
	});
	expect(explain((await listMessages(portal, RANGE)) as Failure)).toBe(
		'Could not read the events: there are more than 10,000 events in that time. Read them in parts, with Since and Until.',
	);
});

test('a time range without an end, as some write it, is asked for in a form that the portal reads', async () => {
	const portal = portalWith(2);
	const until = Date.parse('9999-12-31T23:59:59.999Z');
	expect(await listMessages(portal, { ...RANGE, until })).toMatchObject({ messages: { length: 2 } });
	expect(new URL(portal.pages[0] ?? '').searchParams.get('before') ?? '').not.toContain('+');
});

test('10,000 messages fit', async () => {
	expect(await listMessages(portalWith(10_000), RANGE)).toMatchObject({ isAll: true, messages: { length: 10_000 } });
});

test('a portal that comes back to the same page is an unknown answer, not a list without an end', async () => {
	const inTurn = (last: number) => (last === 50 ? 'msg_200' : 'msg_150');
	expect(await listMessages(portalWith(250, inTurn), { ...RANGE, most: 1 })).toMatchObject({
		said: 'the answer has an unknown format',
	});
	expect(
		await listMessages(
			portalWith(250, () => 'msg_200'),
			RANGE,
		),
	).toMatchObject({ said: 'the answer has an unknown format' });
});

describe('the attempts at an endpoint', () => {
	const attemptsOf = async (portal: Portal, most = Infinity) =>
		await listAttempts(portal, 'ep_1', { since: new Date(START).toISOString(), onlyFailed: true, most });

	test('10,000 fit; more are an error, unless fewer are wanted', async () => {
		expect(await attemptsOf(portalWith(10_000))).toHaveLength(10_000);
		expect(await attemptsOf(portalWith(10_001), 10_000)).toHaveLength(10_000);
		for (const most of [Infinity, 10_001]) {
			expect(explain((await attemptsOf(portalWith(10_002), most)) as Failure)).toBe(
				'Could not read the deliveries: an endpoint has more than 10,000 in that time. Choose a later time for Since, turn on Only Failed, or set a Limit of at most 10,000.',
			);
		}
	});

	test('pages without a list, or without an end, are an unknown answer', async () => {
		for (const body of [{ message: 'maintenance' }, { data: [], done: false, iterator: 'atmpt_1' }]) {
			const portal = { ...portalWith(1), send: async () => ({ statusCode: 200, headers: {}, body }) };
			expect(await attemptsOf(portal)).toMatchObject({ said: 'the answer has an unknown format' });
		}
	});
});

describe('a run that continues after the last event of the run before it', () => {
	const continued = async (portal: ReturnType<typeof portalWith>, limit: number, events = ['user.updated']) => {
		const parameters: Record<string, unknown> = {
			events,
			output: 'events',
			returnAll: false,
			limit,
			since: START + 1000,
			options: { contactsWithoutEmail: 'pass' },
		};
		const context = {
			getNodeParameter: (name: string, _: number, fallback: unknown) => parameters[name] ?? fallback,
			getTimezone: () => 'UTC',
			getNode: () => ({ name: 'Clerk', type: 'clerk' }),
		} as unknown as IExecuteFunctions;
		const visit = { portal, api: { environment: null } } as unknown as Visit;
		return (await readEvents(context, visit, 0)).map(({ id }) => id);
	};

	test.each([
		['with a change that an email can report too', ['user.updated', 'email.created', 'password.changed']],
		['without one', ['user.updated']],
	])('reads the list once, %s', async (_, events) => {
		const portal = portalWith(2000);
		expect(await continued(portal, 3, events)).toEqual(['msg_1000', 'msg_1001', 'msg_1002', 'msg_1003']);
		expect(portal.pages).toHaveLength(20);
	});

	test('gets as many as the run before it, even if more are left than fit into memory', async () => {
		expect(await continued(portalWith(13_000), 5000)).toHaveLength(5001);
		expect(await continued(portalWith(13_000), 10_000)).toHaveLength(10_001);
		await expect(continued(portalWith(13_000), 11_000)).rejects.toThrow('more than 10,000');
	});
});
