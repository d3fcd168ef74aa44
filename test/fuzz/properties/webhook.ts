import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { INodeExecutionData } from 'n8n-workflow';

import { hasTenantOutput, toItems } from '../../../nodes/Clerk/records/items';
import { inStyle } from '../../../nodes/Clerk/records/keys';
import type { Records } from '../../../nodes/Clerk/records/records';
import type { CustomField } from '../../../nodes/Clerk/records/settings';
import { verifyDelivery } from '../../../nodes/Clerk/trigger/delivery';
import type { VerifiedDelivery } from '../../../nodes/Clerk/trigger/delivery';
import { seal, unseal } from '../../../nodes/Clerk/trigger/sealing';
import { select, toRecords } from '../../../nodes/Clerk/trigger/selection';
import { readSettings, readSigningKeys } from '../../../nodes/Clerk/trigger/settings';
import type { Settings } from '../../../nodes/Clerk/trigger/settings';
import { MESSAGE_ID, NOW, NOW_SECONDS, OTHER_SECRET, SECRET } from '../../support/deliveries';
import { brokenPromises } from '../../support/recordPromises';
import { changes, keyOf, sign } from '../../support/signatureLibraries';
import { edit, sometimes, text, toJson, value, weighted } from '../arbitraries/hostile';
import { nodeParameters } from '../arbitraries/parameters';
import { CANARY, damagedPayload, plant, textsIn } from '../arbitraries/payloads';
import { contextOf, receive } from '../node';
import type { Given, Received, Request } from '../node';
import { clock, property } from '../property';
import { at, judge, keyIn } from '../reference';

type Json = Record<string, unknown>;

export interface Delivery {
	readonly request: Request;
	/** Whether something private is in it. */
	readonly planted: boolean;
}

/** A damaged delivery of Clerk's, signed as Svix signs; a few were changed afterwards. */
export const delivery: fc.Arbitrary<Delivery> = fc
	.record({
		payload: damagedPayload,
		planted: sometimes(40),
		indent: fc.constantFrom('', '', '', '\t'),
		changed: weighted<((typeof changes)[string] & object) | null>(
			[97, fc.constant(null)],
			[3, fc.constantFrom(...Object.values(changes))],
		),
		pick: fc.nat(),
		unreadable: weighted([199, fc.constant(false)], [1, fc.constant(true)]),
	})
	.map(({ payload: made, planted, indent, changed, pick, unreadable }) => {
		// What fast-check makes may be in other cases, too.
		const payload = structuredClone(made);
		if (planted) plant(payload);
		const body = Buffer.from(toJson(payload, indent));
		const timestamp = String(NOW_SECONDS);
		const headers: Record<string, string> = {
			'svix-id': MESSAGE_ID,
			'svix-timestamp': timestamp,
			'svix-signature': sign(keyOf(SECRET), MESSAGE_ID, timestamp, body),
		};
		const attempt = { secret: SECRET, headers, body };
		changed?.(attempt, pick);
		return { request: { headers: attempt.headers, body: unreadable ? null : attempt.body }, planted };
	});

const SECRET_KEY = 'sk_live_0123456789abcdefghijklmnopqrstuvwxyz';
const secretKey = weighted<unknown>(
	[8, fc.constant(SECRET_KEY)],
	[4, fc.constant(SECRET_KEY.replace('live', 'test'))],
	[1, text],
	[1, value],
);
/** What a node keeps that registers its endpoint: mostly as it should be. */
const staticData = weighted<(sealed: string) => Json>(
	[12, fc.constant((sealed) => ({ endpointId: 'ep_1', sealedSigningSecret: sealed }))],
	[1, fc.constant(() => ({}))],
	[1, edit.map((change) => (sealed) => ({ sealedSigningSecret: change(sealed) }))],
	[1, fc.constant(() => ({ sealedSigningSecret: seal(SECRET, SECRET_KEY, 'wf_1/another') }))],
	[1, value.map((any) => () => ({ sealedSigningSecret: any }))],
);
const credential = weighted<Given['credential']>(
	[40, fc.constant({ signingSecret: SECRET, previousSigningSecret: '' })],
	[4, fc.constant({ signingSecret: OTHER_SECRET, previousSigningSecret: SECRET })],
	[1, text.map((typed) => ({ signingSecret: typed, previousSigningSecret: SECRET }))],
	[1, fc.tuple(value, value).map(([signingSecret, previousSigningSecret]) => ({ signingSecret, previousSigningSecret }))],
	[1, fc.constant(null)],
);

