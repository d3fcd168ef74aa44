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
			description: 'Read the events that Clerk sent since a given time, oldest first, in the same form as in the Clerk Trigger',
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
	description: 'The end of the time range (exclusive). If empty, events up to now are read.',
};

export const eventParameters: INodeProperties[] = [
	{
		displayName:
			'These events are not signed: TLS and your secret key ensure that they come from Clerk. Clerk keeps them for a limited time.',
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
			'The start of the time range (inclusive). Choose a time somewhat before your last run, and remove events that you already have by their ID, with a Remove Duplicates node.',
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
		// n8n's linter fixes the description of a limit.
		hint: 'You get the oldest events, so the next run can start at the sentAt of the last one. Events sent exactly at Since do not count toward the limit, and events sent in the same millisecond as the last one are included.',
	},
	{
		...outputParameter,
		displayOptions,
		builderHint: {
			propertyHint:
				'Choose `item` if the same nodes also follow a Clerk Trigger. Fields are then under `contact`, `event` and `tenant`.',
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
