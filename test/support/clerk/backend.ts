import { randomBytes } from 'node:crypto';

import { Contract } from './contract';
import type { Finding } from './contract';
import { svixUrl } from './links';
import type { Link } from './links';
import { listMemberships, listOrganizations, listWaitlist } from './groupList';
import { Population } from './population';
import type { Portal } from './portal';
import { RateLimit } from './rateLimit';
import type { RateLimitOptions } from './rateLimit';
import type { Answer, Asked, Service } from './service';
import { countUsers, listUsers } from './userList';
import type { ListRefusal, UserListOptions } from './userList';

const OPERATIONS = [
	'CreateSvixApp',
	'DeleteSvixApp',
	'GenerateSvixAuthURL',
	'GetInstance',
	'GetUser',
	'GetUserList',
	'GetUsersCount',
	'InstanceGetOrganizationMemberships',
	'ListOrganizationMemberships',
	'ListOrganizations',
	'ListWaitlistEntries',
] as const;

export type BackendOperation = (typeof OPERATIONS)[number];

/** Called before an operation reads the population. @param number of its calls since this was set, from 1 */
export type BeforeAnswer = (operation: BackendOperation, number: number) => void;

export interface BackendOptions {
	secretKey: string;
	environment: 'development' | 'production';
	link: Link;
	/** Null where nobody counts. */
	rateLimit: RateLimitOptions | null;
	unknownCursor: UserListOptions['unknownCursor'];
}

/**
 * What Clerk says with these statuses.
 * Source: errors that Clerk's SDKs and their issues quote, as of October 2026.
 */
const ERRORS: Readonly<Record<number, readonly [code: string, message: string]>> = {
	401: ['clerk_key_invalid', 'The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.'],
	403: ['authorization_invalid', 'You are not authorized to perform this request'],
	404: ['resource_not_found', 'not found'],
	409: ['conflict', 'Conflict'],
	422: ['form_param_value_invalid', 'is invalid'],
	429: ['too_many_requests', 'Too many requests. Please try again in a bit.'],
};

/** Clerk's Backend API, as far as it is needed: a call more is a line in the handlers. */
export class Backend implements Service {
	readonly name = 'clerk';
	readonly errorModel = { operation: 'GenerateSvixAuthURL', status: 400 };
	readonly people = new Population();
	private readonly rateLimit: RateLimit | null;
	private hook: BeforeAnswer | null = null;
	private readonly counts = new Map<BackendOperation, number>();
	readonly handlers: Readonly<Record<BackendOperation, (asked: Asked) => Answer>>;

	private constructor(
		readonly contract: Contract,
		readonly options: BackendOptions,
		portal: Portal,
		portalUrl: string,
	) {
		const link = (): Answer => ({ status: 200, body: { svix_url: svixUrl(portal, portalUrl, this.options.link) } });
		this.handlers = {
			CreateSvixApp: () => {
				if (portal.appId !== null) {
					return this.error(400, 'svix_app_exists', 'A Svix app is already associated with the current instance.');
				}
				portal.createApp();
				return link();
			},
			// With the app goes every endpoint of the instance, which is why nobody may call this.
			DeleteSvixApp: () => {
				portal.deleteApp();
				return { status: 204 };
			},
			GenerateSvixAuthURL: () =>
				portal.appId === null
					? this.error(400, 'svix_app_missing', 'No Svix apps are associated with the current instance.')
					: link(),
			GetInstance: () => ({
				status: 200,
				body: {
					object: 'instance',
					id: 'ins_2test0000000000000000000000',
					environment_type: this.options.environment,
					allowed_origins: null,
					workspace_id: null,
				},
			}),
			GetUser: ({ params: { user_id = '' } }) => {
				this.aboutToRead('GetUser');
				const body = this.people.get(user_id);
				return body ? { status: 200, body } : this.error(404, undefined, `No user was found with id ${user_id}`);
			},
			GetUserList: ({ values }) => this.read('GetUserList', () => listUsers(this.people, values, this.options)),
			GetUsersCount: ({ values }) =>
				this.read('GetUsersCount', () => {
					const counted = countUsers(this.people, values);
					return typeof counted === 'number' ? { object: 'total_count', total_count: counted } : counted;
				}),
			InstanceGetOrganizationMemberships: ({ values }) =>
				this.read('InstanceGetOrganizationMemberships', () => listMemberships(this.people, values, null)),
			ListOrganizationMemberships: ({ values, params: { organization_id = '' } }) =>
				this.read('ListOrganizationMemberships', () => listMemberships(this.people, values, organization_id)),
			ListOrganizations: ({ values }) => this.read('ListOrganizations', () => listOrganizations(this.people, values)),
			ListWaitlistEntries: ({ values }) => this.read('ListWaitlistEntries', () => listWaitlist(this.people, values)),
		};
		this.rateLimit = options.rateLimit && new RateLimit(options.rateLimit);
	}

	static async create(options: BackendOptions, portal: Portal, portalUrl: string): Promise<Backend> {
		return new Backend(await Contract.load('clerk-backend-api.yml', OPERATIONS, '/v1'), options, portal, portalUrl);
	}

	/** What happens in the middle of a run: called before the population is read; null for nothing. */
	set beforeAnswer(hook: BeforeAnswer | null) {
		this.hook = hook;
		this.counts.clear();
	}

	/** How many calls the rate limit refused. */
	get rateLimited(): number {
		return this.rateLimit?.refused ?? 0;
	}

	limited(): Answer | null {
		const seconds = this.rateLimit?.wait() ?? null;
		return seconds === null ? null : { ...this.error(429), headers: { 'retry-after': String(seconds) } };
	}

	unauthorized({ bearer, headers }: Asked): Answer | null {
		if (bearer === this.options.secretKey) return null;
		if (bearer !== null) return this.error(401);
		if (headers['authorization'] === undefined)
			return this.error(401, 'authentication_invalid', 'Unable to authenticate the request');
		return this.error(401, 'authorization_header_format_invalid', 'Invalid Authorization header format');
	}

	error(status: number, code?: string, detail?: string): Answer {
		const [usualCode, usualMessage] = ERRORS[status] ?? ['internal_clerk_error', 'Something went wrong'];
		const message = detail ?? usualMessage;
		return {
			status,
			body: { errors: [{ code: code ?? usualCode, message, long_message: message }], clerk_trace_id: traceId() },
		};
	}

	private aboutToRead(operation: BackendOperation): void {
		const number = (this.counts.get(operation) ?? 0) + 1;
		this.counts.set(operation, number);
		this.hook?.(operation, number);
	}

	private read(operation: BackendOperation, list: () => object | ListRefusal): Answer {
		this.aboutToRead(operation);
		const listed = list();
		return 'status' in listed ? this.refusal(listed) : { status: 200, body: listed };
	}

	private refusal({ status, name, message }: ListRefusal): Answer {
		const [code = '', short = ''] = ERRORS[status] ?? [];
		const error = { code, message: short, long_message: `${name} ${message}`, meta: { param_name: name } };
		return { status, body: { errors: [error], clerk_trace_id: traceId() } };
	}

	invalid(findings: readonly Finding[]): Answer {
		const errors = findings.map(({ loc, message }) => ({
			code: 'form_param_format_invalid',
			message,
			long_message: `${loc.join('.')} ${message}`,
			meta: { param_name: loc.at(-1) ?? '' },
		}));
		return { status: 422, body: { errors, clerk_trace_id: traceId() } };
	}
}

function traceId(): string {
	return randomBytes(16).toString('hex');
}
