import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inRepository } from '../../support/paths';

const REAPER = inRepository('scripts', 'reaper.mjs');

test('what a run started ends with it, and its folder is removed, however the run ends', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'reaper-'));
	mkdirSync(join(folder, 'groups'));
	// As n8n and its task runner: the one starts the other and is not there to end it.
	const starts = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });`;
	const left = spawn(process.execPath, ['-e', `${starts} console.log('started'); setInterval(() => {}, 1000);`], {
		detached: true,
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	await once(left.stdout, 'data');
	writeFileSync(join(folder, 'groups', String(left.pid)), '');
	const ended = once(left, 'exit');
	const outputClosed = once(left.stdout, 'close');

	const reaper = spawn(process.execPath, [REAPER, folder], { stdio: ['pipe', 'ignore', 'ignore'] });
	await once(reaper, 'spawn');
	const reaped = once(reaper, 'exit');
	reaper.stdin.destroy();

	expect(await ended).toEqual([null, 'SIGKILL']);
	// Both held it open.
	await outputClosed;
	expect(await reaped).toEqual([0, null]);
	expect(existsSync(folder)).toBe(false);
});
