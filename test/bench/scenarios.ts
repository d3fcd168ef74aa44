import { OTHER_SECRET, SECRET } from '../support/deliveries';
import type { N8n } from '../support/n8n';
import {
	bodies,
	clerkEvent,
	gitHubEvent,
	gitHubSignature,
	nextUser,
	stripeEvent,
	stripeSignature,
	SvixSigner,
} from './deliveries';
import { sendAll } from './load';
import type { Answer, Ready } from './load';
import type { Traffic } from './sample';
import type { StripeAndGitHub } from './stripeAndGitHub';
import { STARTS, workflowOf } from './triggers';
import type { Credentials, Next } from './triggers';

/** The triggers that are compared. */
export type TriggerName =
	| 'Clerk Trigger'
	| 'Clerk Trigger, all options'
	| 'Webhook node'
	| 'Webhook node, header auth'
	| 'Stripe Trigger'
	| 'GitHub Trigger'
	| 'Webhook and Code nodes';

/** A late delivery is a sign-up after a newer state of the user; of mixed ones every second is unwanted. */
export type Delivery = 'accepted' | 'late' | 'ignored' | 'forged' | 'duplicate' | 'mixed';

/** Deliveries of one kind to one trigger. */
export interface Scenario extends Traffic {
	readonly trigger: TriggerName;
	readonly delivery: Delivery;
}

const genuine = new SvixSigner(SECRET);
const foreign = new SvixSigner(OTHER_SECRET);

let messages = 0;
const nextMessage = () => `msg_benchmark${String(++messages).padStart(8, '0')}`;

function svix(body: Buffer, signer = genuine, id = nextMessage()): Ready {
	return { headers: signer.headers(id, Date.now(), body), body };
}

const wanted = bodies(clerkEvent('user.created'));
const unwanted = bodies(clerkEvent('user.deleted'));
const changed = bodies((data) => clerkEvent('user.updated')({ ...data, updated_at: Date.UTC(2100, 0, 1) }));
const stripe = bodies(stripeEvent);
const gitHub = bodies(gitHubEvent);

/** What the Webhook node with a credential asks for. */
const HEADER = { 'x-token': 'a token of the benchmark' };

/** A genuine delivery from Clerk about a new user. */
export function accepted(body: Buffer = wanted(nextUser())): Ready {
	return svix(body);
}

export function forged(body: Buffer = wanted(nextUser())): Ready {
	return svix(body, foreign);
}

export function ignored(): Ready {
	return svix(unwanted(nextUser()));
}

/** Alternates, over all connections. */
function mixed(): () => Ready {
	let turn = 0;
	return () => (turn++ % 2 === 0 ? accepted() : ignored());
}

const ok = ({ status }: Answer) => status === 200;
const refused = ({ status }: Answer) => status === 401;
/** How the Clerk Trigger answers: with this status and outcome. */
export const says =
	(status: number, ...outcomes: string[]) =>
	(answer: Answer) =>
		answer.status === status && outcomes.some((outcome) => answer.text.includes(`"outcome":"${outcome}"`));

type Made = Pick<Scenario, 'delivery' | 'next' | 'isRight' | 'executions'>;

