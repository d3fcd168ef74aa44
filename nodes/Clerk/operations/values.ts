import { HOW_TO_WRITE_A_TIME, textOf, timeOf } from '../backfill/filters';
import { isObject } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { isLocator, locators } from './locators';
import type { Field } from './operation';

/** What a locator holds: the ID itself, or what it has to be found by. */
export interface Named {
	readonly mode: string;
	readonly value: string;
}

/** What one field holds. `left` is for a field that is left as it is; a problem is a sentence. */
export type Value = { readonly value: unknown } | { readonly named: Named } | { readonly problem: string } | 'left';

/** What an ID of Clerk's consists of. In a path, anything else could lead to another one. */
const ID = /^[\w-]+$/;

const isNothing = (value: unknown): boolean => value === null || value === undefined;
const isBlank = (value: unknown): boolean => typeof value === 'string' && value.trim() === '';

/**
 * Reads what a field holds, whatever an expression gives. Never throws.
 * @param timezone in which times without an offset are meant
 * @returns nothing is `left`: it must not empty a field because an expression found nothing. An empty text is `left` too,
 * unless the field says that this removes what Clerk has
 */
export function valueOf(field: Field, given: unknown, timezone: string): Value {
	const { kind, displayName, place } = field;
	if (isLocator(kind)) return locatorOf(field, given);
	if (isNothing(given) || isBlank(given) || (Array.isArray(given) && given.length === 0)) {
		if (place === 'required') return { problem: `${displayName} is empty.` };
		return field.clears && isBlank(given) ? { value: null } : 'left';
	}
	const wrong = (what: string) => ({ problem: `${displayName} ${what}` });
	switch (kind) {
		case 'choice': {
			const known = field.options?.some(({ value }) => value === given) ?? false;
			return known ? { value: given } : wrong(`must be one of ${field.options?.map(({ value }) => value).join(', ')}.`);
		}
		case 'email':
			return isText(given) && /^[^\s@]+@[^\s@]+$/.test(String(given).trim())
				? { value: String(given).trim() }
				: wrong('is not an email address.');
		case 'flag': {
			if (typeof given === 'boolean') return { value: given };
			return given === 'true' || given === 'false' ? { value: given === 'true' } : wrong('is neither true nor false.');
		}
		case 'id':
			return isText(given) && ID.test(String(given).trim()) ? { value: String(given).trim() } : wrong("is not an ID of Clerk's.");
		case 'json': {
			const read = jsonOf(given);
			if (read === null) return wrong('is not a JSON object.');
			// As the editor shows it at first: nothing to merge.
			return place === 'top' && Object.keys(read.value).length === 0 ? 'left' : read;
		}
		case 'number': {
			const number = isText(given) ? Number(given) : NaN;
			return Number.isInteger(number) && number >= 0 ? { value: number } : wrong('is not a whole number of 0 or more.');
		}
		case 'secret':
			return typeof given === 'string' ? { value: given } : wrong('is not a text.');
		case 'text':
			return isText(given) ? { value: String(given).trim() } : wrong('is not a text.');
		case 'texts': {
			const listed: unknown[] = Array.isArray(given) ? given : isText(given) ? String(given).split(/[,\n]/) : [given];
			if (!listed.every(isText)) return wrong('is neither a text nor a list of texts.');
			const texts = [...new Set(listed.map((one) => String(one).trim()).filter((one) => one !== ''))];
			if (texts.length > 0) return { value: texts };
			return place === 'required' ? wrong('is empty.') : 'left';
		}
		case 'time': {
			const time = timeOf(given, timezone);
			return time === null ? wrong(`is not a time. ${HOW_TO_WRITE_A_TIME}`) : { value: new Date(time).toISOString() };
		}
	}
}

function isText(value: unknown): boolean {
	return typeof value === 'string' || typeof value === 'number';
}

function jsonOf(given: unknown): { value: ClerkObject } | null {
	let value = given;
	if (typeof given === 'string') {
		try {
			value = JSON.parse(given) as unknown;
		} catch {
			return null;
		}
	}
	return isObject(value) ? { value } : null;
}

function locatorOf({ kind, displayName }: Field, given: unknown): Value {
	if (!isLocator(kind)) return 'left';
	const { finders = {}, key, noun, example } = locators[kind];
	// A bare text, as an expression or the API can give it, is the ID.
	const { mode, value } = isObject(given) ? { mode: given['mode'], value: given['value'] } : { mode: 'id', value: given };
	const text = textOf(value);
	if (text === '')
		return {
			problem: `${displayName} is empty. Choose a ${noun}, or enter its ${key === 'id' ? 'ID' : 'key'}, such as ${example}.`,
		};
	if (typeof mode === 'string' && Object.hasOwn(finders, mode)) return { named: { mode, value: text } };
	const isName = key === 'id' ? ID.test(text) : /^[\w:.-]+$/.test(text);
	return isName
		? { value: text }
		: { problem: `${displayName} is not the ${key === 'id' ? 'ID' : 'key'} of a ${noun}, such as ${example}.` };
}
