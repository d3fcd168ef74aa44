const { default: Sequencer } = require('@jest/test-sequencer');

/** The tests in a real n8n first: the last of them takes a minute, in which the short ones fill the other workers. */
module.exports = class N8nFirst extends Sequencer {
	sort(tests) {
		const needsN8n = ({ context }) => context.config.displayName.name !== 'unit';
		return [...super.sort(tests)].sort((a, b) => Number(needsN8n(b)) - Number(needsN8n(a)));
	}
};
