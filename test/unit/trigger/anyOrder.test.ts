import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import {
	created,
	deleted,
	mappings,
	membership,
	organization,
	organizationDeleted,
	signedIn,
	updated,
} from '../../support/clerkEvents';
import { PublishedTrigger } from '../../support/publishedTrigger';
import type { Delivered } from '../../support/publishedTrigger';
import { stopClock } from '../../support/stoppedClock';

/**
 * Users sign up, change, sign in, join and leave an organization and are deleted, and so is the
 * organization; Clerk delivers that in any order, again and again until it gets a 2xx, while workflows
 * are slow or fail, and hangs up on some. What the builder's store then holds is compared with what is
 * true in Clerk.
 */

interface Message {
	readonly id: string;
	readonly userId: string;
	readonly envelope: { readonly type: string; readonly data: object };
}

interface Truth {
	/** Seconds since the beginning; nothing happens twice in one. */
	seconds: number;
	/** When it last changed; null once it is deleted. */
	organizationAt: number | null;
	readonly users: Map<
		string,
		{ updatedAt: number; email: string | null; isDeleted: boolean; member: string | null; role: string }
	>;
	/** Not answered with a 2xx yet. */
	readonly pending: Message[];
	readonly done: Message[];
}

interface Row {
	updatedAt?: string;
	email?: string | null;
}

/** What a builder's workflow stores of the items, as the examples do: it merges what is there, and counts events. */
class Store {
	readonly contacts = new Map<string, Row>();
	organizationName: unknown;
	organizationIsDeleted = false;
	readonly members = new Map<string, { role: unknown; updatedAt: unknown }>();
	readonly signUps = new Map<string, number>();
	readonly deleted = new Set<string>();
	/** The newest accepted state of each user, which nothing older may replace. */
	readonly newest = new Map<string, string>();

	write(items: readonly IDataObject[], succeeded: boolean): void {
		for (const { contact, event, tenant } of items as unknown as Record<string, Record<string, unknown> | null>[]) {
			if (contact) this.writeContact(contact, succeeded);
			if (tenant) this.writeTenant(tenant, succeeded);
			if (event?.['name'] === 'user.created' && succeeded) {
				const userId = String(event['userId']);
				this.signUps.set(userId, (this.signUps.get(userId) ?? 0) + 1);
			}
		}
	}

	private writeTenant({ action, userId, role, name, updatedAt }: Record<string, unknown>, succeeded: boolean): void {
		if (action === 'set') {
			expect(this.organizationIsDeleted).toBe(false);
			this.organizationName = name;
		}
		if (action === 'delete') {
			this.organizationIsDeleted ||= succeeded;
			this.members.clear();
		}
		if (action === 'subscribe') this.members.set(String(userId), { role, updatedAt });
		if (action === 'unsubscribe') this.members.delete(String(userId));
	}

	private writeContact({ action, ...contact }: Record<string, unknown>, succeeded: boolean): void {
		const userId = String(contact['userId']);
		if (action === 'delete') {
			this.contacts.delete(userId);
			if (succeeded) this.deleted.add(userId);
			return;
		}
		expect(this.deleted).not.toContain(userId);
		const row: Row = contact;
		const newest = this.newest.get(userId) ?? '';
		expect((row.updatedAt ?? newest) >= newest).toBe(true);
		if (succeeded) this.newest.set(userId, row.updatedAt ?? newest);
		this.contacts.set(userId, { ...this.contacts.get(userId), ...row });
	}
}

class Real {
	readonly store = new Store();
	readonly running: { message: Message; delivered: Delivered; disconnected: boolean }[] = [];

	constructor(
		readonly trigger: PublishedTrigger,
		readonly waits: boolean,
	) {}
}

type Step = fc.AsyncCommand<Truth, Real>;

function step(name: string, run: Step['run'], check: Step['check'] = () => true): Step {
	return { run, check, toString: () => name };
}

