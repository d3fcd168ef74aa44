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
import type { Portal } from './api/portal';
import { openPortalOf, ownEndpoints, runEndpointOperation } from './endpoint/operations';
import { endpointOperation, endpointParameters } from './endpoint/parameters';

export class Clerk implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Clerk',
		name: 'clerk',
		icon: { light: 'file:clerk.svg', dark: 'file:clerk.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Sends test events to the endpoint of a Clerk Trigger, and has Clerk deliver again what failed',
		defaults: { name: 'Clerk' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'clerkApi', required: true, testedBy: 'secretKeyIsTaken' }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				default: 'endpoint',
				options: [
					{
						name: 'Endpoint',
						value: 'endpoint',
						description: 'Where Clerk delivers events: the endpoint that a Clerk Trigger registered by itself',
					},
				],
			},
			endpointOperation,
			...endpointParameters,
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
		loadOptions: {
			async getEndpoints(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
				return await ownEndpoints(this);
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const input = [...this.getInputData().keys()];
		const items: INodeExecutionData[] = [];
		const failed = (error: unknown, itemIndex: number): void => {
			const failure = new NodeOperationError(this.getNode(), error as Error, { itemIndex });
			if (!this.continueOnFail()) throw failure;
			items.push({ json: { error: failure.message }, pairedItem: { item: itemIndex } });
		};
		let portal: Portal;
		try {
			// One sign-in for all items: the link to the portal is good for one.
			portal = await openPortalOf(this);
		} catch (error) {
			for (const itemIndex of input) failed(error, itemIndex);
			return [items];
		}
		try {
			for (const itemIndex of input) {
				try {
					items.push({ json: await runEndpointOperation(this, portal, itemIndex), pairedItem: { item: itemIndex } });
				} catch (error) {
					failed(error, itemIndex);
				}
			}
		} finally {
			await closePortal(portal);
		}
		return [items];
	}
}
