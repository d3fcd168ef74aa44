import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';

import type { N8n } from '../support/n8n';

function bytesIn(folder: string): number {
	if (!existsSync(folder)) return 0;
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

const UNDER_WAY = "('new', 'running', 'waiting')";

/** n8n's SQLite database and its files, read beside n8n itself. */
export class Store {
	private readonly folder: string;
	private readonly database: DatabaseSync;

	constructor({ userFolder }: Pick<N8n, 'userFolder'>) {
		this.folder = join(userFolder, '.n8n');
		this.database = new DatabaseSync(join(this.folder, 'database.sqlite'), { readOnly: true });
	}

	private count(which: string): number {
		const { found } = this.database.prepare(`SELECT COUNT(*) AS found FROM execution_entity WHERE ${which}`).get() ?? {};
		return Number(found);
	}

	/** How many executions there are, and how many of them have ended without success. */
	get executions(): { all: number; failed: number } {
		return { all: this.count('TRUE'), failed: this.count(`status <> 'success' AND status NOT IN ${UNDER_WAY}`) };
	}

	/** In the database, without its free pages, and in files of binary data, which n8n keeps beside it. */
	get bytes(): number {
		const pages = 'pragma_page_count, pragma_freelist_count, pragma_page_size';
		const { bytes } =
			this.database.prepare(`SELECT (page_count - freelist_count) * page_size AS bytes FROM ${pages}`).get() ?? {};
		// n8n 2 and before.
		return Number(bytes) + bytesIn(join(this.folder, 'storage')) + bytesIn(join(this.folder, 'binaryData'));
	}

	/**
	 * Waits until no execution is under way.
	 * @throws after a minute
	 */
	async untilIdle(): Promise<void> {
		for (const deadline = Date.now() + 60_000; this.count(`status IN ${UNDER_WAY}`) > 0; await wait(10)) {
			if (Date.now() > deadline) throw new Error('After a minute there still were executions under way');
		}
	}

	close(): void {
		this.database.close();
	}
}
