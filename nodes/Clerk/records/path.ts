/**
 * Field names joined by dots, and indexes in lists: `data.email_addresses[0].email_address`. A name with a dot,
 * a space or a bracket is in quotes: `data.public_metadata["my key"]`.
 */
export type Path = ReadonlyArray<string | number>;

/** A name, an index or a quoted name at the start of the rest of a path. */
const STEP = /^(?:\.?([^.[\]\s]+)|\[(\d{1,6})\]|\["([^"]*)"\]|\['([^']*)'\])/;

/** What a path can start with: a field of the delivery, or `user` for the whole user in it. */
const ROOTS = ['data', 'event_attributes', 'instance_id', 'object', 'timestamp', 'type', 'user'];

/** Whether a path can exist in a delivery. */
export function isRooted([root = '']: Path): boolean {
	return ROOTS.includes(String(root));
}

/** The text of a path, the opposite of `parsePath`. */
export function writtenPath(path: Path): string {
	return path
		.map((step, index) => {
			if (typeof step === 'number') return `[${step}]`;
			if (/^[^.[\]\s]+$/.test(step)) return index === 0 ? step : `.${step}`;
			return step.includes('"') ? `['${step}']` : `["${step}"]`;
		})
		.join('');
}

/**
 * Reads a path that a builder typed.
 * @returns null if it isn't one
 */
export function parsePath(text: string): Path | null {
	const path: Array<string | number> = [];
	let rest = text.trim();
	if (rest === '' || rest.startsWith('.') || rest.startsWith('[')) return null;
	while (rest !== '') {
		const step = STEP.exec(rest);
		if (!step || (path.length > 0 && step[1] !== undefined && !rest.startsWith('.'))) return null;
		path.push(step[1] ?? step[3] ?? step[4] ?? Number(step[2]));
		rest = rest.slice(step[0].length);
	}
	return path;
}

/**
 * The value at a path: scalars as they are, objects and lists as JSON text, which fits into a column.
 * @returns null if there is no value; only an object's own fields count
 */
export function valueAt(root: unknown, path: Path): string | number | boolean | null {
	let value = root;
	for (const step of path) {
		if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return null;
		value = (value as Readonly<Record<string | number, unknown>>)[step];
	}
	if (typeof value === 'string' || typeof value === 'boolean') return value;
	if (typeof value === 'number') return Number.isFinite(value) ? value : null;
	if (value === null || value === undefined) return null;
	try {
		return JSON.stringify(value);
	} catch {
		return null;
	}
}
