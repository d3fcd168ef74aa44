import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Figures } from './report';

/** What earlier runs left in a folder; null where they left nothing. */
export function kept(folder: string): Figures {
	const read = <Found>(part: keyof Figures): Found | null => {
		const file = join(folder, `${part}.json`);
		return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Found) : null;
	};
	return { micro: read('micro'), doors: read('doors'), growth: read('growth'), profile: read('profile') };
}
