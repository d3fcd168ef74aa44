import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from 'simple-statistics';

import { fixture, OTHER_SECRET, signed } from '../support/deliveries';
import { until } from '../support/eventually';
import { ISOLATE_FOR_EACH_REQUEST, N8n, outputsOf } from '../support/n8n';
import type { Execution } from '../support/n8n';
import { databaseOf } from '../support/n8nContents';
import { WITH_INSPECTOR } from '../support/n8nInspector';
import { canary, found, secretCanary } from '../support/plantedSecrets';
import { Seeded } from '../support/svixSender';
import { activeTrigger } from '../support/triggerWorkflow';
import type { Trigger } from '../support/triggerWorkflow';
import { portions } from './hostileRequests';
import type { Attacker, Kind, Recorded } from './hostileRequests';
import { memoryAtRest } from './n8nMemory';
import type { Memory } from './n8nMemory';
import { report, sized } from './figures';
import { HUNG, send } from './rawRequest';
import type { Answered, Sending } from './rawRequest';

declare const n8nVersion: string;

jest.setTimeout(30 * 60_000);

interface Size {
	/** The file that the figures go to. */
	readonly name: string;
	readonly hostile: number;
	readonly genuine: number;
	readonly env: Record<string, string>;
}

const SIZES: Array<[string, Size]> = [
	[
		'an n8n that makes isolates where they are needed',
		{ name: 'flood', ...sized({ hostile: 1500, genuine: 40 }, { hostile: 10_000, genuine: 200 }), env: {} },
	],
	...sized<Array<[string, Size]>>(
		[],
		[['n8n as it comes', { name: 'flood-as-it-comes', hostile: 1500, genuine: 40, env: ISOLATE_FOR_EACH_REQUEST }]],
	),
];

/** Genuine deliveries in each round of warming up. */
const WARM_UP_GENUINE = 10;
const WARM_UP_ROUNDS = [0, 1, 2];
/** Requests under way at any time. */
const AT_ONCE = 8;
/** In milliseconds. */
const CLERK_WAITS = 15_000;
/** How much more n8n may hold afterwards. */
const GROWTH = 1.1;
/** In bytes, what of a request may stay behind on average: less than its body. */
const KEPT = 1700;

const secret = secretCanary('signing secret');
const genuineText = canary('genuine');
const hostileText = canary('hostile');
const CANARIES = [secret, genuineText, hostileText];

/** Never the same seed in one run, always the same seeds in every run. */
let seed = 1;

interface Result {
	/** Null for a genuine delivery. */
	readonly kind: Kind | null;
	readonly answer: Answered;
	readonly body: Record<string, unknown>;
}

interface Flood {
	readonly results: Result[];
	readonly genuineIds: string[];
	/** Digests of all signatures that were sent, genuine or not. */
	readonly signatures: Set<string>;
	readonly milliseconds: number;
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64');

/** A user as Clerk sends one, with a text in all that is personal or private. */
function user(text: string, number: number): string {
	const envelope = fixture('edge.order.3_user.created_arrives_last').envelope;
	const addresses = envelope.data['email_addresses'] as Array<Record<string, unknown>>;
	Object.assign(addresses[0] ?? {}, { email_address: `${text}@example.com` });
	Object.assign(envelope.data, {
		id: `user_${String(number).padStart(27, '0')}`,
		first_name: text,
		last_name: text,
		public_metadata: { note: text },
		private_metadata: { note: text },
		unsafe_metadata: { note: text },
	});
	return JSON.stringify(envelope);
}

/** Sends so many genuine deliveries and among them, in random order, one hostile request of each of these kinds. */
async function flood({ url }: Trigger, hostile: readonly Kind[], genuine: number): Promise<Flood> {
	const run = seed++;
	const random = new Seeded(run);
	const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
	const signatures = new Set<string>();
	const genuineIds: string[] = [];
	const answered: Array<{ at: number; sending: Recorded }> = [];
	const results: Result[] = [];
	let made = 0;

	const attacker: Attacker = {
		random,
		secret: OTHER_SECRET,
		id: () => `msg_hostile_${run}_${++made}`,
		body: () => user(hostileText.text, ++made),
		recorded: async () => {
			await until(() => answered.length > 0);
			// Well within the window of five minutes.
			const recent = answered.filter(({ at }) => Date.now() - at < 240_000);
			return random.oneOf(recent).sending;
		},
	};

	async function deliverGenuine(number: number): Promise<void> {
		const id = `msg_genuine_${run}_${number}`;
		const body = user(genuineText.text, run * 1_000_000 + number);
		const at = Date.now();
		const headers = { 'content-type': 'application/json', ...signed(body, { secret: secret.secret, id, at }) };
		genuineIds.push(id);
		const sending = { headers, body };
		await keep(null, sending);
		answered.push({ at, sending });
	}

	async function attack(kind: Kind): Promise<void> {
		await keep(kind, await kind.make(attacker));
	}

	async function keep(kind: Kind | null, sending: Sending): Promise<void> {
		for (const signature of (sending.headers['svix-signature'] ?? '').split(/[ ,]+/)) {
			if (signature.length > 40) signatures.add(digest(signature));
		}
		const answer = await send(url, sending, agent);
		let body: Record<string, unknown> = {};
		try {
			body = JSON.parse(answer.text) as Record<string, unknown>;
		} catch {
			// n8n and Node.js answer some in words; only where the node answers does the test ask for JSON.
		}
		results.push({ kind, answer, body });
	}

	const attacks = hostile.map((kind) => () => attack(kind));
	const deliveries = Array.from({ length: genuine - 1 }, (_, number) => () => deliverGenuine(number + 1));
	// A genuine one comes first, so that there is something to replay.
	const queue = [() => deliverGenuine(0), ...random.shuffled([...attacks, ...deliveries])];
	const start = performance.now();
	await Promise.all(
		Array.from({ length: AT_ONCE }, async () => {
			for (let next = queue.shift(); next; next = queue.shift()) await next();
		}),
	);
	agent.destroy();
	return { results, genuineIds, signatures, milliseconds: performance.now() - start };
}

function counted<T>(values: readonly T[], nameOf: (value: T) => string): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const value of values) counts[nameOf(value)] = (counts[nameOf(value)] ?? 0) + 1;
	return counts;
}

