export const KEY_STYLES = ['camel', 'snake'] as const;
/** `userId` or `user_id` */
export type KeyStyle = (typeof KEY_STYLES)[number];

export function snakeCase(key: string): string {
	return key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/** The record with its own keys in the style, in the same order; its values stay as they are. */
export function inStyle(record: object, style: KeyStyle): Record<string, unknown> {
	if (style === 'camel') return { ...record };
	return Object.fromEntries(Object.entries(record).map(([key, value]) => [snakeCase(key), value]));
}
