import fc from 'fast-check';

import { NOW, SECRET } from '../../support/deliveries';
import { nodeParameters } from '../arbitraries/parameters';
import type { Parameters } from '../arbitraries/parameters';
import { clock, property } from '../property';
import { checkReceived, delivery } from './webhook';

/** The parameters without expressions: n8n would do what a builder's own expression says. */
const plainParameters = nodeParameters.map((parameters) => {
	const text = JSON.stringify(parameters, (_, value: unknown) => (typeof value === 'string' ? value.replace(/^=+/, '') : value));
	return { ...(JSON.parse(text) as Parameters), endpointSetup: 'manual' };
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
