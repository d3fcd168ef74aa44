import type { Choices } from './choices';

/** What an attacker, a proxy or a bug may put where a text, a key or a number is expected. */

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

export function text(choices: Choices): string {
	return choices.oneOf(
		[4, () => choices.pick(MEANINGFUL)],
		[4, () => choices.pick(EXPRESSIONS)],
		[3, () => choices.pick(STRANGE)],
		[2, () => choices.pick(INHERITED)],
		[2, () => choices.list(8, () => choices.pick(SIGNS)).join('')],
		[2, () => choices.list(6, () => String.fromCharCode(choices.below(0x10000))).join('')],
		[1, () => choices.pick(EXPRESSIONS) + choices.pick(STRANGE) + choices.pick(MEANINGFUL)],
		[1, () => choices.pick(SIGNS).repeat(choices.between(1, choices.chance(0.05) ? 5000 : 60))],
	);
}

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

export function value(choices: Choices, depth = 2): unknown {
	return choices.oneOf<unknown>(
		[3, () => null],
		[10, () => text(choices)],
		[6, () => choices.pick(NUMBERS)],
		[1, () => choices.pick(BEYOND)],
		[3, () => choices.chance(0.5)],
		[1, () => choices.below(2_000_000_000_000)],
		[3, () => (depth > 0 ? choices.list(3, () => value(choices, depth - 1)) : [])],
		[3, () => (depth > 0 ? object(choices, depth) : {})],
		[1, () => nested(choices.between(1, 60), choices.pick(['list', 'object', 'both']))],
		[1, () => (choices.chance(0.03) ? ABYSS : nested(choices.between(60, 500), choices.pick(['list', 'object', 'both'])))],
		[1, () => Array.from({ length: choices.chance(0.05) ? 2000 : 20 }, () => choices.pick(MEANINGFUL))],
	);
}

export function key(choices: Choices): string {
	return choices.oneOf(
		[3, () => choices.pick(INHERITED)],
		[1, () => choices.pick(['outcome', 'code', 'raw', 'type'])],
		[2, () => text(choices)],
	);
}

function object(choices: Choices, depth: number): Record<string, unknown> {
	return Object.fromEntries(choices.list(4, () => [key(choices), value(choices, depth - 1)] as const));
}

/** JSON text of a value in which the placeholders above may stand. */
export function toJson(from: unknown, indent?: string): string {
	return JSON.stringify(from, null, indent)
		.replace(/"@(-?[\d.]+(?:e-?\d+)?)@"/g, '$1')
		.replaceAll(`"${ABYSS}"`, () => '['.repeat(LEVELS) + ']'.repeat(LEVELS));
}

/** A text with a few characters put in, taken out or replaced. */
export function smudged(choices: Choices, original: string): string {
	let result = original;
	for (let change = choices.between(1, 3); change > 0; change--) {
		const at = choices.below(result.length + 1);
		const put = choices.oneOf([5, () => choices.pick(SIGNS)], [1, () => text(choices)]);
		result = choices.oneOf(
			[2, () => result.slice(0, at) + put + result.slice(at)],
			[1, () => result.slice(0, at) + result.slice(at + 1)],
			[1, () => result.slice(0, at) + put + result.slice(at + 1)],
			[1, () => result.slice(0, at)],
		);
	}
	return result;
}
