import { FLAG, listOf, object, Service, TEXT } from './service';
import type { Call } from './service';

const TOKEN = 'xoxb-token-of-the-tests';

export interface Posted {
	channel: string;
	text: string;
}

/**
 * Slack's Web API, as far as it posts messages.
 * Source: Slack's reference of `chat.postMessage`, as of October 2026.
 */
export class SlackApi extends Service {
	readonly host = 'slack.com';
	readonly authorization = { header: 'authorization', value: `Bearer ${TOKEN}` };
	readonly credentials = { slackApi: { accessToken: TOKEN, signatureSecret: '' } };
	readonly secrets = [TOKEN];
	readonly messages: Posted[] = [];

	readonly operations = {
		'POST /api/chat.postMessage': {
			body: object(
				{
					channel: TEXT,
					text: { type: 'string', minLength: 1, maxLength: 40_000 },
					attachments: listOf({ type: 'object' }),
					blocks: listOf({ type: 'object' }),
					mrkdwn: FLAG,
					// An option of n8n's node, which Slack ignores.
					includeLinkToWorkflow: FLAG,
					link_names: FLAG,
					unfurl_links: FLAG,
					unfurl_media: FLAG,
				},
				['channel', 'text'],
			),
			answer: ({ body }: Call) => {
				const { channel, text } = body as Posted;
				this.messages.push({ channel, text });
				return { status: 200, body: { ok: true, channel: 'C0123456789', ts: '1503435956.000247', message: { text } } };
			},
		},
	};
}
