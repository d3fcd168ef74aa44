import { SECRET } from './deliveries';
import { N8n } from './n8n';
import type { StartOptions } from './n8n';
import { activeTrigger } from './triggerWorkflow';
import type { Trigger } from './triggerWorkflow';

declare const n8nVersion: string;

/** A real n8n that was set up, with a credential that holds `SECRET`. */
export class TestN8n {
	n8n!: N8n;
	credential!: { id: string; name: string };

	constructor(private readonly options: Omit<StartOptions, 'version'>) {}

	async start(): Promise<void> {
		this.n8n = await (await N8n.start({ version: n8nVersion, ...this.options })).setUp();
		this.credential = await this.n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	}

	/** Stops n8n and starts it again on what it left, at the same address. */
	async restart(whileStopped: (n8n: N8n) => void = () => {}): Promise<void> {
		const { userFolder, url } = this.n8n;
		await this.n8n.stop({ keep: true });
		whileStopped(this.n8n);
		const again = { version: n8nVersion, ...this.options, userFolder, port: Number(new URL(url).port) };
		this.n8n = await (await N8n.start(again)).signIn();
	}

	/** A Clerk Trigger with a No Operation node behind each output, saved and active. */
	async trigger(parameters: Record<string, unknown> = {}, outputs = 1): Promise<Trigger> {
		return await activeTrigger(this.n8n, this.credential, parameters, outputs);
	}
}

/** Starts a real n8n before the tests of a file, and ends it after them. */
export function useN8n(options: Omit<StartOptions, 'version'> = {}): TestN8n {
	const host = new TestN8n(options);
	beforeAll(async () => await host.start());
	afterAll(async () => await host.n8n?.stop());
	return host;
}
