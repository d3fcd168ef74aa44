import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { optionsParameter } from '../trigger/parameters';

export const BACKFILL_SOURCE = 'Clerk back-fill';

/** The resources that are read from Clerk, with the operations of each. */
const READS = {
	contact: ['getAll', 'get', 'getChanged'],
	membership: ['getAll'],
	tenant: ['getAll'],
	waitlistEntry: ['getAll'],
} as const;

const shown = (show: NonNullable<IDisplayOptions['show']>): IDisplayOptions => ({ show });
const forContact = (...operation: string[]) => shown({ resource: ['contact'], operation });

const getMany = (resource: string, plural: string): INodeProperties => ({
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: shown({ resource: [resource] }),
	default: 'getAll',
	options: [
		{
			name: 'Get Many',
			value: 'getAll',
			action: `Get many ${plural}`,
			description: `Read ${plural} from Clerk, in the order in which they were created`,
		},
	],
});

export const readOperations: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: shown({ resource: ['contact'] }),
		default: 'getAll',
		options: [
			{ name: 'Count', value: 'count', action: 'Count contacts', description: 'Count the users' },
			{ name: 'Get', value: 'get', action: 'Get a contact', description: 'Read one user in the current state' },
			{
				name: 'Get Changed Since',
				value: 'getChanged',
				action: 'Get contacts changed since a time',
				description: 'Read users who signed up or changed since a given time, oldest change first',
				builderHint: {
					propertyHint: 'For a schedule. Set `since` to somewhat before the last run, and store only newer states.',
				},
			},
			{
				name: 'Get Many',
				value: 'getAll',
				action: 'Get many contacts',
				description: 'Read users from Clerk, in the order in which they signed up',
			},
		],
	},
	getMany('membership', 'memberships'),
	getMany('tenant', 'tenants'),
	getMany('waitlistEntry', 'waitlist entries'),
];

/** An option of the trigger that both nodes have. Its description can be replaced if it is about deliveries. */
function shared(name: string, description?: string): INodeProperties[] {
	const found = (optionsParameter.options as INodeProperties[]).find((option) => option.name === name);
	if (!found) return [];
	return [{ ...found, ...(description === undefined ? {} : { description }) }];
}

const time = (name: string, displayName: string, description: string): INodeProperties => ({
	displayName,
	name,
	type: 'dateTime',
	default: '',
	description,
});

const list = (name: string, displayName: string, placeholder: string, description: string): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	default: '',
	placeholder,
	description: `${description}, separated by commas, at most 100. An expression can also return a list. An empty list is an error.`,
});

const search: INodeProperties = {
	displayName: 'Query',
	name: 'query',
	type: 'string',
	default: '',
	description: 'Text to search for in names, addresses, numbers and IDs',
};

const filters = (displayOptions: IDisplayOptions, options: INodeProperties[]): INodeProperties => ({
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add filter',
	default: {},
	displayOptions,
	options,
});

