/**
 * npm run fuzz: a million random deliveries, secrets, settings and paths, held against the libraries
 * and against the rules said once more; from a fresh clone too.
 *
 *   npm run fuzz                                        about three minutes on two cores
 *   npm run fuzz -- --cases=50000 --seed=7 --jobs=1     fewer, others, in one process
 *   npm run fuzz -- --case=signature:0.1x.2a            one case again, as a failure printed it
 */
import { ensureNode24, ensurePackages, run } from './toolchain.mjs';

const { node, env } = await ensureNode24();
await ensurePackages({ node, env });
process.exitCode = await run(node, ['--import', 'tsx', 'test/fuzz/main.ts', ...process.argv.slice(2)], { env });
