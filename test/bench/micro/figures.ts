import type { Machine } from '../machine';
import type { Spread } from '../statistics';
import type { Normalising, Verifier } from './contenders';

/** What docs/bench/micro.json holds. Times are microseconds for each call, unless they say otherwise. */
export interface MicroFigures {
	readonly machine: Machine;
	/** By kilobytes of the body, and who verifies and parses it. */
	readonly verification: Readonly<Record<string, Readonly<Record<Verifier, Spread>>>>;
	/** The same as multiples of the bare limit, round by round. */
	readonly againstBareLimit: Readonly<Record<string, Readonly<Record<Verifier, Spread>>>>;
	/** How many times as long as ours svix takes, round by round. */
	readonly svixAgainstOurs: Readonly<Record<string, Spread>>;
	readonly normalising: Readonly<Record<Normalising, Spread>>;
	/** As multiples of a typical user with the settings as they are at first, round by round. */
	readonly switchedOff: Readonly<Record<string, Spread>>;
	/** By how many events are chosen. */
	readonly choosing: Readonly<Record<string, Spread>>;
	/** By how many deliveries are remembered. */
	readonly remembering: Readonly<Record<string, Spread>>;
	/** Milliseconds. */
	readonly loading: Spread;
	/** Bytes. */
	readonly tarball: { readonly packed: number; readonly withoutPictures: number };
}
