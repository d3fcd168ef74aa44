import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NodeOperationError } from 'n8n-workflow';
import type { IHookFunctions } from 'n8n-workflow';

import { parsePath, valueAt } from '../../../nodes/Clerk/records/path';
import { refuseUnusableSettings } from '../../../nodes/Clerk/trigger/activation';
import { testSigningSecrets } from '../../../nodes/Clerk/trigger/credentialCheck';
import { readSettings, signingKeysOf } from '../../../nodes/Clerk/trigger/settings';
import { readSigningSecret, secretProblems } from '../../../nodes/Clerk/trigger/signingSecret';
import { autoConfig, secretSpellings } from '../../support/signatureLibraries';
import { edit, fraction, joined, sometimes, text, toJson, value, weighted } from '../arbitraries/hostile';
import { anyParameters, path } from '../arbitraries/parameters';
import { contextOf } from '../node';
import { property, repeats } from '../property';
import { at, keyIn, stepsOf } from '../reference';

const paths = fc
	.tuple(path, weighted([95, fc.constant(1)], [5, fc.integer({ min: 2, max: 400 })]))
	.map(([once, times]) => once.repeat(times));

/** A path as a builder types it, and a payload with little in it but what the path leads to. */
export const pathProperty = property(
	'path',
	80,
	fc.record({ typed: paths, leaf: value.map((any) => toJson(any)), depth: fraction }),
	({ typed, leaf, depth }, met) => {
		const steps = parsePath(typed);
		assert(JSON.stringify(steps) === JSON.stringify(stepsOf(typed)), 'a path is read as the reference reads it');
		met(steps === null ? 'path: none' : 'path: read');
		if (steps === null) return typed.length;

		// Some of the path's own steps, and then something that may or may not have the rest.
		const shared = steps.slice(0, Math.floor(depth * (steps.length + 1)));
		const root = shared.reduceRight<unknown>((inner, step) => {
			if (typeof step === 'number' && step < 50) return Array.from({ length: step + 1 }, () => inner);
			return Object.fromEntries([[String(step), inner]]);
		}, JSON.parse(leaf));
		const found = valueAt(root, steps);
		const there = at(root, steps);
		met(found === null ? 'value: none' : `value: ${typeof found}`);
		const isNone = there === undefined || (typeof there === 'number' && !Number.isFinite(there));
		const expected = isNone ? null : typeof there === 'object' ? jsonOf(there) : there;
		assert(expected === TOO_DEEP || Object.is(found, expected), 'what is at a path is what the reference finds');
		return typed.length;
	},
);

const TOO_DEEP = Symbol('too deep');

/** JSON text, which `JSON.stringify` can't make of everything that `JSON.parse` takes. */
function jsonOf(what: unknown): string | null | typeof TOO_DEEP {
	try {
		return what === null ? null : JSON.stringify(what);
	} catch {
		return TOO_DEEP;
	}
}

const ENCODED = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const spelt = fc.constantFrom(...Object.values(secretSpellings)).map((spell) => spell(ENCODED));
const SECRET_PARTS = ['A', 'b', '+', '/', '=', '_', 'sk_', 'whsec_', ' '];
const SERVERS = ['https://api.eu.svix.com', 'http://localhost:8080', 'http://[::1]/', 'http://svix.example.com', 'ftp://x', ''];

/** An AutoConfig token, or nearly. */
const token = fc
	.record({
		fields: fc.record({ esec: spelt, surl: fc.constantFrom(...SERVERS) }),
		other: weighted<object>(
			[7, fc.constant({})],
			[3, fc.tuple(fc.constantFrom('aid', 'eid', 'surl', 'esec', 'tok'), value).map(([name, any]) => ({ [name]: any }))],
		),
		change: weighted<(token: string) => string>([4, fc.constant((same) => same)], [1, edit]),
	})
	.map(({ fields, other, change }) => change(autoConfig({ ...fields, ...other })));

const secret = weighted<unknown>(
	[3, fc.tuple(spelt, edit).map(([original, change]) => change(original))],
	[2, spelt],
	[2, joined(SECRET_PARTS, 40)],
	[1, text],
	[1, value],
	[3, token],
);

export const secretProperty = property('secret', 60, fc.tuple(secret, value, fc.boolean()), ([typed, other, twice], met) => {
	const reading = readSigningSecret(typed);
	const right = typeof typed === 'string' ? keyIn(typed) : null;
	met(`secret: ${reading.problem ?? 'read'}`);
	const same = reading.key === undefined ? right === null : right?.equals(reading.key) === true;
	assert(same, 'a secret is read as the reference reads it');
	assert(reading.key?.length !== 0, 'a key is never empty');
	if (reading.problem) assert(secretProblems[reading.problem] !== '', 'a problem has a sentence');
	const credential = { signingSecret: typed, previousSigningSecret: twice ? typed : other };
	const said = JSON.stringify([signingKeysOf(credential), testSigningSecrets(credential)]);
	assert(typeof typed !== 'string' || !repeats(said, typed), 'nothing that is said of a secret repeats it');
	return typeof typed === 'string' ? typed.length : 0;
});

/** Anything in place of the node's parameters, at a delivery and at the activation. */
export const parametersProperty = property(
	'parameters',
	40,
	fc.tuple(anyParameters, sometimes(10)),
	async ([parameters, noCredential], met) => {
		const credential = noCredential ? null : { signingSecret: `whsec_${ENCODED}` };
		const { context } = contextOf({ headers: {}, body: null }, { parameters, credential, nodeId: 'node_1' });
		const settings = readSettings(context);
		met('outcome' in settings ? `settings: ${settings.code}` : 'settings: read');
		if (!('outcome' in settings)) {
			const { toleranceSeconds, source } = settings;
			const isRight = Number.isInteger(toleranceSeconds) && toleranceSeconds >= 1 && toleranceSeconds <= 3600;
			assert(isRight, 'the tolerance is a whole number of seconds, 1 to 3600');
			assert(source.trim() !== '', 'there is always a source');
		}
		try {
			await refuseUnusableSettings(context as unknown as IHookFunctions);
			met('activation: goes through');
		} catch (error) {
			const isSentence = error instanceof NodeOperationError && error.message !== '';
			assert(isSentence, `an activation is refused with a sentence, not with ${String(error)}`);
			met('activation: refused');
		}
		return JSON.stringify(parameters).length;
	},
);
