import type { INodeExecutionData } from 'n8n-workflow';

import { inStyle } from '../../nodes/Clerk/records/keys';
import { verifyDelivery } from '../../nodes/Clerk/trigger/delivery';
import type { VerifiedDelivery } from '../../nodes/Clerk/trigger/delivery';
import { hasTenantOutput, toItems } from '../../nodes/Clerk/records/items';
import { select, toRecords } from '../../nodes/Clerk/trigger/selection';
import type { Records } from '../../nodes/Clerk/records/records';
import { seal, unseal } from '../../nodes/Clerk/trigger/sealing';
import { readSettings, readSigningKeys } from '../../nodes/Clerk/trigger/settings';
import type { CustomField } from '../../nodes/Clerk/records/settings';
import type { Settings } from '../../nodes/Clerk/trigger/settings';
import { MESSAGE_ID, NOW, NOW_SECONDS, OTHER_SECRET, SECRET } from '../support/deliveries';
import { brokenPromises } from '../unit/records/promises';
import { changes, keyOf, sign } from '../unit/trigger/oracles';
import type { Choices } from './choices';
import { clock, must } from './finding';
import type { Tally } from './finding';
import { smudged, text, toJson, value } from './hostile';
import { contextOf, receive } from './node';
import type { Given, Received, Request } from './node';
import { nodeParameters } from './parameters';
import { CANARY, damagedFixture, plant, textsIn } from './payloads';
import { at, judge, keyIn } from './reference';

type Json = Record<string, unknown>;

const CHANGES = Object.values(changes);

export interface Delivery {
	readonly request: Request;
	/** Whether something private is in it. */
	readonly planted: boolean;
}

/** A damaged delivery of Clerk's, signed as Svix signs; a few have been changed since. */
export function signedDelivery(choices: Choices): Delivery {
	const envelope = damagedFixture(choices);
	const planted = choices.chance(0.4);
	if (planted) plant(envelope);
	const body = Buffer.from(toJson(envelope, choices.pick(['', '', '', '\t'])));
	const timestamp = String(NOW_SECONDS);
	const attempt = {
		secret: SECRET,
		headers: {
			'svix-id': MESSAGE_ID,
			'svix-timestamp': timestamp,
			'svix-signature': sign(keyOf(SECRET), MESSAGE_ID, timestamp, body),
		} as Record<string, string>,
		body,
	};
	if (choices.chance(0.03)) choices.pick(CHANGES)(attempt, choices.below(2 ** 31));
	return { request: choices.chance(0.005) ? { ...attempt, body: null } : attempt, planted };
}

const SECRET_KEY = 'sk_live_0123456789abcdefghijklmnopqrstuvwxyz';

/** What a node holds that registers its endpoint: mostly as it should be. */
function registration(choices: Choices, nodeId: string): Pick<Given, 'apiCredential' | 'staticData'> {
	const secretKey = choices.oneOf<unknown>(
		[8, () => SECRET_KEY],
		[4, () => SECRET_KEY.replace('live', 'test')],
		[1, () => text(choices)],
		[1, () => value(choices)],
	);
	const sealed = seal(SECRET, typeof secretKey === 'string' ? secretKey.trim() : '', `wf_1/${nodeId}`);
	return {
		apiCredential: choices.chance(0.05) ? null : { secretKey },
		staticData: choices.oneOf<Record<string, unknown>>(
			[12, () => ({ endpointId: 'ep_1', sealedSigningSecret: sealed })],
			[1, () => ({})],
			[1, () => ({ sealedSigningSecret: smudged(choices, sealed) })],
			[1, () => ({ sealedSigningSecret: seal(SECRET, SECRET_KEY, 'wf_1/another') })],
			[1, () => ({ sealedSigningSecret: value(choices) })],
		),
	};
}

let nodes = 0;

