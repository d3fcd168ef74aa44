/** npm run docs: writes the tables in the documentation that are generated from the code and from measured figures. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { pagesWithTables, withGeneratedTables } from './tables';

for (const page of pagesWithTables) {
	const path = join(__dirname, '..', page);
	writeFileSync(path, withGeneratedTables(readFileSync(path, 'utf8')));
}
