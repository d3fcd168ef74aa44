import type { INodeProperties } from 'n8n-workflow';

import { contactShapeOptions } from './contactShapeParameters';
import { eventOptions } from './eventOptions';

export const DEFAULT_SOURCE = 'Clerk webhook';
/** Svix's own window: 5 minutes. */
export const DEFAULT_TOLERANCE_SECONDS = 300;

/** When a delivery is acknowledged to Clerk, as n8n's response modes. The first is the default. */
export const ACKNOWLEDGE = ['onReceived', 'lastNode'] as const;
export type Acknowledge = (typeof ACKNOWLEDGE)[number];

export const endpointSetupParameter: INodeProperties = {
	displayName: 'Endpoint Setup',
	name: 'endpointSetup',
	type: 'options',
	noDataExpression: true,
	default: 'manual',
	options: [
		{
			name: 'Automatically',
			value: 'automatic',
			description: 'This node creates the endpoint in Clerk when you publish the workflow, and removes it when you unpublish it',
		},
		{ name: 'Manually', value: 'manual', description: 'You create the endpoint in the Clerk Dashboard' },
	],
	description: 'How to set up the webhook endpoint in Clerk. Both ways work the same afterwards.',
	builderHint: {
		propertyHint:
			'Default to `manual`. Choose `automatic` only if the user has a Clerk secret key and n8n has a public https address.',
	},
};

export const automaticNotice: INodeProperties = {
	displayName:
		'When you publish (activate) this workflow or listen for a test event, this node creates an endpoint in Clerk with its URL and the events you choose, and stores the signing secret encrypted. It removes the endpoint when you unpublish the workflow or when the test event has arrived. It never touches other endpoints. n8n 2.41 does not call this node when n8n starts, or when you only changed another node. If Clerk has disabled the endpoint, or n8n has a new URL, unpublish the workflow and publish it again, or use the Clerk node (resource Endpoint, operation Check). Clerk does not document this method, so it may change. Manual setup always works.',
	name: 'automaticNotice',
	type: 'notice',
	default: '',
	displayOptions: { show: { endpointSetup: ['automatic'] } },
};

export const setupNotice: INodeProperties = {
	// The editor keeps only links and lists.
	displayName:
		'To connect Clerk:<ul><li>Copy the Production URL from "Webhook URLs" above.</li><li>In the <a href="https://dashboard.clerk.com/~/webhooks" target="_blank">Clerk Dashboard</a>, open Configure &gt; Webhooks, click "Add Endpoint", paste the URL, select the same events as here, and click "Create".</li><li>Copy the Signing Secret of that endpoint into the credential above.</li><li>Publish (activate) this workflow.</li></ul>',
	name: 'setupNotice',
	type: 'notice',
	default: '',
	displayOptions: { show: { endpointSetup: ['manual'] } },
};

export const eventsParameter: INodeProperties = {
	// Not "Events": the nodes panel would then offer each event as a separate trigger, with only that event selected.
	displayName: 'Events to Receive',
	name: 'events',
	type: 'multiOptions',
	noDataExpression: true,
	required: true,
	default: ['user.created', 'user.updated'],
	options: eventOptions,
	description:
		'The events that start the workflow. Others are acknowledged and ignored. Select the same events for the endpoint in Clerk. For events that are derived from User: Updated, select user.created and user.updated there.',
	builderHint: {
		propertyHint:
			'Choose only the events that the workflow handles, such as `user.created`, `user.updated` and `user.deleted`. Choose `*` only if the user asks for all events. For single changes of a user choose their own names, such as `user.locked`, `password.changed` or `emailAddress.verified`: they come as events of their own.',
	},
};

export const outputParameter: INodeProperties = {
	displayName: 'Output',
	name: 'output',
	type: 'options',
	noDataExpression: true,
	default: 'item',
	options: [
		{
			name: 'Contact, Event and Tenant in One Item',
			value: 'item',
			description: 'One item for each delivery; "contact" and "tenant" are null if the event has none',
		},
		{
			name: 'Contacts Only',
			value: 'contacts',
			description: 'One flat item for each contact, ready for automatic column mapping',
		},
		{ name: 'Events Only', value: 'events', description: 'One flat item for each event' },
		{
			name: 'Separate Outputs',
			value: 'split',
			description: 'One branch for contacts, one for events and, if you choose organization events, one for tenants',
		},
	],
	description:
		'What this node outputs. With separate outputs, n8n cannot pin data to this node, and it runs the branches in canvas order, from top to bottom.',
	builderHint: {
		propertyHint:
			'Default to `item`: fields are then under `contact`, `event` and `tenant`, such as `contact.userId`. Choose `contacts` if every item goes to one contact store: fields are then at the top level, such as `userId`. Choose `split` only if contacts and events take different branches.',
	},
};

