export interface RateLimitOptions {
	/** Clerk: 1,000 in production, 100 in development. */
	requests: number;
	/** Clerk: 10,000. */
	perMs: number;
}

/** So many requests in a span of time, which begins with the first one after the last span. */
export class RateLimit {
	/** How many were one too many. */
	refused = 0;
	private since = -Infinity;
	private count = 0;

	constructor(private readonly options: RateLimitOptions) {}

	/** @returns after how many whole seconds it may be tried again; null where it may pass */
	wait(): number | null {
		const now = performance.now();
		const { requests, perMs } = this.options;
		if (now >= this.since + perMs) [this.since, this.count] = [now, 0];
		if (++this.count <= requests) return null;
		this.refused++;
		return Math.ceil((this.since + perMs - now) / 1000);
	}
}
