import { doorBars, holds, rateRatios } from './bars';
import { summarise } from './doors/figures';
import type { DoorFigures, LaneFigures } from './doors/figures';
import { cpuSecondsOf, thisMachine } from './machine';
import { millisecondsByOwner, ownerOf } from './profile';
import { wantedText } from './report';

const lane = (changed: Partial<LaneFigures>): LaneFigures => ({
	setting: 'lazy',
	ending: 'No-Op',
	door: 'ours',
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

const figures = (...lanes: LaneFigures[]): DoorFigures => {
	return { machine: thisMachine('2.41.1'), sliceSeconds: 1, lanes, complaints: [] };
};

test('a bar is judged by its median, and may be met exactly', () => {
	const measured = { min: 0.5, median: 0.95, max: 2 };
	const bar = { name: '', unit: '×', measured };
	expect(holds({ ...bar, wanted: { atLeast: 0.95 } })).toBe(true);
	expect(holds({ ...bar, wanted: { atLeast: 0.96 } })).toBe(false);
	expect(holds({ ...bar, wanted: { atMost: 0.95 } })).toBe(true);
	expect(wantedText({ ...bar, wanted: { atMost: 20 }, unit: 'µs' })).toBe('≤ 20 µs');
});

test('lanes are compared round by round, at the same number of connections', () => {
	const measured = figures(
		lane({}),
		lane({ door: 'Webhook', perSecond: [200, 110] }),
		lane({ connections: 32, perSecond: [50, 60] }),
		lane({ door: 'Webhook', connections: 32, perSecond: [50, 30] }),
		lane({ connections: 1 }),
	);
	expect(rateRatios(measured, { setting: 'lazy' }, { door: 'ours' }, { door: 'Webhook' })).toEqual({
		min: 0.5,
		median: 1,
		max: 2,
	});
	expect(rateRatios(measured, { setting: 'legacy' }, { door: 'ours' }, { door: 'Webhook' })).toBeNull();
});

test('a wrong answer breaks a bar, whatever the speed', () => {
	const bars = doorBars(figures(lane({}), lane({ door: 'Webhook' }), lane({ delivery: 'forged', wrong: 1, executions: 0 })));
	expect(bars.filter((bar) => !holds(bar)).map(({ name }) => name)).toEqual([
		'forged, against accepted, lazy',
		'answers and executions other than expected, at all doors',
	]);
});

test('slices of a lane become one line of figures', () => {
	const slice = { wrong: 0, executions: 100, storedBytes: 400_000, complaint: null, milliseconds: [10, 20, 30] };
	const { setting, ending, door, delivery, connections } = lane({});
	const summary = summarise({ setting, ending, door, delivery, connections }, [
		{ ...slice, deliveries: 100, seconds: 1, cpuSeconds: 1 },
		{ ...slice, deliveries: 100, seconds: 2, cpuSeconds: 1.5 },
	]);
	expect(summary).toMatchObject({ perSecond: [100, 50], cpuMs: [10, 15], p50: 20, p99: 30, executions: 1, storedBytes: 4000 });
});

test('CPU time of this process and its children is counted where there is /proc, and only grows', () => {
	const before = cpuSecondsOf(process.pid);
	if (process.platform !== 'linux') return expect(before).toBeNaN();
	expect(before).toBeGreaterThan(0);
	return expect(cpuSecondsOf(process.pid)).toBeGreaterThanOrEqual(before);
});

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 });

test.each([
	{ is: '@n8n/typeorm', callFrame: frame('find', 'file:///x/node_modules/n8n/node_modules/@n8n/typeorm/a.js') },
	{ is: 'Node.js', callFrame: frame('emit', 'node:events') },
	{ is: 'garbage collection', callFrame: frame('(garbage collector)') },
	{ is: 'native code', callFrame: frame('(program)') },
])('a profile counts $callFrame.functionName as $is', ({ is, callFrame }) => {
	expect(ownerOf(callFrame)).toBe(is);
});

test('time in a profile is summed by owner, without idling', () => {
	const nodes = [frame('find', '/node_modules/a/x.js'), frame('(idle)'), frame('get', '/node_modules/b/y.js')].map(
		(callFrame, id) => ({ id, callFrame }),
	);
	const profile = { nodes, samples: [0, 1, 2, 2], timeDeltas: [1000, 5000, 2000, 2000] };
	expect(millisecondsByOwner(profile)).toEqual([
		['b', 4],
		['a', 1],
	]);
});
