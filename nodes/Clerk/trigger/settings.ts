import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

import { clerkApiOf } from '../api/clerkApi';
import type { ClerkApi } from '../api/clerkApi';
import { isObject, objectsAt } from '../events/payload';
import type { ClerkObject, Environment } from '../events/payload';
import { EVENT_NAME_STYLES } from '../records/eventName';
import type { EventNameStyle } from '../records/eventName';
import { KEY_STYLES } from '../records/keys';
import type { KeyStyle } from '../records/keys';
import type { Mapping } from '../records/mapping';
import { parsePath } from '../records/path';
import type { Path } from '../records/path';
import { ALL_EVENTS } from './eventOptions';
import { CONTACT_CHOICES } from './mappingParameters';
import type { Misconfigured } from './outcome';
import { ACKNOWLEDGE, DEFAULT_SOURCE, DEFAULT_TOLERANCE_SECONDS, DELETED_USERS, OUTPUT_CHOICES } from './parameters';
import type { Acknowledge, OutputChoice } from './parameters';
import { unseal } from './sealing';
import { readSigningSecret, secretProblems } from './signingSecret';

/** What the builder set, in one typed object. This file alone reads the node's parameters and its credential. */
export interface Settings {
	/** Event types, or everything. */
	readonly events: ReadonlySet<string> | 'all';
	readonly output: OutputChoice;
	readonly contactsWithoutEmail: 'skip' | 'pass';
	readonly source: string;
	/** The only `instance_id` to let in, or null for any. */
	readonly onlyInstance: string | null;
	readonly leaveOutTestUsers: boolean;
	/** Only for an endpoint that was registered with a secret key, which tells. */
	readonly onlyProduction: boolean;
	readonly toleranceSeconds: number;
	readonly includeRaw: boolean;
	readonly includeClient: boolean;
	readonly includeNames: boolean;
	/** Takes an e-mail address that isn't verified for none. */
	readonly onlyVerified: boolean;
	/** What to do with a banned, locked or deprovisioned user. */
	readonly shutOutUsers: 'leave' | 'unsubscribe';
	readonly deletedUsers: 'delete' | 'unsubscribe' | 'none';
	readonly eventNameStyle: EventNameStyle;
	readonly keyStyle: KeyStyle;
	readonly mappings: readonly Mapping[];
	readonly acknowledge: Acknowledge;
	readonly skipDuplicates: boolean;
	readonly skipOutOfDate: boolean;
	readonly customContactFields: readonly CustomField[];
	readonly customEventProperties: readonly CustomField[];
}

/** A field of the builder's, and where its value is in the delivery. */
export interface CustomField {
	readonly name: string;
	/** Null where what was typed is no path: the field is then null. */
	readonly path: Path | null;
}

/** Names that were typed into one field, separated by commas, spaces or new lines. */
export function names(text: unknown): string[] {
	return typeof text === 'string' ? text.split(/[\s,]+/).filter((name) => name !== '' && name !== '__proto__') : [];
}

/**
 * The node's parameters.
 * @returns them, or why an expression in one of them gives no value: n8n evaluates it at every
 * delivery, so throwing would store an execution in error for whoever calls the URL
 */
