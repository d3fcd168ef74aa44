import assert from 'node:assert/strict';
import fc from 'fast-check';

import { NOW, SECRET } from '../../support/deliveries';
import { keyOf, sign } from '../../support/signatureLibraries';
import { fraction, sometimes, text, weighted } from '../arbitraries/hostile';
import { receive } from '../node';
import type { Received } from '../node';
import { clock, property } from '../property';

/**
 * Several deliveries to one node, some of them the same or older, which n8n answers sooner or later
 * or never. What the node remembers is compared with a model that keeps everything in a list and
 * looks through it.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Delivery {
	readonly id: string;
	readonly userId: string;
	readonly type: string;
	/** The time of the user's state, in milliseconds since the sequence began. */
	readonly at: number;
}

interface Past extends Delivery {
	/** When it was answered with success, in milliseconds since 1970; null while it is open, or failed. */
	succeededAt: number | null;
	open: boolean;
	/** When it no longer counts as open, if its sender disconnected. */
	openUntil: number;
}

interface Rules {
	readonly duplicates: boolean;
	readonly outOfDate: boolean;
	readonly oneAtATime: boolean;
}

interface Model {
	readonly rules: Rules;
	readonly started: number;
	/** Those that were accepted. */
	readonly past: Past[];
}

interface Real {
	readonly parameters: Record<string, unknown>;
	readonly nodeId: string;
	/** In the order of the model's past. */
	readonly received: Received[];
	readonly met: (what: string) => void;
}

const isAbout = ({ type }: Delivery) => type !== 'role.created';
/** A deletion is newer than anything. */
const newness = ({ type, at }: Delivery) => (type === 'user.deleted' ? Infinity : Math.floor(at));

/** What the node may answer. More than one where it may have forgotten: after two days it is free to. */
function expected(delivery: Delivery, { past, rules }: Model): string[] {
	const open = past.filter((other) => other.open && clock.now < other.openUntil);
	const done = past.filter(({ succeededAt }) => succeededAt !== null);
	const fresh = ({ succeededAt }: Past) => succeededAt !== null && clock.now - succeededAt < 48 * HOUR;
	const same = rules.duplicates ? done.filter(({ id }) => id === delivery.id) : [];
	if (same.some(fresh)) return ['duplicate'];
	const answers: string[] = same.length > 0 ? ['duplicate'] : [];
	if (rules.duplicates && open.some(({ id }) => id === delivery.id)) return [...answers, 'same_in_flight'];
	if (!rules.outOfDate || !isAbout(delivery)) return [...answers, 'accepted'];

	const ofUser = (other: Past) => isAbout(other) && other.userId === delivery.userId;
	const newer = (other: Past) => ofUser(other) && newness(other) > newness(delivery);
	const deletes = (other: Past) => ofUser(other) && other.type === 'user.deleted';
	// A late sign-up is accepted without what is out of date; only a deletion makes all of it stale.
	const isSignUp = delivery.type === 'user.created';
	const isDeletion = delivery.type === 'user.deleted';
	const older = isDeletion ? [] : done.filter(newer);
	const answer = (known: readonly Past[]): string => {
		if (known.some(deletes)) return 'stale';
		if (open.some(deletes) && !isDeletion) return 'newer_in_flight';
		if (known.length > 0) return isSignUp ? 'accepted late' : 'stale';
		if (open.some(newer) && !isDeletion) return isSignUp ? 'accepted late' : 'newer_in_flight';
		return rules.oneAtATime && open.some(ofUser) ? 'older_in_flight' : 'accepted';
	};
	return [...answers, ...new Set([answer(older.filter(fresh)), answer(older)])];
}

/** Whether the contact of a sign-up lacks what could be out of date. */
function isLate({ type }: Delivery, { items }: Received): boolean {
	const contact = Object(items?.[0]?.[0]?.json['contact'] ?? {}) as object;
	return type === 'user.created' && !Object.hasOwn(contact, 'updatedAt');
}

type Command = fc.AsyncCommand<Model, Real>;

class Deliver implements Command {
	constructor(private readonly delivery: Delivery) {}

	check = () => true;

	async run(model: Model, { parameters, nodeId, received: all, met }: Real): Promise<void> {
		const right = expected(this.delivery, model);
		const received = await receive(requestOf(this.delivery, model.started), {
			parameters,
			credential: { signingSecret: SECRET },
			nodeId,
		});
		const answer = received.response.sent[0] as { body: { code: string } } | undefined;
		const accepted = isLate(this.delivery, received) ? 'accepted late' : 'accepted';
		const got = received.items === null ? (answer?.body.code ?? 'none') : accepted;
		met(got);
		assert(right.includes(got), `a delivery is accepted unless it repeats something: ${got}, not ${right.join(' or ')}`);
		if (received.items === null) return;
		model.past.push({ ...this.delivery, succeededAt: null, open: true, openUntil: Infinity });
		all.push(received);
	}

