import { faker } from '@faker-js/faker/locale/en';
import type { N8n } from '../../support/n8n';
import { Postgres } from '../../support/postgres';
import { startN8n, VERSION } from '../host';
import type { Setting } from '../host';
import { thisMachine } from '../machine';
import { measure } from '../slice';
import type { Slice, SliceSize } from '../slice';
import { Store } from '../store';
import { summarise } from './figures';
import type { DoorFigures, LaneFigures, LaneKey } from './figures';
import { createCredentials, openDoor } from './lanes';
import type { DoorLane } from './lanes';
import { Services } from './services';
import { BEGINNINGS } from './workflows';
import type { Door } from './workflows';

export interface DoorPlan {
	readonly settings: readonly Setting[];
	/** That count; two go ahead to warm everything up. */
	readonly rounds: number;
	/** How long each slice sends, where a delivery takes milliseconds. */
	readonly seconds: number;
	/** At which everything is measured. */
	readonly connections: number;
	/** At which only accepted deliveries are. */
	readonly moreConnections: readonly number[];
}

/** More than any door takes in a second. */
const MOST_PER_SECOND = 1500;

/** With n8n as it comes, a second has so few deliveries that a slice has to be longer. */
const SLOWER_BY_DEFAULT = 2.5;

/** One lane with a number of connections, and what came of it so far. */
interface Turn {
	readonly key: LaneKey;
	readonly lane: DoorLane;
	readonly slices: Slice[];
}

const doors = Object.keys(BEGINNINGS) as Door[];

/**
 * In another order in each round, the same ones in each run: what one leaves behind for the next, such
 * as garbage to collect, must not hit the same one every time.
 */
export function shuffled<T>(all: readonly T[], round: number): T[] {
	faker.seed(round);
	return faker.helpers.shuffle(all);
}

/**
 * Lets the turns have their slices, one after the other and again from the start: a machine that gets
 * slower in the meantime slows all of them.
 */
async function interleave(n8n: N8n, turns: readonly Turn[], plan: DoorPlan, say: (text: string) => void): Promise<string[]> {
	const store = new Store(n8n);
	const complaints: string[] = [];
	const size = (connections: number): SliceSize => {
		return { connections, seconds: plan.seconds, deliveries: Math.ceil(plan.seconds * MOST_PER_SECOND) };
	};
	try {
		const warming = turns.filter(({ key }) => key.connections === plan.connections);
		for (const { lane } of [...warming, ...warming]) await measure(n8n, store, lane, size(plan.connections));
		for (let round = 1; round <= plan.rounds; round++) {
			for (const { key, lane, slices } of shuffled(turns, round)) {
				const slice = await measure(n8n, store, lane, size(key.connections));
				slices.push(slice);
				if (slice.complaint !== null) complaints.push(slice.complaint);
			}
			say(`round ${round} of ${plan.rounds}`);
		}
	} finally {
		store.close();
	}
	return complaints;
}

async function openDoors(n8n: N8n, services: Services, setting: Setting, plan: DoorPlan): Promise<Turn[]> {
	const credentials = await createCredentials(n8n, services);
	const turns: Turn[] = [];
	for (const door of doors) {
		for (const lane of await openDoor(n8n, door, 'No-Op', credentials, services)) {
			const more = lane.delivery === 'accepted' && door !== 'every option on' ? plan.moreConnections : [];
			for (const connections of [plan.connections, ...more]) {
				turns.push({ key: { setting, ending: 'No-Op', door, delivery: lane.delivery, connections }, lane, slices: [] });
			}
		}
	}
	return turns;
}

/** The same doors once more with a database behind them, as most workflows have one. */
async function openDoorsToPostgres(
	n8n: N8n,
	services: Services,
	setting: Setting,
	plan: DoorPlan,
	postgres: Postgres,
): Promise<Turn[]> {
	const name = `people_${setting}`;
	const database = await postgres.createDatabase(name);
	await database.query('CREATE TABLE people (user_id text PRIMARY KEY, seen_at timestamptz NOT NULL)');
	const credential = await n8n.createCredential('Postgres', database.credential, 'postgres');
	const credentials = await createCredentials(n8n, services);
	const turns: Turn[] = [];
	for (const door of doors.filter((one) => one !== 'every option on')) {
		for (const lane of await openDoor(n8n, door, { postgres: credential }, credentials, services)) {
			if (lane.delivery !== 'accepted') continue;
			const key: LaneKey = { setting, ending: 'Postgres', door, delivery: 'accepted', connections: plan.connections };
			turns.push({ key, lane, slices: [] });
		}
	}
	return turns;
}

/** Measures the doors under one setting after the other, each in an n8n of its own. */
export async function measureDoors(plan: DoorPlan, say: (text: string) => void): Promise<DoorFigures> {
	const lanes: LaneFigures[] = [];
	const complaints: string[] = [];
	// Under one setting: what it shows is how little of a real workflow's time the door is.
	const withPostgres = plan.settings.includes('lazy') ? 'lazy' : plan.settings[0];
	const [services, postgres] = await Promise.all([Services.start(), Postgres.start()]);
	try {
		for (const setting of plan.settings) {
			const own = { ...plan, seconds: plan.seconds * (setting === 'default' ? SLOWER_BY_DEFAULT : 1) };
			say(`doors, setting "${setting}": starting n8n`);
			const n8n = await startN8n(setting, services.env);
			try {
				const turns = await openDoors(n8n, services, setting, plan);
				if (setting === withPostgres) turns.push(...(await openDoorsToPostgres(n8n, services, setting, plan, postgres)));
				complaints.push(...(await interleave(n8n, turns, own, (text) => say(`doors, setting "${setting}": ${text}`))));
				lanes.push(...turns.map(({ key, slices }) => summarise(key, slices)));
			} finally {
				await n8n.stop();
			}
		}
	} finally {
		await Promise.all([services.stop(), postgres.stop()]);
	}
	return { machine: thisMachine(VERSION), sliceSeconds: plan.seconds, lanes, complaints };
}
