import { fromParameter, webhookDescriptionFields } from 'n8n-workflow';
import type { IWebhookDescription } from 'n8n-workflow';

import { ACKNOWLEDGE } from './parameters';

const [DEFAULT] = ACKNOWLEDGE;

/**
 * The part of the webhook's description that follows the option Acknowledge.
 * n8n would evaluate an expression here in an isolate of its own at every delivery, which costs more
 * than all the rest. A newer n8n 2, as 2.41, takes a function beside it and needs no isolate; older
 * ones know no such functions, and evaluate the expression.
 */
export const RESPONSE_MODE: Pick<IWebhookDescription, 'responseMode'> =
	typeof webhookDescriptionFields === 'function'
		? webhookDescriptionFields({ responseMode: fromParameter(['options', 'acknowledge'], DEFAULT) })
		: { responseMode: `={{$parameter["options"]["acknowledge"] || "${DEFAULT}"}}` };
