/**
 * What n8n's own CLI says of this package: its lint, with eslint.config.mjs as n8n ships it, and whether
 * the package can be verified for n8n Cloud.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { root } from './toolchain.mjs';

const cli = join(root, 'node_modules', '@n8n', 'node-cli', 'bin', 'n8n-node.mjs');

// n8n's file has rules for all TypeScript, tests included, and may not be changed. With this flag, the default in
// ESLint 10, ESLint takes the file in the nearest folder: those in test/ and scripts/ leave their folders out.
const env = { ...process.env, ESLINT_FLAGS: 'v10_config_lookup_from_file' };
const lint = spawnSync(process.execPath, [cli, 'lint'], { cwd: root, env, stdio: 'inherit' });

// It exits with 0 whatever it finds.
const status = stripVTControlCharacters(execFileSync(process.execPath, [cli, 'cloud-support'], { cwd: root, encoding: 'utf8' }));
console.log(status.split('\n').slice(0, 6).join('\n'));

process.exitCode = lint.status === 0 && status.includes('Cloud support is ENABLED') ? 0 : 1;
