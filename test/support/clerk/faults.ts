/** What goes wrong with a call, in place of its answer. */
export type Fault = (
	| {
			readonly kind: 'refusal';
			readonly status: number;
			/** Of the error; by default the usual one of the status. */
			readonly code?: string;
			readonly detail?: string;
			/** Seconds. */
			readonly retryAfter?: number;
	  }
	/** The call is never answered. */
	| { readonly kind: 'silence' }
	/** The connection breaks. */
	| { readonly kind: 'reset' }
	/** An HTML page, as a proxy gives it. */
	| { readonly kind: 'html'; readonly status: number }
) & {
	/** The call was carried out all the same: only its answer is lost. */
	readonly carriedOut?: boolean;
};

const refusal = (status: number, rest: { code?: string; detail?: string; retryAfter?: number } = {}): Fault => ({
	kind: 'refusal',
	status,
	...rest,
});

export const faults = {
	/** @param seconds null for an answer without Retry-After */
	rateLimited: (seconds: number | null = 1) => refusal(429, seconds === null ? {} : { retryAfter: seconds }),
	serverError: (status = 500) => refusal(status),
	unauthorized: () => refusal(401),
	forbidden: () => refusal(403),
	notFound: () => refusal(404),
	conflict: () => refusal(409),
	/** No source says how it looks. The contract gives a refused creation no other place but 400. */
	quota: () => refusal(400, { code: 'endpoint_quota_exceeded', detail: 'The maximum number of endpoints has been reached' }),
	refusal,
	silence: (): Fault => ({ kind: 'silence' }),
	reset: (): Fault => ({ kind: 'reset' }),
	html: (status = 502): Fault => ({ kind: 'html', status }),
	/** The same after the call was carried out. */
	afterwards: (fault: Fault): Fault => ({ ...fault, carriedOut: true }),
};
