/**
 * npm run fuzz: checks a million random deliveries, secrets, settings and paths against other libraries and
 * against an independent version of the rules. Works in a fresh clone.
 *
 *   npm run fuzz                                        about three minutes on two cores
 *   npm run fuzz -- --cases=50000 --seed=7 --jobs=1     fewer and different cases, in one process
 *   npm run fuzz -- --case=signature:0.1x.2a            repeats one case, as printed by a failure
 */
import { ensureNode24, ensurePackages, run } from './toolchain.mjs';

const { node, env } = await ensureNode24();
await ensurePackages({ node, env });
process.exitCode = await run(node, ['--import', 'tsx', 'test/fuzz/main.ts', ...process.argv.slice(2)], { env });
