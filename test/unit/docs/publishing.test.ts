import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load as parseYaml } from 'js-yaml';

import { inRepository } from '../../support/paths';

interface Step {
	uses?: string;
	run?: string;
}
interface Job {
	needs?: string;
	permissions?: Record<string, string>;
	steps: Step[];
}
interface GithubWorkflow {
	permissions?: Record<string, string>;
	jobs: Record<string, Job>;
}

const folder = inRepository('.github', 'workflows');
const workflows = readdirSync(folder).map((file): [string, string, GithubWorkflow] => {
	const text = readFileSync(join(folder, file), 'utf8');
	return [file, text, parseYaml(text) as GithubWorkflow];
});

test.each(workflows)('%s runs each action at a commit, with the release that it is, and keeps no secret', (_, text) => {
	const actions = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);
	expect(actions.length).toBeGreaterThan(0);
	for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
	expect(text).not.toMatch(/secrets\.|NODE_AUTH_TOKEN/);
});

test('only the job that publishes can speak to npm for us, after the tests, and it runs no code but npm', () => {
	const jobs = workflows.flatMap(([file, , { permissions, jobs }]) =>
		Object.entries(jobs).map(([name, job]) => ({ name: `${file} ${name}`, ...job, permissions: job.permissions ?? permissions })),
	);
	const trusted = jobs.filter(({ permissions }) => permissions?.['id-token'] === 'write');
	expect(trusted.map(({ name, needs, permissions }) => [name, needs, permissions])).toEqual([
		['publish.yml publish', 'test', { 'id-token': 'write' }],
	]);
	const [{ steps } = { steps: [] }] = trusted;
	expect(steps.flatMap(({ run }) => run ?? [])).toEqual([
		expect.stringMatching(/^npm publish \S+\.tgz --provenance --access public$/),
	]);
	expect(steps.flatMap(({ uses }) => uses?.split('@')[0] ?? [])).toEqual(['actions/download-artifact', 'actions/setup-node']);
});

test('the package has no dependencies and runs nothing at installation', () => {
	const manifest = JSON.parse(readFileSync(inRepository('package.json'), 'utf8')) as Record<string, Record<string, string>>;
	const kinds = ['dependencies', 'optionalDependencies', 'bundleDependencies', 'bundledDependencies'];
	expect(kinds.filter((kind) => kind in manifest)).toEqual([]);
	const atInstallation = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare'];
	expect(atInstallation.filter((script) => script in manifest['scripts']!)).toEqual([]);
});
