import { readFileSync } from 'node:fs';

/** What `scripts/test.mjs` and `scripts/start.mjs` got ready before they started this process. */
export interface Toolchain {
	/** The binary of Node.js 24 or newer. */
	node: string;
	npmCli: string;
	/** Where Node.js keeps what it has compiled of n8n, from one run to the next. */
	compiled: string;
	/** By n8n version, the folder that holds its `node_modules`, and the Node.js binary that it runs on. */
	n8n: Record<string, { folder: string; node: string }>;
	browser: string | null;
	/** The folder that holds the programs of a Postgres server. */
	postgres: string | null;
	/** A Redis server's program, to be run under the name `redis-server`. */
	redis: string | null;
	/** The packed tarball of this package. */
	tarball: string;
}

export function toolchain(): Toolchain {
	const file = process.env['CLERK_SYNC_TOOLCHAIN'];
	if (!file) throw new Error('Run this with "npm test", "npm run test:n8n" or "npm start", which get n8n ready first.');
	return JSON.parse(readFileSync(file, 'utf8')) as Toolchain;
}
