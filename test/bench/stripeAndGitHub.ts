import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCACertificate, getLocal } from 'mockttp';
import type { CompletedRequest, Mockttp } from 'mockttp';

import { until } from '../support/eventually';

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

	private constructor(private readonly server: Mockttp) {}

	static async start(): Promise<StripeAndGitHub> {
		const authority = await generateCACertificate({ subject: { commonName: 'Benchmark of n8n-nodes-clerk-sync' } });
		const server = getLocal({ https: authority, http2: false, recordTraffic: false });
		const services = new StripeAndGitHub(server);
		writeFileSync(services.certificate, authority.cert);
		await server.start();
		await server.forAnyRequest().thenCallback(async (request) => {
			const [statusCode, answer] = await services.answer(request);
			return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
		});
		return services;
	}

	private async answer({ method, url, body }: CompletedRequest): Promise<[status: number, body: object]> {
		const { hostname, pathname } = new URL(url);
		if (![STRIPE, '127.0.0.1'].includes(hostname)) return [403, {}];
		if (method === 'POST' && pathname === '/v1/webhook_endpoints') {
			const secret = `whsec_${randomBytes(24).toString('hex')}`;
			const { url: registered } = (await body.getFormData()) as { url: string };
			this.secrets.set(registered, secret);
			return [200, { id: 'we_1', object: 'webhook_endpoint', status: 'enabled', enabled_events: ['*'], secret }];
		}
		if (method === 'POST') {
			const { config, events } = (await body.getJson()) as { config: { url: string; secret: string }; events: string[] };
			this.secrets.set(config.url, config.secret);
			return [201, { id: 1, type: 'Repository', active: true, events, config: { url: config.url } }];
		}
		// Asked for, the webhook exists; deleted, it is gone.
		return [method === 'DELETE' ? 204 : 200, { id: 1 }];
	}

	private get certificate(): string {
		return join(this.folder, 'ca.pem');
	}

	/** As GitHub Enterprise's API, for n8n's credential. */
	get url(): string {
		return `http://127.0.0.1:${this.server.port}`;
	}

	/** What n8n has to be started with. */
	get env(): Record<string, string> {
		return { HTTPS_PROXY: this.url, NODE_EXTRA_CA_CERTS: this.certificate };
	}

	/** The secret of a webhook that is about to be registered: n8n listens at a URL before it makes it known. */
	async untilSecret(url: string): Promise<string> {
		const otherwise = () => `Nobody registered ${url}, only ${[...this.secrets.keys()].join(', ')}`;
		return await until(() => this.secrets.get(url), { within: 20_000, otherwise });
	}

	async stop(): Promise<void> {
		await this.server.stop();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