/** The status, and what the node said if it was the node that answered. */
function said({ answer: { status }, body: { outcome } }: Result): string {
	const words = [
		...(status === 0 ? ['no answer'] : status === HUNG ? ['hung'] : [status]),
		...(typeof outcome === 'string' ? [outcome] : []),
	];
	return words.join(' ');
}

/** What is in use, as opposed to what the process keeps for later. */
const live = ({ heapUsed, external }: Memory) => heapUsed + external;

const megabytes = (bytes: number) => Math.round(bytes / 100_000) / 10;

describe.each(SIZES)('a flood of hostile requests against %s', (_, size) => {
	/** Where n8n puts the files of a form while it reads it. */
	const temporary = mkdtempSync(join(tmpdir(), 'clerk-sync-flood-'));
	let n8n: N8n;
	let trigger: Trigger;
	/** Where the warming up is done, to keep its executions apart. */
	let elsewhere: Trigger;
	let flooded: Flood;
	let executions: Execution[];
	let before: Memory;
	let after: Memory;

	beforeAll(async () => {
		n8n = await N8n.start({
			version: n8nVersion,
			// Its memory is measured as a user has it.
			withEditorAndCode: true,
			env: {
				...WITH_INSPECTOR,
				N8N_LOG_LEVEL: 'debug',
				TMPDIR: temporary,
				...size.env,
			},
		});
		await n8n.setUp();
		const credential = await n8n.createCredential('Clerk', { signingSecret: secret.secret, previousSigningSecret: '' });
		elsewhere = await activeTrigger(n8n, credential, { events: ['*'] });
		trigger = await activeTrigger(n8n, credential, { events: ['*'] });
		before = await warmedUp();
		flooded = await flood(trigger, portions(size.hostile), size.genuine);
		executions = await n8n.untilExecutions(trigger.workflowId, size.genuine);
		after = await memoryAtRest(n8n);
	});

	afterAll(async () => {
		await n8n?.stop();
		rmSync(temporary, { recursive: true, force: true });
	});

	/**
	 * What n8n holds at rest once it has loaded and filled what it loads and fills once. A process does not
	 * give back all that it had at its busiest moment, nor always the same, so it has as many large requests
	 * behind it as in the flood, and of three rests the one counts at which it held most.
	 */
	async function warmedUp(): Promise<Memory> {
		const heavy = portions(size.hostile).filter((kind) => kind.heavy);
		const light = portions(500).filter((kind) => !kind.heavy);
		const rests: Memory[] = [];
		for (const round of WARM_UP_ROUNDS) {
			await flood(elsewhere, [...light, ...heavy.filter((_, index) => index % WARM_UP_ROUNDS.length === round)], WARM_UP_GENUINE);
			rests.push(await memoryAtRest(n8n));
		}
		const most = (of: (memory: Memory) => number) => Math.max(...rests.map(of));
		return { heapUsed: most((rest) => rest.heapUsed), external: most((rest) => rest.external), rss: most((rest) => rest.rss) };
	}

	const genuine = () => flooded.results.filter(({ kind }) => kind === null);
	const hostile = () => flooded.results.filter(({ kind }) => kind !== null);

	test('keeps no genuine delivery out: each is answered 200 accepted, in less time than Clerk waits', () => {
		expect(genuine()).toHaveLength(size.genuine);
		expect(counted(genuine(), said)).toEqual({
			'200 accepted': size.genuine,
		});
		expect(Math.max(...genuine().map(({ answer }) => answer.milliseconds))).toBeLessThan(CLERK_WAITS);
	});

	test('starts no execution: those of the genuine deliveries are all there are, one each', () => {
		const ids = executions.map((execution) => (outputsOf(execution, 'End 0')[0]?.[0]?.['event'] as { id: string }).id);
		expect(ids.sort()).toEqual([...flooded.genuineIds].sort());
		expect(new Set(executions.map(({ status, mode }) => `${status} ${mode}`))).toEqual(new Set(['success webhook']));
		const stored = counted(databaseOf(n8n).get('execution_entity') ?? [], ({ workflowId }) => String(workflowId));
		expect(stored).toEqual({
			[trigger.workflowId]: size.genuine,
			[elsewhere.workflowId]: WARM_UP_ROUNDS.length * WARM_UP_GENUINE,
		});
	});

	test('is answered as a whole, each kind as it should be', () => {
		expect(hostile()).toHaveLength(size.hostile);
		const wrong = hostile().filter(
			({ kind, answer, body }) =>
				kind !== null &&
				(!kind.statuses.includes(answer.status) || (kind.outcomes && !kind.outcomes.includes(String(body['outcome'])))),
		);
		expect(wrong.map(({ kind, answer }) => [kind?.name, answer.status, answer.text.slice(0, 300)])).toEqual([]);
	});

	test('leaves no secret, no signature and nothing of a payload in an answer', () => {
		const texts = flooded.results.map(({ answer }) => answer.text).join('\n');
		expect(texts).toContain('signature_mismatch');
		expect(found(texts, CANARIES)).toEqual([]);
		expect(signaturesIn(texts)).toEqual([]);
	});

	test("leaves no secret, no signature and nothing of a payload in n8n's log at its most detailed level", () => {
		expect(n8n.log.match(/Received webhook "POST" for path/g)?.length).toBeGreaterThan(size.hostile / 2);
		expect(found(n8n.log, CANARIES)).toEqual([]);
		expect(signaturesIn(n8n.log)).toEqual([]);
	});

	test('leaves no file behind', () => {
		const files = readdirSync(temporary, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
		expect(files.map(({ parentPath, name }) => join(parentPath, name))).toEqual([]);
	});

	test('leaves the memory of n8n as it was', () => {
		const times = genuine().map(({ answer }) => answer.milliseconds);
		const names = [...new Set(portions(size.hostile).map(({ name }) => name))];
		report(size.name, {
			hostile: size.hostile,
			genuine: size.genuine,
			requestsAtOnce: AT_ONCE,
			seconds: Math.round(flooded.milliseconds / 1000),
			requestsPerSecond: Math.round((size.hostile + size.genuine) / (flooded.milliseconds / 1000)),
			executions: executions.length,
			genuineMedianMs: Math.round(quantile(times, 0.5)),
			genuineP99Ms: Math.round(quantile(times, 0.99)),
			genuineMaxMs: Math.round(Math.max(...times)),
			hostileMaxMs: Math.round(Math.max(...hostile().map(({ answer }) => answer.milliseconds))),
			heapBeforeMB: megabytes(before.heapUsed),
			heapAfterMB: megabytes(after.heapUsed),
			externalBeforeMB: megabytes(before.external),
			externalAfterMB: megabytes(after.external),
			residentBeforeMB: megabytes(before.rss),
			residentAfterMB: megabytes(after.rss),
			logMB: megabytes(n8n.log.length),
			n8n: size.name === 'flood' ? 'isolates only where needed' : 'as it comes',
			...Object.fromEntries(
				names.map((name) => {
					const ofKind = hostile().filter(({ kind }) => kind?.name === name);
					const answers = counted(ofKind, said);
					return [
						`hostile: ${name}`,
						Object.entries(answers)
							.map(([answer, count]) => `${count} × ${answer}`)
							.join(', '),
					];
				}),
			),
		});
		expect(user(hostileText.text, 1).length).toBeGreaterThan(KEPT);
		expect(live(after) - live(before)).toBeLessThan(KEPT * size.hostile);
		expect(live(after)).toBeLessThan(GROWTH * live(before));
		expect(after.rss).toBeLessThan(GROWTH * before.rss);
	});

	/** Signatures that were sent and stand in a text. */
	function signaturesIn(text: string): string[] {
		return (text.match(/[A-Za-z0-9+/]{43}=/g) ?? []).filter((token) => flooded.signatures.has(digest(token)));
	}
});
