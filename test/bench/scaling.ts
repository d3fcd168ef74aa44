import { median } from 'simple-statistics';

import { catalogue } from '../../nodes/Clerk/events/catalogue';
import { SECRET } from '../support/deliveries';
import type { N8n } from '../support/n8n';
import { bodies, clerkEvent, nextUser, TYPICAL } from './deliveries';
import type { Curve, ScalingFigures } from './figures';
import { thisMachine } from './machine';
import { startN8n, VERSION } from './n8n';
import { measure } from './sample';
import type { Sample, Traffic } from './sample';
import { accepted, forged, says } from './scenarios';
import { rounded } from './statistics';
import { Store } from './store';
import { clerkTrigger, STARTS, workflowOf } from './triggers';
import type { Credential } from './triggers';
import { measureWebhookProcesses } from './webhookProcesses';

export interface ScalingPlan {
	/** Those that count, for each point; one goes ahead. */
	readonly rounds: number;
	/** How long each sample sends. */
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
/** Of all requests of a sample, which are made before it begins. */
const MOST_BYTES = 40 * 2 ** 20;
/** Seconds for each kind of delivery. */
const WARM_UP = 5;

/** A point of a curve, and its samples so far. */
interface Point {
	readonly by: string;
	readonly what: string;
	readonly x: number;
	readonly traffic: Traffic;
	readonly bodyBytes: number;
	readonly samples: Sample[];
}

function point(by: string, what: string, x: number, traffic: Traffic, bodyBytes = TYPICAL): Point {
	return { by, what, x, traffic, bodyBytes, samples: [] };
}

const typical = bodies(clerkEvent('user.created'));

function acceptedTraffic(name: string, url: string, body = typical): Traffic {
	return { name, url, next: () => accepted(body(nextUser())), isRight: says(200, 'accepted'), executions: 1 };
}

function forgedTraffic(name: string, url: string, body = typical): Traffic {
	return { name, url, next: () => forged(body(nextUser())), isRight: says(401, 'rejected'), executions: 0 };
}

/** n8n with its store, and what went wrong in it. */
class Host {
	readonly problems: string[] = [];
	private readonly store: Store;

	constructor(
		private readonly n8n: N8n,
		private readonly clerk: Credential,
		private readonly plan: ScalingPlan,
	) {
		this.store = new Store(n8n);
	}

	/** Takes a sample of each point, one after the other, and again in each round. */
	async measure(points: readonly Point[]): Promise<Point[]> {
		for (let round = 0; round <= this.plan.rounds; round++) {
			for (const { traffic, samples, bodyBytes } of points) {
				const deliveries = Math.ceil(Math.min(this.plan.seconds * MOST_PER_SECOND, MOST_BYTES / bodyBytes));
				// Only the code that the first deliveries need is to be warmed up, so a moment is enough.
				const seconds = round === 0 ? this.plan.seconds / 2 : this.plan.seconds;
				const sample = await measure(this.n8n, this.store, traffic, { connections: CONNECTIONS, seconds, deliveries });
				if (sample.problem !== null) this.problems.push(sample.problem);
				if (round > 0) samples.push(sample);
			}
		}
		return [...points];
	}

	/** The first point would otherwise look dearer than those that follow: V8 compiles what is used often. */
	async warmUp(all: readonly Traffic[]): Promise<void> {
		const size = { connections: CONNECTIONS, seconds: WARM_UP, deliveries: WARM_UP * MOST_PER_SECOND };
		for (const traffic of all) await measure(this.n8n, this.store, traffic, size);
	}

	/** @returns the URL of a workflow with the Clerk Trigger */
	async publish(name: string, parameters: object): Promise<string> {
		const start = { nodes: [clerkTrigger(this.clerk, parameters)], path: 'clerk', user: '$json.contact.userId' };
		return await this.n8n.activate(await this.n8n.createWorkflow(workflowOf(name, start)));
	}

	/** The URL of a Webhook node, which shows what n8n itself takes for a body. */
	async publishWebhookNode(): Promise<string> {
		const { clerk } = this;
		const start = STARTS['Webhook node']({ clerk, stripe: clerk, gitHub: clerk, headerAuth: clerk });
		const id = await this.n8n.createWorkflow(workflowOf('Webhook', start));
		await this.n8n.api('POST', `/workflows/${id}/activate`);
		const url = `${this.n8n.url}/webhook/${String(start.nodes[0]?.parameters['path'])}`;
		await this.n8n.untilRegistered(url);
		return url;
	}

