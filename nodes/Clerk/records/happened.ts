import type { ClerkEvent } from '../events/catalogue';
import { changeOfTemplate, derivedEvents, EMAIL_CREATED, isWrittenAbout, USER_UPDATED } from '../events/derived';
import type { ChangeName, DerivedEvent } from '../events/derived';
import { envelopeTime, numberAt, textAt } from '../events/payload';
import type { ClerkObject, Envelope } from '../events/payload';
import { changesOf, firstSight } from './changes';
import type { Change, Changes } from './changes';
import { isMessage } from './event';
import type { RecordSettings } from './settings';
import { judge, NOTHING_KNOWN } from './state';
import type { Memory, State } from './state';

/** What happened to a user in a delivery, and which of it is output as separate events. */
export interface Happened {
	/** Null if nothing can be known. */
	readonly changes: readonly Change[] | null;
	/** The rows that the builder chose, if they happened and were not reported before. */
	readonly derived: readonly DerivedEvent[];
	/** The names whose mappings apply to the contact. The user shows what a message has reported before; a message about a known change adds nothing. */
	readonly names: readonly string[];
	/** The user's state, to be remembered whatever the outcome of the delivery. */
	readonly seen: readonly State[];
	/** What is reported, to be remembered once the delivery is accepted. */
	readonly reported: readonly State[];
	/** What it depends on, if the workflow is still processing another state of the user. */
	readonly waitsFor: 'newer_in_flight' | 'older_in_flight' | null;
}

const NOTHING: Happened = { changes: null, derived: [], names: [], seen: [], reported: [], waitsFor: null };

type Chosen = Pick<RecordSettings, 'events' | 'derivedEvents' | 'output'>;

/** Whether the builder chose this type of Clerk's itself. */
export function isChosen({ events }: Pick<Chosen, 'events'>, type: string): boolean {
	return events === 'all' || events.has(type);
}

/** Clerk's event types that are needed for the builder's choice; all of them if the builder chose everything. */
export function typesNeeded({
	events,
	derivedEvents: chosen,
}: Pick<Chosen, 'events' | 'derivedEvents'>): ReadonlySet<string> | 'all' {
	if (events === 'all') return 'all';
	return new Set([...events, ...derivedEvents.filter(({ name }) => chosen.has(name)).flatMap(({ needs }) => needs)]);
}

/**
 * What happened in a delivery, by comparing its user with what is remembered of them, or by the
 * template of the message that it is about.
 * @param user the whole user in it
 * @param id `svix-id`
 */
export function happenedIn(
	event: ClerkEvent,
	{ envelope, data, id }: { readonly envelope: Envelope; readonly data: ClerkObject; readonly id: string },
	user: ClerkObject | null,
	chosen: Chosen,
	memory: Memory,
): Happened {
	// With contacts only, nobody sees what happened, unless a mapping needs it.
	if (chosen.output === 'contacts' && chosen.derivedEvents.size === 0) return NOTHING;
	if (isMessage(event)) return writtenAbout(textAt(data, 'slug'), textAt(data, 'user_id'), envelope, chosen, memory);
	const userId = user && event.person === 'user' ? textAt(user, 'id') : null;
	if (!user || userId === null) return NOTHING;

	const at = numberAt(user, 'updated_at');
	const { remembers } = memory;
	const { snapshot: known, inFlight } = remembers ? memory.known('changes', userId) : NOTHING_KNOWN;
	const { changes, since, snapshot }: Changes =
		event.lifecycle === 'begins'
			? firstSight(user, id, known, remembers)
			: changesOf(user, id, known, remembers, inFlight !== null);
	const seen: State[] = snapshot ? [{ subject: 'changes', id: userId, at: snapshot.at, snapshot: snapshot.text }] : [];
	// A sign-up reports no change, so it waits for nothing.
	const compares = at !== null && event.lifecycle === 'changes' && chosen.derivedEvents.size > 0;
	const verdict = compares ? judge({ subject: 'changes', id: userId, at }, memory) : null;
	const waitsFor = verdict === 'newer_in_flight' || verdict === 'older_in_flight' ? verdict : null;
	const { covered, ...rest } = newlyReported(changes, userId, at, { source: 'user', since }, chosen, memory);
	return { changes, waitsFor, ...rest, seen: [...seen, ...covered] };
}

