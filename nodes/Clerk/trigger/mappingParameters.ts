import type { INodeProperties } from 'n8n-workflow';

import { eventOptions } from './eventOptions';

// Declared outside the collection: n8n's linter would sort them by name, and the events belong at the top.
const mappingFields: INodeProperties[] = [
	{
		displayName: 'Events',
		name: 'events',
		type: 'multiOptions',
		options: eventOptions,
		default: [],
		description: 'The events that this mapping applies to. Choose them under Events to Receive as well.',
	},
	{
		displayName: 'Other Events',
		name: 'otherEvents',
		type: 'string',
		default: '',
		placeholder: 'e.g. user.somethingNew',
		description: 'Comma-separated list of event types that are not in the list above',
	},
	{
		displayName: 'Active',
		name: 'active',
		type: 'boolean',
		default: true,
		description: 'Whether to apply this mapping',
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
			{ name: 'Default', value: 'default', description: 'Keep the default of the event, or the choice of an earlier mapping' },
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
			{ name: 'Default', value: 'default', description: 'Output the event, unless an earlier mapping says otherwise' },
			{ name: 'No Event', value: 'none' },
		],
		description: 'Whether to output an event',
	},
	{
		displayName: 'Event Name',
		name: 'eventName',
		type: 'string',
		default: '',
		placeholder: 'e.g. newClerkUser',
		displayOptions: { hide: { event: ['none'] } },
		description: 'The name of the event. Leave empty to keep its default name.',
	},
	{
		displayName: 'Additional Event Name',
		name: 'additionalEventName',
		type: 'string',
		default: '',
		placeholder: 'e.g. trialStarted',
		description: 'The name of a second event to output with the first. It has its own ID.',
	},
	{
		displayName: 'User Group',
		name: 'userGroup',
		type: 'string',
		default: '',
		placeholder: 'e.g. Customers',
		description: 'The group of the contact, output as userGroup',
	},
	{
		displayName: 'Mailing Lists to Join',
		name: 'joinLists',
		type: 'string',
		default: '',
		placeholder: 'e.g. cm06f5v0e45nf0ml5754o9cix',
		description: 'Comma-separated list of mailing list IDs',
	},
	{
		displayName: 'Mailing Lists to Leave',
		name: 'leaveLists',
		type: 'string',
		default: '',
		description: 'Comma-separated list of mailing list IDs. A list that is in both fields is left.',
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
			{ name: 'Default', value: 'default', description: 'Keep the default of the event, or the choice of an earlier mapping' },
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
	description: 'Change what events do by default. If several mappings match an event, the last one that sets a field wins.',
};
