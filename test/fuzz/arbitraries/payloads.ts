import { readFileSync } from 'node:fs';
import fc from 'fast-check';

import { catalogue } from '../../../nodes/Clerk/events/catalogue';
import { fixtures } from '../../support/deliveries';
import { fixturePath } from '../../support/paths';
import { fraction, key, NUMBERS, sometimes, text, value, weighted } from './hostile';
import { privateFields } from '../../support/plantedSecrets';

/** Clerk's deliveries with something wrong in them, at any level. */

type Json = Record<string, unknown>;

/** Every name in Clerk's contract, also those that no fixture has. */
const CLERK_KEYS = [
	...new Set(
		Array.from(
			readFileSync(fixturePath('openapi', 'clerk-webhooks.yml'), 'utf8').matchAll(/^ +([a-z][a-z0-9_]+):$/gm),
			([, name]) => name ?? '',
		),
	),
].sort();

/** Entries of a user's lists, which show how somebody signed up. */
const ENTRIES: readonly Json[] = [
	{ id: 'idn_9', email_address: 'new@example.com', verification: { status: 'verified', strategy: 'email_link' } },
	{ phone_number: '+4917012345678', verification: { status: 'verified', strategy: 'phone_code' } },
	{ provider: 'oauth_github', created_at: 1_744_276_393_700 },
	{ provider: 'oauth_late', created_at: 1_900_000_000_000 },
	{ object: 'web3_wallet' },
];
const LISTS = [
	'email_addresses',
	'phone_numbers',
	'external_accounts',
	'enterprise_accounts',
	'saml_accounts',
	'web3_wallets',
	'passkeys',
];
const FLAGS = ['password_enabled', 'banned', 'locked', 'deprovisioned'];
const TIMES = ['created_at', 'updated_at', 'last_sign_in_at', 'last_active_at', 'legal_accepted_at', 'timestamp'];
const TYPES = [...catalogue.map(({ type }) => type), 'somethingNew.happened'];

function isTree(candidate: unknown): candidate is Json {
	return typeof candidate === 'object' && candidate !== null;
}

/** Sets a field as `JSON.parse` does, whatever its name. What is set is a copy, since payloads share no objects. */
function put(owner: Json, name: string, what: unknown): void {
	if (Array.isArray(owner) && !/^\d{1,3}$/.test(name)) return;
	const copy: unknown = JSON.parse(JSON.stringify(what) ?? 'null');
	Object.defineProperty(owner, name, { value: copy, writable: true, enumerable: true, configurable: true });
}

/** Which key to follow at each level. */
const place = fc.array(fraction, { minLength: 1, maxLength: 6 });

function find(root: Json, steps: readonly number[]): [owner: Json, name: string] {
	let owner = root;
	for (const [index, step] of steps.entries()) {
		const names = Object.keys(owner);
		const name = names[Math.floor(step * names.length)] ?? 'added';
		const inner = owner[name];
		if (index === steps.length - 1 || !isTree(inner) || Object.keys(inner).length === 0) return [owner, name];
		owner = inner;
	}
	return [owner, 'added'];
}

function userIn({ data }: Json): Json {
	if (!isTree(data)) return {};
	return isTree(data['user']) ? data['user'] : data;
}

type Damage = (owner: Json, name: string, envelope: Json) => void;

const set =
	(what: unknown): Damage =>
	(owner, name) =>
		put(owner, name, what);
const rewrite = (change: (before: unknown) => unknown) =>
	fc.constant<Damage>((owner, name) => put(owner, name, change(owner[name])));
/** Sets a field of the found object, or of the user. */
const field = (names: fc.Arbitrary<string>, what: fc.Arbitrary<unknown>, ofUser = false) =>
	fc.tuple(names, what).map(
		([name, put_]): Damage =>
			(owner, _, envelope) =>
				put(ofUser ? userIn(envelope) : owner, name, put_),
	);

const damage = weighted<Damage>(
	[6, value.map(set)],
	[6, fc.constant<Damage>((owner, name) => delete owner[name])],
	[4, text.map(set)],
	[2, fc.constant(set(null))],
	[2, rewrite((before) => [before])],
	[1, rewrite((before) => ({ value: before }))],
	[1, rewrite((before) => JSON.stringify(before))],
	[1, rewrite((before) => (isTree(before) ? Object.values(before) : [before, before, before]))],
	[
		1,
		rewrite((before) =>
			Array.isArray(before) ? { ...(before as unknown[]) } : Number(typeof before === 'string' ? before : NaN),
		),
	],
	[2, field(key, value)],
	[3, field(fc.constantFrom(...CLERK_KEYS), value)],
	[3, field(fc.constantFrom(...LISTS), fc.array(fc.constantFrom(...ENTRIES), { maxLength: 3 }), true)],
	[1, field(fc.constantFrom(...FLAGS), sometimes(80), true)],
	[2, field(fc.constantFrom(...TIMES), fc.constantFrom(...NUMBERS))],
	[
		2,
		place.map((steps): Damage => {
			return (owner, name, envelope) => {
				const [otherOwner, otherName] = find(envelope, steps);
				put(owner, name, otherOwner[otherName] ?? null);
			};
		}),
	],
);

/** A fixture with up to six things wrong. */
export const damagedPayload: fc.Arbitrary<Json> = fc
	.record({
		fixture: fc.constantFrom(...fixtures),
		newType: weighted<string | null>([6, fc.constant(null)], [2, fc.constantFrom(...TYPES)], [1, text]),
		damages: fc.array(fc.tuple(place, damage), { maxLength: 6 }),
		// Without its type, a payload is no event.
		keepsType: sometimes(97),
	})
	.map(({ fixture, newType, damages, keepsType }) => {
		const envelope: Json = fixture.envelope;
		const type = newType ?? envelope['type'];
		put(envelope, 'type', type);
		for (const [steps, change] of damages) change(...find(envelope, steps), envelope);
		if (keepsType) put(envelope, 'type', type);
		return envelope;
	});

/** Planted wherever Clerk puts what is private: it must never be output. */
export const CANARY = 'CANARY-6f1c';

/** Puts something private into `data` and the objects in it. */
export function plant(envelope: Json): void {
	let level = [envelope['data']];
	for (let depth = 0; depth < 3; depth++) {
		const objects = level.filter(isTree);
		// The code in it is the reason for which a payment failed, and is output.
		const inside = objects.flatMap((object) => Object.entries(object).slice(0, 50));
		level = inside.filter(([name]) => name !== 'failed_reason').map(([, inner]) => inner);
		for (const object of objects) if (!Array.isArray(object)) Object.assign(object, privateFields(CANARY));
	}
}

/** All texts in a payload, however deep. */
export function textsIn(payload: unknown): Set<string> {
	const texts = new Set<string>();
	const left = [payload];
	while (left.length > 0) {
		const next = left.pop();
		if (typeof next === 'string') texts.add(next);
		else if (isTree(next)) left.push(...Object.values(next));
	}
	return texts;
}
