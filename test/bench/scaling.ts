import { median } from 'simple-statistics';

import { catalogue } from '../../nodes/Clerk/events/catalogue';
import { SECRET } from '../support/deliveries';
import { bodies, clerkEvent, nextUser } from './deliveries';
import type { Curve, ScalingFigures } from './figures';
import { thisMachine } from './machine';
import { startN8n, VERSION } from './n8n';
import { takeSamples } from './sample';
import type { Measured, Traffic } from './sample';
import { accepted, forged, says } from './scenarios';
import { rounded } from './statistics';
import { clerkTrigger, STARTS, workflowOf } from './triggers';
import { measureWebhookProcesses } from './webhookProcesses';

export interface ScalingPlan {
	/** For each point. */
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
/** Seconds for each kind of delivery: the first point would look dearer than those that follow, since V8 compiles what is used often. */
const WARM_UP = 2.5;

/** A point of a curve, and its samples so far. */
type Point = Measured & Pick<Curve, 'by' | 'what'> & { readonly x: number };

const typical = bodies(clerkEvent('user.created'));

const trafficOf: Record<Curve['what'], (url: string, body: typeof typical) => Omit<Traffic, 'name'>> = {
	accepted: (url, body) => ({ url, next: () => accepted(body(nextUser())), isRight: says(200, 'accepted'), executions: 1 }),
	forged: (url, body) => ({ url, next: () => forged(body(nextUser())), isRight: says(401, 'rejected'), executions: 0 }),
	// Shows what n8n itself takes for a body.
	'Webhook node': (url, body) => ({
		url,
		next: () => ({ headers: {}, body: body(nextUser()) }),
		isRight: ({ status }) => status === 200,
		executions: 1,
	}),
};

function pointOf(by: string, what: string, x: number, url: string, seconds: number, body = typical): Point {
	const traffic = trafficOf[what]?.(url, body);
	if (!traffic) throw new Error(`There is no traffic "${what}"`);
	return { by, what, x, traffic: { name: `${what}, ${x} ${by}`, ...traffic }, connections: CONNECTIONS, seconds, samples: [] };
}

function curvesOf(points: readonly Point[]): Curve[] {
	const names = [...new Set(points.map(({ by, what }) => `${by}/${what}`))];
	return names.map((name) => {
		const own = points.filter(({ by, what }) => `${by}/${what}` === name).sort((a, b) => a.x - b.x);
		const [{ by = '', what = '' } = {}] = own;
		const curve = own.map(({ x, samples }) => ({
			x,
			y: rounded(median(samples.map(({ cpuSeconds, deliveries }) => (cpuSeconds * 1000) / deliveries)), 3),
			perSecond: rounded(median(samples.map(({ deliveries, seconds }) => deliveries / seconds)), 3),
		}));
		return { by, what, unit: 'CPU ms for each delivery', points: curve };
	});
}

/** Measures how the cost of a delivery grows, with n8n's setting "lazy", under which a delivery costs what it must. */
export async function measureScaling(plan: ScalingPlan, say: (text: string) => void): Promise<ScalingFigures> {
	const { rounds, seconds } = plan;
	say('scaling: starting n8n');
	const n8n = await startN8n('lazy');
	const clerk = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	/** @returns the URL of a workflow with the Clerk Trigger */
	const publish = async (name: string, parameters: object = {}): Promise<string> => {
		const start = { nodes: [clerkTrigger(clerk, parameters)], path: 'clerk', user: '$json.contact.userId' };
		return await n8n.activate(await n8n.createWorkflow(workflowOf(name, start)));
	};
	const points: Point[] = [];
	const problems: string[] = [];
	const measure = async (more: readonly Point[], warmUp = more) => {
		problems.push(...(await takeSamples(n8n, more, rounds, warmUp)));
		points.push(...more);
	};
	try {
		// The first workflow gets the deliveries, the others are only there.
		const first = await publish('Workflow 1');
		let active = 1;
		for (const count of plan.workflows) {
			for (; active < count; active++) await publish(`Workflow ${active + 1}`);
			const both = ['accepted', 'forged'].map((what) => pointOf('active workflows', what, count, first, seconds));
			await measure(both, count === plan.workflows[0] ? both.map((one) => ({ ...one, seconds: WARM_UP })) : both);
		}
		say('scaling: workflows done');

		const types = ['user.created', ...catalogue.map(({ type }) => type).filter((type) => type !== 'user.created')];
		const choosing: Point[] = [];
		for (const count of [1, 10, types.length]) {
			const url = await publish(`${count} events`, { events: types.slice(0, count) });
			choosing.push(pointOf('chosen events', 'accepted', count, url, seconds));
		}
		await measure(choosing);
		say('scaling: events done');

		const url = await publish('Bodies');
		const start = STARTS['Webhook node']({ clerk, stripe: clerk, gitHub: clerk, headerAuth: clerk });
		await n8n.api('POST', `/workflows/${await n8n.createWorkflow(workflowOf('Webhook', start))}/activate`);
		const webhook = `${n8n.url}/webhook/${String(start.nodes[0]?.parameters['path'])}`;
		await n8n.untilRegistered(webhook);
		await measure(
			plan.bodySizes.flatMap((kilobytes) => {
				// A user alone has nearly 2 KB.
				const body = bodies(clerkEvent('user.created'), kilobytes * 1024);
				const x = body(nextUser()).length / 1024;
				return Object.keys(trafficOf).map((what) =>
					pointOf('KB of the body', what, x, what === 'Webhook node' ? webhook : url, seconds, body),
				);
			}),
		);
		say('scaling: bodies done');
	} finally {
		await n8n.stop();
	}
	const webhookProcesses = plan.queue ? await measureWebhookProcesses(plan, say) : {};
	return { machine: thisMachine(VERSION), curves: curvesOf(points), webhookProcesses, problems };
}
