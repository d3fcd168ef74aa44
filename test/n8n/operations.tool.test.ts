import { randomUUID } from 'node:crypto';

import { ClerkCloud } from '../support/clerk/cloud';
import { N8n, outputsOf } from '../support/n8n';
import type { Execution, Imported } from '../support/n8n';
import { PlayedModel } from '../support/openai';
import { createClerkApi } from '../support/registeredTrigger';
import type { Credential } from '../support/registeredTrigger';

declare const n8nVersion: string;

jest.setTimeout(300_000);

let clerk: ClerkCloud;
let model: PlayedModel;
let n8n: N8n;
let clerkApi: Credential;
let openAi: Credential;

beforeAll(async () => {
	clerk = await ClerkCloud.start();
	clerk.people.fill(3);
	model = await PlayedModel.start();
	n8n = await (await N8n.start({ version: n8nVersion })).setUp();
	clerkApi = await createClerkApi(n8n, clerk);
	const data = { apiKey: 'sk-played', url: model.url };
	const { id } = await n8n.rest<{ id: string }>('POST', '/rest/credentials', { name: 'Model', type: 'openAiApi', data });
	openAi = { id, name: 'Model' };
});

afterAll(async () => {
	await n8n?.stop();
	await model?.stop();
	await clerk?.stop();
});

/** Has an AI agent work with our node as its one tool. */
async function agentWith(parameters: Record<string, unknown>): Promise<Execution> {
	const node = (name: string, type: string, typeVersion: number, more: object) => ({
		id: randomUUID(),
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters: {},
		...more,
	});
	const link = (to: string, type: string) => ({ [type]: [[{ node: to, type, index: 0 }]] });
	const { id } = await n8n.rest<Imported>('POST', '/rest/workflows', {
		name: `Agent ${randomUUID().slice(0, 8)}`,
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger', 1, {}),
			node('Agent', '@n8n/n8n-nodes-langchain.agent', 3, {
				parameters: { promptType: 'define', text: 'Do it.', options: { enableStreaming: false } },
			}),
			node('Model', '@n8n/n8n-nodes-langchain.lmChatOpenAi', 1.2, {
				parameters: { model: { __rl: true, mode: 'id', value: 'played' }, options: {} },
				credentials: { openAiApi: openAi },
			}),
			node('Clerk Tool', 'n8n-nodes-clerk-sync.clerkTool', 1, { parameters, credentials: { clerkApi } }),
		],
		connections: {
			Start: link('Agent', 'main'),
			Model: link('Agent', 'ai_languageModel'),
			'Clerk Tool': link('Agent', 'ai_tool'),
		},
		settings: { executionOrder: 'v1' },
	});
	return await n8n.runFrom(id, 'Start');
}

test('D9: an agent fills in the fields that it may, and reads what the tool does', async () => {
	const { id } = clerk.people.at(1);
	model.args = { user: id, metadata: { plan: 'pro' } };
	const execution = await agentWith({
		resource: 'user',
		operation: 'updateMetadata',
		user: { __rl: true, mode: 'id', value: "={{ $fromAI('user', 'The ID of the user', 'string') }}" },
		publicMetadata: "={{ $fromAI('metadata', 'The metadata to set', 'json') }}",
	});
	expect([execution.status, execution.data.resultData.error]).toEqual(['success', undefined]);
	expect(model.tools).toEqual([expect.objectContaining({ description: 'Update the metadata of a user in Clerk' })]);
	expect(Object.keys(model.tools[0]?.parameters.properties ?? {})).toEqual(['user', 'metadata']);
	expect(clerk.people.get(id)?.public_metadata).toMatchObject({ plan: 'pro' });
	expect(model.results.at(-1)).toContain('"plan":"pro"');
	expect(model.results.at(-1)).not.toContain('private');
	expect(JSON.stringify(outputsOf(execution, 'Agent'))).toContain('Done');
});

test('the agent gets a refusal with its reason', async () => {
	model.args = { user: 'user_unknown' };
	await agentWith({
		resource: 'user',
		operation: 'delete',
		user: { __rl: true, mode: 'id', value: "={{ $fromAI('user', 'The ID of the user', 'string') }}" },
	});
	expect(model.tools[0]?.description).toBe('Delete a user for good in Clerk');
	expect(model.results.at(-1)).toContain('Could not delete a user for good: Clerk answered 404');
	expect(clerk.people.size).toBe(3);
});
