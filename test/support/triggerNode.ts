import type { Request } from 'express';
import { HookContext, WebhookContext } from 'n8n-core';
import type {
	IDataObject,
	INode,
	INodeParameters,
	IWebhookData,
	IWebhookResponseData,
	Workflow,
	WorkflowActivateMode,
} from 'n8n-workflow';

import { ClerkTrigger } from '../../nodes/Clerk/ClerkTrigger.node';
import { readSigningKeys } from '../../nodes/Clerk/trigger/settings';
import { SECRET } from './deliveries';
import { additionalDataOf, nodeOf, workflowOf } from './n8nContext';
import type { Credential } from './n8nContext';
import { FakeResponse } from './response';

export interface Placed {
	readonly parameters?: INodeParameters;
	readonly credential?: Credential;
	readonly nodeId?: string;
	readonly webhookId?: string;
	readonly workflowId?: string;
	/** More nodes, each of which follows the trigger and those before it. */
	readonly behind?: readonly Partial<INode>[];
	/** Where n8n believes to be reached. */
	readonly base?: string;
	/** Another n8n. */
	readonly instanceId?: string;
	readonly staticData?: IDataObject;
}

export interface Sent {
	readonly headers: Record<string, string | string[] | undefined>;
	/** Null for bytes that n8n can't give. */
	readonly body: string | Buffer | null;
	/** Whether n8n leaves the bytes until it is asked for them, as it does for what isn't JSON. */
	readonly unread?: boolean;
	readonly mode?: 'webhook' | 'manual';
	/** The status with which n8n answers what it is given; "never" where it has not yet. */
	readonly n8nAnswers?: number | 'never';
	readonly connection?: FakeResponse;
}

export interface Got {
	/** What n8n is asked to do. */
	readonly response: IWebhookResponseData;
	/** What was answered. */
	readonly sent: FakeResponse['sent'];
	readonly connection: FakeResponse;
	/** n8n's log. */
	readonly log: unknown[][];
}

let placedNodes = 0;

/** A Clerk Trigger in a workflow, in n8n's own contexts, with what n8n keeps for it between two of its calls. */
export class TriggerNode {
	/** Warnings in n8n's log. */
	readonly logged: string[] = [];
	readonly workflow: Workflow;
	readonly node: INode;

	constructor(
		private readonly placed: Placed = {},
		private readonly type = new ClerkTrigger(),
	) {
		const { parameters = {}, credential, nodeId = `placed_${placedNodes++}`, webhookId = 'a-b-c', behind = [] } = placed;
		const credentials = { clerkApi: { id: '1', name: 'Clerk' }, clerkWebhookApi: { id: '2', name: 'Clerk' } };
		this.node = nodeOf(type, {
			id: nodeId,
			name: 'From Clerk',
			webhookId,
			parameters: { events: ['*'], ...parameters },
			...(credential === 'not set' ? {} : { credentials }),
		});
		const others = behind.map((other, index): INode => {
			return { ...this.node, parameters: {}, id: `behind_${index}`, name: `Node ${index}`, ...other };
		});
		const { workflowId: id = 'wf_1', staticData = {} } = placed;
		this.workflow = workflowOf(type, [this.node, ...others], { id, staticData });
	}

	private get additionalData() {
		return additionalDataOf(
			() => this.placed.credential ?? { signingSecret: SECRET, previousSigningSecret: '' },
			this.placed.base,
		);
	}

	/** Its `webhook()`. */
	async deliver({
		headers,
		body,
		unread = false,
		mode = 'webhook',
		n8nAnswers = 200,
		connection = new FakeResponse(),
	}: Sent): Promise<Got> {
		const bytes = body === null ? undefined : Buffer.from(body);
		const request = {
			headers,
			rawBody: unread ? undefined : bytes,
			async readRawBody() {
				if (bytes === undefined) throw new Error('unsupported');
				this.rawBody = bytes;
			},
		};
		const context = new WebhookContext(
			this.workflow,
			this.node,
			{ ...this.additionalData, httpRequest: request as unknown as Request, httpResponse: connection.asExpress },
			mode,
			{ webhookDescription: this.type.description.webhooks?.[0] } as IWebhookData,
			[],
			null,
		);
		const error = jest.spyOn(context.logger, 'error').mockImplementation(() => {});
		try {
			const response = await this.type.webhook.call(context);
			if (response.workflowData && n8nAnswers !== 'never') connection.status(n8nAnswers).json({ message: 'n8n says' });
			return { response, sent: connection.sent, connection, log: error.mock.calls };
		} finally {
			error.mockRestore();
		}
	}

	private hookContext(mode: WorkflowActivateMode, isTest: boolean): HookContext {
		// As n8n has it: what it listens for in the editor is not active.
		this.workflow.active = !isTest;
		const webhookData = { webhookDescription: this.type.description.webhooks?.[0], isTest } as unknown as IWebhookData;
		const executionMode = mode === 'manual' ? 'manual' : 'trigger';
		const context = new HookContext(this.workflow, this.node, this.additionalData, executionMode, mode, webhookData);
		const { instanceId } = this.placed;
		if (instanceId !== undefined) jest.spyOn(context, 'getInstanceId').mockReturnValue(instanceId);
		jest.spyOn(context.logger, 'warn').mockImplementation((line) => void this.logged.push(line));
		return context;
	}

	/** As n8n does when it registers the webhook. */
	async activate(mode: WorkflowActivateMode = 'activate'): Promise<void> {
		const context = this.hookContext(mode, mode === 'manual');
		const hooks = this.type.webhookMethods.default;
		if (!(await hooks.checkExists.call(context))) await hooks.create.call(context);
	}

	async deactivate(isTest = false): Promise<void> {
		await this.type.webhookMethods.default.delete.call(this.hookContext('update', isTest));
	}

	/** What n8n keeps of the node, and shows in exports. */
	get kept(): IDataObject {
		return this.workflow.getStaticData('node', this.node);
	}

	get instanceId(): string {
		return this.hookContext('activate', false).getInstanceId();
	}

	/** What the node checks signatures with, by the credential that it has now. */
	async keys() {
		return await readSigningKeys(this.hookContext('activate', false));
	}
}
