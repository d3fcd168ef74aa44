import type { Setting } from '../host';
import type { Machine } from '../machine';
import { median, quantile } from '../statistics';
import type { Slice } from '../slice';
import type { Delivery } from './lanes';
import type { Door } from './workflows';

/** What one lane gave in all rounds that count. */
export interface LaneFigures {
	readonly setting: Setting;
	/** What follows behind the door. */
	readonly ending: 'No-Op' | 'Postgres';
	readonly door: Door;
	readonly delivery: Delivery;
	readonly connections: number;
	/** Deliveries per second, one figure for each round. */
	readonly perSecond: readonly number[];
	/** CPU milliseconds of n8n for each delivery, one figure for each round. */
	readonly cpuMs: readonly number[];
	/** Milliseconds from sending to the answer, of all rounds together. */
	readonly p50: number;
	readonly p99: number;
	readonly deliveries: number;
	readonly wrong: number;
	/** For each delivery. */
	readonly executions: number;
	readonly storedBytes: number;
}

/** What docs/bench/doors.json holds. */
export interface DoorFigures {
	readonly machine: Machine;
	/** Seconds that each slice sent. */
	readonly sliceSeconds: number;
	readonly lanes: readonly LaneFigures[];
	/** The first wrong answers. */
	readonly complaints: readonly string[];
}

/** Which lane it was. */
export type LaneKey = Pick<LaneFigures, 'setting' | 'ending' | 'door' | 'delivery' | 'connections'>;

/** A figure of no more digits than it is good for. */
export function rounded(value: number, digits = 4): number {
	return Number(value.toPrecision(digits));
}

/** Puts the slices of a lane together, one for each round. */
export function summarise(key: LaneKey, slices: readonly Slice[]): LaneFigures {
	const sum = (of: (slice: Slice) => number) => slices.reduce((total, slice) => total + of(slice), 0);
	const deliveries = sum((slice) => slice.deliveries);
	const milliseconds = slices.flatMap((slice) => slice.milliseconds);
	return {
		...key,
		perSecond: slices.map((slice) => rounded(slice.deliveries / slice.seconds)),
		cpuMs: slices.map((slice) => rounded((slice.cpuSeconds * 1000) / slice.deliveries)),
		p50: rounded(median(milliseconds), 3),
		p99: rounded(quantile(milliseconds, 0.99), 3),
		deliveries,
		wrong: sum((slice) => slice.wrong),
		executions: rounded(sum((slice) => slice.executions) / deliveries, 3),
		storedBytes: Math.round(sum((slice) => slice.storedBytes) / deliveries),
	};
}

/** @returns the lane, or undefined where this run left it out */
export function find(figures: DoorFigures, key: Partial<LaneKey>): LaneFigures | undefined {
	const wanted = Object.entries(key) as Array<[keyof LaneKey, unknown]>;
	return figures.lanes.find((lane) => wanted.every(([name, value]) => lane[name] === value));
}