	close(): void {
		this.store.close();
	}
}

function curvesOf(points: readonly Point[]): Curve[] {
	const names = new Map(points.map(({ by, what }) => [`${by}, ${what}`, { by, what }]));
	return [...names.values()].map(({ by, what }) => {
		return {
			by,
			what,
			unit: 'CPU ms for each delivery',
			points: points
				.filter((point_) => point_.by === by && point_.what === what)
				.sort((a, b) => a.x - b.x)
				.map(({ x, samples }) => ({
					x,
					y: rounded(median(samples.map(({ cpuSeconds, deliveries }) => (cpuSeconds * 1000) / deliveries)), 3),
					perSecond: rounded(median(samples.map(({ deliveries, seconds }) => deliveries / seconds)), 3),
				})),
		};
	});
}

/** The first workflow gets the deliveries, the others are only there. */
async function byWorkflows(host: Host, counts: readonly number[]): Promise<Point[]> {
	const by = 'active workflows';
	const url = await host.publish('Workflow 1', {});
	await host.warmUp([acceptedTraffic('warming up', url), forgedTraffic('warming up', url)]);
	const all: Point[] = [];
	let active = 1;
	for (const count of counts) {
		for (; active < count; active++) await host.publish(`Workflow ${active + 1}`, {});
		const points = [
			point(by, 'accepted', count, acceptedTraffic(`accepted, ${count} workflows`, url)),
			point(by, 'forged', count, forgedTraffic(`forged, ${count} workflows`, url)),
		];
		all.push(...(await host.measure(points)));
	}
	return all;
}

async function byBodies(host: Host, sizes: readonly number[]): Promise<Point[]> {
	const by = 'KB of the body';
	const url = await host.publish('Bodies', {});
	const webhook = await host.publishWebhookNode();
	const points = sizes.flatMap((kilobytes) => {
		// A user alone has nearly 2 KB.
		const body = bodies(clerkEvent('user.created'), kilobytes * 1024);
		const bytes = body(nextUser()).length;
		const name = `body of ${kilobytes} KB`;
		const unsigned: Traffic = {
			name: `Webhook node, ${name}`,
			url: webhook,
			next: () => ({ headers: {}, body: body(nextUser()) }),
			isRight: ({ status }) => status === 200,
			executions: 1,
		};
		const x = bytes / 1024;
		return [
			point(by, 'accepted', x, acceptedTraffic(`accepted, ${name}`, url, body), bytes),
			point(by, 'forged', x, forgedTraffic(`forged, ${name}`, url, body), bytes),
			point(by, 'Webhook node', x, unsigned, bytes),
		];
	});
	return await host.measure(points);
}

async function byEvents(host: Host): Promise<Point[]> {
	const types = ['user.created', ...catalogue.map(({ type }) => type).filter((type) => type !== 'user.created')];
	const points: Point[] = [];
	for (const count of [1, 10, types.length]) {
		const url = await host.publish(`${count} events`, { events: types.slice(0, count) });
		points.push(point('chosen events', 'accepted', count, acceptedTraffic(`accepted, ${count} events`, url)));
	}
	return await host.measure(points);
}

/** Measures how the cost of a delivery grows, with n8n's setting "lazy", under which a delivery costs what it must. */
export async function measureScaling(plan: ScalingPlan, say: (text: string) => void): Promise<ScalingFigures> {
	say('scaling: starting n8n');
	const n8n = await startN8n('lazy');
	const clerk = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	const host = new Host(n8n, clerk, plan);
	const points: Point[] = [];
	try {
		points.push(...(await byWorkflows(host, plan.workflows)));
		say('scaling: workflows done');
		points.push(...(await byEvents(host)));
		say('scaling: events done');
		points.push(...(await byBodies(host, plan.bodySizes)));
		say('scaling: bodies done');
	} finally {
		host.close();
		await n8n.stop();
	}
	const webhookProcesses = plan.queue ? await measureWebhookProcesses(plan, say) : {};
	return { machine: thisMachine(VERSION), curves: curvesOf(points), webhookProcesses, problems: host.problems };
}
