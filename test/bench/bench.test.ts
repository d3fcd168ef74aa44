import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { Webhook } from 'svix';

import { SECRET, signed } from '../support/deliveries';
import type { N8n } from '../support/n8n';
import { inRepository } from '../support/paths';
import { bodies, clerkEvent, gitHubSignature, nextUser, stripeEvent, stripeSignature, SvixSigner, TYPICAL } from './deliveries';
import type { ScenarioFigures, ThroughputFigures } from './figures';
import { cpuSecondsOf, thisMachine } from './machine';
import { millisecondsByOwner, ownerOf, withoutStart } from './profile';
import { shuffled, summarise, takeSamples } from './sample';
import type { Measured } from './sample';
import { figure, growthOf, ratios, spreadOf } from './statistics';
import { compare, isMet, limitOf, targetsOf } from './targets';

describe('pages', () => {
	const RECORDED = inRepository('docs', 'bench');
	let folder: string;

	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'clerk-sync-bench-'));
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	test('docs/performance.md, docs/bench/README.md and the charts are what the recorded figures say', async () => {
		const args = ['--import', 'tsx', 'test/bench/main.ts', '--only=nothing', `--into=${folder}`];
		await promisify(execFile)(process.execPath, args, { cwd: inRepository() });
		const pages = readdirSync(folder);
		expect(pages.filter((page) => page.endsWith('.svg'))).toHaveLength(5);
		for (const page of pages) {
			const recorded = page === 'performance.md' ? inRepository('docs', page) : join(RECORDED, page);
			expect(readFileSync(join(folder, page), 'utf8')).toBe(readFileSync(recorded, 'utf8'));
		}
	}, 60_000);

	test('every file and heading that docs/bench/README.md links to is there', () => {
		const text = readFileSync(join(RECORDED, 'README.md'), 'utf8');
		const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)(?:#([^)]+))?\)/g)];
		expect(links.length).toBeGreaterThan(3);
		const missing = links.filter(([, file = '', heading]) => {
			const linked = join(RECORDED, file);
			const headings = () => readFileSync(linked, 'utf8').match(/^#+ .*$/gm) ?? [];
			const anchors = () => headings().map((line) => line.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-'));
			return !existsSync(linked) || (heading !== undefined && !anchors().includes(heading));
		});
		expect(missing.map(([link]) => link)).toEqual([]);
	});
});

describe('statistics', () => {
	test.each([
		[0, '0'],
		[0.01234, '0.0123'],
		[1.234, '1.23'],
		[12.34, '12.3'],
		[123.4, '123'],
		[1234.5, '1,235'],
		[NaN, '–'],
	])('%p is written %p', (value, text) => {
		expect(figure(value)).toBe(text);
	});

	test('a ratio is taken within each round', () => {
		expect(spreadOf(ratios([10, 5, 9], [5, 2.5, 3]))).toEqual({ min: 2, median: 2, max: 3 });
		expect(() => ratios([1], [1, 2])).toThrow('1 rounds against 2');
	});

	const curve = (f: (x: number) => number) => [1, 10, 100, 1000].map((x) => ({ x, y: f(x) }));

	test.each([
		{ name: 'always the same', points: curve(() => 8), is: 'flat' },
		{ name: 'a quarter more or less', points: curve((x) => 8 + (x % 3)), is: 'flat' },
		{ name: 'less and less', points: curve((x) => 8 - Math.log10(x)), is: 'flat' },
		{ name: 'in proportion', points: curve((x) => 2 * x), is: 'linear' },
		{ name: 'with a base', points: curve((x) => 5 + x / 10), is: 'linear' },
		{ name: 'like a logarithm', points: curve((x) => 1 + Math.log10(x)), is: 'linear' },
		{ name: 'like a sort', points: curve((x) => x * (1 + Math.log10(x))), is: 'worse than linear' },
		{ name: 'like a square', points: curve((x) => 1 + x * x), is: 'worse than linear' },
		{ name: 'dearer only at the end', points: curve((x) => (x < 1000 ? 1 : 50)), is: 'worse than linear' },
	])('what costs $name is $is', ({ points, is }) => {
		expect(growthOf(points)).toBe(is);
	});
});

