import { readFileSync } from 'node:fs';
import { ProxyAgent, request } from 'undici';

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
async function call(method: 'GET' | 'POST', url: string, headers: Record<string, string>, body?: object): Promise<number> {
	const { HTTPS_PROXY: uri = '', NODE_EXTRA_CA_CERTS: authority = '' } = internet.env;
	const dispatcher = new ProxyAgent({ uri, requestTls: { ca: readFileSync(authority) } });
	const sent = { 'content-type': 'application/json', ...headers };
	const answer = await request(url, { method, headers: sent, body: body ? JSON.stringify(body) : null, dispatcher });
	await answer.body.dump();
	await dispatcher.close();
	return answer.statusCode;
}

const auth = (service: HubSpot | Resend) => ({ [service.authorization.header]: service.authorization.value });
const MAIL = { from: 'a@example.com', to: 'b@example.com', subject: 'Hello', text: 'Hello' };

test('an allowed request is taken, and nothing is wrong', async () => {
	expect(await call('POST', 'https://api.resend.com/emails', auth(resend), MAIL)).toBe(200);
	expect(resend.mails).toEqual([MAIL]);
	expect(internet.problems).toEqual([]);
});

const SEND = 'https://api.resend.com/emails';

test.each([
	['an address that nobody named', 'POST', 'https://api.example.org/', {}, MAIL, 503, 'POST https://api.example.org/'],
	['another operation', 'GET', SEND, auth(resend), undefined, 404, 'there is no such operation'],
	['another credential', 'POST', SEND, { authorization: 'Bearer no' }, MAIL, 401, 'authorization is not'],
	['a field too few', 'POST', SEND, auth(resend), { to: 'b@example.com' }, 400, "property 'from'"],
	['a field too many', 'POST', SEND, auth(resend), { ...MAIL, cat: 1 }, 400, 'additional properties'],
	['a query that nobody asked for', 'POST', `${SEND}?a=1`, auth(resend), MAIL, 400, 'there is a query'],
	['no body', 'POST', SEND, auth(resend), undefined, 400, 'there is no body'],
] as const)('%s is a problem', async (_, method, url, headers, body, status, problem) => {
	const before = internet.problems.length;
	expect(await call(method, url, headers, body)).toBe(status);
	expect(internet.problems).toHaveLength(before + 1);
	expect(internet.problems.join('\n')).toContain(problem);
});

test.each([
	['in the body', SEND, auth(resend), { ...MAIL, text: `key ${CLERK_SECRET}` }],
	['in the query', `${SEND}?key=${CLERK_SECRET}`, auth(resend), MAIL],
	['in another header', SEND, { ...auth(resend), 'x-other': hubspot.secrets[0] ?? '' }, MAIL],
])('a secret %s is a leak', async (_, url, headers, body) => {
	const before = internet.leaks.length;
	await call('POST', url, headers, body);
	expect(internet.leaks).toHaveLength(before + 1);
	expect(internet.leaks.join()).not.toContain(CLERK_SECRET);
});
