/**
 * Started with a run, and cleans up after it if it is killed. Standard input is a pipe from the run, which closes
 * even then.
 *
 *   node scripts/reaper.mjs <folder>
 */
import { reap } from './reap.mjs';

const [, , folder] = process.argv;

// Ctrl+C in a terminal reaches all processes; this one must outlive them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

process.stdin.resume();
process.stdin.on('close', () => reap(folder));
