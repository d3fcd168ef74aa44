import { createHash } from 'node:crypto';

import { textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { call, isFailure, PATIENT } from './call';
import type { Failure, Send } from './call';
import type { ClerkApi } from './clerkApi';

/** What is asked of a list: by the names of Clerk's query parameters; a list of values stands for each of them. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Reads from Clerk's Backend API. @see https://clerk.com/docs/reference/backend-api */
export class Backend {
	constructor(
		/** Adds the secret key to what it sends. */
		private readonly send: Send,
		private readonly api: ClerkApi,
	) {}

	/**
	 * @param step what is being done, to follow "could not"
	 * @returns the answer, a bare list as `{ data }`; or what went wrong. Never throws
	 */
	async get(step: string, path: string, query: Query = {}): Promise<ClerkObject | Failure> {
		const parameters = new URLSearchParams();
		for (const [name, value] of Object.entries(query)) {
			for (const one of [value].flat()) parameters.append(name, String(one));
		}
		const asked = parameters.size === 0 ? '' : `?${parameters.toString()}`;
		return await call(this.send, {
			step,
			service: 'Clerk',
			method: 'GET',
			url: this.api.apiUrl + path + asked,
			patience: PATIENT,
		});
	}

	/** The id of the key's instance, which a delivery carries and a fetched user does not. */
	async instanceId(): Promise<string | null | Failure> {
		const key = createHash('sha256').update(`${this.api.apiUrl}\n${this.api.secretKey}`).digest('base64');
		const known = instances.get(key);
		if (known !== undefined) return known;
		const answer = await this.get("read the instance's ID", '/instance');
		if (isFailure(answer)) return answer;
		const id = textAt(answer, 'id');
		if (id !== null) instances.set(key, id);
		return id;
	}
}

/** A key belongs to one instance for good, so a loop over many pages asks once. By digests of the keys. */
const instances = new Map<string, string>();
