import { createHash } from 'node:crypto';

import { textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { call, PATIENT } from './call';
import type { Call, Patience, Send } from './call';
import type { ClerkApi } from './clerkApi';
import { isFailure } from './failure';
import type { Failure, Step } from './failure';

/** Clerk's query parameters by name. A list of values repeats the parameter for each of them. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Waits out rate limits as for reading; whether a broken call may be made again, its caller decides. */
const ONE_ATTEMPT: Patience = { ...PATIENT, broken: { attempts: 1, firstPauseMs: 0 } };

/** Reads from and writes to Clerk's Backend API. @see https://clerk.com/docs/reference/backend-api */
export class Backend {
	constructor(
		/** Adds the secret key to what it sends. */
		private readonly sender: Send,
		private readonly api: ClerkApi,
	) {}

	/**
	 * @param doing more precise words for the step, to follow "Could not"
	 * @returns the answer (a bare list as `{ data }`), or what went wrong. Never throws
	 */
	async get(
		step: Step,
		path: string,
		{ query = {}, doing }: { query?: Query; doing?: string } = {},
	): Promise<ClerkObject | Failure> {
		return await call(this.sender, {
			step,
			...(doing === undefined ? {} : { doing }),
			service: 'Clerk',
			method: 'GET',
			url: this.urlOf(path, query),
			patience: PATIENT,
		});
	}

	/**
	 * One call that may change something. It waits out a rate limit, since Clerk did nothing; after a broken call it
	 * does not try again.
	 * @returns as `get`
	 */
	async send({
		path,
		query = {},
		...asked
	}: Pick<Call, 'step' | 'doing' | 'method' | 'body' | 'secrets'> & { path: string; query?: Query }): Promise<
		ClerkObject | Failure
	> {
		return await call(this.sender, { ...asked, service: 'Clerk', url: this.urlOf(path, query), patience: ONE_ATTEMPT });
	}

	private urlOf(path: string, query: Query): string {
		const parameters = new URLSearchParams();
		for (const [name, value] of Object.entries(query)) {
			for (const one of [value].flat()) parameters.append(name, String(one));
		}
		return this.api.apiUrl + path + (parameters.size === 0 ? '' : `?${parameters.toString()}`);
	}

	/**
	 * The ID of the key's instance, which a delivery contains and a fetched user does not.
	 * @returns null if Clerk refuses: users can be read without it. A call that breaks is a failure, so that no contact
	 * is stored without its instance because of it
	 */
	async instanceId(): Promise<string | null | Failure> {
		const key = createHash('sha256').update(`${this.api.apiUrl}\n${this.api.secretKey}`).digest('base64');
		const known = instances.get(key);
		if (known !== undefined) return known;
		const answer = await this.get('readInstance', '/instance');
		if (isFailure(answer)) return isRefused(answer) ? null : answer;
		const id = textAt(answer, 'id');
		if (id !== null) instances.set(key, id);
		return id;
	}
}

/** If Clerk refuses the key itself, the next call reports it. */
function isRefused({ status }: Failure): boolean {
	return status !== null && status >= 400 && status < 500 && status !== 429;
}

/** By digest of the key. A key always belongs to the same instance, so a loop over many pages asks once. */
const instances = new Map<string, string>();
