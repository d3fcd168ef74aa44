import fc from 'fast-check';

import { eventsParameter } from '../../../nodes/Clerk/trigger/parameters';
import { NOW, SECRET } from '../../support/deliveries';
import { nodeParameters } from '../arbitraries/parameters';
import type { Parameters } from '../arbitraries/parameters';
import { clock, property } from '../property';
import { checkReceived, delivery } from './webhook';

/**
 * The parameters without expressions, which n8n would evaluate, without null, for which n8n takes the default, and
 * without what n8n leaves out of a node that is set up manually.
 */
const plainParameters = nodeParameters.map((parameters) => {
	const text = JSON.stringify(parameters, (name, value: unknown) => {
		if (name === 'onlyProduction') return undefined;
		return typeof value === 'string' ? value.replace(/^=+/, '') : (value ?? undefined);
	});
	return { events: eventsParameter.default as string[], ...(JSON.parse(text) as Parameters), endpointSetup: 'manual' };
});

let nodes = 0;

/** The same as a delivery to the webhook, in n8n's own context. */
export const n8nProperty = property('n8n', 5, fc.tuple(delivery, plainParameters), async ([sent, parameters], met) => {
	clock.now = NOW;
	const given = {
		parameters,
		credential: { signingSecret: SECRET, previousSigningSecret: '' },
		nodeId: `n8n_${nodes++}`,
	};
	// Loaded when the first one comes: n8n takes seconds.
	const { receiveInN8n } = await import('../inN8n');
	const received = await receiveInN8n(sent.request, given);
	if (received.items) received.response.json(undefined);
	met(`answer: ${await checkReceived(sent, given, received)}`);
	return sent.request.body?.length ?? 0;
});
