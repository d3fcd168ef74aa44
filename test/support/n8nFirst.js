const { default: Sequencer } = require('@jest/test-sequencer');

/** Runs the tests in a real n8n first: they are long, and the short unit tests then fill the workers that become free. */
module.exports = class N8nFirst extends Sequencer {
	sort(tests) {
		const needsN8n = ({ context }) => context.config.displayName.name !== 'unit';
		return [...super.sort(tests)].sort((a, b) => Number(needsN8n(b)) - Number(needsN8n(a)));
	}
};
