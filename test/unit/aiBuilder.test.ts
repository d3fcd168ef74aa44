import type { INodeTypeDescription } from 'n8n-workflow';

import { ClerkApi } from '../../credentials/ClerkApi.credentials';
import { ClerkWebhookApi } from '../../credentials/ClerkWebhookApi.credentials';
import { Clerk } from '../../nodes/Clerk/Clerk.node';
import { ClerkTrigger } from '../../nodes/Clerk/ClerkTrigger.node';
import { CONTACT_KEYS } from '../../nodes/Clerk/records/contact';

const trigger: INodeTypeDescription = new ClerkTrigger().description;
const action: INodeTypeDescription = new Clerk().description;
const nodes: Array<[string, INodeTypeDescription]> = [trigger, action].map((description) => [description.name, description]);

interface Hinted {
	name?: unknown;
	value?: unknown;
	builderHint?: unknown;
}

/** Everything in a description that has a name or a hint: the node, its parameters, their options. */
function within(described: unknown): Hinted[] {
	if (typeof described !== 'object' || described === null) return [];
	return [described, ...Object.values(described).flatMap(within)];
}

describe("what n8n's AI builder reads", () => {
	test.each<[string, INodeTypeDescription, string[]]>([
		['the trigger', trigger, ['Webhook', 'Crypto', 'Code', 'Respond to Webhook']],
		['the action node', action, ['HTTP Request', 'Code']],
	])('%s does its own work: no other node is needed for it', (_, { builderHint }, needless) => {
		const [builtIn, rest] = (builderHint?.searchHint ?? '').split(' Do not add ');
		expect(builtIn).toMatch(/built in/);
		for (const name of needless) expect(rest?.split('.')[0]).toContain(name);
	});

	test.each(nodes)('%s points to the other one', (name, { builderHint }) => {
		const [other] = nodes.filter(([candidate]) => candidate !== name);
		expect(builderHint?.relatedNodes?.map(({ nodeType }) => nodeType)).toContain(`n8n-nodes-clerk-sync.${other?.[0]}`);
	});

	test.each(nodes)('every name in a hint of %s is one of a parameter, an option or a field', (_, description) => {
		const all = within(description);
		const known = [...all.flatMap(({ name, value }) => [name, value]), ...CONTACT_KEYS, 'contact', 'event', 'tenant'];
		const hints = all.flatMap(({ builderHint }) => (builderHint === undefined ? [] : [JSON.stringify(builderHint)]));
		expect(hints.length).toBeGreaterThan(3);
		const named = hints.flatMap((hint) => [...hint.matchAll(/`(?:contact\.)?([^`]+)`/g)].map(([, word]) => word));
		expect(named.length).toBeGreaterThan(3);
		expect(named.filter((word) => !known.includes(word))).toEqual([]);
	});
});

test('A2: the signing secret can be used in the nodes that ask for it, and in no other', () => {
	const { name, restrictToSupportedNodes, supportedNodes } = new ClerkWebhookApi();
	const asking = nodes.filter(([, { credentials }]) => credentials?.some((credential) => credential.name === name));
	expect([restrictToSupportedNodes, supportedNodes]).toEqual([true, asking.map(([node]) => node)]);
	// A builder may well call Clerk's API by HTTP Request, with the secret key.
	expect(new ClerkApi()).not.toHaveProperty('restrictToSupportedNodes');
});
