import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';

import type { ClerkCloud } from '../support/clerk/cloud';
import type { N8n, Workflow } from '../support/n8n';
import { useClerk } from '../support/registeredTrigger';
import type { Credential } from '../support/registeredTrigger';
import { memoryAtRest } from './n8nMemory';
import { WITH_INSPECTOR } from '../support/n8nInspector';
import { report, sized } from './figures';

jest.setTimeout(sized(300_000, 3_600_000));

// Clerk's limits.
const withClerk = useClerk({ environment: 'production', rateLimit: { requests: 1000, perMs: 10_000 } }, WITH_INSPECTOR);
let cloud: ClerkCloud;
let n8n: N8n;
let clerk: Credential;

beforeAll(() => ({ cloud, n8n, credential: clerk } = withClerk));

const node = (name: string, type: string, typeVersion: number, parameters: Record<string, unknown>) => ({
	id: randomUUID(),
	name,
	type,
	typeVersion,
	position: [0, 0] as [number, number],
	parameters,
});
const to = (...names: string[][]) => ({
	main: names.map((outputs) => outputs.map((name) => ({ node: name, type: 'main' as const, index: 0 }))),
});
const everybody = {
	resource: 'contact',
	operation: 'getAll',
	returnAll: true,
	output: 'flat',
	options: { contactsWithoutEmail: 'pass' },
};

/** Started by a call that is answered when all is done; nothing of its runs is stored. */
function calledBy(path: string, nodes: Workflow['nodes'], connections: Workflow['connections']): Workflow {
	const webhook = {
		...node('Webhook', 'n8n-nodes-base.webhook', 2, {
			httpMethod: 'POST',
			path,
			responseMode: 'lastNode',
			responseData: 'noData',
		}),
		webhookId: randomUUID(),
	};
	return {
		name: path,
		nodes: [webhook, ...nodes],
		connections,
		settings: { executionOrder: 'v1', saveDataSuccessExecution: 'none' },
	};
}

const clerkNode = (parameters: Record<string, unknown>) => ({
	...node('Clerk', 'n8n-nodes-clerk-sync.clerk', 1, parameters),
	credentials: { clerkApi: clerk },
});

/** All in one run. */
const atOnce = () => calledBy('at-once', [clerkNode(everybody)], { Webhook: to(['Clerk']) });

/** One page for each run of a part that calls itself, as in example F9. */
function byPage(): Workflow {
	const resumeAfter = { id: randomUUID(), name: 'resumeAfter', value: '={{ $json.resumeAfter ?? "" }}', type: 'string' };
	const hasMore = { id: randomUUID(), name: 'hasMore', value: '={{ $json.hasMore ?? true }}', type: 'boolean' };
	const isTrue = { type: 'boolean', operation: 'true', singleValue: true };
	const conditions = {
		options: { caseSensitive: true, leftValue: '', typeValidation: 'loose', version: 2 },
		conditions: [{ id: randomUUID(), leftValue: '={{ $json.hasMore }}', rightValue: '', operator: isTrue }],
		combinator: 'and',
	};
	return calledBy(
		'by-page',
		[
			node('First', 'n8n-nodes-base.set', 3.4, { assignments: { assignments: [resumeAfter] }, options: {} }),
			node('Page', 'n8n-nodes-base.executeWorkflow', 1.2, {
				workflowId: { __rl: true, mode: 'id', value: '={{ $workflow.id }}' },
				mode: 'once',
				options: { waitForSubWorkflow: true },
			}),
			node('Another?', 'n8n-nodes-base.if', 2.2, { conditions, options: {} }),
			node('Called', 'n8n-nodes-base.executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' }),
			clerkNode({ ...everybody, onePage: true, resumeAfter: '={{ $json.resumeAfter }}' }),
			node('Go On', 'n8n-nodes-base.set', 3.4, { assignments: { assignments: [resumeAfter, hasMore] }, options: {} }),
		],
		{
			Webhook: to(['First']),
			First: to(['Page']),
			Page: to(['Another?']),
			'Another?': to(['Page'], []),
			Called: to(['Clerk']),
			Clerk: to([], ['Go On']),
		},
	);
}

/** In megabytes, what n8n's process has from the system. Linux only, else 0. */
function residentOf({ pid }: N8n): number {
	try {
		return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
	} catch {
		return 0;
	}
}

const round = (value: number) => Math.round(value);

/** Not by fetch, which gives up after five minutes. @returns the status */
async function post(url: string): Promise<number> {
	const sent = request(url, { method: 'POST' }).end();
	const [answer] = (await once(sent, 'response')) as [IncomingMessage];
	answer.resume();
	return answer.statusCode ?? 0;
}

/** Reads so many users. */
async function measured(name: string, path: string, users: number): Promise<void> {
	cloud.people.fill(users, { seed: 1 });
	const rest = await memoryAtRest(n8n);
	cloud.resetCalls();
	let peak = 0;
	const timer = setInterval(() => (peak = Math.max(peak, residentOf(n8n))), 100);
	const started = performance.now();
	const status = await post(`${n8n.url}/webhook/${path}`);
	const seconds = (performance.now() - started) / 1000;
	clearInterval(timer);
	const pages = cloud.countOf('GetUserList');
	report(name, {
		users,
		requests: cloud.operations.length,
		slowedDown: cloud.rateLimited,
		seconds: round(seconds),
		usersPerSecond: round(users / seconds),
		residentBeforeMB: round(rest.rss / 2 ** 20),
		residentPeakMB: round(peak),
		heapAfterMB: round((await memoryAtRest(n8n)).heapUsed / 2 ** 20),
	});
	expect([status, pages]).toEqual([200, Math.floor(users / 500) + 1]);
}

describe('D6: many users, in one run', () => {
	beforeAll(async () => await n8n.api('POST', `/workflows/${await n8n.createWorkflow(atOnce())}/activate`));

	test.each(sized([2000], [10_000, 100_000]))('%i', async (users) => await measured(`backfill.${users}`, 'at-once', users));
});

describe('D6: many users, page by page', () => {
	beforeAll(async () => await n8n.api('POST', `/workflows/${await n8n.createWorkflow(byPage())}/activate`));

	test.each(sized([2000], [10_000, 100_000, 1_000_000]))(
		'%i',
		async (users) => await measured(`backfill.pages.${users}`, 'by-page', users),
	);
});
