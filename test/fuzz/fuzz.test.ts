import { exceptions } from '../support/signatureLibraries';
import { prepared, runBlock } from './engine';
import { useOwnFolder } from './inN8n';
import { kinds } from './kinds';
import { CASES_PER_BLOCK, DEFAULT_SEED, emptyReport, told } from './report';

const CASES = 20_000;

/** `npm run fuzz` runs a million of them, led by which branches they take; here they are drawn blindly. */
describe(`A2, A7: ${CASES.toLocaleString('en')} cases, seed ${DEFAULT_SEED}`, () => {
	const report = emptyReport();

	beforeAll(async () => {
		const removeFolder = useOwnFolder();
		try {
			await prepared(async () => {
				for (let block = 0; block * CASES_PER_BLOCK < CASES; block++) {
					await runBlock(report, { seed: DEFAULT_SEED, block, cases: CASES_PER_BLOCK });
				}
			});
		} finally {
			removeFolder();
		}
	}, 300_000);

	test('nothing is thrown, nothing passes without a valid signature, and nothing differs without a name', () => {
		expect(report.failures.map(told).join('\n\n')).toBe('');
		expect(report.cases).toBe(CASES);
	});

	test.each(kinds)('$name: as many as they should be', ({ name, share }) => {
		const all = kinds.reduce((sum, kind) => sum + kind.share, 0);
		expect((report.kinds[name]?.cases ?? 0) / CASES).toBeCloseTo(share / all, 1);
		expect(report.kinds[name]?.cases).toBeGreaterThan(50);
	});

	// Were most of them refused at the door, little would be shown.
	test.each([
		['signature: answer: accepted', 0.1],
		['signature: answer: signature_mismatch', 0.1],
		['walk: answer: accepted', 0.3],
		['path: path: read', 0.4],
		['parameters: activation: goes through', 0.2],
		['parameters: activation: refused', 0.2],
	])('%s: often enough to mean something', (what, share) => {
		const cases = report.kinds[what.split(':')[0] ?? '']?.cases ?? 0;
		expect(report.counts[what] ?? 0).toBeGreaterThan(cases * share);
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
		'walk: answer: accepted',
		'walk: answer: contact_without_email',
		'walk: answer: credential_missing',
		'walk: answer: event_not_selected',
		'walk: answer: not_stored',
		'walk: answer: nothing_for_output',
		'walk: answer: other_instance',
		'walk: answer: secret_unusable',
		'walk: answer: settings_unreadable',
		'walk: answer: test_user',
		'walk: answer: workflow_failed',
		'history: history: accepted',
		'history: history: duplicate',
		'history: history: stale',
		'history: history: same_in_flight',
		'history: history: newer_in_flight',
		'history: history: older_in_flight',
		'history: history: accepted late',
		'n8n: answer: accepted',
	])('%s: it occurs', (what) => {
		expect(report.counts[what] ?? 0).toBeGreaterThan(0);
	});

	test('every named exception is met', () => {
		const met = Object.keys(report.counts).map((what) => what.replace(/^signature: exception: /, ''));
		const named = exceptions.flatMap(({ name, libraries }) => libraries.map((library) => `${library}: ${name}`));
		expect(named.filter((name) => !met.includes(name))).toEqual([]);
	});
});
