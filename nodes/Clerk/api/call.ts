import { sleep } from 'n8n-workflow';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { isObject, objectAt, objectsAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { Failure, NOT_SENT, UNEXPECTED_ANSWER } from './failure';
import type { Service, Step } from './failure';

export { isFailure } from './failure';
export type { Failure } from './failure';

/** How a request is sent: one of n8n's helpers, told to give status, headers and body and to throw for no status. */
export type Send = (options: IHttpRequestOptions) => Promise<unknown>;

export interface Call {
	readonly step: Step;
	/** The step in more precise words, to follow "could not". */
	readonly doing?: string;
	readonly service: Service;
	readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	readonly url: string;
	readonly bearer?: string;
	readonly body?: object;
	readonly patience?: Patience;
	/** What was sent and no message may repeat. */
	readonly secrets?: readonly string[];
}

/** How long a call waits, and how often it is made again. */
export interface Patience {
	/** For an answer, in milliseconds. */
	readonly timeoutMs: number;
	/** How often it is made at most when told to slow down (429), and how many milliseconds it waits at most before each. */
	readonly slowedDown: { readonly attempts: number; readonly longestWaitMs: number };
	/** How often at most when there is no answer or a 5xx. The pauses grow: the first, then twice as many milliseconds each time. */
	readonly broken: { readonly attempts: number; readonly firstPauseMs: number };
}

/** For a step that somebody waits for, or that must not be done twice. */
const BRIEF: Patience = {
	timeoutMs: 10_000,
	slowedDown: { attempts: 3, longestWaitMs: 10_000 },
	broken: { attempts: 1, firstPauseMs: 0 },
};

/** For reading a long list. Clerk's limits are for 10 seconds each. */
export const PATIENT: Patience = {
	timeoutMs: 30_000,
	slowedDown: { attempts: 10, longestWaitMs: 60_000 },
	broken: { attempts: 5, firstPauseMs: 500 },
};

/**
 * One call of an API that answers JSON. Told to slow down (429), it waits as told and calls again, and so it does
 * after a broken call where the patience says so; both within bounds.
 * @returns the answer, an empty object where it has no body; or what went wrong. Never throws
 */
export async function call(
	send: Send,
	{ step, doing, service, method, url, bearer, body, patience = BRIEF, secrets = [] }: Call,
): Promise<ClerkObject | Failure> {
	const { timeoutMs, slowedDown, broken } = patience;
	const used = [...(bearer === undefined ? [] : [bearer]), ...secrets];
	const failure = (status: number | null, code: string | null, said: string, trace: string | null = null): Failure =>
		new Failure({
			step,
			doing,
			service,
			status,
			code: code === null ? null : withoutSecrets(code, used),
			said: withoutSecrets(said, used) + (trace === null ? '' : ` (trace ${withoutSecrets(trace, used)})`),
		});
	let timesSlowedDown = 0;
	let timesBroken = 0;
	/** Waits before the next attempt; false where this was the last. */
	const again = async (): Promise<boolean> => {
		if (++timesBroken >= broken.attempts) return false;
		await sleep(broken.firstPauseMs * 2 ** (timesBroken - 1));
		return true;
	};
	for (;;) {
		let answer: unknown;
		try {
			answer = await send({
				method,
				url,
				headers: { accept: 'application/json', ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) },
				...(body === undefined ? {} : { body }),
				json: true,
				timeout: timeoutMs,
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				// What goes along opens the whole Clerk application: it goes to the address that was named, and to no other.
				disableFollowRedirect: true,
			});
		} catch (error) {
			if (await again()) continue;
			return failure(null, ...reasonOf(error, timeoutMs));
		}
		const { status, retryAfterMs, content } = read(answer);
		if (status === 429 && ++timesSlowedDown < slowedDown.attempts) {
			await sleep(Math.min(retryAfterMs ?? 1000, slowedDown.longestWaitMs));
			continue;
		}
		if (status >= 500 && (await again())) continue;
		if (status < 200 || status >= 300) return failure(status, ...errorIn(content));
		if (status === 204 || content === '' || content === undefined) return {};
		// A list stands in an object of its own, so that every answer is one.
		if (Array.isArray(content)) return { data: content };
		return isObject(content) ? content : failure(status, UNEXPECTED_ANSWER, 'an answer that is not JSON');
	}
}

