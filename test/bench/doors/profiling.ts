import { startN8n, VERSION } from '../host';
import { thisMachine } from '../machine';
import type { Machine } from '../machine';
import { WITH_INSPECTOR } from '../../support/n8nInspector';
import { millisecondsByOwner, profiled } from '../profile';
import { measure } from '../slice';
import { Store } from '../store';
import { rounded } from './figures';
import { createCredentials, openDoor } from './lanes';
import type { DoorLane } from './lanes';
import { Services } from './services';
import type { Door } from './workflows';

/** What docs/bench/profile.json holds. */
export interface ProfileFigures {
	readonly machine: Machine;
	/** By lane, then by whose code it is: milliseconds of n8n's main thread for each delivery, most first. */
	readonly lanes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const DOORS: readonly Door[] = ['ours', 'Webhook with a credential', 'Webhook'];

/**
 * Shows where the time of a delivery goes, with n8n's setting "lazy", at our trigger and at those that
 * do less: the Webhook node that reads a credential, and the one that doesn't.
 * @param seconds for each of them
 */
export async function profileDoors(seconds: number, say: (text: string) => void): Promise<ProfileFigures> {
	say('profile: starting n8n');
	const services = await Services.start();
	const n8n = await startN8n('lazy', { ...services.env, ...WITH_INSPECTOR });
	try {
		const credentials = await createCredentials(n8n, services);
		const lanes: DoorLane[] = [];
		for (const door of DOORS) lanes.push(...(await openDoor(n8n, door, 'No-Op', credentials, services)));
		const wanted = lanes.filter(({ delivery }) => ['accepted', 'forged'].includes(delivery));
		const store = new Store(n8n);
		const send = async (lane: DoorLane) =>
			await measure(n8n, store, lane, { connections: 8, seconds, deliveries: seconds * 600 });
		const figures: Record<string, Record<string, number>> = {};
		for (const lane of [...wanted, ...wanted]) await send(lane);
		for (const lane of wanted) {
			let deliveries = 0;
			const profile = await profiled(n8n, async () => {
				deliveries = (await send(lane)).deliveries;
			});
			const owners = millisecondsByOwner(profile).map(([owner, ms]) => [owner, rounded(ms / deliveries, 3)] as const);
			figures[lane.name] = Object.fromEntries(owners);
		}
		store.close();
		say('profile: done');
		return { machine: thisMachine(VERSION), lanes: figures };
	} finally {
		await n8n.stop();
		await services.stop();
	}
}
