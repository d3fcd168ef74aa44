/** Who verifies and parses a delivery. Nothing of them is loaded here: whoever writes the tables needs their names alone. */
export const CONTENDERS = [
	'ours',
	'bare limit',
	'node:crypto, key as bytes',
	'svix',
	'standardwebhooks',
	'@clerk/backend',
] as const;
export type Verifier = (typeof CONTENDERS)[number];

/** What is normalised. */
export const NORMALISING = [
	'typical user',
	'huge user',
	'every option there, switched off',
	'100 mappings, switched off',
] as const;
export type Normalising = (typeof NORMALISING)[number];
