import { created, deleted, updated } from '../../support/clerkEvents';
import { ExampleHost, PublishedExample } from '../../support/services/examples';
import { ActiveCampaign } from '../../support/services/activeCampaign';
import { Airtable } from '../../support/services/airtable';
import { Brevo } from '../../support/services/brevo';
import { CustomerIo } from '../../support/services/customerIo';
import { GoogleSheets, GoogleTokens } from '../../support/services/googleSheets';
import { HubSpot } from '../../support/services/hubspot';
import { Kit } from '../../support/services/kit';
import { Mailchimp } from '../../support/services/mailchimp';
import { SendGrid } from '../../support/services/sendgrid';
import type { Held, Service } from '../../support/services/service';

declare const n8nVersion: string;

jest.setTimeout(180_000);

interface Store {
	file: string;
	service: Service;
	/** What is left of a user whose address was removed. */
	withoutAddress: Partial<Held>;
	/** What is left of a user who was deleted; null for nothing. */
	deleted: Partial<Held> | null;
	/** Whether it knows whose contact it is by Clerk's ID. */
	knowsUserId: boolean;
	/** What stays of somebody who was there before they signed up. */
	before?: Partial<Held>;
}

const KEPT = { email: 'tom@new.example', subscribed: false };
const EMPTIED = { email: null };

const sheets = new GoogleSheets();
const airtable = new Airtable();

/** A service is one file, an example, and a row here. */
const stores: Store[] = [
	{ file: 'F12-hubspot.json', service: new HubSpot(), withoutAddress: EMPTIED, deleted: null, knowsUserId: true },
	{
		file: 'F13-mailchimp.json',
		service: new Mailchimp(),
		withoutAddress: KEPT,
		deleted: null,
		knowsUserId: false,
		before: { subscribed: false },
	},
	{ file: 'F14-brevo.json', service: new Brevo(), withoutAddress: KEPT, deleted: null, knowsUserId: true },
	{ file: 'F15-sendgrid.json', service: new SendGrid(), withoutAddress: EMPTIED, deleted: null, knowsUserId: true },
	{ file: 'F16-customer-io.json', service: new CustomerIo(), withoutAddress: EMPTIED, deleted: null, knowsUserId: true },
	{ file: 'F17-kit.json', service: new Kit(), withoutAddress: KEPT, deleted: { subscribed: false }, knowsUserId: false },
	{ file: 'F18-activecampaign.json', service: new ActiveCampaign(), withoutAddress: KEPT, deleted: null, knowsUserId: false },
	{ file: 'F19-google-sheets.json', service: sheets, withoutAddress: EMPTIED, deleted: null, knowsUserId: true },
	{ file: 'F20-airtable.json', service: airtable, withoutAddress: EMPTIED, deleted: null, knowsUserId: true },
];

const SAMPLE = 'ada@example.com';

let host: ExampleHost;

beforeAll(async () => {
	host = await ExampleHost.start(n8nVersion, [...stores.map(({ service }) => service), new GoogleTokens()]);
});

afterAll(async () => await host?.stop());