describe('targets', () => {
	const scenario = (changed: Partial<ScenarioFigures>): ScenarioFigures => ({
		setting: 'lazy',
		next: 'No-Op',
		trigger: 'Clerk Trigger',
		delivery: 'accepted',
		connections: 8,
		perSecond: [100, 110],
		cpuMs: [10, 9],
		p50: 80,
		p99: 120,
		deliveries: 200,
		wrong: 0,
		executions: 1,
		storedBytes: 4000,
		...changed,
	});
	const figures = (...scenarios: ScenarioFigures[]): ThroughputFigures => {
		return { machine: thisMachine('2.41.1'), sampleSeconds: 1, scenarios, problems: [] };
	};

	test('a target is judged by its median, and may be met exactly', () => {
		const target = { name: '', unit: '×', measured: { min: 0.5, median: 0.95, max: 2 } };
		expect(isMet({ ...target, wanted: { atLeast: 0.95 } })).toBe(true);
		expect(isMet({ ...target, wanted: { atLeast: 0.96 } })).toBe(false);
		expect(isMet({ ...target, wanted: { atMost: 0.95 } })).toBe(true);
		expect(limitOf({ ...target, wanted: { atMost: 20 }, unit: 'µs' })).toBe('≤ 20 µs');
	});

	test('scenarios are compared round by round, at the same number of connections', () => {
		const measured = figures(
			scenario({}),
			scenario({ trigger: 'Webhook node', perSecond: [200, 110] }),
			scenario({ connections: 32, perSecond: [50, 60] }),
			scenario({ trigger: 'Webhook node', connections: 32, perSecond: [50, 30] }),
			scenario({ connections: 1 }),
		);
		const [ours, theirs] = [{ trigger: 'Clerk Trigger' }, { trigger: 'Webhook node' }] as const;
		const ratio = { min: 0.5, median: 1, max: 2 };
		expect(compare(measured, { setting: 'lazy', ...ours }, { setting: 'lazy', ...theirs })).toEqual(ratio);
		expect(compare(measured, { setting: 'legacy', ...ours }, { setting: 'legacy', ...theirs })).toBeNull();
	});

	test('a wrong answer misses a target, whatever the speed', () => {
		const forged = scenario({ delivery: 'forged', wrong: 1, executions: 0 });
		const throughput = figures(scenario({}), scenario({ trigger: 'Webhook node' }), forged);
		const targets = targetsOf({ throughput, functions: null, scaling: null, profile: null });
		expect(targets.filter((target) => !isMet(target)).map(({ name }) => name)).toEqual([
			'forged, against accepted, lazy',
			'wrong answers and wrong numbers of executions, in all scenarios',
		]);
	});

	test('samples of a scenario become one line of figures', () => {
		const sample = { wrong: 0, executions: 100, storedBytes: 400_000, problem: null, milliseconds: [10, 20, 30] };
		const { setting, next, trigger, delivery, connections } = scenario({});
		const summary = summarise({ setting, next, trigger, delivery, connections }, [
			{ ...sample, deliveries: 100, seconds: 1, cpuSeconds: 1 },
			{ ...sample, deliveries: 100, seconds: 2, cpuSeconds: 1.5 },
		]);
		expect(summary).toMatchObject({ perSecond: [100, 50], cpuMs: [10, 15], p50: 20, p99: 30, executions: 1, storedBytes: 4000 });
	});

	test('every scenario is measured once in a round, in another order in each round and the same in each run', () => {
		const all = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];
		const orders = [1, 2, 3, 4, 5].map((round) => shuffled(all, round));
		for (const order of orders) expect(order.toSorted()).toEqual(all);
		expect(new Set(orders.map(String)).size).toBe(5);
		expect([1, 2, 3, 4, 5].map((round) => shuffled(all, round))).toEqual(orders);
	});
});

describe('a sample of traffic to n8n', () => {
	let folder: string;
	let server: Server;
	let executions: DatabaseSync;

	/** Stores an execution for every request, as n8n does. */
	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), 'clerk-sync-bench-'));
		mkdirSync(join(folder, '.n8n'));
		executions = new DatabaseSync(join(folder, '.n8n', 'database.sqlite'));
		executions.exec('CREATE TABLE execution_entity (status TEXT, data TEXT)');
		server = createServer((request, response) => {
			executions.prepare("INSERT INTO execution_entity VALUES ('success', ?)").run('x'.repeat(4000));
			request.resume().on('end', () => response.end('{"outcome":"accepted"}'));
		});
		await once(server.listen(0, '127.0.0.1'), 'listening');
	});
	afterAll(async () => {
		await new Promise((resolve) => server.close(resolve));
		executions.close();
		rmSync(folder, { recursive: true });
	});

	test('counts answers, executions and what is stored, and says what went wrong', async () => {
		const { port } = server.address() as AddressInfo;
		const traffic = (name: string, text: string, each: number): Measured => ({
			traffic: {
				name,
				url: `http://127.0.0.1:${port}/webhook`,
				next: () => ({ headers: {}, body }),
				isRight: (answer) => answer.status === 200 && answer.text.includes(text),
				executions: each,
			},
			connections: 4,
			seconds: 0.05,
			samples: [],
		});
		const body = Buffer.from('{}');
		const all = [traffic('right', 'accepted', 1), traffic('wrong answer', 'rejected', 1), traffic('no execution', 'accepted', 0)];
		const n8n = { userFolder: folder, pid: process.pid } as N8n;
		const problems = await takeSamples(n8n, all, 2, []);
		const [right, answer, execution] = all.map(({ samples }) => samples);
		for (const { wrong, deliveries, executions: started, storedBytes, seconds } of right ?? []) {
			expect(deliveries).toBeGreaterThan(0);
			expect({ wrong, started }).toEqual({ wrong: 0, started: deliveries });
			expect(storedBytes).toBeGreaterThanOrEqual(4000);
			expect(seconds).toBeGreaterThanOrEqual(0.05);
		}
		for (const { wrong, deliveries } of [...(answer ?? []), ...(execution ?? [])]) expect(wrong).toBe(deliveries);
		expect(
			problems.toSorted().map((problem) => problem.replace(/ for .*/, '').replace(/\d+ executions/, 'n executions')),
		).toEqual([
			'no execution: n executions',
			'no execution: n executions',
			'wrong answer: 200 {"outcome":"accepted"}',
			'wrong answer: 200 {"outcome":"accepted"}',
		]);
	});
});

