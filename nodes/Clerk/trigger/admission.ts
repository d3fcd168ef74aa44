import type { INode, IWebhookFunctions } from 'n8n-workflow';

import { NO_MEMORY, NOTHING_KNOWN, UNDATED, isOfChanges } from '../records/state';
import type { Memory, State, Subject } from '../records/state';
import type { VerifiedDelivery } from './delivery';
import { History } from './history';
import type { Claim } from './history';
import type { Duplicate, Postponed } from './outcome';
import type { Settings } from './settings';

/** One per process: n8n has no storage for a trigger that outlives a delivery. */
const history = new History();

/** What is known about earlier deliveries to a trigger. */
export interface Past extends Memory {
	/** Marks the delivery as in flight, with the states in it. */
	claim(states: readonly State[]): Claim;
	/** Remembers the states of a delivery that starts no workflow. */
	note(states: readonly State[]): void;
}

/** For the test URL: a person who builds a workflow wants to see every delivery that they send. */
export const NO_PAST: Past = { ...NO_MEMORY, claim: () => ({ settle() {}, abandon() {} }), note() {} };

/**
 * What is known when a delivery arrives, unless it repeats an earlier one.
 * There must be no `await` between this and the end of `webhook()`: what is known must not change before the
 * delivery is claimed.
 */
export function recall(
	context: IWebhookFunctions,
	node: INode,
	{ id, envelope }: VerifiedDelivery,
	{ skipDuplicates, skipOutOfDate, acknowledge }: Settings,
): Past | Duplicate | Postponed {
	if (context.getMode() === 'manual') return NO_PAST;
	const now = Date.now();
	const scope = `${context.getWorkflow().id}\n${node.id}`;
	const repeated = skipDuplicates ? history.repeats(scope, id, now) : null;
	if (repeated) return { ...repeated, eventType: envelope.type, eventId: id };
	const own = skipDuplicates ? id : null;
	// What happened to a user is found by comparing, whatever the builder does with old states.
	const isCompared = (subject: Subject) => skipOutOfDate || isOfChanges(subject);
	const known: Memory['known'] = (subject, subjectId) => history.known(scope, subject, subjectId, now);
	// That an address was removed must reach the store in any case.
	const remembered = (states: readonly State[]) =>
		states.map((state): State => {
			const { subject, id: subjectId, withEmail = false } = state;
			return isCompared(subject) ? state : { subject, id: subjectId, at: UNDATED, withEmail };
		});
	return {
		remembers: true,
		known: (subject, subjectId) => {
			if (isCompared(subject)) return known(subject, subjectId);
			return { ...NOTHING_KNOWN, withEmail: known(subject, subjectId).withEmail };
		},
		// A workflow may write at its end: if two run at once, the older one may write last.
		oneAtATime: acknowledge === 'lastNode',
		claim: (states) => history.claim(scope, own, remembered(states)),
		note: (states) => history.note(scope, remembered(states), now),
	};
}
