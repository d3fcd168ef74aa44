import { NOW, SECRET } from '../support/deliveries';
import { keyOf, sign } from '../support/signatureLibraries';
import type { Choices } from './choices';
import { clock, must } from './finding';
import type { Tally } from './finding';
import { text } from './hostile';
import { receive } from './node';
import type { Received } from './node';

/**
 * Several deliveries to one node, some of them the same or older, which n8n answers sooner or later
 * or never. What the node remembers is held against a model that keeps everything in lists and looks
 * through them.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Step {
	readonly id: string;
	readonly userId: string;
	readonly type: string;
	/** When the user came to be so, milliseconds since 1970. */
	readonly at: number;
}

interface Past extends Step {
	/** When it was answered with success, milliseconds since 1970; null while it is open, or failed. */
	succeededAt: number | null;
	open: boolean;
	/** When it counts as open no longer, if its sender has hung up. */
	heldUntil: number;
	readonly received: Received;
}

const isAbout = ({ type }: Step) => type !== 'role.created';
/** A deletion is newer than anything. */
const newness = ({ type, at }: Step) => (type === 'user.deleted' ? Infinity : Math.floor(at));

interface Rules {
	readonly duplicates: boolean;
	readonly outOfDate: boolean;
	readonly oneAtATime: boolean;
}

/** What the node may answer. More than one where it may have forgotten: after two days it is free to. */
function expected(step: Step, past: readonly Past[], rules: Rules): string[] {
	const open = past.filter((other) => other.open && clock.now < other.heldUntil);
	const done = past.filter(({ succeededAt }) => succeededAt !== null);
	const fresh = ({ succeededAt }: Past) => succeededAt !== null && clock.now - succeededAt < 48 * HOUR;
	const same = rules.duplicates ? done.filter(({ id }) => id === step.id) : [];
	if (same.some(fresh)) return ['duplicate'];
	const answers: string[] = same.length > 0 ? ['duplicate'] : [];
	if (rules.duplicates && open.some(({ id }) => id === step.id)) return [...answers, 'same_in_flight'];
	if (!rules.outOfDate || !isAbout(step)) return [...answers, 'accepted'];

	const ofUser = (other: Past) => isAbout(other) && other.userId === step.userId;
	const newer = (other: Past) => ofUser(other) && newness(other) > newness(step);
	const ends = (other: Past) => ofUser(other) && other.type === 'user.deleted';
	// A sign-up is late, but comes in; only a deletion keeps it out.
	const signsUp = step.type === 'user.created';
	const older = step.type === 'user.deleted' ? [] : done.filter(newer);
	const answer = (known: readonly Past[]): string => {
		if (known.some(ends)) return 'stale';
		if (open.some(ends) && step.type !== 'user.deleted') return 'newer_in_flight';
		if (known.length > 0 && !signsUp) return 'stale';
		if (known.length > 0) return 'accepted late';
		if (!signsUp && open.some(newer) && step.type !== 'user.deleted') return 'newer_in_flight';
		if (open.some(newer) && step.type !== 'user.deleted') return 'accepted late';
		return rules.oneAtATime && open.some(ofUser) ? 'older_in_flight' : 'accepted';
	};
	return [...answers, ...new Set([answer(older.filter(fresh)), answer(older)])];
}

let sequences = 0;
/** When the last sequence ended: the clock of a process doesn't go back by days. */
let latest = NOW;

