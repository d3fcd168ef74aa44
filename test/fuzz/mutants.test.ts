import { createHmac } from 'node:crypto';

import type { Claim } from '../../nodes/Clerk/trigger/history';
import type * as BrokenModule from './broken';
import { now } from './broken';
import type { Broken, Parts } from './broken';
import { properties, propertyCalled } from './properties';
import { run } from './runner';
import type { Options } from './runner';

/**
 * The fuzzer has to find what is broken. Here parts of the node are broken on purpose, one after the
 * other, and each has to be found, by the rule that is there for it.
 */

jest.mock('../../nodes/Clerk/events/payload', () => mockPart('payload', '../../nodes/Clerk/events/payload'));
jest.mock('../../nodes/Clerk/records/contact', () => mockPart('contact', '../../nodes/Clerk/records/contact'));
jest.mock('../../nodes/Clerk/records/path', () => mockPart('path', '../../nodes/Clerk/records/path'));
jest.mock('../../nodes/Clerk/trigger/history', () => mockPart('history', '../../nodes/Clerk/trigger/history'));
jest.mock('../../nodes/Clerk/records/items', () => mockPart('items', '../../nodes/Clerk/records/items'));
jest.mock('../../nodes/Clerk/trigger/outcome', () => mockPart('outcome', '../../nodes/Clerk/trigger/outcome'));
jest.mock('../../nodes/Clerk/trigger/signature', () => mockPart('signature', '../../nodes/Clerk/trigger/signature'));
jest.mock('../../nodes/Clerk/trigger/signingSecret', () => mockPart('signingSecret', '../../nodes/Clerk/trigger/signingSecret'));

function mockPart<Part extends keyof Parts>(part: Part, path: string): Parts[Part] {
	const { breakable } = jest.requireActual<typeof BrokenModule>('./broken');
	return breakable(part, jest.requireActual<Parts[Part]>(path));
}

const payload = jest.requireActual<Parts['payload']>('../../nodes/Clerk/events/payload');
const contact = jest.requireActual<Parts['contact']>('../../nodes/Clerk/records/contact');
const path = jest.requireActual<Parts['path']>('../../nodes/Clerk/records/path');
const history = jest.requireActual<Parts['history']>('../../nodes/Clerk/trigger/history');
const items = jest.requireActual<Parts['items']>('../../nodes/Clerk/records/items');
const outcome = jest.requireActual<Parts['outcome']>('../../nodes/Clerk/trigger/outcome');
const signature = jest.requireActual<Parts['signature']>('../../nodes/Clerk/trigger/signature');
const signingSecret = jest.requireActual<Parts['signingSecret']>('../../nodes/Clerk/trigger/signingSecret');

// Thousands of cases each, on a machine that may be busy.
jest.setTimeout(120_000);

/** Runs cases of one property, at most 10,000, until one breaks the rule. */
async function isFound(name: string, broken: Broken, rule: string, options: Options = {}): Promise<boolean> {
	now.broken = broken;
	try {
		const isFailure = ({ name: type, message }: Error) =>
			(type === 'AssertionError' ? message : `${type}: ${message}`).startsWith(rule);
		const limits = { seed: 1, numRuns: 10_000, endOnFailure: true };
		const { failed } = await run(propertyCalled(name), { isFailure, ...limits, ...options });
		return failed;
	} finally {
		now.broken = {};
	}
}

/** All entries of the list, as the node takes them. */
const candidatesOf = (list: string) => list.split(' ').flatMap((entry) => /^v1,([^,]+)/.exec(entry)?.[1] ?? []);
const right: Parts['signature']['signatureMatches'] = (...args) => signature.signatureMatches(...args);

function compared(isEqual: (candidate: string, expected: string) => boolean): Parts['signature']['signatureMatches'] {
	return (signed, body, keys) =>
		keys.some((key) => {
			const expected = createHmac('sha256', key).update(`${signed.id}.${signed.timestampText}.`).update(body).digest('base64');
			return candidatesOf(signed.signatures).some((candidate) => isEqual(candidate, expected));
		});
}

let lastSecret = '';
let lastText = '';
const saysSecret: Broken = {
	signingSecret: {
		readSigningSecret: (text) => {
			lastSecret = String(text);
			return signingSecret.readSigningSecret(text);
		},
		get secretProblems() {
			return { ...signingSecret.secretProblems, not_base64: `It is ${lastSecret}` };
		},
	},
};

const PASSES = 'nothing passes without a valid signature';
const DIFFERS = 'the answer is that of the reference';

