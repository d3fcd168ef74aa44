import { testSigningSecrets } from '../../../nodes/Clerk/trigger/credentialCheck';
import { readSigningSecret, secretProblems } from '../../../nodes/Clerk/trigger/signingSecret';
import type { SecretProblem } from '../../../nodes/Clerk/trigger/signingSecret';
import { OTHER_SECRET, SECRET, signatureVectors } from '../../support/deliveries';
import { words } from '../../support/words';

const ENCODED = SECRET.slice('whsec_'.length);
const KEY = Buffer.from(ENCODED, 'base64');

describe('A2: a signing secret is read', () => {
	test.each([
		['as Clerk shows it', SECRET],
		['without the prefix', ENCODED],
		['with spaces around it', `  ${SECRET} `],
		['with a line end behind it', `${SECRET}\r\n`],
		['with a tab and no prefix', `\t${ENCODED}`],
		['in an AutoConfig token', autoConfigToken()],
		['in an AutoConfig token for an endpoint with half a character in its name', autoConfigToken({ eid: 'ep_\ud800' })],
		['in an AutoConfig token with spaces around it', ` ${autoConfigToken()}\n`],
	])('%s', (_, text) => {
		expect(readSigningSecret(text)).toEqual({ key: KEY });
	});

	test.each(signatureVectors)('$name', ({ secret }) => {
		const encoded = secret.slice('whsec_'.length);
		const key = Buffer.from(encoded, 'base64');
		// One of the guides signs with fewer bytes than the specification allows.
		expect(readSigningSecret(secret)).toEqual(key.length < 24 ? { problem: 'too_short' } : { key });
	});

	test.each([24, 25, 26, 32, 64, 75])('with %i bytes, so with every length of padding', (length) => {
		const key = Buffer.alloc(length, 0xfb);
		expect(readSigningSecret(`whsec_${key.toString('base64')}`)).toEqual({ key });
		expect(readSigningSecret(key.toString('base64'))).toEqual({ key });
	});
});

/** As the portal shows it. */
function autoConfigToken(fields: Record<string, unknown> = {}): string {
	const value = { aid: 'app_1', eid: 'ep_1', surl: 'https://api.eu.svix.com', esec: SECRET, tok: 'CANARY', ...fields };
	return `auto_v1_${Buffer.from(JSON.stringify(value)).toString('base64')}`;
}

