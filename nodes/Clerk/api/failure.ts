/** What calls are for, in words that follow "could not". Code decides by the names, so that the words can change. */
const STEPS = {
	testKey: 'ask Clerk about the key',
	readInstance: "read the instance's ID",
	countUsers: 'read how many users there are',
	readUser: 'read the user',
	readList: 'read the list',
	readMembers: 'read the members of the organization',
	resumeList: 'go on reading the list',
	write: 'do it',
	writeOnce: 'do it',
	getLink: 'get a link to the webhook portal',
	switchOnWebhooks: 'switch on webhooks in Clerk',
	readLink: 'read the link to the webhook portal',
	signIn: 'sign in to the webhook portal',
	signOut: 'sign out',
	findEndpoint: 'look for the endpoint',
	listEndpoints: 'list the endpoints',
	createEndpoint: 'create the endpoint',
	updateEndpoint: 'update the endpoint',
	removeEndpoint: 'remove the endpoint',
	fetchSecret: 'fetch the signing secret',
	sendExample: 'send the example',
	recover: 'deliver again what failed',
	listAttempts: 'look at the deliveries',
	listMessages: 'read the events',
	autoConfigure: 'set up the endpoint through its AutoConfig token',
} as const;

export type Step = keyof typeof STEPS;

export type Service = 'Clerk' | 'the webhook portal';

/** Codes of our own, for answers that came and are of no use. */
export const UNEXPECTED_ANSWER = 'unexpected_answer';
export const UNKNOWN_REGION = 'unknown_region';
/** For a call that reached nobody, so that nothing can have come of it. */
export const NOT_SENT = 'not_sent';

export interface Told {
	readonly step: Step;
	/** The step in more precise words, to follow "could not". */
	readonly doing?: string | undefined;
	readonly service: Service;
	/** Null where there was no answer. */
	readonly status: number | null;
	/** The code in the answer, or one of ours; null where there is none. */
	readonly code: string | null;
	/** What the answer says, or why there was none. */
	readonly said: string;
}

/**
 * A call that did not do what it was for. Nothing in it repeats a key, a token or a signing secret.
 * A class, so that no answer can be taken for one, whatever its keys are.
 */
export class Failure {
	readonly step: Step;
	/** What was being done, to follow "could not". */
	readonly failed: string;
	readonly service: Service;
	readonly status: number | null;
	readonly code: string | null;
	readonly said: string;

	constructor({ step, doing, service, status, code, said }: Told) {
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
