/** How releases of n8n differ, where a test has to know. */
export interface Behaviour {
	/** The setting for the address under which n8n is reached from outside. */
	readonly addressSetting: 'WEBHOOK_URL' | 'N8N_WEBHOOK_URL';
	/** Modules that would fetch something from the internet. An unknown name ends n8n at its start. */
	readonly modulesToDisable: readonly string[];
	/** Whether an API key is made for a list of scopes. */
	readonly hasApiKeyScopes: boolean;
	/** Whether a start calls the hooks of every published trigger. */
	readonly callsHooksAtStart: boolean;
	/** Whether JSON that begins with a byte order mark reaches a node; otherwise n8n answers 422. */
	readonly takesByteOrderMark: boolean;
	/** Whether a saved change of an active workflow has to be published. */
	readonly publishesAfterSaving: boolean;
	/** Whether the API shows a marker in place of the fields that a node lists as `sensitiveOutputFields`. */
	readonly redactsSensitiveFields: boolean;
}

/** The oldest release that the package supports. */
const OLDEST: Behaviour = {
	addressSetting: 'WEBHOOK_URL',
	modulesToDisable: [],
	hasApiKeyScopes: false,
	callsHooksAtStart: true,
	takesByteOrderMark: false,
	publishesAfterSaving: false,
	redactsSensitiveFields: false,
};

/** What was new in a release that is tested, against the tested one before it; in between lies when it came. */
const CHANGES: ReadonlyArray<readonly [since: string, changes: Partial<Behaviour>]> = [
	['1.104.2', { hasApiKeyScopes: true }],
	['2.0.3', { publishesAfterSaving: true }],
	['2.20.12', { redactsSensitiveFields: true }],
	[
		'2.41.1',
		{
			addressSetting: 'N8N_WEBHOOK_URL',
			modulesToDisable: ['mcp-registry'],
			callsHooksAtStart: false,
			takesByteOrderMark: true,
			redactsSensitiveFields: false,
		},
	],
];

/** @returns what the given release does; one that is not in the table does what the one before it did */
export function behaviourOf(version: string): Behaviour {
	const isReached = ([since]: readonly [string, unknown]) => since.localeCompare(version, 'en', { numeric: true }) <= 0;
	return Object.assign({}, OLDEST, ...CHANGES.filter(isReached).map(([, changes]) => changes)) as Behaviour;
}
