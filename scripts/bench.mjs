/**
 * npm run bench: what a delivery costs in a real n8n, compared with other triggers and other libraries;
 * writes the figures, charts and tables of docs/performance.md and docs/bench. From a fresh clone too.
 *
 *   npm run bench                              everything, about 25 minutes on two cores that nothing else uses
 *   npm run bench -- --quick                   a look, under four minutes; docs/ stays as it is
 *   npm run bench -- --only=functions          one part: functions, throughput, scaling or profile
 *   npm run bench -- --only=nothing            the charts and tables again, from the recorded figures
 *   npm run bench -- --setting=lazy            throughput under one of n8n's settings; docs/ stays as it is
 *   npm run bench -- --rounds=9 --seconds=2    more and longer samples
 */
import { n8nVersions } from './toolchain.mjs';
import { prepare } from './prepare.mjs';

const { start } = await prepare({ n8n: n8nVersions.slice(0, 1), postgres: true, redis: true });
process.exitCode = await start(['--import', 'tsx', 'test/bench/main.ts', ...process.argv.slice(2)]);
