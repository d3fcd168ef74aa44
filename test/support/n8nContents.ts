import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';

import type { N8n } from './n8n';
import { toolchain } from './toolchain';

const run = promisify(execFile);

type Row = Record<string, unknown>;

/** n8n's SQLite database, read beside n8n itself: every table, by its name. */
export function databaseOf({ userFolder }: Pick<N8n, 'userFolder'>): Map<string, Row[]> {
	const sqlite = new DatabaseSync(join(userFolder, '.n8n', 'database.sqlite'), { readOnly: true });
	try {
		const tables = sqlite.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as Array<{ name: string }>;
		return new Map(tables.map(({ name }) => [name, sqlite.prepare(`SELECT * FROM "${name}"`).all()]));
	} finally {
		sqlite.close();
	}
}

/**
 * While n8n is stopped: as if the time that its executions wait were over in so many seconds. What is due before n8n has
 * started, n8n 2.41 runs before it has initialized its modules, so that a Data Table node fails.
 */
export function endWaits({ userFolder }: Pick<N8n, 'userFolder'>, seconds: number): void {
	const sqlite = new DatabaseSync(join(userFolder, '.n8n', 'database.sqlite'));
	sqlite
		.prepare("UPDATE execution_entity SET waitTill = strftime('%Y-%m-%d %H:%M:%f', 'now', ?) WHERE status = 'waiting'")
		.run(`+${seconds} seconds`);
	sqlite.close();
}

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
async function exportedWorkflows({ version, userFolder }: N8n): Promise<string> {
	const host = toolchain().n8n[version];
	if (!host) throw new Error(`n8n ${version} is not installed`);
	const file = join(userFolder, 'exported.json');
	const command = join(host.folder, 'node_modules', 'n8n', 'bin', 'n8n');
	await run(host.node, [command, 'export:workflow', '--all', `--output=${file}`], {
		cwd: userFolder,
		env: { HOME: userFolder, N8N_USER_FOLDER: userFolder, N8N_DIAGNOSTICS_ENABLED: 'false', N8N_LOG_LEVEL: 'error' },
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
	const tables = databaseOf(n8n);
	const inLines = (values: unknown[] = []) => values.map(String).join('\n');
	places.set('static data', inLines(tables.get('workflow_entity')?.map(({ staticData }) => staticData)));
	// What SQLite stores in pieces is in one piece here.
	places.set('tables of the database', inLines([...tables.values()].flat().map(rowText)));
	places.set("files in n8n's folder", filesIn(n8n.userFolder));
	// Last, so that it also holds what n8n wrote about all this.
	places.set('log', n8n.log);
	return places;
}

function rowText(row: Row): string {
	const values = Object.values(row);
	return values.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value))).join('\t');
}

/** All files of a folder, with their names. */
function filesIn(folder: string): Buffer {
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return Buffer.concat(
		files.flatMap(({ parentPath, name }) => [Buffer.from(`${join(parentPath, name)}\n`), readFileSync(join(parentPath, name))]),
	);
}
