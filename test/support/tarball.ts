import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { extract, list } from 'tar';

import { toolchain } from './toolchain';

const run = promisify(execFile);

export interface Packed {
	/** The names of the files in it. */
	readonly files: string[];
	/** Names and contents. */
	readonly content: Buffer;
}

/** What `npm pack` made of this package. */
export async function packed(tarball = toolchain().tarball): Promise<Packed> {
	const files: string[] = [];
	const content: Buffer[] = [];
	const onReadEntry = (entry: { path: string; on(event: 'data', listener: (chunk: Buffer) => void): void }) => {
		files.push(entry.path);
		content.push(Buffer.from(`\n${entry.path}\n`));
		entry.on('data', (chunk) => content.push(chunk));
	};
	await list({ file: tarball, onReadEntry });
	return { files, content: Buffer.concat(content) };
}

/** The same with one more file, packed by npm again. */
export async function packedWith(file: string, text: string): Promise<Packed> {
	const { node, npmCli, tarball } = toolchain();
	const folder = mkdtempSync(join(tmpdir(), 'clerk-sync-packed-'));
	try {
		await extract({ file: tarball, cwd: folder });
		writeFileSync(join(folder, 'package', file), text);
		await run(node, [npmCli, 'pack', '--ignore-scripts', '--pack-destination', folder], { cwd: join(folder, 'package') });
		const [again] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
		return await packed(join(folder, again ?? ''));
	} finally {
		rmSync(folder, { recursive: true });
	}
}
