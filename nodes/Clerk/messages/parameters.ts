import type { INodeProperties } from 'n8n-workflow';

import { eventOptions } from '../trigger/eventOptions';
import { mappingsParameter } from '../trigger/mappingParameters';
import { optionsParameter, outputParameter } from '../trigger/parameters';

const show = { resource: ['event'], operation: ['getAll'] };
const displayOptions = { show };

export const eventOperation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['event'] } },
	default: 'getAll',
	options: [
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many events',
			description: 'Read what Clerk sent since a time, the oldest first, as the Clerk Trigger puts it out',
		},
	],
};

/** Options of the trigger that are about a delivery, or about what came before. */
const OF_DELIVERIES = ['acknowledge', 'onlyInstance', 'onlyProduction', 'skipDuplicates', 'skipOutOfDate', 'toleranceSeconds'];

const shared = (optionsParameter.options as INodeProperties[]).filter(({ name }) => !OF_DELIVERIES.includes(name));

const until: INodeProperties = {
	displayName: 'Until',
	name: 'until',
	type: 'dateTime',
	default: '',
	description: 'Up to when to read. Empty reads up to now.',
};

export const eventParameters: INodeProperties[] = [
	{
		displayName:
			'These events are not signed: that they come from Clerk rests on TLS and on your secret key. Clerk keeps them for a limited time.',
		name: 'unsignedNotice',
		type: 'notice',
		default: '',
		displayOptions,
	},
	{
		displayName: 'Since',
		name: 'since',
		type: 'dateTime',
		required: true,
		default: '',
		displayOptions,
		description:
			'From when on. Take a time somewhat before your last run, and let Remove Duplicates drop what came before, by the ID of the event.',
	},
	{
		displayName: 'Events',
		name: 'events',
		type: 'multiOptions',
		options: eventOptions,
		default: ['user.created', 'user.updated'],
		displayOptions,
		description: 'Which events to read',
	},
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: true,
		displayOptions,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: { show: { ...show, returnAll: [false] } },
		description: 'Max number of results to return',
	},
	{
		...outputParameter,
		displayOptions,
		builderHint: {
			propertyHint:
				'Choose `item` if the same nodes also follow a Clerk Trigger: fields are then under `contact`, `event` and `tenant`.',
		},
		// One output is enough here: there is no branch to feed.
		options: (outputParameter.options ?? []).filter((option) => !('value' in option && option.value === 'split')),
	},
	{ ...mappingsParameter, displayOptions },
	{
		...optionsParameter,
		displayOptions,
		options: [...shared, until].sort((a, b) => a.displayName.localeCompare(b.displayName, 'en')),
	},
];
