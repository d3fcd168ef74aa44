import { eventOfType } from '../events/catalogue';
import type { ClerkEvent, ContactAction, TenantAction } from '../events/catalogue';
import { isAboutMoney } from './billing';
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
	/** False asks for a tenant of an organization that pays, which a billing event does not give by default. */
	readonly noTenant?: boolean | undefined;
}

/** The names that an event is output under. */
export interface EventNames {
	/** Null for no event. */
	readonly eventName: string | null;
	/** Whether a mapping named it. */
	readonly isEventMapped: boolean;
	readonly additionalEventName: string | null;
}

/** What an event does: its row in the catalogue, changed by the builder's mappings. */
export interface Effect extends EventNames {
	readonly contact: ContactAction | null;
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

type Last = <K extends keyof Mapping>(key: K) => Mapping[K] | undefined;

/** If several mappings match, the last one that sets a field wins. */
function lastOf(mappings: readonly Mapping[], types: readonly string[]): Last {
	const matching = mappings.filter(({ events }) => events === 'all' || types.some((type) => events.has(type)));
	return (key) => matching.findLast((mapping) => mapping[key] !== undefined)?.[key];
}

/**
 * What an event does.
 * @param types what mappings may call it: its own type, and the names of what is derived from it
 */
export function effectOf(
	event: ClerkEvent,
	{ mappings, eventNameStyle, deletedUsers }: EffectSettings,
	types: readonly string[] = [event.type],
): Effect {
	const last = lastOf(mappings, types);
	const byDefault = event.contact === 'delete' ? deletedUsers : event.contact;
	const contact = last('contact') ?? byDefault;
	const noTenant = last('noTenant');
	const asked = noTenant === false && isAboutMoney(event) ? 'set' : null;
	return {
		contact: contact === 'none' ? null : contact,
		...eventNamesOf(event.type, { mappings, eventNameStyle }),
		tenant: noTenant === true ? null : (event.tenant ?? asked),
		userGroup: last('userGroup') ?? null,
		mailingLists: Object.fromEntries([
			...(last('joins') ?? []).map((id) => [id, true] as const),
			...(last('leaves') ?? []).map((id) => [id, false] as const),
		]),
	};
}

/** @param type of an event of Clerk's, or the name of what is derived from one */
export function eventNamesOf(
	type: string,
	{ mappings, eventNameStyle }: Pick<EffectSettings, 'mappings' | 'eventNameStyle'>,
): EventNames {
	const last = lastOf(mappings, [type]);
	const eventName = last('eventName');
	return {
		eventName: eventName === undefined ? styledName(eventOfType(type), eventNameStyle) : eventName,
		isEventMapped: eventName != null,
		additionalEventName: last('additionalEventName') ?? null,
	};
}
