/**
 * npm run bench: measures what a delivery costs in a real n8n, compared with other triggers and libraries, and writes
 * the figures, plots and tables of docs/performance.md. Works in a fresh clone.
 *
 *   npm run bench                              everything, about 25 minutes on two cores that nothing else uses
 *   npm run bench -- --quick                   a quick look in under four minutes; does not change docs/
 *   npm run bench -- --only=micro              one part: doors, micro, growth or profile
 *   npm run bench -- --setting=lazy            the doors under one of n8n's settings; docs/ stays as it is
 *   npm run bench -- --rounds=9 --seconds=2    more and longer slices
 */
import { n8nVersions } from './toolchain.mjs';
import { prepare } from './prepare.mjs';

const { start } = await prepare({ n8n: n8nVersions.slice(0, 1), postgres: true, redis: true });
process.exitCode = await start(['--import', 'tsx', 'test/bench/main.ts', ...process.argv.slice(2)]);
