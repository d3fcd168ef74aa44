import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Encrypts a signing secret for storage where everybody may read it: a workflow's static data is part of its export
 * and of n8n's API. Only somebody with the Clerk secret key can decrypt it, and they could fetch it from Clerk anyway.
 *
 * AES-256-GCM with a key derived from the secret key (HKDF-SHA-256, RFC 5869), which is random enough
 * not to need slow derivation. Format: `v1.`, then base64url of a salt (16 bytes), a nonce (12), a tag (16) and the ciphertext.
 */

const VERSION = 'v1.';
const SALT = 16;
const NONCE = 12;
const TAG = 16;

function keyFrom(secretKey: string, salt: Buffer): Buffer {
	return Buffer.from(hkdfSync('sha256', secretKey, salt, 'n8n-nodes-clerk-sync signing secret', 32));
}

/** @param owner the owner of the secret; it can't be decrypted for another owner */
export function seal(secret: string, secretKey: string, owner: string): string {
	const salt = randomBytes(SALT);
	const nonce = randomBytes(NONCE);
	const cipher = createCipheriv('aes-256-gcm', keyFrom(secretKey, salt), nonce, { authTagLength: TAG });
	cipher.setAAD(Buffer.from(owner));
	const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
	return VERSION + Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @returns null if it was sealed with another key or for another owner, or was changed; never throws */
export function unseal(sealed: unknown, secretKey: string, owner: string): string | null {
	if (typeof sealed !== 'string' || !sealed.startsWith(VERSION)) return null;
	const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
	if (bytes.length <= SALT + NONCE + TAG) return null;
	const salt = bytes.subarray(0, SALT);
	const nonce = bytes.subarray(SALT, SALT + NONCE);
	const tag = bytes.subarray(SALT + NONCE, SALT + NONCE + TAG);
	try {
		const decipher = createDecipheriv('aes-256-gcm', keyFrom(secretKey, salt), nonce, { authTagLength: TAG });
		decipher.setAAD(Buffer.from(owner));
		decipher.setAuthTag(tag);
		return decipher.update(bytes.subarray(SALT + NONCE + TAG), undefined, 'utf8') + decipher.final('utf8');
	} catch {
		return null;
	}
}
