/** What goes wrong with a call, in place of its answer. */
export type Fault = (
	| {
			readonly kind: 'refusal';
			readonly status: number;
			/** Of the error, in the words of the service; without it, the usual one of the status. */
			readonly code?: string;
			readonly detail?: string;
			/** Seconds, in the header Retry-After. */
			readonly retryAfter?: number;
	  }
	/** It is taken and never answered. */
	| { readonly kind: 'silence' }
	/** The connection breaks. */
	| { readonly kind: 'reset' }
	/** A page for persons, as a proxy shows it. */
	| { readonly kind: 'html'; readonly status: number }
) & {
	/** The call was carried out all the same: only what would have been said about it is lost. */
	readonly carriedOut?: boolean;
};

const refusal = (status: number, rest: { code?: string; detail?: string; retryAfter?: number } = {}): Fault => ({
	kind: 'refusal',
	status,
	...rest,
});

/** Those that occur. */
export const faults = {
	/** @param seconds after which it may be tried again; null to say nothing of it */
	rateLimited: (seconds: number | null = 1) => refusal(429, seconds === null ? {} : { retryAfter: seconds }),
	serverError: (status = 500) => refusal(status),
	unauthorized: () => refusal(401),
	forbidden: () => refusal(403),
	notFound: () => refusal(404),
	conflict: () => refusal(409),
	/** No source tells how it looks. The contract gives a refused creation no other place but 400. */
	quota: () => refusal(400, { code: 'endpoint_quota_exceeded', detail: 'The maximum number of endpoints has been reached' }),
	refusal,
	silence: (): Fault => ({ kind: 'silence' }),
	reset: (): Fault => ({ kind: 'reset' }),
	html: (status = 502): Fault => ({ kind: 'html', status }),
	/** The same, but the call was carried out before it went wrong: what a second try has to live with. */
	afterwards: (fault: Fault): Fault => ({ ...fault, carriedOut: true }),
};
