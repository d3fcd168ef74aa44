import { randomBytes } from 'node:crypto';

import { Contract } from './contract';
import type { Finding } from './contract';
import { svixUrl } from './links';
import type { Link } from './links';
import type { Portal } from './portal';
import type { Answer, Asked, Service } from './service';

export type BackendOperation = 'CreateSvixApp' | 'DeleteSvixApp' | 'GenerateSvixAuthURL' | 'GetInstance' | 'GetUsersCount';

export interface BackendOptions {
	secretKey: string;
	environment: 'development' | 'production';
	link: Link;
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
	429: ['too_many_requests', 'Too many requests. Please try again in a bit.'],
};

/** Clerk's Backend API, as far as it is needed: a call more is a line in the handlers. */
export class Backend implements Service {
	readonly name = 'clerk';
	readonly errorModel = { operation: 'GenerateSvixAuthURL', status: 400 };
	/** What `GET /users/count` says. */
	usersCount = 0;
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
			GetUsersCount: () => ({ status: 200, body: { object: 'total_count', total_count: this.usersCount } }),
		};
	}

	static async create(options: BackendOptions, portal: Portal, portalUrl: string): Promise<Backend> {
		const operations: readonly BackendOperation[] = [
			'CreateSvixApp',
			'DeleteSvixApp',
			'GenerateSvixAuthURL',
			'GetInstance',
			'GetUsersCount',
		];
		return new Backend(await Contract.load('clerk-backend-api.yml', operations, '/v1'), options, portal, portalUrl);
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
