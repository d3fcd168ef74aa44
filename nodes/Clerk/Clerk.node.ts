import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';
import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodePropertyOptions,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { testSecretKey } from './api/credentialCheck';
import { closePortal } from './api/portal';
import { linked, openBackend, Reader } from './backfill/operations';
import type { Read } from './backfill/operations';
import { OUTPUTS, readParameters } from './backfill/parameters';
import { openPortalOf, ownEndpoints, runEndpointOperation } from './endpoint/operations';
import { ALL_ENDPOINTS, endpointParameters } from './endpoint/parameters';
import { eventParameters } from './messages/parameters';
import { readEvents } from './messages/read';
import { operationOf } from './operations/catalogue';
import { operationParameters, resourceParameter } from './operations/menu';
import { operationFields } from './operations/parameters';
import { Operator } from './operations/run';
import { searchMethods } from './operations/search';

export class Clerk implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Clerk',
		name: 'clerk',
		icon: { light: 'file:clerk.svg', dark: 'file:clerk.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			'Reads users, organizations and events from Clerk, and changes users, metadata, invitations, the waitlist, organizations and memberships',
		defaults: { name: 'Clerk' },
		usableAsTool: true,
		builderHint: {
			searchHint:
				'Authentication, paging and rate limits are built in. Do not add an HTTP Request or Code node for that. To react to sign-ups and changes, use Clerk Trigger; use this node to read users who signed up earlier, or who changed since a time, and to write back to Clerk: `updateMetadata`, `setExternalId`, `invite`, `ban`. What it reads as `contact` has the same output as the trigger.',
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-clerk-sync.clerkTrigger',
					relationHint: 'Starts the workflow when a user signs up, changes or is deleted',
				},
				{
					nodeType: 'n8n-nodes-base.scheduleTrigger',
					relationHint: 'Runs `getChanged` every night, to find what webhooks missed',
				},
				{ nodeType: 'n8n-nodes-base.dataTable', relationHint: 'Stores contacts: upsert rows by `contact.userId`' },
			],
		},
		inputs: [NodeConnectionTypes.Main],
		outputs: OUTPUTS,
		credentials: [{ name: 'clerkApi', required: true, testedBy: 'secretKeyIsTaken' }],
		// Only where the output is raw: what an option asked for by its name should be visible.
		sensitiveOutputFields: [
			'private_metadata',
			'unsafe_metadata',
			'url',
			'invitation.url',
			'organization.private_metadata',
			'raw.data.body',
			'raw.data.body_plain',
			'raw.data.subject',
			'raw.data.message',
			'raw.data.data',
			'raw.data.url',
			'raw.data.invitation.url',
			'raw.data.private_metadata',
			'raw.data.unsafe_metadata',
			'raw.data.user.private_metadata',
			'raw.data.user.unsafe_metadata',
			'raw.data.organization.private_metadata',
		],
		properties: [
			resourceParameter,
			...operationParameters,
			...endpointParameters,
			...eventParameters,
			...operationFields,
			...readParameters,
		],
	};

	methods = {
		credentialTest: {
			async secretKeyIsTaken(
				this: ICredentialTestFunctions,
				credential: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
			): Promise<INodeCredentialTestResult> {
				return await testSecretKey(this, credential.data ?? {});
			},
		},
		listSearch: searchMethods,
		loadOptions: {
			async getEndpoints(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
				return await ownEndpoints(this);
			},
			async getEndpointsOrAll(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
				return [
					{
						name: 'All Endpoints',
						value: ALL_ENDPOINTS,
						description: 'All endpoints that Clerk Triggers of this n8n registered',
					},
					...(await ownEndpoints(this)),
				];
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const input = [...this.getInputData().keys()];
		const [contacts, nextPages]: [INodeExecutionData[], INodeExecutionData[]] = [[], []];
		const failed = (error: unknown, itemIndex: number, resumeAfter?: string | null): void => {
			// A new error: n8n leaves a NodeOperationError as it is, without the item's index.
			const cause = error instanceof NodeOperationError ? error.message : (error as Error | string);
			const failure = new NodeOperationError(this.getNode(), cause, { itemIndex });
			if (!this.continueOnFail()) throw failure;
			const json = { error: failure.message, ...(resumeAfter === undefined ? {} : { resumeAfter }) };
			// n8n sends items with `error` to the error output.
			contacts.push({ json, error: failure, pairedItem: { item: itemIndex } });
		};
		const forEach = async (run: (itemIndex: number) => Promise<Read>): Promise<void> => {
			for (const itemIndex of input) {
				try {
					const { items, nextPage, brokenOff } = await run(itemIndex);
					// One at a time: a function takes only so many arguments.
					if (!brokenOff || this.continueOnFail()) for (const item of linked(items, itemIndex)) contacts.push(item);
					if (nextPage) nextPages.push(...linked([nextPage], itemIndex));
					if (brokenOff) failed(brokenOff.message, itemIndex, brokenOff.resumeAfter);
				} catch (error) {
					failed(error, itemIndex);
				}
			}
		};
		try {
			const resource = this.getNodeParameter('resource', 0);
			if (resource === 'endpoint' || resource === 'event') {
				const runOne = resource === 'endpoint' ? runEndpointOperation : readEvents;
				// One sign-in for all items: a link to the portal works only once.
				const visit = await openPortalOf(this);
				try {
					await forEach(async (itemIndex) => ({ items: await runOne(this, visit, itemIndex) }));
				} finally {
					await closePortal(visit.portal);
				}
			} else {
				const { backend, environment } = await openBackend(this);
				const row = operationOf(resource, this.getNodeParameter('operation', 0));
				if (row) {
					const operator = new Operator(this, backend);
					await forEach(async (itemIndex) => ({ items: await operator.run(row, itemIndex) }));
				} else {
					const reader = new Reader(this, backend, environment);
					await forEach(async (itemIndex) => await reader.run(itemIndex));
				}
			}
		} catch (error) {
			const ofItem = error instanceof NodeOperationError ? error.context['itemIndex'] : undefined;
			const indexes = typeof ofItem === 'number' && !this.continueOnFail() ? [ofItem] : input;
			for (const itemIndex of indexes) failed(error, itemIndex);
		}
		return nextPages.length > 0 ? [contacts, nextPages] : [contacts];
	}
}
