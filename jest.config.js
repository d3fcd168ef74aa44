const { readFileSync } = require('node:fs');

const { n8nVersions } = require('./test/host/versions.json');

const { CLERK_SYNC_HTTP_ONLY: httpOnly, CLERK_SYNC_TOOLCHAIN: toolchain } = process.env;
// Each n8n that scripts/test.mjs got ready.
const installed = toolchain ? Object.keys(JSON.parse(readFileSync(toolchain, 'utf8')).n8n) : [];

const common = {
	// Outside the run's temporary folder, which is removed after the run.
	cacheDirectory: '<rootDir>/node_modules/.cache/jest',
	transform: {
		'\\.(ts|m?js)$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } }],
	},
	// These packages ship only ES modules, which Jest can load only after transforming them.
	transformIgnorePatterns: ['/node_modules/(?!svix2/|@faker-js/|get-port/|milliparsec/)'],
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/', '/test/host/n8n-'],
	modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/test/host/n8n-'],
};

/** @type {import('jest').Config} */
module.exports = {
	// A test of a real n8n waits for a third of its time or more, so four workers keep two cores busy.
	maxWorkers: 4,
	testSequencer: '<rootDir>/test/support/n8nFirst.js',
	projects: [
		{
			...common,
			displayName: 'unit',
			testMatch: ['<rootDir>/test/{unit,support,fuzz,bench}/**/*.test.ts'],
		},
		...installed.map((n8nVersion) => ({
			...common,
			displayName: `n8n-${n8nVersion}`,
			// The first version is tested in full, the others by what goes over HTTP.
			testMatch: [`<rootDir>/test/{n8n,proofs}/**/*${n8nVersion === n8nVersions[0] && !httpOnly ? '' : '.http'}.test.ts`],
			globals: { n8nVersion },
			globalSetup: '<rootDir>/test/support/prepareN8n.ts',
		})),
	],
};
