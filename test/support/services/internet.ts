import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCACertificate, getLocal } from 'mockttp';
import type { CompletedRequest, Mockttp } from 'mockttp';

import type { Answer, Service } from './service';

/** What n8n asks on its own: licence, announcements, the list of verified nodes. Nothing of a workflow goes there. */
const OF_N8N = /(^|\.)n8n\.(io|cloud)$/;

/**
 * The part of the internet that the examples know. n8n reaches it through a proxy with a certificate authority of
 * its own, so the nodes call the addresses that they call everywhere.
 */
export class Internet {
	/** Requests to addresses that nobody named. */
	readonly strays: string[] = [];
	/** Where a secret stood that does not belong there. */
	readonly leaks: string[] = [];
	private readonly folder = mkdtempSync(join(tmpdir(), 'clerk-sync-internet-'));

	private constructor(
		private readonly server: Mockttp,
		private readonly services: readonly Service[],
		private readonly otherSecrets: readonly string[],
	) {}

	/** @param otherSecrets that no service may receive, such as Clerk's */
	static async start(services: readonly Service[], otherSecrets: readonly string[] = []): Promise<Internet> {
		const authority = await generateCACertificate({ subject: { commonName: 'Tests of n8n-nodes-clerk-sync' } });
		const server = getLocal({ https: authority, http2: false, recordTraffic: false });
		const internet = new Internet(server, services, otherSecrets);
		writeFileSync(join(internet.folder, 'ca.pem'), authority.cert);
		await server.start();
		await server.forAnyRequest().thenCallback(async (request) => {
			const { status, body } = await internet.answer(request);
			const json = body === undefined ? '' : JSON.stringify(body);
			return { statusCode: status, headers: { 'content-type': 'application/json' }, body: json };
		});
		return internet;
	}

	/** For n8n's environment. */
	get env(): Record<string, string> {
		const proxy = `http://127.0.0.1:${this.server.port}`;
		return {
			HTTPS_PROXY: proxy,
			HTTP_PROXY: proxy,
			NO_PROXY: '127.0.0.1,localhost',
			NODE_EXTRA_CA_CERTS: join(this.folder, 'ca.pem'),
		};
	}

	/** Everything that should not have happened. */
	get problems(): string[] {
		return [...this.services.flatMap(({ refused }) => refused), ...this.strays, ...this.leaks];
	}

	get secrets(): string[] {
		return [...this.services.flatMap(({ secrets }) => secrets), ...this.otherSecrets];
	}

	async stop(): Promise<void> {
		await this.server.stop();
		rmSync(this.folder, { recursive: true, force: true });
	}

	private async answer(request: CompletedRequest): Promise<Answer> {
		const url = new URL(request.url);
		const text = (await request.body.getText()) ?? '';
		const service = this.services.find(({ host }) => host === url.host);
		if (!service) {
			if (!OF_N8N.test(url.hostname)) this.strays.push(`${request.method} ${request.url}`);
			return { status: 503 };
		}
		const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
		const others = Object.entries(headers).filter(([name]) => name !== service.authorization?.header);
		const said = [decodeURIComponent(request.url), text, ...others.flat()].join('\n');
		for (const secret of this.secrets.filter((candidate) => said.includes(candidate))) {
			this.leaks.push(`${request.method} ${url.origin}${url.pathname} sends ${secret.slice(0, 6)}…`);
		}
		const body = bodyOf(text, headers['content-type'] ?? '');
		return service.answer({
			method: request.method,
			path: url.pathname,
			query: Object.fromEntries(url.searchParams),
			headers,
			body,
		});
	}
}

function bodyOf(text: string, contentType: string): unknown {
	if (text === '') return undefined;
	if (contentType.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text));
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
