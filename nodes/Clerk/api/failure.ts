/** What each call is for, in words that follow "Could not". Code uses the names, so the words can change. */
const STEPS = {
	testKey: 'check the key with Clerk',
	readInstance: "read the instance's ID",
	countUsers: 'read how many users there are',
	readUser: 'read the user',
	readList: 'read the list',
	readMembers: 'read the members of the organization',
	resumeList: 'continue reading the list',
	write: 'do it',
	writeOnce: 'do it',
	getLink: 'get a link to the webhook portal',
	switchOnWebhooks: 'switch on webhooks in Clerk',
	readLink: 'read the link to the webhook portal',
	signIn: 'sign in to the webhook portal',
	signOut: 'sign out of the webhook portal',
	findEndpoint: 'find the endpoint',
	listEndpoints: 'list the endpoints',
	createEndpoint: 'create the endpoint',
	updateEndpoint: 'update the endpoint',
	removeEndpoint: 'remove the endpoint',
	fetchSecret: 'fetch the signing secret',
	sendExample: 'send the example',
	recover: 'deliver the failed events again',
	listAttempts: 'read the deliveries',
	listMessages: 'read the events',
	autoConfigure: 'set up the endpoint with its AutoConfig token',
} as const;

export type Step = keyof typeof STEPS;

export type Service = 'Clerk' | 'the webhook portal';

/** Our own codes, for answers that are of no use. */
export const UNEXPECTED_ANSWER = 'unexpected_answer';
export const UNKNOWN_REGION = 'unknown_region';
/** For a call that reached nobody, so that nothing can have come of it. */
export const NOT_SENT = 'not_sent';
/** For what was asked, not for the answer: what is said also says what to do. */
export const NOT_POSSIBLE = 'not_possible';

export interface FailureDetails {
	readonly step: Step;
	/** The step in more precise words, to follow "could not". */
	readonly doing?: string | undefined;
	readonly service: Service;
	/** Null if there was no answer. */
	readonly status: number | null;
	/** The code in the answer, or one of ours; null if there is none. */
	readonly code: string | null;
	/** What the answer says, or why there was none. */
	readonly said: string;
}

/**
 * A call that failed. Nothing in it repeats a key, a token or a signing secret.
 * It is a class, so that no answer can be mistaken for one, whatever keys it has.
 */
export class Failure {
	readonly step: Step;
	/** What was being done, to follow "could not". */
	readonly failed: string;
	readonly service: Service;
	readonly status: number | null;
	readonly code: string | null;
	readonly said: string;

	constructor({ step, doing, service, status, code, said }: FailureDetails) {
		this.step = step;
		this.failed = doing ?? STEPS[step];
		this.service = service;
		this.status = status;
		this.code = code;
		this.said = said;
	}

	/** The same failure in other words. */
	saying(said: string): Failure {
		return new Failure({ ...this, doing: this.failed, said });
	}

	/** The same failure, to be advised on as one of another step. */
	at(step: Step): Failure {
		return new Failure({ ...this, doing: this.failed, step });
	}
}

export function isFailure(value: unknown): value is Failure {
	return value instanceof Failure;
}

/** Whether a call certainly reached nobody. */
export function wasNotSent({ code }: Failure): boolean {
	return code === NOT_SENT;
}