let nodes = 0;

/** One signed delivery through the node's `webhook()`, with any payload and any settings. */
export const webhookProperty = property(
	'webhook',
	350,
	fc.record({
		sent: delivery,
		parameters: nodeParameters,
		credential,
		secretKey: weighted<unknown>([19, secretKey], [1, fc.constant(null)]),
		staticData,
		unreadable: sometimes(1),
		manual: sometimes(10),
		gone: sometimes(2),
		// The last one ends the response past the body that the node has for it.
		answer: weighted([8, fc.constant('200')], [1, fc.constant('500')], [1, fc.constant('none')], [1, fc.constant('no body')]),
	}),
	async ({ sent, parameters, answer, ...input }, met) => {
		clock.now = NOW;
		// A node of its own: whether something came before is another property.
		const nodeId = `webhook_${nodes++}`;
		const sealed = seal(SECRET, typeof input.secretKey === 'string' ? input.secretKey.trim() : '', `wf_1/${nodeId}`);
		const given: Given = {
			parameters,
			credential: input.credential,
			...(parameters['endpointSetup'] === 'automatic' && {
				apiCredential: input.secretKey === null ? null : { secretKey: input.secretKey },
				staticData: input.staticData(sealed),
			}),
			unreadable: input.unreadable,
			nodeId,
			mode: input.manual ? 'manual' : 'webhook',
			gone: input.gone,
		};
		const received = await receive(sent.request, given);
		const { items, response } = received;
		// What n8n does with an execution that the node has handed to it.
		if (items !== null && answer === '200') response.status(200).json(undefined);
		if (items !== null && answer === '500') response.status(500).json({ message: CANARY });
		if (items !== null && answer === 'none') response.hangUp();
		if (items !== null && answer === 'no body') response.end();
		met(`answer: ${await checkReceived(sent, given, received)}`);
		return (sent.request.body?.length ?? 0) + JSON.stringify(parameters).length;
	},
);

/**
 * Compares what became of a delivery with everything that is promised.
 * @returns the code that was answered
 */
