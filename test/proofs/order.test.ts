import { forThisFile } from '../support/forThisFile';
import { Postgres } from '../support/postgres';
import { SEED, Seeded, SvixSender } from '../support/svixSender';
import { useN8n } from '../support/useN8n';
import { ContactStore, expectRight, someTwice, story } from './contactTable';
import type { Change } from './contactTable';
import { report, sized, sizedEnv } from './figures';

jest.setTimeout(sized(300_000, 900_000));

const USERS = sized(24, 200);
const LIFE: readonly Change[] = ['created', 'updated', 'updated', 'updated', 'updated'];

const postgres = forThisFile(async () => await Postgres.start());
const host = useN8n({ env: sizedEnv });
let sender: SvixSender;

afterEach(() => sender?.stop());

const ways: Array<{ name: string; title: string; options: Record<string, string | boolean> }> = [
	{ name: 'stored', title: 'as the trigger is at first', options: {} },
	{ name: 'workflowSucceeded', title: 'with "Acknowledge: workflow succeeded"', options: { acknowledge: 'lastNode' } },
	{
		name: 'sqlAlone',
		title: 'even where the trigger accepts duplicates and older states, and only the SQL is left',
		options: { skipDuplicates: false, skipOutOfDate: false },
	},
];

describe(`${USERS} users who sign up and change four times, in random order, a fifth of them twice, several at once (seed ${SEED})`, () => {
	test.each(sized(ways.slice(0, 1), ways))(
		'the row of each is the newest and each has signed up once, $title',
		async ({ name, options }) => {
			const start = Date.now();
			const random = new Seeded(SEED);
			const store = await ContactStore.setUp(host.n8n, postgres(), `order_${name.toLowerCase()}`, options);
			const bodies = Array.from({ length: USERS }, (_, user) => story(user, LIFE)).flat();
			const twice = someTwice(bodies, 0.2, random);
			// Of one half, what belongs to one user comes close together, so that it meets; of the other it comes anywhere.
			const middle = Math.floor(twice.length / 2);
			const order = [...random.shuffled(twice.slice(0, middle), 12), ...random.shuffled(twice.slice(middle))];

			sender = new SvixSender({ url: await host.n8n.activate(store.workflowId), seed: SEED });
			await sender.sendAll(order);
			const result = await store.resultOf(bodies, host.n8n, sender);
			report(`order.${name}`, { ...result.figures, seconds: Math.round((Date.now() - start) / 1000) });
			expectRight(result);
			// Nothing failed, so where the trigger skips duplicates, the unique column had nothing to do.
			if (name !== 'sqlAlone') expect(result.signUps.figures.eventsWritten).toBe(USERS);
			expect(result.signUps.figures.lateSignUps).toBeGreaterThan(USERS / 4);
			await host.n8n.deactivate(store.workflowId);
		},
	);
});
