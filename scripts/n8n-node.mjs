/**
 * Runs n8n's own CLI on this package: its linter, with eslint.config.mjs as n8n ships it, and the check whether
 * the package can be verified for n8n Cloud.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { root } from './toolchain.mjs';

const cli = join(root, 'node_modules', '@n8n', 'node-cli', 'bin', 'n8n-node.mjs');

// n8n's file applies its rules to all TypeScript, including tests, and must not be changed. With this flag, which is
// the default in ESLint 10, ESLint uses the nearest config file, and those in test/ and scripts/ exclude their folders.
const env = { ...process.env, ESLINT_FLAGS: 'v10_config_lookup_from_file' };
const lint = spawnSync(process.execPath, [cli, 'lint'], { cwd: root, env, stdio: 'inherit' });

// It always exits with 0.
const status = stripVTControlCharacters(execFileSync(process.execPath, [cli, 'cloud-support'], { cwd: root, encoding: 'utf8' }));
console.log(status.split('\n').slice(0, 6).join('\n'));

process.exitCode = lint.status === 0 && status.includes('Cloud support is ENABLED') ? 0 : 1;
