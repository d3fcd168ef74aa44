import Ajv from 'ajv';
import * as fc from 'fast-check';

import { eventOfType } from '../../../nodes/Clerk/events/catalogue';
import type { ContactAction, ClerkEvent } from '../../../nodes/Clerk/events/catalogue';
import { EVENT_NAME_STYLES, styledName } from '../../../nodes/Clerk/records/eventName';
import { KEY_STYLES } from '../../../nodes/Clerk/records/keys';
import type { Mapping } from '../../../nodes/Clerk/records/mapping';
import { toItems } from '../../../nodes/Clerk/records/items';
import { answerTo } from '../../../nodes/Clerk/trigger/outcome';
import { DELETED_USERS, OUTPUT_CHOICES } from '../../../nodes/Clerk/records/settings';
import { toRecords } from '../../../nodes/Clerk/trigger/selection';
import type { Records } from '../../../nodes/Clerk/records/records';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { delivered, MESSAGE_ID, settings } from '../../support/deliveries';
import { CANARY, contractTypes, envelopesOf, jsonSchemaOf } from '../../support/contractDeliveries';
import { brokenPromises } from '../../support/recordPromises';
import { words } from '../../support/words';

const SEED = 20_261_003;
const RUNS = 500;

const maybe = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

function mappingsFor(type: string): fc.Arbitrary<Mapping[]> {
	const mapping: fc.Arbitrary<Mapping> = fc.record(
		{
			events: fc.constantFrom<Mapping['events']>(
				'all',
				new Set([type]),
				new Set(['user.created', type]),
				new Set(['other.event']),
			),
			contact: maybe<ContactAction | 'none'>('upsert', 'unsubscribe', 'delete', 'none'),
			eventName: maybe<string | null>('renamed', null),
			additionalEventName: maybe('more'),
			userGroup: maybe('Customers'),
			joins: maybe([['l1', 'l2']]).map((lists) => lists?.[0]),
			leaves: maybe([['l2', '__proto__']]).map((lists) => lists?.[0]),
			noTenant: maybe(true),
		},
		{ requiredKeys: ['events'], noNullPrototype: true },
	);
	return fc.array(mapping, { maxLength: 3 });
}

const CUSTOM = [
	{ name: 'Public Metadata', path: ['data', 'public_metadata'] },
	{ name: 'first-address', path: ['data', 'email_addresses', 0, 'email_address'] },
	{ name: 'unread', path: null },
];

function settingsFor(type: string): fc.Arbitrary<Settings> {
	return fc
		.record({
			output: fc.constantFrom(...OUTPUT_CHOICES),
			contactsWithoutEmail: fc.constantFrom('skip' as const, 'pass' as const),
			leaveOutTestUsers: fc.boolean(),
			includeClient: fc.boolean(),
			includeNames: fc.boolean(),
			onlyVerified: fc.boolean(),
			shutOutUsers: fc.constantFrom('leave' as const, 'unsubscribe' as const),
			deletedUsers: fc.constantFrom(...DELETED_USERS),
			eventNameStyle: fc.constantFrom(...EVENT_NAME_STYLES),
			keyStyle: fc.constantFrom(...KEY_STYLES),
			mappings: mappingsFor(type),
			customContactFields: fc.constantFrom([], CUSTOM),
			customEventProperties: fc.constantFrom([], CUSTOM),
		})
		.map((changed) => settings(changed));
}

/** What the mappings say, read one after the other. */
function expectedOf(event: ClerkEvent, { mappings, deletedUsers, eventNameStyle }: Settings) {
	const result = {
		contact: event.type === 'user.deleted' ? deletedUsers : (event.contact ?? 'none'),
		name: styledName(event, eventNameStyle) as string | null,
		more: undefined as string | undefined,
		group: undefined as string | undefined,
		joins: [] as readonly string[],
		leaves: [] as readonly string[],
		tenant: event.tenant,
	};
	for (const mapping of mappings) {
		if (mapping.events !== 'all' && !mapping.events.has(event.type)) continue;
		if (mapping.contact !== undefined) result.contact = mapping.contact;
		if (mapping.eventName !== undefined) result.name = mapping.eventName;
		if (mapping.additionalEventName !== undefined) result.more = mapping.additionalEventName;
		if (mapping.userGroup !== undefined) result.group = mapping.userGroup;
		if (mapping.joins !== undefined) result.joins = mapping.joins;
		if (mapping.leaves !== undefined) result.leaves = mapping.leaves;
		if (mapping.noTenant) result.tenant = null;
	}
	return result;
}

