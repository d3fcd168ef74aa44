import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';

import type { N8n } from '../support/n8n';
import { inRepository } from '../support/paths';
import { bodies, clerkEvent, nextUser, stripeEvent, TYPICAL } from './deliveries';
import { readFigures } from './figures';
import type { Figures } from './figures';
import { cpuSecondsOf } from './machine';
import { millisecondsByOwner, withoutStart } from './profile';
import { shuffled, takeSamples } from './sample';
import type { Measured } from './sample';
import { growthOf, ratios, spreadOf } from './statistics';
import { isMet, targetsOf } from './targets';

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
	const recorded = readFigures(inRepository('docs', 'bench'));
	const missed = (figures: Figures) => targetsOf(figures).flatMap((target) => (isMet(target) ? [] : [target.name]));

	test('a wrong answer and an execution too many miss one, whatever the speed', () => {
		expect(missed(recorded).filter((name) => name.includes('executions'))).toEqual([]);
		const [first, ...others] = recorded.throughput!.scenarios;
		const wrong = { ...recorded.throughput!, scenarios: [{ ...first!, wrong: 1 }, ...others] };
		expect(missed({ ...recorded, throughput: wrong })).toContain(
			'wrong answers and wrong numbers of executions, in all scenarios',
		);
		const forged = recorded.throughput!.scenarios.map((one) => (one.delivery === 'forged' ? { ...one, executions: 1 } : one));
		expect(missed({ ...recorded, throughput: { ...recorded.throughput!, scenarios: forged } })).toContain(
			'executions for each forged delivery, lazy',
		);
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
	const nodes = [frame('(idle)'), frame('find', '/node_modules/n8n/node_modules/@a/x/x.js'), frame('get', 'node:events')].map(
		(callFrame, id) => ({ id, callFrame }),
	);

	test('in a profile is summed by owner, without idling and without what comes before it', () => {
		const profile = { nodes, samples: [2, 0, 1, 0, 2, 2], timeDeltas: [500_000, 5000, 1000, 5000, 2000, 2000] };
		expect(millisecondsByOwner(withoutStart(profile))).toEqual([
			['Node.js', 4],
			['@a/x', 1],
		]);
	});

	test('in a profile of a process that was never idle is all of it', () => {
		const profile = { nodes, samples: [1, 2], timeDeltas: [1000, 2000] };
		expect(withoutStart(profile)).toEqual(profile);
	});
});

// A signature that is wrong is a wrong answer in every run.
test.each([
	['typical', clerkEvent('user.created'), TYPICAL],
	['large', clerkEvent('user.created'), 100_000],
	['in the envelope of another service', stripeEvent, TYPICAL],
])('a body has its size to the byte, and a user of its own: %s', (_, envelope, size) => {
	const make = bodies(envelope, size);
	const [first, second] = [nextUser(), nextUser()];
	expect([make(first).length, make(second).length]).toEqual([size, size]);
	expect(make(second).toString()).toContain(second);
});
