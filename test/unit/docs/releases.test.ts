import { readFileSync } from 'node:fs';
import { load as parseYaml } from 'js-yaml';

import { behaviourOf } from '../../support/releases';
import { n8nVersions, weeklyVersions } from '../../host/versions.json';
import { inRepository } from '../../support/paths';

const read = (...path: string[]) => readFileSync(inRepository(...path), 'utf8');
const releases = [...n8nVersions, ...weeklyVersions];

test('the weekly workflow tests every listed release of n8n and the newest', () => {
	const { jobs } = parseYaml(read('.github', 'workflows', 'releases.yml')) as {
		jobs: { test: { strategy: { matrix: { n8n: string[] } } } };
	};
	expect(jobs.test.strategy.matrix.n8n.toSorted()).toEqual([...releases, 'latest'].toSorted());
});

test('the README says of each of them, and of no other, that it is tested', () => {
	const table = read('README.md').split('\n## Versions\n')[1]?.split('\n\n')[0] ?? '';
	const named = table.split('\n').flatMap((row) => row.split('|')[1]?.match(/\d+\.\d+\.\d+/g) ?? []);
	expect(named.toSorted()).toEqual(releases.toSorted());
});

test.each([
	['1.90.0', '1.85.4'],
	['1.200.0', '1.123.81'],
	['2.40.7', '2.20.12'],
	['3.0.0', '2.41.1'],
])('the tests take n8n %s, which is not listed, for one that behaves like %s', (release, listed) => {
	expect(behaviourOf(release)).toEqual(behaviourOf(listed));
});

test.each(releases)('the manifest of n8n %s installs that release', (release) => {
	expect(JSON.parse(read('test', 'host', `n8n-${release}`, 'package.json'))).toMatchObject({ dependencies: { n8n: release } });
});