export async function checkReceived({ request, planted }: Delivery, given: Given, received: Received): Promise<string> {
	const { items, response, log } = received;
	const { context } = contextOf(request, given);
	const settings = readSettings(context);
	const said = JSON.stringify([response.sent, log]);
	assert(!said.includes(CANARY), 'no answer and no log repeats what is private');
	assert(log.length === 0 || response.sent[0]?.status === 500, 'only the builder can fill the log');
	assert(!said.includes(SECRET_KEY.slice(8)), 'no answer and no log repeats a key');
	assert(!said.includes(SECRET.slice(6)), 'no answer and no log repeats a secret');
	assert(response.sent.length <= 1, 'no more than one answer is given');
	assert(items !== null || response.sent.length === 1, 'a delivery that starts nothing is answered');

	const answer = response.sent[0] as { status: number; body: Json } | undefined;
	const code = answer ? String(answer.body['code']) : 'none';
	if ('outcome' in settings) {
		assert(code === settings.code, `the answer says that settings are unreadable, not ${code}`);
		return code;
	}
	const keys = await readSigningKeys(context);
	if ('outcome' in keys) {
		assert(code === keys.code && items === null, 'the answer says that keys cannot be used');
		assert(!holdsSecret(given), 'keys that can be used are used');
		return code;
	}
	const right = judge({ ...request, secrets: secretsOf(given), toleranceSeconds: settings.toleranceSeconds, now: clock.now });
	assert(items === null || right.code === 'accepted', 'nothing passes without a valid signature');
	if (right.code !== 'accepted') {
		assert(code === right.code, `the answer is that of the reference: ${code}, not ${right.code}`);
		return code;
	}
	const verified = verifyDelivery(request, keys, settings.toleranceSeconds, clock.now);
	if ('outcome' in verified) throw new Error('The reference accepts it');
	const event = select(verified, settings);
	const records = 'outcome' in event ? event : toRecords(event, verified, settings);
	if ('outcome' in event || 'outcome' in records) {
		assert(items === null && code === (records as { code: string }).code, 'an ignored delivery is answered as ignored');
		return code;
	}
	assert(items !== null, 'a wanted delivery is accepted');
	assert(answer?.body['eventType'] === (answer && verified.envelope.type), 'an answer to an event names it');
	if (answer?.status === 200) checkAnswer(answer.body, records);
	const broken = brokenPromises(withoutEnvironment(records), event, verified, settings);
	checkEnvironment(records, given);
	assert(broken.length === 0, `every record is as promised: ${broken.join(', ')}`);
	checkTexts(records, verified, settings);
	checkItems(items, records, verified, settings);
	if (planted) {
		// What a builder asks for by name, or raw, may hold what is private.
		const asked = { ...settings, includeRaw: false, customContactFields: [], customEventProperties: [] };
		assert(!JSON.stringify(toItems(records, verified, asked)).includes(CANARY), 'nothing private is output');
	}
	return code;
}

const isAutomatic = ({ parameters }: Given) => parameters['endpointSetup'] === 'automatic';

/** The signing secrets that the node holds. */
function secretsOf(given: Given): string[] {
	// A registered endpoint has one, which was sealed by this test.
	if (isAutomatic(given)) return [SECRET];
	const typed = [given.credential?.['signingSecret'], given.credential?.['previousSigningSecret']];
	return typed.map((secret) => (typeof secret === 'string' ? secret : ''));
}

/** Whether there is a key that the node could use. */
function holdsSecret(given: Given): boolean {
	if (!isAutomatic(given)) return given.credential !== null && secretsOf(given).some((secret) => keyIn(secret) !== null);
	const { apiCredential, staticData: kept, nodeId } = given;
	const typed = apiCredential?.['secretKey'];
	const isKey = typeof typed === 'string' && /^sk_(test|live)_./.test(typed.trim());
	return isKey && unseal(kept?.['sealedSigningSecret'], typed.trim(), `wf_1/${nodeId}`) === SECRET;
}

/** Which instance it came from, which only a node that registers its endpoint knows. */
function checkEnvironment({ contact, events, tenant }: Records, given: Given): void {
	const typed = isAutomatic(given) ? JSON.stringify(given.apiCredential) : '';
	const right = typed.includes('_live_') ? 'production' : typed.includes('_test_') ? 'development' : undefined;
	for (const record of [contact, ...events]) {
		assert(record === null || record.environment === right, 'the environment is that of the secret key');
	}
	assert(tenant === null || !('environment' in tenant), 'a tenant has no environment');
}

/** The promises are about what comes by itself. */
function withoutEnvironment({ contact, events, ...rest }: Records): Records {
	const without = <T extends { environment?: unknown }>(record: T): T => {
		const copy = { ...record };
		delete copy.environment;
		return copy;
	};
	return { ...rest, contact: contact && without(contact), events: events.map(without) };
}

/** What a person reads in Clerk about what came out. */
function checkAnswer(answer: Json, { contact, events, tenant }: Records): void {
	const said = [answer['contactAction'], answer['tenantAction'], answer['events']];
	const real = [contact?.action ?? null, tenant?.action ?? null, events.map(({ name }) => name)];
	assert(JSON.stringify(said) === JSON.stringify(real), 'an answer says what came out');
}

