import type { IDataObject } from 'n8n-workflow';

import { NOW, SECRET, signed } from './deliveries';
import { receive } from '../fuzz/node';

export interface Delivered {
	/** The answers that the sender gets; none for a delivery that n8n has not answered yet. */
	readonly answer: { readonly status: number; readonly body: Readonly<Record<string, unknown>> } | undefined;
	/** The `json` of what went into the workflow, all outputs in one list; null where nothing did. */
	readonly items: readonly IDataObject[] | null;
	/** Has n8n answer a delivery that it was still busy with. */
	finish(status: 200 | 500): Delivered;
	/** Its sender hangs up first. */
	hangUp(): void;
}

let nodes = 0;

/** A published trigger with a memory of its own, as n8n would call it. The clock must be mocked to `NOW`. */
export class PublishedTrigger {
	private readonly nodeId = `published_${nodes++}`;
	private messages = 0;

	constructor(
		private readonly options: IDataObject = {},
		private readonly parameters: IDataObject = {},
	) {}

	/**
	 * @param n8n what n8n answers for the workflow; `busy` until `finish` says
	 * @param id `svix-id`, a new one if none is named
	 */
	async deliver(
		envelope: object,
		{ n8n = 200, id = `msg_${this.nodeId}_${this.messages++}` }: { n8n?: 200 | 500 | 'busy'; id?: string } = {},
	): Promise<Delivered> {
		const body = JSON.stringify(envelope);
		const { items, response } = await receive(
			{ headers: signed(body, { id, at: Math.max(NOW, Date.now()) }), body: Buffer.from(body) },
			{
				parameters: { events: ['*'], options: this.options, ...this.parameters },
				credential: { signingSecret: SECRET },
				nodeId: this.nodeId,
			},
		);
		const delivered: Delivered = {
			get answer() {
				return response.sent.at(-1) as Delivered['answer'];
			},
			items: items && items.flat().map(({ json }) => json),
			finish(status) {
				response.status(status).json(undefined);
				return delivered;
			},
			hangUp: () => response.hangUp(),
		};
		return items === null || n8n === 'busy' ? delivered : delivered.finish(n8n);
	}
}
