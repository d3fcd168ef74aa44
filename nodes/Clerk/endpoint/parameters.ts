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
			name: 'Check',
			value: 'check',
			action: 'Check an endpoint',
			description: 'Say what differs between an endpoint in Clerk and what its Clerk Trigger wants, and set it right if you wish',
		},
		{
			name: 'Deliver Again',
			value: 'recover',
			action: 'Deliver again what failed',
			description: 'Has Clerk deliver again what an endpoint did not accept since a time',
		},
		{
			name: 'Get Deliveries',
			value: 'getDeliveries',
			action: 'Get deliveries',
			description: 'Read how Clerk fared with delivering to an endpoint since a time, the latest attempt first',
		},
		{
			name: 'Send Test Event',
			value: 'sendExample',
			action: 'Send a test event',
			description: 'Has Clerk deliver its example of an event to an endpoint',
		},
	],
};

/** In place of one endpoint. */
export const ALL_ENDPOINTS = 'all';

/**
 * A node is told n8n's address only in the URL by which a waiting execution goes on: the address, n8n's word for
 * waiting webhooks, and the execution with a signature.
 */
const ADDRESS_OF_N8N = "={{ $execution.resumeUrl.split('?')[0].split('/').slice(0, -2).join('/') }}";

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
		displayName: 'Endpoint Name or ID',
		name: 'endpoint',
		type: 'options',
		typeOptions: { loadOptionsMethod: 'getEndpointsOrAll' },
		required: true,
		default: 'all',
		displayOptions: shownFor('check', 'getDeliveries'),
		description:
			'An endpoint that a Clerk Trigger registered by itself, or all that Clerk Triggers of this n8n registered. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
	},
	{
		displayName: 'Fix',
		name: 'fix',
		type: 'boolean',
		default: false,
		displayOptions: shownFor('check'),
		description:
			'Whether to set right what differs: to switch the endpoint on again, and to set its URL and events. An endpoint that is gone is not made anew: publish the workflow of its trigger for that.',
	},
	{
		displayName: 'Webhook Address',
		name: 'address',
		type: 'string',
		default: ADDRESS_OF_N8N,
		displayOptions: shownFor('check'),
		description:
			'Where this n8n is reached from the internet, to compare with where the endpoint leads. It is what n8n is set to (N8N_WEBHOOK_URL) unless you write something else. If empty, the address with which the endpoint was registered counts.',
	},
	{
		displayName: 'Since',
		name: 'since',
		type: 'dateTime',
		required: true,
		default: '',
		displayOptions: shownFor('getDeliveries'),
		description: 'From when on to read attempts to deliver',
	},
	{
		displayName: 'Only Failed',
		name: 'onlyFailed',
		type: 'boolean',
		default: true,
		displayOptions: shownFor('getDeliveries'),
		description: 'Whether to leave out the attempts that were accepted',
	},
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		displayOptions: shownFor('getDeliveries'),
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: { show: { resource: ['endpoint'], operation: ['getDeliveries'], returnAll: [false] } },
		description: 'Max number of results to return',
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