describe('what is broken in the check of a signature is found', () => {
	test.each<[string, Broken, string]>([
		['everything passes', { signature: { signatureMatches: () => true } }, PASSES],
		['nothing passes', { signature: { signatureMatches: () => false } }, DIFFERS],
		[
			'only the first entry counts',
			{
				signature: {
					signatureMatches: (signed, ...rest) => right({ ...signed, signatures: signed.signatures.split(' ')[0] ?? '' }, ...rest),
				},
			},
			DIFFERS,
		],
		[
			'only the first key counts',
			{ signature: { signatureMatches: (signed, body, keys) => right(signed, body, keys.slice(0, 1)) } },
			DIFFERS,
		],
		[
			'the beginning of a signature is enough',
			{ signature: { signatureMatches: compared((candidate, expected) => expected.startsWith(candidate.slice(0, 40))) } },
			PASSES,
		],
		[
			'capital letters do not matter',
			{ signature: { signatureMatches: compared((candidate, expected) => candidate.toLowerCase() === expected.toLowerCase()) } },
			PASSES,
		],
		[
			'padding does not matter',
			{
				signature: {
					signatureMatches: compared((candidate, expected) => candidate.replace(/=+$/, '') === expected.replace(/=+$/, '')),
				},
			},
			PASSES,
		],
		[
			'the bytes are compared, however they are written',
			{
				signature: {
					signatureMatches: compared((candidate, expected) =>
						Buffer.from(candidate, 'base64').equals(Buffer.from(expected, 'base64')),
					),
				},
			},
			PASSES,
		],
		[
			'the body is taken for text',
			{ signature: { signatureMatches: (signed, body, keys) => right(signed, Buffer.from(body.toString()), keys) } },
			PASSES,
		],
		[
			'the body is trimmed',
			{
				signature: {
					signatureMatches: (signed, body, keys) => right(signed, Buffer.from(body.toString('latin1').trim(), 'latin1'), keys),
				},
			},
			PASSES,
		],
		[
			'the timestamp is not signed',
			{
				signature: {
					signatureMatches: (signed, body, keys) =>
						right(signed, body, keys) || right({ ...signed, timestampText: String(signed.timestamp) }, body, keys),
				},
			},
			PASSES,
		],
		['the window is open', { signature: { checkTimestamp: () => null } }, PASSES],
		[
			'the window is a second too narrow',
			{ signature: { checkTimestamp: (signed, tolerance, at) => signature.checkTimestamp(signed, tolerance - 1, at) } },
			DIFFERS,
		],
		[
			'the window is a second too wide',
			{ signature: { checkTimestamp: (signed, tolerance, at) => signature.checkTimestamp(signed, tolerance + 1, at) } },
			PASSES,
		],
		[
			'the clock is read in milliseconds',
			{ signature: { checkTimestamp: (signed, tolerance, at) => signature.checkTimestamp(signed, tolerance - 0.4, at) } },
			DIFFERS,
		],
		[
			'a timestamp may be anything that begins with a number',
			{
				signature: {
					readSignedHeaders: (headers) => {
						const text = [headers['svix-timestamp'] ?? []].flat().join();
						const read = signature.readSignedHeaders({ ...headers, 'svix-timestamp': text && String(parseInt(text, 10)) });
						return 'outcome' in read ? read : { ...read, timestampText: text };
					},
				},
			},
			PASSES,
		],
		[
			'the two sets of headers are mixed',
			{
				signature: {
					readSignedHeaders: (headers) =>
						signature.readSignedHeaders(
							Object.fromEntries(
								['id', 'timestamp', 'signature'].map((name) => [
									`svix-${name}`,
									headers[`svix-${name}`] ?? headers[`webhook-${name}`],
								]),
							),
						),
				},
			},
			PASSES,
		],
		[
			'a list of header lines is not joined',
			{
				signature: {
					readSignedHeaders: (headers) =>
						signature.readSignedHeaders(
							Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()[0]])),
						),
				},
			},
			DIFFERS,
		],
		[
			'a secret may have an empty key',
			{
				signingSecret: {
					readSigningSecret: (text) => (text === 'whsec_' ? { key: Buffer.alloc(0) } : signingSecret.readSigningSecret(text)),
				},
			},
			DIFFERS,
		],
		[
			'a secret may lack a character',
			{
				signingSecret: {
					readSigningSecret: (text) => {
						const read = signingSecret.readSigningSecret(text);
						return read.problem === 'not_base64' ? { key: Buffer.from(String(text).replace('whsec_', ''), 'base64') } : read;
					},
				},
			},
			PASSES,
		],
		['what is wrong with a secret is said by repeating it', saysSecret, 'no answer repeats a secret'],
	])('%s', async (_, broken, rule) => {
		expect(await isFound('signature', broken, rule)).toBe(true);
	});
});

/** The contact of a whole user with something in it that should not be there. */
function contactWith(
	change: (contact: ReturnType<Parts['contact']['userContact']>, user: Readonly<Record<string, unknown>>) => object,
): Broken {
	return {
		contact: {
			contactOf: (event, action, data, settings) => {
				const made = contact.contactOf(event, action, data, settings);
				return made && { ...made, ...change(made, data) };
			},
		},
	};
}

