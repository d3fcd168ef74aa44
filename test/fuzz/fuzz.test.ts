import fc from 'fast-check';

// Before the tests: it gives n8n a folder of its own, and takes it away again.
import '../support/n8nContext';
import { exceptions, LIBRARIES } from '../support/signatureLibraries';
import { properties, propertyCalled } from './properties';
import { run } from './runner';

/** What `npm run fuzz` was asked for; see scripts/fuzz.mjs. */
interface Asked {
	readonly cases: number;
	readonly seed: number;
	readonly property?: string;
	readonly path?: string;
}

const { CLERK_SYNC_FUZZ: asked } = process.env;
const { cases, seed, property: only, path } = JSON.parse(asked ?? '{"cases":20000,"seed":20261005}') as Asked;
/** Each of the processes of `npm run fuzz` has other cases. */
const { shard = 0, shards = 1 } = globalThis as { shard?: number; shards?: number };
const ownSeed = seed + shard;

jest.setTimeout(6 * 3_600_000);

const counts = new Map<string, number>();
const met = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
const chosen = only === undefined ? properties : [propertyCalled(only)];
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
const casesOf = (share: number) => Math.ceil((cases / shards) * (share / shares));

describe(`A2, A7: ${cases.toLocaleString('en')} cases, seed ${seed}`, () => {
	test.each(chosen)('$name: nothing is thrown, accepted or different that should not be', async (property) => {
		const numRuns = path === undefined ? casesOf(property.share) : 1;
		const details = await run(property, { met, seed: ownSeed, numRuns, includeErrorInReport: true, ...(path && { path }) });
		if (!details.failed) return expect(details.numRuns).toBe(numRuns);
		const again = `npm run fuzz -- --property=${property.name} --seed=${ownSeed} --path=${details.counterexamplePath?.split(':')[0]}`;
		throw new Error(`${fc.defaultReportMessage(details)}\n\nTo run this case again: ${again}`);
	});
});

// Which cases a seed gives is known for the ones of npm test alone.
if (asked === undefined)
	describe('the cases reach what they are for', () => {
		// Were most of them refused at once, little would be shown.
		test.each<[string, number]>([
			['signature: answer: accepted', 0.1],
			['signature: answer: signature_mismatch', 0.1],
			...LIBRARIES.flatMap((library) =>
				['pass', 'refuse'].map((verdict): [string, number] => [`signature: ${library}: ${verdict}`, 0.1]),
			),
			['webhook: answer: accepted', 0.3],
			['path: path: read', 0.4],
			['parameters: activation: goes through', 0.2],
			['parameters: activation: refused', 0.2],
		])('%s: often enough to mean something', (what, least) => {
			const { share = 0 } = properties.find(({ name }) => what.startsWith(`${name}:`)) ?? {};
			expect(counts.get(what) ?? 0).toBeGreaterThan(casesOf(share) * least);
		});

		test.each([
			'signature: answer: accepted',
			'signature: answer: body_not_json',
			'signature: answer: body_not_object',
			'signature: answer: body_unreadable',
			'signature: answer: header_missing',
			'signature: answer: secret_unusable',
			'signature: answer: signature_mismatch',
			'signature: answer: timestamp_malformed',
			'signature: answer: timestamp_too_new',
			'signature: answer: timestamp_too_old',
			'signature: answer: type_missing',
			'webhook: answer: accepted',
			'webhook: answer: contact_without_email',
			'webhook: answer: credential_missing',
			'webhook: answer: event_not_selected',
			'webhook: answer: not_stored',
			'webhook: answer: nothing_for_output',
			'webhook: answer: other_instance',
			'webhook: answer: secret_unusable',
			'webhook: answer: settings_unreadable',
			'webhook: answer: test_user',
			'webhook: answer: workflow_failed',
			'history: accepted',
			'history: duplicate',
			'history: stale',
			'history: same_in_flight',
			'history: newer_in_flight',
			'history: older_in_flight',
			'history: accepted late',
			'n8n: answer: accepted',
		])('%s: it occurs', (what) => {
			expect(counts.get(what) ?? 0).toBeGreaterThan(0);
		});

		// Any other difference fails the property.
		test('A2: the same answers as svix 1 and 2, standardwebhooks and Clerk, but for the named exceptions, each of which is met', () => {
			const named = exceptions.flatMap(({ name, libraries }) =>
				libraries.map((library) => `signature: exception: ${library}: ${name}`),
			);
			expect(named.filter((name) => !counts.has(name))).toEqual([]);
		});
	});
