import type { INodeProperties } from 'n8n-workflow';

import { eventOptions } from './eventOptions';

// Not inside the collection: n8n's lint would want them by the alphabet, and the events belong on top.
const mappingFields: INodeProperties[] = [
	{
		displayName: 'Events',
		name: 'events',
		type: 'multiOptions',
		options: eventOptions,
		default: [],
		description: 'The events that this mapping is for. Choose them under Events to Receive too.',
	},
	{
		displayName: 'Other Events',
		name: 'otherEvents',
		type: 'string',
		default: '',
		placeholder: 'e.g. user.somethingNew',
		description: 'Events that are not in the list, as Clerk writes them, separated by commas',
	},
	{
		displayName: 'Active',
		name: 'active',
		type: 'boolean',
		default: true,
		description: 'Whether this mapping counts',
	},
	{
		displayName: 'Contact Action',
		name: 'contactAction',
		type: 'options',
		default: 'default',
		options: [
			{
				name: 'Create or Update',
				value: 'upsert',
				description: 'Create a new record, or update the current one if it already exists (upsert)',
			},
			{ name: 'Default', value: 'default', description: 'What the event does by itself, or an earlier mapping says' },
			{ name: 'Delete', value: 'delete' },
			{ name: 'No Contact', value: 'none' },
			{ name: 'Unsubscribe', value: 'unsubscribe' },
		],
		description: 'What the contact store should do',
	},
	{
		displayName: 'Event',
		name: 'event',
		type: 'options',
		default: 'default',
		options: [
			{ name: 'Default', value: 'default', description: 'With its own name or the one below, or what an earlier mapping says' },
			{ name: 'No Event', value: 'none' },
		],
		description: 'Whether an event comes out',
	},
	{
		displayName: 'Event Name',
		name: 'eventName',
		type: 'string',
		default: '',
		placeholder: 'e.g. newClerkUser',
		displayOptions: { hide: { event: ['none'] } },
		description: 'The name of the event that comes out. Empty means its own name.',
	},
	{
		displayName: 'Additional Event Name',
		name: 'additionalEventName',
		type: 'string',
		default: '',
		placeholder: 'e.g. trialStarted',
		description: 'The name of a second event that comes out beside the first, with an ID of its own',
	},
	{
		displayName: 'User Group',
		name: 'userGroup',
		type: 'string',
		default: '',
		placeholder: 'e.g. Customers',
		description: 'The group that the contact belongs to, as userGroup',
	},
	{
		displayName: 'Mailing Lists to Join',
		name: 'joinLists',
		type: 'string',
		default: '',
		placeholder: 'e.g. cm06f5v0e45nf0ml5754o9cix',
		description: 'The IDs of mailing lists, separated by commas',
	},
	{
		displayName: 'Mailing Lists to Leave',
		name: 'leaveLists',
		type: 'string',
		default: '',
		description: 'The IDs of mailing lists, separated by commas. A list named under both is left.',
	},
	{
		displayName: 'Tenant Action',
		name: 'tenantAction',
		type: 'options',
		default: 'default',
		options: [
			{
				name: 'Create or Update',
				value: 'set',
				description: 'With an event about billing: the plan of the organization that pays. Other events stay as they are.',
			},
			{ name: 'Default', value: 'default', description: 'What the event does by itself, or an earlier mapping says' },
			{ name: 'No Tenant', value: 'none' },
		],
		description: 'What the store of organizations and members should do',
	},
];

export const mappingsParameter: INodeProperties = {
	displayName: 'Mappings',
	name: 'mappings',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	placeholder: 'Add mapping',
	default: {},
	options: [{ displayName: 'Mapping', name: 'mapping', values: mappingFields }],
	description:
		'What chosen events do in place of their defaults. Where several mappings match an event, the last one that sets a field wins that field.',
};
