import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { generated, proofTables, withGeneratedTables } from '../../scripts/tables';
import { eventOfType } from '../../nodes/Clerk/events/catalogue';
import { userContact } from '../../nodes/Clerk/records/contact';
import { eventRecordOf } from '../../nodes/Clerk/records/event';
import { tenantOf } from '../../nodes/Clerk/records/tenant';
import { fixture } from '../deliveries';

const root = join(__dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

const settingsOfContact = {
	source: '',
	instanceId: null,
	environment: 'production' as const,
	onlyVerified: false,
	includeNames: true,
};

/** The names in the first column of the table under a heading. */
function firstColumn(heading: string): string[] {
	const section = readme.split(`\n### ${heading}\n`)[1]?.split('\n#')[0] ?? '';
	return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name ?? '');
}

test(`the README's tables of ${Object.keys(generated).join(', ')} are what the code says (npm run docs writes them)`, () => {
	expect(withGeneratedTables(readme)).toBe(readme);
});

test('the figures in docs/reliability.md are those that were measured (npm run docs writes them)', () => {
	const reliability = readFileSync(join(root, 'docs', 'reliability.md'), 'utf8');
	expect(Object.keys(proofTables).length).toBeGreaterThan(0);
	expect(withGeneratedTables(reliability, proofTables)).toBe(reliability);
});

test("the README's table of contact fields names every field, in order", () => {
	const contact = userContact('upsert', fixture('openapi.user.created').envelope.data, settingsOfContact);
	expect(firstColumn('The contact item')).toEqual(Object.keys(contact));
});

test("the README's table of event fields names every field, in order", () => {
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

test("the README's table of tenant fields names every field, in order", () => {
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

test.each(['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/architecture.md', 'docs/reliability.md', 'examples/README.md'])(
	'every picture, file and heading that %s links to is there',
	(file) => {
		const text = readFileSync(join(root, file), 'utf8');
		const targets = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)/g)].map(([, target]) => target ?? '');
		expect(targets.length).toBeGreaterThan(0);
		const missing = targets.filter((target) => {
			const [path = '', heading] = target.split('#');
			const linked = path === '' ? join(root, file) : join(root, file, '..', path);
			if (!existsSync(linked)) return true;
			if (heading === undefined) return false;
			const headings = [...readFileSync(linked, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, name]) => anchor(name ?? ''));
			return !headings.includes(heading);
		});
		expect(missing).toEqual([]);
	},
);

test('every npm command that the README and CONTRIBUTING name is there', () => {
	const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
	const text = readme + readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
	const named = [...text.matchAll(/\bnpm run ([a-z0-9:]+)/g)].map(([, name]) => name ?? '');
	expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
