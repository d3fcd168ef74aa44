/**
 * Runs n8n's package scan offline, as n8n does before it verifies a package: on the source and on the tarball that
 * `npm pack` creates. The scan ignores inline disables.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { analyzePackage, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';

import { root } from './toolchain.mjs';
import { pack } from './pack.mjs';

const unpacked = mkdtempSync(join(tmpdir(), 'clerk-sync-scan-'));
let failed = false;

async function scan(what, folder, patterns) {
	const { passed, message, details } = await analyzePackage(folder, patterns);
	console.log(`${passed ? 'passed' : 'FAILED'}: ${what}${passed ? '' : ` (${message})\n${details ?? ''}`}`);
	failed ||= !passed;
}

try {
	await scan('source', root, SOURCE_FILE_PATTERNS);
	const tarball = pack(unpacked);
	execFileSync('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);
	const { dependencies, overrides } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
	if (dependencies || overrides) throw new Error('The package has run-time dependencies or overrides, which n8n refuses.');
	await scan('packed tarball', unpacked, undefined);
} finally {
	rmSync(unpacked, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
