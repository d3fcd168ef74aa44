import type { IDataObject } from 'n8n-workflow';

import { isFailure } from '../api/call';
import type { Failure } from '../api/call';
import { updateEndpoint } from '../api/portal';
import type { Endpoint, Portal } from '../api/portal';
import { changesFor, differencesOf, metadataWithUrl, writtenDownAt } from '../api/wanted';
import type { Difference, Wanted } from '../api/wanted';
import { problemOfUrl } from '../trigger/publicUrl';

/** What an endpoint is checked against. */
export interface Checking {
	/** The public URL of this n8n; null to leave it out. */
	readonly address: string | null;
	/** The digest of this n8n instance. */
	readonly n8n: string;
	/** Whether plain http is enough. */
	readonly development: boolean;
	/** Whether to fix what differs. */
	readonly fix: boolean;
}

/**
 * Compares an endpoint in Clerk with what its Clerk Trigger stored there and, if it belongs to this n8n, with the
 * current URL of n8n.
 * @returns the fields of the item, or what went wrong when fixing it
 */
export async function checkEndpoint(portal: Portal, found: Endpoint, checking: Checking): Promise<IDataObject | Failure> {
	const wanted = wantedOf(found, checking);
	const differences = differencesOf(found, wanted);
	const unreachable = wanted.url === undefined ? null : problemOfUrl(wanted.url, checking.development);
	const fixable = unreachable === null ? differences : differences.filter((difference) => difference !== 'url');
	const fixed = checking.fix && fixable.length > 0;
	if (fixed) {
		const { url } = wanted;
		const metadata = fixable.includes('url') && url !== undefined ? { metadata: metadataWithUrl(found, url) } : {};
		const updated = await updateEndpoint(portal, found.id, { ...changesFor(fixable, wanted), ...metadata });
		if (isFailure(updated)) return updated;
	}
	const inStep = differences.length === 0;
	const said = differences.map((difference) => sentences[difference](found, wanted));
	const hint = unreachable !== null && differences.includes('url') ? [`Clerk cannot reach that URL: ${unreachable}.`] : [];
	const doubt = wanted.url !== undefined && isBelow(checking.address, wanted.url) ? [IN_DOUBT] : [];
	const done = fixed ? [fixable.length === differences.length ? 'This was fixed.' : 'The rest was fixed.'] : [];
	return {
		endpoint: found.uid ?? found.id,
		description: found.description,
		exists: true,
		inStep,
		fixed,
		differences,
		message: (inStep ? ['The endpoint matches its trigger.', ...doubt] : [...said, ...hint, ...done, ...doubt]).join(' '),
		url: found.url,
		wantedUrl: wanted.url ?? null,
		disabled: found.disabled,
		eventTypes: found.eventTypes === null ? null : [...found.eventTypes],
		wantedEventTypes: wanted.eventTypes ? [...wanted.eventTypes] : null,
	};
}

/** The item for an endpoint that does not exist. */
export function missingEndpoint(name: string): IDataObject {
	return {
		endpoint: name,
		exists: false,
		inStep: false,
		fixed: false,
		differences: ['missing'],
		message:
			'The endpoint no longer exists in Clerk. Unpublish (deactivate) the workflow of its Clerk Trigger and publish it again.',
	};
}

function wantedOf(found: Endpoint, { address, n8n }: Checking): Partial<Wanted> {
	const written = writtenDownAt(found);
	const isHere = written.n8n === n8n;
	const url = written.url !== null && isHere && address !== null ? movedTo(address, written.url) : written.url;
	const { eventTypes } = written;
	return {
		...(url === null ? {} : { url }),
		...(eventTypes === null ? {} : { eventTypes: eventTypes === 'all' ? null : eventTypes }),
	};
}

/**
 * The same webhook at another address. The last three parts of its path are n8n's webhook prefix, the node's webhook ID and
 * its path. A prefix can also have several parts, so a URL that is below the address already stays as it is.
 */
function movedTo(address: string, url: string): string {
	const base = baseOf(address);
	return url.startsWith(base) ? url : base + new URL(url).pathname.split('/').slice(-3).join('/');
}

const baseOf = (address: string) => `${address.replace(/\/+$/, '')}/`;

const IN_DOUBT =
	'Its URL has more parts after the address of n8n than usual. If n8n has moved since the workflow was published, publish it again.';

/** Whether the prefix has several parts, or n8n has moved from a path to its parent. */
function isBelow(address: string | null, url: string): boolean {
	return address !== null && url.startsWith(baseOf(address)) && url.slice(baseOf(address).length).split('/').length > 3;
}

const sentences: Readonly<Record<Difference, (found: Endpoint, wanted: Partial<Wanted>) => string>> = {
	disabled: () => 'Clerk has disabled the endpoint, so nothing is delivered.',
	url: (found, { url }) => `It points to ${found.url}, but the URL of its trigger is ${url}.`,
	eventTypes: ({ eventTypes: found }, { eventTypes: wanted }) => {
		if (!wanted) return 'It sends only some events, but its trigger wants all of them.';
		if (!found) return 'It sends all events, but its trigger wants only some of them.';
		const missing = wanted.filter((type) => !found.includes(type));
		const unwanted = found.filter((type) => !wanted.includes(type));
		return [
			...(missing.length > 0 ? [`It does not send ${missing.join(', ')}.`] : []),
			...(unwanted.length > 0 ? [`It sends ${unwanted.join(', ')}, which its trigger does not want.`] : []),
		].join(' ');
	},
};
