import { createHmac } from 'node:crypto';

import type { Claim } from '../../nodes/Clerk/trigger/history';
import type * as BrokenModule from './broken';
import { now } from './broken';
import type { Broken, Parts } from './broken';
import { properties, propertyCalled } from './properties';
import { run } from './runner';
import type { Options } from './runner';

/**
 * Random inputs have to find what is broken. Here parts of the node are broken on purpose, one after
 * the other, and each has to be found, by the rule that is there for it.
 */

jest.mock('../../nodes/Clerk/events/payload', () => mockPart('payload', '../../nodes/Clerk/events/payload'));
jest.mock('../../nodes/Clerk/records/contact', () => mockPart('contact', '../../nodes/Clerk/records/contact'));
jest.mock('../../nodes/Clerk/records/path', () => mockPart('path', '../../nodes/Clerk/records/path'));
jest.mock('../../nodes/Clerk/trigger/history', () => mockPart('history', '../../nodes/Clerk/trigger/history'));
jest.mock('../../nodes/Clerk/records/items', () => mockPart('items', '../../nodes/Clerk/records/items'));
jest.mock('../../nodes/Clerk/trigger/outcome', () => mockPart('outcome', '../../nodes/Clerk/trigger/outcome'));
jest.mock('../../nodes/Clerk/trigger/signature', () => mockPart('signature', '../../nodes/Clerk/trigger/signature'));
jest.mock('../../nodes/Clerk/trigger/signingSecret', () => mockPart('signingSecret', '../../nodes/Clerk/trigger/signingSecret'));

function mockPart<Part extends keyof Parts>(part: Part, file: string): Parts[Part] {
	const { breakable } = jest.requireActual<typeof BrokenModule>('./broken');
	return breakable(part, jest.requireActual<Parts[Part]>(file));
}

const payload = jest.requireActual<Parts['payload']>('../../nodes/Clerk/events/payload');
const contact = jest.requireActual<Parts['contact']>('../../nodes/Clerk/records/contact');
const path = jest.requireActual<Parts['path']>('../../nodes/Clerk/records/path');
const { History } = jest.requireActual<Parts['history']>('../../nodes/Clerk/trigger/history');
const items = jest.requireActual<Parts['items']>('../../nodes/Clerk/records/items');
const outcome = jest.requireActual<Parts['outcome']>('../../nodes/Clerk/trigger/outcome');
const signature = jest.requireActual<Parts['signature']>('../../nodes/Clerk/trigger/signature');
const secrets = jest.requireActual<Parts['signingSecret']>('../../nodes/Clerk/trigger/signingSecret');

// Thousands of cases each, on a machine that may be busy.
jest.setTimeout(120_000);

/** Runs cases of one property, at most 10,000, until one breaks the rule, or throws another error whose text begins so. */
async function isFound(name: string, broken: Broken, rule: string, options: Options = {}): Promise<boolean> {
	now.broken = broken;
	const textOf = ({ name: type, message }: Error) => (type === 'AssertionError' ? message : `${type}: ${message}`);
	const isFailure = (error: Error) => textOf(error).startsWith(rule);
	try {
		const { failed } = await run(propertyCalled(name), { isFailure, seed: 1, numRuns: 10_000, endOnFailure: true, ...options });
		return failed;
	} finally {
		now.broken = {};
	}
}

/** Any rule will do. */
const ANY = '';

type Matches = Parts['signature']['signatureMatches'];
const rightMatch: Matches = (...args) => signature.signatureMatches(...args);
const matching = (signatureMatches: Matches): Broken => ({ signature: { signatureMatches } });

/** Compares each entry of the list with the right signature in another way. */
function comparing(isEqual: (candidate: string, expected: string) => boolean): Broken {
	const candidatesOf = (list: string) => list.split(' ').flatMap((entry) => /^v1,([^,]+)/.exec(entry)?.[1] ?? []);
	return matching((signed, body, keys) =>
		keys.some((key) => {
			const expected = createHmac('sha256', key).update(`${signed.id}.${signed.timestampText}.`).update(body).digest('base64');
			return candidatesOf(signed.signatures).some((candidate) => isEqual(candidate, expected));
		}),
	);
}

