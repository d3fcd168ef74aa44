import { setTimeout as wait } from 'node:timers/promises';

import type { N8n } from '../n8n';

/** Lets a test ask n8n's own process for its memory. The port is a free one, on this machine alone. */
export const WITH_INSPECTOR = { NODE_OPTIONS: '--no-deprecation --inspect=127.0.0.1:0' };

/** In bytes. */
export interface Memory {
	/** Objects that are still in use. */
	readonly heapUsed: number;
	/** What belongs to such objects outside of the heap: buffers, compiled code. */
	readonly external: number;
	/** All that the process has from the system, used or kept for later. */
	readonly rss: number;
}

type Reply = { id?: number; result?: { result?: { value?: string } }; error?: { message: string } };

/** n8n's process, through the protocol that debuggers speak; it was started `WITH_INSPECTOR`. */
class Inspector {
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

	async ask(method: string, params: object = {}): Promise<Reply> {
		const id = ++this.asked;
		const reply = await new Promise<Reply>((resolve) => {
			this.socket.onmessage = ({ data }) => {
				const message = JSON.parse(String(data)) as Reply;
				if (message.id === id) resolve(message);
			};
			this.socket.send(JSON.stringify({ id, method, params }));
		});
		if (reply.error) throw new Error(`${method}: ${reply.error.message}`);
		return reply;
	}

	async memory(): Promise<Memory> {
		await this.ask('HeapProfiler.collectGarbage');
		const { result } = await this.ask('Runtime.evaluate', { expression: 'JSON.stringify(process.memoryUsage())' });
		return JSON.parse(result?.result?.value ?? '') as Memory;
	}

	close(): void {
		this.socket.close();
	}
}

/** What n8n still holds once it has come to rest: garbage is collected until hardly any more is found. */
export async function memoryAtRest(n8n: N8n): Promise<Memory> {
	const inspector = await Inspector.of(n8n);
	try {
		let last = await inspector.memory();
		for (let round = 0; round < 20; round++) {
			await wait(1000);
			const next = await inspector.memory();
			const settled = Math.abs(next.heapUsed - last.heapUsed) < 0.002 * last.heapUsed && next.rss > 0.99 * last.rss;
			last = next;
			if (settled) break;
		}
		return last;
	} finally {
		inspector.close();
	}
}
