import type { INodeParameters } from 'n8n-workflow';

import { run } from '../../support/clerkNode';
import { ContractServer } from './contractServer';

jest.mock('n8n-workflow', () => ({ ...jest.requireActual<object>('n8n-workflow'), sleep: async () => {} }));
jest.setTimeout(60_000);
let clerk: ContractServer;
beforeAll(async () => {
	clerk = await ContractServer.start();
});
afterAll(async () => await clerk.stop());

describe('User: Create or Update, where several users match', () => {
	const upsert: INodeParameters = {
		resource: 'user',
		operation: 'upsert',
		matchBy: 'email_address',
		matchValue: 'nathan@example.com',
		additionalFields: { firstName: 'Nathan' },
	};

	test('creates and changes none, and says why', async () => {
		clerk.answer(({ method }) => (method === 'GET' ? { status: 200, body: [{ id: 'user_1' }, { id: 'user_2' }] } : undefined));
		const running = { credential: { secretKey: 'sk_test_CANARY', apiUrl: clerk.url } };
		await expect(run(undefined, upsert, running)).rejects.toThrow('There are several with the email nathan@example.com');
		expect(clerk.seen.map(({ method }) => method)).toEqual(['GET']);
	});
});
