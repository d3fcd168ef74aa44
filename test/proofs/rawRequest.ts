import { request } from 'node:http';
import type { Agent, IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** A request of any kind, also of such that no honest sender makes. */
export interface Sending {
	readonly method?: string;
	readonly headers: Record<string, string>;
	readonly body?: string | Buffer;
	/** Without saying how long the body is. */
	readonly chunked?: boolean;
	/** The connection is broken when this many bytes of the body are sent. */
	readonly breakAfter?: number;
	/** These bytes are sent little by little, over this many milliseconds. */
	readonly over?: number;
}

export interface Answered {
	/** 0 where the connection ended without an answer, as it should if the sender broke it; `HUNG` where nothing came. */
	readonly status: number;
	readonly text: string;
	readonly milliseconds: number;
}

/** How long an answer is waited for, in milliseconds: longer than a busy n8n takes, shorter than any limit of its own. */
const PATIENCE = 60_000;

/** Neither an answer nor the end of the connection in that time. */
export const HUNG = -1;

/** Sends a request and takes whatever comes back; never throws. */
export async function send(
	url: string,
	{ method = 'POST', headers, body = '', chunked = false, breakAfter, over = 0 }: Sending,
	agent: Agent,
): Promise<Answered> {
	const bytes = Buffer.from(body as string);
	const start = performance.now();
	// A connection that is broken can't be used for the next request.
	const connection = breakAfter === undefined ? { agent } : { agent: false as const };
	const length = chunked ? {} : { 'content-length': String(bytes.length) };
	const sent = request(url, { method, headers: { ...headers, ...length }, ...connection });
	const answer = answerTo(sent, start);
	if (breakAfter === undefined) {
		sent.end(bytes);
	} else {
		const pieces = over === 0 ? 1 : 5;
		const size = Math.ceil(breakAfter / pieces);
		for (let from = 0; from < breakAfter; from += size) {
			await new Promise((resolve) => sent.write(bytes.subarray(from, Math.min(from + size, breakAfter)), resolve));
			await wait(over / pieces);
		}
		sent.destroy();
	}
	return await answer;
}

async function answerTo(sent: ReturnType<typeof request>, start: number): Promise<Answered> {
	return await new Promise((resolve) => {
		const timer = setTimeout(() => {
			end(HUNG, '');
			sent.destroy();
		}, PATIENCE);
		const end = (status: number, text: string) => {
			clearTimeout(timer);
			resolve({ status, text, milliseconds: performance.now() - start });
			// A server that answers before all of a body was sent doesn't read the rest of it.
			if (!sent.writableFinished) sent.destroy();
		};
		sent.on('response', (response: IncomingMessage) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('end', () => end(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
			response.on('error', () => end(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
		});
		sent.on('error', () => end(0, ''));
		sent.on('close', () => end(0, ''));
	});
}
