import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { catalogue } from '../nodes/Clerk/events/catalogue';
import { derivedEvents } from '../nodes/Clerk/events/derived';
import type { Evidence } from '../nodes/Clerk/events/derived';
import { operations as rows } from '../nodes/Clerk/operations/catalogue';
import { operationParameters, resourceParameter } from '../nodes/Clerk/operations/menu';
import type { Operation } from '../nodes/Clerk/operations/operation';
import { answerTo } from '../nodes/Clerk/trigger/outcome';
import type { Outcome } from '../nodes/Clerk/trigger/outcome';
import { mappingsParameter } from '../nodes/Clerk/trigger/mappingParameters';
import { optionsParameter, outputParameter } from '../nodes/Clerk/trigger/parameters';

function table(head: string[], rows: string[][]): string {
	const cells = (row: string[]) => `| ${row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
	return [cells(head), cells(head.map(() => '---')), ...rows.map(cells)].join('\n');
}

function events(): string {
	return table(
		['Event', 'Name in the node', 'When', 'Contact', 'Tenant'],
		catalogue.map((event) => [
			`\`${event.type}\``,
			`${event.resource}: ${event.change}`,
			event.description,
			event.contact ?? '',
			event.tenant ?? '',
		]),
	);
}

const KNOWN_BY: Readonly<Record<Evidence, string>> = {
	state: 'the state before',
	time: 'the state before, or a time in the delivery',
	message: 'the message alone',
};

/** What is derived from Clerk's events. */
function derived(): string {
	const code = (name: string) => `\`${name}\``;
	return table(
		['Event', 'When', 'Known by', "Clerk's message about it", "In Clerk's application logs"],
		derivedEvents.map(({ name, description, evidence, template, logNames }) => [
			code(name),
			description,
			KNOWN_BY[evidence],
			template === null ? '' : code(template),
			logNames.map(code).join(', '),
		]),
	);
}

function choices({ options = [] }: INodeProperties): string {
	return table(
		['Output', 'What comes out'],
		(options as INodePropertyOptions[]).map(({ name, description = '' }) => [name, description]),
	);
}

/** A parameter's default, as the editor shows it. */
function shownDefault(property: INodeProperties): string {
	const value = property.default;
	if (property.type === 'options') {
		return (property.options as INodePropertyOptions[]).find((option) => option.value === value)?.name ?? '';
	}
	if (typeof value === 'boolean') return value ? 'on' : 'off';
	return typeof value === 'number' || (typeof value === 'string' && value !== '') ? `\`${value}\`` : '';
}

function parameters(head: string, properties: INodeProperties[]): string {
	return table(
		[head, 'Default', 'What it does'],
		properties.map((property) => [property.displayName, shownDefault(property), property.description ?? '']),
	);
}

const named = (property: INodeProperties) => property.options as INodePropertyOptions[];

/** Resources and operations of the action node that read as the trigger puts out, or look after endpoints. */
function operations(): string {
	const isRow = (resource: unknown, operation: unknown) =>
		rows.some((row) => row.resource === resource && row.operation === operation);
	return table(
		['Resource', 'Operation', 'What it does'],
		named(resourceParameter).flatMap((resource) =>
			operationParameters
				.filter(({ displayOptions }) => displayOptions?.show?.['resource']?.includes(resource.value))
				.flatMap(named)
				.filter(({ value }) => !isRow(resource.value, value))
				.map(({ name, description = '' }) => [resource.name, name, description]),
		),
	);
}

/** What a call that broke does, in a word. */
const again = ({ repeat }: Operation): string =>
	repeat === 'yes' ? 'yes' : repeat === 'no' ? 'no' : 'if Clerk shows that it was not done';

/** The operations that write to Clerk, and those that belong to them. */
function calls(): string {
	return table(
		['Resource', 'Operation', 'What it does', 'Call to Clerk', 'Repeated if its result is unknown'],
		named(resourceParameter).flatMap((resource) =>
			rows
				.filter((row) => row.resource === resource.value)
				.map((row) => [
					resource.name,
					row.name,
					row.destructive ? `${row.description.replace(/\.$/, '')}. **Cannot be undone.**` : row.description,
					row.upsert ? '`GET /users`, then `POST` or `PATCH`' : `\`${row.method} ${row.path}\``,
					again(row),
				]),
		),
	);
}

function mappingFields(): INodeProperties[] {
	const [collection] = mappingsParameter.options as INodePropertyCollection[];
	return collection?.values ?? [];
}

const verified = { eventType: 'user.created', eventId: 'msg_2xYz' };

const acceptedUser = {
	outcome: 'accepted',
	...verified,
	contactAction: 'upsert',
	noContact: null,
	events: ['user.created'],
	tenantAction: null,
	outOfDate: [],
} as const;

