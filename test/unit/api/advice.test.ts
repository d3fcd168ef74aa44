import { explain } from '../../../nodes/Clerk/api/advice';
import { Failure } from '../../../nodes/Clerk/api/failure';
import type { FailureDetails } from '../../../nodes/Clerk/api/failure';

const CREDENTIAL = /Check the secret key in the Clerk API credential/;
const API_URL = /Check the API URL in the advanced fields of the Clerk API credential/;
const PORTAL_ADDRESS = /the Webhook Portal URL in the advanced fields of the Clerk API credential/;
const LATER = /Try again in a few minutes/;

/** Words that once decided, in an answer that has nothing to do with them. */
const WORDS = 'no region within the limit of your quota';

test.each<[Partial<FailureDetails> & Pick<FailureDetails, 'step' | 'service' | 'status'>, RegExp]>([
	[{ step: 'readLink', service: 'Clerk', status: null, code: 'unknown_region' }, PORTAL_ADDRESS],
	[{ step: 'readLink', service: 'Clerk', status: null, code: 'unexpected_answer' }, /Check for a newer version of this package/],
	[{ step: 'getLink', service: 'Clerk', status: 401 }, CREDENTIAL],
	[{ step: 'getLink', service: 'Clerk', status: 404 }, API_URL],
	[{ step: 'getLink', service: 'Clerk', status: 400 }, /Set up the endpoint manually/],
	[{ step: 'getLink', service: 'Clerk', status: 502 }, LATER],
	[{ step: 'signIn', service: 'the webhook portal', status: 400 }, /The link works only once/],
	[{ step: 'autoConfigure', service: 'the webhook portal', status: 404 }, /Copy a new AutoConfig token/],
	[{ step: 'createEndpoint', service: 'the webhook portal', status: 200 }, PORTAL_ADDRESS],
	[{ step: 'createEndpoint', service: 'the webhook portal', status: 404 }, PORTAL_ADDRESS],
	[{ step: 'createEndpoint', service: 'the webhook portal', status: 403 }, /not to change them/],
	[{ step: 'createEndpoint', service: 'the webhook portal', status: 409 }, /remove the endpoints that you no longer need/],
	[
		{ step: 'createEndpoint', service: 'the webhook portal', status: 400, code: 'endpoint_quota_exceeded' },
		/remove the endpoints that you no longer need/,
	],
	[{ step: 'createEndpoint', service: 'the webhook portal', status: 422 }, /Check Events to Receive/],
	[{ step: 'updateEndpoint', service: 'the webhook portal', status: 404 }, /The endpoint may have been removed in Clerk/],
	[{ step: 'findEndpoint', service: 'the webhook portal', status: 403 }, /does not allow this key to read endpoints/],
	[{ step: 'sendExample', service: 'the webhook portal', status: 404 }, /or Clerk has no example of this event/],
	[{ step: 'sendExample', service: 'the webhook portal', status: 422 }, /Clerk may have no example of this event/],
	[{ step: 'recover', service: 'the webhook portal', status: 422 }, /Choose a later time for Since/],
	[{ step: 'readInstance', service: 'Clerk', status: 404 }, API_URL],
	[{ step: 'readUser', service: 'Clerk', status: 404 }, /Check the ID/],
	[{ step: 'readMembers', service: 'Clerk', status: 404 }, /Check the ID/],
	[{ step: 'resumeList', service: 'Clerk', status: 404 }, /Check Resume After User/],
	[{ step: 'readList', service: 'Clerk', status: 404 }, API_URL],
	[{ step: 'readList', service: 'Clerk', status: 200, code: 'unexpected_answer' }, API_URL],
	[{ step: 'readList', service: 'Clerk', status: 422 }, /Check the filters/],
	[{ step: 'readList', service: 'Clerk', status: 429 }, /Wait a minute/],
	[{ step: 'readList', service: 'Clerk', status: null }, LATER],
])('D5: %j is answered by its step and code, whatever the words are', (failure, advice) => {
	const explained = explain(new Failure({ code: null, said: WORDS, ...failure }));
	expect(explained).toMatch(advice);
	expect(explained).toMatch(/^Could not .*: .*no region within the limit of your quota\. [A-Z].*\.$/);
});