const reading = (broken: Partial<Parts['payload']>): Broken => ({ payload: broken });

describe('what is broken on the way from a delivery to its items is found', () => {
	afterEach(() => {
		Reflect.deleteProperty(Object.prototype, 'polluted');
	});

	test.each<[string, Broken, string]>([
		[
			'private metadata in a contact',
			contactWith((_, user) => ({ locale: (user['private_metadata'] as { plan?: string } | undefined)?.plan ?? null })),
			'nothing private comes out',
		],
		[
			'a code in a contact',
			contactWith((made, user) => (typeof user['otp_code'] === 'string' ? { name: user['otp_code'] } : made)),
			'nothing private comes out',
		],
		['a key that is not promised', contactWith(() => ({ plan: 'pro' })), 'every record is as promised'],
		['keys in another order', contactWith(({ email, ...rest }) => ({ ...rest, email })), ''],
		[
			'a key of a whole user that is missing',
			{
				contact: {
					contactOf: (...args) => {
						const made = contact.contactOf(...args);
						if (made) delete made.locale;
						return made;
					},
				},
			},
			'every record is as promised',
		],
		[
			'a time as a number of milliseconds',
			contactWith(({ createdAt }) => (createdAt ? { createdAt: String(Date.parse(createdAt)) } : {})),
			'every record is as promised',
		],
		[
			'a time that throws',
			reading({
				isoTime: (at) => (at === null ? null : new Date(at).toISOString()),
				timeAt: (object, key) => {
					const at = payload.numberAt(object, key);
					return at === null ? null : new Date(at).toISOString();
				},
			}),
			'RangeError',
		],
		[
			'a field that is taken to be an object',
			reading({
				objectAt: (object, key) => (object?.[key] ?? null) as Readonly<Record<string, unknown>> | null,
				textAt: (object, key) =>
					(object as Record<string, string>)[key]?.trim() ? ((object as Record<string, string>)[key] ?? null) : null,
			}),
			'TypeError',
		],
		[
			'an expression that is taken out of a text',
			reading({ textAt: (object, key) => payload.textAt(object, key)?.replace(/\{\{.*\}\}/, '42') ?? null }),
			'every text stands in the delivery just so',
		],
		[
			'a text that is trimmed',
			reading({ textAt: (object, key) => payload.textAt(object, key)?.trim() ?? null }),
			'every text stands in the delivery just so',
		],
		[
			'a text that is cut at a NUL',
			reading({ textAt: (object, key) => payload.textAt(object, key)?.split('\0')[0] ?? null }),
			'every text stands in the delivery just so',
		],
		[
			'lone surrogates that are replaced',
			reading({
				textAt: (object, key) => {
					const text = payload.textAt(object, key);
					return text && Buffer.from(text).toString();
				},
			}),
			'every text stands in the delivery just so',
		],
		[
			'a prototype that is written to',
			reading({
				objectAt: (object, key) => {
					const found = payload.objectAt(object, key);
					const inner = found?.['constructor'];
					if (inner !== undefined && typeof inner !== 'function')
						(Object.prototype as Record<string, unknown>)['polluted'] = inner;
					return found;
				},
			}),
			'Error: no prototype is changed',
		],
		[
			'an answer that repeats the payload',
			{
				outcome: {
					answerTo: (made) => {
						const { status, body } = outcome.answerTo(made);
						return { status, body: { ...body, message: lastText } };
					},
				},
				payload: {
					textAt: (object, key) => {
						const text = payload.textAt(object, key);
						lastText = typeof object?.['password'] === 'string' ? object['password'] : lastText;
						return text;
					},
				},
			},
			'no answer and no log repeats what is private',
		],
		['a list for each output that is missing', { items: { toItems: (...args) => items.toItems(...args).slice(1) } }, ''],
		[
			'items with more than JSON',
			{ items: { toItems: (...args) => items.toItems(...args).map((list) => list.map((item) => ({ ...item, pairedItem: 0 }))) } },
			'an item is its JSON alone',
		],
		[
			'a raw delivery that nobody asked for',
			{
				items: { toItems: (records, delivery, settings) => items.toItems(records, delivery, { ...settings, includeRaw: true }) },
			},
			'the raw delivery comes when asked for',
		],
		[
			'custom fields that were swapped',
			{
				items: {
					toItems: (records, delivery, settings) =>
						items.toItems(records, delivery, {
							...settings,
							customContactFields: settings.customEventProperties,
							customEventProperties: settings.customContactFields,
						}),
				},
			},
			'the keys are the promised ones, in order',
		],
	])('%s', async (_, broken, rule) => {
		expect(await isFound('webhook', broken, rule)).toBe(true);
	});
});

