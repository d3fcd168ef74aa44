import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { N8n } from './n8n';

export type Row = Record<string, unknown>;

/** n8n's SQLite database, read beside n8n itself. */
export class Database {
	private readonly sqlite: DatabaseSync;

	constructor({ userFolder }: Pick<N8n, 'userFolder'>) {
		this.sqlite = new DatabaseSync(join(userFolder, '.n8n', 'database.sqlite'), { readOnly: true });
	}

	rows(table: string): Row[] {
		return this.sqlite.prepare(`SELECT * FROM "${table}"`).all();
	}

	/** Every table, with all its rows as text: what SQLite stores in pieces is in one piece here. */
	tables(): Map<string, string> {
		const tables = this.sqlite.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as Array<{ name: string }>;
		return new Map(tables.map(({ name }) => [name, this.rows(name).map(rowText).join('\n')]));
	}

	close(): void {
		this.sqlite.close();
	}
}

function rowText(row: Row): string {
	return Object.values(row)
		.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
		.join('\t');
}
