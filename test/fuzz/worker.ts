import { fromText } from './choices';
import { branches, countBranches, taken } from './coverage';
import { emptyReport } from './report';
import type { Report } from './report';

/** One of the processes of `npm run fuzz`: does what it is told, one after the other. */

/** A block of cases, or one case again. */
export type Order = { readonly seed: number; readonly block: number; readonly cases: number } | { readonly repeat: string };

export type Done =
	| 'ready'
	/** What is wrong with the case that was repeated, or null. */
	| { readonly wrong: unknown }
	/** With how often each branch of the node's code was taken. */
	| { readonly report: Report; readonly branches: Readonly<Record<string, number>> };

// Before anything of the node is loaded.
countBranches();

async function main(): Promise<void> {
	const { repeatCase, runBlock, prepared } = await import('./engine');
	const { useOwnFolder } = await import('./inN8n');
	process.on('exit', useOwnFolder());
	process.on('disconnect', () => process.exit());
	const tell = (done: Done) => process.send?.(done);
	// What was taken while the node was loaded counts too.
	const ever = Float64Array.from(taken);

	async function obey(order: Order): Promise<Done> {
		if ('repeat' in order) {
			const [kind = '', choices = ''] = order.repeat.split(':');
			return { wrong: await prepared(async () => await repeatCase(kind, fromText(choices))) };
		}
		const report = emptyReport();
		await prepared(async () => await runBlock(report, { ...order, guide: { taken, ever } }));
		const counts = Object.fromEntries(branches.map((branch, index) => [`${branch} #${index}`, ever[index] ?? 0]));
		ever.fill(0);
		return { report, branches: counts };
	}

	process.on('message', (order: Order) => {
		obey(order).then(tell, (error: unknown) => {
			process.stderr.write(`${String(error)}\n`);
			process.exit(3);
		});
	});
	tell('ready');
}

void main();
