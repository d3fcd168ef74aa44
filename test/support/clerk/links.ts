import type { Portal } from './portal';

/**
 * The shapes in which Clerk's link to the portal may come. Clerk documents none of them; `standard` is the
 * one of today.
 */
export const LINK_FORMS = {
	standard: 'standard base64',
	urlSafe: 'url-safe base64',
	unpadded: 'base64 without padding',
	urlEncoded: 'base64 that is URL-encoded',
	queryBeforeHash: 'query parameters before the #',
	oldToken: 'the older content { appId, token }',
} as const;

/** Shapes from which nothing can be had. */
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
	/** Whether it names the server to talk to, or only its region. */
	namesServer: boolean;
	region: string;
}

const LOGIN = 'https://app.svix.com/login';

/** How the key stands in the link, where that is out of the ordinary. */
const spelled: Readonly<Partial<Record<LinkForm, (key: string) => string>>> = {
	urlSafe: (key) => `${LOGIN}#key=${key.replaceAll('+', '-').replaceAll('/', '_')}`,
	unpadded: (key) => `${LOGIN}#key=${key.replace(/=+$/, '')}`,
	urlEncoded: (key) => `${LOGIN}#key=${encodeURIComponent(key)}`,
	queryBeforeHash: (key) => `${LOGIN}?primaryColor=6c47ff&icon=https%3A%2F%2Fexample.com%2Ficon.png#key=${key}`,
	notUrl: () => 'later',
	noFragment: () => LOGIN,
	noKey: (key) => `${LOGIN}#lock=${key}`,
	notBase64: () => `${LOGIN}#key=%%%`,
};

/** A link that lets its bearer into the portal once, as Clerk gives it out. */
export function svixUrl(portal: Portal, portalUrl: string, { form, namesServer, region }: Link): string {
	const { appId } = portal;
	const server = namesServer ? { serverUrl: portalUrl } : {};
	const oneTimeToken = form === 'oldToken' ? '' : portal.mintOneTimeToken();
	/** What the key holds, where that is out of the ordinary. */
	const held: Readonly<Partial<Record<LinkForm, () => unknown>>> = {
		oldToken: () => ({ appId, token: portal.mintToken() }),
		notObject: () => [appId, oneTimeToken, region],
		noAppId: () => ({ oneTimeToken, region, ...server }),
		noToken: () => ({ appId, region, ...server }),
		wrongTypes: () => ({ appId: 1, oneTimeToken: 2, region: 3, serverUrl: 4 }),
		noRegion: () => ({ appId, oneTimeToken }),
		unknownRegion: () => ({ appId, oneTimeToken, region: 'moon' }),
	};
	const content = held[form]?.() ?? { appId, oneTimeToken, region, ...server };
	const text = form === 'notJson' ? 'no JSON' : JSON.stringify(content);
	// With a blank at its end where that takes, so that there always is padding to leave out.
	const key = Buffer.from(text.length % 3 === 0 ? `${text} ` : text).toString('base64');
	return spelled[form]?.(key) ?? `${LOGIN}#key=${key}`;
}
