import type { IHttpRequestOptions } from 'n8n-workflow';

import { listMessages } from '../../../nodes/Clerk/api/portal';
import type { Message } from '../../../nodes/Clerk/api/portal';

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
	const send = async ({ url }: IHttpRequestOptions) => {
		const iterator = new URL(url).searchParams.get('iterator');
		const from = messages.findIndex(({ id }) => id === iterator) + 1;
		const data = messages.slice(from, from + 100);
		const done = from + data.length === many;
		return { statusCode: 200, headers: {}, body: { data, done, iterator: iteratorOf(many - from - data.length) } };
	};
	return { send, app: 'https://api.eu.svix.com/api/v1/app/app_1', base: 'https://api.eu.svix.com', token: 'token' };
}

const idsOf = (messages: readonly Message[]) => messages.map(({ id }) => id);

test('of more messages than fit into memory, the oldest can be read, and not all', async () => {
	const portal = portalWith(10_001);
	const { messages, isAll } = (await listMessages(portal, { ...RANGE, most: 2 })) as { messages: Message[]; isAll: boolean };
	expect([idsOf(messages), isAll]).toEqual([['msg_0', 'msg_1'], false]);
	expect(await listMessages(portal, RANGE)).toMatchObject({
		said: expect.stringMatching(/^there are more than 10,000 events/) as string,
	});
});

test('10,000 messages fit', async () => {
	expect(await listMessages(portalWith(10_000), RANGE)).toMatchObject({ isAll: true, messages: { length: 10_000 } });
});

test('a portal that comes back to the same page is an unknown answer, not a list without an end', async () => {
	expect(
		await listMessages(
			portalWith(250, () => 'msg_200'),
			RANGE,
		),
	).toMatchObject({ said: 'the answer has an unknown format' });
});
