import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Request as ExpressRequest } from 'express';
import { WebhookContext } from 'n8n-core';
import { Workflow } from 'n8n-workflow';
import type { INode, INodeTypes, IWebhookData, IWorkflowExecuteAdditionalData } from 'n8n-workflow';

import { ClerkTrigger } from '../../nodes/Clerk/ClerkTrigger.node';
import { FakeResponse } from '../support/response';
import type { Given, Received, Request } from './node';

const trigger = new ClerkTrigger();
const nodeTypes: INodeTypes = {
	getByName: () => trigger,
	getByNameAndVersion: () => trigger,
	getKnownTypes: () => ({}),
};

/**
 * n8n keeps settings in its user folder: not in the home folder of the person who runs this. To be called before the first delivery.
 * @returns what takes the folder away again
 */
export function useOwnFolder(): () => void {
	const folder = mkdtempSync(join(tmpdir(), 'clerk-trigger-fuzz-'));
	const own = { N8N_USER_FOLDER: folder, N8N_ENCRYPTION_KEY: 'fuzz' };
	const before = Object.keys(own).map((name) => [name, process.env[name]] as const);
	Object.assign(process.env, own);
	return () => {
		for (const [name, value] of before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
		rmSync(folder, { recursive: true, force: true });
	};
}

/** The node's `webhook()` in n8n's own context, which evaluates what begins with "=" in a parameter. */
export async function receiveInN8n(
	{ headers, body }: Request,
	{ parameters, credential, nodeId, mode }: Given,
): Promise<Received> {
	const node: INode = {
		id: nodeId,
		name: 'From Clerk',
		type: 'n8n-nodes-clerk-sync.clerkTrigger',
		typeVersion: 1.1,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
		credentials: { clerkWebhookApi: { id: '1', name: 'Clerk' } },
	};
	const workflow = new Workflow({ id: 'wf_1', name: 'Contacts', nodes: [node], connections: {}, active: true, nodeTypes });
	const response = new FakeResponse();
	const request = { headers, params: {}, query: {}, body: {}, rawBody: body ?? undefined };
	const additionalData = {
		webhookBaseUrl: 'https://n8n.example.com/webhook',
		credentialsHelper: { isCredentialUsableByNode: () => true, getDecrypted: async () => credential },
		httpRequest: request as unknown as ExpressRequest,
		httpResponse: response.asExpress,
	} as unknown as IWorkflowExecuteAdditionalData;
	const description = { webhookDescription: trigger.description.webhooks?.[0] } as IWebhookData;
	const context = new WebhookContext(workflow, node, additionalData, mode ?? 'webhook', description, [], null);
	const log: string[] = [];
	Object.defineProperty(context, 'logger', { value: { error: (line: string) => log.push(line) } });
	const result = await trigger.webhook.call(context);
	return { result, items: result.workflowData ?? null, response, log };
}
