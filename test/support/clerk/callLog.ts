import type { CloudOperation } from './cloud';
import type { Fault } from './faults';

export type ServiceName = 'clerk' | 'svix';

/** A call to one of the services. Holds no secret. */
export interface Call {
	readonly service: ServiceName;
	/** The contract's ID; null where the contract has no such operation. */
	readonly operation: string | null;
	readonly method: string;
	/** As the contract writes it, or as it was sent where the contract has no such operation. */
	readonly pathTemplate: string;
	/** A digest of the bearer token: the same token, the same digest. Null without one. */
	readonly bearer: string | null;
	/** Null until it is answered. */
	status: number | null;
}

/** The calls to both services, what was wrong with them, and the faults that are planned for them. */
export class CallLog {
	/** Every call since the last reset, in order. */
	calls: Call[] = [];
	/** What the contracts refused since the start, in words. */
	readonly refused: string[] = [];
	/** What was sent since the start though the contracts have no place for it. */
	readonly ignored: string[] = [];
	/** What was answered against the contract: a mistake of the mock. */
	readonly wrongAnswers: string[] = [];
	/** All that each call held since the start; kept apart, so that no failing test prints it. */
	private readonly texts = new Map<Call, string>();
	private faults: Array<{ operation: string; fault: Fault; left: number; skip: number }> = [];

	add(call: Call, text: string): Call {
		this.calls.push(call);
		this.texts.set(call, text);
		return call;
	}

	/** The operations of the calls. */
	get operations(): Array<string | null> {
		return this.calls.map(({ operation }) => operation);
	}

	countOf(operation: CloudOperation): number {
		return this.operations.filter((one) => one === operation).length;
	}

	/** Forgets the calls, so that the next step can be counted. */
	resetCalls(): void {
		this.calls = [];
	}

	/** The calls since the start that carried a text in URL, headers or body: as it is, URL-encoded or in base64. */
	sawSecret(text: string): Call[] {
		const bytes = Buffer.from(text);
		const shapes = [text, encodeURIComponent(text), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
		return [...this.texts].filter(([, whole]) => shapes.some((shape) => whole.includes(shape))).map(([call]) => call);
	}

	/**
	 * Lets the next calls of an operation go wrong. What is planned first comes first.
	 * @param operation or `*`, for any
	 * @param skip so many calls of it pass before
	 */
	fail(operation: CloudOperation | '*', fault: Fault, times = 1, skip = 0): void {
		this.faults.push({ operation, fault, left: times, skip });
	}

	clearFaults(): void {
		this.faults = [];
	}

	/** The fault of this call, which is then used up. */
	nextFault(operation: string): Fault | null {
		const meant = this.faults.filter((one) => one.left > 0 && [operation, '*'].includes(one.operation));
		const planned = meant.find(({ skip }) => skip === 0);
		for (const one of meant) one.skip = Math.max(0, one.skip - 1);
		if (!planned) return null;
		planned.left--;
		return planned.fault;
	}
}