/** One signed delivery through the node's `webhook()`, with any payload and any settings. */
export async function walkCase(choices: Choices, tally: Tally): Promise<number> {
	clock.now = NOW;
	const delivery = signedDelivery(choices);
	const parameters = nodeParameters(choices);
	// A node of its own: whether something came before is another case's question.
	const nodeId = `walk_${nodes++}`;
	const given: Given = {
		parameters,
		credential: choices.oneOf<Given['credential']>(
			[40, () => ({ signingSecret: SECRET, previousSigningSecret: '' })],
			[4, () => ({ signingSecret: OTHER_SECRET, previousSigningSecret: SECRET })],
			[1, () => ({ signingSecret: text(choices), previousSigningSecret: SECRET })],
			[1, () => ({ signingSecret: value(choices), previousSigningSecret: value(choices) })],
			[1, () => null],
		),
		...(parameters['endpointSetup'] === 'automatic' ? registration(choices, nodeId) : {}),
		unreadable: choices.chance(0.01),
		nodeId,
		mode: choices.chance(0.1) ? 'manual' : 'webhook',
		gone: choices.chance(0.02),
	};
	const received = await receive(delivery.request, given);
	answeredByN8n(choices, received);
	tally(`answer: ${await checkWalk(delivery, given, received)}`);
	return (delivery.request.body?.length ?? 0) + JSON.stringify(parameters).length;
}

/** What n8n does after the node has handed it an execution, or doesn't. */
function answeredByN8n(choices: Choices, { items, response }: Received): void {
	if (items === null) return;
	choices.oneOf<unknown>(
		[8, () => response.status(200).json(undefined)],
		[1, () => response.status(500).json({ message: CANARY })],
		[1, () => response.hangUp()],
		// Past the words that the node has for it.
		[1, () => response.end()],
	);
}

/**
 * Holds what became of a delivery against everything that is promised.
 * @returns the code that was answered
 */
export async function checkWalk({ request, planted }: Delivery, given: Given, received: Received): Promise<string> {
	const { items, response, log } = received;
	const { context } = contextOf(request, given);
	const settings = readSettings(context);
	const detail = () => ({
		headers: request.headers,
		body: request.body?.toString('latin1'),
		parameters: given.parameters,
		items,
		sent: response.sent,
	});
	const said = JSON.stringify([response.sent, log]);
	must('no answer and no log repeats what is private', !said.includes(CANARY), detail);
	must('only the builder can fill the log', log.length === 0 || response.sent[0]?.status === 500, detail);
	must('no answer and no log repeats a key', !said.includes(SECRET_KEY.slice(8)), detail);
	must('no answer and no log repeats a secret', !said.includes(SECRET.slice(6)), detail);
	must('no more than one answer is given', response.sent.length <= 1, detail);
	must('whoever starts nothing is answered', items !== null || response.sent.length === 1, detail);

	const answer = response.sent[0] as { status: number; body: Json } | undefined;
	const code = answer ? String(answer.body['code']) : 'none';
	if ('outcome' in settings) {
		must('unreadable settings are said so', code === settings.code, detail);
		return code;
	}
	const keys = await readSigningKeys(context);
	if ('outcome' in keys) {
		must('keys that cannot be used are said so', code === keys.code && items === null, () => ({ ...detail(), keys }));
		must('keys that can be used are used', !holdsSecret(given), detail);
		return code;
	}
	const right = judge({ ...request, secrets: secretsOf(given), toleranceSeconds: settings.toleranceSeconds, now: clock.now });
	must('nothing passes without a valid signature', items === null || right.code === 'accepted', () => ({ ...detail(), right }));
	if (right.code !== 'accepted') {
		must('the answer is that of the reference', code === right.code, () => ({ ...detail(), right }));
		return code;
	}
	const delivery = verifyDelivery(request, keys, settings.toleranceSeconds, clock.now);
	if ('outcome' in delivery) throw new Error('The reference accepts it');
	const event = select(delivery, settings);
	const records = 'outcome' in event ? event : toRecords(event, delivery, settings);
	if ('outcome' in event || 'outcome' in records) {
		must('what is ignored is answered as ignored', items === null && code === (records as { code: string }).code, detail);
		return code;
	}
	if (items === null) {
		must('what is wanted is let in', false, detail);
		return code;
	}
	must('an answer to an event names it', answer?.body['eventType'] === (answer && delivery.envelope.type), detail);
	if (answer?.status === 200) checkAnswer(answer.body, records, detail);
	const broken = brokenPromises(withoutEnvironment(records), event, delivery, settings);
	checkEnvironment(records, given, detail);
	must('every record is as promised', broken.length === 0, () => ({ ...detail(), broken }));
	checkTexts(records, delivery, settings, detail);
	checkItems(items, records, delivery, settings, detail);
	if (planted) {
		// What a builder asks for by name, or raw, may hold what is private.
		const asked = { ...settings, includeRaw: false, customContactFields: [], customEventProperties: [] };
		must('nothing private comes out', !JSON.stringify(toItems(records, delivery, asked)).includes(CANARY), detail);
	}
	return code;
}

