/**
 * Installs what the tests and the demo need: Node 24, the project's packages, a real n8n, a browser, Postgres and
 * Redis. Runs on Node 20 or newer without any package installed.
 *
 * Everything large is outside the working tree, in $CLERK_SYNC_CACHE or ~/.cache/n8n-nodes-clerk-sync. The name of
 * each folder depends on the lock file it was installed from, so that another clone can use it too.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * The n8n releases that `npm test` runs on (the first one in full, also in the demo), and those that only the weekly
 * workflow tests. Each has a manifest in test/host/.
 */
export const { n8nVersions, weeklyVersions } = JSON.parse(readFileSync(join(root, 'test', 'host', 'versions.json'), 'utf8'));

/** The Node.js to install if the running one has another major version, by major version. */
const NODE_VERSIONS = { 22: '22.23.3', 24: '24.21.0' };

/** Reports progress on standard error, so that standard output belongs to the program. */
export function say(text) {
	process.stderr.write(`▸ ${text}\n`);
}

function cacheFolder() {
	const base = process.env.CLERK_SYNC_CACHE;
	if (base) return base;
	return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-clerk-sync');
}

/** Where Node.js keeps what it has compiled of n8n, which it looks up by file and content. */
export const compiledFolder = () => join(cacheFolder(), 'compiled');

/**
 * Runs a command to its end.
 * @returns its exit code; with `quiet`, its output is shown only when it fails. With `groups`, a folder for
 * scripts/reaper.mjs, it gets its own process group, which is recorded there.
 */
