import { n8nVersions } from '../host/versions.json';
import { freePort, ISOLATE_FOR_EACH_REQUEST, N8n } from '../support/n8n';

/** The release that is measured: the one that is tested in full. */
export const VERSION = n8nVersions[0] ?? '';

/** How a self-hoster can set n8n, as far as it decides what a delivery costs. */
export const SETTINGS = {
	default: ISOLATE_FOR_EACH_REQUEST,
	lazy: {},
	legacy: { N8N_EXPRESSION_ENGINE: 'legacy' },
} as const satisfies Record<string, Record<string, string>>;

export type Setting = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as Setting[];

/**
 * An n8n with an owner, as a self-hoster starts it but for three things: it deletes no old executions
 * while they are counted, its Code nodes may use `crypto`, and its webhooks have an address that is not
 * "localhost", which the GitHub Trigger refuses.
 * @param env is added to the environment
 */
export async function startN8n(setting: Setting, env: Record<string, string> = {}): Promise<N8n> {
	const port = await freePort();
	const own = {
		EXECUTIONS_DATA_PRUNE: 'false',
		NODE_FUNCTION_ALLOW_BUILTIN: 'crypto',
		WEBHOOK_URL: `http://127.0.0.1:${port}/`,
	};
	const n8n = await N8n.start({ version: VERSION, withEditorAndCode: true, port, env: { ...own, ...SETTINGS[setting], ...env } });
	try {
		return await n8n.setUp();
	} catch (failure) {
		await n8n.stop();
		throw failure;
	}
}
