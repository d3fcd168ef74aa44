import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pack } from './pack.mjs';
import { reap } from './reap.mjs';
import {
	compiledFolder,
	ensureBrowser,
	ensureN8n,
	ensureNode24,
	ensurePackages,
	ensurePostgres,
	ensureRedis,
	npmCli,
	root,
	run,
	say,
} from './toolchain.mjs';

/**
 * Prepares everything that the tests or the demo need on this machine: Node 24, the packages of this project, dist,
 * the packed tarball, the requested n8n releases, a browser, Postgres and Redis.
 * @param options.n8n releases, or folders with an installed one
 * @returns functions that run a program of this project on Node 24, in an environment where it finds the rest;
 * and the versions of the requested n8n releases
 */
export async function prepare({ n8n = [], browser = false, postgres = false, redis = false }) {
	const node24 = await ensureNode24();
	await ensurePackages(node24);
	const start = (args, options) => run(node24.node, args, { env, groups: join(folder, 'groups'), ...options });
	const folder = temporaryFolder(node24);
	const env = { ...node24.env, TMPDIR: folder };

	/** Exits if a step fails. */
	const step = async (what, args) => {
		say(`${what} …`);
		const code = await start(args, { quiet: true });
		if (code === 0) return;
		say(`${what} FAILED.`);
		process.exit(code);
	};

	await step('Building the package (tsc)', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
	await step('Building the package (gulp)', ['node_modules/gulp/bin/gulp.js', 'build']);

	const hosts = {};
	if (n8n.length > 0) {
		for (const wanted of n8n) {
			const { version, ...host } = await ensureN8n(wanted, node24);
			hosts[version] = host;
		}
		const toolchain = {
			node: node24.node,
			npmCli: npmCli(),
			compiled: compiledFolder(),
			n8n: hosts,
			browser: browser ? await ensureBrowser(node24) : null,
			postgres: postgres ? await ensurePostgres() : null,
			redis: redis ? await ensureRedis() : null,
			tarball: pack(folder),
		};
		env.CLERK_SYNC_TOOLCHAIN = join(folder, 'toolchain.json');
		writeFileSync(env.CLERK_SYNC_TOOLCHAIN, JSON.stringify(toolchain));
	}
	return { start, step, versions: Object.keys(hosts) };
}

/**
 * A folder for the temporary files of this run. When the run ends, the folder and all remaining processes are removed:
 * by the run itself or, if it is killed, by another process.
 */
function temporaryFolder({ node }) {
	const folder = mkdtempSync(join(tmpdir(), 'clerk-sync-'));
	// Postgres refuses to run as root, and another user must be able to reach its folder inside.
	chmodSync(folder, 0o755);
	mkdirSync(join(folder, 'groups'));
	const reaper = spawn(node, [join(root, 'scripts', 'reaper.mjs'), folder], {
		detached: true,
		stdio: ['pipe', 'ignore', 'ignore'],
	});
	reaper.unref();
	reaper.stdin.unref();
	process.on('exit', () => reap(folder));
	return folder;
}
