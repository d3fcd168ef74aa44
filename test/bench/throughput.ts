import { Postgres } from '../support/postgres';
import type { ScenarioFigures, ScenarioKey, ThroughputFigures } from './figures';
import { thisMachine } from './machine';
import { startN8n, VERSION } from './n8n';
import type { Setting } from './n8n';
import { summarise, takeSamples } from './sample';
import type { Measured } from './sample';
import { createCredentials, publish } from './scenarios';
import type { TriggerName } from './scenarios';
import { StripeAndGitHub } from './stripeAndGitHub';
import { STARTS } from './triggers';
import type { Next } from './triggers';

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

/** With n8n's default settings, a second has so few deliveries that a sample has to be longer. */
const LONGER_BY_DEFAULT = 2.5;

type Say = (text: string) => void;
type MeasuredScenario = Measured & { readonly key: ScenarioKey };
const ALL_OPTIONS: TriggerName = 'Clerk Trigger, all options';
const triggers = Object.keys(STARTS) as TriggerName[];

/** Measures the triggers under one setting. @param postgres without, every workflow ends in a No-Op */
async function measureUnder(
	setting: Setting,
	{ rounds, seconds, connections, moreConnections }: ThroughputPlan,
	services: StripeAndGitHub,
	postgres: Postgres | null,
	say: Say,
): Promise<Pick<ThroughputFigures, 'scenarios' | 'problems'>> {
	say(`throughput, setting "${setting}": starting n8n`);
	const n8n = await startN8n(setting, services.env);
	try {
		const credentials = await createCredentials(n8n, services);
		const all: MeasuredScenario[] = [];
		const add = async (trigger: TriggerName, next: Next, isWanted: (key: ScenarioKey) => boolean) => {
			for (const traffic of await publish(n8n, trigger, next, credentials, services)) {
				for (const count of [connections, ...moreConnections]) {
					const name = next === 'No-Op' ? next : 'Postgres';
					const key = { setting, next: name, trigger, delivery: traffic.delivery, connections: count } as const;
					const longer = setting === 'default' ? LONGER_BY_DEFAULT : 1;
					if (isWanted(key)) all.push({ key, traffic, connections: count, seconds: seconds * longer, samples: [] });
				}
			}
		};
		for (const trigger of triggers) {
			const isAccepted = ({ delivery }: ScenarioKey) => delivery === 'accepted' && trigger !== ALL_OPTIONS;
			await add(trigger, 'No-Op', (key) => key.connections === connections || isAccepted(key));
		}
		if (postgres) {
			const database = await postgres.createDatabase(`people_${setting}`);
			await database.query('CREATE TABLE people (user_id text PRIMARY KEY, seen_at timestamptz NOT NULL)');
			const next = { postgres: await n8n.createCredential('Postgres', database.credential, 'postgres') };
			for (const trigger of triggers.filter((name) => name !== ALL_OPTIONS)) {
				await add(trigger, next, (key) => key.connections === connections && key.delivery === 'accepted');
			}
		}
		const warmUp = all.filter(({ key }) => key.connections === connections);
		const problems = await takeSamples(n8n, all, rounds, warmUp, (text) => say(`throughput, setting "${setting}": ${text}`));
		return { scenarios: all.map(({ key, samples }) => summarise(key, samples)), problems };
	} finally {
		await n8n.stop();
	}
}

/** Measures the triggers under one of n8n's settings after the other, each in an n8n of its own. */
export async function measureThroughput(plan: ThroughputPlan, say: Say): Promise<ThroughputFigures> {
	const scenarios: ScenarioFigures[] = [];
	const problems: string[] = [];
	// Under one setting: what it shows is how little of a real workflow's time the trigger takes.
	const withPostgres = plan.settings.includes('lazy') ? 'lazy' : plan.settings[0];
	const [services, postgres] = await Promise.all([StripeAndGitHub.start(), Postgres.start()]);
	try {
		for (const setting of plan.settings) {
			const found = await measureUnder(setting, plan, services, setting === withPostgres ? postgres : null, say);
			scenarios.push(...found.scenarios);
			problems.push(...found.problems);
		}
	} finally {
		await Promise.all([services.stop(), postgres.stop()]);
	}
	return { machine: thisMachine(VERSION), sampleSeconds: plan.seconds, scenarios, problems };
}
