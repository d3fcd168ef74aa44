import { randomBytes } from 'node:crypto';

/** What ids of Clerk and Svix are made of. */
export const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

let minted = 0;

/** So many letters and digits that nobody can guess. */
export function randomText(length: number): string {
	return Array.from(randomBytes(length), (byte) => LETTERS[byte % LETTERS.length]).join('');
}

/** An id as Svix gives it out: a later one sorts behind an earlier one. */
export function mintId(prefix: 'acfg' | 'app' | 'atmpt' | 'ep' | 'msg' | 'qtask'): string {
	return `${prefix}_2${String(++minted).padStart(8, '0')}${randomText(18)}`;
}

/** A signing secret as Svix makes it, of 24 bytes. */
export function mintSecret(): string {
	return `whsec_${randomBytes(24).toString('base64')}`;
}
