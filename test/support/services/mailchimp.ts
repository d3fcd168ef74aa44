import { createHash } from 'node:crypto';

import { ADDRESS, listOf, object, Service, TEXT } from './service';
import type { Answer, Call, Held } from './service';

interface Member {
	email: string;
	status: string;
	mergeFields: Record<string, string>;
	tags: string[];
}

interface Given {
	email_address: string;
	status_if_new: string;
	status?: string;
	merge_fields?: Record<string, string>;
}

const KEY = 'mailchimpkeyofthetests-us1';
const STATUSES = ['subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional'];

/**
 * One audience of Mailchimp, a1b2c3d4e5. A member is found by its address or its MD5 hash.
 * Source: Mailchimp's Marketing API reference, "Add or update list member", "Archive list member" and "Add or remove
 * member tags", as of October 2026.
 */
export class Mailchimp extends Service {
	readonly host = 'us1.api.mailchimp.com';
	readonly authorization = { header: 'authorization', value: `apikey ${KEY}` };
	readonly credentials = { mailchimpApi: { apiKey: KEY } };
	readonly secrets = [KEY];
	private members: Member[] = [];

	readonly operations = {
		'PUT /3.0/lists/a1b2c3d4e5/members/{hash}': {
			body: object(
				{
					email_address: ADDRESS,
					status_if_new: { enum: STATUSES },
					status: { enum: STATUSES },
					merge_fields: object({ FNAME: TEXT, LNAME: TEXT, PHONE: TEXT }),
				},
				['email_address', 'status_if_new'],
			),
			answer: ({ params, body }: Call) => {
				const given = body as Given;
				const known = this.by(params['hash'] ?? '');
				const other = this.by(given.email_address);
				if (other && other !== known) return problem(400, 'Member Exists');
				const member = known ?? { email: '', status: given.status_if_new, mergeFields: {}, tags: [] };
				if (!known) this.members.push(member);
				member.email = given.email_address;
				if (given.status !== undefined) member.status = given.status;
				Object.assign(member.mergeFields, given.merge_fields);
				return { status: 200, body: { id: hashOf(member.email), email_address: member.email, status: member.status } };
			},
		},
		'DELETE /3.0/lists/a1b2c3d4e5/members/{hash}': {
			answer: ({ params }: Call) => {
				const member = this.by(params['hash'] ?? '');
				this.members = this.members.filter((other) => other !== member);
				return member ? { status: 204 } : problem(404, 'Resource Not Found');
			},
		},
		'POST /3.0/lists/a1b2c3d4e5/members/{hash}/tags': {
			body: object(
				{ tags: listOf(object({ name: TEXT, status: { enum: ['active', 'inactive'] } }, ['name', 'status'])), is_syncing: {} },
				['tags'],
			),
			answer: ({ params, body }: Call) => {
				const member = this.by(params['hash'] ?? '');
				if (!member) return problem(404, 'Resource Not Found');
				for (const { name, status } of (body as { tags: Array<{ name: string; status: string }> }).tags) {
					member.tags = [...member.tags.filter((tag) => tag !== name), ...(status === 'active' ? [name] : [])];
				}
				return { status: 204 };
			},
		},
	};

	override held(): Held[] {
		return this.members.map(({ email, status, mergeFields, tags }) => ({
			email,
			firstName: mergeFields['FNAME'] ?? null,
			subscribed: status === 'subscribed',
			joined: tags.includes('Customers'),
		}));
	}

	override seed(email: string): void {
		this.members.push({ email, status: 'unsubscribed', mergeFields: {}, tags: [] });
	}

	private by(hashOrAddress: string): Member | undefined {
		return this.members.find(
			({ email }) => hashOrAddress === hashOf(email) || hashOrAddress.toLowerCase() === email.toLowerCase(),
		);
	}
}

function hashOf(email: string): string {
	return createHash('md5').update(email.toLowerCase()).digest('hex');
}

function problem(status: number, title: string): Answer {
	return { status, body: { type: 'https://mailchimp.com/developer/marketing/docs/errors/', title, status, detail: title } };
}