export const readParameters: INodeProperties[] = [
	{
		displayName: 'User ID',
		name: 'userId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. user_29w83sxmDNGwOuEthce5gg56FcC',
		displayOptions: forContact('get'),
		description: 'The ID of the user, which is the userId of every contact',
	},
	{
		displayName: 'Since',
		name: 'since',
		type: 'dateTime',
		required: true,
		default: '',
		displayOptions: forContact('getChanged'),
		description:
			'The time to read changes from. Choose a time slightly before your last run, since clocks differ. Reading a user twice does no harm if the store accepts only newer states.',
	},
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		displayOptions: shown({ resource: Object.keys(READS), operation: ['getAll', 'getChanged'] }),
		description: 'Whether to return all results or only up to a given limit',
		builderHint: { propertyHint: 'Set it to true to read every user: the node reads page by page without a loop.' },
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: shown({ resource: Object.keys(READS), operation: ['getAll', 'getChanged'], returnAll: [false] }),
		description: 'Max number of results to return',
	},
	{
		displayName: 'One Page per Run',
		name: 'onePage',
		type: 'boolean',
		default: false,
		displayOptions: shown({ resource: ['contact'], operation: ['getAll'], returnAll: [true] }),
		description:
			'Whether to read at most 500 users, and to return on a second output where the next page starts. For applications with very many users: a loop over the pages needs only the memory for one page.',
	},
	{
		displayName: 'Resume After User',
		name: 'resumeAfter',
		type: 'string',
		default: '',
		placeholder: 'e.g. user_29w83sxmDNGwOuEthce5gg56FcC',
		displayOptions: forContact('getAll'),
		description:
			'The user to continue after, if a run was interrupted: the resumeAfter value from its error, or from the last page. Leave empty to start with the first user.',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		noDataExpression: true,
		default: 'item',
		displayOptions: shown({ resource: Object.keys(READS), operation: ['getAll', 'get', 'getChanged'] }),
		options: [
			{
				name: 'Same as Clerk Trigger',
				value: 'item',
				description: 'With "contact", "event" and "tenant" in one item, so that the same nodes can process both',
			},
			{ name: 'Flat', value: 'flat', description: 'One flat item for each record, ready for automatic column mapping' },
		],
		description: 'What this node outputs',
		builderHint: {
			propertyHint:
				'Choose `item` if the same nodes also follow a Clerk Trigger: fields are then under `contact`, `event` and `tenant`. Choose `flat` for fields at the top level, such as `userId`.',
		},
	},
	filters(forContact('getAll', 'getChanged', 'count'), [
		{
			displayName: 'Banned',
			name: 'banned',
			type: 'boolean',
			default: true,
			description: 'Whether to read only banned users, or only users who are not banned',
		},
		time('createdAfter', 'Created After', 'Users who signed up after this time'),
		time('createdBefore', 'Created Before', 'Users who signed up before this time'),
		list('emailAddresses', 'Email Addresses', 'e.g. jane@example.com', 'Users with one of these email addresses'),
		list('externalIds', 'External IDs', 'e.g. customer-17', 'Users with one of these external IDs'),
		time('lastActiveAfter', 'Last Active After', 'Users whose last session was active after this time'),
		time('lastActiveBefore', 'Last Active Before', 'Users whose last session was active before this time'),
		time('lastSignInAfter', 'Last Sign In After', 'Users whose last sign-in was after this time'),
		time('lastSignInBefore', 'Last Sign In Before', 'Users whose last sign-in was before this time'),
		list('organizationIds', 'Organization IDs', 'e.g. org_29w83sxmDNGwOuEthce5gg56FcC', 'Members of one of these organizations'),
		list('phoneNumbers', 'Phone Numbers', 'e.g. +12025550123', 'Users with one of these phone numbers'),
		search,
		list('userIds', 'User IDs', 'e.g. user_29w83sxmDNGwOuEthce5gg56FcC', 'Users with one of these IDs'),
		list('usernames', 'Usernames', 'e.g. jane', 'Users with one of these usernames'),
	]),
	{
		displayName: 'Organization ID',
		name: 'organizationId',
		type: 'string',
		default: '',
		placeholder: 'e.g. org_29w83sxmDNGwOuEthce5gg56FcC',
		displayOptions: shown({ resource: ['membership'], operation: ['getAll'] }),
		description: 'The organization whose members to read. Leave empty to read the members of all organizations.',
	},
	filters(shown({ resource: ['membership'], operation: ['getAll'] }), [
		list('roles', 'Roles', 'e.g. org:admin', 'Members with one of these roles'),
	]),
	filters(shown({ resource: ['tenant'], operation: ['getAll'] }), [
		search,
		list('userIds', 'User IDs', 'e.g. user_29w83sxmDNGwOuEthce5gg56FcC', 'Organizations of one of these users'),
	]),
	filters(shown({ resource: ['waitlistEntry'], operation: ['getAll'] }), [
		search,
		{
			displayName: 'Status',
			name: 'status',
			type: 'options',
			default: 'pending',
			options: [
				{ name: 'Completed', value: 'completed' },
				{ name: 'Invited', value: 'invited' },
				{ name: 'Pending', value: 'pending' },
				{ name: 'Rejected', value: 'rejected' },
			],
			description: 'The status of the entry',
		},
	]),
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: shown({ resource: Object.keys(READS), operation: ['getAll', 'get', 'getChanged'] }),
		options: [
			...shared('shutOutUsers'),
			...shared('contactDates'),
			...shared('contactEmptyValues'),
			...shared('contactFields'),
			...shared('contactHtmlNames'),
			...shared('contactsWithoutEmail', 'What to do with users who have no email address'),
			...shared('customContactFields', 'Fields to add to every contact, each read from a path such as data.public_metadata.plan'),
			...shared('includeNames'),
			...shared(
				'includeRaw',
				'Whether to add the whole object, as Clerk stores it, to every item (raw). It can contain private metadata, which n8n then stores with the execution.',
			),
			...shared('keyStyle'),
			...shared(
				'leaveOutTestUsers',
				"Whether to leave out Clerk's test users: email addresses with +clerk_test, and the phone numbers +1 (…) 555-0100 to 555-0199",
			),
			...shared('onlyVerified'),
			...shared('source').map((option) => ({ ...option, default: BACKFILL_SOURCE })),
		],
	},
];

/** With One Page per Run there is a second output, to build a loop with. */
export const OUTPUTS =
	'={{ $parameter["resource"] === "contact" && $parameter["operation"] === "getAll" && $parameter["returnAll"] && $parameter["onePage"] ? [{ type: "main", displayName: "Contact" }, { type: "main", displayName: "Next Page" }] : [{ type: "main" }] }}';
