/** npm run docs: writes the tables of the README and of docs/reliability.md that are generated from the code and from what was measured. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { generated, proofTables, withGeneratedTables } from './tables';

for (const [file, tables] of [
	['README.md', generated],
	['docs/reliability.md', proofTables],
] as const) {
	const path = join(__dirname, '..', file);
	writeFileSync(path, withGeneratedTables(readFileSync(path, 'utf8'), tables));
}
