import { EventEmitter } from 'node:events';
import type { Response } from 'express';

/** The part of an HTTP response that the node and n8n touch, which can lose its connection at any moment. */
export class FakeResponse extends EventEmitter {
	statusCode = 200;
	closed = false;
	writableFinished = false;
	/** What went out, or would have if anybody had listened. */
	readonly sent: { status: number; body: unknown }[] = [];

	status(code: number): this {
		this.statusCode = code;
		return this;
	}

	setHeader(): this {
		return this;
	}

	json(body: unknown): this {
		this.sent.push({ status: this.statusCode, body });
		return this.end();
	}

	/** @param text JSON; without, it is an answer without a body */
	end(text?: string): this {
		if (text !== undefined) this.sent.push({ status: this.statusCode, body: JSON.parse(text) as unknown });
		if (this.closed) return this;
		this.writableFinished = true;
		this.hangUp();
		return this;
	}

	/** The connection ends. */
	hangUp(): void {
		this.closed = true;
		this.emit('close');
	}

	get asExpress(): Response {
		return this as unknown as Response;
	}
}
