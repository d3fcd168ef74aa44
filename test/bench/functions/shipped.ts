import { join } from 'node:path';

import type * as catalogueFile from '../../../nodes/Clerk/events/catalogue';
import type * as itemsFile from '../../../nodes/Clerk/records/items';
import type * as deliveryFile from '../../../nodes/Clerk/trigger/delivery';
import type * as historyFile from '../../../nodes/Clerk/trigger/history';
import type * as selectionFile from '../../../nodes/Clerk/trigger/selection';
import type * as settingsFile from '../../../nodes/Clerk/trigger/settings';
import { inRepository } from '../../support/paths';

/** Where the node files are that are packed. */
export const DIST = inRepository('dist', 'nodes', 'Clerk');

/**
 * A file of the node as it is shipped: compiled by tsc, without what a test runner adds to it.
 * @param file below nodes/Clerk, without its ending
 */
function shipped<T>(file: string): T {
	// eslint-disable-next-line @typescript-eslint/no-require-imports -- The shipped files are CommonJS.
	return require(join(DIST, `${file}.js`)) as T;
}

export const { catalogue } = shipped<typeof catalogueFile>('events/catalogue');
export const { toItems } = shipped<typeof itemsFile>('records/items');
export const { verifyDelivery } = shipped<typeof deliveryFile>('trigger/delivery');
export const { History } = shipped<typeof historyFile>('trigger/history');
export const { select, toRecords } = shipped<typeof selectionFile>('trigger/selection');
export const { readSettings, signingKeysOf } = shipped<typeof settingsFile>('trigger/settings');
