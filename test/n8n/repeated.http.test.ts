import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

import { fixture, signed } from '../support/deliveries';
import { ISOLATE_FOR_EACH_REQUEST } from '../support/n8n';
import { deliver, nextId } from '../support/triggerWorkflow';
import type { Trigger } from '../support/triggerWorkflow';
import { failWith, setFields, useN8n, waitFor } from '../support/useN8n';

jest.setTimeout(180_000);

const signUp = fixture('edge.user.created.unicode').envelope;

const FAILING = failWith('CANARY, the store is down');

const host = useN8n({ env: ISOLATE_FOR_EACH_REQUEST });

/** Sends a delivery and hangs up without waiting for the answer. */
async function deliverAndHangUp(url: string, id: string, afterMs: number): Promise<void> {
	const body = JSON.stringify(signUp);
	const headers = { 'content-type': 'application/json', ...signed(body, { id, at: Date.now() }) };
	const sent = request(url, { method: 'POST', headers });
	sent.on('error', () => {});
	sent.end(body);
	await wait(afterMs);
	sent.destroy();
}

async function expectExecutions({ workflowId }: Trigger, statuses: string[]): Promise<void> {
	const executions = await host.n8n.untilExecutions(workflowId, statuses.length);
	expect(executions.map(({ status }) => status)).toEqual(statuses);
}

describe('E1: the same delivery does not run twice once it has succeeded', () => {
	test('one that comes again is answered 200 duplicate', async () => {
		const trigger = await host.trigger();
		const id = nextId();
		expect(await deliver(trigger.url, signUp, { id })).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
		expect(await deliver(trigger.url, signUp, { id })).toMatchObject({
			status: 200,
			body: { outcome: 'duplicate', code: 'duplicate', eventType: 'user.created', eventId: id },
		});
		await expectExecutions(trigger, ['success']);
	});

	test('of two that come at once, one runs, and the other is answered 409 or as a duplicate', async () => {
		const trigger = await host.trigger();
		for (let pair = 0; pair < 10; pair++) {
			const id = nextId();
			const answers = await Promise.all([1, 2].map(async () => await deliver(trigger.url, signUp, { id })));
			const outcomes = answers.map(({ status, body }) => `${status} ${String(body['outcome'])}`).sort();
			expect(outcomes[0]).toBe('200 accepted');
			expect(['200 duplicate', '409 postponed']).toContain(outcomes[1]);
		}
		await expectExecutions(
			trigger,
			Array.from({ length: 10 }, () => 'success'),
		);
	});

	test('another workflow that gets the same delivery runs too', async () => {
		const id = nextId();
		for (const trigger of [await host.trigger(), await host.trigger()]) {
			expect(await deliver(trigger.url, signUp, { id })).toMatchObject({ body: { outcome: 'accepted' } });
		}
	});

	test('unless the builder wants it to', async () => {
		const trigger = await host.trigger({ options: { skipDuplicates: false } });
		const id = nextId();
		for (let time = 0; time < 2; time++) {
			expect(await deliver(trigger.url, signUp, { id })).toMatchObject({ body: { outcome: 'accepted' } });
		}
		await expectExecutions(trigger, ['success', 'success']);
	});
});

describe('E2: an older update does not overtake a newer one', () => {
	const [newer, older, late] = [
		'edge.order.1_user.updated_newer_arrives_first',
		'edge.order.2_user.updated_older_arrives_second',
		'edge.order.3_user.created_arrives_last',
	].map((name) => fixture(name).envelope);
	if (!newer || !older || !late) throw new Error('A fixture is missing');

	test('an update that is older than what was accepted does not run; a sign-up that arrives late does', async () => {
		const trigger = await host.trigger();
		expect(await deliver(trigger.url, newer)).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
		expect(await deliver(trigger.url, older)).toMatchObject({ status: 200, body: { outcome: 'stale', code: 'stale' } });
		expect(await deliver(trigger.url, late)).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
		await expectExecutions(trigger, ['success', 'success']);
	});

	test('nothing older brings a deleted user back', async () => {
		const trigger = await host.trigger({ events: ['user.created', 'user.updated', 'user.deleted'] });
		const { id, updated_at: updatedAt } = newer.data as { id: string; updated_at: number };
		const deleted = {
			type: 'user.deleted',
			object: 'event',
			timestamp: updatedAt + 1,
			data: { id, deleted: true, object: 'user' },
		};
		expect(await deliver(trigger.url, deleted)).toMatchObject({ body: { outcome: 'accepted' } });
		expect(await deliver(trigger.url, newer)).toMatchObject({ status: 200, body: { outcome: 'stale' } });
		await expectExecutions(trigger, ['success']);
	});
});

describe('E3: acknowledged when the workflow has succeeded', () => {
	const options = { acknowledge: 'lastNode' };

	test('a workflow that succeeds is answered 200, with nothing of what it put out', async () => {
		const trigger = await host.triggerBefore(setFields({ CANARY: 'CANARY' }, false), { options });
		const id = nextId();
		const answer = await deliver(trigger.url, signUp, { id });
		expect(answer).toMatchObject({
			status: 200,
			body: {
				outcome: 'accepted',
				message: 'The workflow has succeeded with a contact to upsert and the event "user.created".',
				eventId: id,
			},
		});
		expect(answer.text).not.toMatch(/CANARY|user_/);
		expect(await deliver(trigger.url, signUp, { id })).toMatchObject({ status: 200, body: { outcome: 'duplicate' } });
		await expectExecutions(trigger, ['success']);
	});

	test('a workflow that fails is answered 500, and runs again when Clerk delivers again', async () => {
		const trigger = await host.triggerBefore(FAILING, { options });
		const id = nextId();
		for (let attempt = 0; attempt < 2; attempt++) {
			const answer = await deliver(trigger.url, signUp, { id });
			expect(answer).toMatchObject({
				status: 500,
				body: { outcome: 'failed', code: 'workflow_failed', check: expect.any(Array) as unknown, eventId: id },
			});
			expect(answer.text).not.toContain('CANARY');
		}
		await expectExecutions(trigger, ['error', 'error']);
	});

	test('while it runs, the same delivery gets 409; afterwards it is a duplicate, also if the first sender disconnected', async () => {
		const trigger = await host.triggerBefore(waitFor(4), { options });
		const id = nextId();
		await deliverAndHangUp(trigger.url, id, 1000);
		expect(await deliver(trigger.url, signUp, { id })).toMatchObject({
			status: 409,
			body: { outcome: 'postponed', code: 'same_in_flight' },
		});
		await expectExecutions(trigger, ['success']);
		expect(await deliver(trigger.url, signUp, { id })).toMatchObject({ status: 200, body: { outcome: 'duplicate' } });
		await expectExecutions(trigger, ['success']);
	});

	test('stored, and not succeeded, is the default: a workflow that fails is answered 200 all the same', async () => {
		const trigger = await host.triggerBefore(FAILING);
		const id = nextId();
		expect(await deliver(trigger.url, signUp, { id })).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
		expect(await deliver(trigger.url, signUp, { id })).toMatchObject({ status: 200, body: { outcome: 'duplicate' } });
		await expectExecutions(trigger, ['error']);
	});
});
