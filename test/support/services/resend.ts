import { listOf, object, Service, TEXT } from './service';
import type { Call } from './service';

const KEY = 're_key_of_the_tests';

export interface ResentMail {
	from: string;
	to: string | string[];
	subject: string;
	text?: string;
	html?: string;
}

const addresses = { oneOf: [TEXT, { ...listOf(TEXT), minItems: 1, maxItems: 50 }] };

/**
 * Resend sends emails, each idempotency key once. Unlike Resend, which forgets a key after 24 hours, it keeps them.
 * Source: its published OpenAPI description (repository resend/resend-openapi, August 2026).
 */
export class Resend extends Service {
	readonly host = 'api.resend.com';
	readonly authorization = { header: 'authorization', value: `Bearer ${KEY}` };
	readonly credentials = { httpBearerAuth: { token: KEY } };
	readonly secrets = [KEY];
	readonly mails: ResentMail[] = [];
	private readonly sent = new Set<string>();

	readonly operations = {
		'POST /emails': {
			body: object(
				{
					from: TEXT,
					to: addresses,
					subject: TEXT,
					bcc: addresses,
					cc: addresses,
					reply_to: addresses,
					html: TEXT,
					text: TEXT,
					headers: { type: 'object' },
					tags: listOf(object({ name: TEXT, value: TEXT })),
				},
				['from', 'to', 'subject'],
			),
			answer: ({ body, headers }: Call) => {
				const key = headers['idempotency-key'];
				if (key === undefined || !this.sent.has(key)) this.mails.push(body as ResentMail);
				if (key !== undefined) this.sent.add(key);
				return { status: 200, body: { id: '4ef9a417-02e9-4d39-ad75-9611e0fcc33c' } };
			},
		},
	};
}
