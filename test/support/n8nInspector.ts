import type { N8n } from './n8n';

/** For n8n's environment: a test may ask n8n's own process. The port is a free one, on this machine alone. */
export const WITH_INSPECTOR = { NODE_OPTIONS: '--no-deprecation --inspect=127.0.0.1:0' };

interface Reply {
	readonly id?: number;
	readonly result?: unknown;
	readonly error?: { readonly message: string };
}

/** n8n's process, through the protocol that debuggers speak; it was started `WITH_INSPECTOR`. */
export class Inspector {
	private asked = 0;

	private constructor(private readonly socket: WebSocket) {}

	static async of(n8n: N8n): Promise<Inspector> {
		const address = /Debugger listening on (ws:\S+)/.exec(n8n.log)?.[1];
		if (address === undefined) throw new Error('n8n was not started with its inspector');
		const socket = new WebSocket(address);
		await new Promise((resolve, reject) => {
			socket.onopen = resolve;
			socket.onerror = () => reject(new Error(`No debugger answers at ${address}`));
		});
		return new Inspector(socket);
	}

	/**
	 * One question at a time.
	 * @returns its result, of the type that the protocol names
	 */
	async ask<Result>(method: string, params: object = {}): Promise<Result> {
		const id = ++this.asked;
		const reply = await new Promise<Reply>((resolve) => {
			this.socket.onmessage = ({ data }) => {
				const message = JSON.parse(String(data)) as Reply;
				if (message.id === id) resolve(message);
			};
			this.socket.send(JSON.stringify({ id, method, params }));
		});
		if (reply.error) throw new Error(`${method}: ${reply.error.message}`);
		return reply.result as Result;
	}

	close(): void {
		this.socket.close();
	}
}
