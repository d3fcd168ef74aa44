import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { catalogue } from '../events/catalogue';
import type { VerifiedDelivery } from './delivery';
import type { Records } from './selection';
import type { Settings } from './settings';

const tenantTypes: readonly string[] = catalogue.filter((event) => event.tenant !== null).map((event) => event.type);

/** Whether the split output has a branch for tenants: only when a chosen event can give one. */
export function hasTenantOutput(settings: Pick<Settings, 'events'>): boolean {
	const { events } = settings;
	return events === 'all' || tenantTypes.some((type) => events.has(type));
}

/** The records as n8n's items, one list for each output of the node. */
export function toItems(
	{ contact, event, tenant }: Records,
	delivery: VerifiedDelivery,
	settings: Settings,
): INodeExecutionData[][] {
	const raw = settings.includeRaw ? { raw: delivery.envelope } : {};
	const flat = (record: object | null): INodeExecutionData[] => (record === null ? [] : [{ json: { ...record, ...raw } }]);
	switch (settings.output) {
		case 'contacts':
			return [flat(contact)];
		case 'events':
			return [flat(event)];
		case 'split':
			return hasTenantOutput(settings) ? [flat(contact), flat(event), flat(tenant)] : [flat(contact), flat(event)];
		case 'item':
			return [[{ json: { contact, event, tenant, ...raw } as object as IDataObject }]];
	}
}
