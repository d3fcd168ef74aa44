import { millisecondsByOwner, withoutStart } from './profile';
import type { CpuProfile } from './profile';

const node = (id: number, functionName: string, url = ''): CpuProfile['nodes'][number] => {
	return { id, callFrame: { functionName, url, lineNumber: 0 } };
};

const nodes = [
	node(1, '(idle)'),
	node(2, 'handler', 'file:///app/node_modules/@n8n/typeorm/driver.js'),
	node(3, 'webhook', '/app/node_modules/n8n-nodes-clerk-sync/dist/a.js'),
];

test('what a profile begins with, before there was nothing to do, is not of what was measured', () => {
	const profile = { nodes, samples: [2, 1, 3, 1, 2], timeDeltas: [500_000, 1000, 2000, 1000, 4000] };
	expect(millisecondsByOwner(withoutStart(profile))).toEqual([
		['@n8n/typeorm', 4],
		['n8n-nodes-clerk-sync', 2],
	]);
});

test('a profile of a process that was never idle stays as it is', () => {
	const profile = { nodes, samples: [2, 3], timeDeltas: [1000, 2000] };
	expect(withoutStart(profile)).toEqual(profile);
});
