import { problemOfUrl } from '../../../nodes/Clerk/trigger/publicUrl';
import { words } from '../../support/words';

const PRIVATE = 'it points to this machine or to a private network';

describe('D5: a URL that Clerk cannot reach is refused before any call', () => {
	test.each(words`
		localhost LOCALHOST localhost. n8n.localhost n8n n8n.local n8n.internal nas.home.arpa nas.lan n8n.test n8n.example 0.0.0.0
		10.1.2.3 127.0.0.1 127.1 2130706433 0x7f000001 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.10 100.64.0.1
		100.127.255.255 198.18.0.1 224.0.0.1 255.255.255.255 [::1] [::] [fd00::1] [fc00::1] [fe80::1] [::ffff:10.0.0.1]
		[::ffff:8.8.8.8]
	`)('%s', (host) => {
		expect(problemOfUrl(`https://${host}/webhook/x/clerk`, false)).toBe(PRIVATE);
		expect(problemOfUrl(`http://${host}:5678/webhook/x/clerk`, true)).toBe(PRIVATE);
	});

	test.each(words`
		n8n.example.com example.org:8443 local.example.com localhost.example.com xn--bcher-kva.example.com 8.8.8.8 100.63.0.1
		100.128.0.1 172.15.0.1 172.32.0.1 11.0.0.1 192.167.0.1 [2001:4860:4860::8888]
	`)('but not %s', (host) => {
		expect(problemOfUrl(`https://${host}/webhook/x/clerk`, false)).toBeNull();
	});

	test('plain http will do for a development instance alone', () => {
		expect(problemOfUrl('http://n8n.example.com/webhook', false)).toBe('it is not an https URL');
		expect(problemOfUrl('http://n8n.example.com/webhook', true)).toBeNull();
		expect(problemOfUrl('ftp://n8n.example.com/webhook', true)).toBe('it is not an https URL');
	});

	test.each(['', 'n8n.example.com/webhook', 'https://'])('%j is no address', (text) => {
		expect(problemOfUrl(text, true)).toBe('it is not a URL');
	});
});
