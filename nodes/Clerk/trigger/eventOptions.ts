import type { INodePropertyOptions } from 'n8n-workflow';

import { catalogue, labelOf } from '../events/catalogue';
import { derivedEvents, derivedLabelOf } from '../events/derived';
import { ALL_EVENTS } from '../records/settings';

/** "All Events", then the catalogue and the derived events sorted by name, so that events of the same resource are together. */
export const eventOptions: INodePropertyOptions[] = [
	{ name: 'All Events', value: ALL_EVENTS, description: 'Everything that Clerk sends, including events that it adds later' },
	...[
		...catalogue.map((event) => ({ name: labelOf(event), value: event.type, description: event.description })),
		...derivedEvents.map((event) => ({ name: derivedLabelOf(event), value: event.name, description: event.description })),
	].sort((a, b) => a.name.localeCompare(b.name, 'en')),
];
