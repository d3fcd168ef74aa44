import type { INodeProperties } from 'n8n-workflow';

import { contactShapeOptions } from './contactShapeParameters';
import { eventOptions } from './eventOptions';

export const DEFAULT_SOURCE = 'Clerk webhook';
/** Svix's own window: 5 minutes. */
export const DEFAULT_TOLERANCE_SECONDS = 300;

/** When Clerk is told that a delivery has arrived, as n8n's response modes; the first is the default. */
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
			description: 'This node makes the endpoint in Clerk when you publish the workflow, and removes it when you unpublish',
		},
		{ name: 'Manually', value: 'manual', description: 'You make the endpoint in the Clerk Dashboard' },
	],
	description: 'How Clerk learns where to deliver. Both ways work the same afterwards.',
	builderHint: {
		propertyHint:
			'Default to `manual`. Choose `automatic` only if the user has a Clerk secret key and n8n has a public https address.',
	},
};

export const automaticNotice: INodeProperties = {
	displayName:
		'When you publish (activate) this workflow, or listen for a test event, this node makes an endpoint in Clerk with its URL and the events that you choose, and keeps its signing secret sealed. When you unpublish it, or a test event has come, it removes the endpoint. Other endpoints are not touched. n8n 2.41 does not ask this node when it starts, or when only another node was changed: if Clerk has switched the endpoint off, or n8n has a new address, unpublish the workflow and publish it again, or let the Clerk node check the endpoint (resource Endpoint, operation Check). Clerk does not document this way, so it may change; setting up the endpoint manually always works.',
	name: 'automaticNotice',
	type: 'notice',
	default: '',
	displayOptions: { show: { endpointSetup: ['automatic'] } },
};

export const setupNotice: INodeProperties = {
	// The editor lets only links and lists through.
	displayName:
		'To connect Clerk:<ul><li>Copy the Production URL from "Webhook URLs" above.</li><li>In the <a href="https://dashboard.clerk.com/~/webhooks" target="_blank">Clerk Dashboard</a>, open Configure &gt; Webhooks, click "Add Endpoint", paste the URL, tick the events that you choose here, and click "Create".</li><li>Copy the Signing Secret of that endpoint into the credential above.</li><li>Publish (activate) this workflow.</li></ul>',
	name: 'setupNotice',
	type: 'notice',
	default: '',
	displayOptions: { show: { endpointSetup: ['manual'] } },
};

