import type { ContactAction, TenantAction } from '../events/catalogue';
import { isoTime } from '../events/payload';
import type { NoContact, OutOfDate } from '../records/records';
import type { Subject } from '../records/state';
import type { Acknowledge } from './parameters';

/**
 * What happened to a delivery. The sender gets it as the answer, and a person reads it in Clerk under
 * Message Attempts: so the codes are stable, and the messages say what to do.
 */
export type Outcome = Accepted | Ignored | Duplicate | Stale | Postponed | Failed | Rejected | Misconfigured;

interface Verified {
	readonly eventType: string;
	readonly eventId: string;
}

export interface Accepted extends Verified {
	readonly outcome: 'accepted';
	readonly contactAction: ContactAction | null;
	/** Why there is no contact; null if there is one. */
	readonly noContact: NoContact | null;
	/** The names of the events that were output. */
	readonly events: readonly string[];
	readonly tenantAction: TenantAction | null;
	/** What was left out because something newer was accepted before. */
	readonly outOfDate: readonly OutOfDate[];
	/** What n8n had done by the time it answered. */
	readonly acknowledge: Acknowledge;
}

/** It was valid, but n8n could not store it, or the workflow did not succeed. */
export interface Failed extends Verified {
	readonly outcome: 'failed';
	readonly code: 'not_stored' | 'workflow_failed';
	/** The HTTP status that n8n set. */
	readonly status: number;
}

/** What the history returns for a delivery that repeats an earlier one. */
export type Repeated = Unnamed<Duplicate> | Unnamed<Postponed>;
type Unnamed<T> = Omit<T, keyof Verified>;

/** It was accepted before. */
export interface Duplicate extends Verified {
	readonly outcome: 'duplicate';
	/** Milliseconds since 1970, rounded down to a second. */
	readonly acceptedAt: number;
}

/** Everything it would output is older than what was accepted before. */
export interface Stale extends Verified {
	readonly outcome: 'stale';
	/** What was newer. */
	readonly subject: Subject;
	/** Whether that was its deletion. */
	readonly ended: boolean;
}

/** It depends on a delivery that has not been answered yet, so Clerk has to retry it. */
export interface Postponed extends Verified {
	readonly outcome: 'postponed';
	readonly code: 'same_in_flight' | 'newer_in_flight' | 'older_in_flight';
	/** Whose other state the workflow is processing; missing if it is processing this very delivery. */
	readonly subject?: Subject;
}

export interface Ignored extends Verified {
	readonly outcome: 'ignored';
	readonly code:
		| 'event_not_selected'
		| 'no_chosen_change'
		| 'other_instance'
		| 'not_production'
		| 'test_user'
		| 'contact_without_email'
		| 'nothing_for_output';
	/** With `nothing_for_output`: why there is no contact. */
	readonly noContact?: NoContact | null;
}

export type Rejected = { readonly outcome: 'rejected' } & (
	| { readonly code: 'header_missing'; readonly header: string }
	| { readonly code: 'timestamp_malformed' | 'signature_mismatch' | 'body_unreadable' }
	| { readonly code: 'timestamp_too_old' | 'timestamp_too_new'; readonly secondsOff: number; readonly toleranceSeconds: number }
	| { readonly code: 'body_not_json' | 'body_not_object' | 'type_missing' }
);

export interface Misconfigured {
	readonly outcome: 'misconfigured';
	readonly code: keyof typeof misconfigurations;
	/** For n8n's log, where the builder reads it. It is not part of the answer. */
	readonly detail: string;
}

/** An HTTP answer. The body is JSON. */
export interface Answer {
	readonly status: number;
	readonly body: {
		readonly outcome: Outcome['outcome'];
		readonly code: string;
		readonly message: string;
		readonly [field: string]: string | number | readonly string[] | null;
	};
}

