import { call, isFailure } from '../../../nodes/Clerk/api/call';
import type { Call } from '../../../nodes/Clerk/api/call';

const sleep = jest.fn<Promise<void>, [number]>(async () => {});
jest.mock('n8n-workflow', () => ({
	...jest.requireActual<object>('n8n-workflow'),
	sleep: async (ms: number) => await sleep(ms),
}));

const ASKED: Call = {
	step: 'recover',
	service: 'Clerk',
	method: 'POST',
	url: 'https://api.clerk.com/v1/x',
	bearer: 'bearer-CANARY',
	body: { a: 1 },
};

/** Calls an API that gives these answers one after the other; a function throws what it returns. */
async function callWith(...answers: unknown[]) {
	const sent: unknown[] = [];
	const result = await call(async (options) => {
		sent.push(options);
		const answer = answers[sent.length - 1];
		if (typeof answer === 'function') throw (answer as () => unknown)();
		return answer;
	}, ASKED);
	return { result, sent };
}

const answer = (statusCode: number, body: unknown, headers: Record<string, string> = {}) => ({ statusCode, body, headers });

beforeEach(() => sleep.mockClear());

test('a call sends the key to the named address alone: redirects are not followed', async () => {
	const { result, sent } = await callWith(answer(200, { id: 1 }));
	expect(result).toEqual({ id: 1 });
	expect(sent).toEqual([
		expect.objectContaining({
			method: 'POST',
			url: ASKED.url,
			body: { a: 1 },
			headers: { accept: 'application/json', authorization: 'Bearer bearer-CANARY' },
			disableFollowRedirect: true,
			ignoreHttpStatusErrors: true,
			timeout: 10_000,
		}),
	]);
});

test.each([
	['text that is JSON', answer(200, '{"id":1}'), { id: 1 }],
	['a list', answer(200, [1]), { data: [1] }],
	['no content', answer(204, ''), {}],
	['nothing at all', answer(200, undefined), {}],
	[
		'an answer that reports failures of its own',
		answer(200, { failed: 'deliver again', said: 'x' }),
		{ failed: 'deliver again', said: 'x' },
	],
])('%s is understood', async (_, given, expected) => {
	const { result } = await callWith(given);
	expect([result, isFailure(result)]).toEqual([expected, false]);
});

