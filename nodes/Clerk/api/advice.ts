import { NOT_POSSIBLE, NOT_SENT, UNEXPECTED_ANSWER, UNKNOWN_REGION } from './failure';
import type { Failure } from './failure';

/** What went wrong, as a sentence. */
export function sentenceOf({ failed, service, status, code, said }: Failure): string {
	// Our own code means nothing to a person.
	const named = code === null || code === UNEXPECTED_ANSWER || code === NOT_SENT ? '' : ` ${code}`;
	const answered = status === null ? said : `${service} answered ${status}${named}: ${said}`;
	return `Could not ${failed}: ${answered.replace(/[.\s]+$/, '')}.`;
}

/** What to do about it, decided by step, status and code, since the words of other services change. */
function adviceFor(failure: Failure): string {
	const { step, service, status, code } = failure;
	if (code === UNKNOWN_REGION) return ENTER_PORTAL_URL;
	if (code === NOT_POSSIBLE) return '';
	const isWrite = step === 'write' || step === 'writeOnce';
	if (isWrite && status === 403) {
		return 'Clerk does not allow it: the feature may be switched off for this instance, or the secret key may not cover it.';
	}
	if (step === 'writeOnce' && code !== NOT_SENT && (status === null || status >= 500)) return UNKNOWN_OUTCOME;
	if (service === 'Clerk' && (status === 401 || status === 403)) {
		return 'Check the secret key in the Clerk API credential: it may have been deleted, or it belongs to another application.';
	}
	if (status === 429) return 'There were too many requests. Wait a minute and try again.';
	if (status === null && code === UNEXPECTED_ANSWER) {
		return 'Clerk may have changed its API. Check for a newer version of this package.';
	}
	if (status === null || status >= 500) return 'Try again in a few minutes.';
	// Not a refusal, but of no use either: something else answers at this address.
	if (status < 400) return addressOf(failure);
	return adviceOfStep(failure, status);
}

function adviceOfStep(failure: Failure, status: number): string {
	const { step, code } = failure;
	const mayNot = status === 401 || status === 403;
	switch (step) {
		case 'readUser':
			return WRONG_ID;
		case 'write':
		case 'writeOnce':
			if (status === 402) return "The plan of your Clerk application doesn't include it.";
			return status === 404 ? WRONG_ID : 'Look at the fields of this node.';
		case 'listMessages':
			if (mayNot) {
				return 'Clerk does not let this key read events, only states: use Contact: Get Changed Since in place of Event: Get Many.';
			}
			return addressOf(failure);
		case 'readMembers':
			return status === 404 ? WRONG_ID : FILTERS;
		case 'resumeList':
			return status === 404 ? RESUME : `${RESUME} ${FILTERS}`;
		case 'readList':
		case 'countUsers':
			return status === 404 ? addressOf(failure) : FILTERS;
		case 'testKey':
		case 'readInstance':
			return addressOf(failure);
		case 'getLink':
		case 'switchOnWebhooks':
		case 'readLink':
			return status === 404 ? addressOf(failure) : 'Set up the endpoint manually.';
		case 'signIn':
			return 'The link works only once and for a short time. Try again.';
		case 'autoConfigure':
			return 'Copy a new AutoConfig token from the endpoint in the Clerk Dashboard.';
		case 'findEndpoint':
		case 'listEndpoints':
		case 'signOut':
			return mayNot ? 'Clerk does not allow this key to read endpoints.' : addressOf(failure);
		case 'createEndpoint':
		case 'updateEndpoint':
		case 'removeEndpoint':
		case 'fetchSecret':
			if (mayNot) return LOOK_ONLY;
			if (status === 404) return step === 'createEndpoint' ? addressOf(failure) : GONE;
			if (status === 409 || status === 402 || /quota|limit|maximum/i.test(code ?? '')) {
				return 'In the Clerk Dashboard, open Configure > Webhooks and remove the endpoints that you no longer need.';
			}
			return 'Check Events to Receive in this node: Clerk may not know one of the events.';
		case 'sendExample':
			if (mayNot) return LOOK_ONLY;
			return status === 404
				? `${GONE.slice(0, -1)}, or Clerk has no example of this event.`
				: 'Clerk may have no example of this event.';
		case 'listAttempts':
			if (status === 404) return GONE;
			return `${mayNot ? 'Clerk does not allow this key to read deliveries. ' : ''}In the Clerk Dashboard, open Configure > Webhooks, then the endpoint: they are listed under Message Attempts.`;
		case 'recover':
			if (mayNot) return LOOK_ONLY;
			return status === 404 ? GONE : 'Choose a later time for Since: Clerk keeps deliveries for only a few days.';
	}
}

const ENTER_PORTAL_URL = 'Enter the Webhook Portal URL in the advanced fields of the Clerk API credential.';
const FILTERS = 'Check the filters of this node.';
const UNKNOWN_OUTCOME =
	'Nobody knows whether it was done, so it was not tried again. Look in the Clerk Dashboard before you run this node again.';
const WRONG_ID = 'Check the ID, and whether the secret key belongs to the same Clerk instance.';
const RESUME =
	'Check Resume After User: the user may have been deleted. Use the complete resumeAfter value that this node returned, or leave the field empty to start with the first user.';
const GONE = 'The endpoint may have been removed in Clerk.';
const LOOK_ONLY = 'Clerk allows this key to read endpoints, but not to change them.';

function addressOf({ service }: Failure): string {
	const what = service === 'Clerk' ? 'the API URL' : 'the Webhook Portal URL';
	return `Check ${what} in the advanced fields of the Clerk API credential.`;
}

/** What went wrong and what to do about it. */
export function explain(failure: Failure): string {
	return `${sentenceOf(failure)} ${adviceFor(failure)}`.trim();
}
