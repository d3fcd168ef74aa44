import { seal } from '../../../nodes/Clerk/trigger/sealing';
import { CREDENTIAL_MS } from '../../../nodes/Clerk/trigger/settings';
import { KEEP_MS, MOST_KEPT, RECHECK_MS, verify } from '../../../nodes/Clerk/trigger/verification';
import type { Received } from '../../../nodes/Clerk/trigger/delivery';
import { contextOf, receive } from '../../fuzz/node';
import type { Given } from '../../fuzz/node';
import { NOW, OTHER_SECRET, SECRET, signed } from '../../support/deliveries';

let nodes = 0;

/** A node with a credential that somebody may change, and how often it was read. */
class Node {
	reads = 0;
	/** n8n never gives the credential. */
	hangs = false;
	given: Given;

	constructor(given: Partial<Given> = {}) {
		this.given = {
			nodeId: `verification ${nodes++}`,
			parameters: {},
			credential: { signingSecret: SECRET },
			credentialIds: { clerkWebhookApi: 'cr_1', clerkApi: 'cr_2' },
			...given,
		};
	}

	set(given: Partial<Given>): this {
		this.given = { ...this.given, ...given };
		return this;
	}

	/** What is said to a delivery that this secret signed; `null` where it is accepted. */
	async asks(secret = SECRET, { at = Date.now() } = {}): Promise<string | null> {
		const body = '{"type":"user.created","data":{"id":"user_1"}}';
		const received: Received = { headers: signed(body, { secret, at }), body: Buffer.from(body) };
		const { context } = contextOf(received, this.given);
		const read = context.getCredentials.bind(context);
		context.getCredentials = async <T extends object>(name: string) => {
			this.reads++;
			if (this.hangs) await new Promise(() => {});
			return await read<T>(name);
		};
		const delivery = await verify(context, context.getNode(), received, 300);
		return 'outcome' in delivery ? delivery.code : null;
	}
}

const later = (milliseconds: number) => jest.setSystemTime(Date.now() + milliseconds);

beforeEach(() => jest.useFakeTimers({ now: NOW }));
afterEach(() => jest.useRealTimers());

test('the two spans are those that the documentation names', () => {
	expect([KEEP_MS, RECHECK_MS]).toEqual([5000, 1000]);
});

test('in a rush of deliveries the credential is read once in five seconds', async () => {
	const node = new Node();
	for (let delivery = 0; delivery < 100; delivery++) {
		expect(await node.asks()).toBeNull();
		later(100);
	}
	expect(node.reads).toBe(2);
});

test('deliveries that come in together have it read once', async () => {
	const node = new Node();
	expect(await Promise.all(Array.from({ length: 32 }, async () => await node.asks()))).toEqual(Array(32).fill(null));
	expect(node.reads).toBe(1);
	later(KEEP_MS);
	expect(await Promise.all([node.asks(OTHER_SECRET), node.asks()])).toEqual(['signature_mismatch', null]);
	expect(node.reads).toBe(2);
});

const ONE = { signingSecret: SECRET };
const OTHER = { signingSecret: OTHER_SECRET };
const BROKEN = { signingSecret: 'sk_test_1' };

/** What is said to a delivery that this secret signed, so many milliseconds after the step before, to a node with this credential. */
const step = (after: number, credential: Given['credential'], secret: string, said: string | null = null) => ({
	after,
	credential,
	secret,
	said,
});
const first = step(0, ONE, SECRET);
const isGone = (after: number) => step(after, OTHER, SECRET, 'signature_mismatch');
const inUse = Array.from({ length: KEEP_MS / 500 - 1 }, () => step(500, OTHER, SECRET));
const broken = step(RECHECK_MS, BROKEN, OTHER_SECRET, 'secret_unusable');
const previously = (credential: object) => ({ ...credential, previousSigningSecret: SECRET });

test.each([
	[
		'a new one counts within a second, also where another one was just right',
		[first, step(RECHECK_MS, OTHER, OTHER_SECRET), isGone(0)],
	],
	['one that was taken away counts for five seconds at most', [first, step(KEEP_MS - 1, OTHER, SECRET), isGone(1)]],
	['being used does not make it last', [first, ...inUse, isGone(500)]],
	['nor does a clock that is set back', [first, isGone(-60_000)]],
	['one that breaks is said so as soon as it is read', [first, broken, step(0, BROKEN, SECRET, 'secret_unusable')]],
	['and counts within a second once it is mended', [first, broken, step(RECHECK_MS, ONE, SECRET)]],
	[
		'one that was broken beside a previous one is found again once it is mended',
		[step(0, previously(BROKEN), OTHER_SECRET, 'secret_unusable'), step(RECHECK_MS, previously(OTHER), OTHER_SECRET)],
	],
])('A6: a secret that changes: %s', async (_, steps) => {
	const node = new Node();
	for (const { after, credential, secret, said } of steps) {
		later(after);
		expect(await node.set({ credential }).asks(secret)).toBe(said);
	}
});

