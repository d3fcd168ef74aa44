import { PlayedService } from './playedService';
import { LoopsApi } from './services/loopsApi';
import type { LoopsContact } from './services/loopsApi';

/** Loops' API on a port of its own: what its documentation doesn't allow is answered 400 and kept in `refused`. */
export class Loops extends PlayedService {
	private constructor(private readonly api: LoopsApi) {
		super();
		this.app.use(({ method, path, headers, body: text }, response) => {
			const body: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
			const { status, body: said } = api.answer({ method, path, query: {}, headers: headers as Record<string, string>, body });
			response.status(status).json(said);
		});
	}

	static async start(apiKey: string): Promise<Loops> {
		return await new Loops(new LoopsApi(apiKey)).listen();
	}

	/** Where the API is, in place of https://app.loops.so/api/v1. */
	get url(): string {
		return `${this.origin}/api/v1`;
	}

	get taken() {
		return this.api.calls.map(({ method, path, headers, body }) => {
			return { method, path, idempotencyKey: headers['idempotency-key'], body: body as Record<string, unknown> };
		});
	}

	get refused(): readonly string[] {
		return this.api.refused;
	}

	/** The audience, as what was taken has left it. */
	get contacts(): readonly LoopsContact[] {
		return this.api.contacts;
	}

	/** What to answer to the next requests in place of taking them, as when Loops has a bad moment. */
	set failWith(statuses: number[]) {
		this.api.failWith = statuses;
	}

	/** As if nothing had been sent so far. */
	forget(): void {
		this.api.calls.length = 0;
		this.api.contacts = [];
		this.api.keys.clear();
	}
}
