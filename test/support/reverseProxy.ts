import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProxyServer } from 'http-proxy-3';

/** Whether an n8n says that it is ready. @param otherwise where nothing answers */
async function isReady(n8n: string, otherwise: boolean): Promise<boolean> {
	return await fetch(`${n8n}/healthz/readiness`).then(
		({ ok }) => ok,
		() => otherwise,
	);
}

/** A reverse proxy. What breaks on one side breaks on the other: a process that is killed is a lost connection for the sender. */
export class ReverseProxy {
	private constructor(private readonly server: Server) {}

	/** @param targetOf where a request goes; null where nobody takes it, which is answered 503 */
	static async start(targetOf: (incoming: IncomingMessage) => string | null | Promise<string | null>): Promise<ReverseProxy> {
		const proxy = createProxyServer();
		proxy.on('error', (_error, _incoming, outgoing) => outgoing.destroy());
		proxy.on('proxyRes', (answer, _incoming, outgoing) => answer.on('error', () => outgoing.destroy()));
		const server = createServer((incoming, outgoing) => {
			void Promise.resolve(targetOf(incoming)).then((target) => {
				if (target === null) outgoing.writeHead(503).end();
				else proxy.web(incoming, outgoing, { target });
			});
		});
		await once(server.listen(0, '127.0.0.1'), 'listening');
		return new ReverseProxy(server);
	}

	/**
	 * Before an n8n that is reached from outside: hands requests on only while n8n says that it is ready, as a load balancer
	 * with a health check or the readiness probe of Kubernetes does. n8n 2.41 alone answers everything with 200 from when it
	 * listens until its database is migrated ("n8n is starting up. Please wait"), so that a sender takes it for delivered.
	 * @param n8n where n8n is, now or later
	 */
	static async whenReady(n8n: string): Promise<ReverseProxy> {
		return await ReverseProxy.start(async () => {
			return (await isReady(n8n, false)) ? n8n : null;
		});
	}

	/**
	 * Spreads deliveries over processes: those of one id go to each of them in turn, so that two copies never meet in one.
	 * One that is starting takes none.
	 * @param targets the processes, as they are at the moment
	 */
	static async byDelivery(targets: () => readonly string[]): Promise<ReverseProxy> {
		const turns = new Map<string, number>();
		return await ReverseProxy.start(async ({ headers }) => {
			const id = String(headers['svix-id']);
			// Another process is the first one for each new id.
			const turn = (turns.get(id) ?? turns.size - 1) + 1;
			turns.set(id, turn);
			const target = targets()[turn % targets().length];
			// One that is gone is a lost connection.
			return target !== undefined && (await isReady(target, true)) ? target : null;
		});
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}
}
