import type { INode, IWebhookFunctions } from 'n8n-workflow';

import { userVersionOf } from '../records/user';
import type { VerifiedDelivery } from './delivery';
import { History } from './history';
import type { Claim } from './history';
import type { Duplicate, Postponed, Stale } from './outcome';
import type { Settings } from './settings';

/** One for this process: n8n gives a trigger nothing that outlives a delivery. */
const history = new History();

/** For the test URL: whoever builds a workflow wants to see the same delivery as often as they send it. */
const UNREMEMBERED: Claim = { settle() {}, abandon() {} };

/**
 * Lets a delivery into the workflow unless it repeats an earlier one.
 * Nothing may wait between this and the return of `webhook()`: what is let in has to be answered.
 */
export function admit(
	context: IWebhookFunctions,
	node: INode,
	{ id, envelope, data, sentAt }: VerifiedDelivery,
	{ skipDuplicates, skipOutOfDate }: Settings,
): Claim | Duplicate | Stale | Postponed {
	if (context.getMode() === 'manual') return UNREMEMBERED;
	const verdict = history.admit(
		{
			scope: `${context.getWorkflow().id}\n${node.id}`,
			id: skipDuplicates ? id : null,
			user: skipOutOfDate ? userVersionOf(envelope, data, sentAt) : null,
		},
		Date.now(),
	);
	return 'outcome' in verdict ? { ...verdict, eventType: envelope.type, eventId: id } : verdict;
}
