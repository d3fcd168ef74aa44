import type { ClerkEvent, ContactAction, TenantAction } from '../events/catalogue';
import { styledName } from './eventName';
import type { EventNameStyle } from './eventName';

/** One of the builder's mappings: what it sets for its events. Undefined fields change nothing. */
export interface Mapping {
	readonly events: ReadonlySet<string> | 'all';
	readonly contact?: ContactAction | 'none' | undefined;
	/** The event's name, or null for no event. */
	readonly eventName?: string | null | undefined;
	readonly additionalEventName?: string | undefined;
	readonly userGroup?: string | undefined;
	readonly joins?: readonly string[] | undefined;
	readonly leaves?: readonly string[] | undefined;
	readonly noTenant?: boolean | undefined;
}

/** What an event does: its row in the catalogue, changed by the builder's mappings. */
export interface Effect {
	readonly contact: ContactAction | null;
	/** Null for no event. */
	readonly eventName: string | null;
	/** Whether a mapping named it. */
	readonly isEventMapped: boolean;
	readonly additionalEventName: string | null;
	readonly tenant: TenantAction | null;
	/** Null if the builder set none. */
	readonly userGroup: string | null;
	/** Lists to join are true, lists to leave are false; empty if the builder set none. */
	readonly mailingLists: Readonly<Record<string, boolean>>;
}

export interface EffectSettings {
	readonly mappings: readonly Mapping[];
	readonly eventNameStyle: EventNameStyle;
	/** What user.deleted does unless a mapping says otherwise. */
	readonly deletedUsers: 'delete' | 'unsubscribe' | 'none';
}

/** If several mappings match, the last one that sets a field wins. */
export function effectOf(event: ClerkEvent, { mappings, eventNameStyle, deletedUsers }: EffectSettings): Effect {
	const matching = mappings.filter(({ events }) => events === 'all' || events.has(event.type));
	const last = <K extends keyof Mapping>(key: K): Mapping[K] | undefined =>
		matching.findLast((mapping) => mapping[key] !== undefined)?.[key];
	const byDefault = event.contact === 'delete' ? deletedUsers : event.contact;
	const contact = last('contact') ?? byDefault;
	const eventName = last('eventName');
	return {
		contact: contact === 'none' ? null : contact,
		eventName: eventName === undefined ? styledName(event, eventNameStyle) : eventName,
		isEventMapped: eventName != null,
		additionalEventName: last('additionalEventName') ?? null,
		tenant: last('noTenant') ? null : event.tenant,
		userGroup: last('userGroup') ?? null,
		mailingLists: Object.fromEntries([
			...(last('joins') ?? []).map((id) => [id, true] as const),
			...(last('leaves') ?? []).map((id) => [id, false] as const),
		]),
	};
}