describe('what is broken in reading paths and secrets is found', () => {
	test.each<[string, string, Broken, string]>([
		[
			'a path through a prototype',
			'path',
			{
				path: {
					valueAt: (root, steps) => {
						let found = root as Record<string, unknown> | undefined;
						for (const step of steps) found = found?.[step] as Record<string, unknown> | undefined;
						return typeof found === 'object' ? JSON.stringify(found) : ((found as string | undefined) ?? null);
					},
				},
			},
			'what is at a path',
		],
		[
			'a path with an empty name',
			'path',
			{ path: { parsePath: (text) => path.parsePath(text.replaceAll('..', '.')) } },
			'a path is read as the reference reads it',
		],
		[
			'a path with a space',
			'path',
			{ path: { parsePath: (text) => path.parsePath(text.replaceAll(' ', '')) } },
			'a path is read as the reference reads it',
		],
		['a secret that is said', 'secret', saysSecret, 'nothing that is said of a secret repeats it'],
		[
			'a secret in the url-safe alphabet',
			'secret',
			{
				signingSecret: {
					readSigningSecret: (text) =>
						signingSecret.readSigningSecret(typeof text === 'string' ? text.replace(/(?<=.{9})[-_]/g, '+') : text),
				},
			},
			'a secret is read as the reference reads it',
		],
	])('%s', async (_, name, broken, rule) => {
		expect(await isFound(name, broken, rule)).toBe(true);
	});

	test('code that runs many more statements than there is to read', async () => {
		let statements = 0;
		const slow: Broken = {
			path: {
				parsePath: (text) => {
					statements += text.length ** 2;
					return path.parsePath(text);
				},
			},
		};
		const options = { statements: () => statements };
		expect(await isFound('path', slow, 'Error: no case runs many times more statements', options)).toBe(true);
	});
});

describe('what is broken in the memory of a node is found', () => {
	type Memory = InstanceType<Parts['history']['History']>;
	type Asked = Parameters<Memory['claim']>;
	const actual = <Name extends keyof Memory>(name: Name) => Reflect.get(history.History.prototype, name) as Memory[Name];
	const [claim, known, repeats] = [actual('claim'), actual('known'), actual('repeats')];

	afterEach(() => {
		jest.restoreAllMocks();
	});

	/** A memory in which something else is claimed, or whose claims do something else. */
	function claims(asked: (...args: Asked) => Asked, claimed: (made: Claim) => Partial<Claim> = () => ({})): Partial<Memory> {
		return {
			claim(this: Memory, ...args) {
				const made = claim.apply(this, asked(...args));
				return { ...made, ...claimed(made) };
			},
		};
	}

	const as = (...args: Asked): Asked => args;

	test.each<[string, Partial<Memory>]>([
		['nothing is remembered', claims((scope) => [scope, null, []])],
		['no user is remembered', claims((scope, id) => [scope, id, []])],
		[
			'the nodes are not told apart',
			{
				...claims((_, id, states) => ['', id, states]),
				known(this: Memory, _, ...rest) {
					return known.call(this, '', ...rest);
				},
				repeats(this: Memory, _, ...rest) {
					return repeats.call(this, '', ...rest);
				},
			},
		],
		['a failure is taken for a success', claims(as, (made) => ({ settle: (_, at) => made.settle(true, at) }))],
		['a success is taken for a failure', claims(as, (made) => ({ settle: (_, at) => made.settle(false, at) }))],
		['who hangs up has failed', claims(as, (made) => ({ abandon: (at) => made.settle(false, at) }))],
		['who hangs up has succeeded', claims(as, (made) => ({ abandon: (at) => made.settle(true, at) }))],
		['a deletion is forgotten', claims((scope, id, states) => [scope, id, states.filter(({ at }) => at !== Infinity)])],
		[
			'the order of states is that of their arrival',
			claims((scope, id, states) => [scope, id, states.map((state) => ({ ...state, at: state.at === Infinity ? Infinity : 0 }))]),
		],
		['ids are the same in any case of letters and digits', claims((scope, id, states) => [scope, id && 'msg', states])],
		[
			'what is in flight is not known',
			{
				known(this: Memory, ...args) {
					return { ...known.apply(this, args), inFlight: null };
				},
			},
		],
	])('%s', async (_, broken) => {
		for (const [name, method] of Object.entries(broken)) {
			jest.spyOn(history.History.prototype, name as 'claim').mockImplementation(method as Memory['claim']);
		}
		expect(await isFound('history', {}, 'a delivery is accepted unless it repeats something')).toBe(true);
	});
});

test.each(properties.filter(({ name }) => name !== 'n8n'))(
	'where nothing is broken, nothing is found: $name',
	async ({ name }) => {
		expect(await isFound(name, {}, '', { numRuns: 300 })).toBe(false);
	},
);
