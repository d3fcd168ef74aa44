import type { INodeProperties } from 'n8n-workflow';

import { catalogue, labelOf } from '../events/catalogue';

const shownFor = (...operation: string[]) => ({ show: { resource: ['endpoint'], operation } });

export const endpointOperation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['endpoint'] } },
	default: 'sendExample',
	options: [
		{
			name: 'Deliver Again',
			value: 'recover',
			action: 'Deliver again what failed',
			description: 'Has Clerk deliver again what an endpoint did not accept since a time',
		},
		{
			name: 'Send Test Event',
			value: 'sendExample',
			action: 'Send a test event',
			description: 'Has Clerk deliver its example of an event to an endpoint',
		},
	],
};

export const endpointParameters: INodeProperties[] = [
	{
		displayName: 'Endpoint Name or ID',
		name: 'endpoint',
		type: 'options',
		typeOptions: { loadOptionsMethod: 'getEndpoints' },
		required: true,
		default: '',
		displayOptions: shownFor('recover', 'sendExample'),
		description:
			'An endpoint that a Clerk Trigger registered by itself. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
	},
	{
		displayName: 'Event',
		name: 'eventType',
		type: 'options',
		required: true,
		default: 'user.created',
		displayOptions: shownFor('sendExample'),
		options: catalogue
			.map((event) => ({ name: labelOf(event), value: event.type, description: event.description }))
			.sort((a, b) => a.name.localeCompare(b.name, 'en')),
		description:
			'Which event to send. The examples of users have no email address, so the Clerk Trigger skips them unless its Contacts Without Email is on Pass On.',
	},
	{
		displayName: 'Since',
		name: 'since',
		type: 'dateTime',
		required: true,
		default: '',
		displayOptions: shownFor('recover'),
		description:
			'From when on to deliver again what was not accepted. Clerk keeps it for some days; what was accepted does not come again.',
	},
];