const isAutomatic = ({ parameters }: Given) => parameters['endpointSetup'] === 'automatic';

/** The signing secrets that the node holds. */
function secretsOf(given: Given): string[] {
	// Of a registered endpoint there is one, which was sealed by this test.
	if (isAutomatic(given)) return [SECRET];
	const { credential } = given;
	return [credential?.['signingSecret'], credential?.['previousSigningSecret']].map((secret) =>
		typeof secret === 'string' ? secret : '',
	);
}

/** Whether there is a key that the node could use. */
function holdsSecret(given: Given): boolean {
	if (!isAutomatic(given)) return given.credential !== null && secretsOf(given).some((secret) => keyIn(secret) !== null);
	const { apiCredential, staticData, nodeId } = given;
	const secretKey = apiCredential?.['secretKey'];
	const isKey = typeof secretKey === 'string' && /^sk_(test|live)_./.test(secretKey.trim());
	return isKey && unseal(staticData?.['sealedSigningSecret'], secretKey.trim(), `wf_1/${nodeId}`) === SECRET;
}

/** Which instance it came from, which only a node that registers its endpoint knows. */
function checkEnvironment({ contact, events, tenant }: Records, given: Given, detail: () => unknown): void {
	const secretKey = isAutomatic(given) ? JSON.stringify(given.apiCredential) : '';
	const told = secretKey.includes('_live_') ? 'production' : secretKey.includes('_test_') ? 'development' : undefined;
	for (const record of [contact, ...events]) {
		must('the environment is that of the secret key', record === null || record.environment === told, detail);
	}
	must('a tenant has no environment', tenant === null || !('environment' in tenant), detail);
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

/** What a person reads in Clerk of what came out. */
function checkAnswer(answer: Json, { contact, events, tenant }: Records, detail: () => unknown): void {
	const told = [answer['contactAction'], answer['tenantAction'], answer['events']];
	const real = [contact?.action ?? null, tenant?.action ?? null, events.map(({ name }) => name)];
	must('an answer tells what came out', JSON.stringify(told) === JSON.stringify(real), detail);
}

const FROM_PAYLOAD = new Set([
	'userId',
	'externalId',
	'email',
	'firstName',
	'lastName',
	'username',
	'phone',
	'avatarUrl',
	'locale',
	'timezone',
	'instanceId',
	'type',
	'organizationId',
	'sessionId',
	'clientIp',
	'userAgent',
	'name',
	'slug',
	'imageUrl',
	'role',
	'signUpMethod',
]);

/** No text is anything but what stands in the delivery or in the settings, letter by letter. */
function checkTexts(
	{ contact, events, tenant }: Records,
	delivery: VerifiedDelivery,
	settings: Settings,
	detail: () => unknown,
): void {
	const texts = textsIn(delivery.envelope);
	const made = (key: string, text: string): boolean => {
		if (key === 'signUpMethod')
			return (
				['enterprise_sso', 'web3', 'password', 'passkey'].includes(text) ||
				texts.has(`oauth_${text}`) ||
				texts.has(`from_oauth_${text}`)
			);
		if (key !== 'name') return false;
		return [contact?.firstName, contact?.lastName].filter((name) => name != null).join(' ') === text;
	};
	for (const record of [contact, tenant, ...events.map((event) => ({ ...event, name: null }))]) {
		for (const [key, text] of Object.entries(record ?? {})) {
			if (typeof text !== 'string' || !FROM_PAYLOAD.has(key)) continue;
			must('every text stands in the delivery just so', texts.has(text) || made(key, text), () => [key, text, detail()]);
		}
	}
	const [event, more] = events;
	must('an event has the id of its delivery', events.length === 0 || event?.id.startsWith(delivery.id) === true, detail);
	must('a second event has an id of its own', more === undefined || more.id === `${delivery.id}.additional`, detail);
	if (settings.mappings.length === 0 && settings.eventNameStyle === 'type') {
		must(
			'an event is named after its type',
			events.every(({ name }) => name === delivery.envelope.type),
			detail,
		);
	}
	must('the source is the one that was set', contact === null || contact.source === settings.source, detail);
}

/** The items are the records in the chosen shape, and can be stored. */
function checkItems(
	items: readonly INodeExecutionData[][],
	records: Records,
	delivery: VerifiedDelivery,
	settings: Settings,
	detail: () => unknown,
): void {
	const { output } = settings;
	const lists = output !== 'split' ? 1 : hasTenantOutput(settings) ? 3 : 2;
	must('there is a list for each output', items.length === lists, detail);
	for (const { json, ...rest } of items.flat()) {
		must('an item is its JSON alone', Object.keys(rest).length === 0, detail);
		must('the raw delivery comes when asked for', settings.includeRaw ? isRaw(json, delivery) : isNone(json['raw']), detail);
	}
	const { contact, events, tenant } = records;
	const expected: [record: object | null, fields: readonly CustomField[]][] = [
		// A part of a user has none.
		[contact, records.user === null ? [] : settings.customContactFields],
		...events.map((event): [object, readonly CustomField[]] => [event, settings.customEventProperties]),
		[tenant, []],
	];
	const got =
		output === 'item'
			? [items[0]?.[0]?.json['contact'], ...(items[0] ?? []).map(({ json }) => json['event']), items[0]?.[0]?.json['tenant']]
			: items.flat().map(({ json }) => json);
	const wanted = output === 'item' && events.length === 0 ? [expected[0], [null, []], expected.at(-1)] : expected;
	const present = wanted.flatMap((entry) => (entry && (output === 'item' || entry[0] !== null) ? [entry] : []));
	must('there is an item for each record', got.length === present.length, detail);
	present.forEach(([record, fields], index) => {
		const item = got[index] as Json | null;
		if (record === null || item === null) {
			must('what is no record is null', record === item, detail);
			return;
		}
		checkItem(item, record, fields as readonly CustomField[], delivery, records.user, record === contact, settings, detail);
	});
}

/** No raw delivery; a custom field may be called so, and holds no object. */
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

const isPlace = (key: string) => /^\d+$/.test(key);

function checkItem(
	item: Json,
	record: object,
	fields: readonly CustomField[],
	{ envelope }: VerifiedDelivery,
	user: unknown,
	isContact: boolean,
	{ keyStyle, output, includeRaw }: Settings,
	detail: () => unknown,
): void {
	const flat = output !== 'item';
	const { mailingLists = {}, ...rest } = record as { mailingLists?: Record<string, boolean> };
	const prefix = keyStyle === 'snake' ? 'mailing_list_' : 'mailingList_';
	const lists = Object.keys(mailingLists).map((id) => prefix + id);
	const fixed = [...Object.keys(inStyle(flat ? rest : record, keyStyle)), ...(flat ? lists : [])];
	const custom = fields.map(({ name }) => name).filter((name) => name !== '' && name !== '__proto__' && !fixed.includes(name));
	const keys = [...new Set([...fixed, ...custom, ...(flat && includeRaw ? ['raw'] : [])])];
	// JavaScript puts names that are numbers first, whatever is done.
	must(
		'the keys are the promised ones, in order',
		Object.keys(item)
			.filter((key) => !isPlace(key))
			.join('\n') === keys.filter((key) => !isPlace(key)).join('\n'),
		() => ({ keys, item, all: detail() }),
	);
	for (const { name, path } of fields) {
		if (
			!custom.includes(name) ||
			(name === 'raw' && includeRaw) ||
			fields.findLast((field) => field.name === name)?.path !== path
		)
			continue;
		const there = path && at(isContact ? { ...envelope, data: user, user } : { ...envelope, user }, path);
		must(
			'a custom field holds what is at its path',
			typeof there === 'object' || typeof there === 'undefined' || Object.is(item[name], there) || !isPlain(there),
			() => ({ name, path, there, all: detail() }),
		);
	}
	const own = Object.entries(item).filter(([key]) => !(flat && includeRaw && key === 'raw'));
	for (const [key, field] of own) {
		const plain =
			isPlain(field) ||
			(key === 'changes' && Array.isArray(field)) ||
			((key === 'mailingLists' || key === 'mailing_lists') && Object.values(field as Json).every(isPlain));
		must('every field can be stored as JSON', plain, () => ({ key, field, all: detail() }));
		must('no field is called __proto__', key !== '__proto__', detail);
		must(
			'no list is called __proto__',
			typeof field !== 'object' || field === null || !Object.hasOwn(field, '__proto__'),
			detail,
		);
	}
}

/** A value that is the same again when it has been stored as JSON. */
function isPlain(field: unknown): boolean {
	return (
		field === null ||
		typeof field === 'string' ||
		typeof field === 'boolean' ||
		(typeof field === 'number' && Number.isFinite(field))
	);
}
