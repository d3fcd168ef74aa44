import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { generated, withGeneratedTables } from '../../scripts/tables';
import { eventOfType } from '../../nodes/Clerk/events/catalogue';
import { userContact } from '../../nodes/Clerk/records/contact';
import { eventRecordOf } from '../../nodes/Clerk/records/event';
import { tenantOf } from '../../nodes/Clerk/records/tenant';
import { fixture } from '../deliveries';

const root = join(__dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The names in the first column of the table under a heading. */
function firstColumn(heading: string): string[] {
	const section = readme.split(`\n### ${heading}\n`)[1]?.split('\n#')[0] ?? '';
	return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name ?? '');
}

test(`the README's tables of ${Object.keys(generated).join(', ')} are what the code says (npm run docs writes them)`, () => {
	expect(withGeneratedTables(readme)).toBe(readme);
});

test("the README's table of contact fields names every field, in order", () => {
	const contact = userContact('upsert', fixture('openapi.user.created').envelope.data, { source: '', instanceId: null });
	expect(firstColumn('The contact item')).toEqual(Object.keys(contact));
});

test("the README's table of event fields names every field, in order", () => {
	const { envelope } = fixture('openapi.user.created');
	const event = eventRecordOf(eventOfType(envelope.type), envelope, envelope.data, { id: 'msg_1', sentAt: 0 }, true);
	expect(firstColumn('The event item')).toEqual(Object.keys(event));
});

test("the README's table of tenant fields names every field, in order", () => {
	const { envelope } = fixture('openapi.organizationMembership.created');
	expect(firstColumn('The tenant item')).toEqual(Object.keys(tenantOf(eventOfType(envelope.type), envelope.data) ?? {}));
});

test.each(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'examples/README.md'])(
	'every picture and file that %s links to is there',
	(file) => {
		const text = readFileSync(join(root, file), 'utf8');
		const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target]) => target ?? '');
		expect(targets.length).toBeGreaterThan(0);
		expect(targets.filter((target) => !existsSync(join(root, file, '..', target)))).toEqual([]);
	},
);

test('every npm command that the README and CONTRIBUTING name is there', () => {
	const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
	const text = readme + readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
	const named = [...text.matchAll(/\bnpm run ([a-z:]+)/g)].map(([, name]) => name ?? '');
	expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