/** How a delivery ended: a 2xx is the end of it, anything else brings it again, and so does an answer that nobody heard. */
function ended(truth: Truth, real: Real, message: Message, { answer, items }: Delivered, disconnected = false): void {
	const succeeded = answer?.status === 200;
	// A workflow that failed may have stored what it had before that.
	if (items && (succeeded || real.waits)) real.store.write(items, succeeded);
	const place = truth.pending.indexOf(message);
	if (succeeded && !disconnected && place >= 0) truth.done.push(...truth.pending.splice(place, 1));
}

const WHAT = ['change', 'remove address', 'sign in', 'join', 'change role', 'leave', 'delete'] as const;
const OF_ORGANIZATION = ['change', 'change', 'delete'] as const;

function send({ pending, done }: Truth, envelope: Message['envelope'], userId = ''): void {
	pending.push({ id: `msg_${pending.length + done.length}`, userId, envelope });
}

const happens = (id: string, what: (typeof WHAT)[number]): Step =>
	step(
		`${id}: ${what}`,
		async (truth) => {
			const seconds = ++truth.seconds;
			const user = truth.users.get(id);
			if (!user) {
				const email = `first@${id}.example.com`;
				truth.users.set(id, { updatedAt: 0, email, isDeleted: false, member: null, role: '' });
				return send(truth, created({ id, email }), id);
			}
			switch (what) {
				case 'remove address':
				case 'change':
					Object.assign(user, { updatedAt: seconds, email: what === 'change' ? `at${seconds}@${id}.example.com` : null });
					return send(truth, updated(seconds, { id, email: user.email }), id);
				case 'sign in':
					user.updatedAt = seconds;
					return send(truth, signedIn(seconds, { id, email: user.email }), id);
				case 'join':
					if (user.member !== null || truth.organizationAt === null) return;
					Object.assign(user, { member: `orgmem_${seconds} ${seconds}`, role: 'org:member' });
					return send(truth, membership('created', seconds, { id: `orgmem_${seconds}`, userId: id, since: seconds }), id);
				case 'change role':
				case 'leave': {
					if (user.member === null || truth.organizationAt === null) return;
					const [name, since] = user.member.split(' ');
					const about = { id: name ?? '', userId: id, since: Number(since), role: `org:at${seconds}` };
					Object.assign(user, what === 'leave' ? { member: null } : { role: about.role });
					return send(truth, membership(what === 'leave' ? 'deleted' : 'updated', seconds, about), id);
				}
				case 'delete':
					user.isDeleted = true;
					return send(truth, deleted(seconds, id), id);
			}
		},
		({ users }) => users.get(id)?.isDeleted !== true,
	);

const happensToOrganization = (what: (typeof OF_ORGANIZATION)[number]): Step =>
	step(
		`organization: ${what}`,
		async (truth) => {
			const seconds = ++truth.seconds;
			truth.organizationAt = what === 'delete' ? null : seconds;
			send(truth, what === 'delete' ? organizationDeleted(seconds) : organization('updated', seconds, `named at ${seconds}`));
		},
		({ organizationAt }) => organizationAt !== null,
	);

const N8N = [200, 500, 'busy', 'busy', 'busy', 'busy, disconnected'] as const;

const arrives = (which: number, n8n: (typeof N8N)[number]): Step =>
	step(`message ${which} arrives, n8n: ${n8n}`, async (truth, real) => {
		const message = truth.pending[which % truth.pending.length];
		if (!message) return;
		const answersAtOnce = typeof n8n === 'number' ? n8n : real.waits ? null : 200;
		const delivered = await real.trigger.deliver(message.envelope, { id: message.id, n8n: answersAtOnce ?? 'busy' });
		if (delivered.items === null || answersAtOnce !== null) return ended(truth, real, message, delivered);
		const disconnected = n8n === 'busy, disconnected';
		if (disconnected) delivered.hangUp();
		real.running.push({ message, delivered, disconnected });
	});

const ends = (which: number, status: 200 | 500): Step =>
	step(`workflow ${which} ends: ${status}`, async (truth, real) => {
		const [one] = real.running.splice(which % Math.max(1, real.running.length), 1);
		if (one) ended(truth, real, one.message, one.delivered.finish(status), one.disconnected);
	});

const comesAgain = (which: number): Step =>
	step(`message ${which} comes again`, async (truth, real) => {
		const message = truth.done[which % truth.done.length];
		if (message) ended(truth, real, message, await real.trigger.deliver(message.envelope, { id: message.id }));
	});

