import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { readOperations } from '../backfill/parameters';
import { endpointOperation } from '../endpoint/parameters';
import { eventOperation } from '../messages/parameters';
import { operationParameter, optionsOf } from './parameters';

/** All resources of the node. */
export const resourceParameter: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	default: 'contact',
	options: [
		{ name: 'Allowlist', value: 'allowlist', description: 'Who may sign up if sign-ups are restricted' },
		{ name: 'Blocklist', value: 'blocklist', description: 'Who may not sign up' },
		{
			name: 'Contact',
			value: 'contact',
			description: 'A user of your Clerk application, in the same form as in the Clerk Trigger',
		},
		{
			name: 'Endpoint',
			value: 'endpoint',
			description: 'A webhook endpoint in Clerk that a Clerk Trigger registered',
			builderHint: {
				propertyHint: 'Only to watch or test an endpoint that a Clerk Trigger registered. Receiving events does not need it.',
			},
		},
		{
			name: 'Event',
			value: 'event',
			description: 'The events that Clerk sent since a given time, to catch up or if Clerk cannot reach n8n',
			builderHint: {
				propertyHint: 'Only to catch up on a schedule. To receive events as they happen, use the Clerk Trigger.',
			},
		},
		{ name: 'Invitation', value: 'invitation', description: 'An invitation to your application' },
		{ name: 'Membership', value: 'membership', description: 'A user in an organization' },
		{ name: 'Organization', value: 'organization', description: 'An organization, to change it' },
		{ name: 'Organization Invitation', value: 'organizationInvitation', description: 'An invitation to an organization' },
		{ name: 'Session', value: 'session', description: 'A sign-in of a user' },
		{ name: 'Tenant', value: 'tenant', description: 'An organization, in the same form as in the Clerk Trigger' },
		{ name: 'User', value: 'user', description: 'A user of your Clerk application, to change it' },
		{ name: 'Waitlist Entry', value: 'waitlistEntry', description: 'A person on the waitlist' },
	],
};

const byName = (options: INodePropertyOptions[]) => [...options].sort((a, b) => a.name.localeCompare(b.name, 'en'));

/** The operations of each resource: those that read contacts and tenants, and those of the catalogue. */
export const operationParameters: INodeProperties[] = [
	...readOperations.map((property): INodeProperties => {
		const resources = (property.displayOptions?.show?.['resource'] ?? []) as string[];
		const options = property.options as INodePropertyOptions[];
		return { ...property, options: byName([...options, ...resources.flatMap(optionsOf)]) };
	}),
	endpointOperation,
	eventOperation,
	operationParameter('allowlist', 'create'),
	operationParameter('blocklist', 'create'),
	operationParameter('invitation', 'create'),
	operationParameter('organization', 'create'),
	operationParameter('organizationInvitation', 'create'),
	operationParameter('session', 'getAll'),
	operationParameter('user', 'updateMetadata'),
];
