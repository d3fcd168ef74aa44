import { object, Service, TEXT } from './service';
import type { Call } from './service';

const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
const TOKEN = 'twilio-token-of-the-tests';
const NUMBER = { type: 'string', pattern: '^\\+[1-9]\\d{6,14}$' };

export interface TextMessage {
	From: string;
	To: string;
	Body: string;
}

/**
 * Twilio's messages.
 * Source: Twilio's API reference, "Create a Message", as of October 2026.
 */
export class Twilio extends Service {
	readonly host = 'api.twilio.com';
	readonly authorization = { header: 'authorization', value: `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}` };
	readonly credentials = {
		twilioApi: { authType: 'authToken', accountSid: ACCOUNT, authToken: TOKEN, apiKeySid: '', apiKeySecret: '' },
	};
	readonly secrets = [TOKEN];
	readonly messages: TextMessage[] = [];

	readonly operations = {
		[`POST /2010-04-01/Accounts/${ACCOUNT}/Messages.json`]: {
			// n8n's node sends an empty callback along.
			body: object({ From: NUMBER, To: NUMBER, Body: { ...TEXT, minLength: 1, maxLength: 1600 }, StatusCallback: TEXT }, [
				'From',
				'To',
				'Body',
			]),
			answer: ({ body }: Call) => {
				this.messages.push(body as TextMessage);
				return { status: 201, body: { sid: 'SM0123456789abcdef0123456789abcdef', status: 'queued' } };
			},
		},
	};
}
