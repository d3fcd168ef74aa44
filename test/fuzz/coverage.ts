import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import * as ts from 'typescript';

import { inRepository } from '../support/paths';

/**
 * Counts how often each branch of nodes/Clerk is taken, so that the fuzzer can keep what leads to new
 * ones, and say at the end which it never took. The counters are written into the code as it is
 * loaded: V8 can tell the same, but takes milliseconds each time it is asked, and it is asked at
 * every case.
 */

const ROOT = inRepository();
const NODES = join(ROOT, 'nodes') + sep;
const COUNTERS = '__branchesTaken';

/** How often each branch was taken in this case. */
export const taken = new Uint32Array(4096);
/** Where each branch is: file, line and what it is. */
export const branches: string[] = [];

/** From now on, nodes/ is loaded with counters in it. To be called before anything of it is loaded. */
export function countBranches(): void {
	(globalThis as Record<string, unknown>)[COUNTERS] = taken;
	// Node looks for ClerkTrigger.node.json before ClerkTrigger.node.ts where "./ClerkTrigger.node" is asked for.
	const json = require.extensions['.json'];
	Reflect.deleteProperty(require.extensions, '.json');
	require.extensions['.json'] = json;
	// tsx has put itself here; what isn't ours stays its own.
	const load = require.extensions['.ts'];
	require.extensions['.ts'] = (module, path) => {
		if (!path.startsWith(NODES)) {
			load?.(module, path);
			return;
		}
		const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
			fileName: path,
			compilerOptions: {
				target: ts.ScriptTarget.ES2022,
				module: ts.ModuleKind.CommonJS,
				esModuleInterop: true,
				inlineSourceMap: true,
			},
			transformers: { before: [withCounters] },
		});
		(module as unknown as { _compile(code: string, path: string): void })._compile(outputText, path);
	};
}

const withCounters: ts.TransformerFactory<ts.SourceFile> = (context) => (source) => {
	const { factory } = context;
	const count = (node: ts.Node, what: string): ts.Expression => {
		const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
		branches.push(`${relative(ROOT, source.fileName)}:${line + 1} ${what}`);
		if (branches.length > taken.length) throw new Error('There are more branches than counters');
		return factory.createPostfixIncrement(
			factory.createElementAccessExpression(factory.createIdentifier(COUNTERS), branches.length - 1),
		);
	};
	const counted = (node: ts.Expression, what: string): ts.Expression => {
		const counter = count(node, what);
		return factory.createParenthesizedExpression(factory.createComma(counter, ts.visitNode(node, visit) as ts.Expression));
	};
	const block = (node: ts.Statement, what: string): ts.Statement => {
		const counter = factory.createExpressionStatement(count(node, what));
		// Its own visit would come back here.
		const visited = ts.isBlock(node) ? ts.visitEachChild(node, visit, context) : (ts.visitNode(node, visit) as ts.Statement);
		return factory.createBlock([counter, ...(ts.isBlock(visited) ? visited.statements : [visited])], true);
	};
	const visit = (node: ts.Node): ts.Node => {
		if (ts.isIfStatement(node)) {
			return factory.updateIfStatement(
				node,
				ts.visitNode(node.expression, visit) as ts.Expression,
				block(node.thenStatement, 'if'),
				node.elseStatement ? block(node.elseStatement, 'else') : factory.createExpressionStatement(count(node, 'if not')),
			);
		}
		if (ts.isConditionalExpression(node)) {
			return factory.updateConditionalExpression(
				node,
				ts.visitNode(node.condition, visit) as ts.Expression,
				node.questionToken,
				counted(node.whenTrue, 'one choice'),
				node.colonToken,
				counted(node.whenFalse, 'the other choice'),
			);
		}
		if (ts.isBinaryExpression(node) && ['&&', '||', '??'].includes(node.operatorToken.getText(source))) {
			return factory.updateBinaryExpression(
				node,
				ts.visitNode(node.left, visit) as ts.Expression,
				node.operatorToken,
				counted(node.right, `behind ${node.operatorToken.getText(source)}`),
			);
		}
		if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
			const { modifiers, typeParameters, parameters, type, equalsGreaterThanToken } = node;
			const body = counted(node.body, 'function');
			const visited = parameters.map((parameter) => ts.visitNode(parameter, visit) as ts.ParameterDeclaration);
			return factory.updateArrowFunction(node, modifiers, typeParameters, visited, type, equalsGreaterThanToken, body);
		}
		if (
			ts.isBlock(node) &&
			(ts.isFunctionLike(node.parent) || ts.isIterationStatement(node.parent, false) || ts.isCatchClause(node.parent))
		) {
			const what = ts.isCatchClause(node.parent) ? 'catch' : ts.isFunctionLike(node.parent) ? 'function' : 'loop';
			return block(node, what);
		}
		if (ts.isCaseOrDefaultClause(node)) {
			const counter = factory.createExpressionStatement(count(node, 'case'));
			const visited = ts.visitEachChild(node, visit, context);
			const statements = [counter, ...visited.statements];
			return ts.isCaseClause(visited)
				? factory.updateCaseClause(visited, visited.expression, statements)
				: factory.updateDefaultClause(visited, statements);
		}
		return ts.visitEachChild(node, visit, context);
	};
	return ts.visitNode(source, visit) as ts.SourceFile;
};