const FROM_PAYLOAD = new Set([
	...['userId', 'externalId', 'email', 'firstName', 'lastName', 'username', 'phone', 'avatarUrl', 'locale', 'timezone'],
	...['instanceId', 'type', 'organizationId', 'sessionId', 'clientIp', 'userAgent', 'name', 'slug', 'imageUrl', 'role'],
	'signUpMethod',
]);
const OWN_METHODS = ['enterprise_sso', 'web3', 'password', 'passkey'];

/** No text is anything but what stands in the delivery or in the settings, letter by letter. */
function checkTexts({ contact, events, tenant }: Records, { id, envelope }: VerifiedDelivery, settings: Settings): void {
	const texts = textsIn(envelope);
	const isMade = (key: string, made: string): boolean => {
		if (key === 'signUpMethod') {
			return OWN_METHODS.includes(made) || texts.has(`oauth_${made}`) || texts.has(`from_oauth_${made}`);
		}
		return key === 'name' && [contact?.firstName, contact?.lastName].filter((name) => name != null).join(' ') === made;
	};
	for (const record of [contact, tenant, ...events.map((event) => ({ ...event, name: null }))]) {
		for (const [key, found] of Object.entries(record ?? {}) as [string, unknown][]) {
			if (typeof found !== 'string' || !FROM_PAYLOAD.has(key)) continue;
			assert(texts.has(found) || isMade(key, found), `every text stands in the delivery just so: ${key} ${found}`);
		}
	}
	const [event, more] = events;
	assert(events.length === 0 || event?.id.startsWith(id) === true, 'an event has the id of its delivery');
	const isDerived = ({ name, id: own }: Records['events'][number]) => settings.derivedEvents.has(name) && own === `${id}.${name}`;
	assert(more === undefined || more.id === `${id}.additional` || isDerived(more), 'a second event has an id of its own');
	if (settings.mappings.length === 0 && settings.eventNameStyle === 'type') {
		assert(
			events.every((one) => one.name === envelope.type || isDerived(one)),
			'an event is named after its type',
		);
	}
	assert(contact === null || contact.source === settings.source, 'the source is the one that was set');
}

/** The items are the records in the chosen shape, and can be stored. */
function checkItems(
	items: readonly INodeExecutionData[][],
	{ contact, events, tenant, user }: Records,
	verified: VerifiedDelivery,
	settings: Settings,
): void {
	const { output } = settings;
	const shapedContact = contact && inShape(contact, settings);
	const lists = output !== 'split' ? 1 : hasTenantOutput(settings) ? 3 : 2;
	assert(items.length === lists, 'there is a list for each output');
	for (const { json, ...rest } of items.flat()) {
		assert(Object.keys(rest).length === 0, 'an item is its JSON alone');
		const isRight = settings.includeRaw ? isRaw(json, verified) : isNone(json['raw']);
		assert(isRight, 'the raw delivery comes when asked for');
	}
	const expected: [record: object | null, fields: readonly CustomField[]][] = [
		// A part of a user has none.
		[shapedContact, user === null ? [] : settings.customContactFields],
		...events.map((event): [object, readonly CustomField[]] => [event, settings.customEventProperties]),
		[tenant, []],
	];
	if (output === 'item' && events.length === 0) expected.splice(1, 0, [null, []]);
	const jsons = items.flat().map(({ json }) => json);
	const got = output === 'item' ? [jsons[0]?.['contact'], ...jsons.map(({ event }) => event), jsons[0]?.['tenant']] : jsons;
	const present = expected.filter(([record]) => output === 'item' || record !== null);
	assert(got.length === present.length, 'there is an item for each record');
	present.forEach(([record, fields], index) => {
		const item = got[index] as Json | null;
		if (record === null || item === null) return assert(record === item, 'what is no record is null');
		const { envelope } = verified;
		const root = record === shapedContact ? { ...envelope, data: user, user } : { ...envelope, user };
		return checkItem(item, record, fields, root, settings);
	});
}

