import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class ClerkWebhookApi implements ICredentialType {
	name = 'clerkWebhookApi';

	displayName = 'Clerk Webhook API';

	icon: Icon = { light: 'file:../nodes/Clerk/clerk.svg', dark: 'file:../nodes/Clerk/clerk.dark.svg' };

	documentationUrl = 'https://clerk.com/docs/webhooks/sync-data';

	// Without this, an HTTP Request node could use the credential. n8n fills in supportedNodes itself; this list is the same.
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
			description: 'The Signing Secret of the Clerk endpoint that delivers to this workflow. Every endpoint has its own.',
		},
		{
			displayName: 'Previous Signing Secret',
			name: 'previousSigningSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'whsec_…',
			description:
				'Only needed while you rotate the secret in Clerk: deliveries signed with the old secret are still accepted. Clear this field a day later.',
		},
	];
}