describe('D5: what goes wrong names the step, the status, the code and the reason', () => {
	test.each<[string, unknown, object]>([
		[
			"Clerk's errors",
			answer(400, { errors: [{ code: 'svix_app_missing', message: 'short', long_message: 'long' }], clerk_trace_id: 'tr_1' }),
			{ status: 400, code: 'svix_app_missing', said: 'long (trace tr_1)' },
		],
		["Svix' errors", answer(409, { code: 'conflict', detail: 'taken' }), { status: 409, code: 'conflict', said: 'taken' }],
		[
			"Svix' refusal of a body",
			answer(422, { detail: [{ loc: ['body', 'url'], msg: 'bad', type: 'x' }] }),
			{ status: 422, code: null, said: 'body.url: bad' },
		],
		['an error without a reason', answer(500, {}), { status: 500, code: null, said: 'no reason given' }],
		['a page of a proxy', answer(502, '<html>'), { status: 502, code: null, said: 'the answer is not JSON' }],
		[
			'a page in place of an answer',
			answer(200, '<html>'),
			{ status: 200, code: 'unexpected_answer', said: 'the answer is not JSON' },
		],
		['a redirect', answer(302, ''), { status: 302, code: null, said: 'the answer is not JSON' }],
		['a time-out', () => ({ code: 'ECONNABORTED', config: ASKED }), { status: null, said: 'no answer within 10 seconds' }],
		['a wrong name', () => ({ cause: { code: 'ENOTFOUND' } }), { status: null, said: 'its host name was not found (DNS)' }],
		['a closed port', () => ({ code: 'ECONNREFUSED' }), { status: null, said: 'the connection was refused' }],
		['a broken connection', () => ({ code: 'ECONNRESET' }), { status: null, said: 'the connection was reset' }],
		['something else', () => new Error('bearer-CANARY'), { status: null, said: 'no answer (unknown)' }],
		['no answer of HTTP', null, { status: 0, said: 'the answer is not JSON' }],
	])('%s', async (_, given, expected) => {
		const { result } = await callWith(given);
		expect(isFailure(result)).toBe(true);
		expect(result).toMatchObject({ step: 'recover', failed: 'deliver the failed events again', service: 'Clerk', ...expected });
		expect(JSON.stringify(result)).not.toContain('CANARY');
	});

	test('E4: an answer that repeats a secret is shown without it', async () => {
		const detail =
			'bearer-CANARY, sk_live_CANARY, sk_test_CANARY=, whsec_CANARY+/=, auto_v1_CANARY, auto_v2_CANARY, Bearer CANARY';
		const { result } = await callWith(answer(403, { code: 'x whsec_CANARY', detail }));
		expect(result).toMatchObject({ code: 'x …', said: '…, …, …, …, …, …, …' });
	});

	test.each([
		['one that begins like another one, whole', 'acme-7f3a is not allowed', ['acme', 'acme-7f3a'], '… is not allowed'],
		['a short one, as a word of its own', 'HIV is not one of HIVE, "HIV"', ['HIV'], '… is not one of HIVE, "…"'],
		['one with punctuation', 'A+ and A+B', ['A+'], '… and A+B'],
		['but no space', 'not allowed', [' ', ''], 'not allowed'],
	])('E4: a secret is hidden: %s', async (_, detail, secrets, expected) => {
		const failure = await call(async () => answer(422, { code: 'x', detail }), { ...ASKED, secrets });
		expect(isFailure(failure) && failure.said).toBe(expected);
	});

	test('a long reason is cut', async () => {
		const { result } = await callWith(answer(400, { code: 'x', detail: 'y'.repeat(10_000) }));
		expect(isFailure(result) && result.said).toHaveLength(300);
	});
});

describe('D5: it waits as long as a rate limit says, within bounds', () => {
	test.each([
		['1', 1000],
		['7', 7000],
		['3600', 10_000],
		['0', 0],
		['soon', 1000],
		['-1', 1000],
	])('Retry-After: %s', async (seconds, ms) => {
		const { result, sent } = await callWith(answer(429, {}, { 'retry-after': seconds }), answer(200, { ok: true }));
		expect(result).toEqual({ ok: true });
		expect(sent).toHaveLength(2);
		expect(sleep.mock.calls).toEqual([[ms]]);
	});

	const NOW = 'Wed, 21 Oct 2026 07:28:00 GMT';
	test.each([
		// By the server's clock, where it gives one; else by ours.
		['Wed, 21 Oct 2026 07:28:04 GMT', { date: NOW }, 4000],
		['Wed, 21 Oct 2026 07:27:00 GMT', { date: NOW }, 0],
		['Thu, 22 Oct 2026 07:28:00 GMT', { date: NOW }, 10_000],
		['Wed, 21 Oct 2026 07:28:02 GMT', {}, 2000],
	])('Retry-After as a date: %s, %j', async (date, headers, ms) => {
		const clock = jest.spyOn(Date, 'now').mockReturnValue('date' in headers ? 0 : Date.parse(NOW));
		const { result } = await callWith(answer(429, {}, { 'retry-after': date, ...headers }), answer(200, { ok: true }));
		clock.mockRestore();
		expect(result).toEqual({ ok: true });
		expect(sleep.mock.calls).toEqual([[ms]]);
	});

	test('three times at most', async () => {
		const { result, sent } = await callWith(
			...Array.from({ length: 5 }, () => answer(429, { code: 'rate', detail: 'slow down' })),
		);
		expect(result).toMatchObject({ status: 429, code: 'rate', said: 'slow down' });
		expect(sent).toHaveLength(3);
		expect(sleep).toHaveBeenCalledTimes(2);
	});
});
