import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { inRepository } from '../../support/paths';

const read = (...path: string[]) => readFileSync(inRepository(...path), 'utf8');

interface NamedTest {
	readonly file: string;
	/** A part of its name, or of that of its group; null where only the file is named. */
	readonly name: string | null;
}

/** The tests that a cell names: `[label](path.test.ts): *a part of the test's name*`. */
function testsIn(page: string, cell: string): NamedTest[] {
	const named = cell.matchAll(/\]\(([^)\s]+\.test\.ts)\)(?:: \*(.+?)\*(?=;| \||$))?/g);
	return [...named].map(([, file = '', name]) => ({ file: join(page, '..', file), name: name ?? null }));
}

/** The rows of the table under a heading, cell by cell. */
function rowsUnder(page: string, heading: string): string[][] {
	const section = read(page).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
	const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('| '));
	return rows.map((row) => row.slice(2, -2).split(' | '));
}

/** The numbers in a cell such as "B1, B2" or "F1 to F10, F23". */
function numbersIn(cell: string): string[] {
	return cell.split(', ').flatMap((part) => {
		const [first = '', last] = part.split(' to ');
		if (last === undefined) return [first];
		const [letter = '', from] = [first[0], Number(first.slice(1))];
		return Array.from({ length: Number(last.slice(1)) - from + 1 }, (_, index) => `${letter}${from + index}`);
	});
}

const FEATURES = 'docs/features.md';
const features = read(FEATURES)
	.split('\n## ')[0]!
	.split('\n')
	.filter((line) => /^\| [A-F]\d/.test(line))
	.flatMap((line) => numbersIn(line.split(' | ')[0]!.slice(2)));
const testsOfFeatures = rowsUnder(FEATURES, 'The test of each feature');

test('every feature has a test that names it', () => {
	expect(testsOfFeatures.map(([number]) => number).toSorted()).toEqual(features.toSorted());
});

test.each(testsOfFeatures)('%s is in the name of a test in each of %s', (number, cell) => {
	const files = testsIn(FEATURES, cell ?? '').map(({ file }) => file);
	expect(files.length).toBeGreaterThan(0);
	const named = new RegExp(`['"\`(](?:[A-F]\\d+, )*${number}(?:, [A-F]\\d+)*[-:' ]`);
	expect(files.filter((file) => !named.test(read(file)))).toEqual([]);
});

const promises = [
	['SECURITY.md', 'What we promise'],
	['docs/reliability.md', 'What you can rely on'],
	[FEATURES, 'The test of what else is promised'],
].flatMap(([page = '', heading = '']) => rowsUnder(page, heading).map((cells) => [page, ...cells]));

test('the tables of promises are there', () => {
	expect(new Set(promises.map(([page]) => page)).size).toBe(3);
	expect(promises.length).toBeGreaterThan(30);
});

test.each(promises)('%s: %s', (page, promise, cell) => {
	const tests = testsIn(page ?? '', cell ?? '');
	// That the package has no dependencies is looked at by n8n's own scan.
	if (tests.length === 0) expect(promise).toMatch(/^The package has no dependencies/);
	for (const { file, name } of tests) expect(read(file)).toContain(name ?? '');
});
