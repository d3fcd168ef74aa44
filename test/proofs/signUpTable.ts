import { randomUUID } from 'node:crypto';

import type { ClerkBody } from '../support/deliveries';
import { TRIGGER_TYPE } from '../support/n8n';
import type { Workflow, WorkflowNode } from '../support/n8n';
import type { Database } from '../support/postgres';
import type { Attempt, Message } from '../support/svixSender';

/** The event of a sign-up, by the name that a mapping gives it. */
const EVENT = 'newClerkUser';

const TABLE = `CREATE TABLE sign_ups (
	event_id text PRIMARY KEY,
	user_id text NOT NULL,
	name text NOT NULL,
	times integer NOT NULL DEFAULT 1
)`;

const STORE = `INSERT INTO sign_ups (event_id, user_id, name) VALUES ($1, $2, $3)
ON CONFLICT (event_id) DO UPDATE SET times = sign_ups.times + 1`;

/** Adds a second branch to a workflow that stores contacts: it writes the event of each sign-up, as its users would. */
export function withSignUps(workflow: Workflow): Workflow {
	const trigger = workflow.nodes.find(({ type }) => type === TRIGGER_TYPE);
	const postgres = workflow.nodes.find(({ type }) => type === 'n8n-nodes-base.postgres');
	const contacts = trigger && workflow.connections[trigger.name]?.main[0];
	if (!contacts || !postgres) throw new Error('The workflow does not store contacts in Postgres');
	trigger.parameters['output'] = 'split';
	trigger.parameters['mappings'] = {
		mapping: [
			{ events: ['user.created'], eventName: EVENT },
			{ events: ['user.updated', 'user.deleted'], event: 'none' },
		],
	};
	const store: WorkflowNode = {
		...postgres,
		id: randomUUID(),
		name: 'Store Sign-Up',
		// Below the contacts: n8n runs the branches from top to bottom.
		position: [240, 600],
		parameters: {
			operation: 'executeQuery',
			query: STORE,
			options: { queryReplacement: '={{ [$json.id, $json.userId, $json.name] }}' },
		},
	};
	workflow.nodes.push(store);
	workflow.connections[trigger.name] = { main: [contacts, [{ node: store.name, type: 'main', index: 0 }]] };
	return workflow;
}

/** Whose event is not there exactly once; each a list of user ids. */
export interface WrongSignUps {
	/** It is not there, though the user was not deleted before it could come in. */
	missing: string[];
	/** It is there under several ids. */
	doubled: string[];
	/** It is of no sign-up that was sent, or has another name. */
	unknown: string[];
}

export const NO_WRONG_SIGN_UPS: WrongSignUps = { missing: [], doubled: [], unknown: [] };

/** The events that reached the table, and what the sender knows of them. */
export interface FoundSignUps {
	wrong: WrongSignUps;
	figures: {
		signUps: number;
		/** Those that came after a newer state of their user, and were accepted. */
		lateSignUps: number;
		/** Those that came when their user was gone. */
		signUpsAfterDeletion: number;
		/** How often an event was written: more than once where its execution was repeated. */
		eventsWritten: number;
		usersWithOneEvent: number;
	};
}

/** The table to which the sign-ups go, in which a unique column makes one of an event that comes again. */
export class SignUps {
	private constructor(private readonly database: Database) {}

	static async create(database: Database): Promise<SignUps> {
		await database.query(TABLE);
		return new SignUps(database);
	}

	async compare(messages: readonly Message[]): Promise<FoundSignUps> {
		const rows = await this.database.query<{ event_id: string; user_id: string; name: string; times: number }>(
			'SELECT * FROM sign_ups ORDER BY user_id COLLATE "C"',
		);
		const sent = new Map(sentOf('user.created', messages).map(({ user, id }) => [user, id]));
		const gone = deletedBefore(messages);
		const found = new Map(rows.map(({ user_id: user, event_id: id, name }) => [user, name === EVENT ? id : null]));
		const wrong = {
			missing: [...sent.keys()].filter((user) => !found.has(user) && !gone.includes(user)),
			doubled: rows.filter(({ user_id: user }, index) => rows[index - 1]?.user_id === user).map(({ user_id: user }) => user),
			unknown: [...found].filter(([user, id]) => sent.get(user) !== id).map(([user]) => user),
		};
		return {
			wrong,
			figures: {
				signUps: sent.size,
				lateSignUps: late(messages).length,
				signUpsAfterDeletion: gone.length,
				eventsWritten: rows.reduce((sum, { times }) => sum + times, 0),
				usersWithOneEvent: found.size - wrong.doubled.length - wrong.unknown.length,
			},
		};
	}
}

interface Tried {
	readonly user: string;
	/** `svix-id`. */
	readonly id: string;
	readonly attempts: readonly Attempt[];
}

/** The messages of one type, those with one id together. */
function sentOf(type: string, messages: readonly Message[]): Tried[] {
	const byId = new Map<string, Tried>();
	for (const { id, body, attempts } of messages) {
		const { type: is, data } = JSON.parse(body) as ClerkBody;
		if (is === type) byId.set(id, { id, user: data['id'] as string, attempts: [...(byId.get(id)?.attempts ?? []), ...attempts] });
	}
	return [...byId.values()];
}

const accepted = ({ outcome }: Attempt) => outcome === 'accepted';

/** Those whose sign-up and whose other message (of this type) were tried so, by the sender's record. */
function usersWhose(type: string, messages: readonly Message[], match: (signUp: Tried, others: readonly Attempt[]) => boolean) {
	const others = sentOf(type, messages);
	return sentOf('user.created', messages)
		.filter((signUp) => {
			const attempts = others.filter(({ user }) => user === signUp.user).flatMap((other) => other.attempts);
			return match(signUp, attempts);
		})
		.map(({ user }) => user);
}

/** Whose sign-up was accepted and came after a newer state that was accepted too. */
function late(messages: readonly Message[]): string[] {
	return usersWhose('user.updated', messages, ({ attempts }, updates) =>
		attempts.some((attempt) => accepted(attempt) && updates.some((update) => accepted(update) && update.began < attempt.began)),
	);
}

/**
 * Whose deletion came before their sign-up could: the sign-up was answered `stale` and never accepted, and by then the
 * deletion was under way, with an answer that says it was accepted or with one that was lost.
 */
function deletedBefore(messages: readonly Message[]): string[] {
	return usersWhose('user.deleted', messages, ({ attempts }, deletions) => {
		const stale = attempts.find(({ outcome }) => outcome === 'stale');
		if (!stale || attempts.some(({ outcome }) => outcome === 'accepted' || outcome === 'duplicate')) return false;
		return deletions.some((deletion) => deletion.began < stale.ended && (accepted(deletion) || deletion.failure !== null));
	});
}