export function run(command, args, { cwd = root, env = process.env, quiet = false, groups } = {}) {
	return new Promise((resolve, reject) => {
		const detached = groups !== undefined;
		const child = spawn(command, args, { cwd, env, detached, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
		const entry = detached && child.pid ? join(groups, String(child.pid)) : null;
		if (entry) writeFileSync(entry, '');
		const output = [];
		child.stdout?.on('data', (chunk) => output.push(chunk));
		child.stderr?.on('data', (chunk) => output.push(chunk));
		const forward = (signal) => child.kill(signal);
		process.on('SIGINT', forward);
		process.on('SIGTERM', forward);
		child.on('error', reject);
		child.on('close', (code, signal) => {
			process.off('SIGINT', forward);
			process.off('SIGTERM', forward);
			// The system may reuse its ID.
			if (entry) rmSync(entry, { force: true });
			const exit = code ?? (signal === 'SIGINT' ? 130 : 143);
			if (exit !== 0 && quiet) process.stderr.write(Buffer.concat(output).toString().slice(-20_000));
			resolve(exit);
		});
	});
}

async function must(what, command, args, options) {
	const code = await run(command, args, options);
	if (code !== 0) throw new Error(`${what} failed (exit code ${code}): ${command} ${args.join(' ')}`);
}

/** npm's own entry file, so that it can be run by a Node of our choice. */
export function npmCli() {
	const candidates = [
		process.env.npm_execpath,
		join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
		join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
	];
	const found = candidates.find((path) => path && /npm-cli\.js$/.test(path) && existsSync(path));
	if (found) return found;
	const asked = spawnSync('npm', ['root', '-g'], { encoding: 'utf8', shell: process.platform === 'win32' });
	const path = join((asked.stdout ?? '').trim(), 'npm', 'bin', 'npm-cli.js');
	if (!existsSync(path)) throw new Error('npm was not found. Install Node.js 20 or newer together with npm.');
	return path;
}

function ageInMinutes(path) {
	return (Date.now() - statSync(path).mtimeMs) / 60_000;
}

/**
 * Builds `folder` once, under another name until it is complete, so that an interrupted installation is never used.
 * A second process waits for the first.
 */
async function once(folder, build) {
	if (existsSync(folder)) return folder;
	mkdirSync(dirname(folder), { recursive: true });
	const lock = `${folder}.lock`;
	for (;;) {
		try {
			mkdirSync(lock);
			break;
		} catch (error) {
			if (error.code !== 'EEXIST') throw error;
			if (existsSync(folder)) return folder;
			if (ageInMinutes(lock) > 30) rmSync(lock, { recursive: true, force: true });
			else await new Promise((resolve) => setTimeout(resolve, 1000));
		}
	}
	const unfinished = `${folder}.unfinished`;
	try {
		if (existsSync(folder)) return folder;
		rmSync(unfinished, { recursive: true, force: true });
		mkdirSync(unfinished, { recursive: true });
		await build(unfinished);
		renameSync(unfinished, folder);
	} finally {
		rmSync(lock, { recursive: true, force: true });
	}
	return folder;
}

/** Node.js 24 or newer, on which everything of this project runs. */
export async function ensureNode24() {
	return await ensureNode(24);
}

/**
 * A Node.js of this major version (for 24, or newer): the running one, or the npm package `node` in the cache.
 * @returns the path of the binary, and an environment in which scripts find it as `node`
 */
async function ensureNode(major) {
	let node = process.execPath;
	const running = Number(process.versions.node.split('.')[0]);
	if (major === 24 ? running < 24 : running !== major) {
		const version = NODE_VERSIONS[major];
		const folder = await once(join(cacheFolder(), `node-${version}`), async (into) => {
			say(`This is Node ${process.versions.node}; n8n needs ${major}. Getting Node ${version} from npm (about 60 MB, once) …`);
			writeFileSync(join(into, 'package.json'), '{ "private": true }\n');
			// The package's install script downloads the binary for this machine.
			const args = ['install', '--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`];
			await must(`Getting Node ${major}`, process.execPath, [npmCli(), ...args], { cwd: into, quiet: true });
		});
		node = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
	}
	const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`, npm_config_loglevel: 'error' };
	const headers = headersOf(node);
	if (headers) env.npm_config_nodedir = headers;
	return { node, env };
}

/** The folder above `include/node`, where native packages find the headers of this Node. */
function headersOf(node) {
	const home = dirname(dirname(node));
	const nested = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
	return [home, join(home, 'node_modules', nested)].find((path) => existsSync(join(path, 'include', 'node', 'node.h')));
}

function hashOf(...parts) {
	const hash = createHash('sha256');
	for (const part of parts) hash.update(part);
	return hash.digest('hex').slice(0, 16);
}

/** Installs the project's packages from its lock file, unless they are already installed. */
export async function ensurePackages({ node, env }) {
	const lock = readFileSync(join(root, 'package-lock.json'));
	const stamp = join(root, 'node_modules', '.clerk-sync-installed');
	const key = hashOf(lock);
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return;
	say('Installing the packages of this project (about a minute) …');
	// Not `npm ci`, for the reason given in installedN8n. --no-save leaves the lock file unchanged.
	const args = ['install', '--no-save', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'];
	await must('npm install', node, [npmCli(), ...args], { env, quiet: true });
	writeFileSync(stamp, key);
}

/** The package.json of an installed n8n, for its version and the Node.js it needs. */
function n8nPackageIn(folder) {
	const file = join(folder, 'node_modules', 'n8n', 'package.json');
	return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** The Node.js for an n8n: 24, or 22 if it does not support 24 (n8n 1.85: ">=18.17 <= 22"). */
async function ensureNodeFor(folder) {
	const newest = /<=? *(\d+)/.exec(n8nPackageIn(folder).engines.node)?.[1] ?? 24;
	return await ensureNode(Number(newest) < 24 ? 22 : 24);
}

/**
 * A real n8n.
 * @param wanted a release (2.20.12), part of one or a tag (1.104, latest), or the path of a folder (with a slash in it) in whose `node_modules` one is installed
 * @returns its exact version, the folder that holds its `node_modules`, and the Node.js to run it on
 */
export async function ensureN8n(wanted, node24) {
	const given = resolve(process.env.INIT_CWD ?? '.', wanted);
	const isPath = /[\\/]/.test(wanted);
	if (isPath && !n8nPackageIn(given)) throw new Error(`There is no n8n in ${join(given, 'node_modules')}.`);
	const folder = isPath ? given : await installedN8n(releaseOf(wanted), node24);
	const { node } = await ensureNodeFor(folder);
	return { version: n8nPackageIn(folder).version, folder, node };
}

/** The exact release for part of a version or a tag: one with a manifest, otherwise the newest in the registry. */
function releaseOf(wanted) {
	const known = [...n8nVersions, ...weeklyVersions].find((version) => `${version}.`.startsWith(`${wanted}.`));
	if (known || /^\d+\.\d+\.\d+$/.test(wanted)) return known ?? wanted;
	const asked = spawnSync(process.execPath, [npmCli(), 'view', `n8n@${wanted}`, 'version', '--json'], { encoding: 'utf8' });
	const found = asked.status === 0 && asked.stdout.trim() !== '' ? [JSON.parse(asked.stdout)].flat() : [];
	if (found.length === 0) throw new Error(`The registry has no n8n ${wanted}.`);
	return found.at(-1);
}

async function installedN8n(version, { node, env }) {
	const manifest = join(root, 'test', 'host', `n8n-${version}`);
	const files = new Map([['package.json', `{ "private": true, "dependencies": { "n8n": "${version}" } }\n`]]);
	for (const name of ['package.json', 'package-lock.json']) {
		if (existsSync(join(manifest, name))) files.set(name, readFileSync(join(manifest, name)));
	}
	const key = `${version}-${process.platform}-${process.arch}-${hashOf(files.get('package-lock.json') ?? files.get('package.json'))}`;
	return await once(join(cacheFolder(), 'n8n', key), async (into) => {
		for (const [name, content] of files) writeFileSync(join(into, name), content);
		say(`Installing n8n ${version} (about 2,000 packages; two to five minutes, once) …`);
		// Not `npm ci`, which fails if a registry lacked another platform's optional binary when the lock file was written.
		// The flags override this project's .npmrc, which npm passes on to whatever `npm test` runs: n8n needs its peers.
		const flags = ['--legacy-peer-deps=false', '--no-audit', '--no-fund'];
		await must('Installing n8n', node, [npmCli(), 'install', '--ignore-scripts', ...flags], { cwd: into, env, quiet: true });
		say(`Building SQLite for n8n ${version} (about a minute, once) …`);
		const own = await ensureNodeFor(into);
		await must(
			'Building sqlite3 (needs python3, make and g++)',
			own.node,
			[npmCli(), 'rebuild', 'sqlite3', '--ignore-scripts=false', ...flags],
			{ cwd: into, env: own.env, quiet: true },
		);
	});
}

/** Chromium: the installed one, otherwise from apt if we are root, otherwise Playwright's build. */
export async function ensureBrowser({ node, env }) {
	const named = process.env.CLERK_SYNC_BROWSER;
	if (named) {
		if (!existsSync(named)) throw new Error(`CLERK_SYNC_BROWSER names ${named}, which does not exist.`);
		return named;
	}
	const installed = () =>
		[
			'/usr/bin/chromium',
			'/usr/bin/chromium-browser',
			'/usr/bin/google-chrome',
			'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
			'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
		].find((path) => existsSync(path));
	if (installed()) return installed();
	if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
		say('Installing Chromium for the browser tests with apt-get (about a minute, once) …');
		const apt = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
		await run('apt-get', ['update'], { env: apt, quiet: true });
		if (
			(await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
				env: apt,
				quiet: true,
			})) === 0 &&
			installed()
		)
			return installed();
	}
	say('No Chromium or Chrome on this machine. Downloading the one from Playwright …');
	const browsers = { ...env, PLAYWRIGHT_BROWSERS_PATH: join(cacheFolder(), 'browsers') };
	await must(
		'Getting a browser (or install Chromium yourself and name it in CLERK_SYNC_BROWSER)',
		node,
		[join(root, 'node_modules', 'playwright-core', 'cli.js'), 'install', 'chromium'],
		{ env: browsers },
	);
	const asked = spawnSync(node, ['-p', "require('playwright-core').chromium.executablePath()"], {
		cwd: root,
		env: browsers,
		encoding: 'utf8',
	});
	return asked.stdout.trim();
}

/** The folders where a Postgres server may be installed, the newest of Debian's first. */
function postgresFolders() {
	const debian = '/usr/lib/postgresql';
	const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
	return [
		...(process.env.PATH ?? '').split(delimiter),
		...versions.map((version) => join(debian, version, 'bin')),
		'/usr/local/bin',
		'/usr/local/pgsql/bin',
	];
}

/**
 * A Postgres server: the installed one, otherwise from apt if we are root.
 * @returns the folder with `postgres` and `initdb`
 */
export async function ensurePostgres() {
	const named = process.env.CLERK_SYNC_POSTGRES;
	const holdsServer = (folder) => ['postgres', 'initdb'].every((name) => existsSync(join(folder, name)));
	if (named) {
		if (!holdsServer(named)) throw new Error(`CLERK_SYNC_POSTGRES names ${named}, which does not contain postgres and initdb.`);
		return named;
	}
	const installed = () => {
		// A link in PATH may point to a folder with more programs.
		const programs = postgresFolders().map((folder) => join(folder, 'postgres'));
		return programs
			.filter((path) => existsSync(path))
			.map((path) => dirname(realpathSync(path)))
			.find(holdsServer);
	};
	if (!installed() && existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
		say('Installing Postgres for the tests of the examples with apt-get (about a minute, once) …');
		const apt = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
		// Debian would set up and start its own server on the default port. The tests start theirs.
		const setting = '/etc/postgresql-common/createcluster.d/clerk-sync-tests.conf';
		mkdirSync(dirname(setting), { recursive: true });
		writeFileSync(setting, 'create_main_cluster = false\n');
		try {
			await run('apt-get', ['update'], { env: apt, quiet: true });
			await run('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], { env: apt, quiet: true });
		} finally {
			rmSync(setting, { force: true });
		}
	}
	const found = installed();
	if (!found) {
		throw new Error(
			'The tests of the examples need a Postgres server, and there is none on this machine. Install it (Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql), or name the folder of its programs in CLERK_SYNC_POSTGRES.',
		);
	}
	return found;
}

/**
 * A Redis server: the installed one, otherwise from apt if we are root.
 * @returns its path. It must be run under the name `redis-server`, whatever the file is called
 */
export async function ensureRedis() {
	const named = process.env.CLERK_SYNC_REDIS;
	if (named) {
		if (!existsSync(named)) throw new Error(`CLERK_SYNC_REDIS names ${named}, which does not exist.`);
		return named;
	}
	// Debian's package redis-server starts a service, now and at every boot. redis-tools has the same program without
	// it, as redis-check-rdb: what Redis does depends on the name it is run under.
	const tool = '/usr/bin/redis-check-rdb';
	const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/opt/homebrew/bin'];
	const installed = () => [...folders.map((folder) => join(folder, 'redis-server')), tool].find((path) => existsSync(path));
	if (!installed() && existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
		say("Installing Redis for the tests of n8n's queue mode with apt-get (a few seconds, once) …");
		const apt = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
		await run('apt-get', ['update'], { env: apt, quiet: true });
		await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-tools'], { env: apt, quiet: true });
	}
	const found = installed();
	if (!found) {
		throw new Error(
			"The tests of n8n's queue mode need a Redis server, and there is none on this machine. Install it (Debian and Ubuntu: apt-get install redis-tools, which contains it without starting a service; macOS: brew install redis), or name its program in CLERK_SYNC_REDIS.",
		);
	}
	return found;
}
