import { LETTERS } from './ids';

/**
 * A number of 32 bits out of two others, always the same one: chance that can be asked again.
 * Source: the last step of MurmurHash3.
 */
export function mixed(one: number, other: number): number {
	let bits = Math.imul(one ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(other + 1, 0xc2b2ae35);
	bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
	bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
	return (bits ^ (bits >>> 16)) >>> 0;
}

/** Any letters and digits: to cut a piece out of them is ten times as fast as to draw them one by one. */
const TEXT = Array.from({ length: 1 << 16 }, (_, n) => LETTERS[mixed(n, 0) % 62]).join('');

/** So many letters and digits (up to 100), nearly always others for another key, always the same for the same. */
export function textOf(key: number, length: number): string {
	const start = key % (TEXT.length - 100);
	return TEXT.slice(start, start + length);
}

/** One of these. */
export function pick<T>(from: readonly [T, ...T[]], bits: number): T {
	return from[bits % from.length] ?? from[0];
}

// Any odd number and its inverse modulo 2^32.
const FACTOR = 0x9e3779b1;
const INVERSE = 0x0e8b2f51;
const CODE_LENGTH = 6;

/** A number below 2^32 as six letters and digits in which nobody sees its order. */
export function hidden(number: number, seed: number): string {
	let bits = Math.imul(number ^ seed, FACTOR) >>> 0;
	let code = '';
	for (let n = 0; n < CODE_LENGTH; n++) {
		code = `${LETTERS[bits % 62]}${code}`;
		bits = Math.floor(bits / 62);
	}
	return code;
}

/** The number that was hidden in a text's first six characters; any number where none was. */
export function revealed(code: string, seed: number): number {
	const bits = [...code.slice(0, CODE_LENGTH)].reduce((sum, letter) => sum * 62 + LETTERS.indexOf(letter), 0);
	return (Math.imul(bits, INVERSE) ^ seed) >>> 0;
}
