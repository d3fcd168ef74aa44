import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ISOLATE_FOR_EACH_REQUEST } from '../support/n8n';
import { inRepository } from '../support/paths';

/** `npm run proof` runs the proofs at the size that docs/reliability.md quotes; `npm test` runs them smaller. */
export const atFullSize = process.env['CLERK_SYNC_PROOF'] === 'full';

/** The size of a proof: the first in `npm test`, the second in `npm run proof`. */
export function sized<T>(small: T, full: T): T {
	return atFullSize ? full : small;
}

/** n8n's own setting at full size; in `npm test` the recommended one, since time is short and isolates are not the subject. */
export const sizedEnv = sized<Record<string, string>>({}, ISOLATE_FOR_EACH_REQUEST);

export type Figures = Record<string, number | string>;

const ROOT = inRepository();

/** Keeps what a proof measured: at full size where `npm run docs` finds it, else out of the way. */
export function report(name: string, figures: Figures): void {
	const folder = atFullSize ? join(ROOT, 'docs', 'proofs') : join(ROOT, '.test-output', 'proofs');
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(figures, null, '\t')}\n`);
}
