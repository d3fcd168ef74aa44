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
			description: 'Compare an endpoint in Clerk with the settings of its Clerk Trigger, and fix it if you want',
		},
		{
			name: 'Deliver Again',
			value: 'recover',
			action: 'Deliver failed events again',
			description: 'Ask Clerk to resend the events that an endpoint has not accepted since a given time',
		},
		{
			name: 'Get Deliveries',
			value: 'getDeliveries',
			action: 'Get deliveries',
			description: "Read Clerk's attempts to deliver to an endpoint since a given time, latest first",
		},
		{
			name: 'Send Test Event',
			value: 'sendExample',
			action: 'Send a test event',
			description: 'Ask Clerk to send its example of an event to an endpoint',
		},
	],
};

/** Stands for all endpoints instead of one. */
export const ALL_ENDPOINTS = 'all';

/**
 * n8n's public URL, which a node can only get from the URL that resumes a waiting execution: n8n's URL, its prefix
 * for waiting webhooks, and the execution with a signature.
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
			'An endpoint that a Clerk Trigger registered. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
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
			'An endpoint that a Clerk Trigger registered, or all endpoints that Clerk Triggers of this n8n registered. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
	},
	{
		displayName: 'Fix',
		name: 'fix',
		type: 'boolean',
		default: false,
		displayOptions: shownFor('check'),
		description:
			'Whether to fix what differs: enable the endpoint again, and update its URL and events. To create a missing endpoint again, publish the workflow of its trigger.',
	},
	{
		displayName: 'Webhook Address',
		name: 'address',
		type: 'string',
		default: ADDRESS_OF_N8N,
		displayOptions: shownFor('check'),
		description:
			'The public URL of this n8n, to compare with the URL of the endpoint. By default, it is the one that n8n is configured with (N8N_WEBHOOK_URL). If empty, the URL that the endpoint was registered with is used.',
	},
	{
		displayName: 'Since',
		name: 'since',
		type: 'dateTime',
		required: true,
		default: '',
		displayOptions: shownFor('getDeliveries'),
		description: 'The time from which to read attempts',
	},
	{
		displayName: 'Only Failed',
		name: 'onlyFailed',
		type: 'boolean',
		default: true,
		displayOptions: shownFor('getDeliveries'),
		description: 'Whether to return only failed attempts',
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
			"The event to send. Clerk's examples of users have no email address, so the Clerk Trigger skips them unless Contacts Without Email is set to Pass On.",
	},
	{
		displayName: 'Since',
		name: 'since',
		type: 'dateTime',
		required: true,
		default: '',
		displayOptions: shownFor('recover'),
		description:
			'The time from which to resend failed events. Clerk keeps events for only a few days. Events that were accepted are not sent again.',
	},
];
