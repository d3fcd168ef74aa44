// Builds the parts of dist that tsc does not: the files that n8n loads besides the code, and a check of the result.
const { existsSync, readdirSync, readFileSync, rmSync, statSync } = require('node:fs');
const path = require('node:path');

const { dest, parallel, series, src } = require('gulp');

const copied = {
	icons: ['nodes/**/*.svg'],
	codex: ['nodes/**/*.node.json'],
	schemas: ['nodes/**/__schema__/**/*.json'],
};

const copy = (patterns) => src(patterns, { base: '.', encoding: false }).pipe(dest('dist'));

function icons() {
	return copy(copied.icons);
}

function codex() {
	return copy(copied.codex);
}

function schemas() {
	return copy(copied.schemas);
}

function filesIn(folder) {
	return readdirSync(folder, { recursive: true })
		.map((name) => path.join(folder, name))
		.filter((name) => statSync(name).isFile());
}

/** Removes files of an earlier build: each file in dist must have a source. */
async function prune() {
	for (const file of filesIn('dist')) {
		const source = path.relative('dist', file).replace(/\.js$/, '.ts');
		if (!existsSync(source)) rmSync(file);
	}
}

/** The only modules that n8n's verification allows at run time. */
const ALLOWED = ['n8n-workflow', 'node:crypto'];

/** Fails the build if dist would not work for users: if a file or an import is missing. */
async function verify() {
	const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
	const problems = [];
	for (const file of [...manifest.n8n.nodes, ...manifest.n8n.credentials]) {
		if (!existsSync(file)) problems.push(`package.json names ${file}, which was not built`);
	}
	for (const file of manifest.n8n.nodes) {
		const codexFile = file.replace(/\.js$/, '.json');
		if (!existsSync(codexFile)) problems.push(`${codexFile} is missing: n8n needs it to find the node in a search`);
	}
	for (const file of filesIn('dist').filter((name) => name.endsWith('.js'))) {
		const code = readFileSync(file, 'utf8');
		for (const [, name] of code.matchAll(/\brequire\(["']([^"']+)["']\)/g)) {
			if (name.startsWith('.')) {
				const target = path.join(path.dirname(file), name);
				if (![target, `${target}.js`, `${target}.json`].some((candidate) => existsSync(candidate)))
					problems.push(`${file} imports ${name}, which is not in dist`);
			} else if (!ALLOWED.includes(name)) {
				problems.push(`${file} imports ${name}, which users of the package do not have`);
			}
		}
		for (const [, icon] of code.matchAll(/["']file:([^"']+\.svg)["']/g)) {
			if (!existsSync(path.join(path.dirname(file), icon))) problems.push(`${file} names the icon ${icon}, which is not in dist`);
		}
	}
	if (problems.length > 0) throw new Error(`dist is incomplete:\n- ${problems.join('\n- ')}`);
}

exports.build = series(prune, parallel(icons, codex, schemas), verify);
exports.default = exports.build;