/** What the records say against the mappings. */
function brokenMappings({ contact, events, tenant }: Records, event: ClerkEvent, chosen: Settings): string[] {
	const expected = expectedOf(event, chosen);
	const isShutOut = contact?.banned === true || contact?.locked === true || contact?.deprovisioned === true;
	const leaves = (chosen.shutOutUsers === 'unsubscribe' && isShutOut) || contact?.waitlistStatus === 'rejected';
	const shutOut = expected.contact === 'upsert' && leaves;
	const joins = contact?.action === 'upsert' ? expected.joins : expected.joins.filter((id) => expected.leaves.includes(id));
	const names = [...(expected.name === null ? [] : [expected.name]), ...(expected.more === undefined ? [] : [expected.more])];
	const lists = [...joins, ...expected.leaves].filter((id, index, all) => all.indexOf(id) === index);
	const rules: [string, boolean][] = [
		['contact action', contact === null || contact.action === (shutOut ? 'unsubscribe' : expected.contact)],
		['no contact in the output', contact === null || chosen.output !== 'events'],
		[
			'subscribed goes with unsubscribe',
			contact === null || contact.subscribed === (contact.action === 'unsubscribe' ? false : undefined),
		],
		['user group', contact === null || contact.userGroup === expected.group],
		['the lists', contact === null || Object.keys(contact.mailingLists ?? {}).join() === lists.join()],
		['a list under both is left', contact === null || expected.leaves.every((id) => contact.mailingLists?.[id] === false)],
		['event names', events.map(({ name }) => name).join() === (chosen.output === 'contacts' ? '' : names.join())],
		['event ids', events.every(({ id, name }) => id === (name === expected.more ? `${MESSAGE_ID}.additional` : MESSAGE_ID))],
		['tenant action', tenant === null || (tenant.action === expected.tenant && ['item', 'split'].includes(chosen.output))],
		['upserts are by e-mail', contact?.action !== 'upsert' || chosen.contactsWithoutEmail === 'pass' || contact.email != null],
		[
			'names are left out',
			contact === null || chosen.includeNames || !('firstName' in contact || 'lastName' in contact || 'name' in contact),
		],
		['only verified', contact === null || !chosen.onlyVerified || contact.emailVerified !== false],
	];
	return rules.filter(([, kept]) => !kept).map(([rule]) => rule);
}

const STYLE = { camel: /^[a-z]+([A-Z][a-z]+)*$/, snake: /^[a-z]+(_[a-z]+)*$/ };
const FREE = new Set([...CUSTOM.map(({ name }) => name), 'l1', 'l2', '__proto__']);

/** The keys of items that aren't written in the chosen style. */
function strangeKeys(value: unknown, style: Settings['keyStyle']): string[] {
	if (Array.isArray(value)) return value.flatMap((entry) => strangeKeys(entry, style));
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, field]) => [
		...(STYLE[style].test(key) || FREE.has(key) || /^mailing(List|_list)_/.test(key) ? [] : [key]),
		...strangeKeys(field, style),
	]);
}

const CODES = ['test_user', 'contact_without_email', 'nothing_for_output'];

/** What is wrong with what becomes of a delivery. */
function resultOf(envelope: object & { type: string }, chosen: Settings): { problems: string[]; ignored: boolean } {
	const delivery = delivered(envelope);
	const event = eventOfType(envelope.type);
	const records = toRecords(event, delivery, chosen);
	if ('outcome' in records) {
		const said = JSON.stringify(answerTo(records));
		const problems = [
			...('code' in records && CODES.includes(records.code) ? [] : [said]),
			...(said.includes(CANARY) ? ['leaked in the answer'] : []),
		];
		return { problems, ignored: true };
	}
	const items = toItems(records, delivery, chosen);
	const problems = [
		...brokenPromises(records, event, delivery, chosen),
		...brokenMappings(records, event, chosen),
		...strangeKeys(
			items.flat().map(({ json }) => json),
			chosen.keyStyle,
		),
		...(JSON.stringify(items).includes(CANARY) ? ['leaked in an item'] : []),
		...(items.flat().length > 0 ? [] : ['nothing came out']),
	];
	return { problems, ignored: false };
}

describe("A7, E4: whatever Clerk's contract allows, and whatever a builder sets, the promises hold", () => {
	test.each(contractTypes)('%s', (type) => {
		let cameOut = 0;
		fc.assert(
			fc.property(envelopesOf(type), settingsFor(type), (envelope, chosen) => {
				const { problems, ignored } = resultOf(envelope, chosen);
				if (!ignored) cameOut++;
				if (problems.length > 0) throw new Error(problems.join('; '));
			}),
			{ seed: SEED, numRuns: RUNS },
		);
		// Were most of them ignored, little would be shown.
		expect(cameOut).toBeGreaterThan(RUNS / 3);
	});
});

describe('the deliveries are really those of the contract', () => {
	const ajv = new Ajv({ strict: false, validateFormats: false });

	test.each(contractTypes)('%s', (type) => {
		const validate = ajv.compile(jsonSchemaOf(type));
		const wrong = fc
			.sample(envelopesOf(type), { seed: SEED, numRuns: 50 })
			.flatMap((envelope) => (validate(envelope) ? [] : [ajv.errorsText(validate.errors)]));
		expect(wrong).toEqual([]);
	});

	test('and carry something private wherever Clerk has it', () => {
		const planted = contractTypes.filter((type) =>
			fc.sample(envelopesOf(type), { seed: SEED, numRuns: 50 }).some((envelope) => JSON.stringify(envelope).includes(CANARY)),
		);
		expect(planted).toEqual(
			expect.arrayContaining(words`
				email.created organization.created organizationInvitation.accepted organizationMembership.deleted session.created
				sms.created user.created waitlistEntry.created
			`),
		);
	});
});
