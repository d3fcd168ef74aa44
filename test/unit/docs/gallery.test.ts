import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { EXAMPLES } from '../../support/paths';

const gallery = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.json'));
const sections = gallery.split(/^### /m).slice(1);

test.each(files)('the gallery shows %s, and says what it does and what it needs', (file) => {
	const [section = '', ...more] = sections.filter((text) => text.includes(`(${file})`));
	expect(more).toEqual([]);
	expect(section).toContain(`(../docs/pictures/${file.replace('.json', '.png')})`);
	expect(section).toContain('**Needs**');
});

test('every entry of the gallery has an example, and its table of contents leads to each group', () => {
	expect(sections).toHaveLength(files.length);
	for (const [, group = ''] of gallery.matchAll(/^## (.*)$/gm)) expect(gallery).toContain(`- **${group}**:`);
});
