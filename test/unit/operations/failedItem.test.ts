import { run } from '../../support/clerkNode';
import { ContractServer } from './contractServer';

jest.setTimeout(60_000);

test('an error that ends the run names the item that it is about', async () => {
	const clerk = await ContractServer.start();
	const parameters = { resource: 'user', operation: 'get', user: '={{ $json.user }}' };
	const running = {
		credential: { secretKey: 'sk_test_CANARY', apiUrl: clerk.url },
		items: [{ json: { user: 'user_1' } }, { json: { user: '' } }],
	};
	const error: unknown = await run(undefined, parameters, running).catch((thrown: unknown) => thrown);
	await clerk.stop();
	expect(error).toMatchObject({ context: { itemIndex: 1 } });
});