/** What is sent to each trigger, and what has to happen. */
async function trafficFor(trigger: TriggerName, url: string, secret: string): Promise<Made[]> {
	const traffic = (delivery: Delivery, next: () => Ready, isRight: Made['isRight'], executions: number): Made => {
		return { delivery, next, isRight, executions };
	};
	switch (trigger) {
		case 'Clerk Trigger': {
			const first = svix(wanted(nextUser()));
			const [answer] = await sendAll(url, [first], 1, 1);
			if (!answer || !says(200, 'accepted')(answer)) throw new Error(`The first delivery was answered ${answer?.text}`);
			const again = () => svix(first.body, genuine, first.headers['svix-id']);
			const [user, later] = [nextUser(), says(200, 'accepted')];
			const [newer] = await sendAll(url, [svix(changed(user))], 1, 1);
			if (!newer || !later(newer)) throw new Error(`The newer state was answered ${newer?.text}`);
			const isLate = (answer: Answer) => later(answer) && answer.text.includes('"outOfDate":["contact_fields"]');
			return [
				traffic('accepted', accepted, says(200, 'accepted'), 1),
				traffic('late', () => accepted(wanted(user)), isLate, 1),
				traffic('ignored', ignored, says(200, 'ignored'), 0),
				traffic('forged', forged, says(401, 'rejected'), 0),
				traffic('duplicate', again, says(200, 'duplicate'), 0),
				traffic('mixed', mixed(), says(200, 'accepted', 'ignored'), 0.5),
			];
		}
		case 'Clerk Trigger, all options':
			return [traffic('accepted', accepted, says(200, 'accepted'), 1)];
		case 'Webhook node':
			return [traffic('accepted', accepted, ok, 1)];
		case 'Webhook node, header auth': {
			const withHeader = () => {
				const { headers, body } = accepted();
				return { headers: { ...headers, ...HEADER }, body };
			};
			return [traffic('accepted', withHeader, ok, 1)];
		}
		case 'Webhook and Code nodes':
			return [
				traffic('accepted', accepted, ok, 1),
				traffic('ignored', ignored, ok, 1),
				traffic('forged', forged, ok, 1),
				traffic('mixed', mixed(), ok, 1),
			];
		case 'Stripe Trigger': {
			const signed = (with_: string) => () => {
				const body = stripe(nextUser());
				return { headers: { 'stripe-signature': stripeSignature(with_, Date.now(), body) }, body };
			};
			return [traffic('accepted', signed(secret), ok, 1), traffic('forged', signed('another'), refused, 0)];
		}
		case 'GitHub Trigger': {
			const signed = (with_: string) => () => {
				const body = gitHub(nextUser());
				return { headers: { 'x-github-event': 'star', 'x-hub-signature-256': gitHubSignature(with_, body) }, body };
			};
			return [traffic('accepted', signed(secret), ok, 1), traffic('forged', signed('another'), refused, 0)];
		}
	}
}

/** The credentials that the triggers need, in an n8n that was just set up. */
export async function createCredentials(n8n: N8n, services: StripeAndGitHub): Promise<Credentials> {
	const clerk = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	const stripe = await n8n.createCredential('Stripe', { secretKey: 'sk_test_1', signatureSecret: '' }, 'stripeApi');
	const api = { server: services.url, user: 'octocat', accessToken: 'token' };
	const [[name, value] = ['', '']] = Object.entries(HEADER);
	const headerAuth = await n8n.createCredential('Header', { name, value }, 'httpHeaderAuth');
	return { clerk, stripe, gitHub: await n8n.createCredential('GitHub', api, 'githubApi'), headerAuth };
}

/**
 * Publishes a workflow with the trigger.
 * @returns a scenario for each kind of delivery that makes a difference to this trigger
 */
export async function publish(
	n8n: N8n,
	trigger: TriggerName,
	next: Next,
	credentials: Credentials,
	services: StripeAndGitHub,
): Promise<Scenario[]> {
	const start = STARTS[trigger](credentials);
	const id = await n8n.createWorkflow(workflowOf(`${trigger}, ${typeof next === 'string' ? next : 'Postgres'}`, start, next));
	await n8n.api('POST', `/workflows/${id}/activate`);
	const [first] = start.nodes;
	const path = start.path === null ? String(first?.parameters['path']) : `${first?.webhookId}/${start.path}`;
	const url = `${n8n.url}/webhook/${path}`;
	await n8n.untilRegistered(url);
	const secret = ['Stripe Trigger', 'GitHub Trigger'].includes(trigger) ? await services.untilSecret(url) : '';
	const made = await trafficFor(trigger, url, secret);
	return made.map((traffic) => ({ ...traffic, trigger, url, name: `${trigger}, ${traffic.delivery}` }));
}