test('of forged deliveries one in a second has the credential read', async () => {
	const node = new Node();
	for (let delivery = 0; delivery < 100; delivery++) {
		expect(await node.asks(OTHER_SECRET)).toBe('signature_mismatch');
		later(50);
	}
	expect(node.reads).toBe(5);
});

test.each<[string, Partial<Given>]>([
	['has no usable secret', { credential: { signingSecret: '' } }],
	['cannot be read', { credential: null }],
])('where the credential %s, it is read once in a second', async (_, given) => {
	const node = new Node(given);
	for (let delivery = 0; delivery < 100; delivery++) {
		expect(await node.asks()).not.toBeNull();
		later(50);
	}
	expect(node.reads).toBe(5);
});

test('a credential that n8n never gives is answered before Clerk hangs up, and holds up no later delivery', async () => {
	expect(CREDENTIAL_MS).toBeLessThan(15_000);
	const node = new Node();
	node.hangs = true;
	const answers = Promise.all([node.asks(), node.asks()]);
	await jest.advanceTimersByTimeAsync(CREDENTIAL_MS);
	expect(await answers).toEqual(['credential_missing', 'credential_missing']);
	expect(node.reads).toBe(1);
	node.hangs = false;
	expect(await node.asks()).toBeNull();
});

test('what is wrong in another way does not read the credential again', async () => {
	const node = new Node();
	expect(await node.asks()).toBeNull();
	later(RECHECK_MS);
	expect(await node.asks(OTHER_SECRET, { at: Date.now() - 3_600_000 })).toBe('timestamp_too_old');
	expect(node.reads).toBe(1);
});

describe('keys are kept for one node and one credential', () => {
	test.each<[string, Partial<Given>]>([
		['another node', { nodeId: 'another' }],
		['another credential', { credentialIds: { clerkWebhookApi: 'cr_9' } }],
		['the other endpoint setup', { parameters: { endpointSetup: 'automatic' } }],
	])('%s has its own', async (_, changed) => {
		const node = new Node();
		expect(await node.asks()).toBeNull();
		node.set({ credential: { signingSecret: OTHER_SECRET }, ...changed });
		expect(await node.asks()).not.toBeNull();
		expect(node.reads).toBe(2);
	});

	test.each<[string, Partial<Given>]>([
		['in the editor, where secrets are tried', { mode: 'manual' }],
		['where n8n names no credential', { credentialIds: {} }],
	])('none are kept %s', async (_, given) => {
		const node = new Node(given);
		expect(await node.asks()).toBeNull();
		node.set({ credential: { signingSecret: OTHER_SECRET } });
		expect(await node.asks()).toBe('signature_mismatch');
		expect(node.reads).toBe(2);
	});

	test('of many nodes too; where there are too many, the one that was read first is forgotten', async () => {
		const many = Array.from({ length: MOST_KEPT }, () => new Node());
		const reads = () => many.reduce((sum, node) => sum + node.reads, 0);
		for (let round = 0; round < 3; round++) for (const node of many) expect(await node.asks()).toBeNull();
		expect(reads()).toBe(MOST_KEPT);
		await new Node().asks();
		for (const node of many.slice(1)) await node.asks();
		expect(reads()).toBe(MOST_KEPT);
		await many[0]?.asks();
		expect(reads()).toBe(MOST_KEPT + 1);
	});
});

test('where the node registered its endpoint, a new registration counts at once', async () => {
	const secretKey = 'sk_test_1234567890abcdefghij';
	const node = new Node({ credential: null, apiCredential: { secretKey }, parameters: { endpointSetup: 'automatic' } });
	const sealed = (secret: string) => ({ sealedSigningSecret: seal(secret, secretKey, `wf_1/${node.given.nodeId}`) });
	node.set({ staticData: sealed(SECRET) });
	expect(await node.asks()).toBeNull();
	expect(await node.asks()).toBeNull();
	expect(node.reads).toBe(1);
	node.set({ staticData: sealed(OTHER_SECRET) });
	expect(await node.asks()).toBe('signature_mismatch');
	expect(await node.asks(OTHER_SECRET)).toBeNull();
	node.set({ staticData: {} });
	expect(await node.asks(OTHER_SECRET)).toBe('not_registered');
});

test('the node asks here: its second delivery reads no credential', async () => {
	const node = new Node();
	const body = '{"type":"user.created","data":{"id":"user_1"}}';
	const request = { headers: signed(body, { at: Date.now() }), body: Buffer.from(body) };
	const given = { ...node.given, parameters: { events: [] } };
	const first = await receive(request, given);
	expect(first.response.sent[0]?.body).toMatchObject({ outcome: 'ignored' });
	const second = await receive(request, { ...given, credential: null });
	expect(second.response.sent[0]?.body).toMatchObject({ outcome: 'ignored' });
});
