import type { Failure } from './call';
import { LOOK_AT_DELIVERIES } from './portal';

/** What went wrong, as a sentence. */
export function sentenceOf({ failed, service, status, code, said }: Failure): string {
	const answered = status === null ? said : `${service} answered ${status}${code === null ? '' : ` ${code}`}: ${said}`;
	return `Could not ${failed}: ${answered.replace(/[.\s]+$/, '')}.`;
}

/** What to do about it. */
function adviceFor({ failed, service, status, code, said }: Failure): string {
	if (said.includes('region')) {
		return 'Write the address of the webhook portal into the advanced fields of the Clerk API credential.';
	}
	if (service === 'Clerk' && (status === 401 || status === 403)) {
		return 'Check the secret key in the Clerk API credential: it may have been deleted, or belong to another application.';
	}
	if (status === 429) return 'There were too many calls. Wait a minute and try again.';
	if (status === null || status >= 500) return 'Try again in a few minutes.';
	if (failed.startsWith('read')) {
		return status === 404
			? 'Check the ID, and whether the secret key belongs to the same Clerk instance.'
			: 'Look at the filters of this node.';
	}
	if (failed.startsWith('sign in')) return 'The link works once, for a short time. Try again.';
	if (failed.includes('AutoConfig')) return 'Copy a new AutoConfig token from the endpoint in the Clerk Dashboard.';
	if (failed === LOOK_AT_DELIVERIES && status !== 404) {
		const refused = status === 401 || status === 403 ? 'Clerk does not let this key look at deliveries. ' : '';
		return `${refused}In the Clerk Dashboard, open Configure > Webhooks and the endpoint: they are listed under Message Attempts.`;
	}
	if (status === 404) {
		return service === 'Clerk'
			? 'Look at the API URL in the advanced fields of the Clerk API credential.'
			: 'The endpoint may have been removed in Clerk, or Clerk has no example of this event.';
	}
	if (status === 401 || status === 403) return 'Clerk lets this key look at endpoints, but not change them.';
	if (status === 409 || status === 402 || /quota|limit|maximum/i.test(`${code} ${said}`)) {
		return 'Look at the endpoints in the Clerk Dashboard under Configure > Webhooks, and remove what is not needed.';
	}
	return 'Look at Events to Receive in this node: Clerk may not know one of them.';
}

/** Both in one. */
export function explain(failure: Failure): string {
	return `${sentenceOf(failure)} ${adviceFor(failure)}`;
}
