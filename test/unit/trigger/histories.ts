import fc from 'fast-check';

import { derivedEvents } from '../../../nodes/Clerk/events/derived';
import { NOW } from '../../support/deliveries';
import { PublishedTrigger } from '../../support/publishedTrigger';

/**
 * Random histories of one user: what happens to them, and how Clerk delivers it. What the trigger
 * reports is counted against what happened.
 */

/** As far apart as a person and a script are. */
const GAPS_MS = [300, 2_000, 30_000, 600_000, 86_400_000];

interface Entry {
	id: string;
	created_at: number;
	updated_at: number;
	verification: { status: string; strategy: string } | null;
}

interface User {
	locked: boolean;
	banned: boolean;
	password_enabled: boolean;
	password_last_updated_at: number | null;
	two_factor_enabled: boolean;
	mfa_enabled_at: number | null;
	mfa_disabled_at: number | null;
	legal_accepted_at: number | null;
	first_name: string;
	public_metadata: { visits: number };
	primary_email_address_id: string;
	email_addresses: Entry[];
	phone_numbers: Entry[];
	passkeys: Entry[];
	external_accounts: Entry[];
	last_sign_in_at: number | null;
	[field: string]: unknown;
}

/** What can happen: it changes the user, and names what happened; nothing where it cannot happen now. */
type Happening = (user: User, at: number, id: string) => string[];

function entry(id: string, at: number, verified: boolean): Entry {
	return { id, created_at: at, updated_at: at, verification: verified ? { status: 'verified', strategy: 'email_code' } : null };
}

function toggles(flag: 'locked' | 'banned', on: string, off: string): Happening {
	return (user) => {
		user[flag] = !user[flag];
		return [user[flag] ? on : off];
	};
}

function removes(list: 'passkeys' | 'external_accounts' | 'phone_numbers', name: string): Happening {
	return (user) => (user[list].pop() === undefined ? [] : [name]);
}

const HAPPENINGS: Readonly<Record<string, Happening>> = {
	lock: toggles('locked', 'user.locked', 'user.unlocked'),
	ban: toggles('banned', 'user.banned', 'user.unbanned'),
	rename: (user, at) => {
		user.first_name = `Jane ${at}`;
		return ['user.nameChanged'];
	},
	metadata: (user) => {
		user.public_metadata = { visits: user.public_metadata.visits + 1 };
		return ['user.metadataChanged'];
	},
	password: (user, at) => {
		const name = user.password_enabled ? 'password.changed' : 'password.created';
		user.password_enabled = true;
		user.password_last_updated_at = at;
		return [name];
	},
	'no password': (user) => {
		if (!user.password_enabled) return [];
		user.password_enabled = false;
		return ['password.removed'];
	},
	mfa: (user, at) => {
		user.two_factor_enabled = !user.two_factor_enabled;
		user[user.two_factor_enabled ? 'mfa_enabled_at' : 'mfa_disabled_at'] = at;
		return [user.two_factor_enabled ? 'mfa.enabled' : 'mfa.disabled'];
	},
	terms: (user, at) => {
		user.legal_accepted_at = at;
		return ['user.legalAccepted'];
	},
	address: (user, at, id) => {
		user.email_addresses.push(entry(id, at, false));
		return ['emailAddress.created'];
	},
	'proved address': (user, at, id) => {
		user.email_addresses.push(entry(id, at, true));
		return ['emailAddress.created', 'emailAddress.verified'];
	},
	verify: (user, at) => {
		const unverified = user.email_addresses.find(({ verification }) => verification === null);
		if (!unverified) return [];
		unverified.verification = { status: 'verified', strategy: 'email_code' };
		unverified.updated_at = at;
		return ['emailAddress.verified'];
	},
	primary: (user) => {
		const other = user.email_addresses.find(({ id }) => id !== user.primary_email_address_id);
		if (!other) return [];
		user.primary_email_address_id = other.id;
		return ['emailAddress.primaryChanged'];
	},
	'no address': (user) => {
		const place = user.email_addresses.findIndex(({ id }) => id !== user.primary_email_address_id);
		return place >= 0 && user.email_addresses.splice(place, 1).length > 0 ? ['emailAddress.removed'] : [];
	},
	phone: (user, at, id) => {
		user.phone_numbers.push(entry(id, at, true));
		return ['phoneNumber.created', 'phoneNumber.verified'];
	},
	'no phone': removes('phone_numbers', 'phoneNumber.removed'),
	passkey: (user, at, id) => {
		user.passkeys.push(entry(id, at, true));
		return ['passkey.created'];
	},
	'no passkey': removes('passkeys', 'passkey.removed'),
	account: (user, at, id) => {
		user.external_accounts.push(entry(id, at, true));
		return ['externalAccount.connected'];
	},
	'no account': removes('external_accounts', 'externalAccount.disconnected'),
	'sign in': (user, at) => {
		user.last_sign_in_at = at;
		return [];
	},
	'sent another code': (user, at) => {
		for (const address of user.email_addresses) address.updated_at = at;
		return [];
	},
};

export interface Step {
	readonly what: string;
	/** Since the step before, milliseconds. */
	readonly gap: number;
	/** How far the time of what changed lies from the user's `updated_at`: as recorded. */
	readonly offset: number;
}

export interface History {
	readonly steps: readonly Step[];
	/** Each delivery is moved back by so many places. */
	readonly delays: readonly number[];
	/** How often each attempt fails before one succeeds. */
	readonly failures: readonly number[];
	/** After so many deliveries n8n is restarted; null for never. */
	readonly restartAfter: number | null;
	/** Whether Clerk's messages come in too. */
	readonly messages: boolean;
}

