import { catalogue, eventOfType } from '../../../nodes/Clerk/events/catalogue';
import { objectAt } from '../../../nodes/Clerk/events/payload';
import { recordsOf } from '../../../nodes/Clerk/records/records';
import { MESSAGE_ID, NOW, settings } from '../../support/deliveries';
import { fieldsWithoutType, typedEvents } from './clerkTypes';
import { words } from '../../support/words';

/** In Clerk's contract, but not in its TypeScript types. */
const ONLY_IN_CONTRACT = 'session.pending';

const FIELDS_ONLY_IN_CONTRACT = words`
	BillingSubscriptionItemWebhookEventJSON.is_free_trial BillingSubscriptionItemWebhookEventJSON.seats BillingSubscriptionItemWebhookEventJSON.updated_at
	ExternalAccountJSON.created_at OrganizationMembershipPublicUserDataJSON.banned
	OrganizationMembershipPublicUserDataJSON.deprovisioned OrganizationMembershipPublicUserDataJSON.username UserJSON.passkeys
	UserJSON.profile_image_url UserJSON.saml_accounts Web3WalletJSON.created_at
`;

/** Events of a resource are read alike, and so are the accounts of a user, though not every one has all of it. */
const FIELDS_OF_OTHERS_LIKE_IT = [
	'DeletedObjectJSON.affiliation_email_address',
	'DeletedObjectJSON.organization_id',
	'EnterpriseAccountJSON.created_at',
	'OrganizationInvitationJSON.user_id',
	'WaitlistEntryJSON.user_id',
];

const everything = settings({
	contactsWithoutEmail: 'pass',
	includeClient: true,
	mappings: [{ events: 'all', contact: 'upsert' }],
});

describe("A3, A7: Clerk's own TypeScript types", () => {
	test('name the events of the catalogue', () => {
		expect([...typedEvents, ONLY_IN_CONTRACT].sort()).toEqual(catalogue.map(({ type }) => type).sort());
	});

	test('have the fields that are read of a delivery, but for those named here', () => {
		const fields = typedEvents.flatMap((type) =>
			fieldsWithoutType(type, (envelope) => {
				const data = objectAt(envelope, 'data') ?? {};
				recordsOf(eventOfType(type), { envelope, data, id: MESSAGE_ID, sentAt: NOW, environment: null }, everything);
			}),
		);
		expect([...new Set(fields)].sort()).toEqual([...FIELDS_ONLY_IN_CONTRACT, ...FIELDS_OF_OTHERS_LIKE_IT].sort());
	});
});
