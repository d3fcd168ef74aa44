import { pastedAs, pastedForms } from '../api/pasted';
import type { Pasted } from '../api/pasted';
import { isAutoConfig, readAutoConfig } from '../api/portal';

/**
 * Reads a signing secret as a person pasted it. No message about a secret repeats any part of it.
 */

export type SecretProblem =
	| 'empty'
	| 'auto_config'
	| 'secret_key'
	| 'publishable_key'
	| 'asymmetric_key'
	| 'versioned'
	| 'signature'
	| 'wrong_prefix'
	| 'twice'
	| 'not_base64'
	| 'empty_key'
	| 'too_short'
	| Pasted;

export type SecretReading =
	{ readonly key: Buffer; readonly problem?: never } | { readonly key?: never; readonly problem: SecretProblem };

const PREFIX = 'whsec_';

/** Standard Webhooks specification, "Signature scheme": 24 to 64 bytes. A shorter key is easier to guess. */
const LEAST_BYTES = 24;

/** The standard alphabet with padding: RFC 4648, section 4. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const WHERE =
	'In the Clerk Dashboard, open Configure > Webhooks, open your endpoint and copy its Signing Secret, which starts with whsec_.';

/** What is wrong with a secret, and where to find the right one. */
export const secretProblems: Readonly<Record<SecretProblem, string>> = {
	empty: `It is empty. ${WHERE}`,
	auto_config: `This AutoConfig token (auto_v1_… or auto_v2_…) cannot be read: part of it is missing. Copy all of it, or use the signing secret instead. ${WHERE}`,
	secret_key: `This is a Clerk secret key (sk_…), which gives full access to your Clerk application. It is not needed here. ${WHERE}`,
	publishable_key: `This is a Clerk publishable key (pk_…). ${WHERE}`,
	asymmetric_key: `This is a key for asymmetric signatures (whpk_… or whsk_…), which Clerk does not use. ${WHERE}`,
	versioned: `It starts with "v1,", as the secrets of some other services do. Paste only the part that starts with whsec_. ${WHERE}`,
	signature: `This is a signature (v1,…), which comes with every delivery, not the secret it was made with. ${WHERE}`,
	wrong_prefix: `It does not start with whsec_. ${WHERE}`,
	twice: `It contains whsec_ twice: it was pasted into another secret. Clear the field, then paste it again. ${WHERE}`,
	not_base64: `The part after whsec_ is not valid base64: a character is missing, or there is one too many. ${WHERE}`,
	empty_key: `There is nothing after whsec_. ${WHERE}`,
	too_short: `It is too short: only part of the secret was copied. Copy all of it. ${WHERE}`,
	...(Object.fromEntries(Object.entries(pastedForms).map(([form, sentence]) => [form, `${sentence} ${WHERE}`])) as Record<
		Pasted,
		string
	>),
};

/**
 * The key in a signing secret.
 * @param text `whsec_` and base64, or the base64 alone, or an AutoConfig token that holds one; surrounding white space is ignored
 * @returns the key's bytes, or what is wrong with the text; never throws
 * @see Standard Webhooks specification, "Signature scheme"; svix ≤ 1.99.1 accepts an empty key, this does not
 */
export function readSigningSecret(text: unknown): SecretReading {
	const secret = typeof text === 'string' ? text.trim() : '';
	if (secret === '') return { problem: 'empty' };
	if (isAutoConfig(secret)) {
		const inToken = readSigningSecret(readAutoConfig(secret)?.signingSecret);
		return inToken.key ? inToken : { problem: 'auto_config' };
	}
	const pasted = pastedAs(secret);
	if (pasted) return { problem: pasted };
	if (/^v1a?,/.test(secret)) return { problem: secret.includes(PREFIX) ? 'versioned' : 'signature' };
	if (/^sk_/.test(secret)) return { problem: 'secret_key' };
	if (/^pk_/.test(secret)) return { problem: 'publishable_key' };
	if (/^wh[ps]k_/.test(secret)) return { problem: 'asymmetric_key' };
	const prefixed = secret.startsWith(PREFIX);
	if (!prefixed && /^[A-Za-z0-9]*_/.test(secret)) return { problem: 'wrong_prefix' };
	if (secret.indexOf(PREFIX) !== secret.lastIndexOf(PREFIX)) return { problem: 'twice' };
	const encoded = prefixed ? secret.slice(PREFIX.length) : secret;
	if (encoded === '') return { problem: 'empty_key' };
	if (!BASE64.test(encoded)) return { problem: 'not_base64' };
	const key = Buffer.from(encoded, 'base64');
	return key.length < LEAST_BYTES ? { problem: 'too_short' } : { key };
}