export interface Kind {
	readonly outOfOrder: boolean;
	readonly restarts: boolean;
	readonly messages: boolean;
	/** Whether changes may follow one another within a second, which is as exact as a time in a delivery is. */
	readonly hurried?: boolean;
}

const MOST_STEPS = 12;

export function histories({ outOfOrder, restarts, messages, hurried = true }: Kind): fc.Arbitrary<History> {
	const step = fc.record({
		what: fc.constantFrom(...Object.keys(HAPPENINGS)),
		// Two changes of one kind within two minutes count as one that is reported twice.
		gap: messages ? fc.constant(600_000) : fc.constantFrom(...GAPS_MS.slice(hurried ? 0 : 1)),
		offset: fc.integer({ min: -26, max: 6 }),
	});
	const perDelivery = (most: number) => fc.array(fc.nat({ max: most }), { minLength: 3 * MOST_STEPS, maxLength: 3 * MOST_STEPS });
	return fc.record({
		steps: fc.array(step, { minLength: 3, maxLength: MOST_STEPS, size: 'max' }),
		delays: outOfOrder ? perDelivery(2) : fc.constant([]),
		failures: perDelivery(1),
		restartAfter: restarts ? fc.integer({ min: 1, max: MOST_STEPS }) : fc.constant(null),
		messages: fc.constant(messages),
	});
}

interface Message {
	readonly id: string;
	readonly envelope: object;
}

/** Of which changes Clerk writes, by name. */
const TEMPLATES = new Map(
	derivedEvents
		.filter(({ name, change, evidence }) => name === change && evidence !== 'message')
		.map(({ name, template }) => [name, template]),
);

/** What happens, by name, and the deliveries of it in Clerk's order. */
function unfold({ steps, messages }: History): { happened: string[]; deliveries: Message[] } {
	let at = NOW - 30 * 86_400_000;
	const user: User = {
		locked: false,
		banned: false,
		password_enabled: true,
		password_last_updated_at: at - 6,
		two_factor_enabled: false,
		mfa_enabled_at: null,
		mfa_disabled_at: null,
		legal_accepted_at: at - 18,
		first_name: 'Jane',
		last_name: 'Doe',
		username: null,
		public_metadata: { visits: 0 },
		primary_email_address_id: 'idn_0',
		email_addresses: [entry('idn_0', at - 26, true)],
		phone_numbers: [],
		passkeys: [],
		external_accounts: [],
		last_sign_in_at: null,
		id: 'user_1',
		created_at: at - 18,
		updated_at: at,
	};
	const deliveries: Message[] = [];
	const send = (type: string, data: object) => {
		const envelope = { type, object: 'event', timestamp: at, instance_id: 'ins_1', data: structuredClone(data) };
		deliveries.push({ id: `msg_${deliveries.length}`, envelope });
	};
	const happened: string[] = [];
	send('user.created', user);
	// The first change comes when the sign-up is over.
	at += 10_000;
	for (const [index, { what, gap, offset }] of steps.entries()) {
		at += gap;
		const names = HAPPENINGS[what]?.(user, at + offset, `idn_${index + 1}`) ?? [];
		user['updated_at'] = at;
		send('user.updated', user);
		happened.push(...names);
		for (const name of messages ? names : []) {
			const slug = TEMPLATES.get(name);
			if (slug)
				send('email.created', {
					id: `ema_${index}`,
					slug,
					user_id: 'user_1',
					to_email_address: 'jane@example.com',
					delivered_by_clerk: true,
				});
		}
	}
	return { happened, deliveries };
}

export interface Played {
	readonly happened: readonly string[];
	/** The names of what was reported, in the order in which workflows succeeded with it. */
	readonly reported: readonly string[];
	readonly ids: readonly string[];
}

const DERIVED = derivedEvents
	.filter(({ name, change, evidence }) => name === change && evidence !== 'message')
	.map(({ name }) => name);

/** Has a trigger with a memory of its own receive all of a history. */
export async function play(history: History): Promise<Played> {
	const { happened, deliveries } = unfold(history);
	const { delays, failures, restartAfter, messages } = history;
	const arriving = deliveries
		.map((message, index) => ({ message, place: index + (delays[index] ?? 0) * 1.5, failures: failures[index] ?? 0 }))
		.sort((a, b) => a.place - b.place);
	const start = () =>
		new PublishedTrigger(
			{ acknowledge: 'lastNode', contactsWithoutEmail: 'pass' },
			{ events: ['user.created', 'user.updated', ...(messages ? ['email.created'] : []), ...DERIVED], output: 'events' },
		);
	let trigger = start();
	const reported: string[] = [];
	const ids: string[] = [];
	for (const [index, { message, failures: fails }] of arriving.entries()) {
		if (index === restartAfter) trigger = start();
		let failed: readonly string[] | null = null;
		for (let attempt = 0; attempt <= fails; attempt++) {
			const { items } = await trigger.deliver(message.envelope, { id: message.id, n8n: attempt < fails ? 500 : 200 });
			const events = (items ?? []).map((item) => item as { id: string; name: string }).filter(({ id }) => id.includes('.'));
			const names = events.map(({ name }) => name);
			// What failed comes again and says the same.
			if (failed !== null && failed.join() !== names.join()) throw new Error(`${failed.join()} became ${names.join()}`);
			failed = names;
			if (attempt === fails) {
				reported.push(...names);
				ids.push(...events.map(({ id }) => id));
			}
		}
	}
	return { happened, reported, ids };
}

export function count(names: readonly string[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
	return counts;
}