export function readSettings(context: IWebhookFunctions | IHookFunctions): Settings | Misconfigured {
	let chosen: unknown;
	let output: unknown;
	let options: Record<string, unknown>;
	let mappings: unknown;
	try {
		chosen = context.getNodeParameter('events', []);
		output = context.getNodeParameter('output', 'item');
		const read: unknown = context.getNodeParameter('options', {});
		options = isObject(read) ? { ...read } : {};
		mappings = context.getNodeParameter('mappings', {});
	} catch {
		// Without n8n's message: an expression can see the body, and its error repeat a part of it.
		return {
			outcome: 'misconfigured',
			code: 'settings_unreadable',
			detail: 'An expression in one of its settings gives an error.',
		};
	}
	const events = [
		...(Array.isArray(chosen) ? chosen.filter((type) => typeof type === 'string') : []),
		...names(options['additionalEvents']),
	];
	return {
		events: events.includes(ALL_EVENTS) ? 'all' : new Set(events),
		output: oneOf(OUTPUT_CHOICES, output),
		contactsWithoutEmail: options['contactsWithoutEmail'] === 'pass' ? 'pass' : 'skip',
		source: text(options['source']) ?? DEFAULT_SOURCE,
		onlyInstance: text(options['onlyInstance']),
		leaveOutTestUsers: options['leaveOutTestUsers'] === true,
		onlyProduction: options['onlyProduction'] === true,
		toleranceSeconds: tolerance(options['toleranceSeconds']),
		includeRaw: options['includeRaw'] === true,
		includeClient: options['includeClient'] === true,
		includeNames: options['includeNames'] !== false,
		onlyVerified: options['onlyVerified'] === true,
		shutOutUsers: options['shutOutUsers'] === 'unsubscribe' ? 'unsubscribe' : 'leave',
		deletedUsers: oneOf(DELETED_USERS, options['deletedUsers']),
		eventNameStyle: oneOf(EVENT_NAME_STYLES, options['eventNameStyle']),
		keyStyle: oneOf(KEY_STYLES, options['keyStyle']),
		mappings: rows(mappings, 'mapping')
			.filter((row) => row['active'] !== false)
			.map(readMapping),
		acknowledge: oneOf(ACKNOWLEDGE, options['acknowledge']),
		skipDuplicates: options['skipDuplicates'] !== false,
		skipOutOfDate: options['skipOutOfDate'] !== false,
		customContactFields: rows(options['customContactFields'], 'field').map(readCustomField),
		customEventProperties: rows(options['customEventProperties'], 'field').map(readCustomField),
	};
}

/** The choice with this value; the first one, which is the default, for any other value. */
function oneOf<T extends string>(choices: readonly [T, ...T[]], value: unknown): T {
	return choices.find((choice) => choice === value) ?? choices[0];
}

/** The rows of one of n8n's fixed collections. */
function rows(collection: unknown, name: string): ClerkObject[] {
	return isObject(collection) ? objectsAt(collection, name) : [];
}

function readMapping(row: ClerkObject): Mapping {
	const listed = row['events'];
	const events = [
		...(Array.isArray(listed) ? listed.filter((type) => typeof type === 'string') : []),
		...names(row['otherEvents']),
	];
	const contact = row['contactAction'];
	const joins = names(row['joinLists']);
	const leaves = names(row['leaveLists']);
	return {
		events: events.includes(ALL_EVENTS) ? 'all' : new Set(events),
		contact: CONTACT_CHOICES.find((choice) => choice === contact),
		eventName: row['event'] === 'none' ? null : (text(row['eventName']) ?? undefined),
		additionalEventName: text(row['additionalEventName']) ?? undefined,
		userGroup: text(row['userGroup']) ?? undefined,
		joins: joins.length > 0 ? joins : undefined,
		leaves: leaves.length > 0 ? leaves : undefined,
		noTenant: row['tenantAction'] === 'none' ? true : undefined,
	};
}

function readCustomField(row: ClerkObject): CustomField {
	return { name: text(row['name']) ?? '', path: parsePath(text(row['path']) ?? '') };
}

