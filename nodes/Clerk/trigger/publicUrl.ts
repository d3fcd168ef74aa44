/** Names that no public DNS knows: RFC 6761 and 6762, and what people give to the machines at home. */
const PRIVATE_NAMES = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|home\.arpa|localdomain|test|invalid|example)$/;

/** Not routed on the internet: RFC 1122, 1918, 3927, 6598, and the rest of IANA's special-purpose registry that people meet. */
const PRIVATE_IPV4 = [
	/^0\./,
	/^10\./,
	/^127\./,
	/^169\.254\./,
	/^172\.(?:1[6-9]|2\d|3[01])\./,
	/^192\.168\./,
	/^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
	/^192\.0\.[02]\./,
	/^198\.1[89]\./,
	/^198\.51\.100\./,
	/^203\.0\.113\./,
	/^2(?:2[4-9]|[3-5]\d)\./,
];

/** Loopback, unspecified, unique local, link-local. An IPv4 address inside is written in hexadecimal by `URL`. */
const PRIVATE_IPV6 = /^\[(?:::1?|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*|::ffff:.*)\]$/;

/**
 * Why Clerk can't reach a URL, before anybody is asked.
 * @param development whether it is for a development instance, for which plain http will do
 * @returns null for one that it may well reach
 */
export function problemOfUrl(text: string, development: boolean): string | null {
	let url: URL;
	try {
		url = new URL(text);
	} catch {
		return 'it is not an address';
	}
	const host = url.hostname.toLowerCase().replace(/\.$/, '');
	const isName = !/^[\d.]+$/.test(host) && !host.startsWith('[');
	if (isName && (PRIVATE_NAMES.test(host) || !host.includes('.'))) return 'it leads to this machine or to a private network';
	if (PRIVATE_IPV6.test(host) || PRIVATE_IPV4.some((range) => range.test(host))) {
		return 'it leads to this machine or to a private network';
	}
	if (url.protocol !== 'https:' && !(url.protocol === 'http:' && development)) return 'it is not an https address';
	return null;
}
