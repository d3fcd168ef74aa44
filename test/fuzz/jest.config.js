const { projects, ...common } = require('../../jest.config');

/** For scripts/fuzz.mjs: the same test in several processes, each with its share of the cases. */
const { shards } = JSON.parse(process.env.CLERK_SYNC_FUZZ);
const rootDir = `${__dirname}/../..`;

module.exports = {
	...common,
	rootDir,
	maxWorkers: shards,
	// Counts the statements that each case runs, and shows which ones none reached.
	collectCoverage: true,
	collectCoverageFrom: ['nodes/Clerk/ClerkTrigger.node.ts', 'nodes/Clerk/{api,events,records,trigger}/**/*.ts'],
	coverageReporters: ['text'],
	projects: Array.from({ length: shards }, (_, shard) => ({
		...projects[0],
		rootDir,
		displayName: `fuzz ${shard + 1} of ${shards}`,
		testMatch: ['<rootDir>/test/fuzz/fuzz.test.ts'],
		globals: { shard, shards },
	})),
};
