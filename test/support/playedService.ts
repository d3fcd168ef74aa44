import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Express } from 'express';

/** A service of somebody else's, played by Express on a port of its own. Bodies are read as text. */
export class PlayedService {
	protected readonly app: Express = express();
	private server?: Server;
	private address = '';

	constructor() {
		this.app.use(express.text({ type: () => true, limit: '16mb' }));
	}

	/** Lets it listen. */
	protected async listen(): Promise<this> {
		this.server = this.app.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		this.address = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
		return this;
	}

	/** Also once it has stopped, so that it can be called in vain. */
	get origin(): string {
		if (this.address === '') throw new Error('It does not listen yet');
		return this.address;
	}

	async stop(): Promise<void> {
		if (!this.server?.listening) return;
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}
}