function text(value: unknown): string | null {
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** A tolerance that isn't a positive number would let in replays for ever, or nothing at all. */
function tolerance(value: unknown): number {
	return typeof value === 'number' && value >= 1 && value <= 3600 ? Math.floor(value) : DEFAULT_TOLERANCE_SECONDS;
}

/** The keys that signatures are checked against: at least one. */
export interface SigningKeys {
	readonly usable: readonly Buffer[];
	/** What is wrong with the other one of the two secrets, if anything. */
	readonly problem: Misconfigured | null;
	/** False where only the previous secret can be read: a signature that doesn't match may then be right all the same. */
	readonly currentUsable: boolean;
	/** Which instance signs with them; null where nothing tells. */
	readonly environment: Environment | null;
}

export const ENDPOINT_SETUPS = ['manual', 'automatic'] as const;

/** Whether a person made the endpoint in Clerk, or this node makes it. */
export function readEndpointSetup(context: IWebhookFunctions | IHookFunctions): (typeof ENDPOINT_SETUPS)[number] {
	return oneOf(ENDPOINT_SETUPS, context.getNodeParameter('endpointSetup', 'manual'));
}

/**
 * The keys of the node's endpoint, or why there is none: in its credential, of which there are two
 * while a secret is rotated; or, where the node registers its endpoint, the one that it keeps.
 */
export async function readSigningKeys(context: IWebhookFunctions | IHookFunctions): Promise<SigningKeys | Misconfigured> {
	if (readEndpointSetup(context) === 'automatic') return await readRegisteredKey(context);
	const credential = await readCredential(context, WEBHOOK_CREDENTIAL);
	return credential ? signingKeysOf(credential) : credentialMissing('Clerk Webhook API');
}

/** The signing secrets as they were typed, empty where there is none. */
export async function readSigningSecretText(context: IHookFunctions): Promise<string> {
	return text((await readCredential(context, WEBHOOK_CREDENTIAL))?.['signingSecret']) ?? '';
}

export const WEBHOOK_CREDENTIAL = 'clerkWebhookApi';
export const API_CREDENTIAL = 'clerkApi';

async function readCredential(
	context: IWebhookFunctions | IHookFunctions,
	name: string,
): Promise<Record<string, unknown> | null> {
	try {
		return await context.getCredentials<Record<string, unknown>>(name);
	} catch {
		return null;
	}
}

function credentialMissing(name: string): Misconfigured {
	return {
		outcome: 'misconfigured',
		code: 'credential_missing',
		detail: `The node has no ${name} credential that n8n can read.`,
	};
}

/** The Clerk API credential of a node that registers its endpoint. */
export async function readClerkApi(context: IWebhookFunctions | IHookFunctions): Promise<ClerkApi | Misconfigured> {
	const credential = await readCredential(context, API_CREDENTIAL);
	if (credential === null) return credentialMissing('Clerk API');
	const api = clerkApiOf(credential);
	return 'problem' in api ? { outcome: 'misconfigured', code: 'secret_key_unusable', detail: `Secret Key: ${api.problem}` } : api;
}

/** Whose the kept secret is, so that a copy of it in another node opens nowhere. */
export function ownerOf(context: IWebhookFunctions | IHookFunctions): string {
	return `${context.getWorkflow().id}/${context.getNode().id}`;
}

async function readRegisteredKey(context: IWebhookFunctions | IHookFunctions): Promise<SigningKeys | Misconfigured> {
	const api = await readClerkApi(context);
	if ('outcome' in api) return api;
	const { sealedSigningSecret: sealed } = context.getWorkflowStaticData('node');
	if (sealed === undefined) {
		return {
			outcome: 'misconfigured',
			code: 'not_registered',
			detail: 'Its endpoint is not registered in Clerk. Unpublish (deactivate) the workflow and publish it again.',
		};
	}
	const { key } = readSigningSecret(unseal(sealed, api.secretKey, ownerOf(context)));
	if (!key) {
		return {
			outcome: 'misconfigured',
			code: 'secret_key_changed',
			detail:
				'The secret key is not the one with which its endpoint was registered. Unpublish (deactivate) the workflow and publish it again.',
		};
	}
	return { usable: [key], problem: null, currentUsable: true, environment: api.environment };
}

export function signingKeysOf(credential: Record<string, unknown>): SigningKeys | Misconfigured {
	const current = readSigningSecret(credential['signingSecret']);
	const previous = readSigningSecret(credential['previousSigningSecret']);
	const problems = [
		...(current.problem ? [`Signing Secret: ${secretProblems[current.problem]}`] : []),
		...(previous.problem && previous.problem !== 'empty' ? [`Previous Signing Secret: ${secretProblems[previous.problem]}`] : []),
	];
	const problem: Misconfigured | null =
		problems.length > 0 ? { outcome: 'misconfigured', code: 'secret_unusable', detail: problems.join(' ') } : null;
	const usable = [current.key, previous.key].filter((key) => key !== undefined);
	return problem !== null && usable.length === 0
		? problem
		: { usable, problem, currentUsable: current.key !== undefined, environment: null };
}
