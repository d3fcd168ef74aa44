import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';

import { inRepository } from '../../support/paths';
import { DIST } from './shipped';

const run = promisify(execFile);

const FILES = ['ClerkTrigger.node.js', 'Clerk.node.js'].map((file) => join(DIST, file));

/** n8n has loaded its own library before it loads a node. */
const LOAD = `
	require('n8n-workflow');
	const start = performance.now();
	for (const file of ${JSON.stringify(FILES)}) require(file);
	console.log(performance.now() - start);
`;

/** @returns milliseconds to load both node files, each time in a process of its own */
export async function loadTimes(times: number): Promise<number[]> {
	const figures: number[] = [];
	// The first one reads the files from the disk.
	for (let time = 0; time <= times; time++) {
		const { stdout } = await run(process.execPath, ['-e', LOAD], { cwd: inRepository() });
		if (time > 0) figures.push(Number(stdout));
	}
	return figures;
}

/** The files in a tar archive, with their bytes. @see POSIX.1-1988, ustar */
function* filesIn(tar: Buffer): Generator<{ name: string; header: Buffer; content: Buffer }> {
	for (let at = 0; tar[at];) {
		const size = parseInt(tar.toString('latin1', at + 124, at + 136), 8);
		const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
		const end = at + 512 + Math.ceil(size / 512) * 512;
		yield { name, header: tar.subarray(at, at + 512), content: tar.subarray(at + 512, end) };
		at = end;
	}
}

/** @returns bytes of the packed tarball; and what it would have without pictures, packed again in the same way */
export function tarballSize(tarball: string): { packed: number; withoutPictures: number } {
	const bytes = readFileSync(tarball);
	const kept = [...filesIn(gunzipSync(bytes))].filter(({ name }) => !/\.(png|jpe?g|gif|webp|svg)$/i.test(name));
	const withoutPictures = gzipSync(Buffer.concat(kept.flatMap(({ header, content }) => [header, content])), { level: 9 });
	return { packed: bytes.length, withoutPictures: withoutPictures.length };
}
