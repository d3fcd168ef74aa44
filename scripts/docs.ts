/** npm run docs: writes the tables of the README that are generated from the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { withGeneratedTables } from './tables';

const readme = join(__dirname, '..', 'README.md');
writeFileSync(readme, withGeneratedTables(readFileSync(readme, 'utf8')));