type Headers = Parameters<Parts['signature']['readSignedHeaders']>[0];
const headersAs = (change: (headers: Headers) => Headers): Broken => {
	return { signature: { readSignedHeaders: (headers) => signature.readSignedHeaders(change(headers)) } };
};
const toleranceAs = (change: (tolerance: number) => number): Broken => {
	return { signature: { checkTimestamp: (signed, tolerance, at) => signature.checkTimestamp(signed, change(tolerance), at) } };
};
const readingSecrets = (readSigningSecret: Parts['signingSecret']['readSigningSecret']): Broken => {
	return { signingSecret: { readSigningSecret } };
};

let lastSecret = '';
const saysSecret: Broken = {
	signingSecret: {
		readSigningSecret: (text) => {
			lastSecret = String(text);
			return secrets.readSigningSecret(text);
		},
		get secretProblems() {
			return { ...secrets.secretProblems, not_base64: `It is ${lastSecret}` };
		},
	},
};

const PASSES = 'nothing passes without a valid signature';
const DIFFERS = 'the answer is that of the reference';
const unpadded = (text: string) => text.replace(/=+$/, '');
const bytesOf = (text: string) => Buffer.from(text, 'base64');

describe('what is broken in the check of a signature is found', () => {
	test.each<[string, Broken, string]>([
		['everything passes', matching(() => true), PASSES],
		['nothing passes', matching(() => false), DIFFERS],
		[
			'only the first entry counts',
			matching((signed, ...rest) => rightMatch({ ...signed, signatures: signed.signatures.split(' ')[0] ?? '' }, ...rest)),
			DIFFERS,
		],
		['only the first key counts', matching((signed, body, keys) => rightMatch(signed, body, keys.slice(0, 1))), DIFFERS],
		[
			'the beginning of a signature is enough',
			comparing((candidate, expected) => expected.startsWith(candidate.slice(0, 40))),
			PASSES,
		],
		[
			'capital letters do not matter',
			comparing((candidate, expected) => candidate.toLowerCase() === expected.toLowerCase()),
			PASSES,
		],
		['padding does not matter', comparing((candidate, expected) => unpadded(candidate) === unpadded(expected)), PASSES],
		[
			'the bytes are compared, however they are written',
			comparing((candidate, expected) => bytesOf(candidate).equals(bytesOf(expected))),
			PASSES,
		],
		[
			'the body is taken for text',
			matching((signed, body, keys) => rightMatch(signed, Buffer.from(body.toString()), keys)),
			PASSES,
		],
		[
			'the body is trimmed',
			matching((signed, body, keys) => rightMatch(signed, Buffer.from(body.toString('latin1').trim(), 'latin1'), keys)),
			PASSES,
		],
		[
			'the timestamp is not signed',
			matching((signed, ...rest) => {
				return rightMatch(signed, ...rest) || rightMatch({ ...signed, timestampText: String(signed.timestamp) }, ...rest);
			}),
			PASSES,
		],
		['the window is open', { signature: { checkTimestamp: () => null } }, PASSES],
		['the window is a second too narrow', toleranceAs((tolerance) => tolerance - 1), DIFFERS],
		['the window is a second too wide', toleranceAs((tolerance) => tolerance + 1), PASSES],
		['the clock is read in milliseconds', toleranceAs((tolerance) => tolerance - 0.4), DIFFERS],
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
			headersAs((headers) => {
				const names = ['id', 'timestamp', 'signature'];
				return Object.fromEntries(names.map((name) => [`svix-${name}`, headers[`svix-${name}`] ?? headers[`webhook-${name}`]]));
			}),
			PASSES,
		],
		[
			'a list of header lines is not joined',
			headersAs((headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()[0]]))),
			DIFFERS,
		],
		[
			'a secret may have an empty key',
			readingSecrets((text) => (text === 'whsec_' ? { key: Buffer.alloc(0) } : secrets.readSigningSecret(text))),
			DIFFERS,
		],
		[
			'a secret may lack a character',
			readingSecrets((text) => {
				const read = secrets.readSigningSecret(text);
				return read.problem === 'not_base64' ? { key: bytesOf(String(text).replace('whsec_', '')) } : read;
			}),
			PASSES,
		],
		['what is wrong with a secret is said by repeating it', saysSecret, 'no answer repeats a secret'],
	])('%s', async (_, broken, rule) => {
		expect(await isFound('signature', broken, rule)).toBe(true);
	});
});

