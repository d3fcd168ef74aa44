import { sleep } from 'n8n-workflow';
import type { IHookFunctions, INodeProperties, IWebhookFunctions } from 'n8n-workflow';

import { clerkApiOf } from '../api/clerkApi';
import type { ClerkApi } from '../api/clerkApi';
import { isObject } from '../events/payload';
import type { Environment } from '../events/payload';
import { recordSettingsOf, text, Values } from '../records/settings';
import type { RecordSettings } from '../records/settings';
import type { Misconfigured } from './outcome';
import { mappingsParameter } from './mappingParameters';
import {
	ACKNOWLEDGE,
	DEFAULT_SOURCE,
	DEFAULT_TOLERANCE_SECONDS,
	endpointSetupParameter,
	eventsParameter,
	optionsParameter,
	outputParameter,
} from './parameters';
import type { Acknowledge } from './parameters';
import { unseal } from './sealing';
import { readSigningSecret, secretProblems } from './signingSecret';

/** The builder's settings as one typed object. Only this file reads the node's parameters and its credential. */
export interface Settings extends RecordSettings {
	/** The only `instance_id` to accept, or null for any. */
	readonly onlyInstance: string | null;
	/** Only for an endpoint that was registered with a secret key, which shows the environment. */
	readonly onlyProduction: boolean;
	readonly toleranceSeconds: number;
	readonly acknowledge: Acknowledge;
	readonly skipDuplicates: boolean;
	readonly skipOutOfDate: boolean;
}

/**
 * Reads the node's parameters.
 * @returns them, or why one cannot be read. n8n evaluates expressions at every delivery, so throwing would store
 * a failed execution for anybody who calls the URL
 */
export function readSettings(context: IWebhookFunctions | IHookFunctions): Settings | Misconfigured {
	if (readEndpointSetup(context) === null) return ENDPOINT_SETUP_UNREADABLE;
	let events: unknown;
	let output: unknown;
	let options: Record<string, unknown>;
	let mappings: unknown;
	try {
		events = context.getNodeParameter('events', []);
		output = context.getNodeParameter('output', 'item');
		const read: unknown = context.getNodeParameter('options', {});
		options = isObject(read) ? { ...read } : {};
		mappings = context.getNodeParameter('mappings', {});
	} catch {
		// n8n's message is left out: an expression can read the body, and its error can repeat part of it.
		return settingsUnreadable('An expression in one of its settings fails.');
	}
	const { unreadable, ...records } = recordSettingsOf({ events, output, options, mappings, defaultSource: DEFAULT_SOURCE });
	const own = new Values(options);
	const settings: Settings = {
		...records,
		onlyInstance: own.text('onlyInstance'),
		onlyProduction: own.flag('onlyProduction', false),
		toleranceSeconds: tolerance(options['toleranceSeconds']),
		acknowledge: own.choice('acknowledge', ACKNOWLEDGE),
		skipDuplicates: own.flag('skipDuplicates', true),
		skipOutOfDate: own.flag('skipOutOfDate', true),
	};
	const [first] = [...unreadable, ...own.unreadable];
	return first === undefined ? settings : settingsUnreadable(unusableValue(shownNameOf(first)));
}

function unusableValue(shownName: string): string {
	return `The value of "${shownName}" is not valid. An expression there must return one of the choices, true or false for a switch, or text for a text field.`;
}

function settingsUnreadable(detail: string): Misconfigured {
	return { outcome: 'misconfigured', code: 'settings_unreadable', detail };
}

/** A tolerance that isn't a positive number would accept replays forever, or nothing at all. */
function tolerance(value: unknown): number {
	const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof seconds === 'number' && seconds >= 1 && seconds <= 3600 ? Math.floor(seconds) : DEFAULT_TOLERANCE_SECONDS;
}

/** A parameter's name in the editor. @param name its internal name, or `mappings.` and that of a field */
function shownNameOf(name: string): string {
	const [outer, inner] = name.split('.');
	const parameters = [eventsParameter, outputParameter, mappingsParameter, ...fieldsOf(optionsParameter)];
	const shown = parameters.find((parameter) => parameter.name === outer)?.displayName ?? name;
	const field = fieldsOf(mappingsParameter).find((parameter) => parameter.name === inner);
	return field ? `${shown} > ${field.displayName}` : shown;
}

function fieldsOf({ options = [] }: INodeProperties): INodeProperties[] {
	return options.flatMap((option) =>
		'values' in option ? option.values : 'displayName' in option && 'type' in option ? [option] : [],
	);
}

/** The keys to verify signatures with: at least one. */
export interface SigningKeys {
	readonly usable: readonly Buffer[];
	/** What is wrong with the other of the two secrets, if anything. */
	readonly problem: Misconfigured | null;
	/** False if only the previous secret can be read: a signature that doesn't match may then still be genuine. */
	readonly currentUsable: boolean;
	/** The environment of the instance that signs with them; null if unknown. */
	readonly environment: Environment | null;
}

