import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IHookFunctions,
	INodeCredentialTestResult,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import { testSecretKey } from './api/credentialCheck';
import { activate } from './trigger/activation';
import { accept, refuse } from './trigger/answering';
import { testSigningSecrets } from './trigger/credentialCheck';
import { RESPONSE_MODE } from './trigger/acknowledge';
import { recall } from './trigger/admission';
import { receive } from './trigger/delivery';
import { toItems } from './records/items';
import { mappingsParameter } from './trigger/mappingParameters';
import {
	automaticNotice,
	endpointSetupParameter,
	eventsParameter,
	optionsParameter,
	outputParameter,
	setupNotice,
} from './trigger/parameters';
import { unregister } from './trigger/registration';
import { select, toRecords } from './trigger/selection';
import { readSettings } from './trigger/settings';
import { verify } from './trigger/verification';

export class ClerkTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Clerk Trigger',
		name: 'clerkTrigger',
		icon: { light: 'file:clerk.svg', dark: 'file:clerk.dark.svg' },
		group: ['trigger'],
		// Not 1: for a trigger of version 1, n8n evaluates an expression left over from Webhook node v1 at every delivery.
		version: [1.1],
		subtitle:
			'={{ (($parameter["events"] ?? []).includes("*") ? "All events" : ($parameter["events"] ?? []).length > 2 ? $parameter["events"].length + " events" : ($parameter["events"] ?? []).join(", ")) }}',
		description: 'Starts the workflow when a user signs up, changes or is deleted in Clerk, with a verified contact and event',
		eventTriggerDescription: 'Waiting for a delivery from Clerk',
		activationMessage: 'Clerk can now deliver to the production URL of your Clerk Trigger.',
		defaults: { name: 'Clerk Trigger' },
		builderHint: {
			searchHint:
				'Signature verification is built in: this node checks the signature, the timestamp and the raw body of every delivery, answers Clerk, and skips duplicates and outdated changes. Do not add a Webhook, Crypto, Code or Respond to Webhook node for that. Each item has `contact`, `event` and `tenant`, null where there is none; `contact.action` says whether to upsert, unsubscribe or delete.',
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-clerk-sync.clerk',
					relationHint: 'Reads users who signed up before the workflow was published, with the same output',
				},
				{ nodeType: 'n8n-nodes-base.if', relationHint: 'Separates contacts to delete from the others, by `contact.action`' },
				{ nodeType: 'n8n-nodes-base.dataTable', relationHint: 'Stores contacts: upsert rows by `contact.userId`' },
			],
		},
		inputs: [],
		outputs:
			'={{ ((parameter) => parameter.output !== "split" ? [{ type: "main" }] : [{ type: "main", displayName: "Contact" }, { type: "main", displayName: "Event" }].concat([].concat(parameter.events ?? [], ((parameter.options ?? {}).additionalEvents ?? "").split(/[\\s,]+/)).some((type) => type === "*" || /^organization(Membership)?\\.(created|updated|deleted)$/.test(type)) || [].concat((parameter.mappings ?? {}).mapping ?? []).some((mapping) => mapping.active !== false && mapping.tenantAction === "set") ? [{ type: "main", displayName: "Tenant" }] : []))($parameter) }}',
		credentials: [
			{
				name: 'clerkWebhookApi',
				required: true,
				testedBy: 'signingSecretsAreWellFormed',
				displayOptions: { show: { endpointSetup: ['manual'] } },
			},
			{
				name: 'clerkApi',
				required: true,
				testedBy: 'secretKeyIsTaken',
				// Not "show": if every choice of a parameter showed a credential, n8n would take that parameter out of the panel.
				displayOptions: { hide: { endpointSetup: ['manual'] } },
			},
		],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				path: 'clerk',
				// This node writes the answer itself (answering.ts): Clerk never gets the output of the workflow's last node.
				responseData: 'noData',
				...RESPONSE_MODE,
			},
		],
		triggerPanel: {
			header: 'Receive a delivery from Clerk',
			executionsHelp: {
				inactive:
					"<b>While building your workflow</b>, click 'Execute step'. With manual endpoint setup, also change the URL of your endpoint in the Clerk Dashboard to the test URL. Then send an example from the endpoint's Testing tab, or sign up in your own application. The delivery appears here. <b>Once you're happy with your workflow</b>, publish (<a data-key='activate'>activate</a>) it and give Clerk the production URL. Then the workflow runs for every delivery.",
				active:
					"<b>The workflow runs</b> for every delivery to the production URL. Those executions appear in the <a data-key='executions'>executions list</a>, but not here. <b>To test a change</b>, click 'Execute step' and send an example from the Testing tab of an endpoint that has the test URL. With manual endpoint setup, add a second endpoint in Clerk for this: it has a signing secret of its own, so it needs a credential of its own.",
			},
			activationHint:
				"Once you've finished building your workflow, publish (<a data-key='activate'>activate</a>) it. With manual endpoint setup, also give Clerk the production URL of this node.",
		},
		// Include Raw Delivery adds these: sign-in codes and links, and metadata that users must not see.
		sensitiveOutputFields: [
			'raw.data.body',
			'raw.data.body_plain',
			'raw.data.subject',
			'raw.data.message',
			'raw.data.data',
			'raw.data.url',
			'raw.data.invitation.url',
			'raw.data.private_metadata',
			'raw.data.unsafe_metadata',
			'raw.data.user.private_metadata',
			'raw.data.user.unsafe_metadata',
			'raw.data.organization.private_metadata',
		],
		properties: [
			endpointSetupParameter,
			setupNotice,
			automaticNotice,
			eventsParameter,
			outputParameter,
			mappingsParameter,
			optionsParameter,
		],
	};

	methods = {
		credentialTest: {
			async signingSecretsAreWellFormed(
				this: ICredentialTestFunctions,
				credential: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
			): Promise<INodeCredentialTestResult> {
				return testSigningSecrets(credential.data ?? {});
			},
			async secretKeyIsTaken(
				this: ICredentialTestFunctions,
				credential: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
			): Promise<INodeCredentialTestResult> {
				return await testSecretKey(this, credential.data ?? {});
			},
		},
	};

	// `create` looks for an existing endpoint itself: looking here too would double the calls.
	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			async create(this: IHookFunctions): Promise<boolean> {
				await activate(this);
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				await unregister(this);
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const settings = readSettings(this);
		if ('outcome' in settings) return refuse(this, settings);

		// Called once, since n8n copies the whole node each time.
		const node = this.getNode();
		const received = await receive(this.getRequestObject());
		const delivery = await verify(this, node, received, settings.toleranceSeconds);
		if ('outcome' in delivery) return refuse(this, delivery);

		const event = select(delivery, settings);
		if ('outcome' in event) return refuse(this, event);

		const past = recall(this, node, delivery, settings);
		if ('outcome' in past) return refuse(this, past);

		const records = toRecords(event, delivery, settings, past);
		if ('outcome' in records) return refuse(this, records);
		const items = toItems(records, delivery, settings);

		return accept(this, delivery, records, items, settings, past.claim(records.states));
	}
}
