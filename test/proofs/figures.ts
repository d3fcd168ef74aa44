import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { inRepository } from '../support/paths';

/** `npm run proof` runs the proofs at the size that docs/reliability.md quotes; `npm test` runs them smaller. */
export const atFullSize = process.env['CLERK_SYNC_PROOF'] === 'full';

/** The size of a proof: the first in `npm test`, the second in `npm run proof`. */
export function sized<T>(small: T, full: T): T {
	return atFullSize ? full : small;
}

/**
 * As it comes, n8n makes an isolate for expressions at every request, which costs more than all else. Where time is short
 * and isolates are not what is looked at, it makes one only where it needs one.
 */
export const smallEnv = sized<Record<string, string>>({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' }, {});

export type Figures = Record<string, number | string>;

const ROOT = inRepository();

/** Keeps what a proof measured: at full size where `npm run docs` finds it, else out of the way. */
export function report(name: string, figures: Figures): void {
	const folder = atFullSize ? join(ROOT, 'docs', 'proofs') : join(ROOT, '.test-output', 'proofs');
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(figures, null, '\t')}\n`);
}
