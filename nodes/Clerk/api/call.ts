import { sleep } from 'n8n-workflow';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { isObject, objectAt, objectsAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { Failure, NOT_SENT, UNEXPECTED_ANSWER } from './failure';
import type { Service, Step } from './failure';

export { isFailure } from './failure';
export type { Failure } from './failure';

/** Sends a request: one of n8n's helpers, set to return status, headers and body, and not to throw for any status. */
export type Send = (options: IHttpRequestOptions) => Promise<unknown>;

export interface Call {
	readonly step: Step;
	/** More precise words for the step, to follow "Could not". */
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

/** How long a call waits, and how often it is retried. */
export interface Patience {
	/** How long to wait for an answer, in milliseconds. */
	readonly timeoutMs: number;
	/** For status 429: the most attempts, and the longest wait before each, in milliseconds. */
	readonly slowedDown: { readonly attempts: number; readonly longestWaitMs: number };
	/** For no answer or a 5xx: the most attempts, and the first pause in milliseconds, which doubles each time. */
	readonly broken: { readonly attempts: number; readonly firstPauseMs: number };
}

/** For a step that somebody waits for, or that must not be repeated. */
const BRIEF: Patience = {
	timeoutMs: 10_000,
	slowedDown: { attempts: 3, longestWaitMs: 10_000 },
	broken: { attempts: 1, firstPauseMs: 0 },
};

/** For reading a long list. Clerk's rate limits apply to windows of 10 seconds. */
export const PATIENT: Patience = {
	timeoutMs: 30_000,
	slowedDown: { attempts: 10, longestWaitMs: 60_000 },
	broken: { attempts: 5, firstPauseMs: 500 },
};

/**
 * Calls an API that answers with JSON. After a 429 it waits as long as the API asks and tries again. It also retries
 * calls without an answer and those with a 5xx, as far as `patience` allows.
 * @returns the answer (an empty object if it has no body), or what went wrong. Never throws
 */
export async function call(
	send: Send,
	{ step, doing, service, method, url, bearer, body, patience = BRIEF, secrets = [] }: Call,
): Promise<ClerkObject | Failure> {
	const { timeoutMs, slowedDown, broken } = patience;
	// The longest first: a shorter one can be a part of it, and would leave the rest.
	const used = [...(bearer === undefined ? [] : [bearer]), ...secrets].sort((a, b) => b.length - a.length);
	const failure = (status: number | null, code: string | null, said: string, trace: string | null = null): Failure =>
		new Failure({
			step,
			doing,
			service,
			status,
			// Without an answer, the code is ours.
			code: code === null || status === null ? code : withoutSecrets(code, used),
			said: withoutSecrets(said, used) + (trace === null ? '' : ` (trace ${withoutSecrets(trace, used)})`),
		});
	let timesSlowedDown = 0;
	let timesBroken = 0;
	/** Waits before the next attempt. @returns false if this was the last one */
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
				// The key gives full access to the Clerk application, so it must not follow a redirect to another address.
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
		// A list is wrapped in an object, so that every answer is an object.
		if (Array.isArray(content)) return { data: content };
		return isObject(content) ? content : failure(status, UNEXPECTED_ANSWER, 'the answer is not JSON');
	}
}

function read(answer: unknown): { status: number; retryAfterMs: number | null; content: unknown } {
	const full = isObject(answer) ? answer : {};
	let content = full['body'];
	if (typeof content === 'string') {
		try {
			content = JSON.parse(content) as unknown;
		} catch {
			// Not JSON: left as text.
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

/** How long to wait: seconds, or a date. @returns milliseconds; null if the answer does not say */
function retryAfterMs(headers: ClerkObject | null): number | null {
	const header = textAt(headers, 'retry-after')?.trim() ?? '';
	if (/^\d+$/.test(header)) return Number(header) * 1000;
	if (!HTTP_DATE.test(header)) return null;
	// Measured with the server's clock, since ours may be wrong.
	const now = Date.parse(textAt(headers, 'date') ?? '');
	const wait = Date.parse(header) - (Number.isNaN(now) ? Date.now() : now);
	return Number.isNaN(wait) ? null : Math.max(0, wait);
}

/** Clerk: `{ errors: [{ code, message, long_message }], clerk_trace_id }`. Svix: `{ code, detail }`, or `{ detail: [{ loc, msg }] }`. */
function errorIn(content: unknown): [code: string | null, said: string, trace?: string | null] {
	if (!isObject(content)) return [null, 'the answer is not JSON'];
	const errors = objectsAt(content, 'errors');
	const [clerk] = errors;
	if (clerk) {
		const said = errors.map((error) => textAt(error, 'long_message') ?? textAt(error, 'message') ?? 'no reason given');
		return [textAt(clerk, 'code'), said.join(' '), textAt(content, 'clerk_trace_id')];
	}
	const problems = objectsAt(content, 'detail').map((problem) => {
		const at = problem['loc'];
		return `${Array.isArray(at) ? at.join('.') : ''}: ${textAt(problem, 'msg') ?? ''}`;
	});
	return [textAt(content, 'code'), textAt(content, 'detail') ?? (problems.length > 0 ? problems.join('; ') : 'no reason given')];
}

/** Why there was no answer, in words, and without the request that n8n's errors contain. */
function reasonOf(error: unknown, timeoutMs: number): [code: string | null, said: string] {
	const thrown = isObject(error) ? error : null;
	const code = textAt(thrown, 'code') ?? textAt(objectAt(thrown, 'cause'), 'code') ?? 'unknown';
	switch (code) {
		case 'ECONNABORTED':
		case 'ETIMEDOUT':
			return [null, `no answer within ${timeoutMs / 1000} seconds`];
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return [NOT_SENT, 'its host name was not found (DNS)'];
		case 'ECONNREFUSED':
			return [NOT_SENT, 'the connection was refused'];
		case 'ECONNRESET':
			return [null, 'the connection was reset'];
		default:
			return [null, `no answer (${code})`];
	}
}

const LONGEST_TEXT = 300;

/** A shorter text is part of many words, so it is hidden only where it is a word of its own. */
const HIDDEN_ANYWHERE = 4;

/** An answer can repeat what was sent, so this removes the secret that was used and everything that looks like one. */
function withoutSecrets(text: string, used: readonly string[]): string {
	const shown = used.filter((secret) => secret.trim() !== '').reduce(hide, text);
	return shown.replace(/(?:[sp]k_(?:test|live)_|whsec_|auto_v\d+_|Bearer\s+|appsk_)[\w+/=.-]+/g, '…').slice(0, LONGEST_TEXT);
}

function hide(text: string, secret: string): string {
	if (secret.length >= HIDDEN_ANYWHERE) return text.replaceAll(secret, '…');
	return text.replace(new RegExp(`(?<!\\w)${secret.replace(/\W/g, '\\$&')}(?!\\w)`, 'g'), '…');
}
