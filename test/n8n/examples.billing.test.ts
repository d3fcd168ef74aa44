import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ClerkCloud } from '../support/clerk/cloud';
import { fixture, SECRET } from '../support/deliveries';
import type { N8n, Workflow } from '../support/n8n';
import { EXAMPLES } from '../support/paths';
import { createClerkApi, reachable } from '../support/registeredTrigger';
import { MailServer } from '../support/smtp';
import { deliver } from '../support/triggerWorkflow';

declare const n8nVersion: string;

jest.setTimeout(240_000);

let cloud: ClerkCloud;
let smtp: MailServer;
let n8n: N8n;
let workflowId: string;
let url: string;
/** The organization, and its members by role. */
let organizationId: string;
let admins: string[];

beforeAll(async () => {
	[cloud, smtp] = await Promise.all([ClerkCloud.start(), MailServer.start()]);
	cloud.people.fill(12, { seed: 26 });
	cloud.people.fillOrganizations(1);
	cloud.people.fillMemberships(12);
	n8n = await (await reachable(cloud, { version: n8nVersion })).setUp();
	const clerkApi = await createClerkApi(n8n, cloud);
	const credential = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	const mail = await n8n.createCredential('SMTP', smtp.credential, 'smtp');
	const workflow = JSON.parse(readFileSync(join(EXAMPLES, 'F26-billing-admins.json'), 'utf8')) as Workflow;
	for (const node of workflow.nodes.filter(({ name }) =>
		['Get the Current State', 'Get the Admins', 'Get the Admin'].includes(name),
	)) {
		node.credentials = { clerkApi };
	}
	({ id: workflowId } = await n8n.importWorkflow(workflow, credential, { smtp: mail, clerkApi }));
	url = await n8n.activate(workflowId);

	const { memberships } = cloud.people;
	organizationId = memberships[0]?.organization.id ?? '';
	const ids = memberships.filter(({ role }) => role === 'org:admin').map(({ public_user_data }) => public_user_data.user_id);
	admins = ids.flatMap((id) => {
		const user = cloud.people.get(id);
		const primary = user?.email_addresses.find((one) => one.id === user.primary_email_address_id);
		return primary ? [primary.email_address] : [];
	});
});

afterAll(async () => {
	await n8n?.stop();
	await Promise.all([cloud?.stop(), smtp?.stop()]);
});

/** Delivers, and gives the mails that it makes n8n send. */
async function mailsFor(name: string, data: object = {}) {
	const { envelope } = fixture(name);
	const payer = {
		...(envelope.data['payer'] as object),
		user_id: '',
		email: '',
		organization_id: organizationId,
		organization_name: 'Acme',
	};
	const [mails, before] = [smtp.mails.length, (await n8n.executions(workflowId)).length];
	expect((await deliver(url, { ...envelope, data: { ...envelope.data, payer, ...data } })).body).toMatchObject({
		outcome: 'accepted',
	});
	const ended = (await n8n.untilExecutions(workflowId, before + 1)).map(({ status }) => status);
	expect(ended).not.toContain('error');
	return smtp.mails.slice(mails);
}

const failed = { status: 'failed', failed_reason: { code: 'card_declined', decline_code: 'do_not_honor' } };

test('C10, F26: every admin, and nobody else, hears that the trial ends', async () => {
	cloud.backend.written.subscribe(organizationId, { isTrial: true });
	cloud.resetCalls();
	expect(admins.length).toBeGreaterThan(0);
	const mails = await mailsFor('openapi.subscriptionItem.freeTrialEnding');
	expect(mails.flatMap(({ to }) => to).sort()).toEqual([...admins].sort());
	expect(mails[0]).toMatchObject({
		from: 'billing@example.com',
		subject: 'The free trial of Premium Plan with Trial ends on 2024-06-28',
	});
	expect(cloud.operations).toContain('GetOrganizationBillingSubscription');
});

test('F26: nobody, where Clerk says that it is no longer so', async () => {
	cloud.backend.written.subscribe(organizationId);
	expect(await mailsFor('openapi.subscriptionItem.freeTrialEnding')).toEqual([]);
	expect(await mailsFor('openapi.paymentAttempt.updated', failed)).toEqual([]);
});

test('F26: a payment that failed, with the reason; one that went through asks Clerk nothing', async () => {
	cloud.backend.written.subscribe(organizationId, { status: 'past_due' });
	const [mail] = await mailsFor('openapi.paymentAttempt.updated', failed);
	expect(mail?.subject).toBe('A payment for Pro Plan failed');
	expect(mail?.text).toContain('(card_declined).');
	expect(mail?.text).not.toMatch(/undefined|null|\{\{/);
	cloud.resetCalls();
	expect(await mailsFor('openapi.paymentAttempt.updated')).toEqual([]);
	expect(cloud.operations).toEqual([]);
});
