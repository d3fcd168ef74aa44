import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

import type { N8n } from './n8n';
import { toolchain } from './toolchain';
import { Database } from '../support/n8nDatabase';

const run = promisify(execFile);

/** All that can be read in one place, by the place's name. */
export type Places = Map<string, string | Buffer>;

interface Page {
	data: Array<{ id: string }>;
	nextCursor: string | null;
}

/** Everything of one kind that n8n's public API lists, with all its data. */
async function listed(n8n: N8n, path: string): Promise<Page['data']> {
	const all: Page['data'] = [];
	let cursor = '';
	do {
		const page = await n8n.api<Page>('GET', `${path}limit=100${cursor}`);
		all.push(...page.data);
		cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : '';
	} while (cursor !== '');
	return all;
}

/** What `n8n export:workflow` writes, as a self-hoster runs it for a backup. */
async function exportedWorkflows(n8n: N8n): Promise<string> {
	const host = toolchain().n8n[n8n.version];
	if (!host) throw new Error(`n8n ${n8n.version} is not installed`);
	const file = join(n8n.userFolder, 'exported.json');
	const command = join(host.folder, 'node_modules', 'n8n', 'bin', 'n8n');
	await run(host.node, [command, 'export:workflow', '--all', `--output=${file}`], {
		cwd: n8n.userFolder,
		env: { HOME: n8n.userFolder, N8N_USER_FOLDER: n8n.userFolder, N8N_DIAGNOSTICS_ENABLED: 'false', N8N_LOG_LEVEL: 'error' },
	});
	const text = readFileSync(file, 'utf8');
	// Otherwise it would be one of n8n's own files at the next search.
	rmSync(file);
	return text;
}

/** Every place in n8n where something of a delivery or of a credential could come to light. */
export async function placesOf(n8n: N8n): Promise<Places> {
	const exporting = exportedWorkflows(n8n);
	const executions = await listed(n8n, '/executions?includeData=true&');
	const workflows = await listed(n8n, '/workflows?');
	const credentials = await n8n.rest<Array<{ id: string }>>('GET', '/rest/credentials');
	const shown = async (path: string, all: Array<{ id: string }>, query = '') => {
		const texts: string[] = [];
		for (const { id } of all) texts.push(JSON.stringify(await n8n.rest('GET', `/rest/${path}/${id}${query}`)));
		return texts.join('\n');
	};

	const places: Places = new Map<string, string | Buffer>([
		['executions, from the public API', JSON.stringify(executions)],
		['executions, as the editor gets them', await shown('executions', executions)],
		['workflows, from the public API', JSON.stringify(workflows)],
		['workflows, as the editor gets them', await shown('workflows', workflows)],
		['credentials, as the editor gets them', await shown('credentials', credentials, '?includeData=true')],
		['workflows, exported on the command line', await exporting],
	]);

	const database = new Database(n8n);
	places.set(
		'static data',
		database
			.rows('workflow_entity')
			.map(({ staticData }) => String(staticData))
			.join('\n'),
	);
	places.set('tables of the database', [...database.tables().values()].join('\n'));
	database.close();
	places.set("files in n8n's folder", filesIn(n8n.userFolder));
	// Last, so that it also holds what n8n wrote about all this.
	places.set('log', n8n.log);
	return places;
}

/** All files of a folder, with their names. */
function filesIn(folder: string): Buffer {
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return Buffer.concat(
		files.flatMap(({ parentPath, name }) => [Buffer.from(`${join(parentPath, name)}\n`), readFileSync(join(parentPath, name))]),
	);
}

export interface Packed {
	/** The names of the files in it. */
	readonly files: string[];
	/** Names and contents, as they stand in a tar file. */
	readonly content: Buffer;
}

/** What `npm pack` made of this package. */
export function packed(tarball = toolchain().tarball): Packed {
	const content = gunzipSync(readFileSync(tarball));
	const files: string[] = [];
	// A header of 512 bytes, then the file, filled up to a multiple of that.
	for (let at = 0; content[at];) {
		const field = (from: number, length: number) => content.toString('utf8', at + from, at + from + length).replace(/\0.*/s, '');
		files.push([field(345, 155), field(0, 100)].filter((part) => part !== '').join('/'));
		at += 512 * (1 + Math.ceil(parseInt(field(124, 12), 8) / 512));
	}
	return { files, content };
}

/** The same with one more file, packed by npm again. */
export async function packedWith(file: string, text: string): Promise<Packed> {
	const { node, npmCli, tarball } = toolchain();
	const folder = mkdtempSync(join(tmpdir(), 'clerk-sync-packed-'));
	try {
		await run('tar', ['-xzf', tarball, '-C', folder]);
		writeFileSync(join(folder, 'package', file), text);
		await run(node, [npmCli, 'pack', '--ignore-scripts', '--pack-destination', folder], { cwd: join(folder, 'package') });
		const [again] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
		return packed(join(folder, again ?? ''));
	} finally {
		rmSync(folder, { recursive: true });
	}
}