describe.each(stores)('$file', ({ file, service, withoutAddress, deleted: remains, knowsUserId, before = {} }) => {
	let example: PublishedExample;

	/** What the store holds beside the sample's contact. */
	const held = () => service.held().filter(({ email }) => email !== SAMPLE);
	const contact = (userId: string, email: string | null, firstName: string, more: Partial<Held> = {}): Partial<Held> => {
		return { ...(knowsUserId ? { userId } : {}), email, firstName, joined: true, ...more };
	};
	/** Delivers, and sees to it that the workflow succeeds and that nobody refused anything. */
	const deliver = async (body: object, id?: string) => {
		const { status, data } = await example.run(body, id);
		expect({ status, error: data.resultData.error, problems: host.internet.problems }).toEqual({
			status: 'success',
			error: undefined,
			problems: [],
		});
		return held();
	};

	test('F10: runs with its pinned sample, without a Clerk account', async () => {
		const imported = await host.import(file, [service]);
		const execution = await host.n8n.runFrom(imported.id, 'Clerk Trigger');
		expect([execution.status, execution.data.resultData.error, host.internet.problems]).toEqual(['success', undefined, []]);
		expect(service.held()).toEqual([expect.objectContaining(contact('user_2x8VbKnzQ5sample000000001', SAMPLE, 'Ada'))]);
		example = await PublishedExample.publish(host.n8n, imported);
	});

	test('a sign-up becomes a contact in the group of those who signed up, once, also where the address is known already', async () => {
		service.seed?.('jane@example.com');
		const jane = contact('user_1', 'jane@example.com', 'Jane', before);
		expect(await deliver(created(), 'msg_signup')).toEqual([expect.objectContaining(jane)]);
	});

	test('a change of the name changes the contact', async () => {
		const janet = contact('user_1', 'jane@example.com', 'Janet');
		expect(await deliver(updated(5, { firstName: 'Janet' }), 'msg_name')).toEqual([expect.objectContaining(janet)]);
	});

	test('a change of the primary address changes the contact, and makes no second one', async () => {
		const moved = contact('user_1', 'janet@new.example', 'Janet');
		expect(await deliver(updated(10, { firstName: 'Janet', email: 'janet@new.example' }))).toEqual([
			expect.objectContaining(moved),
		]);
	});

	test('what comes twice changes nothing', async () => {
		const calls = service.calls.length;
		expect(await example.outcomeOf(created(), 'msg_signup')).toBe('duplicate');
		expect(await example.outcomeOf(updated(5, { firstName: 'Janet' }), 'msg_name')).toBe('duplicate');
		expect(service.calls).toHaveLength(calls);
	});

	test('a sign-up that arrives after a newer change adds its group, and overwrites nothing', async () => {
		const tom = { id: 'user_2', firstName: 'Tom' };
		await deliver(updated(5, { ...tom, email: 'tom@new.example' }));
		const after = await deliver(created({ ...tom, firstName: 'Thomas', email: 'tom@old.example' }));
		expect(after).toEqual([expect.anything(), expect.objectContaining(contact('user_2', 'tom@new.example', 'Tom'))]);
	});

	test('a user without an address does not come in; one whose address is removed stays', async () => {
		expect(await example.outcomeOf(created({ id: 'user_3', email: null }))).toBe('ignored');
		const after = await deliver(updated(20, { id: 'user_2', firstName: 'Tom', email: null }));
		expect(after[1]).toMatchObject({ firstName: 'Tom', ...withoutAddress });
		expect(after).toHaveLength(2);
	});

	test('a deleted user is gone, also one whom the store never knew', async () => {
		const after = await deliver(deleted(30));
		expect(after).toHaveLength(remains ? 2 : 1);
		if (remains) expect(after[0]).toMatchObject(remains);
		else expect(after[0]).toMatchObject({ firstName: 'Tom' });
		expect(await deliver(deleted(30, 'user_3'))).toEqual(after);
	});

	test('while the store is down, the workflow fails, and Clerk delivers again', async () => {
		// Whatever is tried, and tried again, within one execution.
		service.failWith = Array.from({ length: 12 }, () => 503);
		const eve = created({ id: 'user_4', firstName: 'Eve', email: 'eve@example.com' });
		expect((await example.run(eve, 'msg_eve')).status).toBe('error');
		service.failWith = [];
		const after = await deliver(eve, 'msg_eve');
		expect(after.at(-1)).toMatchObject(contact('user_4', 'eve@example.com', 'Eve'));
		expect(after.filter(({ email }) => email === 'eve@example.com')).toHaveLength(1);
	});

	test('no execution and no log holds a secret', async () => {
		expect(await host.keptSecrets([example.workflowId])).toEqual([]);
		expect(host.internet.problems).toEqual([]);
		await example.unpublish();
	});
});

describe('text stays text, and times are times', () => {
	const phone = { id: 'idn_phone', phone_number: '+4915112345678', verification: { status: 'verified' } };
	const formula = {
		id: 'user_9',
		email: 'nina@example.com',
		firstName: '=1+1',
		phone_numbers: [phone],
		primary_phone_number_id: phone.id,
	};

	test('F19: in a sheet, also a name that looks like a formula and a number with a plus; columns of the owner stay', async () => {
		const example = await PublishedExample.publish(host.n8n, await host.import('F19-google-sheets.json', [sheets]));
		expect((await example.run(created(formula))).status).toBe('success');
		const row = sheets.rows.find(([userId]) => userId === 'user_9') ?? [];
		row[8] = 'an important customer';
		expect((await example.run(updated(5, formula))).status).toBe('success');
		// Day 46,296 of a spreadsheet is 1 October 2026; the story begins at 11:00:00.4 in UTC.
		const elevenOClock = 46_296 + (11 * 3600 + 0.4) / 86_400;
		expect(row).toEqual([
			'user_9',
			'nina@example.com',
			'=1+1',
			'Doe',
			'+4915112345678',
			expect.closeTo(elevenOClock, 6),
			expect.closeTo(elevenOClock + 5 / 86_400, 6),
			'Customers',
			'an important customer',
		]);
		expect(host.internet.problems).toEqual([]);
		await example.unpublish();
	});

	test('F20: in Airtable', () => {
		expect(airtable.table.at(-1)).toMatchObject({ firstName: 'Eve', createdAt: '2026-10-01T11:00:00.400Z', phone: null });
	});
});
