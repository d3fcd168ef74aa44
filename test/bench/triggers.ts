import { randomUUID } from 'node:crypto';

import { catalogue } from '../../nodes/Clerk/events/catalogue';
import { SECRET } from '../support/deliveries';
import type { Workflow, WorkflowNode } from '../support/n8n';
import { TRIGGER_TYPE } from '../support/n8n';
import { INSTANCE } from './deliveries';
import type { TriggerName } from './scenarios';

export interface Credential {
	readonly id: string;
	readonly name: string;
}

/** The start of a workflow, up to where the same node follows in each of them. */
export interface Start {
	readonly nodes: readonly WorkflowNode[];
	/** The path in the trigger's URL, behind its id; null where the URL is the id alone. */
	readonly path: string | null;
	/** Where the user is in what the last of these nodes puts out, as an expression without its braces. */
	readonly user: string;
}

function node(
	name: string,
	type: string,
	typeVersion: number,
	parameters: object,
	rest: Partial<WorkflowNode> = {},
): WorkflowNode {
	const own = { id: randomUUID(), name, type, typeVersion, parameters: parameters as Record<string, unknown> };
	return { ...own, position: [0, 0], ...rest };
}

function trigger(name: string, type: string, version: number, parameters: object, credentials?: Record<string, Credential>) {
	return node(name, type, version, parameters, { webhookId: randomUUID(), ...(credentials ? { credentials } : {}) });
}

/** Every option of the Clerk Trigger that a hand-made endpoint can use, at another value than its default. */
const EVERY_OPTION = {
	acknowledge: 'lastNode',
	additionalEvents: 'user.somethingNew',
	contactsWithoutEmail: 'pass',
	customContactFields: { field: [{ name: 'note', path: 'data.public_metadata.entries[0].text' }] },
	customEventProperties: { field: [{ name: 'locked', path: 'data.locked' }] },
	deletedUsers: 'unsubscribe',
	eventNameStyle: 'title',
	includeClient: true,
	includeNames: false,
	includeRaw: true,
	keyStyle: 'snake',
	leaveOutTestUsers: true,
	onlyInstance: INSTANCE,
	onlyVerified: true,
	shutOutUsers: 'unsubscribe',
	source: 'Benchmark',
	toleranceSeconds: 600,
};

const EVERY_MAPPING = {
	mapping: [
		{
			events: ['user.created', 'user.updated'],
			active: true,
			contactAction: 'upsert',
			event: 'default',
			eventName: 'signedUp',
			additionalEventName: 'trialStarted',
			userGroup: 'Customers',
			joinLists: 'list_a, list_b',
			leaveLists: 'list_c',
			tenantAction: 'none',
		},
	],
};

export function clerkTrigger(credential: Credential, parameters: object = {}): WorkflowNode {
	const own = { events: ['user.created', 'user.updated'], output: 'item', options: {}, ...parameters };
	return trigger('Clerk Trigger', TRIGGER_TYPE, 1.1, own, { clerkWebhookApi: credential });
}

/** What a careful builder writes into a Code node: Svix' check of a signature, and which events are wanted. */
const CHECK = `const { createHmac, timingSafeEqual } = require('crypto');
const { headers } = $input.first().json;
const body = (await this.helpers.getBinaryDataBuffer(0, 'data')).toString();
const key = Buffer.from('${SECRET.slice('whsec_'.length)}', 'base64');
const signed = headers['svix-id'] + '.' + headers['svix-timestamp'] + '.' + body;
const expected = Buffer.from(createHmac('sha256', key).update(signed).digest('base64'));
const genuine = String(headers['svix-signature']).split(' ').some((entry) => {
	const given = Buffer.from(entry.split(',')[1] ?? '');
	return given.length === expected.length && timingSafeEqual(given, expected);
});
const recent = Math.abs(Date.now() / 1000 - Number(headers['svix-timestamp'])) <= 300;
const event = JSON.parse(body);
const wanted = ['user.created', 'user.updated'].includes(event.type);
return [{ json: { pass: genuine && recent && wanted, user: event.data } }];`;

export interface Credentials {
	readonly clerk: Credential;
	readonly stripe: Credential;
	readonly gitHub: Credential;
	readonly headerAuth: Credential;
}

