import { OTHER_SECRET, SECRET } from '../../support/deliveries';
import type { N8n } from '../../support/n8n';
import type { Answer, Ready } from '../load';
import { sendAll } from '../load';
import type { Lane } from '../slice';
import { bodies, clerkEvent, gitHubEvent, nextUser, stripeEvent } from './bodies';
import type { Services } from './services';
import { gitHubSignature, stripeSignature, SvixSigner } from './signing';
import { BEGINNINGS, workflowBehind } from './workflows';
import type { Credentials, Door, Ending } from './workflows';

/** What is done with a delivery: a late one is a sign-up after a newer state; a mix is wanted and unwanted ones in turn. */
export type Delivery = 'accepted' | 'late' | 'ignored' | 'forged' | 'duplicate' | 'mix';

export interface DoorLane extends Lane {
	readonly door: Door;
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
/** How our trigger answers, in words too. */
export const says =
	(status: number, ...outcomes: string[]) =>
	(answer: Answer) =>
		answer.status === status && outcomes.some((outcome) => answer.text.includes(`"outcome":"${outcome}"`));

type Made = Pick<DoorLane, 'delivery' | 'next' | 'isRight' | 'executions'>;

/** What is sent to each door, and what has to come of it. */
async function lanesOf(door: Door, url: string, secret: string): Promise<Made[]> {
	const lane = (delivery: Delivery, next: () => Ready, isRight: Made['isRight'], executions: number): Made => {
		return { delivery, next, isRight, executions };
	};
	switch (door) {
		case 'ours': {
			const first = svix(wanted(nextUser()));
			const [answer] = await sendAll(url, [first], 1, 1);
			if (!answer || !says(200, 'accepted')(answer)) throw new Error(`The first delivery was answered ${answer?.text}`);
			const again = () => svix(first.body, genuine, first.headers['svix-id']);
			const [user, later] = [nextUser(), says(200, 'accepted')];
			const [newer] = await sendAll(url, [svix(changed(user))], 1, 1);
			if (!newer || !later(newer)) throw new Error(`The newer state was answered ${newer?.text}`);
			const isLate = (answer: Answer) => later(answer) && answer.text.includes('"outOfDate":["contact_fields"]');
			return [
				lane('accepted', accepted, says(200, 'accepted'), 1),
				lane('late', () => accepted(wanted(user)), isLate, 1),
				lane('ignored', ignored, says(200, 'ignored'), 0),
				lane('forged', forged, says(401, 'rejected'), 0),
				lane('duplicate', again, says(200, 'duplicate'), 0),
				lane('mix', mixed(), says(200, 'accepted', 'ignored'), 0.5),
			];
		}
		case 'every option on':
			return [lane('accepted', accepted, says(200, 'accepted'), 1)];
		case 'Webhook':
			return [lane('accepted', accepted, ok, 1)];
		case 'Webhook with a credential': {
			const withHeader = () => {
				const { headers, body } = accepted();
				return { headers: { ...headers, ...HEADER }, body };
			};
			return [lane('accepted', withHeader, ok, 1)];
		}
		case 'made by hand':
			return [
				lane('accepted', accepted, ok, 1),
				lane('ignored', ignored, ok, 1),
				lane('forged', forged, ok, 1),
				lane('mix', mixed(), ok, 1),
			];
		case 'Stripe Trigger': {
			const signed = (with_: string) => () => {
				const body = stripe(nextUser());
				return { headers: { 'stripe-signature': stripeSignature(with_, Date.now(), body) }, body };
			};
			return [lane('accepted', signed(secret), ok, 1), lane('forged', signed('another'), refused, 0)];
		}
		case 'GitHub Trigger': {
			const signed = (with_: string) => () => {
				const body = gitHub(nextUser());
				return { headers: { 'x-github-event': 'star', 'x-hub-signature-256': gitHubSignature(with_, body) }, body };
			};
			return [lane('accepted', signed(secret), ok, 1), lane('forged', signed('another'), refused, 0)];
		}
	}
}

/** The credentials that the doors need, in an n8n that was just set up. */
export async function createCredentials(n8n: N8n, services: Services): Promise<Credentials> {
	const clerk = await n8n.createCredential('Clerk', { signingSecret: SECRET, previousSigningSecret: '' });
	const stripe = await n8n.createCredential('Stripe', { secretKey: 'sk_test_1', signatureSecret: '' }, 'stripeApi');
	const api = { server: services.url, user: 'octocat', accessToken: 'token' };
	const [[name, value] = ['', '']] = Object.entries(HEADER);
	const headerAuth = await n8n.createCredential('Header', { name, value }, 'httpHeaderAuth');
	return { clerk, stripe, gitHub: await n8n.createCredential('GitHub', api, 'githubApi'), headerAuth };
}

/**
 * Sets a door up, with this behind it.
 * @returns a lane for each kind of delivery that makes a difference at this door
 */
export async function openDoor(
	n8n: N8n,
	door: Door,
	ending: Ending,
	credentials: Credentials,
	services: Services,
): Promise<DoorLane[]> {
	const beginning = BEGINNINGS[door](credentials);
	const [first] = beginning.nodes;
	const id = await n8n.createWorkflow(
		workflowBehind(`${door}, ${typeof ending === 'string' ? ending : 'Postgres'}`, beginning, ending),
	);
	await n8n.api('POST', `/workflows/${id}/activate`);
	const path = beginning.path === null ? String(first?.parameters['path']) : `${first?.webhookId}/${beginning.path}`;
	const url = `${n8n.url}/webhook/${path}`;
	await n8n.untilRegistered(url);
	const secret = ['Stripe Trigger', 'GitHub Trigger'].includes(door) ? await services.untilSecret(url) : '';
	const made = await lanesOf(door, url, secret);
	return made.map((lane) => ({ ...lane, door, url, name: laneName(door, lane.delivery) }));
}

export function laneName(door: Door, delivery: Delivery): string {
	return `${door}, ${delivery}`;
}
