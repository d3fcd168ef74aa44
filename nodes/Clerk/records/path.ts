/**
 * Names of fields joined by dots, and places in lists: `data.email_addresses[0].email_address`. A name
 * with a dot, a space or a bracket in it stands in quotes: `data.public_metadata["my key"]`.
 */
export type Path = ReadonlyArray<string | number>;

/** A name, a place in a list or a quoted name, at the start of what is left of a path. */
const STEP = /^(?:\.?([^.[\]\s]+)|\[(\d{1,6})\]|\["([^"]*)"\]|\['([^']*)'\])/;

/** What a path can begin with: a delivery's own fields, or `user` for the whole user in it. */
const ROOTS = ['data', 'event_attributes', 'instance_id', 'object', 'timestamp', 'type', 'user'];

/** Whether a path can lead anywhere in a delivery. */
export function isRooted([root = '']: Path): boolean {
	return ROOTS.includes(String(root));
}

/** A path as `parsePath` reads it. */
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
		path.push(step[1] ?? step[3] ?? step[4] ?? Number(step[2]));
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
