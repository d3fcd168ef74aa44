import type { IDataObject } from 'n8n-workflow';

import { isFailure } from '../api/call';
import type { Failure } from '../api/call';
import { updateEndpoint } from '../api/portal';
import type { Endpoint, Portal } from '../api/portal';
import { changesFor, differencesOf, metadataWithUrl, writtenDownAt } from '../api/wanted';
import type { Difference, Wanted } from '../api/wanted';
import { problemOfUrl } from '../trigger/publicUrl';

/** What a check is made against. */
export interface Checking {
	/** The address under which this n8n is reached; null where it is not to be compared. */
	readonly address: string | null;
	/** Which n8n this is, as a digest. */
	readonly n8n: string;
	/** Whether plain http will do. */
	readonly development: boolean;
	/** Whether what differs is set right. */
	readonly fix: boolean;
}

/**
 * Compares an endpoint in Clerk with what its Clerk Trigger wrote down there, and, where it is one of this
 * n8n's, with the address that n8n has now.
 * @returns what the item becomes, or what went wrong when it was set right
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
	const hint = unreachable !== null && differences.includes('url') ? [`Clerk cannot reach that: ${unreachable}.`] : [];
	const done = fixed ? [fixable.length === differences.length ? 'This was set right.' : 'The rest was set right.'] : [];
	return {
		endpoint: found.uid ?? found.id,
		description: found.description,
		exists: true,
		inStep,
		fixed,
		differences,
		message: inStep ? 'The endpoint is as its trigger wants it.' : [...said, ...hint, ...done].join(' '),
		url: found.url,
		wantedUrl: wanted.url ?? null,
		disabled: found.disabled,
		eventTypes: found.eventTypes === null ? null : [...found.eventTypes],
		wantedEventTypes: wanted.eventTypes ? [...wanted.eventTypes] : null,
	};
}

/** What a check says of an endpoint that is not there. */
export function missingEndpoint(name: string): IDataObject {
	return {
		endpoint: name,
		exists: false,
		inStep: false,
		fixed: false,
		differences: ['missing'],
		message:
			'Clerk has no such endpoint any more. Unpublish (deactivate) the workflow of its Clerk Trigger and publish it again.',
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

/** The same webhook under another address: the last three parts of its path are n8n's word for webhooks, the node's ID and the path of the node. */
function movedTo(address: string, url: string): string {
	const path = new URL(url).pathname.split('/').slice(-3).join('/');
	return `${address.replace(/\/+$/, '')}/${path}`;
}

const sentences: Readonly<Record<Difference, (found: Endpoint, wanted: Partial<Wanted>) => string>> = {
	disabled: () => 'Clerk has switched the endpoint off, so nothing is delivered.',
	url: (found, { url }) => `It leads to ${found.url}; its trigger is reached at ${url}.`,
	eventTypes: ({ eventTypes: found }, { eventTypes: wanted }) => {
		if (!wanted) return 'It sends some events only; its trigger wants all.';
		if (!found) return 'It sends all events; its trigger wants some only.';
		const missing = wanted.filter((type) => !found.includes(type));
		const unwanted = found.filter((type) => !wanted.includes(type));
		return [
			...(missing.length > 0 ? [`It does not send ${missing.join(', ')}.`] : []),
			...(unwanted.length > 0 ? [`It sends ${unwanted.join(', ')}, which its trigger does not want.`] : []),
		].join(' ');
	},
};
