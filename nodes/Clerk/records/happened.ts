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

/** What happened to a user in a delivery, and what of it comes out as an event of its own. */
export interface Happened {
	/** Null where nothing can be known. */
	readonly changes: readonly Change[] | null;
	/** The rows that the builder chose, as far as they happened and were not told before. */
	readonly derived: readonly DerivedEvent[];
	/** What the user looks like: to be remembered whatever becomes of the delivery. */
	readonly seen: readonly State[];
	/** What is told: to be remembered once it has been. */
	readonly told: readonly State[];
	/** What it depends on, where the workflow is still busy with another state of the user. */
	readonly waitsFor: 'newer_in_flight' | 'older_in_flight' | null;
}

const NOTHING: Happened = { changes: null, derived: [], seen: [], told: [], waitsFor: null };

type Chosen = Pick<RecordSettings, 'events' | 'derivedEvents' | 'output'>;

/** Whether the builder chose this type of Clerk's itself. */
export function isChosen({ events }: Pick<Chosen, 'events'>, type: string): boolean {
	return events === 'all' || events.has(type);
}

/** The types of Clerk's events that what the builder chose is made of; all of them, where it is everything. */
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
	// Contacts alone don't say what happened, unless a mapping is for it.
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
	// A sign-up tells nothing, so it waits for nothing.
	const compares = at !== null && event.lifecycle === 'changes' && chosen.derivedEvents.size > 0;
	const verdict = compares ? judge({ subject: 'changes', id: userId, at }, memory) : null;
	const waitsFor = verdict === 'newer_in_flight' || verdict === 'older_in_flight' ? verdict : null;
	return { changes, seen, waitsFor, ...told(changes, userId, at, { source: 'user', since }, chosen, memory) };
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
	return { ...NOTHING, changes, ...told(changes, userId, envelopeTime(envelope), { source: 'message' }, chosen, memory) };
}

/** How far apart a change and Clerk's message about it may lie. */
const SAME_CHANGE_MS = 120_000;

/** What tells of a change: the user as they are after it, of which it is known since when it may have happened, or Clerk's message about it. */
type Source = { readonly source: 'user'; readonly since: number | null } | { readonly source: 'message' };

/** What of the changes comes out: what the other kind of delivery has told of comes no second time. */
function told(
	changes: readonly Change[] | null,
	userId: string | null,
	at: number | null,
	by: Source,
	chosen: Chosen,
	memory: Memory,
): Pick<Happened, 'derived' | 'told'> {
	const rows = derivedEvents.filter(
		({ name, change }) => chosen.derivedEvents.has(name) && changes?.some((one) => one.name === change),
	);
	const types = typesNeeded(chosen);
	const comesTwice = (change: string) =>
		(types === 'all' || (types.has(EMAIL_CREATED) && types.has(USER_UPDATED))) && isWrittenAbout(change as ChangeName);
	if (userId === null || at === null) return { derived: rows, told: [] };

	const other = by.source === 'user' ? 'message' : 'user';
	const from = (by.source === 'user' ? (by.since ?? at) : at) - SAME_CHANGE_MS;
	// Whoever looked later at the user saw all that had happened to them before.
	const until = by.source === 'user' ? at + SAME_CHANGE_MS : Infinity;
	const wasTold = (change: string) => {
		const { accepted, inFlight } = memory.known('told', `${userId} ${change} ${other}`);
		return [accepted, inFlight].some((before) => before !== null && before >= from && before <= until);
	};
	const derived = rows.filter(({ change }) => !comesTwice(change) || !wasTold(change));
	const toRemember = new Set(derived.map(({ change }) => change).filter(comesTwice));
	return {
		derived,
		told: [...toRemember].map((change) => ({ subject: 'told', id: `${userId} ${change} ${by.source}`, at: Math.floor(at) })),
	};
}
