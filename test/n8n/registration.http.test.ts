import type { ClerkCloud } from '../support/clerk/cloud';
import { outputsOf } from '../support/n8n';
import type { N8n } from '../support/n8n';
import {
	answersTo,
	automaticTrigger,
	automaticWorkflow,
	CALLS,
	createClerkApi,
	PUBLIC_URL,
	publicUrlOf,
	reachable,
	signUp,
	until,
	untilRemembered,
	useClerk,
} from '../support/registeredTrigger';
import { behaviourOf } from '../support/releases';

declare const n8nVersion: string;

jest.setTimeout(300_000);

const { callsHooksAtStart } = behaviourOf(n8nVersion);

const withClerk = useClerk();
const { calls } = withClerk;
let cloud: ClerkCloud;
let n8n: N8n;
let workflowId: string;

beforeAll(() => ({ cloud, n8n } = withClerk));

/** Starts n8n again on what it left. */
async function startAgain(publicUrl?: string): Promise<void> {
	const options = { version: n8nVersion, userFolder: n8n.userFolder, ...(publicUrl === undefined ? {} : { publicUrl }) };
	n8n = withClerk.n8n = await (await reachable(cloud, options)).signIn();
	await n8n.untilRegistered(await n8n.productionUrl(workflowId));
}

test('D1: publishing makes the endpoint with six calls, and what Clerk then delivers is verified', async () => {
	const made = await calls(CALLS.register, async () => ({ workflowId } = await automaticTrigger(n8n, withClerk.credential)));
	expect(made).toEqual(CALLS.register);
	expect(cloud.endpoints).toEqual([
		expect.objectContaining({
			url: await publicUrlOf(n8n, workflowId),
			eventTypes: ['user.created', 'user.updated'],
			disabled: false,
			description: expect.stringContaining('node "Clerk Trigger". Managed by n8n') as string,
		}),
	]);

	const message = await cloud.emit('user.created', signUp('ada@example.com'));
	expect(answersTo(message)).toEqual(['200 accepted']);
	const [execution, ...more] = await n8n.untilExecutions(workflowId, 1);
	expect(more).toEqual([]);
	expect(outputsOf(execution, 'End 0')).toEqual([
		[
			{
				contact: expect.objectContaining({ action: 'upsert', email: 'ada@example.com', environment: 'development' }) as unknown,
				event: expect.objectContaining({ name: 'user.created', id: message.id, environment: 'development' }) as unknown,
				tenant: null,
			},
		],
	]);
});

test('D2: n8n killed and started again goes on with the same endpoint', async () => {
	const before = structuredClone(cloud.endpoints);
	const expected = callsHooksAtStart ? CALLS.check : [];
	const again = async () => {
		await n8n.kill();
		await startAgain();
	};
	expect(await calls(expected, again)).toEqual(expected);
	expect(cloud.endpoints).toEqual(before);
	expect(answersTo(await cloud.emit('user.created', signUp()))).toEqual(['200 accepted']);
});

test('D2: under another path it is the same endpoint, and never a second one', async () => {
	const [endpoint] = cloud.endpoints;
	const url = endpoint?.url ?? '';
	const expected = callsHooksAtStart ? CALLS.change : [];
	const again = async () => {
		await n8n.stop({ keep: true });
		await startAgain(`${PUBLIC_URL}/n8n`);
	};
	expect(await calls(expected, again)).toEqual(expected);
	expect(cloud.endpoints).toEqual([endpoint]);
	expect(endpoint?.url).toBe(callsHooksAtStart ? url.replace(PUBLIC_URL, `${PUBLIC_URL}/n8n`) : url);
});

test('D2: stopped, it leaves the endpoint; one that Clerk switched off meanwhile is on again, and back under its first path, where n8n asks its triggers at a start', async () => {
	const [endpoint] = cloud.endpoints;
	if (!endpoint) throw new Error('There is no endpoint');
	const expected = callsHooksAtStart ? CALLS.change : [];
	const again = async () => {
		await n8n.stop({ keep: true });
		cloud.switchOff(endpoint);
		await startAgain();
	};
	expect(await calls(expected, again)).toEqual(expected);
	expect(cloud.endpoints).toEqual([endpoint]);
	expect(endpoint.disabled).toBe(!callsHooksAtStart);
	expect(endpoint.url).toBe(await publicUrlOf(n8n, workflowId));
	const said = 'The endpoint of the node "Clerk Trigger" was disabled in Clerk';
	expect(n8n.log.includes(said)).toBe(callsHooksAtStart);
	// What else a person does in the dashboard.
	endpoint.disabled = false;
	expect(answersTo(await cloud.emit('user.created', signUp()))).toEqual(['200 accepted']);
});

test('D1: unpublishing removes it with four calls, and nothing of it is kept', async () => {
	const theirs = cloud.addEndpoint({ url: 'https://person.example.com/' });
	expect(await calls(CALLS.remove, async () => await n8n.deactivate(workflowId))).toEqual(CALLS.remove);
	expect(cloud.endpoints).toEqual([theirs]);
	await untilRemembered(n8n, workflowId, false);
	cloud.removeEndpoint(theirs);
});

test('D5: a secret key that Clerk refuses ends in our sentence with the manual way, and leaves nothing in Clerk', async () => {
	const refused = await createClerkApi(n8n, cloud, { secretKey: `${cloud.secretKey}x` });
	const id = await n8n.createWorkflow(automaticWorkflow(refused));
	const said = await n8n.activationError(id);
	expect(said).toContain('Could not get a link to the webhook portal: Clerk answered 401 clerk_key_invalid');
	expect(said).toContain('Check the secret key in the Clerk API credential');
	expect(said).toContain('set Endpoint Setup to \\"Manually\\"');
	expect(said).toContain(`The URL for the endpoint is ${await publicUrlOf(n8n, id)}`);
	expect(said).not.toContain(cloud.secretKey);
	expect(cloud.endpoints).toEqual([]);
});

test('what was called is in the contracts, and webhooks were never removed from the instance', async () => {
	await until(() => cloud.calls.every(({ status }) => status !== null), n8n);
	expect([cloud.refused, cloud.ignored, cloud.countOf('DeleteSvixApp')]).toEqual([[], [], 0]);
});
