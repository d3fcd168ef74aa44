/**
 * npm run fuzz: a million random deliveries, secrets, settings and paths, compared with the libraries
 * and with a second implementation of the rules; from a fresh clone too.
 *
 *   npm run fuzz                                              about five minutes on two cores
 *   npm run fuzz -- --cases=50000 --seed=7 --jobs=1           fewer, others, in one process
 *   npm run fuzz -- --property=signature                      one property alone
 *   npm run fuzz -- --property=webhook --seed=7 --path=1234   one case again, as a failure printed it
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { ensureNode24, ensurePackages, run } from './toolchain.mjs';

/** @throws with a sentence for who typed them */
function readArguments() {
	const text = { type: 'string' };
	const { values } = parseArgs({ options: { cases: text, seed: text, jobs: text, property: text, path: text } });
	const wholeNumber = (name, fallback) => {
		const number = Number(values[name] ?? fallback);
		if (Number.isSafeInteger(number) && number > 0) return number;
		throw new Error(`--${name} wants a whole number above 0.`);
	};
	const { property, path } = values;
	return {
		cases: wholeNumber('cases', 1_000_000),
		// One seed for everybody, so that two runs of the same code do the same.
		seed: wholeNumber('seed', 20_261_005),
		shards: path ? 1 : wholeNumber('jobs', availableParallelism()),
		property,
		path,
	};
}

function argumentsOrExit() {
	try {
		return readArguments();
	} catch (error) {
		process.stderr.write(`${error.message}\n`);
		process.exit(2);
	}
}

const asked = argumentsOrExit();
const { node, env } = await ensureNode24();
await ensurePackages({ node, env });
process.exitCode = await run(node, ['node_modules/jest/bin/jest.js', '--config', 'test/fuzz/jest.config.js'], {
	env: { ...env, CLERK_SYNC_FUZZ: JSON.stringify(asked) },
});
