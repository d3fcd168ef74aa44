import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { pagesWithTables, tables, withGeneratedTables } from '../../../scripts/tables';
import { eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { userContact } from '../../../nodes/Clerk/records/contact';
import { eventRecordOf } from '../../../nodes/Clerk/records/event';
import { tenantOf } from '../../../nodes/Clerk/records/tenant';
import { fixture } from '../../support/deliveries';
import { inRepository } from '../../support/paths';

const root = inRepository();
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const reference = read('docs/reference.md');

const settingsOfContact = {
	source: '',
	instanceId: null,
	environment: 'production' as const,
	onlyVerified: false,
	includeNames: true,
};

/** The names in the first column of the table under a heading. */
function firstColumn(heading: string): string[] {
	const section = reference.split(`\n### ${heading}\n`)[1]?.split('\n#')[0] ?? '';
	return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name ?? '');
}

test.each(pagesWithTables)('the tables of %s are what the code says and what was measured (npm run docs writes them)', (page) => {
	expect(withGeneratedTables(read(page))).toBe(read(page));
});

test('every generated table stands on a page', () => {
	const text = pagesWithTables.map(read).join('');
	expect(Object.keys(tables).filter((name) => !text.includes(`<!-- ${name}, generated`))).toEqual([]);
});

test('what docs/reliability.md says of n8n killed while it works has the figures of the table', () => {
	const figures = JSON.parse(read('docs/proofs/kill.stored.json')) as Record<string, number>;
	const { kills, deliveries, executionsCrashed, rowsMissing, users, eventsMissing, rowsOutOfDate } = figures;
	expect(read('docs/reliability.md')).toContain(
		`In our test, ${kills} kills during ${deliveries} deliveries crashed ${executionsCrashed} executions. After that, ${rowsMissing} of ${users} rows and ${eventsMissing} sign-up events were missing, and ${rowsOutOfDate} rows were out of date.`,
	);
});

test('the README is short enough to be read', () => {
	expect(read('README.md').split('\n').length).toBeLessThan(200);
});

test("the reference's table of contact fields names every field, in order", () => {
	const contact = userContact('upsert', fixture('openapi.user.created').envelope.data, settingsOfContact);
	expect(firstColumn('The contact item')).toEqual(Object.keys(contact));
});

test("the reference's table of event fields names every field, in order", () => {
	const { envelope } = fixture('openapi.user.created');
	const event = eventRecordOf(
		eventOfType(envelope.type),
		envelope,
		envelope.data,
		{ id: 'msg_1', sentAt: 0, environment: 'production' },
		{ includeClient: true, onlyVerified: false },
	);
	expect(firstColumn('The event item')).toEqual(Object.keys(event));
});

test("the reference's table of tenant fields names every field, in order", () => {
	const { envelope } = fixture('openapi.organizationMembership.created');
	expect(firstColumn('The tenant item')).toEqual(Object.keys(tenantOf(eventOfType(envelope.type), envelope.data) ?? {}));
});

/** How GitHub makes the anchor of a heading. */
function anchor(heading: string): string {
	return heading
		.trim()
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s-]/gu, '')
		.replace(/\s/g, '-');
}

const pages = [
	'README.md',
	'CONTRIBUTING.md',
	'SECURITY.md',
	'examples/README.md',
	...readdirSync(join(root, 'docs'))
		.filter((file) => file.endsWith('.md'))
		.map((file) => `docs/${file}`),
];

test.each(pages)('every picture, file and heading that %s links to is there', (file) => {
	const text = read(file);
	const targets = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)/g)].map(([, target]) => target ?? '');
	const missing = targets.filter((target) => {
		const [path = '', heading] = target.split('#');
		const linked = path === '' ? join(root, file) : join(root, file, '..', path);
		if (!existsSync(linked)) return true;
		if (heading === undefined) return false;
		const headings = [...readFileSync(linked, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, name]) => anchor(name ?? ''));
		return !headings.includes(heading);
	});
	expect(missing).toEqual([]);
});

test('every npm command that the documentation names is there', () => {
	const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
	const text = pages.map(read).join('');
	const named = [...text.matchAll(/\bnpm run ([a-z0-9:]+)/g)].map(([, name]) => name ?? '');
	expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
