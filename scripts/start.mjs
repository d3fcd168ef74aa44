/**
 * npm start: a demo. Starts a real n8n with this package and a workflow that keeps Clerk's users in a data table,
 * and sends signed sample deliveries to it.
 *
 *   npm start              leaves the editor open
 *   npm start -- --once    stops after showing the contacts
 */
import { prepare } from './prepare.mjs';
import { n8nVersions } from './toolchain.mjs';

const { start } = await prepare({ n8n: [n8nVersions[0]] });
process.exitCode = await start(['--import', 'tsx', 'scripts/demo.ts', ...process.argv.slice(2)]);
