import { setTimeout as wait } from 'node:timers/promises';

import { Inspector, WITH_INSPECTOR } from '../support/n8nInspector';
import type { N8n } from '../support/n8n';
import type { ProfileFigures } from './figures';
import { thisMachine } from './machine';
import { startN8n, VERSION } from './n8n';
import { takeSamples } from './sample';
import type { Sample } from './sample';
import { createCredentials, publish } from './scenarios';
import type { Scenario, TriggerName } from './scenarios';
import { rounded } from './statistics';
import { StripeAndGitHub } from './stripeAndGitHub';

/** What V8's sampling profiler gives. @see Chrome DevTools Protocol, Profiler.Profile */
export interface CpuProfile {
	readonly nodes: ReadonlyArray<{
		readonly id: number;
		readonly callFrame: { readonly functionName: string; readonly url: string };
	}>;
	readonly samples?: readonly number[];
	/** Microseconds since the sample before. */
	readonly timeDeltas?: readonly number[];
}

/**
 * Takes a CPU profile of n8n's process while something goes on.
 * @param n8n was started `WITH_INSPECTOR`
 */
async function profiled(n8n: N8n, goesOn: () => Promise<void>): Promise<CpuProfile> {
	const inspector = await Inspector.of(n8n);
	try {
		await inspector.ask('Profiler.enable');
		await inspector.ask('Profiler.setSamplingInterval', { interval: 500 });
		await inspector.ask('Profiler.start');
		await wait(1000);
		await goesOn();
		const { profile } = await inspector.ask<{ profile: CpuProfile }>('Profiler.stop');
		return withoutStart(profile);
	} finally {
		inspector.close();
	}
}

/** Without what comes before the process was idle for the first time: V8 is busy with its own start for half a second. */
export function withoutStart({ nodes, samples = [], timeDeltas = [] }: CpuProfile): CpuProfile {
	const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id));
	const first = samples.findIndex((id) => idle.has(id));
	return { nodes, samples: samples.slice(first + 1), timeDeltas: timeDeltas.slice(first + 1) };
}

/** Whose code a function is: a package, Node.js itself, or what the engine does beside all code. */
export function ownerOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
	const installed = [...url.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].at(-1)?.[1];
	if (installed !== undefined) return installed;
	if (url.startsWith('node:')) return 'Node.js';
	if (functionName === '(garbage collector)') return 'garbage collection';
	if (functionName === '(idle)') return 'idle';
	return 'native code';
}

/**
 * Where the time went, by the owner of the function that was at work.
 * @returns milliseconds by owner, most first, without idling
 */
export function millisecondsByOwner({ nodes, samples = [], timeDeltas = [] }: CpuProfile): Array<[string, number]> {
	const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]));
	const times = new Map<string, number>();
	samples.forEach((id, index) => {
		const owner = owners.get(id) ?? 'native code';
		if (owner !== 'idle') times.set(owner, (times.get(owner) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
	});
	return [...times].sort(([, a], [, b]) => b - a);
}

const TRIGGERS: readonly TriggerName[] = ['Clerk Trigger', 'Webhook node, header auth', 'Webhook node'];

/**
 * Shows where the time of a delivery goes, with n8n's setting "lazy", in the Clerk Trigger and in those
 * that do less: the Webhook node that reads a credential, and the one that doesn't.
 * @param seconds for each of them
 */
export async function measureProfile(seconds: number, say: (text: string) => void): Promise<ProfileFigures> {
	say('profile: starting n8n');
	const services = await StripeAndGitHub.start();
	const n8n = await startN8n('lazy', { ...services.env, ...WITH_INSPECTOR });
	try {
		const credentials = await createCredentials(n8n, services);
		const all: Scenario[] = [];
		for (const trigger of TRIGGERS) all.push(...(await publish(n8n, trigger, 'No-Op', credentials, services)));
		const wanted = all.filter(({ delivery }) => delivery === 'accepted' || delivery === 'forged');
		const measuredOf = (scenario: Scenario) => ({ traffic: scenario, connections: 8, seconds, samples: [] as Sample[] });
		await takeSamples(n8n, [], 0, wanted.map(measuredOf));
		const figures: Record<string, Record<string, number>> = {};
		for (const scenario of wanted) {
			const measured = measuredOf(scenario);
			const profile = await profiled(n8n, async () => {
				await takeSamples(n8n, [measured], 1, []);
			});
			const deliveries = measured.samples[0]?.deliveries ?? NaN;
			const owners = millisecondsByOwner(profile).map(([owner, ms]) => [owner, rounded(ms / deliveries, 3)] as const);
			figures[scenario.name] = Object.fromEntries(owners);
		}
		say('profile: done');
		return { machine: thisMachine(VERSION), scenarios: figures };
	} finally {
		await n8n.stop();
		await services.stop();
	}
}