	toString = () => `Deliver(${JSON.stringify(this.delivery)})`;
}

const ENDINGS = ['succeeds', 'fails', 'hangs up', 'succeeds without a body', 'fails without a body'] as const;

/** What n8n or the sender does about a delivery that was accepted. */
class End implements Command {
	constructor(
		private readonly which: number,
		private readonly how: (typeof ENDINGS)[number],
	) {}

	check = ({ past }: Readonly<Model>) => past.some(({ open }) => open);

	async run({ past }: Model, { received }: Real): Promise<void> {
		const open = past.filter((entry) => entry.open);
		const entry = open[Math.floor(this.which * open.length)]!;
		const { response } = received[past.indexOf(entry)]!;
		const hasBody = this.how === 'succeeds' || this.how === 'fails';
		// Once the connection is gone, only n8n's answer shows how it ended.
		if (response.closed && !hasBody) return;
		if (this.how === 'hangs up') {
			response.hangUp();
			entry.openUntil = clock.now + 24 * HOUR;
			return;
		}
		const succeeds = this.how.startsWith('succeeds');
		entry.open = false;
		if (succeeds) entry.succeededAt = clock.now;
		response.status(succeeds ? 200 : 500);
		if (!hasBody) {
			response.end();
			return;
		}
		response.json(undefined);
		const answer = response.sent.at(-1)?.body as { outcome: string } | undefined;
		assert(answer?.outcome === (succeeds ? 'accepted' : 'failed'), "n8n's answer has our body");
	}

	toString = () => `End(${this.which}, ${this.how})`;
}

class Wait implements Command {
	constructor(private readonly milliseconds: number) {}

	check = () => true;

	async run(): Promise<void> {
		clock.now += this.milliseconds;
	}

	toString = () => `Wait(${this.milliseconds} ms)`;
}

const upTo = (max: number) => fc.nat({ max });
const delivery: fc.Arbitrary<Delivery> = fc.record({
	id: upTo(3).map((number) => `msg_${number}`),
	userId: weighted<string>([8, upTo(1).map((number) => `user_${number}`)], [1, text.map((strange) => `user_${strange}`)]),
	type: fc.constantFrom('user.updated', 'user.created', 'user.deleted', 'role.created'),
	at: fc.tuple(fc.integer({ min: -2, max: 2 }), sometimes(10)).map(([steps, small]) => steps * (small ? 0.25 : 1000)),
});
const time = weighted(
	[4, upTo(20_000)],
	[3, upTo(10 * MINUTE)],
	[2, upTo(30 * HOUR)],
	[1, upTo(60 * HOUR)],
	[1, fc.constantFrom(24 * HOUR, 48 * HOUR)],
);
const command = weighted<Command>(
	[5, delivery.map((delivered) => new Deliver(delivered))],
	[4, fc.tuple(fraction, fc.constantFrom(...ENDINGS)).map(([which, how]) => new End(which, how))],
	[2, time.map((milliseconds) => new Wait(milliseconds))],
);

let sequences = 0;
/** When the last sequence ended: the clock of a process doesn't go back by days. */
let latest = NOW;

export const sequenceProperty = property(
	'history',
	25,
	fc.record({
		acknowledge: fc.constantFrom('onReceived', 'lastNode'),
		duplicates: sometimes(90),
		outOfDate: sometimes(90),
		commands: fc.commands([command], { maxCommands: 24, size: 'max', disableReplayLog: true }),
	}),
	async ({ acknowledge, duplicates, outOfDate, commands }, met) => {
		clock.now = latest + HOUR;
		const rules = { duplicates, outOfDate, oneAtATime: acknowledge === 'lastNode' };
		const model: Model = { rules, started: clock.now, past: [] };
		const options = { contactsWithoutEmail: 'pass', skipDuplicates: duplicates, skipOutOfDate: outOfDate, acknowledge };
		const real: Real = { parameters: { events: ['*'], options }, nodeId: `sequence_${sequences++}`, received: [], met };
		try {
			await fc.asyncModelRun(() => ({ model, real }), commands);
		} finally {
			latest = clock.now;
			// Nothing stays open: a process that forgets nothing grows.
			for (const { response } of real.received) if (!response.writableFinished) response.status(500).json(undefined);
		}
		return 2000;
	},
);

function requestOf({ id, userId, type, at }: Delivery, started: number) {
	const time_ = started + at;
	const data = { id: userId, object: 'user', updated_at: time_, created_at: time_ };
	const body = Buffer.from(JSON.stringify({ type, object: 'event', data, timestamp: time_ }));
	const timestamp = String(Math.floor(clock.now / 1000));
	const headers = {
		'svix-id': id,
		'svix-timestamp': timestamp,
		'svix-signature': sign(keyOf(SECRET), id, timestamp, body),
	};
	return { headers, body };
}