function read(answer: unknown): { status: number; retryAfterMs: number | null; content: unknown } {
	const full = isObject(answer) ? answer : {};
	let content = full['body'];
	if (typeof content === 'string') {
		try {
			content = JSON.parse(content) as unknown;
		} catch {
			// Left as it is: text that is no JSON.
		}
	}
	return {
		status: typeof full['statusCode'] === 'number' ? full['statusCode'] : 0,
		retryAfterMs: retryAfterMs(objectAt(full, 'headers')),
		content,
	};
}

/** As `Sun, 06 Nov 1994 08:49:37 GMT`. Source: RFC 9110, section 5.6.7. */
const HTTP_DATE = /^[A-Z][a-z]+, .+ GMT$/;

/** How long to wait: seconds, or a date. @returns milliseconds; null where it isn't told */
function retryAfterMs(headers: ClerkObject | null): number | null {
	const told = textAt(headers, 'retry-after')?.trim() ?? '';
	if (/^\d+$/.test(told)) return Number(told) * 1000;
	if (!HTTP_DATE.test(told)) return null;
	// By the clock of the server that set the time: ours may be wrong.
	const now = Date.parse(textAt(headers, 'date') ?? '');
	const wait = Date.parse(told) - (Number.isNaN(now) ? Date.now() : now);
	return Number.isNaN(wait) ? null : Math.max(0, wait);
}

/** Clerk: `{ errors: [{ code, message, long_message }], clerk_trace_id }`. Svix: `{ code, detail }`, or `{ detail: [{ loc, msg }] }`. */
function errorIn(content: unknown): [code: string | null, said: string, trace?: string | null] {
	if (!isObject(content)) return [null, 'an answer that is not JSON'];
	const errors = objectsAt(content, 'errors');
	const [clerk] = errors;
	if (clerk) {
		const said = errors.map((error) => textAt(error, 'long_message') ?? textAt(error, 'message') ?? 'no reason');
		return [textAt(clerk, 'code'), said.join(' '), textAt(content, 'clerk_trace_id')];
	}
	const problems = objectsAt(content, 'detail').map((problem) => {
		const at = problem['loc'];
		return `${Array.isArray(at) ? at.join('.') : ''}: ${textAt(problem, 'msg') ?? ''}`;
	});
	return [textAt(content, 'code'), textAt(content, 'detail') ?? (problems.length > 0 ? problems.join('; ') : 'no reason')];
}

/** Why there was no answer, in words and without the request that n8n's errors carry along. */
function reasonOf(error: unknown, timeoutMs: number): [code: string | null, said: string] {
	const thrown = isObject(error) ? error : null;
	const code = textAt(thrown, 'code') ?? textAt(objectAt(thrown, 'cause'), 'code') ?? 'unknown';
	switch (code) {
		case 'ECONNABORTED':
		case 'ETIMEDOUT':
			return [null, `no answer within ${timeoutMs / 1000} seconds`];
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return [NOT_SENT, 'its address was not found (DNS)'];
		case 'ECONNREFUSED':
			return [NOT_SENT, 'the connection was refused'];
		case 'ECONNRESET':
			return [null, 'the connection broke'];
		default:
			return [null, `no answer (${code})`];
	}
}

const LONGEST_TEXT = 300;

/** What an answer says can repeat what was sent: what looks like a secret is taken out, and so is the one that was used. */
function withoutSecrets(text: string, used: readonly string[]): string {
	const shown = used.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '…')), text);
	return shown.replace(/(?:[sp]k_(?:test|live)_|whsec_|auto_v\d+_|Bearer\s+|appsk_)[\w+/=.-]+/g, '…').slice(0, LONGEST_TEXT);
}
