import * as ts from 'typescript';

import type { Envelope } from '../../../nodes/Clerk/events/payload';

/** Clerk's own TypeScript types of its deliveries, as the compiler reads them from @clerk/backend. */

const options: ts.CompilerOptions = {
	module: ts.ModuleKind.ESNext,
	moduleResolution: ts.ModuleResolutionKind.Bundler,
	target: ts.ScriptTarget.ES2022,
	lib: ['lib.es2022.d.ts'],
	types: [],
	strict: true,
};

const { resolvedModule } = ts.resolveModuleName('@clerk/backend/webhooks', __filename, options, ts.sys);
if (!resolvedModule) throw new Error('@clerk/backend has no types of its webhooks');
const program = ts.createProgram([resolvedModule.resolvedFileName], options);
const checker = program.getTypeChecker();

/** The types in a union; of any other type, itself. */
function membersOf(type: ts.Type): readonly ts.Type[] {
	return type.isUnion() ? type.types : [type];
}

function fieldOf(type: ts.Type, key: string): ts.Type | undefined {
	const property = checker.getPropertyOfType(type, key);
	return property ? checker.getTypeOfSymbol(property) : type.getStringIndexType();
}

function webhookEvent(): ts.Type {
	const file = program.getSourceFile(resolvedModule?.resolvedFileName ?? '');
	const module = file && checker.getSymbolAtLocation(file);
	const union = module && checker.getExportsOfModule(module).find(({ name }) => name === 'WebhookEvent');
	if (!union) throw new Error("@clerk/backend's types have no WebhookEvent");
	return checker.getDeclaredTypeOfSymbol(union);
}

/** The type of a delivery's body, by the event's type. */
const envelopes: ReadonlyMap<string, ts.Type> = new Map(
	membersOf(webhookEvent()).flatMap((envelope) =>
		membersOf(fieldOf(envelope, 'type') ?? envelope).map((type) => {
			if (!type.isStringLiteral()) throw new Error(`${checker.typeToString(envelope)} names no event`);
			return [type.value, envelope] as const;
		}),
	),
);

export const typedEvents: readonly string[] = [...envelopes.keys()];

/**
 * Which fields somebody reads of a delivery that Clerk's types don't have.
 * @param read is handed a body that has whatever it asks for, then less and less of it: what it
 * only reads where it found nothing counts too
 * @returns each as `Type.field`
 */
export function fieldsWithoutType(eventType: string, read: (envelope: Envelope) => void): string[] {
	const envelope = envelopes.get(eventType);
	if (!envelope) throw new Error(`Clerk's types have no ${eventType}`);
	const missing = new Set<string>();
	const found = new Set<string>();
	const numbers = new Set<string>();
	let before: ReadonlySet<string>;

	const valueOf = (declared: ts.Type, path: string): unknown => {
		if (path === '.type') return eventType;
		const [type = declared] = membersOf(checker.getNonNullableType(declared));
		const isObject = type.flags & ts.TypeFlags.Object && !checker.isArrayType(type);
		if (isObject) return objectOf(type, path);
		if (before.has(path)) return null;
		if (checker.isArrayType(type))
			return checker.getTypeArguments(type as ts.TypeReference).map((of) => valueOf(of, `${path}.0`));
		if (type.isStringLiteral()) return type.value;
		if (type.flags & ts.TypeFlags.StringLike) return 'text';
		if (type.flags & ts.TypeFlags.NumberLike) {
			numbers.add(path);
			return 1_760_000_000_000;
		}
		return type.flags & ts.TypeFlags.BooleanLike ? true : null;
	};
	const objectOf = (type: ts.Type, path: string): object =>
		new Proxy(
			{},
			{
				get: (_, key) => {
					const field = fieldOf(type, String(key));
					if (field) {
						found.add(`${path}.${String(key)}`);
						return valueOf(field, `${path}.${String(key)}`);
					}
					missing.add(`${(type.aliasSymbol ?? type.symbol).name}.${String(key)}`);
					return undefined;
				},
			},
		);

	// Without its times, little else of a user is read: so they go last.
	for (const kept of [numbers, new Set<string>()]) {
		let count: number;
		do {
			count = found.size;
			before = new Set([...found].filter((path) => !kept.has(path)));
			read(objectOf(envelope, '') as Envelope);
		} while (found.size > count);
	}
	return [...missing];
}
