import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Machine } from './machine';
import type { Delivery, TriggerName } from './scenarios';
import type { Setting } from './n8n';
import type { Spread } from './statistics';

/** What was measured of one scenario, in all rounds that count. */
export interface ScenarioFigures {
	readonly setting: Setting;
	/** The node behind the trigger. */
	readonly next: 'No-Op' | 'Postgres';
	readonly trigger: TriggerName;
	readonly delivery: Delivery;
	readonly connections: number;
	/** Deliveries per second, one figure for each round. */
	readonly perSecond: number[];
	/** CPU milliseconds of n8n for each delivery, one figure for each round. */
	readonly cpuMs: number[];
	/** Milliseconds from sending to the answer, of all rounds together. */
	readonly p50: number;
	readonly p99: number;
	readonly deliveries: number;
	readonly wrong: number;
	/** For each delivery. */
	readonly executions: number;
	readonly storedBytes: number;
}

/** Which scenario it is. */
export type ScenarioKey = Pick<ScenarioFigures, 'setting' | 'next' | 'trigger' | 'delivery' | 'connections'>;

/** docs/bench/throughput.json */
export interface ThroughputFigures {
	readonly machine: Machine;
	/** Seconds that each sample sent. */
	readonly sampleSeconds: number;
	readonly scenarios: readonly ScenarioFigures[];
	/** The first wrong answers. */
	readonly problems: readonly string[];
}

export const VERIFIERS = [
	'this package',
	'lower bound',
	'node:crypto, key as bytes',
	'svix',
	'standardwebhooks',
	'@clerk/backend',
] as const;
export type Verifier = (typeof VERIFIERS)[number];

/** docs/bench/functions.json. Times are microseconds for each call, unless they say otherwise. */
export interface FunctionFigures {
	readonly machine: Machine;
	/** By kilobytes of the body, and who verifies and parses it. */
	readonly verification: Readonly<Record<string, Readonly<Record<Verifier, Spread>>>>;
	/** The same as multiples of the lower bound, round by round. */
	readonly againstLowerBound: Readonly<Record<string, Readonly<Record<Verifier, Spread>>>>;
	/** How many times as long as this package svix takes, round by round. */
	readonly svixAgainstOurs: Readonly<Record<string, Spread>>;
	/** From a verified delivery to items, by what is read or set. */
	readonly items: Readonly<Record<string, Spread>>;
	/** As multiples of a typical user with the default settings, round by round. */
	readonly unusedSettings: Readonly<Record<string, Spread>>;
	/** By how many events are chosen. */
	readonly selecting: Readonly<Record<string, Spread>>;
	/** By how many deliveries are remembered. */
	readonly remembering: Readonly<Record<string, Spread>>;
	/** Milliseconds. */
	readonly loading: Spread;
	/** Bytes. */
	readonly tarball: { readonly packed: number; readonly withoutPictures: number };
}

/** A cost, by what may make it grow. */
export interface Curve {
	/** What grows, such as "active workflows". */
	readonly by: string;
	/** What is measured, such as "accepted". */
	readonly what: string;
	/** Of y. */
	readonly unit: 'CPU ms for each delivery' | 'µs';
	/** By growing x; y is the median of the rounds. */
	readonly points: ReadonlyArray<{ readonly x: number; readonly y: number; readonly perSecond: number | null }>;
}

/** docs/bench/scaling.json */
export interface ScalingFigures {
	readonly machine: Machine;
	readonly curves: readonly Curve[];
	/** Deliveries per second, one figure for each round, by what is delivered. */
	readonly webhookProcesses: Readonly<Record<string, { readonly one: number[]; readonly two: number[] }>>;
	readonly problems: readonly string[];
}

/** docs/bench/profile.json */
export interface ProfileFigures {
	readonly machine: Machine;
	/** By scenario, then by whose code it is: milliseconds of n8n's main thread for each delivery, most first. */
	readonly scenarios: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What was measured; a part that was not is null. */
export interface Figures {
	readonly functions: FunctionFigures | null;
	readonly throughput: ThroughputFigures | null;
	readonly scaling: ScalingFigures | null;
	readonly profile: ProfileFigures | null;
}

export const PARTS = ['functions', 'throughput', 'scaling', 'profile'] as const;

export function readFigures(folder: string): Figures {
	const parts = PARTS.map((part) => {
		const file = join(folder, `${part}.json`);
		return [part, existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown) : null];
	});
	return Object.fromEntries(parts) as Figures;
}

/** Writes the parts that were measured beside those that earlier runs measured. @returns all of them */
export function writeFigures(folder: string, figures: Figures): Figures {
	mkdirSync(folder, { recursive: true });
	for (const part of PARTS) {
		if (figures[part]) writeFileSync(join(folder, `${part}.json`), `${JSON.stringify(figures[part], null, '\t')}\n`);
	}
	return readFigures(folder);
}
