/** Names of fields joined by dots, and places in lists: `data.email_addresses[0].email_address`. */
export type Path = ReadonlyArray<string | number>;

/** A name or a place in a list, at the start of what is left of a path. */
const STEP = /^(?:\.?([^.[\]\s]+)|\[(\d{1,6})\])/;

/**
 * Reads a path as a builder typed it.
 * @returns null where it isn't one
 */
export function parsePath(text: string): Path | null {
	const path: Array<string | number> = [];
	let rest = text.trim();
	if (rest === '' || rest.startsWith('.') || rest.startsWith('[')) return null;
	while (rest !== '') {
		const step = STEP.exec(rest);
		if (!step || (path.length > 0 && step[1] !== undefined && !rest.startsWith('.'))) return null;
		path.push(step[1] ?? Number(step[2]));
		rest = rest.slice(step[0].length);
	}
	return path;
}

/**
 * What is at a path: scalars as they are, objects and lists as JSON text, so that a column can hold them.
 * @returns null where the path leads nowhere; only an object's own fields are looked at
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
