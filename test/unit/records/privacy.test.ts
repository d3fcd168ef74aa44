import { EVENT_NAME_STYLES } from '../../../nodes/Clerk/records/eventName';
import { KEY_STYLES } from '../../../nodes/Clerk/records/keys';
import { OUTPUT_CHOICES } from '../../../nodes/Clerk/records/settings';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { fixtures } from '../../support/deliveries';
import { custom, mapping, outputOf } from '../../support/output';
import { words } from '../../support/words';
import { privateFields } from '../../support/plantedSecrets';

/** All items of a delivery, as text, with everything on but the raw delivery. */
function itemsText(envelope: object, changed: Partial<Settings> = {}): string {
	const { items, answer } = outputOf(envelope, { contactsWithoutEmail: 'pass', includeClient: true, ...changed });
	// No answer may repeat anything of it either; one that is ignored has nothing but its answer.
	return JSON.stringify([items, answer]);
}

/** The value with every object and every text in it passed through `object` and `text`. */
function mapped(
	value: unknown,
	object: (fields: Record<string, unknown>) => Record<string, unknown>,
	text: (text: string, path: string) => string,
	path = '',
): unknown {
	if (typeof value === 'string') return text(value, path);
	if (Array.isArray(value)) return value.map((entry) => mapped(entry, object, text, path));
	if (typeof value !== 'object' || value === null) return value;
	const fields = Object.entries(value).map(([key, field]) => [key, mapped(field, object, text, `${path}.${key}`)]);
	return object(Object.fromEntries(fields) as Record<string, unknown>);
}

const CANARY = 'CANARY';
const SECRETS = privateFields(CANARY);

/** A contact from every event, in all outputs and styles. */
const everySetting: Partial<Settings>[] = OUTPUT_CHOICES.flatMap((output) =>
	KEY_STYLES.flatMap((keyStyle) =>
		EVENT_NAME_STYLES.map((eventNameStyle) => ({
			output,
			keyStyle,
			eventNameStyle,
			mappings: [
				mapping('all', { contact: 'upsert', additionalEventName: 'more', userGroup: 'group', joins: ['l1'], leaves: ['l2'] }),
			],
			customContactFields: custom({ public: 'data.public_metadata.plan', id: 'data.id', type: 'type' }),
			customEventProperties: custom({ public: 'data.public_metadata.plan', at: 'timestamp' }),
		})),
	),
);

describe('E4: metadata, message bodies, codes and links never reach an item', () => {
	test.each(fixtures)('$name', ({ envelope }) => {
		const planted = {
			...envelope,
			data: mapped(
				envelope.data,
				(fields) => ({ ...fields, ...SECRETS }),
				(text) => text,
			),
		};
		expect(itemsText(planted)).not.toContain(CANARY);
		// They are in the delivery: Include Raw Payload outputs them.
		expect(itemsText(planted, { includeRaw: true })).toContain(CANARY);
		for (const changed of everySetting) expect(itemsText(planted, changed)).not.toContain(CANARY);
		for (const path of ['data.private_metadata', 'data.body', 'data.data.otp_code', 'data.invitation.url']) {
			const customEventProperties = custom({ mine: path });
			expect(itemsText(planted, { customEventProperties })).toContain(CANARY);
			// Only what was named, and only where it was.
			expect(itemsText(planted, { customEventProperties }).split('"mine"')).toHaveLength(2);
			expect(itemsText(planted, { customEventProperties, output: 'contacts' })).not.toContain(CANARY);
		}
	});
});

/** The fields of Clerk's that a record may repeat. A new one has to be entered here on purpose. */
const PUBLIC = new Set(words`
	.failed_reason.code .items.plan.currency .items.plan.name .items.plan.slug .plan.currency .plan.name .plan.slug
	.subscription_items.plan.name .subscription_items.plan.slug .totals.grand_total.currency
	.affiliation_email_address .email_address .email_addresses.email_address .email_addresses.verification.strategy
	.external_accounts.provider .external_id .first_name .id .image_url .last_active_organization_id .last_name .locale .name
	.organization.id .organization.image_url .organization.name .organization.slug .organization_id .payer.email .payer.first_name
	.payer.image_url .payer.last_name .payer.organization_id .payer.user_id .phone_numbers.phone_number
	.phone_numbers.verification.strategy .public_user_data.first_name .public_user_data.identifier .public_user_data.image_url
	.public_user_data.last_name .public_user_data.user_id .role .slug .status .timezone .to_email_address .to_phone_number
	.user.email_addresses.email_address .user.first_name .user.id .user.image_url .user.last_name .user_id .username
`);

describe('E4: every text in an item comes from a field that is known to be public', () => {
	test.each(fixtures)('$name', ({ envelope }) => {
		const marked = {
			...envelope,
			data: mapped(
				envelope.data,
				(fields) => fields,
				// Kept, for what is read depends on it.
				(text, path) => (path.endsWith('verification.status') ? text : `[${path}]@`),
			),
		};
		const mappings = [mapping('all', { contact: 'upsert', additionalEventName: 'more' })];
		const texts = [itemsText(marked), itemsText(marked, { mappings }), itemsText(marked, { mappings, output: 'split' })];
		const repeated = [...texts.join('').matchAll(/\[([^\]"]*)\]@/g)].map(([, path]) => path ?? '');
		expect(repeated.filter((path) => !PUBLIC.has(path))).toEqual([]);
	});
});
