/** What a person may have pasted in place of a secret alone. */
export type Pasted = 'invisible' | 'quoted' | 'masked' | 'url' | 'assignment' | 'bearer' | 'white_space';

/** What each of them is; none repeats any part of the text. */
export const pastedForms: Readonly<Record<Pasted, string>> = {
	invisible:
		'There is an invisible character in it, such as a zero-width space, which some chats and web pages add. Copy it from where it was shown first.',
	quoted: 'There is a quotation mark around it. Paste only what stands between the quotation marks.',
	masked: 'These are the dots or asterisks that hide it on the screen. Reveal it first, then copy it.',
	url: 'This is a URL.',
	assignment: 'This is a whole line of an environment file (NAME=value). Paste only what comes after the equals sign.',
	bearer: 'This is an Authorization header. Paste only what comes after "Bearer".',
	white_space: 'There is a space or a line break inside it.',
};

/** The first that fits counts: between quotation marks, for example, may be a URL. */
const FORMS: readonly (readonly [Pasted, RegExp])[] = [
	// Not the white space that Unicode counts among the control characters: a person can see it.
	['invisible', /\p{Cf}|(?!\s)\p{Cc}/u],
	['quoted', /^["'`\u2018-\u201f\u00ab\u00bb]|["'`\u2018-\u201f\u00ab\u00bb]$/],
	['masked', /[*\u2022\u25cf]{3}/],
	['url', /^[a-z][a-z\d+.-]*:\/\//i],
	['assignment', /^(?:export\s+)?[a-z_]\w*\s*=\s*["'`]?(?:whsec|sk|pk)_/i],
	['bearer', /^(?:authorization:\s*)?bearer\s/i],
	['white_space', /\s/],
];

/**
 * What a text is that should be a secret.
 * @param text without white space around it
 * @returns null where it is none of these forms, and so may be a secret
 */
export function pastedAs(text: string): Pasted | null {
	return FORMS.find(([, form]) => form.test(text))?.[0] ?? null;
}
