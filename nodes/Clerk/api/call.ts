import { sleep } from 'n8n-workflow';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { isObject, objectAt, objectsAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';

/** How a request is sent: one of n8n's helpers, told to give status, headers and body and to throw for no status. */
export type Send = (options: IHttpRequestOptions) => Promise<unknown>;

export type Service = 'Clerk' | 'the webhook portal';

/** A call that did not do what it was for. Nothing in it repeats a key, a token or a signing secret. */
export interface Failure {
	/** What was being done, to follow "could not". */
	readonly failed: string;
	readonly service: Service;
	/** Null where there was no answer. */
	readonly status: number | null;
	/** The code in the answer, if it has one. */
	readonly code: string | null;
	/** What the answer says, or why there was none. */
	readonly said: string;
}

export function isFailure(value: unknown): value is Failure {
	return isObject(value) && 'failed' in value;
}

export interface Call {
	readonly step: string;
	readonly service: Service;
	readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	readonly url: string;
	readonly bearer?: string;
	readonly body?: ClerkObject;
}

const TIMEOUT_MS = 10_000;
/** How often a call is made again that was told to come back later, and how long it waits at most each time. */
const ATTEMPTS = 3;
const LONGEST_WAIT_MS = 10_000;

/**
 * One call of an API that answers JSON. Told to slow down (429), it waits as told and calls again, within bounds.
 * @returns the answer, an empty object where it has no body; or what went wrong. Never throws
 */
export async function call(send: Send, { step, service, method, url, bearer, body }: Call): Promise<ClerkObject | Failure> {
	const failure = (status: number | null, code: string | null, said: string): Failure => ({
		failed: step,
		service,
		status,
		code,
		said: withoutSecrets(said, bearer),
	});
	for (let attempt = 1; ; attempt++) {
		let answer: unknown;
		try {
			answer = await send({
				method,
				url,
				headers: { accept: 'application/json', ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) },
				...(body === undefined ? {} : { body }),
				json: true,
				timeout: TIMEOUT_MS,
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				// What goes along opens the whole Clerk application: it goes to the address that was named, and to no other.
				disableFollowRedirect: true,
			});
		} catch (error) {
			return failure(null, null, reasonOf(error));
		}
		const { status, retryAfterMs, content } = read(answer);
		if (status === 429 && attempt < ATTEMPTS) {
			await sleep(Math.min(retryAfterMs ?? 1000, LONGEST_WAIT_MS));
			continue;
		}
		if (status < 200 || status >= 300) return failure(status, ...errorIn(content));
		if (status === 204 || content === '' || content === undefined) return {};
		// A list stands in an object of its own, so that every answer is one.
		if (Array.isArray(content)) return { data: content };
		return isObject(content) ? content : failure(status, null, 'an answer that is not JSON');
	}
}

function read(answer: unknown): { status: number; retryAfterMs: number | null; content: unknown } {
	const full = isObject(answer) ? answer : {};
	const retryAfter = textAt(objectAt(full, 'headers'), 'retry-after');
	const seconds = retryAfter === null ? NaN : Number(retryAfter);
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
		retryAfterMs: seconds >= 0 ? seconds * 1000 : null,
		content,
	};
}

/** Clerk: `{ errors: [{ code, message, long_message }], clerk_trace_id }`. Svix: `{ code, detail }`, or `{ detail: [{ loc, msg }] }`. */
function errorIn(content: unknown): [code: string | null, said: string] {
	if (!isObject(content)) return [null, 'an answer that is not JSON'];
	const [clerk] = objectsAt(content, 'errors');
	if (clerk) {
		const trace = textAt(content, 'clerk_trace_id');
		const said = textAt(clerk, 'long_message') ?? textAt(clerk, 'message') ?? 'no reason';
		return [textAt(clerk, 'code'), trace === null ? said : `${said} (trace ${trace})`];
	}
	const problems = objectsAt(content, 'detail').map((problem) => {
		const at = problem['loc'];
		return `${Array.isArray(at) ? at.join('.') : ''}: ${textAt(problem, 'msg') ?? ''}`;
	});
	return [textAt(content, 'code'), textAt(content, 'detail') ?? (problems.length > 0 ? problems.join('; ') : 'no reason')];
}

/** Why there was no answer, in words and without the request that n8n's errors carry along. */
function reasonOf(error: unknown): string {
	const thrown = isObject(error) ? error : null;
	const code = textAt(thrown, 'code') ?? textAt(objectAt(thrown, 'cause'), 'code') ?? 'unknown';
	switch (code) {
		case 'ECONNABORTED':
		case 'ETIMEDOUT':
			return `no answer within ${TIMEOUT_MS / 1000} seconds`;
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return 'its address was not found (DNS)';
		case 'ECONNREFUSED':
			return 'the connection was refused';
		case 'ECONNRESET':
			return 'the connection broke';
		default:
			return `no answer (${code})`;
	}
}

const LONGEST_TEXT = 300;

/** What an answer says can repeat what was sent: what looks like a secret is taken out, and so is the one that was used. */
function withoutSecrets(text: string, used?: string): string {
	const shown = used === undefined ? text : text.replaceAll(used, '…');
	return shown.replace(/(?:[sp]k_(?:test|live)_|whsec_|auto_v1_|Bearer\s+|appsk_)[\w+/=.-]+/g, '…').slice(0, LONGEST_TEXT);
}
