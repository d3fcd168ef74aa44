import { isDeepStrictEqual } from 'node:util';

import { verifyDelivery } from '../../nodes/Clerk/trigger/delivery';
import { answerTo } from '../../nodes/Clerk/trigger/outcome';
import { signingKeysOf } from '../../nodes/Clerk/trigger/settings';
import { libraries, LIBRARIES, reasonsFor } from '../support/signatureLibraries';
import type { Attempt, Library, Verdict } from '../support/signatureLibraries';
import { NOW } from '../support/deliveries';
import { joined, listed, sentAttempt } from './attempts';
import type { Sent } from './attempts';
import type { Choices } from './choices';
import { clock, must, repeats } from './finding';
import type { Tally } from './finding';
import { judge, keyIn } from './reference';

/** What `isDeepStrictEqual`, which recurses, is asked about; a body that is deeper than that is longer. */
const COMPARABLE = 20_000;

/** HTTP carries no other characters in a header, and the last library takes no others. */
const isTransmissible = (headers: Record<string, string>) =>
	Object.values(headers).every((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value));

function shown({ secrets, body, toleranceSeconds }: Sent, headers: object) {
	return { secrets, headers, body: body?.toString('latin1') ?? null, toleranceSeconds };
}

/** One attempt: our answer against the rules said once more, and against the libraries. */
export async function signatureCase(choices: Choices, tally: Tally): Promise<number> {
	clock.now = NOW;
	const sent = sentAttempt(choices);
	const headers = joined(sent.lines);
	const given = choices.chance(0.1) ? listed(sent.lines) : headers;
	const detail = () => shown(sent, given);

	const keys = signingKeysOf({ signingSecret: sent.secrets[0], previousSigningSecret: sent.secrets[1] });
	const ours =
		'outcome' in keys ? keys : verifyDelivery({ headers: given, body: sent.body }, keys, sent.toleranceSeconds, clock.now);
	const code = 'outcome' in ours ? ours.code : 'accepted';
	tally(`answer: ${code}`);

	const right = judge({ ...sent, headers, now: clock.now });
	must('nothing passes without a valid signature', code !== 'accepted' || right.code === 'accepted', () => ({
		...detail(),
		right,
	}));
	must('the answer is that of the reference', code === right.code, () => ({ ...detail(), ours: code, right }));
	if ('outcome' in ours) {
		must(
			'the header that is named is the missing one',
			!('header' in ours) || ('header' in right && ours.header === right.header),
			detail,
		);
		const said = JSON.stringify(answerTo(ours)) + ('detail' in ours ? ours.detail : '');
		must('no answer repeats a secret', !sent.secrets.some((secret) => repeats(said, secret)), () => ({ ...detail(), said }));
	} else if ('id' in right) {
		must(
			'what is let in is what was signed',
			ours.id === right.id &&
				ours.sentAt === right.seconds * 1000 &&
				(sent.body === null || sent.body.length > COMPARABLE || isDeepStrictEqual(ours.envelope, right.envelope)),
			detail,
		);
	}
	await compareWithLibraries(sent, headers, code, tally);
	return (sent.body?.length ?? 0) + JSON.stringify(headers).length;
}

async function compareWithLibraries(sent: Sent, headers: Record<string, string>, code: string, tally: Tally): Promise<void> {
	// The libraries know one secret, one tolerance, and always have a body.
	const { body, secrets } = sent;
	if (body === null || sent.toleranceSeconds !== 300) return;
	if (secrets[1] !== '' && secrets.some((secret) => keyIn(secret) === null)) return;
	const attempts = secrets.filter((secret, index) => index === 0 || secret !== '').map((secret) => ({ secret, headers, body }));

	for (const library of LIBRARIES) {
		if (library === '@clerk/backend' && !isTransmissible(headers)) {
			tally('not put to @clerk/backend: HTTP could not carry it');
			continue;
		}
		const { theirs, on } = await ask(library, attempts);
		tally(`${library}: ${theirs}`);
		if (theirs === (code === 'accepted' ? 'pass' : 'refuse')) continue;
		const reasons = on.flatMap((attempt) => reasonsFor(attempt, library, theirs, code));
		for (const name of reasons) tally(`exception: ${library}: ${name}`);
		must(`no difference to ${library} is without a name`, reasons.length > 0, () => ({
			...shown(sent, headers),
			ours: code,
			theirs,
		}));
	}
}

/** What a library says that tries one secret after the other, and of which attempts it says so. */
async function ask(library: Library, attempts: readonly Attempt[]): Promise<{ theirs: Verdict; on: readonly Attempt[] }> {
	for (const attempt of attempts) {
		if ((await libraries[library](attempt)) === 'pass') return { theirs: 'pass', on: [attempt] };
	}
	return { theirs: 'refuse', on: attempts };
}
