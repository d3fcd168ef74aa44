import { isKnown } from '../events/catalogue';
import type { ClerkEvent } from '../events/catalogue';

export const EVENT_NAME_STYLES = ['type', 'title', 'camel', 'snake', 'prefixed'] as const;
/** `user.created`, `User Created`, `userCreated`, `user_created`, `clerk/user.created` */
export type EventNameStyle = (typeof EVENT_NAME_STYLES)[number];

/** The words in a type, split at dots, underscores and hyphens, and before capital letters. */
function words(type: string): string[] {
	return type.split(/[._-]+|(?<=[a-z\d])(?=[A-Z])/).filter((word) => word !== '');
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** An event's name in a style. Unknown events are named after their type too. A type without words stays as it is. */
export function styledName(event: ClerkEvent, style: EventNameStyle): string {
	return inStyle(event, style) || event.type;
}

function inStyle(event: ClerkEvent, style: EventNameStyle): string {
	const { type } = event;
	switch (style) {
		case 'type':
			return type;
		case 'title':
			return isKnown(type) ? `${event.resource} ${event.change}` : words(type).map(capital).join(' ');
		case 'camel': {
			const [first = '', ...rest] = words(type);
			return first + rest.map(capital).join('');
		}
		case 'snake':
			return words(type)
				.map((word) => word.toLowerCase())
				.join('_');
		case 'prefixed':
			return `clerk/${type}`;
	}
}
