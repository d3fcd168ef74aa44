import { fromParameter, webhookDescriptionFields } from 'n8n-workflow';
import type { IWebhookDescription } from 'n8n-workflow';

import { ACKNOWLEDGE } from './parameters';

const [DEFAULT] = ACKNOWLEDGE;

/**
 * The part of the webhook's description that follows the option Acknowledge.
 * n8n would evaluate an expression here in its own isolate for every delivery, which costs more than
 * everything else. Newer releases, such as 2.41, call a function instead and need no isolate. Older ones
 * don't have these functions and evaluate the expression.
 */
export const RESPONSE_MODE: Pick<IWebhookDescription, 'responseMode'> =
	typeof webhookDescriptionFields === 'function'
		? webhookDescriptionFields({ responseMode: fromParameter(['options', 'acknowledge'], DEFAULT) })
		: { responseMode: `={{$parameter["options"]["acknowledge"] || "${DEFAULT}"}}` };
