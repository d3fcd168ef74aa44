import { catalogue } from '../../../nodes/Clerk/events/catalogue';
import { SECRET } from '../../support/deliveries';
import type { N8n } from '../../support/n8n';
import { bodies, clerkEvent, nextUser, TYPICAL } from '../doors/bodies';
import { rounded } from '../doors/figures';
import { accepted, forged, says } from '../doors/lanes';
import { BEGINNINGS, clerkTrigger, workflowBehind } from '../doors/workflows';
import type { Credential, Credentials } from '../doors/workflows';
import { startN8n, VERSION } from '../host';
import { thisMachine } from '../machine';
import { measure } from '../slice';
import type { Lane, Slice } from '../slice';
import { median } from '../statistics';
import { Store } from '../store';
import type { Curve, GrowthFigures } from './figures';
import { measureWebhookProcesses } from './webhookProcesses';

export interface GrowthPlan {
	/** That count, for each point. */
	readonly rounds: number;
	/** How long each slice sends. */
	readonly seconds: number;
	readonly workflows: readonly number[];
	/** In KB. */
	readonly bodySizes: readonly number[];
	/** Whether to start n8n's queue mode too. */
	readonly queue: boolean;
}

/** Few enough for bodies of 10 MB. */
const CONNECTIONS = 4;
const MOST_PER_SECOND = 600;
/** Of all requests of a slice, which are made before it begins. */
const MOST_BYTES = 40 * 2 ** 20;

/** Seconds for each kind of delivery. */
const WARM_UP = 5;

/** One point of one curve, and what it takes to measure it. */
interface Measured {
	readonly along: string;
	readonly what: string;
	readonly x: number;
	readonly lane: Lane;
	readonly bodyBytes: number;
	readonly slices: Slice[];
}

/** n8n with its store, and what went wrong in it. */
class Host {
	readonly complaints: string[] = [];
	private readonly store: Store;

	constructor(
		readonly n8n: N8n,
		readonly clerk: Credential,
		private readonly plan: GrowthPlan,
	) {
		this.store = new Store(n8n);
	}

	/** Points one after the other, and again from the start; one round goes ahead. */
	async measure(points: readonly Measured[]): Promise<void> {
		for (let round = 0; round <= this.plan.rounds; round++) {
			for (const { lane, slices, bodyBytes } of points) {
				const deliveries = Math.ceil(Math.min(this.plan.seconds * MOST_PER_SECOND, MOST_BYTES / bodyBytes));
				// Nothing but the code that the first deliveries bring is to be warmed up, so a moment is enough.
				const seconds = round === 0 ? this.plan.seconds / 2 : this.plan.seconds;
				const slice = await measure(this.n8n, this.store, lane, { connections: CONNECTIONS, seconds, deliveries });
				if (slice.complaint !== null) this.complaints.push(slice.complaint);
				if (round > 0) slices.push(slice);
			}
		}
	}

	/** The first point would otherwise look dearer than those that follow: V8 compiles what is used often. */
	async warmUp(lanes: readonly Lane[]): Promise<void> {
		const size = { connections: CONNECTIONS, seconds: WARM_UP, deliveries: WARM_UP * MOST_PER_SECOND };
		for (const lane of lanes) await measure(this.n8n, this.store, lane, size);
	}

	async activate(name: string, parameters: object): Promise<string> {
		const id = await this.n8n.createWorkflow(
			workflowBehind(name, { ...BEGINNINGS.ours(this.credentials), nodes: [clerkTrigger(this.clerk, parameters)] }, 'No-Op'),
		);
		return await this.n8n.activate(id);
	}

	private get credentials(): Credentials {
		return { clerk: this.clerk, stripe: this.clerk, gitHub: this.clerk, headerAuth: this.clerk };
	}

	/** The built-in Webhook node, unsigned: what n8n itself takes for a body. */
	async activateWebhook(): Promise<string> {
		const beginning = BEGINNINGS.Webhook(this.credentials);
		const id = await this.n8n.createWorkflow(workflowBehind('Webhook', beginning, 'No-Op'));
		await this.n8n.api('POST', `/workflows/${id}/activate`);
		const url = `${this.n8n.url}/webhook/${String(beginning.nodes[0]?.parameters['path'])}`;
		await this.n8n.untilRegistered(url);
		return url;
	}

	close(): void {
		this.store.close();
	}
}