/** The only place that turns an outcome into an HTTP answer. */
export function answerTo(outcome: Outcome): Answer {
	switch (outcome.outcome) {
		case 'accepted': {
			const { eventType, eventId, contactAction, noContact, events, tenantAction, outOfDate } = outcome;
			const done = outcome.acknowledge === 'lastNode' ? 'The workflow has succeeded with' : 'The workflow received';
			const message = [
				`${done} ${cameOut(outcome)}.`,
				...(noContact === null ? [] : [`No contact: ${noContactReasons[noContact]}.`]),
				...outOfDate.flatMap((what) => outOfDateReasons[what]),
			].join(' ');
			return {
				status: 200,
				body: {
					outcome: 'accepted',
					code: 'accepted',
					message,
					eventType,
					eventId,
					contactAction,
					noContact,
					events,
					tenantAction,
					...(outOfDate.length === 0 ? {} : { outOfDate }),
				},
			};
		}
		case 'ignored': {
			const { code, eventType, eventId } = outcome;
			return { status: 200, body: { outcome: 'ignored', code, message: ignoredMessage(outcome), eventType, eventId } };
		}
		case 'failed': {
			const { code, status, eventType, eventId } = outcome;
			return { status, body: { outcome: 'failed', code, ...failures[code], eventType, eventId } };
		}
		case 'duplicate': {
			const { eventType, eventId } = outcome;
			const acceptedAt = isoTime(outcome.acceptedAt);
			const message = `The workflow already received this ${eventType}, so it did not run again. To run it again, use Retry on its execution in n8n, or turn off "Skip Duplicate Deliveries" in the Clerk Trigger node.`;
			return { status: 200, body: { outcome: 'duplicate', code: 'duplicate', message, eventType, eventId, acceptedAt } };
		}
		case 'stale': {
			const { eventType, eventId, subject, ended } = outcome;
			const before = ended ? endings[subject] : `a newer state of this ${subjects[subject]}`;
			const message = `The Clerk Trigger already received ${before}, so this ${eventType} did not start the workflow. To receive it anyway, turn off "Skip Out-of-Date Updates" in the Clerk Trigger node.`;
			return { status: 200, body: { outcome: 'stale', code: 'stale', message, eventType, eventId } };
		}
		case 'postponed': {
			const { code, subject = 'user', eventType, eventId } = outcome;
			const message = `The workflow is still processing ${busyWith[code].replace('…', subjects[subject])}. Clerk will try again${code === 'same_in_flight' ? ' and will then get the result' : ''}.`;
			return { status: 409, body: { outcome: 'postponed', code, message, eventType, eventId } };
		}
		case 'rejected':
			return rejectedAnswer(outcome);
		case 'misconfigured':
			return misconfiguredAnswer(outcome);
	}
}

const noContactReasons: Readonly<Record<NoContact, string>> = {
	event_has_none: 'this event has none, unless a mapping in the Clerk Trigger node adds one',
	set_to_none: 'the Clerk Trigger node is set to give none for this event',
	nobody_to_match: 'the delivery names neither a user nor an email address',
	without_email: 'it has no usable email address, and "Contacts Without Email" is set to "Skip" in the Clerk Trigger node',
	not_in_output: 'the output of the Clerk Trigger node is set to "Events Only"',
	out_of_date: 'a newer state of this person, or their deletion, arrived first',
};

/** Sentences about what was left out. A missing contact is already explained by `noContact`. */
const outOfDateReasons: Readonly<Record<OutOfDate, readonly string[]>> = {
	contact: [],
	contact_fields: ['A newer state of this contact arrived first, so the contact has only the fields that cannot be out of date.'],
	tenant: ['No tenant: a newer state of it, or its deletion, arrived first.'],
};