/** An example of every outcome that a sender can get. */
const outcomes: Outcome[] = [
	{ ...acceptedUser, acknowledge: 'onReceived' },
	{ ...acceptedUser, acknowledge: 'lastNode' },
	{
		...acceptedUser,
		acknowledge: 'onReceived',
		contactAction: null,
		noContact: 'event_has_none',
		events: ['session.created'],
	},
	{ ...acceptedUser, acknowledge: 'onReceived', outOfDate: ['contact_fields'] },
	{ outcome: 'duplicate', ...verified, acceptedAt: Date.UTC(2026, 0, 5, 9, 30) },
	{ outcome: 'stale', subject: 'user', ended: false, ...verified, eventType: 'user.updated' },
	{ outcome: 'stale', subject: 'user', ended: true, ...verified },
	{ outcome: 'postponed', code: 'same_in_flight', ...verified },
	{ outcome: 'postponed', code: 'newer_in_flight', subject: 'user', ...verified, eventType: 'user.updated' },
	{ outcome: 'postponed', code: 'older_in_flight', subject: 'user', ...verified, eventType: 'user.updated' },
	{ outcome: 'ignored', code: 'event_not_selected', ...verified },
	{ outcome: 'ignored', code: 'no_chosen_change', ...verified, eventType: 'user.updated' },
	{ outcome: 'ignored', code: 'other_instance', ...verified },
	{ outcome: 'ignored', code: 'not_production', ...verified },
	{ outcome: 'ignored', code: 'contact_without_email', ...verified },
	{ outcome: 'ignored', code: 'test_user', ...verified },
	{ outcome: 'ignored', code: 'nothing_for_output', noContact: 'set_to_none', ...verified },
	{ outcome: 'rejected', code: 'header_missing', header: 'svix-signature' },
	{ outcome: 'rejected', code: 'timestamp_malformed' },
	{ outcome: 'rejected', code: 'timestamp_too_old', secondsOff: 3600, toleranceSeconds: 300 },
	{ outcome: 'rejected', code: 'timestamp_too_new', secondsOff: 3600, toleranceSeconds: 300 },
	{ outcome: 'rejected', code: 'signature_mismatch' },
	{ outcome: 'rejected', code: 'body_unreadable' },
	{ outcome: 'rejected', code: 'body_not_json' },
	{ outcome: 'rejected', code: 'body_not_object' },
	{ outcome: 'rejected', code: 'type_missing' },
	{ outcome: 'misconfigured', code: 'credential_missing', detail: '' },
	{ outcome: 'misconfigured', code: 'secret_unusable', detail: '' },
	{ outcome: 'misconfigured', code: 'settings_unreadable', detail: '' },
	{ outcome: 'misconfigured', code: 'secret_key_unusable', detail: '' },
	{ outcome: 'misconfigured', code: 'secret_key_changed', detail: '' },
	{ outcome: 'misconfigured', code: 'not_registered', detail: '' },
	{ outcome: 'failed', code: 'not_stored', status: 500, ...verified },
	{ outcome: 'failed', code: 'workflow_failed', status: 500, ...verified },
];

function answers(): string {
	return table(
		['Status', 'Outcome', 'Code', 'Message'],
		outcomes.map((outcome) => {
			const { status, body } = answerTo(outcome);
			return [String(status), body.outcome, `\`${body.code}\``, body.message];
		}),
	);
}

type Tables = Readonly<Record<string, () => string>>;

/** Tables generated from the code, by the name in their marker. */
const codeTables: Tables = {
	events,
	derived,
	outputs: () => choices(outputParameter),
	operations,
	calls,
	options: () => parameters('Option', optionsParameter.options as INodeProperties[]),
	mappings: () => parameters('Field', mappingFields()),
	answers,
};

const PROOFS = join(__dirname, '..', 'docs', 'proofs');

/** The figures of a proof from its last full run. */
function figures(file: string): string {
	const measured = JSON.parse(readFileSync(join(PROOFS, file), 'utf8')) as Record<string, number | string>;
	const words = (name: string) =>
		name.includes(' ')
			? name
			: name
					.replace(/(?<=[a-z0-9])[A-Z]|(?<=[a-z]{2})[0-9]/g, (start) => ` ${start.toLowerCase()}`)
					.replace(/\bm[bB]\b/g, 'MB')
					.replace(/\bsql\b/g, 'SQL');
	return table(
		['What', 'Measured'],
		Object.entries(measured).map(([name, value]) => [
			words(name),
			// A seed is copied into a command.
			typeof value === 'number' && name !== 'seed' ? value.toLocaleString('en') : String(value),
		]),
	);
}

/** All generated tables: those from the code, and one for each file of figures. */
export const tables: Tables = {
	...codeTables,
	...Object.fromEntries(readdirSync(PROOFS).map((file) => [basename(file, '.json'), () => figures(file)])),
};

/** The pages with generated tables. */
export const pagesWithTables = [
	'README.md',
	'docs/reference.md',
	'docs/existing-users.md',
	'docs/operations.md',
	'docs/troubleshooting.md',
	'docs/reliability.md',
] as const;

/** Fills in the tables that a page has markers for: between `<!-- events, generated by npm run docs -->` and `<!-- end -->`. */
export function withGeneratedTables(page: string): string {
	return page.replace(/(<!-- (\S+), generated by npm run docs -->\n)[\s\S]*?(<!-- end -->)/g, (_, start, name, end) => {
		const make = tables[String(name)];
		if (!make) throw new Error(`There is no table "${String(name)}"`);
		return `${String(start)}${make()}\n${String(end)}`;
	});
}
