import type { Machine } from '../machine';

/** One thing that costs, along what may make it cost more. */
export interface Curve {
	/** What grows, such as "active workflows". */
	readonly along: string;
	/** What is measured, such as "accepted". */
	readonly what: string;
	/** Of y. */
	readonly unit: 'CPU ms for each delivery' | 'µs';
	/** By growing x; y is the median of the rounds. */
	readonly points: ReadonlyArray<{ readonly x: number; readonly y: number; readonly perSecond: number | null }>;
}

/** What docs/bench/growth.json holds. */
export interface GrowthFigures {
	readonly machine: Machine;
	readonly curves: readonly Curve[];
	/** Deliveries per second, one figure for each round, by what is delivered. */
	readonly webhookProcesses: Readonly<Record<string, { readonly one: readonly number[]; readonly two: readonly number[] }>>;
	readonly complaints: readonly string[];
}

/** @returns the curves along one thing */
export function along(figures: GrowthFigures, name: string): readonly Curve[] {
	return figures.curves.filter((curve) => curve.along === name);
}
