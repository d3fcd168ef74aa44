import type { IWebhookFunctions } from 'n8n-workflow';

import { optionsParameter } from '../../../nodes/Clerk/trigger/parameters';
import type { VerifiedDelivery } from '../../../nodes/Clerk/trigger/delivery';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { SECRET } from '../../support/deliveries';
import { bodies, clerkEvent, nextUser, SvixSigner } from '../deliveries';
import { catalogue, History, readSettings, select, signingKeysOf, toItems, toRecords, verifyDelivery } from './shipped';

const USER_EVENTS = ['user.created', 'user.updated'];

function read(parameters: Record<string, unknown>): Settings {
	const getNodeParameter = (name: string, fallback: unknown) => parameters[name] ?? fallback;
	const settings = readSettings({ getNodeParameter } as unknown as IWebhookFunctions);
	if ('outcome' in settings) throw new Error(settings.detail);
	return settings;
}

function delivered(body: Buffer): VerifiedDelivery {
	const keys = signingKeysOf({ signingSecret: SECRET, previousSigningSecret: '' });
	if ('outcome' in keys) throw new Error(keys.detail);
	const headers = new SvixSigner(SECRET).headers('msg_1', Date.now(), body);
	const delivery = verifyDelivery({ headers, body }, keys, 300, Date.now());
	if ('outcome' in delivery) throw new Error(delivery.outcome);
	return delivery;
}

/** From a verified delivery to n8n's items. */
const makeItems = (delivery: VerifiedDelivery, settings: Settings) => () => {
	const event = select(delivery, settings);
	if ('outcome' in event) throw new Error(event.outcome);
	const records = toRecords(event, delivery, settings);
	if ('outcome' in records) throw new Error(records.outcome);
	return toItems(records, delivery, settings);
};

/** 50 addresses, 100 organizations and 64 KB of metadata. */
function hugeUser(data: object): object {
	const { email_addresses: addresses } = data as { email_addresses: Array<{ id: string; email_address: string }> };
	const many = Array.from({ length: 50 }, (_, index) => {
		return { ...addresses[0], id: `idn_${index}`, email_address: `person${index}@example.com` };
	});
	const organizations = Array.from({ length: 100 }, (_, index) => {
		const organization = { id: `org_${index}`, name: `Organization ${index}`, slug: `organization-${index}` };
		return { id: `orgmem_${index}`, object: 'organization_membership', role: 'org:member', organization };
	});
	return { ...data, email_addresses: many, primary_email_address_id: 'idn_49', organization_memberships: organizations };
}

const typical = delivered(bodies(clerkEvent('user.created'))(nextUser()));
const huge = delivered(bodies((data) => clerkEvent('user.created')(hugeUser(data)), 110 * 1024)(nextUser()));

/** Every option is there, at the value that it has when it is not. */
const everyOptionOff = Object.fromEntries(
	(optionsParameter.options ?? []).map((option) => [option.name, 'default' in option ? option.default : '']),
);
const mappingsOff = (count: number) => ({
	mapping: Array.from({ length: count }, () => ({ events: USER_EVENTS, active: false, userGroup: 'Customers' })),
});

export function makingItems() {
	const defaults = read({ events: USER_EVENTS });
	return {
		'typical user': makeItems(typical, defaults),
		'huge user': makeItems(huge, defaults),
		'all options at their defaults': makeItems(typical, read({ events: USER_EVENTS, options: everyOptionOff })),
		'100 inactive mappings': makeItems(typical, read({ events: USER_EVENTS, mappings: mappingsOff(100) })),
	};
}

/** From the node's parameters to a decision about an event, by how many events are chosen. */
export function selecting(): Record<string, () => unknown> {
	const counts = [1, 2, 5, 10, 20, catalogue.length];
	const types = ['user.created', ...catalogue.map(({ type }) => type).filter((type) => type !== 'user.created')];
	return Object.fromEntries(counts.map((count) => [count, () => select(typical, read({ events: types.slice(0, count) }))]));
}

/** How many deliveries are remembered: none, and up to the most. */
const REMEMBERED = [1, 1000, 10_000, 100_000] as const;

/** Accepts a delivery and remembers it, in a history that holds so many already. */
export function remembering(): Record<string, () => unknown> {
	return Object.fromEntries(
		REMEMBERED.map((remembered) => {
			// As many entries as wanted, and no more with every call: the oldest half goes whenever the younger is full.
			const history = new History({ entries: Math.ceil(remembered / 2) });
			let count = 0;
			const accept = () => {
				const id = `msg_2xYz${String(count++).padStart(20, '0')}`;
				const now = Date.now();
				const scope = 'workflow\nnode';
				if (history.repeats(scope, id, now)) throw new Error('accepted before');
				history.known(scope, 'user', id, now);
				history.claim(scope, id, [{ subject: 'user', id, at: count }]).settle(true, now);
			};
			while (count < remembered) accept();
			return [remembered, accept];
		}),
	);
}
