import fc from 'fast-check';

/** What an attacker, a proxy or a bug may put where a text, a key or a number is expected. */

/** One of the arbitraries, each as often as its weight says. */
export function weighted<T>(...options: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]): fc.Arbitrary<T> {
	return fc.oneof(...options.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** True in this share of the cases. */
export const sometimes = (percent: number): fc.Arbitrary<boolean> =>
	weighted([100 - percent, fc.constant(false)], [percent, fc.constant(true)]);

/** Built to be run by whatever takes texts for expressions, templates or code. */
export const EXPRESSIONS = [
	'={{ $env.PATH }}',
	'={{ $json }}',
	'{{ $env.PATH }}',
	'={{ constructor.constructor("return process")().exit() }}',
	'{{ $credentials }}',
	'=1+1',
	'=$now',
	'${process.env.PATH}',
	'<%= 7*7 %>',
	'{% raw %}',
	'%s%n%j',
	'$&$1$`',
	'<script>alert(1)</script>',
	"'; DROP TABLE contacts; --",
	'../../etc/passwd',
] as const;

/** Names that every object of JavaScript answers to. */
export const INHERITED = [
	'__proto__',
	'constructor',
	'prototype',
	'toString',
	'valueOf',
	'toJSON',
	'hasOwnProperty',
	'length',
	'then',
	'__defineGetter__',
] as const;

/** Texts that are hard to handle as text. */
export const STRANGE = [
	'\0',
	'a\0b',
	' padded ',
	'\uD800',
	'\uDC00x',
	'x\uD83D',
	'\uFEFF',
	'\uFFFD',
	'\u2028\u2029',
	'\u202Ecba',
	'e\u0301',
	'🙂',
	'\r\nX-Injected: 1',
	'\u00a0',
	' ',
	'',
	'\t',
	'"',
	'\\',
	'\u001b[2J',
] as const;

/** Texts on which it depends what is read of a payload. */
export const MEANINGFUL = [
	'verified',
	'unverified',
	'oauth_google',
	'oauth_',
	'jane@example.com',
	'jane+clerk_test@example.com',
	'+clerk_test@',
	'@',
	'+',
	'+12015550100',
	'+1 (201) 555-0199',
	'user.created',
	'user_1',
	'org_1',
	'idn_1',
	'null',
	'undefined',
	'[object Object]',
	'0',
	'-1',
	'*',
] as const;

/** Single characters that mean something to a header, a base64 text, a path or JSON. */
export const SIGNS = [' ', ',', '=', '.', '[', ']', '-', '_', '+', '/', ':', ';', '\t', 'v', '1', '0', 'A', 'é', '"', '{', '\\'];

/** Up to so many of the parts, in any order. */
export const joined = (parts: readonly string[], maxLength: number) =>
	fc.array(fc.constantFrom(...parts), { maxLength, size: 'max' }).map((list) => list.join(''));

export const text: fc.Arbitrary<string> = weighted<string>(
	[4, fc.constantFrom(...MEANINGFUL)],
	[4, fc.constantFrom(...EXPRESSIONS)],
	[3, fc.constantFrom(...STRANGE)],
	[2, fc.constantFrom(...INHERITED)],
	[2, joined(SIGNS, 8)],
	// Any UTF-16 code units, also halves of a character.
	[2, fc.array(fc.nat({ max: 0xffff }), { maxLength: 6 }).map((codes) => String.fromCharCode(...codes))],
	[
		1,
		fc
			.tuple(fc.constantFrom(...EXPRESSIONS), fc.constantFrom(...STRANGE), fc.constantFrom(...MEANINGFUL))
			.map((all) => all.join('')),
	],
	[
		1,
		fc
			.tuple(fc.constantFrom(...SIGNS), weighted([19, fc.integer({ min: 1, max: 60 })], [1, fc.integer({ min: 1, max: 5000 })]))
			.map(([sign, times]) => sign.repeat(times)),
	],
);

/** Stands in a payload for a number that JSON can say and `JSON.stringify` can't; see `toJson`. */
const BEYOND = ['@1e400@', '@-1e400@', '@12345678901234567890123@', '@1e-400@', '@-0@', '@0.1e1@'] as const;

export const NUMBERS = [
	0,
	1,
	-1,
	0.5,
	1e11 - 1,
	1e11,
	1_700_000_000,
	1_700_000_000_000,
	8.64e15,
	8.64e15 + 2,
	-62_167_219_200_000,
	253_402_300_799_999,
	253_402_300_800_000,
	2 ** 53 + 2,
	Number.MAX_VALUE,
	-Number.MAX_VALUE,
	5e-324,
] as const;

/** Lists or objects in one another. */
function nested(depth: number, kind: 'list' | 'object' | 'both'): unknown {
	let value: unknown = 'deep';
	for (let level = 0; level < depth; level++) {
		value = kind === 'list' || (kind === 'both' && level % 2 === 0) ? [value] : { a: value };
	}
	return value;
}

/**
 * More levels than anything that recurses in JavaScript can go down: `JSON.parse` takes them.
 * Written as text by `toJson`, since `JSON.stringify` can't.
 */
const ABYSS = '@abyss@';
const LEVELS = 20_000;

const KINDS = ['list', 'object', 'both'] as const;
const nestedUpTo = (min: number, max: number) =>
	fc.tuple(fc.integer({ min, max }), fc.constantFrom(...KINDS)).map(([depth, kind]) => nested(depth, kind));

function valueOf(depth: number): fc.Arbitrary<unknown> {
	const inner = depth > 0 ? valueOf(depth - 1) : null;
	return weighted<unknown>(
		[3, fc.constant(null)],
		[10, text],
		[6, fc.constantFrom(...NUMBERS)],
		[1, fc.constantFrom(...BEYOND)],
		[3, fc.boolean()],
		[1, fc.integer({ min: 0, max: 2_000_000_000_000 })],
		[3, inner ? fc.array(inner, { maxLength: 3 }) : fc.array(fc.constant(null), { maxLength: 0 })],
		[3, fc.array(fc.tuple(key, inner ?? text), { maxLength: inner ? 4 : 0 }).map((entries) => Object.fromEntries(entries))],
		[1, nestedUpTo(1, 60)],
		[1, weighted<unknown>([97, nestedUpTo(60, 500)], [3, fc.constant(ABYSS)])],
		[
			1,
			fc
				.tuple(fc.constantFrom(...MEANINGFUL), sometimes(5))
				.map(([entry, long]) => new Array<string>(long ? 2000 : 20).fill(entry)),
		],
	);
}

export const key: fc.Arbitrary<string> = weighted<string>(
	[3, fc.constantFrom(...INHERITED)],
	[1, fc.constantFrom('outcome', 'code', 'raw', 'type')],
	[2, text],
);

/** Anything that JSON can say, and what the placeholders above stand for. */
export const value = valueOf(2);

/** JSON text of a value in which the placeholders above may stand. */
export function toJson(from: unknown, indent?: string): string {
	return JSON.stringify(from, null, indent)
		.replace(/"@(-?[\d.]+(?:e-?\d+)?)@"/g, '$1')
		.replaceAll(`"${ABYSS}"`, () => '['.repeat(LEVELS) + ']'.repeat(LEVELS));
}

/** A place in something whose length is not known yet: 0 is its beginning, 1 is not reached. */
export const fraction = fc.nat({ max: 0xffff }).map((part) => part / 0x10000);

/** Puts a few characters into a text, takes some out or replaces some. */
export const edit: fc.Arbitrary<(original: string) => string> = fc
	.array(
		fc.tuple(
			fraction,
			weighted<string>([5, fc.constantFrom(...SIGNS)], [1, text]),
			fc.constantFrom('insert', 'insert', 'remove', 'replace', 'cut'),
		),
		{ minLength: 1, maxLength: 3 },
	)
	.map((edits) => (original) => {
		return edits.reduce((result, [where, put, how]) => {
			const at = Math.floor(where * (result.length + 1));
			const middle = how === 'insert' || how === 'replace' ? put : '';
			const after = how === 'insert' ? result.slice(at) : how === 'cut' ? '' : result.slice(at + 1);
			return result.slice(0, at) + middle + after;
		}, original);
	});
