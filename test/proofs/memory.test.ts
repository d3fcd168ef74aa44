import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { toolchain } from '../support/toolchain';
import { report, sized } from './figures';
import { inRepository } from '../support/paths';

const run = promisify(execFile);

jest.setTimeout(120_000);

const HISTORY = inRepository('dist', 'nodes', 'Clerk', 'trigger', 'history.js');
const CHANGES = inRepository('dist', 'nodes', 'Clerk', 'records', 'changes.js');
/** After twice as many as are kept, every generation of the memory was dropped at least once. */
const MANY = sized(200_000, 1_000_000);
const USER = inRepository('test', 'fixtures', 'deliveries', 'edge.user.updated.several_emails_primary_second.json');

/** Run in a process of its own, whose heap holds nothing else: accepts deliveries of ever new users, and measures. */
const fill = `
	const { History } = require(${JSON.stringify(HISTORY)});
	const { changesOf } = require(${JSON.stringify(CHANGES)});
	const { data } = require(${JSON.stringify(USER)});
	const history = new History();
	const accept = (count) => {
		for (let index = 0; index < count; index++) {
			const id = 'msg_2xYz' + String(accepted++).padStart(20, '0');
			const states = [{ subject: 'user', id: 'user_' + id, at: 1.7e12 + accepted, withEmail: true, unsubscribed: false }];
			const user = { ...data, id: 'user_' + id, created_at: 1.6e12, updated_at: 1.7e12 + accepted };
			const { snapshot } = changesOf(user, id, undefined, true);
			states.push({ subject: 'changes', id: user.id, at: snapshot.at, snapshot: snapshot.text });
			history.claim('AbCdEfGhIjKlMnOp\\n6a6f2f4e-aaaa-bbbb-cccc-0123456789ab', id, states).settle(true, accepted);
		}
		gc();
		return Math.round((process.memoryUsage().heapUsed - before) / 1000) / 1000;
	};
	let accepted = 0;
	gc();
	const before = process.memoryUsage().heapUsed;
	const megabytes = { at1000: accept(1000), atTheBound: accept(99_000), after${MANY}: accept(${MANY - 100_000}) };
	console.log(JSON.stringify(megabytes));
`;

test('E1: what the trigger remembers is bounded: more deliveries take no more memory than those that are kept', async () => {
	const { stdout } = await run(toolchain().node, ['--expose-gc', '-e', fill]);
	const megabytes = JSON.parse(stdout) as Record<string, number>;
	report('memory', megabytes);
	expect(megabytes['at1000']).toBeLessThan(1);
	expect(megabytes['atTheBound']).toBeLessThan(32);
	expect(megabytes[`after${MANY}`]).toBeLessThan(32);
});
