import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

const run = promisify(execFile);

const STRIPE = 'api.stripe.com';

async function textOf(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString();
}

/**
 * Plays Stripe's and GitHub's APIs while n8n's triggers register their webhooks, so that those triggers
 * get a signing secret in their own way. n8n reaches Stripe as it would through a
 * company's proxy, and GitHub as it would a GitHub Enterprise server. Everything else is refused.
 */
export class StripeAndGitHub {
	/** By the URL to which a webhook was registered, the secret with which its deliveries are signed. */
	private readonly secrets = new Map<string, string>();

	private constructor(
		private readonly folder: string,
		private readonly server: Server,
	) {}

	/** @throws if there is no openssl on this machine, which makes the certificate */
	static async start(): Promise<StripeAndGitHub> {
		const folder = mkdtempSync(join(tmpdir(), 'clerk-sync-services-'));
		const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
		await run('openssl', [
			...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
			...['-subj', `/CN=${STRIPE}`, '-addext', `subjectAltName=DNS:${STRIPE}`, '-keyout', key, '-out', certificate],
		]);
		const secureContext = createSecureContext({ key: readFileSync(key), cert: readFileSync(certificate) });
		const server = createServer((request, response) => void started.answer(request, response));
		const started = new StripeAndGitHub(folder, server);
		server.on('connect', ({ url }, socket: Socket) => {
			if (url !== `${STRIPE}:443`) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
			socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			server.emit('connection', new TLSSocket(socket, { isServer: true, secureContext }));
			return undefined;
		});
		await once(server.listen(0, '127.0.0.1'), 'listening');
		return started;
	}

	/** As GitHub Enterprise's API, for n8n's credential. */
	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** What n8n has to be started with. */
	get env(): Record<string, string> {
		return { HTTPS_PROXY: this.url, NODE_EXTRA_CA_CERTS: join(this.folder, 'certificate.pem') };
	}

	/** The secret of a webhook that is about to be registered: n8n listens at a URL before it makes it known. */
	async untilSecret(url: string): Promise<string> {
		for (const deadline = Date.now() + 20_000; Date.now() < deadline; await wait(50)) {
			const secret = this.secrets.get(url);
			if (secret !== undefined) return secret;
		}
		throw new Error(`Nobody registered ${url}, only ${[...this.secrets.keys()].join(', ')}`);
	}

	private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { method = '', url = '' } = request;
		const text = await textOf(request);
		const reply = (status: number, body: object) =>
			response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
		if (method === 'POST' && url === '/v1/webhook_endpoints') {
			const form = new URLSearchParams(text);
			const secret = `whsec_${randomBytes(24).toString('hex')}`;
			this.secrets.set(form.get('url') ?? '', secret);
			return void reply(200, { id: 'we_1', object: 'webhook_endpoint', status: 'enabled', enabled_events: ['*'], secret });
		}
		if (method === 'POST' && /^\/repos\/[^/]+\/[^/]+\/hooks$/.test(url)) {
			const { config, events } = JSON.parse(text) as { config: { url: string; secret: string }; events: string[] };
			this.secrets.set(config.url, config.secret);
			return void reply(201, { id: 1, type: 'Repository', active: true, events, config: { url: config.url } });
		}
		// Whoever asks for a webhook finds it; whoever deletes it has done so.
		reply(method === 'DELETE' ? 204 : 200, { id: 1 });
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
		rmSync(this.folder, { recursive: true, force: true });
	}
}