/** How a workflow with each of the triggers starts. */
export const STARTS: Readonly<Record<TriggerName, (credentials: Credentials) => Start>> = {
	'Clerk Trigger': ({ clerk }) => ({ nodes: [clerkTrigger(clerk)], path: 'clerk', user: '$json.contact.userId' }),
	'Clerk Trigger, all options': ({ clerk }) => ({
		nodes: [
			clerkTrigger(clerk, {
				events: catalogue.map(({ type }) => type),
				output: 'item',
				mappings: EVERY_MAPPING,
				options: EVERY_OPTION,
			}),
		],
		path: 'clerk',
		user: '$json.contact.user_id',
	}),
	'Webhook node': () => ({
		nodes: [trigger('Webhook', 'n8n-nodes-base.webhook', 2.1, { httpMethod: 'POST', path: randomUUID(), options: {} })],
		path: null,
		user: '$json.body.data.id',
	}),
	// The least that a trigger can cost whose secret is in a credential.
	'Webhook node, header auth': ({ headerAuth }) => {
		const parameters = { httpMethod: 'POST', path: randomUUID(), authentication: 'headerAuth', options: {} };
		return {
			nodes: [trigger('Webhook', 'n8n-nodes-base.webhook', 2.1, parameters, { httpHeaderAuth: headerAuth })],
			path: null,
			user: '$json.body.data.id',
		};
	},
	'Stripe Trigger': ({ stripe }) => ({
		nodes: [trigger('Stripe Trigger', 'n8n-nodes-base.stripeTrigger', 1, { events: ['*'] }, { stripeApi: stripe })],
		path: 'webhook',
		user: '$json.data.object.id',
	}),
	'GitHub Trigger': ({ gitHub }) => {
		const named = (value: string) => ({ __rl: true, mode: 'name', value });
		const parameters = { owner: named('octocat'), repository: named('hello-world'), events: ['star'], options: {} };
		return {
			nodes: [trigger('GitHub Trigger', 'n8n-nodes-base.githubTrigger', 1, parameters, { githubApi: gitHub })],
			path: 'webhook',
			user: '$json.body.star.id',
		};
	},
	'Webhook and Code nodes': () => {
		const condition = {
			id: randomUUID(),
			leftValue: '={{ $json.pass }}',
			rightValue: '',
			operator: { type: 'boolean', operation: 'true', singleValue: true },
		};
		const options = { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 };
		return {
			nodes: [
				trigger('Webhook', 'n8n-nodes-base.webhook', 2.1, {
					httpMethod: 'POST',
					path: randomUUID(),
					options: { rawBody: true },
				}),
				node('Check', 'n8n-nodes-base.code', 2, { jsCode: CHECK }),
				node('Genuine and Wanted?', 'n8n-nodes-base.if', 2.2, {
					conditions: { options, conditions: [condition], combinator: 'and' },
					options: {},
				}),
			],
			path: null,
			user: '$json.user.id',
		};
	},
};

/** What follows behind each trigger: nothing, or an upsert of the user. */
export type Next = 'No-Op' | { readonly postgres: Credential };

function nextNode(next: Next, user: string): WorkflowNode {
	if (next === 'No-Op') return node('Nothing', 'n8n-nodes-base.noOp', 1, {});
	return node(
		'Upsert',
		'n8n-nodes-base.postgres',
		2.6,
		{
			operation: 'executeQuery',
			query:
				'INSERT INTO people (user_id, seen_at) VALUES ($1, now()) ON CONFLICT (user_id) DO UPDATE SET seen_at = EXCLUDED.seen_at',
			options: { queryReplacement: `={{ [${user}] }}` },
		},
		{ credentials: { postgres: next.postgres } },
	);
}

/** A chain of nodes, each behind the first output of the one before. */
function chain(name: string, nodes: readonly WorkflowNode[]): Workflow {
	const connections = Object.fromEntries(
		nodes.slice(0, -1).map(({ name: from }, index) => {
			return [from, { main: [[{ node: nodes[index + 1]?.name ?? '', type: 'main' as const, index: 0 }]] }];
		}),
	);
	const placed = nodes.map((one, index): WorkflowNode => ({ ...one, position: [index * 240, 0] }));
	return { name, nodes: placed, connections, settings: { executionOrder: 'v1' } };
}

export function workflowOf(name: string, { nodes, user }: Start, next: Next = 'No-Op'): Workflow {
	return chain(name, [...nodes, nextNode(next, user)]);
}
