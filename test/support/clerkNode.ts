import { ExecuteContext } from 'n8n-core';
import { createRunExecutionData, NodeHelpers } from 'n8n-workflow';
import type { ICredentialDataDecryptedObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { Clerk } from '../../nodes/Clerk/Clerk.node';
import type { ClerkCloud } from './clerk/cloud';
import { additionalDataOf, nodeOf, workflowOf } from './n8nContext';

export const node = new Clerk();

export interface Running {
	items?: INodeExecutionData[];
	continueOnFail?: boolean;
	credential?: ICredentialDataDecryptedObject;
	/** Which n8n it is, and where Clerk reaches it. */
	instanceId?: string;
	base?: string;
}

function credentialOf(cloud: Parameters<typeof run>[0]): ICredentialDataDecryptedObject {
	if (!cloud) throw new Error('Give the node a played Clerk or a credential');
	return { secretKey: cloud.secretKey, apiUrl: cloud.apiUrl, portalUrl: cloud.portalUrl };
}

/** The message with which something ends. */
export async function errorOf(failing: Promise<unknown>): Promise<string> {
	return await failing.then(
		() => 'no error',
		(error: Error) => error.message,
	);
}

/** Runs the Clerk node against a played Clerk: n8n's own context and HTTP helpers, without n8n around them. */
export async function run(
	cloud: Pick<ClerkCloud, 'secretKey' | 'apiUrl' | 'portalUrl'> | undefined,
	parameters: INodeParameters,
	{ items = [{ json: {} }], continueOnFail = false, credential, instanceId, base = 'http://127.0.0.1' }: Running = {},
): Promise<INodeExecutionData[][]> {
	const placed = nodeOf(node, {
		parameters,
		credentials: { clerkApi: { id: '1', name: 'Clerk' } },
		...(continueOnFail ? { onError: 'continueRegularOutput' as const } : {}),
	});
	const { description } = node;
	// As the editor and n8n fill in what was left as it is at first.
	placed.parameters = NodeHelpers.getNodeParameters(description.properties, parameters, true, false, placed, description) ?? {};
	const input = { main: [items] };
	const context = new ExecuteContext(
		workflowOf(node, [placed], { active: false }),
		placed,
		additionalDataOf(() => credential ?? credentialOf(cloud), base),
		'manual',
		createRunExecutionData(),
		0,
		items,
		input,
		{ node: placed, data: input, source: null },
		[],
	);
	if (instanceId !== undefined) jest.spyOn(context, 'getInstanceId').mockReturnValue(instanceId);
	return await node.execute.call(context);
}
