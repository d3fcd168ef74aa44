import type { Choices } from './choices';
import type { Tally } from './finding';
import { n8nCase } from './n8nCases';
import { sequenceCase } from './sequenceCases';
import { parametersCase, pathCase, secretCase } from './settingsCases';
import { signatureCase } from './signatureCases';
import { walkCase } from './walkCases';

/** What a case is about. It throws a `Finding`, or anything else, where something is wrong. */
export interface Kind {
	readonly name: string;
	/** How many of 1,000 cases are of this kind. */
	readonly share: number;
	/** @returns how much there was to read, in characters */
	run(choices: Choices, tally: Tally): Promise<number> | number;
}

export const kinds: readonly Kind[] = [
	{ name: 'signature', share: 440, run: signatureCase },
	{ name: 'walk', share: 350, run: walkCase },
	{ name: 'path', share: 80, run: pathCase },
	{ name: 'secret', share: 60, run: secretCase },
	{ name: 'parameters', share: 40, run: parametersCase },
	{ name: 'history', share: 25, run: sequenceCase },
	{ name: 'n8n', share: 5, run: n8nCase },
];
