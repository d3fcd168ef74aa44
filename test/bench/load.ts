import { Agent, request } from 'node:http';

/** A request that has only to be sent. */
export interface Ready {
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
}

export interface Answer {
	/** 0 where the connection ended without an answer. */
	readonly status: number;
	readonly text: string;
	readonly milliseconds: number;
}

const PATIENCE = 60_000;

async function post(url: URL, { headers, body }: Ready, agent: Agent): Promise<Answer> {
	const start = performance.now();
	return await new Promise((resolve) => {
		const end = (status: number, text: string) => resolve({ status, text, milliseconds: performance.now() - start });
		const all = { 'content-type': 'application/json', ...headers, 'content-length': body.length };
		const sent = request(url, { method: 'POST', headers: all, agent, timeout: PATIENCE }, (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('end', () => end(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
			response.on('error', () => end(0, ''));
		});
		sent.on('timeout', () => sent.destroy());
		sent.on('error', () => end(0, ''));
		sent.end(body);
	});
}

/**
 * Sends requests over so many connections that are kept open; each connection sends its next one when
 * the one before is answered. Ends when the time is over and everything sent is answered, or when no
 * request is left. Unlike a general load generator it sends each request once: every delivery has an
 * id and a signature of its own.
 * @param seconds after which no other request is sent
 * @returns an answer for each request that was sent
 */
export async function sendAll(url: string, requests: readonly Ready[], connections: number, seconds: number): Promise<Answer[]> {
	const agent = new Agent({ keepAlive: true, maxSockets: connections });
	const target = new URL(url);
	const deadline = performance.now() + seconds * 1000;
	const answers: Answer[] = [];
	let next = 0;
	const connection = async () => {
		while (performance.now() < deadline) {
			const ready = requests[next++];
			if (!ready) return;
			answers.push(await post(target, ready, agent));
		}
	};
	await Promise.all(Array.from({ length: connections }, connection));
	agent.destroy();
	return answers;
}
