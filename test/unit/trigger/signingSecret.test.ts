import { testSigningSecrets } from '../../../nodes/Clerk/trigger/credentialCheck';
import { readSigningSecret, secretProblems } from '../../../nodes/Clerk/trigger/signingSecret';
import type { SecretProblem } from '../../../nodes/Clerk/trigger/signingSecret';
import { OTHER_SECRET, SECRET, signatureVectors } from '../../support/deliveries';
import { autoConfig } from '../../support/signatureLibraries';
import { words } from '../../support/words';

const ENCODED = SECRET.slice('whsec_'.length);
const KEY = Buffer.from(ENCODED, 'base64');
const token = (fields: Record<string, unknown> = {}) => autoConfig({ esec: SECRET, tok: 'CANARY', ...fields });
const encoded = (text: string) => Buffer.from(text).toString('base64');

describe('A2: a signing secret is read', () => {
	test.each([
		['as Clerk shows it', SECRET],
		['without the prefix', ENCODED],
		['with spaces around it', `  ${SECRET} `],
		['with a line end behind it', `${SECRET}\r\n`],
		['with a tab and no prefix', `\t${ENCODED}`],
		['in an AutoConfig token', token()],
		['in an AutoConfig token for an endpoint with half a character in its name', token({ eid: 'ep_\ud800' })],
		['in an AutoConfig token with spaces around it', ` ${token()}\n`],
	])('%s', (_, text) => {
		expect(readSigningSecret(text)).toEqual({ key: KEY });
	});

	test.each(signatureVectors)('$name', ({ secret }) => {
		const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
		// One of the guides signs with fewer bytes than the specification allows.
		expect(readSigningSecret(secret)).toEqual(key.length < 24 ? { problem: 'too_short' } : { key });
	});

	test.each([24, 25, 26, 32, 64, 75])('with %i bytes, so with every length of padding', (length) => {
		const key = Buffer.alloc(length, 0xfb);
		for (const prefix of ['whsec_', '']) expect(readSigningSecret(prefix + key.toString('base64'))).toEqual({ key });
	});
});

/** What is none, by what is wrong with it. */
const wrong: Readonly<Record<SecretProblem, readonly unknown[]>> = {
	empty: ['', '   \n', undefined, null, 7, { secret: SECRET }],
	empty_key: ['whsec_', ' whsec_ '],
	secret_key: [`sk_test_${ENCODED}`, 'sk_live_'],
	publishable_key: [`pk_test_${ENCODED}`],
	asymmetric_key: [`whpk_${ENCODED}`, `whsk_${ENCODED}`],
	wrong_prefix: [`secret_${ENCODED}`, `WHSEC_${ENCODED}`, 'ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S'],
	not_base64: [SECRET.slice(0, -1), `${SECRET}A`, `${SECRET}=`, ...words`whsec_==== whsec_A=== whsec_AA=A whsec_-_-_`],
	too_short: ['whsec_AAAA', 'AAAA', SECRET.slice(0, 34), `whsec_${Buffer.alloc(23, 0xfb).toString('base64')}`],
	white_space: [SECRET.replace('9r8', ' 9r8'), SECRET.replace('PD8', '\nPD8'), `${SECRET}\n${OTHER_SECRET}`],
	twice: [`whsec_${SECRET}`, SECRET + SECRET],
	versioned: [`v1,${SECRET}`, `v1a,${SECRET}`],
	signature: ['v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0='],
	quoted: [`"${SECRET}"`, `'${SECRET}'`, `“${SECRET}”`, `\`${SECRET}`, `"v1,${SECRET}"`],
	invisible: [`\u200b${SECRET}`, `whsec_\u200d${ENCODED}`, `${SECRET}\u00ad`, `whsec_\ufeff${ENCODED}`, `${SECRET}\0`],
	assignment: [`CLERK_WEBHOOK_SIGNING_SECRET=${SECRET}`, `export SECRET = "${SECRET}`],
	bearer: [`Bearer ${SECRET}`, `Authorization: Bearer ${SECRET}`],
	auto_config: [
		...['auto_v1_', 'auto_v1_!!!', token().slice(0, -30), `auto_v1_${encoded('"text"')}`],
		...['aid', 'eid', 'surl', 'esec', 'tok'].map((field) => token({ [field]: undefined })),
		...[token({ esec: 'whsec_' }), token({ esec: 'whsec_AAAA' })],
		...[token({ surl: 'http://api.eu.svix.com' }), token({ surl: 'ftp://api.eu.svix.com' })],
	],
	masked: ['••••••••', 'whsec_********'],
	url: ['https://example.com/webhook', 'https://dashboard.clerk.com/~/webhooks'],
};
const problems = Object.entries(wrong).flatMap(([problem, texts]) =>
	texts.map((text) => [text, problem as SecretProblem] as const),
);

describe('A2: anything else is a configuration error that names the problem, never a pass', () => {
	test.each(problems)('%j: %s, also in the test of the credential', (text, problem) => {
		expect(readSigningSecret(text)).toEqual({ problem });
		const message = `Signing Secret: ${secretProblems[problem]}`;
		expect(testSigningSecrets({ signingSecret: text })).toEqual({ status: 'Error', message });
	});

	test('a key that was cut and what was pasted are named', () => {
		expect(secretProblems.too_short).toContain('only part of the secret was copied');
		expect(secretProblems.versioned).toContain('"v1,"');
		expect(secretProblems.quoted).toContain('quotation mark');
		expect(secretProblems.invisible).toContain('zero-width space');
		expect(secretProblems.url).toContain('This is a URL');
	});

	test.each(Object.entries(secretProblems))('%s says where the right secret is', (_, sentence) => {
		expect(sentence).toMatch(/\. In the Clerk Dashboard, open Configure > Webhooks, .*Signing Secret.*\.$/);
	});
});

describe('A2: the test of the credential', () => {
	const messageFor = (signingSecret: string, previousSigningSecret: string) =>
		testSigningSecrets({ signingSecret, previousSigningSecret }).message;

	test.each([
		['one secret', { signingSecret: SECRET }],
		['one secret, the other field empty', { signingSecret: SECRET, previousSigningSecret: '' }],
		['two secrets', { signingSecret: SECRET, previousSigningSecret: OTHER_SECRET }],
	])('is OK with %s', (_, credential) => {
		expect(testSigningSecrets(credential).status).toBe('OK');
	});

	test('names the field that is wrong when the other one is right, and both when both are wrong', () => {
		const { secret_key, empty, empty_key, publishable_key } = secretProblems;
		expect(messageFor(SECRET, 'sk_live_1')).toBe(`Previous Signing Secret: ${secret_key}`);
		expect(messageFor('', SECRET)).toBe(`Signing Secret: ${empty}`);
		expect(messageFor('whsec_', 'pk_1')).toBe(`Signing Secret: ${empty_key} Previous Signing Secret: ${publishable_key}`);
		expect(testSigningSecrets({})).toEqual({ status: 'Error', message: `Signing Secret: ${empty}` });
	});

	test.each(words`
		sk_live_CANARY pk_test_CANARY whsk_CANARY secret_CANARY whsec_CANARY CANARY-CANARY "CANARY" v1,CANARY
	`)('E4: never repeats any part of %s', (secret) => {
		expect(messageFor(secret, secret)).not.toContain('CANARY');
	});
});