export const eventsParameter: INodeProperties = {
	// Not "Events": the nodes panel would then offer each event as a trigger of its own, which ticks that one alone.
	displayName: 'Events to Receive',
	name: 'events',
	type: 'multiOptions',
	noDataExpression: true,
	required: true,
	default: ['user.created', 'user.updated'],
	options: eventOptions,
	description:
		'The events that start the workflow. All others are answered and ignored. Tick the same events at the endpoint in Clerk.',
	builderHint: {
		propertyHint:
			'Choose only the events that the workflow handles, such as `user.created`, `user.updated` and `user.deleted`. Choose `*` only if the user asks for all events.',
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
			description: 'One item for each delivery; "contact" and "tenant" are null where the event has none',
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
			description: 'A branch for contacts, one for events, and one for tenants with an organization event',
		},
	],
	description:
		'What comes out of this node. With separate outputs, n8n cannot pin data to this node, and it runs the branches in the order in which they stand on the canvas, from top to bottom.',
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
		description: 'The key in the item, as you type it',
	},
	{
		displayName: 'Path',
		name: 'path',
		type: 'string',
		default: '',
		placeholder: 'e.g. data.public_metadata.plan',
		description:
			'Where the value is in the delivery, such as data.public_metadata.plan or data.email_addresses[0].email_address. Start with user. to read the user, also from a session. A path without a value gives null; objects and lists become JSON text. Put names with dots, spaces or brackets in quotes: data.public_metadata["my key"].',
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
					description: 'At once. If the workflow fails later, use Retry in the executions list.',
				},
				{
					name: 'When the Workflow Has Succeeded',
					value: 'lastNode',
					description: 'If the workflow fails, Clerk delivers again, for about a day',
				},
			],
			description:
				'When to tell Clerk that a delivery has arrived. Clerk waits 15 seconds at most, then delivers again: wait for the workflow only if it finishes sooner. Clerk then repeats what failed, for example while the contact store is down.',
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
			description: 'Events that Clerk added after this version was made, as Clerk writes them, separated by commas',
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
					description: 'Users who signed up with a phone number, a username or a wallet come out too',
				},
				{ name: 'Skip', value: 'skip', description: 'The delivery is answered and ignored' },
			],
			description:
				'What to do with a delivery whose contact has no email address, whatever the output. Deletions, unsubscriptions, memberships and events without a contact always come out, and so does a user whose address was removed, except with Events Only.',
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
				'Your own fields on contacts, each read from a path in the delivery. Contacts that hold only part of a user, such as those from invitations, memberships and deletions, do not have these fields, so known values are never overwritten.',
		},
		{
			displayName: 'Custom Event Properties',
			name: 'customEventProperties',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, sortable: true },
			placeholder: 'Add field',
			default: {},
			options: [{ displayName: 'Field', name: 'field', values: customFields }],
			description: 'Your own fields on every event, each read from a path in the delivery',
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
			description:
				'Whether event items carry the IP address and the browser of the person (clientIp, userAgent). These are personal data.',
		},
		{
			displayName: 'Include Names',
			name: 'includeNames',
			type: 'boolean',
			default: true,
			description:
				'Whether contacts carry firstName, lastName and name. Switch it off where the contact store keeps names of its own that must not be overwritten.',
		},
		{
			displayName: 'Include Raw Delivery',
			name: 'includeRaw',
			type: 'boolean',
			default: false,
			description:
				'Whether every item also carries the whole delivery as Clerk sent it (raw). It can hold private metadata, one-time codes and invitation links, which are then stored with the execution.',
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
			description: 'How the keys of contacts, events and tenants are written. Custom ones stay as you type them.',
		},
		{
			displayName: 'Leave Out Test Users',
			name: 'leaveOutTestUsers',
			type: 'boolean',
			default: false,
			description:
				"Whether to ignore Clerk's test users: email addresses with +clerk_test, and the phone numbers +1 (…) 555-0100 to 555-0199. Deletions do not say whether they are about a test user, so they always come in.",
		},
		{
			displayName: 'Only From Instance',
			name: 'onlyInstance',
			type: 'string',
			default: '',
			placeholder: 'e.g. ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S',
			description:
				'The ID of the one Clerk instance to listen to, to keep development and production apart. It is the instanceId of every item.',
		},
		{
			displayName: 'Only Production',
			name: 'onlyProduction',
			type: 'boolean',
			default: false,
			displayOptions: { show: { '/endpointSetup': ['automatic'] } },
			description:
				'Whether to ignore what a development instance of Clerk sends. The secret key tells which it is, so this needs the automatic endpoint setup.',
		},
		{
			displayName: 'Only Verified Email Addresses',
			name: 'onlyVerified',
			type: 'boolean',
			default: false,
			description:
				'Whether to treat an email address that its user has not verified as missing. Addresses whose verification Clerk does not report always count: those of waitlist entries, invitations, members, payers and domains.',
		},
		{
			displayName: 'Shut-Out Users',
			name: 'shutOutUsers',
			type: 'options',
			default: 'leave',
			options: [
				{ name: 'Leave as They Are', value: 'leave' },
				{ name: 'Unsubscribe', value: 'unsubscribe' },
			],
			description:
				'What to do with users that you banned, that Clerk locked, or that a company directory removed (deprovisioned). When a lock ends, nobody is subscribed again.',
		},
		{
			displayName: 'Skip Duplicate Deliveries',
			name: 'skipDuplicates',
			type: 'boolean',
			default: true,
			description:
				'Whether to skip a delivery that was already accepted, such as when Clerk repeats it or you click Replay. Each n8n process remembers deliveries for two days or until it restarts. Deliveries to the test URL always run.',
		},
		{
			displayName: 'Skip Out-of-Date Updates',
			name: 'skipOutOfDate',
			type: 'boolean',
			default: true,
			description:
				'Whether to leave out a contact or tenant if a newer state of it, or its deletion, arrived first, since Clerk does not deliver in order. A late sign-up still comes out, with a contact that overwrites nothing newer. States are remembered for as long as duplicates are.',
		},
		{
			displayName: 'Source',
			name: 'source',
			type: 'string',
			default: DEFAULT_SOURCE,
			description: 'What every contact carries as its source',
		},
		{
			displayName: 'Time Tolerance',
			name: 'toleranceSeconds',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 3600 },
			default: DEFAULT_TOLERANCE_SECONDS,
			description:
				"By how many seconds a delivery's timestamp may differ from the clock of n8n, 1 to 3600. A larger one makes it easier to send an old delivery again.",
		},
	],
};