/** The fields of a contact that the builder chose, in order, then its escaped names. */
function inShape(contact: object, { contactShape: { fields, empty, htmlNames } }: Settings): Json {
	const has = (key: string) => (contact as Json)[key] != null;
	const identifiers = ['userId', 'externalId', 'email', 'phone', 'username'].filter((key) => fields?.has(key));
	const instead = identifiers.some(has) ? undefined : ['userId', 'email'].find(has);
	const chosen = Object.entries(contact).filter(
		([key]) => fields === null || ['action', ...fields].includes(key) || key === instead,
	);
	const names = ['firstName', 'lastName', 'name'].filter((key) => htmlNames && Object.hasOwn(contact, key));
	const escaped = names.map((key) => [`${key}Html`, (contact as Json)[key]] as const);
	return Object.fromEntries<unknown>([...chosen, ...escaped].filter(([, held]) => held !== null || empty !== 'leaveOut'));
}

/** No raw delivery; a custom field may have its name, and holds no object. */
function isNone(raw: unknown): boolean {
	return typeof raw !== 'object' || raw === null;
}

/** Compared as text, which is quick, and can't be made of what is very deep. */
function isRaw({ raw }: Json, { envelope }: VerifiedDelivery): boolean {
	try {
		return JSON.stringify(raw) === JSON.stringify(envelope);
	} catch {
		return typeof raw === 'object';
	}
}

/**
 * @param root where the paths of custom fields begin
 */
function checkItem(
	item: Json,
	record: object,
	fields: readonly CustomField[],
	root: unknown,
	{ keyStyle, output, includeRaw }: Settings,
): void {
	const flat = output !== 'item';
	const { mailingLists = {}, ...rest } = record as { mailingLists?: Record<string, boolean> };
	const prefix = keyStyle === 'snake' ? 'mailing_list_' : 'mailingList_';
	const lists = Object.keys(mailingLists).map((id) => prefix + id);
	const fixed = [...Object.keys(inStyle(flat ? rest : record, keyStyle)), ...(flat ? lists : [])];
	const custom = fields.map(({ name }) => name).filter((name) => name !== '' && name !== '__proto__' && !fixed.includes(name));
	const keys = [...new Set([...fixed, ...custom, ...(flat && includeRaw ? ['raw'] : [])])];
	// JavaScript puts names that are numbers first, whatever is done.
	const inOrder = (names: string[]) => names.filter((name) => !/^\d+$/.test(name)).join('\n');
	assert(inOrder(Object.keys(item)) === inOrder(keys), 'the keys are the promised ones, in order');
	for (const field of fields) {
		const { name, path } = field;
		const isOverwritten = fields.findLast((other) => other.name === name)?.path !== path;
		if (!custom.includes(name) || (name === 'raw' && includeRaw) || isOverwritten) continue;
		const there = path && at(root, path);
		const isRight = there === undefined || typeof there === 'object' || !isPlain(there) || Object.is(item[name], there);
		assert(isRight, `a custom field holds what is at its path: ${name}`);
	}
	for (const [key, field] of Object.entries(item)) {
		if (flat && includeRaw && key === 'raw') continue;
		// A custom field holds no list or object, only its text.
		const isList = typeof field === 'object' && field !== null && !custom.includes(key);
		assert(
			isPlain(field) || (key === 'changes' && Array.isArray(field)) || (isList && Object.values(field).every(isPlain)),
			`every field can be stored as JSON: ${key}`,
		);
		assert(key !== '__proto__', 'no field is called __proto__');
		const hasProto = typeof field === 'object' && field !== null && Object.hasOwn(field, '__proto__');
		assert(!hasProto, 'no list is called __proto__');
	}
}

/** A value that is the same again when it has been stored as JSON. */
function isPlain(field: unknown): boolean {
	return field === null || typeof field === 'string' || typeof field === 'boolean' || Number.isFinite(field);
}
