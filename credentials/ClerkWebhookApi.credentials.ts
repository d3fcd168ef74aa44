import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class ClerkWebhookApi implements ICredentialType {
	name = 'clerkWebhookApi';

	displayName = 'Clerk Webhook API';

	icon: Icon = { light: 'file:../nodes/Clerk/clerk.svg', dark: 'file:../nodes/Clerk/clerk.dark.svg' };

	documentationUrl = 'https://clerk.com/docs/webhooks/sync-data';

	// Without this, an HTTP Request node may use any credential. n8n works out the list by itself; this one says the same.
	restrictToSupportedNodes = true as const;

	supportedNodes = ['clerkTrigger'];

	properties: INodeProperties[] = [
		{
			displayName:
				'In the <a href="https://dashboard.clerk.com/~/webhooks" target="_blank">Clerk Dashboard</a>, open Configure &gt; Webhooks, open your endpoint and copy its Signing Secret, which starts with whsec_.',
			name: 'whereItIs',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Signing Secret',
			name: 'signingSecret',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			placeholder: 'whsec_…',
			description: 'The Signing Secret of the endpoint that Clerk delivers to this workflow. Every endpoint has its own.',
		},
		{
			displayName: 'Previous Signing Secret',
			name: 'previousSigningSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'whsec_…',
			description:
				'Only while you rotate the secret in Clerk: deliveries that are signed with the old one still come in. Empty it a day later.',
		},
	];
}
