import type * as Payload from '../../nodes/Clerk/events/payload';
import type * as Contact from '../../nodes/Clerk/records/contact';
import type * as Path from '../../nodes/Clerk/records/path';
import type * as History from '../../nodes/Clerk/trigger/history';
import type * as Items from '../../nodes/Clerk/records/items';
import type * as Outcome from '../../nodes/Clerk/trigger/outcome';
import type * as Signature from '../../nodes/Clerk/trigger/signature';
import type * as SigningSecret from '../../nodes/Clerk/trigger/signingSecret';

/** Parts of the node that a test can break on purpose. */
export interface Parts {
	readonly payload: typeof Payload;
	readonly contact: typeof Contact;
	readonly path: typeof Path;
	readonly history: typeof History;
	readonly items: typeof Items;
	readonly outcome: typeof Outcome;
	readonly signature: typeof Signature;
	readonly signingSecret: typeof SigningSecret;
}

export type Broken = { readonly [Part in keyof Parts]?: Partial<Parts[Part]> };

/** What stands in for parts of the node at the moment; the rest is as it is. */
export const now: { broken: Broken } = { broken: {} };

/** The module, of which each function is looked for in what is broken first. */
export function breakable<Part extends keyof Parts>(part: Part, actual: Parts[Part]): Parts[Part] {
	return new Proxy(actual, {
		get: (target, name): unknown => Reflect.get(now.broken[part] ?? {}, name) ?? Reflect.get(target, name),
	});
}
