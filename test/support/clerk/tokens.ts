import { randomBytes } from 'node:crypto';

let minted = 0;

export function randomText(length: number): string {
	return randomBytes(Math.ceil(length / 2))
		.toString('hex')
		.slice(0, length);
}

/** An ID as Svix makes it: a later one sorts behind an earlier one. */
export function mintId(prefix: 'acfg' | 'app' | 'atmpt' | 'ep' | 'msg' | 'qtask'): string {
	return `${prefix}_2${String(++minted).padStart(8, '0')}${randomText(18)}`;
}

export function mintSecret(): string {
	return `whsec_${randomBytes(24).toString('base64')}`;
}
