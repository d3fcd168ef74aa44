import { toItems } from '../../nodes/Clerk/trigger/items';
import { select, toRecords } from '../../nodes/Clerk/trigger/selection';
import type { Settings } from '../../nodes/Clerk/trigger/settings';
import { delivered, fixtures, settings } from '../deliveries';

/** All items of a delivery, as text, with everything on but the raw delivery. */
function itemsText(envelope: object, changed: Partial<Settings> = {}): string {
	const chosen = settings({ contactsWithoutEmail: 'pass', includeClient: true, ...changed });
	const delivery = delivered(envelope);
	const event = select(delivery, chosen);
	if ('outcome' in event) throw new Error(event.code);
	const records = toRecords(event, delivery, chosen);
	if ('outcome' in records) throw new Error(records.code);
	return JSON.stringify(toItems(records, delivery, chosen));
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
const SECRETS = {
	private_metadata: { plan: CANARY, nested: { note: CANARY } },
	unsafe_metadata: { plan: CANARY },
	body: `<p>${CANARY}</p>`,
	body_plain: CANARY,
	subject: CANARY,
	message: CANARY,
	code: CANARY,
	otp_code: CANARY,
	token: CANARY,
	password: CANARY,
	url: `https://accounts.example.com/accept?token=${CANARY}`,
	invitation: { url: CANARY },
	data: { otp_code: CANARY, magic_link: CANARY },
};

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
		// They are in the delivery: whoever includes it raw gets them.
		expect(itemsText(planted, { includeRaw: true })).toContain(CANARY);
	});
});

/** The fields of Clerk's that a record may repeat. A new one has to be entered here on purpose. */
const PUBLIC = new Set([
	'.affiliation_email_address',
	'.email_address',
	'.email_addresses.email_address',
	'.email_addresses.verification.strategy',
	'.external_accounts.provider',
	'.external_id',
	'.first_name',
	'.id',
	'.image_url',
	'.last_active_organization_id',
	'.last_name',
	'.locale',
	'.name',
	'.organization.id',
	'.organization.image_url',
	'.organization.name',
	'.organization.slug',
	'.organization_id',
	'.payer.email',
	'.payer.first_name',
	'.payer.last_name',
	'.payer.organization_id',
	'.payer.user_id',
	'.phone_numbers.phone_number',
	'.phone_numbers.verification.strategy',
	'.public_user_data.first_name',
	'.public_user_data.identifier',
	'.public_user_data.last_name',
	'.public_user_data.user_id',
	'.role',
	'.slug',
	'.to_email_address',
	'.user.email_addresses.email_address',
	'.user.first_name',
	'.user.last_name',
	'.user_id',
	'.username',
]);

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
		const repeated = [...itemsText(marked).matchAll(/\[([^\]"]*)\]@/g)].map(([, path]) => path ?? '');
		expect(repeated.filter((path) => !PUBLIC.has(path))).toEqual([]);
	});
});