function curvesOf(points: readonly Measured[]): Curve[] {
	const names = new Map(points.map(({ along, what }) => [`${along}\n${what}`, { along, what }]));
	return [...names.values()].map(({ along, what }) => ({
		along,
		what,
		unit: 'CPU ms for each delivery',
		points: points
			.filter((point) => point.along === along && point.what === what)
			.sort((a, b) => a.x - b.x)
			.map(({ x, slices }) => ({
				x,
				y: rounded(median(slices.map(({ cpuSeconds, deliveries }) => (cpuSeconds * 1000) / deliveries)), 3),
				perSecond: rounded(median(slices.map(({ deliveries, seconds }) => deliveries / seconds)), 3),
			})),
	}));
}

function acceptedLane(name: string, url: string, body = bodies(clerkEvent('user.created'))): Lane {
	return { name, url, next: () => accepted(body(nextUser())), isRight: says(200, 'accepted'), executions: 1 };
}

function forgedLane(name: string, url: string, body = bodies(clerkEvent('user.created'))): Lane {
	return { name, url, next: () => forged(body(nextUser())), isRight: says(401, 'rejected'), executions: 0 };
}

function point(along: string, what: string, x: number, lane: Lane, bodyBytes = TYPICAL): Measured {
	return { along, what, x, lane, bodyBytes, slices: [] };
}

/** The first workflow gets the deliveries, the others are only there. */
async function alongWorkflows(host: Host, counts: readonly number[]): Promise<Measured[]> {
	const url = await host.activate('Workflow 1', {});
	await host.warmUp([acceptedLane('warming up', url), forgedLane('warming up', url)]);
	const all: Measured[] = [];
	let active = 1;
	for (const count of counts) {
		for (; active < count; active++) await host.activate(`Workflow ${active + 1}`, {});
		const points = [
			point('active workflows', 'accepted', count, acceptedLane(`accepted, ${count} workflows`, url)),
			point('active workflows', 'forged', count, forgedLane(`forged, ${count} workflows`, url)),
		];
		await host.measure(points);
		all.push(...points);
	}
	return all;
}

async function alongBodies(host: Host, sizes: readonly number[]): Promise<Measured[]> {
	const url = await host.activate('Bodies', {});
	const webhook = await host.activateWebhook();
	const points = sizes.flatMap((kilobytes) => {
		// A user alone has nearly 2 KB.
		const body = bodies(clerkEvent('user.created'), kilobytes * 1024);
		const bytes = body(nextUser()).length;
		const name = `body of ${kilobytes} KB`;
		const unsigned: Lane = {
			name: `Webhook, ${name}`,
			url: webhook,
			next: () => ({ headers: {}, body: body(nextUser()) }),
			isRight: ({ status }) => status === 200,
			executions: 1,
		};
		const x = bytes / 1024;
		return [
			point('KB of the body', 'accepted', x, acceptedLane(`accepted, ${name}`, url, body), bytes),
			point('KB of the body', 'forged', x, forgedLane(`forged, ${name}`, url, body), bytes),
			point('KB of the body', 'Webhook node', x, unsigned, bytes),
		];
	});
	await host.measure(points);
	return points;
}

async function alongEvents(host: Host): Promise<Measured[]> {
	const types = ['user.created', ...catalogue.map(({ type }) => type).filter((type) => type !== 'user.created')];
	const points: Measured[] = [];
	for (const count of [1, 10, types.length]) {
		const url = await host.activate(`${count} events`, { events: types.slice(0, count) });
		points.push(point('chosen events', 'accepted', count, acceptedLane(`accepted, ${count} events`, url)));
	}
	await host.measure(points);
	return points;
}

/** Measures how the cost of a delivery grows, with n8n's setting "lazy", under which a delivery costs what it must. */
export async function measureGrowth(plan: GrowthPlan, say: (text: string) => void): Promise<GrowthFigures> {
	say('growth: starting n8n');
	const n8n = await startN8n('lazy');
	const clerk = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	const host = new Host(n8n, clerk, plan);
	const points: Measured[] = [];
	try {
		points.push(...(await alongWorkflows(host, plan.workflows)));
		say('growth: workflows done');
		points.push(...(await alongEvents(host)));
		say('growth: events done');
		points.push(...(await alongBodies(host, plan.bodySizes)));
		say('growth: bodies done');
	} finally {
		host.close();
		await n8n.stop();
	}
	const webhookProcesses = plan.queue ? await measureWebhookProcesses(plan, say) : {};
	return { machine: thisMachine(VERSION), curves: curvesOf(points), webhookProcesses, complaints: host.complaints };
}
