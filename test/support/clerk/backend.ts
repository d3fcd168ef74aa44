import type { CallLog } from './callLog';
import { svixUrl } from './links';
import type { LinkForm } from './links';
import { countUsers, listMemberships, listOrganizations, listUsers, listWaitlist } from './lists';
import { Population } from './population';
import type { Portal } from './portal';
import { existing, Refusal, Service } from './service';
import type { Answer, Asked, Handler } from './service';
import { randomText } from './tokens';
import { writeHandlersOf, Written } from './writes';

export type BackendOperation = keyof ReturnType<typeof handlersOf>;

/** Called before an operation is carried out. @param number of its calls since this was set, from 1 */
export type BeforeAnswer = (operation: BackendOperation, number: number) => void;

export interface BackendOptions {
	secretKey: string;
	environment: 'development' | 'production';
	linkForm: LinkForm;
	/** Null for none. Clerk lets 1,000 (production) or 100 (development) calls pass in 10,000 ms. */
	rateLimit: { requests: number; perMs: number } | null;
	/** What happens with a cursor whose user is gone; Clerk doesn't say. */
	unknownCursor: 'refused' | 'position';
}

/**
 * Clerk's usual errors by status.
 * Source: errors that Clerk's SDKs and their issues quote, as of October 2026.
 */
const ERRORS: Readonly<Record<number, readonly [code: string, message: string]>> = {
	401: ['clerk_key_invalid', 'The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.'],
	403: ['authorization_invalid', 'You are not authorized to perform this request'],
	404: ['resource_not_found', 'not found'],
	409: ['conflict', 'Conflict'],
	422: ['form_param_format_invalid', 'is invalid'],
	429: ['too_many_requests', 'Too many requests. Please try again in a bit.'],
};

const ok = (body: object): Answer => ({ status: 200, body });

/** One handler for each operation of the contract that is served, by its ID. To serve another one, add a handler. */
function handlersOf(backend: Backend) {
	const { people, portal, options } = backend;
	const link = () => ok({ svix_url: svixUrl(portal, options.linkForm) });
	return {
		CreateSvixApp: () => {
			if (portal.appId !== null) {
				throw new Refusal(400, 'svix_app_exists', 'A Svix app is already associated with the current instance.');
			}
			portal.createApp();
			return link();
		},
		// Every endpoint of the instance is deleted with the app, which is why nobody may call this.
		DeleteSvixApp: () => {
			portal.deleteApp();
			return { status: 204 };
		},
		GenerateSvixAuthURL: () => {
			if (portal.appId === null) {
				throw new Refusal(400, 'svix_app_missing', 'No Svix apps are associated with the current instance.');
			}
			return link();
		},
		GetInstance: () =>
			ok({
				object: 'instance',
				id: 'ins_2test0000000000000000000000',
				environment_type: options.environment,
				allowed_origins: null,
				workspace_id: null,
			}),
		GetUser: ({ params }) => ok(existing(people.get(params['user_id']!), 'user', params['user_id'])),
		GetUserList: ({ values }) => ok(listUsers(people, values, options.unknownCursor)),
		GetUsersCount: ({ values }) => ok({ object: 'total_count', total_count: countUsers(people, values) }),
		InstanceGetOrganizationMemberships: ({ values }) => ok(listMemberships(people, values)),
		ListOrganizationMemberships: ({ values, params }) => {
			const id = params['organization_id'];
			const organization = people.organizations.find((one) => one.id === id);
			return ok(listMemberships(people, values, existing(organization, 'organization', id).id));
		},
		ListOrganizations: ({ values }) => ok(listOrganizations(people, values)),
		ListWaitlistEntries: ({ values }) => ok(listWaitlist(people, values)),
		...writeHandlersOf(backend),
	} satisfies Record<string, Handler>;
}

/** Clerk's Backend API. */
export class Backend extends Service {
	readonly name = 'clerk';
	readonly people = new Population();
	readonly written = new Written();
	readonly handlers: Readonly<Record<BackendOperation, Handler>>;
	/** How many calls the rate limit refused. */
	rateLimited = 0;
	protected readonly errorModel = { operation: 'GenerateSvixAuthURL', status: 400 };
	private hook: BeforeAnswer | null = null;
	private readonly counts = new Map<string, number>();
	private window = { since: -Infinity, calls: 0 };

	constructor(
		log: CallLog,
		readonly options: BackendOptions,
		readonly portal: Portal,
	) {
		super(log, ['clerk-backend-api.yml'], '/v1');
		this.handlers = handlersOf(this);
	}

	/** What happens in the middle of a run; null for nothing. */
	set beforeAnswer(hook: BeforeAnswer | null) {
		this.hook = hook;
		this.counts.clear();
	}

	protected authorize({ bearer, headers }: Asked): void {
		if (bearer === this.options.secretKey) return this.countCall();
		if (bearer !== null) throw new Refusal(401);
		if (headers['authorization'] === undefined)
			throw new Refusal(401, 'authentication_invalid', 'Unable to authenticate the request');
		throw new Refusal(401, 'authorization_header_format_invalid', 'Invalid Authorization header format');
	}

	/** The window of the rate limit begins with the first call after the last window. */
	private countCall(): void {
		if (!this.options.rateLimit) return;
		const { requests, perMs } = this.options.rateLimit;
		const now = performance.now();
		if (now >= this.window.since + perMs) this.window = { since: now, calls: 0 };
		if (++this.window.calls <= requests) return;
		this.rateLimited++;
		throw new Refusal(429, undefined, undefined, [], Math.ceil((this.window.since + perMs - now) / 1000));
	}

	protected override begin({ operation }: Asked): void {
		const number = (this.counts.get(operation) ?? 0) + 1;
		this.counts.set(operation, number);
		this.hook?.(operation as BackendOperation, number);
	}

	protected errorOf({ status, code, detail, findings }: Refusal): object {
		const [usualCode, usualMessage] = ERRORS[status] ?? ['internal_clerk_error', 'Something went wrong'];
		const error = { code: code ?? usualCode, message: detail ?? usualMessage, long_message: detail ?? usualMessage };
		const errors = findings.map(({ loc, message }) => ({
			...{ code: error.code, message, long_message: `${loc.join('.')} ${message}` },
			meta: { param_name: loc.at(-1) ?? '' },
		}));
		return { errors: errors.length > 0 ? errors : [error], clerk_trace_id: randomText(32) };
	}
}
