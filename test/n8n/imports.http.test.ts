import { execFileSync } from 'node:child_process';

import { packed } from '../support/tarball';
import { toolchain } from '../support/toolchain';

declare const n8nVersion: string;

/** What only a newer n8n has; trigger/acknowledge.ts does without it. */
const OPTIONAL = ['fromParameter', 'webhookDescriptionFields'];

test("what the package imports from n8n-workflow is there in this n8n's own", async () => {
	const host = toolchain().n8n[n8nVersion];
	if (!host) throw new Error(`n8n ${n8nVersion} is not installed`);
	const { content } = await packed();
	const imported = [...content.toString().matchAll(/\bn8n_workflow_1\.(\w+)/g)].map(([, name]) => name ?? '');
	expect(imported).toContain('NodeOperationError');
	const print = 'console.log(JSON.stringify(Object.keys(require("n8n-workflow"))))';
	const there = JSON.parse(execFileSync(host.node, ['-e', print], { cwd: host.folder, encoding: 'utf8' })) as string[];
	expect(imported.filter((name) => !there.includes(name) && !OPTIONAL.includes(name))).toEqual([]);
});
