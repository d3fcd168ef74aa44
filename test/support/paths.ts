import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** A path in the repository. */
export const inRepository = (...path: string[]) => join(ROOT, ...path);

/** A path below `test/fixtures`. */
export const fixturePath = (...path: string[]) => join(ROOT, 'test', 'fixtures', ...path);

/** The folder of the example workflows. */
export const EXAMPLES = join(ROOT, 'examples');
