// Our own rules, for npm run lint and for editors. n8n's own CLI wants eslint.config.mjs exactly as it ships it, so they stand here.
import tseslint from 'typescript-eslint';

import { buildScanConfig } from '@n8n/scan-community-package/scanner/scanner.mjs';

/** What goes to a user: the files that n8n checks before it verifies a package. */
const shipped = ['nodes/**/*', 'credentials/**/*', 'package.json'];

// Both n8n rule sets as n8n's own scan puts them together (five rules are off there, for reasons it
// gives), so that lint and scan can't disagree. Blocks without `files` would reach into our tests.
const n8nRules = (await buildScanConfig()).map((block) => (block.files ? block : { ...block, files: shipped }));

export default [
	{ ignores: ['dist/', 'node_modules/', '.test-output/', 'coverage/', 'test/support/n8n-*/', '**/package-lock.json'] },
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
	...n8nRules,
	...tseslint.configs.recommendedTypeChecked.map((block) => ({ ...block, files: ['**/*.ts'] })),
	{
		files: ['**/*.ts'],
		languageOptions: {
			// It includes nodes/ and credentials/. With tsconfig.json as well, they would be read twice.
			parserOptions: { project: ['test/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
		},
		rules: {
			'@typescript-eslint/consistent-type-imports': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': 'error',
			// n8n wants its hooks and methods async, whether they wait for anything or not.
			'@typescript-eslint/require-await': 'off',
		},
	},
	{
		files: ['**/*.test.ts'],
		// Jest's expect.objectContaining() and its like are of type any.
		rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
	},
];