export async function sequenceCase(choices: Choices, tally: Tally): Promise<number> {
	clock.now = latest + HOUR;
	const started = clock.now;
	const acknowledge = choices.pick(['onReceived', 'lastNode'] as const);
	const rules: Rules = {
		duplicates: !choices.chance(0.1),
		outOfDate: !choices.chance(0.1),
		oneAtATime: acknowledge === 'lastNode',
	};
	const parameters = {
		events: ['*'],
		options: {
			contactsWithoutEmail: 'pass',
			skipDuplicates: rules.duplicates,
			skipOutOfDate: rules.outOfDate,
			acknowledge,
		},
	};
	const nodeId = `sequence_${sequences++}`;
	const strange = text(choices);
	const past: Past[] = [];
	const story: unknown[] = [];
	const detail = () => ({ started, parameters, story });

	for (let count = choices.between(2, 14); count > 0; count--) {
		const before = choices.chance(0.3) ? past.filter(({ open }) => open) : [];
		if (before.length > 0) {
			settleLater(choices.pick(before), choices, story);
			continue;
		}
		if (choices.chance(0.3)) {
			clock.now += choices.oneOf(
				[4, () => choices.below(20_000)],
				[3, () => choices.below(10 * MINUTE)],
				[2, () => choices.below(30 * HOUR)],
				[1, () => choices.below(60 * HOUR)],
				[1, () => 24 * HOUR],
				[1, () => 48 * HOUR],
			);
		}
		const step: Step = {
			id: `msg_${choices.below(4)}`,
			userId: choices.oneOf([8, () => `user_${choices.below(2)}`], [1, () => `user_${strange}`]),
			type: choices.pick(['user.updated', 'user.created', 'user.deleted', 'role.created']),
			at: started + choices.between(-2, 2) * (choices.chance(0.1) ? 0.25 : 1000),
		};
		const right = expected(step, past, rules);
		const received = await receive(requestOf(step), { parameters, credential: { signingSecret: SECRET }, nodeId });
		const answer = received.response.sent[0] as { body: { code: string } } | undefined;
		const got = received.items === null ? (answer?.body.code ?? 'none') : isLate(step, received) ? 'accepted late' : 'accepted';
		story.push({ ...step, after: clock.now - started, got, right });
		tally(`history: ${got}`);
		must('a delivery is let in unless it repeats something', right.includes(got), detail);
		if (received.items === null) continue;
		const entry: Past = { ...step, received, succeededAt: null, open: true, heldUntil: Infinity };
		past.push(entry);
		if (!choices.chance(0.25)) settleLater(entry, choices, story);
	}
	latest = clock.now;
	// Nothing stays open: a process that forgets nothing grows.
	for (const { received } of past.filter(({ open }) => open)) received.response.status(500).json(undefined);
	return 2000;
}

/** Whether the contact of a sign-up lacks what could be out of date. */
function isLate({ type }: Step, { items }: Received): boolean {
	const contact = Object(items?.[0]?.[0]?.json['contact'] ?? {}) as object;
	return type === 'user.created' && !Object.hasOwn(contact, 'updatedAt');
}

/** What n8n or the sender does about a delivery that was let in. */
function settleLater(entry: Past, choices: Choices, story: unknown[]): void {
	const { response } = entry.received;
	const what = choices.pick(['succeeds', 'fails', 'hangs up', 'succeeds without a word', 'fails without a word'] as const);
	story.push({ id: entry.id, what });
	const byWord = what === 'succeeds' || what === 'fails';
	// Of a connection that is gone, only n8n's answer tells anything.
	if (response.closed && !byWord) return;
	if (what === 'hangs up') {
		response.hangUp();
		entry.heldUntil = clock.now + 24 * HOUR;
		return;
	}
	const succeeds = what.startsWith('succeeds');
	entry.open = false;
	if (succeeds) entry.succeededAt = clock.now;
	response.status(succeeds ? 200 : 500);
	if (!byWord) {
		response.end();
		return;
	}
	response.json(undefined);
	const words = response.sent.at(-1)?.body as { outcome: string } | undefined;
	must('n8n answers in our words', words?.outcome === (succeeds ? 'accepted' : 'failed'), () => ({ story, words }));
}

function requestOf({ id, userId, type, at }: Step) {
	const data = { id: userId, object: 'user', updated_at: at, created_at: at };
	const body = Buffer.from(JSON.stringify({ type, object: 'event', data, timestamp: at }));
	const timestamp = String(Math.floor(clock.now / 1000));
	const headers = {
		'svix-id': id,
		'svix-timestamp': timestamp,
		'svix-signature': sign(keyOf(SECRET), id, timestamp, body),
	};
	return { headers, body };
}