const customFields: INodeProperties[] = [
	{
		displayName: 'Name',
		name: 'name',
		type: 'string',
		default: '',
		placeholder: 'e.g. plan',
		description: 'The name of the field in the item, exactly as you type it',
	},
	{
		displayName: 'Path',
		name: 'path',
		type: 'string',
		default: '',
		placeholder: 'e.g. data.public_metadata.plan',
		description:
			'The path of the value in the delivery, such as data.public_metadata.plan or data.email_addresses[0].email_address. Start with user. to read the user, even from a session event. If there is no value, the field is null. Objects and lists become JSON text. Put names with dots, spaces or brackets in quotes: data.public_metadata["my key"].',
	},
];

export const optionsParameter: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Acknowledge',
			name: 'acknowledge',
			type: 'options',
			noDataExpression: true,
			default: 'onReceived',
			options: [
				{
					name: 'When the Delivery Is Stored',
					value: 'onReceived',
					description: 'Right away. If the workflow fails later, use Retry in the executions list.',
				},
				{
					name: 'When the Workflow Has Succeeded',
					value: 'lastNode',
					description: 'If the workflow fails, Clerk retries for about a day',
				},
			],
			description:
				'When to acknowledge a delivery to Clerk. If you wait for the workflow, Clerk retries deliveries that fail, for example while the contact store is down. The workflow must then finish within 15 seconds; otherwise Clerk retries anyway.',
			builderHint: {
				propertyHint: 'Default to `onReceived`. The node answers Clerk either way: never add a Respond to Webhook node.',
			},
		},
		{
			displayName: 'Additional Events',
			name: 'additionalEvents',
			type: 'string',
			noDataExpression: true,
			default: '',
			placeholder: 'e.g. user.somethingNew, session.somethingNew',
			description: 'Comma-separated list of event types that are not in the list above, such as events that Clerk added later',
		},
		{
			displayName: 'Banned and Locked Users',
			name: 'shutOutUsers',
			type: 'options',
			default: 'leave',
			options: [
				{ name: 'Leave as They Are', value: 'leave' },
				{ name: 'Unsubscribe', value: 'unsubscribe' },
			],
			description:
				'What to do with users who were banned, locked by Clerk, or deprovisioned by their company directory. A user whose lock ends is not subscribed again.',
		},
		...contactShapeOptions,
		{
			displayName: 'Contacts Without Email',
			name: 'contactsWithoutEmail',
			type: 'options',
			default: 'skip',
			options: [
				{
					name: 'Pass On',
					value: 'pass',
					description: 'Also output users who signed up with a phone number, a username or a wallet',
				},
				{ name: 'Skip', value: 'skip', description: 'Acknowledge the delivery and ignore it' },
			],
			description:
				'What to do with a delivery whose contact has no email address, with any output. Deletions, unsubscriptions, memberships, derived events and events without a contact are always output. So are users whose address was removed, except with Events Only.',
		},
		{
			displayName: 'Custom Contact Fields',
			name: 'customContactFields',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, sortable: true },
			placeholder: 'Add field',
			default: {},
			options: [{ displayName: 'Field', name: 'field', values: customFields }],
			description:
				'Fields to add to contacts, each read from a path in the delivery. Contacts with only part of a user, such as those from invitations, memberships and deletions, do not get these fields, so known values are never overwritten.',
		},
		{
			displayName: 'Custom Event Properties',
			name: 'customEventProperties',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, sortable: true },
			placeholder: 'Add field',
			default: {},
			options: [{ displayName: 'Field', name: 'field', values: customFields }],
			description: 'Fields to add to every event, each read from a path in the delivery',
		},
		{
			displayName: 'Deleted Users',
			name: 'deletedUsers',
			type: 'options',
			default: 'delete',
			options: [
				{ name: 'Delete', value: 'delete' },
				{ name: 'No Contact', value: 'none' },
				{ name: 'Unsubscribe', value: 'unsubscribe' },
			],
			description: 'What the contact store should do when a user is deleted',
		},
		{
			displayName: 'Derived Events Only',
			name: 'derivedOnly',
			type: 'boolean',
			default: false,
			description:
				'Whether what is derived from an event, such as user.locked, comes in place of that event, such as user.updated. If no derived event is output, the event comes as before.',
		},
		{
			displayName: 'Event Name Style',
			name: 'eventNameStyle',
			type: 'options',
			default: 'type',
			options: [
				{ name: 'Camel Case', value: 'camel', description: 'Such as userCreated' },
				{ name: 'Clerk Type', value: 'type', description: 'As Clerk writes it, such as user.created' },
				{ name: 'Prefixed', value: 'prefixed', description: 'Such as clerk/user.created' },
				{ name: 'Snake Case', value: 'snake', description: 'Such as user_created' },
				{ name: 'Words', value: 'title', description: 'Such as User Created' },
			],
			description: 'How to name events that have no name in a mapping',
		},
		{
			displayName: 'Include Client Details',
			name: 'includeClient',
			type: 'boolean',
			default: false,
			description: "Whether to add the person's IP address and browser to events (clientIp, userAgent). These are personal data.",
		},
		{
			displayName: 'Include Names',
			name: 'includeNames',
			type: 'boolean',
			default: true,
			description:
				'Whether to add firstName, lastName and name to contacts. Turn this off if the contact store has its own names that must not be overwritten.',
		},
		{
			displayName: 'Include Raw Delivery',
			name: 'includeRaw',
			type: 'boolean',
			default: false,
			description:
				'Whether to add the whole delivery, as Clerk sent it, to every item (raw). It can contain private metadata, one-time codes and invitation links, which n8n then stores with the execution.',
		},
		{
			displayName: 'Key Style',
			name: 'keyStyle',
			type: 'options',
			default: 'camel',
			options: [
				{ name: 'Camel Case', value: 'camel', description: 'Such as userId' },
				{ name: 'Snake Case', value: 'snake', description: 'Such as user_id' },
			],
			description: 'How to write the keys of contacts, events and tenants. Custom fields keep the names that you type.',
		},
		{
			displayName: 'Leave Out Test Users',
			name: 'leaveOutTestUsers',
			type: 'boolean',
			default: false,
			description:
				"Whether to ignore Clerk's test users: email addresses with +clerk_test, and the phone numbers +1 (…) 555-0100 to 555-0199. Deletions are never ignored, since they do not say whether the user was a test user.",
		},
		{
			displayName: 'Only From Instance',
			name: 'onlyInstance',
			type: 'string',
			default: '',
			placeholder: 'e.g. ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S',
			description:
				'The ID of the only Clerk instance to accept deliveries from, to keep development and production apart. It is the instanceId in every item.',
		},
		{
			displayName: 'Only Production',
			name: 'onlyProduction',
			type: 'boolean',
			default: false,
			displayOptions: { show: { '/endpointSetup': ['automatic'] } },
			description:
				'Whether to ignore deliveries from a development instance of Clerk. This needs the automatic endpoint setup, because only the secret key shows which instance it is.',
		},
		{
			displayName: 'Only Verified Email Addresses',
			name: 'onlyVerified',
			type: 'boolean',
			default: false,
			description:
				'Whether to treat an email address that the user has not verified as missing. Addresses of waitlist entries, invitations, members, payers and domains always count, because Clerk does not report whether they are verified.',
		},
		{
			displayName: 'Skip Duplicate Deliveries',
			name: 'skipDuplicates',
			type: 'boolean',
			default: true,
			description:
				'Whether to skip a delivery that was already accepted, such as when Clerk retries it or you click Replay. Each n8n process remembers deliveries for two days or until it restarts. Deliveries to the test URL always run.',
		},
		{
			displayName: 'Skip Out-of-Date Updates',
			name: 'skipOutOfDate',
			type: 'boolean',
			default: true,
			description:
				'Whether to leave out a contact or tenant if a newer state of it, or its deletion, arrived first, since Clerk does not deliver in order. A late sign-up is still output, with a contact that overwrites nothing newer. States are remembered for as long as duplicates are.',
		},
		{
			displayName: 'Source',
			name: 'source',
			type: 'string',
			default: DEFAULT_SOURCE,
			description: 'The source of every contact',
		},
		{
			displayName: 'Time Tolerance',
			name: 'toleranceSeconds',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 3600 },
			default: DEFAULT_TOLERANCE_SECONDS,
			description:
				"By how many seconds a delivery's timestamp may differ from the clock of n8n, 1 to 3600. The larger the value, the longer an intercepted delivery can be replayed.",
		},
	],
};
