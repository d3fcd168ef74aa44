/** The words of a text: a long list of names that is still read at one glance. */
export function words([text = '']: TemplateStringsArray): string[] {
	return text.trim().split(/\s+/);
}
