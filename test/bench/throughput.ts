import fc from 'fast-check';

import type { N8n } from '../support/n8n';
import { Postgres } from '../support/postgres';
import type { ScenarioFigures, ScenarioKey, ThroughputFigures } from './figures';
import { thisMachine } from './machine';
import { startN8n, VERSION } from './n8n';
import type { Setting } from './n8n';
import { measure, summarise } from './sample';
import type { Sample, SampleSize } from './sample';
import { createCredentials, publish } from './scenarios';
import type { Scenario, TriggerName } from './scenarios';
import { Store } from './store';
import { StripeAndGitHub } from './stripeAndGitHub';
import { STARTS } from './triggers';
import type { Credentials, Next } from './triggers';

export interface ThroughputPlan {
	readonly settings: readonly Setting[];
	/** Those that count; two go ahead to warm everything up. */
	readonly rounds: number;
	/** How long each sample sends, where a delivery takes milliseconds. */
	readonly seconds: number;
	/** At which everything is measured. */
	readonly connections: number;
	/** At which only accepted deliveries are. */
	readonly moreConnections: readonly number[];
}

/** More than any trigger takes in a second. */
const MOST_PER_SECOND = 1500;

/** With n8n's default settings, a second has so few deliveries that a sample has to be longer. */
const LONGER_BY_DEFAULT = 2.5;

/** A scenario with a number of connections, and its samples so far. */
interface Measured {
	readonly key: ScenarioKey;
	readonly scenario: Scenario;
	readonly samples: Sample[];
}

const triggers = Object.keys(STARTS) as TriggerName[];

/**
 * In another order in each round, the same ones in each run: what one leaves behind for the next, such
 * as garbage to collect, must not hit the same one every time.
 */
export function shuffled<T>(all: readonly T[], round: number): T[] {
	const orders = fc.shuffledSubarray([...all], { minLength: all.length });
	return fc.sample(orders, { numRuns: 1, seed: round })[0] ?? [];
}

/**
 * Takes a sample of each, one after the other, and again in each round: a machine that gets slower in
 * the meantime slows all of them.
 * @returns what went wrong
 */
async function interleave(
	n8n: N8n,
	all: readonly Measured[],
	{ connections, rounds, seconds }: ThroughputPlan,
	say: (text: string) => void,
): Promise<string[]> {
	const store = new Store(n8n);
	const problems: string[] = [];
	const size = (count: number): SampleSize => ({
		connections: count,
		seconds,
		deliveries: Math.ceil(seconds * MOST_PER_SECOND),
	});
	try {
		const warming = all.filter(({ key }) => key.connections === connections);
		for (const { scenario } of [...warming, ...warming]) await measure(n8n, store, scenario, size(connections));
		for (let round = 1; round <= rounds; round++) {
			for (const { key, scenario, samples } of shuffled(all, round)) {
				const sample = await measure(n8n, store, scenario, size(key.connections));
				samples.push(sample);
				if (sample.problem !== null) problems.push(sample.problem);
			}
			say(`round ${round} of ${rounds}`);
		}
	} finally {
		store.close();
	}
	return problems;
}

/** A server's database with a table of users, as most workflows have one behind their trigger. */
async function postgresNode(n8n: N8n, postgres: Postgres, setting: Setting): Promise<Next> {
	const database = await postgres.createDatabase(`people_${setting}`);
	await database.query('CREATE TABLE people (user_id text PRIMARY KEY, seen_at timestamptz NOT NULL)');
	return { postgres: await n8n.createCredential('Postgres', database.credential, 'postgres') };
}

async function publishAll(
	n8n: N8n,
	next: Next,
	setting: Setting,
	{ connections, moreConnections }: ThroughputPlan,
	credentials: Credentials,
	services: StripeAndGitHub,
): Promise<Measured[]> {
	const all: Measured[] = [];
	for (const trigger of triggers) {
		const hasAllOptions = trigger === 'Clerk Trigger, all options';
		if (next !== 'No-Op' && hasAllOptions) continue;
		for (const scenario of await publish(n8n, trigger, next, credentials, services)) {
			const { delivery } = scenario;
			if (next !== 'No-Op' && delivery !== 'accepted') continue;
			const more = next === 'No-Op' && delivery === 'accepted' && !hasAllOptions ? moreConnections : [];
			for (const count of [connections, ...more]) {
				const name = next === 'No-Op' ? next : 'Postgres';
				all.push({ key: { setting, next: name, trigger, delivery, connections: count }, scenario, samples: [] });
			}
		}
	}
	return all;
}

/** Measures the triggers under one of n8n's settings after the other, each in an n8n of its own. */
export async function measureThroughput(plan: ThroughputPlan, say: (text: string) => void): Promise<ThroughputFigures> {
	const scenarios: ScenarioFigures[] = [];
	const problems: string[] = [];
	// Under one setting: what it shows is how little of a real workflow's time the trigger takes.
	const withPostgres = plan.settings.includes('lazy') ? 'lazy' : plan.settings[0];
	const [services, postgres] = await Promise.all([StripeAndGitHub.start(), Postgres.start()]);
	try {
		for (const setting of plan.settings) {
			const own = { ...plan, seconds: plan.seconds * (setting === 'default' ? LONGER_BY_DEFAULT : 1) };
			say(`throughput, setting "${setting}": starting n8n`);
			const n8n = await startN8n(setting, services.env);
			try {
				const credentials = await createCredentials(n8n, services);
				const all = await publishAll(n8n, 'No-Op', setting, plan, credentials, services);
				if (setting === withPostgres) {
					const next = await postgresNode(n8n, postgres, setting);
					all.push(...(await publishAll(n8n, next, setting, plan, credentials, services)));
				}
				problems.push(...(await interleave(n8n, all, own, (text) => say(`throughput, setting "${setting}": ${text}`))));
				scenarios.push(...all.map(({ key, samples }) => summarise(key, samples)));
			} finally {
				await n8n.stop();
			}
		}
	} finally {
		await Promise.all([services.stop(), postgres.stop()]);
	}
	return { machine: thisMachine(VERSION), sampleSeconds: plan.seconds, scenarios, problems };
}
