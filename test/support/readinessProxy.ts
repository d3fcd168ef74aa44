import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/**
 * What stands before an n8n that is reached from outside, and hands requests on only while n8n says
 * that it is ready: a load balancer with a health check, or the readiness probe of Kubernetes.
 *
 * An n8n 2.41 that stands there alone answers everything with 200 from when it listens until its
 * database is migrated ("n8n is starting up. Please wait"), so that a sender takes it for delivered.
 */
export class Gate {
	private constructor(
		private readonly server: Server,
		readonly url: string,
	) {}

	/** @param n8n where n8n is, now or later */
	static async open(n8n: string): Promise<Gate> {
		const server = createServer((incoming, answer) => void handOn(n8n, incoming, answer));
		await once(server.listen(0, '127.0.0.1'), 'listening');
		const address = server.address();
		if (address === null || typeof address === 'string') throw new Error('No port was given');
		return new Gate(server, `http://127.0.0.1:${address.port}`);
	}

	async close(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}

async function handOn(n8n: string, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
	const ready = await fetch(`${n8n}/healthz/readiness`).catch(() => null);
	if (!ready?.ok) {
		answer.writeHead(503).end();
		return;
	}
	const { method, headers, url = '' } = incoming;
	const outgoing = request(n8n + url, { method, headers, agent: false }, (response) => {
		answer.writeHead(response.statusCode ?? 502, response.headers);
		response.on('error', () => answer.destroy());
		response.pipe(answer);
	});
	outgoing.on('error', () => {
		if (answer.headersSent) answer.destroy();
		else answer.writeHead(502).end();
	});
	// Who hangs up on the gate hangs up on n8n.
	answer.on('close', () => outgoing.destroy());
	incoming.pipe(outgoing);
}
