import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Workflow } from 'n8n-workflow';
import type {
	ICredentialDataDecryptedObject,
	IHttpRequestOptions,
	INode,
	INodeType,
	IWorkflowExecuteAdditionalData,
	WorkflowParameters,
} from 'n8n-workflow';

/** What n8n-core's own contexts need of n8n, for tests of the nodes without a running n8n. */

// n8n keeps an encryption key in its user folder and makes one where there is none: not in the home folder of the person who runs this.
const userFolder = mkdtempSync(join(tmpdir(), 'clerk-unit-'));
process.env['N8N_USER_FOLDER'] = userFolder;
afterAll(() => rmSync(userFolder, { recursive: true }));

/** `not set`: the node names none. `unreadable`: n8n cannot decrypt it. */
export type Credential = ICredentialDataDecryptedObject | 'not set' | 'unreadable';

/** What n8n hands to its contexts beside the workflow. */
export function additionalDataOf(credential: () => Credential, base = 'https://n8n.example.com'): IWorkflowExecuteAdditionalData {
	return {
		webhookBaseUrl: `${base}/webhook`,
		webhookTestBaseUrl: `${base}/webhook-test`,
		webhookWaitingBaseUrl: `${base}/webhook-waiting`,
		formWaitingBaseUrl: `${base}/form-waiting`,
		executionId: '7',
		credentialsHelper: {
			isCredentialUsableByNode: () => true,
			getDecrypted: async () => {
				const data = credential();
				if (typeof data === 'string') throw new Error('Credentials could not be decrypted');
				return data;
			},
			getParentTypes: () => [],
			preAuthentication: async () => undefined,
			authenticate: async (data: ICredentialDataDecryptedObject, _: string, options: IHttpRequestOptions) => ({
				...options,
				headers: { ...options.headers, Authorization: `Bearer ${data['secretKey'] as string}` },
			}),
		},
	} as unknown as IWorkflowExecuteAdditionalData;
}

/** A node as n8n holds it. */
export function nodeOf({ description }: INodeType, placed: Partial<INode>): INode {
	return {
		id: 'node_1',
		name: description.defaults.name ?? '',
		type: `n8n-nodes-clerk-sync.${description.name}`,
		typeVersion: [description.version].flat()[0] ?? 1,
		position: [0, 0],
		parameters: {},
		...placed,
	};
}

/** A workflow of these nodes, each of which follows the one before it. */
export function workflowOf(type: INodeType, nodes: INode[], more: Partial<WorkflowParameters> = {}): Workflow {
	const nodeTypes = { getByName: () => type, getByNameAndVersion: () => type, getKnownTypes: () => ({}) };
	const connections = Object.fromEntries(
		nodes
			.slice(1)
			.map(({ name }, index) => [nodes[index]?.name ?? '', { main: [[{ node: name, type: 'main' as const, index: 0 }]] }]),
	);
	return new Workflow({ id: 'wf_1', name: 'Contacts', nodes, connections, active: true, nodeTypes, ...more });
}
