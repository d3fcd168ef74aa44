/** What a person may have pasted instead of just the secret. */
export type Pasted = 'invisible' | 'quoted' | 'masked' | 'url' | 'assignment' | 'bearer' | 'white_space';

/** A message for each of them. None repeats any part of the text. */
export const pastedForms: Readonly<Record<Pasted, string>> = {
	invisible:
		'It contains an invisible character, such as a zero-width space, which some chats and web pages add. Copy it from where it was first shown.',
	quoted: 'It is in quotation marks. Paste only what is between them.',
	masked: 'These are the dots or asterisks that hide it on screen. Reveal it first, then copy it.',
	url: 'This is a URL.',
	assignment: 'This is a whole line of an environment file (NAME=value). Paste only what comes after the equals sign.',
	bearer: 'This is an Authorization header. Paste only what comes after "Bearer".',
	white_space: 'It contains a space or a line break.',
};

/** The first match counts: a URL may be in quotation marks, for example. */
const FORMS: readonly (readonly [Pasted, RegExp])[] = [
	// White space that Unicode counts as control characters is left out: a person can see it.
	['invisible', /\p{Cf}|(?!\s)\p{Cc}/u],
	['quoted', /^["'`\u2018-\u201f\u00ab\u00bb]|["'`\u2018-\u201f\u00ab\u00bb]$/],
	['masked', /[*\u2022\u25cf]{3}/],
	['url', /^[a-z][a-z\d+.-]*:\/\//i],
	['assignment', /^(?:export\s+)?[a-z_]\w*\s*=\s*["'`]?(?:whsec|sk|pk)_/i],
	['bearer', /^(?:authorization:\s*)?bearer\s/i],
	['white_space', /\s/],
];

/**
 * Recognizes text that was pasted in place of a secret.
 * @param text without white space around it
 * @returns null if it is none of these forms, so that it may be a secret
 */
export function pastedAs(text: string): Pasted | null {
	return FORMS.find(([, form]) => form.test(text))?.[0] ?? null;
}