describe('CPU time', () => {
	test('of this process and its children is counted where there is /proc, and only grows', () => {
		const before = cpuSecondsOf(process.pid);
		if (process.platform !== 'linux') return expect(before).toBeNaN();
		expect(before).toBeGreaterThan(0);
		return expect(cpuSecondsOf(process.pid)).toBeGreaterThanOrEqual(before);
	});

	const frame = (functionName: string, url = '') => ({ functionName, url });

	test.each([
		{ is: '@n8n/typeorm', callFrame: frame('find', 'file:///x/node_modules/n8n/node_modules/@n8n/typeorm/a.js') },
		{ is: 'Node.js', callFrame: frame('emit', 'node:events') },
		{ is: 'garbage collection', callFrame: frame('(garbage collector)') },
		{ is: 'native code', callFrame: frame('(program)') },
	])('a profile counts $callFrame.functionName as $is', ({ is, callFrame }) => {
		expect(ownerOf(callFrame)).toBe(is);
	});

	const nodes = [frame('(idle)'), frame('find', '/node_modules/a/x.js'), frame('get', '/node_modules/b/y.js')].map(
		(callFrame, id) => ({ id, callFrame }),
	);

	test('in a profile is summed by owner, without idling and without what comes before it', () => {
		const profile = { nodes, samples: [2, 0, 1, 0, 2, 2], timeDeltas: [500_000, 5000, 1000, 5000, 2000, 2000] };
		expect(millisecondsByOwner(withoutStart(profile))).toEqual([
			['b', 4],
			['a', 1],
		]);
	});

	test('in a profile of a process that was never idle is all of it', () => {
		const profile = { nodes, samples: [1, 2], timeDeltas: [1000, 2000] };
		expect(withoutStart(profile)).toEqual(profile);
	});
});

describe('deliveries', () => {
	const body = Buffer.from('{"type":"user.created"}');

	test('are signed as the library of Svix signs, which accepts them', () => {
		const at = Date.now();
		const headers = new SvixSigner(SECRET).headers('msg_1', at, body);
		expect(headers).toEqual(signed(body.toString(), { id: 'msg_1', at }));
		expect(new Webhook(SECRET).verify(body, headers)).toEqual({ type: 'user.created' });
	});

	test("Stripe's header has the time and the HMAC of time and body", () => {
		const expected = createHmac('sha256', 'secret').update('1700000000.{"type":"user.created"}').digest('hex');
		expect(stripeSignature('secret', 1_700_000_000_400, body)).toBe(`t=1700000000,v1=${expected}`);
	});

	// The example of GitHub's documentation, "Validating webhook deliveries".
	test("GitHub's header is that of its documentation", () => {
		expect(gitHubSignature("It's a Secret to Everybody", Buffer.from('Hello, World!'))).toBe(
			'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
		);
	});

	test.each([
		{ name: 'typical', size: TYPICAL },
		{ name: 'large', size: 100_000 },
	])('a $name body has its size to the byte, and a user of its own', ({ size }) => {
		const make = bodies(clerkEvent('user.created'), size);
		const [first, second] = [nextUser(), nextUser()];
		expect(make(first)).toHaveLength(size);
		expect(make(second)).toHaveLength(size);
		expect(JSON.parse(make(second).toString())).toMatchObject({ type: 'user.created', data: { id: second } });
	});

	test('the same data is as large in the envelope of another service', () => {
		expect(bodies(stripeEvent)(nextUser())).toHaveLength(TYPICAL);
	});
});
