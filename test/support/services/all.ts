import { ActiveCampaign } from './activeCampaign';
import { Airtable } from './airtable';
import { Brevo } from './brevo';
import { ClerkApi } from './clerkApi';
import { CustomerIo } from './customerIo';
import { GoogleSheets, GoogleTokens } from './googleSheets';
import { HubSpot } from './hubspot';
import { Kit } from './kit';
import { Knock } from './knock';
import { LoopsApi } from './loopsApi';
import { Mailchimp } from './mailchimp';
import { Resend } from './resend';
import { SendGrid } from './sendgrid';
import type { Service } from './service';
import { SlackApi } from './slackApi';
import { Twilio } from './twilio';

/** Every service that an example calls, each with nothing in it. */
export function allServices(): Service[] {
	return [
		new ActiveCampaign(),
		new Airtable(),
		new Brevo(),
		new ClerkApi(),
		new CustomerIo(),
		new GoogleSheets(),
		new GoogleTokens(),
		new HubSpot(),
		new Kit(),
		new Knock(),
		new LoopsApi(),
		new Mailchimp(),
		new Resend(),
		new SendGrid(),
		new SlackApi(),
		new Twilio(),
	];
}
