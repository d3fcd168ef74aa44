import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { npmCli, root } from './toolchain.mjs';

/**
 * Packs this package as npm publishes it; dist must be built.
 * @returns the tarball's path, in `folder`
 */
export function pack(folder) {
	mkdirSync(folder, { recursive: true });
	const printed = execFileSync(process.execPath, [npmCli(), 'pack', '--json', '--pack-destination', folder], {
		cwd: root,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	const parsed = JSON.parse(printed);
	const [packed] = Array.isArray(parsed) ? parsed : Object.values(parsed);
	return join(folder, packed.filename);
}
