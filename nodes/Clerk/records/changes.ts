import { createHash } from 'node:crypto';

import { changeNames } from '../events/derived';
import type { ChangeName } from '../events/derived';
import { flagAt, isObject, numberAt, objectAt, objectsAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';

/**
 * What happened in a `user.updated`. Clerk only says that something changed. What it was is found by
 * comparing the user with the last known state or, if there is none, from the times in the user object.
 * If neither shows anything, nothing is reported.
 */

export type Certainty =
	/** The earlier state is known, and differs. */
	| 'seen'
	/** The earlier state is not known, but a time in the delivery is close to the change. */
	| 'inferred'
	/** Clerk sent the user a message about it. */
	| 'exact';

export interface Change {
	readonly name: ChangeName;
	readonly certainty: Certainty;
}

/** How far the time of a change may be from the user's `updated_at`. Recorded: 26 ms before to 6 ms after. */
const WITHIN_MS = 1_000;

/** What happens this soon after the sign-up is part of it. Recorded: up to 26 ms. */
const SIGN_UP_TAKES_AT_MOST_MS = 5_000;

/** Longer lists of addresses or passkeys are not compared, so that the memory for one user is bounded. */
const MOST_ENTRIES = 8;

/** How many late changes are remembered, so that each is reported once. */
const MOST_LATE = 8;

/** How many deliveries are remembered that were in the workflow while a newer one of their user came. */
const MOST_OPEN = 4;

const FLAGS = {
	locked: 'locked',
	banned: 'banned',
	deprovisioned: 'deprovisioned',
	password: 'password_enabled',
	mfa: 'two_factor_enabled',
};
type Flag = keyof typeof FLAGS;

const MARKS = {
	name: ['first_name', 'last_name'],
	username: ['username'],
	publicMetadata: ['public_metadata'],
	privateMetadata: ['private_metadata'],
	unsafeMetadata: ['unsafe_metadata'],
	primaryEmail: ['primary_email_address_id'],
	primaryPhone: ['primary_phone_number_id'],
	passwordAt: ['password_last_updated_at'],
	mfaEnabledAt: ['mfa_enabled_at'],
	mfaDisabledAt: ['mfa_disabled_at'],
	legalAt: ['legal_accepted_at'],
};
type Mark = keyof typeof MARKS;

interface ListRow {
	readonly key: string;
	readonly created: ChangeName;
	readonly verified?: ChangeName;
	readonly removed: ChangeName;
}
const LISTS: readonly ListRow[] = [
	{ key: 'email_addresses', created: 'emailAddress.created', verified: 'emailAddress.verified', removed: 'emailAddress.removed' },
	{ key: 'phone_numbers', created: 'phoneNumber.created', verified: 'phoneNumber.verified', removed: 'phoneNumber.removed' },
	{ key: 'passkeys', created: 'passkey.created', removed: 'passkey.removed' },
	{ key: 'web3_wallets', created: 'web3Wallet.created', removed: 'web3Wallet.removed' },
	{ key: 'external_accounts', created: 'externalAccount.connected', removed: 'externalAccount.disconnected' },
];

/** The compared properties of a user: digests, never values. */
interface Traits {
	/** Undefined where the user object doesn't say. */
	readonly flags: Readonly<Partial<Record<Flag, boolean>>>;
	/** A digest, or an empty text for none; undefined where the user object doesn't say. */
	readonly marks: Readonly<Partial<Record<Mark, string>>>;
	/** For each list, whether each entry is verified, by its digest; null where it is not known, or too long. */
	readonly lists: ReadonlyArray<Readonly<Record<string, boolean>> | null>;
}

/** What is remembered of a user. */
interface Sight extends Traits {
	/** The `updated_at` of the newest state, milliseconds since 1970. */
	readonly at: number;
	/** The time of the first known state. Everything after it was reported, or can no longer be. */
	readonly since: number;
	/** Of the delivery that reported it. */
	readonly delivery: string;
	/** What was reported for that delivery. */
	readonly reported: readonly Change[] | null;
	/** What late deliveries reported, from before `since`. */
	readonly late: readonly string[];
	/** Deliveries that may still fail and come again, and what they reported: no later state reported it. */
	readonly open: readonly Open[];
}

interface Open {
	readonly delivery: string;
	readonly reported: readonly Change[];
}

/** What is remembered of a user, as a text, which takes a fifth of an object's memory. */
export type Snapshot = string & { readonly snapshot: never };

export interface Changes {
	/** In the order of the catalogue; empty if nothing that is compared has changed; null if nothing is known. */
	readonly changes: readonly Change[] | null;
	/** The earliest time at which it may have happened, milliseconds since 1970; null if it happened at the time of the delivery. */
	readonly since: number | null;
	/** To be remembered, with its time; null if the delivery adds nothing to what is known. */
	readonly snapshot: { readonly at: number; readonly text: Snapshot } | null;
}

const NOTHING: Changes = { changes: null, since: null, snapshot: null };

/** Something that happened to a user at a time. */
interface Timed {
	readonly name: ChangeName;
	readonly at: number;
	/** What it happened to, where a user has several. */
	readonly what: string;
}

/** The user of a sign-up: nothing has changed yet, but later states can be compared with this one. */
export function firstSight(user: ClerkObject, delivery: string, known: Snapshot | undefined, remembers: boolean): Changes {
	const at = numberAt(user, 'updated_at');
	if (at === null || known !== undefined || !remembers) return NOTHING;
	const traits = traitsOf(user);
	return {
		...NOTHING,
		snapshot: remembered({ ...traits, at, since: at, delivery: digest(user, delivery), reported: null, late: [], open: [] }),
	};
}

/**
 * What happened in a change of a user.
 * @param delivery `svix-id`
 * @param known what is remembered of this user; undefined where nothing is
 * @param remembers false where no later delivery can use what is remembered of this one
 * @param isOpen whether a delivery of this user is still in the workflow, and may fail
 */
export function changesOf(
	user: ClerkObject,
	delivery: string,
	known: Snapshot | undefined,
	remembers: boolean,
	isOpen = false,
): Changes {
	const at = numberAt(user, 'updated_at');
	const signedUpAt = numberAt(user, 'created_at');
	if (at === null || signedUpAt === null) return NOTHING;
	const isSignUp = at <= signedUpAt + SIGN_UP_TAKES_AT_MOST_MS;
	const happened = isSignUp ? [] : timedIn(user, signedUpAt + SIGN_UP_TAKES_AT_MOST_MS);
	const now = happened.filter((timed) => Math.abs(timed.at - at) <= WITHIN_MS);
	if (!remembers) return { ...NOTHING, changes: inferred(now) };

	const before = known === undefined ? null : read(known);
	const id = digest(user, delivery);
	if (before?.at === at && before.delivery === id) return { ...NOTHING, changes: before.reported };
	const failed = before?.open.find((one) => one.delivery === id);
	if (failed) return { ...NOTHING, changes: failed.reported };
	if (before !== null && at < before.at) return changesLate(user, now, before, id);
	const after = traitsOf(user);
	const reported = before === null ? inferred(now) : isSignUp ? [] : compared(before, after, happened);
	const { since, late } = before ?? { since: at - WITHIN_MS, late: [] };
	const open = before === null ? [] : isOpen ? withOpen(before.open, before) : before.open;
	return {
		changes: reported,
		since: before?.at ?? null,
		snapshot: remembered({ ...after, at, since, delivery: id, reported, late, open }),
	};
}

/**
 * What happened in a change that arrived after a newer state. Comparing it with that state would show
 * the opposite of what happened. Changes since the first known state were reported with it; earlier ones
 * are found from the delivery's own times.
 */
function changesLate(user: ClerkObject, now: readonly Timed[], before: Sight, delivery: string): Changes {
	const keyOf = ({ name, at, what }: Timed) => digest(user, `${name}\n${at}\n${what}`);
	const unreported = now.filter((timed) => timed.at < before.since && !before.late.includes(keyOf(timed)));
	if (unreported.length === 0) return NOTHING;
	const late = [...before.late, ...unreported.map(keyOf)].slice(-MOST_LATE);
	const reported = inferred(unreported);
	return {
		...NOTHING,
		changes: reported,
		snapshot: remembered({ ...before, late, open: withOpen(before.open, { delivery, reported }) }),
	};
}

function withOpen(open: readonly Open[], { delivery, reported }: Pick<Sight, 'delivery' | 'reported'>): readonly Open[] {
	return reported === null || reported.length === 0 ? open : [...open, { delivery, reported }].slice(-MOST_OPEN);
}

/** @returns null for none: without an earlier state it is not known that nothing changed */
function inferred(timed: readonly Timed[]): Change[] | null {
	return timed.length === 0 ? null : inOrder(timed.map(({ name }) => [name, 'inferred']));
}

function inOrder(found: ReadonlyArray<readonly [ChangeName, Certainty]>): Change[] {
	const certainties = new Map([...found].reverse());
	return changeNames.flatMap((name) => {
		const certainty = certainties.get(name);
		return certainty === undefined ? [] : [{ name, certainty }];
	});
}

function compared(before: Sight, after: Traits, happened: readonly Timed[]): Change[] {
	const found: ChangeName[] = [];
	/** What could not be compared, so that only its time can show a change. */
	const open = new Set<ChangeName>();
	const became = (flag: Flag): boolean | null => {
		const [was, is] = [before.flags[flag], after.flags[flag]];
		return was === undefined || is === undefined || was === is ? null : is;
	};
	const differs = (mark: Mark): boolean => {
		const [was, is] = [before.marks[mark], after.marks[mark]];
		return was !== undefined && is !== undefined && was !== is;
	};
	const flagChanges: ReadonlyArray<readonly [Flag, ChangeName, ChangeName | null]> = [
		['locked', 'user.locked', 'user.unlocked'],
		['banned', 'user.banned', 'user.unbanned'],
		['deprovisioned', 'user.deprovisioned', null],
		['password', 'password.created', 'password.removed'],
		['mfa', 'mfa.enabled', 'mfa.disabled'],
	];
	for (const [flag, on, off] of flagChanges) {
		const is = became(flag);
		if (is !== null) found.push(...(is ? [on] : off === null ? [] : [off]));
	}
	if (before.flags.mfa === undefined || after.flags.mfa === undefined) {
		if (differs('mfaEnabledAt') && after.marks.mfaEnabledAt !== '') found.push('mfa.enabled');
		if (differs('mfaDisabledAt') && after.marks.mfaDisabledAt !== '') found.push('mfa.disabled');
	}
	if (differs('name') || differs('username')) found.push('user.nameChanged');
	if (differs('publicMetadata') || differs('privateMetadata') || differs('unsafeMetadata')) found.push('user.metadataChanged');
	if (differs('legalAt') && after.marks.legalAt !== '') found.push('user.legalAccepted');
	// The first one that a user has replaces none.
	if (differs('primaryEmail') && before.marks.primaryEmail !== '' && after.marks.primaryEmail !== '') {
		found.push('emailAddress.primaryChanged');
	}
	if (differs('primaryPhone') && before.marks.primaryPhone !== '' && after.marks.primaryPhone !== '') {
		found.push('phoneNumber.primaryChanged');
	}
	const hadAndHas = before.flags.password !== false && after.flags.password === true && became('password') === null;
	if (hadAndHas && differs('passwordAt')) found.push('password.changed');
	if (before.marks.passwordAt === undefined && became('password') === null) open.add('password.changed');
	if (before.marks.legalAt === undefined) open.add('user.legalAccepted');

	for (const [index, { created, verified, removed }] of LISTS.entries()) {
		const [was, is] = [before.lists[index] ?? null, after.lists[index] ?? null];
		if (was === null || is === null) {
			open.add(created);
			if (verified) open.add(verified);
			continue;
		}
		if (Object.keys(is).some((entry) => was[entry] === undefined)) found.push(created);
		if (Object.keys(was).some((entry) => is[entry] === undefined)) found.push(removed);
		if (verified && Object.entries(is).some(([entry, isVerified]) => isVerified && was[entry] !== true)) found.push(verified);
	}
	// Not what the earlier state may have reported with the same time.
	const own = happened.filter(({ name, at }) => open.has(name) && at > before.at + WITHIN_MS);
	return inOrder([...found.map((name) => [name, 'seen'] as const), ...own.map(({ name }) => [name, 'inferred'] as const)]);
}

/** What happened after the sign-up, according to the times in a user. */
function timedIn(user: ClerkObject, signedUpBy: number): Timed[] {
	const timed: Timed[] = [];
	const add = (name: ChangeName, at: number | null, what: string) => {
		if (at !== null && at > signedUpBy) timed.push({ name, at, what });
	};
	if (flagAt(user, 'password_enabled') !== false) add('password.changed', numberAt(user, 'password_last_updated_at'), '');
	if (flagAt(user, 'two_factor_enabled') !== false) add('mfa.enabled', numberAt(user, 'mfa_enabled_at'), '');
	if (flagAt(user, 'two_factor_enabled') !== true) add('mfa.disabled', numberAt(user, 'mfa_disabled_at'), '');
	add('user.legalAccepted', numberAt(user, 'legal_accepted_at'), '');
	for (const { key, created, verified } of LISTS) {
		for (const entry of objectsAt(user, key)) {
			const at = numberAt(entry, 'created_at');
			add(created, at, textAt(entry, 'id') ?? '');
			// A new one that is verified was verified when it was added. Clerk gives no time for any other.
			if (verified && isVerified(entry)) add(verified, at, textAt(entry, 'id') ?? '');
		}
	}
	return timed;
}

function isVerified(entry: ClerkObject): boolean {
	return textAt(objectAt(entry, 'verification'), 'status') === 'verified';
}

function traitsOf(user: ClerkObject): Traits {
	const flags = Object.entries(FLAGS).flatMap(([name, key]) => {
		const flag = flagAt(user, key);
		return flag === null ? [] : [[name, flag] as const];
	});
	const marks = Object.entries(MARKS).flatMap(([name, keys]) => {
		const values = keys.map((key) => user[key]);
		if (values.includes(undefined)) return [];
		const isNone = values.every(
			(value) => value === null || value === '' || (isObject(value) && Object.keys(value).length === 0),
		);
		const text = isNone ? '' : inFixedOrder(values);
		return text === null ? [] : [[name, text === '' ? '' : digest(user, `${name}\n${text}`)] as const];
	});
	return {
		flags: Object.fromEntries(flags),
		marks: Object.fromEntries(marks),
		lists: LISTS.map(({ key }) => {
			const entries = objectsAt(user, key);
			const ids = entries.map((entry) => textAt(entry, 'id'));
			if (!Array.isArray(user[key]) || entries.length > MOST_ENTRIES || ids.includes(null)) return null;
			return Object.fromEntries(entries.map((entry, index) => [digest(user, `${key}\n${ids[index]}`), isVerified(entry)]));
		}),
	};
}

/** As JSON, the same for the same values in whatever order an object has its keys; null for what is nested too deep. */
function inFixedOrder(values: unknown): string | null {
	try {
		return JSON.stringify(values, (_, value: unknown) =>
			isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
		);
	} catch {
		return null;
	}
}

/** 36 bits are enough for the few entries of one user. The digest includes the user's ID, so equal values of two users differ. */
function digest(user: ClerkObject, text: string): string {
	return createHash('sha256')
		.update(`${textAt(user, 'id') ?? ''}\n${text}`)
		.digest('base64url')
		.slice(0, 6);
}

const LETTERS = { true: '1', false: '0', undefined: '?' } as const;
const CERTAINTIES: readonly Certainty[] = ['seen', 'inferred', 'exact'];

function remembered(sight: Sight): { readonly at: number; readonly text: Snapshot } {
	const { at, since, delivery, reported, late, open, flags, marks, lists } = sight;
	const packed = [
		at,
		since,
		delivery,
		reported && reported.map(packedChange),
		late,
		open.map((one) => [one.delivery, one.reported.map(packedChange)]),
		(Object.keys(FLAGS) as Flag[]).map((flag) => LETTERS[`${flags[flag]}`]).join(''),
		(Object.keys(MARKS) as Mark[]).map((mark) => marks[mark] ?? null),
		lists.map((list) => list && Object.entries(list).map(([entry, verified]) => entry + LETTERS[`${verified}`])),
	];
	return { at, text: JSON.stringify(packed) as Snapshot };
}

type PackedChange = [name: number, certainty: number];
type Packed = [
	at: number,
	since: number,
	delivery: string,
	reported: PackedChange[] | null,
	late: string[],
	open: [delivery: string, reported: PackedChange[]][],
	flags: string,
	marks: (string | null)[],
	lists: (string[] | null)[],
];

function packedChange({ name, certainty }: Change): PackedChange {
	return [changeNames.indexOf(name), CERTAINTIES.indexOf(certainty)];
}

function readChange([name, certainty]: PackedChange): Change {
	return { name: changeNames[name], certainty: CERTAINTIES[certainty] } as Change;
}

function read(snapshot: Snapshot): Sight {
	const [at, since, delivery, reported, late, open, flags, marks, lists] = JSON.parse(snapshot) as Packed;
	return {
		at,
		since,
		delivery,
		reported: reported && reported.map(readChange),
		late,
		open: open.map(([id, changes]) => ({ delivery: id, reported: changes.map(readChange) })),
		flags: Object.fromEntries(
			Object.keys(FLAGS).flatMap((flag, index) => (flags[index] === '?' ? [] : [[flag, flags[index] === '1']])),
		),
		marks: Object.fromEntries(Object.keys(MARKS).flatMap((mark, index) => (marks[index] == null ? [] : [[mark, marks[index]]]))),
		lists: lists.map((list) => list && Object.fromEntries(list.map((entry) => [entry.slice(0, -1), entry.endsWith('1')]))),
	};
}

/** How new the state is that is remembered, milliseconds since 1970. */
export function timeOfSnapshot(snapshot: Snapshot): number {
	return Number.parseInt(snapshot.slice(1), 10);
}
