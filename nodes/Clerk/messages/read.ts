import { NodeOperationError } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { explain } from '../api/advice';
import { isFailure } from '../api/failure';
import { listMessages, MOST_MESSAGES } from '../api/portal';
import type { Message } from '../api/portal';
import { HOW_TO_WRITE_A_TIME, limitOf, timeOf, titleOf } from '../backfill/filters';
import type { Visit } from '../endpoint/operations';
import { eventOfType } from '../events/catalogue';
import { isObject, objectAt } from '../events/payload';
import type { Envelope, Environment } from '../events/payload';
import { canComeTwice, typesNeeded } from '../records/happened';
import { toItems } from '../records/items';
import { recordsOf } from '../records/records';
import { recordSettingsOf } from '../records/settings';
import type { RecordSettings } from '../records/settings';
import { NO_MEMORY, NOTHING_KNOWN, UNDATED } from '../records/state';
import type { Memory, State } from '../records/state';
import { DEFAULT_SOURCE } from '../trigger/parameters';

/**
 * Reads the events that one item asks for, and makes of each what the trigger makes of its delivery.
 * @returns items, the oldest event first. With a limit, those of the oldest events: a workflow can continue after them
 * @throws NodeOperationError that says what to do
 */
export async function readEvents(context: IExecuteFunctions, { portal, api }: Visit, itemIndex: number): Promise<IDataObject[]> {
	const parameter = (name: string, fallback?: unknown): unknown => context.getNodeParameter(name, itemIndex, fallback as object);
	const fail = (message: string) => new NodeOperationError(context.getNode(), message, { itemIndex });
	const options = parameter('options', {});
	const timeAt = (title: string, value: unknown): number => {
		const time = timeOf(value, context.getTimezone());
		if (time === null) throw fail(`${title} is not a time. ${HOW_TO_WRITE_A_TIME}`);
		return Math.floor(time);
	};
	const { unreadable, ...settings } = recordSettingsOf({
		events: parameter('events', []),
		output: parameter('output', 'item'),
		options: isObject(options) ? options : {},
		mappings: parameter('mappings', {}),
		defaultSource: DEFAULT_SOURCE,
	});
	const [first] = unreadable;
	if (first !== undefined) {
		throw fail(`"${titleOf(first)}" has an invalid value. Check its expression, or remove it.`);
	}
	const types = typesNeeded(settings);
	if (types !== 'all' && types.size === 0) throw fail('Choose at least one event under Events.');
	const limit = parameter('returnAll', true) === true ? Infinity : limitOf(parameter('limit', ''));
	if (typeof limit === 'string') throw fail(limit);
	const until = isObject(options) ? (options['until'] ?? '') : '';
	const since = timeAt('Since', parameter('since', ''));
	const range = {
		since: since - (canComeTwice(settings) ? LEAD_IN_MS : 0),
		until: until === '' ? null : timeAt('Until', until),
		eventTypes: types === 'all' ? null : [...types].sort(),
		countedAfter: since,
	};
	for (let most = limit; ; most = most < MOST_MESSAGES ? Math.min(most * 4, MOST_MESSAGES) : Infinity) {
		const read = await listMessages(portal, { ...range, most });
		if (isFailure(read)) throw fail(explain(read));
		const memory = memoryOfReportedChanges();
		const events = read.messages
			.map((message) => ({ at: message.at, items: itemsOf(message, settings, api.environment, memory) }))
			.filter(({ at, items }) => at >= since && items.length > 0);
		// Neither an event at Since, which an earlier run may have output, nor one without items counts: there is always a next one.
		const last = events.filter(({ at }) => at > since)[limit - 1];
		if (last !== undefined || read.isAll) {
			return events.filter(({ at }) => last === undefined || at <= last.at).flatMap(({ items }) => items);
		}
	}
}

/** How long before Since changes are read, so that one that was reported then is not reported again with a message after it. */
const LEAD_IN_MS = 600_000;

/** Remembers which changes were reported, and nothing else: a change and Clerk's message about it are reported once. */
function memoryOfReportedChanges(): Memory & { readonly note: (states: readonly State[]) => void } {
	const reported = new Map<string, number>();
	return {
		...NO_MEMORY,
		known: (subject, id) => ({ ...NOTHING_KNOWN, accepted: (subject === 'reported' ? reported.get(id) : undefined) ?? UNDATED }),
		note: (states) => {
			for (const { subject, id, at } of states) if (subject === 'reported') reported.set(id, at);
		},
	};
}

/** Messages from the portal are not signed, and each item says so. */
const UNSIGNED = { signed: false };

function itemsOf(
	message: Message,
	settings: RecordSettings,
	environment: Environment,
	memory: ReturnType<typeof memoryOfReportedChanges>,
): IDataObject[] {
	const { id, eventType, at, payload } = message;
	const types = typesNeeded(settings);
	// The portal may take more types than were asked for.
	if (types !== 'all' && !types.has(eventType)) return [];
	// Of an event whose content is gone, that it happened is still known.
	const envelope: Envelope = payload === null ? { type: eventType, data: {} } : { ...payload, type: eventType };
	const statement = { id, sentAt: at, environment, envelope, data: objectAt(envelope, 'data') ?? {} };
	const records = recordsOf(
		eventOfType(eventType),
		statement,
		payload === null ? { ...settings, contactsWithoutEmail: 'pass' } : settings,
		memory,
	);
	if ('dropped' in records) return [];
	memory.note(records.states);
	return toItems(records, statement, settings)
		.flat()
		.map(({ json }) => ({ ...json, ...UNSIGNED }));
}