const failures = {
	not_stored: {
		message: 'The delivery could not be stored, or the workflow could not be started. Clerk will try again.',
		check: ['See the log of n8n for the reason. Is its database reachable, and is there space left on the disk?'],
	},
	workflow_failed: {
		message: 'The workflow did not succeed. Clerk will try again.',
		check: [
			'Open the executions list of the workflow in n8n: the failed execution shows which node failed.',
			'If Clerk should try again only when n8n could not store a delivery, set "Acknowledge" to "When the Delivery Is Stored" in the Clerk Trigger node.',
		],
	},
} as const;

const busyWith: Readonly<Record<Postponed['code'], string>> = {
	same_in_flight: 'this delivery',
	newer_in_flight: 'a newer state of this …, or its deletion',
	older_in_flight: 'another state of this …, and takes them one at a time',
};

const subjects: Readonly<Record<Subject, string>> = {
	user: 'user',
	waitlistEntry: 'waitlist entry',
	organization: 'organization',
	membership: 'member',
	member: 'member',
	members: 'member',
	subscription: 'subscription',
	unsubscription: 'user',
	changes: 'user',
	reported: 'user',
};

const endings: Readonly<Record<Subject, string>> = {
	user: 'the deletion of this user',
	waitlistEntry: 'the deletion of this waitlist entry',
	organization: 'the deletion of this organization',
	membership: 'the end of this membership',
	member: 'the end of this membership, or the deletion of its user or organization',
	members: 'the deletion of this organization',
	subscription: 'the end of this subscription',
	unsubscription: 'the deletion of this user',
	changes: 'the deletion of this user',
	reported: 'the deletion of this user',
};

/** What was output, as part of a sentence. There is always something. */
function cameOut({ contactAction, events, tenantAction }: Accepted): string {
	const parts = [
		...(contactAction === null ? [] : [`a contact to ${contactAction}`]),
		...events.map((name) => `the event "${name}"`),
		...(tenantAction === null ? [] : [`a tenant to ${tenantAction}`]),
	];
	const last = parts.pop() ?? '';
	return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}

const misconfigurations = {
	settings_unreadable: [
		'The settings of the Clerk Trigger cannot be read',
		'Open the Clerk Trigger node in n8n and look for an expression in its options that fails.',
	],
	credential_missing: [
		'The Clerk Trigger has no credential that n8n can read',
		'Open the Clerk Trigger node in n8n, choose its credential and publish the workflow again.',
	],
	secret_unusable: [
		'The signing secret of the Clerk Trigger cannot be used',
		'Open the Clerk Webhook API credential of the Clerk Trigger node in n8n, paste the signing secret of this endpoint and test it.',
	],
	secret_key_unusable: [
		'The secret key of the Clerk Trigger cannot be used',
		'Open the Clerk API credential of the Clerk Trigger node in n8n, paste a secret key and test it.',
	],
	not_registered: [
		'The Clerk Trigger has no signing secret for this endpoint',
		'Unpublish (deactivate) the workflow in n8n and publish it again: it then registers its endpoint in Clerk.',
	],
	secret_key_changed: [
		'The secret key of the Clerk Trigger is not the one that this endpoint was registered with',
		'Unpublish (deactivate) the workflow in n8n and publish it again: it then fetches the signing secret of this endpoint again.',
	],
} as const;

function misconfiguredAnswer({ outcome, code }: Misconfigured): Answer {
	const [reason, check] = misconfigurations[code];
	const message = `${reason}, so the delivery could not be verified and was refused. See the log of n8n for details. Clerk will try again.`;
	return { status: 500, body: { outcome, code, message, check: [check] } };
}

