import { readFileSync } from 'node:fs';

import { catalogue } from '../../nodes/Clerk/events/catalogue';
import { fixtures } from '../support/deliveries';
import type { Choices } from './choices';
import { key, NUMBERS, text, value } from './hostile';
import { fixturePath } from '../support/paths';

/** Deliveries of Clerk's with something wrong in them, at any level. */

type Json = Record<string, unknown>;

/** All that Clerk's contract names, also what no fixture has. */
const CLERK_KEYS = [
	...new Set(
		Array.from(
			readFileSync(fixturePath('openapi', 'clerk-webhooks.yml'), 'utf8').matchAll(/^ +([a-z][a-z0-9_]+):$/gm),
			([, name]) => name ?? '',
		),
	),
].sort();

/** Entries of a user's lists: whether there is one, and since when, tells how somebody signed up. */
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

const TYPES = [...catalogue.map(({ type }) => type), 'somethingNew.happened'];

function isTree(candidate: unknown): candidate is Json {
	return typeof candidate === 'object' && candidate !== null;
}

/** A place in the payload: somebody's field. */
function place(choices: Choices, root: Json): [owner: Json, name: string] {
	let owner = root;
	for (;;) {
		const names = Object.keys(owner);
		if (names.length === 0) return [owner, key(choices)];
		const name = choices.pick(names);
		const inner = owner[name];
		if (!isTree(inner) || Object.keys(inner).length === 0 || choices.chance(0.25)) return [owner, name];
		owner = inner;
	}
}

/** Sets a field as `JSON.parse` does, whatever its name. */
function put(owner: Json, name: string, what: unknown): void {
	if (Array.isArray(owner) && !/^\d{1,3}$/.test(name)) return;
	Object.defineProperty(owner, name, { value: what, writable: true, enumerable: true, configurable: true });
}

function userIn({ data }: Json): Json {
	if (!isTree(data)) return {};
	return isTree(data['user']) ? data['user'] : data;
}

function damage(choices: Choices, envelope: Json): void {
	const [owner, name] = place(choices, envelope);
	const before = owner[name];
	choices.oneOf(
		[6, () => put(owner, name, value(choices))],
		[6, () => delete owner[name]],
		[4, () => put(owner, name, text(choices))],
		[2, () => put(owner, name, null)],
		[2, () => put(owner, name, [before])],
		[1, () => put(owner, name, { value: before })],
		[1, () => put(owner, name, JSON.stringify(before) ?? null)],
		[1, () => put(owner, name, isTree(before) ? Object.values(before) : [before, before, before])],
		[
			1,
			() =>
				put(
					owner,
					name,
					Array.isArray(before) ? { ...(before as unknown[]) } : Number(typeof before === 'string' ? before : NaN),
				),
		],
		[2, () => put(owner, key(choices), value(choices))],
		[3, () => put(owner, choices.pick(CLERK_KEYS), value(choices))],
		[
			3,
			() =>
				put(
					userIn(envelope),
					choices.pick(LISTS),
					choices.list(3, () => choices.pick(ENTRIES)),
				),
		],
		[1, () => put(userIn(envelope), choices.pick(FLAGS), choices.chance(0.8))],
		[
			2,
			() => {
				const [otherOwner, otherName] = place(choices, envelope);
				// A copy: an object in itself is no JSON.
				put(owner, name, JSON.parse(JSON.stringify(otherOwner[otherName] ?? null)));
			},
		],
		[2, () => put(owner, choices.pick(TIMES), choices.pick(NUMBERS))],
	);
}

const TIMES = ['created_at', 'updated_at', 'last_sign_in_at', 'last_active_at', 'legal_accepted_at', 'timestamp'];

/** A fixture with up to six things wrong. */
export function damagedFixture(choices: Choices): Json {
	const envelope: Json = choices.pick(fixtures).envelope;
	choices.oneOf(
		[6, () => undefined],
		[2, () => put(envelope, 'type', choices.pick(TYPES))],
		[1, () => put(envelope, 'type', text(choices))],
	);
	const { type } = envelope;
	for (let count = choices.between(0, 6); count > 0; count--) damage(choices, envelope);
	// Without its type, a payload is no event: that is another test's.
	if (!choices.chance(0.03)) put(envelope, 'type', type);
	return envelope;
}

/** Planted wherever Clerk puts what is private: it must never come out. */
export const CANARY = 'CANARY-6f1c';
const PRIVATE: Json = {
	private_metadata: { plan: CANARY, nested: { note: CANARY } },
	unsafe_metadata: { plan: CANARY },
	body: `<p>${CANARY}</p>`,
	body_plain: CANARY,
	subject: CANARY,
	message: CANARY,
	code: CANARY,
	otp_code: CANARY,
	token: CANARY,
	password: CANARY,
	url: `https://accounts.example.com/accept?token=${CANARY}`,
	invitation: { url: CANARY },
	data: { otp_code: CANARY, magic_link: CANARY },
};

/** Puts something private into `data` and the objects in it. */
export function plant(envelope: Json): void {
	let level = [envelope['data']];
	for (let depth = 0; depth < 3; depth++) {
		const objects = level.filter(isTree);
		level = objects.flatMap((object) => Object.values(object).slice(0, 50));
		for (const object of objects) if (!Array.isArray(object)) Object.assign(object, PRIVATE);
	}
}

/** All texts in a payload, however deep. */
export function textsIn(payload: unknown): Set<string> {
	const texts = new Set<string>();
	const left = [payload];
	for (let next = left.pop(); left.length > 0 || next !== undefined; next = left.pop()) {
		if (typeof next === 'string') texts.add(next);
		else if (isTree(next)) left.push(...Object.values(next));
	}
	return texts;
}
