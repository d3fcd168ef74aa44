import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { inRepository } from '../../support/paths';

const TOOLCHAIN = pathToFileURL(inRepository('scripts', 'toolchain.mjs')).href;

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'toolchain-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What `npm run test:n8n -- --n8n=<wanted>` runs on, called in the temporary folder. */
function ensureN8n(wanted: string) {
	const print = `import { ensureN8n } from '${TOOLCHAIN}'; console.log(JSON.stringify(await ensureN8n(process.argv[1])))`;
	const env = { ...process.env, INIT_CWD: folder, CLERK_SYNC_CACHE: join(folder, 'cache') };
	return spawnSync(process.execPath, ['--input-type=module', '-e', print, wanted], { env, encoding: 'utf8' });
}

test.each([
	['its whole path', () => join(folder, 'installed')],
	['a path from where npm was called', () => './installed'],
])('an installed n8n is taken as it is, by %s, and runs on the Node.js that it wants', (_, wanted) => {
	const installed = join(folder, 'installed');
	mkdirSync(join(installed, 'node_modules', 'n8n'), { recursive: true });
	const n8n = { version: '2.8.4', engines: { node: '>=20.19 <= 24.x' } };
	writeFileSync(join(installed, 'node_modules', 'n8n', 'package.json'), JSON.stringify(n8n));
	const { stdout } = ensureN8n(wanted());
	expect(JSON.parse(stdout)).toEqual({ version: '2.8.4', folder: installed, node: process.execPath });
});

test('a folder without n8n is refused with a sentence, and not looked up in the registry', () => {
	const { status, stderr } = ensureN8n('./empty');
	expect(status).toBe(1);
	expect(stderr).toContain(`There is no n8n in ${join(folder, 'empty', 'node_modules')}.`);
});
