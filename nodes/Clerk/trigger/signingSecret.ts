import { pastedAs, pastedForms } from '../api/pasted';
import type { Pasted } from '../api/pasted';
import { isAutoConfig, readAutoConfig } from '../api/portal';

/**
 * Reads a signing secret as a person pasted it. Nothing that is said about a secret here repeats
 * any part of it.
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

/** Standard Webhooks specification, "Signature scheme": 24 to 64 bytes. Who can guess a shorter one can forge deliveries. */
const LEAST_BYTES = 24;

/** The standard alphabet with padding: RFC 4648, section 4. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const WHERE =
	'In the Clerk Dashboard, open Configure > Webhooks, open your endpoint and copy its Signing Secret, which starts with whsec_.';

/** Says what is wrong with a secret and where the right one is. */
export const secretProblems: Readonly<Record<SecretProblem, string>> = {
	empty: `It is empty. ${WHERE}`,
	auto_config: `This AutoConfig token (auto_v1_… or auto_v2_…) cannot be read: a part of it is missing. Copy it again, to its very end. Or take the secret alone. ${WHERE}`,
	secret_key: `This is a Clerk secret key (sk_…), which opens your whole Clerk application; it is not needed here. ${WHERE}`,
	publishable_key: `This is a Clerk publishable key (pk_…). ${WHERE}`,
	asymmetric_key: `This is a key for asymmetric signatures (whpk_… or whsk_…), which Clerk does not use. ${WHERE}`,
	versioned: `There is "v1," before it, as some other services write their secrets. Paste only what starts with whsec_. ${WHERE}`,
	signature: `This is a signature (v1,…), which every delivery has, not the secret that it was made with. ${WHERE}`,
	wrong_prefix: `It does not start with whsec_. ${WHERE}`,
	twice: `There is whsec_ in it twice: it was pasted into one that was there. Empty the field, then paste it again. ${WHERE}`,
	not_base64: `The part after whsec_ is not complete base64 text: a character is missing, or one too many was copied. ${WHERE}`,
	empty_key: `There is nothing after whsec_. ${WHERE}`,
	too_short: `It is too short: the secret was cut when it was copied. Copy it again, to its very end. ${WHERE}`,
	...(Object.fromEntries(Object.entries(pastedForms).map(([form, sentence]) => [form, `${sentence} ${WHERE}`])) as Record<
		Pasted,
		string
	>),
};

/**
 * The key in a signing secret.
 * @param text `whsec_` and base64, or the base64 alone, or an AutoConfig token that holds one; white space around it is ignored
 * @returns the key's bytes, or what is wrong with the text; never throws
 * @see Standard Webhooks specification, "Signature scheme"; svix ≤ 1.99.1 takes an empty key, we do not
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
