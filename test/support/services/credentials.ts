import { TRIGGER_TYPE } from '../n8n';
import type { Workflow, WorkflowNode } from '../n8n';

/** Which credential the nodes of n8n ask for that have but one in the examples. */
const TYPES: Readonly<Record<string, string>> = {
	[TRIGGER_TYPE]: 'clerkWebhookApi',
	'n8n-nodes-clerk-sync.clerk': 'clerkApi',
	'n8n-nodes-base.activeCampaign': 'activeCampaignApi',
	'n8n-nodes-base.airtable': 'airtableTokenApi',
	'n8n-nodes-base.customerIo': 'customerIoApi',
	'n8n-nodes-base.emailSend': 'smtp',
	'n8n-nodes-base.googleSheets': 'googleApi',
	'n8n-nodes-base.hubspot': 'hubspotAppToken',
	'n8n-nodes-base.mailchimp': 'mailchimpApi',
	'n8n-nodes-base.postgres': 'postgres',
	'n8n-nodes-base.sendGrid': 'sendGridApi',
	'n8n-nodes-base.sendInBlue': 'sendInBlueApi',
	'n8n-nodes-base.sendInBlueTrigger': 'sendInBlueApi',
	'n8n-nodes-base.slack': 'slackApi',
	'n8n-nodes-base.twilio': 'twilioApi',
};

/** The credential that a node asks for; undefined where it asks for none. */
export function credentialTypeOf({ type, parameters }: WorkflowNode): string | undefined {
	if (type !== 'n8n-nodes-base.httpRequest') return TYPES[type];
	const chosen = parameters['nodeCredentialType'] ?? parameters['genericAuthType'];
	return typeof chosen === 'string' ? chosen : undefined;
}

/** The workflow with its credentials chosen, as a person does after the import. */
export function withCredentials(workflow: Workflow, byType: Readonly<Record<string, { id: string; name: string }>>): Workflow {
	const nodes = workflow.nodes.map((node) => {
		const type = credentialTypeOf(node);
		const chosen = type === undefined ? undefined : byType[type];
		return type !== undefined && chosen ? { ...node, credentials: { [type]: chosen } } : node;
	});
	return { ...workflow, nodes };
}
