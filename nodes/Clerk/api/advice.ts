import { NOT_SENT, UNEXPECTED_ANSWER, UNKNOWN_REGION } from './failure';
import type { Failure } from './failure';

/** What went wrong, as a sentence. */
export function sentenceOf({ failed, service, status, code, said }: Failure): string {
	// Our own code says nothing to a person.
	const named = code === null || code === UNEXPECTED_ANSWER || code === NOT_SENT ? '' : ` ${code}`;
	const answered = status === null ? said : `${service} answered ${status}${named}: ${said}`;
	return `Could not ${failed}: ${answered.replace(/[.\s]+$/, '')}.`;
}

/** What to do about it. Decided by step, status and code: words come from others and change. */
function adviceFor(failure: Failure): string {
	const { step, service, status, code } = failure;
	if (code === UNKNOWN_REGION) return `Write ${PORTAL_ADDRESS}.`;
	const isWrite = step === 'write' || step === 'writeOnce';
	if (isWrite && status === 403) {
		return 'Clerk does not allow it: the feature may be switched off for this instance, or the secret key may not cover it.';
	}
	if (step === 'writeOnce' && code !== NOT_SENT && (status === null || status >= 500)) return UNKNOWN_OUTCOME;
	if (service === 'Clerk' && (status === 401 || status === 403)) {
		return 'Check the secret key in the Clerk API credential: it may have been deleted, or belong to another application.';
	}
	if (status === 429) return 'There were too many calls. Wait a minute and try again.';
	if (status === null && code === UNEXPECTED_ANSWER) {
		return 'Clerk may have changed what it answers. Look for a newer version of this package.';
	}
	if (status === null || status >= 500) return 'Try again in a few minutes.';
	// It was no refusal, and still of no use: something else answers there.
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
			return status === 404 ? addressOf(failure) : 'Set the endpoint up by hand.';
		case 'signIn':
			return 'The link works once, for a short time. Try again.';
		case 'autoConfigure':
			return 'Copy a new AutoConfig token from the endpoint in the Clerk Dashboard.';
		case 'findEndpoint':
		case 'listEndpoints':
		case 'signOut':
			return mayNot ? 'Clerk does not let this key look at endpoints.' : addressOf(failure);
		case 'createEndpoint':
		case 'updateEndpoint':
		case 'removeEndpoint':
		case 'fetchSecret':
			if (mayNot) return LOOK_ONLY;
			if (status === 404) return step === 'createEndpoint' ? addressOf(failure) : GONE;
			if (status === 409 || status === 402 || /quota|limit|maximum/i.test(code ?? '')) {
				return 'Look at the endpoints in the Clerk Dashboard under Configure > Webhooks, and remove what is not needed.';
			}
			return 'Look at Events to Receive in this node: Clerk may not know one of them.';
		case 'sendExample':
			if (mayNot) return LOOK_ONLY;
			return status === 404
				? `${GONE.slice(0, -1)}, or Clerk has no example of this event.`
				: 'Clerk may have no example of this event.';
		case 'listAttempts':
			if (status === 404) return GONE;
			return `${mayNot ? 'Clerk does not let this key look at deliveries. ' : ''}In the Clerk Dashboard, open Configure > Webhooks and the endpoint: they are listed under Message Attempts.`;
		case 'recover':
			if (mayNot) return LOOK_ONLY;
			return status === 404 ? GONE : 'Choose a later time as Since: Clerk keeps deliveries for some days only.';
	}
}

const PORTAL_ADDRESS = 'the address of the webhook portal into the advanced fields of the Clerk API credential';
const FILTERS = 'Look at the filters of this node.';
const UNKNOWN_OUTCOME =
	'Nobody knows whether it was done, so it was not tried again. Look in the Clerk Dashboard before you run this node again.';
const WRONG_ID = 'Check the ID, and whether the secret key belongs to the same Clerk instance.';
const RESUME =
	'Check Resume After User: the user may have been deleted. Use the whole resumeAfter that this node gave, or leave it empty to begin with the first user.';
const GONE = 'The endpoint may have been removed in Clerk.';
const LOOK_ONLY = 'Clerk lets this key look at endpoints, but not change them.';

function addressOf({ service }: Failure): string {
	const what = service === 'Clerk' ? 'the API URL' : 'the address of the webhook portal';
	return `Look at ${what} in the advanced fields of the Clerk API credential.`;
}

/** Both in one. */
export function explain(failure: Failure): string {
	return `${sentenceOf(failure)} ${adviceFor(failure)}`;
}
