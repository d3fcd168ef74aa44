import { NOW, SECRET } from '../support/deliveries';
import { clock } from './finding';
import type { Tally } from './finding';
import type { Choices } from './choices';
import { nodeParameters } from './parameters';
import { checkWalk, signedDelivery } from './walkCases';

/** The parameters without expressions: n8n would do what a builder's own expression says. */
function withoutExpressions(parameters: unknown): unknown {
	return JSON.parse(JSON.stringify(parameters), (_, value: unknown) =>
		typeof value === 'string' ? value.replace(/^=+/, '') : value,
	);
}

let nodes = 0;

/** The same as a walk, in n8n's own context. */
export async function n8nCase(choices: Choices, tally: Tally): Promise<number> {
	clock.now = NOW;
	const delivery = signedDelivery(choices);
	const given = {
		parameters: { ...(withoutExpressions(nodeParameters(choices)) as Record<string, unknown>), endpointSetup: 'manual' },
		credential: { signingSecret: SECRET, previousSigningSecret: '' },
		nodeId: `n8n_${nodes++}`,
	};
	// Loaded when the first one comes: n8n takes seconds.
	const { receiveInN8n } = await import('./inN8n');
	const received = await receiveInN8n(delivery.request, given);
	if (received.items) received.response.json(undefined);
	tally(`answer: ${await checkWalk(delivery, given, received)}`);
	return delivery.request.body?.length ?? 0;
}