export const ENDPOINT_SETUPS = ['manual', 'automatic'] as const;

const ENDPOINT_SETUP_UNREADABLE = settingsUnreadable(unusableValue(endpointSetupParameter.displayName));

/** Whether a person creates the endpoint in Clerk or this node does; null if an expression returns neither. Never throws. */
export function readEndpointSetup(context: IWebhookFunctions | IHookFunctions): (typeof ENDPOINT_SETUPS)[number] | null {
	try {
		const setup: unknown = context.getNodeParameter('endpointSetup', 'manual');
		return ENDPOINT_SETUPS.find((choice) => choice === setup) ?? null;
	} catch {
		return null;
	}
}

/**
 * The keys of the node's endpoint, or why there are none. With manual setup they are in the credential: two of
 * them while a secret is rotated. With automatic setup it is the one in static data.
 */
export async function readSigningKeys(context: IWebhookFunctions | IHookFunctions): Promise<SigningKeys | Misconfigured> {
	switch (readEndpointSetup(context)) {
		case 'automatic':
			return await readRegisteredKey(context);
		case 'manual': {
			const credential = await readCredential(context, WEBHOOK_CREDENTIAL);
			return 'outcome' in credential ? credential : signingKeysOf(credential.data);
		}
		case null:
			return ENDPOINT_SETUP_UNREADABLE;
	}
}

/** The signing secret as it was typed; empty if there is none. */
export async function readSigningSecretText(context: IHookFunctions): Promise<string> {
	const credential = await readCredential(context, WEBHOOK_CREDENTIAL);
	return 'outcome' in credential ? '' : (text(credential.data['signingSecret']) ?? '');
}

export const WEBHOOK_CREDENTIAL = 'clerkWebhookApi';
export const API_CREDENTIAL = 'clerkApi';

const SHOWN_CREDENTIALS = { [WEBHOOK_CREDENTIAL]: 'Clerk Webhook API', [API_CREDENTIAL]: 'Clerk API' } as const;

/** How long n8n may take to provide a credential, in milliseconds. Clerk waits for 15 seconds and must be answered before. */
export const CREDENTIAL_MS = 10_000;

/** A sleep cannot be ended early, so each is short. */
const STEP_MS = 250;

/** A credential's content, or why it could not be read in time. Never throws, and never waits forever. */
async function readCredential(
	context: IWebhookFunctions | IHookFunctions,
	name: keyof typeof SHOWN_CREDENTIALS,
): Promise<{ readonly data: Record<string, unknown> } | Misconfigured> {
	const missing = (detail: string): Misconfigured => ({ outcome: 'misconfigured', code: 'credential_missing', detail });
	try {
		const asked = context.getCredentials<Record<string, unknown>>(name).then((data) => ({ data }));
		for (let waited = 0; waited < CREDENTIAL_MS; waited += STEP_MS) {
			const given = await Promise.race([asked, sleep(STEP_MS)]);
			if (given) return given;
		}
	} catch {
		return missing(`The node has no ${SHOWN_CREDENTIALS[name]} credential that n8n can read.`);
	}
	return missing(`n8n did not provide the ${SHOWN_CREDENTIALS[name]} credential within ${CREDENTIAL_MS / 1000} seconds.`);
}

/** The Clerk API credential of a node that registers its endpoint. */
export async function readClerkApi(context: IWebhookFunctions | IHookFunctions): Promise<ClerkApi | Misconfigured> {
	const credential = await readCredential(context, API_CREDENTIAL);
	if ('outcome' in credential) return credential;
	const api = clerkApiOf(credential.data);
	return 'problem' in api ? { outcome: 'misconfigured', code: 'secret_key_unusable', detail: `Secret Key: ${api.problem}` } : api;
}

/** Identifies the node that owns the stored secret, so that no other node can decrypt a copy of it. */
export function ownerOf(context: IWebhookFunctions | IHookFunctions): string {
	return `${context.getWorkflow().id}/${context.getNode().id}`;
}

/** The encrypted signing secret of the endpoint that this node registered; undefined if there is none. */
export function sealedSecretOf(context: IWebhookFunctions | IHookFunctions): unknown {
	return context.getWorkflowStaticData('node')['sealedSigningSecret'];
}

async function readRegisteredKey(context: IWebhookFunctions | IHookFunctions): Promise<SigningKeys | Misconfigured> {
	const api = await readClerkApi(context);
	if ('outcome' in api) return api;
	const sealed = sealedSecretOf(context);
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
				'The secret key is not the one that its endpoint was registered with. Unpublish (deactivate) the workflow and publish it again.',
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