function writtenAbout(
	template: string | null,
	userId: string | null,
	envelope: Envelope,
	chosen: Chosen,
	memory: Memory,
): Happened {
	const name = changeOfTemplate(template);
	if (name === null) return NOTHING;
	const changes: Change[] = [{ name, certainty: 'exact' }];
	const { derived, reported } = newlyReported(changes, userId, envelopeTime(envelope), { source: 'message' }, chosen, memory);
	return { ...NOTHING, changes, derived, names: derived.map((row) => row.name), reported };
}

/** The chosen changes that two deliveries can report: the change itself, and Clerk's message about it. */
function changesThatComeTwice(chosen: Chosen): ReadonlySet<string> {
	const types = typesNeeded(chosen);
	if (types !== 'all' && !(types.has(EMAIL_CREATED) && types.has(USER_UPDATED))) return new Set();
	const changes = derivedEvents.filter(({ name }) => chosen.derivedEvents.has(name)).map(({ change }) => change as ChangeName);
	return new Set(changes.filter(isWrittenAbout));
}

/** Whether what came before decides which of two deliveries reports a change. */
export function canComeTwice(chosen: Chosen): boolean {
	return changesThatComeTwice(chosen).size > 0;
}

/** How far apart a change and Clerk's message about it may be. */
const SAME_CHANGE_MS = 120_000;

/** How much earlier than its change a message may be dated. One from before the last known state is about an earlier change. */
const DATED_EARLIER_MS = 10_000;

/** The source of a change: the user after it (`since`: the earliest time at which it may have happened), or Clerk's message about it. */
type Source = { readonly source: 'user'; readonly since: number | null } | { readonly source: 'message' };

/**
 * The changes to output: without those that the other kind of delivery has already reported.
 * @returns in `covered`, which changes of the user a message had reported, so that it counts for no later one
 */
function newlyReported(
	changes: readonly Change[] | null,
	userId: string | null,
	at: number | null,
	by: Source,
	chosen: Chosen,
	memory: Memory,
): Pick<Happened, 'derived' | 'names' | 'reported'> & { readonly covered: readonly State[] } {
	const rows = derivedEvents.filter(
		({ name, change }) => chosen.derivedEvents.has(name) && changes?.some((one) => one.name === change),
	);
	const names = rows.map(({ name }) => name);
	if (rows.length === 0 || userId === null || at === null) return { derived: rows, names, reported: [], covered: [] };
	const twice = changesThatComeTwice(chosen);
	const comesTwice = (change: string) => twice.has(change);

	const other = by.source === 'user' ? 'message' : 'user';
	const from = by.source === 'user' && by.since !== null ? by.since - DATED_EARLIER_MS : at - SAME_CHANGE_MS;
	// A later state of the user shows everything that happened before it.
	const until = by.source === 'user' ? at + SAME_CHANGE_MS : Infinity;
	const wasReported = (change: string) => {
		const { accepted, inFlight } = memory.known('reported', `${userId} ${change} ${other}`);
		const { accepted: covered } = memory.known('reported', `${userId} ${change} covered`);
		// A message counts for the change that is nearest to it.
		const isFree = (message: number) => Math.abs(message - at) <= Math.abs(message - covered);
		return [accepted, inFlight].some((before) => before !== null && before >= from && before <= until && isFree(before));
	};
	const isRepeated = ({ change }: DerivedEvent) => comesTwice(change) && wasReported(change);
	const derived = rows.filter((row) => !isRepeated(row));
	const asStates = (changed: readonly DerivedEvent[], as: 'user' | 'message' | 'covered') =>
		[...new Set(changed.map(({ change }) => change).filter(comesTwice))].map((change): State => {
			return { subject: 'reported', id: `${userId} ${change} ${as}`, at: Math.floor(at) };
		});
	const covered = by.source === 'user' ? asStates(rows.filter(isRepeated), 'covered') : [];
	return { derived, names, reported: asStates(derived, by.source), covered };
}
