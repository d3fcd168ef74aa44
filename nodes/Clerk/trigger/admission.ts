import type { INode, IWebhookFunctions } from 'n8n-workflow';

import { NO_MEMORY, NOTHING_KNOWN, isOfChanges } from '../records/state';
import type { Memory, State } from '../records/state';
import type { VerifiedDelivery } from './delivery';
import { History } from './history';
import type { Claim } from './history';
import type { Duplicate, Postponed } from './outcome';
import type { Settings } from './settings';

/** One for this process: n8n gives a trigger nothing that outlives a delivery. */
const history = new History();

/** What is known of the deliveries to one trigger when another one comes. */
export interface Past extends Memory {
	/** Lets the delivery in with the states that it brings. */
	claim(states: readonly State[]): Claim;
	/** Remembers the states of a delivery that is not let in. */
	note(states: readonly State[]): void;
}

/** For the test URL: someone who builds a workflow wants to see a delivery as often as they send it. */
export const NO_PAST: Past = { ...NO_MEMORY, claim: () => ({ settle() {}, abandon() {} }), note() {} };

/**
 * What came before a delivery, unless it repeats an earlier one.
 * Nothing may wait between this and the return of `webhook()`: what is let in has to be answered, and
 * what is known must not change before it is claimed.
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
	const counts = ({ subject }: Pick<State, 'subject'>) => skipOutOfDate || isOfChanges(subject);
	return {
		remembers: true,
		known: (subject, subjectId) => (counts({ subject }) ? history.known(scope, subject, subjectId, now) : NOTHING_KNOWN),
		// The workflow stores what it was given at its end: of two at work at once, the older one may be last.
		oneAtATime: acknowledge === 'lastNode',
		claim: (states) => history.claim(scope, own, states.filter(counts)),
		note: (states) => history.note(scope, states.filter(counts), now),
	};
}
