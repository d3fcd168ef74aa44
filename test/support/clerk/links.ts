import type { Portal } from './portal';

/** The forms in which Clerk's link to the portal may come. Clerk documents none of them; `standard` is today's. */
export const LINK_FORMS = {
	standard: 'standard base64',
	urlSafe: 'url-safe base64',
	unpadded: 'base64 without padding',
	urlEncoded: 'base64 that is URL-encoded',
	queryBeforeHash: 'query parameters before the #',
	oldToken: 'the older content { appId, token }',
} as const;

/** Forms that cannot be used. */
export const BROKEN_LINK_FORMS = {
	notUrl: 'no URL at all',
	noFragment: 'no fragment',
	noKey: 'a fragment without a key',
	notBase64: 'a key that is not base64',
	notJson: 'a key that holds no JSON',
	notObject: 'a key that holds JSON, but no object',
	noAppId: 'no app id',
	noToken: 'neither of the tokens',
	wrongTypes: 'numbers where there should be text',
	noRegion: 'neither a region nor a server',
	unknownRegion: 'a region that nobody knows, and no server',
} as const;

export type LinkForm = keyof typeof LINK_FORMS | keyof typeof BROKEN_LINK_FORMS;

export interface Link {
	form: LinkForm;
	/** Whether it names the server, or only its region. */
	namesServer: boolean;
	region: string;
}

const LOGIN = 'https://app.svix.com/login';

/** The links that write the key in another way. */
const WRITTEN: Partial<Record<LinkForm, (key: string) => string>> = {
	urlSafe: (key) => `${LOGIN}#key=${key.replaceAll('+', '-').replaceAll('/', '_')}`,
	unpadded: (key) => `${LOGIN}#key=${key.replace(/=+$/, '')}`,
	urlEncoded: (key) => `${LOGIN}#key=${encodeURIComponent(key)}`,
	queryBeforeHash: (key) => `${LOGIN}?primaryColor=6c47ff&icon=https%3A%2F%2Fexample.com%2Ficon.png#key=${key}`,
	notUrl: () => 'later',
	noFragment: () => LOGIN,
	noKey: (key) => `${LOGIN}#lock=${key}`,
	notBase64: () => `${LOGIN}#key=%%%`,
};

/** A link as Clerk gives it: its bearer can sign in to the portal once. */
export function svixUrl(portal: Portal, { form, namesServer, region }: Link): string {
	const { appId } = portal;
	const server = namesServer ? { serverUrl: portal.origin } : {};
	const oneTimeToken = form === 'oldToken' ? '' : portal.mintOneTimeToken();
	/** The contents of keys that differ from the usual. */
	const contents: Partial<Record<LinkForm, () => unknown>> = {
		oldToken: () => ({ appId, token: portal.mintToken() }),
		notObject: () => [appId, oneTimeToken, region],
		noAppId: () => ({ oneTimeToken, region, ...server }),
		noToken: () => ({ appId, region, ...server }),
		wrongTypes: () => ({ appId: 1, oneTimeToken: 2, region: 3, serverUrl: 4 }),
		noRegion: () => ({ appId, oneTimeToken }),
		unknownRegion: () => ({ appId, oneTimeToken, region: 'moon' }),
	};
	const content = contents[form]?.() ?? { appId, oneTimeToken, region, ...server };
	const text = form === 'notJson' ? 'no JSON' : JSON.stringify(content);
	// The blank makes sure that there is padding to leave out.
	const key = Buffer.from(text.length % 3 === 0 ? `${text} ` : text).toString('base64');
	return WRITTEN[form]?.(key) ?? `${LOGIN}#key=${key}`;
}
