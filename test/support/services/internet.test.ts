import { request } from 'node:http';
import { connect } from 'node:tls';

import { HubSpot } from './hubspot';
import { Internet } from './internet';
import { Resend } from './resend';

const hubspot = new HubSpot();
const resend = new Resend();
const CLERK_SECRET = 'sk_test_clerk_secret_of_the_tests';
let internet: Internet;

beforeAll(async () => {
	internet = await Internet.start([hubspot, resend], [CLERK_SECRET]);
});

afterAll(async () => await internet?.stop());

/** A request through the proxy, as n8n makes it. @returns the answer's status */
async function call(method: string, url: string, headers: Record<string, string>, body?: object): Promise<number> {
	const { host, pathname, search } = new URL(url);
	const proxy = new URL(internet.env['HTTPS_PROXY'] ?? '');
	return await new Promise((resolve, reject) => {
		const tunnel = request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: `${host}:443` });
		tunnel.on('error', reject);
		tunnel.on('connect', (_response, socket) => {
			const secure = connect({ socket, servername: host, rejectUnauthorized: false });
			const text = body === undefined ? '' : JSON.stringify(body);
			const sent = request(
				{
					createConnection: () => secure,
					host,
					method,
					path: pathname + search,
					headers: { 'content-type': 'application/json', ...headers },
				},
				(response) => {
					response.resume();
					response.on('end', () => {
						secure.destroy();
						resolve(response.statusCode ?? 0);
					});
				},
			);
			sent.on('error', reject);
			sent.end(text);
		});
		tunnel.end();
	});
}

const auth = (service: HubSpot | Resend) => ({ [service.authorization.header]: service.authorization.value });
const MAIL = { from: 'a@example.com', to: 'b@example.com', subject: 'Hello', text: 'Hello' };

test('an allowed request is taken, and nothing is wrong', async () => {
	expect(await call('POST', 'https://api.resend.com/emails', auth(resend), MAIL)).toBe(200);
	expect(resend.mails).toEqual([MAIL]);
	expect(internet.problems).toEqual([]);
});

test.each([
	[
		'an address that nobody named',
		'POST',
		'https://api.example.org/emails',
		{},
		MAIL,
		503,
		'POST https://api.example.org/emails',
	],
	['another operation', 'GET', 'https://api.resend.com/emails', auth(resend), undefined, 404, 'there is no such operation'],
	[
		'another credential',
		'POST',
		'https://api.resend.com/emails',
		{ authorization: 'Bearer no' },
		MAIL,
		401,
		'authorization is not',
	],
	['a field too few', 'POST', 'https://api.resend.com/emails', auth(resend), { to: 'b@example.com' }, 400, "property 'from'"],
	['a field too many', 'POST', 'https://api.resend.com/emails', auth(resend), { ...MAIL, cat: 1 }, 400, 'additional properties'],
	['a query that nobody asked for', 'POST', 'https://api.resend.com/emails?a=1', auth(resend), MAIL, 400, 'there is a query'],
	['no body', 'POST', 'https://api.resend.com/emails', auth(resend), undefined, 400, 'there is no body'],
] as const)('%s is a problem', async (_, method, url, headers, body, status, problem) => {
	const before = internet.problems.length;
	expect(await call(method, url, headers, body)).toBe(status);
	expect(internet.problems).toHaveLength(before + 1);
	expect(internet.problems.join('\n')).toContain(problem);
});

test.each([
	['in the body', 'https://api.resend.com/emails', auth(resend), { ...MAIL, text: `key ${CLERK_SECRET}` }],
	['in the query', `https://api.resend.com/emails?key=${CLERK_SECRET}`, auth(resend), MAIL],
	['in another header', 'https://api.resend.com/emails', { ...auth(resend), 'x-other': hubspot.secrets[0] ?? '' }, MAIL],
])('a secret %s is a leak', async (_, url, headers, body) => {
	const before = internet.leaks.length;
	await call('POST', url, headers, body);
	expect(internet.leaks).toHaveLength(before + 1);
	expect(internet.leaks.join()).not.toContain(CLERK_SECRET);
});
