import { randomBytes } from 'node:crypto';

/** A text that stands for something secret and occurs nowhere else, so that finding it anywhere means a leak. */
export interface Canary {
	/** What it stands for. */
	readonly name: string;
	readonly text: string;
	/** The text in all the ways in which it could be written down. */
	readonly forms: readonly string[];
}

/** A canary of letters, digits and hyphens, which no escaping of JSON, XML or URLs changes. */
export function canary(name: string): Canary {
	const text = `canary-${name}-${randomBytes(8).toString('hex')}`;
	return { name, text, forms: formsOf(Buffer.from(text)) };
}

export interface SecretCanary extends Canary {
	/** As it is pasted into the credential. */
	readonly secret: string;
}

/** A signing secret. What is looked for is its base64, with or without `whsec_` before it, and the key that it stands for. */
export function secretCanary(name: string): SecretCanary {
	// The bytes 0xfb and 0xff make base64 and its variant for URLs differ.
	const key = Buffer.concat([
		Buffer.from([0xfb, 0xff]),
		Buffer.from(`${name} ${randomBytes(8).toString('hex')}`),
		Buffer.from([0xff]),
	]);
	const base64 = key.toString('base64');
	const forms = [
		base64,
		base64.replace(/=+$/, ''),
		encodeURIComponent(base64),
		key.toString('base64url'),
		key.toString('hex'),
		// The readable part of the key, in text and in bytes.
		key.subarray(2, -1).toString(),
		...formsOf(Buffer.from(base64)),
	];
	return { name, text: base64, secret: `whsec_${base64}`, forms: [...new Set(forms)] };
}

/** Bytes as text, in hex, in UTF-16, and in base64 at each of the three places where they can begin in a larger whole. */
function formsOf(bytes: Buffer): string[] {
	const inBase64 = [0, 1, 2].map((offset) => {
		const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
		const tail = (offset + bytes.length) % 3;
		// Without the characters that depend on what stands before and behind.
		return text.slice([0, 2, 3][offset], tail === 0 ? undefined : -4 + tail);
	});
	return [bytes.toString(), bytes.toString('hex'), bytes.toString().split('').join('\0'), ...inBase64];
}

/** Which of the canaries are in a text or in bytes, by name. */
export function found(where: string | Buffer, canaries: readonly Canary[]): string[] {
	return canaries.filter(({ forms }) => forms.some((form) => where.includes(form))).map(({ name }) => name);
}

/** Every field in which Clerk puts what is private, with this text in it. */
export function privateFields(text: string): Record<string, unknown> {
	return {
		private_metadata: { plan: text, nested: { note: text } },
		unsafe_metadata: { plan: text },
		body: `<p>${text}</p>`,
		body_plain: text,
		subject: text,
		message: text,
		code: text,
		otp_code: text,
		token: text,
		password: text,
		url: `https://accounts.example.com/accept?token=${text}`,
		invitation: { url: text },
		data: { otp_code: text, magic_link: text },
	};
}
