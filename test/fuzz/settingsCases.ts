import { NodeOperationError } from 'n8n-workflow';
import type { IHookFunctions } from 'n8n-workflow';

import { parsePath, valueAt } from '../../nodes/Clerk/records/path';
import { refuseUnusableSettings } from '../../nodes/Clerk/trigger/activation';
import { testSigningSecrets } from '../../nodes/Clerk/trigger/credentialCheck';
import { readSettings, signingKeysOf } from '../../nodes/Clerk/trigger/settings';
import { readSigningSecret, secretProblems } from '../../nodes/Clerk/trigger/signingSecret';
import { autoConfig, secretSpellings } from '../support/signatureLibraries';
import type { Choices } from './choices';
import { must, repeats } from './finding';
import type { Tally } from './finding';
import { smudged, text, toJson, value } from './hostile';
import { contextOf } from './node';
import { anyParameters, path } from './parameters';
import { at, keyIn, stepsOf } from './reference';

/** A path as a builder types it, and a payload without much in it but what the path leads to. */
export function pathCase(choices: Choices, tally: Tally): number {
	const typed = choices.chance(0.05) ? path(choices).repeat(choices.between(2, 400)) : path(choices);
	const steps = parsePath(typed);
	const right = stepsOf(typed);
	must('a path is read as the reference reads it', JSON.stringify(steps) === JSON.stringify(right), () => ({
		typed,
		steps,
		right,
	}));
	tally(steps === null ? 'path: none' : 'path: read');
	if (steps === null) return typed.length;

	// Some of the path's own steps, and behind them something that may or may not answer to the rest.
	const depth = choices.below(steps.length + 1);
	const root = steps.slice(0, depth).reduceRight<unknown>(
		(inner, step) => {
			if (typeof step === 'number' && step < 50) return Array.from({ length: step + 1 }, () => inner);
			return JSON.parse(`{${JSON.stringify(String(step))}:null}`, (key, old: unknown) =>
				key === String(step) ? inner : old,
			) as unknown;
		},
		JSON.parse(toJson(value(choices))),
	);
	const found = valueAt(root, steps);
	const there = at(root, steps);
	tally(found === null ? 'value: none' : `value: ${typeof found}`);
	const isNone = there === undefined || (typeof there === 'number' && !Number.isFinite(there));
	const expected = isNone ? null : typeof there === 'object' ? jsonOf(there) : there;
	must('what is at a path is what the reference finds', expected === TOO_DEEP || Object.is(found, expected), () => ({
		typed,
		root,
		found,
		expected,
	}));
	return typed.length;
}

const TOO_DEEP = Symbol('too deep');

/** JSON text, which `JSON.stringify` can't make of everything that `JSON.parse` takes. */
function jsonOf(what: unknown): string | null | typeof TOO_DEEP {
	try {
		return what === null ? null : JSON.stringify(what);
	} catch {
		return TOO_DEEP;
	}
}

const SPELLINGS = Object.values(secretSpellings);
const ENCODED = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const SERVERS = ['https://api.eu.svix.com', 'http://localhost:8080', 'http://[::1]/', 'http://svix.example.com', 'ftp://x', ''];

/** An AutoConfig token, or nearly. */
function token(choices: Choices): string {
	const fields = {
		esec: choices.pick(SPELLINGS)(ENCODED),
		surl: choices.pick(SERVERS),
		...(choices.chance(0.3) ? { [choices.pick(['aid', 'eid', 'surl', 'esec', 'tok'])]: value(choices) } : {}),
	};
	return choices.chance(0.2) ? smudged(choices, autoConfig(fields)) : autoConfig(fields);
}

export function secretCase(choices: Choices, tally: Tally): number {
	const spelt = choices.pick(SPELLINGS)(ENCODED);
	const typed: unknown = choices.oneOf(
		[3, () => smudged(choices, spelt)],
		[2, () => spelt],
		[2, () => choices.list(40, () => choices.pick(['A', 'b', '+', '/', '=', '_', 'sk_', 'whsec_', ' '])).join('')],
		[1, () => text(choices)],
		[1, () => value(choices)],
		[3, () => token(choices)],
	);
	const reading = readSigningSecret(typed);
	const right = typeof typed === 'string' ? keyIn(typed) : null;
	tally(`secret: ${reading.problem ?? 'read'}`);
	must(
		'a secret is read as the reference reads it',
		reading.key === undefined ? right === null : right?.equals(reading.key) === true,
		() => ({
			typed,
			reading,
		}),
	);
	must('a key is never empty', reading.key?.length !== 0, () => ({ typed }));
	if (reading.problem) must('a problem has a sentence', secretProblems[reading.problem] !== '', () => ({ typed }));

	const other: unknown = choices.chance(0.5) ? typed : value(choices);
	const credential = { signingSecret: typed, previousSigningSecret: other };
	const said = JSON.stringify([signingKeysOf(credential), testSigningSecrets(credential)]);
	must('nothing that is said of a secret repeats it', typeof typed !== 'string' || !repeats(said, typed), () => ({
		typed,
		said,
	}));
	return typeof typed === 'string' ? typed.length : 0;
}

/** Anything in place of the node's parameters, at a delivery and at the activation. */
export async function parametersCase(choices: Choices, tally: Tally): Promise<number> {
	const parameters = anyParameters(choices);
	const { context } = contextOf(
		{ headers: {}, body: null },
		{ parameters, credential: choices.chance(0.1) ? null : { signingSecret: `whsec_${ENCODED}` }, nodeId: 'node_1' },
	);
	const settings = readSettings(context);
	tally('outcome' in settings ? `settings: ${settings.code}` : 'settings: read');
	if (!('outcome' in settings)) {
		const { toleranceSeconds, source } = settings;
		must(
			'the tolerance is a whole number of seconds, 1 to 3600',
			Number.isInteger(toleranceSeconds) && toleranceSeconds >= 1 && toleranceSeconds <= 3600,
			() => ({ parameters }),
		);
		must('there is always a source', source.trim() !== '', () => ({ parameters }));
	}
	try {
		await refuseUnusableSettings(context as unknown as IHookFunctions);
		tally('activation: goes through');
	} catch (error) {
		must('an activation is refused with a sentence', error instanceof NodeOperationError && error.message !== '', () => ({
			parameters,
			error: String(error),
		}));
		tally('activation: refused');
	}
	return JSON.stringify(parameters).length;
}
