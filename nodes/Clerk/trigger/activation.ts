import {
	CHAT_TRIGGER_NODE_TYPE,
	FORM_TRIGGER_NODE_TYPE,
	NodeOperationError,
	WAIT_NODE_TYPE,
	WEBHOOK_NODE_TYPE,
} from 'n8n-workflow';
import type { IHookFunctions } from 'n8n-workflow';

import { CONTACT_KEYS } from '../records/contact';
import { EVENT_KEYS } from '../records/event';
import { snakeCase } from '../records/keys';
import { isRooted, writtenPath } from '../records/path';
import { register } from './registration';
import { readEndpointSetup, readSettings, readSigningKeys } from './settings';
import type { CustomField } from '../records/settings';

/** Refuses settings that can never work, then registers the endpoint if the node does that. */
export async function activate(context: IHookFunctions): Promise<void> {
	await refuseUnusableSettings(context);
	const settings = readSettings(context);
	if (!('outcome' in settings)) await register(context, settings);
}

/**
 * Refuses to activate, or to listen, with settings that can never work.
 * Nothing is refused when n8n itself starts: a registered trigger answers Clerk with what is wrong, and Clerk
 * retries; one that isn't registered answers 404.
 * @throws NodeOperationError that says what to change. All of it is in the message: the editor shows nothing else
 */
export async function refuseUnusableSettings(context: IHookFunctions): Promise<void> {
	if (['init', 'leadershipChange'].includes(context.getActivationMode())) return;
	const settings = readSettings(context);
	if ('outcome' in settings) {
		throw new NodeOperationError(
			context.getNode(),
			`The settings of this node cannot be used. ${settings.detail} Check its options.`,
		);
	}
	if (settings.events !== 'all' && settings.events.size === 0 && settings.derivedEvents.size === 0) {
		throw new NodeOperationError(
			context.getNode(),
			'No events are selected. Select at least one under Events to Receive, or All Events.',
		);
	}
	if (settings.mappings.some((mapping) => mapping.events !== 'all' && mapping.events.size === 0)) {
		throw new NodeOperationError(
			context.getNode(),
			'A mapping has no events. Select the events that it applies to, or remove it.',
		);
	}
	const customFields =
		problemOfFields(settings.customContactFields, CONTACT_KEYS, 'Custom Contact Fields') ??
		problemOfFields(settings.customEventProperties, EVENT_KEYS, 'Custom Event Properties');
	if (customFields) throw new NodeOperationError(context.getNode(), customFields);
	const responder = respondingNode(context);
	if (responder !== null) {
		throw new NodeOperationError(
			context.getNode(),
			`The node "${responder}" (Respond to Webhook) would make every execution fail, because the Clerk Trigger answers Clerk itself. Remove or deactivate that node.`,
		);
	}
	// With automatic setup there is no secret yet; the secret key is checked when it is used.
	if (readEndpointSetup(context) === 'automatic') return;
	const keys = await readSigningKeys(context);
	const problem = 'outcome' in keys ? keys : keys.problem;
	if (problem) {
		throw new NodeOperationError(
			context.getNode(),
			`The Clerk Webhook API credential cannot be used. ${problem.detail} Then publish (activate) the workflow again.`,
		);
	}
}

/** Spelled out, because n8n-workflow has no constant for it in n8n 1.85 to 1.104. */
const RESPOND_TO_WEBHOOK = 'n8n-nodes-base.respondToWebhook';

/** After one of these, Respond to Webhook has a request to answer. */
const ANSWERED_TYPES = [WEBHOOK_NODE_TYPE, FORM_TRIGGER_NODE_TYPE, CHAT_TRIGGER_NODE_TYPE, WAIT_NODE_TYPE];

/**
 * The name of a Respond to Webhook node that would fail after this trigger with "No Webhook node found in
 * the workflow", by the rule in that node's code (n8n 2.41). Its version 1 has no such rule and does nothing.
 */
function respondingNode(context: IHookFunctions): string | null {
	const found = context
		.getChildNodes(context.getNode().name)
		.find(
			({ name, type, typeVersion, disabled }) =>
				type === RESPOND_TO_WEBHOOK &&
				typeVersion > 1 &&
				!disabled &&
				!context.getParentNodes(name).some((before) => ANSWERED_TYPES.includes(before.type)),
		);
	return found?.name ?? null;
}

/** Names that have another meaning to n8n or JavaScript. */
const RESERVED = ['__proto__', 'raw'];

/** What is wrong with custom fields; null if nothing is. Checks both key styles, so that changing the style can't cause a clash. */
function problemOfFields(fields: readonly CustomField[], fixedKeys: readonly string[], option: string): string | null {
	const taken = new Set([...fixedKeys, ...fixedKeys.map(snakeCase)]);
	const seen = new Set<string>();
	for (const { name, path } of fields) {
		if (RESERVED.includes(name) || /^mailing_?list/i.test(name))
			return `The name "${name}" under ${option} is reserved. Choose another one.`;
		if (name === '') return `A field under ${option} has no name. Give it one, or remove it.`;
		if (taken.has(name)) {
			return `The name "${name}" under ${option} is already taken by a built-in field. Choose another one.`;
		}
		if (seen.has(name)) return `There are two fields named "${name}" under ${option}. Remove one of them.`;
		if (path === null) {
			return `The path of "${name}" under ${option} cannot be read. Write it like data.public_metadata.plan or data.email_addresses[0].email_address.`;
		}
		if (!isRooted(path)) {
			return `The path of "${name}" under ${option} leads nowhere: no delivery has "${path[0]}" at its top level. Write it as ${writtenPath(['data', ...path])}.`;
		}
		seen.add(name);
	}
	return null;
}
