import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

import { verifyDelivery } from '../../../nodes/Clerk/trigger/delivery';
import { answerTo } from '../../../nodes/Clerk/trigger/outcome';
import { signingKeysOf } from '../../../nodes/Clerk/trigger/settings';
import { NOW } from '../../support/deliveries';
import { libraries, LIBRARIES, reasonsFor } from '../../support/signatureLibraries';
import type { Attempt, Library, Verdict } from '../../support/signatureLibraries';
import { sometimes } from '../arbitraries/hostile';
import { joined, listed, signedRequest } from '../arbitraries/requests';
import type { SignedRequest } from '../arbitraries/requests';
import { clock, property, repeats } from '../property';
import { judge, keyIn } from '../reference';
import fc from 'fast-check';

/** What `isDeepStrictEqual`, which recurses, can compare; a body that is nested deeper is longer. */
const COMPARABLE = 20_000;

/** HTTP carries no other characters in a header, and `Request` takes no others. */
const isTransmissible = (headers: Record<string, string>) =>
	Object.values(headers).every((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value));

/** Our answer to a request against the reference, and against the libraries. */
export const signatureProperty = property(
	'signature',
	440,
	fc.tuple(signedRequest, sometimes(10)),
	async ([sent, asLists], met) => {
		clock.now = NOW;
		const headers = joined(sent.lines);
		const given = asLists ? listed(sent.lines) : headers;
		const keys = signingKeysOf({ signingSecret: sent.secrets[0], previousSigningSecret: sent.secrets[1] });
		const ours =
			'outcome' in keys ? keys : verifyDelivery({ headers: given, body: sent.body }, keys, sent.toleranceSeconds, clock.now);
		const code = 'outcome' in ours ? ours.code : 'accepted';
		met(`answer: ${code}`);

		const right = judge({ ...sent, headers, now: clock.now });
		assert(code !== 'accepted' || right.code === 'accepted', 'nothing passes without a valid signature');
		assert(code === right.code, `the answer is that of the reference: ${code}, not ${right.code}`);
		if ('outcome' in ours) {
			const named = !('header' in ours) || ('header' in right && ours.header === right.header);
			assert(named, 'the header that is named is the missing one');
			const said = JSON.stringify(answerTo(ours)) + ('detail' in ours ? ours.detail : '');
			assert(!sent.secrets.some((secret) => repeats(said, secret)), 'no answer repeats a secret');
		} else if ('id' in right) {
			assert(ours.id === right.id && ours.sentAt === right.seconds * 1000, 'what is accepted is what was signed');
			const tooLong = sent.body === null || sent.body.length > COMPARABLE;
			assert(tooLong || isDeepStrictEqual(ours.envelope, right.envelope), 'what is accepted is what was signed');
		}
		await compareWithLibraries(sent, headers, code, met);
		return (sent.body?.length ?? 0) + JSON.stringify(headers).length;
	},
);

async function compareWithLibraries(
	{ body, secrets, toleranceSeconds }: SignedRequest,
	headers: Record<string, string>,
	code: string,
	met: (what: string) => void,
): Promise<void> {
	// The libraries know one secret, one tolerance, and always have a body.
	if (body === null || toleranceSeconds !== 300) return;
	if (secrets[1] !== '' && secrets.some((secret) => keyIn(secret) === null)) return;
	const attempts = secrets.filter((secret, index) => index === 0 || secret !== '').map((secret) => ({ secret, headers, body }));
	for (const library of LIBRARIES) {
		if (library === '@clerk/backend' && !isTransmissible(headers)) continue;
		const { theirs, on } = await ask(library, attempts);
		met(`${library}: ${theirs}`);
		if (theirs === (code === 'accepted' ? 'pass' : 'refuse')) continue;
		const reasons = on.flatMap((attempt) => reasonsFor(attempt, library, theirs, code));
		// Where several apply, nothing says which of them is the library's reason.
		if (reasons.length === 1) met(`exception: ${library}: ${reasons[0]}`);
		assert(reasons.length > 0, `no difference to ${library} is without a name: ${theirs}, while we say ${code}`);
	}
}

/** What a library says that tries one secret after the other, and of which attempts it says so. */
async function ask(library: Library, attempts: readonly Attempt[]): Promise<{ theirs: Verdict; on: readonly Attempt[] }> {
	const { stackTraceLimit } = Error;
	// The libraries make thousands of errors a second, and most of the time would go into their stacks.
	Error.stackTraceLimit = 0;
	try {
		for (const attempt of attempts) {
			if ((await libraries[library](attempt)) === 'pass') return { theirs: 'pass', on: [attempt] };
		}
		return { theirs: 'refuse', on: attempts };
	} finally {
		Error.stackTraceLimit = stackTraceLimit;
	}
}
