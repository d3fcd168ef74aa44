import { NodeOperationError, sleep } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { explain } from '../api/advice';
import type { Backend, Query } from '../api/backend';
import { isFailure, UNEXPECTED_ANSWER, wasNotSent } from '../api/failure';
import type { Failure } from '../api/failure';
import { limitOf } from '../backfill/filters';
import { PAGE_SIZE, readList, readPage } from '../backfill/paging';
import type { List } from '../backfill/paging';
import { isObject, numberAt, objectsAt, textAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { createdAt } from './catalogue';
import { filled, find } from './locators';
import type { Look, Operation } from './operation';
import { collectionOf } from './parameters';
import { itemOf } from './results';
import type { Wanted } from './results';
import { valueOf } from './values';

/** How often a call with an unknown result is made at most, and the first pause before the next attempt, in ms. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;

/** How far n8n's clock may be behind Clerk's, in ms, for an object to count as made by the call. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Clerk may keep a time that it is given in whole seconds. */
const ROUNDED_BY_MS = 1_000;

/** What is asked of Clerk: all that was typed, read and found to be possible. */
interface Asked {
	/** For the path, by the fields' names. */
	readonly ids: Readonly<Record<string, string>>;
	/** The body, or for a list the query, by Clerk's names. */
	readonly sent: ClerkObject;
	/** What stays in the node, by Clerk's names. */
	readonly local: ClerkObject;
	/** Texts that no message may repeat. */
	readonly secrets: readonly string[];
}

/** Carries out the operations of the catalogue. */
export class Operator {
	constructor(
		private readonly context: IExecuteFunctions,
		private readonly backend: Backend,
	) {}

	/**
	 * Does what one item asks for.
	 * @returns what the item becomes
	 * @throws NodeOperationError that says what to do
	 */
	async run(row: Operation, itemIndex: number): Promise<IDataObject[]> {
		const asked = await this.asked(row, itemIndex);
		const { result } = row;
		if (typeof result === 'string') {
			this.orThrow(await this.carryOut(row, asked));
			return [result === 'deleted' ? { deleted: true } : { success: true }];
		}
		const wanted = this.wanted(itemIndex);
		if ('one' in result) {
			if (row.upsert) {
				const { user, created } = await this.createOrUpdate(row, asked);
				return [{ ...itemOf('user', user, wanted), created }];
			}
			return [itemOf(result.one, this.orThrow(await this.carryOut(row, asked)), wanted)];
		}
		const objects = row.each ? await this.carryOutEach(row, row.each, asked) : await this.list(row, asked, itemIndex);
		return objects.map((object) => itemOf(result.many, object, wanted));
	}

	private error(message: string): NodeOperationError {
		return new NodeOperationError(this.context.getNode(), message);
	}

	private orThrow<Answer>(answer: Answer | Failure): Answer {
		if (isFailure(answer)) throw this.error(explain(answer));
		return answer;
	}

	private wanted(itemIndex: number): Wanted {
		const options = this.collection('options', itemIndex);
		return {
			raw: this.context.getNodeParameter('simplify', itemIndex, true) === false,
			privateMetadata: options['includePrivateMetadata'] === true,
			link: options['includeLink'] === true,
		};
	}

	private collection(name: string, itemIndex: number): ClerkObject {
		const collection: unknown = this.context.getNodeParameter(name, itemIndex, {});
		return isObject(collection) ? collection : {};
	}

	private async asked(row: Operation, itemIndex: number): Promise<Asked> {
		const { context } = this;
		const collection = this.collection(collectionOf(row), itemIndex);
		const [ids, sent, local]: [Record<string, string>, Record<string, unknown>, Record<string, unknown>] = [{}, {}, {}];
		const secrets: string[] = [];
		for (const field of row.fields) {
			const { name, kind, as, place } = field;
			const given = place === 'collection' ? collection[name] : (context.getNodeParameter(name, itemIndex, undefined) as unknown);
			const read = valueOf(field, given, context.getTimezone());
			if (read === 'left') continue;
			if ('problem' in read) throw this.error(read.problem);
			let value: unknown;
			if ('named' in read) {
				const found = this.orThrow(await find(this.backend, kind as 'user', { ...read.named, ids }));
				if (typeof found !== 'string') throw this.error(found.problem);
				value = found;
			} else {
				value = read.value;
			}
			if (row.path.includes(`{${name}}`) || kind === 'organization') ids[name] = String(value);
			else if (field.local) local[as] = value;
			else sent[as] = value;
			// As it is sent: an expression can return dates, which become texts.
			if (kind === 'secret' || name === 'privateMetadata') secrets.push(...textsIn(JSON.parse(JSON.stringify(value))));
		}
		if ((row.method === 'PATCH' || row.operation === 'create') && Object.keys(sent).length === 0) {
			throw this.error('There is nothing to send. Fill in at least one field.');
		}
		return { ids, sent, local, secrets };
	}

	/** Makes a call, and makes it again as far as the row allows it. */
	private async carryOut(row: Operation, asked: Asked, body: object = asked.sent): Promise<ClerkObject | Failure> {
		const { method, repeat, action } = row;
		const { ids, secrets } = asked;
		const path = filled(row.path, ids);
		const hasBody = method !== 'GET' && method !== 'DELETE' && (Array.isArray(body) || Object.keys(body).length > 0);
		const started = Date.now();
		let isUnknown = false;
		for (let attempt = 1; ; attempt++) {
			const answer = await this.backend.send({
				step: repeat === 'no' ? 'writeOnce' : 'write',
				doing: doing(action),
				method,
				path,
				...(method === 'GET' ? { query: asked.sent as Query } : {}),
				...(hasBody ? { body } : {}),
				secrets,
			});
			if (!isFailure(answer)) return answer;
			if (!isBroken(answer)) {
				// Gone it was the first time.
				const isDone = isUnknown && row.method === 'DELETE' && answer.status === 404;
				return isDone ? {} : answer;
			}
			const notSent = wasNotSent(answer);
			isUnknown ||= !notSent;
			if (repeat === 'no' && !notSent) return answer;
			const isLast = attempt >= ATTEMPTS;
			if (!isLast) await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
			if (typeof repeat === 'object' && isUnknown) {
				const seen = await this.look(repeat, asked, started);
				if (seen === 'unknown' || isFailure(seen)) return answer.at('writeOnce');
				if (seen !== null) return seen;
			}
			if (isLast) return answer;
		}
	}

	/** @returns the object that shows that the call was carried out; null where there is none, `unknown` where nothing can show it */
	private async look(
		{ path, query, shows, isNew, isPaged }: Look,
		{ ids, sent }: Asked,
		started: number,
	): Promise<ClerkObject | null | 'unknown' | Failure> {
		const asked = query === undefined ? {} : query(sent, ids);
		if (asked === null) return 'unknown';
		const list: List = { path: filled(path, ids), name: 'list', step: 'readList' };
		const isOne = path.endsWith('}');
		const answer = isOne
			? await this.backend.get(list.step, list.path)
			: await (isPaged ? readList(this.backend, list, asked) : readPage(this.backend, list, null, asked));
		if (isFailure(answer)) return answer;
		const found = Array.isArray(answer) ? answer : [answer];
		if (isOne && !found.every(({ id }) => typeof id === 'string')) return 'unknown';
		// A user who is migrated has the time of the first sign-up. One whom an earlier run migrated was last changed before this one.
		const given = Date.parse(textAt(sent, 'created_at') ?? '');
		const isGiven = (time: number) => Math.abs(time - given) < ROUNDED_BY_MS;
		const isRecent = (time: number) => time >= started - CLOCK_TOLERANCE_MS;
		const isMade = (object: ClerkObject) => {
			const changed = numberAt(object, 'updated_at') ?? given;
			return isRecent(createdAt(object)) || (isGiven(createdAt(object)) && (isRecent(changed) || isGiven(changed)));
		};
		return found.find((object) => shows(object, sent, ids) && (!isNew || isMade(object))) ?? null;
	}

	/** One call for many values of a field. */
	private async carryOutEach(
		row: Operation,
		{ field, most }: NonNullable<Operation['each']>,
		asked: Asked,
	): Promise<ClerkObject[]> {
		const { [field]: listed, ...rest } = asked.sent;
		const values = Array.isArray(listed) ? (listed as unknown[]) : [];
		const made: ClerkObject[] = [];
		for (let from = 0; from < values.length; from += most) {
			const body = values.slice(from, from + most).map((value) => ({ [field]: value, ...rest }));
			const answer = await this.carryOut(row, asked, body);
			if (isFailure(answer)) {
				const before = from === 0 ? '' : ` The first ${from} of ${values.length} had been done before.`;
				throw this.error(explain(answer) + before);
			}
			made.push(...objectsAt(answer, 'data'));
		}
		return made;
	}

	private async list(row: Operation, { ids, sent }: Asked, itemIndex: number): Promise<ClerkObject[]> {
		const most = this.most(itemIndex);
		const name = doing(row.action).replace(/^get many /, '');
		const list: List = { path: filled(row.path, ids), name, step: 'readList' };
		const query = sent as Query;
		if (row.unpaged || most <= PAGE_SIZE) {
			const page: Query = row.unpaged ? {} : { limit: most };
			return this.orThrow(await readPage(this.backend, list, null, { ...query, ...page })).slice(0, most);
		}
		return this.orThrow(await readList(this.backend, list, query, most));
	}

	private most(itemIndex: number): number {
		if (this.context.getNodeParameter('returnAll', itemIndex, false) === true) return Infinity;
		const most = limitOf(this.context.getNodeParameter('limit', itemIndex, ''));
		if (typeof most === 'string') throw this.error(most);
		return most;
	}

	/** Looks whether the user is there, then creates or changes it. */
	private async createOrUpdate(row: Operation, asked: Asked): Promise<{ user: ClerkObject; created: boolean }> {
		const { match_by: by, match_value: value } = asked.local;
		const mode = by === 'email_address' ? 'email' : 'externalId';
		const lookUp = async () => {
			const found = this.orThrow(await find(this.backend, 'user', { mode, value: String(value), ids: {} }));
			if (typeof found === 'string') return found;
			// Of several, none is the right one, and another one would be wrong too.
			if (!found.isMissing) throw this.error(found.problem);
			return null;
		};
		const { email_address: emails, skip_password_requirement: withoutPassword, ...both } = asked.sent;
		if (mode === 'externalId' && both['external_id'] !== undefined && both['external_id'] !== value) {
			// Otherwise the user would not be found the next time, and be created again.
			throw this.error(
				'External ID differs from Match Value. Leave External ID empty: Match Value is the external ID of the user.',
			);
		}
		let user = await lookUp();
		if (user === null) {
			const all = [...(mode === 'email' ? [value] : []), ...(Array.isArray(emails) ? (emails as unknown[]) : [])];
			const sent = {
				...both,
				...(mode === 'externalId' ? { external_id: value } : {}),
				...(all.length > 0 ? { email_address: [...new Set(all)] } : {}),
				...(withoutPassword === undefined ? {} : { skip_password_requirement: withoutPassword }),
			};
			const created = await this.carryOut(row, { ...asked, sent });
			if (!isFailure(created)) return { user: created, created: true };
			// Somebody else created it in between.
			user = created.status === 422 || created.status === 409 ? await lookUp() : null;
			if (user === null) throw this.error(explain(created));
		}
		return { user: this.orThrow(await this.update(row, asked, user, both)), created: false };
	}

	private async update(row: Operation, asked: Asked, user: string, sent: ClerkObject): Promise<ClerkObject | Failure> {
		const metadata = Object.fromEntries(Object.entries(sent).filter(([name]) => name.endsWith('_metadata')));
		const fields = Object.fromEntries(Object.entries(sent).filter(([name]) => !name.endsWith('_metadata')));
		const at = (path: string, method: 'GET' | 'PATCH', body: ClerkObject) =>
			this.carryOut({ ...row, path, method, repeat: 'yes' }, { ...asked, ids: { user }, sent: body });
		let answer: ClerkObject | Failure | null = null;
		if (Object.keys(fields).length > 0) answer = await at('/users/{user}', 'PATCH', fields);
		if (isFailure(answer)) return answer;
		if (Object.keys(metadata).length > 0) answer = await at('/users/{user}/metadata', 'PATCH', metadata);
		return answer ?? (await at('/users/{user}', 'GET', {}));
	}
}

/** The action in words that follow "could not". */
function doing(action: string): string {
	return action.replace(/^./, (first) => first.toLowerCase());
}

/** Whether the result of a call is unknown. */
function isBroken({ status, code }: Failure): boolean {
	return (status === null && code !== UNEXPECTED_ANSWER) || (status !== null && status >= 500);
}

/** The texts and numbers anywhere in a value, as an answer may repeat them, also within JSON. */
function textsIn(value: unknown): string[] {
	if (typeof value === 'number') return [String(value)];
	if (typeof value === 'string') {
		const inJson = JSON.stringify(value).slice(1, -1);
		// As Go writes it.
		const inGo = inJson.replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
		return [...new Set([value, inJson, inGo])];
	}
	if (Array.isArray(value)) return value.flatMap(textsIn);
	return isObject(value) ? Object.values(value).flatMap(textsIn) : [];
}
