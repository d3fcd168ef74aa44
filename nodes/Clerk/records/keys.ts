export const KEY_STYLES = ['camel', 'snake'] as const;
/** `userId` or `user_id` */
export type KeyStyle = (typeof KEY_STYLES)[number];

export function snakeCase(key: string): string {
	return key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/** A cache: every delivery has the same few keys. */
const inSnakeCase = new Map<string, string>();

function keptSnakeCase(key: string): string {
	const kept = inSnakeCase.get(key);
	if (kept !== undefined) return kept;
	const made = snakeCase(key);
	inSnakeCase.set(key, made);
	return made;
}

/** The record with its keys in a style, in the same order. Values are not changed. */
export function inStyle(record: object, style: KeyStyle): Record<string, unknown> {
	if (style === 'camel') return { ...record };
	return Object.fromEntries(Object.entries(record).map(([key, value]) => [keptSnakeCase(key), value]));
}