const userIds = fc.constantFrom('user_a', 'user_a', 'user_a', 'user_b');
const which = fc.nat({ max: 20 });
const commands = fc.commands(
	[
		fc.tuple(userIds, fc.constantFrom(...WHAT)).map((args) => happens(...args)),
		fc.constantFrom(...OF_ORGANIZATION).map(happensToOrganization),
		fc.tuple(which, fc.constantFrom(...N8N)).map((args) => arrives(...args)),
		fc.tuple(which, fc.constantFrom<200 | 500>(200, 500)).map((args) => ends(...args)),
		which.map(comesAgain),
	],
	{ maxCommands: 60, size: 'max' },
);

/** Clerk goes on until all has arrived. */
async function drain(truth: Truth, real: Real, order: readonly number[]): Promise<void> {
	while (real.running.length > 0) await ends(order[0] ?? 0, 200).run(truth, real);
	for (let attempt = 0; truth.pending.length > 0; attempt++) {
		// Whatever is postponed must come in once nothing else is in its way.
		expect(attempt).toBeLessThan(1000);
		await arrives(order[attempt % order.length] ?? attempt, 200).run(truth, real);
	}
}

stopClock();

describe.each([
	['onReceived', false],
	['lastNode', true],
])('E2, E5: whatever happens, and in whatever order it arrives (Acknowledge: %s)', (acknowledge, waits) => {
	test.each([
		['with sign-ins as events', {}, {}],
		['with sign-ins as contacts', mappings({ events: ['session.created'], contactAction: 'upsert' }), {}],
		['with duplicates accepted', {}, { skipDuplicates: false }],
	])('%s, the store holds what is true, and every sign-up came once', async (name, mapped, options) => {
		const signInsCount = name.endsWith('contacts');
		const once = (signUps = 0) => (name.endsWith('accepted') ? Math.min(1, signUps) : signUps);
		await fc.assert(
			fc.asyncProperty(commands, fc.array(which, { minLength: 1, maxLength: 30 }), async (steps, order) => {
				const truth: Truth = { seconds: 0, organizationAt: 0, users: new Map(), pending: [], done: [] };
				const real = new Real(new PublishedTrigger({ acknowledge, ...options }, mapped), waits);
				await fc.asyncModelRun(() => ({ model: truth, real }), steps);
				await drain(truth, real, order);

				const { store } = real;
				expect(store.organizationIsDeleted).toBe(truth.organizationAt === null);
				if (truth.organizationAt) expect(store.organizationName).toBe(`named at ${truth.organizationAt}`);
				for (const [id, user] of truth.users) {
					const row = store.contacts.get(id);
					const member = store.members.get(id);
					if (user.isDeleted) {
						expect([row, once(store.signUps.get(id)) <= 1]).toEqual([undefined, true]);
						continue;
					}
					expect(once(store.signUps.get(id))).toBe(1);
					const states = truth.done
						.filter(({ userId, envelope }) => userId === id && isCounted(envelope.type, signInsCount))
						.map(({ envelope }) => stateOf(envelope.data));
					const newest = states.reduce((one, other) => (other.at >= one.at ? other : one));
					if (newest.email !== null) expect(row?.updatedAt).toBe(new Date(newest.at).toISOString());
					expect([newest.email, undefined, null]).toContain(row?.email);
					expect(member?.role).toBe(user.member === null || truth.organizationAt === null ? undefined : user.role);
				}
			}),
			{ numRuns: 400, seed: 20_261_128 },
		);
	});
});

function isCounted(type: string, signInsCount: boolean): boolean {
	return type === 'user.created' || type === 'user.updated' || (signInsCount && type === 'session.created');
}

interface UserObject {
	readonly updated_at: number;
	readonly email_addresses: ReadonlyArray<{ readonly email_address: string }>;
}

function stateOf(data: object): { at: number; email: string | null } {
	const { updated_at, email_addresses } = ('user' in data ? data.user : data) as UserObject;
	return { at: updated_at, email: email_addresses[0]?.email_address ?? null };
}
