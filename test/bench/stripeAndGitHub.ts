import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';
import express from 'express';

const STRIPE = 'api.stripe.com';

/**
 * Plays Stripe's and GitHub's APIs while n8n's triggers register their webhooks, so that those triggers
 * get a signing secret in their own way. n8n reaches Stripe as it would through a company's proxy, and
 * GitHub as it would a GitHub Enterprise server. Everything else is refused.
 */
export class StripeAndGitHub {
	/** By the URL to which a webhook was registered, the secret with which its deliveries are signed. */
	private readonly secrets = new Map<string, string>();
	private readonly folder = mkdtempSync(join(tmpdir(), 'clerk-sync-services-'));
	private readonly certificate = join(this.folder, 'certificate.pem');
	private readonly server: Server;

	/** @throws if there is no openssl on this machine, which makes the certificate */
	static async start(): Promise<StripeAndGitHub> {
		const services = new StripeAndGitHub();
		await once(services.server.listen(0, '127.0.0.1'), 'listening');
		return services;
	}

	private constructor() {
		const key = join(this.folder, 'key.pem');
		const args = [
			...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
			...['-subj', `/CN=${STRIPE}`, '-addext', `subjectAltName=DNS:${STRIPE}`, '-keyout', key, '-out', this.certificate],
		];
		execFileSync('openssl', args, { stdio: 'ignore' });
		const secureContext = createSecureContext({ key: readFileSync(key), cert: readFileSync(this.certificate) });
		this.server = createServer(this.app());
		this.server.on('connect', ({ url }, socket: Socket) => {
			if (url !== `${STRIPE}:443`) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
			socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			return this.server.emit('connection', new TLSSocket(socket, { isServer: true, secureContext }));
		});
	}

	private app(): express.Express {
		const app = express().use(express.json(), express.urlencoded());
		app.post('/v1/webhook_endpoints', ({ body }: { body: { url: string } }, response) => {
			const secret = `whsec_${randomBytes(24).toString('hex')}`;
			this.secrets.set(body.url, secret);
			response.json({ id: 'we_1', object: 'webhook_endpoint', status: 'enabled', enabled_events: ['*'], secret });
		});
		type Hook = { config: { url: string; secret: string }; events: string[] };
		app.post('/repos/:owner/:repository/hooks', ({ body: { config, events } }: { body: Hook }, response) => {
			this.secrets.set(config.url, config.secret);
			response.status(201).json({ id: 1, type: 'Repository', active: true, events, config: { url: config.url } });
		});
		// Asked for, the webhook exists; deleted, it is gone.
		return app.use(({ method }, response) => void response.status(method === 'DELETE' ? 204 : 200).json({ id: 1 }));
	}

	/** As GitHub Enterprise's API, for n8n's credential. */
	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** What n8n has to be started with. */
	get env(): Record<string, string> {
		return { HTTPS_PROXY: this.url, NODE_EXTRA_CA_CERTS: this.certificate };
	}

	/** The secret of a webhook that is about to be registered: n8n listens at a URL before it makes it known. */
	async untilSecret(url: string): Promise<string> {
		for (const deadline = Date.now() + 20_000; Date.now() < deadline; await wait(50)) {
			const secret = this.secrets.get(url);
			if (secret !== undefined) return secret;
		}
		throw new Error(`Nobody registered ${url}, only ${[...this.secrets.keys()].join(', ')}`);
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
		rmSync(this.folder, { recursive: true, force: true });
	}
}
