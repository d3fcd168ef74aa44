import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecuteContext } from 'n8n-core';
import { createRunExecutionData, NodeHelpers, Workflow } from 'n8n-workflow';
import type {
	ICredentialDataDecryptedObject,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodeTypes,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import { Clerk } from '../../nodes/Clerk/Clerk.node';
import type { ClerkCloud } from './clerk/cloud';

export const node = new Clerk();

/** n8n keeps an encryption key in its user folder and makes one where there is none: not in the home of whoever runs this. */
export function inUserFolderOfItsOwn(): void {
	const userFolder = mkdtempSync(join(tmpdir(), 'clerk-action-'));
	const before = process.env['N8N_USER_FOLDER'];
	process.env['N8N_USER_FOLDER'] = userFolder;
	afterAll(() => {
		if (before === undefined) delete process.env['N8N_USER_FOLDER'];
		else process.env['N8N_USER_FOLDER'] = before;
		rmSync(userFolder, { recursive: true });
	});
}

export interface Running {
	items?: INodeExecutionData[];
	continueOnFail?: boolean;
	credential?: ICredentialDataDecryptedObject;
	/** Which n8n it is, and where Clerk reaches it. */
	instanceId?: string;
	base?: string;
}

/** Runs the action node against Clerk as the cloud plays it: n8n's own context and HTTP helpers, without n8n around them. */
export async function run(
	cloud: ClerkCloud,
	parameters: INodeParameters,
	{ items = [{ json: {} }], continueOnFail = false, credential, instanceId, base = 'http://127.0.0.1' }: Running = {},
): Promise<INodeExecutionData[][]> {
	const placed: INode = {
		id: 'node_1',
		name: 'Clerk',
		type: 'n8n-nodes-clerk-sync.clerk',
		typeVersion: 1,
		position: [0, 0],
		parameters,
		credentials: { clerkApi: { id: '1', name: 'Clerk' } },
		...(continueOnFail ? { onError: 'continueRegularOutput' as const } : {}),
	};
	// As the editor and n8n fill in what was left as it is at first.
	placed.parameters =
		NodeHelpers.getNodeParameters(node.description.properties, parameters, true, false, placed, node.description) ?? {};
	const nodeTypes: INodeTypes = { getByName: () => node, getByNameAndVersion: () => node, getKnownTypes: () => ({}) };
	const workflow = new Workflow({ id: 'wf_1', name: 'Contacts', nodes: [placed], connections: {}, active: false, nodeTypes });
	const additionalData = {
		webhookWaitingBaseUrl: `${base}/webhook-waiting`,
		executionId: '7',
		formWaitingBaseUrl: 'http://127.0.0.1/form-waiting',
		credentialsHelper: {
			isCredentialUsableByNode: () => true,
			getDecrypted: async () => credential ?? { secretKey: cloud.secretKey, apiUrl: cloud.apiUrl, portalUrl: cloud.portalUrl },
			getParentTypes: () => [],
			preAuthentication: async () => undefined,
			authenticate: async (data: ICredentialDataDecryptedObject, _: string, options: IHttpRequestOptions) => ({
				...options,
				headers: { ...options.headers, Authorization: `Bearer ${data['secretKey'] as string}` },
			}),
		},
	} as unknown as IWorkflowExecuteAdditionalData;
	const inputData = { main: [items] };
	const context = new ExecuteContext(
		workflow,
		placed,
		additionalData,
		'manual',
		createRunExecutionData(),
		0,
		items,
		inputData,
		{ node: placed, data: inputData, source: null },
		[],
	);
	if (instanceId !== undefined) jest.spyOn(context, 'getInstanceId').mockReturnValue(instanceId);
	return await node.execute.call(context);
}