const problems: [text: unknown, problem: SecretProblem][] = [
	['', 'empty'],
	['   \n', 'empty'],
	[undefined, 'empty'],
	[null, 'empty'],
	[7, 'empty'],
	[{ secret: SECRET }, 'empty'],
	['whsec_', 'empty_key'],
	[' whsec_ ', 'empty_key'],
	[`sk_test_${ENCODED}`, 'secret_key'],
	['sk_live_', 'secret_key'],
	[`pk_test_${ENCODED}`, 'publishable_key'],
	[`whpk_${ENCODED}`, 'asymmetric_key'],
	[`whsk_${ENCODED}`, 'asymmetric_key'],
	[`secret_${ENCODED}`, 'wrong_prefix'],
	[`WHSEC_${ENCODED}`, 'wrong_prefix'],
	['ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S', 'wrong_prefix'],
	[`whsec_${ENCODED.slice(0, -1)}`, 'not_base64'],
	[`${SECRET}A`, 'not_base64'],
	[`${SECRET}=`, 'not_base64'],
	['whsec_AAAA', 'too_short'],
	['AAAA', 'too_short'],
	[`whsec_${ENCODED.slice(0, 28)}`, 'too_short'],
	[`whsec_${Buffer.alloc(23, 0xfb).toString('base64')}`, 'too_short'],
	['whsec_====', 'not_base64'],
	['whsec_A===', 'not_base64'],
	['whsec_AA=A', 'not_base64'],
	['whsec_-_-_', 'not_base64'],
	['whsec_MfKQ 9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'white_space'],
	['whsec_MfKQ9r8GKYqrTwjU\nPD8ILPZIo2LaLaSw', 'white_space'],
	[`${SECRET}\n${OTHER_SECRET}`, 'white_space'],
	[`whsec_${SECRET}`, 'twice'],
	[SECRET + SECRET, 'twice'],
	[`v1,${SECRET}`, 'versioned'],
	[`v1a,${SECRET}`, 'versioned'],
	['v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=', 'signature'],
	[`"${SECRET}"`, 'quoted'],
	[`'${SECRET}'`, 'quoted'],
	[`“${SECRET}”`, 'quoted'],
	[`\`${SECRET}`, 'quoted'],
	[`"v1,${SECRET}"`, 'quoted'],
	[`\u200b${SECRET}`, 'invisible'],
	[`whsec_\u200d${ENCODED}`, 'invisible'],
	[`${SECRET}\u00ad`, 'invisible'],
	[`whsec_\ufeff${ENCODED}`, 'invisible'],
	[`${SECRET}\0`, 'invisible'],
	[`CLERK_WEBHOOK_SIGNING_SECRET=${SECRET}`, 'assignment'],
	[`export SECRET = "${SECRET}`, 'assignment'],
	[`Bearer ${SECRET}`, 'bearer'],
	[`Authorization: Bearer ${SECRET}`, 'bearer'],
	['auto_v1_', 'auto_config'],
	['auto_v1_!!!', 'auto_config'],
	[autoConfigToken().slice(0, -30), 'auto_config'],
	[`auto_v1_${Buffer.from('"text"').toString('base64')}`, 'auto_config'],
	...['aid', 'eid', 'surl', 'esec', 'tok'].map((field): [string, SecretProblem] => [
		autoConfigToken({ [field]: undefined }),
		'auto_config',
	]),
	[autoConfigToken({ esec: 'whsec_' }), 'auto_config'],
	[autoConfigToken({ esec: 'whsec_AAAA' }), 'auto_config'],
	[autoConfigToken({ surl: 'http://api.eu.svix.com' }), 'auto_config'],
	[autoConfigToken({ surl: 'ftp://api.eu.svix.com' }), 'auto_config'],
	['••••••••', 'masked'],
	['whsec_********', 'masked'],
	['https://example.com/webhook', 'url'],
	['https://dashboard.clerk.com/~/webhooks', 'url'],
];

describe('A2: anything else is a configuration error that names the problem, never a pass', () => {
	test.each(problems)('%j: %s', (text, problem) => {
		expect(readSigningSecret(text)).toEqual({ problem });
	});

	test('every problem is met above', () => {
		expect(new Set(problems.map(([, problem]) => problem))).toEqual(new Set(Object.keys(secretProblems)));
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
	test.each([
		['one secret', { signingSecret: SECRET }],
		['one secret, the other field empty', { signingSecret: SECRET, previousSigningSecret: '' }],
		['two secrets', { signingSecret: SECRET, previousSigningSecret: OTHER_SECRET }],
	])('is OK with %s', (_, credential) => {
		expect(testSigningSecrets(credential).status).toBe('OK');
	});

	test.each(problems)('names what is wrong with %j', (signingSecret, problem) => {
		expect(testSigningSecrets({ signingSecret })).toEqual({
			status: 'Error',
			message: `Signing Secret: ${secretProblems[problem]}`,
		});
	});

	test('names the field that is wrong when the other one is right', () => {
		expect(testSigningSecrets({ signingSecret: SECRET, previousSigningSecret: 'sk_live_1' })).toEqual({
			status: 'Error',
			message: `Previous Signing Secret: ${secretProblems.secret_key}`,
		});
		expect(testSigningSecrets({ signingSecret: '', previousSigningSecret: SECRET }).message).toBe(
			`Signing Secret: ${secretProblems.empty}`,
		);
	});

	test('names both when both are wrong', () => {
		expect(testSigningSecrets({ signingSecret: 'whsec_', previousSigningSecret: 'pk_1' }).message).toBe(
			`Signing Secret: ${secretProblems.empty_key} Previous Signing Secret: ${secretProblems.publishable_key}`,
		);
	});

	test('says that an empty credential is empty', () => {
		expect(testSigningSecrets({})).toEqual({ status: 'Error', message: `Signing Secret: ${secretProblems.empty}` });
	});

	test.each(words`
		sk_live_CANARY pk_test_CANARY whsk_CANARY secret_CANARY whsec_CANARY CANARY-CANARY "CANARY" v1,CANARY
	`)('E4: never repeats any part of %s', (signingSecret) => {
		const { message } = testSigningSecrets({ signingSecret, previousSigningSecret: signingSecret });
		expect(message).not.toContain('CANARY');
	});
});