type Contact = ReturnType<Parts['contact']['userContact']>;
type Json = Readonly<Record<string, unknown>>;

/** A contact with something in it that should not be there. */
const contactWith = (change: (made: Contact, user: Json) => object): Broken => ({
	contact: {
		contactOf: (event, action, data, settings) => {
			const made = contact.contactOf(event, action, data, settings);
			return made && { ...made, ...change(made, data) };
		},
	},
});
const reading = (broken: Partial<Parts['payload']>): Broken => ({ payload: broken });
const textAs = (change: (text: string) => string | null | undefined): Broken => {
	return reading({
		textAt: (object, key) => {
			const text = payload.textAt(object, key);
			return text === null ? null : (change(text) ?? null);
		},
	});
};
type ToItems = Parts['items']['toItems'];
const making = (toItems: ToItems): Broken => ({ items: { toItems } });
let lastText = '';

describe('what is broken on the way from a delivery to its items is found', () => {
	afterEach(() => {
		Reflect.deleteProperty(Object.prototype, 'polluted');
	});

	test.each<[string, Broken, string]>([
		[
			'private metadata in a contact',
			contactWith((_, user) => ({ locale: (user['private_metadata'] as { plan?: string } | undefined)?.plan ?? null })),
			'nothing private is output',
		],
		[
			'a code in a contact',
			contactWith((made, user) => (typeof user['otp_code'] === 'string' ? { name: user['otp_code'] } : made)),
			'nothing private is output',
		],
		['a key that is not promised', contactWith(() => ({ notPromised: 'pro' })), 'every record is as promised'],
		['keys in another order', contactWith(({ email, ...rest }) => ({ ...rest, email })), ANY],
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
				objectAt: (object, key) => (object?.[key] ?? null) as Json | null,
				textAt: (object, key) => ((object as Record<string, string>)[key]?.trim() && (object?.[key] as string)) || null,
			}),
			'TypeError',
		],
		[
			'an expression that is taken out of a text',
			textAs((text) => text.replace(/\{\{.*\}\}/, '42')),
			'every text stands in the delivery just so',
		],
		['a text that is trimmed', textAs((text) => text.trim()), 'every text stands in the delivery just so'],
		['a text that is cut at a NUL', textAs((text) => text.split('\0')[0]), 'every text stands in the delivery just so'],
		[
			'lone surrogates that are replaced',
			textAs((text) => Buffer.from(text).toString()),
			'every text stands in the delivery just so',
		],
		[
			'a prototype that is written to',
			reading({
				objectAt: (object, key) => {
					const found = payload.objectAt(object, key);
					const inner = found?.['constructor'];
					if (inner !== undefined && typeof inner !== 'function') Object.assign(Object.prototype, { polluted: inner });
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
						lastText = typeof object?.['password'] === 'string' ? object['password'] : lastText;
						return payload.textAt(object, key);
					},
				},
			},
			'no answer and no log repeats what is private',
		],
		['a list for each output that is missing', making((...args) => items.toItems(...args).slice(1)), ANY],
		[
			'items with more than JSON',
			making((...args) => items.toItems(...args).map((list) => list.map((item) => ({ ...item, pairedItem: 0 })))),
			'an item is its JSON alone',
		],
		[
			'a raw delivery that nobody asked for',
			making((records, delivery, settings) => items.toItems(records, delivery, { ...settings, includeRaw: true })),
			'the raw delivery comes when asked for',
		],
		[
			'custom fields that were swapped',
			making((records, delivery, settings) => {
				const { customEventProperties: customContactFields, customContactFields: customEventProperties } = settings;
				return items.toItems(records, delivery, { ...settings, customContactFields, customEventProperties });
			}),
			'the keys are the promised ones, in order',
		],
	])('%s', async (_, broken, rule) => {
		expect(await isFound('webhook', broken, rule)).toBe(true);
	});
});

