/**
 * npm test: builds, lints, runs n8n's package scan and all tests. Works in a fresh clone.
 *
 *   npm test                                       everything
 *   npm run test:unit [-- <jest arguments>]        the unit tests alone
 *   npm run test:n8n [-- <jest arguments>]         the tests in a real n8n, on the releases of test/host/versions.json
 *   npm run test:n8n -- --n8n=2.8.4                the tests on one release, or on the one installed in a folder
 *   npm run proof [-- test/proofs/kill]            the proofs of docs/reliability.md, at full size, one after the other
 */
import { n8nVersions, say } from './toolchain.mjs';
import { prepare } from './prepare.mjs';

const args = process.argv.slice(2);
const take = (name) => {
	const index = args.findIndex((arg) => arg.startsWith(`--${name}=`));
	return index < 0 ? undefined : args.splice(index, 1)[0].slice(name.length + 3);
};
const only = take('only');
const version = take('n8n');
if (only === 'proof') process.env.CLERK_SYNC_PROOF = 'full';
if (only === 'proof' && version) throw new Error(`The proofs run on n8n ${n8nVersions[0]}. Leave out --n8n.`);

const hosts = only === 'unit' ? [] : only === 'proof' ? n8nVersions.slice(0, 1) : version ? [version] : n8nVersions;

// The first release is tested in full, with a browser and the servers for the examples and queue mode. The others
// only get the HTTP tests, and so does "latest", even if it is the first one.
const full = hosts.includes(n8nVersions[0]);
if (!full) process.env.CLERK_SYNC_HTTP_ONLY = '1';
const { start, step, versions } = await prepare({ n8n: hosts, browser: full, postgres: full, redis: full });

if (!only) {
	// ESLint takes as long as the other steps together, so they run side by side.
	await Promise.all([
		step('Linting with both n8n rule sets', ['node_modules/eslint/bin/eslint.js', '--config', 'eslint.project.config.mjs', '.']),
		step("Linting with n8n's own CLI", ['scripts/n8n-node.mjs'])
			.then(() =>
				step('Checking the types of the tests', ['node_modules/typescript/bin/tsc', '-p', 'test/tsconfig.json', '--noEmit']),
			)
			.then(() => step('Checking the format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--cache', '.']))
			.then(() => step("Scanning the source and the tarball with n8n's package scan", ['scripts/scan.mjs'])),
	]);
}

if (only === 'proof') {
	if (!args.some((arg) => arg.includes('proofs'))) args.unshift('test/proofs');
	args.push('--runInBand');
}
const projects = [...(only && only !== 'unit' ? [] : ['unit']), ...versions.map((host) => `n8n-${host}`)];
say(`Running the tests (${projects.join(', ')}) …`);
process.exitCode = await start(['node_modules/jest/bin/jest.js', ...args, '--selectProjects', ...projects]);
