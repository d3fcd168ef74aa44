import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';

import type { N8n } from '../support/n8n';

/** What n8n has stored at a moment. */
export interface Stored {
	readonly executions: number;
	/** In the database, without its free pages, and in files of binary data, which n8n keeps beside it. */
	readonly bytes: number;
}

function bytesIn(folder: string): number {
	if (!existsSync(folder)) return 0;
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

function found(statement: StatementSync): number {
	return Number(statement.get()?.['found']);
}

/** n8n's SQLite database and its files, read beside n8n itself. */
export class Store {
	private readonly database: DatabaseSync;
	private readonly all: StatementSync;
	private readonly open: StatementSync;
	private readonly unsuccessful: StatementSync;
	private readonly pages: StatementSync;
	private readonly folders: readonly string[];

	constructor({ userFolder }: Pick<N8n, 'userFolder'>) {
		const folder = join(userFolder, '.n8n');
		this.database = new DatabaseSync(join(folder, 'database.sqlite'), { readOnly: true });
		const count = (which: string) => this.database.prepare(`SELECT COUNT(*) AS found FROM execution_entity WHERE ${which}`);
		this.all = count('TRUE');
		this.open = count("status IN ('new', 'running', 'waiting')");
		this.unsuccessful = count("status NOT IN ('new', 'running', 'waiting', 'success')");
		this.pages = this.database.prepare(
			'SELECT (page_count - freelist_count) * page_size AS bytes FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
		);
		// n8n 2 and before.
		this.folders = ['storage', 'binaryData'].map((name) => join(folder, name));
	}

	now(): Stored {
		const files = this.folders.reduce((sum, folder) => sum + bytesIn(folder), 0);
		return { executions: found(this.all), bytes: Number(this.pages.get()?.['bytes']) + files };
	}

	/** Executions that did not end well, since n8n was set up. */
	get failed(): number {
		return found(this.unsuccessful);
	}

	/**
	 * Waits until no execution is under way.
	 * @throws after a minute
	 */
	async untilIdle(): Promise<void> {
		const deadline = Date.now() + 60_000;
		while (found(this.open) > 0) {
			if (Date.now() > deadline) throw new Error('After a minute there still were executions under way');
			await wait(10);
		}
	}

	close(): void {
		this.database.close();
	}
}