describe('what is broken in reading paths and secrets is found', () => {
	const throughPrototypes: Parts['path']['valueAt'] = (root, steps) => {
		let found = root as Record<string, unknown> | undefined;
		for (const step of steps) found = found?.[step] as Record<string, unknown> | undefined;
		return typeof found === 'object' ? JSON.stringify(found) : ((found as string | undefined) ?? null);
	};
	const typedAs = (change: (text: string) => string): Broken => ({ path: { parsePath: (text) => path.parsePath(change(text)) } });

	test.each<[string, string, Broken, string]>([
		['a path through a prototype', 'path', { path: { valueAt: throughPrototypes } }, 'what is at a path'],
		[
			'a path with an empty name',
			'path',
			typedAs((text) => text.replaceAll('..', '.')),
			'a path is read as the reference reads it',
		],
		['a path with a space', 'path', typedAs((text) => text.replaceAll(' ', '')), 'a path is read as the reference reads it'],
		['a secret that is said', 'secret', saysSecret, 'nothing that is said of a secret repeats it'],
		[
			'a secret in the url-safe alphabet',
			'secret',
			readingSecrets((text) => secrets.readSigningSecret(typeof text === 'string' ? text.replace(/(?<=.{9})[-_]/g, '+') : text)),
			'a secret is read as the reference reads it',
		],
	])('%s', async (_, name, broken, rule) => {
		expect(await isFound(name, broken, rule)).toBe(true);
	});

	test('code that runs many more statements than there is to read', async () => {
		let ran = 0;
		const slow = typedAs((text) => {
			ran += text.length ** 2;
			return text;
		});
		const rule = 'Error: no case runs many times more statements';
		expect(await isFound('path', slow, rule, { statements: () => ran })).toBe(true);
	});
});

describe('what is broken in the memory of a node is found', () => {
	type Memory = InstanceType<typeof History>;
	type Asked = Parameters<Memory['claim']>;
	const actual = <Name extends keyof Memory>(name: Name) => Reflect.get(History.prototype, name) as Memory[Name];
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
	const same = (...args: Asked): Asked => args;

	test.each<[string, Partial<Memory>]>([
		['nothing is remembered', claims((scope) => [scope, null, []])],
		['no user is remembered', claims((scope, id) => [scope, id, []])],
		[
			'the nodes share a memory',
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
		['a failure is taken for a success', claims(same, (made) => ({ settle: (_, at) => made.settle(true, at) }))],
		['a success is taken for a failure', claims(same, (made) => ({ settle: (_, at) => made.settle(false, at) }))],
		['who hangs up has failed', claims(same, (made) => ({ abandon: (at) => made.settle(false, at) }))],
		['who hangs up has succeeded', claims(same, (made) => ({ abandon: (at) => made.settle(true, at) }))],
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
			jest.spyOn(History.prototype, name as 'claim').mockImplementation(method as Memory['claim']);
		}
		expect(await isFound('history', {}, 'a delivery is accepted unless it repeats something')).toBe(true);
	});
});

test.each(properties.filter(({ name }) => name !== 'n8n'))(
	'where nothing is broken, nothing is found: $name',
	async ({ name }) => {
		expect(await isFound(name, {}, ANY, { numRuns: 300 })).toBe(false);
	},
);
