import type { INodeExecutionData, IWebhookFunctions } from 'n8n-workflow';

import { eventOfType } from '../../nodes/Clerk/events/catalogue';
import type { Mapping } from '../../nodes/Clerk/records/mapping';
import { parsePath } from '../../nodes/Clerk/records/path';
import { accept } from '../../nodes/Clerk/trigger/answering';
import { toItems } from '../../nodes/Clerk/records/items';
import { answerTo } from '../../nodes/Clerk/trigger/outcome';
import type { Answer } from '../../nodes/Clerk/trigger/outcome';
import { toRecords } from '../../nodes/Clerk/trigger/selection';
import type { Records } from '../../nodes/Clerk/records/records';
import type { CustomField } from '../../nodes/Clerk/records/settings';
import type { Settings } from '../../nodes/Clerk/trigger/settings';
import { delivered, settings } from './deliveries';
import type { Signing } from './deliveries';
import { FakeResponse } from './response';

export interface Walked {
	/** Null where the delivery is ignored. */
	readonly records: Records | null;
	/** The `json` of the items, one list for each output; none where the delivery is ignored. */
	readonly items: INodeExecutionData['json'][][];
	/** The answer to the sender. */
	readonly answer: Answer['body'];
}

/** The way of a wanted delivery on a node with these settings: its records, its items and its answer. */
export function outputOf(envelope: object, changed: Partial<Settings> = {}, signing: Signing = {}): Walked {
	const delivery = delivered(envelope, signing);
	const chosen = settings(changed);
	const records = toRecords(eventOfType(delivery.envelope.type), delivery, chosen);
	if ('outcome' in records) return { records: null, items: [], answer: answerTo(records).body };
	const response = new FakeResponse();
	const context = { getResponseObject: () => response.asExpress } as IWebhookFunctions;
	const items = toItems(records, delivery, chosen);
	const { workflowData } = accept(context, delivery, records, items, chosen, { settle() {}, abandon() {} });
	// As n8n does when it has stored the execution.
	response.json(undefined);
	return {
		records,
		items: (workflowData ?? []).map((list) => list.map(({ json }) => json)),
		answer: response.sent[0]?.body as Answer['body'],
	};
}

/** The records of a delivery that must not be ignored. */
export function recordsOf(envelope: object, changed: Partial<Settings> = {}, signing: Signing = {}): Records {
	const { records, answer } = outputOf(envelope, changed, signing);
	if (!records) throw new Error(answer.code);
	return records;
}

/** A mapping for these events, or for all. */
export function mapping(events: string | readonly string[], sets: Omit<Mapping, 'events'>): Mapping {
	return { events: events === 'all' ? 'all' : new Set([events].flat()), ...sets };
}

/** Custom fields as a builder types them: names, and where their values are. */
export function custom(fields: Record<string, string>): CustomField[] {
	return Object.entries(fields).map(([name, path]) => ({ name, path: parsePath(path) }));
}
