/**
 * npm start: the main job, shown. A real n8n with this package installed, a workflow that keeps
 * Clerk's users in a data table, and signed sample deliveries that go in.
 *
 *   npm start              leaves the editor open
 *   npm start -- --once    ends after showing the contacts
 */
import { prepare } from './prepare.mjs';
import { n8nVersions } from './toolchain.mjs';

const { start } = await prepare({ n8n: [n8nVersions[0]] });
process.exitCode = await start(['--import', 'tsx', 'scripts/demo.ts', ...process.argv.slice(2)]);
