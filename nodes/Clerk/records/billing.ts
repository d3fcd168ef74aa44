import type { ClerkEvent } from '../events/catalogue';
import { flagAt, numberAt, objectAt, objectsAt, textAt, timeAt } from '../events/payload';
import type { ClerkObject } from '../events/payload';
import { UNDATED } from './state';
import type { State } from './state';

/** The billing fields of an event. All keys are always present; Clerk's billing is in beta, so each may be null. */
export interface BillingFacts {
	/** The plan's slug. */
	plan: string | null;
	planName: string | null;
	/** Of the subscription, the plan or the payment, depending on the event. */
	status: string | null;
	periodEndsAt: string | null;
	/** Null if it is not a trial. */
	trialEndsAt: string | null;
	/** In the currency's smallest unit, such as cents: of the payment, else of the plan. */
	amount: number | null;
	currency: string | null;
	/** Why a payment failed, in Clerk's code. */
	failureReason: string | null;
	payer: 'user' | 'organization' | null;
	/** Null if the plan has no seats, or no limit. */
	seats: number | null;
}

export const BILLING_KEYS: ReadonlyArray<keyof BillingFacts> = [
	'plan',
	'planName',
	'status',
	'periodEndsAt',
	'trialEndsAt',
	'amount',
	'currency',
	'failureReason',
	'payer',
	'seats',
];

/** What somebody pays for, as a contact or a tenant has it. */
export interface PlanFacts {
	/** The slug of the plan in use; null if there is none. */
	plan: string | null;
	subscriptionStatus: string | null;
	trialEndsAt: string | null;
}

export const PLAN_KEYS: ReadonlyArray<keyof PlanFacts> = ['plan', 'subscriptionStatus', 'trialEndsAt'];

export function isAboutMoney({ person }: ClerkEvent): boolean {
	return person === 'payer';
}

function isPayment({ type }: ClerkEvent): boolean {
	return type.startsWith('paymentAttempt.');
}

/** @returns null for an event that is not about billing */
export function billingFacts(event: ClerkEvent, data: ClerkObject): BillingFacts | null {
	if (!isAboutMoney(event)) return null;
	const item = itemOf(event, data);
	const plan = objectAt(item, 'plan');
	// A plan's price is a number in an event, and an object with amount and currency elsewhere.
	const price = objectAt(item, 'amount') ?? objectAt(plan, 'amount') ?? plan;
	const payment = isPayment(event) ? data : null;
	const paid = objectAt(objectAt(payment, 'totals'), 'grand_total');
	const payer = objectAt(data, 'payer');
	return {
		plan: textAt(plan, 'slug'),
		planName: textAt(plan, 'name'),
		status: textAt(data, 'status'),
		periodEndsAt: timeAt(item, 'period_end'),
		trialEndsAt: trialEnd(item),
		amount: numberAt(paid ?? price, 'amount'),
		currency: textAt(paid ?? price, 'currency'),
		failureReason: textAt(objectAt(payment, 'failed_reason'), 'code'),
		payer: textAt(payer, 'organization_id') !== null ? 'organization' : textAt(payer, 'user_id') !== null ? 'user' : null,
		seats: numberAt(objectAt(item, 'seats'), 'quantity'),
	};
}

/** The states of a plan that is in use, the surest first. */
const CURRENT = ['active', 'past_due', 'canceled'];
/** The states of a plan that has ended, or has not begun. A state that Clerk adds later is neither. */
const NOT_CURRENT = ['abandoned', 'ended', 'expired', 'incomplete', 'upcoming'];

function itemsOf({ type }: ClerkEvent, data: ClerkObject): readonly ClerkObject[] {
	if (type.startsWith('subscriptionItem.')) return [data];
	return objectsAt(data, type.startsWith('subscription.') ? 'items' : 'subscription_items');
}

/** The plan that an event is about: if a subscription has several, the one in use, otherwise the first. */
function itemOf(event: ClerkEvent, data: ClerkObject): ClerkObject | null {
	const items = itemsOf(event, data);
	return itemInUse(items) ?? items[0] ?? null;
}

function itemInUse(items: readonly ClerkObject[]): ClerkObject | null {
	const inUse = CURRENT.flatMap((status) => items.filter((item) => textAt(item, 'status') === status));
	return inUse[0] ?? items.find((item) => !NOT_CURRENT.includes(textAt(item, 'status') ?? '')) ?? null;
}

function trialEnd(item: ClerkObject | null): string | null {
	return flagAt(item, 'is_free_trial') === true ? timeAt(item, 'period_end') : null;
}

/** A subscription as Clerk's API returns it: its status, and the plan in use. */
export function subscriptionFacts(
	subscription: ClerkObject,
): PlanFacts & Pick<BillingFacts, 'planName' | 'periodEndsAt' | 'seats'> {
	const item = itemInUse(objectsAt(subscription, 'subscription_items'));
	const plan = objectAt(item, 'plan');
	return {
		subscriptionStatus: textAt(subscription, 'status'),
		plan: textAt(plan, 'slug'),
		planName: textAt(plan, 'name'),
		periodEndsAt: timeAt(item, 'period_end'),
		trialEndsAt: trialEnd(item),
		seats: numberAt(objectAt(item, 'seats'), 'quantity'),
	};
}

/**
 * What the payer has now, by an event about a subscription or a plan in it.
 * @returns null where it doesn't say: a payment, and a plan that has ended, follows later or was never begun
 */
export function planFacts(event: ClerkEvent, data: ClerkObject): PlanFacts | null {
	if (!isAboutMoney(event) || isPayment(event)) return null;
	const item = itemInUse(itemsOf(event, data));
	if (event.type.startsWith('subscriptionItem.') && !CURRENT.includes(textAt(item, 'status') ?? '')) return null;
	return {
		plan: textAt(objectAt(item, 'plan'), 'slug'),
		subscriptionStatus: textAt(data, 'status'),
		trialEndsAt: trialEnd(item),
	};
}

/** The payer's state of the subscription. Null if the event has no payer or no plan. */
export function planState(event: ClerkEvent, data: ClerkObject): State | null {
	if (planFacts(event, data) === null) return null;
	const payer = objectAt(data, 'payer');
	const id = textAt(payer, 'organization_id') ?? textAt(payer, 'user_id');
	if (id === null) return null;
	// A subscription and its plans each have a time. A subscription with a newer plan is as new as that plan.
	const times = [data, ...itemsOf(event, data)].map((object) => numberAt(object, 'updated_at') ?? UNDATED);
	return { subject: 'subscription', id, at: Math.floor(Math.max(...times)) };
}
