// n8n's rules are for what n8n runs. This folder has our own, in eslint.project.config.mjs; see scripts/n8n-node.mjs.
export default [{ ignores: ['**'] }];
