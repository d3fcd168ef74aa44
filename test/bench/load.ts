import { Pool } from 'undici';

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

/**
 * Sends requests over a number of connections, each of which sends its next one when the one before is
 * answered, until the time is over or no request is left. A load generator such as autocannon would
 * drop the requests that are on their way when the time is over, but n8n would run them.
 * @param seconds after which no other request is sent
 * @returns an answer for each request that was sent
 */
export async function sendAll(url: string, requests: readonly Ready[], connections: number, seconds: number): Promise<Answer[]> {
	const { origin, pathname: path } = new URL(url);
	const pool = new Pool(origin, { connections, headersTimeout: 60_000 });
	const deadline = performance.now() + seconds * 1000;
	const answers: Answer[] = [];
	let next = 0;
	const send = async ({ headers, body }: Ready): Promise<Answer> => {
		const start = performance.now();
		const all = { 'content-type': 'application/json', ...headers };
		const answer = await pool
			.request({ path, method: 'POST', headers: all, body })
			.then(async ({ statusCode, body: content }) => ({ status: statusCode, text: await content.text() }))
			.catch((error: unknown) => ({ status: 0, text: String(error) }));
		return { ...answer, milliseconds: performance.now() - start };
	};
	const connection = async () => {
		while (performance.now() < deadline) {
			const ready = requests[next++];
			if (!ready) return;
			answers.push(await send(ready));
		}
	};
	await Promise.all(Array.from({ length: connections }, connection));
	await pool.close();
	return answers;
}
