import { N8n } from './n8n';
import { toolchain } from './toolchain';

/** Run by Jest before the tests in a real n8n: every release of this run at once. */
export default async function prepare(): Promise<void> {
	await Promise.all(Object.keys(toolchain().n8n).map(async (version) => await N8n.prepare(version)));
}
