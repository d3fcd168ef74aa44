import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class ClerkApi implements ICredentialType {
	name = 'clerkApi';

	displayName = 'Clerk API';

	icon: Icon = { light: 'file:../nodes/Clerk/clerk.svg', dark: 'file:../nodes/Clerk/clerk.dark.svg' };

	documentationUrl = 'https://clerk.com/docs/reference/backend-api';

	properties: INodeProperties[] = [
		{
			displayName:
				'In the <a href="https://dashboard.clerk.com/~/api-keys" target="_blank">Clerk Dashboard</a>, open Configure &gt; API keys and copy a Secret Key, which starts with sk_test_ (development) or sk_live_ (production).',
			name: 'whereItIs',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Secret Key',
			name: 'secretKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			placeholder: 'sk_live_…',
			description:
				'A secret key of your Clerk application. It gives full access to the application, so share this credential with care.',
		},
		{
			displayName: 'Show Advanced Fields',
			name: 'advanced',
			type: 'boolean',
			default: false,
			description: "Whether to show the URLs of Clerk's services, which only need to be changed for a proxy or a test",
		},
		{
			displayName: 'API URL',
			name: 'apiUrl',
			type: 'string',
			displayOptions: { show: { advanced: [true] } },
			default: 'https://api.clerk.com/v1',
			description: "URL of Clerk's Backend API",
		},
		{
			displayName: 'Webhook Portal URL',
			name: 'portalUrl',
			type: 'string',
			displayOptions: { show: { advanced: [true] } },
			default: '',
			placeholder: 'https://api.eu.svix.com',
			description: 'URL of the service that manages the webhook endpoints. Leave empty to use the one that Clerk returns.',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: {
			headers: { Authorization: '=Bearer {{ $credentials.secretKey.trim() }}', 'Clerk-API-Version': '2026-05-12' },
		},
	};
}