function ignoredMessage({ code, eventType, noContact }: Ignored): string {
	switch (code) {
		case 'event_not_selected':
			return `The event ${eventType} is not selected in the Clerk Trigger node. To receive it, select it there under Events to Receive. If you don't need it, deselect it for this endpoint in Clerk.`;
		case 'no_chosen_change':
			return `As far as is known, this ${eventType} has none of the changes that are selected in the Clerk Trigger node, or another delivery has already reported them.`;
		case 'other_instance':
			return 'The delivery is not from the Clerk instance that is set under "Only From Instance" in the Clerk Trigger node.';
		case 'not_production':
			return 'The delivery is from a development instance of Clerk, and "Only Production" is on in the Clerk Trigger node.';
		case 'test_user':
			return 'The delivery is about one of Clerk\'s test users, and "Leave Out Test Users" is on in the Clerk Trigger node.';
		case 'contact_without_email':
			return 'The contact has no email address, or no verified one if "Only Verified Email Addresses" is on. To receive it anyway, set "Contacts Without Email" to "Pass On" in the Clerk Trigger node.';
		case 'nothing_for_output':
			return `With its current settings, the Clerk Trigger node has nothing to output for this ${eventType}.${noContact ? ` No contact: ${noContactReasons[noContact]}.` : ''}`;
	}
}

/** Clerk never sends a body without a type, but it signs whatever a transformation makes of the body. */
const RESHAPED =
	'Does this endpoint have a transformation? In the Clerk Dashboard, open the endpoint, then Advanced, and turn the transformation off. Templates such as the one for Inngest remove the event type.';

function rejectedAnswer(rejection: Rejected): Answer {
	const { outcome, code } = rejection;
	switch (code) {
		case 'header_missing':
			return {
				status: 401,
				body: {
					outcome,
					code,
					message: `The header ${rejection.header} is missing or empty, so nothing proves that this came from Clerk.`,
					header: rejection.header,
					check: [
						'Did Clerk send this? Only deliveries that Clerk signed are accepted.',
						`Does a proxy in front of n8n remove the header ${rejection.header}?`,
					],
				},
			};
		case 'timestamp_malformed':
			return {
				status: 401,
				body: {
					outcome,
					code,
					message: 'The timestamp header is not a whole number of seconds.',
					check: ['Does a proxy in front of n8n change the headers?'],
				},
			};
		case 'timestamp_too_old':
		case 'timestamp_too_new': {
			const direction = code === 'timestamp_too_old' ? 'behind' : 'ahead of';
			return {
				status: 401,
				body: {
					outcome,
					code,
					message: `The delivery's timestamp is ${rejection.secondsOff} seconds ${direction} the clock of n8n; ${rejection.toleranceSeconds} seconds are allowed.`,
					secondsOff: rejection.secondsOff,
					toleranceSeconds: rejection.toleranceSeconds,
					check: [
						'Is the clock of the machine that runs n8n correct? Synchronize it (NTP).',
						'Was an old delivery sent again by something other than Clerk? Use Replay in the Clerk Dashboard, which signs it again.',
					],
				},
			};
		}
		case 'signature_mismatch':
			return {
				status: 401,
				body: {
					outcome,
					code,
					message: "The signature does not match the body and the signing secret in the Clerk Trigger's credential.",
					check: [
						'Is it the signing secret of this endpoint? Every endpoint in Clerk has its own, and development and production have different endpoints.',
						'Was the secret rotated in Clerk? Paste the new one, and keep the old one as Previous Signing Secret for a day.',
						'Does a proxy or gateway in front of n8n change the body, for example by reformatting the JSON?',
					],
				},
			};
		case 'body_unreadable':
			return {
				status: 401,
				body: {
					outcome,
					code,
					message: 'The raw body could not be read, so its signature could not be checked.',
					check: [
						'Was it sent as application/json, as Clerk does, and is it smaller than the limit of n8n (16 MB, N8N_PAYLOAD_SIZE_MAX)?',
					],
				},
			};
		case 'body_not_json':
			return { status: 400, body: { outcome, code, message: 'The body is signed but is not JSON.', check: [RESHAPED] } };
		case 'body_not_object':
			return {
				status: 400,
				body: { outcome, code, message: 'The body is signed JSON but is not an object.', check: [RESHAPED] },
			};
		case 'type_missing':
			return { status: 400, body: { outcome, code, message: 'The body is signed but names no event type.', check: [RESHAPED] } };
	}
}
