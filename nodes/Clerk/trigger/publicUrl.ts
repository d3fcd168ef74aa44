/** Names that are in no public DNS: RFC 6761 and 6762, and common names in private networks. */
const PRIVATE_NAMES = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|home\.arpa|localdomain|test|invalid|example)$/;

/** Not routed on the internet: RFC 1122, 1918, 3927, 6598, and other common entries of IANA's special-purpose registry. */
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

/** Loopback, unspecified, unique local, link-local. `URL` writes an embedded IPv4 address in hexadecimal. */
const PRIVATE_IPV6 = /^\[(?:::1?|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*|::ffff:.*)\]$/;

/**
 * Why Clerk can't reach a URL, as far as the URL itself shows.
 * @param development whether it is for a development instance, for which plain http is enough
 * @returns null if Clerk may be able to reach it
 */
export function problemOfUrl(text: string, development: boolean): string | null {
	let url: URL;
	try {
		url = new URL(text);
	} catch {
		return 'it is not a URL';
	}
	const host = url.hostname.toLowerCase().replace(/\.$/, '');
	const isName = !/^[\d.]+$/.test(host) && !host.startsWith('[');
	if (isName && (PRIVATE_NAMES.test(host) || !host.includes('.'))) return 'it points to this machine or to a private network';
	if (PRIVATE_IPV6.test(host) || PRIVATE_IPV4.some((range) => range.test(host))) {
		return 'it points to this machine or to a private network';
	}
	if (url.protocol !== 'https:' && !(url.protocol === 'http:' && development)) return 'it is not an https URL';
	return null;
}
